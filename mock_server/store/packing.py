"""All that one exchange writes as bytes, for the other processes that keep the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.msgpack import Decoder

from mock_server.core.records import Claim, Entry, Message, Record
from mock_server.store.base import StepKey, Writes
from mock_server.store.codec import pack, unpack_entry


class PackedEntry(NamedTuple):
    """A journal entry that another process has made: most are forgotten before anybody asks for them."""

    id: str
    scenario: str
    body: bytes


def unpacked(entry: Entry | PackedEntry) -> Entry:
    """The entry."""
    return unpack_entry(entry.body) if isinstance(entry, PackedEntry) else entry


def packed(entry: Entry | PackedEntry) -> PackedEntry:
    """The entry packed, if it is not yet."""
    return entry if isinstance(entry, PackedEntry) else PackedEntry(entry.id, entry.scenario, pack(entry))


class Commit(NamedTuple):
    """`Writes` on their way to the others, and the real time at which the messages go although nobody has let them go."""

    account: str
    entry: PackedEntry | None
    claims: Sequence[Claim]
    records: Sequence[Record]
    step: tuple[StepKey, int] | None
    tallies: Sequence[tuple[str, float]]
    messages: Sequence[Message]
    hold_until: float


def pack_commit(writes: Writes, hold_until: float) -> bytes:
    """The writes as bytes."""
    entry = None if writes.entry is None else packed(writes.entry)
    return pack(Commit(writes.account, entry, writes.claims, writes.records, writes.step, writes.tallies, writes.messages, hold_until))


unpack_commit = Decoder(Commit).decode
