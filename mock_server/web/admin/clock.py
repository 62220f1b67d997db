"""``clock``: the account's own time."""

from __future__ import annotations

from typing import Annotated, Any

from mock_server.core.clock import ClockState, isoformat
from mock_server.web import showing
from mock_server.web.admin.problems import Problem
from mock_server.web.admin.table import Ask, Body, Query, Route, duration, instant, told


class ClockBody(Body):
    """Exactly one of the three."""

    freeze: Annotated[
        str | float | None, told("Stand still at this instant; `now`: at the account's present time.", "2026-01-01T00:00:00Z")
    ] = None
    set: Annotated[str | float | None, told("Run on from this instant.", "2026-01-01T00:00:00Z")] = None
    offset: Annotated[str | float | None, told("Run that far beside real time.", "-5m")] = None


class AdvanceBody(Body):
    """How far."""

    by: Annotated[str | float, told("A duration.", "2h")]


def show(ask: Ask[Any, Any]) -> dict[str, Any]:
    """Instants in ISO 8601, the offset in seconds."""
    clock, real = ask.service.store.account(ask.account.name).clock, ask.service.clock.now()
    return {
        "now": isoformat(clock.at(real)),
        "real": isoformat(real),
        "frozen": clock.frozen is not None,
        "offset": clock.offset if clock.frozen is None else clock.frozen - real,
    }


def put(ask: Ask[Query, ClockBody]) -> dict[str, Any]:
    """What is due then is sent at once."""
    real, body = ask.service.clock.now(), ask.body
    given = [name for name in ("freeze", "set", "offset") if getattr(body, name) is not None]
    if len(given) != 1:
        raise Problem(400, "give exactly one of freeze, set and offset", 'such as {"freeze": "2026-01-01T00:00:00Z"}')
    if body.freeze == "now":
        _change(ask, lambda clock: ClockState(clock.at(real)))
    elif body.freeze is not None:
        at = instant("freeze", body.freeze)
        _change(ask, lambda _: ClockState(at))
    elif body.set is not None:
        offset = instant("set", body.set) - real
        _change(ask, lambda _: ClockState(None, offset))
    else:
        beside = duration("offset", body.offset or 0)
        _change(ask, lambda _: ClockState(None, beside))
    return show(ask)


def advance(ask: Ask[Query, AdvanceBody]) -> dict[str, Any]:
    """Everything happens in its order and at its own time; answers when all of it has happened."""
    from mock_server.delivery.advance import advance as move

    service = ask.service
    played = move(service.store, service.dispatcher, ask.account.name, duration("by", ask.body.by), service.clock)
    last = {item.message.id: item for item in played if item.message.kind == "callback"}
    veil = showing.Veil(ask.account)
    return {**show(ask), "callbacks": [showing.delivery(item, veil) for item in last.values()]}


def remove(ask: Ask[Query, None]) -> dict[str, Any]:
    """Real time again."""
    _change(ask, lambda _: ClockState())
    return show(ask)


def _change(ask: Ask[Any, Any], change: Any) -> None:
    ask.service.store.update(ask.account.name, lambda state: state._replace(clock=change(state.clock)))
    ask.service.dispatcher.wake()


_CLOCK = {
    "now": "the account's time",
    "real": "the machine's",
    "frozen": "whether it stands still",
    "offset": "seconds by which it differs from real time",
}

ROUTES = (
    Route("GET", "/clock", show, "The account's time.", _CLOCK),
    Route("PUT", "/clock", put, "Freeze it, set it, or let it run beside real time.", _CLOCK, body=ClockBody),
    Route("DELETE", "/clock", remove, "Back to real time.", _CLOCK),
    Route(
        "POST",
        "/clock/advance",
        advance,
        "Move it on and run what falls due on the way.",
        {**_CLOCK, "callbacks": "what was sent on the way, as it stands"},
        body=AdvanceBody,
    ),
)
