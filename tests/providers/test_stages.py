"""When a scenario answers: before the checks, once the credentials are right, or once the request is
valid."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from harbour_mock import KEY, NONCE, VOUCHER

from mock_server.core.http import Refusal, Request, Response
from tests.providers.test_pipeline import PipelineHarness, payload

INVALID = {"reference": "r1", "kind": "large"}
"""It lacks ``name``, which is the error ``bad-check``."""
FREE: dict[str, tuple[dict[str, Any], int, bytes]] = {
    "status": ({"status": 503}, 503, b""),
    "status and headers": ({"status": 503, "headers": {"Retry-After": 5}}, 503, b""),
    "status and body": ({"status": 503, "body": "down {{ request.body.reference }}"}, 503, b"down r1"),
    "body": ({"body": {"n": 1}}, 200, b'{"n":1}'),
    "error": ({"error": "bad-key"}, 400, b'{"error":"bad-key","message":null,"fields":[]}'),
    "error with merge": (
        {"error": "bad-key", "merge": {"fields": ["key"]}},
        400,
        b'{"error":"bad-key","message":null,"fields":["key"]}',
    ),
}
BOUND: dict[str, dict[str, Any]] = {
    "outcome": {"outcome": "hit"},
    "outcome with status": {"outcome": "hit", "status": 503},
    "merge": {"merge": {"a": 1}},
    "merge with status": {"merge": {"a": 1}, "status": 503},
    "delay": {"delay": "1s"},
    "success status": {"status": 202},
}


def answers_all(respond: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "one", "match": {"body.reference": "r1"}, "respond": respond, **more}


def early(respond: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "early", "before": "checks", "respond": respond, **more}


def scenario(response: Response) -> str | None:
    return dict(response.headers).get("X-Mock-Scenario")


# -- once the credentials are right
# ------------------------------------------------------------------------------
@pytest.mark.parametrize("name", FREE)
@pytest.mark.parametrize("body", [INVALID, {"name": "Ada", "reference": "r1"}], ids=["invalid", "valid"])
def test_an_answer_that_needs_no_state_answers_any_request(name: str, body: Any) -> None:
    respond, status, sent = FREE[name]
    harness = PipelineHarness(answers_all(respond))
    response = harness.post(body)
    assert (response.status, response.body) == (status, sent)
    entry = harness.entry()
    assert (entry.scenario, entry.reference, entry.evidence) == ("one", "r1", None)
    assert harness.store.records("test-a") == []


@pytest.mark.parametrize("name", BOUND)
def test_an_answer_made_from_the_request_needs_a_valid_one(name: str) -> None:
    harness = PipelineHarness(answers_all(BOUND[name]))
    response = harness.post(INVALID)
    assert (response.status, payload(response)["fields"], scenario(response), response.delay) == (
        400,
        ["name"],
        None,
        0.0,
    )
    assert scenario(harness.post()) == "one"


def test_a_success_status_alone_changes_the_built_in_answer() -> None:
    harness = PipelineHarness(answers_all({"status": 202}))
    response = harness.post()
    assert (response.status, payload(response)["result"]) == (202, "clear")
    assert len(harness.store.records("test-a")) == 1


@pytest.mark.parametrize(
    "respond", [FREE["error"][0], FREE["body"][0], {"outcome": "hit"}], ids=["error", "body", "outcome"]
)
def test_wrong_credentials_come_before_every_such_answer(respond: dict[str, Any]) -> None:
    harness = PipelineHarness({"name": "one", "respond": respond})
    assert payload(harness.post(key="nobody"))["error"] == "bad-key"
    assert harness.entry("default").scenario == ""


@pytest.mark.parametrize("fault", ["reset", "empty", "truncate", "garbage", "hang"])
def test_a_fault_breaks_off_the_refusal_of_an_invalid_request(fault: str) -> None:
    response = PipelineHarness(answers_all({"fault": fault})).post(INVALID)
    assert (response.fault, payload(response)["fields"], scenario(response)) == (fault, ["name"], "one")


@pytest.mark.parametrize(
    ("order", "status"),
    [(("bound", "free"), 400), (("free", "bound"), 503)],
    ids=["the bound one first", "the free one first"],
)
def test_the_first_match_decides_also_where_the_request_is_invalid(
    order: tuple[str, str], status: int
) -> None:
    each = {
        "bound": {"name": "bound", "respond": {"outcome": "hit"}},
        "free": {"name": "free", "respond": {"status": 503}},
    }
    assert PipelineHarness(*(each[name] for name in order)).post(INVALID).status == status


def test_a_body_that_cannot_be_read_matches_what_does_not_ask_for_it() -> None:
    harness = PipelineHarness(
        answers_all({"status": 503}), {"name": "any", "match": {"method": "POST"}, "respond": {"status": 504}}
    )
    assert harness.post(b"{").status == 504


def test_a_nonce_is_used_up_by_an_answer_to_an_invalid_request() -> None:
    harness = PipelineHarness(answers_all({"status": 503}))
    harness.post(INVALID, nonce="m1")
    assert harness.used(NONCE) is True


def test_callbacks_follow_such_an_answer() -> None:
    harness = PipelineHarness(answers_all({"status": 503}, callbacks=[{"event": "check.done"}]))
    response = harness.post(INVALID)
    assert len(response.release) == 1


def test_a_sequence_counts_only_the_invalid_requests_it_answers() -> None:
    steps = [
        {"respond": {"status": 503}},
        {"respond": {"error": "bad-key"}},
        {"respond": {"outcome": "hit"}},
        {"respond": {"status": 504}},
    ]
    harness = PipelineHarness({"name": "flaky", "sequence": steps})
    assert [harness.post(INVALID).status for _ in range(4)] == [503, 400, 400, 400]
    assert [entry.step for entry in harness.store.entries("test-a")[0]] == [0, 0, 2, 1]
    assert harness.post({"reference": "r2"}).status == 503
    assert [harness.post().status, harness.post(INVALID).status] == [201, 504]


def test_how_often_a_scenario_answered_is_counted() -> None:
    harness = PipelineHarness(answers_all({"status": 503}))
    for body in (INVALID, None, {"reference": "r2"}):
        harness.post(body)
    assert harness.store.scenario_counts("test-a") == {"one": 2}


# -- before the checks
# -------------------------------------------------------------------------------------------
UNCHECKED: dict[str, dict[str, Any]] = {
    "valid": {},
    "invalid": {"body": INVALID},
    "unreadable": {"body": b"{"},
    "unknown key": {"key": "nobody"},
    "no key": {"key": ""},
    "unknown path": {"path": "/elsewhere", "mount": "/harbour"},
    "other method": {"path": "/checks/r1"},
    "used voucher": {"voucher": "used"},
}


@pytest.mark.parametrize("case", UNCHECKED)
def test_it_answers_before_any_check(case: str) -> None:
    harness = PipelineHarness(early({"status": 503, "body": "down"}))
    harness.store.commit(find_used())
    response = harness.post(**UNCHECKED[case])
    assert (response.status, response.body, scenario(response)) == (503, b"down", "early")
    account = "default" if "key" in case else "test-a"
    assert (harness.entry(account).scenario, harness.entry(account).error) == ("early", "")


def find_used() -> Any:
    from mock_server.core.records import UsedValue
    from mock_server.store.base import Transaction

    transaction = Transaction("test-a")
    transaction.used_values.append(UsedValue(VOUCHER, "used", 0.0, 4e9, "r-1"))
    return transaction


def test_it_answers_a_body_over_the_limit() -> None:
    harness = PipelineHarness(early({"status": 503}, match={"operation": "check"}))
    response = harness.pipeline.handle(
        Request("POST", "/checks", "", {KEY: "test-a"}, b""),
        refusal=Refusal(413, "size", "too long", "cut it", 5),
    )
    assert (response.status, harness.entry().operation) == (503, "check")


def test_it_uses_nothing_up_and_signs_nothing() -> None:
    refused: list[Any] = []
    harness = PipelineHarness(early({"status": 503}), on_refusal=refused.append)
    response = harness.post(voucher="m1", nonce="m1")
    assert (harness.used(VOUCHER), harness.used(NONCE), refused) == (False, False, [])
    assert "X-Harbour-Signature" not in dict(response.headers)


@pytest.mark.parametrize(
    ("respond", "status", "body", "fault"),
    [
        ({"status": 200}, 200, b"", None),
        ({"status": 503, "body": {"at": "{{ request.body.reference }}"}}, 503, b'{"at":"r1"}', None),
        ({"fault": "reset"}, 200, b"", "reset"),
        ({"status": 429, "headers": {"Retry-After": "2"}, "delay": "2s"}, 429, b"", None),
    ],
    ids=["status", "body", "fault", "headers and delay"],
)
def test_what_it_can_answer(respond: dict[str, Any], status: int, body: bytes, fault: str | None) -> None:
    response = PipelineHarness(early(respond)).post(key="nobody")
    assert (response.status, response.body, response.fault) == (status, body, fault)
    assert response.delay == (2.0 if "delay" in respond else 0.0)


@pytest.mark.parametrize(
    ("match", "hits"),
    [
        ({"operation": "check"}, True),
        ({"operation": "check", "header.x-harbour-key": "nobody"}, True),
        ({"body.reference": "r1"}, True),
        ({"body.reference": "r2"}, False),
        ({"method": "POST", "path": "/checks"}, True),
        ({"account": "default"}, True),
        ({"account": "test-a"}, False),
    ],
    ids=str,
)
def test_what_it_can_match(match: dict[str, Any], hits: bool) -> None:
    response = PipelineHarness(early({"status": 503}, match=match)).post(key="nobody")
    assert (response.status == 503) is hits


def test_where_it_does_not_match_the_checks_go_on() -> None:
    harness = PipelineHarness(early({"status": 503}, match={"body.reference": "r2"}))
    assert [
        harness.post().status,
        payload(harness.post(key="nobody"))["error"],
        harness.post(INVALID).status,
    ] == [201, "bad-key", 400]


def test_it_answers_the_account_whose_scenario_it_is() -> None:
    harness = PipelineHarness()
    document = {"version": 1, "provider": "harbour", "scenarios": [early({"status": 503})]}
    harness.store.update("test-a", lambda state: state._replace(inline=(msgspec.json.encode(document),)))
    statuses = [harness.post(INVALID, key=key).status for key in ("test-a", "test-b", "nobody")]
    assert statuses == [503, 400, 401]


def test_an_accounts_own_comes_before_that_of_the_files() -> None:
    harness = PipelineHarness(early({"status": 503}))
    document = {
        "version": 1,
        "provider": "harbour",
        "scenarios": [{**early({"status": 502}), "name": "mine"}],
    }
    harness.store.update("test-a", lambda state: state._replace(inline=(msgspec.json.encode(document),)))
    assert [harness.post(key=key).status for key in ("test-a", "test-b")] == [502, 503]


def test_it_is_asked_before_scenarios_of_a_higher_priority() -> None:
    harness = PipelineHarness(
        {"name": "urgent", "priority": 9, "respond": {"outcome": "hit"}}, early({"status": 503})
    )
    assert harness.post().status == 503


def test_another_pinned_scenario_keeps_it_from_answering() -> None:
    harness = PipelineHarness(
        {"name": "other", "match": {"body.name": "Nobody"}, "respond": {"outcome": "hit"}},
        early({"status": 503}),
    )
    harness.store.update("test-a", lambda state: state._replace(pinned="other"))
    assert [harness.post().status, harness.post(INVALID).status, harness.post(key="test-b").status] == [
        201,
        400,
        503,
    ]


def test_it_answers_every_request_while_it_is_pinned() -> None:
    harness = PipelineHarness(early({"status": 503}, match={"header.x-harbour-key": "test-z"}))
    harness.store.update("test-a", lambda state: state._replace(pinned="early"))
    assert [harness.post(**UNCHECKED[case]).status for case in ("valid", "invalid", "unknown path")] == [
        503,
        503,
        503,
    ]


def test_its_sequence_counts_by_reference() -> None:
    harness = PipelineHarness(
        {
            "name": "early",
            "before": "checks",
            "sequence": [{"respond": {"status": code}} for code in (500, 502, 503)],
        }
    )
    assert [harness.post(INVALID).status for _ in range(4)] == [500, 502, 503, 503]
    assert harness.post({"reference": "r2"}).status == 500
    assert harness.post(key="nobody").status == 500


def test_its_template_that_fails_is_the_mocks_own_fault() -> None:
    response = PipelineHarness(early({"body": "{{ request.body.missing.deeper }}"})).post(key="nobody")
    assert (response.status, dict(response.headers)["Content-Type"]) == (500, "application/problem+json")
