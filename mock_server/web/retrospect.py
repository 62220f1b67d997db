"""Which scenario answers a request and why each other does not, worked out again from the stored request. Nothing is written."""

from __future__ import annotations

from typing import Any, NamedTuple

from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Request
from mock_server.core.records import Entry
from mock_server.providers.base import Provider
from mock_server.providers.context import Call
from mock_server.scenario.matchers import MISSING
from mock_server.scenario.model import Scenario
from mock_server.scenario.selection import NearMiss, near_misses, select
from mock_server.web.replay import as_of
from mock_server.web.service import Service

_UNFIT = (ProviderError, LookupError, AttributeError, TypeError, ValueError)


class Rebuilt(NamedTuple):
    """A call as it stood when its scenario was chosen."""

    call: Call
    refusal: ProviderError | None
    """What kept it from getting there; the facts are what was known by then."""


def rebuild(service: Service, provider: Provider, request: Request, entry: Entry | None = None) -> Rebuilt:
    """The call of a request: of a journal entry as it was then, else as if it came now."""
    rebuilt = _attempt(service, provider, request, entry, hide_new=False)
    if rebuilt.refusal is not None and entry is not None and not entry.error:
        again = _attempt(service, provider, request, entry, hide_new=True)
        return rebuilt if again.refusal is not None else again
    return rebuilt


def _attempt(service: Service, provider: Provider, request: Request, entry: Entry | None, *, hide_new: bool) -> Rebuilt:
    call = Call(as_of(service, entry, hide_new=hide_new), request, "", entry.real if entry else service.clock.now())
    try:
        call.operation = provider.operation(request.method, request.path)
        provider.authenticate(call)
    except ProviderError as refusal:
        if call.operation:
            try:
                provider.validate(call)
            except _UNFIT:
                pass  # the refusal is what counts; this was for more facts
        return Rebuilt(call, refusal)
    try:
        provider.validate(call)
    except ProviderError as refusal:
        return Rebuilt(call, refusal)
    return Rebuilt(call, None)


def nearest(service: Service, entry: Entry, limit: int = 3) -> list[dict[str, Any]]:
    """The scenarios that came closest to answering a journal entry."""
    provider = service.providers.get(entry.provider)
    if provider is None:
        return []
    call = rebuild(service, provider, entry.request, entry).call
    state = service.store.account(entry.account)
    misses = near_misses(service.scenarios.of(entry.account, state), entry.provider, call.operation, call, limit)
    return [_miss(miss) for miss in misses]


def explain(service: Service, request: Request, entry: Entry | None = None, limit: int = 5) -> dict[str, Any] | None:
    """Which scenario would answer, and why the nearest others would not; None where no vendor serves the path.

    ``{"provider", "operation", "account", "reference", "answers": "scenario"|"built-in"|"refusal", "refusal", "scenario", "near_misses"}``
    """
    provider = service.pipeline.provider_of(request.path, request.mount)
    if provider is None:
        return None
    call, refusal = rebuild(service, provider, request, entry)
    state = service.store.account(call.account.name)
    scenarios = service.scenarios.of(call.account.name, state)
    chosen = select(scenarios, provider.name, call.operation, call, state.pinned)
    misses = near_misses(scenarios, provider.name, call.operation, call, limit)
    return {
        "provider": provider.name,
        "operation": call.operation,
        "account": call.account.name,
        "reference": call.reference,
        "answers": "refusal" if refusal is not None else "scenario" if chosen is not None else "built-in",
        "refusal": _refusal(refusal),
        "scenario": _scenario(chosen, pinned=chosen is not None and chosen.name == state.pinned),
        "near_misses": [_miss(miss) for miss in misses if miss.scenario is not chosen],
    }


def _refusal(refusal: ProviderError | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    return {"error": str(refusal.code), "message": refusal.message, "fields": list(refusal.fields), "evidence": refusal.evidence}


def _scenario(scenario: Scenario | None, *, pinned: bool) -> dict[str, Any] | None:
    if scenario is None:
        return None
    return {"name": scenario.name, "source": scenario.source, "description": scenario.description, "pinned": pinned}


def _miss(miss: NearMiss) -> dict[str, Any]:
    """``{"name", "source", "differences": [{"path", "expected", "reason", "actual"?}]}``; no ``actual``: there is none."""
    differences = []
    for path, expected, actual, reason in miss.differences:
        shown = {"path": path, "expected": expected, "reason": reason}
        differences.append(shown if actual is MISSING else {**shown, "actual": actual})
    return {"name": miss.scenario.name, "source": miss.scenario.source, "differences": differences}
