"""A priority queue whose entries may become outdated without notice."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")

_SPARE = 64
"""Entries beyond twice the valid ones, before the outdated ones are removed."""


class LazyHeap(Generic[T]):
    """Outdated entries are dropped when they come first, or when more than half of the entries are
    outdated."""

    __slots__ = ("_entries", "_is_valid", "_limit", "_sequence")

    def __init__(self, is_valid: Callable[[float, T], bool]) -> None:
        """``is_valid(key, item)``: whether an entry still counts. Every item that counts must have an
        entry."""
        self._is_valid = is_valid
        self._entries: list[tuple[float, int, T]] = []
        self._sequence = count()
        self._limit = _SPARE

    def __len__(self) -> int:
        """The number of entries, outdated ones included."""
        return len(self._entries)

    def push(self, key: float, item: T) -> None:
        """Add an entry; of equal keys the one that was added first is first."""
        heappush(self._entries, (key, next(self._sequence), item))
        if len(self._entries) > self._limit:
            self._compact()

    def first(self) -> tuple[float, T] | None:
        """The valid entry with the lowest key."""
        while self._entries:
            key, _, item = self._entries[0]
            if self._is_valid(key, item):
                return key, item
            heappop(self._entries)
        return None

    def _compact(self) -> None:
        valid: dict[T, tuple[float, int, T]] = {}
        for entry in sorted(self._entries):
            key, _, item = entry
            if item not in valid and self._is_valid(key, item):
                valid[item] = entry
        self._entries = list(valid.values())
        self._limit = 2 * len(valid) + _SPARE
