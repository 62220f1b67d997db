"""Shufti Pro's page "Responses", sentence by sentence: ``shuftipro.txt`` has them,
`providers.shuftipro.specification` the rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.providers.shuftipro.harness import keys
from tests.specification.merchant import (
    AML,
    CLIENT,
    SECRET,
    Merchant,
    legacy_signature,
    merchant,
    sha256,
    signature,
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Merchant]:
    with merchant(tmp_path) as one:
        yield one


def refused(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["event"]


# -- Responses
# ---------------------------------------------------------------------------------------------------
def test_a_request_for_a_verification_has_two_responses(shop: Merchant) -> None:
    answer = shop.verification("17374217")
    assert answer["reference"] == "17374217"
    assert shop.callback().json["reference"] == "17374217"


def test_the_http_response_is_first_and_the_callback_second(shop: Merchant) -> None:
    answer = shop.onsite()
    assert answer.get_json()["event"] == "request.pending"
    assert shop.callback().json["event"] == "request.pending"


def test_both_responses_are_json_with_a_header(shop: Merchant) -> None:
    answer = shop.ask("17374217")
    assert (answer.content_type, isinstance(json.loads(answer.data), dict)) == ("application/json", True)
    callback = shop.callback()
    assert (callback.headers["content-type"], isinstance(json.loads(callback.body), dict)) == (
        "application/json",
        True,
    )


def test_both_responses_have_a_signature(shop: Merchant) -> None:
    assert len(shop.ask("17374217").headers["Signature"]) == 64
    assert len(shop.callback().headers["signature"]) == 64


def test_the_signature_validates_the_source(shop: Merchant) -> None:
    """It fits the bytes and the merchant's secret key, and no other."""
    answer = shop.ask("17374217")
    assert answer.headers["Signature"] == signature(answer.data)
    assert answer.headers["Signature"] != signature(answer.data, "another secret")
    assert answer.headers["Signature"] != signature(answer.data + b" ")


# -- HTTP status codes
# -------------------------------------------------------------------------------------------
def test_a_success_is_200_and_a_failure_is_not(shop: Merchant) -> None:
    assert shop.ask("17374217").status_code == 200
    assert shop.ask("17374217").status_code == 400
    assert shop.send("/status", {"reference": "17374217"}, secret="wrong").status_code == 401


CODES = [200, 400, 401, 402, 403, 404, 409, 429, 500, 504, 524]


def scripted(tmp_path: Path, code: int) -> TestResponse:
    respond: dict[str, Any] = {"outcome": "accepted"} if code == 200 else {"error": code}
    with merchant(
        tmp_path, [{"name": "s", "match": {"operation": "verification"}, "respond": respond}]
    ) as shop:
        return shop.ask("17374217")


@pytest.mark.parametrize("code", CODES)
def test_every_response_is_json_with_a_code(tmp_path: Path, code: int) -> None:
    answer = scripted(tmp_path, code)
    assert (answer.status_code, answer.content_type, isinstance(answer.get_json(), dict)) == (
        code,
        "application/json",
        True,
    )


def test_no_other_code_is_answered(shop: Merchant) -> None:
    """Whatever is wrong with a request, its code is one of the list; 413 of this server's own limit apart."""
    sent = [
        shop.send("/", {}),
        shop.send("/", [], secret="x"),
        shop.send("/", None, method="PUT"),
        shop.send("/", None, method="GET"),
        shop.send("/status", {"reference": "nobody's"}),
        shop.send("/delete", {}),
        shop.send("/nowhere", {}),
        shop.send("/get/access/token", {}),
    ]
    assert {answer.status_code for answer in sent} <= set(CODES)


def test_200_ok(shop: Merchant) -> None:
    assert shop.ask("17374217").status_code == 200
    assert shop.send("/status", {"reference": "17374217"}).status_code == 200
    assert shop.delete("17374217").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {**AML, "reference": ""},
        {"reference": "17374217"},
        {**AML, "reference": "17374217", "country": "Germany"},
    ],
    ids=["missing reference", "missing service", "invalid country"],
)
def test_400_a_parameter_is_invalid_or_missing(shop: Merchant, body: dict[str, Any]) -> None:
    assert refused(shop.send("/", body)) == (400, "request.invalid")


def test_401_an_invalid_key(shop: Merchant) -> None:
    assert refused(shop.send("/", {"reference": "17374217", **AML}, secret="wrong")) == (
        401,
        "request.unauthorized",
    )


def test_402_missing_required_parameters(tmp_path: Path) -> None:
    """By setting; a missing parameter is also a 400 by the same table, and that is the default."""
    with merchant(tmp_path, missing_status=402) as shop:
        assert refused(shop.send("/", {"country": "DE", **AML})) == (402, "request.invalid")


def test_402_invalid_request_data(tmp_path: Path) -> None:
    answer = scripted(tmp_path, 402)
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (
        402,
        "Invalid request data: missing required parameters",
    )


def test_403_a_service_is_not_allowed(shop: Merchant) -> None:
    shop.kit.put(f"accounts/{CLIENT}", {"shuftipro": {"services": ["face"]}})
    answer = shop.ask("17374217")
    assert refused(answer) == (403, "request.invalid")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/nowhere"),
        ("POST", "/statuss"),
        ("GET", "/"),
        ("PUT", "/status"),
        ("POST", "/shuftipro/nowhere"),
    ],
)
def test_404_the_resource_is_not_found(shop: Merchant, method: str, path: str) -> None:
    answer = shop.send(path, {"reference": "17374217"}, method=method)
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (404, "Resource not found")
    assert answer.headers["Signature"] == signature(answer.data)


def test_409_conflicting_data(tmp_path: Path) -> None:
    """By setting; a parameter that is invalid is a 400 by the same table, and that is the default."""
    with merchant(tmp_path, duplicate_status=409) as shop:
        shop.ask("17374217")
        assert refused(shop.ask("17374217")) == (409, "request.invalid")


def test_429_too_many_requests(tmp_path: Path) -> None:
    with merchant(tmp_path, rate_limit=2) as shop:
        answers = [shop.ask(reference) for reference in ("1737421", "1737422", "1737423")]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].get_json()["message"] == "Too Many Attempts."


@pytest.mark.parametrize(
    ("code", "message"),
    [(500, "Internal Server Error"), (504, "Server error"), (524, "Unofficial Server Error")],
)
def test_500_504_524_server_errors(tmp_path: Path, code: int, message: str) -> None:
    answer = scripted(tmp_path, code)
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (code, message)
    assert answer.headers["Signature"] == signature(answer.data)


# -- Response events
# ---------------------------------------------------------------------------------------------
OUTCOMES = {"accepted": "verification.accepted", "declined": "verification.declined"}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_event_shows_the_status_of_the_request(shop: Merchant, outcome: str) -> None:
    assert shop.verification(f"{outcome}-1")["event"] == OUTCOMES[outcome]
    assert shop.status(f"{outcome}-1")["event"] == OUTCOMES[outcome]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_event_is_in_both_responses(shop: Merchant, outcome: str) -> None:
    answer = shop.verification(f"{outcome}-1")
    assert (answer["event"], shop.callback().json["event"]) == (OUTCOMES[outcome], OUTCOMES[outcome])


def callbacks(shop: Merchant) -> list[str]:
    """The events of all callbacks that were made, oldest first."""
    return [each["event"] for each in shop.kit.get("callbacks", account=CLIENT)["callbacks"]][::-1]


def test_request_invalid_is_no_callback(shop: Merchant) -> None:
    assert shop.verification("17374217", country="Germany", **AML)["event"] == "request.invalid"
    assert callbacks(shop) == []


def test_request_unauthorized_is_no_callback(shop: Merchant) -> None:
    answer = shop.send("/", {"reference": "17374217", "callback_url": shop.hook.url, **AML}, secret="wrong")
    assert answer.get_json()["event"] == "request.unauthorized"
    assert callbacks(shop) == []


def test_verification_accepted_is_in_both(shop: Merchant) -> None:
    assert shop.verification("accepted-1")["event"] == "verification.accepted"
    assert shop.callback().json["event"] == "verification.accepted"


def test_verification_declined_is_in_both(shop: Merchant) -> None:
    assert shop.verification("declined-1")["event"] == "verification.declined"
    assert shop.callback().json["event"] == "verification.declined"


def test_request_deleted_is_in_both(shop: Merchant) -> None:
    shop.ask("17374217")
    assert shop.delete("17374217").get_json()["event"] == "request.deleted"
    assert shop.callback(2).json["event"] == "request.deleted"


def test_verification_status_changed_is_a_callback_only(shop: Merchant) -> None:
    shop.ask("accepted-1")
    shop.decide("accepted-1", "declined")
    assert shop.callback(2).json["event"] == "verification.status.changed"
    assert shop.status("accepted-1")["event"] == "verification.declined"


SAMPLE = next(
    json.loads(line.partition("verification.accepted ")[2])
    for line in (Path(__file__).parent / "shuftipro.txt").read_text("utf-8").splitlines()
    if line.startswith("sample-accepted | ")
)
"""The specification's own."""
CHROME = SAMPLE["info"]["agent"]["useragent"]


def sampled(shop: Merchant) -> Any:
    body = {"reference": SAMPLE["reference"], "callback_url": shop.hook.url}
    person = {"name": {"first_name": "Don", "last_name": "Joe"}, "dob": "1990-01-01"}
    headers = {"User-Agent": CHROME}
    return shop.send("/", {**body, "background_checks": person}, **headers).get_json()


def test_verification_accepted_is_as_the_sample(shop: Merchant) -> None:
    """Key by key, in its order; ``token`` is the specification's own addition, see its parameters."""
    answer = sampled(shop)
    token = answer.pop("token")
    assert keys(answer) == keys(SAMPLE)
    assert token.isalnum()
    for name in ("reference", "event", "verification_result"):
        assert answer[name] == SAMPLE[name]
    checks, sample = (each["verification_data"]["background_checks"] for each in (answer, SAMPLE))
    assert (checks["dob"], checks["aml_data"]["filters"]) == (sample["dob"], sample["aml_data"]["filters"])
    assert {part: checks["name"][part] for part in sample["name"]} == sample["name"]
    assert answer["info"]["agent"] == SAMPLE["info"]["agent"]
    assert [bool(value) for value in answer["info"]["geolocation"].values()] == [
        bool(value) for value in SAMPLE["info"]["geolocation"].values()
    ]


# -- Verification response
# ---------------------------------------------------------------------------------------
def test_reference_is_the_one_that_was_sent(shop: Merchant) -> None:
    for number, reference in enumerate(("17374217", "Kererū 7/b + 'ü' \"🥝\""), 1):
        assert shop.verification(reference)["reference"] == reference
        assert shop.callback(number).json["reference"] == reference


def test_event_shows_the_status(shop: Merchant) -> None:
    """The table calls it ``events``, the samples and all else ``event``."""
    answer = shop.verification("accepted-1")
    assert (answer["event"], "events" in answer) == ("verification.accepted", False)


def test_event_changes_with_the_status(shop: Merchant) -> None:
    assert shop.verification("17374217", face="")["event"] == "request.pending"
    shop.decide("17374217", "accepted")
    shop.decide("17374217", "declined", decline=["SPDR03"])
    events = [json.loads(call.body)["event"] for call in shop.hook.wait(3)]
    assert events == ["request.pending", "verification.accepted", "verification.status.changed"]
    assert shop.status("17374217")["event"] == "verification.declined"


def test_error_has_the_details(shop: Merchant) -> None:
    answer = shop.verification(
        "17374217", background_checks={**AML["background_checks"], "dob": "01.01.1990"}
    )
    assert answer["error"]["service"] == "background_checks"
    assert answer["error"]["key"] == "dob"
    assert "dob" in answer["error"]["message"]


def test_token_is_unique_to_the_request(shop: Merchant) -> None:
    tokens = set()
    for number, reference in enumerate(("17374217", "17374218"), 1):
        token = shop.verification(reference)["token"]
        assert shop.callback(number).json["token"] == token
        tokens.add(token)
    assert len(tokens) == 2


def test_verification_result_is_of_a_valid_verification_only(shop: Merchant) -> None:
    for reference in ("accepted-1", "declined-1"):
        assert "verification_result" in shop.verification(reference)
    assert "verification_result" not in shop.verification("pending-1", face="")
    assert "verification_result" not in shop.verification("accepted-1")


def test_verification_result_has_each_verification(shop: Merchant) -> None:
    shop.onsite(**AML)
    shop.decide("17374217", "accepted")
    assert set(shop.callback(2).json["verification_result"]) == {"document", "face", "background_checks"}


def results(shop: Merchant, outcome: str, **decision: Any) -> Any:
    """``verification_result`` of document and face, after a reviewer's decision."""
    shop.onsite(**decision.pop("options", {}))
    shop.decide("17374217", outcome, **decision)
    return shop.callback(2).json["verification_result"]


def test_1_means_accepted(shop: Merchant) -> None:
    assert results(shop, "accepted")["face"] == 1


def test_0_means_declined(shop: Merchant) -> None:
    checks = results(shop, "declined", decline={"face": ["SPDR01"]})
    assert (checks["face"], set(checks["document"].values()) <= {1, None}) == (0, True)


def test_null_means_not_processed(shop: Merchant) -> None:
    checks = results(shop, "declined", decline={"face": ["SPDR01"]}, options={"decline_on_single_step": "1"})
    assert checks == {"face": 0, "document": None}


def test_verification_data_is_of_a_valid_verification_only(shop: Merchant) -> None:
    for reference in ("accepted-1", "declined-1"):
        assert "verification_data" in shop.verification(reference)
    assert "verification_data" not in shop.verification("pending-1", face="")
    assert "verification_data" not in shop.verification("accepted-1")


def test_verification_data_has_what_was_gathered(shop: Merchant) -> None:
    shop.onsite(**AML)
    shop.decide("17374217", "accepted")
    data = shop.callback(2).json["verification_data"]
    assert {"document", "background_checks"} <= set(data)
    assert data["background_checks"]["name"]["first_name"] == "Mārama"
    assert all(data["document"][name] for name in ("name", "dob"))


def test_info_is_of_accepted_and_declined(shop: Merchant) -> None:
    for reference in ("accepted-1", "declined-1"):
        assert "info" in shop.verification(reference)
    assert "info" not in shop.verification("pending-1", face="")


def test_info_has_agent_and_geolocation(shop: Merchant) -> None:
    assert list(shop.verification("accepted-1")["info"]) == ["agent", "geolocation"]


def test_agent_tells_of_device_and_browser(shop: Merchant) -> None:
    assert sampled(shop)["info"]["agent"] == SAMPLE["info"]["agent"]


def test_geolocation_tells_where_the_end_user_is(shop: Merchant) -> None:
    geolocation = shop.verification("17374217", country="NZ", **AML)["info"]["geolocation"]
    assert (geolocation["country_code"], geolocation["country_name"], geolocation["timezone"]) == (
        "NZ",
        "New Zealand",
        "Pacific/Auckland",
    )


DECLINED = ("declined_reason", "declined_codes", "services_declined_codes")


def present(answer: Any) -> list[str]:
    return [name for name in DECLINED if name in answer]


def test_declined_reason_is_in_the_callback_only(shop: Merchant) -> None:
    assert "declined_reason" not in shop.verification("declined-1")
    assert shop.callback().json["declined_reason"]


def test_declined_codes_are_all_codes(shop: Merchant) -> None:
    shop.onsite()
    shop.decide("17374217", "declined", decline={"document": ["SPDR03", "SPDR48"], "face": ["SPDR01"]})
    assert shop.callback(2).json["declined_codes"] == ["SPDR03", "SPDR48", "SPDR01"]


@pytest.mark.parametrize("outcome", ["accepted", "cancelled", "timeout", "review"])
def test_declined_codes_are_of_a_declined_verification_only(shop: Merchant, outcome: str) -> None:
    shop.onsite()
    shop.decide("17374217", outcome, **({"decline": ["SPDR03"]} if outcome == "cancelled" else {}))
    assert present(shop.callback(2).json) == []
    assert present(shop.status("17374217")) == []


def test_services_declined_codes_are_by_service(shop: Merchant) -> None:
    shop.onsite()
    codes = {"document": ["SPDR03", "SPDR48"], "face": ["SPDR01"]}
    shop.decide("17374217", "declined", decline=codes)
    assert shop.callback(2).json["services_declined_codes"] == codes


def test_each_service_has_an_array_of_codes(shop: Merchant) -> None:
    codes = shop.verification("declined-1", **AML)["services_declined_codes"]
    assert list(codes) == ["background_checks"]
    assert all(
        isinstance(each, list) and all(isinstance(code, str) for code in each) for each in codes.values()
    )


def test_a_callback_goes_to_the_callback_url(shop: Merchant) -> None:
    shop.ask("17374217", callback_url=f"{shop.hook.url}/of?shop=Kerer%C5%AB", **AML)
    assert (shop.callback().path, shop.callback().query) == ("/callback/of", "shop=Kerer%C5%AB")


def test_without_a_callback_url_none_is_sent(shop: Merchant) -> None:
    shop.send("/", {"reference": "17374217", **AML})
    assert all(
        each["state"] != "delivered" for each in shop.kit.get("callbacks", account=CLIENT)["callbacks"]
    )
    assert shop.hook.received == []


# -- Status response
# ---------------------------------------------------------------------------------------------
def test_a_status_request_has_a_json_response(shop: Merchant) -> None:
    shop.ask("17374217")
    answer = shop.send("/status", {"reference": "17374217"})
    assert (answer.status_code, answer.content_type) == (200, "application/json")


def test_a_status_response_is_signed(shop: Merchant) -> None:
    shop.ask("17374217")
    for reference in ("17374217", "nobody's"):
        answer = shop.send("/status", {"reference": reference})
        assert answer.headers["Signature"] == signature(answer.data)


def test_a_status_has_the_reference(shop: Merchant) -> None:
    shop.ask("Kererū 7")
    assert shop.status("Kererū 7")["reference"] == "Kererū 7"


def test_a_status_has_the_event(shop: Merchant) -> None:
    shop.ask("17374217", face="")
    assert shop.status()["event"] == "request.pending"


def test_the_event_of_a_status_changes(shop: Merchant) -> None:
    shop.ask("17374217", face="")
    seen = [shop.status()["event"]]
    for outcome in ("review", "accepted", "declined"):
        shop.decide("17374217", outcome)
        seen.append(shop.status()["event"])
    shop.delete()
    seen.append(shop.status()["event"])
    assert seen == [
        "request.pending",
        "review.pending",
        "verification.accepted",
        "verification.declined",
        "request.deleted",
    ]


def test_a_status_has_the_country(shop: Merchant) -> None:
    shop.ask("17374217", country="DE", **AML)
    assert shop.status()["country"] == "DE"


@pytest.mark.parametrize("country", ["Germany", "DEU", "ZZ", "de "])
def test_a_country_is_a_code_of_two_letters(shop: Merchant, country: str) -> None:
    assert refused(shop.ask("17374217", country=country, **AML)) == (400, "request.invalid")


def test_a_status_without_a_country_has_null(shop: Merchant) -> None:
    shop.ask("17374217")
    status = shop.status()
    assert ("country" in status, status["country"]) == (True, None)


def test_a_status_has_the_data(shop: Merchant) -> None:
    answer = shop.verification("accepted-1")
    assert shop.status("accepted-1")["verification_data"] == answer["verification_data"]


UNFINISHED = ["review", "cancelled", "timeout"]


@pytest.mark.parametrize("name", ["verification_data", "verification_result", "info"])
def test_a_status_has_results_of_accepted_and_declined_only(shop: Merchant, name: str) -> None:
    for number, outcome in enumerate(("accepted", "declined", *UNFINISHED)):
        reference = f"1737421{number}"
        shop.ask(reference, face="")
        assert name not in shop.status(reference)
        shop.decide(reference, outcome)
        assert (name in shop.status(reference)) is (outcome not in UNFINISHED), outcome


def test_a_status_has_the_complete_result(shop: Merchant) -> None:
    shop.onsite(**AML)
    shop.decide("17374217", "accepted")
    assert shop.status()["verification_result"] == shop.callback(2).json["verification_result"]


def test_values_of_a_result_in_a_status(shop: Merchant) -> None:
    results(shop, "declined", decline={"document": ["SPDR03"]})
    checks = shop.status()["verification_result"]
    assert checks["face"] == 1
    assert set(checks["document"].values()) == {0, 1, None}


def test_a_status_has_info_with_agent_and_geolocation(shop: Merchant) -> None:
    sampled(shop)
    info = shop.status(SAMPLE["reference"])["info"]
    assert list(info) == ["agent", "geolocation"]
    assert info["agent"] == SAMPLE["info"]["agent"]
    assert list(info["geolocation"]) == list(SAMPLE["info"]["geolocation"])


def test_a_status_has_the_reason_of_a_declined_verification_only(shop: Merchant) -> None:
    shop.onsite()
    shop.decide("17374217", "declined", decline={"face": ["SPDR01"]})
    assert present(shop.status()) == list(DECLINED)
    shop.decide("17374217", "accepted")
    assert present(shop.status()) == []


def test_the_reason_of_a_status_is_the_callback_s(shop: Merchant) -> None:
    shop.ask("declined-1")
    assert shop.status("declined-1")["declined_reason"] == shop.callback().json["declined_reason"]


def test_a_status_has_all_codes_by_service(shop: Merchant) -> None:
    codes = {"document": ["SPDR03", "SPDR48"], "face": ["SPDR01"]}
    shop.onsite()
    shop.decide("17374217", "declined", decline=codes)
    status = shop.status()
    assert status["declined_codes"] == ["SPDR03", "SPDR48", "SPDR01"]
    assert status["services_declined_codes"] == codes


def test_400_means_that_the_request_is_invalid(shop: Merchant) -> None:
    for body in ({}, {"reference": ""}, {"reference": "nobody's"}, {"reference": 7}):
        assert refused(shop.send("/status", body)) == (400, "request.invalid")


# -- Delete request response
# -------------------------------------------------------------------------------------
def test_a_delete_request_has_a_json_response(shop: Merchant) -> None:
    shop.ask("17374217")
    answer = shop.delete()
    assert (answer.status_code, answer.content_type) == (200, "application/json")


def test_a_delete_response_is_signed(shop: Merchant) -> None:
    shop.ask("17374217")
    for _ in range(2):
        answer = shop.delete()
        assert answer.headers["Signature"] == signature(answer.data)


def test_a_delete_response_has_the_reference(shop: Merchant) -> None:
    shop.ask("Kererū 7")
    assert shop.delete("Kererū 7").get_json()["reference"] == "Kererū 7"


def test_a_delete_response_has_the_event(shop: Merchant) -> None:
    shop.ask("17374217")
    assert shop.delete().get_json()["event"] == "request.deleted"


def test_the_event_of_a_second_delete_is_another(shop: Merchant) -> None:
    shop.ask("17374217")
    assert [shop.delete().get_json()["event"] for _ in range(2)] == ["request.deleted", "request.invalid"]


def test_an_invalid_or_deleted_reference_is_request_invalid(shop: Merchant) -> None:
    assert refused(shop.delete("nobody's")) == (400, "request.invalid")
    shop.ask("17374217")
    shop.delete()
    assert refused(shop.delete()) == (400, "request.invalid")


def test_a_delete_response_is_as_the_sample(shop: Merchant) -> None:
    shop.ask("17374217")
    assert shop.delete().data == b'{"reference":"17374217","event":"request.deleted"}'


def test_nothing_follows_a_delete(shop: Merchant) -> None:
    shop.onsite()
    shop.delete()
    answer = shop.kit.call("POST", "verifications/17374217/decide", {"outcome": "accepted"}, account=CLIENT)
    assert answer[0] == 422
    assert callbacks(shop)[-1] == "request.deleted"


# -- Response signature
# ------------------------------------------------------------------------------------------
def test_every_response_is_signed_json(shop: Merchant) -> None:
    """Results, refusals, unknown paths; a client nobody knows has no secret to sign with."""
    answers = [
        shop.ask("17374217"),
        shop.ask("17374217"),
        shop.send("/", {"reference": "x", **AML}, secret="wrong"),
        shop.send("/status", {"reference": "17374217"}),
        shop.send("/delete", {"reference": "nobody's"}),
        shop.send("/status", {}, method="PUT"),
        shop.send("/nowhere", {}),
        shop.send("/get/access/token", {}),
        shop.delete(),
    ]
    for answer in answers:
        assert (answer.content_type, answer.headers["Signature"]) == (
            "application/json",
            signature(answer.data),
        )
    for call in shop.hook.wait(2):
        assert (call.headers["content-type"], call.headers["signature"]) == (
            "application/json",
            signature(call.body),
        )


def legacy(shop: Merchant) -> None:
    """A client who registered before 15 March 2023."""
    shop.kit.put(f"accounts/{CLIENT}", {"shuftipro": {"signature": "legacy"}})


def test_the_secret_key_stands_at_the_end_of_the_raw_response(shop: Merchant) -> None:
    legacy(shop)
    answer = shop.ask("Kererū '7'")
    assert answer.headers["Signature"] == hashlib.sha256(answer.data + b"test-shop-secret").hexdigest()
    assert answer.headers["Signature"] != hashlib.sha256(b"test-shop-secret" + answer.data).hexdigest()
    rewritten = json.dumps(answer.get_json()).encode()
    assert answer.headers["Signature"] != legacy_signature(rewritten)


def test_the_signature_is_a_sha256(shop: Merchant) -> None:
    legacy(shop)
    answer = shop.ask("17374217")
    assert answer.headers["Signature"] != hashlib.sha1(answer.data + SECRET.encode()).hexdigest()
    assert answer.headers["Signature"] == sha256(answer.data + SECRET.encode())


def test_the_signature_is_in_the_header(shop: Merchant) -> None:
    legacy(shop)
    answer = shop.ask("17374217")
    assert answer.headers["Signature"] == legacy_signature(answer.data)
    callback = shop.callback()
    assert callback.headers["signature"] == legacy_signature(callback.body)


def test_newer_clients_have_the_hashed_signature(shop: Merchant) -> None:
    """It is the default; ``signature: legacy`` makes an account an older one."""
    answer = shop.ask("17374217")
    assert answer.headers["Signature"] == signature(answer.data)
    legacy(shop)
    answer = shop.ask("17374218")
    assert answer.headers["Signature"] == legacy_signature(answer.data)


def test_the_hashed_signature_hashes_the_secret_key_first(shop: Merchant) -> None:
    answer = shop.ask("Kererū '7'")
    hashed = hashlib.sha256(b"test-shop-secret").hexdigest()
    assert len(hashed) == 64
    assert answer.headers["Signature"] == hashlib.sha256(answer.data + hashed.encode()).hexdigest()


def test_the_hashed_secret_key_stands_at_the_end(shop: Merchant) -> None:
    answer = shop.ask("17374217")
    hashed = sha256(SECRET).encode()
    assert answer.headers["Signature"] == sha256(answer.data + hashed)
    assert answer.headers["Signature"] != sha256(hashed + answer.data)
    assert answer.headers["Signature"] != sha256(answer.data + bytes.fromhex(sha256(SECRET)))


def test_the_hashed_signature_is_in_the_header(shop: Merchant) -> None:
    answer = shop.ask("17374217")
    assert answer.headers["Signature"] == signature(answer.data)
    callback = shop.callback()
    assert callback.headers["signature"] == signature(callback.body)
