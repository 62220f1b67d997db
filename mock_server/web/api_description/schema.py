"""JSON Schema of what an operation takes, from its vocabulary and the vendor's notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from mock_server.providers.api_notes import ApiNotes
from mock_server.scenario.vocabulary import BOOLEAN, LIST, MAPPING, NUMBER, TEXT, FieldType, Operation

_TYPES = {TEXT: "string", NUMBER: "number", BOOLEAN: "boolean", LIST: "array", MAPPING: "object"}
ANY = FieldType(())


def of_body(operation: Operation, notes: ApiNotes) -> dict[str, Any]:
    """The JSON of a request. Members that are not listed are accepted, as by the vendors."""
    root: dict[str, Any] = {"type": "object", **deepcopy(dict(notes.wholes.get(operation.name, {})))}
    known = {path: operation.fields.get(path, ANY) for path in sorted(operation.body or ())}
    for path, kind in {**known, **operation.fields}.items():
        _put(root, path.split("."), {**_schema(kind), **notes.limits.get(path, {})})
    for path in notes.required.get(operation.name, ()):
        *above, last = path.split(".")
        holder = _at(root, above)
        holder.setdefault("required", []).append(last)
    return root


def of_parameters(operation: Operation, notes: ApiNotes) -> dict[str, dict[str, Any]]:
    """Schemas of the parameters of a form or query, by name, with the JSON that one of them carries."""
    names: Iterable[str] = (*notes.form.get(operation.name, ()), *sorted(operation.params or ()))
    schemas: dict[str, dict[str, Any]] = {name: {"type": "string"} for name in dict.fromkeys(names)}
    for name in notes.files.get(operation.name, ()):
        schemas[name] = {"type": "string", "format": "binary"}
    if notes.wrapped in schemas:
        schemas[notes.wrapped] |= {
            "contentMediaType": "application/json",
            "contentSchema": of_body(operation, notes),
        }
    return schemas


def _schema(kind: FieldType) -> dict[str, Any]:
    types = [_TYPES[word] for word in kind.types]
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types} if types else {}
    if LIST in kind.types:
        schema["items"] = {}
    if kind.is_date:
        schema["format"] = "date"
    if kind.values == ("0", "1") and "number" in types:
        return {"anyOf": [{"type": "string", "enum": ["0", "1"]}, {"type": "integer", "enum": [0, 1]}]}
    if kind.values:
        schema["enum"] = list(kind.values)
    return schema


def _put(root: dict[str, Any], path: list[str], schema: Mapping[str, Any]) -> None:
    """Lay the schema at the path; ``*`` is each item or each member."""
    *above, last = path
    holder = _at(root, above)
    if last == "*":
        if holder.get("type") != "object":
            holder.setdefault("items", {}).update(schema)
    else:
        holder.setdefault("properties", {}).setdefault(last, {}).update(schema)


def _at(root: dict[str, Any], path: list[str]) -> dict[str, Any]:
    holder = root
    for part in path:
        if part == "*":
            holder = holder.setdefault("items", {})
        else:
            holder = holder.setdefault("properties", {}).setdefault(part, {})
    return holder
