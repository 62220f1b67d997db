"""Whatever comes, on whatever path: an answer in the vendor's shape, signed where the caller is known, and
never an exception."""

from __future__ import annotations

import copy
import functools
from typing import Any
from urllib.parse import urlencode

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.core.http import Request, Response
from mock_server.providers.shuftipro import events, phpjson, signing
from tests.providers.shuftipro.harness import AML, PICTURE, ShuftiHarness
from tests.providers.shuftipro.test_declines import ONSITE

FILE = "a" * 40
PATHS = (
    "/",
    "/api/",
    "/status",
    "/delete",
    "/account/info/",
    "/get/access/token",
    "/decline/reasons",
    "/api/pea/",
    f"/api/pea/{FILE}",
    f"/storage/{FILE}/x",
)
METHODS = ("POST", "GET", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW")
TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "",
    "multipart/form-data; boundary=x",
    "application/vnd.x+json; charset=latin-1",
)
VALID: dict[str, Any] = {
    **ONSITE,
    "email": "a@b.test",
    "callback_url": "http://127.0.0.1:9/x",
    "redirect_url": "http://127.0.0.1:9/y",
    "ttl": 5,
    "show_results": "0",
    "manual_review": "1",
    "decline_on_single_step": "1",
    "language": "EN",
}
OPEN = ("access_token",), ("account",), ("decline_reasons",), ("message",)

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "0",
            "1",
            "2021-01-01",
            "DE",
            PICTURE,
            "passport",
            "accepted-x",
            "decline-SPDR01-x",
            "http://[::1",
            "http://[1.2]/",
            "http://a℀b/",
            "\x00",
            "ref-fuzz",
        ]
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


def _places(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [path]
    return [place for key, item in value.items() for place in [(*path, key), *_places(item, (*path, key))]]


PLACES = sorted(set(_places(VALID)))


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """A valid request with a few values replaced, or left out."""
    body: dict[str, Any] = copy.deepcopy(dict(draw(st.sampled_from([VALID, AML]))))
    for path in draw(st.lists(st.sampled_from(PLACES), max_size=3)):
        at: Any = body
        for key in path[:-1]:
            at = at.get(key) if isinstance(at, dict) else None
        if isinstance(at, dict):
            if draw(st.booleans()):
                at[path[-1]] = draw(VALUES)
            else:
                at.pop(path[-1], None)
    body["reference"] = draw(
        st.one_of(
            st.uuids().map(str),
            st.sampled_from(["ref-fuzz", "declined-x", "error-500-x", "review-x1", 7, None]),
            VALUES,
        )
    )
    return body


def _json(value: Any) -> bytes:
    return phpjson.encode(value)


ENDPOINTS = [("POST", path) for path in PATHS[:4]] + [
    ("GET", "/account/info"),
    ("GET", "/decline/reasons"),
    ("POST", "/get/access/token"),
]
TARGETS = st.one_of(
    st.sampled_from(ENDPOINTS),
    st.sampled_from(ENDPOINTS),
    st.tuples(st.sampled_from(METHODS), st.sampled_from(PATHS)),
)
NAMES = st.sampled_from(
    ["reference", "document[proof]", "face[]", "a[b][c]", "a[", "[]", "consent[text]", "comment"]
)
BODIES = st.one_of(
    st.binary(max_size=60),
    damaged().map(_json),
    damaged().map(_json),
    VALUES.map(_json),
    damaged().map(_json).map(lambda body: body[: len(body) // 2]),
    st.dictionaries(NAMES, st.text(max_size=8), max_size=5).map(lambda form: urlencode(form).encode()),
)
AUTHORIZATIONS = st.one_of(
    st.just("right"),
    st.just("right"),
    st.sampled_from(["", "Basic", "Basic Og==", "Bearer x", "\xff\xfe"]),
    st.text("abcAB= :\xe9", max_size=20),
)


@functools.cache
def shop() -> ShuftiHarness:
    """One for all examples: what they leave behind makes the next ones harder."""
    harness = ShuftiHarness(
        {"name": "s", "match": {"body.country": "FR"}, "respond": {"merge": {"x": {"0": {}}}}}
    )
    harness.ask({"reference": "ref-fuzz", **AML})
    return harness


def check(response: Response, known: bool) -> None:
    kind = dict(response.headers)["Content-Type"]
    if kind in ("application/pdf", "image/png", "image/jpeg"):
        return
    if kind.startswith("text/html"):
        assert response.status in (504, 524)
        return
    answer = msgspec.json.decode(response.body)
    if tuple(answer) not in OPEN:
        assert list(answer)[:2] == ["reference", "event"]
        assert events.EVENTS[answer["event"]].http
        assert (response.status >= 400) == (answer["event"] in ("request.invalid", "request.unauthorized"))
    assert response.body == phpjson.encode(answer) or b"[]" in response.body
    if known and response.status != 401:
        values = {value for name, value in response.headers if name in signing.HEADERS}
        assert {signing.sign(response.body, shop().secret, "hashed")} == values


@settings(max_examples=250)
@given(
    target=TARGETS,
    kind=st.sampled_from(TYPES),
    authorization=AUTHORIZATIONS,
    body=BODIES,
    query=st.text(max_size=8),
)
def test_any_request_is_answered_in_the_vendors_shape(
    target: tuple[str, str], kind: str, authorization: str, body: bytes, query: str
) -> None:
    method, path = target
    known = authorization == "right"
    headers = {
        "authorization": shop().basic() if known else authorization,
        "content-type": kind,
        "user-agent": "fuzz/\xe9",
    }
    response = shop().pipeline.handle(Request(method, path, query, headers, body))
    shop().store.release(response.release)
    check(response, known and "pea" not in path and "storage" not in path)


@settings(max_examples=200)
@given(body=damaged())
def test_any_verification_is_answered_and_can_be_asked_for(body: dict[str, Any]) -> None:
    response = shop().ask(_json(body))
    check(response, known=True)
    if response.status == 200:
        shop().pass_time(3)
        shop().backoffice.decide(shop().account, body["reference"], _decision("declined"))
        status = shop().send("POST", "/status", {"reference": body["reference"]})
        check(status, known=True)
        assert b'"event":"verification.declined"' in status.body


def _decision(outcome: str) -> Any:
    from mock_server.providers.base import Decision

    return Decision(outcome)
