"""When a scenario answers: before the checks, once the credentials are right, or once the request is
valid."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mock_server.core.http import Refusal, Request, Response
from tests.providers.test_pipeline import PipelineHarness, told

INVALID = {"reference": "r1", "kind": "large"}
"""It lacks ``to``, which is error 9."""
FREE: dict[str, tuple[dict[str, Any], int, bytes]] = {
    "status": ({"status": 503}, 503, b""),
    "status and headers": ({"status": 503, "headers": {"Retry-After": 5}}, 503, b""),
    "status and body": ({"status": 503, "body": "down {{ request.body.reference }}"}, 503, b"down r1"),
    "body": ({"body": {"n": 1}}, 200, b'{"n":1}'),
    "error": ({"error": "7"}, 400, b'{"error":"7","fields":[],"message":null}'),
    "error with merge": (
        {"error": "7", "merge": {"fields": ["stamp"]}},
        400,
        b'{"error":"7","fields":["stamp"],"message":null}',
    ),
}
BOUND: dict[str, dict[str, Any]] = {
    "outcome": {"outcome": "lost"},
    "outcome with status": {"outcome": "lost", "status": 503},
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
@pytest.mark.parametrize("body", [INVALID, {"to": "Ada", "reference": "r1"}], ids=["invalid", "valid"])
def test_an_answer_that_needs_no_state_answers_any_request(name: str, body: Any) -> None:
    respond, status, sent = FREE[name]
    office = PipelineHarness(answers_all(respond))
    response = office.post(body)
    assert (response.status, response.body) == (status, sent)
    entry = office.entry()
    assert (entry.scenario, entry.reference, entry.evidence) == ("one", "r1", None)
    assert office.store.records("test-a") == []


@pytest.mark.parametrize("name", BOUND)
def test_an_answer_made_from_the_request_needs_a_valid_one(name: str) -> None:
    office = PipelineHarness(answers_all(BOUND[name]))
    response = office.post(INVALID)
    assert (response.status, told(response)["fields"], scenario(response), response.delay) == (
        400,
        ["to"],
        None,
        0.0,
    )
    assert scenario(office.post()) == "one"


def test_a_success_status_alone_changes_the_built_in_answer() -> None:
    office = PipelineHarness(answers_all({"status": 202}))
    response = office.post()
    assert (response.status, told(response)["card"]["state"]) == (202, "sent")
    assert len(office.store.records("test-a")) == 1


@pytest.mark.parametrize(
    "respond", [FREE["error"][0], FREE["body"][0], {"outcome": "lost"}], ids=["error", "body", "outcome"]
)
def test_wrong_credentials_come_before_every_such_answer(respond: dict[str, Any]) -> None:
    office = PipelineHarness({"name": "one", "respond": respond})
    assert told(office.post(stamp="nobody"))["error"] == "7"
    assert office.entry("default").scenario == ""


@pytest.mark.parametrize("fault", ["reset", "empty", "truncate", "garbage", "hang"])
def test_a_fault_breaks_off_the_refusal_of_an_invalid_request(fault: str) -> None:
    response = PipelineHarness(answers_all({"fault": fault})).post(INVALID)
    assert (response.fault, told(response)["fields"], scenario(response)) == (fault, ["to"], "one")


@pytest.mark.parametrize(
    ("order", "status"),
    [(("bound", "free"), 400), (("free", "bound"), 503)],
    ids=["the bound one first", "the free one first"],
)
def test_the_first_match_decides_also_where_the_request_is_invalid(
    order: tuple[str, str], status: int
) -> None:
    each = {
        "bound": {"name": "bound", "respond": {"outcome": "lost"}},
        "free": {"name": "free", "respond": {"status": 503}},
    }
    assert PipelineHarness(*(each[name] for name in order)).post(INVALID).status == status


def test_a_body_that_cannot_be_read_matches_what_does_not_ask_for_it() -> None:
    office = PipelineHarness(
        answers_all({"status": 503}), {"name": "any", "match": {"method": "POST"}, "respond": {"status": 504}}
    )
    assert office.post(b"{").status == 504


def test_a_ticket_is_used_up_by_an_answer_to_an_invalid_request() -> None:
    office = PipelineHarness(answers_all({"status": 503}))
    office.post(INVALID, ticket="m1")
    assert office.used("ticket") is True


def test_callbacks_follow_such_an_answer() -> None:
    office = PipelineHarness(answers_all({"status": 503}, callbacks=[{"event": "arrived"}]))
    response = office.post(INVALID)
    assert len(response.release) == 1


def test_a_sequence_counts_invalid_requests_only_where_they_are_answered() -> None:
    steps = [
        {"respond": {"status": 503}},
        {"respond": {"error": "7"}},
        {"respond": {"outcome": "lost"}},
        {"respond": {"status": 504}},
    ]
    office = PipelineHarness({"name": "flaky", "sequence": steps})
    assert [office.post(INVALID).status for _ in range(4)] == [503, 400, 400, 400]
    assert [entry.step for entry in office.store.entries("test-a")[0]] == [0, 0, 2, 1]
    assert office.post({"reference": "r2"}).status == 503
    assert [office.post().status, office.post(INVALID).status] == [200, 504]


def test_how_often_a_scenario_answered_is_counted() -> None:
    office = PipelineHarness(answers_all({"status": 503}))
    for body in (INVALID, None, {"reference": "r2"}):
        office.post(body)
    assert office.store.scenario_counts("test-a") == {"one": 2}


# -- before the checks
# -------------------------------------------------------------------------------------------
UNCHECKED: dict[str, dict[str, Any]] = {
    "valid": {},
    "invalid": {"body": INVALID},
    "unreadable": {"body": b"{"},
    "unknown stamp": {"stamp": "nobody"},
    "no stamp": {"stamp": ""},
    "unknown path": {"path": "/postage"},
    "used mark": {"mark": "used"},
}


@pytest.mark.parametrize("case", UNCHECKED)
def test_it_answers_before_any_check(case: str) -> None:
    office = PipelineHarness(early({"status": 503, "body": "down"}))
    office.store.commit(find_used())
    response = office.post(**UNCHECKED[case])
    assert (response.status, response.body, scenario(response)) == (503, b"down", "early")
    account = "default" if "stamp" in case else "test-a"
    assert (office.entry(account).scenario, office.entry(account).error) == ("early", "")


def find_used() -> Any:
    from mock_server.core.records import UsedValue
    from mock_server.store.base import Transaction

    transaction = Transaction("test-a")
    transaction.used_values.append(UsedValue("mark", "used", 0.0, 4e9, "r-1"))
    return transaction


def test_it_answers_a_body_over_the_limit() -> None:
    office = PipelineHarness(early({"status": 503}, match={"operation": "post"}))
    response = office.pipeline.handle(
        Request("POST", "/post", "", {"stamp": "test-a"}, b""),
        refusal=Refusal(413, "size", "too long", "cut it", 5),
    )
    assert (response.status, office.entry().operation) == (503, "post")


def test_it_uses_nothing_up_and_signs_nothing() -> None:
    refused: list[Any] = []
    office = PipelineHarness(early({"status": 503}), on_refusal=refused.append)
    response = office.post(mark="m1", ticket="m1")
    assert (office.used("mark"), office.used("ticket"), refused) == (False, False, [])
    assert "Weight" not in dict(response.headers)


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
    response = PipelineHarness(early(respond)).post(stamp="nobody")
    assert (response.status, response.body, response.fault) == (status, body, fault)
    assert response.delay == (2.0 if "delay" in respond else 0.0)


@pytest.mark.parametrize(
    ("match", "hits"),
    [
        ({"operation": "post"}, True),
        ({"operation": "post", "header.stamp": "nobody"}, True),
        ({"body.reference": "r1"}, True),
        ({"body.reference": "r2"}, False),
        ({"method": "POST", "path": "/post"}, True),
        ({"account": "default"}, True),
        ({"account": "test-a"}, False),
    ],
    ids=str,
)
def test_what_it_can_match(match: dict[str, Any], hits: bool) -> None:
    response = PipelineHarness(early({"status": 503}, match=match)).post(stamp="nobody")
    assert (response.status == 503) is hits


def test_where_it_does_not_match_the_checks_go_on() -> None:
    office = PipelineHarness(early({"status": 503}, match={"body.reference": "r2"}))
    assert [
        office.post().status,
        told(office.post(stamp="nobody"))["error"],
        office.post(INVALID).status,
    ] == [200, "7", 400]


def test_it_answers_the_account_whose_scenario_it_is() -> None:
    office = PipelineHarness()
    document = {"version": 1, "provider": "postcard", "scenarios": [early({"status": 503})]}
    office.store.update("test-a", lambda state: state._replace(inline=(msgspec.json.encode(document),)))
    statuses = [office.post(INVALID, stamp=stamp).status for stamp in ("test-a", "test-b", "nobody")]
    assert statuses == [503, 400, 400]


def test_an_accounts_own_comes_before_that_of_the_files() -> None:
    office = PipelineHarness(early({"status": 503}))
    document = {
        "version": 1,
        "provider": "postcard",
        "scenarios": [{**early({"status": 502}), "name": "mine"}],
    }
    office.store.update("test-a", lambda state: state._replace(inline=(msgspec.json.encode(document),)))
    assert [office.post(stamp=stamp).status for stamp in ("test-a", "test-b")] == [502, 503]


def test_it_is_asked_before_scenarios_of_a_higher_priority() -> None:
    office = PipelineHarness(
        {"name": "urgent", "priority": 9, "respond": {"outcome": "lost"}}, early({"status": 503})
    )
    assert office.post().status == 503


def test_another_pinned_scenario_keeps_it_from_answering() -> None:
    office = PipelineHarness(
        {"name": "other", "match": {"body.to": "Nobody"}, "respond": {"outcome": "lost"}},
        early({"status": 503}),
    )
    office.store.update("test-a", lambda state: state._replace(pinned="other"))
    assert [office.post().status, office.post(INVALID).status, office.post(stamp="test-b").status] == [
        200,
        400,
        503,
    ]


def test_it_answers_every_request_while_it_is_pinned() -> None:
    office = PipelineHarness(early({"status": 503}, match={"header.stamp": "test-z"}))
    office.store.update("test-a", lambda state: state._replace(pinned="early"))
    assert [office.post(**UNCHECKED[case]).status for case in ("valid", "invalid", "unknown path")] == [
        503,
        503,
        503,
    ]


def test_its_sequence_counts_by_reference() -> None:
    office = PipelineHarness(
        {
            "name": "early",
            "before": "checks",
            "sequence": [{"respond": {"status": code}} for code in (500, 502, 503)],
        }
    )
    assert [office.post(INVALID).status for _ in range(4)] == [500, 502, 503, 503]
    assert office.post({"reference": "r2"}).status == 500
    assert office.post(stamp="nobody").status == 500


def test_its_template_that_fails_is_the_mocks_own_fault() -> None:
    response = PipelineHarness(early({"body": "{{ request.body.missing.deeper }}"})).post(stamp="nobody")
    assert (response.status, dict(response.headers)["Content-Type"]) == (500, "application/problem+json")
