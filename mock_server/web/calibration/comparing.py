"""What of two answers is compared: names and values, flat, so that a difference is one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.providers.accounts import Account
from mock_server.providers.probes import Probe, ProbeAnswer, Probes
from mock_server.scenario.facts import MISSING

Facts = Mapping[str, Any]
ABSENT = "(absent)"
LONGEST = 300
"""Characters of a text that are compared and reported."""


class AnswerDifference(NamedTuple):
    """One fact of which the two answers say different things."""

    fact: str
    service: Any
    """`ABSENT` where it does not have it."""
    mock: Any


def facts_of(kit: Probes, probe: Probe, answer: ProbeAnswer, account: Account) -> dict[str, Any]:
    """Status, headers, the vendor's own facts, and each member of the JSON by its path."""
    facts: dict[str, Any] = {"status": answer.status}
    facts |= {
        f"header {name}": answer.headers[name] for name in kit.HEADERS if answer.headers.get(name, "") != ""
    }
    facts |= kit.facts(answer, account)
    document = answer.document
    if document is MISSING:
        facts["body"] = answer.media_type or "no JSON" if answer.body else "empty"
        return facts
    if probe.only_shape:
        return {**facts, **{f"body {path}": kinds for path, kinds in shape_of(document).items()}}
    return {**facts, **{f"body {path}": value for path, value in members(kit.tidy(document))}}


def members(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of each scalar; empty mappings and lists count as values."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from members(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from members(inner, f"{path}[{index}]")
    elif path or value not in ({}, []):
        yield path or "(all of it)", value


def differences(service: Facts, mock: Facts) -> list[AnswerDifference]:
    """In the order of the service's facts, then the mock's."""
    names = [*service, *(name for name in mock if name not in service)]
    pairs = ((name, service.get(name, ABSENT), mock.get(name, ABSENT)) for name in names)
    return [AnswerDifference(*each) for each in pairs if not _same(each[1], each[2])]


def _same(one: Any, other: Any) -> bool:
    """``1`` and ``True`` are not the same; of long texts the beginnings count."""
    if isinstance(one, str) and isinstance(other, str):
        return one[:LONGEST] == other[:LONGEST]
    return type(one) is type(other) and bool(one == other)


# -- shapes

_KINDS: Mapping[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "text",
    type(None): "null",
}


def shape_of(document: Any) -> dict[str, str]:
    """Path → the types of its values, such as ``null | text``; items of a list share the path ``[]``."""
    kinds: dict[str, set[str]] = {}
    _collect(document, "", kinds)
    return {path or "(all of it)": " | ".join(sorted(types)) for path, types in kinds.items()}


def _collect(value: Any, path: str, kinds: dict[str, set[str]]) -> None:
    if isinstance(value, Mapping):
        kinds.setdefault(path, set()).add("object")
        for name, inner in value.items():
            _collect(inner, f"{path}.{name}" if path else str(name), kinds)
    elif isinstance(value, list):
        kinds.setdefault(path, set()).add("list")
        for inner in value:
            _collect(inner, f"{path}[]", kinds)
    else:
        kinds.setdefault(path, set()).add(_KINDS[type(value)])
