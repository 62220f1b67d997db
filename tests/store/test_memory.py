"""What only the memory store promises: that it stays small."""

from __future__ import annotations

import tracemalloc

from mock_server.core.clock import ClockState, ManualClock
from mock_server.core.ids import ProcessIds
from mock_server.core.records import DELIVERED, Attempt
from mock_server.store.base import Limits
from mock_server.store.memory import ACCOUNTS, MemoryStore
from tests.contract.values import NOW, claim, entry, message, record, transaction


def response(store: MemoryStore, ids: ProcessIds, account: str, number: int) -> None:
    """A request with a callback, and the callback."""
    journal_entry = entry(
        ids.next("r"), account, reference=f"ref-{number}", body=b"%06d" % number + b"x" * 600
    )
    hook = message(ids.next("d"), account, lane=f"ref-{number}", body=b"%06d" % number + b"x" * 400)
    store.commit(
        transaction(
            account,
            entry=journal_entry,
            used_values=[claim(f"n{number}", by=journal_entry.id)],
            records=[
                record(f"ref-{number}", data=b"%06d" % number + b"x" * 600, aliases=(f"mine-{number}",))
            ],
            messages=[hook],
        )
    )
    store.release([(account, hook.id)])
    for delivery in store.lease_due(NOW, 30):
        store.record_attempt(
            account, delivery.message.id, Attempt(NOW, 0.01, 200, body=b"ok%d" % number), DELIVERED
        )


def test_it_grows_by_its_claims_only_once_its_limits_are_reached() -> None:
    store, ids = MemoryStore(ManualClock(), Limits(200, 500)), ProcessIds()
    for number in range(2000):
        response(store, ids, "default", number)
    tracemalloc.start()
    try:
        for number in range(2000, 12_000):
            response(store, ids, "default", number)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # What was there before is not counted, its successors are: some 3,000 bytes for each kept exchange, 60
    # for each claim.
    assert grown < 700 * 3000 + 10_000 * 60


def test_the_account_that_was_silent_longest_is_forgotten() -> None:
    store = MemoryStore(ManualClock(), Limits(10, 10))
    store.update("pinned", lambda state: state._replace(pinned="p"))
    store.commit(transaction("test-0", messages=[message("d-0", "test-0")]))
    for number in range(1, ACCOUNTS):
        store.commit(transaction(f"test-{number}", entry=entry("r-1", f"test-{number}")))
        store.commit(transaction("pinned", entry=entry(f"r-{number}", "pinned")))
    assert len(store.accounts()) == ACCOUNTS
    assert "test-0" not in store.accounts()
    assert store.account("pinned").pinned == "p"
    assert store.lease_due(NOW + 1000, 10) == []
    assert store.wake_at(NOW) is None


def test_reading_makes_no_account() -> None:
    store = MemoryStore(ManualClock(), Limits(10, 10))
    store.account("a")
    store.find_used("b", "nonce", "n")
    store.record("c", "cloudcheck", "", "k")
    store.commit(transaction("d", records=[record("k", version=3)]))
    assert store.accounts() == []


def test_a_distant_delivery_leaves_nothing_behind_with_each_near_one() -> None:
    store = MemoryStore(ManualClock(), Limits(10, 10))
    store.schedule([message("far", due=NOW + 1_000_000)])
    tracemalloc.start()
    try:
        for number in range(20_000):
            store.schedule([message(f"d-{number}")])
            store.reschedule("default", [f"d-{number}"], NOW + 500_000)
            store.reschedule("default", [f"d-{number}"], NOW)
            store.lease_due(NOW, 30)
            store.record_attempt("default", f"d-{number}", None, DELIVERED)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size < 1_000_000  # twenty thousand leftovers would be ten times that


def test_many_accounts_wait_on_their_own_clocks() -> None:
    store = MemoryStore(ManualClock(), Limits(10, 10))
    clocks = [ClockState(), ClockState(frozen=NOW), ClockState(offset=50.0), ClockState(offset=-50.0)]
    for number in range(400):
        account = f"test-{number}"
        store.update(account, lambda state, clock=clocks[number % 4]: state._replace(clock=clock))  # type: ignore[misc]
        store.schedule([message(f"d-{number}-{each}", account, due=NOW + 100 + each) for each in range(10)])
    assert store.lease_due(NOW, 10) == []
    assert store.wake_at(NOW) == NOW + 50
    taken = store.lease_due(NOW + 104, 10, limit=5000)
    # All ten of those that are ahead, five of those in real time, none of those behind or frozen.
    assert len(taken) == 100 * 10 + 100 * 5
    came = [delivery.due - store.account(delivery.message.account).clock.offset for delivery in taken]
    assert came == sorted(came)
    assert store.wake_at(NOW + 104) == NOW + 105
