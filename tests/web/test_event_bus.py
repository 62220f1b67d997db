"""What is told to those who wait, and to the event stream."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.core.records import Entry
from mock_server.web.event_bus import CALLBACK, REQUEST, RESET, SCENARIOS, STATE, Change, EventBus
from mock_server.web.stream import events, in_brief, in_full
from tests.web.kit import SCENARIOS as FILE
from tests.web.kit import Kit

PATIENCE = 10.0


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path) as kit:
        yield kit


@pytest.fixture
def event_bus(kit: Kit) -> EventBus:
    return EventBus(kit.service.store, lambda: kit.service.scenarios.loaded)


def kinds(changes: list[Change]) -> list[str]:
    return [change.kind for change in changes]


def test_a_follower_is_told_of_each_kind_of_change(kit: Kit, event_bus: EventBus) -> None:
    with event_bus.follow("test-a") as follower:
        kit.verify()
        first = follower.wait(PATIENCE)
        assert kinds(first) == [REQUEST]
        assert isinstance(first[0].item, Entry)
        kit.put("clock", {"freeze": "now"})
        assert kinds(follower.wait(PATIENCE)) == [STATE]
        kit.file.write_text(FILE.replace("marlowe", "other"))
        kit.post("scenarios/reload")
        assert kinds(follower.wait(PATIENCE)) == [SCENARIOS]
        kit.call("DELETE", "requests")
        assert kinds(follower.wait(PATIENCE)) == [RESET]


def test_a_callback_is_published_when_created_and_when_tried(kit: Kit, event_bus: EventBus) -> None:
    with event_bus.follow("test-a", lambda change: change.kind == CALLBACK) as follower:
        kit.check(callback_url="http://127.0.0.1:9/")
        seen: list[Any] = []
        while not seen or not seen[-1].attempts:
            changes = follower.wait(PATIENCE)
            assert changes
            seen += [change.item for change in changes]
        assert {delivery.message.event for delivery in seen} == {"verification.accepted"}


def test_a_follower_is_told_only_of_its_account_and_of_what_it_wants(kit: Kit, event_bus: EventBus) -> None:
    with event_bus.follow(
        "test-a", lambda change: isinstance(change.item, Entry) and change.item.scenario == "marlowe"
    ) as follower:
        kit.verify("Marlowe", account="test-b")
        kit.verify("Okafor")
        kit.verify("Marlowe", "ref-2")
        assert [
            change.item.reference for change in follower.wait(PATIENCE) if isinstance(change.item, Entry)
        ] == ["ref-2"]


def test_what_came_before_is_no_news(kit: Kit, event_bus: EventBus) -> None:
    kit.verify(reference="old")
    with event_bus.follow("test-a") as follower:
        kit.verify(reference="new")
        assert [
            change.item.reference for change in follower.wait(PATIENCE) if isinstance(change.item, Entry)
        ] == ["new"]


def test_a_burst_is_told_whole_and_in_order(kit: Kit, event_bus: EventBus) -> None:
    with event_bus.follow("test-a") as follower:
        for number in range(250):
            kit.verify(reference=f"ref-{number}")
        seen: list[str] = []
        while len(seen) < 250:
            changes = follower.wait(PATIENCE)
            assert changes
            seen += [change.item.reference for change in changes if isinstance(change.item, Entry)]
    assert [f"ref-{number}" for number in range(250)] == seen


def test_the_watching_thread_ends_with_the_last_follower(kit: Kit, event_bus: EventBus) -> None:
    def watching() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "mock-server-news"]

    before = len(watching())
    with event_bus.follow("test-a"), event_bus.follow("test-b"):
        assert before + 1 == len(watching())
        threads = watching()
    for thread in threads[before:]:
        thread.join(PATIENCE)
    assert before == len(watching())
    with event_bus.follow("test-a") as follower:
        kit.verify()
        assert kinds(follower.wait(PATIENCE)) == [REQUEST]


def test_one_who_has_gone_waits_no_longer(event_bus: EventBus) -> None:
    assert None is event_bus.until(
        "test-a", lambda change: True, lambda: None, 300.0, disconnected=lambda: True
    )


def test_a_store_that_fails_is_logged_and_asked_again(kit: Kit, caplog: pytest.LogCaptureFixture) -> None:
    class Failing:
        """The kit's store, whose first look at the journal fails."""

        def __init__(self) -> None:
            self.failures = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(kit.service.store, name)

        def deliveries(self, *args: Any) -> Any:
            if threading.current_thread().name == "mock-server-news" and not self.failures:
                self.failures += 1
                raise OSError("the disk is gone")
            return kit.service.store.deliveries(*args)

    failing: Any = Failing()
    with EventBus(failing).follow("test-a", lambda change: change.kind == REQUEST) as follower:
        kit.verify()
        kit.verify(reference="ref-2")
        seen: list[Change] = []
        while not seen:
            seen = follower.wait(PATIENCE)
    assert "the disk is gone" in caplog.text


def parsed(text: str) -> tuple[str, Any]:
    fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
    return fields["event"], json.loads(fields["data"])


def test_the_stream_tells_events_with_their_data_and_no_secrets(kit: Kit, event_bus: EventBus) -> None:
    account = kit.service.accounts.get("test-a")
    assert account is not None
    disconnected = threading.Event()
    stream = events(event_bus, account.name, in_full(account), disconnected.is_set)
    assert next(stream).startswith("retry:")
    kit.check()
    event, data = parsed(next(stream))
    assert (event, data["reference"]) == ("request", "check-1")
    assert "Basic test-a:***" in str(data)
    kit.put("clock", {"offset": "1h"})
    assert parsed(next(stream)) == ("state", {"account": "test-a"})
    disconnected.set()
    assert list(stream) == []


def test_the_stream_gives_a_sign_of_life_when_nothing_happens(kit: Kit, event_bus: EventBus) -> None:
    account = kit.service.accounts.get("test-a")
    assert account is not None
    stream = events(event_bus, account.name, in_full(account), lambda: False, heartbeat=0.0)
    next(stream)
    assert next(stream) == ": still here\n\n"
    stream.close()  # type: ignore[attr-defined]


def test_the_stream_is_an_event_stream(kit: Kit) -> None:
    response = kit.http.get("/__admin/stream?account=test-a")
    assert (
        response.content_type,
        response.headers["Cache-Control"],
    ) == ("text/event-stream; charset=utf-8", "no-cache")
    assert next(response.iter_encoded()) == b"retry: 1000\n\n: following\n\n"
    response.close()


def changed(*kinds: str) -> str:
    return f"event: changed\ndata: {json.dumps({'kinds': list(kinds)})}\n\n"


@pytest.mark.parametrize(
    ("account", "expected"),
    [("test-a", (REQUEST, STATE, SCENARIOS, RESET)), ("*", (STATE, STATE, SCENARIOS, STATE))],
    ids=str,
)
def test_a_brief_stream_says_only_which_kinds(
    kit: Kit, event_bus: EventBus, account: str, expected: tuple[str, ...]
) -> None:
    disconnected = threading.Event()
    stream = events(event_bus, account, in_brief, disconnected.is_set)
    assert next(stream).startswith("retry:")
    happenings: tuple[Callable[[], object], ...] = (
        kit.verify,
        lambda: kit.put("clock", {"offset": "1h"}),
        lambda: kit.post("scenarios/reload"),
        lambda: kit.call("DELETE", "requests"),
    )
    for happens, kind in zip(happenings, expected):
        happens()
        assert next(stream) == changed(kind)
    disconnected.set()
    assert list(stream) == []


def test_a_brief_stream_of_one_account_is_silent_about_others(kit: Kit, event_bus: EventBus) -> None:
    stream = events(event_bus, "test-a", in_brief, lambda: False, heartbeat=0.0)
    next(stream)
    kit.verify(account="test-b")
    assert next(stream) == ": still here\n\n"
    everybody = events(event_bus, "*", in_brief, lambda: False)
    next(everybody)
    kit.verify(account="test-c")
    assert next(everybody) == changed(STATE)
    for each in (stream, everybody):
        each.close()  # type: ignore[attr-defined]


def test_brief_followers_hear_of_each_attempt_of_a_callback(kit: Kit, event_bus: EventBus) -> None:
    with event_bus.follow("test-a", lambda change: change.kind == CALLBACK, brief=True) as follower:
        kit.check(callback_url="http://127.0.0.1:9/")
        while not kit.get("callbacks")["callbacks"][0]["attempts"]:
            assert follower.wait(PATIENCE) == [Change(CALLBACK, "test-a")]


def test_a_full_subscriber_next_to_brief_ones_gets_each_request(kit: Kit, event_bus: EventBus) -> None:
    with event_bus.follow("test-a", brief=True) as brief, event_bus.follow("test-a") as full:
        kit.verify()
        (change,) = full.wait(PATIENCE)
        assert isinstance(change.item, Entry)
        assert brief.wait(PATIENCE) == [Change(REQUEST, "test-a")]


def test_the_stream_of_all_accounts_is_brief(kit: Kit) -> None:
    status, problem = kit.call("GET", "stream", account="*")
    assert (status, problem["remedy"]) == (400, "add brief=1")
    response = kit.http.get("/__admin/stream?account=*&brief=1")
    assert response.status_code == 200
    assert next(response.iter_encoded()) == b"retry: 1000\n\n: following\n\n"
    response.close()
