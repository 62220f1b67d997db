"""Who may ask: Basic credentials, access tokens, rate limits; paths and methods; what is signed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Request
from mock_server.core.records import UsedValue
from mock_server.providers.context import RequestContext
from mock_server.providers.shuftipro import gate
from mock_server.providers.shuftipro.gate import read_basic
from tests.providers.shuftipro.harness import AML, ShuftiHarness, json_of, signed

STATUSES = ("400", "401", "402", "403", "404", "409", "413", "429", "500", "504", "524")
OLD_SECRET = "$2y$10$MockMockMockMockMockMeAbCdEfGhIjKlMnOpQrStUvWxYz01/34"


def header(text: str | bytes) -> str:
    return "Basic " + b64encode(text if isinstance(text, bytes) else text.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "check"),
    [
        ("", "authorization"),
        ("Basic", "authorization"),
        ("Basic !!!", "authorization"),
        ("Basic é", "authorization"),
        (header("no colon"), "authorization"),
        (header(b"\xff:\xfe"), "client_id"),
        (header("nobody:secret"), "client_id"),
        (header(":"), "client_id"),
        (header("test-shop:"), "secret_key"),
        (header("test-shop:wrong"), "secret_key"),
        (header("test-shop:test-shop-secret "), "secret_key"),
        (header(b"test-shop:\xff"), "secret_key"),
        ("Digest x", "authorization"),
        ("Bearer", "access_token"),
        ("Bearer abc", "access_token"),
        ("Bearer " + "A" * 64, "access_token"),
        ("Bearer " + "é" * 64, "access_token"),
    ],
    ids=repr,
)
def test_who_is_not_authorized(authorization: str, check: str) -> None:
    shop = ShuftiHarness()
    response = shop.ask(AML, headers={"authorization": authorization})
    answer = json_of(response)
    assert (response.status, answer["event"], answer["reference"]) == (401, "request.unauthorized", "")
    known = check == "secret_key"
    assert known == signed(response, shop.secret)
    assert known == any(name.lower().endswith("signature") for name, _ in response.headers)
    entry = shop.entry("test-shop" if known else "default")
    assert entry.evidence is not None
    assert entry.evidence["check"] == check
    assert "wrong" not in str(entry.evidence)


def test_a_secret_in_the_wrong_place_is_not_journalled_as_evidence() -> None:
    shop = ShuftiHarness()
    shop.ask(AML, headers={"authorization": header("mock-secret-QvT7dR2mZk4Lw9Xb:mock-client")})
    assert shop.entry("default").evidence == {"check": "client_id", "client_id": "a secret key"}


REFUSALS: dict[str, tuple[str, str, Any]] = {
    "400": ("POST", "/", {"reference": "ref-400", "country": "XX", **AML}),
    "400 duplicate": ("POST", "/", {"reference": "ref-known", **AML}),
    "400 unreadable": ("POST", "/", b"{"),
    "400 unknown reference": ("POST", "/status", {"reference": "ref-unknown"}),
    "404 method": ("GET", "/status", None),
    "404 method of a token": ("GET", "/get/access/token", None),
    "403": ("POST", "/", {"reference": "ref-403", "kyb": {"company_name": "Mock Ltd"}}),
    **{
        f"{status} by reference": ("POST", "/", {"reference": f"error-{status}-x", **AML})
        for status in STATUSES
    },
}


def closed(**settings: Any) -> ShuftiHarness:
    """A customer who may not use everything, and has one verification."""
    shop = ShuftiHarness(accounts={"acme": {"services": ["background_checks", "face"]}}, **settings)
    shop.client, shop.secret = "acme", "acme-secret"
    shop.ask({"reference": "ref-known", **AML})
    return shop


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("bearer", [False, True], ids=["basic", "bearer"])
def test_every_refusal_of_a_known_client_is_signed(refusal: str, bearer: bool) -> None:
    shop = closed()
    method, path, body = REFUSALS[refusal]
    response = shop.send(method, path, body, headers={"authorization": token(shop)} if bearer else {})
    assert int(refusal[:3]) == response.status
    assert signed(response, shop.secret)
    assert dict(response.headers)["Content-Type"] == "application/json"


def test_a_wrong_secret_is_signed_on_every_path() -> None:
    shop = closed()
    for method, path in [
        ("POST", "/"),
        ("POST", "/status"),
        ("GET", "/account/info/"),
        ("GET", "/status"),
        ("POST", "/get/access/token"),
    ]:
        assert signed(
            shop.send(method, path, headers={"authorization": header("acme:wrong")}), shop.secret
        ), path


@pytest.mark.parametrize(("problem", "after"), [("used", 0), ("expired", 600)])
def test_a_token_that_is_over_is_signed_for(problem: str, after: float) -> None:
    shop = ShuftiHarness()
    bearer = token(shop)
    if problem == "used":
        shop.ask(AML, headers={"authorization": bearer})
    shop.clock.advance(after)
    response = shop.ask(AML, headers={"authorization": bearer})
    evidence = shop.entry().evidence
    assert evidence is not None
    assert (response.status, evidence["problem"]) == (401, problem)
    assert signed(response, shop.secret)


def test_a_token_where_tokens_are_fetched_is_signed_for() -> None:
    shop = ShuftiHarness()
    response = shop.send("POST", "/get/access/token", headers={"authorization": token(shop)})
    assert (response.status, signed(response, shop.secret)) == (401, True)
    assert shop.entry().account == "test-shop"


def test_a_refusal_before_the_credentials_uses_no_token_up() -> None:
    shop = ShuftiHarness()
    bearer = token(shop)
    assert shop.send("GET", "/status", headers={"authorization": bearer}).status == 404
    assert shop.ask(AML, headers={"authorization": bearer}).status == 200


def test_a_401_may_be_unsigned() -> None:
    scripted = {"name": "s", "match": {"body.reference": "ref-401"}, "respond": {"error": 401}}
    shop = ShuftiHarness(scripted, sign_unauthorized=False)
    for response in (
        shop.ask(AML, headers={"authorization": header("test-shop:wrong")}),
        shop.ask({"reference": "ref-401", **AML}),
    ):
        assert response.status == 401
        assert not [name for name, _ in response.headers if name.lower().endswith("signature")]
    assert signed(
        shop.send("GET", "/status", headers={"authorization": header("test-shop:wrong")}), shop.secret
    )


@pytest.mark.parametrize("status", ["504", "524"])
def test_an_error_of_a_proxy_is_json_or_its_page(status: str) -> None:
    shop = ShuftiHarness()
    response = shop.ask({"reference": f"error-{status}-x", "email": "a@b.test", "country": "NZ", **AML})
    message = {"504": "Server error", "524": "Unofficial Server Error"}[status]
    error = {"service": "", "key": "", "message": message}
    expected = {
        "reference": f"error-{status}-x",
        "event": "request.invalid",
        "error": error,
        "email": "a@b.test",
        "country": "NZ",
    }
    assert json_of(response) == expected
    page = ShuftiHarness(proxy_errors="page").ask({"reference": f"error-{status}-x", **AML})
    assert (int(status), "text/html; charset=UTF-8") == (page.status, dict(page.headers)["Content-Type"])
    assert page.body.startswith(b"<html>")
    assert "Signature" not in dict(page.headers)


def test_the_default_account() -> None:
    shop = ShuftiHarness()
    shop.client, shop.secret = "mock-client", "mock-secret-QvT7dR2mZk4Lw9Xb"
    assert signed(shop.ask(AML), shop.secret)


@pytest.mark.parametrize("scheme", ["hashed", "legacy"])
def test_an_old_secret_and_its_scheme(scheme: str) -> None:
    shop = ShuftiHarness(
        accounts={"acme": {"client_id": "Ab12", "secret_key": OLD_SECRET, "signature": scheme}}
    )
    shop.client, shop.secret = "Ab12", OLD_SECRET
    response = shop.ask(AML)
    assert response.status == 200
    assert signed(response, OLD_SECRET, scheme)
    sent = shop.callbacks()[0]
    assert (
        dict(sent.headers)["Signature"]
        == dict(response.headers)["Signature"]
        == dict(sent.headers)["sp_signature"]
    )


def test_basic_is_read_in_any_case() -> None:
    shop = ShuftiHarness()
    assert shop.ask(AML, headers={"authorization": shop.basic().replace("Basic", "bASIC")}).status == 200


# -- paths
# -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/"),
        ("POST", ""),
        ("POST", "/api"),
        ("POST", "/api/"),
        ("POST", "/status"),
        ("POST", "/status/"),
        ("POST", "/api/status"),
        ("POST", "/delete/"),
        ("POST", "/api/delete"),
        ("GET", "/account/info"),
        ("GET", "/account/info/"),
        ("GET", "/api/account/info/"),
        ("HEAD", "/account/info/"),
        ("POST", "/get/access/token"),
        ("POST", "/get/access/token/"),
        ("GET", "/decline/reasons"),
        ("GET", "/decline/reasons/"),
    ],
)
def test_paths(method: str, path: str) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-path", **AML})
    body = {
        "reference": "ref-path" if path not in ("/", "", "/api", "/api/") else "ref-other",
        "comment": "a test",
        **AML,
    }
    response = shop.send(method, path, body if method == "POST" else None)
    assert (response.status, signed(response, shop.secret)) == (200, True)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("PUT", "/"), ("GET", "/status"), ("POST", "/account/info"), ("DELETE", "/delete")],
)
def test_another_method_is_not_found(method: str, path: str) -> None:
    shop = ShuftiHarness()
    response = shop.send(method, path)
    assert (
        response.status,
        json_of(response)["event"],
        json_of(response)["error"]["message"],
    ) == (404, "request.invalid", "Resource not found")
    assert signed(response, shop.secret)
    assert not signed(shop.send(method, path, headers={"authorization": "Basic x"}), shop.secret)


@pytest.mark.parametrize(
    "path",
    [
        "/verify/",
        "/statuses",
        "/apis",
        "/api/verify",
        "/verification/process/abc",
        "/__admin",
        "/process/verification/abc",
        "/favicon.ico",
    ],
)
def test_what_is_not_claimed(path: str) -> None:
    shop = ShuftiHarness()
    assert not shop.provider.serves(path)
    with pytest.raises(ProviderError):
        shop.provider.operation("POST", path)


def test_a_body_that_is_too_large() -> None:
    from mock_server.core.http import Refusal, Request

    shop = ShuftiHarness()
    request = Request("POST", "/", "", {"authorization": shop.basic()}, b"")
    response = shop.pipeline.handle(request, refusal=Refusal(413, "size", "too long", "send less", 1 << 20))
    assert (
        response.status,
        json_of(response)["event"],
        signed(response, shop.secret),
    ) == (413, "request.invalid", True)


# -- access tokens
# ---------------------------------------------------------------------------------------------
def token(shop: ShuftiHarness) -> str:
    access_token = json_of(shop.send("POST", "/get/access/token"))["access_token"]
    assert isinstance(access_token, str)
    return f"Bearer {access_token}"


def test_a_token_works_once() -> None:
    shop = ShuftiHarness()
    bearer = token(shop)
    assert len(bearer.split()[1]) == 64
    first, second = (shop.ask(AML, headers={"authorization": bearer}) for _ in range(2))
    assert (first.status, second.status) == (200, 401)
    assert signed(first, shop.secret)
    evidence = shop.entry().evidence
    assert evidence is not None
    assert {"check": "access_token", "problem": "used"}.items() <= evidence.items()


def test_tokens_differ() -> None:
    shop = ShuftiHarness()
    assert len({token(shop) for _ in range(5)}) == 5


@pytest.mark.parametrize(("setting", "life"), [({}, 600), ({"token_ttl": "1h"}, 3600)])
def test_a_token_ends(setting: dict[str, Any], life: float) -> None:
    shop = ShuftiHarness(**setting)
    early, late = token(shop), token(shop)
    shop.clock.advance(life - 1)
    assert shop.ask(AML, headers={"authorization": early}).status == 200
    shop.clock.advance(1)
    assert shop.ask(AML, headers={"authorization": late}).status == 401


@pytest.mark.parametrize(("setting", "status"), [({}, 401), ({"refusal_burns_token": False}, 200)])
def test_a_refused_request_may_burn_its_token(setting: dict[str, Any], status: int) -> None:
    shop = ShuftiHarness(**setting)
    bearer = token(shop)
    assert shop.ask({"country": "XX", **AML}, headers={"authorization": bearer}).status == 400
    assert shop.ask(AML, headers={"authorization": bearer}).status == status


def test_a_token_is_for_its_account() -> None:
    shop = ShuftiHarness()
    bearer = token(shop)
    swapped = bearer[:20] + ("A" if bearer[20] != "A" else "B") + bearer[21:]
    assert shop.ask(AML, headers={"authorization": swapped}).status == 401
    assert shop.ask(AML, headers={"authorization": bearer}).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/status"), ("POST", "/delete"), ("GET", "/account/info/"), ("GET", "/decline/reasons/")],
)
def test_a_token_opens_every_endpoint_but_its_own(method: str, path: str) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-bearer", **AML})
    body = {"reference": "ref-bearer", "comment": "a test"} if method == "POST" else None
    assert shop.send(method, path, body, headers={"authorization": token(shop)}).status == 200
    assert shop.send("POST", "/get/access/token", headers={"authorization": token(shop)}).status == 401


# -- rate limits
# -----------------------------------------------------------------------------------------------
def limited(**settings: Any) -> ShuftiHarness:
    shop = ShuftiHarness(accounts={"acme": {"rate_limit": 3}}, **settings)
    shop.client, shop.secret = "acme", "acme-secret"
    shop.clock.at = 1_760_000_000.0 - 1_760_000_000 % 60 + 10
    return shop


def test_too_many_requests() -> None:
    shop = limited()
    first = dict(shop.ask(AML).headers)
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("3", "2")
    shop.ask(AML)
    shop.ask(AML)
    response = shop.ask(AML)
    headers = dict(response.headers)
    assert (response.status, response.body) == (429, b'{"message":"Too Many Attempts."}')
    assert (
        headers["Retry-After"],
        headers["X-RateLimit-Remaining"],
        headers["X-RateLimit-Limit"],
    ) == ("50", "0", "3")
    assert signed(response, shop.secret)
    shop.clock.advance(50)
    assert shop.ask(AML).status == 200


@pytest.mark.parametrize(("by", "status"), [("ip", 200), ("account", 429)])
def test_what_the_limit_counts(by: str, status: int) -> None:
    shop = limited(rate_limit_by=by)
    for _ in range(3):
        shop.ask(AML, peer="203.0.113.1")
    assert shop.ask(AML, peer="203.0.113.2").status == status


def test_the_body_of_a_limit_may_be_the_envelope() -> None:
    shop = limited(rate_limit_body="envelope")
    for _ in range(3):
        shop.ask(AML)
    assert json_of(shop.ask(AML))["error"]["message"] == "Too Many Attempts."


def test_a_limit_for_all_who_have_none_of_their_own() -> None:
    shop = ShuftiHarness(rate_limit=1)
    assert [shop.ask(AML).status for _ in range(2)] == [200, 429]


# -- balance
# ---------------------------------------------------------------------------------------------------
def balance(shop: ShuftiHarness) -> str:
    amount = json_of(shop.send("GET", "/account/info/"))["account"]["balance"]["amount"]
    assert isinstance(amount, str)
    return amount


def test_the_balance_falls_with_every_verification() -> None:
    shop = ShuftiHarness(
        accounts={"acme": {"balance": 1.25, "currency": "EUR", "status": "production", "name": "Acme"}},
        price=0.5,
    )
    shop.client, shop.secret = "acme", "acme-secret"
    assert balance(shop) == "1.25"
    shop.ask(AML)
    shop.ask({"country": "XX", **AML})
    assert balance(shop) == "0.75"
    for _ in range(3):
        assert shop.ask(AML).status == 200
    assert balance(shop) == "0.00"


def test_a_spent_balance_may_refuse() -> None:
    shop = ShuftiHarness(accounts={"acme": {"balance": 1}}, no_balance="refuse")
    shop.client, shop.secret = "acme", "acme-secret"
    assert [shop.ask(AML).status for _ in range(3)] == [200, 200, 402]


def test_a_subscription_is_shown_where_there_is_one() -> None:
    plan = {"kyc": [{"total_requests": 500}]}
    shop = ShuftiHarness(accounts={"acme": {"subscription_plan_details": plan}})
    shop.client, shop.secret = "acme", "acme-secret"
    assert plan == json_of(shop.send("GET", "/account/info/"))["account"]["subscription_plan_details"]


# -- what is noted of a refusal
# --------------------------------------------------------------------------------
def used_token(shop: ShuftiHarness) -> str:
    bearer = token(shop)
    shop.ask(AML, headers={"authorization": bearer})
    return bearer


def expired_token(shop: ShuftiHarness) -> str:
    bearer = token(shop)
    shop.clock.advance(600)
    return bearer


def forged_token(shop: ShuftiHarness) -> str:
    bearer = token(shop)
    return bearer[:-1] + ("A" if bearer[-1] != "A" else "B")


EVIDENCE: dict[str, tuple[Callable[[ShuftiHarness], str], str, dict[str, Any]]] = {
    "none": (lambda _: "", "default", {"check": "authorization", "scheme": None}),
    "unknown scheme": (lambda _: "DIGEST x y", "default", {"check": "authorization", "scheme": "digest"}),
    "unreadable": (
        lambda _: "Basic é",
        "default",
        {"check": "authorization", "scheme": "basic", "problem": "unreadable"},
    ),
    "no colon": (
        lambda _: header("a"),
        "default",
        {"check": "authorization", "scheme": "basic", "problem": "unreadable"},
    ),
    "unknown client": (
        lambda _: header("n" * 201 + ":s"),
        "default",
        {"check": "client_id", "client_id": "n" * 200},
    ),
    "a very long client": (
        lambda _: header("n" * 900 + ":s"),
        "default",
        {"check": "client_id", "client_id": "n" * 200},
    ),
    "swapped": (
        lambda _: header("acme-secret:acme"),
        "default",
        {"check": "client_id", "client_id": "a secret key"},
    ),
    "secret of another": (
        lambda _: header("other-secret:acme"),
        "default",
        {"check": "client_id", "client_id": "other-secret"},
    ),
    "wrong secret": (
        lambda _: header("test-shop:a:b"),
        "test-shop",
        {"check": "secret_key", "client_id": "test-shop"},
    ),
    "unknown token": (lambda _: "Bearer abc", "default", {"check": "access_token", "problem": "unknown"}),
    "forged token": (forged_token, "test-shop", {"check": "access_token", "problem": "forged"}),
    "expired token": (expired_token, "test-shop", {"check": "access_token", "problem": "expired"}),
    "used token": (used_token, "test-shop", {"check": "access_token", "problem": "used", "by": "r-t-2"}),
}


@pytest.mark.parametrize(("authorization", "account", "evidence"), EVIDENCE.values(), ids=EVIDENCE)
def test_the_evidence_of_a_401(
    authorization: Callable[[ShuftiHarness], str], account: str, evidence: dict[str, Any]
) -> None:
    shop = ShuftiHarness(accounts={"acme": {}, "other": {}})
    response = shop.ask(AML, headers={"authorization": authorization(shop)})
    assert (response.status, shop.entry(account).evidence) == (401, evidence)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" bTpz ", ("m", "s")),
        ("bTpzOnQ=", ("m", "s:t")),
        ("bTo=", ("m", "")),
        ("bQ==", None),
        ("bQ", None),
        ("é", None),
        ("", None),
        ("/zpz", ("\ufffd", "s")),
    ],
)
def test_basic_credentials(value: str, expected: tuple[str, str] | None) -> None:
    assert read_basic(value) == expected


def test_blanks_around_a_token_are_ignored() -> None:
    shop = ShuftiHarness()
    assert shop.ask(AML, headers={"authorization": token(shop).replace(" ", "  ") + " "}).status == 200


@pytest.mark.parametrize(
    "settings", [{}, {"refusal_burns_token": False}], ids=["by any answer", "by success alone"]
)
def test_the_record_of_a_used_token(settings: dict[str, Any]) -> None:
    shop = ShuftiHarness(**settings)
    bearer = token(shop)
    shop.clock.advance(100)
    shop.ask(AML, headers={"authorization": bearer})
    text = bearer.removeprefix("Bearer ")
    claim = shop.store.find_used("test-shop", "access", text)
    assert claim == UsedValue("access", text, 1_760_000_100.0, 1_760_000_600.0, shop.entry().id)


@pytest.mark.parametrize(
    ("authorization", "recognised", "account"),
    [
        (lambda shop: shop.basic(), True, "test-shop"),
        (lambda _: header("nobody:x"), True, ""),
        (lambda _: header("test-shop:wrong"), True, "test-shop"),
        (lambda _: "Basic é", False, ""),
        (lambda _: "", False, ""),
        (lambda _: "Digest x", False, ""),
        (lambda _: "Bearer abc", False, ""),
        (lambda _: "Bearer " + "A" * 64, True, ""),
        (lambda shop: token(shop).replace("Bearer", "Digest"), False, ""),
        (token, True, "test-shop"),
        (lambda shop: token(shop).replace(" ", "  ") + " ", True, "test-shop"),
        (lambda shop: token(shop).replace("Bearer", "bearer"), True, "test-shop"),
    ],
    ids=[
        "known",
        "unknown",
        "wrong secret",
        "unreadable",
        "none",
        "other scheme",
        "short token",
        "token",
        "token under another scheme",
        "known token",
        "blanks",
        "case",
    ],
)
def test_the_sender_of_a_request_to_an_unknown_path(
    authorization: Callable[[ShuftiHarness], str], recognised: bool, account: str
) -> None:
    shop = ShuftiHarness()
    context = RequestContext(
        shop.pipeline.services,
        Request("POST", "/statuss", "", {"authorization": authorization(shop)}, b""),
        "",
        1_760_000_000.0,
    )
    assert shop.provider.recognise(context) is recognised
    assert (context.account.name if context.entered else "") == account


def test_what_is_noted_of_too_many_requests() -> None:
    shop = limited()
    headers = [dict(shop.ask(AML).headers) for _ in range(5)]
    assert [each["X-RateLimit-Remaining"] for each in headers] == ["2", "1", "0", "0", "0"]
    assert headers[3]["X-RateLimit-Reset"] == str(int(shop.clock.at) - 10 + 60)
    assert "Retry-After" not in headers[2]
    assert shop.entry("acme").evidence == {
        "check": "rate limit",
        "limit": 3,
        "count": 5,
        "remedy": "wait as Retry-After says, or raise the account's rate_limit",
    }


@pytest.mark.parametrize(("second", "wait"), [(0.0, "60"), (59.4, "1"), (59.9, "1")])
def test_how_long_to_wait(second: float, wait: str) -> None:
    shop = limited()
    shop.clock.at += second - 10
    assert [dict(shop.ask(AML).headers).get("Retry-After") for _ in range(4)] == [None, None, None, wait]


def test_an_account_s_own_limit_of_nothing_is_none() -> None:
    shop = ShuftiHarness(accounts={"acme": {"rate_limit": 0}}, rate_limit=1)
    shop.client, shop.secret = "acme", "acme-secret"
    answers = [shop.ask(AML) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert "X-RateLimit-Limit" not in dict(answers[0].headers)


def test_each_account_has_a_rate_limit_of_its_own() -> None:
    shop = ShuftiHarness(accounts={"acme": {"rate_limit": 1}, "zoë": {"rate_limit": 1}})
    statuses = []
    for shop.client in ("acme", "zoë", "acme", "zoë"):
        shop.secret = f"{shop.client}-secret"
        statuses.append(shop.ask(AML).status)
    assert statuses == [200, 200, 429, 429]


@pytest.mark.parametrize(("length", "cached"), [(511, 1), (512, 1), (513, 0)])
def test_only_headers_of_usual_length_are_cached(length: int, cached: int) -> None:
    authorization = header("test-shop:" + "x" * 365).ljust(length, "=")
    gate._remembered.cache_clear()
    assert ShuftiHarness().ask(AML, headers={"authorization": authorization}).status == 401
    assert gate._remembered.cache_info().currsize == cached


def test_a_secret_with_half_a_surrogate_pair_matches_nothing() -> None:
    """As JavaScript leaves it where it cuts a text within an emoji."""
    shop = ShuftiHarness(accounts={"acme": {"secret_key": "pass\ud83d"}})
    assert shop.ask(AML, headers={"authorization": header("acme:pass")}).status == 401
