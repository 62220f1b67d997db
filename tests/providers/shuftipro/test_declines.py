"""Every decline code: by scenario, by magic value and by decision; and everything that is said of it
agrees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.providers.shuftipro.declines import DECLINES, PREFERRED, assign, fits
from mock_server.providers.shuftipro.magic import BUSINESSES, NAMES, TABLE
from mock_server.providers.shuftipro.services import SERVICES
from mock_server.scenario import lint
from tests.providers.shuftipro.harness import AML, PICTURE, VOCABULARIES, ShuftiHarness, json_of

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
    "document": {
        "proof": PICTURE,
        "additional_proof": PICTURE,
        "document_number": "MK7730021",
        "age": 35,
        **DATA,
    },
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


def has(code: str) -> dict[str, Any]:
    """A request that has a service which the code is about; one that is answered at once, where there is such
    a one."""
    return EVERYTHING if any(fits(code, service) for service in EVERYTHING) else ONSITE


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
        zeros = (
            [key for key, value in verdict.items() if value == 0]
            if isinstance(verdict, dict)
            else [verdict]
            if verdict == 0
            else []
        )
        assert bool(zeros) == (service in by_service), (service, verdict)


@pytest.mark.parametrize("code", DECLINES)
def test_by_magic_value(code: str) -> None:
    reference = f"decline-{code}-x"
    shop = ShuftiHarness()
    services = has(code)
    answer = json_of(shop.ask({"reference": reference, **services}))
    if services is EVERYTHING:
        assert answer["event"] == "verification.declined"
        agrees(answer, [code], services)
    shop.pass_time(2)
    agrees(shop.status(reference), [code], services)


@pytest.mark.parametrize("code", DECLINES)
def test_by_scenario_and_by_decision(code: str) -> None:
    shop = ShuftiHarness(
        {
            "name": "s",
            "match": {"body.reference": "ref-scenario"},
            "respond": {"outcome": "declined", "decline": [code]},
        }
    )
    shop.ask({"reference": "ref-scenario", **has(code)})
    shop.pass_time(2)
    agrees(shop.status("ref-scenario"), [code], has(code))
    shop.ask({"reference": "ref-decision", **ONSITE})
    shop.decide("ref-decision", "declined", [code])
    answer = shop.status("ref-decision")
    agrees(answer, [code], ONSITE)
    home = DECLINES[code].services[0]
    assert answer["services_declined_codes"][home if home in ONSITE else "face"] == [code]


def test_a_code_turns_its_own_check_to_0() -> None:
    for code, row in DECLINES.items():
        service = row.services[0]
        if row.check and service in ("document", "address", "consent"):
            answer = json_of(ShuftiHarness().ask({"reference": f"decline-{code}-x", **EVERYTHING}))
            verdict = answer["verification_result"][service]
            assert verdict.get(row.check, verdict.get("document")) == 0, code


def test_codes_by_service() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-services", **ONSITE})
    decline = {"document": ["SPDR18", "SPDR06"], "face": ["SPDR01"]}
    shop.decide("ref-services", "declined", decline)
    answer = shop.status("ref-services")
    assert (decline, ["SPDR18", "SPDR06", "SPDR01"]) == (
        answer["services_declined_codes"],
        answer["declined_codes"],
    )


@pytest.mark.parametrize(("setting", "code"), [({}, "SPDR18"), ({"declined_reason": "last"}, "SPDR06")])
def test_which_reason_is_said(setting: dict[str, Any], code: str) -> None:
    shop = ShuftiHarness(**setting)
    shop.ask({"reference": "declined-x", "document": {"proof": PICTURE}})
    answer = shop.status("declined-x")
    assert answer["declined_codes"] == ["SPDR18", "SPDR06"]
    assert DECLINES[code].reason == answer["declined_reason"]


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "ekyc"])
def test_every_service_can_be_declined_without_a_code(service: str) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-alone", service: ONSITE[service]})
    shop.decide("ref-alone", "declined")
    answer = shop.status("ref-alone")
    agrees(answer, list(PREFERRED[service]), {service: ""})


@pytest.mark.parametrize(
    ("codes", "services", "assigned"),
    [
        (["SPDR01"], ["phone", "face"], {"face": ["SPDR01"]}),
        ("SPDR01", ["phone"], {"phone": ["SPDR35"]}),
        (["SPDR17", "SPDR160"], ["background_checks"], {"background_checks": ["SPDR160"]}),
        (["SPDR17"], ["background_checks"], {"background_checks": ["SPDR34"]}),
        (["SPDR17"], ["document_two"], {"document_two": ["SPDR17"]}),
        (["SPDR17"], ["document_two", "document"], {"document": ["SPDR17"]}),
        (["SPDR265"], ["ekyc"], {"ekyc": ["SPDR265"]}),
        (["SPDR276"], ["phone"], {"phone": ["SPDR276"]}),
        ({"face": ["SPDR01"], "document": ["SPDR18"]}, ["document"], {"document": ["SPDR18"]}),
        ({"face": ["SPDR01"]}, ["document"], {"document": ["SPDR18", "SPDR06"]}),
        ({"address": ["SPDR17"]}, ["address"], {"address": ["SPDR17"]}),
    ],
    ids=repr,
)
def test_codes_go_to_the_services_they_fit(
    codes: Any, services: list[str], assigned: dict[str, list[str]]
) -> None:
    assert assign(codes, services) == assigned


def test_an_unknown_code_says_so() -> None:
    for codes in (["SPDR999"], {"face": ["SPDR999"]}):
        with pytest.raises(ValueError, match="SPDR999"):
            assign(codes, ["face"])


ALONE = [name for name in SERVICES if name != "ekyc"]


@pytest.mark.parametrize("service", ALONE)
def test_no_code_is_given_for_a_service_that_it_is_not_about(service: str) -> None:
    """Every code against a request of one service."""
    shop = ShuftiHarness()
    for code in DECLINES:
        shop.ask({"reference": f"decline-{code}-x", service: ONSITE[service]})
    shop.pass_time(2)
    expected = {
        code: {service: [code] if fits(code, service) else list(PREFERRED[service])} for code in DECLINES
    }
    assert {
        code: shop.status(f"decline-{code}-x")["services_declined_codes"] for code in DECLINES
    } == expected


MAGIC = [
    (row.path.split(".")[1], row.path, row.value, row.gives) for row in TABLE if row.path != "body.reference"
]


@pytest.mark.parametrize(("service", "path", "value", "gives"), MAGIC)
def test_every_magic_name_gives_codes_of_its_service(service: str, path: str, value: str, gives: str) -> None:
    keys = path.split(".")[2:]
    name: Any = {"first_name": "Ann", "last_name": value} if keys[0] == "name" else value
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-magic", service: {"proof": PICTURE, keys[0]: name}})
    shop.pass_time(2)
    status = shop.status("ref-magic")
    if "decline" in gives:
        codes = status["services_declined_codes"]
        assert f"outcome declined, decline {', '.join(codes[service])}" == gives
        assert all(fits(code, service) for code in codes[service])
    else:
        assert "declined_codes" not in status


@pytest.mark.parametrize(
    ("value", "expected"), [("Oldcard", ["SPDR17"]), ("Otherface", ["SPDR15"]), ("Embargo", ["SPDR160"])]
)
@pytest.mark.parametrize("named", ["document", "background_checks"])
def test_a_magic_name_is_about_the_whole_request(named: str, value: str, expected: list[str]) -> None:
    """Whichever service says the name, the code goes to the service that it is about."""
    name = {"name": {"first_name": "Ann", "last_name": value}}
    body = {"document": {"proof": PICTURE}, "face": {"proof": PICTURE}, **AML}
    answer = json_of(ShuftiHarness().ask({**body, named: {**body[named], **name}}))
    assert answer["declined_codes"] == expected


def test_what_does_not_fit_is_explained() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "decline-SPDR17-SPDR160-x", **AML})
    evidence = shop.entry().evidence
    assert evidence is not None
    assert evidence["check"] == "decline-codes"
    assert (
        evidence["explanation"]
        == "SPDR17 is about document: the services of the request are background_checks"
    )
    assert evidence["remedy"].endswith("a code of its own such as SPDR34")
    shop.ask({"reference": "decline-SPDR160-x", **AML})
    assert shop.entry().evidence is None


@pytest.mark.parametrize(
    ("decline", "says"),
    [
        (["SPDR17"], "SPDR17 is about document: the services of the request are background_checks"),
        (
            {"face": ["SPDR01"]},
            "nothing of face can be declined: the services of the request are background_checks",
        ),
    ],
    ids=repr,
)
def test_a_decision_that_does_not_fit_says_why(decline: Any, says: str) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-fit", **AML})
    with pytest.raises(ValueError, match=says):
        shop.decide("ref-fit", "declined", decline)
    assert shop.status("ref-fit")["event"] == "verification.accepted"


def test_a_status_that_declines_gives_codes_that_fit() -> None:
    shop = ShuftiHarness(
        {
            "name": "s",
            "match": {"operation": "status"},
            "respond": {"outcome": "declined", "decline": ["SPDR01"]},
        }
    )
    shop.ask({"reference": "ref-fit", "document": ""})
    assert shop.status("ref-fit")["services_declined_codes"] == {"document": ["SPDR18", "SPDR06"]}
    assert (shop.entry().evidence or {}).get("check") == "decline-codes"


FILE = """\
version: 1
provider: shuftipro
scenarios:
  - name: one
    match: {{operation: verification{match}}}
    respond: {{outcome: declined, decline: {decline}}}
"""


@pytest.mark.parametrize(
    ("match", "decline", "rules"),
    [
        ("", "{background_checks: [SPDR17]}", ["unusual-decline"]),
        ("", "{background_checks: [SPDR34], document: [SPDR17]}", []),
        ("", "{document_two: [SPDR17], ekyc: [SPDR265], face: [SPDR276]}", []),
        ("", "[SPDR17]", []),
        (", body.document: {exists: false}", "[SPDR17]", []),
        (
            ", body.document: {exists: false}, body.document_two: {exists: false}",
            "[SPDR17, SPDR01]",
            ["excluded-service"],
        ),
        (", body.document: {exists: false}", "{document: [SPDR17]}", ["excluded-service"]),
    ],
)
def test_the_lint_knows_what_codes_are_about(
    tmp_path: Path, match: str, decline: str, rules: list[str]
) -> None:
    file = tmp_path / "declines.yaml"
    file.write_text(FILE.format(match=match, decline=decline))
    assert [problem.rule for problem in lint.check([file], VOCABULARIES)] == rules


@pytest.mark.parametrize("sent", ["1", 1, True])
def test_checks_behind_a_declined_one_may_be_left_out(sent: Any) -> None:
    body = {"reference": "decline-SPDR18-x", "decline_on_single_step": sent, **EVERYTHING}
    answer = json_of(ShuftiHarness().ask(body))
    assert tuple(
        (
            value
            if not isinstance(value := answer["verification_result"][key], dict)
            else value["document_visibility"]
        )
        for key in ("face", "document", "address", "background_checks")
    ) == (1, 0, None, None)
    assert list(answer["verification_data"]) == ["document"]
    default = json_of(ShuftiHarness(decline_on_single_step=True).ask({**body, "decline_on_single_step": ""}))
    assert answer["verification_result"] == default["verification_result"]


STOPPED: dict[str, tuple[str, dict[str, list[str]]]] = {
    "the first alone": ("SPDR01", {"face": ["SPDR01"]}),
    "the first of two": ("SPDR18-SPDR06-SPDR01", {"face": ["SPDR01"]}),
    "the second of three": ("SPDR34-SPDR22-SPDR18", {"document": ["SPDR18"]}),
    "the last": ("SPDR34", {"background_checks": ["SPDR34"]}),
    "two of one service": ("SPDR18-SPDR06", {"document": ["SPDR18", "SPDR06"]}),
}


@pytest.mark.parametrize(("codes", "by_service"), STOPPED.values(), ids=STOPPED)
def test_a_service_that_was_not_processed_has_no_codes(codes: str, by_service: dict[str, list[str]]) -> None:
    """In the answer, the callback and the status; the reason is one of those that are left."""
    shop = ShuftiHarness()
    body = {"reference": f"decline-{codes}-x", "decline_on_single_step": "1", **EVERYTHING}
    answer = json_of(shop.ask(body))
    status = shop.status(body["reference"])
    callback = json.loads(shop.callbacks()[0].body)
    for document in (answer, status, callback):
        assert document["services_declined_codes"] == by_service
        assert document["declined_codes"] == [code for own in by_service.values() for code in own]
    assert status["declined_reason"] == callback["declined_reason"]
    assert status["declined_reason"] == DECLINES[status["declined_codes"][0]].reason
    everything = json_of(ShuftiHarness().ask({**body, "decline_on_single_step": "0"}))
    assert everything["declined_codes"] == codes.split("-")


def test_a_reviewer_s_codes_stop_at_the_first_service() -> None:
    shop = ShuftiHarness()
    on_site = {"face": {}, "document": {"name": ""}}
    shop.ask({"reference": "ref-stopped", "decline_on_single_step": 1, **on_site})
    shop.decide("ref-stopped", "declined", {"document": ["SPDR18"], "face": ["SPDR01"]})
    status = shop.status("ref-stopped")
    assert status["verification_result"] == {"face": 0, "document": None}
    assert status["services_declined_codes"] == {"face": ["SPDR01"]}


# -- magic values
# ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
def test_a_last_name_may_ask_for_an_outcome(name: str) -> None:
    wish = NAMES[name]
    for spelled in (name, name.capitalize(), name.upper()):
        shop = ShuftiHarness()
        body = {"document": {"proof": PICTURE, "name": {"first_name": "Ann", "last_name": spelled}}}
        answer = json_of(shop.ask({"reference": "ref-magic", **body}))
        shop.pass_time(2)
        if wish.outcome == "declined":
            assert answer["event"] == "verification.declined"
            assert (wish.codes_for(["document"]) or list(PREFERRED["document"])) == answer["declined_codes"]
        else:
            events = {
                "review": "review.pending",
                "cancelled": "verification.cancelled",
                "timeout": "request.timeout",
            }
            assert events[wish.outcome] == shop.status("ref-magic")["event"]


@pytest.mark.parametrize(
    ("service", "key"), [("aml_for_businesses", "business_name"), ("kyb", "company_name")]
)
@pytest.mark.parametrize("name", BUSINESSES)
def test_a_business_name_may_ask_for_an_outcome(service: str, key: str, name: str) -> None:
    answer = json_of(ShuftiHarness().ask({service: {key: name.title()}}))
    assert (BUSINESSES[name].codes_for([service]) or list(PREFERRED[service])) == answer["declined_codes"]


@pytest.mark.parametrize(
    "status", ["400", "401", "402", "403", "404", "409", "413", "429", "500", "504", "524"]
)
def test_a_reference_may_ask_for_an_error(status: str) -> None:
    shop = ShuftiHarness()
    assert int(status) == shop.ask({"reference": f"error-{status}-x", **AML}).status
    assert shop.status(f"error-{status}-x")["event"] == "request.invalid"


@pytest.mark.parametrize(
    "reference",
    ["accept-x", "declined", "decline-nothing", "decline-SPDR999-x", "error-200-x", "error-abc", "accepted"],
)
def test_what_only_looks_like_a_magic_value(reference: str) -> None:
    assert json_of(ShuftiHarness().ask({"reference": reference, **AML}))["event"] == "verification.accepted"


def test_several_codes_in_one_reference() -> None:
    answer = json_of(ShuftiHarness().ask({"reference": "decline-spdr160-SPDR163-order-7", **AML}))
    assert answer["declined_codes"] == ["SPDR160", "SPDR163"]


def test_a_scenarios_outcome_beats_a_magic_value() -> None:
    shop = ShuftiHarness(
        {"name": "s", "match": {"operation": "verification"}, "respond": {"outcome": "accepted"}}
    )
    assert json_of(shop.ask({"reference": "declined-x", **AML}))["event"] == "verification.accepted"


def test_the_table_names_every_code() -> None:
    assert {row.code for row in DECLINES.values()} <= {part for row in TABLE for part in row.value.split("-")}
