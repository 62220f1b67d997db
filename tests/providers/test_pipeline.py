"""The exchange pipeline, driven with a vendor that does not exist."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest
from harbour_mock import KEY, NONCE, SIGNATURE, VOCABULARY, VOUCHER, Harbour, digest

from mock_server.core.clock import ManualClock
from mock_server.core.exceptions import MockServerError, StoreError
from mock_server.core.http import Arrival, Refusal, Request, Response
from mock_server.core.ids import ProcessIds
from mock_server.core.records import Entry, Message
from mock_server.providers.accounts import Accounts
from mock_server.providers.backoffice import Backoffice, NotFoundError
from mock_server.providers.base import Decision
from mock_server.providers.context import RequestContext, Services, UnitOfWork
from mock_server.providers.pipeline import Pipeline
from mock_server.providers.scenarios import Scenarios
from mock_server.scenario.loader import ScenarioSet, compile_inline
from mock_server.store import open_store
from mock_server.store.base import Limits, Store, Transaction
from mock_server.store.sqlite import SqliteStore

Send = Callable[..., Response]
VOCABULARIES = {"harbour": VOCABULARY}


def scenarios(*each: dict[str, Any]) -> Scenarios:
    document = {"version": 1, "provider": "harbour", "scenarios": list(each)}
    return Scenarios(ScenarioSet(compile_inline(document, VOCABULARIES) if each else ()), VOCABULARIES)


class WithTimer(Harbour):
    def timer(self, unit: UnitOfWork, message: Message) -> None:
        unit.send(self.message(unit, "check.done"))


class PipelineHarness:
    """A pipeline on a memory store with a clock of its own."""

    def __init__(
        self, *each: dict[str, Any], store: Store | None = None, vendor: Harbour | None = None, **options: Any
    ) -> None:
        """``each``: a scenario of the vendor's file; ``options``: the pipeline's."""
        vendor = vendor or Harbour({})
        self.clock = ManualClock()
        self.store = store or open_store("memory", journal_limit=100, clock=self.clock)
        self.accounts = Accounts({}, [vendor], self.store)
        services = Services(self.store, self.accounts, ProcessIds("t"), seed=1, settings={})
        self.scenarios = scenarios(*each)
        self.pipeline = Pipeline(
            {"harbour": vendor}, services, self.store, self.scenarios, self.clock, **options
        )
        self.backoffice = Backoffice(self.pipeline)

    def post(
        self,
        body: Any = None,
        *,
        key: str = "test-a",
        voucher: str = "",
        nonce: str = "",
        path: str = "/checks",
        mount: str = "",
    ) -> Response:
        request = check({"name": "Ada", "reference": "r1"} if body is None else body, key, voucher, nonce)
        return self.pipeline.handle(request.replace(path=path, mount=mount))

    def used(self, kind: str, value: str = "m1") -> bool:
        return self.store.find_used("test-a", kind, value) is not None

    def entry(self, account: str = "test-a") -> Entry:
        return self.store.entries(account)[0][0]

    @property
    def test_account(self) -> Any:
        return self.accounts.get("test-a")


def check(body: Any, key: str = "test-a", voucher: str = "", nonce: str = "") -> Request:
    """A signed request. ``body``: JSON, or the bytes themselves."""
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    headers = {KEY: key, SIGNATURE: digest(f"{key}-secret", raw), VOUCHER: voucher, NONCE: nonce}
    return Request("POST", "/checks", "", headers, raw)


def arrivals(requests: list[Request]) -> list[Arrival]:
    router = PipelineHarness().pipeline.router
    return [Arrival(request, router.route_of(request)) for request in requests]


def payload(response: Response) -> Any:
    return msgspec.json.decode(response.body)


def test_an_answer_is_signed_over_its_bytes_and_journalled() -> None:
    harness = PipelineHarness()
    response = harness.post()
    headers = dict(response.headers)
    assert (response.status, headers["Content-Type"]) == (201, "application/json")
    assert headers["X-Harbour-Signature"] == digest("test-a-secret", response.body)
    entry = harness.entry()
    assert (response.body, "check", "clear", "r1", "") == (
        entry.body,
        entry.operation,
        entry.outcome,
        entry.reference,
        entry.scenario,
    )
    assert entry.id == headers["X-Mock-Request-Id"]


def test_the_mock_headers_can_be_turned_off() -> None:
    for answer in (
        PipelineHarness(mock_headers=False).post(),
        PipelineHarness(mock_headers=False).post(key="nobody"),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("X-Mock") or name == "Link"]


def test_the_vendors_own_callback_waits_for_the_answer_to_leave() -> None:
    harness = PipelineHarness()
    response = harness.post()
    assert harness.store.lease_due(harness.clock.now(), 5.0) == []
    harness.store.release(response.release)
    assert [delivery.message.event for delivery in harness.store.lease_due(harness.clock.now(), 5.0)] == [
        "check.done"
    ]


@pytest.mark.parametrize(
    ("body", "key", "status", "code"),
    [
        (b"{", "test-a", 400, "bad-check"),
        ({"reference": "r"}, "test-a", 400, "bad-check"),
        (None, "nobody", 401, "bad-key"),
    ],
    ids=["unreadable", "incomplete", "unknown"],
)
def test_a_refused_request_creates_nothing(body: Any, key: str, status: int, code: str) -> None:
    refused: list[Entry] = []
    harness = PipelineHarness(on_refusal=refused.append)
    response = harness.post(body, key=key, voucher="m1")
    assert (response.status, payload(response)["error"]) == (status, code)
    assert harness.used(VOUCHER) is False
    assert harness.store.records("test-a") == []
    assert [entry.error for entry in refused] == [code]
    assert harness.post(voucher="m1").status == 201


def test_a_request_of_nobody_is_journalled_under_default() -> None:
    harness = PipelineHarness()
    harness.post(key="nobody")
    assert harness.entry("default").evidence == {"check": "key"}


def test_one_of_many_simultaneous_requests_has_the_voucher() -> None:
    harness = PipelineHarness()
    barrier, statuses = threading.Barrier(16), []

    def send(count: int) -> None:
        barrier.wait()
        statuses.append(harness.post({"name": "Ada", "reference": f"r{count}"}, voucher="once").status)

    threads = [threading.Thread(target=send, args=(count,)) for count in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [409] * 15


def test_simultaneous_writers_of_one_record_all_succeed_in_turn() -> None:
    harness = PipelineHarness()
    barrier, statuses = threading.Barrier(8), []

    def send() -> None:
        barrier.wait()
        statuses.append(harness.post().status)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 8
    record = harness.store.record("test-a", "harbour", "check", "r1")
    assert record is not None
    assert record.version == 8


@pytest.fixture(params=["memory", "sqlite"])
def shared_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """One that commits requests one by one, and one that takes them together."""
    url = "memory" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}"
    with closing(open_store(url, journal_limit=100, clock=ManualClock())) as store:
        yield store


def numbered(reference: str, voucher: str, key: str = "test-a") -> Request:
    return check({"name": "Ada", "reference": reference}, key, voucher)


def test_simultaneous_requests_are_answered_as_if_in_turn(shared_store: Store) -> None:
    refused: list[Entry] = []
    harness = PipelineHarness(
        {
            "name": "first then rest",
            "sequence": [{"respond": {"outcome": "hit"}}, {"respond": {"outcome": "clear"}}],
        },
        store=shared_store,
    )
    harness.pipeline = Pipeline(
        {"harbour": Harbour({})},
        harness.pipeline.services,
        shared_store,
        harness.scenarios,
        harness.clock,
        on_refusal=refused.append,
    )
    together = [
        numbered("r1", "m1"),
        numbered("r2", "m1"),
        numbered("r1", "m2"),
        numbered("r1", "m1", "test-b"),
        numbered("r3", "m3", "nobody"),
    ]
    answers = harness.pipeline.handle_all(arrivals(together))
    assert [isinstance(answer, Response) and answer.status for answer in answers] == [201, 409, 201, 201, 401]
    assert {
        entry.id: entry.outcome for entry in shared_store.entries("test-a")[0] if entry.reference == "r1"
    }.keys() == {
        dict(answer.headers)["X-Mock-Request-Id"]
        for answer in (answers[0], answers[2])
        if isinstance(answer, Response)
    }
    assert [
        entry.outcome for entry in reversed(shared_store.entries("test-a")[0]) if entry.reference == "r1"
    ] == ["hit", "clear"]
    assert sorted(entry.error for entry in refused) == ["bad-key", "used"]
    record = shared_store.record("test-a", "harbour", "check", "r1")
    assert record is not None
    assert record.version == 2


def test_a_request_that_fails_spoils_none_that_came_with_it(
    shared_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = PipelineHarness(store=shared_store)
    validate = Harbour.validate

    def failing(self: Harbour, context: RequestContext) -> None:
        if context.account.name == "test-bad":
            raise LookupError("out of order")
        validate(self, context)

    monkeypatch.setattr(Harbour, "validate", failing)
    answers = harness.pipeline.handle_all(
        arrivals([numbered("r1", "m1"), numbered("r2", "m2", "test-bad"), numbered("r3", "m3")])
    )
    assert [type(answer) for answer in answers] == [Response, LookupError, Response]
    assert shared_store.entries("test-a")[1] == 2


def test_a_store_that_fails_fails_each_of_those_that_came_together(
    shared_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = PipelineHarness(store=shared_store)

    def full(*_: Any) -> None:
        raise StoreError("no space left")

    monkeypatch.setattr(type(shared_store), "commit", full)
    assert [
        str(answer)
        for answer in harness.pipeline.handle_all(arrivals([numbered("r1", "m1"), numbered("r2", "m2")]))
    ] == ["no space left"] * 2


def test_a_group_that_cannot_be_committed_fails_each_request_of_it(tmp_path: Path) -> None:
    with closing(SqliteStore(str(tmp_path / "store.db"), ManualClock(), Limits(100, 100))) as store:
        harness = PipelineHarness(store=store)
        assert harness.post().status == 201
        store._db.run("PRAGMA query_only = ON")
        answers = harness.pipeline.handle_all(arrivals([numbered("r1", "m1"), numbered("r2", "m2")]))
        assert [type(answer) for answer in answers] == [StoreError] * 2
        assert store.entries("test-a")[1] == 1
        store._db.run("PRAGMA query_only = OFF")
        answers = harness.pipeline.handle_all(arrivals([numbered("r1", "m1"), numbered("r2", "m2")]))
        assert [type(answer) for answer in answers] == [Response] * 2
        assert store.entries("test-a")[1] == 3


NAMES = {
    "Māori": ("ngā whānau", "ng%C4%81 wh%C4%81nau"),
    "Cyrillic": ("документ просрочен", ""),
    "Chinese": ("證件過期", ""),
    "Arabic": ("اسم", ""),
    "emoji": ("passport 🛂", "passport %F0%9F%9B%82"),
    "a percent sign": ("50% declined", "50% declined"),
    "what looks encoded": ("100%41", "100%2541"),
}


@pytest.mark.parametrize(("name", "encoded"), NAMES.values(), ids=NAMES)
def test_a_name_in_any_script_is_a_legal_header(name: str, encoded: str) -> None:
    response = PipelineHarness({"name": name, "respond": {"outcome": "hit"}}).post()
    header = dict(response.headers)["X-Mock-Scenario"]
    assert unquote(header) == name
    assert re.fullmatch(r"[!-~]([ -~]*[!-~])?", header) is not None
    assert encoded in ("", header)


def test_an_outcome_is_patched_by_merge_and_remembered_so() -> None:
    harness = PipelineHarness(
        {
            "name": "late",
            "match": {"body.name": "Ada"},
            "respond": {"outcome": "hit", "merge": {"note": "for {{ request.body.name }}"}},
        }
    )
    response = harness.post()
    assert payload(response) == {"reference": "r1", "result": "hit", "note": "for Ada"}
    record = harness.store.record("test-a", "harbour", "check", "r1")
    assert record is not None
    assert response.body == record.data
    assert (
        dict(response.headers)["X-Mock-Scenario"],
        dict(response.headers)["X-Mock-Source"].split(":")[0],
    ) == ("late", "<inline>")


@pytest.mark.parametrize(
    ("respond", "status", "body"),
    [
        (
            {"error": "bad-check", "fields": ["to", "from"], "message": "torn {{ request.body.name }}"},
            400,
            {"error": "bad-check", "fields": ["to", "from"], "message": "torn Ada"},
        ),
        ({"error": "bad-check", "status": 503}, 503, {"error": "bad-check", "fields": [], "message": None}),
        ({"body": {"name": "{{ request.body.name }}", "n": 1}, "status": 201}, 201, {"name": "Ada", "n": 1}),
        ({"body": None}, 200, None),
    ],
    ids=["error", "error with status", "body", "null body"],
)
def test_what_is_scripted_remembers_nothing(respond: dict[str, Any], status: int, body: Any) -> None:
    harness = PipelineHarness({"name": "scripted", "respond": respond})
    response = harness.post(voucher="m")
    assert (response.status, payload(response)) == (status, body)
    assert (harness.store.records("test-a"), response.release) == ([], ())


@pytest.mark.parametrize(
    ("respond", "body", "used"),
    [
        ({"outcome": "hit"}, None, True),
        ({"body": {"n": 1}, "status": 503}, None, True),
        ({"fault": "reset"}, None, True),
        ({"error": "bad-check"}, None, False),
        ({"body": "{{ request.body.missing.deeper }}"}, None, False),
        ({"outcome": "hit"}, b"{", False),
    ],
    ids=["success", "body", "fault", "scripted error", "template that fails", "refusal"],
)
def test_an_error_gives_a_voucher_back_but_never_a_nonce(
    respond: dict[str, Any], body: Any, used: bool
) -> None:
    harness = PipelineHarness({"name": "scripted", "respond": respond})
    harness.post(body, voucher="m1", nonce="m1")
    assert (harness.used(VOUCHER), harness.used(NONCE)) == (used, True)


def test_a_refusal_before_the_nonce_is_taken_leaves_it() -> None:
    harness = PipelineHarness()
    harness.post(key="nobody", nonce="m1")
    assert harness.used(NONCE) is False


def test_one_of_many_simultaneous_requests_has_the_nonce() -> None:
    harness = PipelineHarness()
    barrier, codes = threading.Barrier(16), []

    def send(count: int) -> None:
        barrier.wait()
        codes.append(payload(harness.post(b"{" if count % 2 else None, nonce="once")).get("error"))

    threads = [threading.Thread(target=send, args=(count,)) for count in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([code for code in codes if code != "used"]) == 1


def test_text_headers_delay_and_fault_are_carried_to_the_adapter() -> None:
    harness = PipelineHarness(
        {
            "name": "odd",
            "respond": {
                "body": "plain {{ request.body.name }}",
                "headers": {"Content-Type": "text/html", "X-A": "{{ 1 + 1 }}"},
                "delay": "1500ms",
            },
        }
    )
    response = harness.post()
    assert (response.body, response.delay, response.fault) == (b"plain Ada", 1.5, None)
    assert [pair for pair in response.headers if pair[0] in ("Content-Type", "X-A")] == [
        ("Content-Type", "text/html"),
        ("X-A", "2"),
    ]
    broken = PipelineHarness({"name": "broken", "respond": {"fault": "reset"}}).post()
    assert (broken.fault, broken.release) == ("reset", ())


def test_header_fields_of_a_scenario_never_frame_the_answer() -> None:
    headers = {
        "x-harbour-signature": "forged",
        "Content-Length": "512",
        "TRANSFER-ENCODING": "chunked",
        "Connection": "keep-alive",
        "Date": "yesterday",
        "X-Flag": "{{ request.body.name == 'Ada' }}",
        "X-Body": "{{ {'a': 1} }}",
        "X-Control": r"{{ 'a\r\nb\u0000\u009bc' }}",
        "X-Many": ["a", "b"],
    }
    response = PipelineHarness({"name": "odd", "respond": {"outcome": "clear", "headers": headers}}).post()
    sent = [(name, value) for name, value in response.headers if not name.startswith("X-Mock-")]
    assert sent == [
        ("Content-Type", "application/json"),
        ("x-harbour-signature", "forged"),
        ("X-Flag", "true"),
        ("X-Body", '{"a":1}'),
        ("X-Control", "a b c"),
        ("X-Many", "a"),
        ("X-Many", "b"),
    ]


def test_callbacks_of_a_scenario_replace_the_vendors_own() -> None:
    harness = PipelineHarness(
        {"name": "two", "callbacks": [{"event": "check.done", "after": "2s"}, {"event": "check.done"}]}
    )
    response = harness.post()
    harness.store.release(response.release)
    assert len(harness.store.lease_due(harness.clock.now(), 5.0)) == 1
    assert harness.store.deliveries("test-a")[1] == 2
    assert PipelineHarness({"name": "none", "callbacks": []}).post().release == ()


def test_a_sequence_counts_per_reference_and_repeats_its_last_step() -> None:
    harness = PipelineHarness(
        {
            "name": "flaky",
            "sequence": [
                {"respond": {"error": "bad-check"}},
                {"respond": {"status": 503, "body": "no"}},
                {"respond": {"outcome": "clear"}},
            ],
        }
    )
    assert [harness.post().status for _ in range(4)] == [400, 503, 201, 201]
    assert harness.post({"name": "Ada", "reference": "r2"}).status == 400
    assert harness.post(key="test-b").status == 400
    assert [harness.store.entries("test-a")[0][0].step, harness.store.entries("test-a")[0][1].step] == [1, 4]


def test_a_refused_request_does_not_move_a_sequence() -> None:
    steps = [{"respond": {"outcome": "hit"}}, {"respond": {"outcome": "clear"}}]
    harness = PipelineHarness({"name": "flaky", "sequence": steps})
    assert harness.post(b"{").status == 400
    assert [payload(harness.post())["result"] for _ in range(2)] == ["hit", "clear"]


def test_a_pinned_scenario_answers_before_all_others() -> None:
    harness = PipelineHarness(
        {"name": "first", "respond": {"outcome": "hit"}},
        {"name": "second", "match": {"body.name": "Nobody"}, "respond": {"error": "bad-check"}},
    )
    harness.store.update("test-a", lambda state: state._replace(pinned="second"))
    assert (harness.post().status, harness.post(key="test-b").status) == (400, 201)


def test_an_accounts_inline_scenarios_are_its_own() -> None:
    harness = PipelineHarness()
    document = msgspec.json.encode(
        {
            "version": 1,
            "provider": "harbour",
            "scenarios": [{"name": "mine", "respond": {"outcome": "hit"}}],
        }
    )
    harness.store.update("test-a", lambda state: state._replace(inline=(document,)))
    assert [payload(harness.post(key=key))["result"] for key in ("test-a", "test-b")] == [
        "hit",
        "clear",
    ]


def test_the_stored_record_can_be_matched() -> None:
    harness = PipelineHarness(
        {"name": "again", "match": {"verification.status": "clear"}, "respond": {"error": "bad-check"}}
    )
    assert [harness.post().status, harness.post().status] == [201, 400]


def test_the_account_clock_stamps_the_entry() -> None:
    harness = PipelineHarness()
    harness.store.update("test-a", lambda state: state._replace(clock=state.clock.advanced(3600.0)))
    harness.post()
    assert (harness.clock.now() + 3600.0, harness.clock.now()) == (harness.entry().at, harness.entry().real)


def test_the_same_reference_gives_the_same_draws() -> None:
    harness = PipelineHarness({"name": "drawn", "respond": {"body": {"id": "{{ uuid() }}"}}})
    first, second, other = (payload(harness.post(key=key))["id"] for key in ("test-a", "test-a", "test-b"))
    assert first == second != other


def test_a_template_that_fails_is_the_mocks_own_fault() -> None:
    harness = PipelineHarness({"name": "wrong", "respond": {"body": "{{ request.body.missing.deeper }}"}})
    response = harness.post()
    assert (response.status, dict(response.headers)["Content-Type"]) == (500, "application/problem+json")
    assert "missing" in payload(response)["detail"]


def test_a_file_name_that_is_no_header_value_does_no_harm() -> None:
    harness = PipelineHarness({"name": "plain", "respond": {"outcome": "clear"}})
    (scenario,) = harness.scenarios.loaded.scenarios("harbour")
    harness.scenarios.replace(ScenarioSet([msgspec.structs.replace(scenario, file="naïve\n✉.yaml")]))
    assert dict(harness.post().headers)["X-Mock-Source"].partition(":")[0] == "na%C3%AFve%0A%E2%9C%89.yaml"


def test_another_method_or_path_is_the_vendors_to_refuse() -> None:
    harness = PipelineHarness()
    answers = harness.post(path="/checks/r1"), harness.post(path="/elsewhere", mount="/harbour")
    assert [payload(answer)["error"] for answer in answers] == ["405", "404"]


def test_a_body_over_the_limit_is_refused_in_the_vendors_shape() -> None:
    harness = PipelineHarness()
    response = harness.pipeline.handle(
        Request("POST", "/checks", "", {KEY: "test-a"}, b""),
        refusal=Refusal(413, "size", "too long", "cut it", 5),
    )
    assert (response.status, payload(response)["error"]) == (413, "413")


class Contended:
    """A store in which another request always comes first."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def commit(self, transaction: Transaction) -> str | None:
        return "record"


def test_endless_conflict_ends_in_an_error_that_names_it() -> None:
    harness = PipelineHarness(store=Contended(open_store("memory", journal_limit=10, clock=ManualClock())))
    with pytest.raises(MockServerError, match="still in conflict"):
        harness.post()
    with pytest.raises(MockServerError, match="still in conflict"):
        harness.backoffice.fire(harness.test_account, "harbour", "check.done", "r1", {})


def test_a_reviewer_decides_and_what_follows_may_go_at_once() -> None:
    harness = PipelineHarness({"name": "quiet", "callbacks": []})
    harness.post()
    record, messages = harness.backoffice.decide(harness.test_account, "r1", Decision("hit"))
    assert (record.status, [message.event for message in messages]) == ("hit", ["check.done"])
    assert messages == [delivery.message for delivery in harness.store.lease_due(harness.clock.now(), 5.0)]
    with pytest.raises(ValueError, match="use clear or hit"):
        harness.backoffice.decide(harness.test_account, "r1", Decision("eaten"))
    with pytest.raises(NotFoundError, match="has no verification 'r9'"):
        harness.backoffice.decide(harness.test_account, "r9", Decision("hit"))


def test_a_timer_calls_the_provider_back() -> None:
    harness = PipelineHarness(vendor=WithTimer({}))
    message = harness.backoffice.fire(harness.test_account, "harbour", "check.done", "r1", {})[0]
    follow = harness.backoffice.timer(message._replace(kind="timer"))
    assert [one.event for one in follow] == ["check.done"]
    assert harness.backoffice.timer(message._replace(account="gone")) == []
    assert len(harness.backoffice.deliveries_of(harness.test_account, [message, *follow])) == 2


def test_chaos_is_signed_by_the_messages_own_provider() -> None:
    harness = PipelineHarness()
    message = harness.backoffice.fire(harness.test_account, "harbour", "check.done", "r1", {})[0]
    assert harness.backoffice.re_sign(message, b"{}", scheme="legacy", secret="other") == (
        ("X-Harbour-Signature", digest("other", b"{}")),
    )
