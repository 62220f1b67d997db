"""The table "Common changes" of CONTRIBUTING.md, executed: each row's change is made to a copy of the tree, in no
file but those that the row names, and works."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.changes import CHANGES, Change, Digest, New, Put

ROOT = Path(__file__).resolve().parents[2]
ROWS = {
    name: touched
    for name, touched in re.findall(
        r"^\| (.+?) \| (.+) \|$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE
    )
    if name not in ("to add", "---")
}
ELSEWHERE = {"a vendor": "tests/docs/test_third_vendor.py"}
"""Rows that are executed by another test."""
LEFT_OUT = shutil.ignore_patterns(".*", "build", "node_modules", "*.egg-info", "hypothesis")
"""Bytecode is copied, or each tree would compile the package again; Python sees which files a change has edited."""
ALREADY_TRUE = "not a_generated_page_is_as_the_code_has_it"
"""That test compares the pages with what `Tree.make_docs` has just written."""


class Tree:
    """A copy of the checkout."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT, root, ignore=LEFT_OUT)

    def make(self, change: Change) -> None:
        for edit in change.edits:
            path = self.root / edit.file
            text = self._edited(edit, "" if isinstance(edit, New) else path.read_text("utf-8"))
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")

    def _edited(self, edit: Put | New | Digest, text: str) -> str:
        if isinstance(edit, New):
            return edit.text
        if isinstance(edit, Digest):
            return text.replace(self._digest(ROOT / edit.of), self._digest(self.root / edit.of))
        assert text.count(edit.place) == 1, f"{edit.file}: {text.count(edit.place)} times {edit.place!r}"
        return text.replace(edit.place, edit.before + edit.place + edit.after)

    @staticmethod
    def _digest(path: Path) -> str:
        sentences = (line.partition(" | ")[2] for line in path.read_text("utf-8").splitlines())
        return hashlib.sha256(re.sub(r"\s+", "", "".join(sentences)).encode()).hexdigest()

    def run(self, *command: str, **environment: str) -> str:
        """What the command prints; it has to end well."""
        ours = ("MOCK_SERVER_", "PYTEST_")
        variables = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        variables |= {"PYTHONPATH": str(self.root), "COLUMNS": "120", **environment}
        done = subprocess.run(
            command, cwd=self.root, env=variables, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, (
            f"{' '.join(command)[:200]}\n{done.stdout[-5000:]}\n{done.stderr[-3000:]}"
        )
        return done.stdout

    def make_docs(self) -> None:
        """``make docs`` without the site, with this interpreter."""
        recipe = (self.root / "Makefile").read_text("utf-8").partition("\ndocs:")[2].partition("\n\n")[0]
        for line in map(str.strip, recipe.splitlines()[1:]):
            if line.startswith("$(BIN)/python"):
                self.run("sh", "-c", line.replace("$(BIN)/python", sys.executable))


def test_each_row_is_executed() -> None:
    assert set(CHANGES) | set(ELSEWHERE) == set(ROWS)
    assert [file for file in ELSEWHERE.values() if not (ROOT / file).is_file()] == []


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_touches_what_its_row_names(name: str) -> None:
    named = [word.rstrip("*") for word in re.findall(r"`([^`]+)`", ROWS[name])]
    edited = [edit.file for edit in CHANGES[name].edits]
    assert [
        file for file in edited if not any(file.endswith(word) or f"/{word}" in f"/{file}" for word in named)
    ] == []


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_works(name: str, tmp_path: Path) -> None:
    change, tree = CHANGES[name], Tree(tmp_path / "tree")
    tree.make(change)
    if "`make docs`" in ROWS[name]:
        tree.make_docs()
    if "`make corpora" in ROWS[name]:
        tree.run(sys.executable, "-m", "tests.corpora.wire.capture", "stdlib")
    if change.program:
        assert change.prints in tree.run(sys.executable, "-c", change.program, **change.environment)
    if change.verb:
        assert change.says in tree.run(sys.executable, "-m", "mock_server", *change.verb)
    if change.tests:
        options = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", ALREADY_TRUE)
        assert " passed" in tree.run(sys.executable, "-m", "pytest", *options, *change.tests)
