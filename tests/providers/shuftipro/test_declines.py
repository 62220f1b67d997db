"""Every decline code: by scenario, by magic value and by decision; and everything that is said of it agrees."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.providers.shuftipro.declines import DECLINES, PREFERRED, assign
from mock_server.providers.shuftipro.magic import BUSINESSES, NAMES, TABLE
from mock_server.providers.shuftipro.services import SERVICES
from tests.providers.shuftipro.shop import AML, PICTURE, Shop, told

DATA = {
    "name": {"first_name": "Otto", "last_name": "Probst"},
    "dob": "1990-07-21",
    "gender": "M",
    "issue_date": "2021-01-01",
    "expiry_date": "2031-01-01",
}
EVERYTHING: dict[str, Any] = {
    "country": "AT",
    "face": {"proof": PICTURE},
    "document": {"proof": PICTURE, "additional_proof": PICTURE, "document_number": "MK7730021", "age": 35, **DATA},
    "document_two": {"proof": PICTURE, "name": DATA["name"]},
    "address": {
        "proof": PICTURE,
        "additional_proof": PICTURE,
        "full_address": "Mustergasse 4",
        "name": DATA["name"],
        "issue_date": "2025-01-01",
    },
    "consent": {"proof": PICTURE, "text": "I agree"},
    **AML,
    "aml_for_businesses": {"business_name": "Mock Ltd"},
    "kyb": {"company_name": "Mock Ltd"},
    "email_verify": {"email": "a@b.test"},
    "eidv": {"national_id": "12345"},
}
ONSITE: dict[str, Any] = {**EVERYTHING, "phone": "", "questionnaire": {}, "risk_assessment": {}}
RESULT_KEYS = {"kyb": "kyb_service"}


def agrees(answer: dict[str, Any], codes: list[str], services: dict[str, Any]) -> None:
    """Codes, codes by service, results and, where it is said, the reason agree."""
    assert codes == answer["declined_codes"]
    assert ("proofs" in answer) == ("declined_reason" in answer)
    assert DECLINES[codes[0]].reason == answer.get("declined_reason", DECLINES[codes[0]].reason)
    by_service = answer["services_declined_codes"]
    assert set(codes) == {code for each in by_service.values() for code in each}
    result = answer["verification_result"]
    for service in services:
        if service not in SERVICES:
            continue
        verdict = result[RESULT_KEYS.get(service, service)]
        zeros = [key for key, value in verdict.items() if value == 0] if isinstance(verdict, dict) else [verdict] if verdict == 0 else []
        assert bool(zeros) == (service in by_service), (service, verdict)


@pytest.mark.parametrize("code", DECLINES)
def test_by_magic_value(code: str) -> None:
    reference = f"decline-{code}-x"
    shop = Shop()
    answer = told(shop.ask({"reference": reference, **EVERYTHING}))
    assert "verification.declined" == answer["event"]
    agrees(answer, [code], EVERYTHING)
    status = shop.status(reference)
    agrees(status, [code], EVERYTHING)


@pytest.mark.parametrize("code", DECLINES)
def test_by_scenario_and_by_decision(code: str) -> None:
    shop = Shop({"name": "s", "match": {"body.reference": "ref-scenario"}, "respond": {"outcome": "declined", "decline": [code]}})
    agrees(told(shop.ask({"reference": "ref-scenario", **EVERYTHING})), [code], EVERYTHING)
    shop.ask({"reference": "ref-decision", **ONSITE})
    shop.decide("ref-decision", "declined", [code])
    answer = shop.status("ref-decision")
    agrees(answer, [code], ONSITE)
    home = DECLINES[code].services[0]
    assert [code] == answer["services_declined_codes"][home if home in ONSITE else "face"]


def test_a_code_turns_its_own_check_to_0() -> None:
    for code, row in DECLINES.items():
        service = row.services[0]
        if row.check and service in ("document", "address", "consent"):
            answer = told(Shop().ask({"reference": f"decline-{code}-x", **EVERYTHING}))
            verdict = answer["verification_result"][service]
            assert 0 == verdict.get(row.check, verdict.get("document")), code


def test_codes_by_service() -> None:
    shop = Shop()
    shop.ask({"reference": "ref-services", **ONSITE})
    decline = {"document": ["SPDR18", "SPDR06"], "face": ["SPDR01"]}
    shop.decide("ref-services", "declined", decline)
    answer = shop.status("ref-services")
    assert (decline, ["SPDR18", "SPDR06", "SPDR01"]) == (answer["services_declined_codes"], answer["declined_codes"])


@pytest.mark.parametrize(("setting", "code"), [({}, "SPDR18"), ({"declined_reason": "last"}, "SPDR06")])
def test_which_reason_is_said(setting: dict[str, Any], code: str) -> None:
    shop = Shop(**setting)
    shop.ask({"reference": "declined-x", "document": {"proof": PICTURE}})
    answer = shop.status("declined-x")
    assert ["SPDR18", "SPDR06"] == answer["declined_codes"]
    assert DECLINES[code].reason == answer["declined_reason"]


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "ekyc"])
def test_every_service_can_be_declined_without_a_code(service: str) -> None:
    shop = Shop()
    shop.ask({"reference": "ref-alone", service: ONSITE[service]})
    shop.decide("ref-alone", "declined")
    answer = shop.status("ref-alone")
    agrees(answer, list(PREFERRED[service]), {service: ""})


def test_services_without_a_code_of_their_own_take_any() -> None:
    assert {"phone": ["SPDR01"]} == assign("SPDR01", ["phone"])
    assert {"phone": ["SPDR01"]} == assign(["SPDR01"], ["phone", "face"][:1])
    assert {"face": ["SPDR01"]} == assign(["SPDR01"], ["phone", "face"])
    with pytest.raises(ValueError, match="SPDR999"):
        assign({"face": ["SPDR999"]}, ["face"])


@pytest.mark.parametrize("sent", ["1", 1, True])
def test_checks_behind_a_declined_one_may_be_left_out(sent: Any) -> None:
    body = {"reference": "decline-SPDR18-x", "decline_on_single_step": sent, **EVERYTHING}
    answer = told(Shop().ask(body))
    assert (1, 0, None, None) == tuple(
        (value if not isinstance(value := answer["verification_result"][key], dict) else value["document_visibility"])
        for key in ("face", "document", "address", "background_checks")
    )
    assert ["document"] == list(answer["verification_data"])
    default = told(Shop(decline_on_single_step=True).ask({**body, "decline_on_single_step": ""}))
    assert answer["verification_result"] == default["verification_result"]


# -- magic values ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
def test_a_last_name_may_ask_for_an_outcome(name: str) -> None:
    wish = NAMES[name]
    for spelled in (name, name.capitalize(), name.upper()):
        shop = Shop()
        body = {"document": {"proof": PICTURE, "name": {"first_name": "Ann", "last_name": spelled}}}
        answer = told(shop.ask({"reference": "ref-magic", **body}))
        shop.pass_time(2)
        if wish.outcome == "declined":
            assert "verification.declined" == answer["event"]
            assert not wish.codes or list(wish.codes) == answer["declined_codes"]
        else:
            events = {"review": "review.pending", "cancelled": "verification.cancelled", "timeout": "request.timeout"}
            assert events[wish.outcome] == shop.status("ref-magic")["event"]


@pytest.mark.parametrize(("service", "key"), [("aml_for_businesses", "business_name"), ("kyb", "company_name")])
@pytest.mark.parametrize("name", BUSINESSES)
def test_a_business_name_may_ask_for_an_outcome(service: str, key: str, name: str) -> None:
    answer = told(Shop().ask({service: {key: name.title()}}))
    assert list(BUSINESSES[name].codes) == answer["declined_codes"]


@pytest.mark.parametrize("status", ["400", "401", "402", "403", "404", "409", "413", "429", "500", "504", "524"])
def test_a_reference_may_ask_for_an_error(status: str) -> None:
    shop = Shop()
    assert int(status) == shop.ask({"reference": f"error-{status}-x", **AML}).status
    assert "request.invalid" == shop.status(f"error-{status}-x")["event"]


@pytest.mark.parametrize(
    "reference", ["accept-x", "declined", "decline-nothing", "decline-SPDR999-x", "error-200-x", "error-abc", "accepted"]
)
def test_what_only_looks_like_a_magic_value(reference: str) -> None:
    assert "verification.accepted" == told(Shop().ask({"reference": reference, **AML}))["event"]


def test_several_codes_in_one_reference() -> None:
    answer = told(Shop().ask({"reference": "decline-spdr160-SPDR163-order-7", **AML}))
    assert ["SPDR160", "SPDR163"] == answer["declined_codes"]


def test_a_scenarios_outcome_beats_a_magic_value() -> None:
    shop = Shop({"name": "s", "match": {"operation": "verification"}, "respond": {"outcome": "accepted"}})
    assert "verification.accepted" == told(shop.ask({"reference": "declined-x", **AML}))["event"]


def test_the_table_names_every_code() -> None:
    assert {row.code for row in DECLINES.values()} <= {part for row in TABLE for part in row.value.split("-")}
