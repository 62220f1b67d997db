"""A matcher is one entry of the table: with an imaginary one added, everything knows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from mock_server.scenario import lint, schema
from mock_server.scenario.facts import MappingFacts
from mock_server.scenario.matchers import MATCHERS, Argument, MatcherKind, Mismatch, compile_matcher
from mock_server.scenario.selection import differences, near_misses, select
from mock_server.scenario.subsumption import implies
from tests.scenario.postcard import VOCABULARIES, document, loaded, write

MULTIPLE = MatcherKind(
    description="The number is a multiple of this.",
    examples=(5,),
    takes=Argument("a whole number", (int,), {"type": "integer"}),
    test=lambda argument: lambda value: isinstance(value, int) and value % argument == 0,
    words=lambda argument: f"a multiple of {argument}",
    covers=lambda wide, narrow: narrow.kind == "multiple" and narrow.argument % wide == 0,
    doubts=lambda argument: (
        ("multiple-of-one", "every number is a multiple of 1", "write 2 or more") if argument == 1 else None
    ),
    of_scalars=True,
    also=("divisibleBy",),
)
FIVES = "- {name: fives, match: {operation: send, body.weight: {multiple: 5}}, respond: {outcome: lost}}"


@pytest.fixture(autouse=True)
def _imaginary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MATCHERS, "multiple", MULTIPLE)


def findings(folder: Path, scenarios: str) -> list[str]:
    return [
        f"{problem.message}; {problem.remedy}"
        for problem in lint.check([write(folder, document(scenarios))], VOCABULARIES)
    ]


def sent(weight: Any) -> MappingFacts:
    return MappingFacts({"operation": "send", "body": {"weight": weight}})


@pytest.mark.parametrize(("weight", "chosen"), [(15, "fives"), (16, None)])
def test_it_selects(tmp_path: Path, weight: int, chosen: str | None) -> None:
    scenario = select(loaded(tmp_path, FIVES), "postcard", "send", sent(weight))
    assert (scenario.name if scenario is not None else None) == chosen


def test_it_explains(tmp_path: Path) -> None:
    scenarios = loaded(tmp_path, FIVES)
    assert differences(scenarios.scenarios("postcard")[0], "send", sent(16)) == [
        Mismatch("body.weight", "a multiple of 5", 16, "is 16")
    ]
    assert [miss.scenario.name for miss in near_misses(scenarios, "postcard", "send", sent(16))] == ["fives"]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("{multiple: five}", '`multiple` must be a whole number, not the text "five"; write for example 5'),
        ("{multipel: 5}", "`multipel` is not a matcher; did you mean `multiple`?"),
        ("{divisibleBy: 5}", "`divisibleBy` is not a matcher; did you mean `multiple`?"),
        ("{multiple: 1}", "every number is a multiple of 1; write 2 or more"),
        ("{any: [7, {multiple: 1}]}", "every number is a multiple of 1; write 2 or more"),
    ],
)
def test_the_lint_knows_it(tmp_path: Path, condition: str, said: str) -> None:
    assert findings(tmp_path, f"- {{name: one, match: {{body.weight: {condition}}}, respond: {{}}}}") == [
        said
    ]


def test_the_lint_sees_what_it_leaves_to_later_scenarios(tmp_path: Path) -> None:
    tens = "- {name: tens, match: {operation: send, body.weight: {multiple: 10}}, respond: {}}"
    (said,) = findings(tmp_path, f"{FIVES}\n{tens}")
    assert said.startswith("the scenario `tens` is never used: `fives`")
    assert implies(compile_matcher({"multiple": 5}, False), compile_matcher({"multiple": 10}, False)) is False


@pytest.mark.parametrize(("argument", "accepted"), [(5, True), ("5", False)])
def test_the_schema_knows_it(argument: Any, accepted: bool) -> None:
    validator = Draft7Validator(schema.document(VOCABULARIES))
    scenario = {"name": "one", "match": {"body.weight": {"multiple": argument}}, "respond": {}}
    file = {"version": 1, "provider": "postcard", "scenarios": [scenario]}
    assert validator.is_valid(file) is accepted


def test_an_editor_describes_it() -> None:
    properties = schema.document(VOCABULARIES)["definitions"]["matcher"]["properties"]
    assert properties["multiple"] == {
        "description": "The number is a multiple of this.",
        "examples": [5],
        "type": "integer",
    }
