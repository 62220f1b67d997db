"""Recorded exchanges as scenarios: what is personal or secret becomes a template, everything else stays as it
came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.scenario.personal import (
    LONG,
    Known,
    PersonalKind,
    PersonalRedactor,
    PersonalValue,
    expression_of,
    kind_of,
    personal,
)
from mock_server.scenario.templates import literal


class RecordedExchange(NamedTuple):
    """One exchange, parsed."""

    operation: str
    params: Mapping[str, str]
    body: Any
    """The request's JSON, as a scenario's ``body.*`` sees it."""
    status: int
    answer: Any
    """JSON, or a text."""
    content_type: str = ""
    """Of an answer that is not JSON."""
    also: Sequence[Any] = ()
    """What else of the request may be somebody's: its headers, its query, the fields of its form."""


class Recording:
    """Scenarios of what has been recorded so far. Exchanges of one operation and reference become the steps
    of one sequence."""

    def __init__(self, provider: str, secrets: Mapping[str, str]) -> None:
        """``secrets``: real value → what stands for it in the files."""
        self._provider = provider
        self._secrets = {real: stand_in for real, stand_in in secrets.items() if real}
        self._cases: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._matches: dict[tuple[str, str], dict[str, Any]] = {}
        self._numbers: dict[str, int] = {}

    def add(self, recorded: RecordedExchange) -> str:
        """Note the exchange; the name of its scenario."""
        path, reference = _reference(recorded)
        number = self._numbers.setdefault(reference, len(self._numbers) + 1) if reference else 0
        key = recorded.operation, reference
        match: dict[str, Any] = {"operation": recorded.operation}
        if path:
            match[path] = {"prefix": f"recorded-{number}-"}
        self._matches[key] = match
        self._cases.setdefault(key, []).append({"respond": self._respond(recorded)})
        return self._name(key)

    def document(self) -> dict[str, Any]:
        """The scenario file as a mapping."""
        scenarios = []
        for key, steps in self._cases.items():
            scenario: dict[str, Any] = {"name": self._name(key), "match": self._matches[key]}
            if len(steps) == 1:
                scenario |= steps[0]
            else:
                scenario["sequence"] = steps
            scenarios.append(scenario)
        return {"version": 1, "provider": self._provider, "scenarios": scenarios}

    def _name(self, key: tuple[str, str]) -> str:
        operation, reference = key
        return f"recorded-{operation}-{self._numbers[reference]}" if reference else f"recorded-{operation}"

    def _respond(self, recorded: RecordedExchange) -> dict[str, Any]:
        redactor = RecordingRedactor(recorded, self._secrets)
        respond: dict[str, Any] = {} if recorded.status == 200 else {"status": recorded.status}
        if recorded.content_type:
            respond["headers"] = {"Content-Type": redactor.name(recorded.content_type)}
        return {**respond, "body": redactor.value(recorded.answer)}


class RecordingRedactor:
    """Replaces what must not appear in a file."""

    def __init__(self, recorded: RecordedExchange, secrets: Mapping[str, str]) -> None:
        known = [Known(text, label.strip("()")) for text, label in secrets.items()]
        self._redactor = PersonalRedactor([*personal_of(recorded), *known])

    def value(self, value: Any, key: str = "", parent: str = "") -> Any:
        """The value with templates in it. ``key``: what it is the value of; ``parent``: where that is a member."""
        if isinstance(value, Mapping):
            return self._members(value, key)
        if isinstance(value, list):
            return [self.value(inner, key, parent) for inner in value]
        kind = kind_of(key, parent)
        if isinstance(value, str):
            return self._text(value, kind)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value
        if kind is not None:
            return f"{{{{ {expression_of(kind, value)} }}}}"
        pieces = self._redactor.pieces(str(value))
        return self._template(pieces) if pieces != [str(value)] else value

    def name(self, text: str) -> str:
        """The name of a member, or a media type: where no template can stand."""
        return self._redactor.text(text)

    def _members(self, value: Mapping[str, Any], key: str) -> dict[str, Any]:
        is_source = isinstance(
            value.get("success"), bool
        )  # a data source that was asked: not a person's name
        members: dict[str, Any] = {}
        for name, inner in value.items():
            shown, number = self.name(name), 1
            while shown in members:
                number += 1
                shown = f"{self.name(name)} {number}"
            members[shown] = self.value(inner, "" if is_source and name == "name" else name, key)
        return members

    def _text(self, text: str, kind: PersonalKind | None) -> str:
        if not text:
            return text
        if len(text) > LONG and not re.search(r"\s", text.strip()):
            return f"(left out: {len(text)} characters)"
        pieces = self._redactor.pieces(text)
        if kind is not None and all(isinstance(piece, str) for piece in pieces):
            return f"{{{{ {expression_of(kind, text)} }}}}"
        if kind is not None:  # what stands between the known parts of a personal value is personal
            pieces = [piece for piece in pieces if not isinstance(piece, str) or not re.search(r"\w", piece)]
        return self._template(pieces)

    @staticmethod
    def _template(pieces: Iterable[str | PersonalValue]) -> str:
        """Each finding as its template."""
        return "".join(
            literal(piece)
            if isinstance(piece, str)
            else f"{{{{ {piece.expression} }}}}"
            if piece.expression
            else f"({piece.label})"
            for piece in pieces
        )


def personal_of(recorded: RecordedExchange) -> Iterator[Known]:
    """Each value of a request that is personal or the caller's own."""
    params = {name: value for name, value in recorded.params.items() if name != "data"}
    for document in recorded.also:
        yield from personal(document)
    yield from personal(params, "request.params")
    yield from personal(recorded.body, "request.body")


def _reference(recorded: RecordedExchange) -> tuple[str, str]:
    """Path and value of the caller's reference; empty without one."""
    for where, fields in (("body", recorded.body), ("params", recorded.params)):
        value = fields.get("reference") if isinstance(fields, Mapping) else None
        if isinstance(value, str) and value:
            return f"{where}.reference", value
    return "", ""
