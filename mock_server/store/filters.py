"""What the filters of the store mean, and when a due time has come: pure functions that all stores share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from typing import NamedTuple, TypeVar

from mock_server.core.clock import ClockState
from mock_server.core.records import Delivery, Entry, Message, Record
from mock_server.store.base import DeliveryFilter, EntryFilter, RecordFilter

TICK = 1e-6
"""Seconds by which a due time may lie ahead and still count as come: twice what rounding an offset can lose
at today's date."""

HOLD = 30.0
"""Seconds of real time after which a held delivery leaves although no process released it: the process that answered
is dead."""


LONG_AGO = 1e11
"""Seconds by which what is due on a frozen clock is put back, which makes it due in real time and keeps
its order."""


def real_due(clock: ClockState, due: float) -> float:
    """Real time at which the account's clock shows ``due``; on a frozen clock `LONG_AGO` (it has come) or inf
    (it never will)."""
    if clock.frozen is None:
        return due - clock.offset
    return due - LONG_AGO if due <= clock.frozen + TICK else inf


def _has(value: Entry | Message | Record, where: NamedTuple, *others: str) -> bool:
    """Whether the value has what the filter says of its fields; empty means any. ``others``: members that are not
    compared with the field of their name."""
    return all(
        not sought or name in others or getattr(value, name) == sought
        for name, sought in where._asdict().items()
    )


def entry_matches(entry: Entry, where: EntryFilter) -> bool:
    """Whether a journal entry is among those selected."""
    request = entry.request
    return (
        _has(entry, where, "since", "q")
        and (not where.since or entry.at >= where.since)
        and (not where.q or mentions(where.q.lower(), request.path, request.query, request.body, entry.body))
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
    texts = message.event, message.reference, message.url, message.body
    return (
        (not where.state or delivery.state == where.state)
        and _has(message, where, "state", "q")
        and (not where.q or mentions(where.q.lower(), *texts))
    )


def record_matches(record: Record, where: RecordFilter) -> bool:
    """Whether a record is among those selected."""
    return (
        (not where.providers or record.provider in where.providers)
        and _has(record, where, "providers", "q")
        and (
            not where.q or mentions(where.q.lower(), record.key, record.status, *record.aliases, record.data)
        )
    )


T = TypeVar("T")


def page(
    newest_first: Iterable[tuple[str, T]], matches: Callable[[T], bool], limit: int, before: str
) -> tuple[list[T], int]:
    """Up to ``limit`` matching items after the item with id ``before``, and the number of all matching items.

    No items follow an unknown id: the store forgets older items first."""
    items: list[T] = []
    total = 0
    reached = not before
    for item_id, item in newest_first:
        if matches(item):
            total += 1
            if reached and len(items) < limit:
                items.append(item)
        reached = reached or item_id == before
    return items, total
