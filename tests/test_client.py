"""The Python client, against a server that listens."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import BadStatusLine, HTTPConnection, IncompleteRead, RemoteDisconnected
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from mock_server.client import Account, ApiError, MockServer, Receiver, UnreachableError, WaitTimeoutError
from mock_server.core import config as configuration
from mock_server.core.exceptions import ConfigError, MockServerError
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.web.kit import CHECK, SCENARIOS


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "some.yaml").write_text(SCENARIOS)
    service = Service(
        configuration.build({"scenarios": [str(folder)], "watch": False, "admin_token": "t0ken"})
    )
    with LiveServer(service, lambda: create_app(service)) as live, MockServer(live.url, "t0ken") as client:
        yield client


@pytest.fixture
def account(server: MockServer) -> Account:
    return server.account()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def check(account: Account, **more: Any) -> Any:
    """A Shufti Pro request, as the application under test would send it."""
    credentials = base64.b64encode(":".join(account.shuftipro).encode()).decode()
    with closing(HTTPConnection(account.url.removeprefix("http://"), timeout=10)) as connection:
        connection.request(
            "POST", "/", json.dumps({**CHECK, **more}), {"Authorization": f"Basic {credentials}"}
        )
        return json.loads(connection.getresponse().read())


def pending(account: Account, receiver: Receiver) -> None:
    more = {"document": {"supported_types": ["passport"]}, "redirect_url": "http://localhost/"}
    check(account, background_checks=None, callback_url=receiver.url, **more)


def tried(account: Account, reference: str) -> None:
    """Return when an attempt at the reference's callback has been recorded."""
    deadline = time.monotonic() + 10
    while not account.callbacks.find(reference=reference)[0].attempts:
        assert time.monotonic() < deadline


def test_a_fresh_account_is_alone_and_has_its_credentials(server: MockServer) -> None:
    one, two = server.account(), server.account()
    assert one.name != two.name
    assert (one.name, f"{one.name}-secret") == tuple(one.cloudcheck) == tuple(one.shuftipro)
    assert server.account("default").shuftipro.client_id == "mock-client"
    check(one)
    assert (one.requests.count(), two.requests.count()) == (1, 0)
    with pytest.raises(LookupError, match="config file"):
        _ = server.account("acme").cloudcheck


def test_credentials_are_the_vendors_own_words(server: MockServer) -> None:
    account = server.account("test-Ōtepoti + 1")
    assert account.provider("cloudcheck") == ("test-Ōtepoti + 1", "test-Ōtepoti + 1-secret")
    assert account.provider("shuftipro").secret_key == account.shuftipro[1]
    assert "secret_key='test-Ōtepoti + 1-secret'" in repr(account.shuftipro)
    with pytest.raises(AttributeError, match="no credential 'key'; use client_id or secret_key"):
        _ = account.shuftipro.key
    with pytest.raises(AttributeError, match="has no attribute 'onfido'"):
        _ = account.onfido
    with pytest.raises(LookupError, match="'onfido' is not installed; use cloudcheck, shuftipro"):
        account.provider("onfido")


def test_the_server_as_a_whole(server: MockServer) -> None:
    assert 2 == server.ready()["scenarios"] == server.wait_until_ready("5s")["scenarios"]
    assert server.version()["version"] == "1.0.0"
    account = server.account()
    account.configure(shuftipro={"signature": "legacy"})
    (listed,) = [one for one in server.accounts() if one["name"] == account.name]
    assert listed["shuftipro"]["signature"] == "legacy"


def test_the_journal(account: Account) -> None:
    check(account)
    (entry,) = account.requests.find(operation="verification")
    assert (
        entry.provider,
        entry.reference,
        entry.status,
        entry.outcome,
    ) == ("shuftipro", "check-1", 200, "accepted")
    assert (entry.request.json["country"], entry.response.json["event"]) == ("NZ", "verification.accepted")
    assert entry == account.requests.wait(reference="check-1")
    assert entry.id == account.requests.get(entry.id).id
    assert account.requests.explain(entry.id)["answers"] == "built-in"
    assert account.requests.find(provider="cloudcheck") == []
    account.requests.clear()
    assert account.requests.count() == 0


def test_callbacks_are_waited_for_sent_again_cancelled_and_flushed(
    account: Account, receiver: Receiver
) -> None:
    receiver.answer(200, 200, 500)
    check(account, callback_url=receiver.url)
    callback = account.callbacks.wait(event="verification.accepted", outcome="delivered")
    assert (callback.reference, [attempt.status for attempt in callback.attempts]) == ("check-1", [200])
    assert callback.request.json == receiver.wait()[0].json
    assert callback == account.callbacks.get(callback.id)
    again = account.callbacks.resend(callback.id)
    assert {callback.id, again.id} == {one.id for one in account.callbacks.wait_all(2, outcome="delivered")}
    check(account, reference="check-2", callback_url=receiver.url)
    tried(account, "check-2")
    assert [one.state for one in account.callbacks.flush()] == ["delivered"]
    receiver.answer(500)
    check(account, reference="check-3", callback_url=receiver.url)
    tried(account, "check-3")
    assert account.callbacks.cancel(account.callbacks.find(reference="check-3")[0].id).state == "cancelled"


def test_waiting_in_vain_raises_and_says_what_did_happen(account: Account) -> None:
    check(account)
    with pytest.raises(WaitTimeoutError, match=r"0 of 1 such requests.*\n.*check-1") as caught:
        account.requests.wait(timeout="1ms", reference="other")
    assert isinstance(caught.value, TimeoutError)
    assert str(caught.value).startswith("0 of 1 such requests within 0.001 s; 1 requests in all\n  POST / ")
    with pytest.raises(TimeoutError) as timeout:
        account.callbacks.wait(timeout=0.001, event="verification.declined", reference="check-2")
    message = "0 of 1 such callbacks within 0.001 s; none with event 'verification.declined' and reference 'check-2', "
    assert str(timeout.value).startswith(message)


def test_waiting_for_several_has_a_call_of_its_own(account: Account) -> None:
    several: dict[str, Any] = {"count": 2}
    with pytest.raises(TypeError, match=r"for several write `wait_all\(2, …\)`"):
        account.requests.wait(**several)
    with pytest.raises(TypeError, match=r"for several write `wait_all\(2, …\)`"):
        account.callbacks.wait(**several)


def test_deciding_firing_and_reading_back(account: Account, receiver: Receiver) -> None:
    pending(account, receiver)
    assert account.verifications.get("check-1").status == "request.pending"
    decided = account.decide("check-1", "declined", decline={"document": ["SPDR03"]})
    assert (
        decided.verification.status,
        [one.event for one in decided.callbacks],
    ) == ("verification.declined", ["verification.declined"])
    (fired,) = account.fire("verification.accepted", "check-1", url=receiver.url)
    assert receiver.url == fired.request.url
    (verification,) = account.verifications.find(kind="verification")
    assert verification.key == "check-1"
    met = {row["word"] for row in account.coverage()["coverage"] if row["count"]}
    assert {"verification", "request.pending", "verification.declined", "SPDR03"} <= met


def test_scenarios_are_added_pinned_and_listed(account: Account) -> None:
    scenario = {"name": "mine", "match": {"operation": "verification"}, "respond": {"outcome": "declined"}}
    assert [one.name for one in account.scenarios.add(scenario, provider="shuftipro")] == ["mine"]
    check(account)
    (mine,) = account.scenarios.find(provider="shuftipro")
    assert (mine.name, mine.inline, mine.answered, mine.pinned) == ("mine", True, 1, False)
    account.pin("mine")
    assert account.scenarios.find(provider="shuftipro")[0].pinned
    account.unpin()
    with pytest.raises(ApiError, match="did you mean mine"):
        account.pin("mien")
    with pytest.raises(ApiError, match=r"outcom.*\n"):
        account.scenarios.add({"name": "x", "respond": {"outcom": "declined"}}, provider="shuftipro")
    account.reset()
    assert account.scenarios.find(provider="shuftipro") == []


def test_the_clock(account: Account, receiver: Receiver) -> None:
    assert account.clock.freeze("2026-01-01T00:00:00Z").now == "2026-01-01T00:00:00.000Z"
    receiver.answer(500)
    check(account, callback_url=receiver.url)
    receiver.wait()
    moved = account.clock.advance("1h")
    assert (moved.now, [one.state for one in moved.callbacks]) == ("2026-01-01T01:00:00.000Z", ["delivered"])
    assert account.clock.set("2027-01-01T00:00:00Z").now.startswith("2027-01-01T00:00:0")
    assert (account.clock.offset("-5m").offset, account.clock.now().frozen) == (-300.0, False)
    assert account.clock.reset().offset == 0


def test_a_reference_may_hold_anything(account: Account) -> None:
    with pytest.raises(ApiError, match="no verification 'a/b %'"):
        account.verifications.get("a/b %")


def test_every_account_is_reset_at_once(server: MockServer) -> None:
    account = server.account()
    check(account)
    server.reset_all()
    assert account.requests.count() == 0


def test_errors_carry_status_and_document(server: MockServer) -> None:
    with pytest.raises(ApiError) as caught:
        server.call("GET", "requests", {"limit": 0})
    assert (caught.value.status, caught.value.document["status"]) == (400, 400)
    assert isinstance(caught.value, MockServerError)
    with MockServer(server.url, "wrong") as other, pytest.raises(ApiError, match="Authorization: Bearer"):
        other.version()


def test_no_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with MockServer("http://127.0.0.1:9") as client:
        with pytest.raises(UnreachableError, match="is the mock server running"):
            client.version()
        with pytest.raises(UnreachableError):
            client.wait_until_ready("1ms")
    with pytest.raises(ValueError, match="not an http address"):
        MockServer("ftp://x")
    monkeypatch.setenv("MOCK_SERVER_URL", "http://mock:1234/prefix/")
    assert MockServer().url == "http://mock:1234/prefix"
    monkeypatch.delenv("MOCK_SERVER_URL")
    assert (MockServer().url, MockServer("mock:1").url) == ("http://127.0.0.1:8484", "http://mock:1")


def test_a_server_that_never_answers_is_given_up() -> None:
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as silent,
        MockServer(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.05) as client,
        pytest.raises(UnreachableError, match="did not answer"),
    ):
        client.version()


def test_something_else_that_answers_is_told_apart() -> None:
    class Html(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Html) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        with (
            MockServer(f"http://127.0.0.1:{other.server_port}") as client,
            pytest.raises(UnreachableError, match="not a mock server"),
        ):
            client.version()
        thread.join()


def test_a_connection_that_was_closed_meanwhile_is_opened_again(tmp_path: Path) -> None:
    service = Service(configuration.build({"scenarios": [str(tmp_path)], "watch": False}))
    with LiveServer(service, lambda: create_app(service)) as first:
        client = MockServer(first.url)
        client.version()
        port = first.port
    service = Service(configuration.build({"scenarios": [str(tmp_path)], "watch": False}))
    with LiveServer(service, lambda: create_app(service), port=port):
        assert client.version()["version"] == "1.0.0"
        client.close()
        assert client.version()["version"] == "1.0.0"
        client.close()


def test_every_thread_has_its_own_connection(server: MockServer) -> None:
    versions: list[Any] = []
    threads = [
        threading.Thread(target=lambda: versions.append(server.version()["version"])) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert versions == ["1.0.0"] * 8


def test_the_receiver_records_answers_and_waits(receiver: Receiver) -> None:
    receiver.answer(503, body=b"later", headers={"Retry-After": "1"})
    with closing(HTTPConnection(receiver.url.split("/")[2], timeout=10)) as connection:
        answers = []
        for method in ("POST", "GET"):
            connection.request(
                method, "/callback?x=1", b'{"a":1}' if method == "POST" else None, {"X-Some": "v"}
            )
            response = connection.getresponse()
            answers.append((response.status, response.headers["Retry-After"], response.read()))
    assert answers == [(503, "1", b"later"), (200, None, b"")]
    first, second = receiver.wait(2)
    assert (
        first.method,
        first.path,
        first.query,
        first.headers["x-some"],
        first.json,
    ) == ("POST", "/callback", "x=1", "v", {"a": 1})
    assert (second.method, second.body) == ("GET", b"")
    assert len(receiver.received) == 2
    receiver.clear()
    with pytest.raises(TimeoutError, match="0 of 1 requests came"):
        receiver.wait(timeout="1ms")


def test_an_unknown_filter_names_the_one_that_was_meant(account: Account) -> None:
    for call in (
        lambda: account.callbacks.wait(evnt="verification.accepted"),  # type: ignore[call-arg]
        lambda: account.requests.count(operatoin="verify"),  # type: ignore[call-arg]
        lambda: account.verifications.find(kinds="verification"),  # type: ignore[call-arg]
        lambda: account.scenarios.find(providr="cloudcheck"),  # type: ignore[call-arg]
    ):
        with pytest.raises(
            TypeError, match=r"unknown filter `\w+`; did you mean `(event|operation|kind|provider)`\?"
        ):
            call()
    with (
        pytest.raises(TypeError, match="did you mean `error`"),
        account.expects(eror=104),  # type: ignore[call-arg]
    ):
        pass
    with pytest.raises(ApiError, match="did you mean delivered"):
        account.callbacks.find(outcome="deliverd")  # type: ignore[arg-type]


def test_type_checkers_refuse_a_wrong_filter(tmp_path: Path) -> None:
    code = """
from mock_server.client import MockServer, aio
account = MockServer().account()
account.callbacks.wait(evnt="x")
account.callbacks.find(outcome="deliverd")
account.requests.in_order({"operatoin": "verify"})
async def wait() -> None:
    await aio.MockServer().account().requests.wait(status="many")
"""
    (tmp_path / "suite.py").write_text(code)
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--cache-dir", str(tmp_path), "suite.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = [line.split(":")[1] for line in done.stdout.splitlines() if ": error:" in line]
    assert sorted(set(lines)) == ["4", "5", "6", "8"], done.stdout


def test_requests_in_order(account: Account) -> None:
    for reference in ("order-a", "order-b", "ordér-ā 🙂", "order-b"):
        check(account, reference=reference)
    first, third = account.requests.in_order(
        {"reference": "order-a"}, {"reference": "ordér-ā 🙂", "status": 200}
    )
    assert (first.reference, third.reference) == ("order-a", "ordér-ā 🙂")
    repeated = account.requests.in_order({"reference": "order-b"}, {"reference": "order-b"})
    assert len({entry.id for entry in repeated}) == 2
    with pytest.raises(AssertionError) as caught:
        account.requests.in_order(
            {"operation": "verification"}, {"reference": "ordér-ā 🙂"}, {"reference": "order-a"}
        )
    assert str(caught.value).splitlines() == [
        "request 3 (reference order-a) did not come after POST / → 200 (verification, ordér-ā 🙂, accepted); what came, in order:",
        "  POST / → 200 (verification, order-a, accepted)",
        "  POST / → 200 (verification, order-b, accepted)",
        "  POST / → 200 (verification, ordér-ā 🙂, accepted)",
        "  POST / → 400 (verification, order-b, error request.invalid)",
    ]


def test_requests_in_order_of_which_none_has_come(account: Account) -> None:
    with pytest.raises(
        AssertionError, match=r"request 1 \(anything\) did not come; what came, in order:\n  nothing"
    ):
        account.requests.in_order({})
    assert account.requests.in_order() == []


def post(url: str, context: ssl.SSLContext | None = None) -> tuple[int, bytes]:
    """Status and body of the answer to a POST without a body."""
    with urlopen(Request(url, b""), timeout=10, context=context) as response:
        return response.status, response.read()


def test_the_receiver_has_several_paths(receiver: Receiver) -> None:
    receiver.answer(201, path="/hooks/one")
    receiver.answer_always(202, body=b"ok", path="/hooks/two")
    receiver.answer_always(203)
    one, two = receiver.url_of("/hooks/one"), receiver.url_of("/hooks/two")
    statuses = [post(url)[0] for url in (two, one, one, two, receiver.url)]
    assert statuses == [202, 201, 203, 202, 203]
    assert [request.path for request in receiver.wait(2, path="/hooks/two")] == ["/hooks/two"] * 2
    assert len(receiver.at("/hooks/one")) == 2
    with pytest.raises(
        TimeoutError, match=r"0 of 1 requests came to http://.*/other within 1ms: POST /hooks/two"
    ):
        receiver.wait(timeout="1ms", path="/other")
    receiver.clear()
    assert post(two) == (200, b"")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("reset", ConnectionResetError),
        ("empty", RemoteDisconnected),
        ("truncate", IncompleteRead),
        ("garbage", BadStatusLine),
        ("hang", TimeoutError),
    ],
)
def test_the_receiver_breaks_answers(receiver: Receiver, fault: str, error: type[Exception]) -> None:
    receiver.answer(fault=fault, body=b"half")
    with closing(HTTPConnection(receiver.url.split("/")[2], timeout=0.2)) as connection:
        connection.request("POST", "/callback", b"{}")
        with pytest.raises(error):
            connection.getresponse().read()
    assert [request.body for request in receiver.received] == [b"{}"]
    assert post(receiver.url) == (200, b"")


def test_the_receiver_names_the_fault_that_was_meant(receiver: Receiver) -> None:
    with pytest.raises(ValueError, match=r"unknown fault 'resett'; did you mean `reset`\?"):
        receiver.answer(fault="resett")


def test_the_receiver_is_late_and_stops_at_once(account: Account) -> None:
    with Receiver() as receiver:
        receiver.answer(delay="30s")
        check(account, callback_url=receiver.url)
        assert receiver.wait()[0].json["reference"] == "check-1"
        [callback] = account.callbacks.find()
        assert (callback.state, callback.attempts) == ("pending", [])
    tried(account, "check-1")
    assert [attempt.status for attempt in account.callbacks.find()[0].attempts] == [0]


def test_the_receiver_speaks_tls(tmp_path: Path) -> None:
    with Receiver(tls=True) as receiver:
        context = ssl.create_default_context(cafile=str(receiver.authority))
        assert post(receiver.url, context) == (200, b"")
        options = {"scenarios": [str(tmp_path)], "watch": False, "callback_ca": str(receiver.authority)}
        service = Service(configuration.build(options))
        with LiveServer(service, lambda: create_app(service)) as live, MockServer(live.url) as client:
            account = client.account()
            check(account, callback_url=receiver.url)
            assert account.callbacks.wait(outcome="delivered").attempts[0].status == 200
        receiver.clear()
        with pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED"):
            post(receiver.url)
        assert receiver.received == []
    assert receiver.authority is not None
    assert not receiver.authority.parent.exists(), "its folder is not left behind"


def test_a_receiver_with_tls_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(ConfigError, match=r"pip install 'kyc-mock-server\[tls\]'"):
        Receiver(tls=True)
