"""A callback receiver on a free port that records what came."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from mock_server.core.clock import parse_duration


class Received(NamedTuple):
    """One request that came in."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes

    @property
    def json(self) -> Any:
        """Raises ``msgspec.DecodeError`` for what is no JSON."""
        return msgspec.json.decode(self.body)


class Receiver:
    """``with Receiver() as receiver: …`` listens at ``receiver.url``; everything is answered 200 unless
    `answer` says otherwise."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._received: list[Received] = []
        self._answers: deque[tuple[int, bytes, dict[str, str]]] = deque()
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="callback-receiver", daemon=True
        )
        self._thread.start()
        self.url = f"http://{host}:{self._server.server_address[1]}/callback"

    @property
    def received(self) -> list[Received]:
        """What has come so far, oldest first."""
        with self._arrived:
            return list(self._received)

    def answer(self, *statuses: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Answer the next requests with these statuses, one each; after that 200 again."""
        with self._arrived:
            self._answers.extend((status, body, dict(headers or {})) for status in statuses)

    def wait(self, count: int = 1, timeout: str | float = 5.0) -> list[Received]:
        """The first ``count`` requests, as soon as there are so many. Raises ``TimeoutError`` saying what
        came."""
        deadline = time.monotonic() + parse_duration(timeout)
        with self._arrived:
            while len(self._received) < count:
                left = deadline - time.monotonic()
                if left <= 0:
                    came = ", ".join(f"{one.method} {one.path}" for one in self._received) or "none"
                    raise TimeoutError(
                        f"{len(self._received)} of {count} requests came to {self.url} within {timeout}: {came}"
                    )
                self._arrived.wait(left)
            return self._received[:count]

    def clear(self) -> None:
        """Forget what came, and the answers that were not given."""
        with self._arrived:
            self._received.clear()
            self._answers.clear()

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _record(self, request: Received) -> tuple[int, bytes, dict[str, str]]:
        with self._arrived:
            self._received.append(request)
            answer = self._answers.popleft() if self._answers else (200, b"", {})
            self._arrived.notify_all()
        return answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        record = self._record

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ConnectionError:
                    self.close_connection = True

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                target = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, given, more = record(Received(self.command, target.path, target.query, headers, body))
                self.send_response(status)
                for name, value in {**more, "Content-Length": str(len(given))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(given)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

            def do_OPTIONS(self) -> None:
                """Whoever only asks whether somebody is there has sent no callback."""
                self.send_response(204)
                self.send_header("Allow", "GET, POST, PUT, DELETE, OPTIONS")
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
                """A receiver in a test is quiet."""

        return Handler
