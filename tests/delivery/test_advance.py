from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.records import DELIVERED, FAILED, PENDING, Delivery
from mock_server.delivery.advance import advance, flush
from tests.delivery.conftest import NO, DispatcherHarness

DAY = 86_400.0


def move(harness: DispatcherHarness, seconds: float, account: str = "default") -> list[Delivery]:
    return advance(harness.store, harness.dispatcher, account, seconds, harness.clock)


def offsets(harness: DispatcherHarness, attempted: list[Delivery]) -> list[tuple[str, float]]:
    """Message and seconds since the manual clock's beginning, for each attempt in the order in which it was
    made."""
    return [
        (each.message.body.decode(), round(each.attempts[-1].at - 1_700_000_000.0, 3))
        for each in attempted
        if each.attempts
    ]


@pytest.fixture(params=["running", "frozen"])
def clock(request: Any, harness: DispatcherHarness) -> str:
    if request.param == "frozen":
        harness.freeze()
    return str(request.param)


def test_a_retry_schedule_of_24_hours_runs_without_waiting(harness: DispatcherHarness, clock: str) -> None:
    """Every attempt at its own time, real time standing still."""
    waits = (60.0, 300.0, 3600.0, 6 * 3600.0, DAY - 25_560.0)
    harness.client.answers = [NO] * 5
    harness.schedule(body=b"x", waits=waits)
    attempted = move(harness, DAY)
    times = [0.0, 60.0, 360.0, 3960.0, 25_560.0, DAY]
    assert offsets(harness, attempted) == [("x", at) for at in times]
    assert [each.state for each in attempted] == [PENDING] * 5 + [DELIVERED]
    assert pytest.approx(harness.now(), abs=1e-3) == 1_700_000_000.0 + DAY
    assert harness.clock.now() == 1_700_000_000.0


def test_ten_attempts_that_all_fail(harness: DispatcherHarness, clock: str) -> None:
    harness.client.answers = [NO] * 10
    harness.schedule(body=b"x")
    attempted = move(harness, 600.0)
    assert offsets(harness, attempted) == [("x", 15.0 * number) for number in range(10)]
    assert attempted[-1].state == FAILED


def test_what_falls_due_on_the_way_has_its_turn_in_order(harness: DispatcherHarness, clock: str) -> None:
    """Retries and what a timer brings forth are slotted in between what was scheduled from the beginning."""
    harness.client.answers = [NO]

    def expire(message: Any) -> None:
        harness.schedule(body=b"timeout", event="timeout", lane="b")

    harness.on_timer = expire
    harness.schedule(body=b"a", lane="a")
    harness.schedule(body=b"late", due=harness.now() + 20, lane="c")
    harness.schedule(kind="timer", due=harness.now() + 10, lane="b")
    harness.schedule(body=b"after", due=harness.now() + 30, lane="d")
    assert offsets(harness, move(harness, 25.0)) == [
        ("a", 0.0),
        ("timeout", 10.0),
        ("a", 15.0),
        ("late", 20.0),
    ]
    assert offsets(harness, move(harness, 5.0)) == [("after", 30.0)]


def test_what_a_receiver_brings_forth_has_its_turn_too(harness: DispatcherHarness, clock: str) -> None:
    def order_more(out: Any) -> None:
        if out.body == b"first":
            harness.schedule(body=b"second", due=harness.now() + 5, lane="b")

    harness.client.on_send = order_more
    harness.schedule(body=b"first", due=harness.now() + 5)
    harness.schedule(body=b"third", due=harness.now() + 20, lane="c")
    assert offsets(harness, move(harness, 60.0)) == [("first", 5.0), ("second", 10.0), ("third", 20.0)]


def test_an_advance_ends_exactly_there(harness: DispatcherHarness, clock: str) -> None:
    harness.schedule(due=harness.now() + 10)
    assert move(harness, 9.999) == []
    assert len(move(harness, 0.001)) == 1
    assert pytest.approx(harness.now() - 1_700_000_000.0, abs=1e-4) == 10.0


def test_back_in_time_nothing_new_falls_due(harness: DispatcherHarness, clock: str) -> None:
    harness.schedule(due=harness.now() + 1)
    assert move(harness, -300.0) == []
    assert pytest.approx(harness.now() - 1_700_000_000.0) == -300.0
    assert move(harness, 300.0) == []
    assert len(move(harness, 2.0)) == 1


def test_another_account_keeps_its_own_time(harness: DispatcherHarness, clock: str) -> None:
    harness.schedule(due=harness.now() + 5, account="test-a")
    assert move(harness, 60.0) == []
    assert len(move(harness, 60.0, "test-a")) == 1


def test_held_messages_do_not_move(harness: DispatcherHarness, clock: str) -> None:
    harness.commit(harness.message())
    assert move(harness, 20.0) == []


def test_advancing_works_beside_a_started_dispatcher(harness: DispatcherHarness, clock: str) -> None:
    harness.client.answers = [NO] * 9
    harness.schedule(body=b"x", due=harness.now() + 1)
    harness.dispatcher.start()
    assert len(move(harness, 600.0)) == 10
    assert len(harness.client.sent) == 10


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1e6), st.integers(0, 3)), max_size=12),
    st.booleans(),
)
def test_attempts_are_made_in_the_order_of_their_times(
    plan: list[tuple[str, float, int]], frozen: bool
) -> None:
    harness = DispatcherHarness()
    if frozen:
        harness.freeze()
    failures = {f"{number}".encode(): fails for number, (_, _, fails) in enumerate(plan)}

    def answer(out: Any) -> None:
        if failures[out.body] > 0:
            failures[out.body] -= 1
            harness.client.answers = [NO]

    harness.client.on_send = answer
    for number, (lane, after, _) in enumerate(plan):
        harness.schedule(body=f"{number}".encode(), lane=lane, due=harness.now() + after)
    attempted = move(harness, 1_000_100.0)
    times = [each.attempts[-1].at for each in attempted]
    assert sorted(times) == times
    assert sum(1 + fails for _, _, fails in plan) == len(harness.client.sent) == len(attempted)
    for number, (_, after, _) in enumerate(plan):
        first = next(each for each in attempted if each.message.body == f"{number}".encode())
        assert (
            first.attempts[0].at >= 1_700_000_000.0 + after - 1e-6
        )  # an instant of today has that many digits as a float
    harness.dispatcher.stop()


def test_flush_sends_what_is_scheduled_without_moving_the_clock(
    harness: DispatcherHarness, clock: str
) -> None:
    harness.client.answers = [NO]
    before = harness.now()
    harness.schedule(body=b"a", due=harness.now() + 10, lane="a")
    harness.schedule({"late": "1h"}, body=b"b", lane="b")
    harness.dispatcher.run_due()
    harness.schedule(body=b"c", due=harness.now() + DAY, lane="c")
    attempted = flush(harness.store, harness.dispatcher, "default", harness.clock)
    assert [(each.message.body, each.state) for each in attempted] == [
        (b"a", PENDING),
        (b"b", DELIVERED),
        (b"c", DELIVERED),
    ]
    assert harness.now() == before
    assert flush(harness.store, harness.dispatcher, "default", harness.clock)[0].state == DELIVERED


def test_flush_overrules_late_even_before_anything_was_looked_at(
    harness: DispatcherHarness, clock: str
) -> None:
    harness.schedule({"late": "1h"})
    assert [each.state for each in flush(harness.store, harness.dispatcher, "default", harness.clock)] == [
        DELIVERED
    ]
