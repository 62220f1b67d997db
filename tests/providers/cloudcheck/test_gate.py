"""The checks of a signed request one by one: code, fields and evidence of each refusal, and who is
recognised."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_server.core.clock import ClockState
from mock_server.core.http import Request
from mock_server.core.records import UsedValue
from mock_server.providers.context import RequestContext
from tests.providers.cloudcheck.harness import (
    FORM,
    KEY,
    MINI,
    SECRET,
    PipelineHarness,
    digest,
    error,
    form,
    multipart,
)

NOW = 1_700_000_000.0
DATA = {"data": json.dumps(MINI)}
REMEDY = "no account has this key; use the default account's, any test-… name, or declare the account"

REFUSALS: dict[str, tuple[dict[str, Any], dict[str, str], dict[str, Any], dict[str, Any]]] = {
    "101 unknown key": (
        {},
        {"key": "k" * 300},
        {"error": 101, "message": "Invalid access key supplied."},
        {"check": "key", "received": "k" * 200, "remedy": REMEDY},
    ),
    "101 empty key": (
        {},
        {"key": ""},
        {"error": 101, "message": "Invalid access key supplied."},
        {
            "check": "key-missing",
            "explanation": "The parameter key is absent or empty.",
            "remedy": "Send the access key as parameter key.",
            "received": "",
        },
    ),
    "102 nonce and signature": (
        {},
        {"nonce": "", "signature": ""},
        {
            "error": 102,
            "message": "Please check the required fields are all supplied.",
            "fields": "signature, nonce",
        },
        {
            "check": "required",
            "missing": ["signature", "nonce"],
            "remedy": "send signature, nonce with a value",
        },
    ),
    "102 data": (
        {},
        {"data": ""},
        {"error": 102, "message": "Please check the required fields are all supplied.", "fields": "data"},
        {"check": "required", "missing": ["data"], "remedy": "send data with a value"},
    ),
    "102 comes before 103 and 107": (
        {},
        {"data": "", "timestamp": "now"},
        {"error": 102, "message": "Please check the required fields are all supplied.", "fields": "data"},
        {"check": "required", "missing": ["data"], "remedy": "send data with a value"},
    ),
    "107 timestamp": (
        {},
        {"timestamp": "x" * 150},
        {"error": 107, "message": "A parameter was supplied in an invalid format.", "fields": "timestamp"},
        {"check": "timestamp", "received": "x" * 100, "unit": "not a whole number"},
    ),
    "107 timestamp by setting": (
        {"timestamp_malformed": 103},
        {"timestamp": "soon"},
        {"error": 103, "message": "The timestamp is older than the maximum allowed.", "fields": "timestamp"},
        {"check": "timestamp", "received": "soon", "unit": "not a whole number"},
    ),
    "107 nonce": (
        {"nonce_max_length": 3},
        {"nonce": "four"},
        {"error": 107, "message": "A parameter was supplied in an invalid format.", "fields": "nonce"},
        {"check": "nonce", "length": 4, "remedy": "use at most 3 characters"},
    ),
    "106 signature": (
        {},
        {"signature": "s" * 300},
        {"error": 106, "message": "The signature supplied is invalid."},
        {"check": "signature", "received": "s" * 200},
    ),
}


@pytest.mark.parametrize(("settings", "over", "answer", "evidence"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_and_its_evidence(
    settings: dict[str, Any], over: dict[str, str], answer: dict[str, Any], evidence: dict[str, Any]
) -> None:
    office = PipelineHarness(settings=settings)
    params = {**office.params("/verify/", DATA), **over}
    response = office.pipeline.handle(
        Request("POST", "/verify/", "", {"content-type": FORM}, form(params).encode())
    )
    assert json.loads(response.body) == {"verification": answer}
    assert office.entry().evidence == evidence


ANYWHERE = [pytest.param(*row[:3], id=name) for name, row in REFUSALS.items() if not row[1].keys() & {"data"}]


@pytest.mark.parametrize(("settings", "over", "answer"), ANYWHERE)
def test_a_refusal_of_the_gate_stands_where_all_of_them_stand(
    settings: dict[str, Any], over: dict[str, str], answer: dict[str, Any]
) -> None:
    """Nested, also on an endpoint whose own errors stand at the top."""
    office = PipelineHarness(settings=settings)
    params = {**office.params("/verify/peid/", {"peid": "1"}), **over}
    request = Request("POST", "/verify/peid/", "", {"content-type": FORM}, form(params).encode())
    assert json.loads(office.pipeline.handle(request).body) == {"verification": answer}


@pytest.mark.parametrize(("settings", "over", "answer"), ANYWHERE)
def test_where_refusals_of_the_gate_stand_is_a_setting(
    settings: dict[str, Any], over: dict[str, str], answer: dict[str, Any]
) -> None:
    office = PipelineHarness(settings={**settings, "error_position": {"gate": "top"}})
    params = {**office.params("/verify/peid/", {"peid": "1"}), **over}
    request = Request("POST", "/verify/peid/", "", {"content-type": FORM}, form(params).encode())
    assert json.loads(office.pipeline.handle(request).body) == answer


UNREAD: dict[str, tuple[dict[str, str], str, dict[str, Any]]] = {
    "no key": ({}, "101", {"received": ""}),
    "a key alone": ({"key": KEY}, "102", {"missing": ["signature", "nonce", "timestamp", "data", "file"]}),
}


@pytest.mark.parametrize(("query", "code", "evidence"), UNREAD.values(), ids=UNREAD)
def test_an_unread_body_is_explained_by_what_the_endpoint_takes(
    query: dict[str, str], code: str, evidence: dict[str, Any]
) -> None:
    office = PipelineHarness()
    office.pipeline.handle(
        Request("POST", "/doc/runcheck/", form(query), {"content-type": "application/json"}, b'{"key":"x"}')
    )
    recorded = office.entry().evidence or {}
    assert office.entry().error == code
    assert {name: recorded[name] for name in evidence} == evidence
    assert "multipart/form-data" in recorded["remedy"]


def test_an_absent_key_is_not_looked_up() -> None:
    office = PipelineHarness(accounts={"acme": {"key": "None"}})
    office.send("POST", "/verify/", DATA, key="")
    assert (office.entry().error, office.store.entries("acme")[0]) == ("101", [])


def test_the_evidence_of_a_used_nonce() -> None:
    office = PipelineHarness()
    sent = {**DATA, "nonce": "n" * 300}
    office.send("POST", "/verify/", sent)
    first = office.entry().id
    office.clock.advance(1)
    office.send("POST", "/verify/", sent)
    assert office.entry().evidence == {
        "check": "nonce",
        "nonce": "n" * 200,
        "first_used": {"at": "2023-11-14T22:13:20.000Z", "request": first},
    }


def test_a_product_without_permission() -> None:
    office = PipelineHarness(accounts={"acme": {"permissions": ["peid"]}})
    answer = office.send("POST", "/verify/", DATA, key="acme")
    assert error(json.loads(answer.body)) == {
        "error": 108,
        "message": "You do not have permission to access this resource.",
    }
    assert office.entry("acme").evidence == {
        "check": "permission",
        "product": "verify",
        "remedy": "add it to the account's permissions",
    }


def test_a_dropped_parameter_and_an_absent_one() -> None:
    office = PipelineHarness()
    request = office.request("POST", "/verify/", {})
    answer = office.pipeline.handle(request.replace(body=request.body + b"&other=100%"))
    assert error(json.loads(answer.body))["fields"] == "data"
    assert office.entry().evidence == {
        "check": "required",
        "missing": ["data"],
        "remedy": "send data with a value",
        "malformed_percent_escape_in": ["other"],
    }


# -- files
# -------------------------------------------------------------------------------------------------------
def upload(
    settings: dict[str, Any], signed: dict[str, str], content: bytes = b"\xff\xd8\xff", name: str = "file"
) -> PipelineHarness:
    """An office that has received a document; ``signed``: what is signed beyond the usual."""
    office = PipelineHarness(settings=settings)
    fields = {"data": '{"consent":"Yes"}', "key": KEY, "nonce": "n", "timestamp": "1700000000000"}
    fields["signature"] = digest(SECRET, "/doc/runcheck/", {**fields, **signed})
    kind, body = multipart(fields, {name: ("ā.jpg", content)})
    office.pipeline.handle(Request("POST", "/doc/runcheck/", "", {"content-type": kind}, body))
    return office


UPLOADS: dict[str, tuple[dict[str, Any], dict[str, str], dict[str, Any], str]] = {
    "not signed": ({}, {}, {}, ""),
    "signed by its name": ({}, {"file": "ā.jpg"}, {}, ""),
    "signed by its name, against the setting": ({"signed_file": "never"}, {"file": "ā.jpg"}, {}, "106"),
    "not signed, with the setting": ({"signed_file": "never"}, {}, {}, ""),
    "signed by another name": ({}, {"file": "b.jpg"}, {}, "106"),
    "empty": ({}, {}, {"content": b""}, "102"),
    "under another name": ({}, {}, {"name": "picture"}, "102"),
}


@pytest.mark.parametrize(("settings", "signed", "file", "code"), UPLOADS.values(), ids=UPLOADS)
def test_an_upload_passes_the_gate(
    settings: dict[str, Any], signed: dict[str, str], file: dict[str, Any], code: str
) -> None:
    assert upload(settings, signed, **file).entry().error == code


@pytest.mark.parametrize(("case", "accepted"), [("any", True), ("lower", False)])
@pytest.mark.parametrize("signed", [{}, {"file": "ā.jpg"}], ids=["fields", "fields and file"])
def test_a_signature_in_capitals(case: str, accepted: bool, signed: dict[str, str]) -> None:
    office = PipelineHarness(settings={"signature_case": case})
    fields = {"data": '{"consent":"Yes"}', "key": KEY, "nonce": "n", "timestamp": "1700000000000"}
    fields["signature"] = digest(SECRET, "/doc/runcheck/", {**fields, **signed}).upper()
    kind, body = multipart(fields, {"file": ("ā.jpg", b"\xff\xd8\xff")})
    office.pipeline.handle(Request("POST", "/doc/runcheck/", "", {"content-type": kind}, body))
    assert office.entry().error == ("" if accepted else "106")


def test_a_repeated_field_is_signed_twice_with_a_file_signed_by_name() -> None:
    office = PipelineHarness()
    fields = {"data": '{"consent":"Yes"}', "key": KEY, "nonce": "n", "timestamp": "1700000000000"}
    text = (
        f"/doc/runcheck/data={fields['data']};file=ā.jpg;key={KEY};nonce=n;timestamp=1700000000000;x=1;x=2;"
    )
    fields["signature"] = digest(SECRET, text, {})
    kind, body = multipart({**fields, "x": "1"}, {"file": ("ā.jpg", b"\xff\xd8\xff")})
    again = b'--mark\r\nContent-Disposition: form-data; name="x"\r\n\r\n2\r\n--mark--\r\n'
    office.pipeline.handle(
        Request("POST", "/doc/runcheck/", "", {"content-type": kind}, body.replace(b"--mark--\r\n", again))
    )
    assert office.entry().error == ""


# -- the nonce's record
# ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("settings", "expires"),
    [({}, float("inf")), ({"nonce_memory": "1h"}, 1_700_003_600.0), ({"nonce_memory": 0}, 1_700_000_000.0)],
)
@pytest.mark.parametrize("by_refusals", [True, False])
def test_the_record_of_a_used_nonce(settings: dict[str, Any], expires: float, by_refusals: bool) -> None:
    office = PipelineHarness(settings={**settings, "refusal_uses_nonce": by_refusals})
    office.send("POST", "/verify/", {**DATA, "nonce": "ñ"})
    claim = office.store.find_used("default", "cloudcheck nonce", "ñ")
    assert claim == UsedValue("cloudcheck nonce", "ñ", 1_700_000_000.0, expires, office.entry().id)


def test_an_age_is_counted_in_seconds_on_the_account_s_clock() -> None:
    office = PipelineHarness(settings={"timestamp_max_age": "15m"})
    office.store.update("default", lambda state: state._replace(clock=ClockState(frozen=1_800_000_000.0)))
    office.send("POST", "/verify/", {**DATA, "timestamp": "1799999100000"})
    assert office.entry().error == ""
    office.send("POST", "/verify/", {**DATA, "timestamp": "1799999099999"})
    assert office.entry().error == "103"


# -- who is recognised
# -------------------------------------------------------------------------------------------
SENDERS: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
    "known key": ({"key": KEY}, {}, "default"),
    "known key of another account": ({"key": "test-ōtautahi"}, {}, "test-ōtautahi"),
    "known key in the header": ({}, {"x-api-key": "test-a"}, "test-a"),
    "parameter before header": ({"key": "test-b"}, {"x-api-key": "test-a"}, "test-b"),
    "unknown key with a signature": ({"key": "nobody", "signature": "s"}, {}, "default"),
    "nothing": ({}, {}, ""),
    "unknown key": ({"key": "nobody"}, {}, ""),
    "signature alone": ({"signature": "s"}, {}, ""),
}


@pytest.mark.parametrize(("params", "headers", "account"), SENDERS.values(), ids=SENDERS)
def test_the_sender_of_a_request_to_an_unknown_path(
    params: dict[str, str], headers: dict[str, str], account: str
) -> None:
    """An account is entered by its key, and a signed request is taken for this vendor's; empty: the request
    is not recognised."""
    office = PipelineHarness()
    context = RequestContext(
        office.services,
        Request("POST", "/verfy/", "", {"content-type": FORM, **headers}, form(params).encode()),
        "",
        NOW,
    )
    assert office.provider.recognise(context) is bool(account)
    assert (context.account.name if context.entered else "default") == (account or "default")
