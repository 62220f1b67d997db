"""Conditions that take over a magic value of the vendor."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from mock_server.scenario.model import Condition, Scenario
from mock_server.scenario.rules.finding import Finding
from mock_server.scenario.vocabulary import MagicValue, Vocabulary


def magic_values(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    answers = {
        f"outcome {step.respond.outcome}" if step.respond.outcome else f"error {step.respond.error}"
        for step in scenario.steps
        if step.respond
    }
    for condition, magic in product(scenario.match, vocabulary.magic):
        if (
            ".".join(condition.path) == magic.path
            and _answers(scenario, magic)
            and _claims(condition, magic)
            and answers != {magic.gives.partition(",")[0]}
        ):
            message = f"this takes over `{magic.value}`, which by itself gives {magic.gives}"
            yield Finding(
                ("match", condition.written),
                "magic-value",
                message,
                "match another value, unless that is meant",
            )


def _answers(scenario: Scenario, magic: MagicValue) -> bool:
    return scenario.operations is None or magic.operation == "*" or magic.operation in scenario.operations


def _claims(condition: Condition, magic: MagicValue) -> bool:
    wanted, named = magic.value.casefold(), condition.matcher.values
    if named is None:
        beginnings = [text.casefold() for text in condition.matcher.beginnings]
        return any(
            text.startswith(wanted) if magic.prefix else wanted.startswith(text) for text in beginnings
        )
    texts = [value.casefold() for value in named if isinstance(value, str)]
    return any(text.startswith(wanted) if magic.prefix else text == wanted for text in texts)
