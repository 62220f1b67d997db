"""Sending one message over HTTP: a small asyncio client on httptools, for callbacks only.

Why not a finished client: docs/callbacks.md has the figures. In short, a total time limit that a trickling receiver cannot
outwit, hundreds of waiting receivers without a thread each, and a fifth of the cost, beside a server on the same loop.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, Protocol, cast

from mock_server.core.exceptions import ConfigError
from mock_server.delivery.connection import Answer, Connection, ConnectionFailed
from mock_server.delivery.targets import Place, Policy, Target, TargetError, near, parse_target

IDLE_SECONDS = 1.0
"""A kept connection is closed after that long without use: sooner than receivers do, so that no message meets a closing one."""

_TRICKLE_STEPS = 20
_OURS = frozenset(("host", "content-length", "transfer-encoding", "connection"))


class Outgoing(NamedTuple):
    """One transmission."""

    url: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "POST"
    timeout: float = 15.0
    """Seconds for all of it: look-up, connecting, sending, the whole answer."""
    trickle: float = 0.0
    """Seconds over which the body is spread."""


class Transport(Protocol):
    """Sends one message. Never raises for what the receiver or the network does: that is in `Answer.error`."""

    async def send(self, out: Outgoing) -> Answer: ...

    async def close(self) -> None: ...


class _Forbidden(Exception):
    """The policy forbids the address."""


def make_transport(policy: Policy, *, proxy: str = "", ca: str = "", verify: bool = True) -> HttpTransport:
    """The production transport. Raises `ConfigError` for a proxy URL or a CA file that cannot be used."""
    if ca:
        try:
            ssl.create_default_context().load_verify_locations(ca)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"--callback-ca {ca}: {error}") from None
    via = None
    if proxy:
        try:
            via = parse_target(proxy)
        except TargetError as error:
            raise ConfigError(f"--callback-proxy {proxy}: {error}") from None
        if via.scheme != "http":
            raise ConfigError(f"--callback-proxy {proxy}: only http:// proxies are supported; they carry https callbacks too")
    return HttpTransport(policy, proxy=via, ca=ca, verify=verify)


class HttpTransport:
    """Keeps connections for `IDLE_SECONDS`. Follows no redirect. Belongs to the event loop it is first used on."""

    def __init__(self, policy: Policy, *, proxy: Target | None = None, ca: str = "", verify: bool = True) -> None:
        self._policy = policy
        self._proxy = proxy
        self._ca = ca
        self._verify = verify
        self._tls: ssl.SSLContext | None = None
        self._threads = ThreadPoolExecutor(8, "callbacks")
        """For what blocks. Not the loop's own, for whose last job a server waits when it stops, and a resolver takes its time."""
        self._idle: dict[tuple[str, str, int], list[Connection]] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    async def send(self, out: Outgoing) -> Answer:
        deadline = time.monotonic() + out.timeout
        try:
            target = parse_target(out.url)
            head = _head(out, target)
        except TargetError as error:
            return Answer(error=str(error))
        connection = self._kept(target)
        place = self._policy.place(target)
        note = "" if place == (target.host, target.port) else f"connected to {place.host}:{place.port} in its place"
        try:
            if connection is None:
                connection = await self._connect(target, place, deadline)
        except asyncio.TimeoutError:
            return Answer(error=f"timed out after {out.timeout:g} s while connecting to {place.host}:{place.port}", note=note)
        except (OSError, ConnectionFailed, _Forbidden) as error:
            return Answer(error=_reason(error, place), note=note)
        answer = await _exchange(connection, out, head, deadline)
        if connection.reusable:
            self._keep(target, connection)
        else:
            connection.close()
        return answer._replace(error=answer.error or _judgement(answer), note=note)

    async def close(self) -> None:
        """Close the kept connections."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()
        # The sockets are closed on the loop's next round, after which it may be ended.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    # -- connecting --------------------------------------------------------------------------------------------
    async def _connect(self, target: Target, place: Place, deadline: float) -> Connection:
        # Each wait_for costs three turns of the loop, so there is one for the attempt, and one for the resolver only where it is asked.
        addresses = await self._addresses(target, place, deadline)
        first: Exception | None = None
        for left, address in zip(range(len(addresses), 0, -1), addresses):
            # Shared out, so that an address that swallows packets leaves time for the next.
            share = max(0.0, deadline - time.monotonic()) / left
            far = self._proxy is not None and not near(address)
            attempt = self._by_proxy(target, address, place.port, share) if far else self._directly(target, address, place.port)
            try:
                return await asyncio.wait_for(attempt, share)
            except ssl.SSLError:
                raise
            except (OSError, asyncio.TimeoutError) as error:
                first = first or error
        raise first or ConnectionFailed(f"{place.host} has no address")

    async def _addresses(self, target: Target, place: Place, deadline: float) -> list[str]:
        """The addresses to try, in order: what is checked here is what is connected to."""
        try:
            found = await look_up(place, self._threads, deadline - time.monotonic())
        except socket.gaierror:
            # Behind a proxy, names of the outside often resolve at the proxy only; one that is listed by name may.
            if self._proxy is not None and self._policy.trusts(target.host):
                return [place.host]
            raise
        reasons = {address: self._policy.refusal(target.host, address) for address in found}
        allowed = [address for address, reason in reasons.items() if not reason]
        if not allowed:
            raise _Forbidden(next(iter(reasons.values())))
        return allowed

    async def _directly(self, target: Target, address: str, port: int) -> Connection:
        context = await self._context() if target.scheme == "https" else None
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection, address, port, ssl=context, server_hostname=None if context is None else target.host
        )
        return connection

    async def _by_proxy(self, target: Target, address: str, port: int, seconds: float) -> Connection:
        """A tunnel to the address, for http as for https, so that the proxy has no name to look up a second time."""
        proxy = cast(Target, self._proxy)
        loop = asyncio.get_running_loop()
        transport, connection = await loop.create_connection(Connection, proxy.host, proxy.port)
        where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        credentials = "" if proxy.credentials is None else f"Proxy-Authorization: {_basic(proxy.credentials)}\r\n"
        head = f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\n{credentials}\r\n"
        answer = await connection.exchange(head.encode("latin-1"), time.monotonic() + seconds, seconds, tunnel=True)
        if answer.error or not 200 <= answer.status < 300:
            connection.close()
            raise ConnectionFailed(f"proxy: {answer.error or f'it answered {answer.status} to CONNECT {where}'}")
        if target.scheme == "http":
            return connection
        inner = Connection()
        secured = await loop.start_tls(transport, inner, await self._context(), server_hostname=target.host)
        inner.connection_made(cast(asyncio.Transport, secured))
        return inner

    async def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = await asyncio.get_running_loop().run_in_executor(self._threads, self._make_context)
        return self._tls

    def _make_context(self) -> ssl.SSLContext:
        """Reads the machine's authorities, which takes tens of milliseconds."""
        context = ssl.create_default_context()
        if self._ca:
            context.load_verify_locations(self._ca)
        if not self._verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    # -- keeping -----------------------------------------------------------------------------------------------
    def _kept(self, target: Target) -> Connection | None:
        connections = self._idle.get((target.scheme, target.host, target.port))
        while connections:
            connection = connections.pop()
            if connection.reusable:
                return connection
        return None

    def _keep(self, target: Target, connection: Connection) -> None:
        connection.idle_since = time.monotonic()
        self._idle.setdefault((target.scheme, target.host, target.port), []).append(connection)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Close what has been idle for too long; come again only while something is kept."""
        oldest = time.monotonic() - IDLE_SECONDS
        for key, connections in list(self._idle.items()):
            fresh = [connection for connection in connections if connection.reusable and connection.idle_since > oldest]
            for connection in connections:
                if connection not in fresh:
                    connection.close()
            if fresh:
                self._idle[key] = fresh
            else:
                del self._idle[key]
        self._sweeper = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._sweep) if self._idle else None


async def look_up(place: Place, threads: Executor | None = None, seconds: float | None = None) -> list[str]:
    """The addresses of the host, in the resolver's order, which is asked on a thread.

    Raises ``socket.gaierror``, and ``asyncio.TimeoutError`` when the resolver has not answered in time.

    ``localhost`` and names below it are this machine (RFC 6761), whatever the resolver knows of them; so the commonest receiver
    costs no thread.
    """
    host = place.host
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1", "::1"]
    try:
        return [_plain(ip_address(host))]
    except ValueError:
        ask = partial(socket.getaddrinfo, host, place.port, type=socket.SOCK_STREAM)
        found = await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(threads, ask), seconds)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _plain(ip: IPv4Address | IPv6Address) -> str:
    """The address as text; an IPv4 one in IPv6 clothes without them, since not every machine has IPv6."""
    return str(ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else str(ip)


async def _exchange(connection: Connection, out: Outgoing, head: bytes, deadline: float) -> Answer:
    if not out.trickle or not out.body:
        return await connection.exchange(head + out.body, deadline, out.timeout)
    answer = asyncio.ensure_future(connection.exchange(head, deadline, out.timeout))
    piece = max(1, -(-len(out.body) // _TRICKLE_STEPS))
    try:
        for start in range(0, len(out.body), piece):
            done, _ = await asyncio.wait({answer}, timeout=out.trickle / _TRICKLE_STEPS)
            if done:
                connection.reusable = False
                break
            connection.write(out.body[start : start + piece])
        return await answer
    finally:
        answer.cancel()


def _head(out: Outgoing, target: Target) -> bytes:
    lines = [f"{out.method} {target.path} HTTP/1.1\r\nHost: {target.authority}"]
    lines += [f"{name}: {value}" for name, value in out.headers if name.lower() not in _OURS]
    if target.credentials is not None and not any(name.lower() == "authorization" for name, _ in out.headers):
        lines.append(f"Authorization: {_basic(target.credentials)}")
    if out.body or out.method not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(out.body)}")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) or text.count("\r") != len(lines):
        raise TargetError("a header of the message has a line break in it")
    try:
        return f"{text}\r\n\r\n".encode("latin-1")
    except UnicodeEncodeError:
        raise TargetError("a header of the message has a character in it that HTTP cannot carry") from None


def _basic(credentials: str) -> str:
    text = credentials if ":" in credentials else f"{credentials}:"
    return "Basic " + base64.b64encode(text.encode()).decode()


def _judgement(answer: Answer) -> str:
    """Why the answer is none that counts as delivered; empty: it is 2xx."""
    if 200 <= answer.status < 300:
        return ""
    location = next((value for name, value in answer.headers if name.lower() == "location"), "")
    if 300 <= answer.status < 400 and location:
        return f"answered {answer.status}, a redirect to {location}, which is not followed"
    return f"answered {answer.status}"


def _reason(error: Exception, place: Place) -> str:
    """Why no connection came about, in words."""
    where = f"{place.host}:{place.port}"
    if isinstance(error, _Forbidden):
        return f"not allowed: {error}"
    if isinstance(error, socket.gaierror):
        return f"DNS: {place.host} does not resolve ({error.strerror or error})"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: the certificate of {where} is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: no secure connection to {where}: {error.reason or error}"
    if isinstance(error, ConnectionRefusedError):
        return f"connection refused by {where}; nothing listens there"
    if isinstance(error, OSError):
        return f"no connection to {where}: {error.strerror or error or type(error).__name__}"
    return str(error)
