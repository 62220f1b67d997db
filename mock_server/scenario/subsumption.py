"""Whether one condition makes another superfluous: what the lint needs to see that a scenario can never have
its turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mock_server.scenario.matchers import MATCHERS, Matcher
from mock_server.scenario.model import Condition, Scenario


def implies(narrow: Matcher, wide: Matcher) -> bool:
    """Whether every fact that ``narrow`` accepts is accepted by ``wide``. False also where that cannot be
    told."""
    if narrow.kind == wide.kind and narrow.argument == wide.argument:
        return True
    if wide.timed:
        return not wide.inner and _covers(wide, narrow)
    named = narrow.values
    if named is not None:
        return all(wide.holds(value) for value in named)
    if narrow.kind == "any":
        return all(implies(inner, wide) for inner in narrow.inner)
    if wide.kind == "all":
        return all(implies(narrow, inner) for inner in wide.inner)
    if wide.kind == "any" and any(implies(narrow, inner) for inner in wide.inner):
        return True
    if narrow.kind == "all":
        return any(implies(inner, wide) for inner in narrow.inner)
    if narrow.kind == wide.kind == "not":
        return implies(wide.inner[0], narrow.inner[0])
    return _covers(wide, narrow)


def _covers(wide: Matcher, narrow: Matcher) -> bool:
    return MATCHERS[wide.kind].covers(wide.argument, narrow)


def shadows(first: Scenario, second: Scenario) -> bool:
    """Whether ``first`` accepts every request that ``second`` accepts."""
    if first.may_decline:
        return False
    if first.operations is not None and (
        second.operations is None or not second.operations <= first.operations
    ):
        return False
    return all(
        any(
            condition.path == other.path and implies(other.matcher, condition.matcher)
            for other in second.match
        )
        for condition in first.match
    )


def shadowed(ordered: Sequence[Scenario]) -> Iterable[tuple[Scenario, Scenario]]:
    """Pairs (scenario, the earlier one that leaves it nothing), for scenarios in the order in which they are
    asked."""
    by_value: dict[tuple[tuple[str, ...], Any], list[Scenario]] = {}
    others: list[Scenario] = []
    for scenario in ordered:
        keys = [key for condition in scenario.match for key in _keys(condition)[:1]]
        earlier = [*others, *(first for key in keys for first in by_value.get(key, ()))]
        culprit = next((first for first in earlier if shadows(first, scenario)), None)
        if culprit is not None:
            yield scenario, culprit
        own = next((found for condition in scenario.match if (found := _keys(condition))), None)
        if own is None:
            others.append(scenario)
        for key in own or ():
            by_value.setdefault(key, []).append(scenario)


def _keys(condition: Condition) -> list[tuple[tuple[str, ...], Any]]:
    """The condition's values as keys of a table; none where it names none, or not only scalars."""
    named = condition.matcher.values
    if named is None or any(isinstance(value, (list, dict)) for value in named):
        return []
    return [(condition.path, value) for value in dict.fromkeys(named)]
