"""A condition of `match` as the file has it: every value in it, with its place and the matcher it is written
for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.scenario.rules.finding import Path


class WrittenValue(NamedTuple):
    """One value of a condition."""

    matcher: str
    """``equals`` for a bare value, otherwise the matcher's key."""
    value: Any
    path: Path
    """Below the condition."""


def written_values(condition: Any, path: Path = ()) -> Iterator[WrittenValue]:
    """The values of a condition, those of ``in``, ``not``, ``any`` and ``all`` one by one."""
    if not isinstance(condition, Mapping):
        yield WrittenValue("equals", condition, path)
        return
    for name, argument in condition.items():
        if name == "not":
            yield from written_values(argument, (*path, name))
        elif name in ("any", "all") and isinstance(argument, list):
            for index, item in enumerate(argument):
                yield from written_values(item, (*path, name, index))
        elif name == "in" and isinstance(argument, list):
            for index, item in enumerate(argument):
                yield WrittenValue("equals", item, (*path, name, index))
        else:
            yield WrittenValue(name, argument, (*path, name))


def is_template(value: Any) -> bool:
    """Whether the value is a text with a template in it."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)
