"""What ``before`` and ``after`` compare a field with: a day, an instant, or an offset from the account's now.

Two days are compared by the calendar, two instants exactly, a day and an instant by the day of the instant in
the vendor's time zone."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from msgspec import Struct

from mock_server.core.clock import parse_day, utc

REMEDY = "write a date such as 2008-11-29, `today`, or an offset such as -18y, -6mo, +30d or -10m"
SYNTAX = (
    r"^(today|\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?"
    r"|[+-](\d+(y|mo|w|d|h|m|s))+)$"
)
"""For editors: the offsets, dates and instants that `parse_bound` reads."""
_PART = re.compile(r"(\d+)(y|mo|w|d|h|m|s)")
_OFFSET = re.compile(r"[+-](?:\d+(?:y|mo|w|d|h|m|s))+")
_MONTHS = {"y": 12, "mo": 1}
_DAYS = {"w": 7, "d": 1}
_SECONDS = {"h": 3600, "m": 60, "s": 1}
_LONGEST = 9999 * 12
"""Months that an offset may have; as many years as the calendar."""
_MILLISECONDS = 100_000_000_000
"""A number from here on counts milliseconds: in seconds it would be after the year 5000."""

Point = date
"""A day, or (`datetime`, which is a `date` too) an instant."""


class Bound(Struct, frozen=True):
    """A day or an instant as the file has it; at a given now it is a `Point`."""

    written: str
    zone: str
    """IANA name of the time zone in which the vendor counts days."""
    point: Point | None = None
    """None: an offset."""
    months: int = 0
    days: int = 0
    seconds: int = 0

    @property
    def moves(self) -> bool:
        """Whether it depends on the account's now."""
        return self.point is None

    def at(self, now: float) -> Point:
        """The bound when the account's clock shows ``now``."""
        if isinstance(self.point, datetime):
            return self.point if self.point.tzinfo else self.point.replace(tzinfo=_zone(self.zone))
        if self.point is not None:
            return self.point
        local = utc(now).astimezone(_zone(self.zone))
        if not self.seconds:
            return _added(local.date(), self.months, self.days)
        moved = datetime.combine(_added(local.date(), self.months, self.days), local.timetz())
        return utc(moved.timestamp() + self.seconds)

    def compared(self, value: object, now: float) -> int | None:
        """-1, 0 or 1: the value lies before, at or after the bound; None: it is not a date."""
        zone = _zone(self.zone)
        point, bound = read_point(value, zone), self.at(now)
        if point is None:
            return None
        if not (isinstance(point, datetime) and isinstance(bound, datetime)):
            point, bound = _day(point, zone), _day(bound, zone)
        return (point > bound) - (point < bound)

    def words(self, now: float | None = None) -> str:
        """``2008-11-29``; for an offset with what it comes to, where ``now`` is given: ``-18y (2008-11-29)``."""
        if now is None or not self.moves:
            return self.written
        point = self.at(now)
        return f"{self.written} ({point.isoformat() if isinstance(point, datetime) else point})"


def parse_bound(written: str, zone: str) -> Bound:
    """Raises ``ValueError``, whose message says what is wrong."""
    text = written.strip()
    if text == "today":
        return Bound(text, zone)
    if _OFFSET.fullmatch(text):
        return _offset(text, zone)
    point = parse_day(text) or _instant(text)
    if point is None:
        raise ValueError(f"`{written}` is not a date, an instant or an offset")
    return Bound(text, zone, point)


_SPOKEN = re.compile(
    r"(\d+) ?(year|month|week|day|hour|minute|second)s? (ago|from now|later|earlier)", re.IGNORECASE
)
_UNIT = {"year": "y", "month": "mo", "week": "w", "day": "d", "hour": "h", "minute": "m", "second": "s"}


_WORDS = {"tomorrow": "+1d", "yesterday": "-1d", "now": "+0s"}
_FROM_TODAY = re.compile(
    r"(?:today|now)? ?([+-]) ?(\d+) ?(?:(y|mo|w|d|h|m|s)|(year|month|week|day|hour|minute|second)s?)",
    re.IGNORECASE,
)


def spoken_offset(text: str) -> str:
    """``18 years ago``, ``-18 years``, ``today-18y`` and ``tomorrow`` as an offset; empty for anything else."""
    word = text.strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    signed = _FROM_TODAY.fullmatch(word)
    if signed and not text.rstrip().endswith("M"):  # minutes or months
        return f"{signed[1]}{signed[2]}{signed[3] or _UNIT[signed[4]]}"
    match = _SPOKEN.fullmatch(text.strip())
    if match is None:
        return ""
    sign = "-" if match[3].lower() in ("ago", "earlier") else "+"
    return f"{sign}{match[1]}{_UNIT[match[2].lower()]}"


def unsigned(text: str) -> str:
    """The remedy for an offset without its sign; empty for anything else."""
    return (
        f"write `-{text}` for the past, or `+{text}` for the future" if _OFFSET.fullmatch(f"+{text}") else ""
    )


def _offset(text: str, zone: str) -> Bound:
    sign = -1 if text[0] == "-" else 1
    months = days = seconds = 0
    for digits, unit in _PART.findall(text):
        number = int(digits[:12])
        months += number * _MONTHS.get(unit, 0)
        days += number * _DAYS.get(unit, 0)
        seconds += number * _SECONDS.get(unit, 0)
    if months > _LONGEST or days > _LONGEST * 31 or seconds > _LONGEST * 31 * 86400:
        raise ValueError(f"`{text}` is longer than the calendar")
    return Bound(text, zone, None, sign * months, sign * days, sign * seconds)


def within(narrow: Bound, wide: Bound, side: int) -> bool:
    """Of two dates, or two offsets in the same unit: whether all that lies on that side of the narrow one (-1:
    before, 1: after) lies on the same side of the wide one."""
    by_day = [not bound.seconds and not isinstance(bound.point, datetime) for bound in (wide, narrow)]
    if wide.moves != narrow.moves or by_day[0] != by_day[1]:
        return False
    if wide.moves:
        units = [(getattr(narrow, unit), getattr(wide, unit)) for unit in ("months", "days", "seconds")]
        return all((far - near) * side >= 0 for far, near in units)
    compared = wide.compared(narrow.written, 0.0)
    return compared is not None and compared * side >= 0


def read_point(value: object, zone: tzinfo) -> Point | None:
    """The date in a field: ``2008-11-29``, an ISO 8601 instant (without a zone: in the vendor's), or seconds or
    milliseconds since 1970; None: it holds none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        if text.isascii() and text.isdigit() and len(text) in (10, 13):
            return read_point(int(text), zone)
        point = parse_day(text) or _instant(text)
        return point.replace(tzinfo=zone) if isinstance(point, datetime) and point.tzinfo is None else point
    if isinstance(value, (int, float)) and value == value:
        return utc(value / 1000 if abs(value) >= _MILLISECONDS else value)
    return None


def _instant(text: str) -> datetime | None:
    if len(text) > 40 or parse_day(text[:10]) is None or text[10:11] not in ("T", " "):
        return None
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None


def _day(point: Point, zone: tzinfo) -> date:
    """The day of an instant in the zone."""
    if not isinstance(point, datetime):
        return point
    try:
        return point.astimezone(zone).date()
    except OverflowError:  # at the edge of the calendar
        return point.date()


def _added(day: date, months: int, days: int) -> date:
    """Whole months first; a day that the month does not have becomes its last, so that 18 years before
    29 February is 28 February. Ends at the edges of the calendar."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= years <= 9999:
        return date.max if years > 9999 else date.min
    last = calendar.monthrange(years, month + 1)[1]
    try:
        return date(years, month + 1, min(day.day, last)) + timedelta(days)
    except OverflowError:
        return date.max if days > 0 else date.min


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)
