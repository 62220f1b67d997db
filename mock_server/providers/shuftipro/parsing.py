"""From the raw body to the request's parameters, as PHP would read them. What cannot be read is empty: the vendor then misses a field."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from mock_server.core.http import Request

_DEPTH = 512
"""PHP's limit for nested JSON."""
_FIELDS = 1000
"""PHP's limit for the fields of a form."""
_BRACKETS = re.compile(r"\[([^\]]*)\]")
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_decode = msgspec.json.Decoder().decode


class Parsed(msgspec.Struct, frozen=True):
    """What a body says."""

    values: dict[str, Any]
    problem: str = ""
    """Why the body could not be read, for whoever has sent it; empty: it could."""


def parse(request: Request, by_content_type: bool = False) -> Parsed:
    """Parameters of a JSON or form body. ``by_content_type``: only as the Content-Type says; else as the body looks."""
    body = request.body
    if not body.strip():
        return Parsed({}, "the body is empty")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.endswith(("/json", "+json")) or (not by_content_type and body.lstrip()[:1] == b"{"):
        return _json(body)
    if kind == "application/x-www-form-urlencoded" or (not by_content_type and b"=" in body):
        return _form(body)
    return Parsed({}, f"the Content-Type is {kind or 'missing'}; send application/json")


def _json(body: bytes) -> Parsed:
    if len(body) > _DEPTH and body.count(b"[") + body.count(b"{") > _DEPTH and _depth(body) > _DEPTH:
        return Parsed({}, f"the JSON is nested deeper than {_DEPTH} levels")
    try:
        values = _decode(body)
    except UnicodeDecodeError:
        return Parsed({}, "the body is not UTF-8")
    except (msgspec.MsgspecError, RecursionError) as error:
        return Parsed({}, f"the body is not JSON: {error}")
    if not isinstance(values, dict):
        return Parsed({}, f"the body is a JSON {type(values).__name__}, not an object")
    return Parsed(values)


def _depth(body: bytes) -> int:
    deepest = level = 0
    for byte in _TEXTS.sub(b"", body):
        if byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level -= 1
    return deepest


def _form(body: bytes) -> Parsed:
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        return Parsed({}, f"the form has more than {_FIELDS} fields")
    values: dict[str, Any] = {}
    for name, value in pairs:
        _put(values, name, value)
    return Parsed({name: _lists(value) for name, value in values.items()})


def _put(values: dict[str, Any], name: str, value: str) -> None:
    """``document[name][first_name]``, ``filters[]``: nested mappings, numbered where a bracket is empty."""
    head, bracket, _ = name.partition("[")
    keys = [head, *_BRACKETS.findall(name)[:64]] if bracket and "]" in name else [name]
    for key in keys[:-1]:
        inner = values.get(key or str(len(values)))
        if not isinstance(inner, dict):
            inner = values[key or str(len(values))] = {}
        values = inner
    values[keys[-1] or str(len(values))] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    items = {key: _lists(item) for key, item in value.items()}
    return list(items.values()) if items and list(items) == [str(index) for index in range(len(items))] else items
