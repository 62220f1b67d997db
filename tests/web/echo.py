"""A service and a WSGI application that do what the path says: small, real counterparts for the tests of the
front."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, NamedTuple

import msgspec

from mock_server.core.http import Arrival, Request, Response, Route
from mock_server.providers.routing import split_mount
from mock_server.web.http import wire_errors

JSON = (("Content-Type", "application/json"),)


class EchoService:
    """``/echo…`` answers what it was asked; ``/fault/KIND``, ``/delay/MS``, ``/status/N`` and so on do that.
    Flask has the rest."""

    def __init__(self, *, blocking: bool = False) -> None:
        self.blocking = blocking
        self.refused: list[Arrival] = []
        self.released: list[tuple[str, str]] = []
        self.events: list[str] = []
        self.gate = threading.Event()
        self.started = self.stopped = False
        self.pending: list[str] = []

    def resolve(self, method: str, path: str, host: str = "", accept: str = "") -> Route:
        mount, below = split_mount(path, host, ("/cloudcheck", "/shuftipro"))
        return Route(below, mount, to_app=not mount and below.startswith("/__admin"))

    def handle_all(self, arrivals: Sequence[Arrival]) -> list[Response | Exception]:
        answers: list[Response | Exception] = []
        for arrival in arrivals:
            try:
                answers.append(self.handle(arrival))
            except Exception as error:
                answers.append(error)
        return answers

    def failure_headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        return (
            (("Access-Control-Allow-Origin", request.headers["origin"]),)
            if "origin" in request.headers
            else ()
        )

    def handle(self, arrival: Arrival) -> Response:
        request, refusal = arrival.request, arrival.refusal
        if refusal is not None:
            self.refused.append(arrival)
            return self._too_large(request) if refusal.status == 413 else wire_errors.answer(refusal)
        kind, _, value = request.path.lstrip("/").partition("/")
        answer = getattr(self, "_" + kind, self._echo)
        response: Response = answer(request, value)
        return response

    def _too_large(self, request: Request) -> Response:
        return Response(
            413,
            JSON,
            json.dumps({"error": "vendor shape", "path": request.path, "body": len(request.body)}).encode(),
        )

    def release(self, deliveries: Iterable[tuple[str, str]]) -> None:
        self.released += deliveries

    def deliver_first(self, deliveries: Iterable[tuple[str, str]]) -> None:
        self.gate.wait(5)
        self.events += [f"delivered {delivery}" for _, delivery in deliveries]

    def start(self, loop: object = None) -> None:
        self.started = True

    def stop(self) -> list[str]:
        self.stopped = True
        return self.pending

    def _echo(self, request: Request, value: str) -> Response:
        details = msgspec.structs.asdict(request) | {
            "body": request.body.decode("latin-1"),
            "thread": threading.current_thread().name,
        }
        return Response(200, JSON, json.dumps(details).encode())

    def _fault(self, request: Request, value: str) -> Response:
        return Response(200, JSON, b"0123456789", fault=value, release=(("default", value),))

    def _delay(self, request: Request, value: str) -> Response:
        return Response(
            200, JSON, f"after {value}".encode(), delay=int(value) / 1000, release=(("default", value),)
        )

    def _first(self, request: Request, value: str) -> Response:
        return Response(200, JSON, b"then", first=(("default", value),))

    def _status(self, request: Request, value: str) -> Response:
        return Response(int(value), JSON, b"body")

    def _header(self, request: Request, value: str) -> Response:
        return Response(200, (("X-Odd", value),), b"")

    def _big(self, request: Request, value: str) -> Response:
        return Response(200, (), b"x" * int(value))

    def _boom(self, request: Request, value: str) -> Response:
        raise LookupError("this must not be sent to the client")

    def _gated(self, request: Request, value: str) -> Response:
        self.gate.wait(5)
        return Response(200, (), b"gate open")


class EchoApp:
    """A WSGI application under ``/__admin``."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.closed = threading.Event()
        self.created = 0
        self.waiting = threading.Semaphore(0)

    def factory(self) -> Callable[..., Iterable[bytes]]:
        self.created += 1
        return self

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        name = environ["PATH_INFO"].rpartition("/")[2]
        answer: Iterable[bytes] = getattr(self, name, self.environ)(environ, start_response)
        return answer

    def environ(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        variables = {name: value for name, value in environ.items() if isinstance(value, str)}
        body = json.dumps(variables | {"body": environ["wsgi.input"].read().decode("latin-1")}).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def nothing(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("204 No Content", [])
        return []

    def pieces(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [b"one", b"", b"two"]

    def measured(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "6"), ("Date", "Thu, 01 Jan 1970 00:00:00 GMT")])
        return [b"one", b"two"]

    def wait(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.waiting.release()
        self.gate.wait(10)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    def stream(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return Events(environ["mock_server.closed"], self)

    def flood(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Events(environ["mock_server.closed"], self, piece=b"x" * 65536)

    def boom(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise LookupError("this must not be sent to the client")

    def lateboom(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        yield b"first"
        raise LookupError("this must not be sent to the client")


class Events:
    """Server-sent events without end: the first at once, the next when the gate opens, or a flood of
    pieces."""

    def __init__(self, disconnected: threading.Event, app: EchoApp, piece: bytes | None = None) -> None:
        self._gone, self._app, self._piece = disconnected, app, piece
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        yield self._piece or b"data: 0\n\n"
        while not self._gone.wait(0 if self._piece else 0.002):
            if self._piece or self._app.gate.is_set():
                self.sent += 1
                self._app.sent = self.sent  # type: ignore[attr-defined]
                yield self._piece or b"data: %d\n\n" % self.sent

    def close(self) -> None:
        self._app.closed.set()


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """A raw socket that can read HTTP answers one by one."""

    def __init__(self, address: tuple[str, int], timeout: float = 5) -> None:
        self.socket: socket.socket = socket.create_connection(address, timeout)
        self.buffer = b""

    def send(self, *parts: str | bytes) -> Client:
        self.socket.sendall(
            b"".join(part.encode("latin-1") if isinstance(part, str) else part for part in parts)
        )
        return self

    def request(self, target: str, method: str = "GET", body: bytes = b"", *fields: str) -> Client:
        lines = [f"{method} {target} HTTP/1.1", "Host: mock.test:1234", *fields]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return self.send("\r\n".join(lines) + "\r\n\r\n", body)

    def read_until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError(self.buffer)
            self.buffer += data
        before, _, self.buffer = self.buffer.partition(mark)
        return before + mark

    def read_bytes(self, count: int) -> bytes:
        while len(self.buffer) < count:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError(self.buffer)
            self.buffer += data
        chunk, self.buffer = self.buffer[:count], self.buffer[count:]
        return chunk

    def head(self) -> tuple[int, dict[str, str]]:
        first, *lines = self.read_until(b"\r\n\r\n")[:-4].decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            assert name.lower() not in headers, f"{name} was sent twice"
            headers[name.lower()] = value
        assert first.startswith("HTTP/1.1 "), first
        return int(first.split(" ")[1]), headers

    def reply(self, *, head_only: bool = False) -> Reply:
        status, headers = self.head()
        if head_only or status in (204, 304) or status < 200:
            return Reply(status, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            return Reply(status, headers, b"".join(self.chunks()))
        if "content-length" in headers:
            return Reply(status, headers, self.read_bytes(int(headers["content-length"])))
        return Reply(status, headers, self.rest())

    def chunks(self) -> Iterator[bytes]:
        while size := int(self.read_until(b"\r\n"), 16):
            yield self.read_bytes(size)
            assert self.read_bytes(2) == b"\r\n"
        assert self.read_bytes(2) == b"\r\n"

    def rest(self) -> bytes:
        """Everything up to the end of the connection. Raises ConnectionResetError when it is reset."""
        while data := self.socket.recv(65536):
            self.buffer += data
        remainder, self.buffer = self.buffer, b""
        return remainder

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
