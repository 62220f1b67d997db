"""The running service over a store that keeps nothing: what a request would be answered, without its being sent."""

from __future__ import annotations

from copy import copy
from typing import Any, cast

from mock_server.core.ids import ProcessIds
from mock_server.core.records import AccountState, Delivery, Entry
from mock_server.providers.context import Services
from mock_server.providers.pipeline import Pipeline
from mock_server.store.base import ANY_DELIVERY, DeliveryFilter, Store, Transaction
from mock_server.web.replay import PastStore
from mock_server.web.service import Service


class DryRunStore(PastStore):
    """As what a request uses of `Store`: reads the real one, and what the last commit would have written to it."""

    def __init__(self, store: Store, instead_of: Entry | None) -> None:
        super().__init__(store, instead_of, hide_new=instead_of is not None)
        self._transaction = Transaction("")

    def commit(self, transaction: Transaction) -> str | None:
        self._transaction = transaction
        return None

    def entry(self, account: str, entry_id: str) -> Entry | None:
        entry = self._transaction.entry
        return entry if entry is not None and entry.id == entry_id else self._store.entry(account, entry_id)

    def accounts(self) -> list[str]:
        return [self._transaction.account]

    def deliveries(
        self, account: str, where: DeliveryFilter = ANY_DELIVERY, limit: int = 100, before: str = ""
    ) -> tuple[list[Delivery], int]:
        """The deliveries of the last commit, newest first."""
        deliveries = [Delivery(message, due=message.due) for message in reversed(self._transaction.messages)]
        return deliveries, len(deliveries)

    def update(self, account: str, change: Any) -> AccountState:
        return self._store.account(account)


def dry(service: Service, instead_of: Entry | None = None) -> Service:
    """The service for one request that leaves nothing behind. ``instead_of``: it is answered as if it had come in the
    place of that request, at its time. Never to be started or stopped."""
    known = service.pipeline.services
    dry = cast(Store, DryRunStore(service.store, instead_of))
    services = Services(
        dry,
        known.accounts,
        ProcessIds("dry-run"),
        seed=known.seed,
        settings=known.settings,
        public_base_url=known.public_base_url,
    )
    twin = copy(service)
    twin.store = dry
    twin.pipeline = Pipeline(service.providers, services, dry, service.scenarios, service.clock)
    return twin
