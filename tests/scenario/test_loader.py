"""Files become scenarios with their places; the control API's documents become scenarios without."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from mock_server.scenario import lint
from mock_server.scenario.files import scenario_files
from mock_server.scenario.loader import compile_inline, load
from mock_server.scenario.model import CallbackSpec, Delay, Respond, Scenario, Step
from mock_server.scenario.problems import ScenarioProblems
from tests.scenario.postcard import VOCABULARIES, document, inline, loaded, write

EVERYTHING = """
- name: everything
  description: All there is.
  priority: 7
  locale: de_DE
  match: {operation: send, header.X-Case: a, body.stamps.0.value: {gte: 3}}
  respond:
    outcome: returned
    status: 202
    headers: {X-One: 1, X-Two: [a, "{{ now }}"]}
    delay: {lognormal: {median: 300ms, sigma: 0.5}}
    merge: {a: {b: 1}}
    decline: {photo: [P01]}
    review: {note: seen}
  callbacks:
    - event: card.returned
      after: 1m30s
      url: http://localhost:3000/hook
      merge: {event: x}
      attempts: 3
      deliver: [drop, {late: 2s}, ok]
      requestType: CARD
      reference: other-1
- name: steps
  match: {operation: send}
  callbacks: []
  sequence:
    - respond: {error: 7, fields: [a, b], detail: c, service: s, key: k, message: m}
    - respond: {body: null, delay: {uniform: [1s, 2]}}
      callbacks: [{event: card.delivered}]
    - {}
- name: broken-wire
  match: {operation: track}
  respond: {fault: truncate, delay: 1.5}
"""


def test_all_keys_reach_the_model(tmp_path: Path) -> None:
    everything, steps, wire = (
        loaded(tmp_path, EVERYTHING).named("postcard", name)
        for name in ("everything", "steps", "broken-wire")
    )
    assert everything is not None
    assert (everything.name, everything.description, everything.priority, everything.locale) == (
        "everything",
        "All there is.",
        7,
        "de_DE",
    )
    assert (everything.operations, everything.operation_written, everything.is_default) == (
        frozenset({"send"}),
        '"send"',
        False,
    )
    assert [(condition.path, condition.written) for condition in everything.match] == [
        (("header", "x-case"), "header.X-Case"),
        (("body", "stamps", "0", "value"), "body.stamps.0.value"),
    ]
    respond = everything.steps[0].respond
    assert respond is not None
    assert (respond.outcome, respond.status, respond.has_body) == ("returned", 202, False)
    assert [name for name, _ in respond.headers] == ["X-One", "X-Two", "X-Two"]
    assert respond.headers[0][1] == "1"
    assert (respond.delay, respond.merge, respond.decline, respond.review) == (
        Delay("lognormal", 0.3, 0.5),
        {"a": {"b": 1}},
        {"photo": ["P01"]},
        {"note": "seen"},
    )
    assert everything.steps[0].callbacks == (
        CallbackSpec(
            "card.returned",
            90.0,
            "http://localhost:3000/hook",
            {"event": "x"},
            3,
            ("drop", {"late": "2s"}, "ok"),
            "CARD",
            "other-1",
        ),
    )
    assert steps is not None
    assert steps.is_sequence
    assert steps.steps[0] == Step(
        Respond(error="7", fields=["a", "b"], detail="c", service="s", key="k", message="m"), (), True
    )
    assert steps.steps[1].respond == Respond(has_body=True, delay=Delay("uniform", 1.0, 2.0))
    assert steps.steps[1].callbacks == (CallbackSpec("card.delivered"),)
    assert steps.steps[2] == Step(None, (), True)
    assert wire is not None
    assert wire.steps == (Step(Respond(fault="truncate", delay=Delay("fixed", 1.5))),)


@pytest.mark.parametrize(("position", "step"), [(0, 0), (1, 1), (2, 2), (3, 2), (99, 2)])
def test_the_last_step_of_a_sequence_repeats(tmp_path: Path, position: int, step: int) -> None:
    scenario = loaded(tmp_path, EVERYTHING).named("postcard", "steps")
    assert scenario is not None
    assert scenario.step_for(position) is scenario.steps[step]


def test_a_scenario_knows_its_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, document(EVERYTHING), "sub/cards.yaml")
    monkeypatch.chdir(tmp_path)
    scenarios = load([Path("sub")], VOCABULARIES)
    assert [(scenario.source, scenario.column) for scenario in scenarios.scenarios("postcard")] == [
        ("sub/cards.yaml:4", 5),
        ("sub/cards.yaml:26", 5),
        ("sub/cards.yaml:34", 5),
    ]
    assert scenarios.files == ("sub/cards.yaml",)
    assert scenarios.providers == ("postcard",)


def test_files_are_read_in_order_of_names_without_hidden_ones(tmp_path: Path) -> None:
    for name in (
        "b.yaml",
        "a.yml",
        "a/z.yaml",
        ".hidden.yaml",
        ".git/x.yaml",
        "a/.#z.yaml",
        "notes.txt",
        "c.yaml~",
        "d.json",
    ):
        write(tmp_path, "", name)
    assert [file.relative_to(tmp_path).as_posix() for file in scenario_files([tmp_path])] == [
        "a.yml",
        "a/z.yaml",
        "b.yaml",
    ]
    assert scenario_files([tmp_path / "b.yaml", tmp_path, tmp_path / "b.yaml"])[0] == tmp_path / "b.yaml"
    assert len(scenario_files([tmp_path / "b.yaml", tmp_path])) == 3


def test_two_vendors_may_use_one_name_and_one_folder(tmp_path: Path) -> None:
    write(tmp_path, document("- {name: same, respond: {outcome: lost}}"), "a.yaml")
    write(tmp_path, document("- {name: same, respond: {outcome: arrived}}", "pigeon"), "b.yaml")
    scenarios = load([tmp_path], VOCABULARIES)
    assert [scenarios.named(provider, "same") is not None for provider in ("postcard", "pigeon", "owl")] == [
        True,
        True,
        False,
    ]
    assert load([], VOCABULARIES).scenarios("postcard") == ()


def test_anchors_spare_repetition(tmp_path: Path) -> None:
    text = """
    - name: a
      match: &card {operation: send, body.weight: 1}
      respond: &lost {outcome: lost, delay: 1s}
    - name: b
      match: {<<: *card, body.weight: 2}
      respond: *lost
    """
    scenario = loaded(tmp_path, text).named("postcard", "b")
    assert scenario is not None
    assert scenario.match[0].matcher.argument == 2
    assert scenario.steps[0].respond == Respond(outcome="lost", delay=Delay("fixed", 1.0))


# --- documents of the control API


@pytest.mark.parametrize(
    "definition",
    [
        {
            "provider": "postcard",
            "name": "one",
            "match": {"operation": "send"},
            "respond": {"outcome": "lost"},
        },
        {
            "version": 1,
            "provider": "postcard",
            "name": "one",
            "match": {"operation": "send"},
            "respond": {"outcome": "lost"},
        },
        {
            "provider": "postcard",
            "scenarios": [{"name": "one", "match": {"operation": "send"}, "respond": {"outcome": "lost"}}],
        },
    ],
    ids=["one", "one with version", "a file"],
)
def test_one_scenario_or_a_whole_file_may_come_as_json(definition: Any) -> None:
    scenarios = compile_inline(definition, VOCABULARIES)
    assert [(scenario.name, scenario.source, scenario.line) for scenario in scenarios] == [
        ("one", "<inline>", 0)
    ]
    assert scenarios[0].steps[0].respond == Respond(outcome="lost")


WHOLE = "begin it with `version: 1`, `provider: …` and `scenarios:`"


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            {"name": "one", "respond": {}},
            "<inline>: the scenario needs `provider`; use one of: `postcard`, `pigeon` [missing-key]",
        ),
        (
            [],
            f"<inline>: the file must be a mapping, not a list; {WHOLE} [wrong-type]",
        ),
        (
            "text",
            f'<inline>: the file must be a mapping, not the text "text"; {WHOLE} [wrong-type]',
        ),
        (
            {"provider": "postcard", "name": "one", "respond": {"outcom": "lost"}},
            "<inline>: scenarios[0].respond.outcom: `outcom` is not a key of `respond`; did you mean `outcome`? [unknown-key]",
        ),
        (
            {"provider": "postcard", "scenarios": [{"name": "one", "respond": {"delay": "soon"}}]},
            "<inline>: scenarios[0].respond.delay: 'soon' is not a duration; write for example 500ms, 2s, 5m, 1h30m or 7d [bad-duration]",
        ),
        (
            {"provider": "owl", "name": "one", "respond": {}},
            "<inline>: provider: unknown provider `owl`; use one of: `postcard`, `pigeon` [unknown-provider]",
        ),
        (
            {"provider": 3, "scenarios": []},
            "<inline>: provider: `provider` must be a text, not 3; write for example postcard [wrong-type]",
        ),
        (
            {
                "provider": "postcard",
                "scenarios": [{"name": "one", "respond": {}}, {"name": "one", "respond": {}}],
            },
            "<inline>: scenarios[1].name: the name `one` is taken by the scenario at <inline>; give it another name [same-name]",
        ),
    ],
    ids=lambda value: None if isinstance(value, str) else type(value).__name__,
)
def test_a_document_that_cannot_be_used_is_told_by_key_path(definition: Any, message: str) -> None:
    with pytest.raises(ScenarioProblems) as caught:
        compile_inline(definition, VOCABULARIES)
    assert [str(problem) for problem in caught.value.problems] == [message]


def test_scenarios_are_values() -> None:
    scenario = inline(match={"operation": "send"})
    assert isinstance(scenario, Scenario)
    with pytest.raises(AttributeError):
        scenario.name = "other"  # type: ignore[misc]


# --- size


def thousand(folder: Path) -> None:
    """1,000 scenarios in 100 files, as testers write them."""
    for file in range(100):
        scenarios = [
            f"""
            - name: case-{file}-{number}
              description: The family name number {number} of file {file}, with one thing changed and a callback later.
              match:
                operation: send
                body.to.name: Family-{file}-{number}
                body.reference: {{prefix: case-{number}}}
              respond:
                outcome: returned
                delay: 20ms
                merge: {{letter: {{id: "{{{{ uuid() }}}}", to: "{{{{ request.body.to.name | upper }}}}", stamps: [{{value: {number}}}]}}}}
              callbacks:
                - event: card.returned
                  after: 2s
                  deliver: [drop, {{late: 3s}}, ok]
            """
            for number in range(10)
        ]
        write(folder, document("".join(scenarios)), f"part-{file:03}.yaml")


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("text", ["- {name: a, respond: {}}", "- ["], ids=["fine", "broken"])
def test_a_reading_leaves_the_garbage_collector_as_it_was(tmp_path: Path, text: str, enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        lint.check([write(tmp_path, text)], VOCABULARIES)
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_a_thousand_scenarios_in_a_hundred_files_load_and_lint(tmp_path: Path) -> None:
    thousand(tmp_path)
    assert len(load([tmp_path], VOCABULARIES).scenarios("postcard")) == 1_000
    assert lint.check([tmp_path], VOCABULARIES) == []


def test_of_many_unknown_keys_the_first_are_reported_one_by_one(tmp_path: Path) -> None:
    keys = "".join(f"  key{number}: 1\n" for number in range(5_000))
    problems = lint.check([write(tmp_path, document(f"- name: one\n  respond: {{}}\n{keys}"))], VOCABULARIES)
    assert len(problems) == 21
    assert problems[-1].message == "4,980 more keys are not keys of a scenario"
