"""Cancels the callbacks that are scheduled for a reference once nothing about it may be sent any more."""

from __future__ import annotations

from mock_server.core.records import CANCELLED, PENDING
from mock_server.store.base import DeliveryFilter, Store, Writes

_LIMIT = 1000


def cancel_scheduled(store: Store, writes: Writes, now: float) -> None:
    """Cancel what `Writes.cancelled` names and is due after ``now``, the account's time; after the commit of these writes.

    What these writes send themselves stays, and what was attempted before: its next attempt precedes them, in the order of the lane."""
    if writes.cancelled is None:
        return
    provider, reference = writes.cancelled
    own = {message.id for message in writes.messages}
    where = DeliveryFilter(provider=provider, reference=reference, state=PENDING)
    found, _ = store.deliveries(writes.account, where, _LIMIT)
    for delivery in found:
        if delivery.due > now and not delivery.attempts and delivery.message.id not in own:
            store.reschedule(writes.account, [delivery.message.id], delivery.due, CANCELLED)
