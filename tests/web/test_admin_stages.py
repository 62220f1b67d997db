"""Explaining when a scenario answers: before the checks, once the credentials are right, or once the request
is valid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.providers.cloudcheck.signing import sign
from tests.web.kit import Kit

STAGES = """\
version: 1
provider: cloudcheck
scenarios:
  - {name: gateway, before: checks, match: {header.X-Outage: gateway}, respond: {status: 503}}
  - {name: down, match: {operation: verify, body.reference: {prefix: down-}}, respond: {status: 503, body: down}}
  - {name: match, match: {operation: verify, body.reference: {prefix: match-}}, respond: {outcome: pep-match}}
  - name: steps
    match: {operation: verify, body.reference: {prefix: steps-}}
    sequence: [{respond: {status: 503}}, {respond: {outcome: verified}}]
"""


@pytest.fixture
def stages(tmp_path: Path) -> Kit:
    return Kit(tmp_path, scenarios=STAGES)


def verified(kit: Kit, reference: str, outage: str = "", *, nonce: str = "n-1", **over: str) -> Any:
    """What is explained of a signed ``/verify/`` that lacks its details; ``over`` replaces parameters after
    signing."""
    now = str(int(kit.clock.now() * 1000))
    params = {"key": "test-a", "nonce": nonce, "timestamp": now, "data": json.dumps({"reference": reference})}
    params["signature"] = sign("test-a-secret", "/verify/", params)
    kit.http.post("/verify/", data={**params, **over}, headers={"X-Outage": outage})
    return kit.get(f"requests/{kit.newest()['id']}/explain")


@pytest.mark.parametrize(
    ("reference", "over", "answers", "error", "named"),
    [
        ("down-1", {}, "scenario", "", ("down", "credentials")),
        ("down-1", {"signature": "0" * 64}, "refusal", "106", ("down", "credentials")),
        ("match-1", {}, "refusal", "102", ("match", "valid")),
        ("match-1", {"signature": "0" * 64}, "refusal", "106", ("match", "valid")),
        ("steps-1", {}, "scenario", "", ("steps", "credentials")),
        ("other-1", {}, "refusal", "102", None),
    ],
    ids=[
        "answered",
        "wrongly signed",
        "needs a valid request",
        "wrongly signed, too",
        "a step that answers",
        "no scenario",
    ],
)
def test_explaining_says_when_a_scenario_answers(
    stages: Kit, reference: str, over: dict[str, str], answers: str, error: str, named: tuple[str, str] | None
) -> None:
    explanation = verified(stages, reference, **over)
    scenario = explanation["scenario"] and (
        explanation["scenario"]["name"],
        explanation["scenario"]["answers"],
    )
    assert (explanation["answers"], explanation["error"], scenario) == (answers, error, named)


def test_the_step_decides_whether_it_needs_a_valid_request(stages: Kit) -> None:
    explanations = [verified(stages, "steps-1", nonce=nonce) for nonce in ("n-1", "n-2")]
    assert [(one["answers"], one["scenario"]["answers"]) for one in explanations] == [
        ("scenario", "credentials"),
        ("refusal", "valid"),
    ]


def test_an_answer_before_the_checks_is_explained(stages: Kit) -> None:
    explanation = verified(stages, "down-1", "gateway", signature="")
    assert (
        explanation["answers"],
        explanation["error"],
        explanation["scenario"]["name"],
        explanation["scenario"]["answers"],
    ) == (
        "scenario",
        "",
        "gateway",
        "all",
    )
    assert explanation["refusal"] is None


def test_an_answer_before_the_checks_on_an_unknown_path_is_explained(stages: Kit) -> None:
    stages.http.get("/verify/nowhere", headers={"X-Outage": "gateway"})
    explanation = stages.get(f"requests/{stages.newest('default')['id']}/explain", account="default")
    assert (explanation["answers"], explanation["scenario"]["name"], explanation["operation"]) == (
        "scenario",
        "gateway",
        "",
    )
