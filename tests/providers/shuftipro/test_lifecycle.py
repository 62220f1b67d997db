"""From creation to deletion: what is answered, what is sent, and what a status says on the way."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.providers.shuftipro.phpjson import encode
from mock_server.store.base import Store
from tests.providers.shuftipro.harness import AML, CALLBACK, PICTURE, ShuftiHarness, json_of, signed

ONSITE: dict[str, Any] = {"document": {"name": "", "dob": ""}, "face": ""}


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (AML, "verification.accepted"),
        ({"aml_for_businesses": {"business_name": "Mock Ltd"}}, "verification.accepted"),
        ({"kyb": {"company_name": "Mock Ltd"}}, "verification.accepted"),
        ({"email_verify": {"email": "a@b.test"}}, "verification.accepted"),
        ({"eidv": {"national_id": "12345"}}, "verification.accepted"),
        ({"face": {"proof": PICTURE}, "document": {"proof": PICTURE}}, "verification.accepted"),
        ({"background_checks": "", "document": {"proof": PICTURE}}, "verification.accepted"),
        ({"background_checks": "", "document": ""}, "request.pending"),
        ({"face": ""}, "request.pending"),
        ({"face": {"proof": ""}}, "request.pending"),
        ({"face": {"proof": PICTURE}, "document": {}}, "request.pending"),
        ({"address": {}, **AML}, "request.pending"),
        ({"consent": {"text": "I agree"}}, "request.pending"),
        ({"phone": ""}, "request.pending"),
        ({"questionnaire": {}}, "request.pending"),
        ({"eidv": {}}, "request.pending"),
        ({"kyb": {"labels": ["a"]}}, "request.pending"),
        ({"kyb": {"enable_extra_proofs": "1"}}, "request.pending"),
        ({"journey_id": "j1"}, "request.pending"),
        ({"show_results": "0", **AML}, "request.received"),
        ({"show_results": 0, "face": {"proof": PICTURE}}, "request.received"),
        ({"show_results": "1", **AML}, "verification.accepted"),
        ({"show_results": "0", "face": ""}, "request.pending"),
        ({"manual_review": "1", **AML}, "request.received"),
    ],
    ids=repr,
)
def test_what_is_answered_at_once(body: dict[str, Any], event: str) -> None:
    shop = ShuftiHarness()
    response = shop.ask(body)
    assert (response.status, json_of(response)["event"]) == (200, event)
    assert signed(response, shop.secret)
    assert [message.event for message in shop.callbacks()] == [event]
    assert response.body == shop.callbacks()[0].body
    assert shop.status("ref-000001")["event"] == event
    assert len(json_of(response)["token"]) == 64


def test_a_page_times_out() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-ttl", **ONSITE})
    shop.pass_time(3599)
    assert shop.status("ref-ttl")["event"] == "request.pending"
    shop.pass_time(2)
    assert shop.status("ref-ttl")["event"] == "request.timeout"
    assert shop.events() == ["request.pending", "request.timeout"]


@pytest.mark.parametrize(("ttl", "seconds"), [(5, 300), ("10", 600), ("", 3600), (None, 3600)])
def test_the_request_may_say_how_long_its_page_lives(ttl: Any, seconds: float) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-ttl", "ttl": ttl, **ONSITE})
    shop.pass_time(seconds - 1)
    assert shop.events() == ["request.pending"]
    shop.pass_time(1)
    assert shop.events() == ["request.pending", "request.timeout"]


def test_flushing_what_is_scheduled_does_not_end_a_page_early() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-ttl", **ONSITE})
    (timer,) = shop.deliveries("timer")
    shop.backoffice.timer(timer.message)
    assert shop.status("ref-ttl")["event"] == "request.pending"
    assert timer.message.due == shop.deliveries("timer")[-1].message.due
    shop.pass_time(3600)
    assert shop.events() == ["request.pending", "request.timeout"]


def test_a_decision_ends_the_waiting() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-decided", **ONSITE})
    shop.decide("ref-decided", "accepted")
    shop.pass_time(7200)
    assert shop.events() == ["request.pending", "verification.accepted"]
    assert shop.status("ref-decided")["verification_result"]["face"] == 1


def test_results_by_callback() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-hidden", "show_results": "0", **AML})
    assert shop.status("ref-hidden") == {
        "reference": "ref-hidden",
        "event": "request.received",
        "country": None,
    }
    shop.pass_time(2)
    assert shop.events() == ["request.received", "verification.accepted"]
    assert told_by(shop)["verification_result"] == {"background_checks": 1}
    assert shop.status("ref-hidden")["event"] == "verification.accepted"


def told_by(shop: ShuftiHarness) -> dict[str, Any]:
    """The body of the newest callback."""
    import msgspec

    body: dict[str, Any] = msgspec.json.decode(shop.callbacks()[-1].body)
    return body


@pytest.mark.parametrize("outcome", ["accepted", "declined"])
def test_manual_review(outcome: str) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-review", "manual_review": "1", **AML})
    shop.pass_time(2)
    assert shop.status("ref-review")["event"] == "review.pending"
    shop.pass_time(90_000)
    shop.decide("ref-review", outcome)
    assert shop.events() == ["request.received", "review.pending", "verification.status.changed"]
    assert told_by(shop) == {"reference": "ref-review", "event": "verification.status.changed"}
    assert shop.status("ref-review")["event"] == f"verification.{outcome}"


def test_a_scripted_review_ends_by_itself() -> None:
    scenario = {"name": "s", "match": {"body.manual_review": "1"}, "respond": {"outcome": "declined"}}
    shop = ShuftiHarness(scenario)
    shop.ask({"reference": "ref-review", "manual_review": "1", **AML})
    shop.pass_time(4)
    assert shop.events() == ["request.received", "review.pending", "verification.status.changed"]
    assert shop.status("ref-review")["event"] == "verification.declined"


def test_a_later_change_is_told_without_a_result() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-change", **AML})
    shop.decide("ref-change", "declined", ["SPDR163"])
    assert told_by(shop) == {"reference": "ref-change", "event": "verification.status.changed"}
    status = shop.status("ref-change")
    assert (status["event"], status["declined_codes"]) == ("verification.declined", ["SPDR163"])
    shop.decide("ref-change", "accepted")
    assert "declined_codes" not in shop.status("ref-change")
    assert shop.events() == [
        "verification.accepted",
        "verification.status.changed",
        "verification.status.changed",
    ]


def test_data_can_be_edited() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-edit", **AML})
    shop.decide(
        "ref-edit",
        "data-changed",
        merge={"verification_data": {"background_checks": {"name": {"last_name": "Nygård"}}}},
    )
    assert told_by(shop) == {"reference": "ref-edit", "event": "request.data.changed"}
    assert shop.status("ref-edit")["verification_data"]["background_checks"]["name"]["last_name"] == "Nygård"


def test_deletion() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-delete", "email": "a@b.test", "country": "DE", **AML})
    deleted = shop.send("POST", "/delete", {"reference": "ref-delete", "comment": "asked for"})
    assert (deleted.status, deleted.body) == (200, b'{"reference":"ref-delete","event":"request.deleted"}')
    assert deleted.body == shop.callbacks()[-1].body
    assert shop.callbacks()[-1].url == CALLBACK
    assert shop.status("ref-delete") == {
        "reference": "ref-delete",
        "event": "request.deleted",
        "country": None,
    }
    record = shop.record("ref-delete")
    assert (record.services, record.email, record.handle) == ({}, None, "")
    again = shop.send("POST", "/delete", {"reference": "ref-delete", "comment": "asked for"})
    assert (again.status, json_of(again)["error"]["message"]) == (400, "The selected reference is invalid.")


def test_what_is_pending_can_be_deleted() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-delete", **ONSITE})
    shop.send("POST", "/delete", {"reference": "ref-delete", "comment": "asked for"})
    shop.pass_time(7200)
    assert shop.events() == ["request.pending", "request.deleted"]


def test_the_status_of_a_deleted_verification_may_be_invalid() -> None:
    shop = ShuftiHarness(status_of_deleted="request.invalid")
    shop.ask({"reference": "ref-delete", **AML})
    shop.send("POST", "/delete", {"reference": "ref-delete", "comment": "asked for"})
    assert shop.status("ref-delete")["event"] == "request.invalid"


@pytest.mark.parametrize(
    ("outcome", "path"),
    [
        ("accepted", ["request.pending", "verification.accepted"]),
        ("declined", ["request.pending", "verification.declined"]),
        ("pending", ["request.pending", "request.timeout"]),
        ("received", ["request.pending", "verification.accepted"]),
        ("review", ["request.pending", "review.pending"]),
        ("cancelled", ["request.pending", "verification.cancelled"]),
        ("timeout", ["request.pending", "request.timeout"]),
    ],
)
def test_a_settled_end_comes_by_itself(outcome: str, path: list[str]) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": f"{outcome}-onsite", **ONSITE})
    shop.pass_time(2 if outcome != "pending" else 3600)
    assert shop.events() == path
    assert path[-1] == shop.status(f"{outcome}-onsite")["event"]
    shop.pass_time(7200)
    assert shop.events() == path


@pytest.mark.parametrize(
    ("outcome", "path"),
    [
        ("accepted", ["verification.accepted"]),
        ("declined", ["verification.declined"]),
        ("received", ["request.received", "verification.accepted"]),
        ("review", ["request.received", "review.pending"]),
        ("cancelled", ["request.pending", "verification.cancelled"]),
        ("timeout", ["request.pending", "request.timeout"]),
    ],
)
def test_a_settled_end_of_what_needs_nobody(outcome: str, path: list[str]) -> None:
    shop = ShuftiHarness()
    assert path[0] == json_of(shop.ask({"reference": f"{outcome}-offsite", **AML}))["event"]
    shop.pass_time(7200)
    assert shop.events() == path


def test_time_may_change_nothing() -> None:
    shop = ShuftiHarness(complete_after=None)
    shop.ask({"reference": "declined-onsite", **ONSITE})
    shop.pass_time(600)
    assert shop.events() == ["request.pending"]


def test_polls_may_finish_a_verification() -> None:
    shop = ShuftiHarness(complete_polls=3)
    shop.ask({"reference": "ref-polled", **ONSITE})
    events = [shop.status("ref-polled")["event"] for _ in range(4)]
    assert events == ["request.pending", "request.pending", "verification.accepted", "verification.accepted"]
    assert shop.events() == ["request.pending", "verification.accepted"]


def test_polls_finish_as_it_was_settled() -> None:
    shop = ShuftiHarness(complete_polls=1, complete_after=None)
    shop.ask({"reference": "decline-SPDR17-x", **ONSITE})
    assert shop.status("decline-SPDR17-x")["declined_codes"] == ["SPDR17"]


def test_a_sequence_of_statuses_may_finish_a_verification() -> None:
    steps: list[Any] = [
        {"respond": {"outcome": "pending"}},
        {"respond": {"outcome": "declined", "decline": ["SPDR01"]}},
    ]
    shop = ShuftiHarness({"name": "s", "match": {"operation": "status"}, "sequence": steps})
    shop.ask({"reference": "ref-sequence", **ONSITE})
    assert [shop.status("ref-sequence")["event"] for _ in range(3)] == [
        "request.pending",
        "verification.declined",
        "verification.declined",
    ]
    assert shop.status("ref-sequence")["declined_codes"] == ["SPDR01"]
    assert shop.events() == ["request.pending", "verification.declined"]


@pytest.mark.parametrize("outcome", ["declined", "review", "cancelled", "timeout"])
def test_an_outcome_for_a_decided_verification_is_a_warning(outcome: str) -> None:
    shop = ShuftiHarness({"name": "s", "match": {"operation": "status"}, "respond": {"outcome": outcome}})
    shop.ask({"reference": "ref-decided", **ONSITE})
    shop.decide("ref-decided", "accepted")

    assert shop.status("ref-decided")["event"] == "verification.accepted"
    assert shop.entry().outcome == "found"
    assert (shop.entry().evidence or {})["explanation"] == (
        f"the outcome `{outcome}` of the scenario changes nothing, since the request is about what has ended: "
        "verification.accepted"
    )


def test_an_outcome_as_it_was_decided_is_no_warning() -> None:
    shop = ShuftiHarness({"name": "s", "match": {"operation": "status"}, "respond": {"outcome": "timeout"}})
    shop.ask({"reference": "ref-again", **ONSITE})

    assert [shop.status("ref-again")["event"] for _ in range(2)] == ["request.timeout", "request.timeout"]
    assert (shop.entry().outcome, shop.entry().evidence or {}) == ("timeout", {})


@pytest.mark.parametrize(
    ("before", "outcome", "says"),
    [
        ("accepted", "perhaps", "cannot be decided"),
        ("accepted", "review", "is finished"),
        ("accepted", "cancelled", "is finished"),
        ("", "data-changed", "has no data yet"),
        ("deleted", "accepted", "has been deleted"),
        ("", "declined", "not a decline code"),
    ],
)
def test_a_decision_that_makes_no_sense_says_so(before: str, outcome: str, says: str) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-nonsense", **ONSITE})
    if before:
        shop.decide("ref-nonsense", before)
    with pytest.raises(ValueError, match=says):
        shop.decide("ref-nonsense", outcome, ["SPDR999"] if says == "not a decline code" else None)


def test_events_are_understood_as_decisions() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-event", **ONSITE})
    shop.decide("ref-event", "verification.declined")
    assert shop.status("ref-event")["event"] == "verification.declined"


CANCELLATION = {
    "declined_reason": "The user cancelled the verification",
    "declined_codes": ["SPDR241"],
    "services_declined_codes": {"face": ["SPDR241"]},
}


@pytest.mark.parametrize(("setting", "codes"), [({}, {}), ({"cancelled_has_codes": True}, CANCELLATION)])
@pytest.mark.parametrize("by", ["decision", "scenario", "status"])
def test_codes_of_a_cancellation(by: str, setting: dict[str, Any], codes: dict[str, Any]) -> None:
    operation = {"scenario": "verification", "status": "status"}.get(by, "delete")
    scripted = {
        "name": "s",
        "match": {"operation": operation},
        "respond": {"outcome": "cancelled", "decline": ["SPDR241"]},
    }
    shop = ShuftiHarness(*[scripted] if by != "decision" else [], has_token=False, **setting)
    shop.ask({"reference": "ref-cancel", **ONSITE})
    if by == "decision":
        shop.decide("ref-cancel", "cancelled", ["SPDR241"])
    elif by == "status":
        shop.status("ref-cancel")
    shop.pass_time(10)
    assert told_by(shop) == {
        "reference": "ref-cancel",
        "event": "verification.cancelled",
        "error": "",
        **codes,
    }
    assert shop.status("ref-cancel") == {
        "reference": "ref-cancel",
        "event": "verification.cancelled",
        "country": None,
        **codes,
    }


def test_the_same_request_gives_the_same_answer() -> None:
    body = {"reference": "ref-same", "country": "AT", **ONSITE}
    answers = []
    for _ in range(2):
        shop = ShuftiHarness()
        first = shop.ask(body)
        shop.decide("ref-same", "accepted")
        answers.append((first.body, encode(shop.status("ref-same")["verification_data"])))
    assert answers[0] == answers[1]


def test_a_verification_that_two_requests_make_at_once_exists_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit is the arbiter: the second finds the reference taken although it was free when it looked."""
    shop = ShuftiHarness()
    real_commit = shop.store.commit
    raced: list[bool] = []

    def commit(_: Store, transaction: Any) -> str | None:
        if not raced:
            raced.append(True)
            other = shop.ask({"reference": "ref-race", **AML})
            assert other.status == 200
        return real_commit(transaction)

    monkeypatch.setattr(type(shop.store), "commit", commit)
    late = shop.ask({"reference": "ref-race", **AML})
    assert (late.status, json_of(late)["error"]["message"]) == (400, "The reference has already been taken.")
    assert len(shop.callbacks()) == 1
