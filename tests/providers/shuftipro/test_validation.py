"""Every parameter rule: the first one that is broken is the one refusal, in the vendor's shape."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from mock_server.providers.shuftipro.services import COMMON, SERVICES, ServiceField, fields
from tests.providers.shuftipro.harness import AML, JPEG, PDF, PICTURE, VIDEO, ShuftiHarness, json_of, signed

LONG = "x" * 300
BIG = PICTURE[:54] + "A" * (23 << 20)

BROKEN: dict[str, list[tuple[Any, str]]] = {
    "text": [
        (5, "The {} must be a string."),
        ([], "The {} must be a string."),
        (True, "The {} must be a string."),
    ],
    "country": [
        ("DEU", "The {} must be 2 characters."),
        ("XX", "The selected {} is invalid."),
        (49, "The {} must be a string."),
    ],
    "email": [
        ("not-an-email", "The {} must be a valid email address."),
        ("a b@c.test", "The {} must be a valid email address."),
    ],
    "url": [
        ("localhost:3000/hook", "The {} format is invalid."),
        ("ftp://a.test/x", "The {} format is invalid."),
        ("http://", "The {} format is invalid."),
    ],
    "phone": [("call me", "The {} format is invalid."), ("+44 20 7946", "The {} format is invalid.")],
    "choice": [
        ("sideways", "The selected {} is invalid."),
        (1, "The selected {} is invalid."),
        ([], "The selected {} is invalid."),
    ],
    "gender": [("X", "The selected {} is invalid."), (1, "The selected {} is invalid.")],
    "flag": [
        ("2", "The selected {} is invalid."),
        ("yes", "The selected {} is invalid."),
        (2, "The selected {} is invalid."),
        ({}, "The selected {} is invalid."),
    ],
    "list": [("passport", "The {} must be an array."), (3, "The {} must be an array.")],
    "filters": [
        ("pep", "The {} must be an array."),
        (["sanctions"], "The selected {} is invalid."),
        ([3], "The selected {} is invalid."),
    ],
    "countries": [("DE", "The {} must be an array."), (["XX"], "The selected {} is invalid.")],
    "number": [
        ("high", "The {} must be a number."),
        (101, "The {} must be between 0 and 100."),
        (-1, "The {} must be between 0 and 100."),
    ],
    "minutes": [
        ("soon", "The {} must be an integer."),
        (1.5, "The {} must be an integer."),
        (0, "The {} must be at least 1."),
        (43201, "The {} may not be greater than 43200."),
    ],
    "age": [
        ("old", "The {} must be a number."),
        (0, "The {} must be between 1 and 170."),
        ({"min": 5, "max": 171}, "The {} must be between 1 and 170."),
    ],
    "date": [
        ("11.03.2021", "The {} does not match the format Y-m-d."),
        ("2021-02-30", "The {} does not match the format Y-m-d."),
        (2021, "The {} does not match the format Y-m-d."),
    ],
    "past": [
        ("11/03/1980", "The {} does not match the format Y-m-d."),
        ("2999-01-01", "The {} must be a date before today."),
    ],
    "name": [("Otto", "The {} must be an array."), (5, "The {} must be an array.")],
    "object": [("yes", "The {} must be an array.")],
    "image": [
        (5, "The {} must be a string."),
        ("data:text/html;base64,AAAA", "The {} must be a file of type: jpeg, jpg, png, pdf."),
        ("data:image/png;base64,", "The {} must be a file of type: jpeg, jpg, png, pdf."),
        ("https://files.test/a.png", "The {} must be a file of type: jpeg, jpg, png, pdf."),
        (BIG, "The {} may not be greater than 16384 kilobytes."),
    ],
    "face": [
        ("data:text/html;base64,AAAA", "The {} must be a file of type: jpeg, jpg, png, pdf, mp4, mov."),
        (BIG, "The {} may not be greater than 16384 kilobytes."),
    ],
    "proofs": [
        ("certificate", "The {} must be an array."),
        (
            [{"label": "certificate", "file": "aGVsbG8gd29ybGQ="}],
            "The {} must be a file of type: jpeg, jpg, png, pdf.",
        ),
    ],
    "any": [],
}
"""Kind of a parameter → values that it cannot have, and what is said then."""


def _limits(field: ServiceField) -> list[tuple[Any, str]]:
    """Too short and too long, where the field has such limits."""
    cases: list[tuple[Any, str]] = []
    if field.kind in ("text", "email", "url", "phone"):
        if field.low > 1:
            cases.append(("1" * (field.low - 1), f"The {{}} must be at least {field.low} characters."))
        if field.high:
            cases.append(
                ("1" * (field.high + 1), f"The {{}} may not be greater than {field.high} characters.")
            )
    if field.pattern:
        cases.append(("a*b" + "c" * field.low, "The {} format is invalid."))
    if field.kind == "list" and field.values:
        cases.append((["parchment"], "The selected {} is invalid."))
    return cases


def _cases(service: str, fields: tuple[ServiceField, ...], inside: str = "") -> list[Any]:
    cases = []
    for field in fields:
        for number, (value, message) in enumerate([*BROKEN[field.kind], *_limits(field)]):
            said = message.format(field.key.replace("_", " "))
            name = ".".join(part for part in (service, inside, field.key) if part)
            cases.append(pytest.param(service, inside, field.key, value, said, id=f"{name}-{number}"))
        if field.fields:
            cases += _cases(service, field.fields, field.key)
    return cases


CASES = [
    *_cases("", COMMON[1:]),
    *(case for name, service in SERVICES.items() for case in _cases(name, service.fields)),
]
COMPLETE: dict[str, dict[str, Any]] = {
    **{name: {} for name in SERVICES},
    "consent": {"text": "I agree"},
    "background_checks": {"name": {"first_name": "Ingrid"}},
    "aml_for_businesses": {"business_name": "Mock Ltd"},
    "kyb": {"company_name": "Mock Ltd"},
    "email_verify": {"email": "a@b.test"},
}


@pytest.fixture(scope="module", name="shop")
def one_shop() -> ShuftiHarness:
    return ShuftiHarness()


def refusal(shop: ShuftiHarness, body: Any, status: int = 400) -> dict[str, Any]:
    response = shop.ask(body)
    answer: dict[str, Any] = json_of(response)
    assert status == response.status, answer
    assert signed(response, shop.secret)
    assert list(answer) == ["reference", "event", "error", "email", "country"]
    assert answer["event"] == "request.invalid"
    assert list(answer["error"]) == ["service", "key", "message"]
    return answer


@pytest.mark.parametrize(("service", "inside", "key", "value", "message"), CASES)
def test_a_broken_rule_is_named(
    shop: ShuftiHarness, service: str, inside: str, key: str, value: Any, message: str
) -> None:
    fields = {inside: {key: value}} if inside else {key: value}
    body: dict[str, Any] = {**AML, **fields}
    if service:
        body = {service: {**COMPLETE[service], **fields}}
    error = refusal(shop, body)["error"]
    assert error == {"service": service, "key": key, "message": message}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_to_be_an_object(shop: ShuftiHarness, service: str) -> None:
    error = refusal(shop, {service: 5})["error"]
    assert {
        "service": service,
        "key": "",
        "message": f"The {service.replace('_', ' ')} must be an array.",
    } == error


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("empty", ["", [], {}, None], ids=repr)
def test_the_key_alone_switches_a_service_on(shop: ShuftiHarness, service: str, empty: Any) -> None:
    response = shop.ask({service: empty})
    assert response.status == (200 if COMPLETE[service] == {} else 400)


@pytest.mark.parametrize(
    ("body", "service", "key"),
    [
        ({"reference": "", **AML}, "", "reference"),
        ({"reference": None, **AML}, "", "reference"),
        ({"consent": {}}, "consent", "text"),
        ({"background_checks": {}}, "background_checks", "name"),
        ({"background_checks": {"name": {"last_name": "X"}}}, "background_checks", "first_name"),
        ({"aml_for_businesses": ""}, "aml_for_businesses", "business_name"),
        ({"kyb": {}}, "kyb", "company_name"),
        ({"kyb": {"company_registration_number": "1"}}, "kyb", "company_name"),
        ({"email_verify": {}}, "email_verify", "email"),
    ],
    ids=repr,
)
def test_what_is_missing_is_named(shop: ShuftiHarness, body: Any, service: str, key: str) -> None:
    error = refusal(shop, body)["error"]
    assert {
        "service": service,
        "key": key,
        "message": f"The {key.replace('_', ' ')} field is required.",
    } == error
    paying = ShuftiHarness(missing_status=402)
    assert error == refusal(paying, body, 402)["error"]


@pytest.mark.parametrize(
    ("reference", "says"),
    [("abc", "at least 6"), ("x" * 251, "greater than 250"), (123456, "must be a string")],
)
def test_a_text_that_is_refused_as_reference_is_echoed(
    shop: ShuftiHarness, reference: Any, says: str
) -> None:
    answer = refusal(shop, {"reference": reference, "email": "a@b.test", "country": "DE", **AML})
    assert says in answer["error"]["message"]
    echoed = reference if isinstance(reference, str) else ""
    assert (answer["reference"], answer["email"], answer["country"]) == (echoed, "a@b.test", "DE")


DOCUMENTED = {
    "reference": (6, 250),
    "email": (6, 128),
    "callback_url": (6, 250),
    "redirect_url": (6, 250),
    "document.document_number": (2, 100),
    "document.name.first_name": (1, 32),
    "address.full_address": (6, 250),
    "consent.text": (2, 100),
    "phone.phone_number": (6, 64),
    "phone.random_code": (2, 10),
    "phone.text": (2, 100),
    "background_checks.name.last_name": (1, 32),
    "aml_for_businesses.business_name": (1, 255),
}
"""Lengths of the vendor's current pages; older ones have others for some."""


@pytest.mark.parametrize("path", DOCUMENTED)
def test_a_length_is_the_one_of_the_current_page(path: str) -> None:
    field = dict(fields())[path]
    assert (field.low, field.high) == DOCUMENTED[path]


@pytest.mark.parametrize(("length", "status"), [(5, 400), (6, 200), (250, 200), (251, 400)])
def test_the_length_of_an_address(shop: ShuftiHarness, length: int, status: int) -> None:
    address = {"proof": PICTURE, "full_address": "4" * length}
    assert shop.ask({"address": address}).status == status


SENT = {"reference": "ref-échoed", "email": "a@b.test", "country": "DE"}
ECHOED: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "unknown path": ("POST", "/statuss", SENT, 404),
    "another method": ("PUT", "/", SENT, 404),
    "status of nobody": ("POST", "/status", SENT, 400),
    "delete of nobody": ("POST", "/delete", {**SENT, "comment": "customer asked"}, 400),
    "delete with a short reference": ("POST", "/delete", {**SENT, "reference": "é"}, 400),
    "no service": ("POST", "/", SENT, 400),
    "older base": ("POST", "/api/status", SENT, 400),
}


@pytest.mark.parametrize(("method", "path", "body", "status"), ECHOED.values(), ids=ECHOED)
def test_a_refusal_names_the_request(
    shop: ShuftiHarness, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    response = shop.send(method, path, body)
    answer = json_of(response)
    assert (response.status, *[answer[key] for key in SENT]) == (status, *[body[key] for key in SENT])


def test_a_refusal_before_the_checks_names_the_request() -> None:
    shop = ShuftiHarness(rate_limit=1, rate_limit_body="envelope")
    shop.ask(AML)
    answer = json_of(shop.ask({**SENT, **AML}))
    assert (answer["error"]["message"], answer["reference"]) == ("Too Many Attempts.", SENT["reference"])


def test_a_refusal_of_an_unknown_client_names_nothing(shop: ShuftiHarness) -> None:
    """As the vendor's sample of request.unauthorized."""
    answer = json_of(shop.send("POST", "/status", SENT, headers={"authorization": "Basic bm9ib2R5Ong="}))
    assert [answer[key] for key in SENT] == ["", None, None]


@pytest.mark.parametrize(
    "reference", ["SP_REQUEST_0.42", "KYB_REQUEST_0.94.1-2", "ж" * 6, "with space", 'quo"te/', "x" * 250]
)
def test_a_reference_may_have_any_characters(reference: str) -> None:
    shop = ShuftiHarness()
    assert json_of(shop.ask({"reference": reference, **AML}))["reference"] == reference
    assert shop.status(reference)["event"] == "verification.accepted"


@pytest.mark.parametrize("flag", ["0", "1", 0, 1, True, False])
def test_flags_may_be_text_number_or_boolean(flag: Any) -> None:
    assert ShuftiHarness().ask({"show_consent": flag, **AML}).status == 200
    assert (200 if isinstance(flag, str) else 400) == ShuftiHarness(flags_strict=True).ask(
        {"show_consent": flag, **AML}
    ).status


@pytest.mark.parametrize(
    "body",
    [
        {"country": "", "email": "", "language": "", "callback_url": "", "redirect_url": ""},
        {"country": None, "email": None, "callback_url": None},
        {
            "country": "de",
            "language": "en",
            "ttl": "30",
            "verification_mode": "any",
            "initiated_source": "sdk",
            "stray": {"a": [1]},
        },
        {
            "document": {
                "proof": PICTURE,
                "supported_types": ["passport"],
                "name": "",
                "dob": "",
                "age": {"min": 18, "max": ""},
            }
        },
        {
            "document": {
                "name": {"first_name": "Zoë", "last_name": "O’Neill-Ångström, Jr."},
                "dob": "1990-01-01",
                "document_number": "AB-1.2_3, 4",
            }
        },
        {
            "document": {
                "proof": "iVBORw0KGgo=",
                "additional_proof": JPEG,
                "gender": "f",
                "verification_instructions": {"allow_scanned": "1"},
            }
        },
        {"face": {"proof": VIDEO, "age": 30}},
        {"kyb": {"proofs": [{"label": "certificate", "file": PDF}, {"label": "register"}]}},
        {
            "address": {
                "full_address": "Mustergasse 4-6, #3, 1010 Wien",
                "supported_types": ["any"],
                "address_fuzzy_match": "1",
            }
        },
        {
            "background_checks": {
                "name": {"full_name": "A B"},
                "filters": ["adverse-media-fraud", "pep"],
                "match_score": "80",
                "countries": ["de"],
            }
        },
        {"kyb": {"company_registration_number": "1", "company_jurisdiction_code": "ae_az"}},
        {"phone": {"phone_number": "+440000000000", "random_code": "12345", "text": "Your code is 12345"}},
        {"journey_id": "abc"},
        {
            "callback_url": "http://localhost:3000/hook?a=1#b",
            "redirect_url": "https://user:pw@[::1]:8443/x/ä",
        },
        {"email": "someone@localhost"},
    ],
    ids=lambda body: ",".join(body),
)
def test_what_is_valid_passes(body: dict[str, Any]) -> None:
    services = {} if set(body) & {*SERVICES, "journey_id"} else AML
    response = ShuftiHarness().ask({**services, **body})
    assert response.status == 200, response.body


def test_a_request_without_any_service_is_refused(shop: ShuftiHarness) -> None:
    assert refusal(shop, {"country": "DE"})["error"]["message"] == "The request has no verification service."


def test_the_first_broken_rule_in_order_is_the_one(shop: ShuftiHarness) -> None:
    body = {
        "document": {"dob": "x"},
        "face": {"age": "x"},
        "email": "x@",
        "country": "XX",
        "reference": "bad",
    }
    for key, repaired in (
        ("reference", "ref-in-order"),
        ("country", "DE"),
        ("email", "a@b.test"),
        ("face", {}),
        ("document", {}),
    ):
        error = refusal(shop, body)["error"]
        assert key in (error["key"], error["service"])
        body[key] = repaired
    assert shop.ask(body).status == 200


@pytest.mark.parametrize(("setting", "status"), [({}, 400), ({"duplicate_status": 409}, 409)])
def test_a_reference_can_be_used_once(setting: dict[str, Any], status: int) -> None:
    shop = ShuftiHarness(**setting)
    shop.ask({"reference": "ref-twice", **AML})
    again = shop.ask({"reference": "ref-twice", "country": "", **AML})
    assert again.status == status
    assert again.body.decode() == (
        '{"reference":"ref-twice","event":"request.invalid","error":{"service":"","key":"reference",'
        '"message":"The reference has already been taken."},"email":null,"country":""}'
    )
    shop.send("POST", "/delete", {"reference": "ref-twice", "comment": "not needed"})
    assert shop.ask({"reference": "ref-twice", **AML}).status == status


def test_a_refused_request_consumes_nothing(shop: ShuftiHarness) -> None:
    refusal(shop, {"reference": "ref-consumed", "country": "XX", **AML})
    assert shop.ask({"reference": "ref-consumed", **AML}).status == 200


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("https://app.shop.test/hook", False),
        ("https://shop.test:8443/hook", False),
        ("http://SHOP.test/", False),
        ("https://badshop.test/", True),
        ("https://shop.test.evil.test/", True),
    ],
)
@pytest.mark.parametrize("key", ["callback_url", "redirect_url"])
def test_domains_have_to_be_registered_where_some_are(key: str, url: str, refused: bool) -> None:
    shop = ShuftiHarness(accounts={"acme": {"callback_domains": ["shop.test", "127.0.0.1"]}})
    shop.client, shop.secret = "acme", "acme-secret"
    response = shop.ask({key: url, **AML})
    assert (400 if refused else 200) == response.status
    if refused:
        assert {
            "service": "",
            "key": key,
            "message": f"The {key.replace('_', ' ')} domain is not registered.",
        } == json_of(response)["error"]


@pytest.mark.parametrize(("setting", "status"), [({}, 403), ({"service_status": 400}, 400)])
def test_services_have_to_be_allowed_where_some_are(setting: dict[str, Any], status: int) -> None:
    shop = ShuftiHarness(accounts={"acme": {"services": ["background_checks"]}}, **setting)
    shop.client, shop.secret = "acme", "acme-secret"
    assert shop.ask(AML).status == 200
    refused = shop.ask({"face": {"age": "x"}, **AML})
    assert refused.status == status
    assert json_of(refused)["error"] == {
        "service": "face",
        "key": "",
        "message": "Forbidden: service not allowed",
    }


def uri(media: str, content: bytes) -> str:
    return f"data:{media};base64,{b64encode(content).decode()}"


MP4 = b"\0\0\0\x18ftyp"
CONTENTS: list[tuple[str, bytes, str]] = [
    ("JPEG", b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
    ("JPEG with Exif", b"\xff\xd8\xff\xe1\0\x18Exif\0\0", "image/jpeg"),
    ("PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
    ("PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "application/pdf"),
    ("MP4", MP4 + b"isom\0\0\2\0", "video/mp4"),
    ("MP4 of a phone", MP4 + b"mp42\0\0\0\0", "video/mp4"),
    ("MOV", b"\0\0\0\x14ftypqt  \0\0\0\0", "video/quicktime"),
    ("old MOV", b"\0\0\0\x08wide\0\0\1\0mdat", "video/quicktime"),
    ("text", b"Kia ora, this is a plain text.", ""),
    ("text that begins as a JPEG in Latin-1", "ÿØ is Norwegian".encode("latin-1"), ""),
    ("HTML", b"<!doctype html><html><body>404</body></html>", ""),
    ("JSON", b'{"error":"not found"}', ""),
    ("GIF", b"GIF89a\1\0\1\0\x80\0\0", ""),
    ("ZIP", b"PK\x03\x04\x14\0\0\0\x08\0", ""),
    ("WebP", b"RIFF\x1a\0\0\0WEBPVP8L", ""),
    ("HEIC", MP4 + b"heic\0\0\0\0mif1", ""),
    ("AVIF", MP4 + b"avif\0\0\0\0", ""),
    ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
    ("half a PNG signature", b"\x89PNG", ""),
    ("a PDF behind text", b"text, then %PDF-1.7", ""),
]


@pytest.mark.parametrize(("name", "content", "media"), CONTENTS, ids=[row[0] for row in CONTENTS])
@pytest.mark.parametrize("declared", [None, "image/png", "image/jpeg", "application/pdf"])
def test_a_proof_is_what_its_first_bytes_say(
    name: str, content: bytes, media: str, declared: str | None
) -> None:
    proof = b64encode(content).decode() if declared is None else uri(declared, content)
    shop = ShuftiHarness()
    for service, types in (("document", "jpeg, jpg, png, pdf"), ("face", "jpeg, jpg, png, pdf, mp4, mov")):
        response = shop.ask({"reference": f"ref-{service}", service: {"proof": proof}})
        if media and (service == "face" or not media.startswith("video/")):
            assert (response.status, shop.record(f"ref-{service}").services[service]["proof"]) == (200, media)
        else:
            refused = {
                "service": service,
                "key": "proof",
                "message": f"The proof must be a file of type: {types}.",
            }
            assert (400, refused) == (response.status, json_of(response)["error"])
    assert ShuftiHarness(check_proofs=False).ask({"document": {"proof": proof}}).status == 200


@pytest.mark.parametrize(
    ("proof", "explanation"),
    [
        (
            uri("image/gif", b"GIF89a\1\0\1\0"),
            "The first bytes, 47 49 46 38 39 61 01 00 (GIF89a..), are of no accepted type.",
        ),
        (
            uri("image/png", b"<!doctype html>"),
            "The first bytes, 3c 21 64 6f 63 74 79 70 (<!doctyp), are of no accepted type.",
        ),
        (PICTURE.replace("image/png", "text/html"), "text/html is not an accepted type here."),
        (VIDEO, "video/mp4 is not an accepted type here."),
        ("data:image/png;base64,", "The file is empty."),
        ("https://files.test/a.png", "The text is not base64: it has other characters."),
    ],
)
def test_a_refused_proof_is_explained(proof: str, explanation: str) -> None:
    shop = ShuftiHarness()
    assert shop.ask({"document": {"proof": proof}}).status == 400
    evidence = shop.entry().evidence
    assert evidence is not None
    assert (evidence["check"], evidence["explanation"]) == ("proof", explanation)
    assert evidence["remedy"] == "Send a jpeg, jpg, png, pdf as base64, or set check_proofs: false."


@pytest.mark.parametrize("sides", [["additional_proof"], ["proof", "additional_proof"]])
def test_the_back_side_is_checked_as_well(sides: list[str]) -> None:
    error = json_of(
        ShuftiHarness().ask({"address": dict.fromkeys(sides, uri("image/png", b"GIF89a\1\0\1\0"))})
    )["error"]
    assert ("address", sides[0]) == (error["service"], error["key"])


def test_base64_may_be_broken_into_lines() -> None:
    lines = "\r\n".join(PICTURE.partition(",")[2][start : start + 12] for start in range(0, 96, 12))
    shop = ShuftiHarness()
    assert shop.ask({"reference": "ref-lines", "document": {"proof": lines}}).status == 200
    assert shop.record("ref-lines").services["document"]["proof"] == "image/png"


def test_the_files_of_a_company_are_not_kept() -> None:
    shop = ShuftiHarness()
    shop.ask(
        {
            "reference": "ref-kyb",
            "kyb": {"proofs": [{"label": "certificate", "file": PDF}, {"label": "register", "file": JPEG}]},
        }
    )
    proofs = [
        {"label": "certificate", "file": "application/pdf"},
        {"label": "register", "file": "image/jpeg"},
    ]
    assert proofs == shop.record("ref-kyb").services["kyb"]["proofs"]


def test_charsets_and_files_can_be_left_unchecked() -> None:
    shop = ShuftiHarness(check_charsets=False, check_proofs=False)
    assert (
        shop.ask(
            {"document": {"proof": "***", "name": {"first_name": "4real"}, "document_number": "#1"}}
        ).status
        == 200
    )


# -- status and delete
# -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/status", "/delete"])
@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (None, "The reference field is required."),
        ("abc", "The reference must be at least 6 characters."),
        ("unknown-ref", "The selected reference is invalid."),
    ],
)
def test_a_reference_has_to_be_known(shop: ShuftiHarness, path: str, reference: Any, message: str) -> None:
    response = shop.send("POST", path, {"reference": reference, "comment": "because"})
    answer = json_of(response)
    assert (
        response.status,
        answer["event"],
        answer["error"]["key"],
        answer["error"]["message"],
    ) == (400, "request.invalid", "reference", message)


def test_another_accounts_reference_is_unknown(shop: ShuftiHarness) -> None:
    shop.ask({"reference": "ref-mine", **AML})
    foreign = ShuftiHarness()
    foreign.pipeline, foreign.store = shop.pipeline, shop.store
    foreign.client, foreign.secret = "test-other", "test-other-secret"
    assert foreign.status("ref-mine")["error"]["message"] == "The selected reference is invalid."
    assert foreign.ask({"reference": "ref-mine", **AML}).status == 200


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        (None, "The comment field is required."),
        ("x", "The comment must be at least 5 characters."),
        ("x" * 201, "The comment may not be greater than 200 characters."),
        (5, "The comment must be a string."),
    ],
)
def test_a_deletion_needs_a_comment(shop: ShuftiHarness, comment: Any, message: str) -> None:
    json_of(shop.ask({"reference": "ref-comment", **AML}))
    error = json_of(shop.send("POST", "/delete", {"reference": "ref-comment", "comment": comment}))["error"]
    assert error == {"service": "", "key": "comment", "message": message}


def test_the_unknown_status_is_a_setting() -> None:
    assert (
        ShuftiHarness(unknown_status=404).send("POST", "/status", {"reference": "unknown-ref"}).status == 404
    )


def test_a_form_can_be_refused_by_its_content_type() -> None:
    form = b"reference=ref-form-1&background_checks[name][first_name]=Ingrid"
    headers = {"content-type": "text/plain"}
    assert ShuftiHarness().send("POST", "/", form, headers=headers).status == 200
    shop = ShuftiHarness(parse_by_content_type=True)
    assert shop.send("POST", "/", form, headers=headers).status == 400
    evidence = shop.entry().evidence
    assert evidence is not None
    assert evidence["check"] == "content-type-differs"


def test_a_request_without_a_service_says_what_to_send() -> None:
    shop = ShuftiHarness(missing_status=402)
    assert shop.ask({"country": "DE"}).status == 402
    assert shop.entry().evidence == {"check": "services", "remedy": f"send one of {', '.join(SERVICES)}"}


def test_only_what_is_missing_has_the_status_of_what_is_missing() -> None:
    shop = ShuftiHarness(missing_status=402)
    assert shop.ask({"country": "Aotearoa", **AML}).status == 400
    assert shop.ask({"email_verify": {"email": "mere@"}}).status == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"background_checks": {}, "document": {}}, 200),
        ({"background_checks": {}, "document": ""}, 200),
        ({"background_checks": {}, "face": {}}, 400),
        ({"email_verify": {}, "document": {}}, 400),
        ({"background_checks": {}}, 400),
    ],
)
def test_names_of_a_background_check_come_from_the_document(body: dict[str, Any], status: int) -> None:
    assert ShuftiHarness().ask(body).status == status


def test_the_evidence_of_a_refused_proof_names_its_parameter() -> None:
    shop = ShuftiHarness()
    shop.ask({"document": {"additional_proof": "not base64!"}})
    evidence = shop.entry().evidence
    assert evidence is not None
    assert evidence["key"] == "additional_proof"


@pytest.mark.parametrize("url", ["https://other.test/hook", "https://[fe80:::]/hook", "http://a\u2100b/hook"])
def test_the_evidence_of_an_unregistered_domain(url: str) -> None:
    shop = ShuftiHarness(accounts={"acme": {"callback_domains": ["shop.test", "māori.test"]}})
    shop.client, shop.secret = "acme", "acme-secret"
    assert shop.ask({"callback_url": url, **AML}).status == 400
    assert shop.entry("acme").evidence == {
        "check": "callback_url",
        "remedy": "use shop.test, māori.test, or register it in callback_domains",
    }
