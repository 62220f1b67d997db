"""Which files are read: those that end in .yaml or .yml, without those whose name, or whose folder's, begins with
``_`` or ``.``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

SUFFIXES = frozenset({".yaml", ".yml"})
_SKIPPED = ("_", ".")
_FOR_PEOPLE = ("readme", "scenario.schema.json")
"""Beginnings of names of files that are clearly not scenarios, in lower case."""


class ScenarioFile(NamedTuple):
    """A file to read."""

    path: Path
    root: Path
    """The folder that was given, or the folder of the file that was given: its tables are below."""
    layer: int
    """Which of the given paths it was found at, counted from 0."""


class FileListing(NamedTuple):
    """The files below the paths of `--scenarios`."""

    read: list[ScenarioFile]
    """In the order in which they count."""
    unread: list[Path]
    """Other files in the given folders."""


def find(paths: Sequence[Path]) -> FileListing:
    """A file itself; a folder's files by name."""
    read: dict[Path, ScenarioFile] = {}
    unread: list[Path] = []
    for layer, path in enumerate(paths):
        if not path.is_dir():
            read.setdefault(path, ScenarioFile(path, path.parent, layer))
            continue
        for file in _below(path):
            if file.suffix.lower() in SUFFIXES:
                read.setdefault(file, ScenarioFile(file, path, layer))
            elif not file.name.lower().startswith(_FOR_PEOPLE):
                unread.append(file)
    return FileListing(list(read.values()), unread)


def scenario_files(paths: Sequence[Path]) -> list[Path]:
    """The paths of those that are read."""
    return [file.path for file in find(paths).read]


def _below(folder: Path) -> Iterator[Path]:
    files = (Path(parent, name) for parent, _, names in walk(folder) for name in names)
    paths = sorted(file.relative_to(folder).as_posix() for file in files if file.is_file())
    for path in paths:
        if not any(part.startswith(_SKIPPED) for part in path.split("/")):
            yield folder / path


def walk(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """A folder and those below it, each with the names of its folders and files. One that is deleted meanwhile is left
    out."""
    return os.walk(folder)
