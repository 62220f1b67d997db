"""Checks scenario files as a tester would want them checked: everything at once, mistakes and doubtful things
alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mock_server.scenario.files import find
from mock_server.scenario.formats import FORMATS
from mock_server.scenario.lint_rules import warnings
from mock_server.scenario.loader import Loaded, read
from mock_server.scenario.problems import Problem, sorted_problems
from mock_server.scenario.vocabulary import Vocabulary


def check(paths: Sequence[Path], vocabularies: Mapping[str, Vocabulary]) -> list[Problem]:
    """Every finding in the files at the paths, by file and place. Empty: no problems found."""
    return findings(read(paths, vocabularies), vocabularies)


def findings(loaded: Loaded, vocabularies: Mapping[str, Vocabulary]) -> list[Problem]:
    """What `check` finds in files that have been read."""
    fakes = [problem for template in loaded.fakes if (problem := template.problem()) is not None]
    errors = [*loaded.problems, *fakes]
    wrong = {(error.file, error.line, error.column) for error in errors if error.line}
    doubts = [
        doubt
        for doubt in warnings(loaded, vocabularies)
        if (doubt.file, doubt.line, doubt.column) not in wrong
    ]
    return sorted_problems([*errors, *doubts])


def empty_folders(paths: Sequence[Path]) -> list[Problem]:
    """Folders with nothing to check: a slip in a path must not look like success."""
    problems = []
    for path in paths:
        listing = find([path])
        if not listing.read:
            others = ", ".join(f"`{file.name}`" for file in listing.unread[:3])
            remedy = "a scenario file ends in .yaml or .yml" + (f", unlike {others}" if others else "")
            problems.append(
                Problem(str(path), 0, 0, "the folder has no scenario files", remedy, rule="no-files")
            )
    return problems


def render(problems: Sequence[Problem], form: str = "text", sources: Mapping[str, str] | None = None) -> str:
    """The findings as ``text``, ``json``, ``github`` or ``sarif``. ``sources``: file name → text; without it
    files are read again.

    Raises ``ValueError`` for another form.
    """
    if form not in FORMATS:
        raise ValueError(f"unknown format {form!r}; use {', '.join(FORMATS)}")
    return FORMATS[form](problems, _Texts(sources))


class _Texts(dict[str, list[str]]):
    """The lines of each file, read when first needed; none where a file cannot be read."""

    def __init__(self, sources: Mapping[str, str] | None) -> None:
        super().__init__()
        self._sources = sources

    def __missing__(self, name: str) -> list[str]:
        if self._sources is not None:
            text = self._sources.get(name, "")
        else:
            try:
                text = Path(name).read_text("utf-8-sig", "replace")
            except OSError:
                text = ""
        self[name] = lines = text.split("\n")
        return lines
