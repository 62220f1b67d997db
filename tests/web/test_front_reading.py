"""The parser on its own: however a stream is cut, it hands over the same requests."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.http import Refusal, Request
from mock_server.web.http.parser import IDLE, RequestParser, Way
from mock_server.web.http.server import HttpServer
from mock_server.web.http.wire import ConnectionLimits
from tests.web.echo import EchoApp, EchoService


def new_front(**limits: Any) -> HttpServer:
    return HttpServer(EchoService(), EchoApp().factory, limits=ConnectionLimits()._replace(**limits))


class Listener:
    """Notes what the reader says, and ends it at a request for ``/end``, as a wire fault does."""

    def __init__(self, front: HttpServer) -> None:
        self.events: list[object] = []
        self.reader = RequestParser(front, self, "10.0.0.1")

    def take(self, request: Request, way: Way, refusal: Refusal | None = None) -> None:
        self.events.append((request, way, refusal))
        if request.path == "/end":
            self.reader.end()

    def proceed(self) -> None:
        self.events.append("proceed")

    def read_up(self) -> None:
        self.events.append("read up")


def read(front: HttpServer, pieces: list[bytes]) -> tuple[list[object], int]:
    listener = Listener(front)
    for piece in pieces:
        listener.reader.feed(piece)
    return listener.events, listener.reader.phase


def requests_of(items: list[object]) -> list[Request]:
    return [item[0] for item in items if isinstance(item, tuple)]


def message(head: str, body: str = "") -> bytes:
    return f"{head}\r\n\r\n{body}".encode("latin-1")


GET = "GET /echo?a=b HTTP/1.1\r\nHost: x"
POST = "POST /verify/ HTTP/1.1\r\nHost: x\r\nContent-Length: "
PLAIN = [
    pytest.param(message(GET), id="no body"),
    pytest.param(message(POST + "3", "abc"), id="body"),
    pytest.param(message(POST + "4", "\r\n\r\n"), id="body that looks like the end of a header"),
    pytest.param(message(GET + "\r\nConnection: keep-alive"), id="keep-alive"),
    pytest.param(message("GET /a%20b HTTP/1.1\r\nHost: x"), id="encoded path"),
    pytest.param(
        message("GET /echo HTTP/1.0\r\nHost: x\r\nConnection: keep-alive"), id="HTTP/1.0 keep-alive"
    ),
    pytest.param(
        message("HEAD /shuftipro/echo HTTP/1.1\r\nHost: x\r\nCookie: a=1\r\nCookie: b=2"), id="HEAD"
    ),
]
OTHERS = [
    pytest.param(message(GET + "\r\nConnection: close"), id="close"),
    pytest.param(message("GET /echo HTTP/1.0\r\nHost: x"), id="HTTP/1.0"),
    pytest.param(message("GET /end HTTP/1.1\r\nHost: x"), id="fault"),
    pytest.param(message(POST + "2\r\nExpect: 100-continue", "ok"), id="expect"),
    pytest.param(message(POST + "2\r\nUpgrade: h2c\r\nConnection: upgrade", "ok"), id="upgrade"),
    pytest.param(
        message("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked", "2\r\nab\r\n0\r\n\r\n"),
        id="chunked",
    ),
    pytest.param(message(POST + "50", "x" * 50), id="body over the limit"),
    pytest.param(message(GET + "\r\nOdd: \xe9"), id="beyond ASCII"),
    pytest.param(message(GET + "\r\nContent-Type: a/b\r\nContent-Type: c/d"), id="a field that came twice"),
    pytest.param(message(GET + "\r\nX-Long: " + "x" * 5000), id="long header"),
    pytest.param(b"\r\n" + message(GET), id="empty line before"),
    pytest.param(b"\r\n\r\n" + message(GET), id="empty lines before"),
    pytest.param(message("nonsense"), id="nonsense"),
    pytest.param(message("GET /echo HTTP/1.1"), id="no host"),
    pytest.param(b"GET /echo HTTP/1.1\nHost: x\n\n" + message(GET), id="bare line feeds"),
    pytest.param(
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 8\n\nGET /\r\n\r\n",
        id="bare line feed at the end",
    ),
]
MESSAGES = [str_param.values[0] for str_param in (*PLAIN, *OTHERS)]


@pytest.mark.parametrize("sent", PLAIN)
def test_a_repeated_request_is_read_alike(sent: bytes) -> None:
    items, phase = read(new_front(), [sent] * 4)
    first, *others = requests_of(items)
    assert others == [first] * 3
    assert phase == IDLE


@given(st.data())
def test_cutting_a_stream_changes_no_request(data: st.DataObject) -> None:
    few = data.draw(st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=4))
    stream = b"".join(data.draw(st.lists(st.sampled_from(few), min_size=1, max_size=8)))
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=6).map(sorted))
    pieces = [stream[start:end] for start, end in pairwise([0, *cuts, len(stream)]) if start < end]
    assert answered(read(new_front(max_body=40), pieces)[0]) == answered(
        read(new_front(max_body=40), [stream])[0]
    )


def answered(seen: list[object]) -> list[tuple[str, str, bytes, int]]:
    """Method, path, body and status of each request up to the first refusal; what is kept of a refused one
    depends on the cut."""
    items = [item for item in seen if isinstance(item, tuple)]
    return [
        (item[0].method, item[0].path, item[0].body, 0) if item[2] is None else ("", "", b"", item[2].status)
        for item in items
    ]


OFFER = "\r\nConnection: Upgrade\r\nUpgrade: h2c"


@pytest.mark.parametrize(
    ("plain", "offering"),
    [
        pytest.param(message(GET + "\r\nA: b"), message(GET + OFFER), id="no body"),
        pytest.param(message(POST + "3", "abc"), message(POST + "3" + OFFER, "abc"), id="body"),
    ],
)
def test_offered_upgrades_take_no_memory(plain: bytes, offering: bytes) -> None:
    def peak(sent: bytes) -> int:
        front = new_front()
        tracemalloc.start()
        try:
            assert len(requests_of(read(front, [sent * 1000])[0])) == 1000
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(offering) < 2 * peak(plain)


def test_a_header_behind_other_requests_is_measured_without_them() -> None:
    sent = b"".join(message(f"GET /echo/{number} HTTP/1.1\r\nHost: x") for number in range(100))
    items, _ = read(new_front(max_head=200), [sent[:-10], sent[-10:]])
    assert [request.path for request in requests_of(items)] == [f"/echo/{number}" for number in range(100)]


def test_a_long_header_behind_another_request_is_refused() -> None:
    long = message("GET /echo HTTP/1.1\r\nHost: x\r\nX-Long: " + "x" * 200)
    items, _ = read(new_front(max_head=200), [message(GET) + long])
    assert [item[2] and item[2].status for item in items if isinstance(item, tuple)] == [None, 431]
