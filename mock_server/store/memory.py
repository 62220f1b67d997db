"""The default store: everything in this process, behind one lock, gone when it ends."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from threading import Condition, Lock

from mock_server.core.clock import Clock
from mock_server.core.records import AccountState, Attempt, Claim, Delivery, Entry, Message, Record
from mock_server.store.base import ANY_DELIVERY, ANY_ENTRY, DeliveryFilter, EntryFilter, StepKey, Writes
from mock_server.store.delivery_queue import DeliveryQueue
from mock_server.store.selecting import HOLD, entry_matches, page
from mock_server.store.world import UNSET, Limits, World

ACCOUNTS = 2000
"""How many accounts are remembered: tests that make one each would fill the memory of a server that serves them for weeks."""


class MemoryStore:
    """As `Store`. Nothing it does waits, so the event loop may call it directly."""

    blocking = False

    def __init__(self, clock: Clock, journal_limit: int, record_limit: int) -> None:
        """``clock``: real time, for counters and for claims that have run out. The limits hold for each account."""
        self._now = clock.now
        self._limits = Limits(journal_limit, record_limit)
        self._lock = Lock()
        self._changed = Condition(self._lock)
        self._waiting = 0
        self._version = 0
        self._generation = 0
        self._closed = False
        self._worlds: OrderedDict[str, World] = OrderedDict()
        """The account that was written to last is at the end."""
        self._queue = DeliveryQueue(journal_limit)

    # -- reading for an exchange -------------------------------------------------------------------------------
    def account(self, account: str) -> AccountState:
        world = self._worlds.get(account)
        return UNSET if world is None else world.state

    def claimed(self, account: str, kind: str, value: str) -> Claim | None:
        with self._lock:
            world = self._worlds.get(account)
            log = None if world is None else world.claims.get(kind)
            if world is None or log is None:
                return None
            return log.find(value, world.state.clock.at(self._now()))

    def record(self, account: str, provider: str, kind: str, key: str) -> Record | None:
        with self._lock:
            world = self._worlds.get(account)
            return None if world is None else world.records.find(provider, kind, key)

    def step(self, account: str, key: StepKey) -> int:
        world = self._worlds.get(account)
        return 0 if world is None else world.steps.get(key, 0)

    def tally(self, account: str, name: str) -> float:
        world = self._worlds.get(account)
        return 0.0 if world is None else world.tallies.get(name, 0.0)

    def tallies(self, account: str) -> Mapping[str, float]:
        with self._lock:
            world = self._worlds.get(account)
            return {} if world is None else dict(world.tallies)

    # -- writing -----------------------------------------------------------------------------------------------
    def commit(self, writes: Writes) -> str | None:
        hold_until = self._now() + HOLD if writes.messages else 0.0
        with self._lock:
            world = self._worlds.get(writes.account) or self._new_world()
            conflict = world.conflict(writes)
            if conflict is None:
                self._admit(writes.account, world)
                world.apply(writes)
                for message in writes.messages:
                    self._queue.schedule(message, None if message.before_response else hold_until)
                self._bump()
            return conflict

    def group(self) -> AbstractContextManager[None]:
        return nullcontext()

    def release(self, account_ids: Sequence[tuple[str, str]]) -> None:
        with self._lock:
            for account, delivery_id in account_ids:
                self._queue.release(account, delivery_id)
            self._bump()

    def update(self, account: str, change: Callable[[AccountState], AccountState]) -> AccountState:
        while True:
            before = self.account(account)
            after = change(before)
            with self._lock:
                if self.account(account) is before:
                    # One count for all accounts: a generation never comes back with another content, not even after a reset.
                    return self._set_state(account, after._replace(generation=self._generation + 1))

    def increment(self, account: str, name: str, expires_real: float) -> int:
        with self._lock:
            return self._count(account, name, expires_real, self._now())[0]

    def reset(self, account: str) -> None:
        with self._lock:
            self._worlds.pop(account, None)
            self._queue.forget(account)
            self._bump()

    def reset_all(self) -> None:
        with self._lock:
            for account in list(self._worlds):
                del self._worlds[account]
                self._queue.forget(account)
            self._bump()

    # -- looking -----------------------------------------------------------------------------------------------
    def accounts(self) -> list[str]:
        with self._lock:
            return sorted(name for name, world in self._worlds.items() if not world.empty() or self._queue.table(name))

    def entries(self, account: str, where: EntryFilter = ANY_ENTRY, limit: int = 100, before: str = "") -> tuple[list[Entry], int]:
        with self._lock:
            world = self._worlds.get(account)
            kept = [] if world is None else list(reversed(world.journal.entries.items()))
        return page(kept, lambda entry: entry_matches(entry, where), limit, before)

    def entry(self, account: str, entry_id: str) -> Entry | None:
        with self._lock:
            world = self._worlds.get(account)
            return None if world is None else world.journal.entries.get(entry_id)

    def clear_entries(self, account: str) -> None:
        with self._lock:
            world = self._worlds.get(account)
            if world is not None:
                world.journal.entries.clear()
            self._bump()

    def scenario_counts(self, account: str) -> Mapping[str, int]:
        with self._lock:
            world = self._worlds.get(account)
            return {} if world is None else dict(world.counts)

    def records(self, account: str, provider: str = "", kind: str = "", after: str = "", limit: int = 1000) -> list[Record]:
        with self._lock:
            world = self._worlds.get(account)
            kept = [] if world is None else world.records.all()
        chosen = [record for record in kept if provider in ("", record.provider) and kind in ("", record.kind)]
        start = next((number for number in range(len(chosen), 0, -1) if chosen[number - 1].key == after), 0) if after else 0
        return [record.replace(version=record.version + 1) for record in chosen[start : start + limit]]

    # -- deliveries --------------------------------------------------------------------------------------------
    def schedule(self, messages: Sequence[Message]) -> None:
        with self._lock:
            for message in messages:
                self._world(message.account)
                self._queue.schedule(message)
            self._bump()

    def lease_due(self, real: float, lease: float, limit: int = 100, account: str = "") -> list[Delivery]:
        with self._lock:
            return self._queue.lease(real, lease, limit, account)

    def wake_at(self, real: float) -> float | None:
        with self._lock:
            return self._queue.wake_at(real)

    def record_attempt(self, account: str, delivery_id: str, attempt: Attempt | None, state: str, due: float = 0.0, turn: int = 0) -> None:
        with self._lock:
            self._queue.record_attempt(account, delivery_id, attempt, state, due, turn)
            self._bump()

    def delivery(self, account: str, delivery_id: str) -> Delivery | None:
        table = self._queue.table(account)
        return None if table is None else table.get(delivery_id)

    def deliveries(
        self, account: str, where: DeliveryFilter = ANY_DELIVERY, limit: int = 100, before: str = ""
    ) -> tuple[list[Delivery], int]:
        with self._lock:
            table = self._queue.table(account)
            return ([], 0) if table is None else table.search(where, limit, before)

    def reschedule(self, account: str, delivery_ids: Sequence[str], due: float, state: str = "pending") -> None:
        with self._lock:
            self._queue.reschedule(account, delivery_ids, due, state)
            self._bump()

    # -- noticing ----------------------------------------------------------------------------------------------
    def version(self) -> int:
        return self._version

    def wait(self, version: int, timeout: float) -> int:
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._version > version or self._closed, timeout)
            finally:
                self._waiting -= 1
            return self._version

    def close(self) -> None:
        """Ends all waits; what is stored goes with the object."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    # -- under the lock ----------------------------------------------------------------------------------------
    def _set_state(self, account: str, state: AccountState) -> AccountState:
        world = self._world(account)
        world.state = state
        self._generation = state.generation
        self._queue.set_clock(account, state.clock)
        self._bump()
        return state

    def _count(self, account: str, name: str, expires: float, now: float) -> tuple[int, float]:
        """Add one to a counter; its value and when it vanishes."""
        counters = self._world(account).counters
        value, ends = counters.get(name, (0, expires))
        if ends <= now:
            value, ends = 0, expires
        if value == 0:
            for stale in [other for other, (_, end) in counters.items() if end <= now]:
                del counters[stale]
        counters[name] = (value + 1, ends)
        return counters[name]

    def _bump(self) -> None:
        self._version += 1
        if self._waiting:
            self._changed.notify_all()

    def _world(self, account: str) -> World:
        world = self._worlds.get(account)
        if world is None:
            world = self._new_world()
        self._admit(account, world)
        return world

    def _new_world(self) -> World:
        return World(self._limits)

    def _admit(self, account: str, world: World) -> None:
        """The account is in use; if there are too many now, the one that was not for longest is forgotten."""
        self._worlds[account] = world
        self._worlds.move_to_end(account)
        if len(self._worlds) > ACCOUNTS:
            oldest, _ = self._worlds.popitem(last=False)
            self._queue.forget(oldest)
