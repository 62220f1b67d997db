"""CI and a tester begin with an empty folder and the tutorial. The front end's walk is in ``tests/browser``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks_of
from tests.docs.runner import Reader

TUTORIALS = ROOT / "docs" / "tutorials"


@pytest.mark.parametrize("page", ["ci.md", "testers.md"])
def test_a_walk_from_nothing(page: str, tmp_path: Path) -> None:
    with Reader(tmp_path, shipped=False) as reader:
        for block in blocks_of(TUTORIALS / page):
            reader.read(block)
