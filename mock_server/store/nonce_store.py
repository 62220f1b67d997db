"""What can be taken once, stored in some fifty bytes each: a load test of fifteen minutes leaves millions of
nonces.

A tuple in a dictionary would take three hundred bytes. Here a value is known by its 64-bit hash, and its row
(hash, when, until when, by which entry) lies in one of a few thousand byte arrays, where `bytearray.rfind`
sees it as fast as a dictionary would. Two of a million values share a hash with a probability of 3 in
100,000,000."""

from __future__ import annotations

from struct import Struct

from mock_server.core.records import UsedValue

_ROW = Struct("<qddII")
_BUCKETS = 1 << 13
_LOOK = 8 * _ROW.size
"""At every eighth row of an array its oldest ones are looked at: those that have run out go."""
_OF_NOTHING = 0x5BD1E9955BD1E995
"""In place of a hash of 0, since eight zero bytes are found in any row."""
_UNNUMBERED = 0xFFFFFFFF


class _Ids:
    """Entry ids as two numbers: all ids of one process have the same beginning and end with a count."""

    __slots__ = ("_numbers", "beginnings")

    def __init__(self) -> None:
        self.beginnings: list[str] = []
        self._numbers: dict[str, int] = {}

    def pack(self, entry_id: str) -> tuple[int, int]:
        beginning, dash, end = entry_id.rpartition("-")
        if not (end.isdecimal() and end.isascii() and len(end) < 10 and (end[0] != "0" or end == "0")):
            return self.number(entry_id), _UNNUMBERED
        return self.number(beginning + dash), int(end)

    def unpack(self, beginning: int, end: int) -> str:
        return self.beginnings[beginning] if end == _UNNUMBERED else f"{self.beginnings[beginning]}{end}"

    def number(self, beginning: str) -> int:
        number = self._numbers.get(beginning)
        if number is None:
            number = self._numbers[beginning] = len(self.beginnings)
            self.beginnings.append(beginning)
        return number


class NonceStore:
    """The claims of one kind in one account. Not thread-safe: the store's lock guards it."""

    __slots__ = ("_buckets", "_ids", "_kind")

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._ids = _Ids()
        self._buckets: dict[int, bytearray] = {}

    def find(self, value: str, now: float) -> UsedValue | None:
        """The claim on the value that is in force at ``now`` (account time)."""
        digest = hash(value) or _OF_NOTHING
        rows = self._buckets.get(digest % _BUCKETS)
        if rows is None:
            return None
        # The last one, since a value whose claim has run out may have been claimed again.
        sought = digest.to_bytes(8, "little", signed=True)
        start = rows.rfind(sought)
        while start > 0 and start % _ROW.size:  # eight bytes that happen to stand within a row, or across two
            start = rows.rfind(sought, 0, start + len(sought) - 1)
        if start < 0:
            return None
        _, at, expires, *by = _ROW.unpack_from(rows, start)
        return None if expires < now else UsedValue(self._kind, value, at, expires, self._ids.unpack(*by))

    def add(self, claim: UsedValue) -> None:
        """Remember a claim, and now and then forget those of the same byte array that ran out before it was
        made."""
        digest = hash(claim.value) or _OF_NOTHING
        row = _ROW.pack(digest, claim.at, claim.expires, *self._ids.pack(claim.by))
        rows = self._buckets.get(digest % _BUCKETS)
        if rows is None:
            self._buckets[digest % _BUCKETS] = bytearray(row)
            return
        rows += row
        if len(rows) % _LOOK == 0:
            start = 0
            while start < len(rows) and _ROW.unpack_from(rows, start)[2] < claim.at:
                start += _ROW.size
            del rows[:start]
