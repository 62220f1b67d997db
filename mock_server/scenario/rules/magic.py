"""Conditions that take over a magic value of the vendor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mock_server.scenario.model import Condition, Scenario
from mock_server.scenario.rules.finding import LintFinding
from mock_server.scenario.vocabulary import MagicValue, Vocabulary


def magic_values(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    answers = {
        f"outcome {step.respond.outcome}" if step.respond.outcome else f"error {step.respond.error}"
        for step in scenario.steps
        if step.respond
    }
    for condition in scenario.match:
        path, claimed = ".".join(condition.path), _claimed(condition)
        for magic in vocabulary.magic:
            if (
                path == magic.path
                and _answers(scenario, magic)
                and claimed.has(magic)
                and answers != {magic.gives.partition(",")[0]}
            ):
                message = f"this takes over `{magic.value}`, which by itself gives {magic.gives}"
                remedy = "match another value, unless that is meant"
                yield LintFinding(("match", condition.written), "magic-value", message, remedy)


def _answers(scenario: Scenario, magic: MagicValue) -> bool:
    return scenario.operations is None or magic.operation == "*" or magic.operation in scenario.operations


class _Claimed(NamedTuple):
    """What a condition takes, in lower case: texts, or what a text begins with."""

    texts: tuple[str, ...]
    beginnings: tuple[str, ...]

    def has(self, magic: MagicValue) -> bool:
        folded = magic.value.casefold()
        if magic.prefix:
            return any(text.startswith(folded) for text in (*self.texts, *self.beginnings))
        return folded in self.texts or any(map(folded.startswith, self.beginnings))


def _claimed(condition: Condition) -> _Claimed:
    named = condition.matcher.values
    if named is None:
        return _Claimed((), tuple(text.casefold() for text in condition.matcher.beginnings))
    return _Claimed(tuple(value.casefold() for value in named if isinstance(value, str)), ())
