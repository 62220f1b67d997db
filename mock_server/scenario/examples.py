"""Examples for remedies in the vendor's own words: better than those of the document, which knows no vendor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.scenario.vocabulary import Vocabulary


def examples(value: Any, vocabularies: Mapping[str, Vocabulary]) -> dict[tuple[str, str], Any]:
    """(class of `document`, key) → an example, for the vendor that the document ``value`` names."""
    provider = value.get("provider") if isinstance(value, dict) else None
    vocabulary = vocabularies.get(provider) if isinstance(provider, str) else None
    if vocabulary is None:
        return {("File", "provider"): next(iter(vocabularies), None)}
    operation = next(iter(vocabulary.operations.values()))
    outcome = next(iter(operation.outcomes), "")
    error = vocabulary.temporary_error or next(iter(vocabulary.errors), "")
    failing: dict[str, Any] = {"error": int(error) if error.isdecimal() else error}
    event = next((name for name, event in vocabulary.events.items() if event.callback), "")
    answers: list[dict[str, Any]] = [{"respond": failing}, {"respond": {"outcome": outcome}}]
    steps: list[dict[str, Any]] = [{"times": 2, **answers[0]}, answers[1]]
    merged: dict[str, Any] = (
        {"reference": "abc"} if "reference" in operation.answer else {min(operation.answer, default="x"): {}}
    )
    whole = {
        "match": {"operation": operation.name, "body.reference": {"prefix": "flaky-"}},
        "respond": {"outcome": outcome},
        "sequence": answers,
        "callbacks": [{"event": event, "after": "2s"}],
    }
    known: dict[tuple[str, str], Iterable[Any]] = {
        **{(owner, key): [value] for owner in ("Scenario", "Defaults") for key, value in whole.items()},
        ("Sequence", "steps"): [steps],
        ("Step", "respond"): [failing],
        ("Respond", "merge"): [merged],
        ("Respond", "outcome"): next(
            (operation.outcomes for operation in vocabulary.operations.values()), ()
        ),
        ("Respond", "error"): (int(code) if code.isdecimal() else code for code in vocabulary.errors),
        ("Respond", "decline"): [[code] for code in vocabulary.declines],
        ("Callback", "event"): (name for name, event in vocabulary.events.items() if event.callback),
        ("Callback", "requestType"): vocabulary.request_types,
    }
    return {key: first for key, names in known.items() if (first := next(iter(names), None)) is not None}
