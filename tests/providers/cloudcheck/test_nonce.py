"""A nonce is used up as soon as the signature is right, whatever is answered; the windows and the order of
the checks around it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from mock_server.core.clock import ClockState
from mock_server.core.http import Response
from tests.providers.cloudcheck.harness import MINI, PipelineHarness, error

NONCE = "née + nonce/1=="
REF = {"prefix": "scripted-"}
SCRIPTED: dict[str, dict[str, Any]] = {
    "error 111": {"error": 111},
    "error 106": {"error": 106},
    "error 101": {"error": 101},
    "body": {"status": 503, "body": "upstream unavailable"},
    "fault": {"fault": "reset"},
    "outcome": {"outcome": "not-verified"},
    "template that fails": {"body": "{{ request.body.missing.deeper }}"},
}


def send(
    office: PipelineHarness, path: str = "/verify/", params: Mapping[str, str] | None = None, **options: Any
) -> Response:
    """A rightly signed request with the one nonce, unless ``options`` say otherwise."""
    fields = {"data": json.dumps(MINI)} if params is None else params
    return office.send(
        "POST" if path == "/verify/" or "peid" in path else "GET", path, {"nonce": NONCE, **fields}, **options
    )


def data(**over: Any) -> dict[str, str]:
    return {"data": json.dumps({**MINI, **over})}


def scripted(respond: dict[str, Any], **options: Any) -> PipelineHarness:
    return PipelineHarness(
        {"name": "scripted", "match": {"operation": "verify", "body.reference": REF}, "respond": respond},
        **options,
    )


def refused_with(office: PipelineHarness) -> str:
    """Code of the newest answer; empty: it was none."""
    return office.entry().error


# -- what uses it up
# ---------------------------------------------------------------------------------------------
AFTER: dict[str, tuple[str, dict[str, str], str]] = {
    "success": ("/verify/", data(), ""),
    "102 no details": ("/verify/", data(details={}), "102"),
    "107 no JSON": ("/verify/", {"data": "{"}, "107"),
    "107 consent": ("/verify/", data(consent="No"), "107"),
    "105 unknown capture": ("/live/response/", {"captureReference": "nowhere"}, "105"),
    "105 unknown verification": ("/verify/pdf", {"reference": "nowhere"}, "105"),
    "110 magic peid": ("/verify/peid/", {"peid": "404"}, "110"),
    "111 magic peid": ("/verify/peid/", {"peid": "111"}, "111"),
    "111 magic reference": ("/verify/", data(reference="error-111-a"), "111"),
    "108 magic reference": ("/verify/", data(reference="error-108-a"), "108"),
    "106 magic reference": ("/verify/", data(reference="error-106-a"), "106"),
}


@pytest.mark.parametrize("case", AFTER)
def test_a_rightly_signed_request_uses_its_nonce_up(case: str) -> None:
    path, params, code = AFTER[case]
    office = PipelineHarness()
    send(office, path, params)
    assert refused_with(office) == code
    send(office)
    assert refused_with(office) == "104"


@pytest.mark.parametrize("case", AFTER)
def test_by_setting_an_error_gives_the_nonce_back(case: str) -> None:
    path, params, code = AFTER[case]
    office = PipelineHarness(settings={"refusal_uses_nonce": False})
    send(office, path, params)
    send(office)
    assert refused_with(office) == ("104" if code == "" else "")


def test_a_missing_permission_uses_the_nonce_up() -> None:
    office = PipelineHarness(accounts={"acme": {"permissions": ["peid"]}})
    send(office, key="acme")
    assert office.entry("acme").error == "108"
    send(office, "/verify/peid/", {"peid": "1"}, key="acme")
    assert office.entry("acme").error == "104"


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_scenario_uses_the_nonce_up(name: str) -> None:
    office = scripted(SCRIPTED[name])
    send(office, params=data(reference="scripted-1"))
    assert office.entry().scenario == "scripted"
    send(office)
    assert refused_with(office) == "104"


@pytest.mark.parametrize(
    ("name", "code"), [("error 111", ""), ("template that fails", ""), ("body", "104"), ("outcome", "104")]
)
def test_by_setting_a_scripted_error_gives_the_nonce_back(name: str, code: str) -> None:
    office = scripted(SCRIPTED[name], settings={"refusal_uses_nonce": False})
    send(office, params=data(reference="scripted-1"))
    send(office)
    assert refused_with(office) == code


# -- what does not
# -----------------------------------------------------------------------------------------------
BEFORE: dict[str, tuple[dict[str, Any], str]] = {
    "102 no data": ({"data": ""}, "102"),
    "103 too old": ({"timestamp": "1600000000000"}, "103"),
    "107 no timestamp": ({"timestamp": "now"}, "107"),
    "106 wrong signature": ({"signature": "0" * 64}, "106"),
    "102 no signature": ({"signature": ""}, "102"),
}


@pytest.mark.parametrize("case", BEFORE)
def test_a_refusal_before_the_signature_leaves_the_nonce(case: str) -> None:
    over, code = BEFORE[case]
    office = PipelineHarness()
    send(office, **over)
    assert refused_with(office) == code
    send(office)
    assert refused_with(office) == ""


def test_an_unknown_key_leaves_the_nonce() -> None:
    office = PipelineHarness()
    send(office, key="nobody")
    assert refused_with(office) == "101"
    send(office)
    assert refused_with(office) == ""


def test_a_nonce_is_used_up_for_its_access_key_only() -> None:
    office = PipelineHarness()
    send(office)
    send(office, key="test-other")
    assert office.entry("test-other").error == ""


# -- for how long
# ------------------------------------------------------------------------------------------------
CLOCKS = {
    "a year later": ClockState(offset=365 * 86400.0),
    "a year before it was used": ClockState(offset=-365 * 86400.0),
    "frozen long before": ClockState(frozen=946_684_800.0),
    "frozen long after": ClockState(frozen=4_000_000_000.0),
}


def at_clock(office: PipelineHarness) -> str:
    """A timestamp that is right on the account's clock."""
    return str(int(office.store.account("default").clock.at(office.clock.at) * 1000))


def send_now(office: PipelineHarness, nonce: str = NONCE) -> str:
    """The code that a rightly signed request with a timestamp of now gets."""
    office.send("POST", "/verify/", {**data(), "nonce": nonce, "timestamp": at_clock(office)})
    return refused_with(office)


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_used_nonce_stays_used_wherever_the_clock_is_moved(clock: str) -> None:
    office = PipelineHarness()
    assert send_now(office) == ""
    office.store.update("default", lambda state: state._replace(clock=CLOCKS[clock]))
    assert send_now(office) == "104"
    assert send_now(office, "another") == ""


def test_by_setting_a_nonce_is_remembered_for_a_while() -> None:
    office = PipelineHarness(settings={"nonce_memory": "1h"})
    assert send_now(office) == ""
    office.clock.advance(1800)
    assert send_now(office) == "104"
    office.clock.advance(1800)
    assert send_now(office) == "104"
    office.clock.advance(1)
    assert send_now(office) == ""


def test_a_reset_forgets_nonces() -> None:
    office = PipelineHarness()
    send(office)
    office.store.reset("default")
    send(office)
    assert refused_with(office) == ""


# -- the checks around it
# ----------------------------------------------------------------------------------------
def test_104_comes_before_106() -> None:
    office = PipelineHarness()
    send(office)
    send(office, signature="0" * 64)
    assert refused_with(office) == "104"


@pytest.mark.parametrize(
    ("milliseconds", "code"),
    [(-900_000, ""), (-900_001, "103"), (900_000, ""), (900_001, "103")],
    ids=["oldest", "too old", "furthest ahead", "too far ahead"],
)
def test_both_edges_of_a_timestamp_window_that_a_setting_closes(milliseconds: int, code: str) -> None:
    office = PipelineHarness(settings={"timestamp_max_ahead": "15m"})
    send(office, params={**data(), "timestamp": str(1_700_000_000_000 + milliseconds)})
    assert refused_with(office) == code


@pytest.mark.parametrize(("length", "code"), [(20, ""), (21, "107")])
def test_the_longest_nonce(length: int, code: str) -> None:
    office = PipelineHarness(settings={"nonce_max_length": 20})
    office.send("POST", "/verify/", {**data(), "nonce": "ñ" * length})
    assert refused_with(office) == code


def test_a_refusal_names_the_request_that_used_the_nonce() -> None:
    office = PipelineHarness()
    send(office, params=data(details={}))
    first = office.entry()
    assert error(json.loads(send(office).body))["error"] == 104
    evidence = office.entry().evidence or {}
    assert evidence["first_used"]["request"] == first.id
