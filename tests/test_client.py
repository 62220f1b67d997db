"""The Python client, against a server that listens."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import Account, ApiError, MockServer, Receiver, UnreachableError, WaitTimeoutError
from mock_server.core import config as configuration
from mock_server.core.exceptions import MockServerError
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
    assert server.version()["version"] == "0.1.0"
    account = server.account()
    account.configure(shuftipro={"signature": "legacy"})
    (found,) = [one for one in server.accounts() if one["name"] == account.name]
    assert found["shuftipro"]["signature"] == "legacy"


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
    with pytest.raises(TimeoutError, match="none of that event"):
        account.callbacks.wait(timeout=0.001, event="verification.declined")


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
    (kept,) = account.verifications.find(kind="verification")
    assert kept.key == "check-1"
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
    with pytest.raises(ValueError, match="no http address"):
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

        def log_message(self, format: str, *given: Any) -> None:  # noqa: A002
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Html) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        with (
            MockServer(f"http://127.0.0.1:{other.server_port}") as client,
            pytest.raises(UnreachableError, match="no mock server"),
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
        assert client.version()["version"] == "0.1.0"
        client.close()
        assert client.version()["version"] == "0.1.0"
        client.close()


def test_every_thread_has_its_own_connection(server: MockServer) -> None:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(server.version()["version"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["0.1.0"] * 8


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
