"""What has not been delivered when a server stops."""

from __future__ import annotations

from mock_server.core.exceptions import StoreError
from mock_server.core.records import PENDING, Delivery
from mock_server.store.base import DeliveryFilter, Store

SHOWN = 20
"""How many are returned."""
_ASKED = 100
"""Accounts that are asked for them: a shared store may have thousands."""


def undelivered(store: Store) -> list[Delivery]:
    """The first pending callbacks; none if the store cannot be read."""
    where = DeliveryFilter(state=PENDING)
    callbacks: list[Delivery] = []
    try:
        for account in store.accounts()[:_ASKED]:
            callbacks += reversed(store.deliveries(account, where, SHOWN)[0])
            if len(callbacks) >= SHOWN:
                break
    except StoreError:
        return []
    return callbacks[:SHOWN]
