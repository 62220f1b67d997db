"""Nothing of the invented people and secrets is left in what the recorder and the calibration write, however it came and
however the service repeats it; and an answer keeps its structure."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from datetime import date
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

import pytest

from mock_server.core.http import Request
from mock_server.scenario.personal import personal
from mock_server.scenario.recording import RecordedExchange, RecordingRedactor
from mock_server.web.calibration.comparing import shape_of
from mock_server.web.calibration.redaction import ReportRedactor
from mock_server.web.recorder import documents
from tests.corpora.personal.people import ENCODERS, JWT, PEOPLE, PICTURE, SECRETS, Person, dates, leaks

BORN = {
    "macrons": date(1987, 3, 14),
    "apostrophes": date(1988, 2, 29),
    "australian": date(1979, 12, 1),
    "short": date(1991, 11, 3),
    "other scripts": date(1975, 6, 30),
    "german": date(1966, 7, 4),
    "markup": date(1990, 12, 31),
    "emoji": date(2001, 1, 9),
}
SHORT = {"version", "postcode", "bsb"}
"""Numbers too short to replace inside other texts; they are replaced where they stand alone."""


def document(person: Person) -> dict[str, Any]:
    """A request's, with each value where the vendors' requests have it."""
    return {
        "details": {
            "name": {"given": person["given"], "family": person["family"]},
            "dateofbirth": person["born"],
            "address": {"suburb": person["address"], "city": person["city"], "postcode": person["postcode"]},
            "driverslicence": {"number": person["licence"], "version": person.get("version", "123")},
            "passport": {"number": person["passport"]},
            "email": person["email"],
            "mobile": person["phone"],
        },
        "background": [
            {"ird_number": person["ird"]} if "ird" in person else {},
            {"nhi": person.get("nhi", ""), "medicare-card-number": person.get("medicare", "")},
            {"TaxFileNumber": person.get("tfn", ""), "bank_account": person.get("bank", ""), "BSB": person.get("bsb", "")},
            {"pan": person.get("card", ""), "ip_address": person.get("ip", ""), "image": PICTURE, "access_token": JWT},
        ],
    }  # fmt: skip


def fields(person: Person) -> dict[str, str]:
    """The same in a form."""
    return {
        "given": person["given"], "family": person["family"], "dob": person["born"], "address": person["address"],
        "city": person["city"], "licence": person["licence"], "passport_number": person["passport"],
        "email": person["email"], "phone": person["phone"], "postcode": person["postcode"], "image": PICTURE, "accessToken": JWT,
        **{name: person[name] for name in ("ird", "nhi", "medicare", "tfn", "ip") if name in person},
        **({"pan": person["card"]} if "card" in person else {}), **({"bankaccount": person["bank"]} if "bank" in person else {}),
    }  # fmt: skip


FORM = "application/x-www-form-urlencoded"


def multipart(person: Person) -> Request:
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields(person).items()
    )  # fmt: skip
    head = {"content-type": "multipart/form-data; boundary=b"}
    return Request("POST", "/", "", head, f"{parts}--b--\r\n".encode())


REQUESTS: Mapping[str, Callable[[Person], Request]] = {
    "JSON": lambda person: Request(
        "POST", "/", "", {"content-type": "application/json"}, json.dumps(document(person)).encode()
    ),
    "JSON in a form": lambda person: Request(
        "POST", "/", "", {"content-type": FORM}, urlencode({"data": json.dumps(document(person))}).encode()
    ),
    "a form": lambda person: Request("POST", "/", "", {"content-type": FORM}, urlencode(fields(person)).encode()),
    "a query": lambda person: Request("GET", "/", urlencode(fields(person)), {}, b""),
    "a multipart form": multipart,
    "compressed": lambda person: Request(
        "POST", "/", "", {"content-type": "application/json", "content-encoding": "gzip"},
        gzip.compress(json.dumps(document(person), ensure_ascii=False).encode()),
    ),
}  # fmt: skip

ANSWERS: Mapping[str, Callable[[str], Any]] = {
    "a member": lambda text: {"detail": text},
    "an error text": lambda text: {"error": {"message": f"The value '{text}' is not accepted (code 104)."}},
    "an address": lambda text: {"url": f"https://vendor.example/next?for={text}&step=2"},
    "a page": lambda text: f"<html><p>Sorry, {text}!</p></html>",
    "JSON in a text": lambda text: {"raw": json.dumps({"echo": [text]})},
    "the name of a member": lambda text: {"results": {text: {"score": 0.5}}},
    "a list": lambda text: [1, [text, None], {"deep": [{"echo": f"<{text}>"}]}],
    "a callback": lambda text: {"event": "verification.declined", "declined_reason": f"{text} differs"},
}


def planted(name: str) -> dict[str, str]:
    """What must not be read in anything that is written."""
    return {key: value for key, value in PEOPLE[name].items() if key not in SHORT}


def recorded_of(request: Request, answer: Any) -> RecordingRedactor:
    secrets = {value: name for name, value in SECRETS.items()}
    return RecordingRedactor(
        RecordedExchange("verify", {}, None, 200, answer, "", documents(request)), secrets
    )


@pytest.mark.parametrize("carrier", REQUESTS)
@pytest.mark.parametrize("name", PEOPLE)
def test_a_recording_has_nobody_in_it(name: str, carrier: str) -> None:
    person = PEOPLE[name]
    redactor = recorded_of(REQUESTS[carrier](person), None)
    places = cycle([*ANSWERS])
    for _ in range([*REQUESTS].index(carrier)):
        next(places)
    leaked = [
        (key, coding, place)
        for key, value in planted(name).items()
        for (coding, encode), place in zip(ENCODERS.items(), places)
        if leaks(json.dumps(redactor.value(ANSWERS[place](encode(value))), ensure_ascii=False), {key: value})
    ]
    assert leaked == []


@pytest.mark.parametrize("name", PEOPLE)
def test_a_report_has_nobody_in_it(name: str) -> None:
    person = PEOPLE[name]
    redactor = ReportRedactor({}, (), [document(person)])
    leaked = [
        (key, coding)
        for key, value in planted(name).items()
        for coding, encode in ENCODERS.items()
        if leaks(
            str(redactor.facts({f"body {encode(value)}": 1, "error message": f"no {encode(value)} here"})),
            {key: value},
        )
    ]
    assert leaked == []


@pytest.mark.parametrize("coding", ENCODERS)
def test_no_secret_is_left(coding: str) -> None:
    recording = recorded_of(Request("POST", "/", "", {}, b""), None)
    report = ReportRedactor({value: name for name, value in SECRETS.items()})
    for name, value in SECRETS.items():
        text = ENCODERS[coding](value)
        written = [recording.value(answer(text)) for answer in ANSWERS.values()]
        assert leaks(json.dumps(written, ensure_ascii=False), {name: value}) == []
        assert leaks(str(report.facts({"error message": f"no {text} here"})), {name: value}) == []


@pytest.mark.parametrize("name", PEOPLE)
def test_a_date_of_birth_is_found_however_it_is_written(name: str) -> None:
    redactor = recorded_of(REQUESTS["JSON"](PEOPLE[name]), None)
    for text in dates(BORN[name]):
        assert text not in redactor.value(f"born <{text}>, not 12"), text
        assert text not in redactor.name(f"of {text}"), text
    assert redactor.value("expires 2031-05-06") == "expires 2031-05-06"


@pytest.mark.parametrize("name", PEOPLE)
def test_values_stand_alone_under_their_names(name: str) -> None:
    """Where a service adds what no request had."""
    for body in (document(PEOPLE[name]), fields(PEOPLE[name])):
        redactor = recorded_of(Request("GET", "/", "", {}, b""), None)
        long = {key: value for key, value in PEOPLE[name].items() if len(value) > 2}
        text = json.dumps(redactor.value(body), ensure_ascii=False)
        assert leaks(text, long) == []
        assert [value for value in PEOPLE[name].values() if value in text] == []


UNKNOWN = {
    "email": "write to tāwhiri.ngāpōtiki@kāinga.example now",
    "email in an address": "https://vendor.example/?m=tamsin.okafor%40kainga.example",
    "mobile": "call +64 21 555 0187",
    "local number": "call 021 555 0187",
    "card": "paid with 4111 1111 1111 1111",
    "card with hyphens": "paid with 5500-0000-0000-0004",
    "IRD": "IRD 049-091-850",
    "Medicare": "card 2123 45670 1",
    "bank": "to 01-0902-0068389-00",
    "passport": "passport LA123456 expired",
    "birth": "born on 14 March 1987",
    "birth in digits": "DOB: 14/03/1987",
    "IPv4": "seen from 203.0.113.77",
    "IPv6": "seen from 2001:db8::8:800:200c:417a",
    "Basic": "Authorization: Basic UmVhbEtleTpyZWFsIHNlY3JldA==",
    "Bearer": "Bearer 7f3b9c0a1d2e",
    "JWT": f"token {JWT}",
    "picture": f"<img src='data:image/png;base64,{PICTURE}'>",
}
GONE = ("ngāpōtiki", "okafor", "555 0187", "1111", "0004", "850", "45670", "0068389", "LA123456", "1987", "203.0", "2001:db8", "UmVh",
        "7f3b9c", "eyJz", "iVBOR")  # fmt: skip


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=list(UNKNOWN))
def test_a_form_is_enough(text: str) -> None:
    assert any(part in text for part in GONE)
    written = recorded_of(Request("GET", "/", "", {}, b""), None).value(text), ReportRedactor({}).text(text)
    assert [part for part in GONE if part in text and any(part in each for each in written)] == []


ORDINARY = (
    "2026-11-29T10:00:00.123Z", "verification.accepted", "error 106: signature does not match", "SPDR03", "1700000000000", "12:30:45",
    "version 1.2.3", "bearer token is missing", "Basic authentication is required", "https://vendor.example/verify/response/",
    "3f7a", "pageSize=20&cursor=10", "Street and number are mandatory", "application/json; charset=utf-8",
)  # fmt: skip


@pytest.mark.parametrize("text", ORDINARY)
def test_what_is_nobodys_stays(text: str) -> None:
    assert ReportRedactor({"real-secret-1": "secret"}).text(text) == text
    assert recorded_of(REQUESTS["JSON"](PEOPLE["short"]), None).value(text) == text


def test_an_answer_keeps_its_structure() -> None:
    answer = {
        "verification": {"error": 0, "verificationSuccess": True, "score": 0.25, "none": None, "empty": [], "nothing": {}},
        "sources": [{"name": "Registry", "success": True, "reason": "Tāwhirimātea is known"}, {"success": False}],
        "details": document(PEOPLE["macrons"])["details"],
        "phone": 64215550187,
    }  # fmt: skip
    redactor = recorded_of(REQUESTS["JSON"](PEOPLE["macrons"]), None)
    written = redactor.value(answer)
    kinds = shape_of(answer)
    assert {path: kind for path, kind in shape_of(written).items() if path != "phone"} == {
        path: kind for path, kind in kinds.items() if path != "phone"
    }
    assert written["verification"] == answer["verification"]
    assert [source.get("name") for source in written["sources"]] == ["Registry", None]


def test_credentials_of_headers_are_known() -> None:
    head = {
        "authorization": "Basic cmVhbC11c2VyLTE6aHVudGVyLTIyMg==",
        "cookie": "sid=abcdef-1; theme=dark-one",
    }
    redactor = recorded_of(Request("GET", "/", "", head, b""), None)
    text = json.dumps(redactor.value("real-user-1 hunter-222 abcdef-1 cmVhbC11c2VyLTE6aHVudGVyLTIyMg=="))
    assert leaks(text, {"user": "real-user-1", "password": "hunter-222", "cookie": "abcdef-1"}) == []
    assert len({known.text for known in personal(head)}) >= 5
