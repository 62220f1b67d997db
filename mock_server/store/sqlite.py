"""The store of one machine: plain tables in an SQLite file, shared by its processes and kept when they end.

`sqlite_schema.sql` says what is in which table. A commit is one transaction, or a part of one that several commits share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from math import inf
from pathlib import Path

from mock_server.core.clock import Clock
from mock_server.core.exceptions import ConfigError, StoreError
from mock_server.core.records import AccountState, Attempt, Claim, Delivery, Entry, Message, Record
from mock_server.store.base import ANY_DELIVERY, ANY_ENTRY, DeliveryFilter, EntryFilter, StepKey, Writes
from mock_server.store.selecting import HOLD, TICK
from mock_server.store.sqlite_database import Database
from mock_server.store.sqlite_deliveries import SWEEP, SqliteDeliveries
from mock_server.store.sqlite_file import prepare
from mock_server.store.sqlite_rows import (
    ACCOUNT,
    ENTRY,
    RECORD,
    account_row,
    account_state,
    claim,
    entry,
    entry_row,
    marks,
    nonce_row,
    record,
    record_row,
)
from mock_server.store.watch import Watch

_UNSET = AccountState()
_POLL = 0.01
"""Seconds between two looks for other processes' changes, by a thread that waits for some."""
_FORGIVEN = 3600.0
"""Seconds for which a nonce that has expired is kept, since an account's clock may be set back."""
_STATES = 2000
"""Account states that are kept in memory."""

_USE = "INSERT INTO accounts(name, used) VALUES(?, ?) ON CONFLICT DO UPDATE SET used = excluded.used WHERE excluded.used >= used + 1"
_NEXT_GENERATION = "INSERT INTO counters VALUES('', 'generation', '', 1, NULL) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value"
_SET_STATE = f"""
INSERT INTO accounts(name, used, {ACCOUNT}) VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
  used = excluded.used, {", ".join(f"{name} = excluded.{name}" for name in ACCOUNT.split(", "))}"""
_USED = "SELECT at, expires, entry FROM nonces WHERE account = ? AND kind = ? AND value = ? AND (expires IS NULL OR expires >= ?)"
_USE_NONCE = """
INSERT INTO nonces(account, kind, value, at, expires, entry) VALUES(?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET at = excluded.at, expires = excluded.expires, entry = excluded.entry WHERE expires < excluded.at"""
_FIND_RECORD = f"""
SELECT {RECORD} FROM records WHERE seq = coalesce(
  (SELECT max(seq) FROM records WHERE account = ? AND provider = ? AND key = ? AND ? IN ('', kind)),
  (SELECT max(record) FROM aliases WHERE account = ? AND provider = ? AND alias = ? AND ? IN ('', kind)))"""
_CREATE_RECORD = f"INSERT INTO records(account, number, {RECORD}) VALUES(?, ?, {marks(RECORD)}) ON CONFLICT DO NOTHING"
_UPDATE_RECORD = """
UPDATE records SET status = ?, created = ?, version = ?, aliases = ?, data = ?
WHERE account = ? AND provider = ? AND kind = ? AND key = ? AND version = ?"""
_SEQ_OF_RECORD = "SELECT seq FROM records WHERE account = ? AND provider = ? AND kind = ? AND key = ?"
_ADD_ALIAS = "INSERT OR IGNORE INTO aliases VALUES(?, ?, ?, ?, ?)"
_NEXT_MOVE = "(SELECT coalesce(max(moved), 0) + 1 FROM sequences WHERE account = ?)"
_BEGIN_SEQUENCE = f"INSERT INTO sequences VALUES(?, ?, ?, 1, {_NEXT_MOVE}) ON CONFLICT DO NOTHING RETURNING moved"
_MOVE_SEQUENCE = f"""
UPDATE sequences SET position = position + 1, moved = {_NEXT_MOVE}
WHERE account = ? AND scenario = ? AND reference = ? AND position = ? RETURNING moved"""
_SWEEP_SEQUENCES = """
DELETE FROM sequences WHERE account = ? AND moved <= (
  SELECT moved FROM sequences WHERE account = ? ORDER BY moved DESC LIMIT 1 OFFSET ?)"""
_ADD = "INSERT INTO counters VALUES(?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET value = value + excluded.value"
_COUNT = """
INSERT INTO counters VALUES(?, 'rate', ?, 1, ?) ON CONFLICT DO UPDATE SET
  value = CASE WHEN until <= ? THEN 1 ELSE value + 1 END, until = CASE WHEN until <= ? THEN excluded.until ELSE until END
RETURNING value"""
_ADD_ENTRY = f"INSERT INTO entries(number, {ENTRY}) VALUES(?, {marks(ENTRY)})"
_KEPT = "account = ? AND number > (SELECT max(number) FROM entries WHERE account = ?) - ?"
_REFUSED = "error <> '' AND scenario = '' AND coalesce(json_extract(evidence, '$.check'), '') <> 'magic value'"
"""As `Entry.refused`."""
_MENTIONS = "mentions(?, path, query, request_body, response_body)"


class _Conflict(Exception):
    """A precondition of a commit does not hold; the argument says which."""


class SqliteStore:
    """As `Store`. A commit takes some tens of microseconds, less than handing it to a thread would, so it counts as not blocking."""

    blocking = False

    def __init__(self, path: str, clock: Clock, journal_limit: int, record_limit: int, synchronous: str = "NORMAL") -> None:
        """``synchronous`` is SQLite's. Raises `ConfigError` with a remedy for a file that cannot be used."""
        self._now = clock.now
        self._journal_limit = journal_limit
        self._record_limit = record_limit
        self._states: dict[str, AccountState] = {}
        self._used: dict[str, float] = {}
        """Accounts that are in the file, and when that was last written. Like the states, until another process writes."""
        self._watch = Watch(self._look, _POLL)
        prepare(Path(path))
        try:
            self._db = Database(Path(path), synchronous, self._noticed)
            self._lists = Database(Path(path), synchronous)
            """For lists, so that who reads one keeps no request waiting."""
        except StoreError as error:
            raise ConfigError(str(error)) from None
        self._queue = SqliteDeliveries(self._db, self._reader, lambda account: self.account(account).clock, journal_limit)

    # -- reading for an exchange -------------------------------------------------------------------------------
    def account(self, account: str) -> AccountState:
        with self._db.lock:
            self._db.look()
            state = self._states.get(account)
            if state is None:
                row = self._db.row(f"SELECT {ACCOUNT} FROM accounts WHERE name = ?", (account,))
                if len(self._states) >= _STATES:
                    self._states.clear()
                state = self._states[account] = _UNSET if row is None else account_state(row)
            return state

    def claimed(self, account: str, kind: str, value: str) -> Claim | None:
        row = self._db.row(_USED, (account, kind, value, self.account(account).clock.at(self._now())))
        return None if row is None else claim(kind, value, row)

    def record(self, account: str, provider: str, kind: str, key: str) -> Record | None:
        row = self._db.row(_FIND_RECORD, (account, provider, key, kind) * 2)
        return None if row is None else record(row)

    def step(self, account: str, key: StepKey) -> int:
        row = self._db.row("SELECT position FROM sequences WHERE account = ? AND scenario = ? AND reference = ?", (account, *key))
        return 0 if row is None else int(row[0])

    def tally(self, account: str, name: str) -> float:
        row = self._db.row("SELECT value FROM counters WHERE account = ? AND kind = 'sum' AND name = ?", (account, name))
        return 0.0 if row is None else float(row[0])

    def tallies(self, account: str) -> Mapping[str, float]:
        return dict(self._db.rows("SELECT name, value FROM counters WHERE account = ? AND kind = 'sum'", (account,)))

    def records(self, account: str, provider: str = "", kind: str = "", after: str = "", limit: int = 1000) -> list[Record]:
        place = "account = ? AND ? IN ('', provider) AND ? IN ('', kind)"
        behind = f"coalesce((SELECT max(number) FROM records WHERE {place} AND key = ?), 0)" if after else "0"
        values = (account, provider, kind) + ((account, provider, kind, after) if after else ())
        sql = f"SELECT {RECORD} FROM records WHERE {place} AND number > {behind} ORDER BY number LIMIT ?"
        return [record(row) for row in self._db.rows(sql, (*values, limit))]

    # -- writing -----------------------------------------------------------------------------------------------
    def commit(self, writes: Writes) -> str | None:
        try:
            with self._change():
                self._write(writes)
        except _Conflict as conflict:
            return str(conflict)
        return None

    def group(self) -> AbstractContextManager[None]:
        return self._change()

    def release(self, account_ids: Sequence[tuple[str, str]]) -> None:
        with self._change():
            for account, delivery_id in account_ids:
                self._queue.release(account, delivery_id)

    def update(self, account: str, change: Callable[[AccountState], AccountState]) -> AccountState:
        with self._change():
            before = self.account(account)
            after = change(before)._replace(generation=int(self._db.row(_NEXT_GENERATION)[0]))
            self._db.run(_SET_STATE, (account, self._now(), *account_row(after)))
            self._states.pop(account)
            if after.clock != before.clock:
                self._queue.set_clock(account, after.clock)
            return after

    def increment(self, account: str, name: str, expires_real: float) -> int:
        now = self._now()
        with self._change(noticed=False):
            self._use(account)
            value = int(self._db.row(_COUNT, (account, name, expires_real, now, now))[0])
            if value == 1:
                self._db.run("DELETE FROM counters WHERE account = ? AND kind = 'rate' AND until <= ?", (account, now))
            return value

    def reset(self, account: str) -> None:
        with self._change():
            self._db.run("DELETE FROM accounts WHERE name = ?", (account,))
            self._forget()

    def reset_all(self) -> None:
        with self._change():
            self._db.run("DELETE FROM accounts")
            self._forget()

    # -- looking -----------------------------------------------------------------------------------------------
    def accounts(self) -> list[str]:
        return [name for (name,) in self._reader().rows("SELECT name FROM accounts ORDER BY name")]

    def entries(self, account: str, where: EntryFilter = ANY_ENTRY, limit: int = 100, before: str = "") -> tuple[list[Entry], int]:
        conditions, values = [_KEPT, *([_REFUSED] if where.refused else [])], [account, account, self._journal_limit]
        for name, value in where._replace(refused=False)._asdict().items():
            if value:
                conditions.append(_MENTIONS if name == "q" else "at >= ?" if name == "since" else f"{name} = ?")
                values.append(value.lower() if name == "q" else value)
        selected = " AND ".join(conditions)
        older = " AND number < (SELECT number FROM entries WHERE account = ? AND id = ?)" if before else ""
        reader = self._reader()
        with reader.transaction("BEGIN"):
            total = reader.row(f"SELECT count(*) FROM entries WHERE {selected}", values)[0]
            sql = f"SELECT {ENTRY} FROM entries WHERE {selected}{older} ORDER BY number DESC LIMIT ?"
            rows = reader.rows(sql, [*values, *((account, before) if before else ()), limit])
        return [entry(row) for row in rows], total

    def entry(self, account: str, entry_id: str) -> Entry | None:
        sql = f"SELECT {ENTRY} FROM entries WHERE id = ? AND {_KEPT}"
        row = self._db.row(sql, (entry_id, account, account, self._journal_limit))
        return None if row is None else entry(row)

    def clear_entries(self, account: str) -> None:
        with self._change():
            self._db.run("DELETE FROM entries WHERE account = ?", (account,))

    def scenario_counts(self, account: str) -> Mapping[str, int]:
        rows = self._reader().rows("SELECT name, value FROM counters WHERE account = ? AND kind = 'scenario'", (account,))
        return {name: int(value) for name, value in rows}

    # -- deliveries --------------------------------------------------------------------------------------------
    def schedule(self, messages: Sequence[Message]) -> None:
        with self._change():
            for message in messages:
                self._use(message.account)
                self._queue.add(message, None)

    def lease_due(self, real: float, lease: float, limit: int = 100, account: str = "") -> list[Delivery]:
        # Looking first, since most looks find nothing and a transaction keeps the other processes waiting.
        soonest = self.wake_at(real)
        if soonest is None or soonest > real + TICK:
            return []
        with self._change(noticed=False):
            return self._queue.lease_due(real, lease, limit, account)

    def wake_at(self, real: float) -> float | None:
        return self._queue.wake_at(real)

    def record_attempt(self, account: str, delivery_id: str, attempt: Attempt | None, state: str, due: float = 0.0, turn: int = 0) -> None:
        with self._change():
            self._queue.record_attempt(account, delivery_id, attempt, state, due, turn)

    def delivery(self, account: str, delivery_id: str) -> Delivery | None:
        return self._queue.delivery(account, delivery_id)

    def deliveries(
        self, account: str, where: DeliveryFilter = ANY_DELIVERY, limit: int = 100, before: str = ""
    ) -> tuple[list[Delivery], int]:
        return self._queue.deliveries(account, where, limit, before)

    def reschedule(self, account: str, delivery_ids: Sequence[str], due: float, state: str = "pending") -> None:
        with self._change():
            for delivery_id in delivery_ids:
                self._queue.reschedule(account, delivery_id, due, state)

    # -- noticing ----------------------------------------------------------------------------------------------
    def version(self) -> int:
        self._db.look()
        return self._watch.version

    def wait(self, version: int, timeout: float) -> int:
        return self._watch.wait(version, timeout)

    def close(self) -> None:
        self._watch.close()
        self._db.close()
        self._lists.close()

    def _look(self, _timeout: float) -> None:
        self._db.look()

    def _noticed(self) -> None:
        """Another process has changed something."""
        self._forget()
        self._watch.bump()

    def _forget(self) -> None:
        self._states.clear()
        self._used.clear()

    def _reader(self) -> Database:
        """Where to read lists: what has been committed, and within a group also what has been written there."""
        return self._db if self._db.in_transaction else self._lists

    # -- changing ----------------------------------------------------------------------------------------------
    @contextmanager
    def _change(self, noticed: bool = True) -> Iterator[None]:
        """A transaction; ``noticed``: those who wait for changes are woken."""
        with self._db.lock:
            try:
                with self._db.transaction():
                    yield
            except BaseException:
                self._forget()
                raise
            if noticed and not self._db.in_transaction:
                self._watch.bump()

    def _write(self, writes: Writes) -> None:
        """Raises `_Conflict` at the first precondition that does not hold."""
        account, run = writes.account, self._db.run
        self._use(account)
        for nonce in writes.claims:
            self._use_nonce(account, nonce)
        for written in writes.records:
            self._write_record(account, written)
        if writes.step is not None:
            self._move_sequence(account, *writes.step)
        for name, amount in writes.tallies:
            run(_ADD, (account, "sum", name, amount))
        if writes.entry is not None:
            self._write_entry(account, writes.entry)
        for message in writes.messages:
            self._queue.add(message, None if message.before_response else self._now() + HOLD)

    def _use(self, account: str) -> None:
        """See that the account is in the file, with the second of its last use."""
        now = self._now()
        if now - self._used.get(account, -inf) >= 1.0:
            self._db.run(_USE, (account, now))
            self._used[account] = now

    def _use_nonce(self, account: str, nonce: Claim) -> None:
        if self._db.run(_USE_NONCE, (account, *nonce_row(nonce))).rowcount == 0:
            raise _Conflict("claim")
        if nonce.expires < inf:
            self._db.run("DELETE FROM nonces WHERE account = ? AND expires < ?", (account, nonce.at - _FORGIVEN))

    def _write_record(self, account: str, written: Record) -> None:
        row = record_row(written)
        if written.version:
            done = self._db.run(_UPDATE_RECORD, (*row[3:], account, *row[:3], written.version))
        else:
            number = self._next_number("records", account)
            done = self._db.run(_CREATE_RECORD, (account, number, *row))
            self._sweep("records", account, number, self._record_limit)
        if done.rowcount == 0:
            raise _Conflict("record")
        if written.aliases:
            seq = done.lastrowid if written.version == 0 else self._db.row(_SEQ_OF_RECORD, (account, *row[:3]))[0]
            for alias in written.aliases:
                self._db.run(_ADD_ALIAS, (account, written.provider, alias, written.kind, seq))

    def _move_sequence(self, account: str, key: StepKey, position: int) -> None:
        if position == 0:
            moved = self._db.row(_BEGIN_SEQUENCE, (account, *key, account))
        else:
            moved = self._db.row(_MOVE_SEQUENCE, (account, account, *key, position))
        if moved is None:
            raise _Conflict("step")
        if moved[0] > self._record_limit and moved[0] % SWEEP == 0:
            self._db.run(_SWEEP_SEQUENCES, (account, account, self._record_limit))

    def _write_entry(self, account: str, written: Entry) -> None:
        number = self._next_number("entries", account)
        self._db.run(_ADD_ENTRY, (number, *entry_row(written)))
        self._sweep("entries", account, number, self._journal_limit)
        if written.scenario:
            self._db.run(_ADD, (account, "scenario", written.scenario, 1))

    def _next_number(self, table: str, account: str) -> int:
        # Not a part of the INSERT, which would cost three times as much with it.
        return int(self._db.row(f"SELECT coalesce(max(number), 0) + 1 FROM {table} WHERE account = ?", (account,))[0])

    def _sweep(self, table: str, account: str, number: int, limit: int) -> None:
        """Delete what is over the limit, now and then."""
        if number > limit and number % SWEEP == 0:
            self._db.run(f"DELETE FROM {table} WHERE account = ? AND number <= ?", (account, number - limit))
