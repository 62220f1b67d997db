"""All that one exchange writes as bytes, for the other processes that keep the same."""

from __future__ import annotations

from collections.abc import Sequence

from mock_server.core.records import Claim, Entry, Message, Record
from mock_server.core.values import Value
from mock_server.store.base import StepKey, Writes
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


class Commit(Value, frozen=True):
    """What one or several exchanges write to an account, on its way to the other processes; in the order in which they came."""

    account: str
    hold_until: float
    """The real time at which the messages go although nobody has let them go."""
    entries: list[PackedEntry]
    claims: list[Claim]
    records: list[Record]
    steps: list[tuple[StepKey, int]]
    tallies: dict[str, float]
    messages: list[Message]


def joined(group: Sequence[Writes], hold_until: float) -> list[Commit]:
    """The writes of a group as one commit for each account."""
    commits: dict[str, Commit] = {}
    for writes in group:
        commit = commits.get(writes.account)
        if commit is None:
            commit = commits[writes.account] = Commit(writes.account, hold_until, [], [], [], [], {}, [])
        if writes.entry is not None:
            commit.entries.append(packed(writes.entry))
        commit.claims.extend(writes.claims)
        commit.records.extend(writes.records)
        if writes.step is not None:
            commit.steps.append(writes.step)
        for name, amount in writes.tallies:
            commit.tallies[name] = commit.tallies.get(name, 0.0) + amount
        commit.messages.extend(writes.messages)
    return list(commits.values())
