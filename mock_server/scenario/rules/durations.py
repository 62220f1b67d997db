"""Numbers without a unit that are long if they are seconds, and usual if they are milliseconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.scenario.model import Scenario
from mock_server.scenario.rules.finding import LintFinding, Path
from mock_server.scenario.vocabulary import Vocabulary

LONG = 60
"""Seconds above which a number without a unit is doubtful."""
_KEYS = frozenset({"delay", "after", "median", "uniform", "late", "stale"})
_ANYTHING = frozenset({"match", "merge", "body", "headers", "set"})
"""Keys below which the names are the tester's own."""


def long_durations(written: Mapping[str, Any], _: Scenario, __: Vocabulary) -> Iterator[LintFinding]:
    """Each duration of more than a minute that has no unit."""
    for path, value in _durations(written, ()):
        seconds = _number(value)
        if seconds > LONG:
            message = f"{value} without a unit is {_spoken(seconds)}"
            remedy = f"write `{value}ms` for milliseconds, or `{value}s`"
            yield LintFinding(path, "long-duration", message, remedy, fix=f"{value}ms")


def _durations(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _ANYTHING:
                yield from _durations(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _durations(item, (*path, index))
    elif any(part in _KEYS for part in path[-2:]):
        yield path, value


def _number(value: Any) -> float:
    """Seconds of a number without a unit, 0 for anything else."""
    if isinstance(value, str) and value.isdecimal():
        return float(value)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def _spoken(seconds: float) -> str:
    """``50 minutes``, ``3 hours`` …, rounded."""
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            count = round(seconds / length, 1)
            return f"{count:g} {unit}{'' if count == 1 else 's'}"
    return f"{seconds:g} seconds"
