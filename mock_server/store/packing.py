"""All that one exchange writes, as the stores in memory keep it: entry and records packed, the rest as it is."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.msgpack import Decoder

from mock_server.core.records import Claim, Message, Record
from mock_server.store.base import StepKey, Writes
from mock_server.store.claims import Digest
from mock_server.store.codec import pack_tight

Place = tuple[str, str, str]
"""Provider, kind, key: where a record lies."""


class PackedRecord(NamedTuple):
    """A record with the version that was read, and its bytes with the version it gets."""

    place: Place
    version: int
    aliases: tuple[str, ...]
    body: bytes


class PackedClaim(NamedTuple):
    """A claim, and the 64 bits by which its value is known."""

    claim: Claim
    digest: int


class Packed(NamedTuple):
    """`Writes`, immutable."""

    account: str
    entry_id: str
    """Empty: there is no entry."""
    scenario: str
    entry: bytes
    claims: tuple[PackedClaim, ...]
    records: tuple[PackedRecord, ...]
    step: tuple[StepKey, int] | None
    tallies: tuple[tuple[str, float], ...]
    messages: tuple[Message, ...]
    hold_until: float
    """Real time at which the messages go although nobody has let them go."""


def pack_writes(writes: Writes, hold_until: float, digest: Digest) -> Packed:
    """Packed outside of any lock or transaction, since that is half the work of a commit."""
    entry = writes.entry
    records = [
        PackedRecord(
            (record[0], record[1], record[2]), record.version, record.aliases, pack_tight(Record(*record[:-1], record.version + 1))
        )
        for record in writes.records
    ]
    return Packed(
        writes.account,
        "" if entry is None else entry.id,
        "" if entry is None else entry.scenario,
        b"" if entry is None else pack_tight(entry),
        tuple([PackedClaim(claim, digest(claim.value)) for claim in writes.claims]),
        tuple(records),
        writes.step,
        tuple(writes.tallies),
        tuple(writes.messages),
        hold_until,
    )


unpack_writes = Decoder(Packed).decode
