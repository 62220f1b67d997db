"""The deliveries of the SQLite store, statement by statement. Every function runs inside the caller's transaction."""

# ruff: noqa: S608 - only names of our own tables and columns are put together here

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_server.core.clock import ClockState
from mock_server.core.records import PENDING, Attempt, Delivery, Message
from mock_server.store.codec import pack, unpack_attempts, unpack_message
from mock_server.store.selecting import TICK
from mock_server.store.sqlite_file import Run, wake_time

COLUMNS = "message, state, due, attempts, turn, held, away"


def delivery(row: Sequence[Any]) -> Delivery:
    """From a row of `COLUMNS`."""
    message, state, due, attempts, turn, held, away = row
    tried = unpack_attempts(attempts) if attempts else ()
    return Delivery(unpack_message(message), state, due, tried, turn, bool(held), 0.0 if held else away)


def add(run: Run, message: Message, clock: ClockState, hold_until: float) -> None:
    """A new message, held until that real time (0: not held); one whose id is known already stays as it is."""
    wake = None if message.lane else wake_time(*clock, message.due, hold_until)
    cursor = run(
        "INSERT OR IGNORE INTO deliveries(account, id, provider, event, reference, request_id, kind, lane, place, state, due, wake, held,"
        " away, turn, message) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, 0, ?)",
        (message.account, message.id, message.provider, message.event, message.reference, message.request_id, message.kind, message.lane,
         message.due, message.due, wake, hold_until > 0, hold_until, pack(message)),
    )  # fmt: skip
    if cursor.rowcount and message.lane:
        _seat(run, message.account, message.lane, clock)


def release(run: Run, account: str, delivery_id: str, clock: ClockState) -> None:
    """End a hold."""
    run(
        "UPDATE deliveries SET held = 0, away = 0, wake = CASE WHEN wake IS NULL THEN NULL ELSE wake_time(?, ?, due, 0) END"
        " WHERE account = ? AND id = ? AND held",
        (*clock, account, delivery_id),
    )


def take(run: Run, real: float, lease_until: float, limit: int, account: str) -> list[Delivery]:
    """As `Store.take_due`."""
    rows = run(
        f"SELECT seq, {COLUMNS} FROM deliveries WHERE wake <= ? {'AND account = ?' if account else ''} ORDER BY wake, due, seq LIMIT ?",
        (real + TICK, account, limit) if account else (real + TICK, limit),
    ).fetchall()
    for row in rows:
        run("UPDATE deliveries SET held = 0, away = ?, wake = ? WHERE seq = ?", (lease_until, lease_until, row[0]))
    return [delivery(row[1:])._replace(held=False, lease_until_real=lease_until) for row in rows]


def settle(run: Run, account: str, delivery_id: str, attempt: Attempt | None, state: str, due: float, turn: int, clock: ClockState) -> None:
    """As `Store.settle`."""
    row = _find(run, account, delivery_id)
    if row is None:
        return
    seq, lane, known, known_due, attempts, _ = row
    if attempt is not None:
        attempts = pack((*(unpack_attempts(attempts) if attempts else ()), attempt))
    if state == PENDING and known != PENDING:
        state = known
    run("UPDATE deliveries SET attempts = ?, turn = ? WHERE seq = ?", (attempts, turn, seq))
    _put(run, account, seq, lane, state, due if state == PENDING else known_due, 0.0, clock)


def reschedule(run: Run, account: str, delivery_id: str, due: float, state: str, clock: ClockState) -> None:
    """As `Store.reschedule`. A lease lasts on, or two workers would send it at once."""
    row = _find(run, account, delivery_id)
    if row is not None:
        seq, lane, _, _, _, lease = row
        _put(run, account, seq, lane, state, due, lease if state == PENDING else 0.0, clock)


def reclock(run: Run, account: str, clock: ClockState) -> None:
    """The account's clock has been set."""
    run("UPDATE deliveries SET wake = wake_time(?, ?, due, away) WHERE account = ? AND wake IS NOT NULL", (*clock, account))


def _find(run: Run, account: str, delivery_id: str) -> Any:
    return run(
        "SELECT seq, lane, state, due, attempts, CASE WHEN held THEN 0 ELSE away END FROM deliveries WHERE account = ? AND id = ?",
        (account, delivery_id),
    ).fetchone()


def _put(run: Run, account: str, seq: int, lane: str, state: str, due: float, lease: float, clock: ClockState) -> None:
    wake = None
    if state == PENDING and (not lane or run("SELECT wake FROM deliveries WHERE seq = ?", (seq,)).fetchone()[0] is not None):
        wake = wake_time(*clock, due, lease)
    run("UPDATE deliveries SET state = ?, due = ?, held = 0, away = ?, wake = ? WHERE seq = ?", (state, due, lease, wake, seq))
    if lane:
        _seat(run, account, lane, clock)


def _seat(run: Run, account: str, lane: str, clock: ClockState) -> None:
    """See that exactly the first of the lane has a time to wake: the one that is under way, else that with the earliest place."""
    head = run(
        "SELECT seq, attempts IS NOT NULL OR (away > 0 AND NOT held) FROM deliveries"
        " WHERE account = ? AND lane = ? AND wake IS NOT NULL AND lane <> ''",
        (account, lane),
    ).fetchone()
    if head is not None and head[1]:
        return
    first = run(
        "SELECT seq, due, away FROM deliveries WHERE account = ? AND lane = ? AND state = 'pending' AND lane <> ''"
        " ORDER BY place, seq LIMIT 1",
        (account, lane),
    ).fetchone()
    if first is None or (head is not None and head[0] == first[0]):
        return
    if head is not None:
        run("UPDATE deliveries SET wake = NULL WHERE seq = ?", (head[0],))
    run("UPDATE deliveries SET wake = ? WHERE seq = ?", (wake_time(*clock, first[1], first[2]), first[0]))
