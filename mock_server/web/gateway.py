"""The WSGI adapter: environ → core Request → core Response → WSGI response, bytes untouched.

It stands before the Flask application, so that the test client, the in-process test server and every WSGI
host see one app."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import IO, Any, Protocol

from mock_server.core.http import Arrival, Request, Response, Route
from mock_server.web.http import wire, wire_errors

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
HANG_LIMIT = 300.0
"""Seconds after which the fault ``hang`` gives the thread back."""
_CHUNK = 64 * 1024
_DRAIN = 64 * 1024 * 1024
"""Bytes of a refused body that are still read, so that the client comes to read the refusal."""
_PHRASES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Answering(Protocol):
    """What the gateway needs of `mock_server.web.service.Service`."""

    def resolve(self, method: str, path: str, host: str = "", accept: str = "") -> Route: ...

    def handle(self, arrival: Arrival) -> Response: ...

    def failure_headers(self, request: Request) -> tuple[tuple[str, str], ...]: ...

    def release(self, deliveries: tuple[tuple[str, str], ...]) -> None: ...

    def deliver_first(self, deliveries: tuple[tuple[str, str], ...]) -> None: ...


class Gateway:
    """Answers vendor requests itself and hands everything else to the application behind it."""

    def __init__(
        self,
        service: Answering,
        app: WsgiApp,
        *,
        max_body: int,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._service, self._app, self._max_body, self._sleep = service, app, max_body, sleep

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, host, accept = (
            _text(environ.get("PATH_INFO", "")) or "/",
            environ.get("HTTP_HOST", ""),
            environ.get("HTTP_ACCEPT", ""),
        )
        route = self._service.resolve(environ["REQUEST_METHOD"].upper(), path, host, accept)
        if route.to_app:
            if route.mount:
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + route.mount
                environ["PATH_INFO"] = environ["PATH_INFO"][len(route.mount) :] or "/"
            return self._app(environ, start_response)
        body = read_body(environ, self._max_body)
        request = request_of(environ, route, body or b"")
        refusal = wire_errors.large_body(self._max_body) if body is None else None
        arrival = Arrival(request, route, refusal)
        try:
            response = self._service.handle(arrival)
        except Exception as error:  # noqa: BLE001 - logged where it is answered
            response = wire_errors.failed(arrival, error, self._service.failure_headers(request))
        return self._answer(response, request.method == "HEAD", start_response)

    def _answer(
        self, response: Response, head_only: bool, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if response.first:
            self._service.deliver_first(response.first)
        if response.delay > 0:
            self._sleep(response.delay)
        if response.fault is not None:
            return self._fail(response, start_response)
        status, body = response.status, response.body
        headers = [*response.headers, ("X-Content-Type-Options", "nosniff")]
        if status in wire.BODYLESS:
            body = b""
        else:
            headers.append(("Content-Length", str(len(body))))
        start_response(_PHRASES.get(status) or f"{status} Unknown", headers)
        if not response.release:
            return [] if head_only else [body]
        return Released([] if head_only else [body], lambda: self._service.release(response.release))

    def _fail(self, response: Response, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The fault, as far as WSGI can: a ``ConnectionResetError`` makes the usual hosts close without an
        answer."""
        if response.release:
            self._service.release(response.release)
        if response.fault == "hang":
            self._sleep(HANG_LIMIT)
        if response.fault not in ("truncate", "garbage"):
            raise _gone(response.fault)
        pieces = (
            [response.body[: max(len(response.body), 1) // 2]]
            if response.fault == "truncate"
            else [wire.GARBAGE]
        )
        length = max(len(response.body), 1) if response.fault == "truncate" else len(wire.GARBAGE) + 1
        start_response(
            _PHRASES.get(response.status, "200 OK"), [*response.headers, ("Content-Length", str(length))]
        )
        return _then_gone(pieces, response.fault)


class Released:
    """An answer whose deliveries go when it has left: when the host asks for more than there is, or closes it
    (PEP 3333)."""

    def __init__(self, pieces: list[bytes], release: Callable[[], None]) -> None:
        self._pieces = pieces
        self._release: Callable[[], None] | None = release

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        self.close()

    def close(self) -> None:
        release, self._release = self._release, None
        if release is not None:
            release()


def request_of(environ: dict[str, Any], route: Route, body: bytes) -> Request:
    """The core request of an environ."""
    headers = {
        name[5:].lower().replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    if environ.get("CONTENT_LENGTH"):
        headers["content-length"] = environ["CONTENT_LENGTH"]
    otherwise = f"{environ.get('SERVER_NAME', '127.0.0.1')}:{environ.get('SERVER_PORT', '80')}"
    origin = wire.origin_of(environ.get("wsgi.url_scheme", "http"), headers.get("host", ""), otherwise)
    return Request(
        environ["REQUEST_METHOD"].upper(), route.path, environ.get("QUERY_STRING", ""), headers, body,
        environ.get("REMOTE_ADDR") or "127.0.0.1", origin + _text(environ.get("SCRIPT_NAME", "")) + route.mount, route.mount,
        _escaped(environ, route.mount),
    )  # fmt: skip


def _escaped(environ: dict[str, Any], mount: str) -> str:
    """The path as sent, from a host that says what that was (PEP 3333 hands over the decoded one only)."""
    raw = wire.split_target(str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "/")).raw
    return raw.removeprefix(str(environ.get("SCRIPT_NAME", ""))).removeprefix(mount) if "%" in raw else ""


def read_body(environ: dict[str, Any], limit: int) -> bytes | None:
    """The raw body, de-chunked by the host; None where it is longer than ``limit`` bytes."""
    stream: IO[bytes] = environ["wsgi.input"]
    terminated = bool(environ.get("wsgi.input_terminated"))
    try:
        length = max(int(environ.get("CONTENT_LENGTH") or 0), 0)
    except ValueError:
        length = 0
    body = b"" if length > limit else _read(stream, limit + 1 if terminated else length)
    if length <= limit and len(body) <= limit:
        return body
    _drain(stream, _DRAIN if terminated else length)
    return None


def _read(stream: IO[bytes], length: int) -> bytes:
    pieces = []
    while length > 0 and (piece := stream.read(min(length, _CHUNK))):
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _drain(stream: IO[bytes], length: int) -> None:
    left = min(length, _DRAIN)
    while left > 0 and (piece := stream.read(min(left, _CHUNK))):
        left -= len(piece)


def _text(wsgi: str) -> str:
    """PEP 3333 hands over bytes disguised as Latin-1."""
    return wsgi if wsgi.isascii() else wsgi.encode("latin-1").decode("utf-8", "replace")


def _gone(fault: str | None) -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, f"the scenario's fault {fault}")


def _then_gone(pieces: list[bytes], fault: str | None) -> Iterator[bytes]:
    yield from pieces
    raise _gone(fault)
