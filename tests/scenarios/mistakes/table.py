"""Reads and writes the tables, and asks the lint about a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any, NamedTuple

import yaml

from mock_server.providers import registry
from mock_server.scenario.lint import findings
from mock_server.scenario.loader import read
from mock_server.scenario.problems import Problem

FOLDER = Path(__file__).parent
VOCABULARIES = {name: provider.vocabulary for name, provider in registry.build({}).items()}
MARKS = {
    "<TAB>": "\t",
    "<NBSP>": "\u00a0",
    "<BOM>": "\ufeff",
    "<BELL>": "\x07",
    "<ZWSP>": "\u200b",
    "<CYRILLIC-A>": "\u0430",
    "<CYRILLIC-E>": "\u0435",
    "<END>": "",
}
"""How the tables write what cannot be told by sight; ``<END>`` keeps spaces at the end of a line."""


class Mistake(NamedTuple):
    """One entry of a table."""

    table: str
    title: str
    key: str
    """A provider, for scenarios of it; ``file`` for a whole file."""
    written: str
    answers: list[dict[str, str]]
    """For each problem ``at`` (line, column and the text there), ``says``, and ``fix`` where there is one."""
    corrected: str
    """As the remedies say it; empty: the fixes alone make the file right."""

    @property
    def text(self) -> str:
        """The file."""
        return self._file(self.written)

    @property
    def fixed(self) -> str:
        """The file when the remedies are followed; empty: the fixes are all there is to it."""
        return self._file(self.corrected) if self.corrected else ""

    def _file(self, text: str) -> str:
        for mark, character in MARKS.items():
            text = text.replace(mark, character)
        if self.key == "file":
            return text
        return f"version: 1\nprovider: {self.key}\nscenarios:\n{indent(text, '  ')}"


def mistakes() -> Iterator[Mistake]:
    """Every entry of every table."""
    for file in sorted(FOLDER.glob("*.yaml")):
        for entry in yaml.load(file.read_text("utf-8"), yaml.CSafeLoader):
            (key, written), *_ = (
                (key, value) for key, value in entry.items() if key not in ("mistake", "lint", "fixed")
            )
            yield Mistake(
                file.stem, entry["mistake"], key, written, entry.get("lint") or [], entry.get("fixed", "")
            )


def problems_of(folder: Path, text: str) -> list[Problem]:
    """All that the lint says of a file with this text."""
    file = folder / "scenarios.yaml"
    file.write_text(text, "utf-8")
    return findings(read([file], VOCABULARIES), VOCABULARIES)


def answer(problem: Problem, text: str, folder: Path) -> dict[str, str]:
    """The problem as a table has it."""
    line = text.split("\n")[problem.line - 1] if problem.line else ""
    excerpt = line[problem.column - 1 : problem.column - 1 + problem.length]
    severity = "" if problem.severity == "error" else f"{problem.severity}: "
    remedy = f"; {problem.remedy}" if problem.remedy else ""
    says = f"{severity}{problem.message}{remedy} [{problem.rule}]".replace(f"{folder}/", "")
    shown = {"at": f"{problem.line}:{problem.column} {excerpt}".rstrip(), "says": says}
    if problem.fix is not None:
        shown["fix"] = problem.fix
    return {name: _marked(value) for name, value in shown.items()}


def _marked(value: str) -> str:
    for mark, character in MARKS.items():
        value = value.replace(character, mark) if character else value
    return value


def repaired(text: str, problem: Problem) -> str:
    """The text with the problem's fix in place."""
    assert problem.fix is not None
    lines = text.split("\n")
    line, start = lines[problem.line - 1], problem.column - 1
    lines[problem.line - 1] = line[:start] + problem.fix + line[start + problem.length :]
    return "\n".join(lines)


def all_repaired(folder: Path, text: str) -> str:
    """The text with one fix after the other in place, until no problem has one."""
    for _ in range(9):
        fixable = [problem for problem in problems_of(folder, text) if problem.fix is not None]
        if not fixable:
            return text
        text = repaired(text, fixable[0])
    raise AssertionError(f"fixes without end: {text}")


def rewrite(folder: Path) -> None:
    """Write the lint's answers into the tables."""
    for file in sorted(FOLDER.glob("*.yaml")):
        entries = [each for each in mistakes() if each.table == file.stem]
        file.write_text(_comment(file) + "\n".join(_entry(each, folder) for each in entries), "utf-8")


def _comment(file: Path) -> str:
    lines = file.read_text("utf-8").split("\n")
    return "".join(f"{line}\n" for line in lines if line.startswith("#"))


def _entry(entry: Mistake, folder: Path) -> str:
    text = entry.text
    written = indent(entry.written, "    ", lambda line: bool(line.strip("\n")))
    shown = f"- mistake: {_quoted(entry.title)}\n  {entry.key}: |\n{written}  lint:\n"
    for problem in problems_of(folder, text):
        first, *rest = answer(problem, text, folder).items()
        shown += f"    - {first[0]}: {_quoted(first[1])}\n"
        shown += "".join(f"      {name}: {_quoted(value)}\n" for name, value in rest)
    if entry.corrected:
        shown += "  fixed: |\n" + indent(entry.corrected, "    ", lambda line: bool(line.strip("\n")))
    return shown


def _quoted(value: str) -> str:
    dumped: Any = yaml.safe_dump(value, allow_unicode=True, width=10_000)
    return str(dumped).removesuffix("...\n").strip("\n")
