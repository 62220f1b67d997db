"""The deliveries of the SQLite store: which is due, which is leased, which waits for its turn.

The column ``available`` says from when a delivery may be taken. SQLite derives it from state, due time, hold
and lease, and has an index of it: to take what is due, and to know when the next one is, cost the same
however many are pending."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.core.clock import Clock
from mock_server.core.records import PENDING, Attempt, Delivery, Message
from mock_server.store.base import ANY_DELIVERY, DeliveryFilter, Limits
from mock_server.store.filters import TICK, real_due
from mock_server.store.sqlite_accounts import SqliteAccounts
from mock_server.store.sqlite_database import Database
from mock_server.store.sqlite_rows import ATTEMPT, MESSAGE, SQL

SWEEP = 256
"""What is over a limit is deleted in steps of so many rows."""

_MENTIONS = "mentions(:q, event, reference, url, body)"
_OLDER = "AND seq < (SELECT seq FROM deliveries WHERE account = :account AND id = :before)"


class _Known(NamedTuple):
    """What there is of a delivery before it changes."""

    seq: int
    state: str
    due: float
    lane: str
    leased_until: float | None
    attempts: int
    turn: int
    finished: int | None
    size: int
    """Bytes of its address and body."""


class SqliteDeliveries(SqliteAccounts):
    """As `Store`, as far as it is about accounts and deliveries."""

    def __init__(self, path: Path, clock: Clock, limits: Limits, synchronous: str) -> None:
        super().__init__(path, clock, synchronous)
        self._limits = limits
        self._written: dict[tuple[str, str], tuple[int, int]] = {}
        """Rows and bytes that this process has written since the last sweep, by the statement that sweeps, and account."""

    def schedule(self, messages: Sequence[Message]) -> None:
        with self._db.transaction():
            for message in messages:
                self._use(message.account)
                self._add_delivery(message, None)

    def release(self, account_ids: Sequence[tuple[str, str]]) -> None:
        with self._db.transaction():
            for account, delivery_id in account_ids:
                self._db.run(SQL.release, {"account": account, "id": delivery_id})

    def lease_due(self, real: float, lease: float, limit: int = 100, account: str = "") -> list[Delivery]:
        # Look first: most looks find nothing, and a transaction keeps other processes waiting.
        soonest = self.wake_at(real)
        if soonest is None or soonest > real + TICK:
            return []
        values = {"real": real + TICK, "until": real + lease, "limit": limit, "account": account}
        with self._db.transaction(noticed=False):
            taken = [seq for (seq,) in self._db.rows(SQL.lease_due, values)]
            # Read again: RETURNING gives whole numbers as integers, even of a column of real numbers.
            return _deliveries(self._db, self._db.rows(SQL.deliveries, {"seqs": str(taken)}))

    def wake_at(self, real: float) -> float | None:
        soonest = self._db.row(SQL.wake_at)[0]
        return None if soonest is None else max(soonest, real)

    def next_due(self, account: str, after: float) -> float | None:
        due: float | None = self._reader().row(SQL.next_due, {"account": account, "after": after})[0]
        return due

    def record_attempt(
        self,
        account: str,
        delivery_id: str,
        attempt: Attempt | None,
        state: str,
        due: float = 0.0,
        turn: int = 0,
    ) -> None:
        with self._db.transaction():
            known = self._known(account, delivery_id)
            if known is None:
                return
            if attempt is not None:
                known = known._replace(attempts=known.attempts + 1)
                self._db.run(SQL.add_attempt, (known.seq, known.attempts, *ATTEMPT.row(attempt)))
            state = known.state if state == PENDING else state
            changed = known._replace(
                state=state, due=due if state == PENDING else known.due, turn=turn, leased_until=None
            )
            self._put(account, known, changed)

    def reschedule(self, account: str, delivery_ids: Sequence[str], due: float, state: str = PENDING) -> None:
        with self._db.transaction():
            for delivery_id in delivery_ids:
                known = self._known(account, delivery_id)
                if known is not None:
                    leased_until = known.leased_until if state == PENDING else None
                    self._put(account, known, known._replace(state=state, due=due, leased_until=leased_until))

    def delivery(self, account: str, delivery_id: str) -> Delivery | None:
        rows = self._db.rows(SQL.delivery, {"account": account, "id": delivery_id})
        return _deliveries(self._db, rows)[0] if rows else None

    def deliveries(
        self, account: str, where: DeliveryFilter = ANY_DELIVERY, limit: int = 100, before: str = ""
    ) -> tuple[list[Delivery], int]:
        filters = where._replace(q=where.q.lower())._asdict()
        chosen = {"account": account, **{name: value for name, value in filters.items() if value}}
        selected = " AND ".join(_MENTIONS if name == "q" else f"{name} = :{name}" for name in chosen)
        page = f"SELECT seq FROM deliveries WHERE {selected} {_OLDER if before else ''} ORDER BY seq DESC LIMIT :limit"
        reader = self._reader()
        with reader.transaction("BEGIN", noticed=False):
            total = reader.row(f"SELECT count(*) FROM deliveries WHERE {selected}", chosen)[0]
            seqs = [seq for (seq,) in reader.rows(page, {**chosen, "before": before, "limit": limit})]
            deliveries = _deliveries(reader, reader.rows(SQL.deliveries_by_seq, {"seqs": str(seqs)}))
        return deliveries, total

    def _add_delivery(self, message: Message, hold_until: float | None) -> None:
        """Store a message, unless its id is known."""
        account, lane = message.account, message.lane
        due_real = real_due(self.account(account).clock, message.due)
        front = not lane or not self._db.rows(SQL.lane, {"account": account, "lane": lane})
        self._db.run(SQL.add_delivery, (*MESSAGE.row(message), message.due, due_real, hold_until, front))
        if not front:
            self._seat(account, lane)

    def _known(self, account: str, delivery_id: str) -> _Known | None:
        row = self._db.row(SQL.known, {"account": account, "id": delivery_id})
        return None if row is None else _Known(*row)

    def _put(self, account: str, known: _Known, changed: _Known) -> None:
        """Write what has changed, and draw the consequences for the lane and for what is finished."""
        if changed.state == PENDING:
            changed = changed._replace(finished=None)
        elif known.state == PENDING:
            number = int(self._db.row(SQL.next_finished, {"account": account})[0])
            changed = changed._replace(finished=number)
        due_real = real_due(self.account(account).clock, changed.due)
        self._db.run(SQL.put, {**changed._asdict(), "due_real": due_real})
        if known.lane:
            self._seat(account, known.lane)
        if changed.finished is not None and known.finished is None:
            limits = self._limits
            self._sweep(SQL.sweep_finished, account, changed.size, limits.journal, limits.journal_bytes)

    def _sweep(self, query: str, account: str, size: int, keep: int, most: int) -> None:
        """Delete what is over ``keep`` rows or ``most`` bytes, each time this process has written `SWEEP` rows, or
        a sixteenth of the bytes."""
        rows, written = self._written.get((query, account), (0, 0))
        rows, written = rows + 1, written + size
        if (keep and rows >= SWEEP) or written * 16 > most:
            rows = written = 0
            self._db.run(query, {"account": account, "keep": keep, "most": most})
        self._written[query, account] = rows, written

    def _seat(self, account: str, lane: str) -> None:
        """Put the right one in front of its lane: the one in front stays if it is under way, else the
        earliest goes first."""
        rows = self._db.rows(SQL.lane, {"account": account, "lane": lane})
        if not rows:
            return
        first, front, _, under_way = rows[0]
        earliest = min(rows, key=lambda row: (row[2], row[0]))[0]
        if not front or (earliest != first and not under_way):
            self._db.run(SQL.put_in_front, {"seq": earliest, "before": first})


def _deliveries(db: Database, rows: Sequence[Any]) -> list[Delivery]:
    """With their attempts."""
    tried = [seq for *_, attempts, seq in rows if attempts]
    attempt_rows = db.rows(SQL.attempts, {"seqs": str(tried)}) if tried else []
    attempts = {
        seq: tuple(ATTEMPT.value(row[1:]) for row in group)
        for seq, group in groupby(attempt_rows, lambda row: row[0])
    }
    deliveries = []
    for row in rows:
        state, due, turn, held_until, leased_until, _, seq = row[MESSAGE.width :]
        held, message = held_until is not None, MESSAGE.value(row)
        deliveries.append(
            Delivery(message, state, due, attempts.get(seq, ()), turn, held, leased_until or 0.0)
        )
    return deliveries
