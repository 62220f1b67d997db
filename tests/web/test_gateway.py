"""The WSGI adapter, over a service that does what the path says."""

from __future__ import annotations

import json
import socket
import threading
from io import BytesIO
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mock_server.web.gateway import HANG_LIMIT, Gateway
from mock_server.web.http import wire
from tests.web.echo import EchoService

LIMIT = 1000


class Behind:
    """Stands where Flask would."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.seen.append(environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"behind"]


class ServerHarness:
    """A gateway between an echo service and `Behind`, whose sleeps are noted instead of slept."""

    def __init__(self) -> None:
        self.service, self.behind, self.slept = EchoService(), Behind(), list[float]()
        self.service.gate.set()
        self.gateway = Gateway(self.service, self.behind, max_body=LIMIT, sleep=self.slept.append)

    def call(self, path: str, **options: Any) -> tuple[str, dict[str, str], bytes]:
        environ = EnvironBuilder(path=path, **options).get_environ()
        pieces, status, headers = run_wsgi_app(self.gateway, environ)
        try:
            return status, dict(headers), b"".join(pieces)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    def echoed(self, path: str, **options: Any) -> dict[str, Any]:
        return dict(json.loads(self.call(path, **options)[2]))


@pytest.fixture
def stage() -> ServerHarness:
    return ServerHarness()


@pytest.mark.parametrize("name", ["RAW_URI", "REQUEST_URI"])
def test_the_path_as_sent(stage: ServerHarness, name: str) -> None:
    environ = {"RAW_URI": "", "REQUEST_URI": "", name: "/cloudcheck/%76erify%2F?a=%20"}
    assert stage.echoed("/cloudcheck/verify/", environ_overrides=environ)["raw_path"] == "/%76erify%2F"


def test_a_request_arrives_as_it_was_sent(stage: ServerHarness) -> None:
    echo = stage.echoed(
        "/echo/a b",
        method="PUT",
        query_string="x=%2F&y=a+b",
        data=b"raw\xff",
        headers={"X-Some": "v"},
        content_type="text/x",
    )
    assert (
        echo["method"],
        echo["path"],
        echo["query"],
        echo["body"],
    ) == ("PUT", "/echo/a b", "x=%2F&y=a+b", "raw\xff")
    assert tuple(echo["headers"][name] for name in ("x-some", "content-type", "content-length", "host")) == (
        "v",
        "text/x",
        "4",
        "localhost",
    )
    assert echo["origin"] == "http://localhost"


@pytest.mark.parametrize(
    ("path", "mount", "below"),
    [
        ("/cloudcheck/echo/", "/cloudcheck", "/echo/"),
        ("/shuftipro", "/shuftipro", "/"),
        ("/cloudcheckecho", "", "/cloudcheckecho"),
    ],
)
def test_a_mount_is_stripped_and_told(stage: ServerHarness, path: str, mount: str, below: str) -> None:
    echo = stage.echoed(path)
    assert (echo["mount"], echo["path"], echo["origin"]) == (mount, below, f"http://localhost{mount}")


def test_undecodable_bytes_of_the_path_become_replacement_characters(stage: ServerHarness) -> None:
    environ = EnvironBuilder(path="/echo/").get_environ()
    environ["PATH_INFO"] = "/echo/\xff\xc3\xa9"
    pieces, _, _ = run_wsgi_app(stage.gateway, environ)
    assert json.loads(b"".join(pieces))["path"] == "/echo/\ufffdé"


def test_what_no_vendor_serves_goes_to_the_application(stage: ServerHarness) -> None:
    assert stage.call("/__admin/health")[2] == b"behind"
    assert stage.behind.seen[0]["PATH_INFO"] == "/__admin/health"


def test_an_answer_keeps_its_status_bytes_and_length(stage: ServerHarness) -> None:
    status, headers, body = stage.call("/status/402")
    assert (status.upper(), headers["Content-Length"], body) == ("402 PAYMENT REQUIRED", "4", b"body")
    assert stage.call("/status/299")[0] == "299 Unknown"


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body_have_none(stage: ServerHarness, status: int) -> None:
    _, headers, body = stage.call(f"/status/{status}")
    assert body == b""
    assert "Content-Length" not in headers


def test_head_has_the_length_and_no_body(stage: ServerHarness) -> None:
    _, headers, body = stage.call("/status/200", method="HEAD")
    assert (headers["Content-Length"], body) == ("4", b"")


def test_a_body_at_the_limit_is_taken_and_one_over_it_refused(stage: ServerHarness) -> None:
    assert len(stage.echoed("/echo", method="POST", data=b"x" * LIMIT)["body"]) == LIMIT
    status, _, body = stage.call("/echo", method="POST", data=b"x" * (LIMIT + 1))
    assert int(status.split()[0]) == 413
    assert json.loads(body) == {"error": "vendor shape", "path": "/echo", "body": 0}


@pytest.mark.parametrize(("size", "status"), [(LIMIT, 200), (LIMIT + 1, 413)])
def test_a_chunked_body_is_read_to_its_end(stage: ServerHarness, size: int, status: int) -> None:
    stream = BytesIO(b"x" * size)
    environ = EnvironBuilder(path="/echo", method="POST").get_environ()
    environ.pop("CONTENT_LENGTH", None)
    environ.update({"wsgi.input": stream, "wsgi.input_terminated": True})
    _, status_line, _ = run_wsgi_app(stage.gateway, environ)
    assert int(status_line.split()[0]) == status
    assert stream.read() == b""


def test_a_content_length_that_is_none_is_no_body(stage: ServerHarness) -> None:
    environ = EnvironBuilder(path="/echo", method="POST", data=b"abc").get_environ()
    environ["CONTENT_LENGTH"] = "three"
    pieces, _, _ = run_wsgi_app(stage.gateway, environ)
    assert json.loads(b"".join(pieces))["body"] == ""


def test_a_refused_body_is_read_no_further_than_it_is_long(stage: ServerHarness) -> None:
    stream = BytesIO(b"x" * (LIMIT + 1) + b"next request")
    environ = EnvironBuilder(path="/echo", method="POST").get_environ()
    environ.update({"wsgi.input": stream, "CONTENT_LENGTH": str(LIMIT + 1)})
    run_wsgi_app(stage.gateway, environ)
    assert stream.read() == b"next request"


def test_deliveries_go_when_the_answer_has_left(stage: ServerHarness) -> None:
    pieces = iter(
        stage.gateway(EnvironBuilder(path="/delay/250").get_environ(), lambda status, headers: None)
    )
    assert next(pieces) == b"after 250"
    assert (stage.slept, stage.service.released) == ([0.25], [])
    assert list(pieces) == []
    assert stage.service.released == [("default", "250")]


def test_deliveries_go_once_and_also_when_the_host_gives_up(stage: ServerHarness) -> None:
    answer = stage.gateway(EnvironBuilder(path="/delay/1").get_environ(), lambda status, headers: None)
    answer.close()  # type: ignore[attr-defined]
    answer.close()  # type: ignore[attr-defined]
    assert stage.service.released == [("default", "1")]


def test_what_must_precede_the_answer_does(stage: ServerHarness) -> None:
    assert stage.call("/first/d-1")[2] == b"then"
    assert stage.service.events == ["delivered d-1"]


@pytest.mark.parametrize(("fault", "slept"), [("reset", []), ("empty", []), ("hang", [HANG_LIMIT])])
def test_a_fault_without_an_answer_makes_the_host_close(
    stage: ServerHarness, fault: str, slept: list[float]
) -> None:
    with pytest.raises(ConnectionResetError, match=fault):
        stage.call(f"/fault/{fault}")
    assert (stage.slept, stage.service.released) == (slept, [("default", fault)])


@pytest.mark.parametrize(
    ("fault", "sent", "promised"),
    [("truncate", b"01234", 10), ("garbage", wire.GARBAGE, len(wire.GARBAGE) + 1)],
)
def test_a_fault_within_the_answer_breaks_it_off(
    stage: ServerHarness, fault: str, sent: bytes, promised: int
) -> None:
    starts: list[Any] = []
    pieces = iter(
        stage.gateway(
            EnvironBuilder(path=f"/fault/{fault}").get_environ(), lambda *start: starts.append(start)
        )
    )
    assert next(pieces) == sent
    assert str(promised) == dict(starts[0][1])["Content-Length"]
    with pytest.raises(ConnectionResetError):
        next(pieces)


@pytest.mark.parametrize(
    ("fault", "begins", "ends"),
    [
        ("empty", b"", b""),
        ("reset", b"", b""),
        ("truncate", b"HTTP/1.", b"\r\n\r\n01234"),
        ("garbage", b"HTTP/1.", wire.GARBAGE),
    ],
)
def test_what_a_client_of_a_wsgi_host_sees_of_a_fault(
    stage: ServerHarness, fault: str, begins: bytes, ends: bytes
) -> None:
    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
            """A host in a test is quiet."""

    host = make_server("127.0.0.1", 0, stage.gateway, request_handler=Quiet)
    thread = threading.Thread(target=host.handle_request)
    thread.start()
    with socket.create_connection(("127.0.0.1", host.port), timeout=10) as client:
        client.sendall(f"GET /fault/{fault} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        seen = b"".join(iter(lambda: client.recv(65536), b""))
    thread.join()
    host.server_close()
    assert (seen.startswith(begins), seen.endswith(ends)) == (True, True)
    assert bool(seen) == bool(begins)


def test_a_failure_is_an_answer_that_a_page_may_read(caplog: pytest.LogCaptureFixture) -> None:
    stage = ServerHarness()

    def fail(*_: object) -> Any:
        raise ZeroDivisionError("a bug")

    stage.service._fail = fail  # type: ignore[attr-defined]
    status, headers, body = stage.call("/fail/now", headers={"Origin": "http://localhost:5173"})
    assert status == "500 Internal Server Error"
    assert headers["Access-Control-Allow-Origin"] == "http://localhost:5173"
    assert b"a bug" not in body
    assert "GET /fail/now failed" in caplog.text
