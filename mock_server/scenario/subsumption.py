"""Whether one condition makes another superfluous: what the lint needs to see that a scenario can never have
its turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from mock_server.scenario.matchers import MISSING, Matcher
from mock_server.scenario.model import Condition, Scenario


def values(matcher: Matcher) -> Sequence[Any] | None:
    """All values that the matcher accepts, where it names them; None where they are without number."""
    if matcher.kind == "equals":
        return (matcher.argument,)
    if matcher.kind == "in":
        return tuple(matcher.argument)
    if matcher.kind == "any":
        each = [values(inner) for inner in matcher.argument]
        return (
            None
            if any(found is None for found in each)
            else tuple(value for found in each for value in found or ())
        )
    return None


def implies(narrow: Matcher, wide: Matcher) -> bool:
    """Whether every fact that ``narrow`` accepts is accepted by ``wide``. False also where that cannot be
    told."""
    if narrow.kind == wide.kind and narrow.argument == wide.argument:
        return True
    if wide.timed:
        return wide.kind in _AHEAD and wide.kind == narrow.kind and _within(narrow, wide)
    named = values(narrow)
    if named is not None:
        return all(wide.holds(value) for value in named)
    if narrow.kind == "any":
        return all(implies(inner, wide) for inner in narrow.argument)
    if wide.kind == "all":
        return all(implies(narrow, inner) for inner in wide.argument)
    if wide.kind == "any" and any(implies(narrow, inner) for inner in wide.argument):
        return True
    if narrow.kind == "all":
        return any(implies(inner, wide) for inner in narrow.argument)
    return _kinds(narrow, wide)


_AHEAD = {"before": -1, "after": 1}


def _within(narrow: Matcher, wide: Matcher) -> bool:
    """Of two dates, or two offsets in the same unit: whether the narrow bound lies further out."""
    near, far = wide.argument, narrow.argument
    by_day = [not bound.seconds and not isinstance(bound.point, datetime) for bound in (near, far)]
    if near.moves != far.moves or by_day[0] != by_day[1]:
        return False
    if near.moves:
        units = [(getattr(far, unit), getattr(near, unit)) for unit in ("months", "days", "seconds")]
        return all((more - less) * _AHEAD[wide.kind] >= 0 for more, less in units)
    compared = near.compared(far.written, 0.0)
    return compared is not None and compared * _AHEAD[wide.kind] >= 0


def _kinds(narrow: Matcher, wide: Matcher) -> bool:
    """For two single matchers of which neither names its values."""
    if wide.kind == "exists":
        return wide.argument is True and not narrow.holds(MISSING)
    if narrow.kind == wide.kind == "not":
        return implies(wide.argument, narrow.argument)
    if narrow.kind in ("prefix", "suffix") and wide.kind in (narrow.kind, "contains"):
        return wide.holds(narrow.argument)
    if narrow.kind in _BELOW and wide.kind in _BELOW:
        return _same_kind(narrow.argument, wide.argument) and _bounds(narrow, wide)
    return False


_BELOW = {"lt": True, "lte": True, "gt": False, "gte": False}


def _same_kind(left: Any, right: Any) -> bool:
    return isinstance(left, str) == isinstance(right, str)


def _bounds(narrow: Matcher, wide: Matcher) -> bool:
    if _BELOW[narrow.kind] != _BELOW[wide.kind]:
        return False
    if narrow.argument == wide.argument:
        return len(narrow.kind) <= len(wide.kind)
    return bool((narrow.argument < wide.argument) == _BELOW[narrow.kind])


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
    named = values(condition.matcher)
    if named is None or any(isinstance(value, (list, dict)) for value in named):
        return []
    return [(condition.path, value) for value in dict.fromkeys(named)]
