"""Scenarios that answer a Cloudcheck request which is not valid, or of which nothing has been checked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.http import Request
from mock_server.providers.cloudcheck.routes import BY_NAME, ENDPOINTS
from tests.providers.cloudcheck.harness import FORM, FULL, KEY, PipelineHarness, form
from tests.providers.cloudcheck.test_endpoints import association

GONE = "no such + thing; naïve"
DOWN = {"status": 503, "body": "upstream unavailable"}
ANSWERS: dict[str, tuple[dict[str, Any], int, str]] = {
    "status": ({"status": 503}, 503, ""),
    "status and body": (DOWN, 503, ""),
    "error": ({"error": 111}, 200, "111"),
    "fault": ({"fault": "reset"}, 200, "105"),
}
"""Respond → status and error of the journal. A fault breaks off what the vendor would have said."""


def scenario(operation: str, respond: dict[str, Any], **match: Any) -> dict[str, Any]:
    return {"name": "one", "match": {"operation": operation, **match}, "respond": respond}


def unknown(name: str) -> tuple[str, dict[str, str]]:
    """Path and parameters of a request that names a record which does not exist."""
    if name == "watchlist-review":
        review = {"associationReference": GONE, "review": {"matchId": "m", "decision": "CLEARED"}}
        return BY_NAME[name].path, {"data": json.dumps(review)}
    filled = dict.fromkeys(BY_NAME[name].required, "1")
    return BY_NAME[name].path, {**filled, BY_NAME[name].required[0]: GONE}


NAMING = [endpoint.name for endpoint in ENDPOINTS if endpoint.names_record and endpoint.access == "signed"]


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("name", NAMING)
def test_what_does_not_exist_can_be_answered(name: str, kind: str) -> None:
    respond, status, code = ANSWERS[kind]
    office = PipelineHarness(scenario(name, respond))
    path, params = unknown(name)
    answer = office.send(BY_NAME[name].method, path, params)
    entry = office.entry()
    assert (answer.status, entry.scenario, entry.error, entry.reference) == (status, "one", code, GONE)


@pytest.mark.parametrize("name", NAMING)
def test_an_outcome_needs_what_exists(name: str) -> None:
    office = PipelineHarness(scenario(name, {"outcome": BY_NAME[name].usual}))
    path, params = unknown(name)
    office.send(BY_NAME[name].method, path, params)
    entry = office.entry()
    assert (entry.scenario, entry.error, entry.reference) == ("", "105", "")


@pytest.mark.parametrize(
    ("match", "data", "hits"),
    [
        ({"body.reference": "ref-1"}, {"reference": "ref-1"}, True),
        ({"body.details.name.family": "Ngāta"}, {"details": {"name": {"family": "Ngāta"}}}, True),
        ({"body.reference": 7}, {"reference": 7}, True),
        ({"body.0": "a"}, ["a"], True),
        ({"body.reference": {"exists": False}}, "{", True),
        ({"body.reference": {"exists": True}}, "{", False),
        ({"params.data": {"prefix": "{"}}, "{", True),
        ({"params.username": {"exists": True}}, {}, False),
    ],
    ids=str,
)
def test_facts_of_an_invalid_verification(match: dict[str, Any], data: Any, hits: bool) -> None:
    office = PipelineHarness(scenario("verify", DOWN, **match))
    text = data if isinstance(data, str) else json.dumps(data)
    answer = office.send("POST", "/verify/", {"data": text})
    assert (answer.status == 503) is hits


def test_the_record_that_an_invalid_review_names_can_be_matched() -> None:
    office = PipelineHarness(scenario("watchlist-review", DOWN, **{"verification.status": "ALERT"}))
    params = {"data": json.dumps({"associationReference": association(office), "review": {}})}
    assert office.send("POST", "/watchlist/review-match/", params).status == 503


def test_a_webhook_follows_an_answer_to_an_invalid_request() -> None:
    callbacks = [
        {
            "event": "PEP_MATCH_REVIEW",
            "reference": "{{ request.body.reference }}",
            "requestType": "VERIFICATION",
        }
    ]
    office = PipelineHarness(
        {**scenario("verify", DOWN), "callbacks": callbacks},
        accounts={"acme": {"webhook_url": "http://localhost:9/hook"}},
    )
    office.send("POST", "/verify/", {"data": '{"reference":"ref-9"}'}, key="acme")
    assert [message.reference for message in office.messages("acme")] == ["ref-9"]


def test_polls_of_what_does_not_exist_count_by_its_reference() -> None:
    steps = [{"respond": {"status": 503}}, {"respond": {"body": {"capture": {"status": "PENDING"}}}}]
    office = PipelineHarness({"name": "poll", "match": {"operation": "live-response"}, "sequence": steps})
    statuses = [
        office.send("GET", "/live/response/", {"captureReference": name}).status
        for name in ("a", "a", "b", "a")
    ]
    assert statuses == [503, 200, 503, 200]


# -- before the checks
# -------------------------------------------------------------------------------------------
def early(**match: Any) -> dict[str, Any]:
    return {"name": "one", "before": "checks", "match": match, "respond": DOWN}


UNCHECKED: dict[str, Request] = {
    "unsigned": Request(
        "POST", "/verify/", "", {"content-type": FORM}, form({"key": KEY, "data": json.dumps(FULL)}).encode()
    ),
    "no key": Request(
        "POST", "/verify/", "", {"content-type": FORM}, form({"data": json.dumps(FULL)}).encode()
    ),
    "JSON body": Request(
        "POST", "/verify/", "", {"content-type": "application/json"}, json.dumps(FULL).encode()
    ),
    "wrong method": Request("PUT", "/verify/", "", {}, b""),
    "no such path": Request("GET", "/verify/nowhere", "", {}, b""),
    "open picture": Request("GET", "/live/download/aaa/1/", "", {}, b""),
    "browser": Request("POST", "/addresslookup/find/", "", {}, b"{"),
    "preflight": Request("OPTIONS", "/addresslookup/find/", "", {}, b""),
}


@pytest.mark.parametrize("case", UNCHECKED)
def test_it_answers_before_any_check(case: str) -> None:
    office = PipelineHarness(early())
    answer = office.pipeline.handle(UNCHECKED[case])
    assert (answer.status, answer.body, office.entry().scenario) == (503, b"upstream unavailable", "one")


@pytest.mark.parametrize(
    ("case", "match", "hits"),
    [
        ("unsigned", {"body.reference": "ref-1"}, True),
        ("unsigned", {"params.key": KEY, "operation": "verify"}, True),
        ("JSON body", {"operation": "verify"}, True),
        ("JSON body", {"body.reference": "ref-1"}, False),
        ("wrong method", {"operation": "verify"}, False),
        ("wrong method", {"path": "/verify/", "method": "PUT"}, True),
    ],
    ids=str,
)
def test_what_is_known_before_the_checks(case: str, match: dict[str, Any], hits: bool) -> None:
    office = PipelineHarness(early(**match))
    assert (office.pipeline.handle(UNCHECKED[case]).status == 503) is hits


@pytest.mark.parametrize(
    ("headers", "params", "account"),
    [
        ({}, {"key": "test-a"}, "test-a"),
        ({"x-api-key": "test-a"}, {}, "test-a"),
        ({}, {"key": "nobody"}, "default"),
        ({}, {}, "default"),
    ],
    ids=["key", "browser key", "unknown key", "no key"],
)
def test_the_account_is_that_of_the_key_that_is_sent(
    headers: dict[str, str], params: dict[str, str], account: str
) -> None:
    office = PipelineHarness(early(account=account))
    request = Request("POST", "/verify/", "", {"content-type": FORM, **headers}, form(params).encode())
    assert office.pipeline.handle(request).status == 503
    assert office.entry(account).scenario == "one"


def test_its_nonce_stays_free() -> None:
    office = PipelineHarness(early(**{"header.x-outage": "yes"}))
    request = office.request("POST", "/verify/", {"data": json.dumps(FULL)})
    assert (
        office.pipeline.handle(request.replace(headers={**request.headers, "x-outage": "yes"})).status == 503
    )
    office.pipeline.handle(request)
    assert office.entry().error == ""


# -- whatever is sent
# --------------------------------------------------------------------------------------------
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["reference", "details", "consent", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
WITH_CALLBACK = [
    {
        "name": f"one {operation}",
        "match": {"operation": operation},
        "respond": {"error": 111},
        "callbacks": [
            {"event": "REVIEW", "url": "http://localhost:9/{{ request.body.reference | default('x', true) }}"}
        ],
    }
    for operation in BY_NAME
]


@given(st.sampled_from(sorted(BY_NAME)), JSON.map(json.dumps) | st.text(max_size=8), st.text(max_size=8))
def test_any_request_can_be_answered(name: str, data: str, token: str) -> None:
    office, endpoint = PipelineHarness(*WITH_CALLBACK), BY_NAME[name]
    params = {**dict.fromkeys(endpoint.required, token or "1"), "data": data or "{"}
    path = endpoint.path.replace("{token}", "t").replace("{id}", "1")
    office.send(endpoint.method, path, params)
    assert office.entry().error == ("101" if endpoint.access == "browser" else "111")
