"""What only the SQLite store promises."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Event, Thread

import pytest

from mock_server.core.clock import ClockState, ManualClock
from mock_server.core.records import DELIVERED, Attempt
from mock_server.store.base import StepKey
from mock_server.store.sqlite import SqliteStore
from tests.contract.values import NOW, claim, entry, message, record, writes


def open_at(path: Path, clock: ManualClock | None = None, synchronous: str = "OFF") -> SqliteStore:
    return SqliteStore(str(path), clock or ManualClock(), 20, 20, synchronous)


def rows(path: Path, table: str) -> int:
    db = sqlite3.connect(path)
    try:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        db.close()


def test_everything_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    first = open_at(tmp_path / "store.db")
    state = first.update("default", lambda state: state._replace(pinned="p", clock=ClockState(offset=5.0)))
    first.commit(
        writes(
            entry=entry("r-1", scenario="s"), claims=[claim("n")], records=[record("k", aliases=("a",))], step=(StepKey("s", "r"), 0),
            messages=[message("d-1", due=NOW + 50)], tallies=[("spent", 2.0)],
        )
    )  # fmt: skip
    first.increment("default", "minute", NOW + 60)
    first.close()
    again = open_at(tmp_path / "store.db")
    assert again.account("default") == state
    assert again.entry("default", "r-1") == entry("r-1", scenario="s")
    assert again.claimed("default", "nonce", "n") == claim("n")
    assert again.record("default", "cloudcheck", "", "a") == record("k", version=1, aliases=("a",))
    assert again.step("default", StepKey("s", "r")) == 1
    assert again.tally("default", "spent") == 2.0
    assert again.scenario_counts("default") == {"s": 1}
    assert again.increment("default", "minute", NOW + 60) == 2
    assert [each.message.id for each in again.take_due(NOW + 45, 10)] == ["d-1"]
    again.close()


def test_a_commit_waits_for_the_transaction_of_another_process(tmp_path: Path) -> None:
    store = open_at(tmp_path / "store.db")
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    begun, outcomes = Event(), list[str | None]()

    def commit() -> None:
        begun.set()
        outcomes.append(store.commit(writes(entry=entry("r-1"))))

    thread = Thread(target=commit)
    thread.start()
    begun.wait(10)
    thread.join(0.05)
    assert thread.is_alive()
    other.execute("ROLLBACK")
    thread.join(10)
    assert outcomes == [None]
    assert store.entries("default")[1] == 1
    other.close()
    store.close()


def busy(store: SqliteStore, numbers: range) -> None:
    for number in numbers:
        store.commit(
            writes(
                entry=entry(f"r-{number}", scenario="s"),
                claims=[claim(f"n{number}", by=f"r-{number}")],
                records=[record(f"k{number}", aliases=(f"a{number}",))],
                step=(StepKey("s", "r"), number),
                messages=[message(f"d-{number}", before_response=True, lane=f"l{number % 3}")],
                tallies=[("spent", 1.0)],
            )
        )
        if number % 2:
            for delivery in store.take_due(NOW, 30, limit=1):
                store.settle("default", delivery.message.id, Attempt(NOW, 0.1, 200), DELIVERED)


def everything(store: SqliteStore) -> tuple[object, ...]:
    return (
        store.account("default"),
        store.entries("default", limit=1000),
        store.scenario_counts("default"),
        [store.claimed("default", "nonce", f"n{number}") for number in range(400)],
        store.records("default"),
        [store.record("default", "cloudcheck", "", f"a{number}") for number in range(400)],
        store.step("default", StepKey("s", "r")),
        store.tallies("default"),
        store.deliveries("default", limit=1000),
        store.next_due(NOW),
        store.increment("default", "minute", NOW + 60),
    )


@pytest.mark.parametrize("count", [1, 30, 60, 90, 333])
def test_a_process_that_starts_knows_all_whenever_the_last_dump_was(tmp_path: Path, count: int) -> None:
    first = SqliteStore(str(tmp_path / "store.db"), ManualClock(), 20, 20, dump_every=20_000)
    first.update("default", lambda state: state._replace(pinned="p", clock=ClockState(offset=5.0)))
    busy(first, range(count))
    second = open_at(tmp_path / "store.db")
    seen = everything(first)
    # Both have counted one on, so the counters differ by one.
    assert everything(second)[:-1] == seen[:-1]
    assert [each.message.id for each in second.take_due(NOW + 1000, 30)] == [each.message.id for each in first.take_due(NOW + 2000, 30)]
    first.close()
    second.close()


def test_a_process_that_slept_too_long_begins_anew_from_the_dump(tmp_path: Path) -> None:
    sleeper = open_at(tmp_path / "store.db")
    busy(sleeper, range(10))
    worker = SqliteStore(str(tmp_path / "store.db"), ManualClock(), 20, 20, dump_every=20_000)
    busy(worker, range(10, 300))
    worker.close()
    assert sleeper.step("default", StepKey("s", "r")) == 300
    again = open_at(tmp_path / "store.db")
    assert everything(sleeper)[:-1] == everything(again)[:-1]
    sleeper.close()
    again.close()


def test_the_file_stays_bounded(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(str(path), ManualClock(), 20, 20, dump_every=50_000)
    busy(store, range(4000))
    store.close()
    assert rows(path, "log") <= 500
    assert rows(path, "dumps") <= 4
    # All changes together are some five megabytes.
    assert path.stat().st_size < 2_000_000


def test_a_commit_that_fails_for_want_of_room_is_as_if_it_had_not_been(tmp_path: Path) -> None:
    store = open_at(tmp_path / "store.db")
    busy(store, range(5))
    before = everything(store)
    pages = store._file._db.execute("PRAGMA page_count").fetchone()[0]
    store._file._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.commit(writes(entry=entry("r-big", body=b"x" * 1_000_000), claims=[claim("big")]))
    store._file._db.execute(f"PRAGMA max_page_count = {pages + 1000}")
    assert everything(store)[:-1] == before[:-1]
    assert store.commit(writes(entry=entry("r-big", body=b"x" * 1_000_000), claims=[claim("big")])) is None
    other = open_at(tmp_path / "store.db")
    assert other.claimed("default", "nonce", "big") == claim("big")
    store.close()
    other.close()


def test_a_process_that_was_killed_between_telling_and_committing_does_no_harm(tmp_path: Path) -> None:
    store, other = open_at(tmp_path / "store.db"), open_at(tmp_path / "store.db")
    busy(store, range(3))
    # What the killed one leaves behind: the number of a change that never came.
    store._beacon.set(store._beacon.seq + 1, store._beacon.size)
    assert other.step("default", StepKey("s", "r")) == 3
    busy(store, range(3, 5))
    assert other.step("default", StepKey("s", "r")) == 5
    store.close()
    other.close()


def test_a_process_that_was_killed_in_a_transaction_keeps_nobody_waiting(tmp_path: Path) -> None:
    store, other = open_at(tmp_path / "store.db"), open_at(tmp_path / "store.db")
    busy(store, range(3))
    following = store._beacon.seq + 1
    # What the killed one leaves behind: it was about to make this change.
    store._beacon.begin(following)
    busy(other, range(3, 5))
    assert store.step("default", StepKey("s", "r")) == 5
    assert store._beacon.pending == 0
    for each in (store, other):
        each.close()


def test_an_exchange_does_not_wait_for_what_nobody_has_been_told_and_the_worker_looks(tmp_path: Path) -> None:
    store, other = open_at(tmp_path / "store.db"), open_at(tmp_path / "store.db")
    store.enqueue([message("d-1")])
    assert other.delivery("default", "d-1") is not None
    following = store._beacon.seq + 1
    store.commit(writes(step=(StepKey("s", "r"), 0), messages=[message("d-2", before_response=True)]))
    # As it was between the commit and its end, had the process been killed there: nobody has been answered.
    store._beacon.begin(following)
    assert other.step("default", StepKey("s", "r")) == 0
    assert other.view().account("default") == other.account("default")
    assert [each.message.id for each in other.take_due(NOW + 1, 10)] == ["d-1", "d-2"]
    assert other.step("default", StepKey("s", "r")) == 1
    for each in (store, other):
        each.close()


def test_a_new_file_beside_an_old_number_is_a_new_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_at(path)
    busy(store, range(5))
    store.close()
    path.unlink()
    store, other = open_at(path), open_at(path)
    assert other.accounts() == []
    busy(store, range(2))
    assert other.step("default", StepKey("s", "r")) == 2
    store.close()
    other.close()


@pytest.mark.parametrize(("name", "level"), [("OFF", 0), ("NORMAL", 1), ("FULL", 2)])
def test_how_careful_it_is_can_be_chosen(tmp_path: Path, name: str, level: int) -> None:
    store = open_at(tmp_path / "store.db", synchronous=name)
    assert store._file._db.execute("PRAGMA synchronous").fetchone() == (level,)
    assert store._file._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()


def test_changes_of_others_are_seen_by_the_version(tmp_path: Path) -> None:
    store, other = open_at(tmp_path / "store.db"), open_at(tmp_path / "store.db")
    before = store.version()
    assert store.version() == before
    other.commit(writes(entry=entry("r-1")))
    assert store.version() == before + 1
    assert store.version() == before + 1
    for each in (store, other):
        each.close()


def test_what_one_process_was_told_of_the_others_know_at_once(tmp_path: Path) -> None:
    stores = [open_at(tmp_path / "store.db") for _ in range(3)]
    missed: list[str] = []

    def load(number: int) -> None:
        for count in range(150):
            name = f"n{number}-{count}"
            assert stores[number].commit_all([writes(claims=[claim(name, by=f"r-{name}")])]) == [None]
            if any(store.claimed("default", "nonce", name) is None for store in stores):
                missed.append(name)

    threads = [Thread(target=load, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missed == []
    for store in stores:
        store.close()
