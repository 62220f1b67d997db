"""What one provider's scenario files may say, as data. Each provider makes one; the engine and the lint read
it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

TEXT, NUMBER, BOOLEAN, LIST, MAPPING = "a text", "a number", "true or false", "a list", "a mapping"


class FieldType(Struct, frozen=True):
    """What a vendor accepts at one place of a request."""

    types: tuple[str, ...]
    """Some of `TEXT`, `NUMBER`, `BOOLEAN`, `LIST` and `MAPPING`; empty: anything."""
    is_date: bool = False
    """A text with a day, year-month-day."""
    values: tuple[str, ...] = ()
    """The only texts that it accepts, in any upper and lower case; empty: any."""
    spellings: Mapping[str, str] = field(default_factory=dict)
    """What people write for a value, such as its name → the value."""
    size: int = 0
    """How many characters a text has; 0: any number."""
    items: FieldType | None = None
    """What a list holds; None: nothing is known."""


class Operation(Struct, frozen=True):
    """One kind of request, such as Cloudcheck's ``verify``."""

    name: str
    outcomes: Mapping[str, str]
    """Outcome → one sentence on what it answers. The first is what the built-in behaviour answers."""
    method: str
    path: str
    """``POST`` and ``/verify/``: where it is served."""
    body: frozenset[str] | None = None
    """Dotted paths below ``body.`` that a request of it can have; None: any. A ``*`` part stands for any
    name."""
    params: frozenset[str] | None = None
    """Names below ``params.`` and ``query.``; None: any."""
    verification: bool = False
    """True: the request names a stored record, so ``verification.*`` can match."""
    request_type: str = ""
    """``requestType`` of a callback that names none; empty: one that fits its event."""
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    """Dotted path below ``body.`` → what the vendor accepts there; nothing is known of other paths."""
    answer: frozenset[str] = frozenset()
    """Keys at the top of its answers; empty: nothing is known of them."""
    reference_once: bool = False
    """True: a reference that has been answered with an outcome is refused from then on."""


class Event(Struct, frozen=True):
    """One event name of the provider."""

    name: str
    callback: bool
    """May be sent as a callback."""
    description: str = ""
    request_types: tuple[str, ...] = ()
    """Values of ``requestType`` that it is sent with; empty: any."""
    last: bool = False
    """The vendor sends nothing after it."""
    outcomes: tuple[str, ...] = ()
    """Outcomes of a request after which the vendor sends it; empty: any."""
    reviews: bool = False
    """It reports a review, which a scenario's ``review`` enters in the record."""


class MagicValue(Struct, frozen=True):
    """A value in a request that gives an outcome with no file edited."""

    operation: str
    path: str
    """Match path, such as ``body.details.name.family``."""
    value: str
    prefix: bool
    """True: the field begins with the value; False: equals it, case-insensitively."""
    gives: str
    """What it answers, in words: ``outcome pep-match``, ``error 111`` …"""


class Vocabulary(Struct, frozen=True):
    """All of the above for one provider."""

    provider: str
    operations: Mapping[str, Operation]
    errors: Mapping[str, str]
    """Error code or event, as text → what it means."""
    events: Mapping[str, Event]
    declines: Mapping[str, str] = field(default_factory=dict)
    """Decline code → reason."""
    declining: str = ""
    """The outcome that decline codes belong to."""
    undeclined: frozenset[str] = frozenset()
    """Outcomes with which nothing is declined."""
    decline_services: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Decline code → the services that the vendor declines with it."""
    statuses: tuple[int, ...] = ()
    """HTTP statuses that the vendor documents."""
    services: tuple[str, ...] = ()
    """Names that a ``decline`` mapping may have as keys."""
    request_types: tuple[str, ...] = ()
    """Values of a callback's ``requestType``."""
    magic: tuple[MagicValue, ...] = ()
    decisions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Kind of record → what a reviewer can decide about one."""
    review_notes: bool = False
    """A decision carries the reviewer's notes."""
    schemes: tuple[str, ...] = ()
    """Signature schemes a ``deliver: {scheme: …}`` may name; empty: its callbacks carry no signature."""
    record_fields: frozenset[str] = frozenset()
    """Names below ``verification.``; empty: any."""
    record_types: Mapping[str, FieldType] = field(default_factory=dict)
    """Name below ``verification.`` → what stands there; nothing is known of other names."""
    callback_url: str = ""
    """Match path of the field with which a request says where its callbacks go; empty: it does not say."""
    time_zone: str = "UTC"
    """IANA name of the zone in which the vendor counts days: what ``today`` is to `before` and `after`."""
    temporary_error: str = ""
    """An error after which the same request may succeed; empty: the vendor documents none."""
