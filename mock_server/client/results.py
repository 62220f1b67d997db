"""What the control API answers, as typed values; what they are is in `mock_server.core.answers`."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from mock_server.core.answers import (
    Attempt,
    Callback,
    ClockState,
    Content,
    Decided,
    Difference,
    NearMiss,
    Request,
    Scenario,
    Sent,
    Verification,
)

__all__ = [
    "Attempt",
    "Callback",
    "ClockState",
    "Content",
    "Decided",
    "Difference",
    "NearMiss",
    "Request",
    "Scenario",
    "Sent",
    "Verification",
    "read",
    "read_all",
]

S = TypeVar("S", bound=msgspec.Struct)


def read(kind: type[S], document: Any) -> S:
    """The document as that kind; members that this version does not know are left out."""
    return msgspec.convert(document, kind)


def read_all(kind: type[S], documents: Any) -> list[S]:
    """The same for a list."""
    return [msgspec.convert(document, kind) for document in documents]
