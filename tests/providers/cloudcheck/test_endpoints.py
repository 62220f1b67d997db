"""Every endpoint against success and every code of the gate, and against the codes that are particular to
it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest

from mock_server.core.http import Refusal, Response
from mock_server.providers.cloudcheck.routes import BY_NAME, ENDPOINTS
from mock_server.providers.cloudcheck.token_lookup import TOKEN
from tests.providers.cloudcheck.harness import FULL, JPEG, KEY, PipelineHarness, error

Params = Mapping[str, str]
Make = Callable[[PipelineHarness], Params]


def data(value: Any) -> Make:
    return lambda office: {"data": json.dumps(value)}


def of(make: Callable[[PipelineHarness], dict[str, str]]) -> Make:
    return make


def capture(office: PipelineHarness) -> dict[str, Any]:
    started: dict[str, Any] = office.post(
        "/live/", {"reference": "cap-1", "callback": "http://localhost:3122/cb"}
    )["capture"]
    return started


def association(office: PipelineHarness, family: str = "Marlowe") -> str:
    person = {
        "reference": "cust-9",
        "type": "PERSON",
        "personDetail": {"name": {"given": "Ida", "family": family}},
        "countryCode": "NZ",
    }
    reference: str = office.post("/watchlist/create-associations/", {"associations": [person]})[
        "associations"
    ][0]["associationReference"]
    return reference


def token(path: str, wrapper: str, body: dict[str, Any]) -> Make:
    return lambda office: {"token": office.post(path, body)[wrapper]["token"]}


def review(office: PipelineHarness) -> dict[str, str]:
    reference = association(office)
    match = office.get("/watchlist/association/", associationReference=reference)["matches"][0]
    body = {
        "associationReference": reference,
        "review": {"matchId": match["matchId"], "decision": "CLEARED", "notes": "not the same"},
    }
    return {"data": json.dumps(body)}


def tree_pdf(office: PipelineHarness) -> dict[str, str]:
    params = analysed(office)
    office.run_timers(3)
    return params


def analysed(office: PipelineHarness) -> dict[str, str]:
    company = {"data": '{"reference":"kyb-1","nzbn":"9429000000001"}'}
    return {"token": json.loads(office.send("POST", "/tree/request/", company).body)["token"]}


def checked(office: PipelineHarness) -> dict[str, str]:
    answer = office.send("POST", "/doc/runcheck/", {"data": CONSENT}, files={"file": ("a.jpg", JPEG)})
    return {"token": json.loads(answer.body)["document"]["token"]}


CONSENT = '{"reference":"doc-1","consent":"Yes"}'
HARMONY = {"payload": [{"fullAddress": "18 exam", "country": "NZ"}], "sourceOfTruth": "NZAD"}
BANK = {"reference": "bank-1", "callback": "http://localhost/cb"}
SCAN = {"reference": "scan-1"}
GO = {
    "reference": "go-1",
    "recipients": [{"reference": "g1", "givenName": "Ida", "emailAddress": "ida@example.test"}],
}


class Case(NamedTuple):
    """A good request of one endpoint, and what its answer has at the top."""

    make: Make
    top: str = ""
    """First key of the answer; empty: it is no JSON."""
    files: Mapping[str, tuple[str, bytes]] | None = None
    kind: str = "application/json;charset=UTF-8"


FILES = {"file": ("licence.jpg", JPEG)}
GOOD: dict[str, Case] = {
    "verify": Case(data(FULL), "verification"),
    "verify-response": Case(
        lambda office: {"verificationReference": office.verify()["verificationReference"]}, "verification"
    ),
    "verify-pdf": Case(
        lambda office: {"reference": office.verify()["verificationReference"]}, kind="application/pdf"
    ),
    "peid": Case(lambda office: {"peid": "7654321"}, "request"),
    "peid-pdf": Case(lambda office: {"peid": "7654321"}, kind="application/pdf"),
    "live": Case(data({"reference": "ref-1", "callback": "http://localhost:3122/cb"}), "capture"),
    "live-response": Case(
        lambda office: {"captureReference": capture(office)["captureReference"]}, "capture"
    ),
    "live-upload": Case(
        lambda office: {
            "captureToken": capture(office)["captureReference"],
            "imageData": base64.encodebytes(JPEG).decode(),
            "id": "1",
        },
        "success",
    ),
    "options": Case(lambda office: {}, "checked"),
    "watchlist-create": Case(
        data({"associations": [{"personDetail": {"name": {"family": "Okafor"}}}]}), "associations"
    ),
    "watchlist-delete": Case(
        lambda office: {"data": json.dumps({"associationReferences": [association(office)]})}, "associations"
    ),
    "watchlist-list": Case(lambda office: {"pageSize": "10"}, "associations"),
    "watchlist-get": Case(lambda office: {"associationReference": association(office)}, "reference"),
    "watchlist-review": Case(review, "result"),
    "tree-entities": Case(
        lambda office: {"searchTerm": "Acme Holdings", "entityStatus": "Registered,Removed"}, "entities"
    ),
    "tree-request": Case(lambda office: {"entityNumber": "1234567"}, "token"),
    "tree-result": Case(analysed, "token"),
    "tree-pdf": Case(tree_pdf, kind="application/pdf"),
    "idscan-initiate": Case(data(SCAN), "idscan"),
    "idscan-results": Case(token("/idscan/initiate/", "idscan", SCAN), "idscan"),
    "akahu-initiate": Case(data(BANK), "akahu"),
    "akahu-results": Case(token("/akahu/initiate/", "akahu", BANK), "akahu"),
    "credfin-initiate": Case(data(BANK), "credfin"),
    "credfin-results": Case(token("/credfin/initiate/", "credfin", BANK), "credfin"),
    "doc-runcheck": Case(lambda office: {"data": CONSENT}, "document", FILES),
    "doc-results": Case(checked, "document"),
    "mrz-runcheck": Case(lambda office: {"data": CONSENT}, "reference", FILES),
    "forms-create": Case(data({"reference": "f-1"}), "form"),
    "forms-results": Case(token("/forms/create/", "form", {"reference": "f-1"}), "form"),
    "go-create": Case(data(GO), "go"),
    "go-results": Case(
        lambda office: {"token": office.post("/go/create/", GO)["go"]["recipients"][0]["token"]}, "go"
    ),
    "address-find": Case(data(HARMONY), "status"),
    "address-retrieve": Case(data({"payload": [{"id": "NZ|NZAD|18-0-0"}]}), "status"),
    "address-phone": Case(data({"payload": [{"phone": "+64 21 123 4567"}]}), "status"),
    "address-email": Case(data({"payload": [{"email": "a@example.test"}]}), "status"),
}
SIGNED = [endpoint.name for endpoint in ENDPOINTS if endpoint.access == "signed"]


def case_of(name: str) -> Case:
    """The good request; for an endpoint without one, a request that has what the row requires, which is enough
    for the gate."""
    required = BY_NAME[name].required
    params = {each: "{}" if each == "data" else "x" for each in required if each not in FILES}
    return GOOD.get(name) or Case(lambda office: params, files=FILES if set(FILES) & {*required} else None)


def send(office: PipelineHarness, name: str, **over: Any) -> Response:
    endpoint, case = BY_NAME[name], case_of(name)
    return office.send(endpoint.method, endpoint.path, case.make(office), files=case.files, **over)


def test_every_signed_endpoint_has_a_case() -> None:
    assert set(SIGNED) == set(GOOD), "give each new endpoint a row in GOOD"


@pytest.mark.parametrize("name", GOOD)
def test_success(name: str) -> None:
    office = PipelineHarness()
    answer = send(office, name)
    assert (200, GOOD[name].kind) == (answer.status, dict(answer.headers)["Content-Type"]), answer.body
    entry = office.entry()
    assert ("", BY_NAME[name].usual, name) == (entry.error, entry.outcome, entry.operation), answer.body
    if GOOD[name].top:
        assert GOOD[name].top == next(iter(json.loads(answer.body)))
    else:
        assert answer.body.startswith(b"%PDF-")


GATE: dict[str, tuple[int, dict[str, Any], str]] = {
    "key absent": (101, {"key": ""}, ""),
    "key unknown": (101, {"key": "nobody"}, ""),
    "signature absent": (102, {"signature": ""}, "signature"),
    "nonce absent": (102, {"nonce": ""}, "nonce"),
    "timestamp absent": (102, {"timestamp": ""}, "timestamp"),
    "nonce and timestamp absent": (102, {"nonce": "", "timestamp": ""}, "nonce, timestamp"),
    "timestamp too old": (103, {"timestamp": str(1_700_000_000_000 - 901_000)}, ""),
    "timestamp in seconds": (103, {"timestamp": "1700000000"}, ""),
    "timestamp of letters": (107, {"timestamp": "abc"}, "timestamp"),
    "timestamp 1e400": (107, {"timestamp": "1e400"}, "timestamp"),
    "timestamp of a thousand digits": (107, {"timestamp": "9" * 1000}, "timestamp"),
    "timestamp beyond a long": (107, {"timestamp": "9223372036854775808"}, "timestamp"),
    "timestamp in Arabic digits": (107, {"timestamp": "١٧٠٠٠٠٠٠٠٠٠٠٠"}, "timestamp"),
    "signature wrong": (106, {"signature": "0" * 64}, ""),
    "signature no digest": (106, {"signature": "ünsigned\ud7ff"}, ""),
    "parameter not signed": (106, {"extra": "1"}, ""),
}


@pytest.mark.parametrize("case", GATE)
@pytest.mark.parametrize("name", SIGNED)
def test_the_gate_of_every_endpoint(name: str, case: str) -> None:
    code, over, fields = GATE[case]
    office = PipelineHarness()
    answer = send(office, name, **over)
    body = json.loads(answer.body)
    assert answer.status == 200
    beside = ["success", "message"] if BY_NAME[name].tells_success else []
    assert [*beside, "verification"] == list(body), "errors of the gate stand at the second level everywhere"
    assert (code, fields) == (body["verification"]["error"], body["verification"].get("fields", "")), body
    assert body["verification"]["message"]


@pytest.mark.parametrize(
    "timestamp",
    [
        pytest.param("+1700000000000", id="plus sign"),
        pytest.param("0000001700000000000", id="six leading zeros"),
        pytest.param("00000001700000000000", id="seven leading zeros"),
        pytest.param("0" * 5000 + "1700000000000", id="five thousand leading zeros"),
        pytest.param(str(1_700_000_000_000 - 900_000), id="oldest"),
        pytest.param(str(1_700_000_000_000 + 900_000), id="furthest ahead"),
    ],
)
def test_timestamps_that_pass(timestamp: str) -> None:
    office = PipelineHarness()
    office.send(
        "GET", BY_NAME["watchlist-list"].path, {"timestamp": timestamp, "pageSize": "+0010", "cursor": "000"}
    )
    assert office.entry().error == ""


@pytest.mark.parametrize("name", SIGNED)
def test_104_for_a_nonce_that_has_been_used(name: str) -> None:
    office = PipelineHarness()
    endpoint, case = BY_NAME[name], case_of(name)
    params = case.make(office)
    first = office.request(endpoint.method, endpoint.path, params, files=case.files)
    assert error_code(office.pipeline.handle(first)) != 104
    first_id = office.entry().id
    again = office.pipeline.handle(first)
    assert error_code(again) == 104
    evidence = office.entry().evidence
    assert evidence is not None
    assert {"at": "2023-11-14T22:13:20.000Z", "request": first_id} == evidence[
        "first_used"
    ] or name == "tree-pdf"


def error_code(answer: Response) -> int | None:
    if answer.body.startswith(b"%PDF"):
        return None
    body = json.loads(answer.body)
    code: int | None = (
        body.get("verification", body).get("error")
        if isinstance(body.get("verification", body), dict)
        else None
    )
    return code


@pytest.mark.parametrize("name", SIGNED)
def test_108_without_the_permission(name: str) -> None:
    office = PipelineHarness(
        accounts={"narrow": {"key": "narrow-key", "secret": "narrow-secret", "permissions": []}}
    )
    endpoint, case = BY_NAME[name], case_of(name)
    answer = office.send(
        endpoint.method,
        endpoint.path,
        case.make(office),
        files=case.files,
        key="narrow-key",
        secret="narrow-secret",
    )
    assert json.loads(answer.body)["verification"]["error"] == 108


@pytest.mark.parametrize("name", [name for name in SIGNED if BY_NAME[name].required])
def test_102_names_each_required_parameter(name: str) -> None:
    endpoint = BY_NAME[name]
    office = PipelineHarness()
    body = error(json.loads(office.send(endpoint.method, endpoint.path, {}).body))
    assert (102, ", ".join(endpoint.required)) == (body["error"], body["fields"])


@pytest.mark.parametrize("name", [name for name in SIGNED if "data" in BY_NAME[name].required])
@pytest.mark.parametrize(
    "text",
    ["[]", "{", "null", "1", '"text"', "nothing", '{"a":NaN}', "[" * 100_000, '{"a":1e400'],
    ids=lambda text: text[:12],
)
def test_107_for_data_that_is_no_object(name: str, text: str) -> None:
    office = PipelineHarness()
    endpoint, case = BY_NAME[name], case_of(name)
    body = json.loads(office.send(endpoint.method, endpoint.path, {"data": text}, files=case.files).body)
    assert (error(body)["error"], error(body)["fields"]) == (107, "data")
    assert (endpoint.position == "nested") is ("verification" in body), (
        "an error of the endpoint stands where the endpoint's errors stand"
    )


FOREIGN = [name for name in GOOD if BY_NAME[name].names_record]


@pytest.mark.parametrize("name", FOREIGN)
def test_105_for_a_token_of_another_account(name: str) -> None:
    office = PipelineHarness()
    endpoint, case = BY_NAME[name], case_of(name)
    params = case.make(office)
    own = json.loads(office.send(endpoint.method, endpoint.path, params).body) if GOOD[name].top else {}
    assert "error" not in own
    answer = office.send(endpoint.method, endpoint.path, params, key="test-other")
    assert error_code(answer) == 105
    assert office.entry("test-other").account == "test-other"


OWN_NAMES = [name for name in FOREIGN if BY_NAME[name].required[0] != "data"]


@pytest.mark.parametrize("name", OWN_NAMES)
def test_105_for_the_caller_s_own_reference(name: str) -> None:
    """What the answer calls the record names it, not what the caller calls it, nor its page's address."""
    office = PipelineHarness()
    endpoint, case = BY_NAME[name], case_of(name)
    params = case.make(office)
    asked = endpoint.required[0]
    record = office.record(params[asked])
    assert record.aliases
    others = [alias for alias in record.aliases if name != "live-upload" or len(alias) != TOKEN]
    answers = {
        alias: error_code(office.send(endpoint.method, endpoint.path, {**params, asked: alias}))
        for alias in others
    }
    assert answers == dict.fromkeys(answers, 105)


def test_the_sdk_may_name_a_capture_by_its_page() -> None:
    """The SDK puts the captureReference into captureToken; the name says that it is the token."""
    office = PipelineHarness()
    token = capture(office)["url"].split("/")[-2]
    params = {"captureToken": token, "imageData": base64.b64encode(JPEG).decode(), "id": "1"}
    assert json.loads(office.send("POST", "/live/upload/", params).body)["success"] is True


OWN_LINKS: dict[str, tuple[str, dict[str, Any]]] = {
    "a capture of a verification": ("/live/", {"verificationReference": "ref-1"}),
    "a verification after a capture": ("/verify/", {**FULL, "capturereference": "cap-1"}),
}


@pytest.mark.parametrize(("path", "body"), OWN_LINKS.values(), ids=OWN_LINKS)
def test_105_for_a_link_to_the_caller_s_own_reference(path: str, body: dict[str, Any]) -> None:
    office = PipelineHarness()
    office.verify()
    capture(office)
    assert error_code(office.send("POST", path, {"data": json.dumps(body)})) == 105


PARTICULAR: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "verify links a foreign capture": (
        "verify",
        {**FULL, "capturereference": "11111111-2222-4333-8444-555555555555"},
        105,
        "",
    ),
    "live with a long URL": ("live", {"callback": "http://localhost/" + "a" * 3984}, 107, "callback"),
    "live with a blank in the URL": ("live", {"callback": "http://localhost/a b"}, 107, "callback"),
    "live without protocol": ("live", {"callback": "localhost/cb"}, 107, "callback"),
    "live links nothing": ("live", {"verificationReference": "x"}, 105, ""),
    "akahu without callback": ("akahu-initiate", {"reference": "a"}, 102, "callback"),
    "credfin without callback": ("credfin-initiate", {}, 102, "callback"),
    "akahu with a name as list": ("akahu-initiate", {**BANK, "name": ["Ida"]}, 107, "name"),
    "akahu with a name that is true": ("akahu-initiate", {**BANK, "name": True}, 107, "name"),
    "akahu with a list in the name": ("akahu-initiate", {**BANK, "name": {"given": ["Ida"]}}, 107, "name"),
    "credfin with an address as list": ("credfin-initiate", {**BANK, "address": ["1 X"]}, 107, "address"),
    "credfin with a fraction in the address": (
        "credfin-initiate",
        {**BANK, "address": {"street": 1.5}},
        107,
        "address",
    ),
    "idscan without protocol": (
        "idscan-initiate",
        {"notificationUrl": "example.test/x?id=1"},
        107,
        "notificationUrl",
    ),
    "idscan with a number": ("idscan-initiate", {"webhookUrl": True}, 107, "webhookUrl"),
    "form with a name only": ("forms-create", {"givenName": "Ida"}, 102, "emailAddress"),
    "form with an address only": ("forms-create", {"emailAddress": "ida@example.test"}, 102, "givenName"),
    "form with a wrong address": (
        "forms-create",
        {"emailAddress": "ida", "givenName": "Ida", "emailCcAddress": "@"},
        107,
        "emailAddress, emailCcAddress",
    ),
    "go without recipients": ("go-create", {"recipients": []}, 102, "recipients"),
    "go with 501": ("go-create", {"recipients": [{}] * 501}, 107, "recipients"),
    "go by e-mail without address": (
        "go-create",
        {"delivery": "EMAIL", "recipients": [{}]},
        102,
        "emailAddress",
    ),
    "go by SMS without number": (
        "go-create",
        {"delivery": "SMS", "recipients": [{"mobileNumber": ""}]},
        102,
        "mobileNumber",
    ),
    "go by pigeon": ("go-create", {"delivery": "PIGEON", "recipients": [{}]}, 107, "delivery"),
    "create without associations": ("watchlist-create", {}, 102, "associations"),
    "create 1,001": ("watchlist-create", {"associations": [{}] * 1001}, 107, "associations"),
    "create nobody": ("watchlist-create", {"associations": [{"type": "PERSON"}]}, 102, "familyName"),
    "create no entity": (
        "watchlist-create",
        {"associations": [{"type": "ENTITY", "entityDetail": {}}]},
        102,
        "entityName",
    ),
    "create something": ("watchlist-create", {"associations": [{"type": "DOG"}]}, 107, "type"),
    "create with a gender as list": (
        "watchlist-create",
        {"associations": [{"personDetail": {"name": {"family": "O"}, "gender": ["F"]}}]},
        107,
        "gender",
    ),
    "delete 1,001": (
        "watchlist-delete",
        {"associationReferences": ["a"] * 1001},
        107,
        "associationReferences",
    ),
    "delete what is not there": ("watchlist-delete", {"associationReferences": ["a"]}, 105, ""),
    "review without decision": (
        "watchlist-review",
        {"associationReference": "a", "review": {"matchId": "b"}},
        102,
        "decision",
    ),
    "review nothing": ("watchlist-review", {}, 102, "associationReference, review"),
    "review undecided": (
        "watchlist-review",
        {"associationReference": "a", "review": {"matchId": "b", "decision": "MAYBE"}},
        107,
        "decision",
    ),
    "find nothing": ("address-find", {"payload": []}, 102, "payload"),
    "find by another source": (
        "address-find",
        {"payload": [{"fullAddress": "x"}], "sourceOfTruth": "MAP"},
        107,
        "sourceOfTruth",
    ),
    "find by a list of sources": (
        "address-find",
        {**HARMONY, "sourceOfTruth": ["NZAD"]},
        107,
        "sourceOfTruth",
    ),
    "retrieve by an object": (
        "address-retrieve",
        {"payload": [{"id": "NZ|NZAD|1"}], "sourceOfTruth": {}},
        107,
        "sourceOfTruth",
    ),
    "find with options as number": ("address-find", {**HARMONY, "featureOptions": 5}, 107, "featureOptions"),
    "find in a list of countries": (
        "address-find",
        {"payload": [{"fullAddress": "18 exam", "country": ["NZ"]}]},
        107,
        "country",
    ),
    "retrieve what is not there": ("address-retrieve", {"payload": [{"id": "NZ|NZAD|1-999-0"}]}, 110, ""),
    "no phone": ("address-phone", {"payload": [{}]}, 102, "phone"),
}


@pytest.mark.parametrize("case", PARTICULAR)
def test_codes_particular_to_an_endpoint(case: str) -> None:
    name, body, code, fields = PARTICULAR[case]
    refusal = error(PipelineHarness().post(BY_NAME[name].path, body))
    assert (code, fields) == (refusal["error"], refusal.get("fields", ""))


def test_the_longest_url() -> None:
    office = PipelineHarness()
    office.post("/live/", {"reference": "cap-1", "callback": "http://localhost/" + "a" * 3983})
    assert office.entry().error == ""


QUERIES: dict[str, tuple[str, dict[str, str], int, str]] = {
    "a page of none": ("watchlist-list", {"pageSize": "0"}, 107, "pageSize"),
    "a page of 10,001": ("watchlist-list", {"pageSize": "10001"}, 107, "pageSize"),
    "a cursor of letters": ("watchlist-list", {"cursor": "next"}, 107, "cursor"),
    "a page of a thousand digits": ("watchlist-list", {"pageSize": "9" * 1000}, 107, "pageSize"),
    "a negative cursor": ("watchlist-list", {"cursor": "-1"}, 107, "cursor"),
    "a cursor of a thousand digits": ("watchlist-list", {"cursor": "9" * 1000}, 107, "cursor"),
    "a negative peid": ("peid", {"peid": "-5"}, 107, "peid"),
    "a peid of a thousand digits": ("peid", {"peid": "9" * 1000}, 107, "peid"),
    "a filter of maybe": ("watchlist-list", {"filterAlertOnly": "maybe"}, 107, "filterAlertOnly"),
    "a peid of letters": ("peid", {"peid": "abc"}, 107, "peid"),
    "a peid nobody has": ("peid", {"peid": "9999999"}, 110, ""),
    "a peid whose query fails": ("peid-pdf", {"peid": "111"}, 111, ""),
    "a status that is none": (
        "tree-entities",
        {"searchTerm": "Acme", "entityStatus": "Asleep"},
        107,
        "entityStatus",
    ),
    "a term without hits": ("tree-entities", {"searchTerm": "Nobody"}, 110, ""),
    "an analysis of nothing": ("tree-request", {}, 102, "entityNumber, nzbn"),
    "an analysis of letters": ("tree-request", {"entityNumber": "abc"}, 107, "entityNumber"),
    "an item that is none": ("live-upload", {"captureToken": "x", "imageData": "x", "id": "1"}, 105, ""),
}


@pytest.mark.parametrize("case", QUERIES)
def test_codes_of_plain_parameters(case: str) -> None:
    name, params, code, fields = QUERIES[case]
    endpoint = BY_NAME[name]
    refusal = error(json.loads(PipelineHarness().send(endpoint.method, endpoint.path, params).body))
    assert (code, fields) == (refusal["error"], refusal.get("fields", ""))


@pytest.mark.parametrize(("name", "method", "path", "status"), [
    ("no slash", "POST", "/verify", 404), ("below", "GET", "/verify/x/", 404), ("wrong method", "GET", "/verify/", 405),
    ("pdf by delete", "DELETE", "/verify/pdf", 405), ("short token", "GET", "/live/abc/", 404), ("options", "GET", "/api/options", 404),
    ("odd method", "BREW", "/live/", 405),
])  # fmt: skip
def test_paths_and_methods_that_do_not_exist(name: str, method: str, path: str, status: int) -> None:
    office = PipelineHarness()
    answer = office.send(method, path, {})
    body = json.loads(answer.body)
    assert (answer.status, body["error"]) == (status, 113)
    assert (status == 405) is ("Allow" in dict(answer.headers))


@pytest.mark.parametrize(
    "path",
    ["/live/" + "a" * 48 + "/", "/go/" + "B1" * 24, "/", "/status", "/api/x", "/verifyx/", "/__admin/health"],
)
def test_paths_that_are_not_claimed(path: str) -> None:
    assert not PipelineHarness().provider.serves(path)


def test_too_large_is_answered_in_the_vendors_shape() -> None:
    office = PipelineHarness()
    answer = office.pipeline.handle(
        office.request("POST", "/verify/", {}), refusal=Refusal(413, "size", "too long", "send less", 1000)
    )
    assert (answer.status, json.loads(answer.body)["error"]) == (413, 113)


def test_the_key_of_a_test_account_is_its_name() -> None:
    office = PipelineHarness()
    assert office.verify(key="test-parallel-7")["verificationSuccess"]
    assert office.entry("test-parallel-7").account == "test-parallel-7"
    assert KEY not in str(office.store.accounts())
