"""What has changed in an account, found out by one thread for all who wait.

A hundred long waits that each looked for themselves after every commit would cost more than all the requests
they wait for."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from mock_server.core.exceptions import StoreError
from mock_server.core.records import Delivery, Entry
from mock_server.store.base import ANY_DELIVERY, ANY_ENTRY, Store

log = logging.getLogger(__name__)
T = TypeVar("T")

EVERY = "*"
"""Stands for all accounts: who follows it hears only that something has happened."""
REQUEST, CALLBACK, STATE, RESET, SCENARIOS = "request", "callback", "state", "reset", "scenarios"
_PAGE = 100
_REMEMBERED = 2000
_RECHECK = 2.0
"""Seconds after which one who waits looks for himself, whatever the event_bus are."""
_PAUSES = (0.005, 0.25)
"""Seconds between two looks, at least and at most; in between, four times what a look took. Always at most where all who
follow are brief."""


@dataclass(slots=True)
class Change:
    """One thing that happened. All followers receive the same object."""

    kind: str
    """``request``, ``callback`` (new, or another attempt or state), ``state`` (clock, pin, inline scenarios),
    ``reset`` (the journal was emptied) or ``scenarios`` (other files are in force)."""
    account: str
    item: Entry | Delivery | None = None
    text: str = field(default="", compare=False, repr=False)
    """Room for how it reads, so that twenty streams need not all work it out."""


class Subscription:
    """One who waits for changes of one account."""

    def __init__(
        self,
        account: str,
        wants: Callable[[Change], bool] | None,
        on_changes: Callable[[list[Change]], None] | None = None,
        *,
        brief: bool = False,
    ) -> None:
        self.account = account
        self.view = account, brief or account == EVERY
        self._wants = wants
        self._on_changes = on_changes or self._store
        self._changes: deque[Change] = deque(maxlen=10_000)
        self._has_changes = threading.Event()
        self.ended = False

    def tell(self, changes: list[Change]) -> None:
        selected = changes if self._wants is None else [change for change in changes if self._wants(change)]
        if selected and not self.ended:
            self._on_changes(selected)

    def _store(self, changes: list[Change]) -> None:
        self._changes.extend(changes)
        self._has_changes.set()

    def wait(self, timeout: float) -> list[Change]:
        """The changes since the last call, oldest first; waits up to ``timeout`` seconds for the first."""
        self._has_changes.wait(timeout)
        self._has_changes.clear()
        changes = []
        while self._changes:
            changes.append(self._changes.popleft())
        return changes

    def end(self) -> None:
        """Receive nothing more. Never blocks."""
        self.ended = True


class _AccountView:
    """What has been seen of an account."""

    def __init__(self, store: Store, account: str) -> None:
        self._store, self._account = store, account
        self._entries: dict[str, None] = {}
        self._deliveries: dict[str, tuple[str, int, float]] = {}
        self._total = 0
        self._generation = store.account(account).generation
        self.changes()

    def changes(self) -> list[Change]:
        """The changes since the last call, oldest first. If the store raises, the view stays unchanged."""
        fresh, total = self._fresh_entries()
        deliveries, _ = self._store.deliveries(self._account, ANY_DELIVERY, 2 * _PAGE)
        stands = {item.message.id: (_stand(item), item) for item in reversed(deliveries)}
        generation = self._store.account(self._account).generation
        changes = [Change(RESET, self._account)] if total < self._total else []
        changes += [Change(REQUEST, self._account, entry) for entry in fresh]
        changes += [
            Change(CALLBACK, self._account, item)
            for name, (stand, item) in stands.items()
            if self._deliveries.get(name) != stand
        ]
        changes += [Change(STATE, self._account)] if generation != self._generation else []
        self._total, self._generation = total, generation
        self._entries.update(dict.fromkeys(entry.id for entry in fresh))
        self._deliveries.update({name: stand for name, (stand, _) in stands.items()})
        _trim(self._entries)
        _trim(self._deliveries)
        return changes

    def _fresh_entries(self) -> tuple[list[Entry], int]:
        """Entries that have not been seen, oldest first, and how many there are in all."""
        fresh: list[Entry] = []
        page, total = self._store.entries(self._account, ANY_ENTRY, _PAGE)
        while page:
            new = [entry for entry in page if entry.id not in self._entries]
            fresh += new
            if len(new) < _PAGE or len(fresh) >= _REMEMBERED:
                break
            page, _ = self._store.entries(self._account, ANY_ENTRY, _PAGE, page[-1].id)
        fresh.reverse()
        return fresh, total


class _Outline:
    """What has been seen of an account: of which kinds something has happened, however much it was. No change has an item."""

    def __init__(self, store: Store, account: str) -> None:
        self._store, self._account = store, account
        self._newest, self._total, self._stands, self._generation = self._read()

    def _read(self) -> tuple[str, int, list[tuple[str, str, int, float]], int]:
        entries, total = self._store.entries(self._account, ANY_ENTRY, 1)
        deliveries, _ = self._store.deliveries(self._account, ANY_DELIVERY, 2 * _PAGE)
        stands = [(item.message.id, *_stand(item)) for item in deliveries]
        generation = self._store.account(self._account).generation
        return entries[0].id if entries else "", total, stands, generation

    def changes(self) -> list[Change]:
        """The changes since the last call, at most one of each kind."""
        newest, total, stands, generation = self._read()
        flags = {
            RESET: total < self._total,
            REQUEST: newest not in ("", self._newest),
            CALLBACK: stands != self._stands,
            STATE: generation != self._generation,
        }
        self._newest, self._total, self._stands, self._generation = newest, total, stands, generation
        return [Change(kind, self._account) for kind, happened in flags.items() if happened]


class _AnyAccount:
    """What has been seen of all accounts: only whether anything has happened."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = store.version()

    def changes(self) -> list[Change]:
        before, self._version = self._version, self._store.version()
        return [] if self._version == before else [Change(STATE, EVERY)]


def _opened(store: Store, account: str, brief: bool) -> _AccountView | _Outline | _AnyAccount:
    if account == EVERY:
        return _AnyAccount(store)
    return _Outline(store, account) if brief else _AccountView(store, account)


def _stand(delivery: Delivery) -> tuple[str, int, float]:
    return delivery.state, len(delivery.attempts), delivery.due


def _trim(seen: dict[str, T]) -> None:
    for key in list(seen)[: max(len(seen) - _REMEMBERED, 0)]:
        del seen[key]


class EventBus:
    """Watches the store as long as anybody follows it."""

    def __init__(self, store: Store, scenarios: Callable[[], object] = lambda: None) -> None:
        """``scenarios`` gives the set in force, whose replacement is event_bus."""
        self._store, self._scenarios = store, scenarios
        self._lock = threading.Lock()
        self._followers: list[Subscription] = []
        self._views: dict[tuple[str, bool], _AccountView | _Outline | _AnyAccount] = {}
        """By account, and whether it is for those who are brief."""
        self._hurry = threading.Event()
        self._loaded: object = None
        self._thread: threading.Thread | None = None

    def subscribe(
        self,
        account: str,
        wants: Callable[[Change], bool] | None = None,
        on_changes: Callable[[list[Change]], None] | None = None,
        *,
        brief: bool = False,
    ) -> Subscription:
        """Receive what happens from now on and passes the filter ``wants``, until `Subscription.end`. Both are
        called in the watching thread; without ``on_changes``, `Subscription.wait` has the changes. ``brief``: only of the
        kinds, a few times a second at most, which costs little under load."""
        follower = Subscription(account, wants, on_changes, brief=brief)
        with self._lock:
            if self._thread is None:
                self._views.clear()
                self._loaded = self._scenarios()
            if follower.view not in self._views:
                self._views[follower.view] = _opened(self._store, account, brief)
            self._followers.append(follower)
            self._hurry.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="mock-server-news", daemon=True)
                self._thread.start()
        return follower

    @contextmanager
    def follow(
        self, account: str, wants: Callable[[Change], bool] | None = None, *, brief: bool = False
    ) -> Iterator[Subscription]:
        """`subscribe`, as long as the block lasts."""
        follower = self.subscribe(account, wants, brief=brief)
        try:
            yield follower
        finally:
            follower.end()

    def until(
        self,
        account: str,
        wants: Callable[[Change], bool],
        look: Callable[[], T | None],
        timeout: float,
        disconnected: Callable[[], bool] = lambda: False,
    ) -> T | None:
        """The result of ``look``, now or after a change that ``wants`` accepts; None after ``timeout`` seconds or
        when the caller is ``disconnected``."""
        deadline = time.monotonic() + timeout
        with self.follow(account, wants) as follower:
            while (result := look()) is None:
                left = deadline - time.monotonic()
                if left <= 0 or disconnected():
                    return None
                follower.wait(min(left, _RECHECK))
        return result

    def _watch(self) -> None:
        version = -1
        while self._anybody():
            try:
                version = self._store.wait(version, 1.0)
                self._hurry.clear()
                took = self._look()
            except StoreError:  # it says so itself
                took = _PAUSES[1]
            except Exception:
                if not self._anybody():
                    continue
                log.exception("could not look what has changed")
                took = _PAUSES[1]
            if self._all_are_brief():
                self._hurry.wait(_PAUSES[1])
            else:
                time.sleep(min(max(_PAUSES[0], 4 * took), _PAUSES[1]))

    def _anybody(self) -> bool:
        with self._lock:
            self._followers = [follower for follower in self._followers if not follower.ended]
            if self._followers:
                return True
            self._thread = None
            return False

    def _all_are_brief(self) -> bool:
        with self._lock:
            return all(is_brief for _, is_brief in self._views)

    def _look(self) -> float:
        """Tell the followers; the seconds it took."""
        started = time.perf_counter()
        with self._lock:
            followers = list(self._followers)
            for gone in set(self._views) - {follower.view for follower in followers}:
                del self._views[gone]
            changes = {name: view.changes() for name, view in self._views.items()}
            loaded = self._scenarios()
            if loaded is not self._loaded:
                self._loaded = loaded
                for (account, _), happened in changes.items():
                    happened.append(Change(SCENARIOS, account))
        for follower in followers:
            follower.tell(changes[follower.view])
        return time.perf_counter() - started
