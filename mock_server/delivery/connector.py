"""Connecting to a receiver: look the name up, check every address, connect to one that was checked, directly
or through a proxy."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import cast

from mock_server.core.target import CallbackTarget
from mock_server.delivery.answer import SendError, SendFailure
from mock_server.delivery.connection import ReceiverConnection
from mock_server.delivery.targets import AddressRefusal, Destination, Policy, near


class Connector:
    """Makes connections. Belongs to the event loop it is first used on."""

    def __init__(
        self, policy: Policy, *, proxy: CallbackTarget | None = None, ca: str = "", verify: bool = True
    ) -> None:
        self._policy = policy
        self._proxy = proxy
        self._ca = ca
        self._verify = verify
        self._tls: ssl.SSLContext | None = None
        self._threads = ThreadPoolExecutor(8, "callbacks")
        """For blocking calls. Not the loop's own executor: a stopping server waits for its last job, and a
        resolver can be slow."""

    async def connect(
        self, target: CallbackTarget, destination: Destination, seconds: float
    ) -> ReceiverConnection:
        """Connect within that time. Raises `SendError`."""
        try:
            return await self._connect(target, destination, time.monotonic() + seconds)
        except asyncio.TimeoutError:
            message = (
                f"timed out after {seconds:g} s while connecting to {destination.host}:{destination.port}"
            )
            raise SendError(SendFailure.TIMED_OUT, message) from None
        except OSError as error:
            raise _send_error(error, destination) from error

    async def _connect(
        self, target: CallbackTarget, destination: Destination, deadline: float
    ) -> ReceiverConnection:
        # Each wait_for costs three turns of the loop: one for the attempt, and one for the resolver only
        # where it is asked.
        addresses = await self._addresses(target, destination, deadline)
        first: Exception | None = None
        for remaining, address in zip(range(len(addresses), 0, -1), addresses):
            # The time is shared out, so that an address that swallows packets leaves time for the next.
            share = max(0.0, deadline - time.monotonic()) / remaining
            far = self._proxy is not None and not near(address)
            attempt = (
                self._by_proxy(target, address, destination.port, share)
                if far
                else self._directly(target, address, destination.port)
            )
            try:
                return await asyncio.wait_for(attempt, share)
            except ssl.SSLError:
                raise
            except (OSError, asyncio.TimeoutError) as error:
                first = first or error
        raise first or SendError(SendFailure.NAME_NOT_RESOLVED, f"DNS: {destination.host} has no address")

    async def _addresses(
        self, target: CallbackTarget, destination: Destination, deadline: float
    ) -> list[str]:
        """The addresses to try, in order: exactly those that were checked."""
        if (public := refuse_name(self._policy, target, destination)) is not None:
            raise SendError(SendFailure.NOT_ALLOWED, f"not allowed: {public.reason}")
        try:
            addresses = await look_up(destination, self._threads, deadline - time.monotonic())
        except socket.gaierror:
            # Behind a proxy, outside names often resolve at the proxy only. Names on the allow-list are left
            # to it.
            if self._proxy is not None and self._policy.trusts(target.host):
                return [destination.host]
            unknown = self._policy.unknown(destination.host)
            if unknown is not None:
                raise SendError(SendFailure.NOT_ALLOWED, f"not allowed: {unknown.reason}") from None
            raise
        refusals = {address: self._policy.refusal(target.host, address) for address in addresses}
        if refusals and all(refusals.values()):
            first = next(filter(None, refusals.values()))
            raise SendError(SendFailure.NOT_ALLOWED, f"not allowed: {first.reason}")
        return [address for address, refusal in refusals.items() if refusal is None]

    async def _directly(self, target: CallbackTarget, address: str, port: int) -> ReceiverConnection:
        context = await self._context() if target.scheme == "https" else None
        _, connection = await asyncio.get_running_loop().create_connection(
            ReceiverConnection,
            address,
            port,
            ssl=context,
            server_hostname=None if context is None else target.host,
        )
        return connection

    async def _by_proxy(
        self, target: CallbackTarget, address: str, port: int, seconds: float
    ) -> ReceiverConnection:
        """A tunnel to the address, for http as for https, so that the proxy does not look the name up
        again."""
        proxy = cast(CallbackTarget, self._proxy)
        loop = asyncio.get_running_loop()
        transport, connection = await loop.create_connection(ReceiverConnection, proxy.host, proxy.port)
        where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        credentials = f"Proxy-Authorization: {proxy.authorization}\r\n" if proxy.authorization else ""
        head = f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\n{credentials}\r\n"
        answer = await connection.response(
            head.encode("latin-1"), time.monotonic() + seconds, seconds, tunnel=True
        )
        if answer.error or not 200 <= answer.status < 300:
            connection.close()
            reason = answer.error or f"answered {answer.status} to CONNECT {where}"
            raise SendError(SendFailure.PROXY_FAILED, f"proxy: {reason}")
        if target.scheme == "http":
            return connection
        inner = ReceiverConnection()
        secured = await loop.start_tls(transport, inner, await self._context(), server_hostname=target.host)
        inner.connection_made(cast(asyncio.Transport, secured))
        return inner

    async def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = await asyncio.get_running_loop().run_in_executor(self._threads, self._create_context)
        return self._tls

    def _create_context(self) -> ssl.SSLContext:
        """Reads the machine's authorities, which takes tens of milliseconds."""
        context = ssl.create_default_context()
        if self._ca:
            context.load_verify_locations(self._ca)
        if not self._verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


HOSTS = Path(r"C:\Windows\System32\drivers\etc\hosts" if sys.platform == "win32" else "/etc/hosts")


def refuse_name(policy: Policy, target: CallbackTarget, destination: Destination) -> AddressRefusal | None:
    """Why the target's name is not even looked up. What a rewrite rule names is: somebody has chosen it, as
    what stands in the machine's own hosts file."""
    if destination.host != target.host or (refusal := policy.refuse_name(target.host)) is None:
        return None
    return None if _is_in_hosts_file(target.host) else refusal


def _is_in_hosts_file(host: str) -> bool:
    try:
        lines = HOSTS.read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    return any(host in line.partition("#")[0].lower().split()[1:] for line in lines)


async def look_up(
    destination: Destination, threads: Executor | None = None, seconds: float | None = None
) -> list[str]:
    """The addresses of the host, in the resolver's order; the resolver is asked on a thread.

    Raises ``socket.gaierror``, and ``asyncio.TimeoutError`` when the resolver has not answered in time.

    ``localhost`` and names below it are this machine (RFC 6761), whatever the resolver says, so the most
    common receiver costs no thread."""
    host = destination.host
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1", "::1"]
    try:
        return [_text(ip_address(host))]
    except ValueError:
        ask = partial(socket.getaddrinfo, host, destination.port, type=socket.SOCK_STREAM)
        entries = await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(threads, ask), seconds)
        return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def _text(ip: IPv4Address | IPv6Address) -> str:
    """The address as text; a mapped IPv4 address as IPv4, since not every machine has IPv6."""
    return str(ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else str(ip)


def _send_error(error: OSError, destination: Destination) -> SendError:
    where = f"{destination.host}:{destination.port}"
    if isinstance(error, socket.gaierror):
        return SendError(
            SendFailure.NAME_NOT_RESOLVED,
            f"DNS: {destination.host} does not resolve ({error.strerror or error})",
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        message = f"TLS: the certificate of {where} is not trusted: {error.verify_message}"
        return SendError(SendFailure.CERTIFICATE_NOT_TRUSTED, message)
    if isinstance(error, ssl.SSLError):
        return SendError(
            SendFailure.TLS_FAILED, f"TLS: no secure connection to {where}: {error.reason or error}"
        )
    if isinstance(error, ConnectionRefusedError):
        return SendError(
            SendFailure.CONNECTION_REFUSED, f"connection refused by {where}; nothing listens there"
        )
    reason = error.strerror or str(error) or type(error).__name__
    return SendError(SendFailure.CONNECTION_FAILED, f"no connection to {where}: {reason}")
