"""The JSON Schema says what the loader says: it explains every key, accepts what loads, and refuses what does
not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from msgspec import structs

from mock_server.scenario import lint, schema, source, starter
from mock_server.scenario.loader import load
from mock_server.scenario.problems import ERROR
from tests.scenario.postcard import PIGEON, VOCABULARIES, document, write
from tests.scenario.test_loader import EVERYTHING
from tests.scenario.test_mistakes import CALLBACK, MEANING, ONE, SHAPE

SCHEMA = schema.document(VOCABULARIES)
VALIDATOR = Draft7Validator(SCHEMA)


def parsed(text: str) -> Any:
    return source.read("f.yaml", text.encode())[0].value


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)


def properties(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, list):
        for item in node:
            yield from properties(item, path)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "properties" and "/if" not in path and "/then" not in path:
                yield from ((f"{path}/{name}", field) for name, field in value.items() if field is not False)
            yield from properties(value, f"{path}/{key}")


def test_every_key_has_a_description_and_an_example() -> None:
    fields = dict(properties(SCHEMA))
    assert len(fields) > 80
    bare = [path for path, field in fields.items() if not field.get("description")]
    assert bare == []
    without = [
        path
        for path, field in fields.items()
        if not field.get("examples")
        and not field["description"].startswith("Codes of")
        and not path.endswith(".Respond/outcome")  # the examples are in the answers of each operation
    ]
    assert without == []


def test_the_examples_fit_their_keys() -> None:
    wrong = []
    for path, field in properties(SCHEMA):
        part = {**field, "definitions": SCHEMA["definitions"]}
        if "$ref" in field:
            part = {"allOf": [{"$ref": field["$ref"]}], "definitions": SCHEMA["definitions"]}
        if "/if" not in path:
            wrong += [
                (path, example)
                for example in field.get("examples", ())
                if not Draft7Validator(part).is_valid(example)
            ]
    assert wrong == []


def test_it_accepts_every_key_of_the_language() -> None:
    assert [error.message for error in VALIDATOR.iter_errors(parsed(document(EVERYTHING)))] == []


def test_it_accepts_the_starter_files(tmp_path: Path) -> None:
    files = starter.write(tmp_path / "new", VOCABULARIES, tmp_path / "none")
    assert [file.name for file in files] == ["scenario.schema.json", "postcard.yaml", "pigeon.yaml"]
    assert lint.check([tmp_path], VOCABULARIES) == []
    assert {one.name for one in load([tmp_path], VOCABULARIES).scenarios("postcard")} >= {
        "first-scenario",
        "flaky-then-fine",
    }
    for file in files[1:]:
        text = file.read_text()
        assert text.startswith("# yaml-language-server: $schema=./scenario.schema.json\n")
        assert [error.message for error in VALIDATOR.iter_errors(parsed(text))] == []
    assert files[0].read_text() == schema.text(VOCABULARIES)


def test_the_starters_flaky_step_is_a_temporary_error(tmp_path: Path) -> None:
    vocabulary = structs.replace(VOCABULARIES["postcard"], temporary_error="9")
    file = starter.write(tmp_path, {"postcard": vocabulary}, tmp_path / "none")[1]
    assert "- respond: {error: 9}" in file.read_text()


def test_the_starter_without_temporary_errors_has_a_status(tmp_path: Path) -> None:
    file = starter.write(tmp_path, VOCABULARIES, tmp_path / "none")[1]
    assert "- respond: {error" not in file.read_text()
    assert "- respond: {status: 503, body: upstream unavailable}" in file.read_text()


def test_the_starter_leaves_a_tester_s_files_alone(tmp_path: Path) -> None:
    (tmp_path / "pigeon.yaml").write_text("# mine\n")
    assert [file.name for file in starter.write(tmp_path, VOCABULARIES, tmp_path / "none")] == [
        "scenario.schema.json",
        "postcard.yaml",
    ]
    assert (tmp_path / "pigeon.yaml").read_text() == "# mine\n"


PLAN = """# yaml-language-server: $schema=../../../scenarios/scenario.schema.json
# Fifty customers, each with an outcome of its own.
#
#> each customers.csv: send reference={reference} -> customer-{id} 200 {outcome}
version: 1
"""


def test_the_starter_copies_the_plans_of_its_vendors(tmp_path: Path) -> None:
    """Without the claims that only our own tests read, and never over a tester's file."""
    for file, text in {
        "postcard/sheet.yaml": PLAN,
        "postcard/a.csv": "id\n1\n",
        "owl/sheet.yaml": PLAN,
    }.items():
        (tmp_path / "plans" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "plans" / file).write_text(text, "utf-8")
    mine = tmp_path / "mine"
    written = starter.write(mine, VOCABULARIES, tmp_path / "plans")
    assert [str(file.relative_to(mine)) for file in written] == [
        "scenario.schema.json",
        "postcard.yaml",
        "plans/postcard/a.csv",
        "plans/postcard/sheet.yaml",
        "pigeon.yaml",
    ]
    assert (mine / "plans/postcard/a.csv").read_text() == "id\n1\n"
    assert (mine / "plans/postcard/sheet.yaml").read_text().splitlines() == [
        "# yaml-language-server: $schema=../../scenario.schema.json",
        "# Fifty customers, each with an outcome of its own.",
        "version: 1",
    ]
    (mine / "plans/postcard/sheet.yaml").write_text("# mine\n")
    assert [file.name for file in starter.write(mine, VOCABULARIES, tmp_path / "plans")] == [
        "scenario.schema.json"
    ]
    assert (mine / "plans/postcard/sheet.yaml").read_text() == "# mine\n"


NOT_SHAPE = {
    "unknown-operation", "bad-regex", "same-name", "unknown-locale", "unknown-name", "bad-template", "bad-header",
    "no-answer", "bad-delay", "unreadable", "bad-deliver", "unknown-outcome", "bad-duration",
}  # fmt: skip
"""What takes more than a schema to see, at least now and then."""


@pytest.mark.parametrize(("marked", "rule"), [case[:2] for case in (*SHAPE, *MEANING)])
def test_it_refuses_what_the_loader_refuses(marked: str, rule: str) -> None:
    text = marked.replace("«", "").replace("»", "")
    text = text if text.startswith(("version", "provider", "- just")) else document(text)
    assert rule in NOT_SHAPE or not VALIDATOR.is_valid(parsed(text))


@pytest.mark.parametrize(
    "scenarios",
    [
        ONE % "outcome: delivred",
        ONE % "delay: soon",
        ONE % "delay: {uniform: [1s, 2 weeks]}",
        ONE % "delay: -1",
        ONE % "delay: {}",
        ONE % "headers: {X-A: {a: 1}}",
        CALLBACK % "event: card.returned, deliver: [dropp]",
        CALLBACK % "event: card.returned, deliver: [{corrupt: nose}]",
        CALLBACK % "event: card.returned, deliver: [{late: soon}]",
        CALLBACK % "event: card.returned, deliver: [{late: 1s, ok: 1}]",
        CALLBACK % "event: card.returned, deliver: [{truncate: -1}]",
        "- {name: one, match: {operation: sendd}, respond: {}}",
        "- {name: one, match: {body.to.name: {}}, respond: {}}",
        "- {name: one, match: {body.to.name: x}}",
    ],
)
def test_it_refuses_already_while_one_types(scenarios: str, tmp_path: Path) -> None:
    assert not VALIDATOR.is_valid(parsed(document(scenarios)))
    assert any(
        problem.severity == ERROR
        for problem in lint.check([write(tmp_path, document(scenarios))], VOCABULARIES)
    )


@pytest.mark.parametrize(
    "duration", ["500ms", "2s", "1.5s", "5m", "1h30m", "7d", " 2s ", "3", 0, 1.5, "1d2h3m4s5ms"]
)
def test_the_schema_and_the_loader_agree_on_durations(duration: Any, tmp_path: Path) -> None:
    text = document(f"- {{name: one, respond: {{delay: {duration!r}}}}}")
    assert VALIDATOR.is_valid(parsed(text))
    assert load([write(tmp_path, text)], VOCABULARIES).files


def test_an_editor_is_offered_what_the_file_s_vendor_knows() -> None:
    definitions = SCHEMA["definitions"]

    def offered(definition: str, key: str) -> Any:
        return definitions[definition]["properties"][key]["anyOf"][0]["enum"]

    assert sorted(offered("postcard.Answer", "outcome")) == ["delivered", "found", "lost", "returned"]
    assert offered("pigeon.Answer", "outcome") == ["arrived"]
    assert offered("postcard.Respond", "error") == [7, 9, "card.invalid", "7", "9"]
    assert "decline" not in definitions["pigeon.Respond"]["properties"]
    assert "requestType" not in definitions["pigeon.Callback"]["properties"]
    assert offered("postcard.Callback", "event") == [
        "card.delivered",
        "card.returned",
        "parcel.weighed",
    ]
    assert definitions["postcard.Match"]["properties"]["body.to.name"]["description"] == "Of send."
    vendors = [one["if"]["properties"]["provider"]["const"] for one in SCHEMA["allOf"][:-1]]
    assert vendors == ["postcard", PIGEON.provider]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("outcome: '{{ row.outcome }}'", True),
        ("status: '{{ vars.status }}'", True),
        ("outcome: lost, decline: \"{{ row.codes | split(';') }}\"", True),
        ("delay: '{{ env.MOCK_DELAY | default(2) }}'", True),
        ("outcome: '{{ request.body.reference }}'", False),
        ("status: '503'", False),
    ],
)
def test_a_template_can_stand_for_a_value_known_at_loading(text: str, expected: bool) -> None:
    assert VALIDATOR.is_valid(parsed(document(ONE % text))) is expected


def test_an_editor_says_in_words_what_a_pattern_demands() -> None:
    def patterns(node: Any) -> Iterator[tuple[str, str]]:
        for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from patterns(value)
        if isinstance(node, dict) and isinstance(node.get("pattern"), str):
            yield node["pattern"], node.get("patternErrorMessage", "")

    messages = dict(patterns(SCHEMA))
    assert len(messages) > 4
    assert [pattern for pattern, words in messages.items() if not words] == []
    assert "A duration is written as 500ms, 2s, 5m, 1h30m or 7d." in messages.values()
