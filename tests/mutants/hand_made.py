"""Mutants made by hand, such as no tool makes: rules left out, swapped or moved by one. ``hand_made.yaml``
lists them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.mutants.workspace import copy_checkout, pytest


class Mutant(NamedTuple):
    """One text of one file in place of another."""

    name: str
    file: str
    original: str
    """Occurs once in the file."""
    mutant: str
    tests: tuple[str, ...]
    """What fails, as arguments of pytest."""


def mutants() -> list[Mutant]:
    """All of them."""
    rows = yaml.safe_load((Path(__file__).parent / "hand_made.yaml").read_text("utf-8"))
    return [
        Mutant(row["name"], row["file"], row["original"], row["mutant"], tuple(row["tests"])) for row in rows
    ]


def survivors(chosen: Sequence[Mutant]) -> list[Mutant]:
    """Those that their tests do not notice."""
    if not chosen:
        return []
    folder = copy_checkout("made by hand")
    sound = _failing(folder, sorted({test for mutant in chosen for test in mutant.tests}))
    if sound:
        raise SystemExit(f"tests of the mutants made by hand fail without a mutant:\n{sound}")
    return [mutant for mutant in chosen if not _is_killed(folder, mutant)]


def _is_killed(folder: Path, mutant: Mutant) -> bool:
    path = folder / mutant.file
    original = path.read_text("utf-8")
    path.write_text(mutated(original, mutant), "utf-8")
    try:
        return bool(_failing(folder, mutant.tests))
    finally:
        path.write_text(original, "utf-8")


def mutated(text: str, mutant: Mutant) -> str:
    """The file's text with the mutant in it."""
    if text.count(mutant.original) != 1:
        raise SystemExit(f"hand_made.yaml, {mutant.name}: the original text must occur once in {mutant.file}")
    return text.replace(mutant.original, mutant.mutant)


def _failing(folder: Path, tests: Iterable[str]) -> str:
    """What pytest printed, where a test failed; empty: all have passed."""
    result = pytest(folder, ["-x", *tests])
    if result.returncode not in (0, 1):
        raise SystemExit(f"{result.args}\n{result.stdout}{result.stderr}")
    return result.stdout if result.returncode else ""
