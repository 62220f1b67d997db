"""The items that the control API answers with, as typed values. Instants are ISO 8601 texts on the account's clock, durations
seconds."""

from __future__ import annotations

from typing import Any

import msgspec


class Content(msgspec.Struct, frozen=True):
    """A body: ``body`` as text and the JSON in it, or ``base64`` of anything that is not text. Lists cut long texts,
    single items do not."""

    headers: dict[str, str] = {}
    body: str = ""
    json: Any = None
    base64: str = ""
    size: int = 0
    """Bytes of all of it."""
    cut: str = ""
    """Where only its beginning is stored, how much there was: ``cut after 1048576 bytes, …``."""
    sha256: str = ""
    """Of all of it, where only its beginning is stored."""


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
    ignored_headers: dict[str, str] = {}
    """Header fields that came again although they have a single value."""


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
    row: str = ""
    """The row of a table that it was made of."""


class CopyForm(msgspec.Struct, frozen=True):
    """A form in which a request can be copied."""

    form: str
    title: str


class Request(msgspec.Struct, frozen=True, kw_only=True):
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
    answers: str = ""
    """Who answered: ``scenario``, ``built-in`` or ``refusal``."""
    took: float = 0.0
    """Seconds of real time."""
    fate: str = ""
    """How it ended, one word."""
    request: Sent = Sent()
    response: Content = Content()
    evidence: Any = None
    near_misses: list[NearMiss] = []
    copies: list[CopyForm] = []
    """What `GET requests/ID/copy` gives, of a single entry."""
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


class Callback(msgspec.Struct, frozen=True, kw_only=True):
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
    fate: str = ""
    """Its state, one word."""
    request: Sent = Sent()
    attempts: list[Attempt] = []
    deliver: list[Any] = []
    waits: list[float] = []
    unshowable: str = ""
    """What of it cannot be shown, and why; empty: all of it can."""
    no_address: str = ""
    """Why it cannot be sent, and where to set an address; empty: it has one."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider remembers: a verification, a capture, an association …"""

    provider: str
    kind: str
    key: str
    status: str
    created: str
    aliases: list[str]
    data: Any = None
    id: str = ""
    """Provider, kind and key."""
    account: str = ""
    fate: str = ""
    """Its state, one word."""
    decisions: list[str] = []
    """Outcomes that a reviewer may decide on now; of a single one."""
    unshowable: str = ""
    """What of it cannot be shown, and why; empty: all of it can."""


class Decided(msgspec.Struct, frozen=True):
    """A decision and what follows from it."""

    verification: Verification
    callbacks: list[Callback]


class Sequence(msgspec.Struct, frozen=True):
    """How the steps of a scenario are counted."""

    by: list[str]
    then: str
    calls: int


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
    sequence: Sequence | None = None
    chance: float = 1.0
    yaml: str = ""
    """As it is written; of a single one."""
    switched_off: bool = False
    enabled: bool = True
    off: str = ""
    """Why it does not answer; empty: it may."""
    replaces: str = ""
    """Place of the scenario of the same name that it replaces."""
    tags: list[str] = []
    row: str = ""
    """The row of a table that it was made of."""
    set: list[str] = []
    """Named values that it writes."""
    before: str = ""
    """``checks``: it answers before anything is checked."""


class ClockState(msgspec.Struct, frozen=True):
    """The account's time; ``offset`` in seconds from real time."""

    now: str
    real: str
    frozen: bool
    offset: float
    callbacks: list[Callback] = []
    total: int = 0
    next: str | None = None
