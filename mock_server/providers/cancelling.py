"""Cancels the callbacks that are scheduled for a reference once nothing about it may be sent any more."""

from __future__ import annotations

from mock_server.core.records import CANCELLED, PENDING
from mock_server.store.base import DeliveryFilter, Store, Transaction

_LIMIT = 1000


def cancel_scheduled(store: Store, transaction: Transaction, now: float) -> None:
    """Cancel what `Transaction.cancelled` names and is due after ``now``, the account's time; after the
    commit of these writes.

    What these writes send themselves stays, and what was attempted before: its next attempt precedes them, in
    the order of the lane."""
    if transaction.cancelled is None:
        return
    provider, reference = transaction.cancelled
    own = {message.id for message in transaction.messages}
    where = DeliveryFilter(provider=provider, reference=reference, state=PENDING)
    found, _ = store.deliveries(transaction.account, where, _LIMIT)
    for delivery in found:
        if delivery.due > now and not delivery.attempts and delivery.message.id not in own:
            store.reschedule(transaction.account, [delivery.message.id], delivery.due, CANCELLED)
