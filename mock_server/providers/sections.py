"""From a mapping of the config file to a typed section, with errors that say what to write instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from mock_server.core.clock import parse_duration
from mock_server.delivery.targets import TargetError, parse_target
from mock_server.scenario.problems import did_you_mean

S = TypeVar("S", bound="msgspec.Struct")


def convert(values: Mapping[str, Any], kind: type[S], durations: Collection[str] = ()) -> S:
    """The values as ``kind``; those named in ``durations`` may be written as ``10m``. Raises ``ValueError``
    with a remedy."""
    names = kind.__struct_fields__
    unknown = next((name for name in values if name not in names), None)
    if unknown is not None:
        raise ValueError(f"unknown key {unknown!r}: {did_you_mean(str(unknown), names)}")
    given = {name: _seconds(name, value) if name in durations else value for name, value in values.items()}
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise ValueError(readable(str(error))) from None


def check_names(key: str, names: Iterable[str], known: Collection[str]) -> None:
    """Raise ``ValueError`` for the first name that is not known."""
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise ValueError(f"{key}: {unknown!r} is not known; {did_you_mean(unknown, known)}")


def check_url(key: str, url: str) -> None:
    """Raise ``ValueError`` for an address that nothing can be sent to; empty: none."""
    if url and "://" not in url:
        raise ValueError(f"{key}: {url!r} needs a protocol; write for example http://localhost:3000/callback")
    try:
        if url:
            parse_target(url)
    except TargetError as error:
        shown = url if len(url) <= 100 else f"{url[:100]}…"
        raise ValueError(
            f"{key}: {shown!r} cannot be called: {error}; write for example http://localhost:3000/callback"
        ) from None


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
    """``Expected `int`, got `str` - at `$.x``` → ``x: expected int, got str``. ``root``: name of the whole value."""
    what, _, where = message.replace("`", "").partition(" - at $")
    place = f"{root}{where}".lstrip(".")
    return f"{place}: {what[:1].lower()}{what[1:]}" if place else what
