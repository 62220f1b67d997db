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

_Place = tuple[str, str]
"""Account and id of a delivery."""


class _AccountQueue:
    """One account's part of the queue."""

    __slots__ = ("available", "clock", "lanes", "reserved", "table")

    def __init__(self, table: DeliveryTable, available: LazyHeap[_Place]) -> None:
        self.clock = ClockState()
        self.table = table
        self.lanes = Lanes()
        self.reserved: dict[str, float] = {}
        """Held and leased deliveries, and the real time at which the hold or lease expires."""
        self.available = available

    def available_at(self, delivery: Delivery) -> float:
        """Real time from which it may be leased; inf: not before something else happens."""
        message = delivery.message
        if delivery.state != PENDING or not self.lanes.is_first(message):
            return inf
        return max(real_due(self.clock, delivery.due), self.reserved.get(message.id, -inf))


class DeliveryQueue:
    """The deliveries of all accounts. Not thread-safe: the store's lock guards it.

    A heap has what may be leased, by the real time from which it may, and each account has one of its own."""

    def __init__(self, limit: int, most: int) -> None:
        """``limit``: how many finished deliveries an account keeps, ``most``: how many bytes of them; unfinished
        ones always stay."""
        self._limit, self._most = limit, most
        self._accounts: dict[str, _AccountQueue] = {}
        self._available: LazyHeap[_Place] = LazyHeap(self._is_available)

    # Changes.

    def schedule(self, message: Message, held_until: float | None = None) -> None:
        """Add a message, held until that real time at the latest; a known id stays as it is."""
        queue = self._queue(message.account)
        if queue.table.get(message.id) is not None:
            return
        delivery = Delivery(message, due=message.due, held=held_until is not None)
        queue.table.add(delivery)
        if held_until is not None:
            queue.reserved[message.id] = held_until
        self._enter_lane(queue, message)
        self._offer(queue, delivery)

    def lease(self, real: float, seconds: float, limit: int, account: str = "") -> list[Delivery]:
        """Up to ``limit`` deliveries that are due, leased until ``real + seconds``; as `Store.lease_due`."""
        heap = self._available
        if account:
            if account not in self._accounts:
                return []
            heap = self._accounts[account].available
        until = real + seconds
        leased: list[Delivery] = []
        while len(leased) < limit and (first := heap.first()) is not None and first[0] <= real + TICK:
            name, delivery_id = first[1]
            queue = self._accounts[name]
            queue.reserved[delivery_id] = until
            leased.append(queue.table[delivery_id]._replace(lease_until_real=until, held=False))
            queue.table.replace(leased[-1])
            self._offer(queue, leased[-1])
        return leased

    def release(self, account: str, delivery_id: str) -> None:
        """End a hold. A delivery whose hold has expired may be leased: that stays."""
        queue, delivery = self._find(account, delivery_id)
        if queue is not None and delivery is not None and delivery.held:
            del queue.reserved[delivery_id]
            self._replace(queue, delivery, delivery._replace(held=False))

    def record_attempt(
        self, account: str, delivery_id: str, attempt: Attempt | None, state: str, due: float, turn: int
    ) -> None:
        """Record an attempt and end the lease; as `Store.record_attempt`."""
        queue, delivery = self._find(account, delivery_id)
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
        for delivery_id in delivery_ids:
            queue, delivery = self._find(account, delivery_id)
            if queue is None or delivery is None:
                continue
            after = delivery._replace(due=due, state=state, held=False)
            if delivery.held or state != PENDING:
                queue.reserved.pop(delivery_id, None)
                after = after._replace(lease_until_real=0.0)
            self._replace(queue, delivery, after)

    def set_clock(self, account: str, clock: ClockState) -> None:
        """The account's clock shows another time."""
        queue = self._queue(account)
        queue.clock = clock
        for delivery in queue.table:
            self._offer(queue, delivery)

    def size(self, account: str) -> int:
        """Bytes of the account's finished deliveries."""
        queue = self._accounts.get(account)
        return 0 if queue is None else queue.table.size

    def forget(self, account: str) -> None:
        """The account is gone."""
        self._accounts.pop(account, None)

    # Reading.

    def wake_at(self, real: float) -> float | None:
        """Real time at which to call `lease` again, ``real`` at the earliest; None: not before something
        changes."""
        first = self._available.first()
        return None if first is None else max(first[0], real)

    def table(self, account: str) -> DeliveryTable | None:
        """The deliveries of an account, for reading."""
        queue = self._accounts.get(account)
        return None if queue is None else queue.table

    # One account.

    def _queue(self, account: str) -> _AccountQueue:
        queue = self._accounts.get(account)
        if queue is None:
            queue = self._accounts[account] = _AccountQueue(
                DeliveryTable(self._limit, self._most), LazyHeap(self._is_available)
            )
        return queue

    def _find(self, account: str, delivery_id: str) -> tuple[_AccountQueue | None, Delivery | None]:
        queue = self._accounts.get(account)
        return queue, None if queue is None else queue.table.get(delivery_id)

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
        """Put a delivery in the heaps if it may be leased at some time."""
        at = queue.available_at(delivery)
        if at != inf:
            place = delivery.message.account, delivery.message.id
            queue.available.push(at, place)
            self._available.push(at, place)

    def _is_available(self, at: float, place: _Place) -> bool:
        """Whether an entry of a heap still holds."""
        queue, delivery = self._find(*place)
        return queue is not None and delivery is not None and queue.available_at(delivery) == at
