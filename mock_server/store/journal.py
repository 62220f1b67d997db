"""The journal of one account: its newest requests and answers."""

from __future__ import annotations

from collections import OrderedDict, deque

from mock_server.core.records import Entry


class Journal:
    """Not thread-safe: the store's lock guards it."""

    __slots__ = ("_limit", "_most", "_sizes", "entries", "size")

    def __init__(self, limit: int, most: int) -> None:
        """``limit``: how many entries stay; ``most``: how many bytes of them."""
        self._limit, self._most = limit, most
        self.entries: OrderedDict[str, Entry] = OrderedDict()
        """By id, from the oldest."""
        self.size = 0
        """Bytes of the entries."""
        self._sizes: deque[int] = deque()
        """Of each entry, from the oldest."""

    def __bool__(self) -> bool:
        return bool(self.entries)

    def note(self, entry: Entry) -> None:
        """Write an entry, which is the newest."""
        self.entries[entry.id] = entry
        size = entry.size
        self._sizes.append(size)
        self.size += size
        if len(self.entries) > self._limit:
            self.forget_oldest()
        while self.size > self._most and len(self.entries) > 1:
            self.forget_oldest()

    def forget_oldest(self) -> None:
        """The entry that came first."""
        self.entries.popitem(last=False)
        self.size -= self._sizes.popleft()

    def clear(self) -> None:
        """Forget every entry."""
        self.entries.clear()
        self._sizes.clear()
        self.size = 0
