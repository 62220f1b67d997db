"""Receivers and how many attempts each has under way, so that one that is slow or dead delays no other. Lives on one event loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from mock_server.core.records import Delivery
from mock_server.delivery.targets import TargetError, parse_target


class Host:
    """One receiver: attempts under way, and deliveries that were taken but have to wait for one of them to end."""

    __slots__ = ("active", "landed", "limit", "name", "waiting")

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self.active = 0
        self.limit = limit
        self.landed = 0
        """Attempts that have ended since the last `Hosts.turn`."""
        self.waiting: deque[Delivery] = deque()


class Hosts:
    """All receivers that have anything under way."""

    def __init__(self, limit: int) -> None:
        """``limit``: attempts at one receiver at a time, but for what `turn` allows."""
        self._limit = limit
        self._hosts: dict[str, Host] = {}
        self.active = 0
        self.waiting = 0

    def admit(self, delivery: Delivery) -> Host | None:
        """The receiver with a place for the delivery, which the caller gives back with `next`; None: it has been put in the queue."""
        name = _name(delivery.message.url)
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(name, self._limit)
        if host.active >= host.limit:
            host.waiting.append(delivery)
            self.waiting += 1
            return None
        self._board(host)
        return host

    def next(self, host: Host, usable: Callable[[Delivery], bool]) -> Delivery | None:
        """An attempt has ended: the next in the receiver's queue that is still usable; None: the place has been given back."""
        host.landed += 1
        if host.active <= host.limit:
            delivery = self._first(host, usable)
            if delivery is not None:
                return delivery
        host.active -= 1
        self.active -= 1
        if not host.active:
            del self._hosts[host.name]
        return None

    def turn(self, most: int, usable: Callable[[Delivery], bool]) -> Iterator[tuple[Delivery, Host]]:
        """Draw the limits anew, once in each turn of the loop; what may leave besides, with its place.

        A receiver may have twice as many attempts at a time as have ended in that turn, up to ``most``: its answers lay waiting for
        us. One that is slow is never sent more than the limit at a time.
        """
        for host in list(self._hosts.values()):
            if host.landed:
                host.limit = max(self._limit, min(most, 2 * host.landed))
                host.landed = 0
            while host.active < host.limit and (delivery := self._first(host, usable)) is not None:
                self._board(host)
                yield delivery, host

    def withdraw(self, wanted: Callable[[Delivery], bool]) -> list[Delivery]:
        """Take the wanted deliveries out of all queues."""
        taken = []
        for host in self._hosts.values():
            if host.waiting:
                found = [delivery for delivery in host.waiting if wanted(delivery)]
                if found:
                    host.waiting = deque(delivery for delivery in host.waiting if not wanted(delivery))
                    taken += found
        self.waiting -= len(taken)
        return taken

    def _board(self, host: Host) -> None:
        host.active += 1
        self.active += 1

    def _first(self, host: Host, usable: Callable[[Delivery], bool]) -> Delivery | None:
        """Out of its queue."""
        while host.waiting:
            self.waiting -= 1
            delivery = host.waiting.popleft()
            if usable(delivery):
                return delivery
        return None


def _name(url: str) -> str:
    try:
        target = parse_target(url)
    except TargetError:
        return ""
    return f"{target.host}:{target.port}"
