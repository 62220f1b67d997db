"""Parts of a scenario that contradict each other: an outcome, its decline codes, its callbacks and its review."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.scenario.model import CallbackSpec, Respond, Scenario
from mock_server.scenario.rules.finding import LintFinding, Path, responds_of
from mock_server.scenario.vocabulary import Vocabulary
from mock_server.scenario.yaml_text import one_line


def declines_of_no_decline(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    for path, respond in responds_of(scenario):
        if respond.decline and respond.outcome in vocabulary.undeclined:
            message = f"the outcome `{respond.outcome}` and `decline` contradict each other"
            remedy = f"write `{vocabulary.declining}`, or remove `decline`"
            yield LintFinding((*path, "outcome"), "contradiction", message, remedy, fix=vocabulary.declining)


def callbacks_of_other_outcomes(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    """The first callback of an answer, where the vendor sends it after other outcomes. One that is played in some way
    (``deliver``, ``merge``) is meant so."""
    for path, respond, callbacks in _answers(scenario):
        first = min(callbacks, key=lambda callback: callback.after)
        event = vocabulary.events.get(first.event)
        fitting = [one.name for one in vocabulary.events.values() if respond.outcome in one.outcomes]
        is_meant = first.deliver or first.merge is not None
        if event is None or not event.outcomes or first.event in fitting or not fitting or is_meant:
            continue
        at: Path = (*path, callbacks.index(first), "event")
        message = (
            f"{vocabulary.provider} sends `{first.event}` after another outcome than `{respond.outcome}`"
        )
        remedy = f"write `{fitting[0]}`; if it is meant, add `deliver: [ok]`"
        yield LintFinding(at, "contradiction", message, remedy, fix=one_line(fitting[0]))


def reviews_without_a_decision(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    for path, respond, callbacks in _answers(scenario):
        for index, callback in enumerate(callbacks):
            event = vocabulary.events.get(callback.event)
            own = (callback.merge, callback.reference, callback.request_type)
            is_meant = callback.deliver or any(value is not None for value in own)
            if event is not None and event.reviews and respond.review is None and not is_meant:
                message = (
                    f"`{callback.event}` reports a review, and without `review` the result stays as it is"
                )
                remedy = "add `review: {decision: …}` to `respond`; if it is meant, add `deliver: [ok]` here"
                yield LintFinding((*path, index, "event"), "contradiction", message, remedy)


def _answers(scenario: Scenario) -> Iterator[tuple[Path, Respond, tuple[CallbackSpec, ...]]]:
    """Each answer with an outcome and callbacks of its own: the callbacks' path, the answer, the callbacks."""
    for index, step in enumerate(scenario.steps):
        path: Path = (*scenario.steps_path, index, "callbacks") if scenario.is_sequence else ("callbacks",)
        is_own = not (scenario.is_sequence and step.shares_callbacks)
        if is_own and step.callbacks and step.respond is not None and step.respond.outcome is not None:
            yield path, step.respond, step.callbacks
