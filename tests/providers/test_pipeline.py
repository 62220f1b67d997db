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

from mock_server.core.clock import ManualClock
from mock_server.core.exceptions import MockServerError, StoreError
from mock_server.core.http import Arrival, Refusal, Request, Response
from mock_server.core.ids import ProcessIds
from mock_server.core.records import Entry
from mock_server.providers.accounts import Accounts
from mock_server.providers.backoffice import Backoffice, NotFoundError
from mock_server.providers.base import Decision
from mock_server.providers.context import RequestContext, Services
from mock_server.providers.pipeline import Pipeline
from mock_server.providers.scenarios import Scenarios
from mock_server.scenario.loader import ScenarioSet, compile_inline
from mock_server.store import open_store
from mock_server.store.base import Store, Transaction
from mock_server.store.sqlite import SqliteStore
from tests.providers.postcard import VOCABULARY, Postcard

Send = Callable[..., Response]
VOCABULARIES = {"postcard": VOCABULARY}


def scenarios(*given: dict[str, Any]) -> Scenarios:
    document = {"version": 1, "provider": "postcard", "scenarios": list(given)}
    return Scenarios(ScenarioSet(compile_inline(document, VOCABULARIES) if given else ()), VOCABULARIES)


class PipelineHarness:
    """A pipeline on a memory store with a clock of its own."""

    def __init__(self, *given: dict[str, Any], store: Store | None = None, **options: Any) -> None:
        self.clock = ManualClock()
        self.store = store or open_store("memory", journal_limit=100, clock=self.clock)
        self.accounts = Accounts({}, [Postcard({})], self.store)
        services = Services(self.store, self.accounts, ProcessIds("t"), seed=1, settings={})
        self.scenarios = scenarios(*given)
        self.pipeline = Pipeline({"postcard": Postcard({})}, services, self.scenarios, self.clock, **options)
        self.backoffice = Backoffice(self.pipeline)

    def post(
        self,
        body: Any = None,
        *,
        stamp: str = "test-a",
        mark: str = "",
        ticket: str = "",
        path: str = "/post",
        mount: str = "",
    ) -> Response:
        given = {"to": "Ada", "reference": "r1"} if body is None else body
        raw = given if isinstance(given, bytes) else msgspec.json.encode(given)
        headers = {"stamp": stamp, "mark": mark, "ticket": ticket}
        return self.pipeline.handle(Request("POST", path, "", headers, raw, mount=mount))

    def used(self, kind: str, value: str = "m1") -> bool:
        return self.store.find_used("test-a", kind, value) is not None

    def entry(self, account: str = "test-a") -> Entry:
        return self.store.entries(account)[0][0]

    @property
    def test_account(self) -> Any:
        return self.accounts.get("test-a")


def arrivals(requests: list[Request]) -> list[Arrival]:
    router = PipelineHarness().pipeline.router
    return [Arrival(request, router.route_of(request)) for request in requests]


def told(response: Response) -> Any:
    return msgspec.json.decode(response.body)


def test_an_answer_is_signed_over_its_bytes_and_journalled() -> None:
    office = PipelineHarness()
    response = office.post()
    headers = dict(response.headers)
    assert (200, str(len(response.body)), "application/json") == (
        response.status,
        headers["Weight"],
        headers["Content-Type"],
    )
    entry = office.entry()
    assert (response.body, "post", "sent", "r1", "") == (
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
        PipelineHarness(mock_headers=False).post(stamp="nobody"),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("X-Mock") or name == "Link"]


def test_the_vendors_own_callback_waits_for_the_answer_to_leave() -> None:
    office = PipelineHarness()
    response = office.post()
    assert office.store.lease_due(office.clock.now(), 5.0) == []
    office.store.release(response.release)
    assert [delivery.message.event for delivery in office.store.lease_due(office.clock.now(), 5.0)] == [
        "arrived"
    ]


@pytest.mark.parametrize(
    ("body", "stamp", "code"),
    [(b"{", "test-a", "9"), ({"reference": "r"}, "test-a", "9"), (None, "nobody", "7")],
    ids=["unreadable", "incomplete", "unknown"],
)
def test_a_refused_request_creates_nothing(body: Any, stamp: str, code: str) -> None:
    refused: list[Entry] = []
    office = PipelineHarness(on_refusal=refused.append)
    response = office.post(body, stamp=stamp, mark="m1")
    assert (400, code) == (response.status, told(response)["error"])
    assert office.used("mark") is False
    assert office.store.records("test-a") == []
    assert [code] == [entry.error for entry in refused]
    assert office.post(mark="m1").status == 200


def test_a_request_of_nobody_is_journalled_under_default_with_its_evidence() -> None:
    office = PipelineHarness()
    office.post(stamp="nobody")
    assert office.entry("default").evidence == {"stamp": "nobody"}


def test_of_many_simultaneous_requests_with_one_mark_exactly_one_succeeds() -> None:
    office = PipelineHarness()
    barrier, statuses = threading.Barrier(16), []

    def send(count: int) -> None:
        barrier.wait()
        statuses.append(office.post({"to": "Ada", "reference": f"r{count}"}, mark="once").status)

    threads = [threading.Thread(target=send, args=(count,)) for count in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [400] * 15


def test_simultaneous_writers_of_one_record_all_succeed_one_after_the_other() -> None:
    office = PipelineHarness()
    barrier, statuses = threading.Barrier(8), []

    def send() -> None:
        barrier.wait()
        statuses.append(office.post().status)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    record = office.store.record("test-a", "postcard", "card", "r1")
    assert record is not None
    assert record.version == 8


@pytest.fixture(params=["memory", "sqlite"])
def shared_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """One that commits requests one by one, and one that takes them together."""
    url = "memory" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}"
    with closing(open_store(url, journal_limit=100, clock=ManualClock())) as store:
        yield store


def card(reference: str, mark: str, stamp: str = "test-a") -> Request:
    return Request(
        "POST",
        "/post",
        "",
        {"stamp": stamp, "mark": mark},
        msgspec.json.encode({"to": "Ada", "reference": reference}),
    )


def test_requests_that_come_together_are_answered_as_if_one_after_the_other(shared_store: Store) -> None:
    refused: list[Entry] = []
    office = PipelineHarness(
        {
            "name": "first then rest",
            "sequence": [{"respond": {"outcome": "lost"}}, {"respond": {"outcome": "sent"}}],
        },
        store=shared_store,
    )
    office.pipeline = Pipeline(
        {"postcard": Postcard({})},
        office.pipeline.services,
        office.scenarios,
        office.clock,
        on_refusal=refused.append,
    )
    together = [
        card("r1", "m1"),
        card("r2", "m1"),
        card("r1", "m2"),
        card("r1", "m1", "test-b"),
        card("r3", "m3", "nobody"),
    ]
    answers = office.pipeline.handle_all(arrivals(together))
    assert [isinstance(answer, Response) and answer.status for answer in answers] == [200, 400, 200, 200, 400]
    assert {
        entry.id: entry.outcome for entry in shared_store.entries("test-a")[0] if entry.reference == "r1"
    }.keys() == {
        dict(answer.headers)["X-Mock-Request-Id"]
        for answer in (answers[0], answers[2])
        if isinstance(answer, Response)
    }
    assert [
        entry.outcome for entry in reversed(shared_store.entries("test-a")[0]) if entry.reference == "r1"
    ] == ["lost", "sent"]
    assert sorted(entry.error for entry in refused) == ["7", "8"]
    record = shared_store.record("test-a", "postcard", "card", "r1")
    assert record is not None
    assert record.version == 2


def test_a_request_that_fails_spoils_none_that_came_with_it(
    shared_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = PipelineHarness(store=shared_store)
    validate = Postcard.validate

    def failing(self: Postcard, context: RequestContext) -> None:
        if context.account.name == "test-bad":
            raise LookupError("out of order")
        validate(self, context)

    monkeypatch.setattr(Postcard, "validate", failing)
    answers = office.pipeline.handle_all(
        arrivals([card("r1", "m1"), card("r2", "m2", "test-bad"), card("r3", "m3")])
    )
    assert [type(answer) for answer in answers] == [Response, LookupError, Response]
    assert shared_store.entries("test-a")[1] == 2


def test_a_store_that_fails_fails_each_of_those_that_came_together(
    shared_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = PipelineHarness(store=shared_store)

    def full(*_: Any) -> None:
        raise StoreError("no space left")

    monkeypatch.setattr(type(shared_store), "commit", full)
    assert [
        str(answer) for answer in office.pipeline.handle_all(arrivals([card("r1", "m1"), card("r2", "m2")]))
    ] == ["no space left"] * 2


def test_a_group_that_cannot_be_committed_fails_each_request_of_it(tmp_path: Path) -> None:
    with closing(SqliteStore(str(tmp_path / "store.db"), ManualClock(), 100, 100)) as store:
        office = PipelineHarness(store=store)
        assert office.post().status == 200
        store._db.run("PRAGMA query_only = ON")
        answers = office.pipeline.handle_all(arrivals([card("r1", "m1"), card("r2", "m2")]))
        assert [type(answer) for answer in answers] == [StoreError] * 2
        assert store.entries("test-a")[1] == 1
        store._db.run("PRAGMA query_only = OFF")
        answers = office.pipeline.handle_all(arrivals([card("r1", "m1"), card("r2", "m2")]))
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
    response = PipelineHarness({"name": name, "respond": {"outcome": "lost"}}).post()
    header = dict(response.headers)["X-Mock-Scenario"]
    assert unquote(header) == name
    assert re.fullmatch(r"[!-~]([ -~]*[!-~])?", header) is not None
    assert encoded in ("", header)


def test_an_outcome_is_patched_by_merge_and_remembered_so() -> None:
    office = PipelineHarness(
        {
            "name": "late",
            "match": {"body.to": "Ada"},
            "respond": {"outcome": "lost", "merge": {"card": {"note": "for {{ request.body.to }}"}}},
        }
    )
    response = office.post()
    assert told(response)["card"] == {"to": "Ada", "state": "lost", "note": "for Ada"}
    record = office.store.record("test-a", "postcard", "card", "r1")
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
            {"error": "9", "fields": ["to", "from"], "message": "torn {{ request.body.to }}"},
            400,
            {"error": "9", "fields": ["to", "from"], "message": "torn Ada"},
        ),
        ({"error": "9", "status": 503}, 503, {"error": "9", "fields": [], "message": None}),
        ({"body": {"to": "{{ request.body.to }}", "n": 1}, "status": 201}, 201, {"to": "Ada", "n": 1}),
        ({"body": None}, 200, None),
    ],
    ids=["error", "error with status", "body", "null body"],
)
def test_what_is_scripted_remembers_nothing(respond: dict[str, Any], status: int, body: Any) -> None:
    office = PipelineHarness({"name": "scripted", "respond": respond})
    response = office.post(mark="m")
    assert (status, body) == (response.status, told(response))
    assert (office.store.records("test-a"), response.release) == ([], ())


@pytest.mark.parametrize(
    ("respond", "body", "kept"),
    [
        ({"outcome": "lost"}, None, True),
        ({"body": {"n": 1}, "status": 503}, None, True),
        ({"fault": "reset"}, None, True),
        ({"error": "9"}, None, False),
        ({"body": "{{ request.body.missing.deeper }}"}, None, False),
        ({"outcome": "lost"}, b"{", False),
    ],
    ids=["success", "body", "fault", "scripted error", "template that fails", "refusal"],
)
def test_an_error_gives_a_mark_back_but_never_a_ticket(
    respond: dict[str, Any], body: Any, kept: bool
) -> None:
    office = PipelineHarness({"name": "scripted", "respond": respond})
    office.post(body, mark="m1", ticket="m1")
    assert (office.used("mark"), office.used("ticket")) == (kept, True)


def test_a_refusal_before_the_ticket_is_taken_leaves_it() -> None:
    office = PipelineHarness()
    office.post(stamp="nobody", ticket="m1")
    assert office.used("ticket") is False


def test_of_many_simultaneous_requests_with_one_ticket_one_is_not_refused_for_it() -> None:
    office = PipelineHarness()
    barrier, codes = threading.Barrier(16), []

    def send(count: int) -> None:
        barrier.wait()
        codes.append(told(office.post(b"{" if count % 2 else None, ticket="once")).get("error"))

    threads = [threading.Thread(target=send, args=(count,)) for count in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([code for code in codes if code != "8"]) == 1


def test_text_headers_delay_and_fault_are_carried_to_the_adapter() -> None:
    office = PipelineHarness(
        {
            "name": "odd",
            "respond": {
                "body": "plain {{ request.body.to }}",
                "headers": {"Content-Type": "text/html", "X-A": "{{ 1 + 1 }}"},
                "delay": "1500ms",
            },
        }
    )
    response = office.post()
    assert (response.body, response.delay, response.fault) == (b"plain Ada", 1.5, None)
    assert [pair for pair in response.headers if pair[0] in ("Content-Type", "X-A")] == [
        ("Content-Type", "text/html"),
        ("X-A", "2"),
    ]
    broken = PipelineHarness({"name": "broken", "respond": {"fault": "reset"}}).post()
    assert (broken.fault, broken.release) == ("reset", ())


def test_callbacks_of_a_scenario_replace_the_vendors_own() -> None:
    office = PipelineHarness(
        {"name": "two", "callbacks": [{"event": "arrived", "after": "2s"}, {"event": "arrived"}]}
    )
    response = office.post()
    office.store.release(response.release)
    assert len(office.store.lease_due(office.clock.now(), 5.0)) == 1
    assert office.store.deliveries("test-a")[1] == 2
    assert PipelineHarness({"name": "none", "callbacks": []}).post().release == ()


def test_a_sequence_moves_on_per_account_and_reference_and_its_last_step_repeats() -> None:
    office = PipelineHarness(
        {
            "name": "flaky",
            "sequence": [
                {"respond": {"error": "9"}},
                {"respond": {"status": 503, "body": "no"}},
                {"respond": {"outcome": "sent"}},
            ],
        }
    )
    assert [office.post().status for _ in range(4)] == [400, 503, 200, 200]
    assert office.post({"to": "Ada", "reference": "r2"}).status == 400
    assert office.post(stamp="test-b").status == 400
    assert [office.store.entries("test-a")[0][0].step, office.store.entries("test-a")[0][1].step] == [1, 4]


def test_a_refused_request_does_not_move_a_sequence() -> None:
    office = PipelineHarness(
        {"name": "flaky", "sequence": [{"respond": {"error": "9"}}, {"respond": {"outcome": "sent"}}]}
    )
    office.post(mark="m")
    office.post(mark="m")
    assert office.post(mark="n").status == 200


def test_a_pinned_scenario_answers_before_all_others() -> None:
    office = PipelineHarness(
        {"name": "first", "respond": {"outcome": "lost"}},
        {"name": "second", "match": {"body.to": "Nobody"}, "respond": {"error": "9"}},
    )
    office.store.update("test-a", lambda state: state._replace(pinned="second"))
    assert (office.post().status, office.post(stamp="test-b").status) == (400, 200)


def test_an_accounts_inline_scenarios_are_its_own() -> None:
    office = PipelineHarness()
    document = msgspec.json.encode(
        {
            "version": 1,
            "provider": "postcard",
            "scenarios": [{"name": "mine", "respond": {"outcome": "lost"}}],
        }
    )
    office.store.update("test-a", lambda state: state._replace(inline=(document,)))
    assert [told(office.post(stamp=stamp))["card"]["state"] for stamp in ("test-a", "test-b")] == [
        "lost",
        "sent",
    ]


def test_the_stored_record_can_be_matched() -> None:
    office = PipelineHarness(
        {"name": "again", "match": {"verification.status": "sent"}, "respond": {"error": "9"}}
    )
    assert [office.post().status, office.post().status] == [200, 400]


def test_the_account_clock_stamps_the_entry() -> None:
    office = PipelineHarness()
    office.store.update("test-a", lambda state: state._replace(clock=state.clock.advanced(3600.0)))
    office.post()
    assert (office.clock.now() + 3600.0, office.clock.now()) == (office.entry().at, office.entry().real)


def test_the_same_reference_gives_the_same_draws() -> None:
    office = PipelineHarness()
    first, second, other = told(office.post()), told(office.post()), told(office.post(stamp="test-b"))
    assert first["id"] == second["id"] != other["id"]


def test_a_template_that_fails_is_the_mocks_own_fault() -> None:
    office = PipelineHarness({"name": "wrong", "respond": {"body": "{{ request.body.missing.deeper }}"}})
    response = office.post()
    assert (response.status, dict(response.headers)["Content-Type"]) == (500, "application/problem+json")
    assert "missing" in told(response)["detail"]


def test_a_file_name_that_is_no_header_value_does_no_harm() -> None:
    office = PipelineHarness({"name": "plain", "respond": {"outcome": "sent"}})
    (scenario,) = office.scenarios.loaded.scenarios("postcard")
    office.scenarios.replace(ScenarioSet([msgspec.structs.replace(scenario, file="naïve\n✉.yaml")]))
    assert dict(office.post().headers)["X-Mock-Source"].partition(":")[0] == "na%C3%AFve%0A%E2%9C%89.yaml"


def test_an_unknown_path_under_a_mount_is_the_vendors_to_refuse() -> None:
    office = PipelineHarness()
    assert ((response := office.post(path="/postage")).status, told(response)["error"]) == (400, "404")
    assert (
        (response := office.post(path="/elsewhere", mount="/postcard")).status,
        told(response)["error"],
    ) == (400, "404")


def test_a_body_over_the_limit_is_refused_in_the_vendors_shape() -> None:
    office = PipelineHarness()
    response = office.pipeline.handle(
        Request("POST", "/post", "", {"stamp": "test-a"}, b""),
        refusal=Refusal(413, "size", "too long", "cut it", 5),
    )
    assert (response.status, told(response)["error"]) == (413, "10")


class Contended:
    """A store in which another request always comes first."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def commit(self, transaction: Transaction) -> str | None:
        return "record"


def test_endless_conflict_ends_in_an_error_that_names_it() -> None:
    office = PipelineHarness(store=Contended(open_store("memory", journal_limit=10, clock=ManualClock())))
    with pytest.raises(MockServerError, match="still in conflict"):
        office.post()
    with pytest.raises(MockServerError, match="still in conflict"):
        office.backoffice.fire(office.test_account, "postcard", "arrived", "r1", {})


def test_a_reviewer_decides_and_what_follows_may_go_at_once() -> None:
    office = PipelineHarness({"name": "quiet", "callbacks": []})
    office.post()
    record, messages = office.backoffice.decide(office.test_account, "r1", Decision("lost"))
    assert (record.status, [message.event for message in messages]) == ("lost", ["arrived"])
    assert messages == [delivery.message for delivery in office.store.lease_due(office.clock.now(), 5.0)]
    with pytest.raises(ValueError, match="sent or lost"):
        office.backoffice.decide(office.test_account, "r1", Decision("eaten"))
    with pytest.raises(NotFoundError, match="has no verification 'r9'"):
        office.backoffice.decide(office.test_account, "r9", Decision("lost"))


def test_a_timer_calls_the_provider_back() -> None:
    office = PipelineHarness()
    message = office.backoffice.fire(office.test_account, "postcard", "arrived", "r1", {})[0]
    follow = office.backoffice.timer(message._replace(kind="timer"))
    assert [one.event for one in follow] == ["arrived"]
    assert office.backoffice.timer(message._replace(account="gone")) == []
    assert len(office.backoffice.deliveries_of(office.test_account, [message, *follow])) == 2


def test_chaos_is_signed_by_the_messages_own_provider() -> None:
    office = PipelineHarness()
    message = office.backoffice.fire(office.test_account, "postcard", "arrived", "r1", {})[0]
    assert office.backoffice.re_sign(message, b"{}", scheme="legacy", secret="other") == (
        ("Weight", "legacyother2"),
    )
