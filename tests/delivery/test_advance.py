from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.records import DELIVERED, FAILED, PENDING, Delivery
from mock_server.delivery.advance import advance, flush
from tests.delivery.conftest import NO, House

DAY = 86_400.0


def move(house: House, seconds: float, account: str = "default") -> list[Delivery]:
    return advance(house.store, house.worker, account, seconds, house.clock)


def offsets(house: House, played: list[Delivery]) -> list[tuple[str, float]]:
    """Message and seconds since the manual clock's beginning, for each attempt in the order in which it was made."""
    return [(each.message.body.decode(), round(each.attempts[-1].at - 1_700_000_000.0, 3)) for each in played if each.attempts]


@pytest.fixture(params=["running", "frozen"])
def clock(request: Any, house: House) -> str:
    if request.param == "frozen":
        house.freeze()
    return str(request.param)


def test_a_retry_schedule_of_24_hours_runs_without_waiting(house: House, clock: str) -> None:
    """Every attempt at its own time, real time standing still."""
    waits = (60.0, 300.0, 3600.0, 6 * 3600.0, DAY - 25_560.0)
    house.transport.answers = [NO] * 5
    house.enqueue(body=b"x", waits=waits)
    played = move(house, DAY)
    times = [0.0, 60.0, 360.0, 3960.0, 25_560.0, DAY]
    assert [("x", at) for at in times] == offsets(house, played)
    assert [PENDING] * 5 + [DELIVERED] == [each.state for each in played]
    assert 1_700_000_000.0 + DAY == pytest.approx(house.now(), abs=1e-3)
    assert house.clock.now() == 1_700_000_000.0


def test_ten_attempts_that_all_fail(house: House, clock: str) -> None:
    house.transport.answers = [NO] * 10
    house.enqueue(body=b"x")
    played = move(house, 600.0)
    assert [("x", 15.0 * number) for number in range(10)] == offsets(house, played)
    assert FAILED == played[-1].state


def test_what_falls_due_on_the_way_has_its_turn_in_order(house: House, clock: str) -> None:
    """Retries and what a timer brings forth are slotted in between what was scheduled from the beginning."""
    house.transport.answers = [NO]

    def expire(message: Any) -> None:
        house.enqueue(body=b"timeout", event="timeout", lane="b")

    house.on_timer = expire
    house.enqueue(body=b"a", lane="a")
    house.enqueue(body=b"late", due=house.now() + 20, lane="c")
    house.enqueue(kind="timer", due=house.now() + 10, lane="b")
    house.enqueue(body=b"after", due=house.now() + 30, lane="d")
    assert [("a", 0.0), ("timeout", 10.0), ("a", 15.0), ("late", 20.0)] == offsets(house, move(house, 25.0))
    assert [("after", 30.0)] == offsets(house, move(house, 5.0))


def test_what_a_receiver_brings_forth_has_its_turn_too(house: House, clock: str) -> None:
    def order_more(out: Any) -> None:
        if out.body == b"first":
            house.enqueue(body=b"second", due=house.now() + 5, lane="b")

    house.transport.on_send = order_more
    house.enqueue(body=b"first", due=house.now() + 5)
    house.enqueue(body=b"third", due=house.now() + 20, lane="c")
    assert [("first", 5.0), ("second", 10.0), ("third", 20.0)] == offsets(house, move(house, 60.0))


def test_an_advance_ends_where_it_was_told_to(house: House, clock: str) -> None:
    house.enqueue(due=house.now() + 10)
    assert [] == move(house, 9.999)
    assert 1 == len(move(house, 0.001))
    assert 10.0 == pytest.approx(house.now() - 1_700_000_000.0, abs=1e-4)


def test_back_in_time_nothing_new_falls_due(house: House, clock: str) -> None:
    house.enqueue(due=house.now() + 1)
    assert [] == move(house, -300.0)
    assert -300.0 == pytest.approx(house.now() - 1_700_000_000.0)
    assert [] == move(house, 300.0)
    assert 1 == len(move(house, 2.0))


def test_another_account_keeps_its_own_time(house: House, clock: str) -> None:
    house.enqueue(due=house.now() + 5, account="test-a")
    assert [] == move(house, 60.0)
    assert 1 == len(move(house, 60.0, "test-a"))


def test_held_messages_do_not_move(house: House, clock: str) -> None:
    house.commit(house.message())
    assert [] == move(house, 20.0)


def test_advancing_works_beside_a_started_worker(house: House, clock: str) -> None:
    house.transport.answers = [NO] * 9
    house.enqueue(body=b"x", due=house.now() + 1)
    house.worker.start()
    assert 10 == len(move(house, 600.0))
    assert 10 == len(house.transport.sent)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1e6), st.integers(0, 3)), max_size=12), st.booleans())
def test_attempts_are_made_in_the_order_of_their_times(plan: list[tuple[str, float, int]], frozen: bool) -> None:
    house = House()
    if frozen:
        house.freeze()
    failures = {f"{number}".encode(): fails for number, (_, _, fails) in enumerate(plan)}

    def answer(out: Any) -> None:
        if failures[out.body] > 0:
            failures[out.body] -= 1
            house.transport.answers = [NO]

    house.transport.on_send = answer
    for number, (lane, after, _) in enumerate(plan):
        house.enqueue(body=f"{number}".encode(), lane=lane, due=house.now() + after)
    played = move(house, 1_000_100.0)
    times = [each.attempts[-1].at for each in played]
    assert times == sorted(times)
    assert sum(1 + fails for _, _, fails in plan) == len(house.transport.sent) == len(played)
    for number, (_, after, _) in enumerate(plan):
        first = next(each for each in played if each.message.body == f"{number}".encode())
        assert first.attempts[0].at >= 1_700_000_000.0 + after - 1e-6  # an instant of today has that many digits as a float
    house.worker.stop()


def test_flush_sends_what_is_scheduled_without_moving_the_clock(house: House, clock: str) -> None:
    house.transport.answers = [NO]
    before = house.now()
    house.enqueue(body=b"a", due=house.now() + 10, lane="a")
    house.enqueue({"late": "1h"}, body=b"b", lane="b")
    house.worker.run_due()
    house.enqueue(body=b"c", due=house.now() + DAY, lane="c")
    played = flush(house.store, house.worker, "default", house.clock)
    assert [(b"a", PENDING), (b"b", DELIVERED), (b"c", DELIVERED)] == [(each.message.body, each.state) for each in played]
    assert before == house.now()
    assert DELIVERED == flush(house.store, house.worker, "default", house.clock)[0].state


def test_flush_overrules_late_even_before_anything_was_looked_at(house: House, clock: str) -> None:
    house.enqueue({"late": "1h"})
    assert [DELIVERED] == [each.state for each in flush(house.store, house.worker, "default", house.clock)]
