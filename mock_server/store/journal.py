"""The journal of one account: its newest requests and answers."""

from __future__ import annotations

from collections import OrderedDict

from mock_server.core.records import Entry


class Journal:
    """Not thread-safe: the store's lock guards it."""

    __slots__ = ("_limit", "entries")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.entries: OrderedDict[str, Entry] = OrderedDict()
        """By id, from the oldest."""

    def __bool__(self) -> bool:
        return bool(self.entries)

    def note(self, entry: Entry) -> None:
        """Write an entry, which is the newest."""
        self.entries[entry.id] = entry
        if len(self.entries) > self._limit:
            self.entries.popitem(last=False)
