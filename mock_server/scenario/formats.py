"""The four ways to print findings: for people, for programs, for GitHub's annotations, and SARIF for code
scanners."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mock_server.scenario.problems import ERROR, Problem
from mock_server.scenario.rule_help import help_of

Lines = Mapping[str, list[str]]
_WIDTH = 160


SHOWN = 100
"""Findings that `text` prints."""


def text(problems: Sequence[Problem], lines: Lines) -> str:
    """``file:line:col: message``, with the line and a caret below it, and a count at the end."""
    parts = [f"{problem}\n{_excerpt(problem, lines)}" for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        parts.append(f"and {len(problems) - SHOWN:,} more; --format json has all of them\n")
    counts = Counter(problem.severity for problem in problems)
    summary = ", ".join(
        f"{count} {severity}{'' if count == 1 else 's'}" for severity, count in sorted(counts.items())
    )
    return "".join([*parts, f"{summary or 'no problems found'}\n"])


def _excerpt(problem: Problem, lines: Lines) -> str:
    known = lines[problem.file] if problem.line else []
    if problem.line > len(known):
        return ""
    if not problem.line:
        return ""
    line = known[problem.line - 1].rstrip("\r\n")
    start = problem.column - 1
    cut = max(0, start - _WIDTH // 2) if len(line) > _WIDTH else 0
    shown = line[cut : cut + _WIDTH]
    indent = "".join("\t" if character == "\t" else " " for character in line[cut:start])
    marks = "^" * max(1, min(problem.length, len(shown) - (start - cut)))
    number = str(problem.line)
    return f"{number:>5} | {shown}\n{'':>5} | {indent}{marks}\n"


def as_json(problems: Sequence[Problem], _lines: Lines) -> str:
    """A list of objects with the fields of `Problem`."""
    return json.dumps([problem._asdict() for problem in problems], indent=2, ensure_ascii=False) + "\n"


def github(problems: Sequence[Problem], _lines: Lines) -> str:
    """Workflow commands, one a line:
    https://docs.github.com/actions/reference/workflow-commands-for-github-actions"""
    return "".join(f"{_command(problem)}\n" for problem in problems)


def _command(problem: Problem) -> str:
    place = (
        f",line={problem.line},col={problem.column},endColumn={problem.column + problem.length}"
        if problem.line
        else ""
    )
    message = _escaped(_sentence(problem))
    return f"::{problem.severity} file={_escaped(problem.file, ':,')}{place},title={problem.rule}::{message}"


def _escaped(value: str, also: str = "") -> str:
    for character in "%\r\n" + also:
        value = value.replace(character, f"%{ord(character):02X}")
    return value


def _sentence(problem: Problem) -> str:
    return f"{problem.message}; {problem.remedy}" if problem.remedy else problem.message


def sarif(problems: Sequence[Problem], _lines: Lines) -> str:
    """SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""
    rules = sorted({problem.rule for problem in problems})
    driver = {"name": "mock-server lint", "rules": [_rule(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, rules.index(problem.rule)) for problem in problems],
    }
    document = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(name: str) -> dict[str, Any]:
    sentence = help_of(name)
    return {"id": name, "shortDescription": {"text": sentence}, "help": {"text": sentence}}


def _uri(path: str) -> str:
    """A path as a URI reference: relative paths stay relative."""
    return Path(path).as_uri() if Path(path).is_absolute() else quote(Path(path).as_posix())


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.file)}}
    if problem.line:
        location["region"] = {
            "startLine": problem.line,
            "startColumn": problem.column,
            "endLine": problem.line,
            "endColumn": problem.column + problem.length,
        }
    result = {
        "ruleId": problem.rule,
        "ruleIndex": rule,
        "level": "error" if problem.severity == ERROR else "warning",
        "message": {"text": _sentence(problem)},
        "locations": [{"physicalLocation": location}],
    }
    return result if problem.fix is None else {**result, "fixes": [_fix(problem, location)]}


def _fix(problem: Problem, location: Mapping[str, Any]) -> dict[str, Any]:
    replacement = {"deletedRegion": location["region"], "insertedContent": {"text": problem.fix}}
    change = {"artifactLocation": location["artifactLocation"], "replacements": [replacement]}
    return {"description": {"text": problem.remedy}, "artifactChanges": [change]}


FORMATS: Mapping[str, Callable[[Sequence[Problem], Lines], str]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}
"""Name → printer."""
