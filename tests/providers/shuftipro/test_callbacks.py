"""Callbacks as messages, scenarios that change them, and events fired by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mock_server.core.records import Message
from mock_server.providers.context import UnitOfWork
from mock_server.providers.shuftipro import signing
from mock_server.providers.shuftipro.events import EVENTS
from tests.providers.shuftipro.harness import AML, CALLBACK, ShuftiHarness, json_of, signed

ONSITE: dict[str, Any] = {"document": {"name": "", "dob": ""}, "face": ""}


def scenario(
    respond: dict[str, Any] | None = None, callbacks: list[dict[str, Any]] | None = None, **match: Any
) -> dict[str, Any]:
    document: dict[str, Any] = {"name": "s", "match": {"operation": "verification", **match}}
    if respond is not None:
        document["respond"] = respond
    if callbacks is not None:
        document["callbacks"] = callbacks
    return document


def body(message: Message) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(message.body)
    return document


def test_a_callback_is_sent_as_documented() -> None:
    shop = ShuftiHarness()
    response = shop.ask(AML)
    (message,) = shop.callbacks()
    assert (
        message.url,
        message.method,
        message.lane,
        message.reference,
    ) == (CALLBACK, "POST", "shuftipro:ref-000001", "ref-000001")
    assert (message.waits, message.timeout) == ((15.0,) * 9, 15.0)
    assert response.body == message.body
    value = signing.sign(message.body, shop.secret, "hashed")
    expected = {
        "Content-Type": "application/json",
        "User-Agent": "GuzzleHttp/7",
        "Signature": value,
        "sp_signature": value,
    }
    assert dict(message.headers) == expected
    assert shop.entry().id == message.request_id
    assert not message.before_response


def test_attempts_and_times_are_settings() -> None:
    shop = ShuftiHarness(callback_attempts=3, callback_wait="1m", callback_timeout=5, callback_user_agent="x")
    shop.ask(AML)
    (message,) = shop.callbacks()
    assert (message.waits, message.timeout, dict(message.headers)["User-Agent"]) == ((60.0, 60.0), 5.0, "x")


def test_without_an_address_nothing_is_sent() -> None:
    shop = ShuftiHarness()
    shop.ask({"callback_url": "", **AML})
    assert shop.callbacks() == []


def test_a_scripted_callback_says_where_to_set_a_missing_address() -> None:
    shop = ShuftiHarness(scenario(callbacks=[{"event": "verification.accepted"}]))
    shop.ask({"reference": "ref-quiet", "callback_url": "", **AML})
    (message,) = shop.callbacks()
    assert message.url == ""
    assert message.no_address.startswith("request ref-quiet has no callback_url, and account")
    assert "set it for the account" in message.no_address


def test_the_accounts_own_address_is_used() -> None:
    shop = ShuftiHarness(accounts={"acme": {"callback_url": "http://127.0.0.1:9/own"}})
    shop.client, shop.secret = "acme", "acme-secret"
    shop.ask({"callback_url": None, **AML})
    assert [message.url for message in shop.callbacks()] == ["http://127.0.0.1:9/own"]


def test_a_scenarios_callbacks_replace_the_usual_ones() -> None:
    shop = ShuftiHarness(scenario(callbacks=[]))
    shop.ask(AML)
    assert shop.callbacks() == []


def test_a_callback_of_the_answers_event_carries_its_bytes() -> None:
    spec = {
        "event": "verification.declined",
        "after": "500ms",
        "url": "http://127.0.0.1:9/x",
        "attempts": 2,
        "deliver": [{"corrupt": "signature"}, "ok"],
    }
    shop = ShuftiHarness(
        scenario({"outcome": "declined", "decline": {"background_checks": ["SPDR160"]}}, [spec])
    )
    response = shop.ask(AML)
    (message,) = shop.callbacks()
    reason = {"declined_reason": "The person is on a sanction list"}
    assert ({**json_of(response), **reason}, "http://127.0.0.1:9/x", (15.0,)) == (
        body(message),
        message.url,
        message.waits,
    )
    assert (shop.clock.at + 0.5, ({"corrupt": "signature"}, "ok")) == (message.due, message.deliver)
    assert json_of(response)["declined_codes"] == ["SPDR160"]


def test_a_scenarios_callback_may_end_what_is_pending() -> None:
    spec = {
        "event": "verification.declined",
        "after": "500ms",
        "merge": {"note": "{{ request.body.reference }}"},
    }
    shop = ShuftiHarness(
        scenario({"outcome": "declined", "decline": {"document": ["SPDR03", "SPDR48"]}}, [spec])
    )
    assert json_of(shop.ask({"reference": "ref-forger", **ONSITE}))["event"] == "request.pending"
    assert shop.callbacks() == []
    assert shop.status("ref-forger")["event"] == "request.pending"
    shop.pass_time(0.5)
    (message,) = shop.callbacks()
    assert (
        body(message)["services_declined_codes"],
        body(message)["note"],
    ) == ({"document": ["SPDR03", "SPDR48"]}, "ref-forger")
    assert shop.status("ref-forger")["event"] == "verification.declined"
    shop.pass_time(7200)
    assert len(shop.callbacks()) == 1


@pytest.mark.parametrize(
    ("event", "request_", "deliver"),
    [
        ("verification.accepted", AML, ["ok"]),
        ("verification.accepted", ONSITE, ["ok"]),
        ("verification.accepted", ONSITE, ["before-response"]),
        ("request.deleted", AML, ["ok"]),
    ],
    ids=["the answer's event", "a step", "a step before the answer", "another event"],
)
def test_a_callback_may_speak_of_another_reference(
    event: str, request_: dict[str, Any], deliver: list[str]
) -> None:
    spec = {"event": event, "reference": "other-{{ request.body.reference }}", "deliver": deliver}
    shop = ShuftiHarness(scenario({"outcome": "accepted"}, [spec]))
    shop.ask({"reference": "ref-mine", **request_})
    shop.pass_time(1)
    (message,) = [one for one in shop.callbacks() if one.event == event]
    assert (body(message)["reference"], message.reference) == ("other-ref-mine", "ref-mine")
    assert dict(message.headers)["Signature"] == signing.sign(message.body, shop.secret, "hashed")
    assert shop.status("ref-mine")["reference"] == "ref-mine"


def test_an_end_that_no_callback_tells_of_comes_all_the_same() -> None:
    shop = ShuftiHarness(scenario({"outcome": "accepted"}, [{"event": "request.pending"}]))
    shop.ask({"reference": "ref-silent", **ONSITE})
    shop.pass_time(2)
    assert shop.status("ref-silent")["event"] == "verification.accepted"
    assert shop.events() == ["request.pending"]


def test_a_decision_calls_off_what_a_scenario_had_planned() -> None:
    shop = ShuftiHarness(
        scenario({"outcome": "declined"}, [{"event": "verification.declined", "after": "10s"}])
    )
    shop.ask({"reference": "ref-called-off", **ONSITE})
    shop.decide("ref-called-off", "accepted")
    shop.pass_time(20)
    assert shop.events() == ["verification.accepted"]
    assert shop.status("ref-called-off")["event"] == "verification.accepted"


def test_a_status_that_changes_later() -> None:
    specs = [{"event": "verification.accepted"}, {"event": "verification.status.changed", "after": "1m"}]
    shop = ShuftiHarness(scenario(None, specs))
    shop.ask({"reference": "ref-monitor", **AML})
    assert shop.status("ref-monitor")["event"] == "verification.accepted"
    shop.pass_time(60)
    assert body(shop.callbacks()[-1]) == {"reference": "ref-monitor", "event": "verification.status.changed"}
    assert shop.status("ref-monitor")["event"] == "verification.declined"


def test_the_end_may_overtake_the_answer() -> None:
    spec = {"event": "verification.accepted", "deliver": ["before-response"]}
    shop = ShuftiHarness(scenario({"outcome": "accepted"}, [spec]))
    answer = json_of(shop.ask({"reference": "ref-race", **ONSITE}))
    (message,) = shop.callbacks()
    assert (
        answer["event"],
        message.before_response,
        body(message)["event"],
    ) == ("request.pending", True, "verification.accepted")
    assert shop.status("ref-race")["event"] == "verification.accepted"


def test_an_answer_may_be_patched_and_the_status_agrees() -> None:
    shop = ShuftiHarness(
        scenario({"merge": {"verification_result": {"background_checks": None}, "extra": 1}})
    )
    response = shop.ask({"reference": "ref-patched", **AML})
    assert response.body == shop.callbacks()[0].body
    assert (
        json_of(response)["verification_result"],
        json_of(response)["extra"],
    ) == ({"background_checks": None}, 1)
    status = shop.status("ref-patched")
    assert (status["verification_result"], status["extra"]) == ({"background_checks": None}, 1)


def reasons(answer: dict[str, Any]) -> list[str]:
    """The keys about declining, as they follow one another."""
    return [key for key in answer if "declined" in key]


CODES = ["declined_codes", "services_declined_codes"]


@pytest.mark.parametrize(("setting", "there"), [({}, False), ({"answer_has_declined_reason": True}, True)])
def test_the_reason_is_in_callback_and_status(setting: dict[str, Any], there: bool) -> None:
    shop = ShuftiHarness(**setting)
    response = shop.ask({"reference": "declined-x", **AML})
    (message,) = shop.callbacks()
    assert (["declined_reason", *CODES] if there else CODES) == reasons(json_of(response))
    assert ["declined_reason", *CODES] == reasons(body(message)) == reasons(shop.status("declined-x"))
    assert body(message)["declined_reason"] == "AML screening failed"
    assert json_of(response) == {key: body(message)[key] for key in json_of(response)}
    assert there == (response.body == message.body)
    value = signing.sign(message.body, shop.secret, "hashed")
    assert [value, value] == [dict(message.headers)[name] for name in signing.HEADERS]
    assert signed(response, shop.secret)


@pytest.mark.parametrize(
    ("patch", "answered", "repeated"),
    [
        ({"note": "x"}, None, "AML screening failed"),
        ({"declined_reason": "Mine: “ā/é”"}, "Mine: “ā/é”", "Mine: “ā/é”"),
        ({"declined_reason": None}, None, None),
        ({"declined_codes": None}, None, "AML screening failed"),
    ],
    ids=repr,
)
def test_a_scenario_has_the_last_word_on_the_reason(
    patch: dict[str, Any], answered: str | None, repeated: str | None
) -> None:
    shop = ShuftiHarness(scenario({"outcome": "declined", "merge": patch}))
    assert json_of(shop.ask({"reference": "ref-merge", **AML})).get("declined_reason") == answered
    assert body(shop.callbacks()[0]).get("declined_reason") == repeated
    assert shop.status("ref-merge").get("declined_reason") == repeated


def test_a_scripted_error() -> None:
    respond = {
        "error": "request.invalid",
        "service": "document",
        "key": "dob",
        "message": "No.",
        "status": 422,
    }
    shop = ShuftiHarness(scenario(respond))
    response = shop.ask({"reference": "ref-refused", **AML})
    assert (
        response.status,
        json_of(response)["error"],
    ) == (422, {"service": "document", "key": "dob", "message": "No."})
    assert shop.status("ref-refused")["event"] == "request.invalid"
    assert shop.callbacks() == []


def test_a_scripted_error_may_have_a_callback() -> None:
    shop = ShuftiHarness(scenario({"error": "500"}, [{"event": "verification.accepted"}]))
    assert shop.ask({"reference": "ref-confused", **AML}).status == 500
    assert shop.events() == ["verification.accepted"]


@pytest.mark.parametrize(
    "code", ["402", "403", "404", "409", "429", "500", "504", "524", "request.unauthorized"]
)
def test_every_error_can_be_scripted(code: str) -> None:
    shop = ShuftiHarness(scenario({"error": code}))
    response = shop.ask(AML)
    assert (int(code) if code.isdecimal() else 401) == response.status
    assert signed(response, shop.secret)


def test_a_fault_makes_nothing() -> None:
    shop = ShuftiHarness(scenario({"fault": "reset"}))
    response = shop.ask({"reference": "ref-fault", **AML})
    assert (response.fault, shop.callbacks()) == ("reset", [])
    assert shop.status("ref-fault")["event"] == "request.invalid"


def test_a_deletion_may_be_told_otherwise() -> None:
    spec = {"event": "request.deleted", "after": "1s"}
    shop = ShuftiHarness({"name": "s", "match": {"operation": "delete"}, "callbacks": [spec]})
    shop.ask({"reference": "ref-delete", **AML})
    shop.send("POST", "/delete", {"reference": "ref-delete", "comment": "a test"})
    assert shop.events() == ["verification.accepted", "request.deleted"]
    assert body(shop.callbacks()[-1]) == {"reference": "ref-delete", "event": "request.deleted"}
    assert shop.clock.at + 1 == shop.callbacks()[-1].due


# -- by hand
# ---------------------------------------------------------------------------------------------------
def fire(shop: ShuftiHarness, event: str, reference: str = "ref-fired", **options: Any) -> Message:
    (message,) = shop.backoffice.fire(shop.account, "shuftipro", event, reference, options)
    return message


@pytest.mark.parametrize("event", [name for name, kind in EVENTS.items() if kind.callback])
def test_every_callback_event_can_be_fired(event: str) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-fired", **AML})
    before = shop.status("ref-fired")["event"]
    message = fire(shop, event)
    assert (body(message)["event"], body(message)["reference"]) == (event, "ref-fired")
    assert (event.split(".")[1] in ("accepted", "declined")) == ("verification_result" in body(message))
    assert before == shop.status("ref-fired")["event"]


def test_an_event_may_be_fired_at_another_address() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-fired", **AML})
    assert fire(shop, "request.pending", url="http://127.0.0.1:9/other").url == "http://127.0.0.1:9/other"


@pytest.mark.parametrize(
    ("event", "reference", "says"),
    [
        ("request.invalid", "ref-fired", "never sent as a callback"),
        ("verification.completed", "ref-fired", "never sent as a callback"),
        ("request.pending", "ref-other", "has no verification"),
        ("request.pending", "ref-quiet", "has no callback_url"),
    ],
)
def test_what_cannot_be_fired_says_why(event: str, reference: str, says: str) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-fired", **AML})
    shop.ask({"reference": "ref-quiet", "callback_url": "", **AML})
    with pytest.raises(ValueError, match=says):
        fire(shop, event, reference)


@pytest.mark.parametrize(
    ("scheme", "secret"), [(None, None), ("legacy", None), ("hashed", "another"), (None, "another")]
)
def test_a_callback_can_be_signed_again(scheme: str | None, secret: str | None) -> None:
    shop = ShuftiHarness()
    unit = UnitOfWork(shop.pipeline.services, shop.account, shop.clock.at)
    value = signing.sign(b"{}", secret or shop.secret, scheme or "hashed")
    assert (("Signature", value), ("sp_signature", value)) == shop.provider.re_sign(
        unit, b"{}", scheme=scheme, secret=secret
    )
