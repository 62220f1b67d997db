"""Picks the scenario that answers a request, and says why the others did not.

Choosing asks an index (`index.Index`), so that scenarios which cannot match cost nothing. Explaining compares
one by one."""

from __future__ import annotations

from collections.abc import Callable, Container
from itertools import islice, takewhile
from typing import NamedTuple, Protocol

from mock_server.scenario.facts import MISSING, shown
from mock_server.scenario.matchers import MATCHERS, Mismatch
from mock_server.scenario.model import Scenario


class Facts(Protocol):
    """What a request has to say for itself."""

    def get(self, path: tuple[str, ...]) -> object:
        """The JSON value at ``("body", "details", "name")``, ``("header", "user-agent")`` and such; `MISSING`
        without one."""
        ...

    @property
    def now(self) -> float:
        """The account's time, in seconds since the epoch."""
        ...


class Selectable(Protocol):
    """What a scenario set is to selection."""

    def scenarios(self, provider: str) -> tuple[Scenario, ...]:
        """In the order in which they are asked."""
        ...

    def disabled(self, provider: str) -> tuple[Scenario, ...]:
        """Those that are not asked."""
        ...

    def index(self, provider: str, operation: str) -> Chooser:
        """What finds the scenario for a request of that operation, apart from those that answer before the
        checks."""
        ...

    def early_index(self, provider: str, operation: str) -> Chooser | None:
        """The same of those that answer before the checks; None: the account has none. The operation may be unknown
        (empty)."""
        ...

    def named(self, provider: str, name: str) -> Scenario | None:
        """The provider's scenario of that name."""
        ...


class Chooser(Protocol):
    """The scenarios of one operation, ready to be searched."""

    def find(self, facts: Facts, skip: Container[str] = ()) -> Scenario | None:
        """The first, in the order in which they are asked, whose conditions all hold; none of those whose names are
        in ``skip``."""
        ...


def precedence(scenario: Scenario) -> tuple[bool, int, bool]:
    """Sorts scenarios into the order in which they are asked, where their order so far decides between
    equals."""
    return not scenario.before_checks, -scenario.priority, scenario.is_default


Declines = Callable[[Scenario], bool]
"""Whether a scenario that matches leaves the request to the next one: a sequence that has stopped, a chance that was
not drawn."""


def select(
    scenarios: Selectable,
    provider: str,
    operation: str,
    facts: Facts,
    pinned: str = "",
    declines: Declines | None = None,
) -> Scenario | None:
    """The scenario that answers; None: the built-in behaviour.

    A pinned scenario answers every request of its provider and operations, whatever its other conditions."""
    scenario = _pinned(scenarios, provider, operation, pinned)
    if scenario is not None and not scenario.before_checks:
        return scenario
    return _first(scenarios.index(provider, operation), facts, declines)


def _first(index: Chooser, facts: Facts, declines: Declines | None) -> Scenario | None:
    """The first that matches and does not decline."""
    skipped: set[str] = set()
    scenario = index.find(facts)
    while scenario is not None and scenario.may_decline and declines is not None and declines(scenario):
        skipped.add(scenario.name)
        scenario = index.find(facts, skipped)
    return scenario


def select_early(
    scenarios: Selectable,
    provider: str,
    operation: str,
    facts: Facts,
    pinned: str = "",
    declines: Declines | None = None,
) -> Scenario | None:
    """The scenario that answers before anything is checked; None: the checks begin. Where another one is
    pinned, none does."""
    scenario = _pinned(scenarios, provider, operation, pinned)
    if scenario is not None:
        return scenario if scenario.before_checks else None
    index = scenarios.early_index(provider, operation)
    return None if index is None else _first(index, facts, declines)


def _pinned(scenarios: Selectable, provider: str, operation: str, pinned: str) -> Scenario | None:
    """The scenario of that name where it answers the operation."""
    scenario = scenarios.named(provider, pinned) if pinned else None
    return (
        scenario
        if scenario is not None and (scenario.operations is None or operation in scenario.operations)
        else None
    )


class NearMiss(NamedTuple):
    """A scenario that did not match, with all its differences."""

    scenario: Scenario
    differences: list[Mismatch]


def differences(scenario: Scenario, operation: str, facts: Facts) -> list[Mismatch]:
    """What keeps the scenario from matching; empty when it matches."""
    result = []
    if scenario.operations is not None and operation not in scenario.operations:
        expected = scenario.operation_written or f"one of {', '.join(sorted(scenario.operations))}"
        result.append(Mismatch("operation", expected, operation, f"is {shown(operation)}"))
    for path, matcher, written in scenario.match:
        difference = matcher.at(facts.now).difference(written, facts.get(path))
        if difference is not None:
            result.append(difference)
    return result


def near_misses(
    scenarios: Selectable, provider: str, operation: str, facts: Facts, limit: int | None = 3
) -> list[NearMiss]:
    """The scenarios that came closest without matching, all or so many: fewest differences first, a right operation
    before a wrong one. One that matches and yet may leave the request to the next one says so."""
    misses = [
        NearMiss(scenario, differences(scenario, operation, facts) or _declined(scenario))
        for scenario in scenarios.scenarios(provider)
    ]
    misses += [
        NearMiss(scenario, [*differences(scenario, operation, facts), _off(scenario)])
        for scenario in scenarios.disabled(provider)
    ]
    return sorted((miss for miss in misses if miss.differences), key=_distance)[:limit]


def related_misses(
    scenarios: Selectable, provider: str, operation: str, facts: Facts, limit: int = 3
) -> list[NearMiss]:
    """The nearest of those that have something in common with the request, besides its operation."""
    misses = near_misses(scenarios, provider, operation, facts, limit=None)
    return list(islice(filter(_is_related, misses), limit))


_ALIKE = 0.5
"""Two texts are alike from here on, see `_alike`."""


def _is_related(miss: NearMiss) -> bool:
    """Whether a condition holds that says something, or just fails to."""
    failed = {difference.path for difference in miss.differences}
    if "operation" in failed:
        return False
    weights = [
        0.0 if written in failed else MATCHERS[matcher.kind].weight
        for _, matcher, written in miss.scenario.match
    ]
    return (
        all(weights)
        or max(weights) >= 1.0
        or any(difference.is_near or _alike(difference) >= _ALIKE for difference in miss.differences)
    )


def _off(scenario: Scenario) -> Mismatch:
    """Why a scenario is not asked at all."""
    return Mismatch("enabled", "true", MISSING, scenario.off)


def _declined(scenario: Scenario) -> list[Mismatch]:
    """Why a scenario that matches does not answer."""
    if scenario.chance < 1.0:
        share = f"drawn for {scenario.chance:.4g} of the requests"
        return [Mismatch("chance", share, MISSING, "was not drawn for this one")]
    if scenario.counted.then == "stop":
        calls = f"at most {scenario.calls} calls"
        return [Mismatch("sequence", calls, MISSING, "has answered all its calls")]
    return []


def _distance(miss: NearMiss) -> tuple[bool, int, float, int, float]:
    """How far off: the operation, what differs, what holds, what is missing altogether, and how little alike
    the texts are."""
    differences_found = miss.differences
    failed = {difference.path for difference in differences_found}
    held = sum(
        MATCHERS[matcher.kind].weight for _, matcher, written in miss.scenario.match if written not in failed
    )
    missing = sum(difference.actual is MISSING for difference in differences_found)
    return (
        differences_found[0].path == "operation",
        len(differences_found),
        -held,
        missing,
        -sum(map(_alike, differences_found)),
    )


def _alike(difference: Mismatch) -> float:
    """1 for two texts of which one begins with the other, 0 for two that have nothing in common at their
    beginning."""
    expected = difference.expected[difference.expected.find('"') + 1 :].rstrip('"')
    if not expected or not isinstance(difference.actual, str):
        return 0.0
    common = takewhile(
        lambda pair: pair[0] == pair[1], zip(expected.casefold(), difference.actual.casefold())
    )
    return sum(1 for _ in common) / min(len(expected), len(difference.actual) or 1)
