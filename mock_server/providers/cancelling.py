"""Cancels the callbacks that are scheduled for a reference once nothing about it may be sent any more."""

from __future__ import annotations

from mock_server.core.records import CANCELLED, PENDING
from mock_server.store.base import DeliveryFilter, Store, Transaction

_LIMIT = 1000


def cancel_scheduled(store: Store, transaction: Transaction, now: float) -> None:
    """After the commit of the transaction, cancel the callbacks that `Transaction.cancelled` names and that are
    due after ``now``, the account's time.

    Callbacks of the transaction itself stay, and so do callbacks with an attempt: their next attempt comes first
    in the order of the lane."""
    if transaction.cancelled is None:
        return
    provider, reference = transaction.cancelled
    own = {message.id for message in transaction.messages}
    where = DeliveryFilter(provider=provider, reference=reference, state=PENDING)
    pending, _ = store.deliveries(transaction.account, where, _LIMIT)
    for delivery in pending:
        if delivery.due > now and not delivery.attempts and delivery.message.id not in own:
            store.reschedule(transaction.account, [delivery.message.id], delivery.due, CANCELLED)
