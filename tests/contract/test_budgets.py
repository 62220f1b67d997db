"""Budgets in bytes: of an account's journal, finished callbacks and records, and of all journals together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from mock_server.core.clock import ManualClock
from mock_server.core.records import DELIVERED, Attempt, Cut, Delivery, Entry, Record
from mock_server.store import open_store
from mock_server.store.base import Limits, Store, Transaction
from tests.contract.values import entry, message

KIB = 2**10
LIMITS = Limits(1000, 1000, journal_bytes=640 * KIB, record_bytes=640 * KIB, total_bytes=1600 * KIB)
SLACK = 16
"""A store on disk may hold that part of a budget more, until it sweeps next."""


@pytest.fixture
def store(store_url: str, clock: ManualClock) -> Iterator[Store]:
    opened = open_store(store_url, limits=LIMITS, clock=clock)
    yield opened
    opened.close()


def big(number: int, account: str = "a", size: int = 30 * KIB) -> Entry:
    return entry(f"r-{number}", account=account, body=b"x" * size)


def write(store: Store, *items: Entry | Record, account: str = "a") -> None:
    for item in items:
        transaction = Transaction(account)
        if isinstance(item, Entry):
            transaction.entry = item
        else:
            transaction.records = [item]
        assert store.commit(transaction) is None


def held(store: Store, account: str = "a") -> list[Entry]:
    return store.entries(account, limit=1000)[0]


def size_of(store: Store, *accounts: str) -> int:
    return sum(each.size for account in accounts for each in held(store, account))


def test_the_newest_requests_of_an_account_stay_within_its_bytes(store: Store) -> None:
    write(store, *(big(number) for number in range(100)))
    entries = held(store)
    assert size_of(store, "a") <= LIMITS.journal_bytes * (1 + 1 / SLACK)
    assert [each.id for each in entries] == [f"r-{number}" for number in range(99, 99 - len(entries), -1)]
    assert len(entries) >= 18


def test_a_request_larger_than_the_budget_is_kept_alone(store: Store) -> None:
    write(store, big(1), big(2, size=900 * KIB))
    assert [each.id for each in held(store)] == ["r-2"]
    write(store, big(3))
    assert held(store)[0].id == "r-3"


def test_small_requests_are_counted_as_before(store: Store) -> None:
    write(store, *(entry(f"r-{number}", account="a") for number in range(200)))
    assert len(held(store)) == 200


def test_all_accounts_together_stay_within_their_bytes(store: Store) -> None:
    names = [f"a{number}" for number in range(12)]
    for name in names:
        write(store, *(big(number, name) for number in range(10)), account=name)
    assert size_of(store, *names) <= LIMITS.total_bytes * (1 + 1 / SLACK)
    assert len(held(store, names[-1])) == 10
    assert held(store, names[0]) == []


def test_an_emptied_journal_counts_no_more(store: Store) -> None:
    for round_ in range(4):
        write(store, *(big(number) for number in range(round_ * 10, round_ * 10 + 10)))
        store.clear_entries("a") if round_ % 2 else store.reset("a")
    write(store, *(big(number) for number in range(100, 115)))
    assert len(held(store)) == 15


def record(number: int, size: int = 30 * KIB, version: int = 0) -> Record:
    return Record(
        "cloudcheck",
        "image",
        f"k-{number}",
        "stored",
        1.0,
        b'"%s"' % (b"x" * size),
        (f"n-{number}",),
        version,
    )


def test_the_newest_records_of_an_account_stay_within_its_bytes(store: Store) -> None:
    write(store, *(record(number) for number in range(100)))
    records = store.records("a")
    assert sum(each.size for each in records) <= LIMITS.record_bytes * (1 + 1 / SLACK)
    assert records[-1].key == "k-99"
    assert len(records) >= 18
    assert store.record("a", "cloudcheck", "", "n-0") is None


def test_a_record_that_grows_makes_older_ones_leave(store: Store) -> None:
    write(store, *(record(number) for number in range(10)))
    write(store, record(9, size=550 * KIB, version=1))
    records = store.records("a")
    assert sum(each.size for each in records) <= LIMITS.record_bytes * (1 + 1 / SLACK)
    assert records[-1].key == "k-9"


def test_what_is_known_of_a_cut_body_is_kept(store: Store) -> None:
    cut = entry("r-1", account="a", body=b"y" * 5000).shortened(100)
    write(store, cut)
    stored = store.entry("a", "r-1")
    assert stored is not None
    assert (stored.body, stored.request_cut) == (b"y" * 100, None)
    assert stored.body_cut == Cut(5000, hashlib.sha256(b"y" * 5000).hexdigest())


def finish(store: Store, *numbers: int, account: str = "a", size: int = 30 * KIB) -> None:
    """Callbacks of that size that are delivered."""
    for number in numbers:
        sent = message(f"d-{number}", account=account, body=b"x" * size)
        store.schedule([sent])
        attempt = Attempt(1.0, 0.1, 200, headers=(("Server", "nginx"),), body=b"y" * KIB)
        store.record_attempt(account, sent.id, attempt, DELIVERED)


def finished(store: Store, account: str = "a") -> list[Delivery]:
    return store.deliveries(account, limit=1000)[0]


def test_finished_callbacks_stay_within_the_bytes_of_their_account(store: Store) -> None:
    waiting = [message(f"waits-{number}", account="a", body=b"x" * 30 * KIB) for number in range(40)]
    store.schedule(waiting)
    finish(store, *range(100))
    delivered = [each for each in finished(store) if each.state == DELIVERED]
    assert sum(each.size for each in delivered) <= LIMITS.journal_bytes * (1 + 1 / SLACK)
    newest = [f"d-{number}" for number in range(99, 99 - len(delivered), -1)]
    assert [each.message.id for each in delivered] == newest
    assert len(delivered) >= 16
    assert len(finished(store)) == len(delivered) + len(waiting), "what is pending stays"


def test_a_callback_larger_than_the_budget_stays_alone(store: Store) -> None:
    finish(store, 1)
    finish(store, 2, size=900 * KIB)
    assert [each.message.id for each in finished(store)] == ["d-2"]


def test_a_callback_that_is_pending_again_counts_no_more(store: Store) -> None:
    finish(store, *range(15))
    store.reschedule("a", [f"d-{number}" for number in range(10)], 2.0)
    finish(store, *range(15, 25))
    assert len(finished(store)) == 25


def test_small_callbacks_are_counted_as_before(store: Store) -> None:
    finish(store, *range(200), size=100)
    assert len(finished(store)) == 200


def test_a_reset_frees_the_bytes_of_callbacks(store: Store) -> None:
    finish(store, *range(15))
    store.reset("a")
    finish(store, *range(15, 30))
    assert len(finished(store)) == 15


def test_callbacks_of_all_accounts_stay_within_the_bytes_of_memory(clock: ManualClock) -> None:
    store = open_store("memory", limits=LIMITS, clock=clock)
    names = [f"a{number}" for number in range(12)]
    for name in names:
        finish(store, *range(15), account=name)
    assert sum(each.size for name in names for each in finished(store, name)) <= LIMITS.total_bytes
    assert len(finished(store, names[-1])) == 15
    for name in names:
        store.reset(name)
    finish(store, *range(15))
    assert len(finished(store)) == 15, "a reset has freed all of it"
