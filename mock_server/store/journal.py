"""The journal of one account: its newest requests and answers."""

from __future__ import annotations

from collections import OrderedDict

from mock_server.core.records import Entry
from mock_server.store.codec import pack, unpack_entries
from mock_server.store.folded import Folded
from mock_server.store.packing import Fold


class Journal:
    """Not thread-safe: the store's lock guards it."""

    __slots__ = ("_entries", "_limit", "_newer")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._newer = Folded(limit)

    def __bool__(self) -> bool:
        return bool(self._entries or self._newer)

    def entries(self) -> OrderedDict[str, Entry]:
        """By id, from the oldest."""
        if self._newer:
            for fold in self._newer.take():
                for entry in unpack_entries(fold.body):
                    self._note(entry)
        return self._entries

    def note(self, entry: Entry) -> None:
        """Write an entry, which is the newest."""
        self.entries()
        self._note(entry)

    def add(self, fold: Fold) -> None:
        """The same of many, which stay folded for now."""
        if self._newer.add(fold):
            self._entries.clear()

    def clear(self) -> None:
        self._newer.take()
        self._entries.clear()

    def _note(self, entry: Entry) -> None:
        self._entries[entry.id] = entry
        if len(self._entries) > self._limit:
            self._entries.popitem(last=False)

    def dump(self) -> list[Fold]:
        """All of it, folded."""
        older = list(self._entries.values())
        return [*([Fold(len(older), (), pack(older))] if older else []), *self._newer.folds()]

    def load(self, folds: list[Fold]) -> None:
        """Take over what was dumped."""
        for fold in folds:
            self.add(fold)
