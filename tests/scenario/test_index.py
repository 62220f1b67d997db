"""How scenarios are filed: under which condition each is looked up, and that what is looked up is right."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.scenario.facts import MISSING, MappingFacts
from mock_server.scenario.index import Index, _breadth, _demands, _worth
from mock_server.scenario.loader import compile_inline
from mock_server.scenario.model import Scenario
from tests.scenario.postcard import VOCABULARIES


def scenarios(*matches: dict[str, Any]) -> list[Scenario]:
    """One for each ``match``, named by its position."""
    documents = [
        {"name": str(position), "match": {"operation": "send", **match}, "respond": {}}
        for position, match in enumerate(matches)
    ]
    return compile_inline({"provider": "postcard", "scenarios": documents}, VOCABULARIES)


def matching_name(request: dict[str, Any], *matches: dict[str, Any]) -> str | None:
    """Name of the scenario that the index finds for a request."""
    scenario = Index(scenarios(*matches)).find(MappingFacts(request, now=1_767_268_800.0))
    return scenario.name if scenario is not None else None


DEMANDS: dict[str, tuple[dict[str, Any], list[tuple[str, Any, Any, bool]]]] = {
    "a text": ({"body.to": "Māui O'Brien"}, [("body.to", ("Māui O'Brien",), (), True)]),
    "a number": ({"body.weight": 5}, [("body.weight", (5,), (), True)]),
    "true, which is no 1": ({"body.gift": True}, [("body.gift", ((True,),), (), True)]),
    "null": ({"body.note": None}, [("body.note", (None,), (), True)]),
    "several, each once": (
        {"body.to": {"in": ["Wai", "Ada", "Wai"]}},
        [("body.to", ("Wai", "Ada"), (), True)],
    ),
    "a list among them": ({"body.to": {"in": [["Wai"], "Ada"]}}, [("body.to", (), (), True)]),
    "a beginning": ({"body.to": {"prefix": "Wai "}}, [("body.to", (), ("Wai ",), True)]),
    "a range": ({"body.weight": {"gte": 5}}, [("body.weight", (), (), True)]),
    "absence": ({"body.to": {"exists": False}}, [("body.to", (), (), False)]),
    "all, each by itself": (
        {"body.to": {"all": [{"prefix": "W"}, {"all": [{"suffix": "i"}, {"not": "Wi"}]}]}},
        [("body.to", (), ("W",), True), ("body.to", (), (), True), ("body.to", (), (), False)],
    ),
    "two words, each by itself": (
        {"body.to": {"prefix": "W", "suffix": "i"}},
        [("body.to", (), ("W",), True), ("body.to", (), (), True)],
    ),
    "a date on the account's clock": ({"body.born": {"after": "-18y"}}, [("body.born", (), (), False)]),
}


@pytest.mark.parametrize(("match", "expected"), DEMANDS.values(), ids=DEMANDS)
def test_what_a_condition_lets_be_looked_up(
    match: dict[str, Any], expected: list[tuple[str, Any, Any, bool]]
) -> None:
    (scenario,) = scenarios(match)
    assert [
        (".".join(each.path), each.keys, tuple(each.prefixes), each.needs_fact) for each in _demands(scenario)
    ] == expected


FILED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "a value before a range": ([{"body.weight": {"gte": 5}, "body.to": "Wai"}], "body.to"),
    "a beginning before a range": ([{"body.weight": {"gte": 5}, "body.to": {"prefix": "W"}}], "body.to"),
    "a value before a beginning": ([{"body.to": {"prefix": "W"}, "body.reference": "r"}], "body.reference"),
    "a range before an absence": ([{"body.to": {"exists": False}, "body.weight": {"gte": 5}}], "body.weight"),
    "the path with more values": (
        [{"body.country": "NZ", "body.to": "Wai"}, {"body.to": "Ada"}, {"body.to": "Wai"}],
        "body.to",
    ),
    "values and beginnings count alike": (
        [{"body.country": "NZ", "body.to": "Wai"}, {"body.to": {"prefix": "A"}}],
        "body.to",
    ),
    "a value many share before a range of few": (
        [{"body.country": "NZ", "body.weight": {"gte": 5}}, {"body.weight": 1}, {"body.weight": 2}],
        "body.country",
    ),
    "the body before the method": ([{"method": "POST", "body.to": {"prefix": "W"}}], "body.to"),
    "the method before a range": ([{"method": "POST", "body.weight": {"gte": 5}}], "method"),
    "the body before the stored record": (
        [{"verification.state": "open", "body.to": {"prefix": "W"}}],
        "body.to",
    ),
    "the body before the query": ([{"query.page": "1", "body.to": {"prefix": "W"}}], "body.to"),
}


@pytest.mark.parametrize(("matches", "expected"), FILED.values(), ids=FILED)
def test_the_condition_that_tells_a_scenario_apart_best(matches: list[dict[str, Any]], expected: str) -> None:
    demands = [list(_demands(scenario)) for scenario in scenarios(*matches)]
    breadth = _breadth(demand for each in demands for demand in each)
    assert ".".join(max(demands[0], key=lambda demand: _worth(demand, breadth)).path) == expected


LOOKUPS: dict[str, tuple[dict[str, Any], list[dict[str, Any]], str | None]] = {
    "a member that is not there is not null": ({"body": {}}, [{"body.note": None}], None),
    "a member that is null": ({"body": {"note": None}}, [{"body.note": None}], "0"),
    "an item of a list": ({"body": {"to": ["Wai"]}}, [{"body.to.0": "Wai"}], "0"),
    "a list is not another list": ({"body": {"to": ["Ada"]}}, [{"body.to": {"in": [["Wai"], "Ada"]}}], None),
    "a list among values": ({"body": {"to": ["Wai"]}}, [{"body.to": {"in": [["Wai"], "Ada"]}}], "0"),
    "a value beside a list": ({"body": {"to": "Ada"}}, [{"body.to": {"in": [["Wai"], "Ada"]}}], "0"),
    "a parameter's number by its beginning": ({"params": {"n": 12}}, [{"params.n": {"prefix": "1"}}], "0"),
    "the longest of nested beginnings": (
        {"body": {"to": "Waitangi", "weight": 1}},
        [
            {"body.to": {"prefix": "Wait"}, "body.weight": 1},
            {"body.to": {"prefix": "Wai"}, "body.weight": 2},
            {"body.to": {"prefix": "W"}, "body.weight": 2},
        ],
        "0",
    ),
    "the middle of nested beginnings": (
        {"body": {"to": "Waitangi", "weight": 1}},
        [
            {"body.to": {"prefix": "Wait"}, "body.weight": 2},
            {"body.to": {"prefix": "Wai"}, "body.weight": 1},
            {"body.to": {"prefix": "W"}, "body.weight": 2},
        ],
        "1",
    ),
    "the shortest of nested beginnings": (
        {"body": {"to": "Waitangi", "weight": 1}},
        [
            {"body.to": {"prefix": "Wait"}, "body.weight": 2},
            {"body.to": {"prefix": "Wai"}, "body.weight": 2},
            {"body.to": {"prefix": "W"}, "body.weight": 1},
        ],
        "2",
    ),
    "the first of two that match": (
        {"body": {"to": "Wai", "weight": 1}},
        [{"body.weight": 1}, {"body.to": "Wai"}],
        "0",
    ),
    "none": ({"body": {"to": "Wai"}}, [{"body.to": "Ada"}, {"body.to": {"prefix": "A"}}], None),
    "no scenario at all": ({"body": {"to": "Wai"}}, [], None),
    "a date on the account's clock": (
        {"body": {"born": "2010-03-01"}},
        [{"body.born": {"after": "-18y"}}],
        "0",
    ),
    "a date that is too early": ({"body": {"born": "2000-03-01"}}, [{"body.born": {"after": "-18y"}}], None),
}


@pytest.mark.parametrize(("request_facts", "matches", "expected"), LOOKUPS.values(), ids=LOOKUPS)
def test_what_is_found(
    request_facts: dict[str, Any], matches: list[dict[str, Any]], expected: str | None
) -> None:
    assert matching_name(request_facts, *matches) == expected


def test_a_breadth_counts_different_values_and_beginnings() -> None:
    compiled = scenarios(
        {"body.to": {"in": ["Wai", "Ada"]}}, {"body.to": "Wai"}, {"body.to": {"prefix": "M"}}
    )
    assert _breadth(demand for scenario in compiled for demand in _demands(scenario)) == {("body", "to"): 3}


def test_a_missing_fact_is_looked_up_nowhere() -> None:
    (scenario,) = scenarios({"body.to": {"in": [["Wai"], "Ada"]}})
    assert MISSING not in [key for demand in _demands(scenario) for key in demand.keys]
