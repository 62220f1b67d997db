"""Cloudcheck's overview page, sentence by sentence: ``cloudcheck.txt`` has them,
`providers.cloudcheck.specification` the rows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from mock_server.providers.cloudcheck.routes import BY_NAME, ENDPOINTS
from tests.specification.customer import DATA, JPEG, KEY, Customer, customer, hexadecimal, string_to_sign

TEXT = json.dumps(DATA, ensure_ascii=False)
BANK = {"reference": "customer 1", "callback": "http://localhost:3000/back"}


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Customer]:
    with customer(tmp_path) as one:
        yield one


def code_of(answer: Any) -> int | None:
    """The error code, at the top or at the second level; None: it is no error."""
    document = (
        answer
        if "error" in answer
        else next((part for part in answer.values() if isinstance(part, dict)), {})
    )
    code = document.get("error")
    return None if code is None else int(code)


def answered(
    acme: Customer, params: Mapping[str, str], path: str = "/verify/", method: str = "POST"
) -> int | None:
    return code_of(acme.send(method, path, params).get_json(force=True))


def signed_as(acme: Customer, text: str, params: Mapping[str, str]) -> int | None:
    """The code that ``/verify/`` answers where this text was signed."""
    return answered(acme, {**params, "signature": hexadecimal(text)})


# -- Overview and server
# -----------------------------------------------------------------------------------------
def test_a_verification_of_a_customer_is_performed(acme: Customer) -> None:
    verification = acme.verify()
    assert verification["verificationSuccess"] is True
    assert verification["details"]["name"] == DATA["details"]["name"]


@pytest.mark.parametrize("host", ["api.cloudcheck.co.nz", "api.cloudcheck.com.au", "localhost:8484"])
def test_the_api_is_served_at_the_root_of_its_hosts(acme: Customer, host: str) -> None:
    answer = acme.call("POST", "/verify/", {"data": TEXT}, base_url=f"http://{host}/")
    assert answer["verification"]["verificationSuccess"] is True


# -- Request signing
# ---------------------------------------------------------------------------------------------
SIGNED = [endpoint.name for endpoint in ENDPOINTS if endpoint.access == "signed"]


@pytest.mark.parametrize("name", SIGNED)
def test_all_requests_must_be_signed(acme: Customer, name: str) -> None:
    endpoint = BY_NAME[name]
    more = {parameter: "x" for parameter in endpoint.required if parameter != "file"}
    answer = acme.send(endpoint.method, endpoint.path, acme.params(more)).get_json(force=True)
    assert code_of(answer) == 102
    assert "signature" in answer["verification"]["fields"]


def test_the_signature_is_constructed_as_described(acme: Customer) -> None:
    """By the letter, with nothing of the product's own."""
    params = {
        "timestamp": "1700000000000",
        "nonce": "a b+c/d==",
        "key": KEY,
        "data": TEXT,
        "username": "agent.7",
    }
    text = f"/verify/data={TEXT};key={KEY};nonce=a b+c/d==;timestamp=1700000000000;username=agent.7;"
    signature = hmac.new(b"test-acme-secret", text.encode("utf-8"), hashlib.sha256).hexdigest()
    assert answered(acme, {**params, "signature": signature}) is None


def test_a_semi_colon_follows_each_of_repeated_parameters(acme: Customer) -> None:
    params = acme.params({"data": TEXT})
    text = string_to_sign("/verify/", params) + "username=a;username=b;"
    query = {**params, "username": ["a", "b"], "signature": hexadecimal(text)}
    answer = acme.kit.http.post("/verify/", data=query).get_json(force=True)
    assert answer["verification"]["verificationSuccess"] is True


def test_a_signature_is_good_for_one_request(acme: Customer) -> None:
    first = acme.params({"data": TEXT})
    signature = hexadecimal(string_to_sign("/verify/", first))
    assert answered(acme, {**first, "signature": signature}) is None
    assert answered(acme, {**first, "signature": signature}) == 104
    assert answered(acme, {**acme.params({"data": TEXT}), "signature": signature}) == 106


def test_parameters_are_sorted_alphabetically(acme: Customer) -> None:
    params = acme.params({"data": TEXT, "username": "agent.7"})
    names = ["key", "nonce", "timestamp", "data", "username"]
    assert signed_as(acme, "/verify/" + "".join(f"{name}={params[name]};" for name in names), params) == 106
    assert (
        signed_as(acme, "/verify/" + "".join(f"{name}={params[name]};" for name in sorted(names)), params)
        is None
    )


@pytest.mark.parametrize(
    ("path", "params"), [("/verify/", {"data": TEXT}), ("/verify/pdf", {"reference": "nobody's"})]
)
def test_the_path_of_the_request_is_signed(acme: Customer, path: str, params: dict[str, str]) -> None:
    method = "GET" if path.endswith("pdf") else "POST"
    past_the_gate = 105 if path.endswith("pdf") else None
    for signed, code in (
        (path, past_the_gate),
        (path.strip("/"), 106),
        (f"https://api.cloudcheck.co.nz{path}", 106),
    ):
        sent = acme.params(params)
        signature = hexadecimal(string_to_sign(signed, sent))
        assert answered(acme, {**sent, "signature": signature}, path, method) == code


def test_the_path_is_signed_with_its_slash_or_without(acme: Customer) -> None:
    params = acme.params({"data": TEXT})
    assert signed_as(acme, string_to_sign("/verify", params), params) == 106
    assert signed_as(acme, string_to_sign("/verify/", params), params) is None


def test_values_are_not_url_encoded_when_signed(acme: Customer) -> None:
    params = acme.params({"data": TEXT}, nonce="100% + 1 & 2; 'ā'=\"🥝\"")
    encoded = {name: quote(value, safe="") for name, value in params.items()}
    assert signed_as(acme, string_to_sign("/verify/", encoded), params) == 106
    assert signed_as(acme, string_to_sign("/verify/", params), params) is None


def test_a_parameter_is_name_equals_value(acme: Customer) -> None:
    params = acme.params({"data": TEXT})
    assert signed_as(acme, string_to_sign("/verify/", params).replace("=", ":"), params) == 106


def test_a_semi_colon_stands_after_a_parameter(acme: Customer) -> None:
    params = acme.params({"data": TEXT})
    joined = "&".join(f"{name}={params[name]}" for name in sorted(params))
    assert signed_as(acme, f"/verify/{joined}", params) == 106
    assert signed_as(acme, f"/verify/?{joined}", params) == 106
    assert signed_as(acme, string_to_sign("/verify/", params)[:-1], params) == 106


@pytest.mark.parametrize("left_out", ["data", "key", "nonce", "timestamp", "username", "reference"])
def test_each_remaining_parameter_is_signed(acme: Customer, left_out: str) -> None:
    params = acme.params({"data": TEXT, "username": "", "reference": "unknown to /verify/"})
    rest = {name: value for name, value in params.items() if name != left_out}
    assert signed_as(acme, string_to_sign("/verify/", rest), params) == 106
    assert signed_as(acme, string_to_sign("/verify/", params), params) is None


def test_the_hash_is_an_hmac_with_the_secret_key(acme: Customer) -> None:
    params = acme.params({"data": TEXT})
    text = string_to_sign("/verify/", params)
    for wrong in (
        hexadecimal(text, KEY),
        hexadecimal(text, "another secret"),
        hashlib.sha256(text.encode()).hexdigest(),
    ):
        assert answered(acme, {**params, "signature": wrong}) == 106
    assert answered(acme, {**params, "signature": hexadecimal(text)}) is None


def test_the_signature_is_a_hexadecimal_string(acme: Customer) -> None:
    params = acme.params({"data": TEXT})
    signature = hexadecimal(string_to_sign("/verify/", params))
    assert len(signature) == 64
    assert answered(acme, {**params, "signature": signature}) is None


def test_the_signature_is_not_base64(acme: Customer) -> None:
    params = acme.params({"data": TEXT})
    digest = bytes.fromhex(hexadecimal(string_to_sign("/verify/", params)))
    for text in (base64.b64encode(digest).decode(), base64.urlsafe_b64encode(digest).decode()):
        assert answered(acme, {**params, "signature": text}) == 106


def test_a_product_without_permission_is_an_error(acme: Customer) -> None:
    """Cloudcheck Tree, where the account does not have it."""
    assert code_of(acme.call("GET", "/tree/entities/", {"searchTerm": "Acme"})) is None
    acme.kit.put(f"accounts/{KEY}", {"cloudcheck": {"permissions": ["verify", "live"]}})
    assert code_of(acme.call("GET", "/tree/entities/", {"searchTerm": "Acme"})) == 108
    assert code_of(acme.post("/verify/", DATA)) is None


# -- Error codes
# -------------------------------------------------------------------------------------------------
def test_101_the_access_key_is_missing_or_incorrect(acme: Customer) -> None:
    for key in ("", "nobody", "MockKey0NotReal2"):
        params = acme.params({"data": TEXT}, key=key)
        assert signed_as(acme, string_to_sign("/verify/", params), params) == 101
    params = {name: value for name, value in acme.params({"data": TEXT}).items() if name != "key"}
    assert signed_as(acme, string_to_sign("/verify/", params), params) == 101


@pytest.mark.parametrize("name", ["signature", "nonce", "timestamp", "data"])
def test_102_a_required_field_is_missing_or_empty(acme: Customer, name: str) -> None:
    for empty in (True, False):
        params = acme.params({"data": TEXT})
        params = {**params, "signature": hexadecimal(string_to_sign("/verify/", params))}
        changed = (
            {**params, name: ""} if empty else {key: value for key, value in params.items() if key != name}
        )
        answer = acme.send("POST", "/verify/", changed).get_json(force=True)["verification"]
        assert (answer["error"], answer["fields"]) == (102, name)


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({**DATA, "details": {}}, "details"),
        ({**DATA, "details": {**DATA["details"], "dateofbirth": ""}}, "dateOfBirth"),
        ({**DATA, "details": {**DATA["details"], "name": {"given": "Mārama", "family": ""}}}, "familyName"),
        ({"details": DATA["details"]}, "consent"),
    ],
    ids=["details", "date of birth", "family name", "consent"],
)
def test_102_a_required_field_of_data_is_missing_or_empty(acme: Customer, data: Any, fields: str) -> None:
    answer = acme.post("/verify/", data)["verification"]
    assert (answer["error"], answer["fields"]) == (102, fields)


def timed(acme: Customer, timestamp: float) -> Any:
    return acme.call("POST", "/verify/", {"data": TEXT, "timestamp": f"{timestamp:.0f}"})["verification"]


def test_103_the_timestamp_is_older_than_the_maximum_allowed(acme: Customer) -> None:
    now = acme.kit.clock.now() * 1000
    assert "error" not in timed(acme, now - 15 * 60_000)
    refused = timed(acme, now - 15 * 60_000 - 1)
    assert (refused["error"], refused["message"]) == (103, "The timestamp is older than the maximum allowed.")


def test_103_speaks_of_older_timestamps_only(acme: Customer) -> None:
    now = acme.kit.clock.now() * 1000
    for ahead in (1, 86_400_000, 10 * 365 * 86_400_000):
        assert "error" not in timed(acme, now + ahead)


def test_the_timestamp_is_in_milliseconds(acme: Customer) -> None:
    assert "error" not in timed(acme, acme.kit.clock.now() * 1000)


def test_103_a_timestamp_in_seconds(acme: Customer) -> None:
    seconds = f"{acme.kit.clock.now():.0f}"
    assert timed(acme, float(seconds))["error"] == 103
    assert "error" not in timed(acme, float(f"{seconds}000"))


def test_104_the_nonce_has_been_previously_used(acme: Customer) -> None:
    """Also where the first request was refused, however long ago it was, and whatever else is asked."""
    assert code_of(acme.call("POST", "/verify/", {"data": '{"consent":"No"}', "nonce": "once"})) == 107
    acme.kit.clock.advance(400 * 86_400)
    refused = acme.call("GET", "/verify/pdf", {"reference": "x", "nonce": "once"})
    assert code_of(refused) == 104


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("GET", "/verify/pdf", {"reference": "11111111-2222-4333-8444-555555555555"}),
        ("GET", "/live/response/", {"captureReference": "nobody's"}),
        ("POST", "/live/", {"data": '{"verificationReference":"nobody\'s"}'}),
        ("GET", "/watchlist/association/", {"associationReference": "nobody's"}),
    ],
)
def test_105_a_token_of_no_verification(
    acme: Customer, method: str, path: str, params: dict[str, str]
) -> None:
    assert code_of(acme.call(method, path, params)) == 105


def test_105_a_token_of_another_access_key(acme: Customer) -> None:
    reference = acme.verify()["verificationReference"]
    other = acme.params({"reference": reference}, key="test-other")
    signature = hexadecimal(string_to_sign("/verify/pdf", other), "test-other-secret")
    assert answered(acme, {**other, "signature": signature}, "/verify/pdf", "GET") == 105


def test_106_the_signature_does_not_match(acme: Customer) -> None:
    params = acme.params({"data": TEXT})
    right = hexadecimal(string_to_sign("/verify/", params))
    for wrong in ("0" * 64, right[:-1] + ("0" if right[-1] != "0" else "1"), "none"):
        assert answered(acme, {**params, "signature": wrong}) == 106
    assert answered(acme, {**params, "data": f"{TEXT} ", "signature": right}) == 106


@pytest.mark.parametrize(
    ("path", "data", "fields"),
    [
        ("/verify/", "{", "data"),
        ("/verify/", "[]", "data"),
        ("/verify/", {**DATA, "consent": "No"}, "consent"),
        ("/verify/", {**DATA, "details": {**DATA["details"], "dateofbirth": "14/03/1987"}}, "dateOfBirth"),
        ("/live/", {"callback": "shop.example/back"}, "callback"),
    ],
    ids=["no JSON", "no object", "consent", "date", "callback"],
)
def test_107_a_parameter_in_an_invalid_format(acme: Customer, path: str, data: Any, fields: str) -> None:
    answer = acme.call("POST", path, {"data": data if isinstance(data, str) else json.dumps(data)})[
        "verification"
    ]
    assert (answer["error"], answer["fields"]) == (107, fields)


def test_108_no_permission_to_access_the_resource(acme: Customer) -> None:
    acme.kit.put(f"accounts/{KEY}", {"cloudcheck": {"permissions": ["live"]}})
    assert code_of(acme.post("/verify/", DATA)) == 108
    assert code_of(acme.post("/live/", {})) is None


def test_110_no_results(acme: Customer) -> None:
    assert code_of(acme.call("POST", "/verify/peid/", {"peid": "9999999"})) == 110
    assert code_of(acme.call("GET", "/tree/entities/", {"searchTerm": "nobody"})) == 110


@pytest.mark.parametrize("code", [111, 112, 113])
def test_111_112_113_the_query_or_operation_failed(acme: Customer, code: int) -> None:
    """No input of its own leads there: a reference, a ``peid`` or a scenario asks for it."""
    refused = acme.verify(reference=f"error-{code}-1")
    assert refused["error"] == code
    assert refused["message"]


def test_an_error_stands_at_the_top_or_at_the_second_level(acme: Customer) -> None:
    second = acme.post("/verify/", {"consent": "No"})
    assert list(second) == ["verification"]
    assert second["verification"]["error"] == 107
    top = acme.call("GET", "/tree/entities/", {"searchTerm": "nobody"})
    assert top["error"] == 110


def test_an_error_has_no_other_fields(acme: Customer) -> None:
    bare = acme.call("POST", "/verify/", {"data": TEXT, "timestamp": "1"})["verification"]
    assert list(bare) == ["error", "message"]
    whole = acme.call("POST", "/verify/", {"data": "{"})["verification"]
    assert list(whole) == ["error", "message", "fields", "errorDetail"]


@pytest.mark.parametrize("code", [101, 102, 103, 104, 105, 106, 107, 108, 110, 111, 112, 113])
def test_error_is_a_code_of_the_table(acme: Customer, code: int) -> None:
    assert acme.verify(reference=f"error-{code}-1")["error"] == code


def test_no_other_code_can_be_asked_for(acme: Customer) -> None:
    assert "error" not in acme.verify(reference="error-109-1")
    scenario = {"name": "s", "match": {"operation": "verify"}, "respond": {"error": 109}}
    document = {"version": 1, "provider": "cloudcheck", "scenarios": [scenario]}
    assert acme.kit.call("POST", "scenarios", document, account=KEY)[0] == 422


def test_message_describes_the_error(acme: Customer) -> None:
    params = acme.params({"data": TEXT})
    refused = acme.send("POST", "/verify/", {**params, "signature": "0" * 64}).get_json(force=True)[
        "verification"
    ]
    assert refused["message"] == "The signature supplied is invalid."


def test_fields_is_a_comma_separated_list(acme: Customer) -> None:
    params = {"key": KEY, "signature": "x", "data": TEXT}
    refused = acme.send("POST", "/verify/", params).get_json(force=True)["verification"]
    assert refused["fields"] == "nonce, timestamp"


def test_error_detail_is_a_comma_separated_list(acme: Customer) -> None:
    expired = {"passport": {"number": "EX123456", "expiry": "2020-02-20"}}
    refused = acme.verify(details={**DATA["details"], **expired})
    assert refused["errorDetail"] == "Your Passport Expiry must be in the future"


# -- Webhooks
# ----------------------------------------------------------------------------------------------------
def test_an_event_sends_a_notification_to_the_webhook(acme: Customer) -> None:
    reference = acme.verify(reference="pep-match-1")["verificationReference"]
    acme.decide(reference, "cleared")
    assert acme.called().json["reference"] == reference


def test_the_webhook_is_a_url_of_the_customer(acme: Customer) -> None:
    acme.decide(acme.verify(reference="pep-match-1")["verificationReference"], "cleared")
    assert acme.webhook.url.endswith(acme.called().path)


def test_a_webhook_is_configured_for_a_site(acme: Customer) -> None:
    acme.kit.put(f"accounts/{KEY}", {"cloudcheck": {"webhook_url": ""}})
    acme.decide(acme.verify(reference="pep-match-1")["verificationReference"], "cleared")
    (unsent,) = acme.kit.get("callbacks/wait", account=KEY, outcome="not sent", timeout="10s")["callbacks"]
    assert unsent["attempts"][0]["error"].startswith(f"account {KEY} has no webhook_url")
    acme.kit.put(f"accounts/{KEY}", {"cloudcheck": {"webhook_url": f"{acme.webhook.url}/of-acme"}})
    acme.decide(acme.verify(reference="pep-match-2")["verificationReference"], "cleared")
    assert acme.called().path == "/callback/of-acme"


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_2xx_status_is_expected(acme: Customer, status: int) -> None:
    acme.webhook.answer(status)
    acme.decide(acme.verify(reference="pep-match-1")["verificationReference"], "cleared")
    delivered = acme.kit.get("callbacks/wait", account=KEY, outcome="delivered", timeout="10s")["callbacks"]
    assert [attempt["status"] for attempt in delivered[0]["attempts"]] == [status]


@pytest.mark.parametrize("status", [302, 400, 500])
def test_another_status_is_logged_and_not_tried_again(acme: Customer, status: int) -> None:
    acme.webhook.answer(status)
    acme.decide(acme.verify(reference="pep-match-1")["verificationReference"], "cleared")
    (failed,) = acme.kit.get("callbacks/wait", account=KEY, outcome="failed", timeout="10s")["callbacks"]
    assert [attempt["status"] for attempt in failed["attempts"]] == [status]


def test_nothing_else_calls_the_webhook(acme: Customer) -> None:
    """Neither a verification, nor a match in it, nor the end of a capture, nor a review over the API."""
    acme.verify()
    acme.verify(reference="pep-match-1")
    acme.post("/live/", {"reference": "match-1"})
    acme.kit.post("clock/advance", {"by": "1m"}, account=KEY)
    association = associated(acme)
    review = {"matchId": match_of(acme, association), "decision": "CLEARED", "notes": ""}
    assert "result" in acme.post(
        "/watchlist/review-match/", {"associationReference": association, "review": review}
    )
    assert acme.kit.get("callbacks", account=KEY)["callbacks"] == []


def associated(acme: Customer) -> str:
    """The reference of an association with a match."""
    person = {"reference": "customer 1", "personDetail": {"name": {"given": "Ida", "family": "Marlowe"}}}
    (association,) = acme.post("/watchlist/create-associations/", {"associations": [person]})["associations"]
    return str(association["associationReference"])


def match_of(acme: Customer, association: str) -> str:
    answer = acme.call("GET", "/watchlist/association/", {"associationReference": association})
    return str(answer["matches"][0]["matchId"])


def test_a_pep_match_review_of_a_verification(acme: Customer) -> None:
    reference = acme.verify(reference="pep-match-1")["verificationReference"]
    acme.decide(reference, "confirmed")
    expected = {"requestType": "VERIFICATION", "eventType": "PEP_MATCH_REVIEW", "reference": reference}
    assert acme.called().json == expected


def test_a_pep_match_review_of_ongoing_monitoring(acme: Customer) -> None:
    association = associated(acme)
    acme.decide(association, "cleared")
    reference = f"{association},{match_of(acme, association)}"
    expected = {
        "requestType": "WATCHLIST_MONITORING",
        "eventType": "PEP_MATCH_REVIEW",
        "reference": reference,
    }
    assert acme.called().json == expected


def test_the_reference_of_monitoring_has_association_and_match(acme: Customer) -> None:
    association = associated(acme)
    acme.decide(association, "cleared")
    first, comma, match = acme.called().json["reference"].partition(",")
    assert (first, comma, len(match), int(match, 16) > 0) == (association, ",", 64, True)


def test_a_review_of_a_live_request(acme: Customer) -> None:
    capture = acme.post("/live/", BANK)["capture"]["captureReference"]
    acme.decide(capture, "match")
    assert acme.called().json == {"requestType": "CAPTURE", "eventType": "REVIEW", "reference": capture}


@pytest.mark.parametrize("product", ["idscan", "akahu", "credfin"])
def test_a_review_of_a_scan_or_bank_request(acme: Customer, product: str) -> None:
    token = acme.post(f"/{product}/initiate/", BANK)[product]["token"]
    acme.decide(token, "no-match")
    assert acme.called().json == {"requestType": product.upper(), "eventType": "REVIEW", "reference": token}


def test_a_review_of_a_document_check_request(acme: Customer) -> None:
    token = acme.post("/doc/runcheck/", {"consent": "Yes"}, file=BytesIO(JPEG))["document"]["token"]
    acme.decide(token, "review")
    assert acme.called().json == {"requestType": "DOCUMENT_CHECK", "eventType": "REVIEW", "reference": token}


def test_the_webhook_gets_a_post_of_json(acme: Customer) -> None:
    acme.decide(acme.verify(reference="pep-match-1")["verificationReference"], "cleared")
    call = acme.called()
    assert (call.method, call.headers["content-type"]) == ("POST", "application/json")
    assert list(call.json) == ["requestType", "eventType", "reference"]


REQUEST_TYPES = ["VERIFICATION", "CAPTURE", "IDSCAN", "AKAHU", "CREDFIN", "DOCUMENT_CHECK"]


def test_request_type_is_one_of_the_list(acme: Customer) -> None:
    vocabulary = acme.kit.get("vocabulary", provider="cloudcheck")["vocabulary"]["cloudcheck"]
    assert set(vocabulary["request_types"]) == {*REQUEST_TYPES, "WATCHLIST_MONITORING"}
    unknown = {"event": "REVIEW", "requestType": "LIVE", "reference": "x", "url": acme.webhook.url}
    assert acme.kit.call("POST", "events", unknown, account=KEY)[0] == 422


@pytest.mark.parametrize("request_type", [*REQUEST_TYPES, "WATCHLIST_MONITORING"])
def test_event_type_is_pep_match_review_or_review(acme: Customer, request_type: str) -> None:
    """Each request type has the one that the list of events gives it; the other is refused."""
    reviewed = request_type in ("VERIFICATION", "WATCHLIST_MONITORING")
    events = ("PEP_MATCH_REVIEW", "REVIEW") if reviewed else ("REVIEW", "PEP_MATCH_REVIEW")
    body = {"requestType": request_type, "reference": "x", "url": acme.webhook.url}
    assert acme.kit.call("POST", "events", {**body, "event": events[1]}, account=KEY)[0] == 422
    assert acme.kit.call("POST", "events", {**body, "event": events[0]}, account=KEY)[0] == 201
    assert acme.called().json == {"requestType": request_type, "eventType": events[0], "reference": "x"}


def test_the_reference_fetches_the_results(acme: Customer) -> None:
    capture = acme.post("/live/", BANK)["capture"]["captureReference"]
    acme.decide(capture, "match")
    reference = acme.called().json["reference"]
    assert (
        acme.call("GET", "/live/response/", {"captureReference": reference})["capture"]["status"] == "MATCH"
    )
    association = associated(acme)
    acme.decide(association, "cleared")
    first = acme.called(2).json["reference"].split(",")[0]
    assert "matches" in acme.call("GET", "/watchlist/association/", {"associationReference": first})
