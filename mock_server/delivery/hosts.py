"""Receivers and how many attempts each has under way, so that one that is slow or dead delays no other. Lives on one event loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from mock_server.core.records import Delivery
from mock_server.delivery.targets import TargetError, parse_target


class Host:
    """One receiver: attempts under way, and deliveries that were taken but have to wait for one of them to end."""

    __slots__ = ("active", "name", "waiting")

    def __init__(self, name: str) -> None:
        self.name = name
        self.active = 0
        self.waiting: deque[Delivery] = deque()


class Hosts:
    """All receivers that have anything under way."""

    def __init__(self, limit: int) -> None:
        """``limit``: attempts at one receiver at a time."""
        self._limit = limit
        self._hosts: dict[str, Host] = {}
        self.active = 0
        self.waiting = 0

    def admit(self, delivery: Delivery) -> Host | None:
        """The receiver with a place for the delivery, which the caller gives back with `next`; None: it has been put in the queue."""
        name = _name(delivery.message.url)
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(name)
        if host.active >= self._limit:
            host.waiting.append(delivery)
            self.waiting += 1
            return None
        host.active += 1
        self.active += 1
        return host

    def next(self, host: Host, usable: Callable[[Delivery], bool]) -> Delivery | None:
        """The next in the receiver's queue that is still usable; None: the place has been given back."""
        while host.waiting:
            self.waiting -= 1
            delivery = host.waiting.popleft()
            if usable(delivery):
                return delivery
        host.active -= 1
        self.active -= 1
        if not host.active:
            del self._hosts[host.name]
        return None

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


def _name(url: str) -> str:
    try:
        target = parse_target(url)
    except TargetError:
        return ""
    return f"{target.host}:{target.port}"
