"""Days that people write in other forms than year-month-day, turned into that form for a remedy."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ]?(\d{1,2})[-/. ]?(\d{1,2})(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]([A-Za-z]{3,9})\.?,?[-/. ](\d{4})")
_MONTH_NAMED = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")


def rewritten(text: str) -> str:
    """The day as year-month-day; empty where the text is not a day. Of two small numbers the first is the
    day, as in Europe and New Zealand, unless that is impossible."""
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(match[1], match[2], match[3])
    if match := _YEAR_LAST.fullmatch(text):
        return _day(match[3], match[2], match[1]) or _day(match[3], match[1], match[2])
    if match := _DAY_NAMED.fullmatch(text):
        return _day(match[3], _month(match[2]), match[1])
    if match := _MONTH_NAMED.fullmatch(text):
        return _day(match[3], _month(match[1]), match[2])
    return ""


def _month(name: str) -> str:
    short = name[:3].lower()
    return str(_MONTHS.index(short) + 1) if short in _MONTHS else "0"


def _day(year: str, month: str, day: str) -> str:
    with suppress(ValueError):
        return date(int(year), int(month), int(day)).isoformat()
    return ""
