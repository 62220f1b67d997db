"""103: how old a timestamp may be, and what becomes of one in the future."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_server.core.http import Exchange
from mock_server.core.records import Entry
from tests.providers.cloudcheck.client import FULL, Office, error

NOW = 1_700_000_000_000
"""Of the office's clock, in milliseconds."""


def send(office: Office, timestamp: int | str, data: Any = None) -> Exchange:
    return office.send("POST", "/verify/", {"data": json.dumps(FULL if data is None else data), "timestamp": str(timestamp)})


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
    office = Office()
    send(office, ACCEPTED[case])
    assert office.entry().error == ""


OLD = {"too old": NOW - 900_001, "seconds": 1_700_000_000, "zero": 0, "negative": -1, "the first of 64 bits": -(2**63)}


@pytest.mark.parametrize("case", OLD)
def test_a_timestamp_that_is_too_old_is_103(case: str) -> None:
    office = Office()
    refusal = error(json.loads(send(office, OLD[case]).body))
    assert (refusal["error"], refusal["message"]) == (103, "The timestamp is older than the maximum allowed.")


@pytest.mark.parametrize(("ahead", "code"), [(900_000, ""), (900_001, "103")])
def test_a_setting_limits_the_future(ahead: int, code: str) -> None:
    office = Office(settings={"timestamp_max_ahead": "15m"})
    send(office, NOW + ahead)
    assert office.entry().error == code


def test_a_timestamp_too_far_ahead_is_not_called_older() -> None:
    office = Office(settings={"timestamp_max_ahead": "15m"})
    refusal = error(json.loads(send(office, NOW + 900_001).body))
    assert refusal == {"error": 103, "message": "The timestamp is too far in the future."}
    assert (office.entry().evidence or {})["age_seconds"] == -900.001


def test_no_time_ahead_at_all_can_be_set() -> None:
    office = Office(settings={"timestamp_max_ahead": 0})
    send(office, NOW)
    assert office.entry().error == ""
    send(office, NOW + 1)
    assert office.entry().error == "103"


def test_age_is_told_on_the_account_s_clock() -> None:
    office = Office()
    office.store.update("default", lambda state: state._replace(clock=state.clock._replace(offset=86_400.0)))
    send(office, NOW)
    assert (office.entry().error, (office.entry().evidence or {})["age_seconds"]) == ("103", 86_400.0)


# -- what is said of a doubtful one ------------------------------------------------------------------------------
def heard(office: Office, *sent: tuple[int, Any]) -> list[Entry]:
    """What the pipeline reports for the log."""
    entries: list[Entry] = []
    office.pipeline._on_refusal = entries.append
    for timestamp, data in sent:
        send(office, timestamp, data)
    return entries


def test_a_doubtful_timestamp_is_reported_although_it_is_accepted() -> None:
    (entry,) = heard(Office(), (NOW * 1_000, FULL), (NOW + 900_000, FULL))
    assert (entry.error, entry.request.body.count(b"1700000000000000")) == ("", 1)
    assert (entry.evidence or {})["unit"] == "microseconds"
    assert (entry.evidence or {})["remedy"] == "send milliseconds since the epoch"


def test_a_refusal_is_not_blamed_on_a_doubtful_timestamp() -> None:
    (entry,) = heard(Office(), (NOW * 1_000, {"consent": "No"}))
    assert (entry.error, entry.evidence) == ("107", None)


def test_a_scripted_error_is_not_blamed_on_a_doubtful_timestamp() -> None:
    office = Office({"name": "s", "match": {"operation": "verify"}, "respond": {"error": 111}})
    assert heard(office, (NOW * 1_000, FULL)) == []
    assert (office.entry().error, office.entry().evidence) == ("111", None)
