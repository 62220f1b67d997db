"""The generated pages say what the code says, and the code's tables are told in them whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import build
from mock_server.core.config import OPTIONS
from mock_server.providers import registry
from mock_server.scenario.loader import load
from mock_server.web.admin.fidelity import rows_of

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", build.PAGES)
def test_a_generated_page_is_as_the_code_has_it(name: str) -> None:
    assert build.PAGES[name]() == (DOCS / name).read_text("utf-8"), f"docs/{name} is out of date: make docs"


@pytest.mark.parametrize("provider", registry.installed())
def test_every_setting_that_a_row_names_exists(provider: str) -> None:
    settings = registry.build({})[provider].settings
    assert not [
        row["setting"]
        for row in rows_of(registry.build({})[provider])
        if row["setting"] and not hasattr(settings, row["setting"])
    ]


@pytest.mark.parametrize("provider", registry.installed())
def test_every_row_has_a_grade_and_its_evidence(provider: str) -> None:
    rows = list(rows_of(registry.build({})[provider]))
    assert rows
    assert not [
        row for row in rows if row["grade"] not in set("DKRSCMA") or not row["source"] or not row["reading"]
    ]


def test_every_option_is_documented() -> None:
    text = (DOCS / "command-line.md").read_text("utf-8")
    assert not [
        option.flag
        for option in OPTIONS
        if f"`{option.flag}`" not in text or f"`{option.variable}`" not in text
    ]


@pytest.mark.parametrize("provider", registry.installed())
def test_every_answer_that_the_page_of_codes_shows_loads(provider: str, tmp_path: Path) -> None:
    page = (DOCS / "codes.md").read_text("utf-8")
    [part] = re.findall(rf"## {build.NAMES[provider]}: errors\n.*?: events", page, re.DOTALL)
    answers = re.findall(r"`respond: (\{.*?\})` \|$", part, re.MULTILINE)
    words = registry.build({})[provider].vocabulary
    assert len(answers) == len(words.errors) + len(words.declines)
    operation = next(
        one.operation
        for one in words.magic
        if one.prefix and one.path == "body.reference" and one.operation != "*"
    )
    scenarios = "".join(
        f"  - name: code-{number}\n    match: {{operation: {operation}, body.reference: {{prefix: c{number}-}}}}\n    respond: {answer}\n"
        for number, answer in enumerate(answers)
    )
    path = tmp_path / "codes.yaml"
    path.write_text(f"version: 1\nprovider: {provider}\nscenarios:\n{scenarios}", "utf-8")
    load([path], {provider: words})
