"""Types of a vendor's answers, from its ``answers.yaml``.

``operations`` has one type for each operation, or the media type of its file; ``types`` names types. A type is

- ``text``, ``whole``, ``number``, ``boolean``, ``null``, ``any``, or a name of ``types``;
- several of these with ``|`` between them;
- a list of one: each item is of that type;
- a mapping: an object. ``name?`` (quoted within braces) may be absent, ``"*"`` is any other member; without it, an object may have others,
  since vendors add members."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

Schema = Mapping[str, Any]
"""JSON Schema keywords."""
_PLAIN: Mapping[str, Schema] = {
    "text": {"type": "string"},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "any": {},
}
_REF = "#/components/schemas/"


class AnswerTypes(NamedTuple):
    """Of one vendor."""

    operations: Mapping[str, Schema | str] = {}
    """Operation → schema of an answer that grants, or the media type of a file."""
    schemas: Mapping[str, Schema] = {}
    """The named types."""


def load(package: str, tables: Mapping[str, Schema]) -> AnswerTypes:
    """Read the package's ``answers.yaml``. ``tables``: named types that are made of the vendor's tables."""
    document = yaml.safe_load((files(package) / "answers.yaml").read_text("utf-8"))
    named = {**document["types"], **tables}
    operations = {
        operation: kind if isinstance(kind, str) and "/" in kind else _schema(kind, named)
        for operation, kind in document["operations"].items()
    }
    return AnswerTypes(
        operations, {**{name: _schema(kind, named) for name, kind in document["types"].items()}, **tables}
    )


def _schema(kind: Any, named: Mapping[str, Any]) -> dict[str, Any]:
    if kind is None:
        return dict(_PLAIN["null"])
    if isinstance(kind, list):
        return {"type": "array", "items": _schema(kind[0], named)}
    if isinstance(kind, dict):
        return _object(kind, named)
    alternatives = [_named(word.strip(), named) for word in kind.split("|")]
    return alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}


def _named(word: str, named: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_PLAIN[word]) if word in _PLAIN else {"$ref": _REF + _known(word, named)}


def _known(word: str, named: Mapping[str, Any]) -> str:
    if word not in named:
        raise ValueError(f"unknown type {word!r} in answers.yaml")
    return word


def _object(members: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    required = [name for name in members if name != "*" and not name.endswith("?")]
    properties = {
        name.removesuffix("?"): _schema(kind, named) for name, kind in members.items() if name != "*"
    }
    if properties:
        schema["properties"] = properties
    if required:
        schema["required"] = required
    if "*" in members:
        schema["additionalProperties"] = _schema(members["*"], named) or True
    return schema
