"""``clock``: the account's own time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from mock_server.core.answers import ClockState as ClockStateAnswer
from mock_server.core.clock import EARLIEST, LATEST, ClockState, isoformat
from mock_server.web.admin import callbacks
from mock_server.web.admin.problems import ControlProblem
from mock_server.web.admin.table import AdminRequest, Body, ControlRoute, Query, described, duration, instant


class ClockBody(Body):
    """Exactly one of the three."""

    freeze: Annotated[
        str | float | None,
        described(
            "Stand still at this instant; `now`: at the account's present time.", "2026-01-01T00:00:00Z"
        ),
    ] = None
    set: Annotated[str | float | None, described("Run on from this instant.", "2026-01-01T00:00:00Z")] = None
    offset: Annotated[str | float | None, described("Run with that offset from real time.", "-5m")] = None


class AdvanceBody(Body):
    """How far."""

    by: Annotated[str | float, described("A duration.", "2h")]


def show(request: AdminRequest[Any, Any]) -> dict[str, Any]:
    """Instants in ISO 8601, the offset in seconds."""
    clock, real = _clock(request), request.service.clock.now()
    return {
        "now": isoformat(clock.at(real)),
        "real": isoformat(real),
        "frozen": clock.frozen is not None,
        "offset": clock.offset if clock.frozen is None else clock.frozen - real,
    }


def put(request: AdminRequest[Query, ClockBody]) -> dict[str, Any]:
    """What is due then is sent at once."""
    real, body = request.service.clock.now(), request.body
    fields = [name for name in ("freeze", "set", "offset") if getattr(body, name) is not None]
    if len(fields) != 1:
        raise ControlProblem(
            400, "give exactly one of freeze, set and offset", 'such as {"freeze": "2026-01-01T00:00:00Z"}'
        )
    if body.freeze == "now":
        _change(request, lambda clock: ClockState(clock.at(real)))
    elif body.freeze is not None:
        at = instant("freeze", body.freeze)
        _change(request, lambda _: ClockState(at))
    elif body.set is not None:
        offset = instant("set", body.set) - real
        _change(request, lambda _: ClockState(None, offset))
    else:
        beside = duration("offset", body.offset or 0)
        _change(request, lambda _: ClockState(None, beside))
    return show(request)


def advance(request: AdminRequest[Query, AdvanceBody]) -> dict[str, Any]:
    """Everything happens in its order and at its own time; answers when all of it has happened."""
    from mock_server.delivery.advance import advance as move

    service, by = request.service, duration("by", request.body.by)
    check(_clock(request).at(service.clock.now()) + by)
    played = move(service.store, service.dispatcher, request.account.name, by, service.clock)
    return {**show(request), **callbacks.attempted(request, played)}


def remove(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """Real time again."""
    _change(request, lambda _: ClockState())
    return show(request)


def _change(request: AdminRequest[Any, Any], change: Callable[[ClockState], ClockState]) -> None:
    """Raises `ControlProblem` for a time of which no date can be written."""
    check(change(_clock(request)).at(request.service.clock.now()))
    request.service.store.update(
        request.account.name, lambda state: state._replace(clock=change(state.clock))
    )
    request.service.dispatcher.wake()


def _clock(request: AdminRequest[Any, Any]) -> ClockState:
    return request.service.store.account(request.account.name).clock


def check(at: float) -> None:
    """Raise `ControlProblem` for a time that no account's clock may show."""
    if not EARLIEST <= at <= LATEST:
        raise ControlProblem(
            400,
            "the account's clock would leave the years 1970 to 9999",
            "give a nearer instant, or a shorter duration",
        )


_CLOCK = {
    "now": "the account's time",
    "real": "the machine's",
    "frozen": "whether it stands still",
    "offset": "seconds by which it differs from real time",
}

ROUTES = (
    ControlRoute("GET", "/clock", show, "The account's time.", _CLOCK, returns=ClockStateAnswer),
    ControlRoute(
        "PUT",
        "/clock",
        put,
        "Freeze it, set it, or let it run with an offset from real time.",
        _CLOCK,
        body=ClockBody,
        returns=ClockStateAnswer,
    ),
    ControlRoute("DELETE", "/clock", remove, "Back to real time.", _CLOCK, returns=ClockStateAnswer),
    ControlRoute(
        "POST",
        "/clock/advance",
        advance,
        "Move it on and run what falls due on the way.",
        {
            **_CLOCK,
            "callbacks": "what was sent on the way, as it stands; of more than 1,000 the last",
            "total": "how many were sent",
            "next": "address of the list of callbacks where there are more, or null",
        },
        body=AdvanceBody,
        returns=ClockStateAnswer,
    ),
)
