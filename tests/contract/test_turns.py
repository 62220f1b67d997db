"""Sequences that count by something, chance, and named values: whose turn it is, on every store."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from mock_server.core.http import Request
from mock_server.scenario.problems import ScenarioProblems
from mock_server.store.base import Store
from tests.providers.test_pipeline import PipelineHarness

RETRY = {
    "name": "lost-twice",
    "match": {"operation": "post"},
    "sequence": {
        "by": "body.to",
        "steps": [{"times": 2, "respond": {"outcome": "lost"}}, {"respond": {"outcome": "sent"}}],
    },
}


def outcomes(office: PipelineHarness, *bodies: dict[str, Any], stamp: str = "test-a") -> list[str]:
    found = []
    for body in bodies:
        office.post(body, stamp=stamp)
        found.append(office.entry(stamp).outcome or office.entry(stamp).error)
    return found


def letters(*references: str, to: str = "Māui O'Brien") -> list[dict[str, Any]]:
    return [{"to": to, "reference": reference} for reference in references]


def test_a_customer_fails_twice_and_tries_again(store: Store) -> None:
    office = PipelineHarness(RETRY, store=store)
    assert outcomes(office, *letters("r1", "r2", "r3", "r4")) == ["lost", "lost", "sent", "sent"]
    assert outcomes(office, *letters("r5", to="Ada + 🥝")) == ["lost"]
    assert outcomes(office, *letters("r1"), stamp="test-b") == ["lost"]
    assert [entry.step for entry in reversed(store.entries("test-a")[0])] == [1, 2, 3, 4, 1]


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("repeat", ["lost", "sent", "sent", "sent", "sent"]),
        ("restart", ["lost", "sent", "lost", "sent", "lost"]),
        ("stop", ["lost", "sent", "9", "9", "9"]),
    ],
)
def test_what_follows_the_last_step(store: Store, then: str, expected: list[str]) -> None:
    steps = [{"respond": {"outcome": "lost"}}, {"respond": {"outcome": "sent"}}]
    first = {
        "name": "first",
        "match": {"operation": "post"},
        "sequence": {"by": "account", "then": then, "steps": steps},
    }
    second = {"name": "second", "match": {"operation": "post"}, "respond": {"error": "9"}}
    office = PipelineHarness(first, second, store=store)
    references = [f"r{number}" for number in range(5)]
    assert outcomes(office, *letters(*references)) == expected


def test_a_limit_of_a_hundred_calls_is_two_steps() -> None:
    limit = {"by": "account", "steps": [{"times": 100}, {"respond": {"status": 429, "body": "slow down"}}]}
    office = PipelineHarness({"name": "limit", "match": {"operation": "post"}, "sequence": limit})
    statuses = [office.post(letter).status for letter in letters(*map(str, range(102)))]
    assert statuses == [200] * 100 + [429] * 2


def test_a_sequence_counts_by_several_facts() -> None:
    by = {
        "by": ["body.to", "header.Postmark"],
        "steps": [{"respond": {"outcome": "lost"}}, {"respond": {"outcome": "sent"}}],
    }
    office = PipelineHarness({"name": "both", "match": {"operation": "post"}, "sequence": by})
    seen: list[str] = []
    for to, mark in [("Ada", "cc-1"), ("Ada", "cc-2"), ("Ada", "cc-1"), ("Grace", "cc-1")]:
        headers = {"stamp": "test-a", "postmark": mark}
        body = msgspec.json.encode({"to": to, "reference": str(len(seen))})
        office.pipeline.handle(Request("POST", "/post", "", headers, body))
        seen.append(office.entry().outcome or office.entry().error)
    assert seen == ["lost", "lost", "sent", "lost"]


@pytest.mark.parametrize(
    "text", ["🥝" * 5000, "", "a\nb\0c", "]\"'"], ids=["long", "empty", "control", "quotes"]
)
def test_any_text_can_be_counted_by(store: Store, text: str) -> None:
    office = PipelineHarness(RETRY, store=store)
    assert outcomes(office, *letters("r1", "r2", "r3", to=text or " ")) == ["lost", "lost", "sent"]


def test_simultaneous_calls_get_a_step_each(store: Store) -> None:
    steps = [{"times": 7, "respond": {"outcome": "lost"}}, {"respond": {"outcome": "sent"}}]
    office = PipelineHarness(
        {"name": "seven", "match": {"operation": "post"}, "sequence": {"by": "account", "steps": steps}},
        store=store,
    )
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(office.post, letters(*map(str, range(24)))))
    entries = store.entries("test-a")[0]
    assert Counter(entry.outcome for entry in entries) == {"lost": 7, "sent": 17}
    assert sorted(entry.step for entry in entries) == list(range(1, 25))


def test_one_in_ten_is_repeatable(store: Store) -> None:
    chance = {"name": "flaky", "chance": "10%", "match": {"operation": "post"}, "respond": {"error": "9"}}
    runs = []
    for account in ("test-a", "test-a", "test-b"):
        store.reset(account)
        office = PipelineHarness(chance, store=store)
        runs.append(outcomes(office, *letters(*map(str, range(200))), stamp=account))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
    assert 8 <= runs[0].count("9") <= 35


def test_a_refused_request_counts_for_the_chance() -> None:
    chance = {"name": "flaky", "chance": 0.5, "match": {"operation": "post"}, "respond": {"status": 503}}
    office = PipelineHarness(chance)
    statuses = [office.post(b"{}").status for _ in range(40)]
    assert len({*statuses}) == 2


def test_named_values_lead_from_one_answer_to_the_next(store: Store) -> None:
    first = {
        "name": "asks-again",
        "match": {"operation": "post", "state.step": {"exists": False}},
        "set": {"step": "retried", "who": "{{ request.body.to }}", "count": 1},
        "respond": {"outcome": "lost"},
    }
    second = {
        "name": "lets-through",
        "match": {"operation": "post", "state.step": "retried", "state.count": {"gte": 1}},
        "set": {"step": None},
        "respond": {"outcome": "sent", "merge": {"for": "{{ state.who }}"}},
    }
    office = PipelineHarness(first, second, store=store)
    assert outcomes(office, *letters("r1", "r2", "r3")) == ["lost", "sent", "lost"]
    assert msgspec.json.decode(store.entries("test-a")[0][1].body)["for"] == "Māui O'Brien"
    store.reset("test-a")
    assert outcomes(office, *letters("r4")) == ["lost"]
    assert outcomes(office, *letters("r4"), stamp="test-b") == ["lost"]


def test_simultaneous_calls_set_a_value_one_after_the_other(store: Store) -> None:
    counting = {
        "name": "counts",
        "match": {"operation": "post"},
        "set": {"count": "{{ state.count | default(0) + 1 }}"},
        "respond": {"outcome": "sent"},
    }
    office = PipelineHarness(counting, store=store)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(office.post, letters(*map(str, range(24)))))
    assert office.pipeline.store.record("test-a", "*", "state", "count") is not None
    record = store.record("test-a", "*", "state", "count")
    assert record is not None
    assert msgspec.json.decode(record.data) == 24


def test_a_refused_request_sets_nothing() -> None:
    office = PipelineHarness(
        {"name": "sets", "match": {"operation": "post"}, "set": {"a": 1}, "respond": {"outcome": "sent"}}
    )
    office.post(b"{}")
    assert office.store.record("test-a", "*", "state", "a") is None


@pytest.mark.parametrize(
    ("scenario", "message", "remedy"),
    [
        (
            {"chance": "110%"},
            "`chance` must be a share between 0% and 100%, and is `110%`",
            "write for example 10%, or remove `chance`",
        ),
        (
            {"chance": "often"},
            "`chance` must be a share between 0% and 100%, and is `often`",
            "write for example 10%, or remove `chance`",
        ),
        ({"set": {"a b": 1}}, "`a b` cannot name a value", "use letters, digits and _, such as `retry_step`"),
        (
            {"sequence": {"by": "email", "steps": [{}]}},
            "a sequence cannot count by `email`",
            "write `body.email`",
        ),
        (
            {"sequence": {"by": "body", "steps": [{}]}},
            "a sequence cannot count by `body`",
            "name a field, such as `body.email`",
        ),
        (
            {"sequence": {"by": "account.name", "steps": [{}]}},
            "a sequence cannot count by `account.name`",
            "write `account`",
        ),
        ({"match": {"state": "retried"}}, "`state` must name a field", "write for example `state.name`"),
    ],
    ids=[
        "more than all",
        "no number",
        "blank in a name",
        "no root",
        "no field",
        "field of a text",
        "state alone",
    ],
)
def test_mistakes_are_told_with_a_remedy(scenario: dict[str, Any], message: str, remedy: str) -> None:
    answer = {} if "sequence" in scenario else {"respond": {"outcome": "sent"}}
    with pytest.raises(ScenarioProblems) as caught:
        PipelineHarness({"name": "wrong", **answer, **scenario})
    assert [(problem.message, problem.remedy) for problem in caught.value.problems] == [(message, remedy)]
