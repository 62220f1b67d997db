"""The documented and recorded bodies, key for key and in order. Values are invented there as here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_server.providers.shuftipro.phpjson import encode
from tests.providers.shuftipro.harness import AML, PICTURE, ShuftiHarness, blank, json_of, keys

INFO: dict[str, dict[str, Any]] = {
    "agent": {
        "is_desktop": False,
        "is_phone": False,
        "useragent": "mock-client/1.0",
        "device_name": "0",
        "browser_name": "",
        "platform_name": "",
    },
    "geolocation": blank(
        "host ip rdns asn isp country_name country_code region_name region_code city postal_code continent_name continent_code latitude "
        "longitude metro_code timezone"
    ),
}
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/75.0.3770.100 Safari/537.36"
FILTERS = [
    "sanction",
    "warning",
    "fitness-probity",
    "pep-class-1",
    "pep-class-4",
    "pep-class-3",
    "pep-class-2",
    "pep",
]
KYC: dict[str, Any] = {
    "email": "otto@example.test",
    "country": "AT",
    "face": {"proof": PICTURE},
    "document": {
        "proof": PICTURE,
        "supported_types": ["id_card", "passport", "driving_license"],
        "name": "",
        "dob": "",
        "issue_date": "",
        "expiry_date": "",
        "document_number": "",
        "gender": "",
        "fetch_enhanced_data": "1",
    },
    "address": {
        "proof": PICTURE,
        "supported_types": ["utility_bill", "bank_statement"],
        "full_address": "Mustergasse 4, 1010 Wien",
        "name": {"first_name": "Otto", "last_name": "Probst"},
        "issue_date": "2025-01-15",
    },
    "consent": {
        "proof": PICTURE,
        "supported_types": ["printed", "handwritten"],
        "text": "I agree to the mock terms",
    },
}
DOCUMENT_CHECKS = blank(
    "document document_visibility document_must_not_be_expired document_country document_proof selected_type "
    "name dob issue_date expiry_date document_number gender face_on_document_matched"
)
ADDRESS_CHECKS = blank(
    "full_address name issue_date address_document address_document_visibility address_document_must_not_be_expired "
    "address_document_country selected_type address_document_proof match_address_proofs_with_document_proofs"
)


def answer(shop: ShuftiHarness, body: dict[str, Any]) -> dict[str, Any]:
    decoded: dict[str, Any] = json_of(shop.ask(body))
    return decoded


def test_pending() -> None:
    shop = ShuftiHarness()
    sample = {
        "reference": "",
        "event": "request.pending",
        "token": "",
        "verification_url": "",
        "email": None,
        "country": None,
    }
    body = answer(shop, {"reference": "mockref-000778", "face": ""})
    assert keys(sample) == keys(body)
    start, _, token = body["verification_url"].rpartition("/")
    assert (start, len(token), token.isalnum()) == ("http://127.0.0.1:8484/verification/process", 64, True)
    assert (body["email"], body["country"]) == (None, None)
    with_error = answer(ShuftiHarness(pending_has_error_key=True), {"face": ""})
    assert list(with_error) == [
        "reference",
        "event",
        "error",
        "token",
        "verification_url",
        "email",
        "country",
    ]
    without_token = answer(ShuftiHarness(has_token=False), {"face": ""})
    assert list(without_token) == ["reference", "event", "verification_url", "email", "country"]


def test_the_request_token() -> None:
    """One for each verification, the same wherever it is said, and nowhere but in what tells of a
    verification."""
    shop = ShuftiHarness()
    tokens = []
    for reference in ("mockref-token-1", "mockref-token-2"):
        tokens.append(answer(shop, {"reference": reference, "face": ""})["token"])
        for outcome in ("review", "accepted", "declined", "data-changed", "deleted"):
            shop.decide(reference, outcome)
    said = [json.loads(message.body) for message in shop.callbacks()]
    assert tokens == list(dict.fromkeys(body["token"] for body in said if "token" in body))
    with_token = ["request.pending", "review.pending"]
    notices = [
        "verification.status.changed",
        "verification.status.changed",
        "request.data.changed",
        "request.deleted",
    ]
    assert [*with_token, *notices] * 2 == [body["event"] for body in said]
    assert [*with_token] * 2 == [body["event"] for body in said if "token" in body]
    assert all(len(token) == 64 and token.isalnum() for token in tokens)


def test_the_request_token_of_a_result() -> None:
    shop = ShuftiHarness()
    body = answer(shop, {"reference": "mockref-token", **AML})
    assert list(body)[:3] == ["reference", "event", "token"]
    assert body["token"] == json.loads(shop.callbacks()[0].body)["token"]
    assert "token" not in shop.status("mockref-token")
    refused = answer(shop, {"reference": "mockref-token", **AML})
    assert (refused["event"], "token" in refused) == ("request.invalid", False)


def test_invalid() -> None:
    """Byte for byte as published as a vector."""
    sample = (
        '{"reference":"mockref-000780","event":"request.invalid","error":{"service":"document","key":"dob",'
        '"message":"The dob does not match the format Y-m-d."},"email":null,"country":null}'
    )
    response = ShuftiHarness().ask({"reference": "mockref-000780", "document": {"dob": "11.03.1980"}})
    assert (response.status, response.body.decode()) == (400, sample)


def test_unauthorized() -> None:
    sample = (
        '{"reference":"","event":"request.unauthorized","error":{"service":"","key":"",'
        r'"message":"Authorization keys are missing\/invalid."},"email":null,"country":null}'
    )
    response = ShuftiHarness().ask(
        {"reference": "mockref-000780", "email": "a@b.test", "country": "AT", **AML},
        headers={"authorization": ""},
    )
    assert (response.status, response.body.decode()) == (401, sample)


def test_received() -> None:
    shop = ShuftiHarness(has_token=False)
    body = answer(
        shop,
        {
            "reference": "mockref-000781",
            "email": "otto@example.test",
            "country": "AT",
            "show_results": "0",
            **AML,
        },
    )
    assert body == {
        "reference": "mockref-000781",
        "event": "request.received",
        "email": "otto@example.test",
        "country": "AT",
    }
    assert list(body) == ["reference", "event", "email", "country"]


@pytest.mark.parametrize(
    ("outcome", "sample"),
    [
        ("cancelled", {"reference": "mockref-000782", "event": "verification.cancelled", "error": ""}),
        ("timeout", {"reference": "mockref-000782", "event": "request.timeout", "error": ""}),
        ("review", {"reference": "mockref-000782", "event": "review.pending"}),
        ("deleted", {"reference": "mockref-000782", "event": "request.deleted"}),
    ],
)
def test_small_bodies_of_callbacks(outcome: str, sample: dict[str, str]) -> None:
    shop = ShuftiHarness(has_token=False)
    answer(shop, {"reference": "mockref-000782", "face": ""})
    shop.decide("mockref-000782", outcome)
    assert encode(sample) == shop.callbacks()[-1].body
    if "error" in sample:
        bare = ShuftiHarness(has_token=False, closing_has_error_key=False)
        answer(bare, {"reference": "mockref-000782", "face": ""})
        bare.decide("mockref-000782", outcome)
        assert list(json.loads(bare.callbacks()[-1].body)) == ["reference", "event"]


@pytest.mark.parametrize(
    ("outcome", "event"),
    [("declined", "verification.status.changed"), ("data-changed", "request.data.changed")],
)
def test_small_bodies_after_the_end(outcome: str, event: str) -> None:
    shop = ShuftiHarness()
    answer(shop, {"reference": "mockref-000784", **AML})
    shop.decide("mockref-000784", outcome)
    assert encode({"reference": "mockref-000784", "event": event}) == shop.callbacks()[-1].body


def test_aml_accepted() -> None:
    sample = {
        "reference": "",
        "event": "verification.accepted",
        "token": "",
        "verification_data": {
            "background_checks": {
                "dob": "",
                "name": {"first_name": "", "middle_name": "", "last_name": ""},
                "aml_data": {"filters": FILTERS, "hits": []},
            }
        },
        "verification_result": {"background_checks": 1},
        "info": INFO,
    }
    name = {"first_name": "Ingrid", "middle_name": "", "last_name": "Solvang"}
    body = answer(ShuftiHarness(), {"background_checks": {"name": name, "dob": "1979-11-04"}})
    assert keys(sample) == keys(body)
    screened = body["verification_data"]["background_checks"]
    assert ("1979-11-04", name, {"filters": FILTERS, "hits": []}) == (
        screened["dob"],
        screened["name"],
        screened["aml_data"],
    )
    assert (1, INFO["agent"]) == (body["verification_result"]["background_checks"], body["info"]["agent"])
    assert all(isinstance(value, str) for value in body["info"]["geolocation"].values())


SPECIFIED: dict[str, Any] = {
    "reference": "17374217",
    "event": "verification.accepted",
    "verification_data": {
        "background_checks": {
            "dob": "1990-01-01",
            "name": {"first_name": "Don", "last_name": "Joe"},
            "aml_data": {"filters": FILTERS, "hits": []},
        }
    },
    "verification_result": {"background_checks": 1},
    "info": {
        "agent": {
            "is_desktop": True,
            "is_phone": False,
            "useragent": BROWSER,
            "device_name": "Macintosh",
            "browser_name": "",
            "platform_name": "OS X - 10_14_0",
        },
        "geolocation": {
            "host": "212.103.50.243",
            "ip": "212.103.50.243",
            "rdns": "212.103.50.243",
            "asn": "64500",
            "isp": "Example Net",
            "country_name": "Germany",
            "country_code": "DE",
            "region_name": "Hesse",
            "region_code": "HE",
            "city": "Frankfurt am Main",
            "postal_code": "60326",
            "continent_name": "Europe",
            "continent_code": "EU",
            "latitude": "50.1049",
            "longitude": "8.6295",
            "metro_code": "",
            "timezone": "Europe/Berlin",
        },
    },
}
"""The sample of the page «Responses», but for the name and number of the caller's network."""


def test_the_sample_of_the_specification() -> None:
    """Byte for byte; only the parameter ``token`` of the same page is added."""
    body = {
        "reference": "17374217",
        "background_checks": {"name": {"first_name": "Don", "last_name": "Joe"}, "dob": "1990-01-01"},
    }
    asked = {"headers": {"user-agent": BROWSER}, "peer": "212.103.50.243"}
    assert encode(SPECIFIED) == ShuftiHarness(has_token=False).ask(body, **asked).body
    with_token = json_of(ShuftiHarness().ask(body, **asked))
    assert ["reference", "event", "token", *list(SPECIFIED)[2:]] == list(with_token)
    assert {**with_token, **SPECIFIED} == with_token


def test_later_parts_of_a_geolocation() -> None:
    geolocation = answer(ShuftiHarness(geolocation_extras=True), {"country": "NZ", **AML})["info"][
        "geolocation"
    ]
    assert [*SPECIFIED["info"]["geolocation"], "ip_type", "capital", "currency"] == list(geolocation)
    assert tuple(geolocation[key] for key in ("region_name", "region_code", "postal_code", "currency")) == (
        "Wellington",
        "WGN",
        "6011",
        "NZD",
    )


def test_aml_declined() -> None:
    hit = {
        "name": "",
        "entity_type": "person",
        "score": 48.25,
        "match_types": ["name_exact", "year_of_birth"],
        "alternative_names": ["Testarossa, Bruno"],
        "assets": [{"url": "", "source": "mock-sanctions-list", "type": "picture"}],
        "associates": [{"association": "spouse", "name": ""}],
        "fields": {
            "Countries": [{"value": "", "source": "", "tag": "country_names"}],
            "Date of Birth": [{"value": "", "source": "", "tag": "date_of_birth"}],
            "Political Position": [{"value": "", "source": "", "tag": "political_position"}],
        },
        "media": [{"date": "", "snippet": "", "title": "", "url": ""}],
        "source_notes": {
            "mock-sanctions-list": blank("aml_types country_codes listing_started_utc name url"),
            "mock-pep-list": blank("aml_types country_codes listing_started_utc name url"),
        },
        "sources": ["mock-sanctions-list", "mock-pep-list"],
        "types": ["sanction", "pep", "pep-class-3"],
    }
    sample = {
        "reference": "",
        "event": "verification.declined",
        "token": "",
        "verification_data": {
            "background_checks": {
                "dob": "",
                "name": {"first_name": "", "last_name": ""},
                "aml_data": {"filters": FILTERS, "hits": [hit]},
            }
        },
        "verification_result": {"background_checks": 0},
        "info": INFO,
        "declined_codes": ["SPDR34"],
        "services_declined_codes": {"background_checks": ["SPDR34"]},
    }
    body = answer(ShuftiHarness(), {"reference": "declined-000791", **AML})
    assert keys(sample) == keys(body)
    for key in ("declined_codes", "services_declined_codes", "verification_result"):
        assert sample[key] == body[key]
    told_of = body["verification_data"]["background_checks"]["aml_data"]["hits"][0]
    for key in ("match_types", "sources", "types"):
        assert hit[key] == told_of[key]
    assert told_of["name"] == "Ingrid Solvang"


def test_kyc_accepted() -> None:
    sample = {
        "reference": "",
        "event": "verification.accepted",
        "token": "",
        "verification_data": {
            "document": {
                "name": blank("first_name middle_name last_name full_name"),
                **blank(
                    "dob age issue_date expiry_date document_number gender nationality country face_match_confidence"
                ),
                "selected_type": [],
                "supported_types": [],
            },
            "address": {
                "name": blank("first_name last_name"),
                **blank("full_address country issue_date selected_type supported_types"),
            },
            "consent": blank("text selected_type supported_types"),
        },
        "verification_result": {
            "face": 1,
            "document": DOCUMENT_CHECKS,
            "address": ADDRESS_CHECKS,
            "consent": {"consent": 1, "selected_type": 1},
        },
        "info": INFO,
        "additional_data": {
            "document": {
                "proof": blank(
                    "first_name last_name dob gender document_number issue_date expiry_date nationality country_code document_type "
                    "place_of_birth authority personal_number mrz face signature"
                ),
                "additional_proof": {"mrz": ""},
            }
        },
    }
    body = answer(ShuftiHarness(), KYC)
    assert keys(sample) == keys(body)
    result = body["verification_result"]
    assert {key: None if key == "document_proof" else 1 for key in DOCUMENT_CHECKS} == result["document"]
    assert {key: None if key == "address_document_proof" else 1 for key in ADDRESS_CHECKS} == result[
        "address"
    ]
    assert 95 <= body["verification_data"]["document"]["face_match_confidence"] <= 97
    assert body["verification_data"]["document"]["selected_type"] == ["id_card"]


def test_a_result_may_have_email_and_country() -> None:
    shop = ShuftiHarness(result_has_contact=True)
    assert tuple(answer(shop, {**AML})[key] for key in ("email", "country")) == (None, None)
    body = answer(shop, KYC)
    assert list(body)[:6] == ["reference", "event", "token", "email", "country", "verification_data"]
    assert (body["email"], body["country"]) == ("otto@example.test", "AT")


def test_kyc_declined() -> None:
    body = answer(ShuftiHarness(), {"reference": "decline-SPDR18-SPDR06-SPDR01-x", **KYC})
    expected = ["reference", "event", "token", "verification_data", "verification_result", "info"]
    assert list(body) == [*expected, "declined_codes", "services_declined_codes"]
    assert body["services_declined_codes"] == {"face": ["SPDR01"], "document": ["SPDR18", "SPDR06"]}
    assert set(body["declined_codes"]) == {"SPDR18", "SPDR06", "SPDR01"}
    document = body["verification_result"]["document"]
    checks = ("document", "document_visibility", "name", "document_country")
    assert (body["verification_result"]["face"], *(document[key] for key in checks)) == (0, 0, 0, None, 1)
    assert body["verification_data"]["document"]["selected_type"] == [""]


def test_face_alone_has_an_empty_list_for_data() -> None:
    response = ShuftiHarness().ask({"face": {"proof": PICTURE}})
    assert b'"verification_data":[],"verification_result":{"face":1},' in response.body
    assert (
        b'"verification_data":{},' in ShuftiHarness(body_style="plain").ask({"face": {"proof": PICTURE}}).body
    )


def test_status_of_a_result() -> None:
    shop = ShuftiHarness()
    answer(shop, {"reference": "mockref-000792", **KYC})
    body = shop.status("mockref-000792")
    expected = [
        "reference",
        "event",
        "country",
        "proofs",
        "verification_data",
        "verification_result",
        "info",
        "additional_data",
    ]
    assert list(body) == expected
    assert list(body["proofs"]) == [
        "face",
        "document",
        "address",
        "consent",
        "access_token",
        "verification_report",
    ]
    answer(shop, {"reference": "declined-000792", **KYC})
    reasons = ["declined_reason", "declined_codes", "services_declined_codes"]
    assert [*expected[:-1], *reasons] == list(shop.status("declined-000792"))


def test_proofs_of_aml() -> None:
    shop = ShuftiHarness()
    answer(shop, {"reference": "mockref-000790", **AML})
    assert list(shop.status("mockref-000790")["proofs"]) == ["access_token", "verification_report"]
    shop = ShuftiHarness(aml_proofs="empty")
    answer(shop, {"reference": "mockref-000790", **AML})
    assert b'"proofs":{},' in shop.send("POST", "/status", {"reference": "mockref-000790"}).body


def test_status_of_what_has_no_result() -> None:
    shop = ShuftiHarness()
    answer(shop, {"reference": "mockref-000793", "country": "AT", "face": ""})
    for outcome, event in (
        ("review", "review.pending"),
        ("cancelled", "verification.cancelled"),
        ("deleted", "request.deleted"),
    ):
        shop.decide("mockref-000793", outcome)
        country = None if outcome == "deleted" else "AT"
        assert {"reference": "mockref-000793", "event": event, "country": country} == shop.status(
            "mockref-000793"
        )


def test_account_info() -> None:
    shop = ShuftiHarness()
    assert json_of(shop.send("GET", "/account/info/")) == {
        "account": {
            "name": "Mock Merchant Ltd",
            "status": "trial",
            "balance": {"amount": "1000.00", "currency": "USD"},
        }
    }


def test_decline_reasons() -> None:
    response = ShuftiHarness().send("GET", "/decline/reasons/")
    listed = json_of(response)["decline_reasons"]
    assert response.body.startswith(
        b'{"decline_reasons":[{"status_code":"SPDR01","description":"Face could not be verified"},'
    )
    assert {"status_code": "SPDR34", "description": "AML screening failed"} in listed
    assert len({row["status_code"] for row in listed}) == 169


def test_kyb() -> None:
    body = answer(
        ShuftiHarness(),
        {"kyb": {"company_registration_number": "12345678", "company_jurisdiction_code": "ae_az"}},
    )
    assert body["verification_result"] == {"kyb_service": 1}
    company = body["verification_data"]["kyb"]
    assert (
        len(company),
        company["company_number"],
        company["company_jurisdiction_code"],
    ) == (37, "12345678", "ae_az")
    assert list(company["company_registered_address"]) == [
        "street_address",
        "locality",
        "region",
        "postal_code",
        "country",
    ]


def test_manual_kyb() -> None:
    shop = ShuftiHarness()
    assert (
        answer(shop, {"reference": "kyb-manual", "kyb": {"labels": ["certificate_of_incorporation"]}})[
            "event"
        ]
        == "request.pending"
    )
    shop.decide("kyb-manual", "review")
    shop.decide("kyb-manual", "accepted")
    assert shop.status("kyb-manual")["verification_result"] == {
        "proof_stores": {"certificate_of_incorporation": 1}
    }
    assert shop.events() == ["request.pending", "review.pending", "verification.status.changed"]


LABELS = [
    "articles_of_association",
    "certificate_of_incorporation",
    "proof_of_address",
    "register_of_directors",
]
MANUAL_KYB: dict[str, Any] = {
    "manual_review": 1,
    "enable_extra_proofs": 1,
    "labels": LABELS,
    "verification_mode": "any",
    "reference": "MANUAL_KYB_REQUEST_0.42",
    "email": "kia.ora+kyb@example.test",
    "country": "NZ",
    "redirect_url": "https://app.example.test/manual-kyb-redirect.html",
}
"""As a client in production sends it: no service key at all."""


@pytest.mark.parametrize("outcome", ["accepted", "declined"])
def test_manual_kyb_at_the_top_of_a_request(outcome: str) -> None:
    shop = ShuftiHarness()
    body = answer(shop, MANUAL_KYB)
    assert list(body) == ["reference", "event", "token", "verification_url", "email", "country"]
    assert (body["event"], body["country"]) == ("request.pending", "NZ")
    shop.decide(MANUAL_KYB["reference"], "review")
    shop.decide(MANUAL_KYB["reference"], outcome)
    assert shop.events() == ["request.pending", "review.pending", "verification.status.changed"]
    status = shop.status(MANUAL_KYB["reference"])
    assert status["event"] == f"verification.{outcome}"
    assert {"proof_stores": dict.fromkeys(LABELS, int(outcome == "accepted"))} == status[
        "verification_result"
    ]
    assert ({"kyb": ["SPDR300"]} if outcome == "declined" else None) == status.get("services_declined_codes")


@pytest.mark.parametrize(
    ("body", "event", "result"),
    [
        (
            {"enable_extra_proofs": "1"},
            "request.pending",
            {"proof_stores": {"certificate_of_incorporation": 1}},
        ),
        ({"labels": ["proof_of_address"]}, "request.pending", {"proof_stores": {"proof_of_address": 1}}),
        (
            {"enable_extra_proofs": True, "labels": []},
            "request.pending",
            {"proof_stores": {"certificate_of_incorporation": 1}},
        ),
        (
            {"enable_extra_proofs": 1, "kyb": {"labels": ["mine"]}},
            "request.pending",
            {"proof_stores": {"mine": 1}},
        ),
        ({"labels": ["mine"], "kyb": ""}, "request.pending", {"proof_stores": {"mine": 1}}),
        ({"enable_extra_proofs": 0, **AML}, "verification.accepted", {"background_checks": 1}),
        (
            {"enable_extra_proofs": "0", "labels": [], **AML},
            "verification.accepted",
            {"background_checks": 1},
        ),
        (
            {"enable_extra_proofs": 1, "face": ""},
            "request.pending",
            {"face": 1, "proof_stores": {"certificate_of_incorporation": 1}},
        ),
    ],
    ids=repr,
)
def test_which_documents_of_a_company_are_asked_for(
    body: dict[str, Any], event: str, result: dict[str, Any]
) -> None:
    shop = ShuftiHarness()
    assert answer(shop, {"reference": "ref-kyb", **body})["event"] == event
    shop.decide("ref-kyb", "accepted")
    assert shop.status("ref-kyb")["verification_result"] == result


@pytest.mark.parametrize(
    ("body", "key", "message"),
    [
        ({"enable_extra_proofs": 0}, "", "The request has no verification service."),
        (
            {"enable_extra_proofs": "yes"},
            "enable_extra_proofs",
            "The selected enable extra proofs is invalid.",
        ),
        ({"enable_extra_proofs": 1, "labels": "one"}, "labels", "The labels must be an array."),
    ],
    ids=repr,
)
def test_manual_kyb_that_is_not_valid(body: dict[str, Any], key: str, message: str) -> None:
    error = answer(ShuftiHarness(), body)["error"]
    assert (error["key"], error["message"]) == (key, message)


def test_manual_kyb_of_an_account_without_it() -> None:
    shop = ShuftiHarness(accounts={"acme": {"services": ["face"]}})
    shop.client, shop.secret = "acme", "acme-secret"
    response = shop.ask(MANUAL_KYB)
    assert (response.status, json_of(response)["error"]["service"]) == (403, "kyb")


def test_business_aml() -> None:
    body = answer(ShuftiHarness(), {"aml_for_businesses": {"business_name": "Mock Ltd"}})
    assert (
        list(body["verification_data"]),
        body["verification_result"],
    ) == (["aml_for_business"], {"aml_for_businesses": 1})
