"""What the Protocol of `store/base.py` promises about deliveries, held against every store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_server.core.clock import ClockState, ManualClock
from mock_server.core.records import CANCELLED, DELIVERED, DROPPED, FAILED, PENDING, Attempt, Delivery
from mock_server.store.base import DeliveryFilter, Store
from tests.contract.conftest import JOURNAL
from tests.contract.test_store import SLACK
from tests.contract.values import NOW, entry, message, transaction

Another = Callable[[], Store]
ATTEMPT = Attempt(
    NOW, 0.25, 503, "refused", (("Retry-After", "1"),), b"busy\xff", "corrupted", (("X", "y"),), b"sent"
)


def ids(deliveries: list[Delivery]) -> list[str]:
    return [delivery.message.id for delivery in deliveries]


def send(store: Store, real: float = NOW, **arguments: object) -> list[str]:
    """Deliver all that is due."""
    taken = store.lease_due(real, 10, **arguments)  # type: ignore[arg-type]
    for delivery in taken:
        store.record_attempt(delivery.message.account, delivery.message.id, ATTEMPT, DELIVERED)
    return ids(taken)


def set_clock(store: Store, account: str, frozen: float | None = None, offset: float = 0.0) -> None:
    store.update(account, lambda state: state._replace(clock=ClockState(frozen, offset)))


# -- what is stored
# ----------------------------------------------------------------------------------------------
def test_a_message_comes_back_as_it_was(store: Store, another: Another) -> None:
    full = message(
        "d-1", method="PUT", waits=(1.0, 2.5), timeout=3.0, lane="l", deliver=("ok", {"late": 30}), request_id="r-1", scenario="s",
        kind="timer", before_response=True, due=NOW + 0.123456, no_address="nowhere to send it",
    )  # fmt: skip
    store.commit(transaction(messages=[full]))
    for seen in (store, another()):
        assert seen.delivery("default", "d-1") == Delivery(full, PENDING, full.due)
    assert store.delivery("default", "d-2") is None
    assert store.delivery("test-a", "d-1") is None


def test_attempts_are_appended(store: Store, another: Another) -> None:
    store.schedule([message("d-1")])
    store.lease_due(NOW, 10)
    store.record_attempt("default", "d-1", ATTEMPT, PENDING, due=NOW + 5, turn=1)
    assert store.delivery("default", "d-1") == Delivery(message("d-1"), PENDING, NOW + 5, (ATTEMPT,), 1)
    another().record_attempt("default", "d-1", Attempt(NOW + 5, 0.1, 200), DELIVERED, turn=2)
    assert store.delivery("default", "d-1") == Delivery(
        message("d-1"), DELIVERED, NOW + 5, (ATTEMPT, Attempt(NOW + 5, 0.1, 200)), 2
    )
    store.schedule([message("d-2")])
    store.record_attempt("default", "d-2", None, DROPPED)
    assert store.delivery("default", "d-2") == Delivery(message("d-2"), DROPPED, NOW)


def test_a_message_is_stored_once(store: Store) -> None:
    store.schedule([message("d-1", lane="l"), message("d-2", lane="l")])
    store.record_attempt("default", "d-1", ATTEMPT, DELIVERED)
    store.schedule([message("d-1", lane="l", due=NOW + 9)])
    assert store.deliveries("default")[1] == 2
    assert store.delivery("default", "d-1") == Delivery(message("d-1", lane="l"), DELIVERED, NOW, (ATTEMPT,))
    assert send(store) == ["d-2"]
    assert send(store, NOW + 100) == []


# -- due
# ---------------------------------------------------------------------------------------------------------
def test_accounts_take_turns_by_due_time(store: Store, another: Another) -> None:
    store.schedule([message(f"a-{due}", "test-a", due=NOW + due) for due in (1, 3, 5)])
    store.schedule([message(f"b-{due}", "test-b", due=NOW + due) for due in (2, 4)])
    assert [ids(seen.lease_due(NOW + 9, 10, limit=2)) for seen in (store, another(), store)] == [
        ["a-1", "b-2"],
        ["a-3", "b-4"],
        ["a-5"],
    ]


def test_an_account_whose_first_delivery_was_put_off_waits_its_turn(store: Store) -> None:
    store.schedule([message("a-1", "test-a", due=NOW + 1), message("b-1", "test-b", due=NOW + 3)])
    store.reschedule("test-a", ["a-1"], NOW + 5)
    assert [ids(store.lease_due(NOW + 9, 10, limit=1)) for _ in range(3)] == [["b-1"], ["a-1"], []]


def test_what_is_due_is_taken_once_in_order(store: Store, another: Another) -> None:
    for number, due in enumerate([3, 1, 2, 9, 1.5]):
        store.schedule([message(f"d-{number}", due=NOW + due)])
    assert store.lease_due(NOW + 0.9, 10) == []
    taken = store.lease_due(NOW + 3, 10)
    assert ids(taken) == ["d-1", "d-4", "d-2", "d-0"]
    assert taken[0] == Delivery(message("d-1", due=NOW + 1), PENDING, NOW + 1, lease_until_real=NOW + 13)
    assert store.delivery("default", "d-1") == taken[0]
    assert store.lease_due(NOW + 3, 10) == another().lease_due(NOW + 3, 10) == []


def test_the_limit_and_the_account_narrow(store: Store) -> None:
    for number in range(6):
        store.schedule([message(f"d-{number}", "default" if number % 2 else "test-a", due=NOW + number)])
    assert ids(store.lease_due(NOW + 9, 10, limit=2)) == ["d-0", "d-1"]
    assert ids(store.lease_due(NOW + 9, 10, account="default")) == ["d-3", "d-5"]
    assert store.lease_due(NOW + 9, 10, account="unknown") == []
    assert ids(store.lease_due(NOW + 9, 10, limit=1, account="test-a")) == ["d-2"]
    assert ids(store.lease_due(NOW + 9, 10)) == ["d-4"]


def test_no_account_waits_behind_later_deliveries_of_another(store: Store) -> None:
    store.schedule([message(f"a-{number}", "test-a", due=NOW + number) for number in range(20)])
    store.schedule([message("b-0", "test-b", due=NOW + 2.5)])
    assert ids(store.lease_due(NOW + 100, 10, limit=5)) == ["a-0", "a-1", "a-2", "b-0", "a-3"]


def test_deliveries_of_other_accounts_pass_one_that_was_put_off(store: Store) -> None:
    store.schedule([message("a-0", "test-a", due=NOW + 1), message("b-0", "test-b", due=NOW + 3)])
    store.reschedule("test-a", ["a-0"], NOW + 5)
    assert ids(store.lease_due(NOW + 9, 10, limit=1)) == ["b-0"]
    assert ids(store.lease_due(NOW + 9, 10, limit=1)) == ["a-0"]


def test_of_many_workers_one_takes(store: Store, another: Another) -> None:
    stores = [store, another()]
    for number in range(60):
        store.schedule([message(f"d-{number}", lane=f"l{number % 10}")])

    def work(number: int) -> list[str]:
        mine: list[str] = []
        for _ in range(200):
            mine += send(stores[number % 2], limit=3)
            if store.wake_at(NOW) is None:
                break
        return mine

    with ThreadPoolExecutor(4) as threads:
        sent = [delivery_id for mine in threads.map(work, range(4)) for delivery_id in mine]
    assert sorted(sent) == sorted(f"d-{number}" for number in range(60))
    assert store.deliveries("default", DeliveryFilter(state=DELIVERED))[1] == JOURNAL or len(set(sent)) == 60


# -- hold
# --------------------------------------------------------------------------------------------------------
def test_messages_of_an_exchange_are_held_until_their_release(store: Store, another: Another) -> None:
    store.commit(
        transaction(
            entry=entry("r-1"),
            messages=[message("d-1"), message("d-2", before_response=True), message("d-3", due=NOW + 5)],
        )
    )
    held = store.delivery("default", "d-1")
    assert held == Delivery(message("d-1"), PENDING, NOW, held=True)
    assert send(store) == ["d-2"]
    another().release([("default", "d-1"), ("default", "d-3"), ("default", "unknown"), ("unknown", "d-1")])
    assert store.delivery("default", "d-1") == Delivery(message("d-1"), PENDING, NOW)
    assert send(store) == ["d-1"]
    assert send(store, NOW + 5) == ["d-3"]
    store.release([("default", "d-1")])
    assert send(store, NOW + 100) == []


def test_a_hold_whose_process_died_ends(store: Store, another: Another) -> None:
    store.commit(transaction(messages=[message("d-1"), message("d-2", due=NOW + 100)]))
    assert store.lease_due(NOW + 29, 10) == []
    taken = another().lease_due(NOW + 31, 10)
    assert ids(taken) == ["d-1"]
    assert not taken[0].held
    assert store.lease_due(NOW + 31, 10) == []
    assert send(store, NOW + 100) == ["d-1", "d-2"]


def test_a_release_that_comes_late_does_not_end_a_lease(store: Store) -> None:
    store.commit(transaction(messages=[message("d-1")]))
    assert ids(store.lease_due(NOW + 31, 10)) == ["d-1"]
    store.release([("default", "d-1")])
    assert store.lease_due(NOW + 31, 10) == []
    assert ids(store.lease_due(NOW + 41, 10)) == ["d-1"]


def test_the_first_of_a_lane_holds_up_the_others_while_it_is_held(store: Store) -> None:
    store.commit(transaction(messages=[message("d-1", lane="l")]))
    store.schedule([message("d-2", lane="l"), message("d-3", lane="m"), message("d-4")])
    assert sorted(send(store)) == ["d-3", "d-4"]
    store.release([("default", "d-1")])
    assert send(store) == ["d-1"]
    assert send(store) == ["d-2"]


# -- leases
# ------------------------------------------------------------------------------------------------------
def test_a_lease_that_has_ended_is_taken_over(store: Store, another: Another) -> None:
    store.schedule([message("d-1"), message("d-2", lane="l"), message("d-3", lane="l")])
    assert ids(store.lease_due(NOW, 5)) == ["d-1", "d-2"]
    other = another()
    assert other.lease_due(NOW + 4.9, 10) == []
    assert other.wake_at(NOW + 1) == NOW + 5
    taken = other.lease_due(NOW + 5, 10)
    assert sorted(ids(taken)) == ["d-1", "d-2"]
    assert {delivery.lease_until_real for delivery in taken} == {NOW + 15}
    other.record_attempt("default", "d-2", ATTEMPT, DELIVERED)
    assert ids(store.lease_due(NOW + 5, 10)) == ["d-3"]
    assert ids(store.lease_due(NOW + 15, 10, limit=1)) == ["d-1"]


def test_a_settled_delivery_is_leased_no_more(store: Store) -> None:
    store.schedule([message("d-1")])
    store.lease_due(NOW, 10)
    store.record_attempt("default", "d-1", ATTEMPT, PENDING, due=NOW + 1)
    assert store.lease_due(NOW + 0.5, 10) == []
    assert ids(store.lease_due(NOW + 1, 10)) == ["d-1"]


def test_settling_what_is_not_there_does_nothing(store: Store) -> None:
    store.record_attempt("default", "d-1", ATTEMPT, DELIVERED)
    store.record_attempt("test-a", "d-1", None, PENDING, due=NOW)
    assert store.accounts() == []
    assert store.lease_due(NOW + 1, 10) == []


# -- lanes
# -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", [DELIVERED, FAILED, DROPPED])
def test_a_lane_goes_on_when_its_first_is_done(store: Store, state: str) -> None:
    store.schedule([message("d-1", lane="l"), message("d-2", lane="l"), message("d-3", lane="l")])
    for expected in ("d-1", "d-2", "d-3"):
        assert ids(store.lease_due(NOW, 10)) == [expected]
        assert store.lease_due(NOW, 10) == []
        store.record_attempt("default", expected, ATTEMPT, state)
    assert store.lease_due(NOW, 10) == []


def test_a_lane_waits_for_the_retries_of_its_first(store: Store) -> None:
    store.schedule([message("d-1", lane="l"), message("d-2", lane="l")])
    store.lease_due(NOW, 10)
    store.record_attempt("default", "d-1", ATTEMPT, PENDING, due=NOW + 60)
    assert store.lease_due(NOW + 59, 10) == []
    assert store.wake_at(NOW) == NOW + 60
    assert send(store, NOW + 60) == ["d-1"]
    assert send(store, NOW + 60) == ["d-2"]


def test_a_lane_goes_by_due_time_not_by_arrival(store: Store) -> None:
    store.schedule(
        [
            message("d-1", lane="l", due=NOW + 3),
            message("d-2", lane="l", due=NOW + 1),
            message("d-3", lane="l", due=NOW + 2),
        ]
    )
    assert store.lease_due(NOW + 0.5, 10) == []
    assert store.wake_at(NOW) == NOW + 1
    for at, expected in ((1, "d-2"), (2, "d-3"), (3, "d-1")):
        assert send(store, NOW + at) == [expected]


def test_nothing_overtakes_what_is_under_way(store: Store) -> None:
    store.schedule([message("d-1", lane="l", due=NOW + 1)])
    store.lease_due(NOW + 1, 10)
    store.schedule([message("d-2", lane="l", due=NOW)])
    assert store.lease_due(NOW + 1, 10) == []
    store.record_attempt("default", "d-1", ATTEMPT, PENDING, due=NOW + 2)
    assert store.lease_due(NOW + 1, 10) == []
    store.schedule([message("d-3", lane="l", due=NOW - 1)])
    assert [send(store, NOW + 2) for _ in range(4)] == [["d-1"], ["d-3"], ["d-2"], []]


def test_lanes_of_other_accounts_are_others(store: Store) -> None:
    store.schedule([message("d-1", lane="l"), message("d-2", "test-a", lane="l")])
    assert sorted(ids(store.lease_due(NOW, 10))) == ["d-1", "d-2"]


def test_cancelling_the_first_lets_the_lane_go_on(store: Store) -> None:
    store.schedule(
        [
            message("d-1", lane="l", due=NOW + 1),
            message("d-2", lane="l", due=NOW + 2),
            message("d-3", lane="l", due=NOW + 3),
        ]
    )
    store.reschedule("default", ["d-1"], NOW, CANCELLED)
    assert send(store, NOW + 2) == ["d-2"]
    assert send(store, NOW + 3) == ["d-3"]
    assert store.delivery("default", "d-1") == Delivery(message("d-1", lane="l", due=NOW + 1), CANCELLED, NOW)


# -- clocks
# ------------------------------------------------------------------------------------------------------
def test_due_is_on_the_accounts_clock(store: Store) -> None:
    set_clock(store, "test-a", offset=100.0)
    set_clock(store, "test-b", offset=-100.0)
    store.schedule(
        [
            message("d-0", due=NOW + 50),
            message("d-a", "test-a", due=NOW + 50),
            message("d-b", "test-b", due=NOW + 50),
        ]
    )
    assert store.wake_at(NOW) == NOW
    assert send(store, NOW) == ["d-a"]
    assert store.wake_at(NOW) == NOW + 50
    assert send(store, NOW + 50) == ["d-0"]
    assert store.wake_at(NOW) == NOW + 150
    assert send(store, NOW + 149) == []
    assert send(store, NOW + 150) == ["d-b"]
    assert store.wake_at(NOW) is None


def test_a_frozen_clock_stands_still(store: Store) -> None:
    set_clock(store, "default", frozen=NOW)
    store.schedule(
        [
            message("d-1", due=NOW + 1),
            message("d-2", due=NOW),
            message("d-3", due=NOW - 9),
            message("d-4", due=NOW + 2),
        ]
    )
    assert store.wake_at(NOW + 500) == NOW + 500
    assert send(store, NOW + 1_000_000) == ["d-3", "d-2"]
    assert store.wake_at(NOW) is None
    store.schedule([message("d-5", "default", due=NOW - 5), message("d-6", due=NOW - 7)])
    assert send(store, NOW, limit=1) == ["d-6"]
    assert send(store, NOW, limit=1) == ["d-5"]
    assert send(store, NOW + 1_000_000) == []
    set_clock(store, "default", frozen=NOW + 1)
    assert store.wake_at(NOW) == NOW
    assert send(store, NOW) == ["d-1"]
    set_clock(store, "default")
    assert store.wake_at(NOW) == NOW + 2


def test_a_clock_moves_back_and_forth(store: Store) -> None:
    store.schedule(
        [
            message("d-1", due=NOW + 10),
            message("d-2", due=NOW + 20, lane="l"),
            message("d-3", due=NOW + 30, lane="l"),
        ]
    )
    set_clock(store, "default", offset=-1000.0)
    assert store.wake_at(NOW) == NOW + 1010
    assert send(store, NOW + 100) == []
    set_clock(store, "default", offset=15.0)
    assert store.wake_at(NOW + 1) == NOW + 1
    assert send(store, NOW) == ["d-1"]
    assert store.wake_at(NOW) == NOW + 5
    set_clock(store, "default", frozen=NOW + 25)
    assert send(store, NOW) == ["d-2"]
    assert store.wake_at(NOW) is None
    set_clock(store, "default", offset=30.0)
    assert send(store, NOW) == ["d-3"]


def test_what_is_due_at_the_very_instant_is_due(store: Store) -> None:
    for number, offset in enumerate([7200.1, 0.3, 86_400.7, -3600.9]):
        account = f"test-{number}"
        set_clock(store, account, offset=offset)
        store.schedule([message(f"d-{number}", account, due=NOW + 0.1 + offset)])
    at = store.wake_at(NOW)
    assert at == pytest.approx(NOW + 0.1, abs=1e-6)
    assert sorted(send(store, NOW + 0.1)) == ["d-0", "d-1", "d-2", "d-3"]


def test_a_clock_set_during_a_hold_or_lease_counts_after_it(store: Store) -> None:
    store.commit(transaction(messages=[message("d-1")]))
    store.schedule([message("d-2")])
    assert ids(store.lease_due(NOW, 10)) == ["d-2"]
    set_clock(store, "default", offset=-50.0)
    store.release([("default", "d-1")])
    assert store.lease_due(NOW + 49, 10) == []
    assert sorted(ids(store.lease_due(NOW + 50, 10))) == ["d-1", "d-2"]


def test_a_held_delivery_of_a_frozen_clock(store: Store) -> None:
    set_clock(store, "default", frozen=NOW)
    store.commit(transaction(messages=[message("d-1"), message("d-2", due=NOW + 1)]))
    assert send(store, NOW) == []
    store.release([("default", "d-1"), ("default", "d-2")])
    assert send(store, NOW) == ["d-1"]


# -- wake_at
# ----------------------------------------------------------------------------------------------------
def test_next_due_is_when_a_look_will_find_something(store: Store) -> None:
    assert store.wake_at(NOW) is None
    store.schedule(
        [
            message("d-1", due=NOW + 5),
            message("d-2", due=NOW + 3, lane="l"),
            message("d-3", due=NOW + 4, lane="l"),
        ]
    )
    sent: list[str] = []
    at: float | None = NOW
    for _ in range(20):
        at = store.wake_at(at or NOW)
        if at is None:
            break
        sent += send(store, at)
    assert sent == ["d-2", "d-3", "d-1"]
    assert store.wake_at(NOW) is None


def test_next_due_of_what_is_overdue_is_now(store: Store) -> None:
    store.schedule([message("d-1", due=NOW - 1000)])
    assert store.wake_at(NOW) == NOW


# -- reschedule
# --------------------------------------------------------------------------------------------------
def test_rescheduling_makes_due_and_ends_a_hold(store: Store) -> None:
    store.commit(transaction(messages=[message("d-1", due=NOW + 100), message("d-2", due=NOW + 100)]))
    store.reschedule("default", ["d-1", "unknown"], NOW + 1)
    assert store.delivery("default", "d-1") == Delivery(message("d-1", due=NOW + 100), PENDING, NOW + 1)
    assert send(store, NOW) == []
    assert send(store, NOW + 1) == ["d-1"]
    store.reschedule("default", ["d-2"], NOW + 500)
    assert send(store, NOW + 200) == []
    assert send(store, NOW + 500) == ["d-2"]


def test_what_is_done_can_be_sent_again(store: Store) -> None:
    store.schedule([message("d-1", lane="l"), message("d-2", lane="l", due=NOW + 50)])
    assert send(store) == ["d-1"]
    store.reschedule("default", ["d-1"], NOW + 1)
    assert store.delivery("default", "d-1") == Delivery(
        message("d-1", lane="l"), PENDING, NOW + 1, (ATTEMPT,)
    )
    assert send(store, NOW + 1) == ["d-1"]
    assert send(store, NOW + 50) == ["d-2"]


def test_a_lease_outlasts_a_new_due_time(store: Store) -> None:
    store.schedule([message("d-1")])
    store.lease_due(NOW, 10)
    store.reschedule("default", ["d-1"], NOW)
    assert store.lease_due(NOW + 9, 10) == []
    assert ids(store.lease_due(NOW + 10, 10)) == ["d-1"]


def test_cancelling_in_flight_is_final_unless_it_was_delivered(store: Store) -> None:
    store.schedule([message("d-1"), message("d-2")])
    store.lease_due(NOW, 10)
    store.reschedule("default", ["d-1", "d-2"], NOW, CANCELLED)
    store.record_attempt("default", "d-1", ATTEMPT, PENDING, due=NOW + 5)
    store.record_attempt("default", "d-2", ATTEMPT, DELIVERED)
    states = [store.delivery("default", delivery_id) for delivery_id in ("d-1", "d-2")]
    assert [(delivery.state, delivery.attempts) for delivery in states if delivery] == [
        (CANCELLED, (ATTEMPT,)),
        (DELIVERED, (ATTEMPT,)),
    ]
    assert send(store, NOW + 100) == []


# -- looking
# -----------------------------------------------------------------------------------------------------
def test_pages_of_deliveries(store: Store) -> None:
    store.schedule([message(f"d-{number}", event="DONE" if number % 2 else "REVIEW") for number in range(8)])

    def page(**arguments: object) -> tuple[list[str], int]:
        deliveries, total = store.deliveries("default", **arguments)  # type: ignore[arg-type]
        return ids(deliveries), total

    assert page(limit=3) == (["d-7", "d-6", "d-5"], 8)
    assert page(limit=3, before="d-5") == (["d-4", "d-3", "d-2"], 8)
    assert page(limit=3, before="d-0") == page(before="unknown") == ([], 8)
    assert page(where=DeliveryFilter(event="REVIEW"), limit=2, before="d-5") == (["d-4", "d-2"], 4)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (DeliveryFilter(), ["d-1", "d-2", "d-3"]),
        (DeliveryFilter(kind=""), ["d-1", "d-2", "d-3", "d-4"]),
        (DeliveryFilter(kind="timer"), ["d-4"]),
        (DeliveryFilter(event="REVIEW"), ["d-2"]),
        (DeliveryFilter(reference="other"), ["d-3"]),
        (DeliveryFilter(state=DELIVERED), ["d-1"]),
        (DeliveryFilter(state=PENDING), ["d-2", "d-3"]),
        (DeliveryFilter(provider="shuftipro"), ["d-3"]),
        (DeliveryFilter(request_id="r-1"), ["d-2"]),
        (DeliveryFilter(request_id="r-1", state=DELIVERED), []),
        (DeliveryFilter(scenario="s"), ["d-3"]),
        (DeliveryFilter(scenario="s", state=DELIVERED), []),
        (DeliveryFilter(q="OTHER"), ["d-3"]),
        (DeliveryFilter(q="revi"), ["d-2"]),
    ],
)  # fmt: skip
def test_filters_of_deliveries(store: Store, where: DeliveryFilter, expected: list[str]) -> None:
    store.schedule([message("d-1"), message("d-2", event="REVIEW", request_id="r-1", due=NOW + 1)])
    store.schedule(
        [
            message("d-3", reference="other", provider="shuftipro", due=NOW + 1, scenario="s"),
            message("d-4", kind="timer", due=NOW + 1),
        ]
    )
    send(store)
    deliveries, total = store.deliveries("default", where)
    assert sorted(ids(deliveries)) == expected
    assert total == len(expected)


@pytest.mark.parametrize(
    "sought", ["tāne", "TĀNE", "hēmi o'neill", "kelvin", "istanbul", "ﬁn", "東京", "nothing of this"]
)
def test_a_text_is_sought_in_any_case(store: Store, sought: str) -> None:
    texts = ("Tāne", "Hēmi O'Neill", "\u212aELVIN", "\u0130STANBUL", "ﬁn", "東京都", "plain")
    messages = [
        message(f"d-{number}", body=f'{{"name": "{text}"}}'.encode()) for number, text in enumerate(texts)
    ]
    store.schedule(messages)
    expected = [each.id for each in reversed(messages) if sought.lower() in each.body.decode("utf-8").lower()]
    deliveries, total = store.deliveries("default", DeliveryFilter(q=sought))
    assert ids(deliveries) == expected
    assert total == len(expected)


def test_a_search_has_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_server.store.redis._PIECE", 3)
    store.schedule(
        [message(f"d-{number}", scenario="even" if number % 2 == 0 else "odd") for number in range(12)]
    )
    where = DeliveryFilter(scenario="even")
    first, total = store.deliveries("default", where, 4)
    assert (ids(first), total) == (["d-10", "d-8", "d-6", "d-4"], 6)
    second, total = store.deliveries("default", where, 4, before="d-4")
    assert (ids(second), total) == (["d-2", "d-0"], 6)
    assert store.deliveries("default", where, 4, before="d-99") == ([], 6)
    assert store.deliveries("default", where, 0) == ([], 6)


def test_the_next_due_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_server.store.redis._PIECE", 2)
    assert store.next_due("default", NOW) is None
    store.schedule([message(f"d-{number}", due=NOW + 50 - number) for number in range(5)])
    store.schedule([message("t", kind="timer", due=NOW + 40), message("other", "acme", due=NOW + 1)])
    held = message("held", due=NOW + 2)
    store.commit(transaction(messages=[held]))
    store.reschedule("default", ["d-4"], NOW + 46, "cancelled")
    for after, due in ((NOW, 40), (NOW + 39.5, 40), (NOW + 40, 47), (NOW + 47, 48), (NOW + 50, None)):
        assert store.next_due("default", after) == (None if due is None else NOW + due)
    store.release([("default", "held")])
    assert store.next_due("default", NOW) == NOW + 2


def test_another_clock_moves_all_that_is_pending(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mock_server.store.redis._PIECE", 2)
    store.schedule(
        [message(f"d-{number}", due=NOW + 100 + number, lane=f"l-{number % 2}") for number in range(7)]
    )
    store.update("default", lambda state: state._replace(clock=ClockState(NOW)))
    assert store.lease_due(NOW + 1000, NOW + 2000) == []
    store.update("default", lambda state: state._replace(clock=ClockState(None, 100.0)))
    assert ids(store.lease_due(NOW + 0.5, 30)) == ["d-0"]
    assert store.wake_at(NOW) == NOW + 1


def test_a_reset_forgets_all_that_is_pending(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_server.store.redis._PIECE", 2)
    store.schedule([message(f"d-{number}", lane=f"l-{number % 2}") for number in range(7)])
    store.schedule([message("d-0", "acme", due=NOW + 9)])
    store.record_attempt("default", "d-0", None, DELIVERED)
    store.reset("default")
    assert store.deliveries("default") == ([], 0)
    assert store.wake_at(NOW) == NOW + 9
    store.schedule([message("d-1", lane="l-1"), message("d-3", lane="l-1")])
    assert ids(store.lease_due(NOW, 30)) == ["d-1"]


def test_finished_deliveries_are_bounded_and_unfinished_ones_are_not(
    store: Store, clock: ManualClock
) -> None:
    count = JOURNAL + 2 * SLACK
    store.schedule([message("d-waits", due=NOW + 1000)])
    store.schedule([message(f"d-{number}") for number in range(count)])
    assert store.deliveries("default", DeliveryFilter(state=PENDING))[1] == count + 1
    sent = [delivery_id for _ in range(count // 100 + 1) for delivery_id in send(store, limit=100)]
    assert len(sent) == count
    finished, total = store.deliveries("default", DeliveryFilter(state=DELIVERED), limit=10_000)
    assert JOURNAL <= total == len(finished) <= JOURNAL + SLACK
    assert finished[0].message.id == f"d-{count - 1}"
    assert store.delivery("default", "d-0") is None
    assert send(store, NOW + 1000) == ["d-waits"]
