from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from mock_server.core.records import CANCELLED, DELIVERED, DROPPED, FAILED, PENDING, Attempt
from mock_server.delivery.connection import Answer
from mock_server.delivery.transport import Outgoing
from mock_server.store.base import DeliveryFilter, Store
from tests.delivery.conftest import NO, OK, House


def test_what_is_due_is_sent_and_what_came_of_it_is_kept(house: House) -> None:
    house.transport.answers = [Answer(201, (("X-Their", "own"),), b"thanks", note="by way of proof")]
    name = house.enqueue()
    (played,) = house.worker.run_due()
    assert played == house.get(name)
    assert DELIVERED == played.state
    (attempt,) = played.attempts
    assert (house.now(), 201, "", b"thanks", "by way of proof") == (attempt.at, attempt.status, attempt.error, attempt.body, attempt.done)
    assert (("X-Their", "own"),) == attempt.headers
    assert attempt.took >= 0
    message = played.message
    assert [Outgoing(message.url, message.body, message.headers, "POST", 15.0, 0.0)] == house.transport.sent


def test_what_is_not_due_or_held_stays(house: House) -> None:
    house.enqueue(due=house.now() + 1)
    held = house.message(lane="x")
    house.commit(held)
    assert [] == house.worker.run_due()
    house.store.release([("default", held.id)])
    assert [held.id] == [each.message.id for each in house.worker.run_due()]


def test_the_whole_retry_schedule_runs_on_the_account_clock(house: House) -> None:
    house.transport.answers = [NO] * 9
    name = house.enqueue()
    for number in range(9):
        assert 1 == len(house.worker.run_due())
        assert [] == house.worker.run_due()
        assert (PENDING, house.now() + 15.0, number + 1) == (house.get(name).state, house.get(name).due, len(house.get(name).attempts))
        house.clock.advance(15.0)
    assert DELIVERED == house.worker.run_due()[0].state
    assert [15.0 * number for number in range(10)] == [each.at - house.get(name).message.due for each in house.get(name).attempts]


def test_a_schedule_that_is_exhausted_fails_for_good(house: House) -> None:
    house.transport.answers = [NO] * 10
    name = house.enqueue()
    for _ in range(12):
        house.worker.run_due()
        house.clock.advance(15.0)
    assert (FAILED, 10) == (house.get(name).state, len(house.get(name).attempts))


def test_within_a_lane_nothing_overtakes_what_is_retried(house: House) -> None:
    house.transport.answers = [NO]
    house.enqueue(body=b"first")
    house.enqueue(body=b"second")
    house.enqueue(body=b"elsewhere", lane="ref-2")
    house.worker.run_due()
    assert [b"first", b"elsewhere"] == house.transport.bodies
    house.clock.advance(15.0)
    house.worker.run_due()
    assert [b"first", b"elsewhere", b"first", b"second"] == house.transport.bodies


@pytest.mark.parametrize(
    ("deliver", "answers", "state", "times", "done"),
    [
        ([{"corrupt": "signature"}, "ok", "duplicate"], [NO, OK, OK], DELIVERED, [0, 0, 0], ["one digit", "", "once more"]),
        (["duplicate"], [OK, OK], DELIVERED, [0, 0], ["", "once more"]),
        (["drop"], [], DROPPED, [0], ["not sent"]),
        (["drop", {"late": "30s"}], [OK], DELIVERED, [0, 30], ["not sent", "30 s late"]),
        ([{"late": "30s"}], [OK], DELIVERED, [30], ["30 s late"]),
        ([{"late": "30s"}], [NO, OK], DELIVERED, [30, 45], ["30 s late", ""]),
        ([{"secret": "other"}], [NO, NO, OK], DELIVERED, [0, 15, 30], ["another secret"] * 3),
        (["ok", {"truncate": 3}], [OK, NO, NO, OK], DELIVERED, [0, 0, 15, 30], ["", "cut to 3", "cut to 3", "cut to 3"]),
        ([{"slow": "5s"}], [OK], DELIVERED, [0], ["body spread over 5 s"]),
        (["before-response", "duplicate"], [OK, OK], DELIVERED, [0, 0], ["before the HTTP answer", "once more"]),
    ],
    ids=lambda value: repr(value) if isinstance(value, list) else "",
)
def test_a_list_is_played_in_its_order(
    house: House, deliver: list[Any], answers: list[Answer], state: str, times: list[float], done: list[str]
) -> None:
    house.transport.answers = list(answers)
    begun = house.now()
    name = house.enqueue(*deliver)
    for _ in range(50):
        house.worker.run_due()
        house.clock.advance(1.0)
    attempts = house.get(name).attempts
    assert state == house.get(name).state
    assert times == [each.at - begun for each in attempts]
    assert all(part in each.done and bool(part) == bool(each.done) for part, each in zip(done, attempts, strict=True))
    assert len(answers) == len(house.transport.sent)


def test_what_was_really_sent_is_kept_where_it_differs(house: House) -> None:
    name = house.enqueue("ok", {"corrupt": "body"}, {"secret": "other"})
    house.worker.run_due()
    plain, body, secret = house.get(name).attempts
    message = house.get(name).message
    assert ((), None) == (plain.sent_headers, plain.sent_body)
    assert ((), house.transport.bodies[1]) == (body.sent_headers, body.sent_body)
    assert (house.transport.sent[2].headers, None) == (secret.sent_headers, secret.sent_body)
    assert message.body != body.sent_body
    assert message.headers != secret.sent_headers


def test_a_trickling_body_extends_the_time_limit_within_the_lease(house: House) -> None:
    house.worker = house.make_worker(lease=20.0)
    for slow in ("2s", "60s"):
        house.enqueue({"slow": slow}, timeout=10.0)
    house.worker.run_due()
    assert [(12.0, 2.0), (19.0, 19.0)] == [(out.timeout, out.trickle) for out in house.transport.sent]


def test_stale_replays_what_the_store_still_knows(house: House) -> None:
    house.enqueue(body=b'{"n":"old"}')
    house.worker.run_due()
    house.clock.advance(90_000)
    name = house.enqueue({"stale": "24h"}, body=b'{"n":"new"}')
    house.worker.run_due()
    assert [b'{"n":"old"}', b'{"n":"old"}'] == house.transport.bodies
    assert house.transport.sent[0].headers == house.transport.sent[1].headers
    assert "a replay of c-1 (done of ref-1), made 90000 s ago" == house.get(name).attempts[0].done


# -- swap-with -------------------------------------------------------------------------------------------------

SWAP = {"swap-with": "accepted"}


@pytest.mark.parametrize("lanes", [("ref-1", "ref-1"), ("", ""), ("a", "b")], ids=["one-lane", "no-lane", "two-lanes"])
@pytest.mark.parametrize("after", [0.0, 2.0], ids=["at-once", "later"])
def test_swap_with_leaves_after_the_event_it_names(house: House, after: float, lanes: tuple[str, str]) -> None:
    first = house.enqueue(SWAP, body=b"pending", lane=lanes[0])
    house.enqueue(body=b"accepted", event="accepted", due=house.now() + after, lane=lanes[1])
    for _ in range(8):
        house.worker.run_due()
        house.clock.advance(0.5)
    assert [b"accepted", b"pending"] == house.transport.bodies
    assert "sent after c-2 (accepted)" == house.get(first).attempts[0].done


def test_swap_with_returns_both_as_played(house: House) -> None:
    house.enqueue(SWAP)
    house.enqueue(event="accepted")
    assert ["c-2", "c-1"] == [each.message.id for each in house.worker.run_due()]


def test_swap_with_an_event_that_is_retried_follows_its_first_attempt(house: House) -> None:
    house.transport.answers = [NO]
    house.enqueue(SWAP, body=b"pending")
    house.enqueue(body=b"accepted", event="accepted")
    house.worker.run_due()
    assert [b"accepted", b"pending"] == house.transport.bodies
    house.clock.advance(15.0)
    house.worker.run_due()
    assert [b"accepted", b"pending", b"accepted"] == house.transport.bodies


def test_swap_with_waits_where_the_other_is_late_itself(house: House) -> None:
    house.enqueue(SWAP, body=b"pending")
    house.enqueue({"late": "5s"}, body=b"accepted", event="accepted")
    house.worker.run_due()
    assert [] == house.transport.bodies
    house.clock.advance(5.0)
    house.worker.run_due()
    assert [b"accepted", b"pending"] == house.transport.bodies


def test_swap_with_an_event_that_never_comes_is_sent_in_the_end(house: House) -> None:
    name = house.enqueue(SWAP)
    house.enqueue(event="accepted", reference="ref-9", lane="ref-9")
    for _ in range(59):
        house.worker.run_due()
        house.clock.advance(1.0)
    assert PENDING == house.get(name).state
    house.clock.advance(1.0)
    house.worker.run_due()
    assert (DELIVERED, "no accepted to wait for came within 60 s") == (house.get(name).state, house.get(name).attempts[0].done)


def test_swap_with_an_event_announced_meanwhile(house: House) -> None:
    house.enqueue(SWAP, body=b"pending", lane="")
    house.worker.run_due()
    house.clock.advance(3.0)
    house.enqueue(body=b"accepted", event="accepted", lane="")
    house.worker.run_due()
    house.clock.advance(1.0)
    house.worker.run_due()
    assert [b"accepted", b"pending"] == house.transport.bodies


# -- status-changed, timers ------------------------------------------------------------------------------------


def test_the_status_is_changed_before_the_callback_is_sent(house: House) -> None:
    seen: list[list[tuple[str, str]]] = []
    house.transport.on_send = lambda out: seen.append(list(house.statuses))
    name = house.enqueue({"status-changed": "declined"})
    house.worker.run_due()
    assert [[(name, "declined")]] == seen
    assert "status changed to declined right before" == house.get(name).attempts[0].done


def test_a_status_that_cannot_be_changed_is_told_and_the_callback_sent(house: House) -> None:
    def refuse(message: Any, to: str) -> None:
        raise ValueError(f"there is no outcome {to!r}")

    for worker, says in ((house.make_worker(on_status=refuse), "no outcome 'x'"), (house.make_worker(on_status=None), "cannot be changed")):
        name = house.enqueue({"status-changed": "x"})
        worker.run_due()
        assert DELIVERED == house.get(name).state
        assert says in house.get(name).attempts[0].done
        worker.stop()


def test_a_timer_calls_back_in_order_and_sends_nothing(house: House) -> None:
    house.on_timer = lambda message: house.enqueue(body=b"from timer") if message.event == "expire" else None
    timer = house.enqueue(kind="timer", event="expire", due=house.now() + 60)
    house.enqueue(body=b"before", due=house.now() + 30)
    assert [] == house.worker.run_due()
    house.clock.advance(60)
    assert [b"before", b"from timer"] == [each.message.body for each in house.worker.run_due() if each.message.kind == "callback"]
    assert (DELIVERED, ()) == (house.get(timer).state, house.get(timer).attempts)


def test_a_timer_that_fails_is_given_up_and_told(house: House, caplog: pytest.LogCaptureFixture) -> None:
    def explode(message: Any) -> None:
        raise RuntimeError("boom")

    house.on_timer = explode
    timer = house.enqueue(kind="timer")
    house.worker.run_due()
    assert (FAILED, "the mock server failed: boom") == (house.get(timer).state, house.get(timer).attempts[0].error)
    assert "boom" in caplog.text


def test_a_list_that_cannot_be_played_is_a_failure_of_that_message_only(house: House, caplog: pytest.LogCaptureFixture) -> None:
    broken = house.enqueue("nonsense")
    fine = house.enqueue()
    house.worker.run_due()
    assert (FAILED, DELIVERED) == (house.get(broken).state, house.get(fine).state)
    assert "no deliver word" in house.get(broken).attempts[0].error


# -- in the background -----------------------------------------------------------------------------------------


def settled(house: House, count: int, states: tuple[str, ...] = (DELIVERED,)) -> None:
    """Wait until so many deliveries of the default account are in one of the states."""
    version = house.store.version()
    while sum(house.store.deliveries("default", DeliveryFilter(state=state))[1] for state in states) < count:
        after = house.store.wait(version, 5.0)
        assert after > version, "nothing happens any more"
        version = after


def test_the_background_sends_what_is_committed_released_and_due(house: House) -> None:
    house.worker.start()
    house.enqueue(body=b"at once", lane="a")
    house.worker.wake()
    settled(house, 1)
    held = house.message(b"released", lane="b")
    house.commit(held)
    house.worker.wake()
    house.store.release([("default", held.id)])
    house.worker.wake()
    settled(house, 2)
    house.enqueue(body=b"later", due=house.now() + 3600)
    house.worker.wake()
    house.clock.advance(3600)
    house.worker.wake()
    settled(house, 3)
    assert [b"at once", b"released", b"later"] == house.transport.bodies


def test_the_background_wakes_by_itself_for_what_falls_due(house: House) -> None:
    """The clock is moved, nobody calls `wake`: the worker set itself an alarm."""
    house.worker.start()
    house.enqueue(due=house.now() + 0.05)
    house.worker.wake()
    house.clock.advance(0.05)
    settled(house, 1)


def test_what_was_pending_before_the_start_is_sent(house: House) -> None:
    house.enqueue()
    house.worker.start()
    settled(house, 1)


def test_an_idle_worker_has_no_thread(house: House) -> None:
    before = threading.active_count()
    house.worker.start()
    assert before == threading.active_count()
    house.enqueue()
    house.worker.wake()
    settled(house, 1)
    assert before + 1 == threading.active_count()
    house.worker.stop()
    assert before == threading.active_count()


def test_beside_a_server_the_worker_runs_on_its_loop(house: House) -> None:
    senders: set[threading.Thread] = set()
    house.transport.on_send = lambda out: senders.add(threading.current_thread())
    refused: list[str] = []

    async def serve() -> None:
        house.worker.start(asyncio.get_running_loop())
        for wake in (house.worker.wake, lambda: asyncio.to_thread(house.worker.wake)):
            house.enqueue(lane="")
            woken = wake()
            if woken is not None:
                await woken
            await asyncio.to_thread(settled, house, len(house.transport.sent) + 1)
        house.enqueue(lane="")
        assert 1 == len(await asyncio.to_thread(house.worker.run_due))
        try:
            house.worker.run_due()
        except RuntimeError as error:
            refused.append(str(error))
        house.enqueue(due=house.now() + 60)
        assert 1 == len(await asyncio.to_thread(house.worker.stop))

    asyncio.run(serve())
    assert {threading.main_thread()} == senders
    assert ["another thread" in text for text in refused] == [True]
    assert 3 == len(house.transport.sent)
    assert house.transport.closed


def test_a_worker_whose_loop_has_ended_can_be_stopped(house: House) -> None:
    async def serve() -> None:
        house.worker.start(asyncio.get_running_loop())

    asyncio.run(serve())
    house.enqueue()
    house.worker.wake()
    assert 1 == len(house.worker.stop())
    with pytest.raises(RuntimeError, match="before the worker is stopped"):
        house.worker.run_due()


def test_a_worker_that_is_not_started_sends_nothing_by_itself(house: House) -> None:
    house.enqueue()
    house.worker.wake()
    assert 0 == len(house.transport.sent)
    assert 1 == len(house.worker.run_due())


def test_run_due_of_one_account_leaves_the_others_alone(house: House) -> None:
    house.enqueue(account="test-a")
    house.enqueue(account="test-b")
    assert ["test-a"] == [each.message.account for each in house.worker.run_due("test-a")]
    assert ["test-b"] == [each.message.account for each in house.worker.run_due()]


def test_run_due_is_refused_where_it_would_wait_for_itself(house: House) -> None:
    refusals: list[str] = []

    def call_back(message: Any) -> None:
        try:
            house.worker.run_due()
        except RuntimeError as error:
            refusals.append(str(error))

    house.on_timer = call_back
    house.enqueue(kind="timer")
    house.worker.run_due()
    assert "call it from another thread" in refusals[0]
    house.worker.stop()
    with pytest.raises(RuntimeError, match="before the worker is stopped"):
        house.worker.run_due()


def test_a_cancelled_delivery_is_not_sent_any_more(house: House) -> None:
    house.transport.answers = [NO]
    name = house.enqueue()
    house.worker.run_due()
    house.store.reschedule("default", [name], 0.0, CANCELLED)
    house.clock.advance(15.0)
    assert [] == house.worker.run_due()
    assert 1 == len(house.transport.sent)


def test_a_delivery_that_is_sent_again_by_hand_is_one_attempt_more(house: House) -> None:
    name = house.enqueue()
    house.worker.run_due()
    house.store.reschedule("default", [name], house.now())
    house.worker.run_due()
    assert (DELIVERED, 2) == (house.get(name).state, len(house.get(name).attempts))


def test_deliver_now_waits_for_the_first_attempt_only(house: House) -> None:
    house.transport.answers = [NO]
    message = house.message(before_response=True, deliver=("before-response",))
    house.commit(message)
    house.worker.start()
    found = house.worker.deliver_now(house.get(message.id))
    assert found is not None
    assert (PENDING, 1) == (found.state, len(found.attempts))


def test_deliver_now_works_without_a_started_worker(house: House) -> None:
    message = house.message(before_response=True)
    house.commit(message)
    found = house.worker.deliver_now(house.get(message.id))
    assert found is not None
    assert DELIVERED == found.state
    assert found == house.worker.deliver_now(found), "it has been made: nothing to wait for"


def test_deliver_now_is_bounded(house: House) -> None:
    house.worker.start()
    name = house.enqueue(due=house.now() + 3600)
    found = house.worker.deliver_now(house.get(name), timeout=0.05)
    assert found is not None
    assert (PENDING, ()) == (found.state, found.attempts)


def test_deliver_now_of_what_was_reset_away_is_none(house: House) -> None:
    name = house.enqueue()
    delivery = house.get(name)
    house.store.reset("default")
    assert house.worker.deliver_now(delivery) is None


def test_a_store_that_fails_is_asked_again(house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    house.worker = house.make_worker(poll=0.01)
    take, failures = house.store.take_due, [OSError("no store"), OSError("no store")]

    def sometimes(_: Store, *args: Any) -> Any:
        if failures:
            raise failures.pop()
        return take(*args)

    monkeypatch.setattr(type(house.store), "take_due", sometimes)
    house.worker.start()
    house.enqueue()
    house.worker.wake()
    settled(house, 1)
    assert 1 == caplog.text.count("cannot be asked for callbacks"), "once for an outage, not once for each try"


def test_an_outcome_that_the_store_does_not_take_comes_again_when_the_lease_is_over(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = house.enqueue()
    settle = house.store.settle
    failures = [OSError("no store"), OSError("no store")]

    def sometimes(_: Store, *args: Any) -> None:
        if failures:
            raise failures.pop()
        settle(*args)

    monkeypatch.setattr(type(house.store), "settle", sometimes)
    assert [] == house.worker.run_due()
    assert "when its lease is over" in caplog.text
    house.clock.advance(31.0)
    assert DELIVERED == house.worker.run_due()[0].state
    assert 2 == len(house.transport.sent), "at least once"
    assert 1 == len(house.get(name).attempts)


def test_stop_tells_what_is_left_and_takes_nothing_more(house: House) -> None:
    house.worker.start()
    house.enqueue(lane="a")
    house.worker.wake()
    settled(house, 1)
    house.enqueue(body=b"later", due=house.now() + 60, lane="b")
    house.enqueue(body=b"much later", due=house.now() + 3600, lane="c", account="test-a")
    left = house.worker.stop()
    assert {b"later", b"much later"} == {each.message.body for each in left}
    assert house.transport.closed
    house.clock.advance(7200)
    house.worker.wake()
    assert 1 == len(house.transport.sent)
    assert left == house.worker.stop(), "twice does no harm"


def test_an_attempt_of_another_process_is_noticed(house: House) -> None:
    """Two processes share the store; the one that waits is not the one that sends."""
    name = house.enqueue(before_response=True)
    (taken,) = house.store.take_due(house.clock.now(), 30.0)
    house.worker.start()
    timer = threading.Timer(0.05, house.store.settle, ("default", name, Attempt(house.now(), 0.0, 200), DELIVERED))
    timer.start()
    found = house.worker.deliver_now(taken)
    timer.join()
    assert found is not None
    assert DELIVERED == found.state
