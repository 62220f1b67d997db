"""From a mapping of the config file to a typed section, with errors that say what to write instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from mock_server.core.clock import parse_duration
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
        raise ValueError(_readable(str(error))) from None


def check_names(key: str, names: Iterable[str], known: Collection[str]) -> None:
    """Raise ``ValueError`` for the first name that is not known."""
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise ValueError(f"{key}: {unknown!r} is not known; {did_you_mean(unknown, known)}")


def check_url(key: str, url: str) -> None:
    """Raise ``ValueError`` where the address has no protocol."""
    if url and not url.startswith(("http://", "https://")):
        raise ValueError(f"{key}: {url!r} needs a protocol; write for example http://localhost:3000/callback")


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


def _readable(message: str) -> str:
    """``Expected `int`, got `str` - at `$.x``` → ``x: expected int, got str``."""
    what, _, where = message.replace("`", "").partition(" - at $.")
    return f"{where}: {what[:1].lower()}{what[1:]}" if where else what
