"""An entry that cannot be shown never hides the list: odd bodies, header fields and receivers' answers, on
every surface and store."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.client import Receiver
from mock_server.core import config as configuration
from mock_server.core.http import Request
from mock_server.core.nesting import DEPTH, is_deeper
from mock_server.core.records import Attempt, Delivery, Entry, Message, Record
from mock_server.web import serializers
from mock_server.web.admin import routes
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.safe_json import TOO_DEEP, document
from mock_server.web.service import Service
from tests.redis_server import running_redis
from tests.web.echo import Client
from tests.web.kit import PERSON, Kit

SCENARIOS = """\
version: 1
provider: shuftipro
scenarios:
  - name: compares
    match: {operation: verification, body.reference: {prefix: never-}, body.x: {contains: zebra}, body.y: {regex: "^z"}}
    respond: {outcome: declined}
  - name: echoes
    match: {operation: verification, body.reference: {prefix: echo-}}
    respond:
      outcome: accepted
      merge: {typed: "{{ request.body.x }}", text: "it was {{ request.body.x }}", json: "{{ request.body.x | tojson }}"}
    callbacks: [{event: verification.accepted, merge: {again: "{{ request.body.x }}"}}]
"""
AUTHORIZATION = {"Authorization": "Basic " + base64.b64encode(b"test-a:test-a-secret").decode()}
BASIC = base64.b64encode(b"mock-client:mock-secret-QvT7dR2mZk4Lw9Xb").decode()


def lists(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def objects(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


ODD = {
    **{f"{levels} lists": lists(levels) for levels in (65, 330, 500, 511, 700, 990, 1100, 100_000)},
    **{f"{levels} objects": objects(levels) for levels in (65, 330, 500, 511, 700, 990, 1100)},
    "an infinite number": b"1e999",
    "minus zero": b"-0",
    "400 digits": b"1" + b"0" * 400,
    "5,000 digits": b"1" + b"0" * 5000,
    "beyond 64 bits": b"18446744073709551616",
    "NaN": b"NaN",
    "half a surrogate pair": b'"\\ud83d"',
    "a key with half a pair": b'{"\\udc00": 1}',
    "NUL": b'"\\u0000"',
    "a raw NUL": b'"\0"',
    "not UTF-8": b'"\xff\xfe"',
    "a name twice": b'{"a": 1, "a": [2]}',
    "not JSON": b'{"a": ',
    "nothing": b"",
}


class Place:
    """An account with one ordinary request, its callback and its verification, and a receiver that answers
    what it is given."""

    def __init__(self, kit: Kit, receiver: Receiver) -> None:
        self.kit, self._receiver = kit, receiver
        self._numbers = itertools.count()
        self.fresh()

    def fresh(self) -> None:
        """As at the beginning."""
        self.kit.post("reset")
        self.kit.check(reference="ordinary", callback_url=self._receiver.url)
        self.kit.get("callbacks/wait", outcome="delivered", timeout="10s")

    def shufti(self, value: bytes, prefix: str = "odd-") -> None:
        """A request with the value in it, as it is."""
        fields = {"reference": f"{prefix}{next(self._numbers):05}", "background_checks": PERSON}
        self.raw(json.dumps(fields).encode()[:-1] + b',"x":' + value + b"}")

    def raw(self, body: bytes, path: str = "/", kind: str = "application/json", **fields: str) -> None:
        self.kit.http.post(path, data=body, content_type=kind, headers={**AUTHORIZATION, **fields})

    def form(self, data: bytes) -> None:
        """A Cloudcheck form with the value as ``data``, and a wrong signature."""
        fields = f"key=test-a&nonce=n-{next(self._numbers)}&timestamp=1700000000000&signature=0&data="
        self.raw(
            fields.encode() + quote_from_bytes(data).encode(), "/verify/", "application/x-www-form-urlencoded"
        )

    def answered(self, answer: bytes) -> None:
        """A callback whose receiver answers so."""
        self._receiver.answer(200, body=answer, headers={"Content-Type": "application/json"})
        before = self.kit.get("callbacks", outcome="delivered")["total"]
        self.kit.post(
            "events", {"event": "verification.accepted", "reference": "ordinary", "url": self._receiver.url}
        )
        self.kit.get("callbacks/wait", outcome="delivered", count=before + 1, timeout="10s")

    def seen(self) -> dict[str, Any]:
        """How many entries each surface shows, and what stands at the end of each list; every single entry is
        looked at."""
        kit = self.kit
        requests, callbacks = kit.get("requests")["requests"], with_address(kit.get("callbacks")["callbacks"])
        for entry in requests:
            assert kit.get(f"requests/{entry['id']}")["id"] == entry["id"]
            assert kit.get(f"requests/{entry['id']}/explain")["id"] == entry["id"]
        for callback in callbacks:
            assert kit.get(f"callbacks/{callback['id']}")["id"] == callback["id"]
        late = [
            kit.call("GET", f"{name}/wait", count=1000, timeout="0s") for name in ("requests", "callbacks")
        ]
        counted = [len(late[0][1]["requests"]), len(with_address(late[1][1]["callbacks"]))]
        return {
            "requests": len(requests),
            "oldest request": requests[-1]["reference"],
            "awaited requests": len(kit.get("requests/wait", count=len(requests))["requests"]),
            "callbacks": len(callbacks),
            "oldest callback": callbacks[-1]["reference"],
            "too late": [(status, count) for (status, _), count in zip(late, counted)],
            "oldest verification": kit.get("verifications", limit=1000)["verifications"][-1]["key"],
        }


def with_address(callbacks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those of the scenario that answers odd requests, which name no address."""
    return [callback for callback in callbacks if not callback["no_address"]]


def expected(requests: int, callbacks: int) -> dict[str, Any]:
    return {
        "requests": requests,
        "oldest request": "ordinary",
        "awaited requests": requests,
        "callbacks": callbacks,
        "oldest callback": "ordinary",
        "too late": [(408, requests), (408, callbacks)],
        "oldest verification": "ordinary",
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Kit(tmp_path_factory.mktemp("place"), scenarios=SCENARIOS) as kit, Receiver() as receiver:
        yield Place(kit, receiver)


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_an_odd_request_hides_nothing(place: Place, value: bytes) -> None:
    place.fresh()
    place.raw(value)
    place.shufti(value)
    place.form(value)
    place.form(b'{"details":' + value + b"}")
    assert place.seen() == expected(requests=5, callbacks=1)


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_a_scenario_that_repeats_an_odd_value_hides_nothing(place: Place, value: bytes) -> None:
    place.fresh()
    place.shufti(value, "echo-")
    place.shufti(value, "never-")
    assert place.seen() == expected(requests=3, callbacks=1)


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
def test_an_odd_answer_of_a_receiver_hides_nothing(place: Place, answer: bytes) -> None:
    place.fresh()
    place.answered(answer)
    place.answered(b'{"x":' + answer + b"}")
    assert place.seen() == expected(requests=1, callbacks=3)


@pytest.fixture(params=["sqlite", "redis"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """In a store that keeps everything as bytes."""
    with ExitStack() as stack:
        store = (
            stack.enter_context(running_redis(tmp_path))
            if request.param == "redis"
            else f"sqlite:{tmp_path / 'store.db'}"
        )
        kit = stack.enter_context(Kit(tmp_path, scenarios=SCENARIOS, store=store))
        yield Place(kit, stack.enter_context(Receiver()))


def test_all_odd_values_at_once_hide_nothing_in_a_store_of_bytes(stored: Place) -> None:
    for value in ODD.values():
        stored.raw(value)
        stored.shufti(value, "echo-")
        stored.form(value)
        stored.answered(value)
    assert stored.seen() == expected(requests=1 + 3 * len(ODD), callbacks=1 + len(ODD))


JSON = st.recursive(
    st.sampled_from(list(ODD.values())) | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: b"[" + b",".join(items) + b"]")
        | st.lists(inner, max_size=3).map(
            lambda items: b"{" + b",".join(b'"a":' + item for item in items) + b"}"
        )
    ),
    max_leaves=4,
)
FIELD = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=30)
MEMBERS = (
    "reference",
    "country",
    "callback_url",
    "background_checks",
    "document",
    "face",
    "consent",
    "ttl",
    "verification_mode",
)


@settings(max_examples=50)
@given(
    value=JSON,
    member=st.sampled_from(MEMBERS),
    path=st.sampled_from(["/", "/verify/", "/status", "/tree/entities/?x=%00%ff", "/liv"]),
    field=FIELD,
)
def test_no_request_hides_another(place: Place, value: bytes, member: str, path: str, field: str) -> None:
    place.fresh()
    body = (
        json.dumps({"reference": "odd-0001", "background_checks": PERSON}).encode()[:-1]
        + f',"{member}":'.encode()
        + value
        + b"}"
    )
    place.raw(body, path, **{"X-Odd": field, "User-Agent": field})
    place.raw(value, path, field)
    place.form(value)
    assert place.seen()["oldest request"] == "ordinary"


@settings(max_examples=50)
@given(answer=JSON)
def test_no_answer_of_a_receiver_hides_another(place: Place, answer: bytes) -> None:
    place.fresh()
    place.answered(answer)
    assert place.seen() == expected(requests=1, callbacks=2)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    config = configuration.build(
        {"scenarios": [str(tmp_path_factory.mktemp("none"))], "watch": False, "admin_host": ["mock.test"]}
    )
    service = Service(config)
    with LiveServer(service, lambda: create_app(service)) as live:
        yield live


BYTES = st.binary(max_size=30).map(lambda raw: bytes(byte for byte in raw if byte not in b"\r\n\0"))
PIECES = (b"/", b"verify", b"%00", b"%ff", b"%F0%9F", b"%ED%A0%80", b"%", b"?", b"&", b"a=%zz", b"=", b"+")
TARGET = st.lists(st.sampled_from(PIECES), max_size=6)


@settings(max_examples=100)
@given(target=TARGET.map(b"".join), field=BYTES, value=JSON)
def test_no_bytes_on_the_wire_hide_a_request(
    live: LiveServer, target: bytes, field: bytes, value: bytes
) -> None:
    body = b'{"reference":"ordinary"}'
    with Client(("127.0.0.1", live.port)) as client:
        client.request("/__admin/reset", "POST", b"{}").reply()
        client.request(
            "/", "POST", body, "Content-Type: application/json", f"Authorization: Basic {BASIC}"
        ).reply()
    with Client(("127.0.0.1", live.port)) as client:
        fields = b"Host: mock.test\r\nX-Odd: %b\r\nAuthorization: Basic %b\r\nContent-Type: %b\r\n" % (
            field,
            field,
            field or b"text/plain",
        )
        client.send(
            b"POST /%b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (target, fields, len(value), value)
        ).reply()
    with Client(("127.0.0.1", live.port)) as client:
        listed = client.request("/__admin/requests").reply()
        explained = [
            client.request(f"/__admin/requests/{entry['id']}/explain").reply().status
            for entry in listed.json()["requests"]
        ]
    assert (listed.status, listed.json()["requests"][-1]["path"], {*explained}) == (200, "/", {200})


def test_the_stream_shows_an_odd_request_and_goes_on(place: Place) -> None:
    place.fresh()
    with place.kit.http.get("/__admin/stream?account=test-a", buffered=False) as response:
        pieces = iter(response.response)
        next(pieces)
        place.raw(
            b'{"reference":"odd-00000","background_checks":{"dob":"1987-03-14"},"x":' + lists(500) + b"}"
        )
        place.kit.check(reference="after-it")
        events = itertools.islice(
            (piece for piece in map(decoded, pieces) if piece.startswith("event: request")), 2
        )
        data = [json.loads(event.partition("data: ")[2]) for event in events]
    assert [entry["reference"] for entry in data] == ["odd-00000", "after-it"]


def decoded(piece: Any) -> str:
    return piece if isinstance(piece, str) else bytes(piece).decode()


REQUEST = Request("POST", "/", "", {}, b'{"reference":"ref-1"}')
BEYOND = 1e308
"""An instant that no calendar has."""


class Unprintable:
    def __str__(self) -> str:
        raise RecursionError


def test_an_entry_that_cannot_be_shown_says_what_is_missing() -> None:
    entry = Entry(
        "r-1",
        "test-a",
        "shuftipro",
        "verification",
        BEYOND,
        0.0,
        REQUEST,
        400,
        (),
        b"{}",
        "ref-1",
        evidence={"odd": Unprintable()},
    )
    shown = serializers.entry(entry, serializers.SecretRedactor(None))
    assert (
        shown["unshowable"]
        == "at cannot be shown: a value is out of range; evidence cannot be shown: it is nested too deep"
    )
    assert (shown["id"], shown["at"], shown["real"], shown["status"]) == (
        "r-1",
        "",
        "1970-01-01T00:00:00.000Z",
        400,
    )
    assert (shown["request"]["body"], shown["evidence"]) == ('{"reference":"ref-1"}', None)


def test_a_callback_that_cannot_be_shown_says_what_is_missing() -> None:
    message = Message(
        "d-1", "test-a", "shuftipro", "request.timeout", "ref-1", "http://localhost/", b"{}", (), 0.0, 0.0
    )
    shown = serializers.delivery(
        Delivery(message, due=BEYOND, attempts=(Attempt(BEYOND, 0.1),)), serializers.SecretRedactor(None)
    )
    assert (
        shown["unshowable"]
        == "due cannot be shown: a value is out of range; attempts cannot be shown: a value is out of range"
    )
    assert (shown["id"], shown["state"], shown["due"], shown["attempts"]) == ("d-1", "pending", "", [])
    assert shown["request"]["json"] == {}


def test_a_record_that_cannot_be_shown_says_what_is_missing() -> None:
    shown = serializers.record(
        Record("shuftipro", "verification", "ref-1", "accepted", BEYOND, b"{}"),
        serializers.SecretRedactor(None),
    )
    assert shown["unshowable"] == "created cannot be shown: a value is out of range"
    assert (shown["key"], shown["status"], shown["created"], shown["data"]) == ("ref-1", "accepted", "", {})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"a": 18446744073709551615}', {"a": 18446744073709551615}),
        ('{"a": 18446744073709551616}', {"a": "18446744073709551616"}),
        ('{"a": -9223372036854775809}', {"a": "-9223372036854775809"}),
        ('{"a": [1e999, -1e999, 1e308, -0.0]}', {"a": ["1e999", "-1e999", 1e308, -0.0]}),
        (f"[{'9' * 5000}]", ["9" * 5000]),
        ("[NaN]", None),
        ("[-Infinity]", None),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ("[" * 100_000 + "]" * 100_000, TOO_DEEP),
        ("3", None),
        ('{"a":', None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_json_is_shown_as_every_reader_of_json_can_take_it(text: str, shown: Any) -> None:
    assert document(text) == shown


@pytest.mark.parametrize(("levels", "shown"), [(DEPTH, "[]"), (DEPTH + 1, json.dumps(TOO_DEEP))])
def test_deeper_levels_are_named_not_shown(levels: int, shown: str) -> None:
    value = serializers.SecretRedactor(None).value(json.loads(lists(levels)))
    assert json.dumps(value) == "[" * (DEPTH - 1) + (shown if levels == DEPTH else f"[{shown}]") + "]" * (
        DEPTH - 1
    )


@pytest.mark.parametrize(
    ("levels", "deeper"),
    [(DEPTH, False), (DEPTH + 1, True), (900, True)],
    ids=["the deepest", "one too deep", "far too deep"],
)
def test_the_depth_of_a_value_is_measured_at_any_depth(levels: int, deeper: bool) -> None:
    assert is_deeper(json.loads(lists(levels))) is deeper
    assert is_deeper(json.loads(objects(levels))) is deeper


CALLS = [(route.method, route.path) for route in routes() if route.body is not None]


@pytest.mark.parametrize("levels", [DEPTH, 330, 990, 100_000])
@pytest.mark.parametrize(("method", "path"), CALLS, ids=[f"{method} {path}" for method, path in CALLS])
def test_a_control_call_with_a_deep_body_is_refused_with_the_reason(
    place: Place, method: str, path: str, levels: int
) -> None:
    target = path.replace("<path:reference>", "ordinary").replace("<name>", "test-b").lstrip("/")
    query = {"file": "new.yaml"} if path == "/scenario-files" else {}
    status, problem = place.kit.call(method, target, b'{"name":' + objects(levels) + b"}", **query)
    assert (status, problem["detail"]) == (400, f"the body is nested deeper than {DEPTH} levels")
