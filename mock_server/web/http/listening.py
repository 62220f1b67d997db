"""Where a server listens: its address and its bound socket."""

from __future__ import annotations

import errno
import socket
from typing import NamedTuple

from mock_server.core.exceptions import ConfigError, PortTakenError

_REMEDY = "write an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them"


class ListenAddress(NamedTuple):
    """Where a server listens."""

    host: str
    port: int
    scheme: str = "http"

    @property
    def url(self) -> str:
        """For a caller on this machine: a wildcard address becomes loopback."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(
            self.host, f"[{self.host}]" if ":" in self.host else self.host
        )
        return f"{self.scheme}://{host}:{self.port}"


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A bound socket, not yet listening; ``shared`` lets several be bound to one port. IPv4 goes before IPv6
    where a name has both.

    Raises `PortTakenError` or `ConfigError`.
    """
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not a host name"
        raise ConfigError(f"--host {host}: {reason}; {_REMEDY}") from None
    family, kind, protocol, _, address = min(addresses, key=lambda item: item[0] != socket.AF_INET)
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(f"port {port} on {host} is in use; --port 0 takes a free one") from None
        remedy = "write a --port above 1023" if error.errno == errno.EACCES else f"as --host {_REMEDY}"
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}; {remedy}") from None
    listener.setblocking(False)
    return listener
