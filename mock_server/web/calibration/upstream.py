"""Sending a request to the service that the user has named: one at a time, over https with certificate checks, never after
a redirect, and with reasons in plain words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

from mock_server.core.exceptions import ConfigError
from mock_server.core.http import Request
from mock_server.providers.probes import ProbeAnswer

LARGEST = 4 * 1024 * 1024
"""Bytes of an answer that are read."""
_EXAMPLE = "write for example https://api.vendor.example"


class UpstreamError(Exception):
    """The service has not answered; the message says why, and what to do."""


class Upstream:
    """The service. ``timeout``: seconds for connecting, and for each piece of an answer.

    Raises `ConfigError` for an address or a CA file that cannot be used."""

    def __init__(self, address: str, environ: Mapping[str, str], *, ca: str = "", timeout: float) -> None:
        self._parts = _parsed(address)
        self._timeout = timeout
        self._proxy = _proxy(self._parts, environ)
        self._tls = _context(ca) if self._parts.scheme == "https" else None

    @property
    def address(self) -> str:
        """Without credentials and query."""
        return f"{self._parts.scheme}://{self._parts.netloc}{self._parts.path}"

    def send(self, request: Request) -> ProbeAnswer:
        """Send the request and return the answer of any status. Raises `UpstreamError`."""
        target = f"{self._parts.path}{quote(request.path, safe='/%:@!$&()*+,;=~')}"
        target += f"?{request.query}" if request.query else ""
        try:
            with closing(self._connection()) as connection:
                headers = {**request.headers, "accept": "*/*", "accept-encoding": "identity"}
                whole = f"http://{self._parts.netloc}{target}" if self._proxy and not self._tls else target
                if self._proxy and not self._tls:
                    headers |= self._proxy.headers
                connection.request(request.method, whole, request.body or None, headers)
                response = connection.getresponse()
                response_headers = {name.lower(): value for name, value in response.getheaders()}
                return ProbeAnswer(response.status, response_headers, response.read(LARGEST))
        except UnicodeEncodeError:
            raise UpstreamError("the credentials have characters that a header cannot carry") from None
        except (OSError, HTTPException) as error:
            raise UpstreamError(self._reason(error)) from None

    def _connection(self) -> HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        via = self._proxy or _Proxy(host, port, {})
        if self._tls is None:
            return HTTPConnection(via.host, via.port, timeout=self._timeout)
        connection = HTTPSConnection(via.host, via.port or 443, timeout=self._timeout, context=self._tls)
        if self._proxy is not None:
            connection.set_tunnel(host, port or 443, dict(via.headers))
        return connection

    def _reason(self, error: Exception) -> str:
        """What has failed, in words of our own, and the remedy."""
        where = f"{self._parts.hostname}:{self._parts.port or (443 if self._tls else 80)}"
        by = f" by the proxy {self._proxy.host}:{self._proxy.port}" if self._proxy else ""
        if isinstance(error, socket.gaierror):
            name = self._proxy.host if self._proxy else self._parts.hostname
            return f"the name {name} does not resolve; check --upstream and the network"
        if isinstance(error, ssl.SSLCertVerificationError):
            return (
                f"the certificate of {where} is not trusted ({error.verify_message}); check --upstream, or name the"
                " certificate authority of your network with --ca FILE"
            )
        if isinstance(error, ssl.SSLError):
            return f"no secure connection to {where}; check that it speaks https"
        if isinstance(error, (TimeoutError, socket.timeout)):
            return f"{where} has not answered within {self._timeout:g} s; try again later"
        if isinstance(error, ConnectionRefusedError):
            return f"nothing listens at {where}{by}; check --upstream"
        if isinstance(error, HTTPException) and not isinstance(error, ConnectionError):
            return f"what {where} answers{by} is not HTTP, or ends too early; check --upstream"
        if self._proxy and str(error).startswith("Tunnel connection failed"):
            return f"the proxy {self._proxy.host}:{self._proxy.port} opens no connection to {where}; check HTTPS_PROXY and NO_PROXY"
        return (
            f"the connection to {where}{by} has failed ({error.strerror or 'closed early'}); try again later"  # type: ignore[attr-defined]
        )


class _Proxy(NamedTuple):
    """Where a connection is made to."""

    host: str
    port: int | None
    headers: Mapping[str, str]
    """For the proxy itself."""


def _parsed(address: str) -> SplitResult:
    """``api.vendor.example`` is ``https://api.vendor.example``."""
    parts = urlsplit(address if "://" in address else f"https://{address}")
    try:
        parts.port  # noqa: B018 - raises
    except ValueError:
        raise ConfigError(f"--upstream: the port of {address!r} is not a number; {_EXAMPLE}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"--upstream: {address!r} is not an https address; {_EXAMPLE}")
    if parts.username or parts.query or parts.fragment:
        raise ConfigError(f"--upstream: leave out credentials, query and fragment; {_EXAMPLE}")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise ConfigError(
            "--upstream: http would send the credentials readable for everybody on the way; use https, or http to this machine only"
        )
    return parts._replace(path=parts.path.rstrip("/"))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _proxy(parts: SplitResult, environ: Mapping[str, str]) -> _Proxy | None:
    """The proxy of the usual variables; none for this machine."""
    host = parts.hostname or ""
    lowered = {name.lower(): value for name, value in environ.items()}
    address = lowered.get(f"{parts.scheme}_proxy", "")
    if not address or _is_here(host) or _is_excepted(host, lowered.get("no_proxy", "")):
        return None
    proxy = urlsplit(address if "://" in address else f"http://{address}")
    if proxy.scheme != "http" or not proxy.hostname:
        raise ConfigError(
            f"{parts.scheme.upper()}_PROXY: only http:// proxies are supported; they carry https as well"
        )
    return _Proxy(proxy.hostname, proxy.port or 80, _authorization(proxy))


def _is_excepted(host: str, names: str) -> bool:
    """Whether ``NO_PROXY`` names the host, or a domain above it."""
    excepted = [name.strip().lower().lstrip("*.") for name in names.split(",") if name.strip()]
    return "*" in names.replace(" ", "").split(",") or any(
        host == name or host.endswith(f".{name}") for name in excepted if name
    )


def _authorization(proxy: SplitResult) -> Mapping[str, str]:
    from base64 import b64encode

    if not proxy.username:
        return {}
    user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(user.encode()).decode()}"}


def _context(ca: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca:
        try:
            context.load_verify_locations(ca)
        except (OSError, ssl.SSLError):
            raise ConfigError(f"--ca {ca}: not a readable file of certificates (PEM)") from None
    return context
