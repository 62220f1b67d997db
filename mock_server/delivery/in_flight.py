"""The attempts that are being made, and who waits for their end. Lives on one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from mock_server.core.records import Delivery


class InFlight:
    """Deliveries by id while an attempt is made."""

    def __init__(self) -> None:
        self._deliveries: dict[str, Delivery] = {}
        self._waiters: dict[str, asyncio.Future[None]] = {}

    def add(self, delivery: Delivery) -> None:
        self._deliveries[delivery.message.id] = delivery

    def remove(self, delivery: Delivery, sent_before: Iterable[Delivery] = ()) -> None:
        """The attempt has ended, and so have those that had to leave before it."""
        del self._deliveries[delivery.message.id]
        if self._waiters:
            for each in (delivery, *sent_before):
                waiter = self._waiters.pop(each.message.id, None)
                if waiter is not None and not waiter.done():
                    waiter.set_result(None)

    def all(self) -> list[Delivery]:
        return list(self._deliveries.values())

    def end_of_attempt(self, delivery_id: str) -> asyncio.Future[None]:
        """Done when the next attempt at the delivery has ended."""
        waiter = self._waiters.get(delivery_id)
        if waiter is None:
            waiter = self._waiters[delivery_id] = asyncio.get_running_loop().create_future()
        return waiter

    def stop_waiting(self, delivery_id: str) -> None:
        """Forget the waiter of a delivery that is not in flight."""
        if delivery_id not in self._deliveries:
            self._waiters.pop(delivery_id, None)

    async def wait_idle(self, account: str) -> None:
        """Wait until nothing of the account (empty: of any) is in flight."""
        ids = [name for name, each in self._deliveries.items() if account in ("", each.message.account)]
        if ids:
            await asyncio.wait({self.end_of_attempt(name) for name in ids})
