"""What only the SQLite store promises."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Event, Thread

import pytest

from mock_server.core.clock import ClockState, ManualClock
from mock_server.core.records import DELIVERED
from mock_server.store.base import StepKey
from mock_server.store.sqlite import SqliteStore
from tests.contract.values import NOW, claim, entry, message, record, writes


def open_at(path: Path, clock: ManualClock | None = None, **arguments: str) -> SqliteStore:
    return SqliteStore(str(path), clock or ManualClock(), 20, 20, **arguments)


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


def test_the_file_stays_bounded(tmp_path: Path) -> None:
    path, clock = tmp_path / "store.db", ManualClock()
    store = open_at(path, clock)
    for number in range(1500):
        clock.advance(1.0)
        at = clock.now()
        store.commit(
            writes(
                entry=entry(f"r-{number}", at=at),
                claims=[claim(f"n{number}", at=at, lasts=100.0)],
                records=[record(f"k{number}", aliases=(f"a{number}",))],
                messages=[message(f"d-{number}", due=at, before_response=True)],
            )
        )
        for delivery in store.take_due(at, 30):
            store.settle("default", delivery.message.id, None, DELIVERED)
    store.close()
    for table in ("entries", "records", "aliases", "deliveries"):
        assert 20 <= rows(path, table) <= 20 + 64
    # A sweep looks at 512 claims in turn, so those that have run out go soon, not at once.
    assert 100 <= rows(path, "claims") <= 100 + 64


def test_sweeping_finds_what_is_over_after_a_reset(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_at(path)
    for _ in range(2):
        for number in range(200):
            store.commit(writes(entry=entry(f"r-{number}")))
        assert rows(path, "entries") <= 20 + 64
        store.reset("default")
    store.close()


@pytest.mark.parametrize(("name", "level"), [("OFF", 0), ("NORMAL", 1), ("FULL", 2)])
def test_how_careful_it_is_can_be_chosen(tmp_path: Path, name: str, level: int) -> None:
    store = open_at(tmp_path / "store.db", synchronous=name)
    assert store._file.row("PRAGMA synchronous") == (level,)
    assert store._file.row("PRAGMA journal_mode") == ("wal",)
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
