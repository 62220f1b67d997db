"""What exchanges write, on its way to the other processes that keep the same."""

from __future__ import annotations

from mock_server.core.records import Message
from mock_server.core.values import Value
from mock_server.store.base import StepKey


class KnownClaim(Value, frozen=True):
    """A claim as `store.claims` keeps it: by the digest of its value, the same in all processes."""

    kind: str
    digest: int
    at: float
    expires: float
    by: str


class Fold(Value, frozen=True):
    """Journal entries or records of one or several exchanges, packed, in the order in which they came."""

    new: int
    """How many of them are none that were there before in another version."""
    names: tuple[str, ...]
    """Keys and aliases of the records."""
    body: bytes


class Commit(Value, frozen=True):
    """What one or several exchanges write to an account; in the order in which they came."""

    account: str
    hold_until: float
    """The real time at which the messages go although nobody has let them go."""
    entries: Fold
    counts: dict[str, int]
    """How often each scenario has answered."""
    claims: list[KnownClaim]
    records: Fold
    steps: list[tuple[StepKey, int]]
    tallies: dict[str, float]
    messages: list[Message]
