"""A server that keeps the bytes of each request as they came, and answers ``200 {}``."""

from __future__ import annotations

import re
import socketserver
import threading
from io import BufferedIOBase
from types import TracebackType

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:[ \t]*chunked", re.IGNORECASE | re.MULTILINE)
_EXPECT = re.compile(rb"^expect:[ \t]*100-continue", re.IGNORECASE | re.MULTILINE)


class Recorder:
    """``with Recorder() as recorder:`` listens on a free port; `taken` gives what has come and forgets it."""

    def __init__(self) -> None:
        requests: list[bytes] = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while request := read_request(self.rfile, self.wfile):
                    requests.append(request)
                    self.wfile.write(ANSWER)

        self._requests = requests
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def taken(self) -> list[bytes]:
        """The requests since the last call, in their order."""
        taken = list(self._requests)
        self._requests.clear()
        return taken

    def __enter__(self) -> Recorder:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def read_request(source: BufferedIOBase, answer: BufferedIOBase) -> bytes:
    """The bytes of the next request; empty: there is none. An expectation is met as soon as the header fields
    are read."""
    head = _head(source)
    if _EXPECT.search(head):
        answer.write(CONTINUE)
    if _CHUNKED.search(head):
        return head + _chunks(source)
    length = _LENGTH.search(head)
    return head + source.read(int(length[1]) if length else 0)


def _head(source: BufferedIOBase) -> bytes:
    head = b""
    while line := source.readline():
        head += line
        if line == b"\r\n":
            break
    return head


def _chunks(source: BufferedIOBase) -> bytes:
    body = b""
    while line := source.readline():
        size = int(line.partition(b";")[0], 16)
        body += line + source.read(size + 2)
        if not size:
            break
    return body
