"""Moving an account's clock so that what falls due on the way happens on the way, in order, each at its own time."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.core.clock import Clock, ClockState
from mock_server.core.records import PENDING, AccountState, Delivery
from mock_server.delivery.worker import Worker
from mock_server.store.base import DeliveryFilter, Store

_ALL = 1_000_000
_TICK = 1e-6
"""Stores take what is due within it; so rounding the offset of a running clock does no harm."""


def advance(store: Store, worker: Worker, account: str, seconds: float, clock: Clock) -> list[Delivery]:
    """Move the account's clock on by ``seconds`` and play what falls due; the deliveries as they stood after each attempt.

    The clock goes from due time to due time: a retry, or a message that a timer or a receiver brought forth on the way, has its turn
    at its own time too, and every attempt is stamped with the time it was due. A frozen clock ends ``seconds`` later to the
    instant; a running one runs on meanwhile. A negative number sets the clock back and plays what is due then. Blocks until the last
    attempt has ended. Messages whose HTTP answer has not left yet stay where they are. Where several processes share the store, one
    of them may have taken a message first: then it is played there, and not among those returned.
    """
    moved = 0.0
    start = store.account(account).clock
    played = worker.run_due(account)
    while seconds > moved:
        now = store.account(account).clock.at(clock.now())
        due = _next_due(store, account, now + _TICK)
        if due is None or due - now >= seconds - moved:
            break
        store.update(account, _to(due, due - now))
        moved += due - now
        played += worker.run_due(account)
    rest = seconds - moved
    store.update(account, _to(None if start.frozen is None else start.frozen + seconds, rest))
    played += worker.run_due(account)
    worker.wake()
    return played


def flush(store: Store, worker: Worker, account: str, clock: Clock) -> list[Delivery]:
    """Send everything of the account that is scheduled, now and without moving its clock; the deliveries as they stand then.

    What fails is rescheduled by its own rules, and is not sent a second time by the same flush.
    """
    ids = [delivery.message.id for delivery in _scheduled(store, account)]
    # Not exactly now: a message whose first due time that is would be taken for one that has not been waited for yet.
    store.reschedule(account, ids, store.account(account).clock.at(clock.now()) - 0.001)
    return worker.run_due(account)


def _to(instant: float | None, seconds: float) -> Callable[[AccountState], AccountState]:
    """A change of the account's clock: a frozen one to the instant, a running one on by the seconds."""

    def change(state: AccountState) -> AccountState:
        frozen = state.clock.frozen is not None and instant is not None
        return state._replace(clock=ClockState(instant, state.clock.offset) if frozen else state.clock.advanced(seconds))

    return change


def _next_due(store: Store, account: str, after: float) -> float | None:
    return min((delivery.due for delivery in _scheduled(store, account) if delivery.due > after), default=None)


def _scheduled(store: Store, account: str) -> list[Delivery]:
    """What waits for its time, callbacks and timers, the first made first."""
    found, _ = store.deliveries(account, DeliveryFilter(state=PENDING, kind=""), _ALL)
    return [delivery for delivery in reversed(found) if not delivery.held]
