"""Scenarios that never have their turn, because an earlier one answers all their requests."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.scenario.facts import shown
from mock_server.scenario.loader import Loaded, Located, ScenarioSet
from mock_server.scenario.model import Scenario
from mock_server.scenario.rules.finding import LintFinding
from mock_server.scenario.subsumption import Overlap, overlaps


def shadowed_scenarios(loaded: Loaded) -> Iterator[tuple[Located, LintFinding]]:
    """Each scenario, and each value in one, that is never used, with the one that is asked before it."""
    sound = [place for place in loaded.places if not place.is_spoilt]
    scenarios = ScenarioSet([place.scenario for place in sound])
    places = {id(place.scenario): place for place in sound}
    for provider in scenarios.providers:
        for overlap in overlaps(scenarios.scenarios(provider)):
            finding = _partly(overlap) if overlap.path else _never(overlap)
            yield places[id(overlap.scenario)], finding


def _never(overlap: Overlap) -> LintFinding:
    scenario, first = overlap.scenario, overlap.firsts[0]
    reason, remedy = _reason(scenario, first)
    if len(overlap.firsts) > 1:
        names = " and ".join(f"`{one.name}`" for one in overlap.firsts)
        message = f"the scenario `{scenario.name}` is never used: {names} together answer all its requests"
    else:
        message = (
            f"the scenario `{scenario.name}` is never used: "
            f"`{first.name}` at {first.source} {reason} answers all its requests"
        )
    return LintFinding(("name",), "shadowed", message, f"{remedy}, or match something more in the other")


def _partly(overlap: Overlap) -> LintFinding:
    scenario, first = overlap.scenario, overlap.firsts[0]
    reason, remedy = _reason(scenario, first)
    message = (
        f"the scenario `{scenario.name}` never answers {shown(overlap.value)}: "
        f"`{first.name}` at {first.source} {reason} answers it"
    )
    remedy = f"remove the value here, or {remedy}"
    return LintFinding(("match", overlap.path), "shadowed", message, remedy)


def _reason(scenario: Scenario, first: Scenario) -> tuple[str, str]:
    """Why the other scenario is asked first, and how to change that."""
    if first.before_checks and not scenario.before_checks:
        return "answers before the checks and", "remove `before: checks` there"
    if first.priority > scenario.priority:
        return "has a higher priority and", "give this one a higher priority"
    return "comes first and", "put this one before it"
