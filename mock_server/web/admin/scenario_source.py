"""A scenario as it is written: cut out of its file, or an inline one as YAML."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from mock_server.scenario.files import scenario_files
from mock_server.scenario.loader import shown_path
from mock_server.scenario.model import Scenario


def source_text(scenario: Scenario, paths: Sequence[Path], inline: Sequence[bytes]) -> str:
    """Empty where the file is gone."""
    if not scenario.line:
        return _inline(scenario, [msgspec.json.decode(document) for document in inline])
    path = next((path for path in scenario_files(paths) if shown_path(path) == scenario.file), None)
    try:
        return "" if path is None else cut(path.read_text("utf-8"), scenario.line)
    except (OSError, UnicodeDecodeError):
        return ""


def cut(text: str, line: int) -> str:
    """The list item that begins on the line (1 is the first), with the comments right above it."""
    lines = text.splitlines()
    start = end = line - 1
    if start >= len(lines):
        return ""
    indent = _indent(lines[start])
    while end + 1 < len(lines) and _goes_on(lines[end + 1], indent):
        end += 1
    while start and lines[start - 1].strip().startswith("#") and _indent(lines[start - 1]) == indent:
        start -= 1
    while not lines[end].strip() or (lines[end].strip().startswith("#") and _indent(lines[end]) <= indent):
        end -= 1
    return textwrap.dedent("\n".join(lines[start : end + 1])) + "\n"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _goes_on(line: str, indent: int) -> bool:
    return not line.strip() or line.strip().startswith("#") or _indent(line) > indent


def _inline(scenario: Scenario, documents: Sequence[Any]) -> str:
    import yaml

    for document in documents:
        names = [str(one.get("name", "")) for one in document.get("scenarios") or [document]]
        if document.get("provider") == scenario.provider and scenario.name in names:
            return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110))
    return ""
