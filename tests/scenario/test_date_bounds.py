"""`before` and `after` compare a field with a date, `today` or an offset from the account's now."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.core.clock import parse_instant
from mock_server.scenario.facts import MISSING, MappingFacts
from mock_server.scenario.loader import ScenarioSet, compile_inline
from mock_server.scenario.matchers import BadCondition, compile_matcher
from mock_server.scenario.selection import differences, select
from mock_server.scenario.subsumption import implies
from tests.scenario.postcard import VOCABULARIES

NOON = "2026-11-29T12:00:00Z"


def holds(written: Any, fact: Any, now: str = NOON, zone: str = "UTC") -> bool:
    return compile_matcher(written, False, zone).at(parse_instant(now)).holds(fact) is True


@pytest.mark.parametrize(
    ("written", "fact", "expected"),
    [
        ({"after": "-18y"}, "2008-11-30", True),
        ({"after": "-18y"}, "2008-11-29", False),
        ({"before": "-18y"}, "2008-11-29", False),
        ({"before": "-18y"}, "2008-11-28", True),
        ({"before": "today"}, "2026-11-28", True),
        ({"before": "today"}, "2026-11-29", False),
        ({"after": "today"}, "2026-11-30", True),
        ({"before": "2008-11-29"}, "2008-11-28", True),
        ({"after": "2008-11-29"}, "2008-11-29T23:59:59Z", False),
        ({"after": "-6mo"}, "2026-05-30", True),
        ({"after": "-6mo"}, "2026-05-29", False),
        ({"before": "+30d"}, "2026-12-28", True),
        ({"before": "+30d"}, "2026-12-29", False),
        ({"after": "-2w"}, "2026-11-16", True),
        ({"after": "-1y6mo"}, "2025-05-30", True),
        ({"before": "-10m"}, "2026-11-29T11:49:59Z", True),
        ({"before": "-10m"}, "2026-11-29T11:50:00Z", False),
        ({"after": "-10m"}, "2026-11-29 11:51", True),
        ({"after": "-10m"}, "2026-11-30T00:55:00+13:00", True),
        ({"after": "-10m"}, 1_795_953_590, True),
        ({"after": "-10m"}, "1795953590", True),
        ({"after": "-10m"}, 1_795_953_590_000, True),
        ({"after": "-10m"}, "1795953590000", True),
        ({"before": "2026-11-29T12:00:00Z"}, "2026-11-29T11:59:59Z", True),
        ({"not": {"after": "-18y"}}, "2008-11-29", True),
        ({"not": {"after": "-18y"}}, MISSING, True),
        ({"any": ["unknown", {"after": "-18y"}]}, "2010-01-01", True),
        ({"any": ["unknown", {"after": "-18y"}]}, "unknown", True),
        ({"after": "-19y", "before": "-18y"}, "2008-05-05", True),
        ({"after": "-19y", "before": "-18y"}, "2007-05-05", False),
    ],
)
def test_a_date_bound(written: Any, fact: Any, expected: bool) -> None:
    assert holds(written, fact) is expected


@pytest.mark.parametrize(
    "fact",
    [MISSING, None, "", "29/11/2008", "2008-13-01", "Wiremu", True, float("nan"), [], {}, "2008-W48-6"],
)
@pytest.mark.parametrize("matcher", ["before", "after"])
def test_what_is_not_a_date_is_neither_before_nor_after(fact: Any, matcher: str) -> None:
    assert not holds({matcher: "-18y"}, fact)


@pytest.mark.parametrize(
    ("now", "born", "is_under_age"),
    [
        ("2028-02-29T00:00:00Z", "2010-02-28", False),
        ("2028-02-29T00:00:00Z", "2010-03-01", True),
        ("2026-02-28T00:00:00Z", "2008-02-29", True),
        ("2026-03-01T00:00:00Z", "2008-02-29", False),
    ],
)
def test_eighteen_years_across_a_leap_day(now: str, born: str, is_under_age: bool) -> None:
    assert holds({"after": "-18y"}, born, now) is is_under_age


def test_today_is_the_vendors_day() -> None:
    assert holds({"before": "today"}, "2026-11-29", NOON, "Pacific/Auckland")  # there it is the 30th
    assert not holds({"before": "today"}, "2026-11-29", NOON, "UTC")


def test_an_instant_without_a_zone_is_in_the_vendors() -> None:
    assert holds({"after": "2026-11-29T11:00:00Z"}, "2026-11-30T00:30:00", NOON, "Pacific/Auckland")
    assert not holds({"after": "2026-11-29T11:00:00Z"}, "2026-11-29T10:30:00", NOON, "UTC")


@pytest.mark.parametrize(("written", "expected"), [("+9000y", False), ("-400000d", True), ("-2500y", True)])
def test_an_offset_ends_at_the_edge_of_the_calendar(written: str, expected: bool) -> None:
    assert holds({"after": written}, "2026-11-29") is expected


def test_an_offset_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(BadCondition, match="`-99999y` is longer than the calendar"):
        compile_matcher({"after": "-99999y"}, False)


@pytest.mark.parametrize("written", ["long ago", "31/11/2008", "2026-02-30", "-", "+", ""])
def test_an_unreadable_bound_says_what_to_write(written: str) -> None:
    with pytest.raises(BadCondition) as caught:
        compile_matcher({"before": written}, False)
    (fault,) = caught.value.faults
    assert (fault.rule, fault.path) == ("bad-date", ("before",))
    assert "-18y, -6mo, +30d or -10m" in fault.remedy


@pytest.mark.parametrize(
    ("written", "remedy", "fix"),
    [
        ("18y", "write `-18y` for the past, or `+18y` for the future", None),
        ("18 years ago", "write `-18y`", "-18y"),
        ("10 minutes from now", "write `+10m`", "+10m"),
    ],
)
def test_an_offset_in_other_words_is_rewritten(written: str, remedy: str, fix: str | None) -> None:
    with pytest.raises(BadCondition) as caught:
        compile_matcher({"before": written}, False)
    assert (caught.value.faults[0].remedy, caught.value.faults[0].fix) == (remedy, fix)


@pytest.mark.parametrize(
    ("narrow", "wide", "expected"),
    [
        ({"after": "-16y"}, {"after": "-18y"}, True),
        ({"after": "-20y"}, {"after": "-18y"}, False),
        ({"before": "-20y"}, {"before": "-18y"}, True),
        ({"before": "2000-01-01"}, {"before": "2001-01-01"}, True),
        ({"before": "2000-01-01"}, {"before": "-18y"}, False),
        ({"after": "-18y"}, {"exists": True}, True),
        ("2015-01-01", {"after": "-18y"}, False),
        ("2015-01-01", {"not": {"after": "-18y"}}, False),
        ({"after": "-18y"}, {"before": "-18y"}, False),
        ({"after": "2026-01-01T10:00:00Z"}, {"after": "2026-01-01"}, False),
    ],
)
def test_one_bound_makes_another_superfluous(narrow: Any, wide: Any, expected: bool) -> None:
    assert implies(compile_matcher(narrow, False), compile_matcher(wide, False)) is expected


RULES = [
    {"name": "young", "match": {"operation": "send", "body.sent": {"after": "-18y"}}, "respond": {}},
    {"name": "outage", "match": {"now": {"after": "2026-11-29T12:00:00Z"}}, "respond": {"status": 503}},
]


def chosen(now: str, **facts: Any) -> str:
    scenarios = ScenarioSet(compile_inline({"provider": "postcard", "scenarios": RULES}, VOCABULARIES))
    at = MappingFacts({"now": now, "body": facts, "operation": "send"}, parse_instant(now))
    scenario = select(scenarios, "postcard", "send", at)
    return "" if scenario is None else scenario.name


def test_the_same_request_ages_with_the_accounts_clock() -> None:
    assert chosen(NOON, sent="2008-11-30") == "young"
    assert chosen("2026-11-30T00:00:00Z", sent="2008-11-30") == "outage"


def test_a_scenario_can_answer_for_a_time_by_the_clock() -> None:
    assert chosen(NOON) == ""
    assert chosen("2026-11-29T12:00:01Z") == "outage"


def test_a_near_miss_says_which_day_the_offset_is() -> None:
    scenario = compile_inline({"provider": "postcard", "scenarios": RULES[:1]}, VOCABULARIES)[0]
    at = MappingFacts({"body": {"sent": "2001-05-05"}}, parse_instant(NOON))
    assert [miss[1:4] for miss in differences(scenario, "send", at)] == [
        ("after -18y (2008-11-29)", "2001-05-05", 'is "2001-05-05"')
    ]
