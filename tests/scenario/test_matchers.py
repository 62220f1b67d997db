"""Each matcher says yes or no, and when no, why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.scenario.facts import MISSING, same, walk
from mock_server.scenario.matchers import MATCHERS, Matcher, compile_matcher

NOW = 1_795_953_600.0
"""2026-11-29T12:00:00Z."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
FACTS = JSON | st.just(MISSING)


@pytest.mark.parametrize(
    ("written", "yes", "no"),
    [
        ("NZ", ["NZ"], ["nz", "NZ ", "", None, MISSING, ["NZ"]]),
        (18, [18, 18.0], ["18", 19, True, None, MISSING]),
        (1, [1, 1.0], [True, "1"]),
        (0, [0, 0.0, -0.0], [False, None, ""]),
        (True, [True], [1, "true", False, MISSING]),
        (None, [None], [MISSING, "", 0, False]),
        ("", [""], [None, MISSING]),
        ([1, {"a": 2}], [[1, {"a": 2}], [1.0, {"a": 2}]], [[True, {"a": 2}], [1], [{"a": 2}, 1], MISSING]),
        ({"in": ["NZ", 5, None]}, ["NZ", 5, 5.0, None], ["AU", MISSING, "5", True]),
        ({"in": [1]}, [1], [True]),
        ({"regex": "^[A-Z]{2}$"}, ["NZ"], ["nz", "NZA", 12, None, MISSING, ["NZ"]]),
        ({"regex": "2"}, ["123", 123, 1.25], ["13", MISSING, None]),
        ({"prefix": "fl"}, ["fl", "flaky"], ["Fl", "", MISSING, None, ["fl"]]),
        ({"prefix": 12}, ["12", "123", 123], ["21", MISSING]),
        ({"suffix": "@x.nz"}, ["a@x.nz"], ["a@x.nz ", MISSING]),
        ({"contains": "a"}, ["bar", ["a"], {"a": 1}], ["b", ["ab"], {"b": "a"}, MISSING, None]),
        ({"contains": 1}, ["21", [1], [1.0], 21], [["1"], [True], {"1": 1}, MISSING]),
        ({"contains": {"a": 1}}, [[{"a": 1}]], ["a", {"a": 1}, [{"a": 1, "b": 2}]]),
        ({"exists": True}, ["", None, 0, [], False], [MISSING]),
        ({"exists": False}, [MISSING], ["", None, 0]),
        ({"gt": 5}, [6, 5.5, "6", " 7 "], [5, "5", True, None, MISSING, "x", [9]]),
        ({"gte": 5}, [5, "5.0"], [4.99, MISSING]),
        ({"lt": "2008-01-01"}, ["2007-12-31"], ["2008-01-01", 2007, MISSING, None]),
        ({"lte": "2008-01-01"}, ["2008-01-01"], ["2008-01-02"]),
        ({"not": "NZ"}, ["AU", MISSING, None], ["NZ"]),
        ({"not": {"exists": True}}, [MISSING], [None, 1]),
        ({"any": ["a", {"prefix": "b"}]}, ["a", "bc"], ["c", MISSING]),
        ({"all": [{"prefix": "a"}, {"suffix": "z"}]}, ["az", "abz"], ["a", "z", MISSING]),
        ({"prefix": "a", "suffix": "z", "not": "az"}, ["abz"], ["az", "ab"]),
    ],
)
def test_a_matcher(written: Any, yes: list[Any], no: list[Any]) -> None:
    matcher = compile_matcher(written, textual=False)
    assert [value for value in yes if not matcher.holds(value)] == []
    assert [value for value in no if matcher.holds(value)] == []


@pytest.mark.parametrize(
    ("written", "fact", "holds"),
    [
        (18, "18", True),
        (18, "18.0", False),
        (True, "true", True),
        (1.5, "1.5", True),
        ({"in": [1, False]}, "false", True),
        ({"gte": 18}, "21", True),
    ],
)
def test_a_text_fact_is_compared_with_the_text_of_a_number(written: Any, fact: str, holds: bool) -> None:
    assert compile_matcher(written, textual=True).holds(fact) is holds


@pytest.mark.parametrize(
    ("written", "actual", "expected", "reason"),
    [
        ("Marlowe", "Marlow", '"Marlowe"', 'is "Marlow"'),
        ("Marlowe", MISSING, '"Marlowe"', "is missing"),
        ("Marlowe", "marlowe", '"Marlowe"', 'is "marlowe", which differs in upper and lower case'),
        ("Marlowe", "Marlowe ", '"Marlowe"', 'is "Marlowe ", which differs in white space'),
        (18, "18", "18", 'is the text "18", not the number 18'),
        ("18", 18, '"18"', 'is the number 18, not the text "18"'),
        (True, "true", "true", 'is the text "true", not the boolean true'),
        (1, True, "1", "is true"),
        ({"prefix": "flaky-"}, "fine-1", 'begins with "flaky-"', 'is "fine-1"'),
        ({"suffix": "z"}, None, 'ends with "z"', "is null"),
        ({"regex": "^a"}, "b", "matches /^a/", 'is "b"'),
        ({"in": ["a", 1]}, "b", 'one of "a", 1', 'is "b"'),
        ({"contains": "x"}, ["y"], 'contains "x"', 'is ["y"]'),
        ({"exists": True}, MISSING, "is there", "is missing"),
        ({"exists": False}, 1, "is not there", "is 1"),
        ({"gt": 5, "lte": 9}, 3, "above 5 and 9 or below", "is 3"),
        ({"gte": 5}, 3, "5 or above", "is 3"),
        ({"lt": 5}, 8, "below 5", "is 8"),
        ({"not": "a"}, "a", 'not "a"', 'is "a"'),
        ({"not": {"any": ["a", "b"]}}, "a", 'not ("a" or "b")', 'is "a"'),
        (
            {"any": ["a", {"all": [{"prefix": "b"}, {"suffix": "c"}]}]},
            "x",
            '"a" or (begins with "b" and ends with "c")',
            'is "x"',
        ),
        ("a", "x" * 500, '"a"', f'is "{"x" * 116}…'),
    ],
)
def test_a_difference_says_what_was_expected_and_what_was_there(
    written: Any, actual: Any, expected: str, reason: str
) -> None:
    difference = compile_matcher(written, textual=False).difference("body.x", actual)
    assert difference is not None
    assert difference[:4] == ("body.x", expected, actual, reason)


@pytest.mark.parametrize(
    ("written", "actual", "near"),
    [
        ("Marlowe", " marlowe", True),
        ("Marlowe", "Marlow", False),
        ("ŌTARA", "ōtara ", True),
        (18, "18", True),
        ("18", 18, True),
        (18, 19, False),
        ("true", True, True),
        (True, "True", True),
        (None, "", False),
        ("", None, False),
        ("a", MISSING, False),
        ("a", ["a"], False),
        ({"suffix": "Z"}, "z ", True),
        ({"not": "a"}, "a", False),
    ],
    ids=str,
)
def test_a_fact_is_near_but_for_type_case_and_white_space(written: Any, actual: Any, near: bool) -> None:
    difference = compile_matcher(written, textual=False).difference("body.x", actual)
    assert difference is not None
    assert difference.is_near is near


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "(?P<n>a)(?P<n>b)", "a{99999999999}"])
def test_a_broken_regular_expression_is_refused_with_a_word(pattern: str) -> None:
    with pytest.raises(ValueError, match="regular expression"):
        compile_matcher({"regex": pattern}, textual=False)


ARGUMENTS: dict[str, st.SearchStrategy[Any]] = {
    "equals": JSON,
    "in": st.lists(JSON, min_size=1, max_size=3),
    "regex": st.sampled_from(["a", "^b", "[0-9]+$", ".*"]),
    "prefix": st.text(max_size=3) | st.integers(),
    "suffix": st.text(max_size=3) | st.integers(),
    "contains": JSON,
    "exists": st.booleans(),
    **{kind: st.integers() | st.floats() | st.text(max_size=3) for kind in ("gt", "gte", "lt", "lte")},
    **dict.fromkeys(("before", "after"), st.sampled_from(["today", "-18y", "+30d", "-10m", "2008-11-29"])),
}
CONDITIONS: st.SearchStrategy[Any] = st.recursive(
    JSON.filter(lambda value: not isinstance(value, dict))
    | st.one_of(
        [st.fixed_dictionaries({kind: argument}) for kind, argument in ARGUMENTS.items() if kind != "equals"]
    ),
    lambda inner: (
        st.fixed_dictionaries({"not": inner})
        | st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)})
    ),
    max_leaves=4,
)


def test_every_kind_of_matcher_is_drawn() -> None:
    assert set(MATCHERS) == {*ARGUMENTS, "not", "any", "all"}


@given(CONDITIONS, FACTS, st.booleans())
def test_a_matcher_takes_any_fact_and_explains_only_mismatches(
    written: Any, fact: Any, textual: bool
) -> None:
    matcher = compile_matcher(written, textual).at(NOW)
    assert isinstance(matcher, Matcher)
    assert type(matcher.holds(fact)) is bool
    assert (matcher.difference("p", fact) is None) is matcher.holds(fact)
    assert matcher.expected


@given(CONDITIONS, FACTS)
def test_not_is_the_opposite(written: Any, fact: Any) -> None:
    opposite = compile_matcher({"not": written}, False).at(NOW)
    assert opposite.holds(fact) is not compile_matcher(written, False).at(NOW).holds(fact)


@given(JSON)
def test_json_values_equal_themselves(value: Any) -> None:
    assert same(value, value) or value != value or "nan" in repr(value)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.b", 1),
        ("a", {"b": 1}),
        ("list.1", 20),
        ("list.2", MISSING),
        ("list.-1", MISSING),
        ("list.x", MISSING),
        ("list.0.c", 3),
        ("a.b.c", MISSING),
        ("null", None),
        ("null.x", MISSING),
        ("text.0", MISSING),
        ("list.²", MISSING),
    ],
)
def test_a_path_leads_through_mappings_and_lists(path: str, expected: Any) -> None:
    value = {"a": {"b": 1}, "list": [{"c": 3}, 20], "null": None, "text": "xyz"}
    assert walk(value, path.split(".")) == expected
