"""A request as something to paste: a scenario file, or its explanation as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.core.records import Entry
from mock_server.scenario.vocabulary import Vocabulary

EXPLANATION = "explanation"
_SHOWN = 3
"""Conditions that a scenario from a request has, at most."""
_LONG = 60


def written(entry: Entry, vocabulary: Vocabulary, body: Any) -> str:
    """A scenario file as YAML, with the outcomes that it may have in a comment."""
    import yaml

    outcomes = (
        vocabulary.operations[entry.operation].outcomes if entry.operation in vocabulary.operations else {}
    )
    scenario = {
        "name": _name(entry),
        "match": {"operation": entry.operation, **dict(_conditions(body))},
        "respond": _respond(entry, outcomes),
    }
    document = {"version": 1, "provider": entry.provider, "scenarios": [scenario]}
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return f"{text}# Outcomes of {entry.operation}: {', '.join(outcomes)}\n" if outcomes else text


def _name(entry: Entry) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", entry.reference.lower()).strip("-")[:40]
    return f"{entry.operation}-{stem or entry.id.rpartition('-')[2]}"


def _respond(entry: Entry, outcomes: Mapping[str, str]) -> dict[str, Any]:
    if entry.outcome in outcomes:
        return {"outcome": entry.outcome}
    if entry.error and not entry.refused:
        return {"error": int(entry.error) if entry.error.isdecimal() else entry.error}
    return {"outcome": next(iter(outcomes))} if outcomes else {"status": entry.status}


def _conditions(body: Any) -> Iterator[tuple[str, Any]]:
    """What tells the person of the request apart from others: its first short texts, the reference without any.

    A reference is mostly another one in the next request."""
    leaves = [(path, value) for path, value in _leaves(body, "body") if value and len(value) <= _LONG]
    own = [(path, value) for path, value in leaves if path.count(".") > 1]
    yield from own[:_SHOWN] or leaves[:1]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if re.fullmatch(r"[\w-]+", str(name)):
                yield from _leaves(inner, f"{path}.{name}")
    elif isinstance(value, str) and "://" not in value and "***" not in value:
        yield path, value


def explanation_text(explanation: Mapping[str, Any], heading: str) -> str:
    """An explanation in the words of a ticket."""
    lines = [heading, f"Request {explanation['id']} of the account {explanation['account']}", ""]
    if explanation["reason"]:
        lines += [explanation["reason"], ""]
    for mistake in (*explanation["mistakes"], *explanation.get("warnings", ())):
        lines += [
            f"Cause: {mistake['explanation']} [{mistake['id']}]",
            f"Fix: {mistake.get('fix') or 'see the explanation'}",
            "",
        ]
    for name, title in (
        ("canonical", "What has to be signed"),
        ("expected", "Expected"),
        ("received", "Received"),
    ):
        if explanation.get(name):
            lines.append(f"{title}: {explanation[name]}")
    answered = explanation["answered"]
    who = (
        f"the scenario {answered['scenario']} ({answered['source']})"
        if answered["scenario"]
        else explanation["answers"]
    )
    lines.append(f"Answered by: {who}, status {answered['status']}")
    for miss in explanation["near_misses"]:
        reasons = "; ".join(f"{one['path']}: {one['reason']}" for one in miss["differences"])
        lines.append(f"Did not match: {miss['name']} ({miss['source']}): {reasons}")
    return "\n".join(lines) + "\n"
