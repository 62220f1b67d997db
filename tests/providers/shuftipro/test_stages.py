"""Scenarios that answer a Shufti Pro request which is not valid, or of which nothing has been checked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.providers.shuftipro.harness import AML, CLIENT, ShuftiHarness, json_of, signed

DOWN = {"status": 503, "body": "upstream unavailable"}
ANSWERS: dict[str, tuple[dict[str, Any], int]] = {
    "status": ({"status": 503}, 503),
    "status and body": (DOWN, 503),
    "error": ({"error": "request.unauthorized"}, 401),
    "body": ({"body": {"event": "verification.accepted", "reference": "{{ request.body.reference }}"}}, 200),
    "fault": ({"fault": "reset"}, 400),
}
UNKNOWN = "not-created-here-1"


def scenario(operation: str, respond: dict[str, Any], **match: Any) -> dict[str, Any]:
    return {"name": "one", "match": {"operation": operation, **match}, "respond": respond}


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize(("operation", "path"), [("status", "/status"), ("delete", "/delete")])
def test_an_unknown_reference_can_be_answered(operation: str, path: str, kind: str) -> None:
    respond, status = ANSWERS[kind]
    shop = ShuftiHarness(scenario(operation, respond))
    answer = shop.send("POST", path, {"reference": UNKNOWN, "comment": "a test"})
    assert (answer.status, shop.entry().scenario, shop.entry().reference) == (status, "one", UNKNOWN)
    assert signed(answer, shop.secret)


def test_an_outcome_needs_a_known_reference() -> None:
    shop = ShuftiHarness(scenario("status", {"outcome": "accepted"}))
    assert json_of(shop.send("POST", "/status", {"reference": UNKNOWN}))["event"] == "request.invalid"
    assert shop.entry().scenario == ""


def test_a_scripted_error_names_the_reference_that_was_sent() -> None:
    shop = ShuftiHarness(scenario("status", {"error": "request.invalid", "message": "Try again."}))
    answer = json_of(shop.send("POST", "/status", {"reference": UNKNOWN}))
    assert (answer["reference"], answer["error"]["message"]) == (UNKNOWN, "Try again.")


@pytest.mark.parametrize(
    "body",
    [{"reference": "a", **AML}, {"reference": UNKNOWN, "country": "XX", **AML}],
    ids=["reference", "country"],
)
def test_a_scenario_that_does_not_answer_leaves_the_refusal_as_it_is(body: dict[str, Any]) -> None:
    plain, scripted = ShuftiHarness(), ShuftiHarness(scenario("verification", {"outcome": "accepted"}))
    assert scripted.send("POST", "/", body).body == plain.send("POST", "/", body).body


@pytest.mark.parametrize(
    ("match", "body", "hits"),
    [
        ({"body.reference": UNKNOWN}, {"reference": UNKNOWN}, True),
        ({"body.reference": {"prefix": "a"}}, {"reference": "a"}, True),
        ({"body.country": "XX"}, {"reference": UNKNOWN, "country": "XX"}, True),
        ({"body.reference": {"exists": False}}, b"{", True),
        ({"body.reference": {"exists": True}}, b"{", False),
        ({"body.face": {"exists": True}}, {"reference": [], "face": {}}, True),
    ],
    ids=str,
)
def test_facts_of_an_invalid_verification(match: dict[str, Any], body: Any, hits: bool) -> None:
    shop = ShuftiHarness(scenario("verification", DOWN, **match))
    assert (shop.send("POST", "/", body).status == 503) is hits


def test_the_record_of_an_invalid_deletion_can_be_matched() -> None:
    shop = ShuftiHarness(scenario("delete", DOWN, **{"verification.status": "verification.accepted"}))
    shop.ask({"reference": "ref-known", **AML})
    assert shop.send("POST", "/delete", {"reference": "ref-known"}).status == 503
    assert shop.send("POST", "/delete", {"reference": UNKNOWN}).status == 400


def test_an_access_token_is_used_up_by_such_an_answer() -> None:
    shop = ShuftiHarness(scenario("status", DOWN))
    bearer = f"Bearer {json_of(shop.send('POST', '/get/access/token'))['access_token']}"
    codes = [
        shop.send("POST", "/status", {"reference": UNKNOWN}, headers={"authorization": bearer}).status
        for _ in range(2)
    ]
    assert codes == [503, 401]


@pytest.mark.parametrize(("burns", "status"), [(True, 401), (False, 503)])
def test_a_scripted_error_gives_a_token_back_by_setting(burns: bool, status: int) -> None:
    steps = [{"respond": {"error": "request.invalid"}}, {"respond": {"status": 503}}]
    shop = ShuftiHarness(
        {"name": "one", "match": {"operation": "status"}, "sequence": steps}, refusal_burns_token=burns
    )
    bearer = f"Bearer {json_of(shop.send('POST', '/get/access/token'))['access_token']}"
    codes = [
        shop.send("POST", "/status", {"reference": UNKNOWN}, headers={"authorization": bearer}).status
        for _ in range(2)
    ]
    assert codes == [400, status]


def test_a_callback_follows_an_answer_to_an_invalid_request() -> None:
    shop = ShuftiHarness(
        {
            **scenario("status", DOWN),
            "callbacks": [{"event": "request.timeout", "url": "http://127.0.0.1:9/hook"}],
        }
    )
    shop.send("POST", "/status", {"reference": UNKNOWN})
    assert [(message.event, message.reference) for message in shop.callbacks()] == [
        ("request.timeout", UNKNOWN)
    ]


def test_polls_of_an_unknown_reference_count_by_it() -> None:
    steps = [{"respond": {"status": 503}}, {"respond": {"body": {"event": "verification.accepted"}}}]
    shop = ShuftiHarness({"name": "poll", "match": {"operation": "status"}, "sequence": steps})
    statuses = [
        shop.send("POST", "/status", {"reference": name}).status
        for name in ("aaaaaa", "aaaaaa", "bbbbbb", "aaaaaa")
    ]
    assert statuses == [503, 200, 503, 200]


# -- before the checks
# -------------------------------------------------------------------------------------------
def early(**match: Any) -> dict[str, Any]:
    return {"name": "one", "before": "checks", "match": match, "respond": DOWN}


UNCHECKED: dict[str, tuple[str, str, Any, dict[str, str]]] = {
    "no credentials": ("POST", "/", {"reference": UNKNOWN}, {"authorization": ""}),
    "unknown client": ("POST", "/", {"reference": UNKNOWN}, {"authorization": "Basic bm9ib2R5OngK"}),
    "unknown token": ("POST", "/status", {"reference": UNKNOWN}, {"authorization": "Bearer x"}),
    "unreadable": ("POST", "/", b"\xff", {}),
    "wrong method": ("GET", "/status", None, {}),
    "no such file": ("POST", "/api/pea/aaaa", {}, {}),
}


@pytest.mark.parametrize("case", UNCHECKED)
def test_it_answers_before_any_check(case: str) -> None:
    method, path, body, headers = UNCHECKED[case]
    shop = ShuftiHarness(early())
    answer = shop.send(method, path, body, headers=headers)
    assert (answer.status, answer.body) == (503, b"upstream unavailable")
    assert "Signature" not in dict(answer.headers)


@pytest.mark.parametrize(
    ("headers", "account"),
    [({}, CLIENT), ({"authorization": ""}, "default"), ({"authorization": "Basic bm9ib2R5OngK"}, "default")],
    ids=["known", "nobody", "unknown"],
)
def test_the_account_is_that_of_the_client_that_is_named(headers: dict[str, str], account: str) -> None:
    shop = ShuftiHarness(early(account=account))
    assert shop.send("POST", "/", {"reference": UNKNOWN}, headers=headers).status == 503
    assert shop.entry(account).scenario == "one"


def test_a_wrong_secret_still_names_its_account() -> None:
    shop = ShuftiHarness(early(account=CLIENT))
    shop.secret = "wrong"
    assert shop.send("POST", "/", {"reference": UNKNOWN}).status == 503


def test_it_uses_no_token_and_counts_for_no_limit() -> None:
    shop = ShuftiHarness(early(**{"header.x-outage": "yes"}), rate_limit=2, rate_limit_by="account")
    bearer = f"Bearer {json_of(shop.send('POST', '/get/access/token'))['access_token']}"
    for _ in range(5):
        assert shop.send("POST", "/", {}, headers={"authorization": bearer, "x-outage": "yes"}).status == 503
    assert shop.ask(AML, headers={"authorization": bearer}).status == 200
    assert shop.ask(AML).status == 429


# -- whatever is sent
# --------------------------------------------------------------------------------------------
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["reference", "callback_url", "face", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
OPERATIONS = {"verification": "/", "status": "/status", "delete": "/delete"}
WITH_CALLBACK = [
    {
        "name": f"one {operation}",
        "match": {"operation": operation},
        "respond": {"error": "request.invalid", "status": 418},
        "callbacks": [
            {"event": "request.timeout"},
            {"event": "request.timeout", "url": "http://127.0.0.1:9/"},
        ],
    }
    for operation in OPERATIONS
]


@given(st.sampled_from(sorted(OPERATIONS)), JSON)
def test_any_body_can_be_answered(operation: str, body: Any) -> None:
    shop = ShuftiHarness(*WITH_CALLBACK)
    assert shop.send("POST", OPERATIONS[operation], body).status == 418
