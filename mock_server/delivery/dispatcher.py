"""The dispatcher: leases what is due from the store and makes the attempts, next to the server in the same
process.

On the server's own event loop, or on a thread that starts with the first message."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from weakref import WeakValueDictionary

from mock_server.core.clock import Clock
from mock_server.core.exceptions import StoreError
from mock_server.core.records import PENDING, Delivery
from mock_server.core.tampering import Signer
from mock_server.delivery.attempt import AttemptRunner, OnAttempt, OnStatus, OnTimer
from mock_server.delivery.blocking_calls import BlockingCalls
from mock_server.delivery.client import CallbackClient
from mock_server.delivery.loop_runner import LoopRunner
from mock_server.delivery.receiver_limits import Postponed, ReceiverLimits, ReceiverQueue
from mock_server.delivery.undelivered import undelivered
from mock_server.store.base import Store

log = logging.getLogger("mock_server.delivery")

BATCH = 64
"""Deliveries leased at a time: few, so that the requests on the same loop get their turn in between."""

PER_RECEIVER, IN_FLIGHT, WAITING = 32, 512, 2000
"""Attempts at one receiver at a time, attempts at all, and deliveries that wait for one receiver."""
_LOOK_AGAIN = 0.05
"""Seconds between two looks for an attempt that another process may make."""


class _DueRun:
    """A `Dispatcher.run_due` in progress for one account."""

    def __init__(self) -> None:
        self.leased: list[Delivery] = []
        """Leased by the dispatch loop meanwhile, but for this run to attempt."""
        self.attempted: list[Delivery] = []


class Dispatcher:
    """Thread-safe from outside. Private members belong to the loop's thread, except what starts and wakes
    it."""

    def __init__(
        self,
        store: Store,
        client: CallbackClient,
        clock: Clock,
        signer: Signer,
        on_timer: OnTimer,
        *,
        on_status: OnStatus | None = None,
        on_attempt: OnAttempt | None = None,
        lease: float = 30.0,
        per_receiver: int = PER_RECEIVER,
        in_flight_limit: int = IN_FLIGHT,
        waiting_limit: int = WAITING,
        poll: float = 1.0,
    ) -> None:
        """``lease``: real seconds after which another process may take over; an attempt takes at most a
        second less.

        ``per_receiver``: attempts at one receiver at a time; fewer where slots become scarce.
        ``in_flight_limit``: attempts at all receivers; half of them are left to receivers that have none.
        ``waiting_limit``: leased deliveries that wait for one receiver; more of them go back to the store.
        ``poll``: seconds between two looks for what other processes left in a shared store."""
        self._store = store
        self._clock = clock
        self._client = client
        self._calls = calls = BlockingCalls(store.blocking)
        self._attempts = AttemptRunner(store, client, clock, signer, on_timer, on_status, on_attempt, calls)
        self._lease, self._poll, self._in_flight_limit = lease, poll, in_flight_limit
        self._limits = ReceiverLimits(per_receiver, waiting_limit, in_flight_limit // 2)
        self._in_flight: dict[str, Delivery] = {}
        self._attempt_ended: asyncio.Future[None] | None = None
        """Done when any attempt ends; None: no waiter."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._due_runs: dict[str, _DueRun] = {}
        self._due_run_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._loop_task: asyncio.Task[None] | None = None
        self._wake_event = asyncio.Event()
        """Set only while there is a loop task."""
        self._leasing = asyncio.Lock()
        """Held from asking the store until what it gave is in flight, in a queue, or in the hands of a
        `_DueRun`."""
        self._runner = LoopRunner()
        self._started = False
        self._stopped = False

    @property
    def is_running(self) -> bool:
        """Whether messages are sent as they fall due."""
        return self._started and not (self._loop_task is not None and self._loop_task.done())

    @property
    def in_flight(self) -> int:
        """Attempts being made now."""
        return len(self._in_flight)

    def start(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Begin to deliver: on this event loop, or (None) on a thread of the dispatcher's own.

        A server's loop is the better place: it gives each socket that is ready its turn, whereas two threads
        contend for the interpreter's lock, which a busy thread releases for moments too short for the other
        to take it."""
        self._runner.attach(loop)
        self._started = True
        if self._store.shared or self._store.wake_at(self._clock.now()) is not None:
            self.wake()

    def stop(self, timeout: float = 0.5) -> list[Delivery]:
        """Lease nothing more, give attempts in flight ``timeout`` seconds to end, cancel the rest; some
        of what is still to be delivered, as `undelivered`.

        A cancelled attempt is made again by the next process that opens a durable store. Blocks; not for the
        dispatcher's own loop."""
        running = not self._stopped and self._runner.is_running
        self._started, self._stopped = False, True
        if running:
            self._runner.run(self._shut_down(timeout))
            self._runner.stop()
        self._calls.close()
        return undelivered(self._store)

    def wake(self) -> None:
        """Something may have fallen due: a message was committed or released, a clock was set. Cheap; from
        any thread."""
        if self._started and not self._wake_event.is_set():
            self._runner.call(self._wake)

    def run_due(self, account: str = "") -> list[Delivery]:
        """Attempt everything that is due now, one after the other in order, with what falls due meanwhile;
        the deliveries afterwards.

        Of one account, or of all. Blocks until it is done; the dispatch loop leaves the account alone
        meanwhile, and what it had in flight is waited for and returned as well. Raises ``RuntimeError`` on
        the dispatcher's own loop."""
        return self._runner.run(self._run_due(account))

    def deliver_now(self, delivery: Delivery, timeout: float | None = None) -> Delivery | None:
        """Wait for the first attempt of a message that must precede the HTTP response; the delivery
        afterwards.

        Blocks for up to ``timeout`` seconds (None: the message's own and one more). None: the delivery is
        gone."""
        return self._runner.run(
            self._first_attempt(delivery, delivery.message.timeout + 1.0 if timeout is None else timeout)
        )

    # The dispatch loop.

    def _wake(self) -> None:
        if self._loop_task is not None:
            self._wake_event.set()
        elif self._started:
            self._loop_task = asyncio.get_running_loop().create_task(self._dispatch_loop())

    async def _dispatch_loop(self) -> None:
        """Dispatch what is due; sleep until something else is."""
        failing = False
        while True:
            self._wake_event.clear()
            try:
                delay = await self._dispatch_due()
                failing = False
            except StoreError:  # it says so itself, and when that is over
                delay = self._poll
            except Exception:
                if not failing:
                    log.exception(
                        "the store cannot be asked for callbacks; trying again every %g s", self._poll
                    )
                failing, delay = True, self._poll
            await self._sleep(delay)

    async def _dispatch_due(self) -> float | None:
        """Lease what is due and start its attempts; seconds until there is more to do. None: not before
        `_wake`."""
        async with self._leasing:
            batch, due = await self._calls.run(self._lease_due)
            for delivery in batch:
                self._dispatch(delivery)
        if len(batch) == BATCH:
            return 0.0
        longest = self._poll if self._store.shared else None
        if due is None:
            return longest
        return min(max(0.001, due - self._clock.now()), longest or 3600.0)

    def _lease_due(self) -> tuple[list[Delivery], float | None]:
        """Up to `BATCH` deliveries, and the real time at which the next is due; on a thread if the store may
        wait."""
        now = self._clock.now()
        if self._limits.in_flight >= self._in_flight_limit:
            return [], None
        batch = self._store.lease_due(now, self._lease, BATCH)
        return batch, self._store.wake_at(now) if len(batch) < BATCH else None

    async def _sleep(self, delay: float | None) -> None:
        if delay == 0:
            await asyncio.sleep(0)
            return
        timer = None if delay is None else asyncio.get_running_loop().call_later(delay, self._wake_event.set)
        try:
            await self._wake_event.wait()
        finally:
            if timer is not None:
                timer.cancel()

    # One delivery.

    def _dispatch(self, delivery: Delivery) -> None:
        run = self._due_run_of(delivery)
        if run is not None:
            run.leased.append(delivery)
        elif delivery.message.kind == "timer" or delivery.message.no_address:
            self._launch(delivery, None)
        elif (receiver := self._limits.acquire(delivery)) is not None:
            self._launch(delivery, receiver)

    def _launch(self, delivery: Delivery, receiver: ReceiverQueue | None) -> None:
        self._in_flight[delivery.message.id] = delivery
        task = asyncio.get_running_loop().create_task(self._run_attempts(delivery, receiver))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run_attempts(self, delivery: Delivery, receiver: ReceiverQueue | None) -> None:
        """The delivery's attempt, then those that wait for its slot."""
        following = [delivery]
        while following:
            current, *others = following
            for other in others:
                self._launch(other, receiver)
            await self._run_attempt(current)
            following = [] if receiver is None else self._limits.release(receiver, self._is_usable)
            if receiver is not None and (reclaimed := self._limits.reclaim(receiver)):
                await self._give_back(reclaimed)
            self._wake()

    async def _give_back(self, postponed: Sequence[Postponed]) -> None:
        """End the leases of deliveries that could not wait here."""
        for delivery in await self._as_leased(postponed):
            with suppress(StoreError):  # its lease lapses
                await self._attempts.give_back(delivery)

    async def _as_leased(self, postponed: Sequence[Postponed]) -> list[Delivery]:
        """The deliveries whose lease is still ours."""
        leased: list[Delivery] = []
        for each in postponed:
            with suppress(StoreError):
                delivery = await self._calls.run(self._store.delivery, each.account, each.id)
                if delivery is not None and delivery.lease_until_real == each.lease_until_real:
                    leased.append(delivery)
        return leased

    def _is_usable(self, delivery: Delivery) -> bool:
        """Whether enough of the lease is left for an attempt. If not, it lapses, and the delivery is leased
        again."""
        return not self._stopped and self._lease_left(delivery) > min(
            delivery.message.timeout, self._lease - 1.0
        )

    def _lease_left(self, delivery: Delivery) -> float:
        """Real seconds."""
        return delivery.lease_until_real - self._clock.now()

    async def _run_attempt(self, delivery: Delivery) -> None:
        self._in_flight[delivery.message.id] = delivery
        attempted: list[Delivery] = []
        try:
            attempted = await self._try_attempt(delivery)
        except asyncio.CancelledError:
            with suppress(StoreError):  # its lease lapses
                await self._attempts.give_back(delivery)
            raise
        finally:
            del self._in_flight[delivery.message.id]
            if self._attempt_ended is not None:
                self._attempt_ended.set_result(None)
                self._attempt_ended = None
        run = self._due_run_of(delivery)
        if run is not None:
            run.attempted += attempted
        self._wake()

    async def _try_attempt(self, delivery: Delivery) -> list[Delivery]:
        """Make the attempt; what goes wrong on our side fails this delivery only."""
        try:
            return await self._attempts.run(delivery)
        except StoreError:  # it is attempted again after its lease
            return []
        except Exception as error:
            message = delivery.message
            log.exception("%s %s of account %s failed", message.kind, message.id, message.account)
            try:
                return [await self._attempts.fail(delivery, f"the mock server failed: {error}")]
            except Exception:
                log.exception(
                    "the outcome of %s cannot be stored; it is attempted again after its lease", message.id
                )
                return []

    # Running what is due at once.

    def _due_run_of(self, delivery: Delivery) -> _DueRun | None:
        return self._due_runs.get(delivery.message.account) or self._due_runs.get("")

    async def _run_due(self, account: str) -> list[Delivery]:
        lock = self._due_run_locks.setdefault(account, asyncio.Lock())
        async with lock:
            run = self._due_runs[account] = _DueRun()
            try:
                run.leased += self._limits.withdraw(
                    lambda delivery: account in ("", delivery.message.account)
                )
                run.leased += await self._as_leased(self._limits.withdraw_postponed(account))
                await self._wait_idle(account)
                while (delivery := await self._next_due(account, run)) is not None:
                    await self._run_attempt(delivery)
            finally:
                del self._due_runs[account]
                for delivery in filter(self._is_usable, run.leased):
                    self._dispatch(delivery)
            return run.attempted

    async def _wait_idle(self, account: str) -> None:
        """Wait until nothing of the account (empty: of any) that is in flight now is in flight any more."""
        ids = {name for name, each in self._in_flight.items() if account in ("", each.message.account)}
        while not ids.isdisjoint(self._in_flight):
            await asyncio.wait({self._next_end()})

    def _next_end(self) -> asyncio.Future[None]:
        """Done when the next attempt ends, whichever."""
        if self._attempt_ended is None:
            self._attempt_ended = asyncio.get_running_loop().create_future()
        return self._attempt_ended

    async def _next_due(self, account: str, run: _DueRun) -> Delivery | None:
        async with self._leasing:
            run.leased.sort(key=lambda delivery: delivery.due)
            while run.leased:
                delivery = run.leased.pop(0)
                if self._is_usable(delivery):
                    return delivery
            leased = await self._calls.run(self._store.lease_due, self._clock.now(), self._lease, 1, account)
            return leased[0] if leased else None

    async def _first_attempt(self, delivery: Delivery, timeout: float) -> Delivery | None:
        message = delivery.message
        deadline = asyncio.get_running_loop().time() + timeout
        if self._started:
            self._wake()
        else:
            await self._run_due(message.account)
        while True:
            end = self._next_end()
            current = await self._calls.run(self._store.delivery, message.account, message.id)
            left = deadline - asyncio.get_running_loop().time()
            if current is None or current.attempts or current.state != PENDING or left <= 0:
                return current
            await asyncio.wait({end}, timeout=min(left, _LOOK_AGAIN))

    # Stopping.

    async def _shut_down(self, timeout: float) -> None:
        # A lease that is being taken must arrive first, or it would have to lapse.
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._leasing.acquire(), timeout)
        waiting = self._limits.withdraw(lambda _: True)
        waiting += await self._as_leased(self._limits.withdraw_postponed())
        tasks: set[asyncio.Task[None]] = set(self._tasks)
        if tasks:
            _, tasks = await asyncio.wait(tasks, timeout=timeout)
        if self._loop_task is not None:
            tasks.add(self._loop_task)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # What is still in flight was cancelled before its first step.
        for delivery in [*waiting, *self._in_flight.values()]:
            if self._lease_left(delivery) > 0:
                with suppress(StoreError):
                    await self._attempts.give_back(delivery)
        await self._client.close()
