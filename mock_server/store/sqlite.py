"""The store of one machine: plain tables in an SQLite file, shared by its processes; it survives their end.

`sql/schema.sql` says what is in which table, `sql/queries.sql` has the statements. A commit is one
transaction, or a part of one that several commits share."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any

from mock_server.core.clock import Clock
from mock_server.core.records import Entry, Record, UsedValue
from mock_server.store.base import (
    ANY_ENTRY,
    ANY_RECORD,
    EntryFilter,
    Limits,
    RecordFilter,
    StepKey,
    Totals,
    Transaction,
)
from mock_server.store.filters import HOLD
from mock_server.store.sqlite_deliveries import SWEEP, SqliteDeliveries
from mock_server.store.sqlite_rows import ENTRY, NONCE, RECORD, REQUEST, SQL, dump_json

_FORGIVEN = 3600.0
"""Seconds for which an expired nonce stays, since an account's clock may be set back."""

_NEWEST = (
    "account = :account AND seq > coalesce("
    "(SELECT seq FROM entries WHERE account = :account ORDER BY seq DESC LIMIT 1 OFFSET :keep), 0)"
)
_CONDITIONS = {
    "since": "at >= :since",
    "q": "mentions(:q, path, query, request_body, response_body)",
    "answers": (
        "CASE WHEN scenario <> '' THEN 'scenario'"
        " WHEN error = '' OR json_extract(evidence, '$.check') = 'magic value' THEN 'built-in'"
        " ELSE 'refusal' END = :answers"
    ),
}
"""Those of `EntryFilter` that are not equality."""
_OLDER = "AND seq < (SELECT seq FROM entries WHERE account = :account AND id = :before)"


class SqliteStore(SqliteDeliveries):
    """As `Store`."""

    def __init__(self, path: str, clock: Clock, limits: Limits, synchronous: str = "NORMAL") -> None:
        """``synchronous`` is SQLite's. Raises `ConfigError` with a remedy for a file that cannot be used."""
        super().__init__(Path(path), clock, limits, synchronous)
        self._journal_limit, self._record_limit = limits.journal, limits.records

    # Reading for an exchange.

    def find_used(self, account: str, kind: str, value: str) -> UsedValue | None:
        now = self.account(account).clock.at(self._now())
        row = self._db.row(SQL.nonce, {"account": account, "kind": kind, "value": value, "now": now})
        return None if row is None else NONCE.value(row)

    def record(self, account: str, provider: str, kind: str, key: str) -> Record | None:
        row = self._db.row(SQL.record, {"account": account, "provider": provider, "kind": kind, "key": key})
        return None if row is None else RECORD.value(row)

    def records(self, account: str, provider: str = "", kind: str = "") -> list[Record]:
        values = {"account": account, "provider": provider, "kind": kind}
        return [RECORD.value(row) for row in self._db.rows(SQL.records, values)]

    def step(self, account: str, key: StepKey) -> int:
        row = self._db.row(SQL.position, {"account": account, **key._asdict()})
        return 0 if row is None else int(row[0])

    def counter(self, account: str, name: str) -> float:
        if self._db.in_transaction:
            self._write_counters()
        row = self._db.row(SQL.counter, {"account": account, "name": name})
        return 0.0 if row is None else float(row[0])

    def counters(self, account: str) -> Mapping[str, float]:
        return self._counters(account, "sum")

    def _counters(self, account: str, kind: str) -> dict[str, float]:
        if self._db.in_transaction:
            self._write_counters()
        return dict(self._reader().rows(SQL.counters, {"account": account, "kind": kind}))

    # Looking.

    def entries(
        self, account: str, where: EntryFilter = ANY_ENTRY, limit: int = 100, before: str = ""
    ) -> tuple[list[Entry], int]:
        chosen = {name: value for name, value in where._replace(q=where.q.lower())._asdict().items() if value}
        selected = " AND ".join([_NEWEST, *(_CONDITIONS.get(name, f"{name} = :{name}") for name in chosen)])
        values = {"account": account, "keep": self._journal_limit, "before": before, "limit": limit, **chosen}
        page = f"{selected} {_OLDER if before else ''} ORDER BY seq DESC LIMIT :limit"
        reader = self._reader()
        with reader.transaction("BEGIN", noticed=False):
            total = reader.row(f"SELECT count(*) FROM entries WHERE {selected}", values)[0]
            rows = reader.rows(f"SELECT {ENTRY.names}, {REQUEST.names} FROM entries WHERE {page}", values)
        return [_entry(row) for row in rows], total

    def entry(self, account: str, entry_id: str) -> Entry | None:
        row = self._db.row(SQL.entry, {"account": account, "id": entry_id, "keep": self._journal_limit})
        return None if row is None else _entry(row)

    def newest_records(
        self, account: str, where: RecordFilter = ANY_RECORD, limit: int = 100, before: str = ""
    ) -> tuple[list[Record], int]:
        chosen = {"account": account, **where._asdict(), "providers": dump_json(where.providers)}
        values = {**chosen, "q": where.q.lower(), "limit": limit}
        values |= dict(zip(("in", "of", "at"), before.split("/", 2) if before else ("", "", "")))
        reader = self._reader()
        with reader.transaction("BEGIN", noticed=False):
            total = reader.row(SQL.count_records, values)[0]
            rows = reader.rows(SQL.newest_records, values)
        return [RECORD.value(row) for row in rows], total

    def clear_entries(self, account: str) -> None:
        with self._db.transaction():
            self._db.run(SQL.clear_entries, {"account": account})

    def totals(self) -> Totals:
        reader = self._reader()
        with reader.transaction("BEGIN", noticed=False):
            counters = dict(reader.rows(SQL.sums))
            return Totals(self.accounts(), counters, dict(reader.rows(SQL.states)))

    def scenario_counts(self, account: str) -> Mapping[str, int]:
        return {name: int(value) for name, value in self._counters(account, "scenario").items()}

    # Writing.

    def commit(self, transaction: Transaction) -> str | None:
        with self._db.transaction():
            conflict = self._conflict(transaction)
            if conflict is None:
                self._write(transaction)
            return conflict

    def increment(self, account: str, name: str, expires_real: float) -> int:
        values = {"account": account, "name": name, "until": expires_real, "now": self._now()}
        with self._db.transaction(noticed=False):
            self._use(account)
            count = int(self._db.row(SQL.count, values)[0])
            if count == 1:
                self._db.run(SQL.sweep_counters, values)
            return count

    def _conflict(self, transaction: Transaction) -> str | None:
        """Use up the nonces; the precondition that does not hold. While the transaction lasts no other process can
        change that."""
        account, used_values = transaction.account, transaction.used_values
        stale = self._stale(transaction)
        # A single nonce is checked by the statement that writes it: then nothing has to be undone.
        is_checked = stale is not None or len(used_values) > 1
        if is_checked:
            for claim in used_values:
                values = {"account": account, "kind": claim.kind, "value": claim.value, "now": claim.at}
                if self._db.row(SQL.nonce, values) is not None:
                    return "claim"
            if stale is not None:
                return stale
        for claim in used_values:
            written = self._db.run(SQL.use_nonce, (account, *NONCE.row(claim))).rowcount
            if not written and not is_checked:
                return "claim"
            if claim.expires < inf:
                self._db.run(SQL.sweep_nonces, {"account": account, "before": claim.at - _FORGIVEN})
        return None

    def _stale(self, transaction: Transaction) -> str | None:
        """What has been written since it was read: ``"record"`` or ``"step"``."""
        account = transaction.account
        for record in transaction.records:
            place = self._db.row(SQL.place, (account, *record.place))
            if record.version != (0 if place is None else place[1]):
                return "record"
        if any(self.step(account, key) != position for key, position in transaction.steps.items()):
            return "step"
        return None

    def _write(self, transaction: Transaction) -> None:
        account = transaction.account
        self._use(account)
        for record in transaction.records:
            self._write_record(account, record)
        for key in transaction.steps:
            self._move_sequence(account, key)
        entry = transaction.entry
        if entry is not None:
            size, limits = entry.size, self._limits
            self._db.run(SQL.add_entry, (size, *ENTRY.row(entry), *REQUEST.row(entry.request)))
            self._sweep(SQL.sweep_entries, account, size, self._journal_limit, limits.journal_bytes)
            self._sweep(SQL.sweep_all_entries, "", size, 0, limits.total_bytes)
        for message in transaction.messages:
            self._add_delivery(message, None if message.before_response else self._now() + HOLD)
        # Last, since what is only remembered is not undone with what has been written.
        for name, amount in transaction.counters:
            self._add(account, "sum", name, amount)
        if entry is not None and entry.scenario:
            self._add(account, "scenario", entry.scenario, 1.0)

    def _add(self, account: str, kind: str, name: str, amount: float) -> None:
        counter = account, kind, name
        self._amounts[counter] = self._amounts.get(counter, 0.0) + amount

    def _write_record(self, account: str, record: Record) -> None:
        row = (record.size, *RECORD.row(record.replace(version=record.version + 1)))
        if record.version:
            self._db.run(SQL.update_record, (*row, account, *record.place))
            seq = self._db.row(SQL.place, (account, *record.place))[0] if record.aliases else 0
        else:
            seq = self._db.run(SQL.create_record, (account, *row)).lastrowid
        limits = self._limits
        self._sweep(SQL.sweep_records, account, record.size, limits.records, limits.record_bytes)
        for alias in record.aliases:
            self._db.run(SQL.add_alias, (account, record.provider, alias, record.kind, seq))

    def _move_sequence(self, account: str, key: StepKey) -> None:
        values = {"account": account, "keep": self._record_limit, **key._asdict()}
        moved = self._db.row(SQL.move_sequence, values)[0]
        if moved > self._record_limit and moved % SWEEP == 0:
            self._db.run(SQL.sweep_sequences, values)


def _entry(row: tuple[Any, ...]) -> Entry:
    return ENTRY.value(row, request=REQUEST.value(row[ENTRY.width :]))
