"""How the receiver answers one request, well-formed or not."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from mock_server.core.clock import parse_duration
from mock_server.core.http import FAULTS

LONGEST = 300.0
"""Seconds after which a fault ``hang`` ends."""
_GARBAGE = b"\x00\xff\x13\x37 this is not HTTP\r\n\r\n"


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
        """Raises ``msgspec.DecodeError`` for what is not JSON."""
        return msgspec.json.decode(self.body)


class Answer(NamedTuple):
    """What a request is answered."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}
    delay: float = 0.0
    """Seconds to wait first."""
    fault: str = ""
    """In place of a well-formed answer: ``reset``, ``empty``, ``truncate``, ``garbage`` or ``hang``."""


def answer_of(
    status: int, body: bytes, headers: Mapping[str, str] | None, delay: str | float, fault: str
) -> Answer:
    if fault and fault not in FAULTS:
        from mock_server.scenario.problems import did_you_mean

        raise ValueError(f"unknown fault {fault!r}; {did_you_mean(fault, FAULTS)}")
    return Answer(status, body, dict(headers or {}), parse_duration(delay), fault)


def handler(record: Callable[[Received], Answer], stopping: threading.Event) -> type[BaseHTTPRequestHandler]:
    """``record`` keeps a request and says what it is answered; ``stopping`` ends delays."""
    return type("ReceiverHandler", (Handler,), {"record": staticmethod(record), "stopping": stopping})


class Handler(BaseHTTPRequestHandler):
    """Of one connection to a receiver."""

    record: Callable[[Received], Answer]
    stopping: threading.Event
    """Ends delays."""
    protocol_version = "HTTP/1.1"
    timeout = 30

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.record(Received(self.command, target.path, target.query, headers, body))
        if answer.delay and self.stopping.wait(answer.delay):
            self.close_connection = True
        elif answer.fault:
            self.close_connection = True
            self._fail(answer)
        else:
            self._head(answer, len(answer.body))
            self.wfile.write(answer.body)

    def _head(self, answer: Answer, length: int) -> None:
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()

    def _fail(self, answer: Answer) -> None:
        if answer.fault == "reset":
            _reset(self.connection)
        elif answer.fault == "truncate":
            self._head(answer, len(answer.body) + 64)
            self.wfile.write(answer.body)
        elif answer.fault == "garbage":
            self.wfile.write(_GARBAGE)
        elif answer.fault == "hang":
            self.stopping.wait(LONGEST)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def do_OPTIONS(self) -> None:
        """A connection without a request is a probe, not a callback."""
        self.send_response(204)
        self.send_header("Allow", "GET, POST, PUT, DELETE, OPTIONS")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """A receiver in a test is quiet."""


def _reset(connection: socket.socket) -> None:
    """Close at once, so that the other side sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        socket.close(connection.detach())
