"""The rules of the lint, applied to files that have been read: what is well formed and yet does not do what it
seems to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mock_server.scenario.expansion import MAX_SPOILT_ROWS
from mock_server.scenario.loader import Loaded, Located
from mock_server.scenario.model import Scenario
from mock_server.scenario.problems import WARNING, Problem
from mock_server.scenario.rules import (
    callbacks,
    contradictions,
    date_ranges,
    declines,
    doubts,
    durations,
    headers,
    magic,
    merges,
    never,
    odd_values,
    order,
    paths,
    states,
    steps,
    texts,
    types,
)
from mock_server.scenario.rules.finding import LintFinding
from mock_server.scenario.source import Source
from mock_server.scenario.vocabulary import Vocabulary

RULES: tuple[Callable[[Scenario, Vocabulary], Iterator[LintFinding]], ...] = (
    paths.impossible_paths,
    paths.impossible_names,
    paths.impossible_counts,
    magic.magic_values,
    never.impossible_conditions,
    doubts.doubtful_matchers,
    date_ranges.empty_date_ranges,
    declines.unfit_declines,
    callbacks.unusable_addresses,
    callbacks.pointless_deliveries,
    callbacks.unusual_request_types,
    callbacks.after_the_last_event,
    steps.unreachable_steps,
    contradictions.declines_of_no_decline,
    contradictions.callbacks_of_other_outcomes,
    contradictions.reviews_without_a_decision,
    headers.framing_headers,
)


WRITTEN_RULES: tuple[Callable[[Mapping[str, Any], Scenario, Vocabulary], Iterator[LintFinding]], ...] = (
    types.mistyped_values,
    texts.misleading_texts,
    texts.foreign_templates,
    durations.long_durations,
    merges.stray_merges,
)
"""They look at the scenario as it is written, too."""


def warnings(loaded: Loaded, vocabularies: Mapping[str, Vocabulary]) -> list[Problem]:
    """Everything that the files can be used with, but should not."""
    problems = [problem for source in loaded.sources.values() for problem in _empty(source)]
    findings = [(place, finding) for place in loaded.places for finding in _findings(place, vocabularies)]
    findings += order.shadowed_scenarios(loaded)
    findings += states.states_that_nobody_sets(loaded)
    return problems + [_placed(place, finding) for place, finding in _first_rows(findings)]


def _findings(place: Located, vocabularies: Mapping[str, Vocabulary]) -> Iterator[LintFinding]:
    scenario, vocabulary, written = place.scenario, vocabularies[place.scenario.provider], _written(place)
    for rule in RULES:
        yield from rule(scenario, vocabulary)
    for written_rule in WRITTEN_RULES:
        yield from written_rule(written, scenario, vocabulary)
    yield from odd_values.odd_values(place.source, place.path)


def _first_rows(findings: Iterable[tuple[Located, LintFinding]]) -> Iterator[tuple[Located, LintFinding]]:
    """Of what a table repeats in its rows the first are enough."""
    seen: Counter[tuple[str, int, str]] = Counter()
    for place, finding in findings:
        table = (place.source.file, place.source.group(int(place.path[1])), finding.rule)
        seen[table] += bool(place.scenario.row)
        if seen[table] <= MAX_SPOILT_ROWS:
            yield place, finding


def _written(place: Located) -> Mapping[str, Any]:
    """The scenario as the file has it; empty where it is not a mapping."""
    value: Any = place.source.value
    for part in place.path:
        value = value[part]
    return value if isinstance(value, Mapping) else {}


def _placed(place: Located, finding: LintFinding) -> Problem:
    path = (*place.path, *finding.path)
    return place.source.problem(
        path,
        finding.rule,
        finding.message,
        finding.remedy,
        key=finding.key,
        severity=WARNING,
        fix=finding.fix,
    )


def _empty(source: Source) -> Iterable[Problem]:
    if source.value is None and not source.broken:
        message, remedy = "the file holds no scenarios", "add some, or remove the file"
        yield Problem(source.file, 0, 0, message, remedy, WARNING, "empty-file")
