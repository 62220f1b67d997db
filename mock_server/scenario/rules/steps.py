"""Steps of a sequence that no call reaches."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.scenario.model import Scenario
from mock_server.scenario.rules.finding import LintFinding, operations_of
from mock_server.scenario.vocabulary import Vocabulary

_REFERENCE = (("reference",), ("body", "reference"), ("params", "reference"))
"""What `by` may say for the reference of the request."""


def unreachable_steps(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    """A reference that the vendor accepts once never comes to the step after its first outcome."""
    operations = operations_of(scenario, vocabulary)
    counts_reference = not scenario.counted.by or any(path in _REFERENCE for path in scenario.counted.by)
    if not scenario.is_sequence or not counts_reference or not operations:
        return
    if not all(operation.reference_once for operation in operations):
        return
    for index, step in enumerate(scenario.steps[:-1]):
        if step.respond is None or not step.respond.stands_alone:
            message = (
                f"step {index + 2} is never reached: {vocabulary.provider} accepts a reference once, "
                "and the sequence counts by the reference"
            )
            remedy = "count by something that the next try repeats: `sequence: {by: body.email, steps: […]}`"
            yield LintFinding((*scenario.steps_path, index + 1), "unreachable-step", message, remedy)
            return
