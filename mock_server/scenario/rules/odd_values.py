"""Values that look like a date or a percentage and are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mock_server.core.clock import parse_day
from mock_server.scenario.rules.finding import LintFinding, Path
from mock_server.scenario.source import Source

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


_PERCENTAGE = re.compile(r"(-?)(\d+(?:\.\d+)?) ?%")


def odd_values(source: Source, path: Path) -> Iterator[LintFinding]:
    value: Any = source.value
    for part in path:
        value = value[part]
    for below, text in _texts(value, ()):
        if below and below[-1] in ("description", "name", "regex"):
            continue
        if _DATE.fullmatch(text) and parse_day(text) is None:
            yield LintFinding(
                below,
                "bad-date",
                f"`{text}` is not a date of the calendar",
                "write year-month-day, such as 1987-03-14",
            )
        percentage = _PERCENTAGE.fullmatch(text)
        if percentage and (percentage[1] or float(percentage[2]) > 100):
            yield LintFinding(below, "bad-percentage", f"`{text}` is not a percentage", "write 0% to 100%")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
