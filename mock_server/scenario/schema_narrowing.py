"""What an answer can say, by the operation that a scenario names: an editor offers the outcomes of that operation
and no others, and under ``merge`` the keys that its answers have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.scenario.vocabulary import Operation, Vocabulary

Schema = dict[str, Any]

_MERGE = "Merged into the generated answer: mappings are merged, lists element by element, everything else is replaced."
_OUTCOME = "A realistic generated answer of this kind; `merge` changes details of it."


def answers_of(vocabulary: Vocabulary, or_template: Schema) -> dict[str, Schema]:
    """Definitions of ``respond``: for each operation with outcomes, and for a match that names no operation.

    ``or_template``: the schema of a template in place of an outcome."""
    every: dict[str, str] = {}
    definitions = {}
    for first, *_ in _alike(vocabulary):
        every = {**first.outcomes, **every}
        definitions[_name(vocabulary, first.name)] = _answer(
            first.outcomes, sorted(first.answer), or_template
        )
    return {_name(vocabulary): _answer(every, (), or_template), **definitions}


def rules_of(vocabulary: Vocabulary) -> list[Schema]:
    """What holds of a scenario, and of defaults: the answers of its operation, else those of all."""
    groups = [[one.name for one in group] for group in _alike(vocabulary)]
    return [
        *({"if": _asks_for(names), "then": _answers_with(_name(vocabulary, names[0]))} for names in groups),
        {
            "if": {"not": _asks_for([name for names in groups for name in names])},
            "then": _answers_with(_name(vocabulary)),
        },
    ]


def _alike(vocabulary: Vocabulary) -> list[list[Operation]]:
    """The operations that have outcomes, those with the same answers together."""
    groups: dict[tuple[object, ...], list[Operation]] = {}
    for one in vocabulary.operations.values():
        if one.outcomes:
            groups.setdefault((*one.outcomes.items(), one.answer), []).append(one)
    return list(groups.values())


def _name(vocabulary: Vocabulary, operation: str = "") -> str:
    return f"{vocabulary.provider}.Answer{'.' if operation else ''}{operation}"


def _answer(outcomes: Mapping[str, str], keys: Iterable[str], or_template: Schema) -> Schema:
    choices = {"enum": list(outcomes), "markdownEnumDescriptions": list(outcomes.values())}
    fields: Schema = {
        "outcome": {
            "description": _OUTCOME,
            "examples": list(outcomes)[:1],
            "anyOf": [choices, or_template],
        }
    }
    known = {key: {"description": f"`{key}` of the answer.", "examples": ["…"]} for key in keys}
    if known:
        example: Schema = {next(iter(known)): {}}
        fields["merge"] = {"description": _MERGE, "examples": [example], "properties": known}
    return {"title": "Answer", "properties": fields}


def _asks_for(operations: list[str]) -> Schema:
    match = {"type": "object", "properties": {"operation": {"enum": operations}}, "required": ["operation"]}
    return {"properties": {"match": match}, "required": ["match"]}


def _answers_with(name: str) -> Schema:
    step = {"properties": {"respond": {"$ref": f"#/definitions/{name}"}}}
    sequence = {"items": step, "properties": {"steps": {"items": step}}}
    return {"properties": {**step["properties"], "sequence": sequence}}
