"""What one process has told another, as the bytes in which it came, until somebody asks for it.

Most of a journal, and under load most records too, are forgotten before anybody has asked. To take them apart in each process would
cost more than all the rest of following one another.
"""

from __future__ import annotations

from collections import deque

from mock_server.store.packing import Fold


class Folded:
    """The newest part of a journal, or of an account's records: all of it came later than what has been unfolded.

    Not thread-safe: the store's lock guards it."""

    __slots__ = ("_before", "_folds", "_limit", "_names", "_new", "_since")

    def __init__(self, limit: int) -> None:
        """``limit``: how many entries or records there may be in all."""
        self._limit = limit
        self._folds: deque[Fold] = deque()
        self._new = 0
        self._names: set[str] = set()
        """What the last folds name, ``_since`` new ones at least; what is older than ``_before`` is certainly dropped."""
        self._before: set[str] = set()
        self._since = 0

    def __bool__(self) -> bool:
        return bool(self._folds)

    def __contains__(self, name: str) -> bool:
        """Whether one of the records may have the name. True for some names of what is dropped, too."""
        return name in self._names or name in self._before

    def add(self, fold: Fold) -> bool:
        """Take the next one. True: nothing older than what is here now can be remembered any more."""
        self._folds.append(fold)
        self._new += fold.new
        while self._new - self._folds[0].new >= self._limit:
            self._new -= self._folds.popleft().new
        if self._since >= self._limit:
            self._before, self._names, self._since = self._names, set(), 0
        self._names.update(fold.names)
        self._since += fold.new
        return self._new >= self._limit

    def crowded(self) -> bool:
        """Whether so many have come that change what is older, and so drop nothing, that they had better be unfolded."""
        return len(self._folds) > 2 * self._limit

    def take(self) -> list[Fold]:
        """All of it, which is no longer here then."""
        folds = list(self._folds)
        self._folds.clear()
        self._names, self._before = set(), set()
        self._new = self._since = 0
        return folds

    def folds(self) -> list[Fold]:
        """All of it, for a dump."""
        return list(self._folds)
