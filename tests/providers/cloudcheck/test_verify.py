"""``/verify/``: what details have to be, what comes back, and in which order."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from mock_server.providers.cloudcheck.documents import DOCUMENTS
from mock_server.providers.cloudcheck.handlers.verify import verdict
from mock_server.providers.cloudcheck.magic import FAMILIES
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.cloudcheck.sources import SourceResults
from tests.providers.cloudcheck.harness import FULL, MINI, PipelineHarness, error
from tests.providers.documents import read_pdf

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def with_details(**details: Any) -> dict[str, Any]:
    """FULL without its document, with other details; a value of None takes one out."""
    body = copy.deepcopy(FULL)
    body["details"].pop("driverslicence")
    body["details"].update(details)
    body["details"] = {key: value for key, value in body["details"].items() if value is not None}
    return body


GOOD: dict[str, dict[str, Any]] = {
    "driverslicence": {"number": "ab123456", "version": "042"},
    "passport": {"number": "LA123456", "expiry": "2031-05-06"},
    "birthcertificate": {"registrationnumber": "1987004321"},
    "citizenship": {"certificatenumber": "123456", "countryofbirth": "Fiji"},
    "vehicle": {"numberplate": "ABC123"},
    "australiandriverslicence": {"state": "NSW", "number": "12345678", "cardNumber": "2001234567"},
    "australianpassport": {"number": "N1234567", "gender": "X"},
    "medicare": {"cardtype": "G", "cardnumber": "1234567890", "expiry": "2030-01", "individualnumber": 2},
    "centrelink": {
        "cardtype": "PCC",
        "name": "Tamsin Okafor",
        "customerreferencenumber": "123456789A",
        "cardexpirydate": "2030-01-01",
    },
    "australianbirthcertificate": {
        "registrationstate": "VIC",
        "registrationyear": "1987",
        "dateprinted": "2001-02-03",
    },
    "namechangecertificate": {
        "registrationstate": "QLD",
        "oldfamilyname": "Smith",
        "registrationdate": "2001-02-03",
    },
    "australiancitizenship": {"acquisitiondate": "2001-02-03", "stocknumber": "AC123"},
    "citizenshipbydescent": {"acquisitiondate": "2001-02-03"},
    "immicard": {"number": "EIS123456"},
    "visa": {"countryofissue": "GBR", "passportnumber": "123456789"},
}
BAD: list[tuple[str, str, Any, str]] = [
    ("driverslicence", "number", "A1234567", "driversLicenceNumber"),
    ("driverslicence", "number", "AB12345", "driversLicenceNumber"),
    ("driverslicence", "number", "ÄB123456", "driversLicenceNumber"),
    ("driverslicence", "number", "AB12345\u0666", "driversLicenceNumber"),
    ("driverslicence", "number", "AB123456\n", "driversLicenceNumber"),
    ("driverslicence", "version", "12", "driversLicenceVersion"),
    ("driverslicence", "version", ["111"], "driversLicenceVersion"),
    ("passport", "number", "L123456", "passportNumber"),
    ("passport", "expiry", "06/05/2031", "passportExpiry"),
    ("passport", "expiry", "2031-02-30", "passportExpiry"),
    ("birthcertificate", "registrationnumber", "12a", "birthCertificateRegistrationNumber"),
    ("citizenship", "certificatenumber", "12345", "citizenshipCertificateNumber"),
    ("vehicle", "numberplate", "ABC1234", "vehicleNumberPlate"),
    ("australiandriverslicence", "state", "NZ", "australianDriversLicenceState"),
    ("australiandriverslicence", "number", "12-34", "australianDriversLicenceNumber"),
    ("australianpassport", "number", "N123456", "australianPassportNumber"),
    ("australianpassport", "gender", "male", "australianPassportGender"),
    ("medicare", "cardtype", "R", "medicareCardType"),
    ("medicare", "cardnumber", "123", "medicareCardNumber"),
    ("medicare", "individualnumber", "12", "medicareIndividualNumber"),
    ("centrelink", "cardtype", "X", "centrelinkCardType"),
    ("centrelink", "customerreferencenumber", "123456789", "centrelinkCustomerReferenceNumber"),
    ("australianbirthcertificate", "registrationstate", "X", "australianBirthCertificateRegistrationState"),
    ("australianbirthcertificate", "registrationyear", "87", "australianBirthCertificateRegistrationYear"),
    ("namechangecertificate", "registrationdate", "2001", "nameChangeCertificateRegistrationDate"),
    ("australiancitizenship", "acquisitiondate", "x", "australianCitizenshipAcquisitionDate"),
    ("citizenshipbydescent", "acquisitiondate", "2001-13-01", "citizenshipByDescentAcquisitionDate"),
    ("immicard", "number", "EI1234567", "immicardNumber"),
    ("visa", "countryofissue", "GB", "visaCountryOfIssue"),
]


def test_every_kind_of_document_has_a_good_example() -> None:
    assert set(DOCUMENTS) == set(GOOD) == {document for document, *_ in BAD}


@pytest.mark.parametrize("document", GOOD)
def test_a_good_document_is_what_its_source_says(document: str) -> None:
    answer = PipelineHarness().verify(with_details(**{document: GOOD[document]}))
    assert [DOCUMENTS[document].source, "Dow Jones Watchlist", "Test Source (Simple Address)"] == [
        source["name"] for source in answer["sources"]
    ]
    assert GOOD[document].get("number", "?") not in json.dumps(answer), "documents are never repeated"


@pytest.mark.parametrize(("document", "member", "value", "field"), BAD)
def test_107_for_a_malformed_member(document: str, member: str, value: Any, field: str) -> None:
    answer = PipelineHarness().verify(with_details(**{document: {**GOOD[document], member: value}}))
    assert (answer["error"], answer["fields"]) == (107, field)


@pytest.mark.parametrize(
    ("document", "member"),
    [
        (document.key, member.key)
        for document in DOCUMENTS.values()
        for member in document.members
        if member.required
    ],
)
def test_102_for_a_missing_member(document: str, member: str) -> None:
    members = {**GOOD[document], "stray": "x"}
    members.pop(member)
    answer = PipelineHarness().verify(with_details(**{document: members}))
    field = next(known.field for known in DOCUMENTS[document].members if known.key == member)
    assert (102, field, "Please check the required fields are all supplied.") == (
        answer["error"],
        answer["fields"],
        answer["message"],
    )


def test_102_of_one_document_comes_before_107_of_another() -> None:
    answer = PipelineHarness().verify(
        with_details(driverslicence={"number": "1", "version": "2"}, passport={"number": "LA123456"})
    )
    assert (answer["error"], answer["fields"]) == (102, "passportExpiry")


def test_several_malformed_members_are_named_together() -> None:
    body = with_details(
        driverslicence={"number": "1", "version": "2"}, passport={"number": "3", "expiry": "4"}
    )
    answer = PipelineHarness().verify(body)
    assert answer["fields"] == "driversLicenceNumber, driversLicenceVersion, passportNumber, passportExpiry"
    assert answer["message"] == "Please check the format of the supplied identification details."


RULES: dict[str, tuple[dict[str, Any], int, str]] = {
    "consent absent": ({"consent": None}, 102, "consent"),
    "consent empty": ({"consent": ""}, 102, "consent"),
    "consent no": ({"consent": "No"}, 107, "consent"),
    "consent in lower case": ({"consent": "yes"}, 107, "consent"),
    "consent true": ({"consent": True}, 107, "consent"),
    "details absent": ({"details": None}, 102, "details"),
    "details empty": ({"details": {}}, 102, "details"),
    "details a text": ({"details": "x"}, 107, "details"),
    "consent before details": ({"details": None, "consent": "No"}, 107, "consent"),
    "reference a list": ({"reference": []}, 107, "reference"),
    "no date of birth": (with_details(dateofbirth=None), 102, "dateOfBirth"),
    "date of birth empty": (with_details(dateofbirth=""), 102, "dateOfBirth"),
    "date of birth the other way round": (with_details(dateofbirth="14-03-1987"), 107, "dateOfBirth"),
    "date of birth on no day": (with_details(dateofbirth="1987-02-29"), 107, "dateOfBirth"),
    "date of birth tomorrow": (with_details(dateofbirth="2023-11-16"), 107, "dateOfBirth"),
    "date of birth before name": (with_details(dateofbirth=None, name=None), 102, "dateOfBirth"),
    "no name": (with_details(name=None), 102, "givenName, familyName"),
    "name empty": (with_details(name={}), 102, "givenName, familyName"),
    "name a text": (with_details(name="Tamsin"), 107, "name"),
    "no family name": (with_details(name={"given": "Tamsin"}), 102, "familyName"),
    "family name blank": (with_details(name={"given": "Tamsin", "family": " "}), 102, "familyName"),
    "given name an object": (with_details(name={"given": {}, "family": "O"}), 107, "givenName"),
    "address a text": (with_details(address="18 Example Rise"), 107, "address"),
    "postcode a list": (with_details(address={"postcode": ["6012"]}), 107, "postcode"),
    "passport a text": (with_details(passport="LA123456"), 107, "passport"),
}


@pytest.mark.parametrize("case", RULES)
def test_a_rule_of_data(case: str) -> None:
    over, code, fields = RULES[case]
    body = {key: value for key, value in {**FULL, **over}.items() if value is not None}
    answer = PipelineHarness().verify(body)
    assert (code, fields) == (answer.get("error"), answer.get("fields"))


def test_today_is_a_date_of_birth() -> None:
    """It is the 15th in New Zealand while it is still the 14th in London."""
    assert "error" not in PipelineHarness().verify(with_details(dateofbirth="2023-11-15"))


@pytest.mark.parametrize("empty", [{}, None, "", {"number": "", "expiry": None}], ids=str)
def test_an_empty_section_is_absent(empty: Any) -> None:
    body = copy.deepcopy(FULL)
    body["details"]["passport"] = empty
    assert PipelineHarness().verify()["sources"] == PipelineHarness().verify(body)["sources"]


def test_the_recorded_answer_to_an_expired_passport() -> None:
    answer = PipelineHarness().post(
        "/verify/", with_details(passport={"number": "LA123456", "expiry": "2023-11-15"})
    )
    recorded = {
        "error": 102,
        "message": "Please check the required fields are all supplied.",
        "fields": "driversLicenceNumber, driversLicenceVersion, passportNumber, passportExpiry",
        "errorDetail": "Your Passport Expiry must be in the future",
    }
    assert {"verification": recorded} == answer
    assert list(recorded) == list(answer["verification"])


def test_an_expired_passport_beside_another_document_is_not_asked() -> None:
    body = copy.deepcopy(FULL)
    body["details"]["passport"] = {"number": "LA123456", "expiry": "2020-01-01"}
    assert "Test Source (Passport)" not in [
        source["name"] for source in PipelineHarness().verify(body)["sources"]
    ]


# -- answers
# -----------------------------------------------------------------------------------------------------
SUCCESS = [
    "reference",
    "verificationSuccess",
    "validated",
    "sources",
    "verificationReference",
    "requestDate",
    "ipAddress",
    "details",
    "verificationPartialSuccess",
    "verificationDate",
]
WITH_MATCHES = [*SUCCESS[:4], "pepMatches", *SUCCESS[4:]]
FAILURE = SUCCESS[:-2]
ORDERS = {
    "verified": SUCCESS,
    "partial": SUCCESS,
    "not-verified": FAILURE,
    "pep-match": WITH_MATCHES,
    "source-error": [*FAILURE[:2], "sourceErrors", *FAILURE[2:]],
    "capture-required": [*SUCCESS[:7], "capture", *SUCCESS[7:]],
}


def forced(outcome: str) -> PipelineHarness:
    return PipelineHarness(
        {"name": "forced", "match": {"operation": "verify"}, "respond": {"outcome": outcome}}
    )


@pytest.mark.parametrize("outcome", ORDERS)
def test_keys_of_an_outcome_and_their_order(outcome: str) -> None:
    answer = forced(outcome).verify()
    assert ORDERS[outcome] == list(answer)
    assert [
        "dateofbirth",
        "address",
        *(["pepMatched"] if outcome not in ("not-verified", "source-error") else []),
        "name",
    ] == list(answer["validated"])
    assert list(answer["details"]) == ["dateofbirth", "address", "name"]
    assert list(answer["details"]["address"]) == ["city", "street", "postcode", "suburb"]
    for source in answer["sources"]:
        assert [key for key in ("notes", "success", "name", "error") if key in source] == list(source)


@pytest.mark.parametrize(
    ("outcome", "success", "partial", "flags"),
    [
        ("verified", True, False, {"dateofbirth": True, "address": True, "pepMatched": False, "name": True}),
        ("pep-match", True, False, {"dateofbirth": True, "address": True, "pepMatched": True, "name": True}),
        (
            "capture-required",
            True,
            False,
            {"dateofbirth": True, "address": True, "pepMatched": False, "name": True},
        ),
        ("partial", False, True, {"dateofbirth": True, "address": False, "pepMatched": False, "name": True}),
        ("not-verified", False, None, {"dateofbirth": False, "address": False, "name": False}),
        ("source-error", False, None, {"dateofbirth": False, "address": False, "name": False}),
    ],
)
@pytest.mark.parametrize("body", [FULL, with_details(passport=GOOD["passport"])], ids=["licence", "passport"])
def test_flags_of_an_outcome(
    outcome: str, success: bool, partial: bool | None, flags: dict[str, bool], body: dict[str, Any]
) -> None:
    answer = forced(outcome).verify(body)
    assert (
        answer["verificationSuccess"],
        answer.get("verificationPartialSuccess"),
        answer["validated"],
    ) == (success, partial, flags)


@pytest.mark.parametrize(
    ("name", "birth", "address", "expected"),
    [
        (True, False, False, (False, True)),
        (False, True, False, (False, True)),
        (False, False, True, (False, True)),
        (True, True, False, (False, True)),
        (False, False, False, (False, False)),
        (True, True, True, (True, False)),
    ],
)
def test_a_partial_success_needs_one_of_three(
    name: bool, birth: bool, address: bool, expected: tuple[bool, bool]
) -> None:
    run = SourceResults([], name, birth, address, True, [])
    assert verdict(run, FULL["details"], "verified", Settings()) == expected


@pytest.mark.parametrize("outcome", ORDERS)
def test_the_sources_agree_with_the_flags(outcome: str) -> None:
    answer = forced(outcome).verify()
    by_name = {source["name"]: source for source in answer["sources"]}
    assert answer["validated"]["name"] is by_name["Test Source (Driver’s Licence)"]["success"]
    assert answer["validated"]["address"] is (
        "Test Source (Simple Address)" in by_name and by_name["Test Source (Simple Address)"]["success"]
    )
    assert ("pepMatched" in answer["validated"]) is ("Dow Jones Watchlist" in by_name)
    assert {error["name"] for error in answer.get("sourceErrors", [])} == {
        name for name, source in by_name.items() if source["error"]
    }
    for source in by_name.values():
        assert ("notes" in source) is (not source["success"] and not source["error"])
        assert source.get("notes", "Unmatched Fields:\nx\n").startswith("Unmatched Fields:\n")
        assert source.get("notes", "\n").endswith("\n")


def test_matches_are_the_best_first() -> None:
    for number in range(30):
        answer = forced("pep-match").verify({**FULL, "reference": f"r{number}"})
        scores = [match["score"] for match in answer["pepMatches"]]
        assert scores == sorted(scores, reverse=True)
        for match in answer["pepMatches"]:
            assert 0 < match["score"] <= 1
            assert re.fullmatch(r"Okafor, Tamsin( [A-Z])?", match["name"])
            assert set(match["riskTypes"]) <= {"PEP", "RCA"}
            assert isinstance(match["peid"], int)


def test_texts_of_the_answer() -> None:
    answer = PipelineHarness().verify()
    assert UUID.fullmatch(answer["verificationReference"])
    assert (
        answer["requestDate"],
        answer["verificationDate"],
        answer["reference"],
        answer["ipAddress"],
    ) == ("2023-11-15 11:13", "2023-11-15 11:13", "ref-1", "")


def test_number_and_name_of_a_street_come_back_joined() -> None:
    body = with_details(
        address={
            "streetnumber": "18",
            "streetname": "Example Rise",
            "city": "Wellington",
            "countryCode": "NZ",
        }
    )
    assert PipelineHarness().verify(body)["details"]["address"] == {
        "city": "Wellington",
        "street": "18 Example Rise",
        "countryCode": "NZ",
    }


def test_without_an_address_there_is_none_to_prove() -> None:
    answer = PipelineHarness().verify(MINI)
    assert (answer["verificationSuccess"], answer["validated"]["address"]) == (True, False)
    assert "address" not in answer["details"]
    strict = PipelineHarness(settings={"success_needs": "all"}).verify(MINI)
    assert (strict["verificationSuccess"], strict["verificationPartialSuccess"]) == (False, True)


def test_a_reference_repeats_its_answer_in_another_run_only() -> None:
    office = PipelineHarness()
    first, second, third = (office.verify()["verificationReference"] for _ in range(3))
    again = PipelineHarness()
    assert [first, second, third] == [again.verify()["verificationReference"] for _ in range(3)]
    assert len({first, second, third}) == 3
    assert first != again.verify(key="test-a")["verificationReference"]
    assert (
        first
        == office.get("/verify/response/", verificationReference=first)["verification"][
            "verificationReference"
        ]
    )


def test_without_a_reference_verifications_are_told_apart() -> None:
    office = PipelineHarness()
    body = {key: value for key, value in FULL.items() if key != "reference"}
    answers = [office.verify(body) for _ in range(3)]
    assert len({answer["verificationReference"] for answer in answers}) == 3
    assert all("reference" not in answer for answer in answers)


def test_a_reference_that_looks_like_a_verification_reference() -> None:
    office = PipelineHarness()
    known = office.verify()["verificationReference"]
    references = {office.verify({**FULL, "reference": known})["verificationReference"] for _ in range(3)}
    assert len(references) == 3


@pytest.mark.parametrize(("family", "outcome"), FAMILIES.items())
def test_magic_family_names(family: str, outcome: str) -> None:
    office = PipelineHarness()
    office.verify(with_details(name={"given": "Ida", "family": family.upper()}, dateofbirth="1947-07-30"))
    assert office.entry().outcome == outcome


@pytest.mark.parametrize("outcome", ORDERS)
def test_magic_references(outcome: str) -> None:
    office = PipelineHarness()
    office.verify({**FULL, "reference": f"{outcome}-7"})
    assert office.entry().outcome == outcome


@pytest.mark.parametrize("code", [101, 102, 103, 104, 105, 106, 107, 108, 110, 111, 112, 113])
def test_magic_references_for_errors(code: int) -> None:
    office = PipelineHarness()
    assert error(office.post("/verify/", {**FULL, "reference": f"error-{code}-x"}))["error"] == code
    assert office.store.records("default") == []


def test_there_is_no_109() -> None:
    assert "error" not in PipelineHarness().verify({**FULL, "reference": "error-109-x"})


def persona(**over: Any) -> dict[str, Any]:
    details = {"name": {"given": "Arnold", "family": "Schwarzenegger"}, "dateofbirth": "1947-07-30", **over}
    return {"details": details, "reference": "p", "consent": "Yes"}


def test_the_vendors_test_person() -> None:
    office = PipelineHarness()
    office.clock.at = 1_560_000_000.0
    licence, passport = (
        {"number": "AB123456", "version": "111"},
        {"number": "US987654", "expiry": "2020-02-20"},
    )
    answer = office.verify(persona(driverslicence=licence, passport=passport))
    assert answer["pepMatches"] == [
        {"score": 1, "peid": 587146, "name": "Schwarzenegger, Arnold", "riskTypes": ["PEP"]}
    ]
    assert "Test Source (Passport)" not in [source["name"] for source in answer["sources"]], (
        "the licence has sufficed"
    )
    wrong = office.verify(persona(passport={**passport, "expiry": "2021-02-20"}, dateofbirth="1947-07-31"))
    assert wrong["sources"] == [
        {
            "notes": "Unmatched Fields:\nExpiry Date\nDate of Birth\n",
            "success": False,
            "name": "Test Source (Passport)",
            "error": False,
        }
    ]
    assert wrong["verificationSuccess"] is False


def test_a_demanded_capture_can_be_read() -> None:
    office = forced("capture-required")
    capture = office.verify()["capture"]
    assert (
        list(capture),
        [item["id"] for item in capture["items"]],
    ) == (["captureReference", "items", "required"], [1, 2, 3])
    assert (
        office.get("/live/response/", captureReference=capture["captureReference"])["capture"]["status"]
        == "PENDING"
    )


def test_a_scenario_merges_into_the_answer_and_the_record() -> None:
    merge = {
        "verification": {
            "pepMatches": [{"score": 0.91, "riskTypes": ["RCA"]}],
            "extra": "{{ request.body.reference }}",
        }
    }
    office = PipelineHarness(
        {"name": "m", "match": {"operation": "verify"}, "respond": {"outcome": "pep-match", "merge": merge}}
    )
    answer = office.verify()
    assert (
        [match["score"] for match in answer["pepMatches"]],
        answer["pepMatches"][0]["riskTypes"],
        answer["extra"],
    ) == ([0.91], ["RCA"], "ref-1")
    assert (
        answer
        == office.get("/verify/response/", verificationReference=answer["verificationReference"])[
            "verification"
        ]
    )


@pytest.mark.parametrize("position", ["nested", "top"])
def test_a_scenarios_error(position: str) -> None:
    respond = {"error": 111, "message": "It broke", "fields": ["a", "b"], "detail": ["c"]}
    office = PipelineHarness(
        {"name": "e", "match": {"operation": "verify"}, "respond": respond},
        settings={"error_position": {"verify": position}},
    )
    answer = office.post("/verify/", FULL)
    body = {"error": 111, "message": "It broke", "fields": "a, b", "errorDetail": "c"}
    assert ({"verification": body} if position == "nested" else body) == answer
    assert office.entry().error == "111"


def test_error_status_and_position_of_the_gate() -> None:
    office = PipelineHarness(settings={"error_status": 400, "error_position": {"gate": "top"}})
    answer = office.send("POST", "/verify/", {"data": "{}"}, signature="0")
    assert (answer.status, json.loads(answer.body)["error"]) == (400, 106)


def test_the_pdf_holds_the_verification_and_is_always_the_same() -> None:
    office = forced("pep-match")
    body = copy.deepcopy(FULL)
    body["details"]["name"]["family"] = "O’Connor-Ngāti 山"
    body["details"]["name"]["given"] = "Ελένη Nguyễn"
    reference = office.verify(body)["verificationReference"]
    first, second = (office.send("GET", "/verify/pdf", {"reference": reference}) for _ in range(2))
    assert first.body == second.body
    lines = read_pdf(first.body)
    assert f"Verification reference {reference}" in lines
    assert [line for line in lines if "Ελένη Nguyễn" in line and line.endswith("O’Connor-Ngāti 山")] != []
    assert (first.body[:5], first.body.rstrip()[-5:]) == (b"%PDF-", b"%%EOF")
    assert ("Content-Type", "application/pdf") in first.headers
    posted = office.send("POST", "/verify/pdf", {"reference": reference})
    assert first.body == posted.body
    assert error(json.loads(office.send("GET", "/verify/pdf", {"reference": "ref-1"}).body))["error"] == 105


JSON_TEXTS: dict[str, tuple[str, str | int]] = {
    "the last of two names wins": ('{"reference":"a","reference":"b",%s}', "b"),
    "a number of thirty digits": ('{"reference":"a","x":123456789012345678901234567890,%s}', "a"),
    "a number of five thousand digits": ('{"reference":"a","x":' + "9" * 5000 + ",%s}", "a"),
    "a number beyond a double": ('{"reference":"a","x":1e400,%s}', "a"),
    "a lone surrogate": ('{"reference":"a\\ud800",%s}', "a?"),
    "a pair of surrogates": ('{"reference":"\\ud83d\\ude00",%s}', "😀"),
    "white space around": (' \n{"reference":"a",%s} ', "a"),
    "a whole number for a text": ('{"reference":12,%s}', "12"),
    "a fraction for a text": ('{"reference":1.5,%s}', 107),
    "a trailing comma": ('{"reference":"a",%s,}', 107),
    "a comment": ('{"reference":"a",%s} // c', 107),
    "single quotes": ("{'reference':'a',%s}", 107),
    "two values": ('{"reference":"a",%s} {}', 107),
    "a byte order mark": ('\ufeff{"reference":"a",%s}', 107),
    "a nest of a thousand lists": ('{"reference":"a","x":' + "[" * 1000 + "]" * 1000 + ",%s}", 107),
}


@pytest.mark.parametrize("case", JSON_TEXTS)
def test_which_json_is_read(case: str) -> None:
    text, expected = JSON_TEXTS[case]
    rest = '"consent":"Yes","details":{"name":{"family":"O"},"dateofbirth":"1987-03-14"}'
    answer = PipelineHarness().verify(text % rest)
    assert expected == (answer["error"] if "error" in answer else answer["reference"])


CAPTURE = {**FULL, "capturereference": "11111111-2222-4333-8444-555555555555"}


def test_an_unknown_capture_is_refused() -> None:
    office = PipelineHarness()
    assert office.verify(CAPTURE)["error"] == 105
    assert "unknown_capture: ignore" in (office.entry().evidence or {})["remedy"]


def test_a_capture_of_another_access_key_is_refused() -> None:
    office = PipelineHarness()
    capture = json.loads(office.send("POST", "/live/", {"data": "{}"}, key="test-other").body)["capture"]
    assert office.verify({**FULL, "capturereference": capture["captureReference"]})["error"] == 105


def test_an_unknown_capture_can_be_ignored() -> None:
    assert (
        PipelineHarness(settings={"unknown_capture": "ignore"}).verify(CAPTURE)["verificationSuccess"] is True
    )


def test_a_capture_of_the_access_key_is_accepted() -> None:
    office = PipelineHarness()
    capture = office.post("/live/", {})["capture"]
    assert (
        office.verify({**FULL, "capturereference": capture["captureReference"]})["verificationSuccess"]
        is True
    )
