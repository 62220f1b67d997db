"""From a mapping of the config file to a typed section, with errors that say what to write instead."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import inspect

from mock_server.core.clock import parse_duration
from mock_server.core.plain_words import in_words
from mock_server.scenario.problems import did_you_mean

S = TypeVar("S", bound="msgspec.Struct")

Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
"""A number of things; more of them than anybody has counts as a typing error."""
Amount = Annotated[float, msgspec.Meta(ge=0, le=10**9)]
"""An amount of money."""
Duration = Annotated[float, msgspec.Meta(ge=0, le=10**10)]
"""Seconds, some 300 years at most."""
Patience = Annotated[float, msgspec.Meta(gt=0, le=10**10)]
"""Seconds that something may take: with none, nothing ever succeeds."""


def convert(values: Mapping[str, Any], kind: type[S], durations: Collection[str] = ()) -> S:
    """The values as ``kind``; values named in ``durations`` may be text such as ``10m``. Raises ``ValueError``
    with a remedy."""
    names = kind.__struct_fields__
    unknown = next((name for name in values if name not in names), None)
    if unknown is not None:
        raise ValueError(f"unknown key {unknown!r}: {did_you_mean(str(unknown), names)}")
    fields = {name: _seconds(name, value) if name in durations else value for name, value in values.items()}
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        out_of_bounds = _bounds(str(error), values)
        raise ValueError(out_of_bounds or f"{readable(str(error))}{_choices(str(error), kind)}") from None


_BOUND = re.compile(r"Expected `\w+` (>=|<=|>) (\S+?)(?:\.0)? - at `\$\.(\w+)`")
_BOUNDS = {
    ">=": "is too small; the smallest value is {}",
    ">": "is too small; it must be more than {}",
    "<=": "is too large; the largest value is {}",
}


def _bounds(message: str, values: Mapping[str, Any]) -> str:
    """The message for a number that is too small or too large; empty for any other."""
    match = _BOUND.fullmatch(message)
    if match is None or match[3] not in values:
        return ""
    shown = str(values[match[3]])
    return (
        f"{match[3]}: {shown if len(shown) <= 30 else shown[:30] + '…'} {_BOUNDS[match[1]].format(match[2])}"
    )


def _choices(message: str, kind: type[S]) -> str:
    """A remedy where a word is none of those that its key takes."""
    words = message.partition(" - at `$.")[2].rstrip("`")
    options = next((one.type for one in inspect.type_info(kind).fields if one.encode_name == words), None)  # type: ignore[attr-defined]
    if not message.startswith("Invalid enum value") or not isinstance(options, inspect.LiteralType):
        return ""
    return f"; {did_you_mean('', [str(value) for value in options.values])}"


def check_names(key: str, names: Iterable[str], known: Collection[str]) -> None:
    """Raise ``ValueError`` for the first name that is not known."""
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise ValueError(f"{key}: {unknown!r} is not known; {did_you_mean(unknown, known)}")


def _seconds(name: str, value: Any) -> float | None:
    if value is None:
        return None
    try:
        seconds = parse_duration(value)
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{name}: {error}") from None
    if seconds < 0:
        raise ValueError(f"{name}: a duration cannot be negative; write for example 10m")
    return seconds


def readable(message: str, root: str = "") -> str:
    """``Expected `int`, got `str` - at `$.x``` → ``x: must be a whole number, got a text``. ``root``: name of the
    whole value."""
    text, _, where = message.partition(" - at `$")
    what, place = in_words(text).replace("`", ""), f"{root}{where.rstrip('`')}".lstrip(".")
    return f"{place}: {what[:1].lower()}{what[1:]}" if place else what
