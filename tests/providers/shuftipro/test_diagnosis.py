"""The callback doctor: each known mistake is named, alone and beside others; and why a request was not
authorized."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from mock_server.core.http import Request
from mock_server.providers.context import UnitOfWork
from mock_server.providers.shuftipro import signing
from mock_server.providers.shuftipro.diagnosis import explain_callback
from mock_server.providers.shuftipro.mistakes import MISTAKES
from tests.providers.shuftipro.harness import AML, ShuftiHarness, told

SECRET = "$2y$10$Mock.Secret/With$Dollars"
BODY = rb'{"reference":"r-1","event":"verification.accepted","url":"https:\/\/a\/b","data":{"z":"Zo\u00eb \u00bd","a":[]}}'


def sha(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def inner(secret: str = SECRET) -> bytes:
    return sha(secret.encode()).encode()


def dumped(**options: Any) -> bytes:
    return json.dumps(json.loads(BODY), **options).encode()


COMPACT = {"separators": (",", ":")}
WRONG: dict[str, Callable[[], str]] = {
    "reserialised-json": lambda: sha(dumped() + inner()),
    "pretty-printed": lambda: sha(dumped(indent=4) + inner()),
    "slashes-unescaped": lambda: sha(dumped(**COMPACT) + inner()),
    "unicode-decoded": lambda: sha(dumped(**COMPACT, ensure_ascii=False).replace(b"/", b"\\/") + inner()),
    "unicode-upper-case": lambda: sha(BODY.replace(b"00eb", b"00EB").replace(b"00bd", b"00BD") + inner()),
    "keys-sorted": lambda: sha(dumped(**COMPACT, sort_keys=True).replace(b"/", b"\\/") + inner()),
    "newline-added": lambda: sha(BODY + b"\n" + inner()),
    "wrong-charset": lambda: sha(BODY.decode().encode("utf-16-le") + inner()),
    "wrong-scheme": lambda: sha(BODY + SECRET.encode()),
    "hmac": lambda: hmac.new(inner(), BODY, "sha256").hexdigest(),
    "secret-prepended": lambda: sha(inner() + BODY),
    "secret-missing": lambda: sha(BODY),
    "secret-trimmed": lambda: sha(BODY + inner(SECRET + "\n")),
    "secret-by-the-shell": lambda: sha(BODY + inner("y0.Secret/With")),
    "secret-hash-upper-case": lambda: sha(BODY + inner().upper()),
    "secret-hash-raw": lambda: sha(BODY + hashlib.sha256(SECRET.encode()).digest()),
    "secret-hashed-twice": lambda: sha(BODY + sha(inner()).encode()),
    "algorithm": lambda: hashlib.sha512(BODY + inner()).hexdigest(),
    "upper-case": lambda: sha(BODY + inner()).upper(),
    "prefix": lambda: "sha256=" + sha(BODY + inner()),
    "base64": lambda: b64encode(bytes.fromhex(sha(BODY + inner()))).decode(),
    "unknown-secret": lambda: sha(BODY + b"something else"),
    "no-signature": lambda: "",
}


def ids(report: dict[str, Any]) -> list[str]:
    return [mistake["id"] for mistake in report["mistakes"]]


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named(name: str) -> None:
    report = explain_callback(BODY, {"Signature": WRONG[name]()} if WRONG[name]() else {}, SECRET)
    assert (False, [name]) == (report["valid"], ids(report))
    assert signing.sign(BODY, SECRET, "hashed") == report["expected"]
    assert all(mistake["explanation"] and mistake["fix"] for mistake in report["mistakes"])
    assert SECRET not in str(report)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (BODY + b"\n", ["newline-trimmed", "newline-added"]),
        (dumped(**COMPACT), ["slashes-unescaped"]),
        (dumped(**COMPACT, ensure_ascii=False), ["slashes-unescaped", "unicode-decoded"]),
        (dumped(), ["reserialised-json", "slashes-unescaped"]),
        (dumped(indent=2), ["pretty-printed", "slashes-unescaped"]),
    ],
    ids=["newline", "compact", "unicode", "spaces", "indented"],
)
def test_a_body_that_is_not_the_raw_one_is_recognised(body: bytes, names: list[str]) -> None:
    """The signature is right, but the body at hand is not what was signed."""
    found = ids(explain_callback(body, {"signature": signing.sign(BODY, SECRET, "hashed")}, SECRET))
    assert set(found) & set(names)
    assert set(found) <= set(names)


def test_a_body_in_another_form_is_found_among_those_that_were_sent() -> None:
    body = dumped(indent=2, sort_keys=True)
    headers = {"sp_signature": signing.sign(BODY, SECRET, "legacy")}
    assert ids(explain_callback(body, headers, SECRET, "legacy", known=[b"{}", b"no json"])) == [
        "unknown-secret"
    ]
    assert ids(explain_callback(body, headers, SECRET, "legacy", known=[BODY])) == [
        "pretty-printed",
        "slashes-unescaped",
        "keys-sorted",
    ]


@pytest.mark.parametrize(
    ("signature", "names"),
    [
        (sha(dumped(**COMPACT) + SECRET.encode()), {"slashes-unescaped", "wrong-scheme"}),
        (
            hmac.new(SECRET.encode(), BODY, "sha256").hexdigest().upper(),
            {"hmac", "wrong-scheme", "upper-case"},
        ),
        (
            b64encode(hmac.digest(SECRET.encode(), dumped(), "sha256")).decode(),
            {"base64", "hmac", "wrong-scheme", "reserialised-json"},
        ),
    ],
)
def test_several_mistakes_at_once(signature: str, names: set[str]) -> None:
    assert names == set(ids(explain_callback(BODY, {"Signature": signature}, SECRET)))


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
    assert ids(explain_callback(body, {"signature": "0" * 64}, "s")) == ["unknown-secret"]


@pytest.mark.parametrize("signature", ["x", "é", "\ud800", "==", "sha256="])
def test_any_signature_is_answered(signature: str) -> None:
    assert ids(explain_callback(BODY, {"signature": signature}, "s"))


def test_every_mistake_is_tested() -> None:
    assert set(MISTAKES) == {*WRONG, "newline-trimmed", "not-the-raw-body"}


def test_the_provider_asks_with_the_accounts_secret_and_scheme() -> None:
    shop = ShuftiHarness(accounts={"acme": {"signature": "legacy"}})
    shop.client, shop.secret = "acme", "acme-secret"
    answer = shop.ask(AML)
    unit = UnitOfWork(shop.pipeline.services, shop.account, shop.clock.at)
    headers = {name.lower(): value for name, value in answer.headers}
    assert shop.provider.explain_message(unit, answer.body, headers)["valid"]
    assert not shop.provider.explain_message(unit, answer.body, headers, scheme="hashed")["valid"]
    sorted_body = json.dumps(json.loads(answer.body), sort_keys=True).encode()
    assert "keys-sorted" in ids(shop.provider.explain_message(unit, sorted_body, headers))
    with pytest.raises(ValueError, match="no signature scheme"):
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
        (basic("test-shop:test-shop-secret\n"), "secret-trimmed"),
        (basic("acme:y0.Secret/With"), "secret-by-the-shell"),
        (basic("test-shop:other"), "wrong-secret"),
        ("Bearer abc", "unknown-token"),
        ("Bearer " + "A" * 64, "unknown-token"),
    ],
)
def test_why_a_request_is_not_authorized(authorization: str, name: str) -> None:
    shop = ShuftiHarness(accounts={"acme": {"secret_key": SECRET}})
    report = explain(shop, authorization)
    assert (False, [name]) == (report["valid"], ids(report))
    assert "test-shop-secret" not in str(report)
    assert SECRET not in str(report)


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
        f"Bearer {told(shop.send('POST', '/get/access/token'))['access_token']}" for _ in range(2)
    )
    shop.ask(AML, headers={"authorization": bearer})
    assert explain(shop, bearer, shop.entry().id)["valid"]
    assert ids(explain(shop, bearer)) == ["used-token"]
    tampered = bearer[:-1] + ("A" if bearer[-1] != "A" else "B")
    assert ids(explain(shop, tampered)) == ["forged-token"]
    shop.clock.advance(3600)
    assert ids(explain(shop, late)) == ["expired-token"]
