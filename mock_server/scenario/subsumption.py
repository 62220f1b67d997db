"""Whether one condition makes another superfluous: what the lint needs to see that a scenario can never have
its turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from mock_server.scenario.facts import as_text
from mock_server.scenario.matchers import MATCHERS, Matcher, compile_matcher
from mock_server.scenario.model import Condition, Scenario


def implies(narrow: Matcher, wide: Matcher) -> bool:
    """Whether every fact that ``narrow`` accepts is accepted by ``wide``. False also where that is
    undecided."""
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


class Overlap(NamedTuple):
    """A scenario, or one value that it names, that is never answered by it."""

    scenario: Scenario
    firsts: tuple[Scenario, ...]
    """Those that answer before it."""
    path: str = ""
    """Where the value is named, as the file has it; empty: the scenario as a whole is never used."""
    value: Any = None


MANY = 200
"""Scenarios that share no value with another are compared with so many of their kind only, so that the lint of a
large file takes time in proportion to its size."""


def overlaps(ordered: Iterable[Scenario]) -> Iterator[Overlap]:
    """What earlier scenarios leave nothing to, for scenarios in the order in which they are asked."""
    asked = _Asked()
    for scenario in ordered:
        first = asked.first_that_shadows(scenario)
        if first is None:
            yield from _partly(asked, scenario)
        else:
            yield Overlap(scenario, (first,))
        asked.add(scenario)


def _partly(asked: _Asked, scenario: Scenario) -> Iterator[Overlap]:
    """The values of the scenario that are answered before it, one by one."""
    for path, variants in _variants(scenario):
        covering = [
            Overlap(scenario, (first,), path, value)
            for value, variant in variants
            if (first := asked.first_that_shadows(variant)) is not None
        ]
        if len(covering) == len(variants):
            yield Overlap(scenario, tuple({one.firsts[0].name: one.firsts[0] for one in covering}.values()))
            return
        yield from covering


def _variants(scenario: Scenario) -> Iterator[tuple[str, list[tuple[Any, Scenario]]]]:
    """The scenario once for each value that it names at a path, as if it named no other there."""
    if scenario.operation_written and len(scenario.operations or ()) > 1:
        names = sorted(scenario.operations or ())
        yield "operation", [(name, replace(scenario, operations=frozenset({name}))) for name in names]
    for index, condition in enumerate(scenario.match):
        keys = _keys(condition)
        if 1 < len(keys) <= MANY:
            alone = [condition._replace(matcher=compile_matcher(value, False)) for _, value in keys]
            before, after = scenario.match[:index], scenario.match[index + 1 :]
            variants = [replace(scenario, match=(*before, each, *after)) for each in alone]
            yield condition.written, [(key[1], variant) for key, variant in zip(keys, variants)]


class _Asked:
    """Scenarios that are asked earlier, each filed under one of its conditions."""

    def __init__(self) -> None:
        self._by_value: dict[tuple[tuple[str, ...], Any], list[Scenario]] = {}
        self._by_beginning: dict[tuple[tuple[str, ...], str], list[Scenario]] = {}
        self._by_path: dict[tuple[str, ...], list[Scenario]] = {}

    def add(self, scenario: Scenario) -> None:
        for condition in scenario.match:
            if keys := _keys(condition):
                for key in keys:
                    self._by_value.setdefault(key, []).append(scenario)
                return
        for condition in scenario.match:
            if beginnings := condition.matcher.beginnings:
                for beginning in beginnings:
                    self._by_beginning.setdefault((condition.path, beginning), []).append(scenario)
                return
        path = scenario.match[0].path if scenario.match else ()
        if len(self._by_path.setdefault(path, [])) < MANY:
            self._by_path[path].append(scenario)

    def first_that_shadows(self, scenario: Scenario) -> Scenario | None:
        """One that leaves the scenario nothing; of several the one that was filed first under its kind."""
        return next((first for first in self._candidates(scenario) if shadows(first, scenario)), None)

    def _candidates(self, scenario: Scenario) -> Iterator[Scenario]:
        yield from self._by_path.get((), ())
        for condition in scenario.match:
            yield from self._by_path.get(condition.path, ())
            for key in _keys(condition)[:1]:
                yield from self._by_value.get(key, ())[:MANY]
            for text in _texts(condition)[:1]:
                for length in range(1, min(len(text), MANY) + 1):
                    yield from self._by_beginning.get((condition.path, text[:length]), ())[:MANY]


def _texts(condition: Condition) -> Sequence[str]:
    """Texts that the fact is or begins with, one of them."""
    named = condition.matcher.values
    if named is None:
        return condition.matcher.beginnings
    return [text for value in named[:1] if (text := as_text(value)) is not None]


def _keys(condition: Condition) -> list[tuple[tuple[str, ...], Any]]:
    """The condition's values as keys of a table; none where it names none, or not only scalars."""
    named = condition.matcher.values
    if named is None or any(isinstance(value, (list, dict)) for value in named):
        return []
    return [(condition.path, value) for value in dict.fromkeys(named)]
