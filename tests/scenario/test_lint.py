"""The findings in each of the four formats, and what makes one scenario hide another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from mock_server.scenario import lint, rule_help, subsumption
from mock_server.scenario.loader import compile_inline
from mock_server.scenario.matchers import compile_matcher
from mock_server.scenario.model import Scenario
from mock_server.scenario.problems import WARNING, Problem, ScenarioProblems, did_you_mean, key_path
from mock_server.scenario.subsumption import MANY, implies, overlaps, shadows
from tests.scenario.postcard import VOCABULARIES
from tests.scenario.test_matchers import CONDITIONS, FACTS

PROBLEMS = [
    Problem(
        "a.yaml",
        2,
        3,
        "`respons` is not a key",
        "did you mean `respond`?",
        rule="unknown-key",
        length=7,
        path="scenarios[0].respons",
    ),
    Problem("a.yaml", 3, 5, "doubtful: 100%, or\nso", "", WARNING, "odd", 2),
    Problem("gone,x.yaml", 0, 0, "the file cannot be read", "", rule="unreadable"),
]
SOURCES = {"a.yaml": "version: 1\n  respons: {}\n\tb: grün\n"}


def test_text_shows_the_line_and_a_caret_below_the_place() -> None:
    assert (
        lint.render(PROBLEMS, "text", SOURCES)
        == """\
a.yaml:2:3: `respons` is not a key; did you mean `respond`? [unknown-key]
    2 |   respons: {}
      |   ^^^^^^^
a.yaml:3:5: warning: doubtful: 100%, or
so [odd]
    3 | \tb: grün
      | \t   ^^
gone,x.yaml: the file cannot be read [unreadable]
2 errors, 1 warning
"""
    )
    assert lint.render([], "text", {}) == "no problems found\n"


def test_text_cuts_a_very_long_line_around_the_place() -> None:
    line = "x" * 400 + "wrong" + "y" * 400
    shown = lint.render(
        [Problem("a.yaml", 1, 401, "bad", rule="r", length=5)], "text", {"a.yaml": line}
    ).split("\n")
    marked = [character for character, mark in zip(shown[1], shown[2]) if mark == "^"]
    assert "".join(marked) == "wrong"
    assert len(shown[1]) < 200


@pytest.mark.parametrize("line", [1, 9], ids=["there", "beyond the end"])
def test_text_reads_the_file_itself_where_it_is_given_no_source(tmp_path: Path, line: int) -> None:
    (tmp_path / "a.yaml").write_text("first\n")
    text = lint.render(
        [
            Problem(str(tmp_path / "a.yaml"), line, 1, "bad", rule="r"),
            Problem("no/such.yaml", 1, 1, "bad", rule="r"),
        ]
    )
    assert ("| first" in text) is (line == 1)


def test_text_shows_the_first_hundred() -> None:
    problems = [Problem("a.yaml", number, 1, "bad", rule="r") for number in range(1, 251)]
    shown = lint.render(problems, "text", {"a.yaml": ""}).split("\n")
    assert shown[-3:] == ["and 150 more; --format json has all of them", "250 errors", ""]
    assert len(json.loads(lint.render(problems, "json"))) == 250


def test_json_has_every_field() -> None:
    first, *_ = json.loads(lint.render(PROBLEMS, "json"))
    assert first == PROBLEMS[0]._asdict()


def test_github_annotations_escape_what_their_syntax_uses() -> None:
    assert lint.render(PROBLEMS, "github").split("\n") == [
        "::error file=a.yaml,line=2,col=3,endColumn=10,title=unknown-key::`respons` is not a key; did you mean `respond`?",
        "::warning file=a.yaml,line=3,col=5,endColumn=7,title=odd::doubtful: 100%25, or%0Aso",
        "::error file=gone%2Cx.yaml,title=unreadable::the file cannot be read",
        "",
    ]


def test_sarif_has_rules_results_and_regions() -> None:
    log = json.loads(lint.render(PROBLEMS, "sarif"))
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["odd", "unknown-key", "unreadable"]
    assert [(result["ruleId"], result["level"], result["ruleIndex"]) for result in run["results"]] == [
        ("unknown-key", "error", 1),
        ("odd", "warning", 0),
        ("unreadable", "error", 2),
    ]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "a.yaml"},
        "region": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 10},
    }
    assert "region" not in run["results"][2]["locations"][0]["physicalLocation"]


def test_sarif_explains_rules_and_encodes_paths(tmp_path: Path) -> None:
    file = str(tmp_path / "ā b.yaml")
    problems = [PROBLEMS[0]._replace(file="mine/Ngā test #1%.yaml"), PROBLEMS[0]._replace(file=file)]
    run = json.loads(lint.render(problems, "sarif"))["runs"][0]
    [rule] = run["tool"]["driver"]["rules"]
    uris = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]
    assert uris == ["mine/Ng%C4%81%20test%20%231%25.yaml", Path(file).as_uri()]
    assert rule["shortDescription"]["text"] == "The language has no such key here."
    assert rule["help"] == rule["shortDescription"]


def test_every_rule_in_the_code_has_its_sentence() -> None:
    folder = Path(rule_help.__file__).parent
    sources = [path for path in folder.rglob("*.py") if path.name != "rule_help.py"]
    text = "".join(path.read_text("utf-8") for path in sources)
    assert [rule for rule in rule_help.HELP if f'"{rule}"' not in text] == []
    assert rule_help.help_of("brand-new") == "Brand new."


def test_sarif_has_the_fix_of_a_problem() -> None:
    problem = PROBLEMS[0]._replace(fix="respond")
    result = json.loads(lint.render([problem], "sarif"))["runs"][0]["results"][0]
    change = result["fixes"][0]["artifactChanges"][0]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "respond"}}]


def test_another_format_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(ValueError, match="use text, json, github, sarif"):
        lint.render([], "xml")


def test_problems_are_sorted_and_each_is_told_once() -> None:
    error = ScenarioProblems([PROBLEMS[2], PROBLEMS[0], PROBLEMS[0]])
    assert error.problems == [PROBLEMS[0], PROBLEMS[2]]
    assert str(error).startswith("a.yaml:2:3: ")


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("respons", ["respond", "sequence"], "did you mean `respond`?"),
        ("PEP-MATCH", ["pep_match"], "did you mean `pep_match`?"),
        ("zzz", ["a", "b"], "use one of: `a`, `b`"),
        ("x", [], ""),
        ("zzz", [f"n{n}" for n in range(40)], "`n14` and 25 more"),
    ],
)
def test_did_you_mean(word: str, known: list[str], said: str) -> None:
    assert said in did_you_mean(word, known)
    assert (did_you_mean(word, known) == "") is (not known)


def test_key_paths() -> None:
    assert key_path(("scenarios", 0, "match", "body.x")) == "scenarios[0].match.body.x"


# --- shadows


@pytest.mark.parametrize(
    ("narrow", "wide", "expected"),
    [
        ("a", "a", True),
        ("ab", {"prefix": "a"}, True),
        ({"in": ["a", "b"]}, {"in": ["c", "b", "a"]}, True),
        ({"in": ["a", "x"]}, {"in": ["c", "b", "a"]}, False),
        ({"prefix": "abc"}, {"prefix": "ab"}, True),
        ({"prefix": "ab"}, {"prefix": "abc"}, False),
        ({"prefix": "xay"}, {"contains": "a"}, True),
        ({"suffix": "bc"}, {"suffix": "c"}, True),
        ({"prefix": "a"}, {"exists": True}, True),
        ({"exists": True}, {"prefix": "a"}, False),
        ({"not": "a"}, {"exists": True}, False),
        ({"gt": 5}, {"gt": 3}, True),
        ({"gt": 5}, {"gte": 5}, True),
        ({"gte": 5}, {"gt": 5}, False),
        ({"lt": 3}, {"lte": 3}, True),
        ({"lt": 3}, {"lt": 2}, False),
        ({"lt": 3}, {"gt": 2}, False),
        ({"gt": "5"}, {"gt": 3}, False),
        ({"gt": 5, "lt": 7}, {"gt": 3}, True),
        ({"gt": 5}, {"gt": 3, "lt": 9}, False),
        (6, {"gt": 3, "lt": 9}, True),
        ({"any": ["a", {"prefix": "b"}]}, {"any": [{"prefix": "a"}, {"prefix": "b"}]}, True),
        ({"any": ["a", "c"]}, {"prefix": "a"}, False),
        ({"not": {"prefix": "a"}}, {"not": "abc"}, True),
        ({"not": "abc"}, {"not": {"prefix": "a"}}, False),
        ({"regex": "^a"}, {"regex": "^a"}, True),
        ({"regex": "^ab"}, {"regex": "^a"}, False),
    ],
)
def test_one_matcher_makes_another_superfluous(narrow: Any, wide: Any, expected: bool) -> None:
    assert implies(compile_matcher(narrow, False), compile_matcher(wide, False)) is expected


@given(CONDITIONS, CONDITIONS, FACTS)
def test_what_is_said_to_follow_does_follow(narrow: Any, wide: Any, fact: Any) -> None:
    narrow_, wide_ = compile_matcher(narrow, False), compile_matcher(wide, False)
    if implies(narrow_, wide_) and narrow_.holds(fact):
        assert wide_.holds(fact)


@given(CONDITIONS, FACTS)
def test_a_matcher_accepts_only_the_values_it_names(written: Any, fact: Any) -> None:
    matcher = compile_matcher(written, False)
    named = matcher.values
    if named is not None and matcher.holds(fact):
        assert any(
            compile_matcher(value, False).holds(fact) for value in named if not isinstance(value, dict)
        ) or isinstance(fact, dict)


def test_only_what_is_wholly_hidden_is_shadowed() -> None:
    rules: list[dict[str, Any]] = [
        {"match": {"operation": "send", "body.a": 1}},
        {"match": {"operation": "send", "body.a": 1, "body.b": 2}},
        {"match": {"operation": "send", "body.a": {"in": [1, 2]}}},
        {"match": {"body.a": 1}},
        {"match": {"operation": "track", "body.a": 1}},
        {"match": {"operation": "send", "body.c": {"prefix": "x"}}},
        {"match": {"operation": "send", "body.c": "xy", "body.d": 1}},
        {"match": {"operation": "send", "body.d": [1]}},
        {"match": {"operation": "send", "body.d": [1], "body.e": 1}},
    ]
    assert overlapping(rules) == [
        ("1", ["0"], "", None),
        ("2", ["0"], "body.a", 1),
        ("4", ["3"], "", None),
        ("6", ["5"], "", None),
        ("8", ["7"], "", None),
    ]


def overlapping(rules: list[dict[str, Any]]) -> list[tuple[str, list[str], str, Any]]:
    """Each overlap: later scenario, earlier ones, path, value."""
    documents = [{"name": str(number), "respond": {}, **rule} for number, rule in enumerate(rules)]
    scenarios = compile_inline({"provider": "postcard", "scenarios": documents}, VOCABULARIES)
    return [
        (one.scenario.name, [first.name for first in one.firsts], one.path, one.value)
        for one in overlaps(scenarios)
    ]


def test_several_scenarios_can_hide_one_together() -> None:
    rules: list[dict[str, Any]] = [
        {"match": {"operation": "send", "body.a": "x"}},
        {"match": {"operation": "send", "body.a": {"prefix": "y"}}},
        {"match": {"operation": "track", "query.id": "1"}},
        {"match": {"operation": "send", "body.a": {"in": ["x", "yes"]}}},
        {"match": {"operation": {"in": ["send", "track"]}, "body.a": "x"}},
        {"match": {"operation": "send", "body.a": {"any": ["x", "z"]}}},
    ]
    assert overlapping(rules) == [
        ("3", ["0", "1"], "", None),
        ("4", ["0"], "operation", "send"),
        ("5", ["0"], "body.a", "x"),
    ]


@pytest.mark.parametrize(
    "condition",
    [
        lambda number: f"ref-{number}",
        lambda number: {"prefix": f"ref-{number}-"},
        lambda number: {"in": [f"ref-{number}", f"ref-{number}-b"]},
        lambda number: {"regex": f"^ref-{number}$"},
        lambda number: {"suffix": f"-{number}"},
    ],
    ids=["equals", "prefix", "in", "regex", "suffix"],
)
def test_each_scenario_is_compared_with_a_bounded_number(
    monkeypatch: pytest.MonkeyPatch, condition: Any
) -> None:
    count = 1_000
    documents = [
        {
            "name": f"s{number}",
            "match": {"operation": "send", "body.reference": condition(number)},
            "set": {"a": 1},
        }
        for number in range(count)
    ]
    scenarios = compile_inline({"provider": "postcard", "scenarios": documents}, VOCABULARIES)
    compared = 0

    def counting(first: Scenario, second: Scenario) -> bool:
        nonlocal compared
        compared += 1
        return shadows(first, second)

    monkeypatch.setattr(subsumption, "shadows", counting)
    assert list(overlaps(scenarios)) == []
    assert compared <= count * (MANY + 1)
