"""One attempt at one delivery: what is sent, what came of it, and the state of the delivery afterwards."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from mock_server.core.clock import Clock
from mock_server.core.delivery_directives import plan, tamper
from mock_server.core.exceptions import MockServerError, StoreError
from mock_server.core.records import DELIVERED, FAILED, NOT_SENT, PENDING, Attempt, Delivery, Message
from mock_server.core.tampering import Earlier, Original, Signer, Tampered, Transmission, choose_earlier
from mock_server.delivery import schedule
from mock_server.delivery.answer import SendFailure
from mock_server.delivery.blocking_calls import BlockingCalls
from mock_server.delivery.client import CallbackClient, OutgoingRequest
from mock_server.store.base import DeliveryFilter, Store, Transaction

OnTimer = Callable[[Message], object]
"""Called when a timer falls due. It commits what follows itself; its result is not used."""

OnStatus = Callable[[Message, str], object]
"""Called for ``status-changed``: overrides the decision on the message's verification, and commits that."""

OnAttempt = Callable[[Message, Attempt], object]
"""Called when an attempt has ended that was really made."""

log = logging.getLogger("mock_server.delivery")

SWAP_PATIENCE = 60.0
"""Seconds of account time that ``swap-with`` waits for an event that was never announced."""

_SWAP_POLL = 1.0
_STORE_AGAIN = 0.1
"""Seconds after which an outcome that could not be stored is stored."""
_KNOWN = 1000
"""Deliveries that are searched for an event or for a replay."""


class _Wait(NamedTuple):
    """Whether ``swap-with`` lets a message go."""

    until: float
    """Account time of the next try; not later than now: it may go."""
    note: str = ""
    """What to record when it goes."""
    sent: Sequence[Delivery] = ()
    """What was sent before it meanwhile."""


_NO_WAIT = _Wait(0.0)


class AttemptRunner:
    """Makes attempts. Knows nothing of queues, limits and loops."""

    def __init__(
        self,
        store: Store,
        client: CallbackClient,
        clock: Clock,
        signer: Signer,
        on_timer: OnTimer,
        on_status: OnStatus | None,
        on_attempt: OnAttempt | None,
        calls: BlockingCalls,
    ) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._signer = signer
        self._on_timer = on_timer
        self._on_status, self._on_attempt = on_status, on_attempt
        self._call = calls.run

    async def run(self, delivery: Delivery) -> list[Delivery]:
        """Make the attempt that is due and record it; the delivery afterwards, preceded by those that had to
        leave before it.

        The caller holds its lease.
        """
        message = delivery.message
        if message.kind == "timer":
            await self._call(self._on_timer, message)
            return [await self._record(delivery, None, schedule.Next(DELIVERED, 0.0, 0))]
        if message.no_address:
            return [await self._not_sent(delivery)]
        transmissions = plan(message.deliver) if message.deliver else ()
        clock = (await self._call(self._store.account, message.account)).clock
        at = clock.at(self._clock.now())
        earliest = schedule.earliest(delivery, transmissions)
        if earliest != delivery.due and earliest > at:
            return [await self._postpone(delivery, earliest)]
        transmission = schedule.current(transmissions, delivery.turn)
        wait = (
            await self._swap(delivery, transmission, at)
            if transmission.directive == "swap-with"
            else _NO_WAIT
        )
        if wait.until > at:
            return [*wait.sent, await self._postpone(delivery, wait.until)]
        failure: SendFailure | None = None
        if transmission.directive == "drop":
            attempt = Attempt(at, 0.0, done="not sent")
        else:
            attempt, failure = await self._send(delivery, transmission, at, wait.note)
            if self._on_attempt is not None:
                await self._call(self._on_attempt, message, attempt)
        if failure is not None and failure.is_final:
            following = schedule.Next(FAILED, 0.0, delivery.turn)
        else:
            following = schedule.after(delivery, transmissions, attempt, clock.at(self._clock.now()))
        recorded = await self._record(delivery, attempt, following)
        if transmissions:
            with suppress(StoreError):  # what was sent has been recorded
                await self._count(message, transmission)
        return [*wait.sent, recorded]

    async def fail(self, delivery: Delivery, reason: str) -> Delivery:
        """Give the delivery up for a reason of our own."""
        attempt = Attempt(delivery.due, 0.0, error=reason)
        return await self._record(delivery, attempt, schedule.Next(FAILED, 0.0, delivery.turn))

    async def give_back(self, delivery: Delivery) -> Delivery:
        """End the lease without an attempt."""
        return await self._postpone(delivery, delivery.due)

    async def _not_sent(self, delivery: Delivery) -> Delivery:
        attempt = Attempt(delivery.due, 0.0, error=delivery.message.no_address)
        return await self._record(delivery, attempt, schedule.Next(NOT_SENT, 0.0, delivery.turn))

    async def _record(
        self, delivery: Delivery, attempt: Attempt | None, following: schedule.Next
    ) -> Delivery:
        message = delivery.message
        state, due, turn = following
        await self._store_attempt(delivery, attempt, following)
        recorded = delivery._replace(state=state, turn=turn, held=False, lease_until_real=0.0)
        if state == PENDING:
            recorded = recorded._replace(due=due)
        if attempt is None:
            return recorded
        if attempt.error:
            log.info(
                "callback %s (%s, %s) to %s: %s; %s",
                *(message.id, message.event, message.reference, message.url or "no address", attempt.error),
                "will be sent again" if state == PENDING else "given up",
                extra={"account": message.account, "request_id": message.request_id},
            )
        return recorded._replace(attempts=(*delivery.attempts, attempt))

    async def _count(self, message: Message, transmission: Transmission) -> None:
        """For the coverage report: a word of the message's ``deliver`` list was carried out."""
        transaction = Transaction(message.account)
        transaction.met(message.provider, "directive", transmission.directive)
        await self._call(self._store.commit, transaction)

    async def _store_attempt(
        self, delivery: Delivery, attempt: Attempt | None, following: schedule.Next
    ) -> None:
        """Where the store cannot be used, try until the lease is over: what is not recorded is sent again then."""
        place = delivery.message.account, delivery.message.id
        while True:
            try:
                await self._call(self._store.record_attempt, *place, attempt, *following)
                return
            except StoreError:
                if attempt is None or self._clock.now() + _STORE_AGAIN > delivery.lease_until_real:
                    raise
            await asyncio.sleep(_STORE_AGAIN)

    async def _postpone(self, delivery: Delivery, due: float) -> Delivery:
        return await self._record(delivery, None, schedule.Next(PENDING, due, delivery.turn))

    async def _send(
        self, delivery: Delivery, transmission: Transmission, at: float, note: str
    ) -> tuple[Attempt, SendFailure | None]:
        message = delivery.message
        sent = await self._prepare(message, transmission, at)
        # An attempt must end before the lease does, or another process would send it as well.
        lease = max(1.0, delivery.lease_until_real - self._clock.now() - 1.0)
        timeout = min(message.timeout + sent.trickle, lease)
        begun = time.perf_counter()
        answer = await self._client.send(
            OutgoingRequest(
                message.url, sent.body, sent.headers, message.method, timeout, min(sent.trickle, timeout)
            )
        )
        attempt = Attempt(
            at,
            time.perf_counter() - begun,
            answer.status,
            answer.error,
            answer.headers,
            answer.body,
            "; ".join(filter(None, (note or sent.done, answer.note))),
            sent.headers if sent.headers != message.headers else (),
            sent.body if sent.body != message.body else None,
        )
        return attempt, answer.failure

    async def _prepare(self, message: Message, transmission: Transmission, at: float) -> Tampered:
        if transmission is schedule.OK:
            return Tampered(message.headers, message.body)
        if transmission.directive == "status-changed":
            return Tampered(
                message.headers, message.body, await self._change_status(message, transmission.value)
            )
        earlier = (
            await self._find_earlier(message, transmission, at) if transmission.directive == "stale" else None
        )
        return await self._call(tamper, Original(message, transmission, self._signer, earlier))

    async def _change_status(self, message: Message, status: str) -> str:
        if self._on_status is None:
            return "nothing: the status of this provider's verifications cannot be changed"
        try:
            await self._call(self._on_status, message, status)
        except StoreError:
            raise
        except (ValueError, MockServerError) as error:
            return f"nothing: the status could not be changed to {status}: {error}"
        return f"status changed to {status} right before"

    async def _find_earlier(self, message: Message, transmission: Transmission, at: float) -> Earlier | None:
        where = DeliveryFilter(provider=message.provider)
        candidates, _ = await self._call(self._store.deliveries, message.account, where, _KNOWN)
        return choose_earlier(message, [each.message for each in candidates], at, float(transmission.value))

    async def _swap(self, delivery: Delivery, transmission: Transmission, at: float) -> _Wait:
        message = delivery.message
        other = await self._find_announced(message, transmission.value)
        if other is None:
            note = f"no {transmission.value} to wait for came within {SWAP_PATIENCE:g} s"
            return _Wait(min(at + _SWAP_POLL, message.due + SWAP_PATIENCE), note)
        sent: list[Delivery] = []
        if other.state == PENDING and not other.attempts:
            if other.due > at:
                return _Wait(other.due)
            if not message.lane or other.message.lane != message.lane:
                return _Wait(at + _SWAP_POLL)
            # It is behind this one in the lane, so no other process can have leased it.
            sent = await self.run(other._replace(lease_until_real=delivery.lease_until_real))
            if not sent[-1].attempts:
                return _Wait(max(sent[-1].due, at + _SWAP_POLL), sent=sent)
        return _Wait(at, f"sent after {other.message.id} ({transmission.value})", sent)

    async def _find_announced(self, message: Message, event: str) -> Delivery | None:
        """The first message of that event and reference that is not older."""
        where = DeliveryFilter(event=event, reference=message.reference, provider=message.provider)
        deliveries, _ = await self._call(self._store.deliveries, message.account, where, _KNOWN)
        later = [
            each
            for each in deliveries
            if each.message.id != message.id and each.message.created >= message.created
        ]
        return min(later, key=lambda each: each.message.due, default=None)
