"""The queue of deliveries of the memory store: what may be attempted next, and who has leased it."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from mock_server.core.clock import ClockState
from mock_server.core.records import PENDING, Attempt, Delivery, Message
from mock_server.store.delivery_table import DeliveryTable
from mock_server.store.filters import TICK, real_due
from mock_server.store.lanes import Lanes
from mock_server.store.lazy_heap import LazyHeap


class _AccountQueue:
    """One account's part of the queue."""

    __slots__ = ("clock", "due", "lanes", "reserved", "table", "wake_at")

    def __init__(self, limit: int) -> None:
        self.clock = ClockState()
        self.table = DeliveryTable(limit)
        self.lanes = Lanes()
        self.due: LazyHeap[str] = LazyHeap(self._is_due_at)
        """The available deliveries by due time on the account's clock."""
        self.reserved: dict[str, float] = {}
        """Held and leased deliveries, and the real time at which the hold or lease expires."""
        self.wake_at: float | None = None
        """Real time at which the queue looks at the account; None: it does not."""

    def is_available(self, delivery: Delivery) -> bool:
        """Whether it may be leased when it is due."""
        message = delivery.message
        return delivery.state == PENDING and message.id not in self.reserved and self.lanes.is_first(message)

    def first(self) -> Delivery | None:
        """The available delivery that is due first."""
        entry = self.due.first()
        return None if entry is None else self.table.get(entry[1])

    def first_real(self) -> float:
        """Real time at which `first` is due; inf without one, or if the clock stands still before it."""
        delivery = self.first()
        return inf if delivery is None else real_due(self.clock, delivery.due)

    def _is_due_at(self, due: float, delivery_id: str) -> bool:
        delivery = self.table.get(delivery_id)
        return delivery is not None and delivery.due == due and self.is_available(delivery)


class DeliveryQueue:
    """The deliveries of all accounts. Not thread-safe: the store's lock guards it.

    Each account has its own clock, so each has a heap of due times; a heap of accounts says when to look at
    which. So nothing costs more because other accounts, or later deliveries, wait."""

    def __init__(self, limit: int) -> None:
        """``limit``: how many finished deliveries an account keeps; unfinished ones always stay."""
        self._limit = limit
        self._accounts: dict[str, _AccountQueue] = {}
        self._wakes: LazyHeap[str] = LazyHeap(self._is_wake)
        """When to look at which account. Never too late; too early costs one look."""
        self._expiries: LazyHeap[tuple[str, str]] = LazyHeap(self._is_expiry)
        """When a hold or lease expires, by account and delivery."""

    # Changes.

    def schedule(self, message: Message, held_until: float | None = None) -> None:
        """Add a message, held until that real time at the latest; a known id stays as it is."""
        queue = self._queue(message.account)
        if queue.table.get(message.id) is not None:
            return
        delivery = Delivery(message, due=message.due, held=held_until is not None)
        queue.table.add(delivery)
        if held_until is not None:
            self._reserve(queue, message, held_until)
        self._enter_lane(queue, message)
        self._offer(queue, delivery)

    def lease(self, real: float, seconds: float, limit: int, account: str = "") -> list[Delivery]:
        """Up to ``limit`` deliveries that are due, leased until ``real + seconds``; as `Store.lease_due`."""
        self._expire(real)
        if account:
            return self._lease_of_account(account, real, seconds, limit)
        leased: list[Delivery] = []
        while len(leased) < limit and (wake := self._wakes.first()) is not None and wake[0] <= real + TICK:
            self._wakes.remove_first()
            at, name = wake
            queue = self._accounts[name]
            queue.wake_at = None
            # Only what is due by then: later deliveries wait until other accounts have had their turn.
            delivery = self._lease_first(queue, min(at, real), real + seconds)
            if delivery is not None:
                leased.append(delivery)
            self._wake_by(name, queue, queue.first_real())
        return leased

    def release(self, account: str, delivery_id: str) -> None:
        """End a hold. A delivery whose hold has expired may be leased: that stays."""
        queue = self._accounts.get(account)
        delivery = None if queue is None else queue.table.get(delivery_id)
        if queue is not None and delivery is not None and delivery.held:
            self._free(queue, delivery)

    def record_attempt(
        self, account: str, delivery_id: str, attempt: Attempt | None, state: str, due: float, turn: int
    ) -> None:
        """Record an attempt and end the lease; as `Store.record_attempt`."""
        queue = self._accounts.get(account)
        delivery = None if queue is None else queue.table.get(delivery_id)
        if queue is None or delivery is None:
            return
        if state == PENDING:
            state = delivery.state
        recorded = delivery._replace(
            state=state,
            due=due if state == PENDING else delivery.due,
            attempts=delivery.attempts if attempt is None else (*delivery.attempts, attempt),
            turn=turn,
            held=False,
            lease_until_real=0.0,
        )
        queue.reserved.pop(delivery_id, None)
        self._replace(queue, delivery, recorded)

    def reschedule(self, account: str, delivery_ids: Sequence[str], due: float, state: str) -> None:
        """Another due time and state; as `Store.reschedule`. A lease stays, or two dispatchers would send it
        at once."""
        queue = self._accounts.get(account)
        if queue is None:
            return
        for delivery in filter(None, map(queue.table.get, delivery_ids)):
            stays_leased = state == PENDING and not delivery.held
            if not stays_leased:
                queue.reserved.pop(delivery.message.id, None)
            lease = delivery.lease_until_real if stays_leased else 0.0
            self._replace(
                queue, delivery, delivery._replace(due=due, state=state, held=False, lease_until_real=lease)
            )

    def set_clock(self, account: str, clock: ClockState) -> None:
        """The account's clock shows another time."""
        queue = self._queue(account)
        queue.clock = clock
        self._wake_by(account, queue, queue.first_real())

    def forget(self, account: str) -> None:
        """The account is gone."""
        self._accounts.pop(account, None)

    # Reading.

    def wake_at(self, real: float) -> float | None:
        """Real time at which to call `lease` again, ``real`` at the earliest; None: not before something
        changes."""
        expiry = self._expiries.first()
        soonest = min(self._first_wake(), inf if expiry is None else expiry[0])
        return None if soonest == inf else max(soonest, real)

    def table(self, account: str) -> DeliveryTable | None:
        """The deliveries of an account, for reading."""
        queue = self._accounts.get(account)
        return None if queue is None else queue.table

    # One account.

    def _queue(self, account: str) -> _AccountQueue:
        queue = self._accounts.get(account)
        if queue is None:
            queue = self._accounts[account] = _AccountQueue(self._limit)
        return queue

    def _lease_first(self, queue: _AccountQueue, by: float, until: float) -> Delivery | None:
        """Lease the account's first delivery if it is due by that real time."""
        delivery = queue.first()
        if delivery is None or real_due(queue.clock, delivery.due) > by + TICK:
            return None
        self._reserve(queue, delivery.message, until)
        leased = delivery._replace(lease_until_real=until, held=False)
        queue.table.replace(leased)
        return leased

    def _lease_of_account(self, account: str, real: float, seconds: float, limit: int) -> list[Delivery]:
        queue = self._accounts.get(account)
        leased: list[Delivery] = []
        while queue is not None and len(leased) < limit:
            delivery = self._lease_first(queue, real, real + seconds)
            if delivery is None:
                break
            leased.append(delivery)
        return leased

    def _replace(self, queue: _AccountQueue, before: Delivery, after: Delivery) -> None:
        """Another version of a delivery, with the consequences for its lane."""
        message = after.message
        queue.table.replace(after)
        if after.state == PENDING:
            if before.state != PENDING:
                self._enter_lane(queue, message)
            self._offer(queue, after)
        elif before.state == PENDING:
            following = queue.lanes.leave(message)
            if following is not None:
                self._offer(queue, queue.table[following])

    def _enter_lane(self, queue: _AccountQueue, message: Message) -> None:
        if not message.lane:
            return
        first = queue.lanes.first(message.lane)
        delivery = None if first is None else queue.table.get(first)
        in_progress = delivery is not None and bool(delivery.attempts or delivery.lease_until_real)
        queue.lanes.enter(message, behind_first=in_progress)

    def _offer(self, queue: _AccountQueue, delivery: Delivery) -> None:
        """Put a delivery in the heap if it may be leased."""
        if queue.is_available(delivery):
            queue.due.push(delivery.due, delivery.message.id)
            self._wake_by(delivery.message.account, queue, real_due(queue.clock, delivery.due))

    # Holds and leases.

    def _reserve(self, queue: _AccountQueue, message: Message, until: float) -> None:
        queue.reserved[message.id] = until
        self._expiries.push(until, (message.account, message.id))

    def _free(self, queue: _AccountQueue, delivery: Delivery) -> None:
        """End a hold or a lease. What was leased stays first in its lane: it may have been sent."""
        del queue.reserved[delivery.message.id]
        freed = delivery._replace(held=False)
        queue.table.replace(freed)
        self._offer(queue, freed)

    def _expire(self, real: float) -> None:
        """End the holds and leases whose time is up."""
        while (expiry := self._expiries.first()) is not None and expiry[0] <= real:
            account, delivery_id = expiry[1]
            queue = self._accounts[account]
            self._free(queue, queue.table[delivery_id])

    def _is_expiry(self, until: float, place: tuple[str, str]) -> bool:
        account, delivery_id = place
        queue = self._accounts.get(account)
        return queue is not None and queue.reserved.get(delivery_id) == until

    # When to look at which account.

    def _wake_by(self, account: str, queue: _AccountQueue, at: float) -> None:
        """Look at the account at that real time at the latest; inf: at no time."""
        if at != inf and (queue.wake_at is None or at < queue.wake_at):
            queue.wake_at = at
            self._wakes.push(at, account)

    def _first_wake(self) -> float:
        """Real time at which the first delivery of all is due; looks that are too early are corrected on the
        way."""
        while (wake := self._wakes.first()) is not None:
            at, account = wake
            queue = self._accounts[account]
            if queue.first_real() <= at:
                return at
            queue.wake_at = None
            self._wake_by(account, queue, queue.first_real())
        return inf

    def _is_wake(self, at: float, account: str) -> bool:
        queue = self._accounts.get(account)
        return queue is not None and queue.wake_at == at
