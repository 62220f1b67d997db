"""What templates may do to values: the filters and tests, a closed table. Each takes JSON values and gives
one."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from typing import Any
from urllib.parse import quote

from mock_server.core.clock import isoformat, parse_duration, parse_instant, utc
from mock_server.scenario.values import Absent


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"takes a text, not {json.dumps(value, default=str)}")
    return value


def _default(value: Any, other: Any = "", also_empty: bool = False) -> Any:
    return other if isinstance(value, Absent) or (also_empty and not value) else value


def _replace(value: Any, old: str, new: str) -> str:
    text = _text(value)
    if not old:
        raise ValueError("the text to replace is empty")
    if len(text) + text.count(old) * len(new) > 100_000:
        raise ValueError("the text becomes too long")
    return text.replace(old, new)


def _truncate(value: Any, length: int = 255, end: str = "") -> str:
    text = _text(value)
    return text if len(text) <= length else text[: max(0, length - len(end))] + end


def _join(value: Any, separator: str = "") -> str:
    texts = [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in value]
    if sum(map(len, texts)) + len(texts) * len(separator) > 100_000:
        raise ValueError("the text becomes too long")
    return separator.join(texts)


def _split(value: Any, separator: str | None = None) -> list[str]:
    text = _text(value)
    if separator == "":
        raise ValueError("the separator is empty")
    return text.split(separator) if text else []


def _number(value: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(value)
    except ValueError:
        raise ValueError(f"{json.dumps(value, ensure_ascii=False)} is not a number") from None


def _int(value: Any) -> int:
    read = (lambda text: int(float(text))) if isinstance(value, str) and "." in value else int
    return int(_number(value, read))


def _float(value: Any) -> float:
    return float(_number(value, float))


def _round(value: float, digits: int = 0) -> float | int:
    return round(value, digits) if digits else round(value)


def _filled(value: Any) -> Any:
    if isinstance(value, (str, list)) and not value:
        raise ValueError(f"the {'text' if isinstance(value, str) else 'list'} is empty")
    return value


def _first(value: Any) -> Any:
    return _filled(value)[0]


def _last(value: Any) -> Any:
    return _filled(value)[-1]


def _unique(value: Any) -> list[Any]:
    return list({json.dumps(item, sort_keys=True): item for item in value}.values())


def _sort(value: Any, reverse: bool = False) -> list[Any]:
    return sorted(value, reverse=reverse)


def _items(value: Any) -> list[list[Any]]:
    return [[key, item] for key, item in value.items()]


def _shift(value: Any, by: Any = 0, *, years: int = 0, months: int = 0) -> str:
    """An instant or a date moved: ``now | shift('-5m')``, ``request.body.dob | shift(years=18)``. A date
    stays a date."""
    seconds = parse_duration(by)
    is_date = isinstance(value, str) and len(value.strip()) == 10
    moved = _moved(utc(parse_instant(value)), years * 12 + months)
    at = moved.timestamp() + seconds
    return utc(at).strftime("%Y-%m-%d") if is_date else isoformat(at)


def _moved(at: datetime, months: int) -> datetime:
    years, month = divmod(at.month - 1 + months, 12)
    year = min(max(at.year + years, 1), 9999)
    return next(
        at.replace(year=year, month=month + 1, day=day)
        for day in range(at.day, 0, -1)
        if _is_day(year, month + 1, day)
    )


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


_LETTERS = {
    "yyyy": "%Y", "YYYY": "%Y", "MMMM": "%B", "MM": "%m", "dd": "%d", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S",
}  # fmt: skip
"""As other tools write the parts of a date, longer ones first."""


def _with_percent(form: str) -> str:
    """The form for one in letters, such as ``dd.MM.yyyy``."""
    for letters, word in _LETTERS.items():
        form = form.replace(letters, word)
    return form if "%" in form else "%d.%m.%Y"


def _date(value: Any, form: str = "%Y-%m-%d") -> str:
    """An instant by a ``strftime`` form, in UTC."""
    if len(form) > 100:
        raise ValueError("the form is too long")
    if "%" not in form:
        raise ValueError(
            f"{form!r} gives the same text for each date; write for example {_with_percent(form)!r}"
        )
    return utc(parse_instant(value)).astimezone(timezone.utc).strftime(form)


def _epoch(value: Any) -> int:
    return int(parse_instant(value))


def _millis(value: Any) -> int:
    return int(parse_instant(value) * 1000)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "default": _default,
    "d": _default,
    "upper": lambda value: _text(value).upper(),
    "lower": lambda value: _text(value).lower(),
    "capitalize": lambda value: _text(value).capitalize(),
    "title": lambda value: _text(value).title(),
    "trim": lambda value: _text(value).strip(),
    "replace": _replace,
    "truncate": _truncate,
    "split": _split,
    "join": _join,
    "length": len,
    "first": _first,
    "last": _last,
    "sort": _sort,
    "unique": _unique,
    "reverse": lambda value: value[::-1],
    "items": _items,
    "min": lambda value: min(_filled(value)),
    "max": lambda value: max(_filled(value)),
    "sum": sum,
    "int": _int,
    "float": _float,
    "string": lambda value: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
    "round": _round,
    "abs": abs,
    "tojson": lambda value: json.dumps(value, ensure_ascii=False),
    "urlencode": lambda value: quote(str(value), safe=""),
    "base64": lambda value: base64.b64encode(_text(value).encode()).decode(),
    "sha256": lambda value: hashlib.sha256(_text(value).encode()).hexdigest(),
    "shift": _shift,
    "date": _date,
    "epoch": _epoch,
    "millis": _millis,
}
TAKES: Mapping[str, str] = {
    "default": "what to use instead, as in default('none')",
    "d": "what to use instead, as in d('none')",
    "replace": "a text, and two more, as in replace('a', 'b')",
    "truncate": "a text, and a length, as in truncate(8)",
    "split": "a text, and a separator, as in split(',')",
    "join": "a list, and a separator, as in join(', ')",
    "length": "a text, a list or a mapping",
    "first": "a text or a list",
    "last": "a text or a list",
    "sort": "a list of texts, or one of numbers",
    "unique": "a list",
    "reverse": "a text or a list",
    "items": "a mapping",
    "min": "a list of texts, or one of numbers",
    "max": "a list of texts, or one of numbers",
    "sum": "a list of numbers",
    "int": "a number, or a text such as '18'",
    "float": "a number, or a text such as '1.5'",
    "string": "any value",
    "round": "a number, and how many decimals, as in round(2)",
    "abs": "a number",
    "tojson": "any value",
    "urlencode": "any value",
    "shift": "an instant or a date, and by how much, as in shift('-5m') or shift(years=18)",
    "date": "an instant, and a form, as in date('%d.%m.%Y')",
    "epoch": "an instant",
    "millis": "an instant",
}
"""What the filters take, in words; the others take a text and nothing else."""

_TESTS = """
    defined undefined none string number integer float boolean mapping sequence true false odd even divisibleby in
    eq == equalto ne != gt > greaterthan ge >= lt < lessthan le <=
"""
TESTS = frozenset(_TESTS.split())
"""What may stand after ``is``; Jinja's own meaning."""
