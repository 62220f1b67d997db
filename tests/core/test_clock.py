"""Durations, instants and account clocks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.clock import (
    ClockState,
    ManualClock,
    isoformat,
    parse_day,
    parse_duration,
    parse_instant,
    utc,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1500ms", 1.5),
        ("2s", 2.0),
        ("1h30m", 5400.0),
        ("7d", 604800.0),
        ("-5m", -300.0),
        ("1d2h3m4s5ms", 93784.005),
        ("1.5h", 5400.0),
        (" 10s ", 10.0),
        ("3", 3.0),
        (3, 3.0),
        (0.25, 0.25),
    ],
)
def test_durations(text: str | float, seconds: float) -> None:
    """A duration is a number with units, largest first, or plain seconds."""
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "5 minutes",
        "10x",
        "s",
        "-",
        True,
        "1m1h",
        float("nan"),
        float("inf"),
        "inf",
        "nan",
        "1e999",
    ],
)
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write for example 500ms"):
        parse_duration(text)


@given(st.integers(0, 10**7))
def test_milliseconds_round_trip(count: int) -> None:
    assert count / 1000 == pytest.approx(parse_duration(f"{count}ms"))


@pytest.mark.parametrize(
    ("text", "epoch"),
    [
        ("2023-11-14T22:13:20Z", 1_700_000_000.0),
        ("2023-11-14T22:13:20", 1_700_000_000.0),
        ("2023-11-15T11:13:20+13:00", 1_700_000_000.0),
        (1_700_000_000, 1_700_000_000.0),
    ],
)
def test_instants(text: str | float, epoch: float) -> None:
    """No zone means UTC."""
    assert parse_instant(text) == epoch


@pytest.mark.parametrize("text", ["", "yesterday", "2023-13-01", True])
def test_what_is_no_instant_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="2026-01-01T00:00:00Z"):
        parse_instant(text)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e6))
def test_only_a_running_clock_moves_with_real_time(offset: float, passed: float) -> None:
    running, frozen = ClockState(offset=offset), ClockState(frozen=5.0)
    assert passed == pytest.approx(running.at(1e9 + passed) - running.at(1e9), abs=1e-3)
    assert frozen.at(0.0) == frozen.at(passed) == 5.0


def test_advancing_keeps_a_frozen_clock_frozen() -> None:
    assert ClockState(frozen=5.0).advanced(10.0) == ClockState(frozen=15.0)
    assert ClockState(offset=1.0).advanced(10.0) == ClockState(offset=11.0)


@given(st.floats(allow_nan=False))
def test_no_clock_setting_can_break_a_date(at: float) -> None:
    """Years outside 1 to 9999 are clamped."""
    assert 1 <= utc(at).year <= 9999


@pytest.mark.parametrize(
    "text",
    ["1980-W05-1", "1980-1-005", "1980-02-30", "19800101", "1980-01-1 ", "1980-01-٠١", "", "1980-01-01T"],
)
def test_a_day_is_written_in_one_way(text: str) -> None:
    assert parse_day("1980-01-01") == date(1980, 1, 1)
    assert parse_day(text) is None


def test_isoformat_has_milliseconds() -> None:
    assert isoformat(1_700_000_000.25) == "2023-11-14T22:13:20.250Z"


def test_a_manual_clock_moves_by_hand() -> None:
    clock = ManualClock(10.0)
    clock.advance(2.5)
    assert clock.now() == 12.5
