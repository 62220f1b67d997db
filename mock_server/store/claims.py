"""What can be taken once, kept in some fifty bytes each: a load test of fifteen minutes leaves millions of nonces.

A tuple in a dictionary would take three hundred bytes. Here a value is known by its 64-bit hash, and its row (hash, when,
until when, by which entry) lies in one of a few thousand byte arrays, where `bytearray.find` sees it as fast as a dictionary
would. Two of a million values share a hash with a probability of 3 in 100,000,000.
"""

from __future__ import annotations

from struct import Struct

from mock_server.core.records import Claim

_ROW = Struct("<qddH")
_BUCKETS = 1 << 13
_OF_NOTHING = 0x5BD1E9955BD1E995


def _digest(value: str) -> int:
    # The hash of the empty string is 0, and eight zero bytes are found in any row.
    return hash(value) or _OF_NOTHING


class ClaimLog:
    """The claims of one kind in one account. Not thread-safe: the store's lock guards it."""

    __slots__ = ("_buckets", "_kind")

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._buckets: dict[int, bytearray] = {}

    def find(self, value: str, now: float) -> Claim | None:
        """The claim on the value that is in force at ``now`` (account time)."""
        digest = _digest(value)
        rows = self._buckets.get(digest % _BUCKETS)
        if rows is None:
            return None
        # The last one, since a value whose claim has run out may have been claimed again.
        start = rows.rfind(digest.to_bytes(8, "little", signed=True))
        if start < 0:
            return None
        _, at, expires, length = _ROW.unpack_from(rows, start)
        if expires < now:
            return None
        by = rows[start + _ROW.size : start + _ROW.size + length].decode()
        return Claim(self._kind, value, at, expires, by)

    def add(self, claim: Claim) -> None:
        """Remember a claim, and forget those of the same byte array that ran out before it was made."""
        digest = _digest(claim.value)
        by = claim.by.encode()
        row = _ROW.pack(digest, claim.at, claim.expires, len(by)) + by
        rows = self._buckets.get(digest % _BUCKETS)
        if rows is None:
            self._buckets[digest % _BUCKETS] = bytearray(row)
            return
        while rows:
            _, _, expires, length = _ROW.unpack_from(rows)
            if expires >= claim.at:
                break
            del rows[: _ROW.size + length]
        rows += row
