"""The callback doctor: each known mistake is named, alone and beside others; and why a request was not
authorized."""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from mock_server.core.http import Request
from mock_server.diagnosis.mistakes import MISTAKES
from mock_server.diagnosis.recipe import OtherSecret
from mock_server.providers.context import UnitOfWork
from mock_server.providers.shuftipro import signing
from mock_server.providers.shuftipro.diagnosis import Around, explain_callback
from mock_server.providers.shuftipro.mistakes import PROFILES
from tests.providers.shuftipro.harness import AML, ShuftiHarness, json_of

SECRET = "$2y$10$Mock.Secret/With$Dollars"
BODY = rb'{"reference":"r-1","event":"verification.accepted","url":"https:\/\/a\/b","data":{"z":"Zo\u00eb \u00bd","a":[]}}'


def sha(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def inner(secret: str = SECRET) -> bytes:
    return sha(secret.encode()).encode()


def dumped(**options: Any) -> bytes:
    return json.dumps(json.loads(BODY), **options).encode()


COMPACT = {"separators": (",", ":")}
TEXT = BODY.decode()
RAW = json.dumps(json.loads(BODY), ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
OTHERS = (
    OtherSecret("the secret_key of account acme", "acme-secret"),
    OtherSecret("the secret of cloudcheck, account default", "mock-secret-not-real"),
)
FORM = urlencode(
    {"reference": "r-1", "event": "verification.accepted", "url": "https://a/b", "data[z]": "Zoë ½"}
).encode()
AROUND = Around("acme-client", OTHERS)
WRONG: dict[str, list[Callable[[], str]]] = {
    "json-rewritten": [
        lambda: sha(dumped() + inner()),
        lambda: sha(dumped(indent=4) + inner()),
        lambda: sha(dumped(**COMPACT) + inner()),
        lambda: sha(dumped(**COMPACT, sort_keys=True).replace(b"/", b"\\/") + inner()),
        lambda: sha(RAW.encode() + inner()),
    ],
    "letters-unescaped": [lambda: sha(BODY.replace(b"00eb", b"00EB").replace(b"00bd", b"00BD") + inner())],
    "text-ended": [lambda: sha(BODY + b"\n" + inner())],
    "text-trimmed": [lambda: sha(BODY[:-1] + inner())],
    "byte-order-mark": [lambda: sha(b"\xef\xbb\xbf" + BODY + inner())],
    "data-stringified": [lambda: sha(b"[object Object]" + inner()), lambda: sha(str(json.loads(BODY)).encode() + inner())],
    "text-missing": [lambda: sha(b"" + inner()), lambda: sha(b"{}" + inner())],
    "json-in-a-string": [lambda: sha(json.dumps(TEXT).encode() + inner())],
    "document-as-form": [lambda: sha(FORM + inner())],
    "document-in-part": [lambda: sha(b"r-1" + inner())],
    "html-escaped": [lambda: sha(html.escape(TEXT).encode() + inner())],
    "backslashes": [
        lambda: sha(TEXT.replace("\\/", "/").replace("\\", "").encode() + inner()),
        lambda: sha(BODY.replace(b'"', b'\\"') + inner()),
    ],
    "document-letter-case": [lambda: sha(BODY.upper() + inner())],
    "document-encoded": [lambda: sha(quote(TEXT, safe="").encode() + inner())],
    "document-base64": [lambda: sha(b64encode(BODY) + inner())],
    "charset-utf-16": [lambda: sha(TEXT.encode("utf-16-le") + inner())],
    "charset-marked": [],
    "wrong-scheme": [lambda: sha(BODY + SECRET.encode())],
    "hmac": [lambda: hmac.new(inner(), BODY, "sha256").hexdigest(), lambda: hmac.new(SECRET.encode(), BODY, "sha256").hexdigest()],
    "secret-misplaced": [lambda: sha(inner() + BODY), lambda: sha(BODY + b":" + inner())],
    "secret-missing": [lambda: sha(BODY)],
    "secret-hashed": [
        lambda: sha(BODY + inner().upper()),
        lambda: sha(BODY + hashlib.sha256(SECRET.encode()).digest()),
        lambda: sha(BODY + sha(inner()).encode()),
    ],
    "hashed-before": [lambda: sha(sha(BODY + inner()).encode()), lambda: sha(sha(BODY).encode() + inner())],
    "hmac-arguments-swapped": [lambda: hmac.digest(BODY, inner(), "sha256").hex()],
    "secret-padded": [lambda: sha(BODY + inner(SECRET + "\n"))],
    "secret-by-the-shell": [lambda: sha(BODY + inner("y0.Secret/With"))],
    "id-for-secret": [lambda: sha(BODY + inner("acme-client"))],
    "other-secret": [lambda: sha(BODY + inner("acme-secret")), lambda: sha(BODY + inner("mock-secret-not-real"))],
    "secret-absent": [lambda: sha(BODY + inner("")), lambda: sha(BODY + inner("undefined"))],
    "secret-transformed": [lambda: sha(BODY + inner(b64encode(SECRET.encode()).decode()))],
    "secret-with-id": [lambda: sha(BODY + inner(f"acme-client:{SECRET}"))],
    "placeholder-for-secret": [lambda: sha(BODY + inner("${SHUFTIPRO_SECRET_KEY}")), lambda: sha(BODY + inner("%SECRET%"))],
    "other-hash": [lambda: hashlib.sha512(BODY + inner()).hexdigest(), lambda: hashlib.sha3_256(BODY + inner()).hexdigest()],
    "upper-case": [lambda: sha(BODY + inner()).upper()],
    "digest-padded": [lambda: "sha256=" + sha(BODY + inner())],
    "digest-cut": [lambda: sha(BODY + inner())[:32]],
    "digest-printed": [lambda: str(hashlib.sha256(BODY + inner()).digest())],
    "zeros-missing": [lambda: "".join(f"{byte:x}" for byte in hashlib.sha256(BODY + inner()).digest())],
    "hex-of-hex": [lambda: sha(BODY + inner()).encode().hex()],
    "base64": [lambda: b64encode(bytes.fromhex(sha(BODY + inner()))).decode()],
    "digest-is-a-word": [lambda: "undefined"],
    "no-digest": [lambda: "signature"],
    "one-place": [lambda: sha(BODY.replace(b"accepted", b"Accepted") + inner()), lambda: sha(BODY.replace(b"r-1", b"r1") + inner())],
    "unknown": [lambda: sha(BODY + b"something else")],
    "no-signature": [lambda: ""],
}  # fmt: skip
ANOTHER = rb'{ "reference" : "r 1\/2", "event":"x", "name":"Zo\u0308e\u00bd" }'.replace(
    rb"Zo\u0308e", "Zoë".encode()
)
WRONG_OF_ANOTHER: dict[str, Callable[[bytes], bytes]] = {
    "blanks-removed": lambda body: body.replace(b" ", b""),
    "slashes-unescaped": lambda body: body.replace(b"\\/", b"/"),
    "unicode-normalised": lambda body: unicodedata.normalize("NFD", body.decode()).encode(),
    "line-ends": lambda body: body,
    "charset-latin-1": lambda body: body.decode().encode("latin-1"),
    "charset-ascii": lambda body: body.decode().encode("ascii", "replace"),
    "mojibake": lambda body: body.decode("latin-1").encode(),
}
"""What the vendor's own bodies, which are compact and ASCII, do not show."""


def ids(report: dict[str, Any]) -> list[str]:
    return [mistake["id"] for mistake in report["mistakes"]]


CASES = [
    pytest.param(name, make, id=f"{name} {number}")
    for name, makes in WRONG.items()
    for number, make in enumerate(makes)
]


@pytest.mark.parametrize(("name", "make"), CASES)
def test_a_mistake_is_named(name: str, make: Callable[[], str]) -> None:
    headers = {"Signature": make()} if make() else {}
    report = explain_callback(BODY, headers, SECRET, around=AROUND)
    assert (report["valid"], ids(report)) == (False, [name])
    assert signing.sign(BODY, SECRET, "hashed") == report["expected"]
    assert all(mistake["explanation"] and mistake["fix"] for mistake in report["mistakes"])
    assert "{" not in "".join(mistake["fix"] for mistake in report["mistakes"])
    assert SECRET not in str(report)


@pytest.mark.parametrize("name", WRONG_OF_ANOTHER)
def test_a_mistake_is_named_of_a_body_of_another_writer(name: str) -> None:
    body = ANOTHER.replace(b", ", b",\r\n") if name == "line-ends" else ANOTHER
    signed = body.replace(b"\r\n", b"\n") if name == "line-ends" else WRONG_OF_ANOTHER[name](body)
    assert ids(explain_callback(body, {"Signature": sha(signed + inner())}, SECRET)) == [name]


def test_a_right_secret_is_not_blamed_for_what_nobody_knows() -> None:
    report = explain_callback(BODY, {"Signature": sha(b"another text" + inner())}, SECRET, around=AROUND)
    assert ids(report) == ["unknown"]
    assert "secret is" not in report["mistakes"][0]["explanation"] + report["mistakes"][0]["fix"]
    assert [words.split(maxsplit=1)[1] for words in report["excluded"]] == [
        "other spellings of the body",
        "other secrets",
        "other constructions",
    ]


@pytest.mark.parametrize(
    ("body", "names", "how"),
    [
        (BODY + b"\n", ["text-ended"], ""),
        (dumped(**COMPACT), ["json-rewritten"], "JSON_UNESCAPED_SLASHES (PHP)"),
        (dumped(**COMPACT, ensure_ascii=False), ["json-rewritten"], "JSON.stringify (JavaScript)"),
        (dumped(), ["json-rewritten"], "json.dumps (Python)"),
        (dumped(indent=2, ensure_ascii=False), ["json-rewritten"], "JSON.stringify (JavaScript)"),
        (b"\xef\xbb\xbf" + BODY, ["byte-order-mark"], ""),
    ],
    ids=["newline", "compact", "unicode", "spaces", "indented", "bom"],
)
def test_a_body_that_is_not_the_raw_one_is_recognised(body: bytes, names: list[str], how: str) -> None:
    """The signature is right, but the body at hand is not what was signed."""
    for known in ((), (b"{}", b"no json", BODY)):
        headers = {"signature": signing.sign(BODY, SECRET, "hashed")}
        report = explain_callback(body, headers, SECRET, around=Around(known=known))
        assert ids(report) == names
        assert how in report["mistakes"][0]["explanation"]
        assert report["mistakes"][0]["difference"]["right"] != report["mistakes"][0]["difference"]["signed"]


def test_a_body_in_another_form_is_found_among_those_that_were_sent() -> None:
    body = dumped(indent=3, sort_keys=True)
    headers = {"sp_signature": signing.sign(BODY, SECRET, "legacy")}
    assert ids(
        explain_callback(body, headers, SECRET, "legacy", around=Around(known=(b"{}", b"no json", BODY)))
    ) == ["not-the-raw-body"]
    hashed = {"sp_signature": signing.sign(BODY, SECRET, "hashed")}
    assert ids(explain_callback(body, hashed, SECRET, "legacy", around=Around(known=(BODY,)))) == [
        "not-the-raw-body",
        "wrong-scheme",
    ]


def test_the_signature_of_another_message_is_recognised() -> None:
    other = BODY.replace(b"r-1", b"r-2")
    headers = {"Signature": signing.sign(other, SECRET, "hashed")}
    (mistake,) = explain_callback(BODY, headers, SECRET, around=Around(known=(BODY, other)))["mistakes"]
    assert mistake["id"] == "other-body"
    assert ("r-2" in mistake["difference"]["right"], "r-1" in mistake["difference"]["signed"]) == (True, True)


@pytest.mark.parametrize(
    ("signature", "names"),
    [
        (sha(dumped(**COMPACT) + SECRET.encode()), {"json-rewritten", "wrong-scheme"}),
        (hmac.new(SECRET.encode(), BODY, "sha256").hexdigest().upper(), {"hmac", "upper-case"}),
        (
            b64encode(hmac.digest(SECRET.encode(), dumped(), "sha256")).decode(),
            {"base64", "hmac", "json-rewritten"},
        ),
        (sha(dumped() + b"\n" + inner()), {"json-rewritten", "text-ended"}),
        (sha(RAW.encode() + inner(SECRET + "\n")), {"json-rewritten", "secret-padded"}),
    ],
)
def test_several_mistakes_at_once(signature: str, names: set[str]) -> None:
    assert set(ids(explain_callback(BODY, {"Signature": signature}, SECRET))) == names


@pytest.mark.parametrize("scheme", signing.SCHEMES)
def test_what_is_right(scheme: str) -> None:
    report = explain_callback(BODY, {"SIGNATURE": signing.sign(BODY, SECRET, scheme)}, SECRET, scheme)
    assert (report["valid"], report["mistakes"]) == (True, [])
    assert report["received"] == report["expected"]


def test_the_receivers_own_value_may_be_asked_about() -> None:
    headers = {"Signature": signing.sign(BODY, SECRET, "hashed")}
    assert ids(explain_callback(BODY, headers, SECRET, signature=signing.sign(BODY, SECRET, "legacy"))) == [
        "wrong-scheme"
    ]


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 5000, b"null", b'{"a":NaN}'], ids=repr)
def test_any_body_is_answered(body: bytes) -> None:
    assert ids(explain_callback(body, {"signature": "0" * 64}, "s")) == ["unknown"]


@pytest.mark.parametrize("signature", ["x", "é", "\ud800", "==", "sha256="])
def test_any_signature_is_answered(signature: str) -> None:
    assert ids(explain_callback(BODY, {"signature": signature}, "s"))


def test_every_mistake_is_tested() -> None:
    profile = PROFILES["hashed"]
    known = {mistake.id for mistake in MISTAKES if mistake.stage in profile.stages} - profile.without
    assert known == {*WRONG, *WRONG_OF_ANOTHER} - {"one-place", "unknown", "no-signature"}


def test_the_provider_asks_with_the_accounts_secret_and_scheme() -> None:
    shop = ShuftiHarness(accounts={"acme": {"signature": "legacy"}})
    shop.client, shop.secret = "acme", "acme-secret"
    answer = shop.ask(AML)
    unit = UnitOfWork(shop.pipeline.services, shop.account, shop.clock.at)
    headers = {name.lower(): value for name, value in answer.headers}
    assert shop.provider.explain_message(unit, answer.body, headers)["valid"]
    assert not shop.provider.explain_message(unit, answer.body, headers, scheme="hashed")["valid"]
    sorted_body = json.dumps(json.loads(answer.body), sort_keys=True).encode()
    assert "json-rewritten" in ids(shop.provider.explain_message(unit, sorted_body, headers))
    with pytest.raises(ValueError, match="not a signature scheme"):
        shop.provider.explain_message(unit, b"{}", {}, scheme="sha1")


# -- requests
# --------------------------------------------------------------------------------------------------
def explain(shop: ShuftiHarness, authorization: str, entry_id: str = "") -> dict[str, Any]:
    headers = {"authorization": authorization} if authorization else {}
    unit = UnitOfWork(shop.pipeline.services, shop.account, shop.clock.at)
    unit.entry_id = entry_id
    return shop.provider.explain(unit, Request("POST", "/", "", headers, b"{}"))


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "name"),
    [
        ("", "no-authorization"),
        ("Digest x", "scheme"),
        ("Basic !", "not-basic"),
        (basic("no colon"), "not-basic"),
        (basic("nobody:x"), "unknown-client"),
        (basic("test-shop-secret:test-shop"), "swapped"),
        (basic(" test-shop:x"), "client-trimmed"),
        (basic("test-shop:"), "no-secret"),
        (basic("test-shop:test-shop-secret\n"), "secret-padded"),
        (basic("test-shop:acme"), "other-secret"),
        (basic("test-shop:test-shop"), "id-for-secret"),
        (basic("test-shop:undefined"), "secret-absent"),
        (basic("test-shop:${SHUFTI_SECRET}"), "placeholder-for-secret"),
        (basic("acme:y0.Secret/With"), "secret-by-the-shell"),
        (basic("test-shop:other"), "wrong-secret"),
        ("Bearer abc", "unknown-token"),
        ("Bearer " + "A" * 64, "unknown-token"),
    ],
)
def test_why_a_request_is_not_authorized(authorization: str, name: str) -> None:
    shop = ShuftiHarness(accounts={"acme": {"secret_key": SECRET}})
    report = explain(shop, authorization)
    assert (report["valid"], ids(report)) == (False, [name])
    assert "test-shop-secret" not in str(report)
    assert SECRET not in str(report)


def test_a_wrong_secret_shows_what_differs_and_no_secret() -> None:
    report = explain(ShuftiHarness(), basic("test-shop:other"))
    assert report["expected"] == "test-shop:(16 characters)"
    assert report["received"] == "test-shop:(5 characters)"
    assert report["mistakes"][0]["id"] == "wrong-secret"


def test_right_credentials() -> None:
    shop = ShuftiHarness()
    assert explain(shop, shop.basic())["valid"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(
            basic("test-shop:other"),
            basic("test-shop:test-shop-secret"),
            ["header-sent-twice", "wrong-secret"],
            id="wrong first",
        ),
        pytest.param(basic("test-shop:test-shop-secret"), basic("test-shop:other"), [], id="right first"),
    ],
)
def test_of_two_credentials_the_first_count(first: str, second: str, expected: list[str]) -> None:
    shop = ShuftiHarness()
    request = Request(
        "POST", "/", "", {"authorization": first}, b"{}", ignored_headers=(("authorization", second),)
    )
    unit = UnitOfWork(shop.pipeline.services, shop.account, shop.clock.at)
    assert ids(shop.provider.explain(unit, request)) == expected


def test_tokens() -> None:
    shop = ShuftiHarness()
    bearer, late = (
        f"Bearer {json_of(shop.send('POST', '/get/access/token'))['access_token']}" for _ in range(2)
    )
    shop.ask(AML, headers={"authorization": bearer})
    assert explain(shop, bearer, shop.entry().id)["valid"]
    assert ids(explain(shop, bearer)) == ["used-token"]
    tampered = bearer[:-1] + ("A" if bearer[-1] != "A" else "B")
    assert ids(explain(shop, tampered)) == ["forged-token"]
    shop.clock.advance(3600)
    assert ids(explain(shop, late)) == ["expired-token"]
