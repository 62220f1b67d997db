"""The delivery worker: takes what is due from the store and plays it, beside the server in the same process.

On the server's own event loop, or on a thread that begins with the first message; nothing runs while there is nothing to do.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from weakref import WeakValueDictionary

from mock_server.core.clock import Clock
from mock_server.core.records import PENDING, Delivery
from mock_server.delivery.chaos import Signer
from mock_server.delivery.home import Home
from mock_server.delivery.hosts import Host, Hosts
from mock_server.delivery.player import OnStatus, OnTimer, Player
from mock_server.delivery.transport import Transport
from mock_server.store.base import DeliveryFilter, Store

log = logging.getLogger("mock_server.delivery")

BATCH = 64
"""Deliveries taken at a time: few, so that the requests on the same loop get their turn between them."""

STRETCH, LONG_TURN = 4, 0.0025
"""How many times as many attempts at one receiver are made where a turn of the loop takes so many times these seconds, because it has
requests to answer: else deliveries would stand back the more, the more connections the requests come over."""


class _Run:
    """A `Worker.run_due` under way for one account."""

    def __init__(self) -> None:
        self.handed: list[Delivery] = []
        """Taken by the pump, but this run's to play."""
        self.landed: list[Delivery] = []
        """Were in the air when the run began."""


class Worker:
    """Thread-safe from outside. What is private belongs to the loop's thread, but for what starts and wakes it."""

    def __init__(
        self,
        store: Store,
        transport: Transport,
        clock: Clock,
        signer: Signer,
        on_timer: OnTimer,
        *,
        on_status: OnStatus | None = None,
        lease: float = 30.0,
        per_host: int = 16,
        active_limit: int = 512,
        waiting_limit: int = 2000,
        poll: float = 1.0,
    ) -> None:
        """``lease``: real seconds after which another process may take over what this one has; the longest attempt is a second less.

        ``per_host``: attempts at one receiver at a time. ``active_limit``: attempts at all receivers. ``waiting_limit``: deliveries
        taken for receivers that are busy. ``poll``: how often a shared store is asked for what other processes left behind.
        """
        self._store = store
        self._clock = clock
        self._transport = transport
        self._player = Player(store, transport, clock, signer, on_timer, on_status)
        self._lease, self._poll = lease, poll
        self._active_limit, self._waiting_limit = active_limit, waiting_limit
        self._per_host = per_host
        self._hosts = Hosts(per_host)
        self._flying: dict[str, Delivery] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._runs: dict[str, _Run] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._watched: dict[str, asyncio.Future[None]] = {}
        self._pump: asyncio.Task[None] | None = None
        self._bell: asyncio.Future[None] | None = None
        self._taking = asyncio.Lock()
        """Held from asking the store until what it gave is in `_flying`, in a queue, or in a run's hands."""
        self._home = Home()
        self._started = False
        self._stopped = False
        self._woken = False
        self._rung = 0.0
        """When the pump was last told to go on (monotonic)."""

    # -- life --------------------------------------------------------------------------------------------------
    def start(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Begin to deliver: on this event loop; without one, on a thread of the worker's own.

        A server's loop is the better place: it gives each socket that is ready its turn, whereas two threads contend for the
        interpreter's lock, which a busy one lets go for moments too short for the other to take it.
        """
        self._home.move_to(loop)
        self._started = True
        if self._store.blocking or self._store.next_due(self._clock.now()) is not None:
            self.wake()

    def stop(self, timeout: float = 0.5) -> list[Delivery]:
        """Take nothing more, give attempts under way ``timeout`` seconds to end, break off the rest; what is still to be delivered.

        An attempt that was broken off is made again by whoever opens a durable store next. Blocks; not for the worker's own loop.
        """
        alive = not self._stopped
        self._started, self._stopped = False, True
        if alive and self._home.works:
            self._home.wait_for(self._shut_down(timeout))
            self._home.leave()
        self._player.close()
        return self._pending()

    def wake(self) -> None:
        """Something may have fallen due: a message was committed or released, a clock was set. Cheap; from any thread."""
        if self._woken or not self._started:
            return
        self._woken = True
        if not self._home.call(self._ring):
            self._woken = False

    # -- acting at once ----------------------------------------------------------------------------------------
    def run_due(self, account: str = "") -> list[Delivery]:
        """Play everything that is due now, one after the other in order, also what comes up on the way; as it stands then.

        Of one account, or of all. Blocks until it is done; the background leaves the account alone meanwhile, and what it had in the
        air is waited for and returned too. Not for the worker's own loop: raises ``RuntimeError`` there.
        """
        return self._home.wait_for(self._run_due(account))

    def deliver_now(self, delivery: Delivery, timeout: float | None = None) -> Delivery | None:
        """See the first attempt of a message made, which must precede the HTTP answer; the delivery as it stands then.

        Blocks for ``timeout`` seconds, the message's own and a second when not given, at the most. None: it is gone.
        """
        return self._home.wait_for(self._first_attempt(delivery, delivery.message.timeout + 1.0 if timeout is None else timeout))

    # -- the loop ----------------------------------------------------------------------------------------------
    def _ring(self) -> None:
        if self._pump is None and self._started:
            self._pump = asyncio.get_running_loop().create_task(self._pump_on())
        elif self._bell is None:
            # The pump is busy, perhaps with an answer of the store that is out of date already: once more, then.
            self._woken = self._pump is not None
        elif not self._bell.done():
            self._rung = time.monotonic()
            self._bell.set_result(None)

    async def _pump_on(self) -> None:
        """Take what is due and see it off; sleep until something else is."""
        broken = False
        while True:
            self._woken = False
            delay: float | None = self._poll
            try:
                async with self._taking:
                    batch, due = await self._player.call(self._take)
                    for delivery in batch:
                        self._dispatch(delivery)
                    for delivery, host in self._hosts.turn(self._most_per_host(), self._usable):
                        self._launch(delivery, host)
                broken = False
            except Exception:
                if not broken:
                    log.exception("the store cannot be asked for callbacks; trying again every %g s", self._poll)
                broken = True
            else:
                if len(batch) == BATCH:
                    self._rung = time.monotonic()
                    await asyncio.sleep(0)
                    continue
                delay = self._delay(due)
            await self._sleep(delay)

    def _most_per_host(self) -> int:
        """As `STRETCH` says. The pump goes on one turn of the loop after it was told to."""
        if not self._home.shared:
            return self._per_host
        return int(self._per_host * min(STRETCH, (time.monotonic() - self._rung) / LONG_TURN))

    def _take(self) -> tuple[list[Delivery], float | None]:
        """Up to `BATCH` deliveries, and the real time of the next; in a thread where the store may wait."""
        now = self._clock.now()
        room = self._active_limit - self._hosts.active
        if room <= 0 or self._hosts.waiting >= self._waiting_limit:
            return [], None
        batch = self._store.take_due(now, self._lease, min(BATCH, room))
        return batch, self._store.next_due(now) if len(batch) < BATCH else None

    def _delay(self, due: float | None) -> float | None:
        if due is None:
            return self._poll if self._store.blocking else None
        delay = max(0.001, due - self._clock.now())
        return min(delay, self._poll if self._store.blocking else 3600.0)

    async def _sleep(self, delay: float | None) -> None:
        if self._woken:
            return
        loop = asyncio.get_running_loop()
        bell = self._bell = loop.create_future()
        timer = None if delay is None else loop.call_later(delay, self._ring)
        try:
            await bell
        finally:
            self._bell = None
            if timer is not None:
                timer.cancel()

    # -- one delivery ------------------------------------------------------------------------------------------
    def _dispatch(self, delivery: Delivery) -> None:
        run = self._runs.get(delivery.message.account) or self._runs.get("")
        if run is not None:
            run.handed.append(delivery)
            return
        host = None
        if delivery.message.kind != "timer":
            host = self._hosts.admit(delivery)
            if host is None:
                return
        self._launch(delivery, host)

    def _launch(self, delivery: Delivery, host: Host | None) -> None:
        self._flying[delivery.message.id] = delivery
        task = asyncio.get_running_loop().create_task(self._work(delivery, host))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, delivery: Delivery, host: Host | None) -> None:
        current: Delivery | None = delivery
        while current is not None:
            await self._fly(current)
            current = self._hosts.next(host, self._usable) if host is not None else None
        self._ring()

    def _usable(self, delivery: Delivery) -> bool:
        """Whether enough of the lease is left for an attempt. If not it lapses, and the delivery comes again from the store."""
        return not self._stopped and self._left(delivery) > min(delivery.message.timeout, self._lease - 1.0)

    def _left(self, delivery: Delivery) -> float:
        """Real seconds that its lease still has."""
        return delivery.lease_until_real - self._clock.now()

    async def _fly(self, delivery: Delivery) -> None:
        """Play it, whatever happens."""
        name = delivery.message.id
        self._flying[name] = delivery
        landed: list[Delivery] = []
        try:
            landed = await self._play(delivery)
        except asyncio.CancelledError:
            await self._player.give_back(delivery)
            raise
        finally:
            del self._flying[name]
            if self._watched:
                self._tell({name, *(each.message.id for each in landed)})
        run = self._runs.get(delivery.message.account) or self._runs.get("")
        if run is not None:
            run.landed += landed
        self._ring()

    def _tell(self, names: set[str]) -> None:
        for name in names:
            watcher = self._watched.pop(name, None)
            if watcher is not None and not watcher.done():
                watcher.set_result(None)

    async def _play(self, delivery: Delivery) -> list[Delivery]:
        try:
            return await self._player.play(delivery)
        except Exception as error:
            log.exception("%s %s of account %s failed", delivery.message.kind, delivery.message.id, delivery.message.account)
            try:
                return [await self._player.fail(delivery, f"the mock server failed: {error}")]
            except Exception:
                log.exception("the store does not take the outcome of %s; it comes again when its lease is over", delivery.message.id)
                return []

    # -- acting at once, on the loop ---------------------------------------------------------------------------
    async def _run_due(self, account: str) -> list[Delivery]:
        lock = self._locks.get(account)
        if lock is None:
            lock = self._locks[account] = asyncio.Lock()
        async with lock:
            run = self._runs[account] = _Run()
            try:
                run.handed += self._hosts.withdraw(lambda delivery: account in ("", delivery.message.account))
                await self._grounded(account)
                while (delivery := await self._next_of(account, run)) is not None:
                    await self._fly(delivery)
            finally:
                del self._runs[account]
                for delivery in filter(self._usable, run.handed):
                    self._dispatch(delivery)
            return run.landed

    async def _next_of(self, account: str, run: _Run) -> Delivery | None:
        async with self._taking:
            run.handed.sort(key=lambda delivery: delivery.due)
            while run.handed:
                delivery = run.handed.pop(0)
                if self._usable(delivery):
                    return delivery
            taken = await self._player.call(self._store.take_due, self._clock.now(), self._lease, 1, account)
            return taken[0] if taken else None

    async def _grounded(self, account: str) -> None:
        """Wait until nothing of the account is in the air."""
        in_the_air = [name for name, delivery in self._flying.items() if account in ("", delivery.message.account)]
        if in_the_air:
            await asyncio.wait({self._landing(name) for name in in_the_air})

    def _landing(self, name: str) -> asyncio.Future[None]:
        """Done when the next attempt at it is."""
        watcher = self._watched.get(name)
        if watcher is None:
            watcher = self._watched[name] = asyncio.get_running_loop().create_future()
        return watcher

    async def _first_attempt(self, delivery: Delivery, timeout: float) -> Delivery | None:
        message = delivery.message
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        if self._started:
            self._ring()
        else:
            await self._run_due(message.account)
        try:
            while True:
                landing = self._landing(message.id)
                found = await self._player.call(self._store.delivery, message.account, message.id)
                left = deadline - loop.time()
                if found is None or found.attempts or found.state != PENDING or left <= 0:
                    return found
                # Of an attempt that another process makes, nothing is heard here: look again.
                await asyncio.wait({landing}, timeout=min(left, 0.05))
        finally:
            if message.id not in self._flying:
                self._watched.pop(message.id, None)

    async def _shut_down(self, timeout: float) -> None:
        # What is being taken from the store just now has to arrive first, or its lease would have to lapse.
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._taking.acquire(), timeout)
        waiting = self._hosts.withdraw(lambda _: True)
        tasks: set[asyncio.Task[None]] = set(self._tasks)
        if tasks:
            _, tasks = await asyncio.wait(tasks, timeout=timeout)
        if self._pump is not None:
            tasks.add(self._pump)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Those in the air now were broken off before their first step.
        for delivery in [*waiting, *self._flying.values()]:
            if self._left(delivery) > 0:
                await self._player.give_back(delivery)
        await self._transport.close()

    def _pending(self) -> list[Delivery]:
        where = DeliveryFilter(state=PENDING)
        return [delivery for account in self._store.accounts() for delivery in reversed(self._store.deliveries(account, where, 1000)[0])]
