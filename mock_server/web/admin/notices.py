"""``notices``: what is unusual about an account, and the way back; with it, all else that a dashboard shows on every page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from mock_server.core.clock import ClockState
from mock_server.core.exceptions import StoreError
from mock_server.providers.accounts import Account
from mock_server.scenario.loader import ScenarioSet
from mock_server.scenario.model import Respond, Scenario
from mock_server.store.base import ANY_DELIVERY, ANY_ENTRY, ANY_RECORD
from mock_server.web.admin import answers, clock
from mock_server.web.admin.table import AdminRequest, ControlRoute, Query


def listing(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """Nothing here is an error: somebody has set it, and may have forgotten it. Costs little however much is stored: nothing
    is listed."""
    notices = list(_of_server(request))
    time: dict[str, Any] | None = None
    counts: dict[str, int] = {}
    outage = request.outage
    if not outage:
        outage = request.service.store.outage.reason  # it may still be read
        try:
            for account in request.accounts:
                notices += _of_account(request, account)
            time, counts = clock.show(request), _counts(request)
        except StoreError as error:
            outage = str(error)
    if outage:
        notices.append(_notice("store", "The store cannot be used.", outage))
    return {"notices": notices, "total": len(notices), "next": None, "clock": time, "counts": counts}


def _counts(request: AdminRequest[Any, Any]) -> dict[str, int]:
    """As ``total`` of the lists without filters."""
    store, names = request.service.store, [account.name for account in request.accounts]
    return {
        "requests": sum(store.entries(name, ANY_ENTRY, 0)[1] for name in names),
        "callbacks": sum(store.deliveries(name, ANY_DELIVERY, 0)[1] for name in names),
        "verifications": sum(store.newest_records(name, ANY_RECORD, 0)[1] for name in names),
    }


def _of_server(request: AdminRequest[Any, Any]) -> Iterator[dict[str, Any]]:
    problems = [str(problem) for problem in request.service.scenario_problems]
    if problems:
        title = "A scenario file is broken."
        yield {**_notice("broken", title, "The last good set stays in force."), "details": problems}


def _of_account(request: AdminRequest[Any, Any], account: Account) -> Iterator[dict[str, Any]]:
    state = request.service.store.account(account.name)
    whose = f"the account {account.name}" if request.query.account == "*" else "this account"
    if state.pinned:
        title, text = f"Pinned: {state.pinned}.", f"It answers every request of {whose} that it can."
        yield _notice("pinned", title, text, account, ("DELETE", "scenarios/pinned", "Unpin"))
    if state.switched_off:
        count = len(state.switched_off)
        title = f"{count} scenario{'' if count == 1 else 's'} switched off for {whose}."
        text = ", ".join(name.partition("/")[2] for name in state.switched_off)
        yield _notice("switched-off", title, text, account, ("DELETE", "scenarios/switched-off", "Switch on"))
    scenario_set = request.service.scenarios.of(account.name, state)
    for provider in request.service.providers:
        for scenario, disturbance in _disturbing(scenario_set, provider):
            yield _disturbs(scenario, disturbance, account, whose)
    if state.clock != ClockState():
        yield _clock(request, account, state.clock, whose)


_ANYBODY = frozenset({"operation", "method", "path", "account", "now"})
"""What a condition may be on that every request of an operation meets."""
_SLOW = 1.0
"""Seconds."""


@lru_cache(maxsize=8)
def _disturbing(scenario_set: ScenarioSet, provider: str) -> tuple[tuple[Scenario, str], ...]:
    """The scenarios that disturb every request, and how. Cached: a set never changes and may have thousands of
    scenarios."""
    each = ((scenario, _disturbance(scenario)) for scenario in scenario_set.scenarios(provider))
    return tuple((scenario, disturbance) for scenario, disturbance in each if disturbance)


def _disturbance(scenario: Scenario) -> str:
    """What becomes of requests for any person: a share of them answered otherwise, a broken connection, a server's
    error, a long wait. Empty: the scenario does nothing of the kind, or only to some."""
    if any(condition.path[0] not in _ANYBODY for condition in scenario.match):
        return ""
    said = dict.fromkeys(filter(None, (_said(step.respond) for step in scenario.steps)))
    share = f"{scenario.chance * 100:g} % of " if scenario.chance < 1 else "all "
    if not said and scenario.chance == 1:
        return ""
    which = f"{', '.join(sorted(scenario.operations))} requests" if scenario.operations else "requests"
    return f"{share}{which}: {' or '.join(said) or 'answered by this scenario'}"


def _said(respond: Respond | None) -> str:
    if respond is None:
        return ""
    if respond.fault is not None:
        return f"the connection breaks ({respond.fault})"
    if respond.status is not None and respond.status >= 500:
        return f"status {respond.status}"
    if respond.delay is not None and respond.delay.first >= _SLOW:
        return f"{respond.delay.first:g} s or more of waiting"
    return ""


def _disturbs(scenario: Scenario, disturbance: str, account: Account, whose: str) -> dict[str, Any]:
    title = f"{scenario.name} disturbs {whose}."
    path = f"scenarios/{scenario.provider}/{quote(scenario.name, safe='')}"
    text = f"{disturbance[0].upper()}{disturbance[1:]} ({scenario.row or scenario.source})."
    notice = _notice("chaos", title, text, account, ("PUT", path, "Switch off"))
    notice["undo"]["body"] = {"enabled": False}
    return notice


def _clock(
    request: AdminRequest[Any, Any], account: Account, clock: ClockState, whose: str
) -> dict[str, Any]:
    real = request.service.clock.now()
    skew = clock.at(real) - real
    how = "is frozen" if clock.frozen is not None else f"is {_spoken(skew)} real time"
    warnings = (provider.clock_warning(skew) for provider in request.service.providers.values())
    text = " ".join(filter(None, warnings)) or "Signed requests are still accepted."
    undo = ("DELETE", "clock", "Back to real time")
    return _notice("clock", f"The clock of {whose} {how}.", text, account, undo)


def _spoken(skew: float) -> str:
    """``2 h ahead of``, in the largest unit that fits."""
    seconds = abs(skew)
    unit, size = next(
        (pair for pair in (("d", 86400), ("h", 3600), ("min", 60)) if seconds >= pair[1]), ("s", 1)
    )
    return f"{round(seconds / size):d} {unit} {'ahead of' if skew > 0 else 'behind'}"


def _notice(
    kind: str,
    title: str,
    text: str,
    account: Account | None = None,
    undo: tuple[str, str, str] | None = None,
) -> dict[str, Any]:
    back = None if undo is None else dict(zip(("method", "path", "label"), undo))
    name = "" if account is None else account.name
    return {"kind": kind, "title": title, "text": text, "account": name, "undo": back, "details": []}


ROUTES = (
    ControlRoute(
        "GET",
        "/notices",
        listing,
        "What is unusual: a pin, switched-off scenarios, scenarios that disturb every request (by chance, a broken connection, "
        "an error of the server, a long wait), a moved clock, broken files, a store that fails.",
        {
            "notices": "each with kind, title, text, details, and as undo the call (method, path, body) that ends it",
            "total": "how many",
            "next": "null",
            "clock": "as GET clock; null where the store cannot be used",
            "counts": "how many requests, callbacks and verifications there are; empty where the store cannot be used",
        },
        lists=True,
        has_partial_answer=True,
        returns=answers.Notices,
    ),
)
