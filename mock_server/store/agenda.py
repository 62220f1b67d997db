"""The deliveries of one account in memory, and which of them may leave next."""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from heapq import heapify, heappop, heappush
from itertools import count

from mock_server.core.records import PENDING, Attempt, Delivery, Message
from mock_server.store.resting import Bed, Resting

AT_HAND = 1000
"""Pending deliveries that are kept as they are; those that come when there are more of them are laid to rest."""


def _by_due(place: tuple[float, str]) -> float:
    return place[0]


class Agenda:
    """Not thread-safe: the store's lock guards it.

    Every delivery that is pending, first in its lane, and neither held nor leased has a valid entry in the heap. Entries that
    became invalid (cancelled, rescheduled, overtaken) are dropped when they reach the top.
    """

    __slots__ = ("_away", "_bed", "_count", "_deliveries", "_finished", "_heap", "_lanes", "_limit")

    def __init__(self, limit: int) -> None:
        """``limit``: how many finished deliveries are remembered; unfinished ones always are."""
        self._limit = limit
        self._deliveries: dict[str, Delivery | Resting] = {}
        self._bed = Bed()
        self._away: set[str] = set()
        """Those held or leased."""
        self._finished: OrderedDict[str, None] = OrderedDict()
        self._heap: list[tuple[float, int, str]] = []
        self._lanes: dict[str, list[tuple[float, str]]] = {}
        self._count = count()

    def __len__(self) -> int:
        return len(self._deliveries)

    def get(self, delivery_id: str) -> Delivery | None:
        kept = self._deliveries.get(delivery_id)
        return kept.delivery() if isinstance(kept, Resting) else kept

    def newest_first(self) -> list[tuple[str, Delivery | Resting]]:
        """All of them by their ids, as they are kept."""
        return list(reversed(self._deliveries.items()))

    def add(self, message: Message, held: bool) -> None:
        """A new message, or one of an id that is known already: that one stays as it is."""
        if message.id in self._deliveries:
            return
        delivery = Delivery(message, due=message.due, held=held)
        if held:
            self._away.add(message.id)
        self._keep(delivery)
        if message.lane:
            self._enter(delivery)
        self._offer(delivery)

    def head(self) -> Delivery | None:
        """The delivery that may leave first."""
        heap = self._heap
        while heap:
            due, _, delivery_id = heap[0]
            kept = self._deliveries.get(delivery_id)
            if kept is not None and kept.due == due and self._may_leave(delivery_id, kept):
                if isinstance(kept, Resting):
                    kept = self._deliveries[delivery_id] = kept.delivery()
                return kept
            heappop(heap)
        return None

    def lease(self, delivery: Delivery, until: float) -> Delivery:
        """Give a delivery away."""
        leased = delivery._replace(lease_until_real=until, held=False)
        self._deliveries[delivery.message.id] = leased
        self._away.add(delivery.message.id)
        return leased

    def free(self, delivery_id: str) -> None:
        """End a hold or a lease. What was leased stays first in its lane: it may have been sent."""
        if delivery_id in self._away:
            self._away.remove(delivery_id)
            delivery = self._get(delivery_id)
            self._put(delivery, delivery._replace(held=False))

    def settle(self, delivery_id: str, attempt: Attempt | None, state: str, due: float, turn: int) -> None:
        """As `Store.settle`."""
        delivery = self.get(delivery_id)
        if delivery is None:
            return
        attempts = delivery.attempts if attempt is None else (*delivery.attempts, attempt)
        if state == PENDING and delivery.state != PENDING:
            state = delivery.state
        self._away.discard(delivery_id)
        settled = delivery._replace(attempts=attempts, state=state, turn=turn, lease_until_real=0.0, held=False)
        self._put(delivery, settled._replace(due=due) if state == PENDING else settled)

    def reschedule(self, delivery_id: str, due: float, state: str) -> bool:
        """As `Store.reschedule`; whether it is leased. A lease lasts on, or two workers would send it at once."""
        delivery = self.get(delivery_id)
        if delivery is None:
            return False
        if delivery.held or state != PENDING:
            self._away.discard(delivery_id)
        lease = delivery.lease_until_real if state == PENDING else 0.0
        self._put(delivery, delivery._replace(due=due, state=state, held=False, lease_until_real=lease))
        return delivery_id in self._away

    def _get(self, delivery_id: str) -> Delivery:
        """One that is known."""
        kept = self._deliveries[delivery_id]
        return kept.delivery() if isinstance(kept, Resting) else kept

    def _keep(self, delivery: Delivery) -> None:
        delivery_id = delivery.message.id
        many = len(self._deliveries) - len(self._finished) > AT_HAND
        rests = many and delivery.state == PENDING and delivery_id not in self._away
        self._deliveries[delivery_id] = self._bed.lay(delivery) if rests else delivery

    def _put(self, old: Delivery, new: Delivery) -> None:
        """Keep the new version of a delivery, and draw the consequences for its lane and the heap."""
        self._keep(new)
        if new.state == PENDING:
            if old.state != PENDING:
                self._finished.pop(new.message.id)
                if new.message.lane:
                    self._enter(new)
            self._offer(new)
        elif old.state == PENDING:
            if new.message.lane:
                self._leave(new)
            self._finish(new)

    def _enter(self, delivery: Delivery) -> None:
        """Find a place in the lane: by the first due time, but never before one that is under way already."""
        message = delivery.message
        lane = self._lanes.setdefault(message.lane, [])
        first = self._get(lane[0][1]) if lane else None
        under_way = first is not None and bool(first.attempts or first.lease_until_real)
        insort(lane, (message.due, message.id), lo=1 if under_way else 0, key=_by_due)

    def _leave(self, delivery: Delivery) -> None:
        """The lane goes on with the next."""
        name = delivery.message.lane
        lane = self._lanes[name]
        lane.remove((delivery.message.due, delivery.message.id))
        if lane:
            self._offer(self._get(lane[0][1]))
        else:
            del self._lanes[name]

    def _offer(self, delivery: Delivery) -> None:
        if self._may_leave(delivery.message.id, delivery):
            heappush(self._heap, (delivery.due, next(self._count), delivery.message.id))
            if len(self._heap) > 2 * len(self._deliveries) + 64:
                self._rebuild()

    def _rebuild(self) -> None:
        """Without the invalid entries: those far ahead would never reach the top."""
        self._heap = [(kept.due, next(self._count), name) for name, kept in self._deliveries.items() if self._may_leave(name, kept)]
        heapify(self._heap)

    def _may_leave(self, delivery_id: str, kept: Delivery | Resting) -> bool:
        """But for its due time."""
        if delivery_id in self._away:
            return False
        if isinstance(kept, Resting):
            lane = kept.lane
        elif kept.state == PENDING:
            lane = kept.message.lane
        else:
            return False
        return not lane or self._lanes[lane][0][1] == delivery_id

    def _finish(self, delivery: Delivery) -> None:
        """Remember it, and forget the finished one that has been remembered longest."""
        self._finished[delivery.message.id] = None
        if len(self._finished) > self._limit:
            oldest, _ = self._finished.popitem(last=False)
            del self._deliveries[oldest]
