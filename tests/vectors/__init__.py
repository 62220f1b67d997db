"""Signing vectors: ``VENDOR.json`` is published, ``VENDOR-*.json`` were recorded with ``mock-server record --as-vector``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read(vendor: str, folder: Path = Path(__file__).parent) -> list[dict[str, Any]]:
    """Those of all files; ids of recorded ones begin with the name of their file."""
    vectors: list[dict[str, Any]] = []
    for file in sorted(folder.glob(f"{vendor}*.json")):
        rows = json.loads(file.read_text("utf-8"))
        vectors += (
            rows if file.stem == vendor else [{**row, "id": f"{file.stem}-{row['id']}"} for row in rows]
        )
    return vectors
