"""The journal of one account: its newest requests and answers."""

from __future__ import annotations

from collections import OrderedDict

from mock_server.core.records import Entry


class Journal:
    """Not thread-safe: the store's lock guards it."""

    __slots__ = ("_limit", "_most", "entries", "size")

    def __init__(self, limit: int, most: int) -> None:
        """``limit``: how many entries are kept; ``most``: how many bytes of them."""
        self._limit, self._most = limit, most
        self.entries: OrderedDict[str, Entry] = OrderedDict()
        """By id, from the oldest."""
        self.size = 0
        """Bytes of the entries."""

    def __bool__(self) -> bool:
        return bool(self.entries)

    def note(self, entry: Entry) -> None:
        """Write an entry, which is the newest."""
        self.entries[entry.id] = entry
        self.size += entry.size
        if len(self.entries) > self._limit:
            self.forget_oldest()
        while self.size > self._most and len(self.entries) > 1:
            self.forget_oldest()

    def forget_oldest(self) -> None:
        """The entry that came first."""
        self.size -= self.entries.popitem(last=False)[1].size

    def clear(self) -> None:
        """Forget every entry."""
        self.entries.clear()
        self.size = 0
