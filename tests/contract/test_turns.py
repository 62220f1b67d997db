"""Sequences that count by something, chance, and named values: whose turn it is, on every store."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from mock_server.scenario.problems import ScenarioProblems
from mock_server.store.base import Store
from tests.providers.test_pipeline import PipelineHarness, check

RETRY = {
    "name": "lost-twice",
    "match": {"operation": "check"},
    "sequence": {
        "by": "body.name",
        "steps": [{"times": 2, "respond": {"outcome": "hit"}}, {"respond": {"outcome": "clear"}}],
    },
}


def outcomes(harness: PipelineHarness, *bodies: dict[str, Any], key: str = "test-a") -> list[str]:
    actual = []
    for body in bodies:
        harness.post(body, key=key)
        actual.append(harness.entry(key).outcome or harness.entry(key).error)
    return actual


def letters(*references: str, name: str = "Māui O'Brien") -> list[dict[str, Any]]:
    return [{"name": name, "reference": reference} for reference in references]


def test_a_customer_fails_twice_and_tries_again(store: Store) -> None:
    harness = PipelineHarness(RETRY, store=store)
    assert outcomes(harness, *letters("r1", "r2", "r3", "r4")) == ["hit", "hit", "clear", "clear"]
    assert outcomes(harness, *letters("r5", name="Ada + 🥝")) == ["hit"]
    assert outcomes(harness, *letters("r1"), key="test-b") == ["hit"]
    assert [entry.step for entry in reversed(store.entries("test-a")[0])] == [1, 2, 3, 4, 1]


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("repeat", ["hit", "clear", "clear", "clear", "clear"]),
        ("restart", ["hit", "clear", "hit", "clear", "hit"]),
        ("stop", ["hit", "clear", "bad-check", "bad-check", "bad-check"]),
    ],
)
def test_what_follows_the_last_step(store: Store, then: str, expected: list[str]) -> None:
    steps = [{"respond": {"outcome": "hit"}}, {"respond": {"outcome": "clear"}}]
    first = {
        "name": "first",
        "match": {"operation": "check"},
        "sequence": {"by": "account", "then": then, "steps": steps},
    }
    second = {"name": "second", "match": {"operation": "check"}, "respond": {"error": "bad-check"}}
    harness = PipelineHarness(first, second, store=store)
    references = [f"r{number}" for number in range(5)]
    assert outcomes(harness, *letters(*references)) == expected


def test_a_limit_of_a_hundred_calls_is_two_steps() -> None:
    limit = {"by": "account", "steps": [{"times": 100}, {"respond": {"status": 429, "body": "slow down"}}]}
    harness = PipelineHarness({"name": "limit", "match": {"operation": "check"}, "sequence": limit})
    statuses = [harness.post(letter).status for letter in letters(*map(str, range(102)))]
    assert statuses == [201] * 100 + [429] * 2


def test_a_sequence_counts_by_several_facts() -> None:
    by = {
        "by": ["body.name", "header.Postmark"],
        "steps": [{"respond": {"outcome": "hit"}}, {"respond": {"outcome": "clear"}}],
    }
    harness = PipelineHarness({"name": "both", "match": {"operation": "check"}, "sequence": by})
    seen: list[str] = []
    for name, postmark in [("Ada", "cc-1"), ("Ada", "cc-2"), ("Ada", "cc-1"), ("Grace", "cc-1")]:
        request = check({"name": name, "reference": str(len(seen))})
        harness.pipeline.handle(request.replace(headers={**request.headers, "postmark": postmark}))
        seen.append(harness.entry().outcome or harness.entry().error)
    assert seen == ["hit", "hit", "clear", "hit"]


@pytest.mark.parametrize(
    "text", ["🥝" * 5000, "", "a\nb\0c", "]\"'"], ids=["long", "empty", "control", "quotes"]
)
def test_any_text_can_be_counted_by(store: Store, text: str) -> None:
    harness = PipelineHarness(RETRY, store=store)
    assert outcomes(harness, *letters("r1", "r2", "r3", name=text or " ")) == ["hit", "hit", "clear"]


def test_simultaneous_calls_get_a_step_each(store: Store) -> None:
    steps = [{"times": 7, "respond": {"outcome": "hit"}}, {"respond": {"outcome": "clear"}}]
    harness = PipelineHarness(
        {"name": "seven", "match": {"operation": "check"}, "sequence": {"by": "account", "steps": steps}},
        store=store,
    )
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(harness.post, letters(*map(str, range(24)))))
    entries = store.entries("test-a")[0]
    assert Counter(entry.outcome for entry in entries) == {"hit": 7, "clear": 17}
    assert sorted(entry.step for entry in entries) == list(range(1, 25))


def test_one_in_ten_is_repeatable(store: Store) -> None:
    chance = {
        "name": "flaky",
        "chance": "10%",
        "match": {"operation": "check"},
        "respond": {"error": "bad-check"},
    }
    runs = []
    for account in ("test-a", "test-a", "test-b"):
        store.reset(account)
        harness = PipelineHarness(chance, store=store)
        runs.append(outcomes(harness, *letters(*map(str, range(200))), key=account))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
    assert 8 <= runs[0].count("bad-check") <= 35


def test_a_refused_request_counts_for_the_chance() -> None:
    chance = {"name": "flaky", "chance": 0.5, "match": {"operation": "check"}, "respond": {"status": 503}}
    harness = PipelineHarness(chance)
    statuses = [harness.post(b"{}").status for _ in range(40)]
    assert len({*statuses}) == 2


def test_named_values_lead_from_one_answer_to_the_next(store: Store) -> None:
    first = {
        "name": "asks-again",
        "match": {"operation": "check", "state.step": {"exists": False}},
        "set": {"step": "retried", "who": "{{ request.body.name }}", "count": 1},
        "respond": {"outcome": "hit"},
    }
    second = {
        "name": "lets-through",
        "match": {"operation": "check", "state.step": "retried", "state.count": {"gte": 1}},
        "set": {"step": None},
        "respond": {"outcome": "clear", "merge": {"for": "{{ state.who }}"}},
    }
    harness = PipelineHarness(first, second, store=store)
    assert outcomes(harness, *letters("r1", "r2", "r3")) == ["hit", "clear", "hit"]
    assert msgspec.json.decode(store.entries("test-a")[0][1].body)["for"] == "Māui O'Brien"
    store.reset("test-a")
    assert outcomes(harness, *letters("r4")) == ["hit"]
    assert outcomes(harness, *letters("r4"), key="test-b") == ["hit"]


def test_simultaneous_calls_set_a_value_one_after_the_other(store: Store) -> None:
    counting = {
        "name": "counts",
        "match": {"operation": "check"},
        "set": {"count": "{{ state.count | default(0) + 1 }}"},
        "respond": {"outcome": "clear"},
    }
    harness = PipelineHarness(counting, store=store)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(harness.post, letters(*map(str, range(24)))))
    assert harness.pipeline.store.record("test-a", "*", "state", "count") is not None
    record = store.record("test-a", "*", "state", "count")
    assert record is not None
    assert msgspec.json.decode(record.data) == 24


def test_a_refused_request_sets_nothing() -> None:
    harness = PipelineHarness(
        {"name": "sets", "match": {"operation": "check"}, "set": {"a": 1}, "respond": {"outcome": "clear"}}
    )
    harness.post(b"{}")
    assert harness.store.record("test-a", "*", "state", "a") is None


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
    answer = {} if "sequence" in scenario else {"respond": {"outcome": "clear"}}
    with pytest.raises(ScenarioProblems) as caught:
        PipelineHarness({"name": "wrong", **answer, **scenario})
    assert [(problem.message, problem.remedy) for problem in caught.value.problems] == [(message, remedy)]
