"""Hostile values in every control call: what cannot be kept is refused with its place and remedy, and the vendors
answer as before."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.core.clock import EARLIEST, LATEST
from mock_server.core.http import Response
from mock_server.providers.cloudcheck.record_shapes import SHAPES
from mock_server.providers.cloudcheck.routes import BY_NAME
from mock_server.store.base import DeliveryFilter
from mock_server.web.admin import routes
from tests.providers.cloudcheck.harness import PipelineHarness
from tests.providers.cloudcheck.test_endpoints import FOREIGN, GOOD, send
from tests.providers.shuftipro.harness import ShuftiHarness
from tests.web.kit import PERSON, Kit

NEVER = {"operation": "verify", "body.reference": "never"}
SCENARIO = {
    "name": "hostile",
    "provider": "cloudcheck",
    "description": "Kahurangi's Māori test 🌿",
    "match": {
        **NEVER,
        "body.details.name.family": {"regex": "^Ō"},
        "body.n": {"gt": 3},
        "now": {"after": "-18y"},
    },
    "priority": 3,
    "chance": "10%",
    "set": {"step": "{{ request.body.reference }}"},
    "respond": {
        "outcome": "verified",
        "merge": {"verification": {"n": 1}},
        "delay": {"uniform": ["1ms", "2ms"]},
    },
    "callbacks": [
        {"event": "PEP_MATCH_REVIEW", "after": "2s", "attempts": 2, "deliver": [{"late": "3s"}, "ok"]}
    ],
}
SEQUENCE = {
    "version": 1,
    "provider": "shuftipro",
    "vars": {"shop": "shop-"},
    "defaults": {"tags": ["a"]},
    "scenarios": [
        {
            "name": "row {{ row.id }}",
            "rows": [{"id": 1, "reference": "r-1"}],
            "match": {"operation": "verification", "body.reference": "never-{{ row.reference }}"},
            "sequence": {
                "by": "body.email",
                "then": "restart",
                "steps": [{"times": 2, "respond": {"status": 503, "body": "no", "delay": "1ms"}}],
            },
        }
    ],
}
ACCOUNT = {
    "cloudcheck": {
        "key": "NAME",
        "secret": "s + \"' ā",
        "permissions": ["verify", "live"],
        "webhook_url": "http://127.0.0.1:9/cc",
    },
    "shuftipro": {
        "client_id": "NAME",
        "secret_key": "k",
        "signature": "legacy",
        "callback_url": "http://127.0.0.1:9/sp",
        "callback_domains": ["127.0.0.1"],
        "services": ["document"],
        "rate_limit": 60,
        "name": "Tāne Ltd",
        "status": "trial",
        "balance": 12.5,
        "currency": "NZD",
        "subscription_plan_details": {"plan": "a"},
    },
    "cors": ["http://localhost:5173"],
}
STATE: Any = {
    "version": 1,
    "account": "elsewhere",
    "clock": {"frozen": 1_700_000_000.0, "offset": 0.0},
    "records": [
        {
            "provider": "*",
            "kind": "state",
            "key": "step",
            "status": "",
            "created": 1_700_000_000.0,
            "data": "done",
            "aliases": [],
        },
        {
            "provider": "shuftipro",
            "kind": "verification",
            "key": "kept-1",
            "status": "request.pending",
            "created": 1_700_000_000.0,
            "data": {"reference": "kept-1", "event": "request.pending"},
            "aliases": ["x"],
        },
        {
            "provider": "cloudcheck",
            "kind": "verification",
            "key": "abc",
            "status": "verified",
            "created": 1_700_000_000.0,
            "data": {"reference": "y", "reply": {}},
            "aliases": ["y"],
        },
    ],
}
DECISION = {"outcome": "declined", "decline": ["SPDR34"], "review": {"notes": "ā"}, "merge": {"x": 1}}
SIGNED: Any = {
    "provider": "cloudcheck",
    "method": "POST",
    "path": "/verify/",
    "params": {"a": "b", "c": ["d"]},
    "secret": "s",
}


class Call(NamedTuple):
    """A good call of the control API, to be spoilt."""

    method: str
    path: str
    body: Any = None
    query: dict[str, Any] = {}  # noqa: RUF012 - never changed


CALLS = [
    Call("PUT", "clock", {"freeze": "2026-01-01T00:00:00Z"}),
    Call("PUT", "clock", {"set": "2026-01-01T00:00:00Z"}),
    Call("PUT", "clock", {"offset": "-5m"}),
    Call("POST", "clock/advance", {"by": "2h"}),
    Call("DELETE", "clock"),
    Call("POST", "scenarios", SCENARIO),
    Call("POST", "scenarios", SEQUENCE),
    Call("POST", "scenarios", {"yaml": json.dumps(SEQUENCE)}),
    Call("POST", "scenarios/reload"),
    Call("PUT", "scenarios/pinned", {"name": "marlowe"}),
    Call("DELETE", "scenarios/pinned"),
    Call("PUT", "scenarios/cloudcheck/marlowe", {"enabled": False}),
    Call("POST", "scenarios/check", {"yaml": json.dumps(SEQUENCE), "file": "some.yaml"}),
    Call("PUT", "scenario-files", {"yaml": "# Ngā mihi\n", "version": ""}, {"file": "NAME.yaml"}),
    Call(
        "POST",
        "requests/try",
        {
            "path": "/verify/?a=b",
            "method": "POST",
            "headers": {"User-Agent": "Pūkeko/1.0"},
            "params": {"data": {"reference": "never", "consent": "Yes"}, "peid": "7000001"},
            "near_misses": 3,
        },
    ),
    Call("POST", "requests/try", {"path": "/", "json": {"reference": 'never + "ā" 🌿', "country": "NZ"}}),
    Call("DELETE", "scenarios/switched-off"),
    Call("PUT", "accounts/NAME", ACCOUNT),
    Call("POST", "state/import", STATE),
    Call("POST", "verifications/check-1/decide", DECISION),
    Call(
        "POST",
        "events",
        {
            "event": "verification.accepted",
            "reference": "check-1",
            "merge": {"a": 1},
            "url": "http://127.0.0.1:9/e",
        },
    ),
    Call(
        "POST",
        "events",
        {
            "event": "PEP_MATCH_REVIEW",
            "reference": "ref-1",
            "provider": "cloudcheck",
            "requestType": "VERIFICATION",
            "url": "http://127.0.0.1:9/w",
        },
    ),
    Call(
        "POST",
        "requests/count",
        {"provider": "cloudcheck", "status": 200, "q": "ā", "since": "2026-01-01T00:00:00Z"},
    ),
    Call("POST", "signature/explain", SIGNED),
    Call(
        "POST",
        "signature/explain",
        {"provider": "shuftipro", "body": "{}", "headers": {"Signature": "x"}, "scheme": "hashed"},
    ),
    Call("POST", "callbacks/flush"),
    Call("POST", "callbacks/d-1/resend"),
    Call("DELETE", "callbacks/d-1"),
    Call("POST", "providers/cloudcheck/first"),
    Call("DELETE", "requests"),
    Call("POST", "reset"),
    Call("GET", "requests", None, {"limit": "10", "since": "1", "status": "200", "q": "x", "before": "r"}),
    Call("GET", "requests/wait", None, {"count": "1", "timeout": "0s", "since": "0"}),
    Call("GET", "requests/none/explain", None, {"near_misses": "3"}),
    Call("GET", "callbacks", None, {"limit": "10", "outcome": "pending", "before": "d"}),
    Call("GET", "callbacks/wait", None, {"count": "1", "timeout": "0s", "outcome": "delivered"}),
    Call("GET", "verifications", None, {"limit": "10", "after": "ref-1", "q": "ā", "kind": "verification"}),
    Call("GET", "verifications/ref-1", None, {"provider": "cloudcheck"}),
    Call("GET", "coverage", None, {"all": "1", "provider": "cloudcheck", "group": "error"}),
    Call("GET", "bundle", None, {"personal": "1"}),
]

DEEP: Any = "leaf"
for _ in range(100):
    DEEP = [DEEP]
HOSTILE = [
    None, True, False, 0, -1, 2, 10**30, -(10**30), 2**63, -(2**63) - 1, 2**31, 0.1, 1e308, -1e308, 1e18, -1e18, 1e-320,
    float("nan"), float("inf"), float("-inf"), EARLIEST - 1, LATEST + 1, LATEST,
    "", " ", "\0", "a\0b", "\ud800", "x\udfffy", "x" * 100_000, "🌿", "\u202eabc\u2028", "a\r\nb: c", "null", "nan", "inf", "-inf", "1e308",
    "1e400", "-1", "9" * 400, "9999999999d", "-99999999d", "1e308s", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "1969-12-31T23:59:59Z", "2026-02-30T00:00:00Z",
    "http://[", "http://\0/", "http://a:99999/", "http://127.0.0.1:9/\ud800", "http://127.0.0.1:9/" + "p" * 70_000, "file:///etc/passwd",
    "http://a b/", "//x", "{{ 1/0 }}", "{% for %}", "{{ 9**9**9 }}", "{{ 'x' * 10**10 }}", "(a+)+$", "*", "..", "test-other",
    [], [[]], [None], ["\ud800"], {}, {"": ""}, {"a\0": 1}, {"\ud800": "\udfff"}, DEEP, {str(n): n for n in range(2000)}, list(range(5000)),
]  # fmt: skip
RAW = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff",
    b'{"by":NaN}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"1" * 5000,
    b'"\\ud800"',
    b"\xef\xbb\xbf{}",
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths to everything in a document, the document itself first."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*path, number))


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with another value at the path."""
    if not path:
        return value
    copy = deepcopy(document)
    inner = copy
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return copy


@st.composite
def spoilt(draw: Any) -> Any:
    """A good call in which one or two values are hostile, or have hostile company."""
    call = draw(st.sampled_from(CALLS))
    hostile = st.sampled_from(HOSTILE)
    if call.body is None:
        if draw(st.booleans()) and call.query:
            name = draw(st.sampled_from(sorted(call.query)))
            return call._replace(query={**call.query, name: draw(hostile)})
        part = draw(st.sampled_from(["%00", "%ff", "%ED%A0%80", "x" * 9000, "..", "%2e%2e%2f", "🌿", "*"]))
        return call._replace(path=f"{call.path.rpartition('/')[0] or 'requests'}/{part}")
    if draw(st.integers(0, 9)) == 0:
        return call._replace(body=draw(st.sampled_from(RAW)))
    body = call.body
    for _ in range(draw(st.integers(1, 2))):
        where = draw(st.sampled_from(list(places(body))))
        body = changed(body, where, draw(hostile))
    if draw(st.integers(0, 9)) == 0 and isinstance(body, dict):
        body = {**body, draw(st.sampled_from(["extra", "", "\0", "\ud800", "__proto__"])): draw(hostile)}
    return call._replace(body=body)


NUMBERS = itertools.count(1)


class InsideError(Exception):
    """The server failed to answer."""


class CloudcheckCustomer(PipelineHarness):
    """Of one account of a server that is there."""

    def __init__(self, kit: Kit, account: str) -> None:
        self.clock, self.store, self.accounts = kit.clock, kit.service.store, kit.service.accounts
        self.pipeline, self.backoffice = kit.service.pipeline, kit.service.backoffice
        self._nonces = NUMBERS
        self._account = account

    def params(self, path: str, fields: Any, **over: Any) -> dict[str, str]:
        account = self.accounts.get(self._account)
        assert account is not None
        section: Any = account.sections["cloudcheck"]
        at = self.store.account(self._account).clock.at(self.clock.at)
        stamped = {**fields, "timestamp": str(int(at * 1000)), **over}
        return super().params(path, stamped, key=section.key, secret=section.secret)

    def send(self, method: str, path: str, fields: Any = None, **options: Any) -> Response:
        try:
            return super().send(method, path, fields, **options)
        except Exception as error:
            raise InsideError(f"{method} {path}") from error

    def run_timers(self, seconds: float) -> None:
        timers, _ = self.store.deliveries(self._account, DeliveryFilter(state="pending", kind="timer"))
        for delivery in timers:
            self.backoffice.timer(delivery.message)


SHUFTI: dict[str, tuple[str, Any]] = {
    "verification": (
        "/",
        {"reference": "again-{n}", "country": "NZ", "background_checks": {**PERSON, "dob": "1955-03-14"}},
    ),
    "page": (
        "/",
        {
            "reference": "page-{n}",
            "country": "NZ",
            "verification_mode": "any",
            "document": {"supported_types": ["passport"]},
            "redirect_url": "http://localhost/r",
        },
    ),
    "status": ("/status", {"reference": "check-1"}),
    "token": ("/get/access/token", None),
    "info": ("/account/info/", None),
    "delete": ("/delete", {"reference": "check-1", "comment": "gone"}),
}


class ShuftiCustomer(ShuftiHarness):
    """Of one account of a server that is there."""

    def __init__(self, kit: Kit, account: str) -> None:
        self.clock, self.store, self.accounts = kit.clock, kit.service.store, kit.service.accounts
        self.pipeline = kit.service.pipeline
        known = self.accounts.get(account)
        assert known is not None
        section: Any = known.sections["shuftipro"]
        self.client, self.secret = section.client_id, section.secret_key

    def call(self, name: str) -> int:
        path, body = SHUFTI[name]
        if body is not None:
            body = {**body, "reference": body["reference"].format(n=next(NUMBERS))}
        return self.send("GET" if name == "info" else "POST", path, body).status


def statuses(kit: Kit, account: str, names: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Status and error of each of these vendor calls; 0 where a call before it was refused."""
    cloudcheck, shufti = CloudcheckCustomer(kit, account), ShuftiCustomer(kit, account)

    def answer(name: str) -> tuple[int, str]:
        try:
            status = shufti.call(name) if name in SHUFTI else send(cloudcheck, name).status
        except (KeyError, IndexError):  # there is no such member, since the answer is a refusal
            return 0, ""
        return status, kit.service.store.entries(account, limit=1)[0][0].error

    return {name: answer(name) for name in names}


OPERATIONS = (*GOOD, *SHUFTI)
LOOKS = (
    "clock",
    "requests",
    "callbacks",
    "verifications",
    "state",
    "state/export",
    "scenarios",
    "accounts",
    "coverage",
    "bundle",
    "notices",
    "ready",
)


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    with Kit(tmp_path_factory.mktemp("hostile")) as hostile_kit:
        yield hostile_kit


def fresh(kit: Kit) -> str:
    """An account with something in it."""
    name = f"test-hostile-{next(NUMBERS)}"
    kit.verify(account=name)
    kit.check(name)
    return name


def ask(kit: Kit, account: str, call: Call) -> tuple[int, Any]:
    body = call.body
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).replace('"NAME"', json.dumps(account)).encode()
    query: dict[str, Any] = {
        name: (value.replace("NAME", account) if isinstance(value, str) else json.dumps(value)).encode(
            "utf-8", "surrogatepass"
        )
        for name, value in call.query.items()
    }
    return kit.call(call.method, call.path.replace("NAME", account), body, **{"account": account, **query})


def test_every_changing_call_is_tried() -> None:
    def is_one(path: str, pattern: str) -> bool:
        parts, pattern_parts = path.split("/"), pattern.strip("/").split("/")
        return len(parts) == len(pattern_parts) and all(
            part == want or want.startswith("<") for part, want in zip(parts, pattern_parts)
        )

    untried = [
        (route.method, route.path)
        for route in routes()
        if (route.method != "GET" or route.body is not None)
        and not any(call.method == route.method and is_one(call.path, route.path) for call in CALLS)
    ]
    assert untried == []


def test_every_good_call_is_good(kit: Kit) -> None:
    refused = {}
    for call in CALLS:
        if call.path not in ("requests/none/explain", "callbacks/d-1/resend", "callbacks/d-1"):
            status, document = ask(kit, fresh(kit), call)
            if status >= 300 and status != 408:
                refused[call.method, call.path] = document
    assert refused == {}, json.dumps([[*k, v.get("detail"), v.get("problems")] for k, v in refused.items()])


@settings(max_examples=60)
@given(spoilt(), st.lists(st.sampled_from(OPERATIONS), min_size=3, max_size=3, unique=True))
def test_the_vendors_answer_whatever_is_asked_of_the_control_api(
    kit: Kit, call: Call, names: list[str]
) -> None:
    account, other = fresh(kit), fresh(kit)
    usual = statuses(kit, other, names)
    status, document = ask(kit, account, call)
    assert status < 500, document
    if status >= 400:
        assert document["detail"], "it says what is wrong"
    after = statuses(kit, account, names)
    assert all(each < 500 for each, _ in after.values()), after
    if status >= 400:
        assert after == usual
    assert statuses(kit, other, names) == usual
    looked = {look: kit.call("GET", look, account=account)[0] for look in LOOKS}
    assert looked == dict.fromkeys(LOOKS, 200)


@pytest.mark.parametrize(("word", "at"), [("freeze", EARLIEST), ("freeze", LATEST), ("set", LATEST)])
def test_every_vendor_call_works_at_the_ends_of_time(kit: Kit, word: str, at: float) -> None:
    account = fresh(kit)
    usual = statuses(kit, fresh(kit), OPERATIONS)
    kit.put("clock", {word: at}, account=account)
    kit.clock.advance(5)  # a clock that is set runs on, past the last second there is
    answers = statuses(kit, account, OPERATIONS)
    early = ("verify", "verify-response", "verify-pdf") if at == EARLIEST else ()
    for name in early:  # the customer is born later
        assert answers.pop(name) != usual.pop(name)
    assert answers == usual


HOSTILE_DATA: list[Any] = [None, "\ud7ff", -1, 2**63, 1e308, [], {}, [[]], {"": None}, True]


@pytest.fixture(scope="module")
def records(kit: Kit) -> list[dict[str, Any]]:
    """One of each kind that the vendors keep, as they are exported."""
    account = fresh(kit)
    statuses(kit, account, OPERATIONS)
    exported = kit.get("state/export", account=account)["records"]
    return list({(record["provider"], record["kind"]): record for record in exported}.values())


def readings(kit: Kit, account: str, record: dict[str, Any]) -> Iterator[int]:
    """The status of every call that reads a record."""
    key = record["key"]
    if record["provider"] == "shuftipro":
        shufti = ShuftiCustomer(kit, account)
        for path in ("/status", "/delete"):
            yield shufti.send("POST", path, {"reference": key, "comment": "gone"}).status
    else:
        cloudcheck = CloudcheckCustomer(kit, account)
        data = json.dumps(
            {"associationReferences": [key], "payload": [key], "reference": "ref-1", "consent": "Yes"}
        )
        for name in (*FOREIGN, "watchlist-list", "watchlist-delete", "verify", "live"):
            endpoint = BY_NAME[name]
            params = {each: data if each == "data" else key for each in endpoint.required}
            yield cloudcheck.send(endpoint.method, endpoint.path, params).status
        cloudcheck.run_timers(60)
    decisions = {"cloudcheck": "cleared", "shuftipro": "declined"}
    yield kit.call(
        "POST", f"verifications/{key}/decide", {"outcome": decisions[record["provider"]]}, account=account
    )[0]
    for look in LOOKS:
        yield kit.call("GET", look, account=account)[0]


@settings(max_examples=40)
@given(st.data())
def test_an_imported_record_is_refused_or_can_be_read(
    kit: Kit, records: list[dict[str, Any]], data: st.DataObject
) -> None:
    record = data.draw(st.sampled_from(records))
    where = data.draw(st.sampled_from(list(places(record["data"]))))
    spoilt_record = changed(record, ("data", *where), data.draw(st.sampled_from(HOSTILE_DATA)))
    account = fresh(kit)
    status, document = kit.call(
        "POST", "state/import", {"version": 1, "records": [spoilt_record]}, account=account
    )
    if status != 200:
        assert (status, "records[0]: data" in document["detail"]) == (422, True), document
        assert kit.get("verifications", account=account)["total"] == 2, "the account is as it was"
    else:
        assert max(readings(kit, account, spoilt_record)) < 500


def test_what_is_exported_can_be_imported(kit: Kit, records: list[dict[str, Any]]) -> None:
    kinds = {record["kind"] for record in records if record["provider"] == "cloudcheck"}
    assert kinds == set(SHAPES)
    answer = kit.post("state/import", {"version": 1, "records": records}, account="test-import")
    assert answer == {"records": len(records)}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"clock": {"frozen": 1e308}}, "1970 to 9999"),
        ({"clock": {"offset": -1e12}}, "1970 to 9999"),
        ({"records": [{**STATE["records"][0], "created": 1e300}]}, "records[0].created"),
        ({"records": [{**STATE["records"][0], "provider": "shuftypro"}]}, "records[0].provider"),
        (
            {"records": [STATE["records"][0], {**STATE["records"][0], "provider": "cloudcheck"}]},
            "records[1]: kind",
        ),
        ({"records": [{**STATE["records"][0], "provider": "shuftipro"}]}, "records[0]: kind"),
        ({"records": [STATE["records"][0]] * 2}, "same provider, kind and key"),
        ({"version": 2}, "version 2"),
    ],
)
def test_a_state_that_cannot_be_kept_changes_nothing(kit: Kit, change: Any, place: str) -> None:
    account = fresh(kit)
    before = kit.get("state/export", account=account)
    status, document = kit.call(
        "POST", "state/import", {"version": 1, "records": [], **change}, account=account
    )
    assert (status in (400, 422), place in document["detail"]) == (True, True), document
    assert kit.get("state/export", account=account) == before


@pytest.mark.parametrize(
    "url",
    ["http://[", "http://\0/", "http://a:99999/", "http://a b/", "ftp://a/", "http:///x", "localhost:3000"],
)
@pytest.mark.parametrize(
    ("provider", "setting"), [("cloudcheck", "webhook_url"), ("shuftipro", "callback_url")]
)
def test_an_address_that_cannot_be_called_is_refused(kit: Kit, provider: str, setting: str, url: str) -> None:
    account = fresh(kit)
    status, document = kit.call("PUT", f"accounts/{account}", {provider: {setting: url}})
    assert (
        status,
        setting in document["detail"],
        "http://localhost:3000" in document["detail"],
    ) == (422, True, True)
    assert kit.get(f"accounts/{account}")[provider][setting] == ""
