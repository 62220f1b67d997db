"""What is stored: verification records, journal entries, outgoing messages. Values only.

All times are seconds since the epoch *on the account's clock* unless a name says ``real``.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from mock_server.core.clock import ClockState
from mock_server.core.http import Request
from mock_server.core.values import Value

Place = tuple[str, str, str]
"""Provider, kind, key: where a record lies."""


class Record(Value, frozen=True):
    """One thing a provider remembers for an account: a verification, a capture, an association, a token …"""

    provider: str
    kind: str
    """The provider's word: ``verification``, ``capture``, ``association``, ``proof`` …"""
    key: str
    """What it is looked up by; unique within (account, provider, kind)."""
    status: str
    """The provider's word for how it stands: Shufti's event, Cloudcheck's outcome or status."""
    created: float
    data: bytes
    """JSON, the provider's own. Bytes, since a record is written once and seldom read, and bytes are a
    quarter the size."""
    aliases: tuple[str, ...] = ()
    """Other keys that find it, such as the caller's own reference; the newest record with an alias wins."""
    version: int = 0
    """0: not stored yet. A write must carry the version that was read, else it conflicts."""

    @property
    def place(self) -> Place:
        """Where it lies."""
        return self.provider, self.kind, self.key

    @property
    def size(self) -> int:
        """Bytes that it takes, roughly."""
        return 512 + len(self.data) + sum(map(len, self.aliases))

    @property
    def id(self) -> str:
        """Its place as one text, which no other record of the account has."""
        return "/".join(self.place)


class UsedValue(Value, frozen=True):
    """Something that can be taken once: a nonce, a single-use token."""

    kind: str
    value: str
    at: float
    expires: float
    """Account time after which the value may be forgotten; infinity: it is remembered for good."""
    by: str
    """Id of the journal entry that took it."""


class Cut(Value, frozen=True):
    """What is known of a body of which only the beginning is stored."""

    size: int
    """Bytes of all of it."""
    sha256: str
    """Of all of it, in hexadecimal digits."""

    def said(self, stored: int) -> str:
        """``cut after 1048576 bytes, 31457280 in all, sha256 9f86…``."""
        return f"cut after {stored} bytes, {self.size} in all, sha256 {self.sha256}"


def cut(body: bytes, most: int) -> tuple[bytes, Cut | None]:
    """The first ``most`` bytes, and what is known of the whole where that is more."""
    if len(body) <= most:
        return body, None
    return body[:most], Cut(len(body), hashlib.sha256(body).hexdigest())


SCENARIO, BUILT_IN, REFUSAL = "scenario", "built-in", "refusal"


_OVERHEAD = 1024
"""Bytes of an entry besides its texts, roughly."""


class Entry(Value, frozen=True):
    """A journal entry: one request, its answer, and how the answer came about. Bytes now, pretty things when
    asked."""

    id: str
    account: str
    provider: str
    operation: str
    at: float
    real: float
    request: Request
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    reference: str = ""
    scenario: str = ""
    """Name of the scenario that answered; empty: the built-in behaviour, or a refusal."""
    source: str = ""
    """``file:line`` of that scenario."""
    error: str = ""
    """The vendor's error code or event, where the answer is one."""
    outcome: str = ""
    """The outcome that was answered, such as ``verified``."""
    evidence: dict[str, Any] | None = None
    """What the refusal was based on; never sent to the caller, secrets never in it."""
    delay: float = 0.0
    fault: str = ""
    step: int = 0
    """1 is the first call of a scenario's sequence."""
    took: float = 0.0
    """Seconds of real time from the request's arrival to its answer, the scenario's delay not among them."""

    request_cut: Cut | None = None
    """Of the request's body, where only its beginning is stored; ``body_cut``: of the answer's."""
    body_cut: Cut | None = None

    @property
    def size(self) -> int:
        """Bytes that it takes, roughly."""
        request = self.request
        texts = len(request.path) + len(request.query) + len(self.reference)
        headers = sum(map(len, request.headers.values()))
        return _OVERHEAD + texts + headers + len(request.body) + len(self.body)

    def shortened(self, most: int) -> Entry:
        """With ``most`` bytes of each body."""
        if len(self.body) <= most and len(self.request.body) <= most:
            return self
        sent, request_cut = cut(self.request.body, most)
        body, body_cut = cut(self.body, most)
        return self.replace(
            request=self.request.replace(body=sent),
            body=body,
            request_cut=request_cut,
            body_cut=body_cut,
        )

    @property
    def answers(self) -> str:
        """Who answered: `SCENARIO`, `BUILT_IN` or `REFUSAL`."""
        if self.scenario:
            return SCENARIO
        return REFUSAL if self.refused else BUILT_IN

    @property
    def refused(self) -> bool:
        """Whether the error is a finding: neither a scenario nor a magic value of the request has asked for
        it."""
        return bool(self.error) and not self.scenario and (self.evidence or {}).get("check") != "magic value"


class Message(NamedTuple):
    """An outgoing callback, immutable; its delivery says what happens to it."""

    id: str
    account: str
    provider: str
    event: str
    reference: str
    url: str
    body: bytes
    headers: tuple[tuple[str, str], ...]
    due: float
    """When the first attempt may leave."""
    created: float
    method: str = "POST"
    waits: tuple[float, ...] = ()
    """Seconds between attempts: n waits allow n + 1 attempts."""
    timeout: float = 15.0
    """Seconds of real time one attempt may take."""
    lane: str = ""
    """Messages of one lane leave in order, one after the other is done; empty: no order."""
    deliver: tuple[Any, ...] = ()
    """The scenario's ``deliver`` words, played in order, one an attempt."""
    request_id: str = ""
    """Journal entry that caused it; empty when fired by hand."""
    scenario: str = ""
    kind: str = "callback"
    """``callback``, or ``timer``: nothing is sent, the provider is called back with it when it falls due."""
    before_response: bool = False
    """True: it leaves, and its first attempt ends, before the HTTP answer does."""
    no_address: str = ""
    """Why it cannot be sent, and where to set an address; empty: it has one."""


class Attempt(NamedTuple):
    """One try at a message."""

    at: float
    took: float
    """Seconds of real time."""
    status: int = 0
    """HTTP status; 0: no answer."""
    error: str = ""
    """Why it failed, in words; empty: it did not."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    """The first bytes of the answer."""
    done: str = ""
    """What was done to the message on purpose, in words."""
    sent_headers: tuple[tuple[str, str], ...] = ()
    sent_body: bytes | None = None
    """What was really sent, where it differs from the message."""


PENDING, DELIVERED, FAILED, DROPPED, CANCELLED = "pending", "delivered", "failed", "dropped", "cancelled"
NOT_SENT = "not sent"
"""The message had no address when it was due."""


class Delivery(NamedTuple):
    """A message and what has become of it."""

    message: Message
    state: str = PENDING
    due: float = 0.0
    """When the next attempt may leave."""
    attempts: tuple[Attempt, ...] = ()
    turn: int = 0
    """How many of the ``deliver`` words have been played."""
    held: bool = False
    """Waits for its HTTP answer to have left."""
    lease_until_real: float = 0.0
    """A worker has it until then; after that another may take it."""

    @property
    def size(self) -> int:
        """Bytes that it takes, roughly."""
        message = self.message
        return _OVERHEAD + len(message.url) + len(message.body) + sum(map(_attempt_size, self.attempts))


def _attempt_size(attempt: Attempt) -> int:
    headers = sum(len(name) + len(value) for name, value in attempt.headers)
    return 256 + len(attempt.error) + headers + len(attempt.body) + len(attempt.sent_body or b"")


class AccountState(NamedTuple):
    """What the control API has set for an account."""

    clock: ClockState = ClockState()
    pinned: str = ""
    inline: tuple[bytes, ...] = ()
    """Scenario documents (JSON) added over the control API."""
    overrides: bytes = b"{}"
    """What ``PUT /__admin/accounts/NAME`` has merged so far (JSON)."""
    generation: int = 0
    """Rises with every change; lets readers cache what they derive from the state."""
    switched_off: tuple[str, ...] = ()
    """``provider/name`` of each scenario that does not answer this account."""
