"""The deliveries of one account in memory, and finding them without looking at all of them."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice
from math import inf

from mock_server.core.records import PENDING, Delivery
from mock_server.store.base import DeliveryFilter
from mock_server.store.filters import delivery_matches
from mock_server.store.value_index import ValueIndex

Group = tuple[str, str, str, str]
"""Provider, event, state and kind."""

INDEXED = ("reference", "request_id", "event", "provider")
"""Fields of the message by which deliveries are found."""


class DeliveryTable:
    """Not thread-safe: the store's lock guards it."""

    __slots__ = (
        "_counts",
        "_deliveries",
        "_finished",
        "_indexes",
        "_limit",
        "_most",
        "_number",
        "_numbers",
        "size",
    )

    def __init__(self, limit: int, most: int) -> None:
        """``limit``: how many finished deliveries stay; ``most``: how many bytes of them. Unfinished ones always
        stay."""
        self._limit, self._most = limit, most
        self.size = 0
        """Bytes of the finished ones, as they were when they finished."""
        self._deliveries: dict[str, Delivery] = {}
        self._numbers: dict[str, int] = {}
        """By id: the order of creation."""
        self._number = 0
        self._finished: OrderedDict[str, int] = OrderedDict()
        """Sizes by id. The one that finished first is first."""
        self._indexes: dict[str, ValueIndex[str, str]] = {field: ValueIndex() for field in INDEXED}
        self._counts: dict[Group, int] = {}

    def __len__(self) -> int:
        return len(self._deliveries)

    def __iter__(self) -> Iterator[Delivery]:
        return iter(self._deliveries.values())

    def __getitem__(self, delivery_id: str) -> Delivery:
        return self._deliveries[delivery_id]

    def get(self, delivery_id: str) -> Delivery | None:
        return self._deliveries.get(delivery_id)

    def add(self, delivery: Delivery) -> None:
        """A new delivery."""
        message = delivery.message
        self._deliveries[message.id] = delivery
        self._number += 1
        self._numbers[message.id] = self._number
        self._count(delivery, delivery.state, 1)
        for field, index in self._indexes.items():
            index.add(getattr(message, field), message.id)

    def replace(self, delivery: Delivery) -> None:
        """Another version of a known delivery. The one that finished first is forgotten if there are too
        many."""
        delivery_id = delivery.message.id
        before = self._deliveries[delivery_id].state
        self._deliveries[delivery_id] = delivery
        if before != delivery.state:
            self._count(delivery, before, -1)
            self._count(delivery, delivery.state, 1)
            if delivery.state == PENDING:
                self.size -= self._finished.pop(delivery_id)
            elif before == PENDING:
                self._finish(delivery_id, delivery.size)

    def _finish(self, delivery_id: str, size: int) -> None:
        self._finished[delivery_id] = size
        self.size += size
        while len(self._finished) > self._limit or (self.size > self._most and len(self._finished) > 1):
            self.forget_oldest()

    def forget_oldest(self) -> None:
        """The delivery that finished first."""
        delivery_id, size = self._finished.popitem(last=False)
        self.size -= size
        self._forget(delivery_id)

    def search(self, where: DeliveryFilter, limit: int, before: str) -> tuple[list[Delivery], int]:
        """As `Store.deliveries`. The cost grows with what is returned and what is finished, not with what is
        pending, unless a scenario or a text is asked for."""
        selected: Iterable[Delivery] = (
            each for each in map(self.__getitem__, self._candidates(where)) if delivery_matches(each, where)
        )
        if where.reference or where.request_id or where.scenario or where.q:
            selected = list(selected)
            total = len(selected)
        else:
            total = sum(count for group, count in self._counts.items() if _is_selected(group, where))
        number = self._numbers.get(before, 0) if before else inf
        older = (each for each in selected if self._numbers[each.message.id] < number)
        return list(islice(older, min(limit, total) if number else 0)), total

    def next_due(self, after: float) -> float | None:
        """As `Store.next_due`."""
        pending = (each.due for each in self._deliveries.values() if each.state == PENDING and not each.held)
        return min((due for due in pending if due > after), default=None)

    def states(self, kind: str) -> Counter[str]:
        """How many of that kind are in each state."""
        totals: Counter[str] = Counter()
        for (_, _, state, of_kind), count in self._counts.items():
            totals[state] += count if of_kind == kind else 0
        return +totals

    def _candidates(self, where: DeliveryFilter) -> Iterable[str]:
        """Ids of deliveries, the newest first, with all that are selected among them."""
        if where.reference or where.request_id:
            field = "reference" if where.reference else "request_id"
            return self._indexes[field].newest_first(getattr(where, field))
        if where.state not in ("", PENDING):
            return sorted(self._finished, key=self._numbers.__getitem__, reverse=True)
        for field in ("event", "provider"):
            if value := getattr(where, field):
                return self._indexes[field].newest_first(value)
        return reversed(self._deliveries)

    def _forget(self, delivery_id: str) -> None:
        delivery = self._deliveries.pop(delivery_id)
        del self._numbers[delivery_id]
        self._count(delivery, delivery.state, -1)
        for field, index in self._indexes.items():
            index.remove(getattr(delivery.message, field), delivery_id)

    def _count(self, delivery: Delivery, state: str, change: int) -> None:
        message = delivery.message
        group = message.provider, message.event, state, message.kind
        self._counts[group] = self._counts.get(group, 0) + change


def _is_selected(group: Group, where: DeliveryFilter) -> bool:
    return all(
        not value or value == actual
        for value, actual in zip((where.provider, where.event, where.state, where.kind), group)
    )
