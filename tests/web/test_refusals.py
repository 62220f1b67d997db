"""Each kind of refusal is journalled and explained, with its cause and remedy, on every surface."""

from __future__ import annotations

import json
import logging
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from mock_server.cli.main import FINE, run
from mock_server.client import Account, MockServer
from mock_server.core import config as configuration
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.http.wire import ConnectionLimits
from mock_server.web.service import Service
from tests import refusals
from tests.refusals import ALL, Refused, send
from tests.web.echo import Client, Reply
from tests.web.kit import SCENARIOS, Kit

EVERY = pytest.mark.parametrize("kind", ALL, ids=[kind.id for kind in ALL])


class Seen(NamedTuple):
    """A refusal, and where it can be seen."""

    reply: Reply
    account: Account

    @property
    def id(self) -> str:
        return self.reply.headers["x-mock-request-id"]


Refuse = Callable[[Refused], Seen]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("refusals")
    (directory / "some.yaml").write_text(SCENARIOS)
    return directory


@pytest.fixture(scope="module")
def live(folder: Path) -> Iterator[LiveServer]:
    with refusals.server(folder / "some.yaml") as running:
        yield running


@pytest.fixture(scope="module")
def client(live: LiveServer) -> Iterator[MockServer]:
    with MockServer(live.url) as server:
        yield server


@pytest.fixture(scope="module")
def log_lines() -> Iterator[list[str]]:
    """What the server logs."""
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, collector = logging.getLogger("mock_server"), Collector()
    level = logger.level
    logger.addHandler(collector)
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(collector)
    logger.setLevel(level)


@pytest.fixture(scope="module")
def refuse(live: LiveServer, client: MockServer, log_lines: list[str]) -> Refuse:
    """Sends what is refused, each kind once: too many strangers are not listed one by one."""
    seen: dict[str, Seen] = {}

    def refuse(kind: Refused) -> Seen:
        if kind.id not in seen:
            if kind.before is not None:
                send(live, kind.before())
            seen[kind.id] = Seen(send(live, kind.sent()), client.account(kind.account))
        return seen[kind.id]

    return refuse


def says(kind: Refused, text: str) -> bool:
    return kind.cause in text and kind.fix in text


@EVERY
def test_the_answer(kind: Refused, refuse: Refuse, live: LiveServer) -> None:
    seen = refuse(kind)
    account = "" if kind.account == "default" else f"?account={quote(kind.account)}"
    assert seen.reply.status == kind.status
    assert seen.reply.headers["link"].endswith(f'/__admin/ui/{account}#/requests/{seen.id}>; rel="help"')
    answer = seen.reply.headers["content-type"].partition(";")[0]
    assert (answer == "application/json") == kind.vendors_answer


@EVERY
def test_the_journal(kind: Refused, refuse: Refuse) -> None:
    seen = refuse(kind)
    (listed,) = [each for each in seen.account.requests.find() if each.id == seen.id]
    assert (listed.provider, listed.status, listed.error) == (kind.provider, kind.status, kind.error)
    assert seen.account.requests.get(seen.id).status == kind.status
    assert seen.id in [each.id for each in seen.account.requests.unmatched()]


@EVERY
def test_the_control_api(kind: Refused, refuse: Refuse) -> None:
    seen = refuse(kind)
    explained = seen.account.requests.explain(seen.id)
    assert (explained["answers"], explained["error"], explained["refusal"]["error"]) == (
        "refusal",
        kind.error,
        kind.error,
    )
    assert says(kind, explained["reason"]), explained["reason"]


@EVERY
def test_the_command_line(
    kind: Refused, refuse: Refuse, live: LiveServer, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = refuse(kind)
    assert run(["explain", seen.id, "--account", kind.account, "--url", live.url]) == FINE
    printed = capsys.readouterr().out
    assert says(kind, printed), printed


@pytest.mark.parametrize(
    "kind", [kind for kind in ALL if kind.in_file], ids=[kind.id for kind in ALL if kind.in_file]
)
def test_a_file(kind: Refused, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "request.http").write_bytes(kind.sent())
    options = ["--scenarios", str(folder / "some.yaml"), "--max-body", str(refusals.MAX_BODY)]
    assert run(["explain", str(tmp_path / "request.http"), *options]) == FINE
    printed = capsys.readouterr().out
    assert says(kind, printed), printed


@EVERY
def test_the_log(kind: Refused, refuse: Refuse, log_lines: list[str]) -> None:
    seen = refuse(kind)
    line = line_about(log_lines, seen.id)
    assert f"{seen.id} {kind.account}: " in line
    assert says(kind, line), line


def line_about(lines: list[str], request_id: str) -> str:
    """The log's line about the request, which a thread writes."""
    deadline = time.monotonic() + 5
    while not (matching := [line for line in lines if line.startswith(f"{request_id} ")]):
        assert time.monotonic() < deadline, f"no line about {request_id}"
        time.sleep(0.002)
    (line,) = matching
    return line


def test_plain_http_to_the_https_port(certificate: tuple[Path, Path], folder: Path) -> None:
    service = Service(configuration.build({"scenarios": [str(folder / "some.yaml")], "watch": False}))
    with LiveServer(
        service, lambda: create_app(service), certfile=certificate[0], keyfile=certificate[1]
    ) as live:
        reply = send(live, refusals.form("POST /verify/", {"key": "test-c"}))
        context = ssl.create_default_context(cafile=certificate[0])
        with MockServer(live.url, context=context) as server:
            explained = server.account("test-c").requests.explain(reply.headers["x-mock-request-id"])
    assert reply.status == 400
    assert explained["mistakes"] == [
        {
            "id": "tls",
            "explanation": "plain http was spoken to the https port",
            "fix": "use https:// in the client's base URL, or start the server without --tls-cert",
        }
    ]


def test_a_vendors_404_is_signed_where_the_client_is_known(live: LiveServer) -> None:
    known, unknown = (
        refusals.check({}, line="POST /statuss"),
        refusals.check({}, "nobody", line="POST /statuss"),
    )
    assert ["signature" in send(live, raw).headers for raw in (known, unknown)] == [True, False]


BUSY = [
    (refusals.check({"reference": "x" * 200_000}, "test-full"), "shuftipro", "500", True),
    (refusals.form("POST /verify/?key=test-full", {"data": "x" * 200_000}), "cloudcheck", "111", False),
]


@pytest.mark.parametrize(("raw", "vendor", "error", "is_signed"), BUSY, ids=[each[1] for each in BUSY])
def test_a_body_too_many_is_refused_in_the_vendors_shape(
    folder: Path, raw: bytes, vendor: str, error: str, is_signed: bool
) -> None:
    service = Service(configuration.build({"scenarios": [str(folder / "some.yaml")], "watch": False}))
    with (
        LiveServer(service, lambda: create_app(service), limits=ConnectionLimits(in_flight=300_000)) as live,
        Client(("127.0.0.1", live.port)) as first,
        MockServer(live.url) as server,
    ):
        first.send(b"POST /verify/ HTTP/1.1\r\nHost: x\r\nContent-Length: 250000\r\n\r\n" + b"a" * 200_000)
        deadline = time.monotonic() + 20
        while live.server.in_flight < 200_000:
            assert time.monotonic() < deadline
            server.account("test-full").requests.count()
        reply = send(live, raw)
        explained = server.account("test-full").requests.explain(reply.headers["x-mock-request-id"])
        (entry,) = [
            each
            for each in server.account("test-full").requests.find()
            if each.id == reply.headers["x-mock-request-id"]
        ]
    said = json.loads(reply.body)
    assert (said if vendor == "cloudcheck" else said["error"])[
        "message"
    ] == "Bodies of more than 300000 bytes are being received at once."
    assert reply.headers["retry-after"] == "1"
    assert ("signature" in reply.headers) == is_signed
    assert (entry.provider, entry.status, entry.error) == (vendor, 503, error)
    assert explained["mistakes"][0]["fix"] == "send fewer large requests at the same time, and this one again"


def test_strangers_do_not_fill_the_journal(live: LiveServer, client: MockServer) -> None:
    account = client.account("default")
    with Client(("127.0.0.1", live.port)) as first:
        first.request("/wp-login.php")
        first.reply()
    account.requests.clear()
    replies = [send(live, refusals.request(f"GET /wp-{number}")) for number in range(50)]
    ids = {reply.headers.get("x-mock-request-id") for reply in replies}
    recorded = [entry.id for entry in account.requests.find()]
    assert {reply.status for reply in replies} == {404}
    assert 1 <= len(recorded) <= 20
    assert set(recorded) <= ids
    explanations = [account.requests.explain(entry_id)["mistakes"][0]["explanation"] for entry_id in recorded]
    assert [text for text in explanations if text.endswith("further ones are not recorded for some seconds")]


def test_a_browser_at_the_root_is_led_to_the_dashboard(live: LiveServer, client: MockServer) -> None:
    client.account("default").requests.clear()
    with Client(("127.0.0.1", live.port)) as browser:
        reply = browser.request(
            "/", "GET", b"", "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
        ).reply()
        assert (reply.status, reply.headers["location"]) == (302, "/__admin/ui/")
        assert browser.request("/favicon.ico").reply().status == 404
        assert json.loads(browser.request("/").reply().body)["event"] == "request.invalid"
    assert [entry.path for entry in client.account("default").requests.find()] == ["/"]


def test_any_wsgi_host_refuses_alike(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    for path, provider, answer in (
        ("/verfy/", "cloudcheck", b"This resource does not exist."),
        ("/wp-login.php", "", b"no vendor has a path"),
    ):
        response = kit.http.post(path)
        assert (response.status_code, answer in response.data) == (404, True)
        entry = kit.newest("default")
        assert (entry["id"], entry["provider"]) == (response.headers["X-Mock-Request-Id"], provider)
    for path in ("/", "/cloudcheck/", "/shuftipro/"):
        response = kit.http.get(path, headers={"Accept": "text/html"})
        assert (response.status_code, response.headers["Location"]) == (302, "/__admin/ui/")
