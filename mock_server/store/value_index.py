"""An index from a value to all keys that have it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T", bound=Hashable)


class ValueIndex(Generic[K, T]):
    """Items by a value, in order of creation. A bare item where there is one, since there mostly is."""

    __slots__ = ("_items",)

    def __init__(self) -> None:
        self._items: dict[K, T | dict[T, None]] = {}

    def add(self, value: K, item: T) -> None:
        known = self._items.setdefault(value, item)
        if isinstance(known, dict):
            known[item] = None
        elif known != item:
            self._items[value] = {known: None, item: None}

    def remove(self, value: K, item: T) -> None:
        known = self._items.get(value)
        if isinstance(known, dict):
            known.pop(item, None)
            if known:
                return
        self._items.pop(value, None)

    def sort(self, value: K, order: Iterable[T]) -> None:
        """Put the items in that order: one of them got the value after it was created."""
        known = self._items.get(value)
        if isinstance(known, dict):
            self._items[value] = {item: None for item in order if item in known}

    def newest_first(self, value: K) -> Iterable[T]:
        known = self._items.get(value, {})
        return reversed(known) if isinstance(known, dict) else (known,)
