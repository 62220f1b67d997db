"""The site webhook: all request types and events, by scenario, by hand and by a reviewer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.core.records import Message
from mock_server.providers.cloudcheck.settings import parse_settings
from mock_server.providers.cloudcheck.vocabulary import VOCABULARY, vocabulary
from mock_server.providers.cloudcheck.webhooks import REQUEST_TYPES, event_of, with_query
from mock_server.scenario.lint import check
from mock_server.scenario.vocabulary import Vocabulary
from tests.providers.cloudcheck.harness import JPEG, PipelineHarness

HOOK = "http://localhost:3000/hooks"


def office(*scenarios: dict[str, Any], **options: Any) -> PipelineHarness:
    return PipelineHarness(*scenarios, accounts={"default": {"webhook_url": HOOK}}, **options)


def make(at: PipelineHarness, kind: str) -> str:
    """A record of the kind, by the caller's reference ``w-1``; its key."""
    bank = {"reference": "w-1", "callback": "http://localhost/"}
    match kind:
        case "verification":
            return str(at.verify({**json.loads(FULL), "reference": "w-1"})["verificationReference"])
        case "association":
            association = {"reference": "w-1", "personDetail": {"name": {"family": "Marlowe"}}}
            return str(
                at.post("/watchlist/create-associations/", {"associations": [association]})["associations"][
                    0
                ]["associationReference"]
            )
        case "capture":
            return str(at.post("/live/", {"reference": "w-1"})["capture"]["captureReference"])
        case "document":
            answer = at.send(
                "POST",
                "/doc/runcheck/",
                {"data": '{"reference":"w-1","consent":"Yes"}'},
                files={"file": ("a", JPEG)},
            )
            return str(json.loads(answer.body)["document"]["token"])
    return str(at.post(f"/{kind}/initiate/", bank)[kind]["token"])


FULL = json.dumps({"details": {"name": {"family": "Marlowe"}, "dateofbirth": "1987-03-14"}, "consent": "Yes"})
DECISIONS = {"verification": "cleared", "association": "confirmed", "document": "no-match"}


def expected(at: PipelineHarness, kind: str, key: str) -> dict[str, str]:
    if kind == "association":
        key += "," + at.get("/watchlist/association/", associationReference=key)["matches"][0]["matchId"]
    return {"requestType": REQUEST_TYPES[kind], "eventType": event_of(kind), "reference": key}


@pytest.mark.parametrize("kind", REQUEST_TYPES)
def test_a_reviewers_decision_about_every_kind(kind: str) -> None:
    at = office()
    key = make(at, kind)
    at.decide("w-1", DECISIONS.get(kind, "match"))
    (message,) = at.messages()
    assert expected(at, kind, key) == json.loads(message.body)
    assert list(json.loads(message.body)) == ["requestType", "eventType", "reference"]
    assert (HOOK, "POST", (), event_of(kind), "w-1", "cloudcheck:w-1") == (
        message.url,
        message.method,
        message.waits,
        message.event,
        message.reference,
        message.lane,
    )
    assert message.headers == (("Content-Type", "application/json"),)


@pytest.mark.parametrize("by", ["w-1", "key"])
@pytest.mark.parametrize("kind", REQUEST_TYPES)
def test_an_event_fired_by_hand_about_every_kind(kind: str, by: str) -> None:
    at = office()
    key = make(at, kind)
    (message,) = at.backoffice.fire(
        at.default,
        "cloudcheck",
        event_of(kind),
        key if by == "key" else by,
        {"requestType": REQUEST_TYPES[kind]},
    )
    assert expected(at, kind, key) == json.loads(message.body)


@pytest.mark.parametrize("kind", [kind for kind in REQUEST_TYPES if kind != "association"])
def test_a_scenarios_callback_about_every_kind(kind: str) -> None:
    operation = {"verification": "verify", "capture": "live", "document": "doc-runcheck"}.get(
        kind, f"{kind}-initiate"
    )
    at = office(
        {
            "name": "s",
            "match": {"operation": operation},
            "callbacks": [{"event": event_of(kind), "after": "2s"}],
        }
    )
    key = make(at, kind)
    (message,) = at.messages()
    assert expected(at, kind, key) == json.loads(message.body)
    assert message.due - message.created == 2.0
    assert message.request_id == at.entry().id


def test_a_scenarios_callback_about_an_association() -> None:
    at = office(
        {
            "name": "s",
            "match": {"operation": "watchlist-create"},
            "callbacks": [{"event": "PEP_MATCH_REVIEW"}],
        }
    )
    key = make(at, "association")
    assert [expected(at, "association", key)] == at.callback_bodies()


def test_what_a_scenario_can_say_of_a_callback() -> None:
    spec = {
        "event": "REVIEW",
        "request_type": "CAPTURE",
        "url": "http://localhost/{{ request.body.reference }}",
        "attempts": 3,
        "reference": "other",
        "merge": {"extra": 1},
        "deliver": ["before-response", "duplicate"],
    }
    spec["requestType"] = spec.pop("request_type")
    at = office(
        {
            "name": "s",
            "match": {"operation": "verify"},
            "callbacks": [{"event": "PEP_MATCH_REVIEW", "after": "9s"}, spec],
        }
    )
    make(at, "verification")
    first, second = at.messages()
    assert (
        first.url,
        len(first.waits),
        first.before_response,
        first.deliver,
    ) == ("http://localhost/w-1", 2, True, ("before-response", "duplicate"))
    assert json.loads(first.body) == {
        "requestType": "CAPTURE",
        "eventType": "REVIEW",
        "reference": "other",
        "extra": 1,
    }
    assert second.event == "PEP_MATCH_REVIEW"


def test_a_review_is_entered_before_its_webhook_leaves() -> None:
    respond = {
        "outcome": "pep-match",
        "review": {"decision": "CONFIRMED", "notes": "{{ request.body.reference }}"},
    }
    at = office(
        {
            "name": "s",
            "match": {"operation": "verify"},
            "respond": respond,
            "callbacks": [{"event": "PEP_MATCH_REVIEW", "after": "2s"}],
        }
    )
    key = make(at, "verification")
    assert "pepMatchReview" not in at.get("/verify/response/", verificationReference=key)["verification"]
    at.run_timers(2)
    review = at.get("/verify/response/", verificationReference=key)["verification"]["pepMatchReview"]
    assert (review["decision"], review["notes"], review["reviewedBy"]) == ("CONFIRMED", "w-1", "reviewer")


@pytest.mark.parametrize(
    "respond", [{"error": 111}, {"body": {"verification": {}}}, {"fault": "reset"}], ids=str
)
def test_callbacks_follow_answers_that_are_not_composed(respond: dict[str, Any]) -> None:
    callbacks = [{"event": "PEP_MATCH_REVIEW", "reference": "told"}]
    at = office({"name": "s", "match": {"operation": "verify"}, "respond": respond, "callbacks": callbacks})
    at.send("POST", "/verify/", {"data": json.dumps({**json.loads(FULL), "reference": "w-1"})})
    assert at.callback_bodies() == [
        {"requestType": "VERIFICATION", "eventType": "PEP_MATCH_REVIEW", "reference": "told"}
    ]
    assert at.store.records("default") == [], "nothing was verified"


def test_a_verification_without_a_match_cannot_be_decided() -> None:
    at = office()
    person = {"name": {"given": "Hēmi", "family": "Ngāta"}, "dateofbirth": "1987-03-14"}
    at.verify({"details": person, "reference": "w-1", "consent": "Yes"})
    with pytest.raises(ValueError, match="has no PEP match to decide about"):
        at.decide("w-1", "cleared")
    assert at.messages() == []


def test_a_decision_about_a_match_is_in_the_stored_result() -> None:
    at = office()
    key = make(at, "verification")
    at.decide("w-1", "cleared", {"notes": "Another person, born in 1952"})
    review = at.get("/verify/response/", verificationReference=key)["verification"]["pepMatchReview"]
    assert (review["decision"], review["notes"]) == ("CLEARED", "Another person, born in 1952")


def test_without_a_webhook_the_message_says_where_to_set_one() -> None:
    at = PipelineHarness(
        {"name": "s", "match": {"operation": "verify"}, "callbacks": [{"event": "PEP_MATCH_REVIEW"}]}
    )
    make(at, "verification")
    at.decide("w-1", "cleared")
    reason = "account default has no webhook_url; set it for the account, or `url` in the scenario's callback"
    assert [(each.url, each.no_address) for each in at.messages()] == [("", reason)] * 2


PAIRS = {
    "PEP_MATCH_REVIEW": {"VERIFICATION", "WATCHLIST_MONITORING"},
    "REVIEW": {"CAPTURE", "IDSCAN", "AKAHU", "CREDFIN", "DOCUMENT_CHECK"},
}
"""The specification's table: event → what it is sent about."""


@pytest.mark.parametrize("request_type", sorted(PAIRS["PEP_MATCH_REVIEW"] | PAIRS["REVIEW"]))
@pytest.mark.parametrize("event", PAIRS)
def test_the_lint_knows_the_pairs_of_the_specification(tmp_path: Path, event: str, request_type: str) -> None:
    callback = f"{{event: {event}, requestType: {request_type}}}"
    assert rules(tmp_path, "go-create", callback) == (
        [] if request_type in PAIRS[event] else ["unusual-request-type"]
    )


@pytest.mark.parametrize(
    ("operation", "event"),
    [
        ("verify", "REVIEW"),
        ("live", "PEP_MATCH_REVIEW"),
        ("watchlist-create", "REVIEW"),
        ("idscan-initiate", "PEP_MATCH_REVIEW"),
    ],
)
def test_the_lint_knows_what_an_operation_is_about(tmp_path: Path, operation: str, event: str) -> None:
    assert rules(tmp_path, operation, f"{{event: {event}}}") == ["unusual-request-type"]


@pytest.mark.parametrize(
    ("operation", "event"),
    [
        ("verify", "PEP_MATCH_REVIEW"),
        ("live", "REVIEW"),
        ("watchlist-get", "PEP_MATCH_REVIEW"),
        ("doc-runcheck", "REVIEW"),
        ("peid", "REVIEW"),
    ],
)
def test_the_lint_accepts_what_an_operation_is_about(tmp_path: Path, operation: str, event: str) -> None:
    assert rules(tmp_path, operation, f"{{event: {event}}}") == []


def rules(folder: Path, operation: str, callback: str, words: Vocabulary = VOCABULARY) -> list[str]:
    file = folder / "hooks.yaml"
    scenario = f"{{name: one, match: {{operation: {operation}}}, callbacks: [{callback}]}}"
    file.write_text(f"version: 1\nprovider: cloudcheck\nscenarios:\n  - {scenario}\n", "utf-8")
    return [problem.rule for problem in check([file], {"cloudcheck": words})]


def fire(at: PipelineHarness, event: str, reference: str, **options: Any) -> list[Message]:
    return at.backoffice.fire(at.default, "cloudcheck", event, reference, options)


@pytest.mark.parametrize(
    ("event", "options", "remedy"),
    [
        ("REVIEWED", {}, "not a Cloudcheck event; use PEP_MATCH_REVIEW and REVIEW"),
        ("REVIEW", {"requestType": "LIVE"}, "use one of VERIFICATION, WATCHLIST_MONITORING, CAPTURE"),
        ("REVIEW", {}, "give requestType"),
        (
            "REVIEW",
            {"requestType": "VERIFICATION"},
            "REVIEW is sent about CAPTURE or IDSCAN or .*, not about VERIFICATION; .* add merge",
        ),
        (
            "PEP_MATCH_REVIEW",
            {"requestType": "CAPTURE"},
            "about VERIFICATION or WATCHLIST_MONITORING, not about CAPTURE; .* add merge",
        ),
    ],
)
def test_an_event_that_cannot_be_fired(event: str, options: dict[str, Any], remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        fire(office(), event, "nobody", **options)


@pytest.mark.parametrize("more", [{"requestType": "VERIFICATION"}, {}], ids=["requestType", "no requestType"])
def test_merge_can_send_an_event_of_another_request_type(more: dict[str, Any]) -> None:
    at = office()
    fire(at, "REVIEW", "x", **more, merge={"requestType": "VERIFICATION"})
    assert at.callback_bodies() == [{"requestType": "VERIFICATION", "eventType": "REVIEW", "reference": "x"}]


def test_by_setting_any_pair_is_sent_and_none_is_a_warning(tmp_path: Path) -> None:
    at = office(settings={"webhook_pairs": "any"})
    fire(at, "REVIEW", "x", requestType="VERIFICATION")
    assert at.callback_bodies() == [{"requestType": "VERIFICATION", "eventType": "REVIEW", "reference": "x"}]
    words = vocabulary(parse_settings({"webhook_pairs": "any"}))
    assert rules(tmp_path, "verify", "{event: REVIEW, requestType: VERIFICATION}", words) == []


def test_an_event_without_a_webhook_asks_for_a_url() -> None:
    at = PipelineHarness()
    with pytest.raises(ValueError, match="has no webhook_url"):
        fire(at, "REVIEW", "x", requestType="CAPTURE")
    (message,) = fire(
        at, "REVIEW", "x", requestType="CAPTURE", url="http://localhost/x", merge={"reference": "y"}
    )
    assert (
        message.url,
        json.loads(message.body),
    ) == ("http://localhost/x", {"requestType": "CAPTURE", "eventType": "REVIEW", "reference": "y"})


def test_an_event_without_a_type_is_about_the_newest_record() -> None:
    at = office()
    make(at, "verification")
    at.clock.advance(1)
    capture = make(at, "capture")
    at.clock.advance(1)
    make(at, "verification")
    assert capture == json.loads(fire(at, "REVIEW", "w-1")[0].body)["reference"]


def test_the_webhook_can_be_set_while_the_server_runs() -> None:
    at = PipelineHarness()
    at.accounts.declare("test-hooked", {"cloudcheck": {"webhook_url": "http://localhost/late"}})
    account = at.accounts.get("test-hooked")
    assert account is not None
    at.verify({**json.loads(FULL), "reference": "w-1"}, key="test-hooked")
    (message,) = at.backoffice.fire(account, "cloudcheck", "PEP_MATCH_REVIEW", "w-1", {})
    assert message.url == "http://localhost/late"


@pytest.mark.parametrize(
    ("url", "added"),
    [
        ("http://h/p", "http://h/p?a=b+%26"),
        ("http://h/p?", "http://h/p?a=b+%26"),
        ("http://h/p?x=1", "http://h/p?x=1&a=b+%26"),
        ("http://h/p?x=1&", "http://h/p?x=1&a=b+%26"),
        ("http://h/p#f", "http://h/p?a=b+%26#f"),
    ],
)
def test_parameters_are_added_to_a_url(url: str, added: str) -> None:
    assert with_query(url, {"a": "b &"}) == added
    assert with_query(url, {}) == url
