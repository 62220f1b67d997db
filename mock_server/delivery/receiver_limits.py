"""How many attempts each receiver has in flight, so that slow or dead receivers delay no other. Lives on one
event loop.

A receiver has at most as many attempts in flight as shared slots are free, as switches share their buffers (Choudhury
and Hahne, "Dynamic queue length thresholds", 1998). So the more receivers hang, the fewer slots each of them holds. A
receiver without any attempt gets its first one even when none is free."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from mock_server.core.records import Delivery
from mock_server.core.target import TargetError, parse_target


class Postponed(NamedTuple):
    """A leased delivery without a free slot: what it takes to give it back to the store."""

    account: str
    id: str
    lease_until_real: float


class ReceiverQueue:
    """One receiver: its attempts in flight, and the leased deliveries that wait for one of them to end."""

    __slots__ = ("in_flight", "name", "postponed", "waiting")

    def __init__(self, name: str) -> None:
        self.name = name
        self.in_flight = 0
        self.waiting: deque[Delivery] = deque()
        self.postponed: deque[Postponed] = deque()


class ReceiverLimits:
    """All receivers with attempts in flight."""

    def __init__(self, limit: int, waiting_limit: int = 2000, shared: int = 256) -> None:
        """``limit``: attempts at one receiver at a time; ``waiting_limit``: deliveries that wait for one;
        ``shared``: attempts at all receivers, not counting the first one of each that finds no slot free."""
        self._limit, self._waiting_limit, self._shared = limit, waiting_limit, shared
        self._receivers: dict[str, ReceiverQueue] = {}
        self.in_flight = 0
        self.waiting = 0

    def acquire(self, delivery: Delivery) -> ReceiverQueue | None:
        """The delivery's receiver with a slot for it, which the caller gives back with `release`; None: it
        waits in the queue, or is postponed where the queue is full."""
        message = delivery.message
        name = _name(message.url)
        receiver = self._receivers.get(name)
        if receiver is None:
            receiver = self._receivers[name] = ReceiverQueue(name)
        if self._take_slot(receiver):
            return receiver
        if len(receiver.waiting) < self._waiting_limit:
            receiver.waiting.append(delivery)
            self.waiting += 1
        else:
            receiver.postponed.append(Postponed(message.account, message.id, delivery.lease_until_real))
        return None

    def _take_slot(self, receiver: ReceiverQueue) -> bool:
        """Whether the receiver has got one more slot. The first is granted at once: no one would come back to it."""
        free = self._shared - self.in_flight
        if receiver.in_flight and receiver.in_flight >= min(self._limit, free):
            return False
        receiver.in_flight += 1
        self.in_flight += 1
        return True

    def release(self, receiver: ReceiverQueue, usable: Callable[[Delivery], bool]) -> list[Delivery]:
        """An attempt has ended. The usable deliveries in the queue that have a slot now."""
        receiver.in_flight -= 1
        self.in_flight -= 1
        started: list[Delivery] = []
        while receiver.waiting:
            if usable(receiver.waiting[0]):
                if not self._take_slot(receiver):
                    break
                started.append(receiver.waiting[0])
            receiver.waiting.popleft()
            self.waiting -= 1
        if not receiver.in_flight:
            del self._receivers[receiver.name]
        return started

    def reclaim(self, receiver: ReceiverQueue) -> list[Postponed]:
        """Those that the queue has room for again, once it is half empty: give them back to the store."""
        room = self._waiting_limit - len(receiver.waiting)
        if not receiver.postponed or room * 2 < self._waiting_limit:
            return []
        return [receiver.postponed.popleft() for _ in range(min(room, len(receiver.postponed)))]

    def withdraw_postponed(self, account: str = "") -> list[Postponed]:
        """Remove what is postponed of the account, of all where none is named."""
        withdrawn: list[Postponed] = []
        for receiver in self._receivers.values():
            withdrawn += (each for each in receiver.postponed if account in ("", each.account))
            receiver.postponed = deque(
                each for each in receiver.postponed if account not in ("", each.account)
            )
        return withdrawn

    def withdraw(self, selected: Callable[[Delivery], bool]) -> list[Delivery]:
        """Remove the selected deliveries from all queues."""
        withdrawn: list[Delivery] = []
        for receiver in self._receivers.values():
            withdrawn += filter(selected, receiver.waiting)
            receiver.waiting = deque(delivery for delivery in receiver.waiting if not selected(delivery))
        self.waiting -= len(withdrawn)
        return withdrawn


def _name(url: str) -> str:
    try:
        target = parse_target(url)
    except TargetError:
        return ""
    return f"{target.host}:{target.port}"
