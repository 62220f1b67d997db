"""All that one exchange writes as bytes, for the other processes that keep the same."""

from __future__ import annotations

from mock_server.core.records import Entry, Message, Record
from mock_server.core.values import Value
from mock_server.store.base import StepKey
from mock_server.store.codec import pack, unpack_entry


class PackedEntry(Value, frozen=True):
    """A journal entry in a store that others follow: most are forgotten before anybody asks for them."""

    id: str
    scenario: str
    body: bytes


def unpacked(entry: Entry | PackedEntry) -> Entry:
    """The entry."""
    return unpack_entry(entry.body) if isinstance(entry, PackedEntry) else entry


def packed(entry: Entry | PackedEntry) -> PackedEntry:
    """The entry packed, if it is not yet."""
    return entry if isinstance(entry, PackedEntry) else PackedEntry(entry.id, entry.scenario, pack(entry))


class KnownClaim(Value, frozen=True):
    """A claim as `store.claims` keeps it: by the digest of its value, the same in all processes."""

    kind: str
    digest: int
    at: float
    expires: float
    by: str


class Commit(Value, frozen=True):
    """What one or several exchanges write to an account, on its way to the other processes; in the order in which they came."""

    account: str
    hold_until: float
    """The real time at which the messages go although nobody has let them go."""
    entries: list[PackedEntry]
    claims: list[KnownClaim]
    records: list[Record]
    steps: list[tuple[StepKey, int]]
    tallies: dict[str, float]
    messages: list[Message]
