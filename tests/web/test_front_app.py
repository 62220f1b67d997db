"""What goes to the WSGI application: environ, framing, streams, disconnects."""

from __future__ import annotations

import threading
import time

import pytest

from tests.web.conftest import ServerHarness


def test_the_environ(stage: ServerHarness) -> None:
    reply = (
        stage.connect()
        .request(
            "/__admin/environ/a%20b%C3%A4?x=1", "PUT", b"body", "Content-Type: text/x", "X-Some-Thing: v"
        )
        .reply()
    )
    environ = reply.json()
    expected = {
        "REQUEST_METHOD": "PUT", "SCRIPT_NAME": "", "PATH_INFO": "/__admin/environ/a bÃ¤", "QUERY_STRING": "x=1",
        "REQUEST_URI": "/__admin/environ/a%20b%C3%A4?x=1", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": str(stage.server.port),
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": "4", "CONTENT_TYPE": "text/x",
        "HTTP_HOST": "mock.test:1234", "HTTP_X_SOME_THING": "v", "wsgi.url_scheme": "http", "body": "body",
    }  # fmt: skip
    assert {name: environ.get(name) for name in expected} == expected


def test_the_application_is_made_once_and_only_when_needed(stage: ServerHarness) -> None:
    assert stage.connect().request("/echo").reply().status == 200
    assert stage.app.created == 0
    for _ in range(3):
        stage.connect().request("/__admin/environ").reply()
    assert stage.app.created == 1


@pytest.mark.parametrize(
    ("name", "version", "framing"),
    [
        ("pieces", "1.1", {"transfer-encoding": "chunked"}),
        ("measured", "1.1", {"content-length": "6", "date": "Thu, 01 Jan 1970 00:00:00 GMT"}),
        ("pieces", "1.0", {"connection": "close"}),
    ],
)
def test_answers_in_pieces(stage: ServerHarness, name: str, version: str, framing: dict[str, str]) -> None:
    client = stage.connect().send(f"GET /__admin/{name} HTTP/{version}\r\nHost: x\r\n\r\n")
    reply = client.reply()
    assert reply.body == b"onetwo"
    assert framing.items() <= reply.headers.items()
    if version == "1.1":
        assert client.request("/echo").reply().status == 200


def test_a_failing_application_says_nothing_of_itself(
    stage: ServerHarness, caplog: pytest.LogCaptureFixture
) -> None:
    client = stage.connect()
    reply = client.request("/__admin/boom").reply()
    assert (reply.status, reply.body) == (500, b"Internal Server Error\n")
    assert "this must not be sent" in caplog.text
    assert client.request("/echo").reply().status == 200


def test_an_answer_that_fails_half_way_does_not_look_complete(
    stage: ServerHarness, caplog: pytest.LogCaptureFixture
) -> None:
    client = stage.connect().request("/__admin/lateboom")
    assert client.head()[1]["transfer-encoding"] == "chunked"
    with pytest.raises((EOFError, ConnectionResetError)):
        list(client.chunks())
    assert "this must not be sent" in caplog.text


def test_a_stream_comes_piece_by_piece(stage: ServerHarness) -> None:
    client = stage.connect().request("/__admin/stream")
    client.head()
    chunks = client.chunks()
    assert next(chunks) == b"data: 0\n\n"
    stage.app.gate.set()
    assert [next(chunks) for _ in range(3)] == [b"data: 1\n\n", b"data: 2\n\n", b"data: 3\n\n"]


@pytest.mark.parametrize("name", ["stream", "flood"])
def test_a_stream_is_closed_when_its_client_goes(stage: ServerHarness, name: str) -> None:
    client = stage.connect().request(f"/__admin/{name}")
    client.head()
    next(client.chunks())
    assert not stage.app.closed.is_set()
    client.close()
    assert stage.app.closed.wait(5)


def test_a_slow_reader_holds_the_application_back(stage: ServerHarness) -> None:
    client = stage.connect().request("/__admin/flood")
    client.head()
    before = 0

    def has_stopped() -> bool:
        nonlocal before
        earlier, before = before, getattr(stage.app, "sent", 0)
        return 0 < earlier == before

    stage.wait_for(has_stopped, interval=0.1)
    assert before * 65536 < 32 * 2**20
    chunks = client.chunks()
    for _ in range(before + 20):
        next(chunks)
    assert stage.app.sent > before  # type: ignore[attr-defined]


def test_hundreds_of_waits_streams_and_delays_hold_nobody_up(
    stage: ServerHarness,
) -> None:
    waits = [stage.connect().request("/__admin/wait") for _ in range(100)]
    streams = [stage.connect().request("/__admin/stream") for _ in range(20)]
    for _ in range(500):
        stage.connect().request("/delay/5000")
    for _ in waits:
        assert stage.app.waiting.acquire(timeout=5)
    for client in streams:
        client.head()
    prompt = stage.connect()
    assert {prompt.request("/echo").reply().status for _ in range(300)} == {200}
    stage.app.gate.set()
    assert {client.reply().body for client in waits} == {b"done"}


def test_stopping_ends_streams_delays_waits_and_hangs(stage: ServerHarness) -> None:
    idle, half = stage.connect(), stage.connect().send("GET /ec")
    kept_alive = stage.connect().request("/echo")
    assert kept_alive.reply().status == 200
    stream = stage.connect().request("/__admin/stream")
    stream.head()
    wait = stage.connect().request("/__admin/wait")
    assert stage.app.waiting.acquire(timeout=5)
    delay, hang = stage.connect().request("/delay/60000"), stage.connect().request("/fault/hang")
    stage.wait_for(lambda: bool(stage.service.released))
    threading.Timer(0.05, stage.app.gate.set).start()
    stage.service.pending = ["one callback"]
    started = time.monotonic()
    stage.server.stop()
    assert (
        time.monotonic() - started < 3
    )  # it takes half a second at the most; the rest is for a busy machine
    assert stage.server.pending == ["one callback"]
    assert stage.service.stopped
    assert [client.rest() for client in (idle, half, kept_alive, hang)] == [b""] * 4
    assert list(stream.chunks())[-1:] in ([], [b"data: 0\n\n"])
    assert stage.app.closed.wait(5)
    for client, body in ((delay, b"after 60000"), (wait, b"done")):
        reply = client.reply()
        assert (reply.body, reply.headers["connection"]) == (body, "close")
    with pytest.raises(ConnectionRefusedError):
        stage.connect()


def test_stopping_does_not_wait_for_what_does_not_end(stage: ServerHarness) -> None:
    stuck = stage.connect().request("/__admin/wait")
    assert stage.app.waiting.acquire(timeout=5)
    started = time.monotonic()
    stage.server.stop()
    assert (
        time.monotonic() - started < 3
    )  # it takes half a second at the most; the rest is for a busy machine
    stage.app.gate.set()
    with pytest.raises((ConnectionResetError, EOFError)):
        stuck.head()
