"""Writes the lint's answers into the tables."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.scenarios.mistakes.table import rewrite

with TemporaryDirectory() as folder:
    rewrite(Path(folder))
