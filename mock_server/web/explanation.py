"""Why a request was answered as it was, and why no other scenario answered, worked out again from its journal
entry. Nothing is written."""

from __future__ import annotations

from typing import Any, NamedTuple

from mock_server.core.exceptions import ProviderError
from mock_server.core.records import Entry
from mock_server.providers.base import Provider
from mock_server.providers.context import RequestContext
from mock_server.providers.rejection import identify
from mock_server.scenario.facts import MISSING
from mock_server.scenario.loader import ScenarioSet
from mock_server.scenario.model import Scenario, Step
from mock_server.scenario.selection import NearMiss, near_misses, related_misses, select, select_early
from mock_server.store.base import StepKey
from mock_server.web import refusals
from mock_server.web.replay import as_of
from mock_server.web.service import Service

_UNFIT = (ProviderError, LookupError, AttributeError, TypeError, ValueError)


class Rebuilt(NamedTuple):
    """A call as it stood when its scenario was chosen."""

    call: RequestContext
    refusal: ProviderError | None
    """Why it did not get there; the facts are what was known by then."""


def rebuild(service: Service, provider: Provider, entry: Entry) -> Rebuilt:
    """The call of a journal entry as it was then."""
    rebuilt = _attempt(service, provider, entry, hide_new=False)
    if rebuilt.refusal is not None and not entry.error:
        again = _attempt(service, provider, entry, hide_new=True)
        return rebuilt if again.refusal is not None else again
    return rebuilt


def _attempt(service: Service, provider: Provider, entry: Entry, *, hide_new: bool) -> Rebuilt:
    call = RequestContext(as_of(service.pipeline, entry, hide_new=hide_new), entry.request, "", entry.real)
    refusal: ProviderError | None = None
    try:
        call.operation = entry.operation or provider.operation(entry.request.method, entry.request.path)
        provider.authenticate(call)
    except ProviderError as error:
        refusal = error
    identify(provider, call, service.accounts.get(entry.account) or service.accounts.default())
    if not call.operation:
        return Rebuilt(call, refusal)
    try:
        provider.validate(call)
    except ProviderError as error:
        refusal = refusal or error
    except _UNFIT:
        if refusal is None:
            raise
        # The refusal is what counts; this was for more facts.
    if refusal is not None:
        provider.collect_facts(call)
    return Rebuilt(call, refusal)


def nearest(service: Service, entry: Entry, limit: int | None = None) -> list[dict[str, Any]]:
    """The scenarios that came closest to answering a journal entry: so many, or those that are close."""
    provider = service.providers.get(entry.provider)
    if provider is None or entry.request_cut is not None:
        return []
    call = rebuild(service, provider, entry).call
    state = service.store.account(entry.account)
    scenarios = service.scenarios.of(entry.account, state)
    return [_miss(miss) for miss in _misses(scenarios, entry.provider, call, limit)]


def _misses(scenarios: ScenarioSet, provider: str, call: RequestContext, limit: int | None) -> list[NearMiss]:
    if limit is None:
        return related_misses(scenarios, provider, call.operation, call)
    return near_misses(scenarios, provider, call.operation, call, limit)


def explain(service: Service, entry: Entry, limit: int | None = None) -> dict[str, Any]:
    """All that is known about how the answer came about, whatever the stage at which a refusal ended it.

    The doctor's ``valid canonical expected received mistakes``; ``error reason evidence`` of a refusal; who
    ``answers``: ``scenario``, ``built-in`` or ``refusal``; the ``refusal``; the ``scenario`` that answered or
    would have; ``near_misses``; what was ``answered``."""
    finding = refusals.diagnose(service.pipeline, entry)
    warnings = refusals.warnings(entry, finding)
    refused = entry.refused
    again, chosen, misses = _scenarios(service, entry, limit)
    return {
        **finding,
        "mistakes": refusals.mistakes(entry, finding),
        **({"warnings": warnings} if warnings else {}),
        "error": entry.error,
        "reason": refusals.describe(service.pipeline, entry, finding) if entry.error else "",
        "evidence": entry.evidence,
        "provider": entry.provider,
        "operation": entry.operation,
        "account": entry.account,
        "reference": entry.reference or (again.call.reference if again is not None else ""),
        "answers": "refusal" if refused else "scenario" if entry.scenario else "built-in",
        "refusal": _refusal(entry, again) if refused else None,
        "scenario": chosen,
        "near_misses": misses,
        "answered": {
            "scenario": entry.scenario,
            "source": entry.source,
            "outcome": entry.outcome,
            "status": entry.status,
        },
    }


def _scenarios(
    service: Service, entry: Entry, limit: int | None
) -> tuple[Rebuilt | None, dict[str, Any] | None, list[dict[str, Any]]]:
    """The call again, the scenario that answered or would have, and the nearest of the others; none where no
    operation was asked for."""
    provider = service.providers.get(entry.provider)
    if provider is None or refusals.is_turned_away(entry) or entry.request_cut is not None:
        return None, None, []
    rebuilt = rebuild(service, provider, entry)
    call, state = rebuilt.call, service.store.account(entry.account)
    scenarios = service.scenarios.of(entry.account, state)

    def declines(scenario: Scenario) -> bool:
        return scenario.name != entry.scenario

    chosen = select_early(scenarios, entry.provider, call.operation, call, state.pinned, declines)
    if chosen is None and call.operation:
        chosen = select(scenarios, entry.provider, call.operation, call, state.pinned, declines)
    misses = _misses(scenarios, entry.provider, call, limit) if call.operation else []
    shown = None if chosen is None else _scenario(chosen, _step(service, entry, chosen), state.pinned)
    return rebuilt, shown, [_miss(miss) for miss in misses if miss.scenario is not chosen]


def _step(service: Service, entry: Entry, scenario: Scenario) -> Step:
    """The step that answered the request, or would have."""
    if entry.scenario == scenario.name:
        return scenario.step_for(max(0, entry.step - 1))
    return scenario.step_for(service.store.step(entry.account, StepKey(scenario.name, entry.reference)))


def _refusal(entry: Entry, again: Rebuilt | None) -> dict[str, Any]:
    refusal = again.refusal if again is not None else None
    fields = refusal.fields if refusal is not None and str(refusal.code) == entry.error else ()
    evidence = entry.evidence or {}
    said = refusals.message(entry) or str(evidence.get("explanation", ""))
    return {"error": entry.error, "message": said, "fields": list(fields), "evidence": evidence}


def _scenario(scenario: Scenario, step: Step, pinned: str) -> dict[str, Any]:
    """``answers``: which requests, ``all`` (before the checks), those with right ``credentials``, or
    ``valid`` ones only."""
    alone = step.respond is not None and step.respond.stands_alone
    return {
        "name": scenario.name,
        "source": scenario.source,
        "row": scenario.row,
        "description": scenario.description,
        "pinned": scenario.name == pinned,
        "answers": "all" if scenario.before_checks else "credentials" if alone else "valid",
    }


def _miss(miss: NearMiss) -> dict[str, Any]:
    """``{"name", "source", "row", "differences": [{"path", "expected", "reason", "actual"?}]}``; without
    ``actual`` if the field is missing."""
    differences = []
    for path, expected, actual, reason, _ in miss.differences:
        shown = {"path": path, "expected": expected, "reason": reason}
        differences.append(shown if actual is MISSING else {**shown, "actual": actual})
    scenario = miss.scenario
    return {
        "name": scenario.name,
        "source": scenario.source,
        "row": scenario.row,
        "differences": differences,
    }
