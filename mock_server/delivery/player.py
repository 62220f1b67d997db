"""One attempt at one delivery: which word is played, what leaves, what came of it, and how the delivery stands then."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from mock_server.core.clock import Clock
from mock_server.core.exceptions import MockServerError
from mock_server.core.records import DELIVERED, FAILED, PENDING, Attempt, Delivery, Message
from mock_server.core.words import Step, plan
from mock_server.delivery import schedule
from mock_server.delivery.chaos import Case, Earlier, Signer, alter, choose_earlier
from mock_server.delivery.transport import Outgoing, Transport
from mock_server.store.base import DeliveryFilter, Store

OnTimer = Callable[[Message], object]
"""Called when a timer falls due. It commits itself what follows; what it returns is not used."""

OnStatus = Callable[[Message, str], object]
"""Called for ``status-changed``: decides the verification of the message otherwise, and commits that."""

log = logging.getLogger("mock_server.delivery")

SWAP_PATIENCE = 60.0
"""Seconds of account time that ``swap-with`` waits for an event nobody has announced."""

_SWAP_LOOK = 1.0
_T = TypeVar("_T")


class _Wait(NamedTuple):
    """Whether ``swap-with`` lets a message go."""

    until: float
    """Account time at which to try again; not later than now: it may go."""
    note: str = ""
    """What to say of it when it goes."""
    played: Sequence[Delivery] = ()
    """What left before it meanwhile."""


_NO_WAIT = _Wait(0.0)


class Player:
    """Makes attempts. Knows nothing of queues and threads but that a blocking store has to be called from one."""

    def __init__(
        self, store: Store, transport: Transport, clock: Clock, signer: Signer, on_timer: OnTimer, on_status: OnStatus | None
    ) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._signer = signer
        self._on_timer = on_timer
        self._on_status = on_status
        self._threads = ThreadPoolExecutor(8, "deliveries") if store.blocking else None

    async def call(self, act: Callable[..., _T], *args: Any) -> _T:
        """Call something that may use the store: here, or in a thread where that would wait."""
        if self._threads is None:
            return act(*args)
        return await asyncio.get_running_loop().run_in_executor(self._threads, act, *args)

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False)

    async def play(self, delivery: Delivery) -> list[Delivery]:
        """Make the attempt that is due and settle it; the delivery as it stands then, after those that had to leave before it.

        The caller holds its lease.
        """
        message = delivery.message
        if message.kind == "timer":
            await self.call(self._on_timer, message)
            return [await self._settle(delivery, None, schedule.Next(DELIVERED, 0.0, 0))]
        steps = plan(message.deliver) if message.deliver else ()
        clock = (await self.call(self._store.account, message.account)).clock
        at = clock.at(self._clock.now())
        start = schedule.starts(delivery, steps)
        if start != delivery.due and start > at:
            return [await self._postpone(delivery, start)]
        step = schedule.current(steps, delivery.turn)
        wait = await self._swap(delivery, step, at) if step.word == "swap-with" else _NO_WAIT
        if wait.until > at:
            return [*wait.played, await self._postpone(delivery, wait.until)]
        attempt = Attempt(at, 0.0, done="not sent") if step.word == "drop" else await self._send(delivery, step, at, wait.note)
        then = schedule.after(delivery, steps, attempt, clock.at(self._clock.now()))
        return [*wait.played, await self._settle(delivery, attempt, then)]

    async def fail(self, delivery: Delivery, why: str) -> Delivery:
        """Give the delivery up for a reason of our own."""
        attempt = Attempt(delivery.due, 0.0, error=why)
        return await self._settle(delivery, attempt, schedule.Next(FAILED, 0.0, delivery.turn))

    async def give_back(self, delivery: Delivery) -> Delivery:
        """End the lease without an attempt."""
        return await self._postpone(delivery, delivery.due)

    # -- steps -------------------------------------------------------------------------------------------------
    async def _settle(self, delivery: Delivery, attempt: Attempt | None, then: schedule.Next) -> Delivery:
        message = delivery.message
        await self.call(self._store.settle, message.account, message.id, attempt, then.state, then.due, then.turn)
        settled = delivery._replace(state=then.state, turn=then.turn, held=False, lease_until_real=0.0)
        if then.state == PENDING:
            settled = settled._replace(due=then.due)
        if attempt is None:
            return settled
        if attempt.error:
            what = "given up" if then.state == FAILED else "to be sent again"
            log.info("callback %s (%s, %s) to %s: %s; %s", message.id, message.event, message.reference, message.url, attempt.error, what)
        return settled._replace(attempts=(*delivery.attempts, attempt))

    async def _postpone(self, delivery: Delivery, due: float) -> Delivery:
        return await self._settle(delivery, None, schedule.Next(PENDING, due, delivery.turn))

    async def _send(self, delivery: Delivery, step: Step, at: float, note: str) -> Attempt:
        message = delivery.message
        headers, body, done, trickle = message.headers, message.body, note, 0.0
        if step.word == "status-changed":
            done = await self._change_status(message, step)
        elif step is not schedule.OK:
            earlier = await self._earlier(message, step, at) if step.word == "stale" else None
            headers, body, deed, trickle = await self.call(alter, Case(message, step, self._signer, earlier))
            done = done or deed
        # Longer than the lease lasts, and another process would send it too.
        timeout = min(message.timeout + trickle, max(1.0, delivery.lease_until_real - self._clock.now() - 1.0))
        begun = time.perf_counter()
        answer = await self._transport.send(Outgoing(message.url, body, headers, message.method, timeout, min(trickle, timeout)))
        return Attempt(
            at,
            time.perf_counter() - begun,
            answer.status,
            answer.error,
            answer.headers,
            answer.body,
            "; ".join(filter(None, (done, answer.note))),
            headers if headers != message.headers else (),
            body if body != message.body else None,
        )

    async def _change_status(self, message: Message, step: Step) -> str:
        if self._on_status is None:
            return "nothing: the status of this provider's verifications cannot be changed"
        try:
            await self.call(self._on_status, message, step.value)
        except (ValueError, MockServerError) as error:
            return f"nothing: the status could not be changed to {step.value}: {error}"
        return f"status changed to {step.value} right before"

    async def _earlier(self, message: Message, step: Step, at: float) -> Earlier | None:
        found, _ = await self.call(self._store.deliveries, message.account, DeliveryFilter(provider=message.provider), 1000)
        return choose_earlier(message, [each.message for each in found], at, float(step.value))

    async def _swap(self, delivery: Delivery, step: Step, at: float) -> _Wait:
        message = delivery.message
        other = await self._announced(message, step.value)
        if other is None:
            patience = message.due + SWAP_PATIENCE
            return _Wait(min(at + _SWAP_LOOK, patience), f"no {step.value} to wait for came within {SWAP_PATIENCE:g} s")
        played: list[Delivery] = []
        if other.state == PENDING and not other.attempts:
            if other.due > at:
                return _Wait(other.due)
            if not message.lane or other.message.lane != message.lane:
                return _Wait(at + _SWAP_LOOK)
            # It stands behind this one in the lane, so nobody else can have taken it.
            played = await self.play(other._replace(lease_until_real=delivery.lease_until_real))
            if not played[-1].attempts:
                return _Wait(max(played[-1].due, at + _SWAP_LOOK), played=played)
        return _Wait(at, f"sent after {other.message.id} ({step.value})", played)

    async def _announced(self, message: Message, event: str) -> Delivery | None:
        """The first message of that event and reference that is no older."""
        where = DeliveryFilter(event=event, reference=message.reference, provider=message.provider)
        found, _ = await self.call(self._store.deliveries, message.account, where, 1000)
        later = [each for each in found if each.message.id != message.id and each.message.created >= message.created]
        return min(later, key=lambda each: each.message.due, default=None)
