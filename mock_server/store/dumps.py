"""What a store holds as plain values, and as bytes for `store.replica`.

Apart from the stores, which a wheel has compiled: of a compiled annotation msgspec would find only the outermost type.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.msgpack import Decoder

from mock_server.core.records import AccountState, Delivery, Record
from mock_server.store.packing import Fold


class AgendaDump(NamedTuple):
    """What an agenda holds, as plain values."""

    deliveries: list[Delivery]
    """From the oldest."""
    finished: list[str]
    lanes: dict[str, list[tuple[float, str]]]
    away: list[str]


class WorldDump(NamedTuple):
    """What an account holds, as plain values; lists from the oldest."""

    state: AccountState
    claims: dict[str, tuple[list[str], bytes]]
    records: list[Record]
    newer_records: list[Fold]
    steps: list[tuple[str, str, int]]
    tallies: dict[str, float]
    counters: dict[str, tuple[int, float]]
    journal: list[Fold]
    counts: dict[str, int]
    agenda: AgendaDump


class Dump(NamedTuple):
    """Everything a store holds."""

    generation: int
    worlds: list[tuple[str, WorldDump, dict[str, float]]]
    """Name, what it holds, and until when which of its deliveries are held or leased; the account written to last is last."""


unpack_dump = Decoder(Dump).decode
