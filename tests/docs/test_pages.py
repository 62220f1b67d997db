"""Every block of the documentation that can be run is run, and every link leads somewhere."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest
import yaml

from mock_server.providers import config_file, registry
from mock_server.scenario.loader import load
from mock_server.scenario.problems import ScenarioProblems
from tests.docs.blocks import BLOCKS, PAGES, ROOT, Block, blocks_of, commands, matches
from tests.docs.runner import Reader

LANGUAGES = {"", "console", "html", "http", "json", "python", "sh", "text", "yaml"}
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


def of(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


def named(blocks: list[Block]) -> list[object]:
    return [pytest.param(block, id=block.place) for block in blocks]


def test_only_languages_that_are_checked_are_used() -> None:
    assert not [block.place for block in BLOCKS if block.language not in LANGUAGES]


@pytest.mark.parametrize(
    "page",
    [
        page
        for page in PAGES
        if page.parent.name != "tutorials" and any(block.language == "console" for block in blocks_of(page))
    ],
    ids=lambda page: page.name,
)
def test_a_page_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    with Reader(tmp_path) as reader:
        for block in blocks_of(page):
            reader.read(block)


@pytest.mark.parametrize("block", named([block for block in of("yaml") if block.page.name != "lint.md"]))
def test_yaml_is_what_it_claims_to_be(block: Block, tmp_path: Path) -> None:
    # The ten mistakes of lint.md are played by the tests of the linter.
    document = yaml.safe_load(block.text)
    path = tmp_path / "shown.yaml"
    path.write_text(block.text, "utf-8")
    if "scenarios" in document:
        vocabularies = {name: provider.vocabulary for name, provider in registry.build({}).items()}
        with (
            pytest.raises(ScenarioProblems)
            if block.notes.startswith(("broken/", "mistake/"))
            else nullcontext()
        ):
            load([path], vocabularies)
    elif "accounts" in document or "settings" in document:
        _, _, settings = config_file.read(path)
        registry.build(settings)


@pytest.mark.parametrize("block", named(of("json")))
def test_json_is_json(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", named(of("python")))
def test_python_compiles(block: Block) -> None:
    ast.parse(block.text, block.place)


@pytest.mark.parametrize("block", named(of("sh")))
def test_shell_names_what_exists(block: Block) -> None:
    from mock_server.cli.main import VERBS

    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    subprocess.run([_program("bash"), "-n"], input=block.text, text=True, check=True, capture_output=True)
    assert set(re.findall(r"^\s*make ([a-z-]+)", block.text, re.MULTILINE)) <= targets, block.place
    verbs = re.findall(r"^\s*(?:\.venv/bin/)?mock-server ([a-z]+)", block.text, re.MULTILINE)
    assert set(verbs) <= set(VERBS), block.place


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    broken = []
    for link in LINK.finditer(prose):
        path, _, anchor = link["target"].partition("#")
        if path.startswith(("http:", "https:", "mailto:")):
            continue
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link["target"])
    assert not broken


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    assert not [
        page.name
        for page in (ROOT / "docs").glob("*.md")
        if page.name != "README.md" and f"({page.name})" not in index
    ]


def anchors(page: Path) -> set[str]:
    """The fragment of each heading, as the usual hosts make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def _program(name: str) -> str:
    path = shutil.which(name)
    assert path, f"{name} is not installed; make test installs it"
    return path


def test_commands_are_told_from_output() -> None:
    block = Block(Path("page.md"), 10, "console", "", "$ one \\\n  more\nout\n$ two\n> on\n")
    assert [tuple(command) for command in commands(block)] == [
        (10, "one \\\n  more", "out"),
        (13, "two\non", ""),
    ]


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("a … c", "a b c", True),
        ("a\n…\nc", "a\n1\n2\nc", True),
        ("a … c", "a b d", False),
        ("a.c", "abc", False),
        ("a", "a\n", True),
    ],
    ids=["within a line", "over lines", "another end", "no pattern", "final newline"],
)
def test_an_ellipsis_stands_for_anything(shown: str, printed: str, expected: bool) -> None:
    assert matches(shown, printed) == expected
