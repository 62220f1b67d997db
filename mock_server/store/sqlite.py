"""The store of one machine: an SQLite file, shared by any number of processes and kept when they end."""

# ruff: noqa: S608 - only names of our own tables and columns are put together here

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from math import inf
from typing import Any, TypeVar

from mock_server.core.clock import Clock, ClockState
from mock_server.core.records import AccountState, Attempt, Claim, Delivery, Entry, Message, Record
from mock_server.store import sqlite_agenda as agenda
from mock_server.store import sqlite_exchange as exchange
from mock_server.store.base import ANY_DELIVERY, ANY_ENTRY, DeliveryFilter, EntryFilter, StepKey, Writes
from mock_server.store.codec import pack, unpack_entry, unpack_state
from mock_server.store.selecting import HOLD, TICK, entry_matches, page
from mock_server.store.sqlite_file import ACCOUNT_TABLES, Run, SqliteFile
from mock_server.store.sqlite_sweep import Sweeper
from mock_server.store.watch import Watch

T = TypeVar("T")
_UNSET = AccountState()
_POLL = 0.025
"""Seconds between two looks for other processes' changes, by a thread that waits for some."""


class SqliteStore:
    """As `Store`. A commit takes some tens of microseconds, less than handing it to a thread would, so it counts as not blocking."""

    blocking = False

    def __init__(self, path: str, clock: Clock, journal_limit: int, record_limit: int, synchronous: str = "OFF") -> None:
        """``synchronous`` is SQLite's: with ``OFF`` no commit is lost when a process is killed, but some may be when the machine
        loses power, and the file may be damaged then; with ``NORMAL`` it is not, at about half the speed."""
        self._now = clock.now
        self._journal_limit = journal_limit
        self._file = SqliteFile(path, synchronous)
        self._watch = Watch(self._look, _POLL)
        self._states: dict[str, tuple[bytes, AccountState]] = {}
        """What was unpacked last, by account, with the bytes it was unpacked from."""
        self._sweeper = Sweeper(journal_limit, record_limit)

    # -- reading for an exchange -------------------------------------------------------------------------------
    def account(self, account: str) -> AccountState:
        return self._state(account, self._file.row("SELECT state FROM accounts WHERE account = ?", (account,)))

    def claimed(self, account: str, kind: str, value: str) -> Claim | None:
        row = self._file.row("SELECT at, expires, by FROM claims WHERE account = ? AND kind = ? AND value = ?", (account, kind, value))
        if row is None or row[1] < self.account(account).clock.at(self._now()):
            return None
        return Claim(kind, value, *row)

    def record(self, account: str, provider: str, kind: str, key: str) -> Record | None:
        of_kind, values = (" AND kind = ?", (account, provider, key, kind)) if kind else ("", (account, provider, key))
        row = self._file.row(
            f"SELECT {exchange.RECORD} FROM records WHERE seq = coalesce("
            f"(SELECT seq FROM records WHERE account = ? AND provider = ? AND key = ?{of_kind} ORDER BY seq DESC LIMIT 1), "
            "(SELECT record FROM aliases JOIN records ON seq = record"
            f" WHERE aliases.account = ? AND aliases.provider = ? AND alias = ?{of_kind} ORDER BY record DESC LIMIT 1))",
            values * 2,
        )
        return None if row is None else exchange.record(row)

    def step(self, account: str, key: StepKey) -> int:
        return int(self._number("SELECT position FROM steps WHERE account = ? AND scenario = ? AND reference = ?", (account, *key)))

    def tally(self, account: str, name: str) -> float:
        return float(self._number("SELECT amount FROM tallies WHERE account = ? AND name = ?", (account, name)))

    def tallies(self, account: str) -> Mapping[str, float]:
        return dict(self._file.rows("SELECT name, amount FROM tallies WHERE account = ?", (account,)))

    # -- writing -----------------------------------------------------------------------------------------------
    def commit(self, writes: Writes) -> str | None:
        # Packed before the transaction: while it lasts, no other process can write.
        body = b"" if writes.entry is None else pack(writes.entry)
        try:
            self._write(lambda run: self._commit(run, writes, body))
        except exchange.Conflict as conflict:
            return str(conflict)
        return None

    def release(self, account_ids: Sequence[tuple[str, str]]) -> None:
        def work(run: Run) -> None:
            for account, delivery_id in account_ids:
                agenda.release(run, account, delivery_id, self._clock(run, account))

        self._write(work)

    def update(self, account: str, change: Callable[[AccountState], AccountState]) -> AccountState:
        while True:
            before = self.account(account)
            set_state = partial(self._set_state, account=account, before=before, after=change(before))
            with suppress(exchange.Conflict):
                return self._write(set_state)

    def increment(self, account: str, name: str, expires_real: float) -> int:
        def work(run: Run) -> int:
            now = self._now()
            row = run("SELECT value, expires FROM counters WHERE account = ? AND name = ?", (account, name)).fetchone()
            if row is None or row[1] <= now:
                run("DELETE FROM counters WHERE account = ? AND expires <= ?", (account, now))
                row = (0, expires_real)
            run("INSERT OR REPLACE INTO counters VALUES(?, ?, ?, ?)", (account, name, row[0] + 1, row[1]))
            return int(row[0] + 1)

        return self._write(work)

    def reset(self, account: str) -> None:
        def work(run: Run) -> None:
            for table in ACCOUNT_TABLES:
                run(f"DELETE FROM {table} WHERE account = ?", (account,))

        self._write(work)

    def reset_all(self) -> None:
        def work(run: Run) -> None:
            for table in ACCOUNT_TABLES:
                run(f"DELETE FROM {table}")

        self._write(work)

    # -- looking -----------------------------------------------------------------------------------------------
    def accounts(self) -> list[str]:
        # Each step seeks the next name in an index; DISTINCT would read all of it.
        names = " UNION ".join(
            f"SELECT seen FROM (WITH RECURSIVE accounts_of(seen) AS (SELECT min(account) FROM {table} UNION ALL"
            f" SELECT (SELECT min(account) FROM {table} WHERE account > seen) FROM accounts_of WHERE seen IS NOT NULL)"
            " SELECT seen FROM accounts_of WHERE seen IS NOT NULL)"
            for table in ACCOUNT_TABLES
        )
        return sorted(name for (name,) in self._file.rows(names))

    def entries(self, account: str, where: EntryFilter = ANY_ENTRY, limit: int = 100, before: str = "") -> tuple[list[Entry], int]:
        # Sweeping leaves some more than the limit for a while; which, is read off the index, since the bodies fill many pages.
        kept = (
            "FROM entries WHERE account = ? AND seq > coalesce("
            "(SELECT seq FROM entries INDEXED BY entries_id WHERE account = ? ORDER BY seq DESC LIMIT 1 OFFSET ?), 0)"
        )
        if where.q:
            rows = self._file.rows(f"SELECT body {kept} ORDER BY seq DESC", (account, account, self._journal_limit))
            entries = (unpack_entry(body) for (body,) in rows)
            return page(((entry.id, entry) for entry in entries), lambda entry: entry_matches(entry, where), limit, before)
        fields = {name: value for name, value in where._asdict().items() if value and name != "since"}
        sql = f"{kept} AND at >= ?" + "".join(f" AND {name} = ?" for name in fields)
        values = (account, account, self._journal_limit, where.since or -inf, *fields.values())
        return self._page("entries", "body", sql, values, limit, account, before, lambda row: unpack_entry(row[0]))

    def entry(self, account: str, entry_id: str) -> Entry | None:
        row = self._file.row("SELECT body FROM entries WHERE account = ? AND id = ?", (account, entry_id))
        return None if row is None else unpack_entry(row[0])

    def clear_entries(self, account: str) -> None:
        self._write(lambda run: run("DELETE FROM entries WHERE account = ?", (account,)) and None)

    def scenario_counts(self, account: str) -> Mapping[str, int]:
        return dict(self._file.rows("SELECT scenario, value FROM counts WHERE account = ?", (account,)))

    def records(self, account: str, provider: str = "", kind: str = "", after: str = "", limit: int = 1000) -> list[Record]:
        fields = {name: value for name, value in (("account", account), ("provider", provider), ("kind", kind)) if value}
        chosen = "FROM records WHERE " + " AND ".join(f"{name} = ?" for name in fields)
        start = self._number(f"SELECT max(seq) {chosen} AND key = ?", (*fields.values(), after)) if after else 0
        rows = self._file.rows(f"SELECT {exchange.RECORD} {chosen} AND seq > ? ORDER BY seq LIMIT ?", (*fields.values(), start or 0, limit))
        return [exchange.record(row) for row in rows]

    # -- deliveries --------------------------------------------------------------------------------------------
    def enqueue(self, messages: Sequence[Message]) -> None:
        def work(run: Run) -> None:
            for message in messages:
                agenda.add(run, message, self._clock(run, message.account), 0.0)

        self._write(work)

    def take_due(self, real: float, lease: float, limit: int = 100, account: str = "") -> list[Delivery]:
        # Looking first, since most looks find nothing and a write keeps the other processes waiting.
        if self._file.row("SELECT 1 FROM deliveries WHERE wake <= ? LIMIT 1", (real + TICK,)) is None:
            return []
        return self._file.write(lambda run: agenda.take(run, real, real + lease, limit, account))

    def next_due(self, real: float) -> float | None:
        soonest = self._number("SELECT min(wake) FROM deliveries WHERE wake IS NOT NULL", ())
        return None if soonest is None or soonest == inf else max(soonest, real)

    def settle(self, account: str, delivery_id: str, attempt: Attempt | None, state: str, due: float = 0.0, turn: int = 0) -> None:
        def work(run: Run) -> None:
            clock = self._clock(run, account)
            agenda.settle(run, account, delivery_id, attempt, state, due, turn, clock)
            self._sweeper.written(run, account, clock.at(self._now()))

        self._write(work)

    def delivery(self, account: str, delivery_id: str) -> Delivery | None:
        row = self._file.row(f"SELECT {agenda.COLUMNS} FROM deliveries WHERE account = ? AND id = ?", (account, delivery_id))
        return None if row is None else agenda.delivery(row)

    def deliveries(
        self, account: str, where: DeliveryFilter = ANY_DELIVERY, limit: int = 100, before: str = ""
    ) -> tuple[list[Delivery], int]:
        fields = {"account": account} | {name: value for name, value in where._asdict().items() if value}
        sql = "FROM deliveries WHERE " + " AND ".join(f"{name} = ?" for name in fields)
        return self._page("deliveries", agenda.COLUMNS, sql, tuple(fields.values()), limit, account, before, agenda.delivery)

    def reschedule(self, account: str, delivery_ids: Sequence[str], due: float, state: str = "pending") -> None:
        def work(run: Run) -> None:
            for delivery_id in delivery_ids:
                agenda.reschedule(run, account, delivery_id, due, state, self._clock(run, account))

        self._write(work)

    # -- noticing ----------------------------------------------------------------------------------------------
    def version(self) -> int:
        self._look(0.0)
        return self._watch.version

    def wait(self, version: int, timeout: float) -> int:
        return self._watch.wait(version, timeout)

    def close(self) -> None:
        self._watch.close()
        self._file.close()

    # -- inside ------------------------------------------------------------------------------------------------
    def _look(self, _timeout: float) -> None:
        if self._file.changed():
            self._watch.bump()

    def _write(self, work: Callable[[Run], T]) -> T:
        result = self._file.write(work)
        self._watch.bump()
        return result

    def _number(self, sql: str, values: tuple[Any, ...]) -> Any:
        """The only number of a query; 0 when it finds none."""
        row = self._file.row(sql, values)
        return 0 if row is None else row[0]

    def _page(
        self, table: str, columns: str, sql: str, values: tuple[Any, ...], limit: int, account: str, before: str, make: Callable[[Any], T]
    ) -> tuple[list[T], int]:
        total = self._number(f"SELECT count(*) {sql}", values)
        below: float = inf
        if before:
            below = self._number(f"SELECT seq FROM {table} WHERE account = ? AND id = ?", (account, before))
        rows = self._file.rows(f"SELECT {columns} {sql} AND seq < ? ORDER BY seq DESC LIMIT ?", (*values, below, limit))
        return [make(row) for row in rows], total

    def _state(self, account: str, row: Any) -> AccountState:
        if row is None:
            return _UNSET
        known = self._states.get(account)
        if known is None or known[0] != row[0]:
            known = self._states[account] = (row[0], unpack_state(row[0]))
        return known[1]

    def _clock(self, run: Run, account: str) -> ClockState:
        return self._state(account, run("SELECT state FROM accounts WHERE account = ?", (account,)).fetchone()).clock

    def _set_state(self, run: Run, account: str, before: AccountState, after: AccountState) -> AccountState:
        now = self._state(account, run("SELECT state FROM accounts WHERE account = ?", (account,)).fetchone())
        if now.generation != before.generation:
            raise exchange.Conflict("state")
        # One count for all accounts: a generation never comes back with another content, not even after a reset.
        run("UPDATE meta SET value = value + 1 WHERE name = 'generation'")
        state = after._replace(generation=run("SELECT value FROM meta WHERE name = 'generation'").fetchone()[0])
        run("INSERT OR REPLACE INTO accounts VALUES(?, ?)", (account, pack(state)))
        agenda.reclock(run, account, state.clock)
        return state

    def _commit(self, run: Run, writes: Writes, body: bytes) -> None:
        exchange.require(run, writes)
        account, real = writes.account, self._now()
        clock = self._clock(run, account)
        if writes.entry is not None:
            exchange.journal(run, writes.entry, body)
        for name, amount in writes.tallies:
            exchange.tally(run, account, name, amount)
        for message in writes.messages:
            agenda.add(run, message, clock, 0.0 if message.before_response else real + HOLD)
        self._sweeper.written(run, account, clock.at(real))
