"""103: how old a timestamp may be, and what becomes of one in the future."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_server.core.http import Response
from mock_server.core.records import Entry
from mock_server.providers.cloudcheck.settings import parse_settings
from mock_server.providers.cloudcheck.timestamps import doubtful, evidence, refused, seems_in
from tests.providers.cloudcheck.harness import FULL, PipelineHarness, error

NOW = 1_700_000_000_000
"""Of the office's clock, in milliseconds."""


def send(office: PipelineHarness, timestamp: int | str, data: Any = None) -> Response:
    return office.send(
        "POST", "/verify/", {"data": json.dumps(FULL if data is None else data), "timestamp": str(timestamp)}
    )


ACCEPTED = {
    "oldest": NOW - 900_000,
    "now": NOW,
    "one second ahead": NOW + 1_000,
    "a day ahead": NOW + 86_400_000,
    "the year 9999": 253_402_300_799_000,
    "microseconds": NOW * 1_000,
    "nanoseconds": NOW * 1_000_000,
    "the last of 64 bits": 2**63 - 1,
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_a_timestamp_that_is_not_too_old_is_accepted(case: str) -> None:
    office = PipelineHarness()
    send(office, ACCEPTED[case])
    assert office.entry().error == ""


OLD = {
    "too old": NOW - 900_001,
    "seconds": 1_700_000_000,
    "zero": 0,
    "negative": -1,
    "the first of 64 bits": -(2**63),
}


@pytest.mark.parametrize("case", OLD)
def test_a_timestamp_that_is_too_old_is_103(case: str) -> None:
    office = PipelineHarness()
    refusal = error(json.loads(send(office, OLD[case]).body))
    assert (refusal["error"], refusal["message"]) == (103, "The timestamp is older than the maximum allowed.")


@pytest.mark.parametrize(("ahead", "code"), [(900_000, ""), (900_001, "103")])
def test_a_setting_limits_the_future(ahead: int, code: str) -> None:
    office = PipelineHarness(settings={"timestamp_max_ahead": "15m"})
    send(office, NOW + ahead)
    assert office.entry().error == code


def test_a_timestamp_too_far_ahead_is_not_called_older() -> None:
    office = PipelineHarness(settings={"timestamp_max_ahead": "15m"})
    refusal = error(json.loads(send(office, NOW + 900_001).body))
    assert refusal == {"error": 103, "message": "The timestamp is too far in the future."}
    assert (office.entry().evidence or {})["age_seconds"] == -900.001


def test_no_time_ahead_at_all_can_be_set() -> None:
    office = PipelineHarness(settings={"timestamp_max_ahead": 0})
    send(office, NOW)
    assert office.entry().error == ""
    send(office, NOW + 1)
    assert office.entry().error == "103"


def test_age_is_told_on_the_account_s_clock() -> None:
    office = PipelineHarness()
    office.store.update("default", lambda state: state._replace(clock=state.clock._replace(offset=86_400.0)))
    send(office, NOW)
    assert (office.entry().error, (office.entry().evidence or {})["age_seconds"]) == ("103", 86_400.0)


# -- what is said of a doubtful one
# ------------------------------------------------------------------------------
def heard(office: PipelineHarness, *sent: tuple[int, Any]) -> list[Entry]:
    """What the pipeline reports for the log."""
    entries: list[Entry] = []
    office.pipeline._on_refusal = entries.append
    for timestamp, data in sent:
        send(office, timestamp, data)
    return entries


def test_a_doubtful_timestamp_is_reported_although_it_is_accepted() -> None:
    (entry,) = heard(PipelineHarness(), (NOW * 1_000, FULL), (NOW + 900_000, FULL))
    assert (entry.error, entry.request.body.count(b"1700000000000000")) == ("", 1)
    assert (entry.evidence or {})["unit"] == "microseconds"
    assert (entry.evidence or {})["remedy"] == "send milliseconds since the epoch"


def test_a_refusal_is_not_blamed_on_a_doubtful_timestamp() -> None:
    (entry,) = heard(PipelineHarness(), (NOW * 1_000, {"consent": "No"}))
    assert entry.error == "107"
    assert "age_seconds" not in (entry.evidence or {})


def test_a_scripted_error_is_not_blamed_on_a_doubtful_timestamp() -> None:
    office = PipelineHarness({"name": "s", "match": {"operation": "verify"}, "respond": {"error": 111}})
    assert heard(office, (NOW * 1_000, FULL)) == []
    assert (office.entry().error, office.entry().evidence) == ("111", None)


# -- the module's own functions
# ----------------------------------------------------------------------------------
UNITS = {
    "": [0, 946_684_799, 4_102_444_801, 946_684_799_999, 4_102_444_800_001, -1_700_000_000_000],
    "seconds": [946_684_800, 1_700_000_000, 4_102_444_800],
    "milliseconds": [946_684_800_000, 1_700_000_000_000, 4_102_444_800_000],
    "microseconds": [946_684_800_000_000, 1_700_000_000_000_000, 4_102_444_800_000_000],
    "nanoseconds": [946_684_800_000_000_000, 1_700_000_000_000_000_000, 4_102_444_800_000_000_000],
}


@pytest.mark.parametrize(
    ("unit", "value"), [(unit, value) for unit, values in UNITS.items() for value in values]
)
def test_the_unit_that_a_number_seems_to_be_in(unit: str, value: int) -> None:
    assert seems_in(value) == unit


REFUSED = {
    "the oldest": (900.0, None, ""),
    "too old": (900.001, None, "old"),
    "far ahead, without a limit": (-1e9, None, ""),
    "the furthest ahead": (-60.0, 60.0, ""),
    "too far ahead": (-60.001, 60.0, "ahead"),
    "too old, with a limit ahead": (900.001, 60.0, "old"),
    "now, with no time ahead": (0.0, 0.0, ""),
}


@pytest.mark.parametrize(("age", "ahead", "expected"), REFUSED.values(), ids=REFUSED)
def test_an_age_is_refused(age: float, ahead: float | None, expected: str) -> None:
    assert refused(age, parse_settings({"timestamp_max_ahead": ahead})) == expected


@pytest.mark.parametrize(
    ("age", "expected"), [(900.1, False), (0.0, False), (-900.0, False), (-900.001, True)]
)
def test_an_age_is_doubtful(age: float, expected: bool) -> None:
    assert doubtful(age, parse_settings({})) is expected


EVIDENCE: dict[str, tuple[int, dict[str, Any]]] = {
    "a clock that differs": (
        NOW - 1_500,
        {
            "age_seconds": 1.5,
            "unit": "milliseconds",
            "remedy": "the caller's clock and the account's clock differ",
        },
    ),
    "seconds": (
        1_700_000_000,
        {"age_seconds": 1_698_300_000.0, "unit": "seconds", "remedy": "send milliseconds since the epoch"},
    ),
    "no unit": (1, {"age_seconds": 1_699_999_999.999}),
}


@pytest.mark.parametrize(("value", "details"), EVIDENCE.values(), ids=EVIDENCE)
def test_the_evidence_of_a_timestamp(value: int, details: dict[str, Any]) -> None:
    always = {
        "check": "timestamp",
        "received": value,
        "expected_about": NOW,
        "server_time": "2023-11-14T22:13:20.000Z",
    }
    assert evidence(value, NOW / 1000) == {**always, **details}


def test_an_age_is_given_in_milliseconds() -> None:
    assert evidence(NOW, NOW / 1000 + 0.12345)["age_seconds"] == 0.123
