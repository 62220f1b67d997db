"""The records of one account, and under which names they are found."""

from __future__ import annotations

from collections import deque
from itertools import islice

from mock_server.core.records import Place, Record
from mock_server.store.value_index import ValueIndex


class RecordTable:
    """Not thread-safe: the store's lock guards it."""

    __slots__ = ("_aliases", "_at", "_kinds", "_limit", "_most", "_order", "size")

    def __init__(self, limit: int, most: int) -> None:
        """``limit``: how many records stay, ``most``: how many bytes; those that were created first go first."""
        self._limit, self._most = limit, most
        self.size = 0
        """Bytes of the records."""
        self._at: dict[Place, Record] = {}
        """As they were written: with the version that had been read."""
        self._order: deque[Place] = deque()
        self._kinds: dict[str, set[str]] = {}
        """By provider, those of which there has been a record."""
        self._aliases: ValueIndex[tuple[str, str], Place] = ValueIndex()
        """By provider and alias."""

    def __bool__(self) -> bool:
        return bool(self._at)

    def __len__(self) -> int:
        return len(self._order)

    def newest(self, limit: int) -> list[Record]:
        """So many, the last created first."""
        return [_current(self._at[place]) for place in islice(reversed(self._order), limit)]

    def check_version(self, record: Record) -> bool:
        """Whether the record may be written: it carries the current version, or 0 if it is new."""
        known = self._at.get(record.place)
        return record.version == (0 if known is None else known.version + 1)

    def find(self, provider: str, kind: str, key: str) -> Record | None:
        """As `Store.record`."""
        record = self._find(provider, kind, key)
        return None if record is None else _current(record)

    def _find(self, provider: str, kind: str, key: str) -> Record | None:
        record = self._at.get((provider, kind, key)) if kind else self._find_in_any_kind(provider, key)
        if record is None:
            places = self._aliases.newest_first((provider, key))
            place = next((place for place in places if not kind or place[1] == kind), None)
            record = None if place is None else self._at[place]
        return record

    def _find_in_any_kind(self, provider: str, key: str) -> Record | None:
        places = [
            (provider, kind, key)
            for kind in self._kinds.get(provider, ())
            if (provider, kind, key) in self._at
        ]
        if len(places) > 1:
            places = [next(place for place in reversed(self._order) if place in places)]
        return self._at[places[0]] if places else None

    def put(self, record: Record) -> None:
        """Write a record, which is the newest change of all."""
        place = record.place
        known = self._at.get(place)
        self._at[place] = record
        self.size += record.size
        if known is not None:
            self.size -= known.size
            self._rename(place, known.aliases, record.aliases)
            self._forget_over()
            return
        self._order.append(place)
        kinds = self._kinds.get(place[0])
        if kinds is None:
            kinds = self._kinds[place[0]] = set()
        kinds.add(place[1])
        for alias in record.aliases:
            self._aliases.add((place[0], alias), place)
        if len(self._at) > self._limit:
            self.forget_oldest()
        self._forget_over()

    def _forget_over(self) -> None:
        while self.size > self._most and len(self._at) > 1:
            self.forget_oldest()

    def _rename(self, place: Place, before: tuple[str, ...], after: tuple[str, ...]) -> None:
        for alias in set(before).difference(after):
            self._aliases.remove((place[0], alias), place)
        for alias in set(after).difference(before):
            self._aliases.add((place[0], alias), place)
            self._aliases.sort((place[0], alias), self._order)

    def forget_oldest(self) -> None:
        """The record that was created first."""
        place = self._order.popleft()
        record = self._at.pop(place)
        self.size -= record.size
        for alias in record.aliases:
            self._aliases.remove((place[0], alias), place)


def _current(record: Record) -> Record:
    """A record as it was written, with the version that it has now."""
    return record.replace(version=record.version + 1)
