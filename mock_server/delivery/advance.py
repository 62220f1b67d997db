"""Moving an account's clock so that what falls due on the way is delivered on the way, in order, each at its
own time."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.core.clock import Clock, ClockState
from mock_server.core.records import PENDING, AccountState, Delivery
from mock_server.delivery.dispatcher import Dispatcher
from mock_server.store.base import DeliveryFilter, Store

_PAGE = 1000
_TICK = 1e-6
"""Stores treat what is due within it as due, so rounding the offset of a running clock does no harm."""


def advance(
    store: Store, dispatcher: Dispatcher, account: str, seconds: float, clock: Clock
) -> list[Delivery]:
    """Move the account's clock on by ``seconds`` and deliver what falls due; the deliveries as of each
    attempt.

    The clock moves from due time to due time: a retry, or a message caused on the way by a timer or a
    receiver, is sent at its own time, and every attempt is stamped with the time it was due. A frozen clock
    ends exactly ``seconds`` later; a running one runs on meanwhile. A negative number sets the clock back and
    delivers what is due then. Blocks until the last attempt has ended. Messages whose HTTP response has not
    left yet stay where they are. If several processes share the store, another one may have leased a message
    first: it is then sent there, and not among those returned."""
    moved = 0.0
    start = store.account(account).clock
    attempted = dispatcher.run_due(account)
    while seconds > moved:
        now = store.account(account).clock.at(clock.now())
        due = store.next_due(account, now + _TICK)
        if due is None or due - now >= seconds - moved:
            break
        store.update(account, _move_clock(due, due - now))
        moved += due - now
        attempted += dispatcher.run_due(account)
    store.update(
        account, _move_clock(None if start.frozen is None else start.frozen + seconds, seconds - moved)
    )
    attempted += dispatcher.run_due(account)
    dispatcher.wake()
    return attempted


def flush(store: Store, dispatcher: Dispatcher, account: str, clock: Clock) -> list[Delivery]:
    """Send everything of the account that is scheduled, now and without moving its clock; the deliveries
    afterwards.

    What fails is rescheduled by its own rules, and is not sent a second time by the same flush.
    """
    ids = [delivery.message.id for delivery in _scheduled(store, account)]
    # Slightly before now: a message that is due exactly at its first due time would wait for ``late`` again.
    store.reschedule(account, ids, store.account(account).clock.at(clock.now()) - 0.001)
    return dispatcher.run_due(account)


def _move_clock(instant: float | None, seconds: float) -> Callable[[AccountState], AccountState]:
    """A change of the account's clock: a frozen one to the instant, a running one on by the seconds."""

    def change(state: AccountState) -> AccountState:
        frozen = state.clock.frozen is not None and instant is not None
        return state._replace(
            clock=ClockState(instant, state.clock.offset) if frozen else state.clock.advanced(seconds)
        )

    return change


def _scheduled(store: Store, account: str) -> list[Delivery]:
    """Pending callbacks and timers, the oldest first."""
    where, before = DeliveryFilter(state=PENDING, kind=""), ""
    deliveries: list[Delivery] = []
    while True:
        page, _ = store.deliveries(account, where, _PAGE, before)
        deliveries += page
        if len(page) < _PAGE:
            return [delivery for delivery in reversed(deliveries) if not delivery.held]
        before = page[-1].message.id
