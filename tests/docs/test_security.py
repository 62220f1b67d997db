"""Each row of the threat model has a test, and the test is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    line.split("|")[1:-1]
    for line in (ROOT / "docs/security.md").read_text("utf-8").splitlines()
    if line.startswith("|") and "test_" in line
]
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1].strip()[:50])
def test_a_threat_has_a_test(row: list[str]) -> None:
    named = re.findall(r"`(test_\w+)`", row[3])
    assert len(named) == 1
    assert named[0] in TESTS


def test_the_model_has_its_rows() -> None:
    assert len(ROWS) >= 25
