"""What the filters of the store mean, and when a due time has come: pure functions that all stores share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from typing import TypeVar

from mock_server.core.clock import ClockState
from mock_server.core.records import Delivery, Entry, Record
from mock_server.store.base import DeliveryFilter, EntryFilter, RecordFilter

TICK = 1e-6
"""Seconds by which a due time may lie ahead and still count as come: twice what rounding an offset can lose
at today's date."""

HOLD = 30.0
"""Seconds of real time after which a held delivery goes although nobody let it go: the process that answered
is dead."""


LONG_AGO = 1e11
"""Seconds by which what is due on a frozen clock is put back, so that it is due in real time too and keeps
its order."""


def real_due(clock: ClockState, due: float) -> float:
    """Real time at which the account's clock shows ``due``; on a frozen clock `LONG_AGO` (it has come) or inf
    (it never will)."""
    if clock.frozen is None:
        return due - clock.offset
    return due - LONG_AGO if due <= clock.frozen + TICK else inf


def entry_matches(entry: Entry, where: EntryFilter) -> bool:
    """Whether a journal entry is among those selected."""
    return (
        (not where.provider or entry.provider == where.provider)
        and (not where.operation or entry.operation == where.operation)
        and (not where.status or entry.status == where.status)
        and (not where.scenario or entry.scenario == where.scenario)
        and (not where.reference or entry.reference == where.reference)
        and (not where.since or entry.at >= where.since)
        and (not where.answers or entry.answers == where.answers)
        and (not where.outcome or entry.outcome == where.outcome)
        and (not where.error or entry.error == where.error)
        and (
            not where.q
            or mentions(
                where.q.lower(), entry.request.path, entry.request.query, entry.request.body, entry.body
            )
        )
    )


def mentions(needle: str, *texts: str | bytes) -> bool:
    """Whether a text contains the needle, which is in lower case, in any case. Bytes are read as UTF-8."""
    return any(
        needle in (text if isinstance(text, str) else text.decode("utf-8", "replace")).lower()
        for text in texts
    )


def delivery_matches(delivery: Delivery, where: DeliveryFilter) -> bool:
    """Whether a delivery is among those selected."""
    message = delivery.message
    return (
        (not where.event or message.event == where.event)
        and (not where.reference or message.reference == where.reference)
        and (not where.state or delivery.state == where.state)
        and (not where.provider or message.provider == where.provider)
        and (not where.request_id or message.request_id == where.request_id)
        and (not where.kind or message.kind == where.kind)
        and (not where.scenario or message.scenario == where.scenario)
        and (
            not where.q
            or mentions(where.q.lower(), message.event, message.reference, message.url, message.body)
        )
    )


def record_matches(record: Record, where: RecordFilter) -> bool:
    """Whether a record is among those selected."""
    return (
        (not where.providers or record.provider in where.providers)
        and (not where.kind or record.kind == where.kind)
        and (not where.status or record.status == where.status)
        and (
            not where.q or mentions(where.q.lower(), record.key, record.status, *record.aliases, record.data)
        )
    )


T = TypeVar("T")


def page(
    newest_first: Iterable[tuple[str, T]], wanted: Callable[[T], bool], limit: int, before: str
) -> tuple[list[T], int]:
    """Up to ``limit`` wanted items that follow the item with id ``before``, and how many are wanted in all.

    An id that is no longer known has nothing behind it: what was older has been forgotten before it."""
    found: list[T] = []
    total = 0
    reached = not before
    for item_id, item in newest_first:
        if wanted(item):
            total += 1
            if reached and len(found) < limit:
                found.append(item)
        reached = reached or item_id == before
    return found, total
