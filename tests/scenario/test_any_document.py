"""Whatever a file holds, reading it ends in scenarios or in problems with a place, and never in anything
else."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from mock_server.scenario import document as shapes
from mock_server.scenario import lint, schema, source
from mock_server.scenario.facts import MappingFacts
from mock_server.scenario.loader import ScenarioSet, compile_inline
from mock_server.scenario.matchers import MATCHERS
from mock_server.scenario.problems import ScenarioProblems
from mock_server.scenario.rendering import RenderError, render
from mock_server.scenario.schema_check import read_file
from mock_server.scenario.selection import near_misses, select
from tests.scenario.postcard import VOCABULARIES, RequestContext
from tests.scenarios.mistakes.table import repaired

SCALARS = st.sampled_from(
    [
        None, True, False, 0, 1, -1, 2.5, 404, "", "a", "2s", "soon", "lost", "found", "send", "track", "7", "P01", "ok", "drop", "photo",
        "card.returned", "card.invalid", "body.to.name", "{{ now }}", "{{ nw }}", "{% if %}", "{{ fake.nme() }}",
        "([", "^a", "de_DE", "x\ny", "http://x/", "reset",
    ]
)  # fmt: skip
STRUCTS = (
    shapes.Scenario,
    shapes.Respond,
    shapes.Callback,
    shapes.Step,
    shapes.Distribution,
    shapes.Lognormal,
)
KEYS = sorted(
    {name for struct in STRUCTS for name in struct.__struct_encode_fields__}
    | {*MATCHERS, "late", "corrupt", "typo", "X-Header"}
)
PATHS = [
    "operation",
    "body.to.name",
    "body",
    "header.X",
    "params.p",
    "verification.status",
    "nonsense",
    "body..x",
    "account",
    "photo",
]
ANY = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS + PATHS), inner, max_size=4)
    ),
    max_leaves=8,
)


def some(struct: type[msgspec.Struct], **better: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping with some of the struct's keys, of which ``better`` are mostly right."""
    optional = {name: better.get(name, ANY) for name in struct.__struct_encode_fields__}
    return st.fixed_dictionaries({}, optional=optional)


CONDITIONS = st.fixed_dictionaries({}, optional=dict.fromkeys(MATCHERS, ANY)) | SCALARS
RESPONDS = (
    some(
        shapes.Respond,
        outcome=SCALARS,
        error=SCALARS,
        body=ANY,
        merge=st.dictionaries(st.sampled_from("ab"), ANY),
    )
    | ANY
)
CALLBACKS = st.lists(some(shapes.Callback, event=SCALARS, after=SCALARS) | ANY, max_size=2)
STEPS = st.lists(some(shapes.Step, respond=RESPONDS, callbacks=CALLBACKS), max_size=2)
SCENARIOS = some(
    shapes.Scenario,
    name=st.sampled_from(["a", "b", "c", ""]) | SCALARS,
    match=st.dictionaries(st.sampled_from(PATHS), CONDITIONS, max_size=3) | ANY,
    respond=RESPONDS,
    sequence=STEPS,
    callbacks=CALLBACKS,
)
FILES = st.fixed_dictionaries(
    {
        "version": st.sampled_from([1, 1, 1, "1", None]),
        "provider": st.sampled_from(["postcard", "postcard", "pigeon", "owl"]),
    },
    optional={"scenarios": st.lists(SCENARIOS | ANY, max_size=3), "typo": ANY},
)
VALIDATOR = Draft7Validator(schema.document(VOCABULARIES))


@given(FILES | ANY)
def test_a_document_becomes_scenarios_or_placed_problems(tmp_path_factory: Any, value: Any) -> None:
    folder: Path = tmp_path_factory.getbasetemp()
    file = folder / "any.yaml"
    file.write_text(json.dumps(value, indent=1), "utf-8")
    problems = lint.check([file], VOCABULARIES)
    for problem in problems:
        assert problem.message
        assert problem.rule
        assert (problem.line >= 1) is (problem.rule != "empty-file")
    for form in ("text", "json", "github", "sarif"):
        assert bool(lint.render(problems, form)) is (bool(problems) or form != "github")


@given(FILES)
def test_a_fix_removes_its_problem(tmp_path_factory: Any, value: Any) -> None:
    file: Path = tmp_path_factory.getbasetemp() / "fix.yaml"
    text = json.dumps(value, indent=1, ensure_ascii=False)
    file.write_text(text, "utf-8")
    for problem in lint.check([file], VOCABULARIES):
        if problem.fix is not None:
            file.write_text(repaired(text, problem), "utf-8")
            assert problem not in lint.check([file], VOCABULARIES)


@given(FILES | ANY)
def test_the_walk_finds_a_mistake_wherever_the_types_do(value: Any) -> None:
    read = source.inline(value)
    try:
        msgspec.convert(value, shapes.File)
    except msgspec.ValidationError:
        problems = read_file(read, VOCABULARIES).problems
        assert problems
        assert "shape" not in {problem.rule for problem in problems}


@settings(max_examples=300)
@given(FILES)
def test_what_loads_can_answer_and_explain_and_the_schema_accepts_it(value: Any) -> None:
    try:
        scenarios = compile_inline(value, VOCABULARIES)
    except ScenarioProblems:
        return
    if value["version"] == 1 and "scenarios" in value:
        assert [error.message for error in VALIDATOR.iter_errors(value)] == []
    loaded = ScenarioSet(scenarios)
    facts = {"body": {"to": {"name": "a"}}, "header": {"x": "1"}, "params": {}, "operation": "send"}
    for provider in VOCABULARIES:
        for operation in ("send", "track", "fly"):
            chosen = select(loaded, provider, operation, MappingFacts(facts))
            misses = near_misses(loaded, provider, operation, MappingFacts(facts), len(scenarios))
            assert chosen not in [miss.scenario for miss in misses]
            assert len(misses) + (chosen is not None) <= len(loaded.scenarios(provider))
    for step in (step for scenario in scenarios for step in scenario.steps if step.respond):
        assert step.respond is not None
        with suppress(RenderError):
            json.dumps(
                [
                    render(step.respond.body, RequestContext(facts)),
                    render(step.respond.merge, RequestContext(facts)),
                ]
            )
