"""The scenario that answers is the one a reader of the files would name, found without asking all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mock_server.scenario.facts import MISSING, MappingFacts
from mock_server.scenario.loader import ScenarioSet, compile_inline
from mock_server.scenario.matchers import Mismatch
from mock_server.scenario.model import Scenario
from mock_server.scenario.selection import (
    Facts,
    _alike,
    differences,
    near_misses,
    precedence,
    related_misses,
    select,
    select_early,
)
from tests.scenario.postcard import VOCABULARIES, loaded


def facts(operation: str = "send", **body: Any) -> MappingFacts:
    return MappingFacts(
        {
            "operation": operation,
            "method": "POST",
            "body": body,
            "header": {"user-agent": "curl/8.0"},
            "params": {"n": "5"},
        }
    )


def name(scenario: Scenario | None) -> str | None:
    return scenario.name if scenario is not None else None


PRECEDENCE = """
- {name: default, respond: {outcome: lost}}
- {name: low, priority: -1, match: {operation: send}, respond: {}}
- {name: first, match: {operation: send, body.weight: 1}, respond: {}}
- {name: second, match: {operation: send, body.weight: {in: [1, 2]}}, respond: {}}
- {name: third, match: {operation: send, body.weight: {gte: 1}}, respond: {}}
- {name: urgent, priority: 5, match: {operation: send, body.weight: 9}, respond: {}}
- {name: by-header, match: {operation: send, header.User-Agent: {prefix: wget}}, respond: {}}
- {name: by-param, match: {operation: send, params.n: 5, body.weight: 0}, respond: {}}
- {name: tracked, match: {operation: track}, respond: {outcome: found}}
"""


@pytest.mark.parametrize(
    ("body", "operation", "expected"),
    [
        ({"weight": 1}, "send", "first"),
        ({"weight": 2}, "send", "second"),
        ({"weight": 3}, "send", "third"),
        ({"weight": 9}, "send", "urgent"),
        ({"weight": 0}, "send", "by-param"),
        ({"weight": -1}, "send", "default"),
        ({"weight": "1"}, "send", "third"),
        ({}, "send", "default"),
        ({}, "track", "tracked"),
        ({}, "unheard-of", None),
    ],
)
def test_priority_then_order_and_the_first_match_wins(
    tmp_path: Path, body: dict[str, Any], operation: str, expected: str | None
) -> None:
    assert (
        name(select(loaded(tmp_path, PRECEDENCE), "postcard", operation, facts(operation, **body)))
        == expected
    )


def test_one_vendor_s_scenarios_do_not_answer_another_s_requests(tmp_path: Path) -> None:
    assert select(loaded(tmp_path, PRECEDENCE), "pigeon", "send", facts()) is None


@pytest.mark.parametrize(
    ("pinned", "operation", "expected"),
    [
        ("by-header", "send", "by-header"),
        ("by-header", "track", "tracked"),
        ("default", "send", "default"),
        ("gone", "send", "first"),
        ("", "send", "first"),
    ],
)
def test_a_pin_answers_whatever_the_other_conditions(
    tmp_path: Path, pinned: str, operation: str, expected: str
) -> None:
    scenarios = loaded(tmp_path, PRECEDENCE)
    assert name(select(scenarios, "postcard", operation, facts(operation, weight=1), pinned)) == expected


def test_without_operation_a_scenario_answers_those_with_its_outcome(tmp_path: Path) -> None:
    scenarios = loaded(tmp_path, "- {name: a, match: {body.weight: 1}, respond: {outcome: lost}}")
    assert name(select(scenarios, "postcard", "send", facts(weight=1))) == "a"
    assert select(scenarios, "postcard", "track", facts("track", weight=1)) is None


def test_an_account_s_own_scenarios_come_first_among_equals(tmp_path: Path) -> None:
    files = loaded(tmp_path, PRECEDENCE)
    before = files.scenarios("postcard")
    own = compile_inline(
        {
            "provider": "postcard",
            "scenarios": [
                {
                    "name": "mine",
                    "match": {"operation": "send", "body.weight": {"in": [1, 9]}},
                    "respond": {},
                },
                {"name": "my-default", "respond": {"outcome": "lost"}},
                {"name": "default", "priority": -9, "respond": {}},
            ],
        },
        VOCABULARIES,
    )
    both = files.extended(own)
    assert name(select(both, "postcard", "send", facts(weight=1))) == "mine"
    assert name(select(both, "postcard", "send", facts(weight=9))) == "urgent"
    assert name(select(both, "postcard", "send", facts(weight=2))) == "second"
    assert name(select(both, "postcard", "send", facts())) == "my-default"
    assert name(select(both, "postcard", "track", facts("track"))) == "tracked"
    assert select(both, "postcard", "send", facts(), "default") is own[2]
    assert select(both, "postcard", "send", facts(), "second") is files.named("postcard", "second")
    assert [one.name for one in both.scenarios("postcard")][:3] == ["urgent", "mine", "first"]
    assert files.scenarios("postcard") == before
    assert both.files == files.files
    assert both.providers == ("postcard",)


VALUES = st.sampled_from(["", "a", "ab", "abc", "b", 0, 1, 1.0, True, False, None, 2, [], ["a"], {"a": 1}])
BARE = VALUES.filter(lambda value: not isinstance(value, dict))
PREFIXES = st.fixed_dictionaries({"prefix": st.sampled_from(["", "a", "ab", "b", "1", "t"])})
PATHS = st.sampled_from(
    [
        "body",
        "body.x",
        "body.x.a",
        "body.y",
        "body.list.0",
        "body.list.0.a",
        "header.H",
        "params.p",
        "method",
        "account",
    ]
)
CONDITIONS = st.recursive(
    BARE
    | PREFIXES
    | st.one_of(
        st.fixed_dictionaries({"in": st.lists(VALUES, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"regex": st.sampled_from(["a", "^1"])}),
        st.fixed_dictionaries({"prefix": st.sampled_from(["a", "t"]), "suffix": st.sampled_from(["b", "e"])}),
        st.fixed_dictionaries({"exists": st.booleans()}),
        st.fixed_dictionaries({"gte": st.sampled_from([0, 1, "a"])}),
    ),
    lambda inner: (
        st.fixed_dictionaries({"not": inner})
        | st.fixed_dictionaries({"any": st.lists(inner | PREFIXES, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"all": st.lists(inner | PREFIXES, min_size=1, max_size=3)})
    ),
    max_leaves=4,
)
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "match": st.dictionaries(PATHS, CONDITIONS, max_size=3),
            "priority": st.integers(-1, 1),
            "operation": st.sampled_from(["", "send", "track"]),
            "early": st.booleans(),
        }
    ),
    max_size=12,
)
REQUESTS = st.fixed_dictionaries(
    {
        "body": VALUES
        | st.dictionaries(st.sampled_from(["x", "y"]), VALUES)
        | st.fixed_dictionaries({"list": st.lists(VALUES, max_size=2)}),
        "header": st.dictionaries(st.just("h"), st.sampled_from(["", "a", "ab", "1", "true"])),
        "params": st.dictionaries(st.just("p"), st.sampled_from(["", "a", "1", "1.0", "false"])),
        "method": st.sampled_from(["a", "POST"]),
    },
    optional={"account": st.sampled_from(["a", "ab"])},
)


def naive(scenarios: ScenarioSet, operation: str, request: Facts, *, early: bool = False) -> Scenario | None:
    """What a reader of the files would do: go through all of them."""
    ordered = [
        scenario
        for scenario in sorted(scenarios.scenarios("postcard"), key=precedence)
        if scenario.before_checks is early
    ]
    return next((scenario for scenario in ordered if not differences(scenario, operation, request)), None)


def compiled(rules: list[dict[str, Any]]) -> list[Scenario]:
    documents = []
    for position, rule in enumerate(rules):
        operation = {"operation": rule["operation"]} if rule["operation"] else {}
        answer = {"before": "checks", "respond": {"status": 503}} if rule.get("early") else {"respond": {}}
        documents.append(
            {
                "name": f"s{position}",
                "priority": rule["priority"],
                "match": {**operation, **rule["match"]},
                **answer,
            }
        )
    return compile_inline({"provider": "postcard", "scenarios": documents}, VOCABULARIES)


@given(RULES, RULES, REQUESTS, st.sampled_from(["send", "track", ""]))
def test_the_index_finds_what_going_through_all_finds(
    files: Any, own: Any, request: dict[str, Any], operation: str
) -> None:
    asked = MappingFacts({"operation": operation, **request})
    flat = ScenarioSet(compiled(files))
    for scenarios in (flat, flat.extended(compiled(own))):
        assert select(scenarios, "postcard", operation, asked) is naive(scenarios, operation, asked)
        assert select_early(scenarios, "postcard", operation, asked) is naive(
            scenarios, operation, asked, early=True
        )


@pytest.mark.parametrize(
    ("pinned", "early", "later"),
    [
        ("", "gateway", "other"),
        ("gateway", "gateway", "other"),
        ("other", None, "other"),
        ("elsewhere", "gateway", "other"),
    ],
)
def test_a_pin_decides_before_the_checks_too(
    tmp_path: Path, pinned: str, early: str | None, later: str
) -> None:
    scenarios = loaded(
        tmp_path,
        """
        - {name: other, priority: 5, match: {operation: send}, respond: {outcome: lost}}
        - {name: gateway, before: checks, match: {operation: send, body.weight: 1}, respond: {status: 503}}
        - {name: elsewhere, match: {operation: track}, respond: {}}
        """,
    )
    assert name(select_early(scenarios, "postcard", "send", facts(weight=1), pinned)) == early
    assert name(select(scenarios, "postcard", "send", facts(weight=1), pinned)) == later


def test_scenarios_before_the_checks_precede_urgent_ones(tmp_path: Path) -> None:
    scenarios = loaded(
        tmp_path,
        """
        - {name: urgent, priority: 9, match: {operation: send}, respond: {}}
        - {name: gateway, before: checks, match: {operation: send}, respond: {status: 503}}
        """,
    )
    ordered = sorted(scenarios.scenarios("postcard"), key=precedence)
    assert [scenario.name for scenario in ordered] == ["gateway", "urgent"]


@pytest.mark.parametrize(("present", "nearest"), [(1, "equal"), (3, "equal"), (5, "present")])
def test_four_facts_that_are_there_weigh_as_much_as_one_value(
    tmp_path: Path, present: int, nearest: str
) -> None:
    members = {f"m{number}": "x" for number in range(present)}
    there = ", ".join(f"body.{key}: {{exists: true}}" for key in members)
    scenarios = loaded(
        tmp_path,
        f"""
        - {{name: present, match: {{operation: send, body.weight: 1, {there}}}, respond: {{}}}}
        - {{name: equal, match: {{operation: send, body.weight: 1, body.to: Wai}}, respond: {{}}}}
        """,
    )
    misses = near_misses(scenarios, "postcard", "send", facts(weight=2, to="Wai", **members))
    assert misses[0].scenario.name == nearest


@pytest.mark.parametrize(
    ("written", "sent", "matches"),
    [
        (1, 1, True),
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (True, True, True),
        (True, 1, False),
        (False, 0, False),
    ],
    ids=str,
)
def test_a_number_is_no_boolean_for_the_index(written: Any, sent: Any, matches: bool) -> None:
    scenarios = ScenarioSet(compiled([{"match": {"body.flag": written}, "priority": 0, "operation": "send"}]))
    assert (select(scenarios, "postcard", "send", facts(flag=sent)) is not None) is matches


def test_near_misses_are_the_nearest_with_every_difference(tmp_path: Path) -> None:
    scenarios = loaded(
        tmp_path,
        """
        - {name: far, match: {operation: send, body.a: 1, body.b: 3, body.c: 3}, respond: {}}
        - {name: near, match: {operation: send, body.a: 1, body.b: 7}, respond: {}}
        - {name: nearer-by-presence, match: {operation: send, body.b: {gt: 5}}, respond: {}}
        - {name: elsewhere, match: {operation: track, body.a: 1}, respond: {}}
        - {name: matches, match: {operation: send, body.a: 1}, respond: {}}
        """,
    )
    misses = near_misses(scenarios, "postcard", "send", facts(a=1, b=2))
    assert [miss.scenario.name for miss in misses] == ["near", "nearer-by-presence", "far"]
    assert misses[0].differences == [Mismatch("body.b", "7", 2, "is 2")]
    every = near_misses(scenarios, "postcard", "send", facts(a=1, b=2), limit=9)
    assert every[-1].differences == [Mismatch("operation", '"track"', "send", 'is "send"')]
    assert near_misses(ScenarioSet(), "postcard", "send", facts()) == []


RELATED: dict[str, tuple[str, bool]] = {
    "nothing but the operation": ("operation: send, body.to.name: Okafor", False),
    "a prefix that the reference lacks": ("operation: send, body.reference: {prefix: flaky-}", False),
    "another operation": ("operation: track, body.weight: 1", False),
    "a field that is missing": ("operation: send, body.gone: 1", False),
    "what holds for many": ("operation: send, body.weight: {exists: true}, body.to.name: Okafor", False),
    "another condition holds": ("operation: send, body.weight: 1, body.to.name: Okafor", True),
    "upper and lower case": ("operation: send, body.to.name: MARLOWE", True),
    "a letter too many": ("operation: send, body.to.name: Marlowes", True),
    "half of a text": ("operation: send, body.to.name: MaXX", True),
    "less than half of a text": ("operation: send, body.to.name: MarXXXX", False),
    "all but the chance": ("operation: send, body.weight: 1", True),
    "what holds for many, and a chance": ("operation: send, body.weight: {exists: true}", True),
    "a text for a number": ('operation: send, body.weight: "1"', True),
}


@pytest.mark.parametrize(("match", "related"), RELATED.values(), ids=RELATED)
def test_a_related_miss_has_something_in_common(tmp_path: Path, match: str, related: bool) -> None:
    scenarios = loaded(tmp_path, f"- {{name: one, chance: 1%, match: {{{match}}}, respond: {{}}}}")
    request = facts(to={"name": "Marlowe"}, weight=1, reference="order-17")
    misses = related_misses(scenarios, "postcard", "send", request)
    assert [miss.scenario.name for miss in misses] == (["one"] if related else [])


def test_three_related_misses_are_shown_before_nearer_others(tmp_path: Path) -> None:
    others = [
        f"{{name: other-{n}, match: {{operation: send, body.to.name: Xu-{n}}}, respond: {{}}}}"
        for n in range(4)
    ]
    related = [
        f"{{name: related-{n}, match: {{operation: send, body.weight: 1, body.a: 1, body.b: {n}}}, respond: {{}}}}"
        for n in range(4)
    ]
    scenarios = loaded(tmp_path, "\n".join(f"- {each}" for each in (*others, *related)))
    misses = related_misses(scenarios, "postcard", "send", facts(to={"name": "Marlowe"}, weight=1))
    assert [miss.scenario.name for miss in misses] == ["related-0", "related-1", "related-2"]


def test_of_equally_many_differences_the_most_alike_comes_first(tmp_path: Path) -> None:
    scenarios = loaded(
        tmp_path,
        """
        - {name: other, match: {operation: send, body.to.name: Okafor}, respond: {}}
        - {name: alike, match: {operation: send, body.to.name: Marlowe}, respond: {}}
        - {name: holds-more, match: {operation: send, body.weight: 1, body.to.name: Xu}, respond: {}}
        - {name: says-little, match: {operation: send, body.weight: {exists: true}, body.to.name: Xu}, respond: {}}
        - {name: missing, match: {operation: send, body.gone: 1}, respond: {}}
        - {name: prefix, match: {operation: send, body.to.name: {prefix: Marl-}}, respond: {}}
        - {name: number, match: {operation: send, body.weight: {gt: 3}}, respond: {}}
        """,
    )
    misses = near_misses(scenarios, "postcard", "send", facts(to={"name": "marlow"}, weight=1), limit=9)
    assert [miss.scenario.name for miss in misses] == [
        "holds-more",
        "says-little",
        "alike",
        "prefix",
        "other",
        "number",
        "missing",
    ]


class Counting:
    """Facts that keep what they are asked."""

    now = 0.0

    def __init__(self, inner: Facts) -> None:
        self.inner = inner
        self.asked: list[tuple[str, ...]] = []

    def get(self, path: tuple[str, ...]) -> object:
        self.asked.append(path)
        return self.inner.get(path)


def test_a_request_is_compared_no_more_often_among_thousands() -> None:
    def questions(count: int) -> list[tuple[str, ...]]:
        rules = [
            {
                "name": f"s{n}",
                "match": {"operation": "send", "body.to.name": f"N{n}", "body.weight": 1},
                "respond": {},
            }
            for n in range(count)
        ]
        rules += [
            {
                "name": f"p{n}",
                "match": {"operation": "send", "body.reference": {"prefix": f"{n}-"}},
                "respond": {},
            }
            for n in range(count)
        ]
        scenarios = ScenarioSet(compile_inline({"provider": "postcard", "scenarios": rules}, VOCABULARIES))
        counting = Counting(facts(to={"name": "N7"}, weight=1, reference="none"))
        assert name(select(scenarios, "postcard", "send", counting)) == "s7"
        return counting.asked

    assert questions(2_000) == questions(10) == [("body",), ("body", "weight")]


def test_a_request_is_asked_only_for_what_could_decide() -> None:
    """The stored record and the query, which are decoded when asked for, are left alone while something else
    tells the scenarios apart."""
    rules: list[dict[str, Any]] = [
        {
            "name": "elsewhere",
            "match": {"operation": "track", "verification.status": "lost", "query.q": "1"},
            "respond": {},
        },
        {
            "name": "stored",
            "match": {"operation": "send", "verification.status": "lost", "method": "POST", "body.to": "A"},
            "respond": {},
        },
        {
            "name": "asked",
            "match": {"operation": "send", "query.q": "1", "body.reference": {"prefix": "a-"}},
            "respond": {},
        },
        {
            "name": "heavy",
            "match": {"operation": "send", "body.weight": {"gte": 5}, "body.to": {"not": "A"}},
            "respond": {},
        },
        {"name": "default", "match": {"operation": "send"}, "respond": {}},
    ]
    scenarios = ScenarioSet(compile_inline({"provider": "postcard", "scenarios": rules}, VOCABULARIES))

    def questions(expected: str, **body: Any) -> list[tuple[str, ...]]:
        counting = Counting(facts(**body))
        assert name(select(scenarios, "postcard", "send", counting)) == expected
        return counting.asked

    body = ("body",)
    assert questions("default", to="B", weight=1) == [body]
    assert questions("heavy", to="B", weight=6) == [body, ("body", "to")]
    assert questions("default", to="A") == [body, ("verification", "status")]
    assert questions("default", reference="a-1") == [body, ("query", "q")]


def new_difference(expected: str, actual: Any) -> Mismatch:
    return Mismatch("body.x", expected, actual, "")


ALIKE: dict[str, tuple[str, Any, float]] = {
    "equal but for the case": ('"ŌTARA"', "ōtara", 1.0),
    "one begins with the other": ('begins with "tp107-"', "tp107-ā", 1.0),
    "the beginning in common": ('"tp107-"', "tp108-x", 4 / 6),
    "the shorter counts": ('"tp107-"', "tpx", 2 / 3),
    "only the end in common": ('"a-1"', "b-1", 0.0),
    "a text that ends in X": ('"AX"', "AB", 1 / 2),
    "quotes within": ('"a"b"', 'a"bc', 1.0),
    "without quotes": ("one of a, b", "one", 1.0),
    "an empty expectation": ('""', "a", 0.0),
    "an empty fact": ('"a"', "", 0.0),
    "a number": ('"5"', 5, 0.0),
    "missing": ('"a"', MISSING, 0.0),
}


@pytest.mark.parametrize(("expected", "actual", "alike"), ALIKE.values(), ids=ALIKE)
def test_how_alike_two_texts_are(expected: str, actual: Any, alike: float) -> None:
    assert _alike(new_difference(expected, actual)) == alike


def test_three_near_misses_are_shown_by_default(tmp_path: Path) -> None:
    rules = "".join(
        f"\n- {{name: s{n}, match: {{operation: send, body.a: {n}}}, respond: {{}}}}" for n in range(5)
    )
    assert len(near_misses(loaded(tmp_path, rules), "postcard", "send", facts(a=9))) == 3


def test_a_wrong_operation_is_shown_as_the_file_has_it() -> None:
    """In the words of the file, else as the operations that know the outcome."""
    documents: list[dict[str, Any]] = [
        {"name": "written", "match": {"operation": "track"}, "respond": {}},
        {"name": "implied", "match": {"body.a": 1}, "respond": {"outcome": "lost"}},
    ]
    written, implied = compile_inline({"provider": "postcard", "scenarios": documents}, VOCABULARIES)
    assert differences(written, "send", facts()) == [Mismatch("operation", '"track"', "send", 'is "send"')]
    assert differences(implied, "track", facts(a=1)) == [
        Mismatch("operation", "one of send", "track", 'is "track"')
    ]
    both = replace(implied, operations=frozenset({"send", "track"}))
    assert differences(both, "burn", facts(a=1)) == [
        Mismatch("operation", "one of send, track", "burn", 'is "burn"')
    ]


DECLINING = """
- {name: rare, chance: 10%, match: {operation: send}, respond: {}}
- {name: twice, match: {operation: send}, sequence: {then: stop, steps: [{times: 2, respond: {}}]}}
- {name: always, match: {operation: send, body.weight: 1}, respond: {}}
- {name: half, chance: 50%, match: {operation: send}, respond: {}}
- {name: last, match: {operation: send}, respond: {}}
"""


@pytest.mark.parametrize(
    ("declining", "expected"),
    [
        ((), "rare"),
        (("rare",), "twice"),
        (("twice",), "rare"),
        (("rare", "twice"), "always"),
        (("rare", "twice", "always"), "always"),
    ],
    ids=str,
)
@pytest.mark.parametrize("before", ["", "before: checks, "], ids=["after the checks", "before them"])
def test_a_scenario_that_declines_leaves_the_request_to_the_next(
    tmp_path: Path, before: str, declining: tuple[str, ...], expected: str
) -> None:
    """Only those that may decline are asked, once each, and none where nobody asks."""
    text = DECLINING.replace("respond: {}", "respond: {status: 503}") if before else DECLINING
    scenarios = loaded(tmp_path, text.replace("- {", f"- {{{before}"))
    asked: list[str] = []

    def declines(scenario: Scenario) -> bool:
        asked.append(scenario.name)
        return scenario.name in declining

    choose = select_early if before else select
    assert name(choose(scenarios, "postcard", "send", facts(weight=1), "", declines)) == expected
    assert len(set(asked)) == len(asked) <= 2
    assert "always" not in asked
    assert name(choose(scenarios, "postcard", "send", facts(weight=1))) == "rare"


def test_where_all_decline_the_built_in_behaviour_answers(tmp_path: Path) -> None:
    scenarios = loaded(tmp_path, "- {name: rare, chance: 10%, match: {operation: send}, respond: {}}")
    assert select(scenarios, "postcard", "send", facts(), "", lambda scenario: True) is None
    assert name(select(scenarios, "postcard", "send", facts(), "", lambda scenario: False)) == "rare"


def test_a_pinned_scenario_does_not_decline(tmp_path: Path) -> None:
    scenarios = loaded(tmp_path, DECLINING)
    assert name(select(scenarios, "postcard", "send", facts(), "half", lambda scenario: True)) == "half"


def test_a_scenario_that_matches_and_declined_says_why(tmp_path: Path) -> None:
    scenarios = loaded(
        tmp_path,
        """
        - {name: rare, chance: 2.5%, match: {operation: send}, respond: {}}
        - {name: twice, match: {operation: send}, sequence: {then: stop, steps: [{times: 2, respond: {}}]}}
        - {name: again, match: {operation: send}, sequence: {then: restart, steps: [{respond: {}}]}}
        - {name: last, match: {operation: send}, respond: {}}
        """,
    )
    misses = near_misses(scenarios, "postcard", "send", facts())
    assert [(miss.scenario.name, miss.differences) for miss in misses] == [
        (
            "rare",
            [Mismatch("chance", "drawn for 0.025 of the requests", MISSING, "was not drawn for this one")],
        ),
        ("twice", [Mismatch("sequence", "at most 2 calls", MISSING, "has answered all its calls")]),
    ]


NOON_2026 = 1_767_268_800.0
"""2026-01-01T12:00:00Z."""


@pytest.mark.parametrize(
    ("born", "now", "expected"),
    [
        ("2008-01-02", NOON_2026, "young"),
        ("2008-01-02", NOON_2026 + 86_400, "adult"),
        ("2007-12-31", NOON_2026, "adult"),
        ("no date", NOON_2026, "adult"),
        ("", 0.0, "adult"),
    ],
)
def test_a_date_is_compared_with_the_account_s_now(
    tmp_path: Path, born: str, now: float, expected: str
) -> None:
    scenarios = loaded(
        tmp_path,
        """
        - {name: young, match: {operation: send, body.to: Wai, body.born: {after: -18y}}, respond: {}}
        - {name: only-young, match: {body.born: {after: -18y}}, respond: {outcome: lost}}
        - {name: adult, match: {operation: send}, respond: {}}
        """,
    )
    asked = MappingFacts({"operation": "send", "body": {"to": "Wai", "born": born}}, now)
    assert name(select(scenarios, "postcard", "send", asked)) == expected
    young = scenarios.named("postcard", "young")
    assert young is not None
    assert bool(differences(young, "send", asked)) == (expected == "adult")


def test_a_date_alone_is_found_without_another_condition(tmp_path: Path) -> None:
    scenarios = loaded(
        tmp_path,
        "- {name: young, match: {operation: send, body.born: {all: [{after: -18y}, {not: '2010-01-01'}]}}, respond: {}}",
    )

    def asked(born: str) -> MappingFacts:
        return MappingFacts({"operation": "send", "body": {"born": born}}, NOON_2026)

    assert name(select(scenarios, "postcard", "send", asked("2010-01-02"))) == "young"
    assert select(scenarios, "postcard", "send", asked("2010-01-01")) is None
    assert select(scenarios, "postcard", "send", asked("2000-01-01")) is None


def test_an_account_s_own_scenarios_decline_too(tmp_path: Path) -> None:
    files = loaded(tmp_path, DECLINING)
    own = compile_inline(
        {
            "provider": "postcard",
            "scenarios": [{"name": "mine", "chance": "10%", "match": {"operation": "send"}, "respond": {}}],
        },
        VOCABULARIES,
    )
    both = files.extended(own)

    def chosen(*declining: str) -> str | None:
        return name(
            select(both, "postcard", "send", facts(), "", lambda scenario: scenario.name in declining)
        )

    assert chosen() == "mine"
    assert chosen("mine") == "rare"
    assert chosen("mine", "rare", "twice", "half") == "last"


def test_a_scenario_that_is_switched_off_is_a_near_miss_that_says_so(tmp_path: Path) -> None:
    scenarios = loaded(
        tmp_path,
        """
        - {name: off, enabled: false, match: {operation: send, body.to: Wai}, respond: {}}
        - {name: off-elsewhere, enabled: false, match: {operation: track, body.to: Ada}, respond: {}}
        - {name: default, match: {operation: send}, respond: {}}
        """,
    )
    assert name(select(scenarios, "postcard", "send", facts(to="Wai"))) == "default"
    expected = [
        ("off", [Mismatch("enabled", "true", MISSING, "has `enabled: false`")]),
        (
            "off-elsewhere",
            [
                Mismatch("operation", '"track"', "send", 'is "send"'),
                Mismatch("body.to", '"Ada"', "Wai", 'is "Wai"'),
                Mismatch("enabled", "true", MISSING, "has `enabled: false`"),
            ],
        ),
    ]
    misses = near_misses(scenarios, "postcard", "send", facts(to="Wai"))
    assert [(miss.scenario.name, miss.differences) for miss in misses] == expected
    assert near_misses(scenarios, "pigeon", "send", facts(to="Wai")) == []
