"""Identifiers of journal entries and deliveries: short, sortable within a process, unique across
processes."""

from __future__ import annotations

import itertools
import secrets
from typing import Protocol


class Ids(Protocol):
    """Where identifiers come from."""

    def next(self, prefix: str) -> str: ...


class ProcessIds:
    """``r-7f3a9c-1``: the prefix says the kind, the middle is drawn once a process, the end counts."""

    def __init__(self, node: str | None = None) -> None:
        self._node = node or secrets.token_hex(4)
        self._count = itertools.count(1)

    def next(self, prefix: str) -> str:
        return f"{prefix}-{self._node}-{next(self._count)}"
