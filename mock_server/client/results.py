"""What the control API tells, as typed values. Instants are ISO 8601 texts on the account's clock, durations
seconds."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)


class Content(msgspec.Struct, frozen=True):
    """A body: ``body`` as text and the JSON in it, or ``base64`` of what is no text. Lists cut long texts,
    single items do not."""

    headers: dict[str, str] = {}
    body: str = ""
    json: Any = None
    base64: str = ""
    size: int = 0


class Sent(Content, frozen=True):
    """A request, as the server received it (``path``, ``params``) or sent it (``url``)."""

    method: str = ""
    path: str = ""
    query: str = ""
    mount: str = ""
    peer: str = ""
    origin: str = ""
    url: str = ""
    params: dict[str, Any] = {}


class Difference(msgspec.Struct, frozen=True):
    """One condition of a scenario that did not hold."""

    path: str
    expected: str
    reason: str
    actual: Any = None


class NearMiss(msgspec.Struct, frozen=True):
    """A scenario that did not answer, and why."""

    name: str
    source: str
    differences: list[Difference]


class Request(msgspec.Struct, frozen=True):
    """A journal entry."""

    id: str
    account: str
    provider: str
    operation: str
    at: str
    real: str
    method: str
    path: str
    status: int
    reference: str
    outcome: str
    error: str
    scenario: str
    source: str
    step: int
    delay: float
    fault: str
    request: Sent
    response: Content
    evidence: Any = None
    near_misses: list[NearMiss] = []
    unshowable: str = ""
    """What of it cannot be shown, and why; empty: all of it can."""


class Attempt(msgspec.Struct, frozen=True):
    """One try at a callback; ``sent`` is there where it differed from the callback."""

    at: str
    took: float
    status: int
    error: str
    done: str
    response: Content
    sent: Content | None = None


class Callback(msgspec.Struct, frozen=True):
    """A callback or webhook, and what has become of it."""

    id: str
    account: str
    provider: str
    event: str
    reference: str
    state: str
    created: str
    due: str
    held: bool
    request_id: str
    scenario: str
    request: Sent
    attempts: list[Attempt]
    deliver: list[Any] = []
    waits: list[float] = []
    unshowable: str = ""
    """What of it cannot be shown, and why; empty: all of it can."""
    no_address: str = ""
    """Why it cannot be sent, and where to set an address; empty: it has one."""


class Verification(msgspec.Struct, frozen=True):
    """What a provider remembers: a verification, a capture, an association …"""

    provider: str
    kind: str
    key: str
    status: str
    created: str
    aliases: list[str]
    data: Any
    unshowable: str = ""
    """What of it cannot be shown, and why; empty: all of it can."""


class Decided(msgspec.Struct, frozen=True):
    """A decision and what follows from it."""

    verification: Verification
    callbacks: list[Callback]


class Scenario(msgspec.Struct, frozen=True):
    """A scenario in force; ``answered`` counts since the last reset."""

    name: str
    provider: str
    description: str
    priority: int
    file: str
    line: int
    source: str
    inline: bool
    operations: list[str] | None = None
    match: list[str] = []
    steps: int = 1
    answered: int = 0
    pinned: bool = False
    before: str = ""
    """``checks``: it answers before anything is checked."""


class ClockState(msgspec.Struct, frozen=True):
    """The account's time; ``offset`` in seconds beside real time."""

    now: str
    real: str
    frozen: bool
    offset: float
    callbacks: list[Callback] = []


def read(kind: type[S], document: Any) -> S:
    """The document as that kind; members that this version does not know are left out."""
    return msgspec.convert(document, kind)


def read_all(kind: type[S], documents: Any) -> list[S]:
    """The same for a list."""
    return [msgspec.convert(document, kind) for document in documents]
