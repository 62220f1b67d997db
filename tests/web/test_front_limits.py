"""What the front refuses, and how: sizes, times, bytes that are no HTTP."""

from __future__ import annotations

import errno
import json
import socket
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mock_server.web.http import server as front
from mock_server.web.http import serving as server
from mock_server.web.http.listening import bind
from tests.web.conftest import ServerHarness, Staging
from tests.web.echo import Client

LINE = "GET /echo HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param("nonsense\r\n\r\n", 400, id="no request line"),
        pytest.param("GET /echo HTTP/1.1\r\n\r\n", 400, id="no host"),
        pytest.param("GET /echo HTTP/1.1\r\nHost:\r\n\r\n", 400, id="empty host"),
        pytest.param("GET /echo HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400, id="two hosts"),
        pytest.param("GET /echo HTTP/1.0\r\nHost: x\r\nhost: y\r\n\r\n", 400, id="two hosts in HTTP/1.0"),
        pytest.param("GET /echo HTTP/1.1\r\nHost: a b\r\n\r\n", 400, id="blank in host"),
        pytest.param("GET /echo HTTP/1.0\r\nHost: a@b\r\n\r\n", 400, id="user in host"),
        pytest.param("GET /echo HTTP/1.1\r\nHost: http://x\r\n\r\n", 400, id="URL as host"),
        pytest.param("GET /echo HTTP/1.1\r\nHost: x:y\r\n\r\n", 400, id="port is not a number"),
        pytest.param("GET /echo HTTP/1.1\r\nHost: \xe9\r\n\r\n", 400, id="host beyond ASCII"),
        pytest.param(
            "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 400, id="upgrade without host"
        ),
        pytest.param(
            "POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\na",
            400,
            id="upgrade with a body without host",
        ),
        pytest.param("GET /echo HTTP/3.7\r\nHost: x\r\n\r\n", 400, id="unknown version"),
        pytest.param("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, id="HTTP/2 preface"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, id="TLS hello"),
        pytest.param("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400, id="blank in target"),
        pytest.param(LINE + "No colon\r\n\r\n", 400, id="header without colon"),
        pytest.param(LINE + "Name : x\r\n\r\n", 400, id="blank before colon"),
        pytest.param(LINE + "A: b\r\n folded\r\n\r\n", 400, id="folded header"),
        pytest.param(LINE + "A: b\x00c\r\n\r\n", 400, id="NUL in header"),
        pytest.param(LINE + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, id="two lengths"),
        pytest.param(LINE + "Content-Length: -1\r\n\r\n", 400, id="negative length"),
        pytest.param(LINE + "Content-Length: 1x\r\n\r\n", 400, id="length is no number"),
        pytest.param(
            LINE + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, id="smuggling"
        ),
        pytest.param(LINE + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, id="chunk size"),
        pytest.param(
            "CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\n\r\n", 501, id="CONNECT"
        ),
        pytest.param(f"GET /{'a' * 20_000} HTTP/1.1\r\nHost: x\r\n\r\n", 414, id="long target"),
        pytest.param(LINE + "A: " + "b" * 70_000 + "\r\n\r\n", 431, id="long header"),
        pytest.param(LINE + "A: " + "b" * 400_000, 431, id="header without end"),
        pytest.param(LINE + "".join(f"A{n}: b\r\n" for n in range(200)) + "\r\n", 431, id="many headers"),
        pytest.param(LINE + "Content-Type: b\r\n" * 200 + "\r\n", 431, id="one header many times"),
        pytest.param(
            LINE + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + "".join(f"A{n}: b\r\n" for n in range(200)),
            431,
            id="many trailers",
        ),
    ],
)
def test_refusals(
    stage: ServerHarness, caplog: pytest.LogCaptureFixture, sent: str | bytes, status: int
) -> None:
    client = stage.connect().send(sent)
    reply = client.reply()
    assert reply.status == status
    assert reply.headers["connection"] == "close"
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert b"Traceback" not in reply.body
    assert client.rest() == b""
    assert caplog.text == ""


def test_each_request_of_a_connection_needs_a_host(stage: ServerHarness) -> None:
    client = stage.connect().send(
        "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET /echo HTTP/1.1\r\n\r\n"
    )
    assert client.reply().status == 200
    assert client.reply().status == 400


@pytest.mark.parametrize("blocking", [False, True], ids=["on the loop", "on a thread"])
def test_the_service_hears_of_a_refusal_with_the_known_request(staging: Staging, blocking: bool) -> None:
    stage = staging(blocking=blocking)
    client = stage.connect().send(f"{LINE}Authorization: Basic eA==\r\nAccept: */*\r\nNo colon\r\n\r\n")
    assert client.reply().status == 400
    (arrival,) = stage.service.refused
    assert arrival.refusal is not None
    assert (arrival.request.method, arrival.request.path, arrival.refusal.check) == ("GET", "/echo", "http")
    assert arrival.request.headers == {"host": "x", "authorization": "Basic eA=="}


def test_the_first_bytes_of_what_is_not_http_are_kept_alone(
    stage: ServerHarness,
) -> None:
    client = stage.connect().request("/echo", "POST", b"abc")
    assert client.reply().status == 200
    assert client.send(b"\x16\x03\x01" + b"x" * 1000).reply().status == 400
    (arrival,) = stage.service.refused
    assert (arrival.request.method, arrival.request.path, arrival.request.headers) == ("", "", {})
    assert arrival.request.body == b"\x16\x03\x01" + b"x" * 61


def test_of_a_body_that_does_not_end_some_is_kept(staging: Staging) -> None:
    stage = staging(body_timeout=0.1, drain_timeout=0.1)
    client = stage.connect().send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n", b"x" * 80_000
    )
    assert client.reply().status == 408
    (arrival,) = stage.service.refused
    assert len(arrival.request.body) == 4096


def test_a_refusal_waits_for_the_answers_before_it(stage: ServerHarness) -> None:
    client = stage.connect().send("GET /delay/20 HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n")
    assert client.reply().body == b"after 20"
    assert client.reply().status == 400
    assert client.rest() == b""


@pytest.mark.parametrize("size", [1001, 1_000_000, 20_000_000])
@pytest.mark.parametrize(
    ("target", "shape"),
    [("/verify/", b"vendor shape"), ("/__admin/environ", b"larger than 1000 bytes")],
    ids=["vendor", "flask"],
)
def test_a_body_over_the_limit_is_answered_though_it_is_sent_whole(
    staging: Staging, target: str, shape: bytes, size: int
) -> None:
    client = staging(max_body=1000).connect()
    client.send(f"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n", b"x" * size)
    reply = client.reply()
    assert reply.status == 413
    assert shape in reply.body
    assert client.rest() == b""


def test_a_chunked_body_over_the_limit(staging: Staging) -> None:
    client = (
        staging(max_body=1000)
        .connect()
        .send("POST /verify/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    )
    for _ in range(200):
        client.send("1000\r\n", b"x" * 0x1000, "\r\n")
    client.send("0\r\n\r\n")
    reply = client.reply()
    assert (reply.status, reply.json()) == (413, {"error": "vendor shape", "path": "/verify/", "body": 0})
    assert client.rest() == b""


def test_a_body_at_the_limit_is_taken(staging: Staging) -> None:
    assert (
        len(staging(max_body=1000).connect().request("/echo", "POST", b"x" * 1000).reply().json()["body"])
        == 1000
    )


def test_a_client_that_asks_first_need_not_send_too_much(staging: Staging) -> None:
    client = staging(max_body=1000).connect()
    client.send("POST /verify/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n")
    assert client.reply().status == 413
    assert client.rest() == b""


def test_a_client_that_never_ends_its_refused_body_is_dropped(staging: Staging) -> None:
    client = staging(max_body=1000, drain_timeout=0.1).connect()
    client.send("POST /verify/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n")
    assert client.reply().status == 413
    with pytest.raises((ConnectionResetError, EOFError)):
        client.read_bytes(1)


def test_an_idle_connection_is_closed_in_good_order(staging: Staging) -> None:
    client = staging(idle_timeout=0.1).connect()
    assert client.request("/echo").reply().status == 200
    assert client.rest() == b""


@pytest.mark.parametrize(
    ("limit", "sent"),
    [
        pytest.param("head_timeout", "GET /echo HTTP/1.1\r\nHost: x\r\nA", id="header"),
        pytest.param(
            "body_timeout", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab", id="body"
        ),
    ],
)
def test_a_request_that_does_not_get_on_is_refused(staging: Staging, limit: str, sent: str) -> None:
    client = staging(**{limit: 0.1}, drain_timeout=0.1).connect().send(sent)
    assert client.reply().status == 408
    client.rest()


def test_a_header_that_drips_does_not_live_longer(staging: Staging) -> None:
    client = staging(head_timeout=0.1).connect().send(LINE)
    client.socket.settimeout(0.01)
    for _ in range(500):
        client.send("A: b\r\n")
        try:
            assert client.socket.recv(12) == b"HTTP/1.1 408"
            return
        except TimeoutError:
            continue
    raise AssertionError("still reading")


def test_time_limits_do_not_touch_an_answer_under_way(staging: Staging) -> None:
    stage = staging(head_timeout=0.05, body_timeout=0.05, idle_timeout=0.05)
    delayed, waiting = stage.connect().request("/delay/300"), stage.connect().request("/__admin/wait")
    assert delayed.reply().body == b"after 300"
    stage.app.gate.set()
    assert waiting.reply().body == b"done"


def test_a_reader_that_has_stopped_reading_is_dropped(staging: Staging) -> None:
    stage = staging(body_timeout=0.1)
    client = stage.connect().request("/big/50000000")
    client.read_until(b"\r\n\r\n")
    started = time.monotonic()
    while stage.server.server.connections and time.monotonic() - started < 5:
        time.sleep(0.01)
    assert not stage.server.server.connections


def test_callers_wait_while_no_more_files_may_be_open(
    staging: Staging, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Exhausted(socket.socket):
        refusals = 0

        def accept(self) -> tuple[socket.socket, Any]:
            if self.refusals < 3:
                self.refusals += 1
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    def exhausted(*where: Any) -> socket.socket:
        return Exhausted(fileno=bind(*where).detach())

    monkeypatch.setattr(front, "_ACCEPT_AGAIN", 0.001)
    monkeypatch.setattr(server, "bind", exhausted)
    assert staging().connect().request("/echo").reply().status == 200
    assert caplog.text.count("Too many open files") == 3


def test_a_thousand_idle_connections(stage: ServerHarness) -> None:
    crowd = [stage.connect() for _ in range(1000)]
    for client in crowd[::10]:
        client.request("/echo")
    assert {client.reply().status for client in crowd[::10]} == {200}
    assert stage.connect().request("/echo").reply().status == 200


TOKENS = st.sampled_from(
    [
        "GET /echo HTTP/1.1\r\n", "POST /echo HTTP/1.1\r\n", "HEAD / HTTP/1.0\r\n", "CONNECT x:1 HTTP/1.1\r\n", "http://[", "%", "?",
        "Host: x\r\n", "Content-Length: 3\r\n", "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Expect: 100-continue\r\n", "Upgrade: h2c\r\nConnection: upgrade\r\n",
        "Connection: close\r\n", "\r\n", "\r\n\r\n", "\n", "\r", "3\r\nabc\r\n", "0\r\n", "0\r\n\r\n", "ffffffffffffffffff\r\n",
        "abc", "\x00", "é", " ", ":",
    ]
)  # fmt: skip


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "split"])
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200), st.lists(TOKENS, max_size=14).map(lambda parts: "".join(parts).encode())
    )
)
@example(b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n")
@example(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n")
@example(
    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
)
def test_whatever_comes_is_answered_or_closed_without_a_traceback(
    fuzzed: ServerHarness, caplog: pytest.LogCaptureFixture, whole: bool, sent: bytes
) -> None:
    caplog.clear()
    with Client(fuzzed.address) as client:
        try:
            for part in [sent] if whole else [sent[:7], sent[7:40], sent[40:]]:
                client.send(part)
            client.socket.shutdown(socket.SHUT_WR)
            answer = client.rest()
        except (BrokenPipeError, ConnectionResetError, OSError):
            answer = b""
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
    assert b"Traceback" not in answer
    assert b" 500 " not in answer
    assert caplog.text == ""


@pytest.fixture
def fuzzed(stage: ServerHarness) -> ServerHarness:
    return stage


def test_bodies_beyond_what_may_be_in_flight_are_refused(staging: Staging) -> None:
    stage = staging(in_flight=300_000)
    head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n"
    first, second, small = stage.connect(), stage.connect(), stage.connect()
    first.send(head.format(200_000).encode() + b"a" * 150_000)
    while stage.server.server.in_flight < 150_000:
        assert small.request("/echo").reply().status == 200
    second.send(head.format(200_000).encode() + b"b" * 200_000)
    refused = second.reply()
    assert (refused.status, b"300000 bytes" in refused.body) == (503, True)
    assert refused.headers["retry-after"] == "1"
    small.send(head.format(1000).encode() + b"c" * 1000)
    assert small.reply().status == 200
    first.send(b"a" * 50_000)
    assert first.reply().status == 200
    while stage.server.server.in_flight:
        assert small.request("/echo").reply().status == 200


@pytest.mark.parametrize("end", ["closed", "complete", "too large", "malformed"])
def test_bytes_of_a_connection_that_ends_are_in_flight_no_more(staging: Staging, end: str) -> None:
    stage = staging(max_body=400_000)
    client = stage.connect()
    client.send(b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    client.send(b"30d40\r\n" + b"a" * 200_000 + b"\r\n")
    other = stage.connect()
    while stage.server.server.in_flight < 200_000:
        assert other.request("/echo").reply().status == 200
    rest = {"complete": b"0\r\n\r\n", "too large": b"30d41\r\n" + b"a" * 200_001, "malformed": b"zz\r\n"}
    if end == "closed":
        client.close()
    else:
        client.send(rest[end])
        assert client.reply().status == {"complete": 200, "too large": 413, "malformed": 400}[end]
        client.close()
    while stage.server.server.in_flight:
        assert other.request("/echo").reply().status == 200


def test_control_calls_beyond_the_queue_are_refused(staging: Staging) -> None:
    stage = staging(app_queue=0)
    refused = stage.connect().request("/__admin/environ").reply()
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert refused.headers["content-type"] == "application/problem+json"
    assert json.loads(refused.body)["detail"] == "too many control calls wait for their turn"
    assert "requests/wait" in json.loads(refused.body)["remedy"]
