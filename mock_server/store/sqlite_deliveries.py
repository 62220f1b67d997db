"""The deliveries of the SQLite store: which is due, which is leased, which waits for its turn.

When a delivery may be taken is a column of its own, ``available``, which SQLite derives from state, due time, hold and lease, and
has an index of. So taking what is due, and knowing when the next one is, cost the same however many are pending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from mock_server.core.clock import ClockState
from mock_server.core.records import PENDING, Attempt, Delivery, Message
from mock_server.store.base import DeliveryFilter
from mock_server.store.selecting import LONG_AGO, TICK, real_due
from mock_server.store.sqlite_database import Database
from mock_server.store.sqlite_rows import ATTEMPT, DELIVERY, MESSAGE, Row, attempt, attempt_row, delivery, marks, message_row

SWEEP = 32
"""What is over a limit is deleted in steps of so many rows."""

_INSERT = f"""
INSERT INTO deliveries({MESSAGE}, state, due, due_real, held_until, front) VALUES({marks(MESSAGE)}, 'pending', ?, ?, ?, ?)
ON CONFLICT DO NOTHING"""
_INSERT_ATTEMPT = f"INSERT INTO attempts(delivery, number, {ATTEMPT}) VALUES(?, ?, {marks(ATTEMPT)})"
_UPDATE = """
UPDATE deliveries SET state = ?, due = ?, due_real = ?, held_until = NULL, leased_until = ?, attempts = ?, turn = ?, finished = ?,
  front = CASE WHEN ? THEN front ELSE lane = '' END
WHERE seq = ?"""
_LANE = """
SELECT seq, front, first_due, attempts > 0 OR leased_until IS NOT NULL FROM deliveries
WHERE account = ? AND lane = ? AND state = 'pending' ORDER BY front DESC, first_due, seq LIMIT 2"""
_NEXT_FINISHED = "SELECT coalesce(max(finished), 0) + 1 FROM deliveries WHERE account = ? AND finished IS NOT NULL"
_SWEEP_FINISHED = """
DELETE FROM deliveries WHERE account = ? AND finished <= (
  SELECT finished FROM deliveries WHERE account = ? AND finished IS NOT NULL ORDER BY finished DESC LIMIT 1 OFFSET ?)"""
# The plus keeps SQLite from reading all of the account's deliveries in place of those that are due.
_TAKE = """
UPDATE deliveries SET held_until = NULL, leased_until = ? WHERE seq IN (
  SELECT seq FROM deliveries WHERE available <= ? AND ? IN ('', +account) ORDER BY available, seq LIMIT ?)
RETURNING seq"""
_SET_CLOCK = """
UPDATE deliveries SET due_real = CASE WHEN ? IS NULL THEN due - ? WHEN due <= ? THEN due - ? ELSE 9e999 END
WHERE account = ? AND state = 'pending'"""


class _Known(NamedTuple):
    """What there is of a delivery before it changes."""

    seq: int
    state: str
    due: float
    lane: str
    held_until: float | None
    leased_until: float | None
    attempts: int
    turn: int
    finished: int | None


class SqliteDeliveries:
    """The part of the store that has to do with deliveries; what changes something must be called within a transaction."""

    def __init__(self, db: Database, reader: Callable[[], Database], clock_of: Callable[[str], ClockState], limit: int) -> None:
        """``reader`` gives a connection for lists. ``limit``: how many finished deliveries an account keeps."""
        self._db, self._reader = db, reader
        self._clock_of = clock_of
        self._limit = limit

    def add(self, message: Message, hold_until: float | None) -> None:
        """Store a message, unless its id is known."""
        account, lane = message.account, message.lane
        due_real = real_due(self._clock_of(account), message.due)
        front = not lane or not self._db.rows(_LANE, (account, lane))
        self._db.run(_INSERT, (*message_row(message), message.due, due_real, hold_until, front))
        if not front:
            self._seat(account, lane)

    def release(self, account: str, delivery_id: str) -> None:
        """End a hold."""
        self._db.run("UPDATE deliveries SET held_until = NULL WHERE account = ? AND id = ?", (account, delivery_id))

    def set_clock(self, account: str, clock: ClockState) -> None:
        """The account's clock shows another time."""
        frozen = None if clock.frozen is None else clock.frozen + TICK
        self._db.run(_SET_CLOCK, (frozen, clock.offset, frozen, LONG_AGO, account))

    def lease_due(self, real: float, lease: float, limit: int, account: str) -> list[Delivery]:
        """As `Store.lease_due`."""
        taken = [seq for (seq,) in self._db.rows(_TAKE, (real + lease, real + TICK, account, limit))]
        # Read anew: what RETURNING gives of a whole number is an integer even where the column is of real numbers.
        sql = f"SELECT {DELIVERY} FROM deliveries WHERE seq IN {_LISTED} ORDER BY due_real, seq"
        return _deliveries(self._db, self._db.rows(sql, (str(taken),)))

    def wake_at(self, real: float) -> float | None:
        """As `Store.wake_at`."""
        soonest = self._db.row("SELECT min(available) FROM deliveries WHERE available < 9e999")[0]
        return None if soonest is None else max(soonest, real)

    def record_attempt(self, account: str, delivery_id: str, tried: Attempt | None, state: str, due: float, turn: int) -> None:
        """As `Store.record_attempt`."""
        known = self._known(account, delivery_id)
        if known is None:
            return
        if tried is not None:
            known = known._replace(attempts=known.attempts + 1)
            self._db.run(_INSERT_ATTEMPT, (known.seq, known.attempts, *attempt_row(tried)))
        state = known.state if state == PENDING else state
        self._put(account, known._replace(turn=turn), state, due if state == PENDING else known.due, None)

    def reschedule(self, account: str, delivery_id: str, due: float, state: str) -> None:
        """As `Store.reschedule`."""
        known = self._known(account, delivery_id)
        if known is not None:
            self._put(account, known, state, due, known.leased_until if state == PENDING else None)

    def delivery(self, account: str, delivery_id: str) -> Delivery | None:
        """As `Store.delivery`."""
        rows = self._db.rows(f"SELECT {DELIVERY} FROM deliveries WHERE account = ? AND id = ?", (account, delivery_id))
        return _deliveries(self._db, rows)[0] if rows else None

    def deliveries(self, account: str, where: DeliveryFilter, limit: int, before: str) -> tuple[list[Delivery], int]:
        """As `Store.deliveries`."""
        chosen = {"account": account, **{name: value for name, value in where._asdict().items() if value}}
        condition, values = " AND ".join(f"{name} = ?" for name in chosen), list(chosen.values())
        older, before_values = ("", []) if not before else (_OLDER, [account, before])
        page = f"SELECT seq FROM deliveries WHERE {condition}{older} ORDER BY seq DESC LIMIT ?"
        reader = self._reader()
        with reader.transaction("BEGIN"):
            total = reader.row(f"SELECT count(*) FROM deliveries WHERE {condition}", values)[0]
            sql = f"SELECT {DELIVERY} FROM deliveries WHERE seq IN ({page}) ORDER BY seq DESC"
            return _deliveries(reader, reader.rows(sql, [*values, *before_values, limit])), total

    def _known(self, account: str, delivery_id: str) -> _Known | None:
        columns = ", ".join(_Known._fields)
        row = self._db.row(f"SELECT {columns} FROM deliveries WHERE account = ? AND id = ?", (account, delivery_id))
        return None if row is None else _Known(*row)

    def _put(self, account: str, known: _Known, state: str, due: float, leased_until: float | None) -> None:
        """Write another state, due time and lease, and draw the consequences for the lane and for what is finished."""
        ended = state != PENDING and known.state == PENDING
        finished = None if state == PENDING else known.finished
        if ended:
            finished = int(self._db.row(_NEXT_FINISHED, (account,))[0])
        due_real = real_due(self._clock_of(account), due)
        stays = (state == PENDING) == (known.state == PENDING)
        values = state, due, due_real, leased_until, known.attempts, known.turn, finished, stays, known.seq
        self._db.run(_UPDATE, values)
        if known.lane:
            self._seat(account, known.lane)
        if ended and finished is not None and finished > self._limit and finished % SWEEP == 0:
            self._db.run(_SWEEP_FINISHED, (account, account, self._limit))

    def _seat(self, account: str, lane: str) -> None:
        """Put the right one first in its lane: who is first and under way stays, else it is who was to leave first."""
        rows = self._db.rows(_LANE, (account, lane))
        if not rows:
            return
        first, front, _, under_way = rows[0]
        if front and under_way:
            return
        earliest = min(rows, key=lambda row: (row[2], row[0]))[0]
        if not front or earliest != first:
            self._db.run("UPDATE deliveries SET front = (seq = ?) WHERE seq IN (?, ?)", (earliest, first, earliest))


_LISTED = "(SELECT value FROM json_each(?))"
_OLDER = " AND seq < (SELECT seq FROM deliveries WHERE account = ? AND id = ?)"


def _deliveries(db: Database, rows: Sequence[Row]) -> list[Delivery]:
    """Deliveries from the columns `DELIVERY`, with their attempts."""
    tried = [row[-1] for row in rows if row[-2]]
    attempts: dict[Any, tuple[Attempt, ...]] = {}
    if tried:
        sql = f"SELECT delivery, {ATTEMPT} FROM attempts WHERE delivery IN {_LISTED} ORDER BY delivery, number"
        found = db.rows(sql, (str(tried),))
        attempts = {seq: tuple(attempt(row[1:]) for row in group) for seq, group in groupby(found, key=lambda row: row[0])}
    return [delivery(row, attempts.get(row[-1], ())) for row in rows]
