"""PEID look-ups, companies, document checks and addresses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_server.core.http import Request
from mock_server.providers.cloudcheck import gazetteer
from tests.providers.cloudcheck.harness import JPEG, KEY, PipelineHarness, error


# -- PEID
# --------------------------------------------------------------------------------------------------------------
def peid(at: PipelineHarness, number: str, **options: Any) -> Any:
    return json.loads(at.send("POST", "/verify/peid/", {"peid": number}, **options).body)


def test_a_profile_has_what_the_production_client_reads() -> None:
    answer = peid(PipelineHarness(), "7654321")
    assert answer["request"] == {"peid": 7654321}
    (match,) = answer["response"]["matches"]
    assert (answer["response"]["count"], match["peid"]) == (1, 7654321)
    assert list(match) == ["peid", "content", "details", "dates", "associates", "images", "countries"]
    assert [set(row) for row in match["dates"]] == [{"type", "date"}, {"type", "year"}]
    assert match["dates"][0]["date"][:4] == match["dates"][1]["year"]
    for associate in match["associates"]:
        assert list(associate) == ["peid", "relationship", "description1", "description2"]


def test_a_peid_is_the_same_person_for_everybody() -> None:
    at = PipelineHarness()
    assert peid(at, "7654321") == peid(at, "7654321", key="test-b")
    assert peid(at, "7654321") != peid(at, "7654322")
    assert (
        peid(at, "587146")["response"]["matches"][0]["details"]["names"][0]["name"] == "Arnold Schwarzenegger"
    )


def test_lookups_that_overlap_can_be_refused() -> None:
    at = PipelineHarness(settings={"peid_interval": "500ms"})
    assert "response" in peid(at, "1")
    refused = at.send("POST", "/verify/peid/", {"peid": "1"})
    assert (refused.status, error(json.loads(refused.body))["error"]) == (429, 112)
    at.clock.advance(1)
    assert "response" in peid(at, "1")


def test_scenarios_say_that_nothing_is_found() -> None:
    at = PipelineHarness(
        {"name": "none", "match": {"operation": "peid"}, "respond": {"outcome": "no-result"}}
    )
    assert error(peid(at, "1"))["error"] == 110


# -- companies
# -----------------------------------------------------------------------------------------------------------
def test_a_search_finds_companies_of_that_name_and_status() -> None:
    at = PipelineHarness()
    entities = at.get("/tree/entities/", searchTerm="acme", entityStatus="Removed, Closed")["entities"]
    assert (
        entities == at.get("/tree/entities/", searchTerm="acme", entityStatus="Removed, Closed")["entities"]
    )
    assert 1 <= len(entities) <= 50
    assert all(
        "Acme" in entity["name"] and entity["entityStatus"] in ("Removed", "Closed") for entity in entities
    )
    assert {
        entity["entityStatus"] for entity in at.get("/tree/entities/", searchTerm="acme")["entities"]
    } == {"Registered"}


@pytest.mark.parametrize(
    "params",
    [
        {"entityNumber": "1234567"},
        {"nzbn": "9429000000001"},
        {"data": '{"entityNumber":1234567,"reference":"k"}'},
    ],
)
def test_an_analysis_takes_its_time(params: dict[str, str]) -> None:
    at = PipelineHarness()
    token = json.loads(at.send("POST", "/tree/request/", params).body)["token"]
    assert at.get("/tree/result/", token=token)["status"] == "PENDING"
    assert error(at.get("/tree/pdf", token=token))["error"] == 112
    at.run_timers(2)
    result = at.get("/tree/result/", token=token)
    assert (
        result["status"],
        sum(owner["shareholding"] for owner in result["entity"]["owners"]),
    ) == ("COMPLETED", 100)
    assert at.send("GET", "/tree/pdf", {"token": token}).body.startswith(b"%PDF-")


def test_an_analysis_can_fail_and_can_be_decided() -> None:
    at = PipelineHarness(
        {"name": "fails", "match": {"operation": "tree-request"}, "respond": {"outcome": "failed"}}
    )
    first, second = (
        json.loads(at.send("POST", "/tree/request/", {"entityNumber": "1234567"}).body)["token"]
        for _ in range(2)
    )
    at.decide(second, "completed")
    at.run_timers(2)
    assert [at.get("/tree/result/", token=token)["status"] for token in (first, second)] == [
        "FAILED",
        "COMPLETED",
    ]


def test_an_analysis_can_be_over_when_it_is_asked_for() -> None:
    at = PipelineHarness(
        {"name": "now", "match": {"operation": "tree-result"}, "respond": {"outcome": "completed"}}
    )
    token = json.loads(at.send("POST", "/tree/request/", {"entityNumber": "1234567"}).body)["token"]
    assert at.get("/tree/result/", token=token)["status"] == "COMPLETED"


def test_an_end_of_an_analysis_that_has_ended_otherwise_is_a_warning() -> None:
    at = PipelineHarness(
        {"name": "late", "match": {"operation": "tree-result"}, "respond": {"outcome": "failed"}}
    )
    token = json.loads(at.send("POST", "/tree/request/", {"entityNumber": "1234567"}).body)["token"]
    at.decide(token, "completed")

    assert at.get("/tree/result/", token=token)["status"] == "COMPLETED"
    assert (at.entry().outcome, (at.entry().evidence or {})["check"]) == ("current", "already-ended")


# -- documents
# -------------------------------------------------------------------------------------------------------------
def check(
    at: PipelineHarness, path: str, reference: str = "d", content: bytes = JPEG, consent: str = "Yes"
) -> Any:
    data = json.dumps({"reference": reference, "consent": consent})
    return json.loads(at.send("POST", path, {"data": data}, files={"file": ("a", content)}).body)


PICTURES = [
    JPEG,
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"BM",
    b"II*\x00",
    b"RIFF1234WEBPVP8",
    b"\0\0\0\x18ftypheic",
    b"%PDF-1.7",
]


@pytest.mark.parametrize("content", PICTURES, ids=lambda content: repr(content[:8]))
def test_pictures_are_taken(content: bytes) -> None:
    assert "document" in check(PipelineHarness(), "/doc/runcheck/", content=content)


@pytest.mark.parametrize("path", ["/doc/runcheck/", "/mrz/runcheck/"])
def test_what_a_document_check_refuses(path: str) -> None:
    at = PipelineHarness()
    assert tuple(error(check(at, path, content=b"text"))[key] for key in ("error", "fields")) == (107, "file")
    assert tuple(error(check(at, path, content=b""))[key] for key in ("error", "fields")) == (102, "file")
    assert tuple(error(check(at, path, consent="No"))[key] for key in ("error", "fields")) == (107, "consent")
    assert "error" not in check(PipelineHarness(settings={"check_images": False}), path, content=b"text")


def test_outcomes_of_a_document_check() -> None:
    at = PipelineHarness()
    answers = {
        name: check(at, "/doc/runcheck/", f"{name}-1")["document"]
        for name in ("recognised", "review", "no-match", "unrecognised")
    }
    assert [answer["status"] for answer in answers.values()] == ["MATCH", "REVIEW", "NO_MATCH", "FAILED"]
    assert [len(answer["recognizedDocuments"]) for answer in answers.values()] == [1, 1, 1, 0]
    assert ["notes" in answer for answer in answers.values()] == [False, False, False, True]
    token = answers["review"]["token"]
    assert answers["review"] == at.get("/doc/results/", token=token)["document"]
    at.decide(token, "no-match", {"notes": "blurred"})
    assert tuple(
        at.get("/doc/results/", token=token)["document"][key] for key in ("status", "reviewNotes")
    ) == ("NO_MATCH", "blurred")


def test_an_mrz_check_fails_with_notes() -> None:
    at = PipelineHarness()
    assert list(check(at, "/mrz/runcheck/", "unrecognised-1")) == ["notes"]
    read = check(at, "/mrz/runcheck/", "m")
    assert not {"notes", "verification", "error"} & set(read)
    assert (read["documentType"], read["reference"]) == ("PASSPORT", "m")


# -- addresses
# --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "country", "first"),
    [
        ("18 exam", "NZ", "18 Example Rise, Karori, Wellington 6012"),
        ("18 Example Rise, Kar", "NZ", "18 Example Rise, Karori, Wellington 6012"),
        ("5 strong st johns 1072", "NZ", "5 Strong Street, St Johns, Auckland 1072"),
        ("7 wattle newt", "AU", "7 Wattle Street, Newtown, NSW 2042"),
        ("kowhai dun", "NZ", "1 Kowhai Road, Roslyn, Dunedin 9010"),
        ("18 exam nowhere", "NZ", None),
        ("18", "NZ", None),
        ("² exam", "NZ", None),
    ],
)
def test_addresses_begin_as_the_text_does(text: str, country: str, first: str | None) -> None:
    addresses = PipelineHarness().post(
        "/address/find/", {"payload": [{"fullAddress": text, "country": country}]}
    )["payload"]
    assert first == (addresses[0]["fullAddress"] if addresses else None)


def test_every_address_found_can_be_retrieved() -> None:
    at = PipelineHarness()
    hits = at.post(
        "/address/find/", {"payload": [{"fullAddress": "3 r"}], "featureOptions": {"singleLineHitNumber": 25}}
    )["payload"]
    assert len(hits) == 25
    parts = at.post("/address/retrieve/", {"payload": [{"id": hit["id"]} for hit in hits]})["payload"]
    assert [(hit["id"], hit["fullAddress"]) for hit in hits] == [
        (part["id"], part["fullAddress"]) for part in parts
    ]
    assert tuple(parts[0][key] for key in ("streetNumber", "streetName", "streetType")) == (
        "3",
        "Rata",
        "Street",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NZ",
        "NZ|NZAD|1-0",
        "NZ|GNAF|1-0-0",
        "AU|NZAD|1-0-0",
        "NZ|NZAD|01-0-0",
        "NZ|NZAD|1-0-99",
        "NZ|NZAD|²-0-0",
    ],
)
def test_ids_that_are_no_address(text: str) -> None:
    assert gazetteer.by_id(text) is None


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("+64 21 123 4567", True),
        ("021 123 4567", True),
        ("0412 345 678", True),
        ("+61412345678", True),
        ("09 123 4567", False),
        ("abc", False),
    ],
)
def test_mobile_numbers(number: str, valid: bool) -> None:
    assert PipelineHarness().post("/address/phone/", {"payload": [{"phone": number}]})["payload"] == [
        {"phone": number, "valid": valid}
    ]


def browse(at: PipelineHarness, path: str, body: bytes, method: str = "POST", **headers: str) -> Any:
    defaults = {
        "content-type": "application/json; charset=utf-8",
        "x-api-key": KEY,
        "origin": "http://localhost:3000",
    }
    return at.pipeline.handle(
        Request(
            method,
            path,
            "",
            {**defaults, **{name.replace("_", "-"): value for name, value in headers.items()}},
            body,
        )
    )


FIND = json.dumps(
    {
        "payload": [{"fullAddress": "18 exam", "country": "NZ"}],
        "sourceOfTruth": "NZAD",
        "featureOptions": {
            "exposeAttributes": 1,
            "addressTypeFilter": "urban,rural",
            "singleLineHitNumber": 10,
            "caseType": "TITLE",
        },
    }
).encode()


def test_a_browser_looks_addresses_up() -> None:
    at = PipelineHarness()
    answer = browse(at, "/addresslookup/find/", FIND)
    assert dict(answer.headers)["Access-Control-Allow-Origin"] == "*"
    hit = json.loads(answer.body)["payload"][0]
    parts = browse(at, "/addresslookup/retrieve/", json.dumps({"payload": [{"id": hit["id"]}]}).encode())
    assert json.loads(parts.body)["payload"][0]["suburb"] == "Karori"


def test_a_browsers_preflight_needs_no_key() -> None:
    answer = browse(PipelineHarness(), "/addresslookup/find/", b"", "OPTIONS", x_api_key="")
    headers = dict(answer.headers)
    assert (answer.status, answer.body) == (204, b"")
    assert {"Content-Type", "x-api-key"} <= set(headers["Access-Control-Allow-Headers"].split(", "))


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (FIND, {"x_api_key": "nobody"}, 101),
        (FIND, {"x_api_key": ""}, 101),
        (b"{", {}, 107),
        (b"[]", {}, 107),
        (b"{}", {}, 102),
        (b"\xff" * 50, {}, 107),
    ],
)
def test_errors_reach_the_browser(body: bytes, headers: dict[str, str], code: int) -> None:
    answer = browse(PipelineHarness(), "/addresslookup/find/", body, **headers)
    assert (
        json.loads(answer.body).get("error") or error(json.loads(answer.body))["error"],
        dict(answer.headers)["Access-Control-Allow-Origin"],
    ) == (code, "*")


def test_a_browser_key_without_the_product() -> None:
    at = PipelineHarness(accounts={"narrow": {"key": "k", "secret": "s", "permissions": ["verify"]}})
    assert error(json.loads(browse(at, "/addresslookup/find/", FIND, x_api_key="k").body))["error"] == 108
