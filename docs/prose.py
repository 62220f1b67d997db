"""Reads the project's sentences: pages, messages, help texts, docstrings, the words of the dashboard. ``make lint`` runs it.

The words of ``prose.yaml`` are looked for in all of them; proselint reads the pages as well."""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from proselint.checks import __register__
from proselint.config import DEFAULT, Config
from proselint.registry import CheckRegistry
from proselint.tools import LintFile

ROOT = Path(__file__).resolve().parents[1]
READ = (
    "*.md",
    "docs/**/*.md",
    "examples/*.md",
    "scenarios/**/*.md",
    "scenarios/**/*.yaml",
    "mock_server/**/*.py",
    "mock_server/**/*.html",
    "mock_server/**/*.js",
    "mock_server/**/*.json",
)
NOT_OURS = (
    "docs/specification.md",
    "LICENSES-third-party.md",
    "CHANGELOG.md",
    "mock_server/web/dashboard/static/preact-htm.js",
)
"""The vendors' sentences, others' licences, and what was written at its time."""
CHECKS = {**DEFAULT["checks"], "typography": False, "lexical_illusions": False, "restricted": False}
"""Straight quotes are what a terminal shows; a table's cells repeat words."""
_PROSE = {
    ".js": re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|>[^<>{}$]*<|//[^\n]*|/\*.*?\*/", re.DOTALL),
    ".html": re.compile(r">[^<>{}]*<|\{#.*?#\}|<!--.*?-->", re.DOTALL),
    ".json": re.compile(r"\"[^\"\n]* [^\"\n]*\""),
}
"""Texts and comments of these languages."""
_CODE = re.compile(r"^ *```.*?^ *```|`[^`\n]+`|<!--.*?-->|\]\([^)]*\)", re.MULTILINE | re.DOTALL)


class Finding(NamedTuple):
    place: str
    text: str
    instead: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text!r}: {self.instead}"


class Word(NamedTuple):
    pattern: re.Pattern[str]
    instead: str


def words() -> list[Word]:
    """The rows of ``prose.yaml``. A space in a pattern stands for any space, line ends included."""
    rows = yaml.safe_load((ROOT / "docs" / "prose.yaml").read_text("utf-8"))
    return [
        Word(re.compile(row["pattern"].replace(" ", r"\s+"), re.IGNORECASE), row["instead"]) for row in rows
    ]


def sources() -> Iterator[Path]:
    for pattern in READ:
        for path in sorted(ROOT.glob(pattern)):
            if path.relative_to(ROOT).as_posix() not in NOT_OURS:
                yield path


def prose(path: Path, source: str) -> str:
    """The text with each character of code replaced by a space, so that places stay right."""
    if path.suffix == ".py":
        return _python(source)
    if path.suffix in _PROSE:
        return _only(source, [match.span() for match in _PROSE[path.suffix].finditer(source)])
    if path.suffix == ".md":
        return _CODE.sub(lambda match: _hidden(match[0]), source)
    return source


def _python(source: str) -> str:
    """Texts and comments; names are code."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    kinds = {tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
    spans = [
        (starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1])
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type in kinds
    ]
    return _only(source, spans)


def _only(source: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with all but these spans hidden."""
    parts, last = [], 0
    for start, end in spans:
        parts += [_hidden(source[last:start]), source[start:end]]
        last = end
    return "".join([*parts, _hidden(source[last:])])


def _hidden(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def check(name: str, text: str, rows: Iterable[Word]) -> Iterator[Finding]:
    """The words to avoid in a text. `name` begins the place of each finding."""
    for row in rows:
        for match in row.pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield Finding(f"{name}:{line}", " ".join(match[0].split()), row.instead)


def proselint(name: str, text: str) -> Iterator[Finding]:
    """What proselint finds in a page."""
    for result in LintFile(name, text).lint(Config(max_errors=1000, checks=CHECKS)):
        start, end = result.check_result.span
        excerpt = f"\n{text}\n"[start:end]
        if excerpt != "waitress":  # the name of a server
            yield Finding(f"{name}:{result.pos[0]}", " ".join(excerpt.split()), result.check_result.message)


def main() -> int:
    CheckRegistry().register_many(__register__)
    rows = words()
    findings: list[Finding] = []
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        text = prose(path, path.read_text("utf-8"))
        findings += check(name, text, rows)
        if path.suffix == ".md":
            findings += proselint(name, text)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings in prose" if findings else "prose: no problems found")
    return bool(findings)


if __name__ == "__main__":
    sys.exit(main())
