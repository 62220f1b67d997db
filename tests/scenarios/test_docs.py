"""What the documentation shows of scenario files is so: every file in it loads and does what it says, every
table is complete."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import MockServer, Receiver
from mock_server.core.delivery_directives import DIRECTIVES
from mock_server.scenario import document, lint, source
from mock_server.scenario.filters import FILTERS
from mock_server.scenario.loader import compile_inline
from mock_server.scenario.matchers import MATCHERS
from mock_server.scenario.model import Scenario
from mock_server.scenario.names import DRAWS, TOP
from mock_server.scenario.problems import ERROR
from tests.scenarios.test_shipped import VOCABULARIES, exercise, operations

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "scenarios" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
REFERENCE = (ROOT / "docs" / "scenarios.md").read_text("utf-8")
LINT = (ROOT / "docs" / "lint.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    return [body for name, body in BLOCK.findall(text) if name == language]


def scenario_files() -> Iterator[tuple[str, str]]:
    """Every YAML block that is a scenario file, but for the one that is wrong on purpose."""
    for page in PAGES:
        for number, text in enumerate(blocks(page.read_text("utf-8"), "yaml")):
            if re.search(r"^scenarios:", text, re.MULTILINE) and not text.startswith("# mistakes.yaml"):
                yield f"{page.name}-{number}", text


FILES = dict(scenario_files())


def parsed(name: str) -> Any:
    read, problems = source.read(name, FILES[name].encode())
    assert problems == []
    return read.value


def scenarios() -> Iterator[Any]:
    for name in FILES:
        for scenario in compile_inline(parsed(name), VOCABULARIES):
            for operation in operations(scenario):
                yield pytest.param(name, scenario, operation, id=f"{name}/{scenario.name}/{operation}")


@pytest.mark.parametrize("name", FILES)
def test_a_documented_file_has_no_finding(name: str, tmp_path: Path) -> None:
    file = tmp_path / "documented.yaml"
    file.write_text(FILES[name])
    assert lint.render(lint.check([file], VOCABULARIES)) == "no problems found\n"


@pytest.mark.parametrize(("name", "scenario", "operation"), [*scenarios()])
def test_a_documented_scenario_does_what_it_says(
    service: tuple[MockServer, Receiver], name: str, scenario: Scenario, operation: str
) -> None:
    server, receiver = service
    account = server.account(f"test-docs-{name}-{scenario.name}-{operation}")
    account.call("POST", "scenarios", body=parsed(name))
    others = compile_inline(parsed(name), VOCABULARIES)
    exercise(account, receiver, scenario, operation, others)


def test_the_ten_mistakes_get_the_messages_that_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mistakes.yaml").write_text(blocks(LINT, "yaml")[0])
    problems = lint.check([Path("mistakes.yaml")], VOCABULARIES)
    assert [lint.render(problems)] == blocks(LINT, "text")
    assert len(problems) == 10
    assert len({problem.rule for problem in problems}) == 10
    assert sum(problem.severity == ERROR for problem in problems) == 8


def test_the_reference_has_every_key_matcher_word_name_and_filter() -> None:
    classes = (
        document.File,
        document.Scenario,
        document.Respond,
        document.Step,
        document.Callback,
        document.Distribution,
    )
    words = {name for kind in classes for name in kind.__struct_encode_fields__}
    words |= {*MATCHERS, *DIRECTIVES, *FILTERS, *DRAWS, *TOP} - {"equals"}
    code = " ".join(re.findall(r"`([^`\n]+)`", REFERENCE)) + " ".join(blocks(REFERENCE, "yaml"))
    missing = [
        word for word in sorted(words) if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", code)
    ]
    assert missing == []


def test_the_table_of_deliver_words_is_the_code_s() -> None:
    rows = "".join(f"| `{word.example}` | {word.description} |\n" for word in DIRECTIVES.values())
    table = f"| word | what happens |\n|---|---|\n{rows}"
    section = re.search(r"<!-- deliver words -->\n(.*?)<!-- /deliver words -->", REFERENCE, re.DOTALL)
    assert section is not None
    assert section.group(1) == table


def test_the_json_in_the_reference_is_json() -> None:
    for text in blocks(REFERENCE, ""):
        for line in text.split("\n"):
            if "{" in line:
                json.loads(line[line.index("{") :])
