"""Time as an injected effect, and one clock state per account on top of it.

All instants are seconds since the epoch as floats; all durations are seconds.
"""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple, Protocol

FIRST, LAST = -62_135_596_800.0, 253_402_300_799.0
"""The instants that a date can be written of: years 1 to 9999."""
EARLIEST, LATEST = 0.0, LAST
"""What an account's clock may show: years 1970 to 9999."""


class Clock(Protocol):
    """Where real time comes from."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...


class SystemClock:
    """The machine's clock."""

    now = staticmethod(time.time)


class ManualClock:
    """A clock that tests move by hand."""

    def __init__(self, at: float = 1_700_000_000.0) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


class ClockState(NamedTuple):
    """An account's own time: frozen at an instant, or running at an offset from real time."""

    frozen: float | None = None
    offset: float = 0.0

    def at(self, real: float) -> float:
        """The account's time when real time is ``real``."""
        return real + self.offset if self.frozen is None else self.frozen

    def advanced(self, seconds: float) -> ClockState:
        """The same clock ``seconds`` further on; a frozen clock stays frozen, at the later instant."""
        if self.frozen is None:
            return self._replace(offset=self.offset + seconds)
        return self._replace(frozen=self.frozen + seconds)


_DURATION = re.compile(
    r"(-?)(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?"
)
_UNITS = (86400.0, 3600.0, 60.0, 1.0, 0.001)


def parse_duration(text: str | float) -> float:
    """Seconds from ``1500ms``, ``2s``, ``1h30m``, ``-5m`` or a plain number of seconds.

    Raises ``ValueError`` with a remedy for anything else.
    """
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise ValueError(f"{text!r} is not a duration; write for example 500ms, 2s, 5m, 1h30m or 7d")
    if isinstance(text, (int, float)):
        if text != text or text in (float("inf"), float("-inf")):
            raise ValueError(f"{text!r} is not a duration; write for example 500ms, 2s, 5m, 1h30m or 7d")
        return float(text)
    stripped = text.strip()
    match = _DURATION.fullmatch(stripped)
    if match is None or not any(match.groups()[1:]):
        try:
            return parse_duration(float(stripped))
        except ValueError:
            raise ValueError(
                f"{text!r} is not a duration; write for example 500ms, 2s, 5m, 1h30m or 7d"
            ) from None
    total = sum(float(part) * unit for part, unit in zip(match.groups()[1:], _UNITS) if part)
    return -total if match.group(1) else total


def parse_instant(text: str | float) -> float:
    """Seconds since the epoch from ISO 8601 (``2026-01-01T00:00:00Z``, no zone means UTC) or a number of
    seconds.

    Raises ``ValueError`` with a remedy for anything else.
    """
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return float(text)
    try:
        parsed = datetime.fromisoformat(str(text).strip().replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"{text!r} is not an instant; write for example 2026-01-01T00:00:00Z") from None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).timestamp()


def parse_day(text: str) -> date | None:
    """A day written ``yyyy-MM-dd``, else None."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-" or not text.isascii():
        return None  # later Pythons take other ISO forms too, such as 1980-W05-1
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def utc(at: float) -> datetime:
    """The instant as an aware datetime; clamped to years 1 to 9999, so that no clock setting can break an
    answer."""
    return _EPOCH + timedelta(seconds=min(max(at, FIRST), LAST))


def days_later(day: date, days: int) -> date:
    """The day so many days later; the last day of year 9999 where that is past it."""
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))


def isoformat(at: float) -> str:
    """``2026-01-01T00:00:00.000Z``."""
    return utc(at).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(at * 1000) % 1000:03d}Z"
