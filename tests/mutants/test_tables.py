"""The tables of mutants name files, functions and texts that are there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutants.hand_made import Mutant, mutants, mutated
from tests.mutants.report import all_reasons, modules


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_a_mutant_made_by_hand_is_a_program(root: Path, mutant: Mutant) -> None:
    text = (root / mutant.file).read_text("utf-8")
    assert ast.dump(ast.parse(mutated(text, mutant))) != ast.dump(ast.parse(text))


@pytest.mark.parametrize("test", sorted({test for mutant in mutants() for test in mutant.tests}))
def test_the_tests_of_a_mutant_made_by_hand_exist(root: Path, test: str) -> None:
    path, _, name = test.partition("::")
    assert f"def {name or 'test_'}" in (root / path).read_text("utf-8")


@pytest.mark.parametrize("module", modules())
def test_a_module_and_its_tests_exist(root: Path, module: str) -> None:
    files = [
        module,
        *(test.rpartition("=")[2].partition("::")[0] for test in modules()[module] if "tests/" in test),
    ]
    assert [file for file in files if not (root / file).is_file()] == []


def test_every_survivor_has_a_reason() -> None:
    assert [row for row in all_reasons() if not row.because or row.path not in {"", *modules()}] == []
