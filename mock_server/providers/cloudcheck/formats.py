"""The vendor's formats of times, names and whole numbers."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from mock_server.core.clock import utc

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


_LONG = 1 << 63


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def local(at: float, zone: str) -> datetime:
    """The instant in the zone. An instant at the edge of the calendar, which no zone can shift, stays in
    UTC."""
    try:
        return utc(at).astimezone(_zone(zone))
    except OverflowError:
        return utc(at)


@lru_cache(maxsize=1024)
def _minute(minutes: int, zone: str) -> str:
    moment = local(minutes * 60.0, zone)
    return f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d} {moment.hour:02d}:{moment.minute:02d}"


def stamp(at: float, zone: str) -> str:
    """``yyyy-MM-dd HH:mm``, as in all recorded replies."""
    return _minute(int(at // 60), zone)


def iso(at: float, zone: str) -> str:
    """``yyyy-MM-ddTHH:mm:ss``, as the match dates of monitoring have it."""
    return local(at, zone).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")


@lru_cache(maxsize=1024)
def _day(minutes: int, zone: str) -> date:
    return local(minutes * 60.0, zone).date()


def today(at: float, zone: str) -> date:
    """The day in the zone."""
    return _day(int(at // 60), zone)


def full_name(given_name: str, middle: str, family: str) -> str:
    """``Family, Given Middle``, the form of names in matches."""
    rest = " ".join(part for part in (given_name, middle) if part)
    return ", ".join(part for part in (family, rest) if part)


def parse_long(text: str) -> int | None:
    """A whole number of 64 bits as Java's ``Long.parseLong`` reads it, with a sign and leading zeros or
    without; None: it is not one."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    significant = digits.lstrip("0")
    if len(significant) > 19:
        return None
    value = int(significant or "0")
    value = -value if text[0] == "-" else value
    return value if -_LONG <= value < _LONG else None
