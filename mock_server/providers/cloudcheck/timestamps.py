"""The parameter ``timestamp``: how old or how far ahead it is, and the unit that a wrong one seems to be in.

The vendor's overview page refuses one that is "older than the maximum allowed" (103) and does not mention one
in the future."""

from __future__ import annotations

from typing import Any

from mock_server.core.clock import isoformat
from mock_server.providers.cloudcheck.settings import Settings

OLD, AHEAD = "old", "ahead"
TOO_FAR_AHEAD = "The timestamp is too far in the future."
"""Message of a 103 that a setting gives for a timestamp in the future; the specification has none."""
_UNITS = (("seconds", 1e0), ("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9))
_PLAUSIBLE = (946_684_800.0, 4_102_444_800.0)
"""Years 2000 to 2100: a timestamp in some unit that falls between them is taken for one in that unit."""


def refused(age: float, settings: Settings) -> str:
    """`OLD` or `AHEAD` where the age, in seconds, makes it a 103; else empty."""
    if age > settings.timestamp_max_age:
        return OLD
    ahead = settings.timestamp_max_ahead
    return AHEAD if ahead is not None and -age > ahead else ""


def doubtful(age: float, settings: Settings) -> bool:
    """Whether it is further ahead than one may be old: accepted, and yet hardly the time of the request."""
    return -age > settings.timestamp_max_age


def evidence(value: int, now: float) -> dict[str, Any]:
    """Evidence for the journal: the age in seconds (negative: in the future) and the likely unit of the number."""
    facts: dict[str, Any] = {
        "check": "timestamp",
        "received": value,
        "expected_about": int(now * 1000),
        "age_seconds": round(now - value / 1000.0, 3),
        "server_time": isoformat(now),
    }
    unit = seems_in(value)
    if unit:
        differ = "the caller's clock and the account's clock differ"
        facts["unit"] = unit
        facts["remedy"] = differ if unit == "milliseconds" else "send milliseconds since the epoch"
    return facts


def seems_in(value: int) -> str:
    """The unit in which the number is a time of this century; empty: none."""
    return next((unit for unit, factor in _UNITS if _PLAUSIBLE[0] <= value / factor <= _PLAUSIBLE[1]), "")
