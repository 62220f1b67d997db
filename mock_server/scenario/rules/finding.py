"""What a rule of the lint reports, and the parts of a scenario that most rules look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mock_server.scenario.model import CallbackSpec, Respond, Scenario
from mock_server.scenario.vocabulary import Operation, Vocabulary

Path = tuple["str | int", ...]


class LintFinding(NamedTuple):
    """A warning, placed by its path below the scenario."""

    path: Path
    rule: str
    message: str
    remedy: str = ""
    key: bool = False
    fix: str | None = None
    """What to write in its place, in one line of YAML."""


def operations_of(scenario: Scenario, vocabulary: Vocabulary) -> list[Operation]:
    """The operations that the scenario answers."""
    known = vocabulary.operations.values()
    return [
        operation
        for operation in known
        if scenario.operations is None or operation.name in scenario.operations
    ]


def responds_of(scenario: Scenario) -> Iterator[tuple[Path, Respond]]:
    """Each answer with its path below the scenario."""
    for index, step in enumerate(scenario.steps):
        if step.respond is not None:
            yield (
                (*scenario.steps_path, index, "respond") if scenario.is_sequence else ("respond",),
                step.respond,
            )


def callbacks_of(scenario: Scenario) -> Iterator[tuple[Path, CallbackSpec, tuple[CallbackSpec, ...]]]:
    """Each callback once, with its place and its siblings."""
    shared = False
    for index, step in enumerate(scenario.steps):
        path: Path = (
            (*scenario.steps_path, index, "callbacks")
            if scenario.is_sequence and not step.shares_callbacks
            else ("callbacks",)
        )
        if path == ("callbacks",) and shared:
            continue
        shared = shared or path == ("callbacks",)
        for position, callback in enumerate(step.callbacks or ()):
            yield (*path, position), callback, step.callbacks or ()
