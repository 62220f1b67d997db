"""A file is written out before it is checked: variables, the environment, defaults, and keys for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from mock_server.scenario import lint, schema, source
from mock_server.scenario.expansion import expand
from mock_server.scenario.loader import compile_inline, load
from mock_server.scenario.model import Scenario
from mock_server.scenario.problems import ScenarioProblems
from mock_server.scenario.rendering import render
from mock_server.scenario.rows import Rows
from tests.scenario.postcard import VOCABULARIES, RequestContext, write

HEAD = "version: 1\nprovider: postcard\n"
ENVIRON = {"MOCK_HOOKS": "http://hooks.test:9/a b", "MOCK_COUNT": "3", "MOCK_SERVER_ADMIN_TOKEN": "s"}


def no_file(name: str) -> Rows:
    raise AssertionError(name)


def written_out(text: str) -> Any:
    """The scenarios of a file in full, where nothing is wrong with it."""
    read, problems = source.read("f.yaml", (HEAD + text).encode())
    expanded, more = expand(read, ENVIRON, no_file)
    assert [str(problem) for problem in (*problems, *more)] == []
    return expanded.value["scenarios"]


def messages(text: str) -> list[str]:
    read, _ = source.read("f.yaml", (HEAD + text).encode())
    return [str(problem) for problem in expand(read, ENVIRON, no_file)[1]]


def loaded(folder: Path, text: str, name: str = "one") -> Scenario:
    file = write(folder, HEAD + text)
    read, _ = source.read("f.yaml", (HEAD + text).encode())
    validator = Draft7Validator(schema.document(VOCABULARIES))
    assert [error.message for error in validator.iter_errors(read.value)] == []
    assert lint.check([file], VOCABULARIES) == []
    scenario = load([file], VOCABULARIES).named("postcard", name)
    assert scenario is not None
    return scenario


VALUES = [
    ("one expression keeps its type", "{n: 3}", "{{ vars.n }}", 3),
    ("a list", "{codes: [P01, P02]}", "{{ vars.codes }}", ["P01", "P02"]),
    ("a mapping below", "{shop: {prefix: 'māori-'}}", "{{ vars.shop.prefix }}", "māori-"),
    ("within a text", "{shop: shop-}", "{{ vars.shop }}1 + 2", "shop-1 + 2"),
    ("a filter", "{shop: Ngāta}", "{{ vars.shop | lower }}", "ngāta"),
    ("of those before it", "{a: x, b: '{{ vars.a }}y'}", "{{ vars.b }}", "xy"),
    ("the environment", "{}", "{{ env.MOCK_HOOKS }}", "http://hooks.test:9/a b"),
    ("not set, with a default", "{}", "{{ env.MOCK_X | default('http://localhost:3000') }}", "http://localhost:3000"),
    ("a variable of it", "{n: '{{ env.MOCK_COUNT | int }}'}", "{{ vars.n }}", 3),
]  # fmt: skip


@pytest.mark.parametrize(("variables", "template", "expected"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES])  # fmt: skip
def test_load_time_names_are_filled_in(variables: str, template: str, expected: Any) -> None:
    text = f'vars: {variables}\nscenarios: [{{name: one, respond: {{body: "{template}"}}}}]'
    assert written_out(text)[0]["respond"]["body"] == expected


def test_variables_reach_every_key(tmp_path: Path) -> None:
    text = """
vars: {shop: shop-, host: "http://localhost:3000", status: 503, wait: 2s}
scenarios:
  - name: "{{ vars.shop }}down"
    match: {operation: send, body.reference: {prefix: "{{ vars.shop }}"}}
    respond: {status: "{{ vars.status }}", body: "of {{ vars.shop }}: {{ request.body.reference }}", delay: "{{ vars.wait }}"}
    callbacks: [{event: card.returned, url: "{{ vars.host }}/hook"}]
"""
    scenario = loaded(tmp_path, text, "shop-down")
    step = scenario.steps[0]
    assert step.respond is not None
    assert scenario.match[0].matcher.holds("shop-7")
    assert (step.respond.status, step.respond.delay.first) == (503, 2.0)  # type: ignore[union-attr]
    assert (step.callbacks or ())[0].url == "http://localhost:3000/hook"
    context = RequestContext({"body": {"reference": "shop-7"}})
    assert render(step.respond.body, context) == "of shop-: shop-7"


def test_what_looks_like_a_template_in_a_value_stays_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCK_ODD", "{# {{ now }}")
    text = "scenarios: [{name: one, match: {account: x}, respond: {body: ['{{ env.MOCK_ODD }}', '{{ env.MOCK_ODD }}']}}]"
    respond = loaded(tmp_path, text).steps[0].respond
    assert respond is not None
    assert render(respond.body, RequestContext()) == ["{# {{ now }}"] * 2


MISTAKES = [
    (
        "vars: {shop: a}\nscenarios: [{name: one, respond: {body: '{{ vars.shp }}'}}]",
        "f.yaml:4:41: unknown name `shp` in vars; did you mean `shop`? [bad-template]",
    ),
    (
        "scenarios: [{name: one, respond: {body: '{{ env.MOCK_UNSET }}'}}]",
        "f.yaml:3:41: the variable `MOCK_UNSET` is not set; set it, or write "
        "`{{ env.MOCK_UNSET | default('…') }}` [bad-template]",
    ),
    (
        "scenarios: [{name: one, respond: {body: \"{{ env.PATH | default('') }}\"}}]",
        "f.yaml:3:41: the variable `PATH` cannot be read; name it `MOCK_PATH` [bad-template]",
    ),
    (
        "scenarios: [{name: one, respond: {body: '{{ env.MOCK_SERVER_ADMIN_TOKEN }}'}}]",
        "f.yaml:3:41: the variable `MOCK_SERVER_ADMIN_TOKEN` is an option of the server; "
        "name it `MOCK_ADMIN_TOKEN` [bad-template]",
    ),
    (
        "vars: {a: '{{ request.body.x }}'}\nscenarios: []",
        "f.yaml:3:11: `request` is not known when the file is loaded; a variable can use `env` and the "
        "`vars` before it [bad-template]",
    ),
    (
        "vars: {a-b: 1}\nscenarios: []",
        "f.yaml:3:8: `a-b` cannot name a variable; use letters, digits and _, such as `shop_prefix` [bad-name]",
    ),
    (
        "defaults: {name: x}\nscenarios: []",
        "f.yaml:3:12: `name` cannot be a default; write `name` in each scenario [bad-default]",
    ),
    (
        "scenarios: [{name: one, match: {body.to.name: '{{ vars.a }'}, respond: {}}]",
        "f.yaml:3:47: `}` cannot stand here in a template; an expression begins with {{ and ends with }} [bad-template]",
    ),
    (
        "scenarios: [{name: one, respond: {body: '{{ row.id }}'}}]",
        "f.yaml:3:41: `row` is known only in a scenario with `rows`; write for example `rows: customers.csv`, or "
        "`rows: [{id: a1}, {id: b2}]` [bad-template]",
    ),
]


@pytest.mark.parametrize(("text", "expected"), MISTAKES, ids=[row[1].split(";")[0] for row in MISTAKES])
def test_a_mistake_is_told_with_its_place(text: str, expected: str) -> None:
    assert messages(text) == [expected]


def test_all_mistakes_of_a_scenario_are_told_at_once() -> None:
    text = "scenarios: [{name: '{{ vars.a }}', respond: {body: ['{{ vars.b }}', '{{ env.HOME }}']}}]"
    assert [message.split(":")[2] for message in messages(text)] == ["20", "53", "69"]


DEFAULTS = [
    ("a key that is missing", "priority: 3", "respond: {}", {"respond": {}, "priority": 3}),
    ("the scenario wins", "priority: 3", "priority: 4", {"priority": 4}),
    ("tags add up", "tags: [a, b]", "tags: [b, c]", {"tags": ["a", "b", "c"]}),
    ("mappings merge", "match: {account: x, body.a: 1}", "match: {body.a: 2}", {"match": {"account": "x", "body.a": 2}}),
    ("other lists do not", "callbacks: [{event: card.returned}]", "callbacks: []", {"callbacks": []}),
    ("under the answer", "respond: {delay: 1s}", "respond: {outcome: lost}", {"respond": {"delay": "1s", "outcome": "lost"}}),
    (
        "another kind of answer",
        "respond: {outcome: lost, decline: [P01], delay: 1s}",
        "respond: {error: 7}",
        {"respond": {"delay": "1s", "error": 7}},
    ),
    (
        "under each step",
        "respond: {delay: 1s}",
        "sequence: [{respond: {error: 7}}, {}]",
        {"sequence": [{"respond": {"delay": "1s", "error": 7}}, {"respond": {"delay": "1s"}}]},
    ),
    (
        "under steps of a mapping",
        "respond: {delay: 1s}",
        "sequence: {by: account, steps: [{}]}",
        {"sequence": {"by": "account", "steps": [{"respond": {"delay": "1s"}}]}},
    ),
    ("an answer of one's own", "sequence: [{}]", "respond: {}", {"respond": {}}),
]  # fmt: skip


@pytest.mark.parametrize(("defaults", "scenario", "expected"), [row[1:] for row in DEFAULTS], ids=[row[0] for row in DEFAULTS])  # fmt: skip
def test_defaults_are_laid_under_a_scenario(defaults: str, scenario: str, expected: Any) -> None:
    assert written_out(f"defaults: {{{defaults}}}\nscenarios: [{{name: a, {scenario}}}]") == [
        {"name": "a", **expected}
    ]


def test_a_scenario_may_leave_its_answer_to_the_defaults(tmp_path: Path) -> None:
    text = "defaults: {respond: {outcome: lost}}\nscenarios: [{name: one, match: {operation: send}}]"
    respond = loaded(tmp_path, text).steps[0].respond
    assert respond is not None
    assert respond.outcome == "lost"


def test_a_mistake_in_the_defaults_is_told_once_and_there(tmp_path: Path) -> None:
    file = write(
        tmp_path, HEAD + "defaults:\n  respond: {outcme: lost}\nscenarios: [{name: a}, {name: b, match: {}}]"
    )
    assert [str(problem).partition("cards.yaml")[2] for problem in lint.check([file], VOCABULARIES)] == [
        ":4:13: `outcme` is not a key of `respond`; did you mean `outcome`? [unknown-key]"
    ]


def test_keys_for_people_are_ignored(tmp_path: Path) -> None:
    text = """
x-to: &to {operation: send, body.to.country: NZ}
scenarios:
  - name: one
    x-ticket: ABC-1
    match: {<<: *to, header.X-Case: a}
    sequence:
      x-why: because
      steps:
        - {x-step: 1, respond: {x-a: 1, headers: {x-request-id: "7"}, body: {x-b: 2}}}
        - {callbacks: [{event: card.returned, x-c: 1}]}
"""
    respond = loaded(tmp_path, text).steps[0].respond
    assert respond is not None
    assert (respond.headers, respond.body) == ((("x-request-id", "7"),), {"x-b": 2})


@pytest.mark.parametrize(
    ("text", "rule"),
    [("vars: [a]\nscenarios: []", "wrong-type"), ("defaults: 7\nscenarios: []", "wrong-type")],
)
def test_the_wrong_shape_is_told_as_ever(tmp_path: Path, text: str, rule: str) -> None:
    assert [problem.rule for problem in lint.check([write(tmp_path, HEAD + text)], VOCABULARIES)] == [rule]


def test_over_http_the_place_is_a_key_path() -> None:
    scenario = {"provider": "postcard", "name": "one", "respond": {"body": "{{ vars.a }}"}}
    with pytest.raises(ScenarioProblems, match=r"<inline>: scenarios\[0\].respond.body: unknown name `a`"):
        compile_inline(scenario, VOCABULARIES)
