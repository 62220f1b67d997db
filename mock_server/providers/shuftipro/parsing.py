"""From the raw body to the request's parameters, as PHP would read them. What cannot be read is empty: the
vendor then misses a field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from mock_server.core.http import Request
from mock_server.providers.mediatypes import FORM, JSON, MULTIPART
from mock_server.providers.multipart import Part, parts
from mock_server.providers.problems import format_of

_DEPTH = 512
"""PHP's limit for nested JSON."""
FIELDS = 1000
"""PHP's limit for the fields of a form."""
_BRACKETS = re.compile(r"\[([^\]]*)\]")
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_decode = msgspec.json.Decoder().decode


class UploadedFile(msgspec.Struct, frozen=True):
    """A file part of a multipart body: neither a text nor an object, so that no rule takes it for one."""

    filename: str
    content_type: str
    size: int
    """In bytes."""


def parse(request: Request, by_content_type: bool = False) -> dict[str, Any]:
    """Parameters of a JSON, form or multipart body. ``by_content_type``: only as the Content-Type says; else
    as the body looks.

    Never raises: of what cannot be read nothing is there, and `unread` says why.
    """
    body = request.body
    reader = reader_of(request, by_content_type)
    if reader == JSON:
        return _json(body)
    if reader == FORM:
        return _form(body)
    return _multipart(body, request.headers["content-type"]) if reader == MULTIPART else {}


def reader_of(request: Request, by_content_type: bool) -> str:
    """Media type as which the body is read; empty: as none."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type.endswith(("/json", "+json")) or (not by_content_type and request.body.lstrip()[:1] == b"{"):
        return JSON
    if media_type in (FORM, MULTIPART):
        return media_type
    return FORM if not by_content_type and format_of(request.body) == FORM else ""


def read_json(body: bytes) -> Any:
    """The value of a JSON body. Raises ``ValueError``."""
    if len(body) > _DEPTH and body.count(b"[") + body.count(b"{") > _DEPTH and _depth(body) > _DEPTH:
        raise ValueError(f"it is nested deeper than {_DEPTH} levels")
    try:
        return _decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from None


def _json(body: bytes) -> dict[str, Any]:
    try:
        values = read_json(body)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _depth(body: bytes) -> int:
    deepest = level = 0
    for byte in _TEXTS.sub(b"", body):
        if byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level -= 1
    return deepest


def _form(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:
        return {}
    return _nested(pairs)


def _multipart(body: bytes, content_type: str) -> dict[str, Any]:
    return _nested((part.name, _part(part)) for part in parts(body, content_type) if part.name)


def _part(part: Part) -> str | UploadedFile:
    if part.filename is None:
        return part.text
    return UploadedFile(part.filename, part.content_type, len(part.content))


def _nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        _put(values, name, value)
    return {name: _lists(value) for name, value in values.items()}


def _put(values: dict[str, Any], name: str, value: Any) -> None:
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
    return (
        list(items.values())
        if items and list(items) == [str(index) for index in range(len(items))]
        else items
    )
