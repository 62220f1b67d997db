"""The front over real sockets: ordinary requests, framing, order, delays."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from mock_server.core.http import Arrival, Response
from tests.web.conftest import ServerHarness, Staging


def test_a_request_arrives_as_it_was_sent(stage: ServerHarness) -> None:
    reply = (
        stage.connect()
        .request(
            "/echo/a%20b%C3%A4?x=1&y=%20",
            "POST",
            b"k=v",
            "X-Twice: one",
            "X-TWICE: two",
            "Cookie: a=1",
            "Cookie: b=2",
        )
        .reply()
    )
    echo = reply.json()
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["date"].endswith(" GMT")
    assert (echo["method"], echo["path"], echo["query"], echo["body"]) == (
        "POST",
        "/echo/a bä",
        "x=1&y=%20",
        "k=v",
    )
    assert echo["headers"] == {
        "host": "mock.test:1234",
        "x-twice": "one, two",
        "cookie": "a=1; b=2",
        "content-length": "3",
    }
    assert (echo["peer"], echo["origin"], echo["mount"]) == ("127.0.0.1", "http://mock.test:1234", "")


@pytest.mark.parametrize(
    ("target", "path", "mount"),
    [
        pytest.param("/cloudcheck/echo", "/echo", "/cloudcheck", id="mounted"),
        pytest.param("/shuftipro", "/", "/shuftipro", id="mount alone"),
        pytest.param("/cloudchecker/echo", "/cloudchecker/echo", "", id="not a mount"),
        pytest.param("http://other.test/echo?q", "/echo", "", id="absolute form"),
        pytest.param("/%FF", "/�", "", id="no UTF-8"),
        pytest.param("*", "*", "", id="asterisk"),
    ],
)
def test_targets(stage: ServerHarness, target: str, path: str, mount: str) -> None:
    echo = stage.connect().request(target).reply().json()
    assert (echo["path"], echo["mount"]) == (path, mount)
    assert echo["origin"] == "http://mock.test:1234" + mount


def test_each_request_of_a_connection_has_its_own_target_and_host(stage: ServerHarness) -> None:
    client = stage.connect()
    for host, target in (
        ("a.test", "/echo/1"),
        ("a.test", "/echo/2"),
        ("b.test", "/echo/2"),
        ("b.test", "/shuftipro/echo"),
    ):
        echo = client.send(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").reply().json()
        assert echo["origin"] + echo["path"] == f"http://{host}{target}"


RAW_PATHS = [
    pytest.param("/verify/", "", id="nothing to decode"),
    pytest.param("/%76erify%2F?a=%20", "/%76erify%2F", id="encoded"),
    pytest.param("/shuftipro/a%20b", "/a%20b", id="below a mount"),
    pytest.param("http://mock.test:1234/a%20b", "/a%20b", id="absolute form"),
]


@pytest.mark.parametrize(("target", "raw_path"), RAW_PATHS)
def test_the_path_as_sent(stage: ServerHarness, target: str, raw_path: str) -> None:
    client = stage.connect()
    assert [client.request(target).reply().json()["raw_path"] for _ in range(3)] == [raw_path] * 3


@pytest.mark.parametrize("host", ["", "a&b", "[fe80::1%eth0]"])
def test_an_unusual_host_is_not_handed_out(stage: ServerHarness, host: str) -> None:
    echo = stage.connect().send(f"GET /echo HTTP/1.0\r\nHost: {host}\r\n\r\n").reply().json()
    assert echo["origin"] == f"http://127.0.0.1:{stage.server.port}"


SINGLE_FIELDS = [
    pytest.param("Content-Type", "text/a", "text/b", "text/a", id="content type"),
    pytest.param("Authorization", "Basic YQ==", "Bearer b", "Basic YQ==", id="authorization"),
    pytest.param("User-Agent", "a", "b", "a", id="user agent"),
    pytest.param("X-Api-Key", "a", "b", "a", id="API key"),
    pytest.param("Accept", "text/a", "text/b", "text/a, text/b", id="a list"),
    pytest.param("Cookie", "a=1", "b=2", "a=1; b=2", id="cookie"),
]


@pytest.mark.parametrize(("name", "first", "second", "expected"), SINGLE_FIELDS)
@pytest.mark.parametrize("again", [str.upper, str.lower], ids=["upper case", "lower case"])
def test_of_a_field_with_one_value_the_first_counts(
    stage: ServerHarness, name: str, first: str, second: str, expected: str, again: Callable[[str], str]
) -> None:
    echo = (
        stage.connect()
        .request("/echo", "GET", b"", f"{name}: {first}", f"{again(name)}: {second}")
        .reply()
        .json()
    )
    assert echo["headers"][name.lower()] == expected
    assert echo["ignored_headers"] == ([[name.lower(), second]] if expected == first else [])


def test_chunked_body_with_trailers(stage: ServerHarness) -> None:
    client = stage.connect()
    client.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "3;ext=1\r\nabc\r\n",
        "2\r\nde\r\n0\r\nTrailer: t\r\n\r\n",
    )
    echo = client.reply().json()
    assert echo["body"] == "abcde"
    assert "trailer" not in echo["headers"]
    assert client.request("/echo").reply().status == 200


def test_a_request_may_come_byte_by_byte(stage: ServerHarness) -> None:
    client = stage.connect()
    client.socket.setsockopt(6, 1, 1)  # TCP_NODELAY
    for byte in b"POST /echo HTTP/1.1\r\nHost: x\r\nEmpty:\r\nContent-Length: 3\r\n\r\nabc":
        client.send(bytes([byte]))
    echo = client.reply().json()
    assert echo["body"] == "abc"
    assert echo["headers"]["empty"] == ""


def test_pipelined_answers_come_in_order(stage: ServerHarness) -> None:
    client = stage.connect()
    targets = [
        "/echo/0",
        "/delay/30",
        "/echo/1",
        "/delay/1",
        "/__admin/pieces",
        "/echo/2",
        "/__admin/nothing",
        "/echo/3",
    ]
    client.send(*(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n" for target in targets))
    bodies = [client.reply().body for _ in targets]
    assert [body[:5] if body.startswith((b"after", b"one")) else body[36:60] for body in bodies if body]
    assert bodies[1] == b"after 30"
    assert bodies[3] == b"after 1"
    assert bodies[4] == b"onetwo"
    assert bodies[6] == b""
    assert [b'"path": "/echo/%d"' % number in bodies[place] for number, place in enumerate((0, 2, 5, 7))] == [
        True
    ] * 4


def test_a_deep_pipeline_behind_a_delay_is_answered_whole(staging: Staging) -> None:
    stage = staging(pipeline=4)
    client = stage.connect()
    client.send(
        "GET /delay/50 HTTP/1.1\r\nHost: x\r\n\r\n",
        *(f"GET /echo/{n} HTTP/1.1\r\nHost: x\r\n\r\n" for n in range(500)),
    )
    assert client.reply().body == b"after 50"
    assert [client.reply().json()["path"] for _ in range(500)] == [f"/echo/{n}" for n in range(500)]


def test_input_behind_a_full_queue_stays_in_the_kernel(staging: Staging) -> None:
    client = staging(pipeline=4).connect().request("/__admin/wait")
    client.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.send(
            (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + bytes(1_000_000)) * 40
        )


def test_a_client_that_does_not_read_is_not_read_from(staging: Staging) -> None:
    stage = staging()
    client = stage.connect()
    client.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.send("GET /big/100000 HTTP/1.1\r\nHost: x\r\n\r\n" * 200_000)
    assert stage.connect().request("/echo").reply().status == 200


def test_expect_continue(stage: ServerHarness) -> None:
    client = stage.connect()
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert client.head() == (100, {})
    assert client.send("ok").reply().json()["body"] == "ok"


def test_expect_continue_behind_a_delayed_answer(stage: ServerHarness) -> None:
    client = stage.connect().request("/delay/20")
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert client.reply().body == b"after 20"
    assert client.head() == (100, {})
    assert client.send("ok").reply().json()["body"] == "ok"


def test_head_has_the_length_and_no_body(stage: ServerHarness) -> None:
    client = stage.connect()
    reply = client.request("/big/1234", "HEAD").reply(head_only=True)
    assert reply.headers["content-length"] == "1234"
    flask = client.request("/__admin/environ", "HEAD").reply(head_only=True)
    assert int(flask.headers["content-length"]) > 100
    assert client.request("/echo").reply().status == 200


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body(stage: ServerHarness, status: int) -> None:
    client = stage.connect()
    reply = client.request(f"/status/{status}").reply()
    assert reply.status == status
    assert "content-length" not in reply.headers
    assert client.request("/echo").reply().status == 200


def test_an_unheard_of_status(stage: ServerHarness) -> None:
    assert stage.connect().request("/status/799").reply()[::2] == (799, b"body")


@pytest.mark.parametrize(
    ("version", "field", "stays_open", "header"),
    [
        pytest.param("1.1", "", True, None, id="1.1"),
        pytest.param("1.1", "Connection: keep-alive\r\n", True, None, id="1.1 keep-alive"),
        pytest.param("1.1", "Connection: close\r\n", False, "close", id="1.1 close"),
        pytest.param("1.0", "", False, "close", id="1.0"),
        pytest.param("1.0", "Connection: keep-alive\r\n", True, "keep-alive", id="1.0 keep-alive"),
    ],
)
@pytest.mark.parametrize("target", ["/echo", "/__admin/environ"])
def test_keeping_the_connection(
    stage: ServerHarness, target: str, version: str, field: str, stays_open: bool, header: str | None
) -> None:
    client = stage.connect().send(f"GET {target} HTTP/{version}\r\nHost: x\r\n{field}\r\n")
    reply = client.reply()
    assert reply.headers.get("connection") == header
    if stays_open:
        assert client.request("/echo").reply().status == 200
    else:
        assert client.rest() == b""


def test_input_after_the_last_request_is_ignored(stage: ServerHarness) -> None:
    client = stage.connect().send(
        "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    assert client.reply().status == 200
    assert client.rest() == b""


def test_a_client_that_has_closed_its_side_still_gets_its_answers(stage: ServerHarness) -> None:
    client = stage.connect().send(
        "GET /delay/20 HTTP/1.1\r\nHost: x\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    client.socket.shutdown(1)
    assert client.reply().body == b"after 20"
    assert client.reply().status == 200
    assert client.rest() == b""


@pytest.mark.parametrize("body", [b"", b"abc"])
@pytest.mark.parametrize(
    "offer",
    [
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAA",
        "Connection: upgrade\r\nUpgrade: websocket",
    ],
)
def test_an_offered_upgrade_is_declined(stage: ServerHarness, offer: str, body: bytes) -> None:
    client = stage.connect()
    for _ in range(2):
        client.send(
            f"POST /echo HTTP/1.1\r\nHost: x\r\n{offer}\r\nContent-Length: {len(body)}\r\n\r\n",
            body,
            "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n",
        )
        assert client.reply().json()["body"] == body.decode()
        assert client.reply().json()["method"] == "GET"


def test_a_declined_upgrade_is_still_shown(stage: ServerHarness) -> None:
    fields = ("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAA")
    for method, body in (("GET", b""), ("POST", b"abc")):
        headers = stage.connect().request("/echo", method, body, *fields).reply().json()["headers"]
        assert [headers[name] for name in ("upgrade", "connection", "http2-settings")] == [
            "h2c",
            "Upgrade, HTTP2-Settings",
            "AAA",
        ]


def test_a_field_that_came_twice_with_an_offered_upgrade(stage: ServerHarness) -> None:
    fields = ("Upgrade: h2c", "Connection: Upgrade", "Content-Type: a/b", "Content-Type: c/d")
    echo = stage.connect().request("/echo", "POST", b"abc", *fields).reply().json()
    assert (echo["headers"]["content-type"], echo["ignored_headers"]) == ("a/b", [["content-type", "c/d"]])


def test_a_declined_upgrade_keeps_the_wish_to_close(stage: ServerHarness) -> None:
    client = stage.connect().send(
        "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: upgrade, close\r\n\r\n"
    )
    assert client.reply().headers["connection"] == "close"
    assert client.rest() == b""


def test_a_delay_is_as_long_as_it_says_and_holds_nobody_up(stage: ServerHarness) -> None:
    slow = [stage.connect() for _ in range(50)]
    started = time.perf_counter()
    for client in slow:
        client.request("/delay/1000")
    assert stage.connect().request("/echo").reply().status == 200
    assert select.select([client.socket for client in slow], [], [], 0)[0] == []
    assert {client.reply().body for client in slow} == {b"after 1000"}
    assert time.perf_counter() - started > 0.99


def test_deliveries_are_released_once_the_answer_has_left(stage: ServerHarness) -> None:
    assert stage.connect().request("/delay/5").reply().status == 200
    stage.connect().request("/echo").reply()
    assert stage.service.released == [("default", "5")]


def test_deliveries_are_released_although_the_client_has_gone(stage: ServerHarness) -> None:
    client = stage.connect().request("/first/abc").request("/delay/60000")
    stage.service.gate.set()
    assert client.reply().body == b"then"
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    stage.wait_for(lambda: bool(stage.service.released))
    assert stage.service.released == [("default", "60000")]


def test_an_answer_waits_for_deliveries_that_come_first(stage: ServerHarness) -> None:
    client = stage.connect().request("/first/abc")
    assert stage.connect().request("/echo").reply().status == 200
    assert stage.service.events == []
    stage.service.gate.set()
    assert client.reply().body == b"then"
    assert stage.service.events == ["delivered abc"]


def test_a_failing_service_says_nothing_of_itself(
    stage: ServerHarness, caplog: pytest.LogCaptureFixture
) -> None:
    client = stage.connect()
    reply = client.request("/boom").reply()
    assert (reply.status, reply.body) == (500, b"Internal Server Error\n")
    assert "this must not be sent" in caplog.text
    assert client.request("/echo").reply().status == 200


def test_header_values_cannot_break_out(stage: ServerHarness) -> None:
    reply = stage.connect().request("/header/a%0D%0AX-Evil:%201%0D%0A%0D%0Abody").reply()
    assert reply.headers["x-odd"] == "a X-Evil: 1 body"
    assert "x-evil" not in reply.headers


def test_header_values_beyond_latin_1_are_utf_8(stage: ServerHarness) -> None:
    assert (
        stage.connect().request("/header/%E2%82%AC").reply().headers["x-odd"].encode("latin-1").decode()
        == "€"
    )


def test_a_blocking_service_answers_on_threads_and_stalls_nobody(staging: Staging) -> None:
    stage = staging(blocking=True)
    stuck = [stage.connect().request("/gated") for _ in range(4)]
    echo = stage.connect().request("/echo").reply().json()
    assert echo["thread"] == "mock-server-store"
    stage.service.gate.set()
    assert {client.reply().body for client in stuck} == {b"gate open"}


def test_a_service_that_does_not_block_answers_on_the_loop(stage: ServerHarness) -> None:
    assert stage.connect().request("/echo").reply().json()["thread"] == "mock-server"


def test_pipelined_requests_of_a_blocking_service_keep_their_order(staging: Staging) -> None:
    client = staging(blocking=True).connect()
    client.send(*(f"GET /echo/{n} HTTP/1.1\r\nHost: x\r\n\r\n" for n in range(40)))
    assert [client.reply().json()["path"] for _ in range(40)] == [f"/echo/{n}" for n in range(40)]


def test_all_who_wait_are_taken_before_the_first_is_answered(
    stage: ServerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    present: list[int] = []
    busy = threading.Event()
    handle = stage.service.handle

    def counting(arrival: Arrival) -> Response:
        present.append(len(stage.server.server.connections))
        busy.set()
        return handle(arrival)

    monkeypatch.setattr(stage.service, "handle", counting)
    first = stage.connect().request("/gated")  # holds the loop up
    assert busy.wait(5)
    others = [stage.connect().request("/echo") for _ in range(50)]
    stage.service.gate.set()
    assert first.reply().body == b"gate open"
    assert {client.reply().status for client in others} == {200}
    assert present == [1, *[51] * 50]


def test_what_one_turn_of_the_loop_brings_is_answered_together(
    stage: ServerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    together: list[int] = []
    busy = threading.Event()
    handle_all = stage.service.handle_all

    def counting(arrivals: Sequence[Arrival]) -> list[Response | Exception]:
        together.append(len(arrivals))
        busy.set()
        return handle_all(arrivals)

    clients = [stage.connect() for _ in range(40)]
    assert {client.request("/echo").reply().status for client in clients} == {200}
    monkeypatch.setattr(stage.service, "handle_all", counting)
    first = stage.connect().request("/gated")  # holds the loop up
    assert busy.wait(5)
    for number, client in enumerate(clients):
        client.request("/boom" if number % 5 == 0 else f"/echo/{number}")
    stage.service.gate.set()
    assert first.reply().body == b"gate open"
    replies = [client.reply() for client in clients]
    assert [reply.status for reply in replies] == [500 if number % 5 == 0 else 200 for number in range(40)]
    assert [reply.json()["path"] for reply in replies if reply.status == 200] == [
        f"/echo/{number}" for number in range(40) if number % 5
    ]
    assert together == [1, 32, 8]


def test_a_client_that_leaves_before_its_turn_ends_disturbs_nobody(stage: ServerHarness) -> None:
    first = stage.connect().request("/gated")
    other, leaving = stage.connect(), stage.connect()
    other.request("/echo")
    leaving.request("/delay/0").close()
    stage.service.gate.set()
    assert first.reply().status == 200
    assert other.reply().status == 200
    assert stage.connect().request("/echo").reply().status == 200
    assert stage.service.released == [("default", "0")]


def test_many_clients_at_once(stage: ServerHarness) -> None:
    paths: list[str] = []

    def ask(number: int) -> None:
        client = stage.connect()
        for turn in range(20):
            echo = client.request(f"/echo/{number}/{turn}", "POST", b"x" * number).reply().json()
            assert len(echo["body"]) == number
            paths.append(echo["path"])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(paths) == sorted(f"/echo/{number}/{turn}" for number in range(1, 17) for turn in range(20))
