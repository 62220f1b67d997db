"""Sending one message over HTTP: a small asyncio client on httptools, for callbacks only.

Why not a finished client: docs/callbacks.md has the figures. In short, a total time limit that a trickling
receiver cannot outwit, hundreds of waiting receivers without a thread each, and a fifth of the cost, next to
a server on the same loop."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections import Counter
from typing import NamedTuple, Protocol

from mock_server.core.exceptions import ConfigError
from mock_server.core.http import MOCK_REQUEST_ID
from mock_server.core.target import CallbackTarget, TargetError, parse_target
from mock_server.delivery.answer import Answer, SendError, SendFailure
from mock_server.delivery.connection import ReceiverConnection
from mock_server.delivery.connection_pool import ConnectionPool
from mock_server.delivery.connector import Connector
from mock_server.delivery.targets import Policy

_TRICKLE_STEPS = 20
_SET_BY_CLIENT = frozenset(("host", "content-length", "transfer-encoding", "connection"))


class OutgoingRequest(NamedTuple):
    """One transmission."""

    url: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "POST"
    timeout: float = 15.0
    """Seconds for all of it: look-up, connecting, sending, the whole answer."""
    trickle: float = 0.0
    """Seconds over which the body is spread."""


class CallbackClient(Protocol):
    """Sends one message. Never raises for what the receiver or the network does: that is in
    `Answer.error`."""

    async def send(self, request: OutgoingRequest) -> Answer: ...

    async def close(self) -> None: ...


def make_client(policy: Policy, *, proxy: str = "", ca: str = "", verify: bool = True) -> HttpClient:
    """The production client. Raises `ConfigError` for a proxy URL or a CA file that cannot be used."""
    if ca:
        try:
            ssl.create_default_context().load_verify_locations(ca)
        except OSError as error:
            reason = "no certificate in it" if isinstance(error, ssl.SSLError) else error.strerror
            raise ConfigError(f"--callback-ca {ca}: {reason}; name a file of certificates (PEM)") from None
    return HttpClient(policy, proxy=_parse_proxy(proxy) if proxy else None, ca=ca, verify=verify)


def _parse_proxy(url: str) -> CallbackTarget:
    try:
        proxy = parse_target(url)
    except TargetError as error:
        remedy = error.remedy if error.meant else "write for example http://localhost:3128"
        raise ConfigError(f"--callback-proxy: {_shown(url)!r} is not a proxy: {error}; {remedy}") from None
    if proxy.scheme != "http":
        raise ConfigError(
            f"--callback-proxy: {_shown(url)!r} is not a proxy that is supported;"
            " write it with http://, which carries https callbacks as well"
        )
    return proxy


def _shown(url: str) -> str:
    """Without credentials."""
    return re.sub(r"//[^/@]*@", "//", url)


class HttpClient:
    """Reuses connections, follows no redirect. Belongs to the event loop it is first used on."""

    def __init__(
        self, policy: Policy, *, proxy: CallbackTarget | None = None, ca: str = "", verify: bool = True
    ) -> None:
        self._policy = policy
        self._connector = Connector(policy, proxy=proxy, ca=ca, verify=verify)
        self.pool = ConnectionPool()
        self._sending: Counter[bytes] = Counter()
        """Bodies under way."""

    def is_sending(self, body: bytes) -> bool:
        """Whether a message with this body is under way: by that our own callbacks are known wherever they come
        out, since proxies leave bodies as they are. From any thread."""
        return body in self._sending

    async def send(self, request: OutgoingRequest) -> Answer:
        self._sending[request.body] += 1
        try:
            return await self._send(request)
        finally:
            self._sending[request.body] -= 1
            if not self._sending[request.body]:
                del self._sending[request.body]

    async def _send(self, request: OutgoingRequest) -> Answer:
        deadline = time.monotonic() + request.timeout
        try:
            target = parse_target(request.url)
            head = _head(request, target)
        except TargetError as error:
            return SendError(SendFailure.INVALID_URL, str(error)).answer()
        destination = self._policy.destination(target)
        note = (
            ""
            if destination == (target.host, target.port)
            else f"connected to {destination.host}:{destination.port} instead"
        )
        try:
            connection = self.pool.acquire(target) or await self._connector.connect(
                target, destination, request.timeout
            )
        except SendError as error:
            return error.answer(note)
        answer = await _response(connection, request, head, deadline)
        self.pool.release(target, connection)
        return _with_failure(answer)._replace(note=note)

    async def close(self) -> None:
        """Close the idle connections."""
        await self.pool.close()


async def _response(
    connection: ReceiverConnection, request: OutgoingRequest, head: bytes, deadline: float
) -> Answer:
    if not request.trickle or not request.body:
        return await connection.response(head + request.body, deadline, request.timeout)
    answer = asyncio.ensure_future(connection.response(head, deadline, request.timeout))
    try:
        steps = min(_TRICKLE_STEPS, len(request.body))
        piece = -(-len(request.body) // steps)
        for start in range(0, len(request.body), piece):
            await asyncio.wait({answer}, timeout=request.trickle / steps)
            if answer.done():
                connection.reusable = False
                break
            connection.write(request.body[start : start + piece])
        return await answer
    finally:
        answer.cancel()


def _head(request: OutgoingRequest, target: CallbackTarget) -> bytes:
    lines = [f"{request.method} {target.path} HTTP/1.1\r\nHost: {target.authority}"]
    lines += [f"{name}: {value}" for name, value in request.headers if name.lower() not in _SET_BY_CLIENT]
    if target.authorization and not any(name.lower() == "authorization" for name, _ in request.headers):
        lines.append(f"Authorization: {target.authorization}")
    if request.body or request.method not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(request.body)}")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) or text.count("\r") != len(lines):
        raise TargetError("a header of the message contains a line break")
    try:
        return f"{text}\r\n\r\n".encode("latin-1")
    except UnicodeEncodeError:
        raise TargetError("a header of the message contains a character that HTTP cannot carry") from None


_BY_MOCK = (
    "a mock server answered, not your application: the callback's address leads to the mock server itself;"
    " give it your application's address"
)


def _with_failure(answer: Answer) -> Answer:
    """An answer that is not 2xx is a failure, and so is one of a mock server."""
    if answer.error:
        return answer
    if any(name.lower() == MOCK_REQUEST_ID.lower() for name, _ in answer.headers):
        return answer._replace(error=_BY_MOCK, failure=SendFailure.ANSWERED_BY_MOCK)
    if 200 <= answer.status < 300:
        return answer
    location = next((value for name, value in answer.headers if name.lower() == "location"), "")
    if 300 <= answer.status < 400 and location:
        error = f"answered {answer.status}, a redirect to {location}, which is not followed"
        return answer._replace(error=error, failure=SendFailure.REDIRECTED)
    return answer._replace(error=f"answered {answer.status}", failure=SendFailure.UNSUCCESSFUL_STATUS)
