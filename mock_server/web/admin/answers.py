"""Answers of the control API that are more than one item: lists, reports, and the results of calls that change something. Each route
names its answer here or in `mock_server.core.answers`; the OpenAPI document is made from them.
Long because each answer has its type here."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from mock_server.core.answers import Callback, ClockState, NearMiss, Request, Scenario, Verification


class Page(Struct, kw_only=True):
    """Of a list."""

    total: int
    """How many there are, on this page or another."""
    next: str | None
    """Address of the next page; null: none."""


class Requests(Page, kw_only=True):
    """Journal entries, newest first."""

    requests: list[Request]


class Callbacks(Page, kw_only=True):
    """Callbacks, newest first."""

    callbacks: list[Callback]


class Sending(Struct):
    """What is being sent."""

    callbacks: list[Callback]


class Verifications(Page, kw_only=True):
    """Records, oldest first."""

    verifications: list[Verification]


class LintFinding(Struct):
    """A finding of the lint."""

    file: str
    line: int
    column: int
    severity: str
    rule: str
    message: str
    remedy: str
    path: str


class Scenarios(Page, kw_only=True):
    """In the order in which they are asked."""

    scenarios: list[Scenario]
    pinned: str | UnsetType | None = UNSET
    warnings: list[LintFinding] | UnsetType = UNSET
    """What the lint would warn of in scenarios that were added."""


class Checked(Struct):
    """What the lint says of a text."""

    usable: bool
    problems: list[LintFinding]


class FileText(Struct):
    """A scenario file, as it is now."""

    file: str
    yaml: str
    version: str
    writable: bool


class WrittenFile(FileText):
    """A scenario file that was written."""

    problems: list[LintFinding]


class Health(Struct):
    status: str


class Dispatching(Struct):
    """The state of the dispatcher."""

    running: bool
    in_flight: int
    """Attempts being made now."""


class Ready(Struct):
    """What is loaded, what is wrong with the files, and whether the store can be used."""

    status: str
    store: str | None
    """Why it cannot be used; null: it can."""
    dispatcher: Dispatching
    scenarios: int
    providers: dict[str, int]
    files: list[str]
    reload_error: str | None
    problems: list[str]
    unread: list[str]
    reloaded: str | None
    """What the last reload changed; null: none."""


class Version(Struct):
    """What is running."""

    name: str
    version: str
    python: str
    store: str
    seed: int
    providers: list[str]
    compiled: bool | UnsetType = UNSET


class Reset(Struct):
    reset: list[str]


class Deleted(Struct):
    deleted: int


class Count(Struct):
    count: int


class TextDifference(Struct):
    """The first place where two texts differ, with some text around it."""

    at: int
    right: str
    signed: str


class Mistake(Struct):
    """A known mistake that gives the signature that came."""

    id: str
    explanation: str
    fix: str
    signed: str | UnsetType = UNSET
    """What was signed then."""
    difference: TextDifference | UnsetType = UNSET
    """Where it departs from what has to be signed."""


class SentMessage(Struct):
    """A callback as it was sent."""

    callback: str
    body: str
    headers: dict[str, str]


class SignatureFinding(Struct, omit_defaults=True):
    """What the signature doctor says; members that do not apply are missing."""

    valid: bool
    canonical: str | None
    expected: str | None
    received: str | None
    mistakes: list[Mistake]
    warnings: list[Mistake] = []
    sent: SentMessage | None = None
    """Of a signed body: the callback as it was sent, where it is known."""
    excluded: list[str] = []


class Pinned(Struct):
    pinned: str | None


class Reloaded(Struct):
    """What is in force, and what the lint says of it."""

    loaded: int
    files: list[str]
    problems: list[LintFinding]
    message: str


class CoverageRow(Struct):
    """A word of a vendor."""

    provider: str
    group: str
    word: str
    description: str
    count: int


class CoverageGroup(Struct):
    """A kind of word of a vendor."""

    provider: str
    group: str
    total: int
    met: int
    percent: float


class Coverage(Struct):
    """Which words were met."""

    coverage: list[CoverageRow]
    groups: list[CoverageGroup]
    total: int
    met: int
    percent: float
    next: str | None


class SpecificationRow(Struct):
    """A sentence of a specification, and what we make of it."""

    provider: str
    id: str
    section: str
    sentence: str
    default: str
    setting: str
    test: str


class Specification(Page, kw_only=True):
    specification: list[SpecificationRow]


class Fidelity(Page, kw_only=True):
    """Rows with ``provider`` and the columns of its table."""

    fidelity: list[dict[str, Any]]


class Accounts(Page, kw_only=True):
    """Each with ``name``, ``cors`` and a part for each vendor."""

    accounts: list[dict[str, Any]]


class NamedValues(Struct):
    state: dict[str, Any]


class StateClock(Struct):
    """An account's clock."""

    frozen: float | None
    offset: float


class StateRecord(Struct):
    """A record as it is stored."""

    provider: str
    kind: str
    key: str
    status: str
    created: float
    aliases: list[str]
    data: Any


class State(Struct):
    """An account's records and clock."""

    version: int
    account: str
    clock: StateClock
    records: list[StateRecord]


class Imported(Struct):
    records: int


class VocabularyOperation(Struct):
    """An operation and its outcomes, each with a sentence."""

    method: str
    path: str
    outcomes: dict[str, str]


class VocabularyEvent(Struct):
    """An event, and whether it may be a callback."""

    callback: bool
    description: str
    request_types: list[str]


class Words(Struct):
    """The words of a vendor."""

    operations: dict[str, VocabularyOperation]
    errors: dict[str, str]
    events: dict[str, VocabularyEvent]
    request_types: list[str]
    services: list[str]
    declines: dict[str, str]
    decisions: dict[str, list[str]]
    magic: Any
    statuses: list[int]
    fates: dict[str, str]
    """Status of a record → its state, one word with a colour on the dashboard."""
    review_notes: bool
    """Whether a decision may have notes."""


class Vocabulary(Struct):
    vocabulary: dict[str, Words]


class Endpoint(Struct):
    """A path of a vendor."""

    path: str
    methods: list[str]


class Provider(Struct):
    """A vendor that is installed."""

    name: str
    title: str
    mount: str
    endpoints: list[Endpoint]
    account: dict[str, Any]
    hosted_pages: bool
    callback_setting: str
    recordable: bool
    specified: bool
    vocabulary: Words


class Providers(Page, kw_only=True):
    providers: list[Provider]


class Refusal(Struct):
    """What was refused, and on what evidence."""

    error: str
    message: str
    fields: list[str]
    evidence: dict[str, Any]


class ChosenScenario(Struct):
    """The scenario that answered, or would have."""

    name: str
    source: str
    description: str
    row: str
    pinned: bool
    answers: str
    """Which requests: ``all``, those with right ``credentials``, or ``valid`` ones only."""


class Answered(Struct):
    """What was answered."""

    scenario: str
    source: str
    outcome: str
    status: int


class Explanation(Struct, omit_defaults=True):
    """Why a request was answered as it was."""

    id: str
    valid: bool | None
    canonical: str | None
    expected: str | None
    received: str | None
    mistakes: list[Mistake]
    error: str
    reason: str
    evidence: Any
    provider: str
    operation: str
    account: str
    reference: str
    answers: str
    """``scenario``, ``built-in`` or ``refusal``."""
    refusal: Refusal | None
    scenario: ChosenScenario | None
    near_misses: list[NearMiss]
    answered: Answered
    excluded: list[str] = []
    warnings: list[Mistake] = []


class TrialCallback(Struct):
    """What would be sent."""

    event: str
    after: float
    """Seconds after the answer."""
    url: str
    deliver: list[Any]
    not_sent: str
    """Why it would not be; empty: it would."""
    body: Any


class Trial(Struct):
    """What would answer a request."""

    provider: str
    operation: str
    request: str
    scenario: ChosenScenario | None
    refusal: Refusal | None
    status: int
    outcome: str
    fate: str
    step: int
    delay: float
    fault: str | None
    body: Any
    callbacks: list[TrialCallback]
    near_misses: list[NearMiss]


class SwitchedOff(Struct):
    """Whether a scenario does not answer the account."""

    switched_off: bool


class SwitchedOn(Struct):
    """What is still switched off: nothing."""

    switched_off: list[str]


class Copy(Struct):
    """Something to paste."""

    text: str


class ScenarioText(Struct):
    """A scenario as it would be written."""

    yaml: str


class Credential(Struct):
    """A credential; an empty value is not public."""

    label: str
    value: str


class FirstRequest(Struct):
    """What a first request to a vendor needs."""

    title: str
    credentials: list[Credential]
    shell: str


class FirstSent(Struct):
    """How a first request was answered."""

    status: int
    request: str


class Notices(Page, kw_only=True):
    """Each with ``kind``, ``title``, ``text``, ``details`` and perhaps ``undo``."""

    notices: list[dict[str, Any]]
    clock: ClockState | None
    """Null where the store cannot be used; of all accounts: that of ``default``."""
    counts: dict[str, int]
    """How many ``requests``, ``callbacks`` and ``verifications`` there are; empty where the store cannot be used."""
