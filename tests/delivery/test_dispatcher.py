from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from mock_server.core.records import CANCELLED, DELIVERED, DROPPED, FAILED, NOT_SENT, PENDING, Attempt
from mock_server.delivery.answer import Answer
from mock_server.delivery.client import OutgoingRequest
from mock_server.store.base import DeliveryFilter, Store
from tests.delivery.conftest import NO, OK, DispatcherHarness


def test_what_is_due_is_sent_and_recorded(harness: DispatcherHarness) -> None:
    harness.client.answers = [Answer(201, (("X-Their", "own"),), b"thanks", note="by way of proof")]
    name = harness.schedule()
    (attempted,) = harness.dispatcher.run_due()
    assert harness.get(name) == attempted
    assert attempted.state == DELIVERED
    (attempt,) = attempted.attempts
    assert (harness.now(), 201, "", b"thanks", "by way of proof") == (
        attempt.at,
        attempt.status,
        attempt.error,
        attempt.body,
        attempt.done,
    )
    assert attempt.headers == (("X-Their", "own"),)
    assert attempt.took >= 0
    message = attempted.message
    assert [
        OutgoingRequest(message.url, message.body, message.headers, "POST", 15.0, 0.0)
    ] == harness.client.sent


def test_what_is_not_due_or_held_stays(harness: DispatcherHarness) -> None:
    harness.schedule(due=harness.now() + 1)
    held = harness.message(lane="x")
    harness.commit(held)
    assert harness.dispatcher.run_due() == []
    harness.store.release([("default", held.id)])
    assert [held.id] == [each.message.id for each in harness.dispatcher.run_due()]


def test_the_whole_retry_schedule_runs_on_the_account_clock(harness: DispatcherHarness) -> None:
    harness.client.answers = [NO] * 9
    name = harness.schedule()
    for number in range(9):
        assert len(harness.dispatcher.run_due()) == 1
        assert harness.dispatcher.run_due() == []
        assert (PENDING, harness.now() + 15.0, number + 1) == (
            harness.get(name).state,
            harness.get(name).due,
            len(harness.get(name).attempts),
        )
        harness.clock.advance(15.0)
    assert harness.dispatcher.run_due()[0].state == DELIVERED
    assert [15.0 * number for number in range(10)] == [
        each.at - harness.get(name).message.due for each in harness.get(name).attempts
    ]


def test_a_schedule_that_is_exhausted_fails_for_good(harness: DispatcherHarness) -> None:
    harness.client.answers = [NO] * 10
    name = harness.schedule()
    for _ in range(12):
        harness.dispatcher.run_due()
        harness.clock.advance(15.0)
    assert (harness.get(name).state, len(harness.get(name).attempts)) == (FAILED, 10)


def test_within_a_lane_nothing_overtakes_what_is_retried(harness: DispatcherHarness) -> None:
    harness.client.answers = [NO]
    harness.schedule(body=b"first")
    harness.schedule(body=b"second")
    harness.schedule(body=b"elsewhere", lane="ref-2")
    harness.dispatcher.run_due()
    assert harness.client.bodies == [b"first", b"elsewhere"]
    harness.clock.advance(15.0)
    harness.dispatcher.run_due()
    assert harness.client.bodies == [b"first", b"elsewhere", b"first", b"second"]


@pytest.mark.parametrize(
    ("deliver", "answers", "state", "times", "done"),
    [
        (
            [{"corrupt": "signature"}, "ok", "duplicate"],
            [NO, OK, OK],
            DELIVERED,
            [0, 0, 0],
            ["one digit", "", "once more"],
        ),
        (["duplicate"], [OK, OK], DELIVERED, [0, 0], ["", "once more"]),
        (["drop"], [], DROPPED, [0], ["not sent"]),
        (["drop", {"late": "30s"}], [OK], DELIVERED, [0, 30], ["not sent", "30 s late"]),
        ([{"late": "30s"}], [OK], DELIVERED, [30], ["30 s late"]),
        ([{"late": "30s"}], [NO, OK], DELIVERED, [30, 45], ["30 s late", ""]),
        ([{"secret": "other"}], [NO, NO, OK], DELIVERED, [0, 15, 30], ["another secret"] * 3),
        (
            ["ok", {"truncate": 3}],
            [OK, NO, NO, OK],
            DELIVERED,
            [0, 0, 15, 30],
            ["", "cut to 3", "cut to 3", "cut to 3"],
        ),
        ([{"slow": "5s"}], [OK], DELIVERED, [0], ["body spread over 5 s"]),
        (
            ["before-response", "duplicate"],
            [OK, OK],
            DELIVERED,
            [0, 0],
            ["before the HTTP response", "once more"],
        ),
    ],
    ids=lambda value: repr(value) if isinstance(value, list) else "",
)
def test_a_list_is_run_in_order(
    harness: DispatcherHarness,
    deliver: list[Any],
    answers: list[Answer],
    state: str,
    times: list[float],
    done: list[str],
) -> None:
    harness.client.answers = list(answers)
    begun = harness.now()
    name = harness.schedule(*deliver)
    for _ in range(50):
        harness.dispatcher.run_due()
        harness.clock.advance(1.0)
    attempts = harness.get(name).attempts
    assert harness.get(name).state == state
    assert [each.at - begun for each in attempts] == times
    assert all(
        part in each.done and bool(part) == bool(each.done) for part, each in zip(done, attempts, strict=True)
    )
    assert len(answers) == len(harness.client.sent)


def test_what_was_really_sent_is_recorded_if_it_differs(harness: DispatcherHarness) -> None:
    name = harness.schedule("ok", {"corrupt": "body"}, {"secret": "other"})
    harness.dispatcher.run_due()
    plain, body, secret = harness.get(name).attempts
    message = harness.get(name).message
    assert (plain.sent_headers, plain.sent_body) == ((), None)
    assert ((), harness.client.bodies[1]) == (body.sent_headers, body.sent_body)
    assert (harness.client.sent[2].headers, None) == (secret.sent_headers, secret.sent_body)
    assert message.body != body.sent_body
    assert message.headers != secret.sent_headers


def test_a_trickling_body_extends_the_time_limit_within_the_lease(harness: DispatcherHarness) -> None:
    harness.dispatcher = harness.make_dispatcher(lease=20.0)
    for slow in ("2s", "60s"):
        harness.schedule({"slow": slow}, timeout=10.0)
    harness.dispatcher.run_due()
    assert [(request.timeout, request.trickle) for request in harness.client.sent] == [
        (12.0, 2.0),
        (19.0, 19.0),
    ]


def test_stale_replays_what_the_store_still_knows(harness: DispatcherHarness) -> None:
    harness.schedule(body=b'{"n":"old"}')
    harness.dispatcher.run_due()
    harness.clock.advance(90_000)
    name = harness.schedule({"stale": "24h"}, body=b'{"n":"new"}')
    harness.dispatcher.run_due()
    assert harness.client.bodies == [b'{"n":"old"}', b'{"n":"old"}']
    assert harness.client.sent[0].headers == harness.client.sent[1].headers
    assert harness.get(name).attempts[0].done == "a replay of c-1 (done of ref-1), created 90000 s ago"


# -- swap-with
# -------------------------------------------------------------------------------------------------

SWAP = {"swap-with": "accepted"}


@pytest.mark.parametrize(
    "lanes", [("ref-1", "ref-1"), ("", ""), ("a", "b")], ids=["one-lane", "no-lane", "two-lanes"]
)
@pytest.mark.parametrize("after", [0.0, 2.0], ids=["at-once", "later"])
def test_swap_with_leaves_after_the_event_it_names(
    harness: DispatcherHarness, after: float, lanes: tuple[str, str]
) -> None:
    first = harness.schedule(SWAP, body=b"pending", lane=lanes[0])
    harness.schedule(body=b"accepted", event="accepted", due=harness.now() + after, lane=lanes[1])
    for _ in range(8):
        harness.dispatcher.run_due()
        harness.clock.advance(0.5)
    assert harness.client.bodies == [b"accepted", b"pending"]
    assert harness.get(first).attempts[0].done == "sent after c-2 (accepted)"


def test_swap_with_returns_both(harness: DispatcherHarness) -> None:
    harness.schedule(SWAP)
    harness.schedule(event="accepted")
    assert [each.message.id for each in harness.dispatcher.run_due()] == ["c-2", "c-1"]


def test_swap_follows_the_first_attempt_of_a_retried_event(harness: DispatcherHarness) -> None:
    harness.client.answers = [NO]
    harness.schedule(SWAP, body=b"pending")
    harness.schedule(body=b"accepted", event="accepted")
    harness.dispatcher.run_due()
    assert harness.client.bodies == [b"accepted", b"pending"]
    harness.clock.advance(15.0)
    harness.dispatcher.run_due()
    assert harness.client.bodies == [b"accepted", b"pending", b"accepted"]


def test_swap_with_waits_where_the_other_is_late_itself(harness: DispatcherHarness) -> None:
    harness.schedule(SWAP, body=b"pending")
    harness.schedule({"late": "5s"}, body=b"accepted", event="accepted")
    harness.dispatcher.run_due()
    assert harness.client.bodies == []
    harness.clock.advance(5.0)
    harness.dispatcher.run_due()
    assert harness.client.bodies == [b"accepted", b"pending"]


def test_swap_with_an_event_that_never_comes_is_sent_in_the_end(harness: DispatcherHarness) -> None:
    name = harness.schedule(SWAP)
    harness.schedule(event="accepted", reference="ref-9", lane="ref-9")
    for _ in range(59):
        harness.dispatcher.run_due()
        harness.clock.advance(1.0)
    assert harness.get(name).state == PENDING
    harness.clock.advance(1.0)
    harness.dispatcher.run_due()
    assert (harness.get(name).state, harness.get(name).attempts[0].done) == (
        DELIVERED,
        "no accepted to wait for came within 60 s",
    )


def test_swap_with_an_event_announced_meanwhile(harness: DispatcherHarness) -> None:
    harness.schedule(SWAP, body=b"pending", lane="")
    harness.dispatcher.run_due()
    harness.clock.advance(3.0)
    harness.schedule(body=b"accepted", event="accepted", lane="")
    harness.dispatcher.run_due()
    harness.clock.advance(1.0)
    harness.dispatcher.run_due()
    assert harness.client.bodies == [b"accepted", b"pending"]


# -- status-changed, timers
# ------------------------------------------------------------------------------------


def test_the_status_is_changed_before_sending(harness: DispatcherHarness) -> None:
    seen: list[list[tuple[str, str]]] = []
    harness.client.on_send = lambda request: seen.append(list(harness.statuses))
    name = harness.schedule({"status-changed": "declined"})
    harness.dispatcher.run_due()
    assert [[(name, "declined")]] == seen
    assert harness.get(name).attempts[0].done == "status changed to declined right before"


def test_a_status_that_cannot_be_changed_is_recorded(harness: DispatcherHarness) -> None:
    def refuse(message: Any, to: str) -> None:
        raise ValueError(f"there is no outcome {to!r}")

    for dispatcher, says in (
        (harness.make_dispatcher(on_status=refuse), "no outcome 'x'"),
        (harness.make_dispatcher(on_status=None), "cannot be changed"),
    ):
        name = harness.schedule({"status-changed": "x"})
        dispatcher.run_due()
        assert harness.get(name).state == DELIVERED
        assert says in harness.get(name).attempts[0].done
        dispatcher.stop()


def test_a_message_without_an_address_is_not_sent_and_says_why(harness: DispatcherHarness) -> None:
    reason = "account default has no webhook_url; set it"
    name = harness.schedule({"late": "30s"}, "duplicate", url="", no_address=reason)
    following = harness.schedule()
    harness.dispatcher.run_due()
    delivery = harness.get(name)
    assert (delivery.state, [attempt.error for attempt in delivery.attempts]) == (NOT_SENT, [reason])
    assert harness.get(following).state == DELIVERED
    assert len(harness.client.sent) == 1


def test_what_was_not_sent_is_not_retried(harness: DispatcherHarness) -> None:
    name = harness.schedule(url="", no_address="no address")
    harness.dispatcher.run_due()
    harness.clock.advance(1000.0)
    assert harness.dispatcher.run_due() == []
    assert len(harness.get(name).attempts) == 1


def test_a_timer_calls_back_in_order_and_sends_nothing(harness: DispatcherHarness) -> None:
    harness.on_timer = lambda message: (
        harness.schedule(body=b"from timer") if message.event == "expire" else None
    )
    timer = harness.schedule(kind="timer", event="expire", due=harness.now() + 60)
    harness.schedule(body=b"before", due=harness.now() + 30)
    assert harness.dispatcher.run_due() == []
    harness.clock.advance(60)
    assert [
        each.message.body for each in harness.dispatcher.run_due() if each.message.kind == "callback"
    ] == [b"before", b"from timer"]
    assert (harness.get(timer).state, harness.get(timer).attempts) == (DELIVERED, ())


def test_a_timer_that_fails_fails_for_good(
    harness: DispatcherHarness, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(message: Any) -> None:
        raise RuntimeError("boom")

    harness.on_timer = explode
    timer = harness.schedule(kind="timer")
    harness.dispatcher.run_due()
    assert (harness.get(timer).state, harness.get(timer).attempts[0].error) == (
        FAILED,
        "the mock server failed: boom",
    )
    assert "boom" in caplog.text


def test_a_list_that_cannot_be_run_fails_that_message_only(
    harness: DispatcherHarness, caplog: pytest.LogCaptureFixture
) -> None:
    broken = harness.schedule("nonsense")
    fine = harness.schedule()
    harness.dispatcher.run_due()
    assert (harness.get(broken).state, harness.get(fine).state) == (FAILED, DELIVERED)
    assert "unknown `deliver` word" in harness.get(broken).attempts[0].error


# -- the dispatch loop
# -----------------------------------------------------------------------------------------


def settled(harness: DispatcherHarness, count: int, states: tuple[str, ...] = (DELIVERED,)) -> None:
    """Wait until so many deliveries of the default account are in one of the states."""
    version = harness.store.version()
    while (
        sum(harness.store.deliveries("default", DeliveryFilter(state=state))[1] for state in states) < count
    ):
        after = harness.store.wait(version, 5.0)
        assert after > version, "nothing happens any more"
        version = after


def test_the_loop_sends_what_is_committed_released_and_due(harness: DispatcherHarness) -> None:
    harness.dispatcher.start()
    harness.schedule(body=b"at once", lane="a")
    harness.dispatcher.wake()
    settled(harness, 1)
    held = harness.message(b"released", lane="b")
    harness.commit(held)
    harness.dispatcher.wake()
    harness.store.release([("default", held.id)])
    harness.dispatcher.wake()
    settled(harness, 2)
    harness.schedule(body=b"later", due=harness.now() + 3600)
    harness.dispatcher.wake()
    harness.clock.advance(3600)
    harness.dispatcher.wake()
    settled(harness, 3)
    assert harness.client.bodies == [b"at once", b"released", b"later"]


def test_the_loop_wakes_for_what_falls_due(harness: DispatcherHarness) -> None:
    """The clock is moved, nobody calls `wake`: the dispatcher wakes itself."""
    harness.dispatcher.start()
    harness.schedule(due=harness.now() + 0.05)
    harness.dispatcher.wake()
    harness.clock.advance(0.05)
    settled(harness, 1)


def test_what_was_pending_before_the_start_is_sent(harness: DispatcherHarness) -> None:
    harness.schedule()
    harness.dispatcher.start()
    settled(harness, 1)


def test_an_idle_dispatcher_has_no_thread(harness: DispatcherHarness) -> None:
    before = threading.active_count()
    harness.dispatcher.start()
    assert threading.active_count() == before
    harness.schedule()
    harness.dispatcher.wake()
    settled(harness, 1)
    assert threading.active_count() == before + 1
    harness.dispatcher.stop()
    assert threading.active_count() == before


def test_next_to_a_server_it_runs_on_the_servers_loop(harness: DispatcherHarness) -> None:
    senders: set[threading.Thread] = set()
    harness.client.on_send = lambda request: senders.add(threading.current_thread())
    refused: list[str] = []

    async def serve() -> None:
        harness.dispatcher.start(asyncio.get_running_loop())
        harness.schedule(lane="")
        harness.dispatcher.wake()
        await asyncio.to_thread(settled, harness, 1)
        harness.schedule(lane="")
        await asyncio.to_thread(harness.dispatcher.wake)
        await asyncio.to_thread(settled, harness, 2)
        harness.schedule(lane="")
        assert len(await asyncio.to_thread(harness.dispatcher.run_due)) == 1
        try:
            harness.dispatcher.run_due()
        except RuntimeError as error:
            refused.append(str(error))
        harness.schedule(due=harness.now() + 60)
        assert len(await asyncio.to_thread(harness.dispatcher.stop)) == 1

    asyncio.run(serve())
    assert {threading.main_thread()} == senders
    assert ["another thread" in text for text in refused] == [True]
    assert len(harness.client.sent) == 3
    assert harness.client.closed


def test_a_dispatcher_whose_loop_has_ended_can_be_stopped(harness: DispatcherHarness) -> None:
    async def serve() -> None:
        harness.dispatcher.start(asyncio.get_running_loop())

    asyncio.run(serve())
    harness.schedule()
    harness.dispatcher.wake()
    assert len(harness.dispatcher.stop()) == 1
    with pytest.raises(RuntimeError, match="before the dispatcher is stopped"):
        harness.dispatcher.run_due()


def test_a_dispatcher_that_is_not_started_sends_nothing_by_itself(harness: DispatcherHarness) -> None:
    harness.schedule()
    harness.dispatcher.wake()
    assert len(harness.client.sent) == 0
    assert len(harness.dispatcher.run_due()) == 1


def test_run_due_of_one_account_leaves_the_others_alone(harness: DispatcherHarness) -> None:
    harness.schedule(account="test-a")
    harness.schedule(account="test-b")
    assert [each.message.account for each in harness.dispatcher.run_due("test-a")] == ["test-a"]
    assert [each.message.account for each in harness.dispatcher.run_due()] == ["test-b"]


def test_run_due_is_refused_on_its_own_loop(harness: DispatcherHarness) -> None:
    refusals: list[str] = []

    def call_back(message: Any) -> None:
        try:
            harness.dispatcher.run_due()
        except RuntimeError as error:
            refusals.append(str(error))

    harness.on_timer = call_back
    harness.schedule(kind="timer")
    harness.dispatcher.run_due()
    assert "call it from another thread" in refusals[0]
    harness.dispatcher.stop()
    with pytest.raises(RuntimeError, match="before the dispatcher is stopped"):
        harness.dispatcher.run_due()


def test_a_cancelled_delivery_is_not_sent_any_more(harness: DispatcherHarness) -> None:
    harness.client.answers = [NO]
    name = harness.schedule()
    harness.dispatcher.run_due()
    harness.store.reschedule("default", [name], 0.0, CANCELLED)
    harness.clock.advance(15.0)
    assert harness.dispatcher.run_due() == []
    assert len(harness.client.sent) == 1


def test_a_delivery_that_is_sent_again_by_hand_is_one_attempt_more(harness: DispatcherHarness) -> None:
    name = harness.schedule()
    harness.dispatcher.run_due()
    harness.store.reschedule("default", [name], harness.now())
    harness.dispatcher.run_due()
    assert (harness.get(name).state, len(harness.get(name).attempts)) == (DELIVERED, 2)


def test_deliver_now_waits_for_the_first_attempt_only(harness: DispatcherHarness) -> None:
    harness.client.answers = [NO]
    message = harness.message(before_response=True, deliver=("before-response",))
    harness.commit(message)
    harness.dispatcher.start()
    delivery = harness.dispatcher.deliver_now(harness.get(message.id))
    assert delivery is not None
    assert (delivery.state, len(delivery.attempts)) == (PENDING, 1)


def test_deliver_now_works_without_a_started_dispatcher(harness: DispatcherHarness) -> None:
    message = harness.message(before_response=True)
    harness.commit(message)
    delivery = harness.dispatcher.deliver_now(harness.get(message.id))
    assert delivery is not None
    assert delivery.state == DELIVERED
    assert harness.dispatcher.deliver_now(delivery) == delivery, "it has been made: nothing to wait for"


def test_deliver_now_is_bounded(harness: DispatcherHarness) -> None:
    harness.dispatcher.start()
    name = harness.schedule(due=harness.now() + 3600)
    delivery = harness.dispatcher.deliver_now(harness.get(name), timeout=0.05)
    assert delivery is not None
    assert (delivery.state, delivery.attempts) == (PENDING, ())


def test_deliver_now_of_what_was_reset_away_is_none(harness: DispatcherHarness) -> None:
    name = harness.schedule()
    delivery = harness.get(name)
    harness.store.reset("default")
    assert harness.dispatcher.deliver_now(delivery) is None


def test_a_store_that_fails_is_asked_again(
    harness: DispatcherHarness, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.dispatcher = harness.make_dispatcher(poll=0.01)
    take, failures = harness.store.lease_due, [OSError("no store"), OSError("no store")]

    def sometimes(_: Store, *args: Any) -> Any:
        if failures:
            raise failures.pop()
        return take(*args)

    monkeypatch.setattr(type(harness.store), "lease_due", sometimes)
    harness.dispatcher.start()
    harness.schedule()
    harness.dispatcher.wake()
    settled(harness, 1)
    assert caplog.text.count("cannot be asked for callbacks") == 1, (
        "once for an outage, not once for each try"
    )


def test_an_outcome_that_cannot_be_stored_is_attempted_again(
    harness: DispatcherHarness, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = harness.schedule()
    record_attempt = harness.store.record_attempt
    failures = [OSError("no store"), OSError("no store")]

    def sometimes(_: Store, *args: Any) -> None:
        if failures:
            raise failures.pop()
        record_attempt(*args)

    monkeypatch.setattr(type(harness.store), "record_attempt", sometimes)
    assert harness.dispatcher.run_due() == []
    assert "after its lease" in caplog.text
    harness.clock.advance(31.0)
    assert harness.dispatcher.run_due()[0].state == DELIVERED
    assert len(harness.client.sent) == 2, "at least once"
    assert len(harness.get(name).attempts) == 1


def test_stop_returns_what_is_left_and_leases_nothing_more(harness: DispatcherHarness) -> None:
    harness.dispatcher.start()
    harness.schedule(lane="a")
    harness.dispatcher.wake()
    settled(harness, 1)
    harness.schedule(body=b"later", due=harness.now() + 60, lane="b")
    harness.schedule(body=b"much later", due=harness.now() + 3600, lane="c", account="test-a")
    left = harness.dispatcher.stop()
    assert {each.message.body for each in left} == {b"later", b"much later"}
    assert harness.client.closed
    harness.clock.advance(7200)
    harness.dispatcher.wake()
    assert len(harness.client.sent) == 1
    assert harness.dispatcher.stop() == left, "twice does no harm"


def test_an_attempt_of_another_process_is_noticed(harness: DispatcherHarness) -> None:
    """Two processes share the store; the one that waits is not the one that sends."""
    name = harness.schedule(before_response=True)
    (taken,) = harness.store.lease_due(harness.clock.now(), 30.0)
    harness.dispatcher.start()
    timer = threading.Timer(
        0.05, harness.store.record_attempt, ("default", name, Attempt(harness.now(), 0.0, 200), DELIVERED)
    )
    timer.start()
    delivery = harness.dispatcher.deliver_now(taken)
    timer.join()
    assert delivery is not None
    assert delivery.state == DELIVERED
