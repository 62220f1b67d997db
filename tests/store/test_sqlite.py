"""What only the SQLite store promises: tables that a person can read, limits, costs, and what happens in
trouble."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from math import inf
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from mock_server.core.clock import ClockState, ManualClock
from mock_server.core.exceptions import StoreError
from mock_server.core.http import Request
from mock_server.core.records import (
    DELIVERED,
    PENDING,
    AccountState,
    Attempt,
    Entry,
    Message,
    Record,
    UsedValue,
)
from mock_server.store import memory, sqlite_database
from mock_server.store import sqlite_rows as rows
from mock_server.store.base import DeliveryFilter, EntryFilter, Limits, StepKey
from mock_server.store.sqlite import SqliteStore
from mock_server.store.sqlite_rows import SQL, Columns
from tests.contract.values import NOW, REQUEST, claim, entry, message, record, transaction

LIMIT, SWEEP = 20, 256


def open_at(path: Path, clock: ManualClock | None = None, synchronous: str = "NORMAL") -> SqliteStore:
    return SqliteStore(str(path), clock or ManualClock(), Limits(LIMIT, LIMIT), synchronous)


def query(path: Path, sql: str) -> list[Any]:
    """As another program would ask."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def busy(store: SqliteStore, numbers: range) -> None:
    for number in numbers:
        store.commit(
            transaction(
                entry=entry(f"r-{number}", scenario="s"),
                used_values=[claim(f"n{number}", by=f"r-{number}")],
                records=[record(f"k{number}", aliases=(f"a{number}",))],
                steps={StepKey("s", f"ref-{number}"): 0},
                messages=[message(f"d-{number}", before_response=True, lane=f"l{number % 3}")],
                counters=[("spent", 1.0)],
            )
        )
        for delivery in store.lease_due(NOW, 30, limit=1):
            store.record_attempt("default", delivery.message.id, Attempt(NOW, 0.1, 200), DELIVERED)


def everything(store: SqliteStore) -> tuple[object, ...]:
    return (
        store.account("default"),
        store.entries("default", limit=1000),
        store.scenario_counts("default"),
        [store.find_used("default", "nonce", f"n{number}") for number in range(50)],
        store.records("default"),
        store.counters("default"),
        store.deliveries("default", limit=1000),
        store.wake_at(NOW),
    )


def test_the_statements_in_the_file_are_those_in_use() -> None:
    sources = "".join(
        path.read_text("utf-8") for path in Path(sqlite_database.__file__).parent.glob("sqlite*.py")
    )
    assert set(re.findall(r"\bSQL\.(\w+)", sources)) == set(vars(SQL))


@pytest.mark.parametrize(
    ("columns", "kind", "others"),
    [
        (rows.ENTRY, Entry, {"request"}),
        (rows.REQUEST, Request, set()),
        (rows.RECORD, Record, set()),
        (rows.NONCE, UsedValue, set()),
        (rows.MESSAGE, Message, set()),
        (rows.ATTEMPT, Attempt, set()),
    ],
    ids=["entry", "request", "record", "nonce", "message", "attempt"],
)
def test_every_field_has_a_column(columns: Columns[Any], kind: Any, others: set[str]) -> None:
    fields = getattr(kind, "__struct_fields__", None) or kind._fields
    assert set(columns.fields) | others == set(fields)


# -- what is kept
# ------------------------------------------------------------------------------------------------
def test_everything_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    first = open_at(tmp_path / "store.db")
    state = first.update("default", lambda state: state._replace(pinned="p", clock=ClockState(offset=5.0)))
    first.commit(
        transaction(
            entry=entry("r-1", scenario="s"), used_values=[claim("n")], records=[record("k", aliases=("a",))], steps={StepKey("s", "r"): 0},
            messages=[message("d-1", due=NOW + 50)], counters=[("spent", 2.0)],
        )
    )  # fmt: skip
    first.increment("default", "minute", NOW + 60)
    first.close()
    again = open_at(tmp_path / "store.db")
    assert again.account("default") == state
    assert again.entry("default", "r-1") == entry("r-1", scenario="s")
    assert again.find_used("default", "nonce", "n") == claim("n")
    assert again.record("default", "cloudcheck", "", "a") == record("k", version=1, aliases=("a",))
    assert again.step("default", StepKey("s", "r")) == 1
    assert again.counter("default", "spent") == 2.0
    assert again.scenario_counts("default") == {"s": 1}
    assert again.increment("default", "minute", NOW + 60) == 2
    assert [each.message.id for each in again.lease_due(NOW + 45, 10)] == ["d-1"]
    again.close()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT name, pinned, datetime(clock_frozen, 'unixepoch') FROM accounts", [("Māui's", "p", "2023-11-14 22:13:20")]),
        ("SELECT json_extract(inline, '$[0]') FROM accounts", [('{"name": "tōtara"}',)]),
        ("SELECT id, path, status, json_extract(request_headers, '$.host') FROM entries", [("r-1", "/verify/", 200, "127.0.0.1")]),
        ("SELECT typeof(request_body), json_extract(response_body, '$.a') FROM entries", [("blob", "ü🔑")]),
        ("SELECT kind, value, at, expires, entry FROM nonces", [("nonce", "n 1+\"'", NOW, None, "r-1")]),
        ("SELECT key, version, aliases, json_extract(data, '$.a') FROM records", [("k", 1, '["a"]', 1)]),
        ("SELECT records.key FROM aliases JOIN records ON records.seq = aliases.record WHERE alias = 'a'", [("k",)]),
        ("SELECT scenario, reference, position FROM sequences", [("s", "ref", 1)]),
        ("SELECT kind, name, value FROM counters WHERE account <> '' ORDER BY 1", [("scenario", "s", 1.0), ("sum", "spent", 2.5)]),
        ("SELECT id, state, attempts, body FROM deliveries", [("d-1", "pending", 1, "ok")]),
        ("SELECT status, error, body FROM deliveries JOIN attempts ON delivery = seq", [(503, "refused", "busy")]),
    ],
    ids=["account", "inline", "entry", "bodies", "nonce", "record", "alias", "sequence", "counters", "delivery", "attempt"],
)  # fmt: skip
def test_a_person_can_read_the_tables(tmp_path: Path, sql: str, expected: list[tuple[Any, ...]]) -> None:
    store = open_at(tmp_path / "store.db")
    account = "Māui's"
    store.update(
        account,
        lambda state: state._replace(
            clock=ClockState(NOW), pinned="p", inline=('{"name": "tōtara"}'.encode(),)
        ),
    )
    store.commit(
        transaction(
            account,
            entry=entry("r-1", account, scenario="s", body='{"a":"ü🔑"}'.encode()),
            used_values=[UsedValue("nonce", "n 1+\"'", NOW, inf, "r-1")],
            records=[record("k", aliases=("a",))],
            steps={StepKey("s", "ref"): 0},
            counters=[("spent", 2.5)],
            messages=[message("d-1", account, body=b"ok")],
        )
    )
    store.record_attempt(account, "d-1", Attempt(NOW, 0.1, 503, "refused", (), b"busy"), PENDING, NOW + 5)
    store.close()
    assert (
        query(
            tmp_path / "store.db",
            sql.replace("body FROM deliveries JOIN", "attempts.body FROM deliveries JOIN"),
        )
        == expected
    )


def test_deleting_an_account_by_hand_is_a_reset(tmp_path: Path) -> None:
    store = open_at(tmp_path / "store.db")
    busy(store, range(5))
    store.update("default", lambda state: state._replace(pinned="p"))
    with closing(sqlite3.connect(tmp_path / "store.db")) as db:
        db.execute("DELETE FROM accounts WHERE name = 'default'")
        db.commit()
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        left = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
    assert left == {**dict.fromkeys(tables, 0), "counters": 1}  # the count of generations
    assert store.account("default").pinned == ""
    busy(store, range(5))
    assert store.accounts() == ["default"]
    store.close()


@pytest.mark.parametrize("text", ["half \ud800 pair", "nul \0 byte", "tōtara 🔑", "a+b 'c' \"d\""])
def test_any_text_can_be_stored_and_found(tmp_path: Path, text: str) -> None:
    store = open_at(tmp_path / "store.db")
    original = entry(
        "r-1",
        reference=text,
        evidence={text: [text, 2**70]},
        request=REQUEST.replace(path=text, headers={"x": text}),
    )
    assert (
        store.commit(
            transaction(
                entry=original, used_values=[claim(text)], records=[record(text, aliases=(text + "!",))]
            )
        )
        is None
    )
    shown = text.replace("\ud800", "\ufffd")
    stored = store.entry("default", "r-1")
    assert stored is not None
    assert (stored.reference, stored.request.path, stored.request.headers) == (shown, shown, {"x": shown})
    assert list(stored.evidence or {}) == [shown]
    assert store.entries("default", EntryFilter(reference=text))[1] == 1
    assert store.find_used("default", "nonce", text) is not None
    assert store.commit(transaction(used_values=[claim(text)])) == "claim"
    assert store.record("default", "cloudcheck", "", text + "!") is not None
    store.close()


# -- how much is kept
# --------------------------------------------------------------------------------------------
def test_the_file_stays_bounded(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_at(path)
    busy(store, range(1000))
    before = path.stat().st_size
    busy(store, range(1000, 4000))
    counts = {
        table: query(path, f"SELECT count(*) FROM {table}")[0][0]
        for table in ("entries", "records", "sequences", "deliveries")
    }
    assert {table: count for table, count in counts.items() if not LIMIT <= count < LIMIT + SWEEP} == {}
    assert query(path, "SELECT count(*) FROM aliases") == [(counts["records"],)]
    assert query(path, "SELECT count(*) FROM attempts") == [(counts["deliveries"],)]
    assert query(path, "SELECT count(*) FROM nonces") == [(4000,)]
    store.close()
    assert path.stat().st_size < before + 3000 * 200


def test_a_nonce_takes_a_hundred_bytes(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_at(path)
    for start in range(0, 20_000, 500):
        values = {number: f"{number * 2654435761 % 2**32:032x}" for number in range(start, start + 500)}
        claims = [
            UsedValue("nonce", value, NOW, inf, f"r-7f3a9c-{number}") for number, value in values.items()
        ]
        assert store.commit(transaction(used_values=claims)) is None
    store.close()
    assert path.stat().st_size < 20_000 * 130


def test_expired_nonces_go_and_others_stay(tmp_path: Path) -> None:
    store, path = open_at(tmp_path / "store.db"), tmp_path / "store.db"
    store.commit(
        transaction(used_values=[claim("short", lasts=10), UsedValue("nonce", "for good", NOW, inf, "r-1")])
    )
    store.commit(transaction(used_values=[claim("late", at=NOW + 3600)]))
    assert query(path, "SELECT value FROM nonces ORDER BY value") == [("for good",), ("late",), ("short",)]
    store.commit(transaction(used_values=[claim("later", at=NOW + 3611)]))
    assert query(path, "SELECT value FROM nonces ORDER BY value") == [("for good",), ("late",), ("later",)]
    store.close()


def test_the_account_that_was_silent_longest_is_forgotten(tmp_path: Path) -> None:
    clock = ManualClock()
    store = open_at(tmp_path / "store.db", clock)
    store.update("set", lambda state: state._replace(pinned="p"))
    for number in range(memory.ACCOUNTS - 1):
        clock.advance(1)
        store.increment(f"test-{number}", "minute", NOW)
    store.increment("test-0", "minute", NOW)
    assert len(store.accounts()) == memory.ACCOUNTS
    for number in range(2):
        clock.advance(1)
        store.commit(transaction(f"new-{number}", entry=entry("r-1", f"new-{number}")))
    left = store.accounts()
    assert len(left) == memory.ACCOUNTS
    # What the control API has set goes last.
    assert {"set", "test-0", "new-0", "new-1"} <= set(left)
    assert {"test-1", "test-2"}.isdisjoint(left)
    store.close()


# -- what it costs
# -----------------------------------------------------------------------------------------------
def steps(store: SqliteStore, act: Callable[[], object]) -> int:
    """How many hundreds of instructions SQLite needs for it."""
    count = 0

    def counted() -> None:
        nonlocal count
        count += 1

    for database in (store._db, store._lists):
        database._db.set_progress_handler(counted, 100)
    act()
    for database in (store._db, store._lists):
        database._db.set_progress_handler(None, 100)
    return count


COSTS: dict[str, Callable[[SqliteStore], object]] = {
    "next due": lambda store: store.wake_at(NOW),
    "take": lambda store: store.lease_due(NOW + 10, 30, limit=10),
    "record_attempt": lambda store: store.record_attempt("default", "d-7", Attempt(NOW, 0.1, 200), DELIVERED),
    "schedule in a lane": lambda store: store.schedule([message("d-new", lane="crowd", due=NOW - 5)]),
    "cancel the first of a lane": lambda store: store.reschedule("default", ["c-0"], NOW, "cancelled"),
    "by reference": lambda store: store.deliveries("default", DeliveryFilter(reference="rare")),
    "by request": lambda store: store.deliveries("default", DeliveryFilter(request_id="r-rare")),
    "by event": lambda store: store.deliveries("default", DeliveryFilter(event="RARE")),
    "one": lambda store: store.delivery("default", "d-7"),
}


@pytest.mark.parametrize("act", COSTS.values(), ids=COSTS)
def test_the_cost_does_not_grow_with_what_is_pending(
    tmp_path: Path, act: Callable[[SqliteStore], object]
) -> None:
    counts = []
    for pending in (100, 2000):
        store = open_at(tmp_path / f"{pending}.db")
        store.schedule(
            [message(f"d-{number}", due=NOW + number, reference=f"ref-{number}") for number in range(pending)]
        )
        store.schedule([message(f"c-{number}", due=NOW + number, lane="crowd") for number in range(pending)])
        store.schedule([message("rare", reference="rare", event="RARE", request_id="r-rare")])
        counts.append(steps(store, lambda store=store: act(store)))  # type: ignore[misc]
        store.close()
    assert counts[1] <= counts[0] + 3


# -- several processes
# -------------------------------------------------------------------------------------------
def test_a_commit_waits_for_the_transaction_of_another_process(tmp_path: Path) -> None:
    store = open_at(tmp_path / "store.db")
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    begun, outcomes = Event(), list[str | None]()

    def commit() -> None:
        begun.set()
        outcomes.append(store.commit(transaction(entry=entry("r-1"))))

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


def test_reading_waits_for_no_transaction(tmp_path: Path) -> None:
    store = open_at(tmp_path / "store.db")
    busy(store, range(3))
    before = everything(store)
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM accounts")
        assert everything(store) == before
    store.close()


def test_changes_of_others_are_seen_by_the_version(tmp_path: Path) -> None:
    store, other = open_at(tmp_path / "store.db"), open_at(tmp_path / "store.db")
    before = store.version()
    assert store.version() == before
    other.commit(transaction(entry=entry("r-1")))
    assert store.version() == before + 1
    assert store.version() == before + 1
    for each in (store, other):
        each.close()


def test_what_one_process_has_answered_the_others_know_at_once(tmp_path: Path) -> None:
    stores = [open_at(tmp_path / "store.db") for _ in range(3)]
    missed: list[str] = []

    def load(number: int) -> None:
        for count in range(100):
            name = f"n{number}-{count}"
            with stores[number].group():
                assert stores[number].commit(transaction(used_values=[claim(name, by=f"r-{name}")])) is None
            if any(store.find_used("default", "nonce", name) is None for store in stores):
                missed.append(name)

    threads = [Thread(target=load, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missed == []
    for store in stores:
        store.close()


def test_a_state_set_by_another_process_is_known_at_once(tmp_path: Path) -> None:
    store, other = open_at(tmp_path / "store.db"), open_at(tmp_path / "store.db")
    for number in range(5):
        expected = other.update("default", lambda state, number=number: state._replace(pinned=f"p{number}"))  # type: ignore[misc]
        assert store.account("default") == expected
    other.reset("default")
    assert store.commit(transaction(entry=entry("r-1"))) is None
    assert store.accounts() == other.accounts() == ["default"]
    for each in (store, other):
        each.close()


# -- trouble
# -----------------------------------------------------------------------------------------------------
def fill(store: SqliteStore) -> None:
    """Leave no room for another page."""
    pages = store._db.row("PRAGMA page_count")[0]
    store._db.run(f"PRAGMA max_page_count = {pages}")


def test_a_commit_that_fails_for_want_of_room_leaves_no_trace(tmp_path: Path) -> None:
    store = open_at(tmp_path / "store.db")
    busy(store, range(5))
    before = everything(store)
    fill(store)
    big = transaction(entry=entry("r-big", body=b"x" * 1_000_000), used_values=[claim("big")])
    with pytest.raises(StoreError, match="is full; free some disk space"):
        store.commit(big)

    def together() -> None:
        with store.group():
            assert store.commit(transaction(used_values=[claim("small")])) is None
            store.commit(big)

    with pytest.raises(StoreError, match="free some disk space"):
        together()
    assert everything(store) == before
    assert store.find_used("default", "nonce", "small") is None
    store._db.run("PRAGMA max_page_count = 100000")
    assert store.commit(big) is None
    other = open_at(tmp_path / "store.db")
    assert other.find_used("default", "nonce", "big") == claim("big")
    store.close()
    other.close()


def test_a_group_with_a_part_that_failed_halfway_is_not_stored(tmp_path: Path) -> None:
    store = open_at(tmp_path / "store.db")

    def change(state: AccountState) -> AccountState:
        store.commit(transaction(used_values=[claim("halfway")]))
        raise ValueError("Tāmaki Makaurau")

    def together() -> None:
        with store.group():
            store.commit(transaction(used_values=[claim("before")], counters=[("spent", 0.5)]))
            with suppress(ValueError):
                store.update("default", change)

    with pytest.raises(StoreError, match="a part of the transaction has failed"):
        together()
    assert store.counters("default") == {}
    assert [store.find_used("default", "nonce", name) for name in ("before", "halfway")] == [None, None]
    store.close()


def test_a_group_with_a_part_that_failed_at_once_is_stored(tmp_path: Path) -> None:
    store = open_at(tmp_path / "store.db")

    def change(state: AccountState) -> AccountState:
        raise ValueError("Tāmaki Makaurau")

    with store.group():
        store.commit(transaction(used_values=[claim("before")]))
        with suppress(ValueError):
            store.update("default", change)
    assert store.find_used("default", "nonce", "before") == claim("before")
    store.close()


def test_a_new_account_whose_commit_failed_is_not_taken_for_stored(tmp_path: Path) -> None:
    store = open_at(tmp_path / "store.db")
    store.commit(transaction("other", used_values=[claim("n")]))
    assert store.commit(transaction(records=[record("k", version=3)])) == "record"
    assert store.accounts() == ["other"]
    assert store.commit(transaction(records=[record("k")])) is None
    assert store.accounts() == ["default", "other"]
    store.close()


def test_a_process_that_hangs_in_a_transaction_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_at(tmp_path / "store.db")
    monkeypatch.setattr(sqlite_database, "PATIENCE", 0.02)
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked; another process has been writing"):
            store.commit(transaction(entry=entry("r-1")))
        other.execute("ROLLBACK")
    assert store.commit(transaction(entry=entry("r-1"))) is None
    store.close()


def test_what_cannot_be_written_can_be_read(tmp_path: Path) -> None:
    store = open_at(tmp_path / "store.db")
    busy(store, range(3))
    before = everything(store)
    store._db.run("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="readonly database; let this user write"):
        store.commit(transaction(entry=entry("r-9")))
    assert everything(store) == before
    store.close()


def test_an_entry_that_cannot_be_read_is_an_error_of_the_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_at(path)
    for number in range(20):
        store.commit(transaction(entry=entry(f"r-{number}", body=b"x" * 20_000)))
    store.close()
    whole = path.read_bytes()
    place = whole.index(b"x" * 3000)
    path.write_bytes(whole[:place] + b"\xff" * 10_000 + whole[place + 10_000 :])
    store = open_at(path)
    with pytest.raises(StoreError, match="malformed; restore the file"):
        store.entries("default")
    store.close()


@pytest.mark.parametrize(("name", "level"), [("OFF", 0), ("NORMAL", 1), ("FULL", 2)])
def test_how_careful_it_is_can_be_chosen(tmp_path: Path, name: str, level: int) -> None:
    store = open_at(tmp_path / "store.db", synchronous=name)
    assert store._db.row("PRAGMA synchronous") == (level,)
    assert store._db.row("PRAGMA journal_mode") == ("wal",)
    store.close()


def test_evidence_is_json(tmp_path: Path) -> None:
    store = open_at(tmp_path / "store.db")
    store.commit(
        transaction(entry=entry("r-1", evidence={"tuple": (1, 2), "set": {2, 1}, "error": ValueError("no")}))
    )
    assert json.loads(query(tmp_path / "store.db", "SELECT evidence FROM entries")[0][0]) == {
        "tuple": [1, 2],
        "set": [1, 2],
        "error": "no",
    }
    store.close()
