"""The store as everything above it sees it.

An exchange reads what it needs, computes without side effects, and hands all its writes to `Store.commit` at
once. The commit checks the preconditions (claims still free, versions and sequence positions as read) and
applies everything or nothing. A conflict means another request came first: the pipeline computes again on
what is true now. So no lock is held while an answer is made, in one process or in twenty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from mock_server.core.config import MIB
from mock_server.core.records import AccountState, Attempt, Delivery, Entry, Message, Record, UsedValue
from mock_server.store.outage import Outage

SEEN = "seen|"
"""Counters that begin so count the words of a vendor that were met: ``seen|PROVIDER|GROUP|WORD``, with group
``event``, ``decline``, ``request-type`` or ``directive``, and ``seen|PROVIDER|answer|OPERATION|STATUS|OUTCOME|ERROR``."""


class Limits(NamedTuple):
    """How much is remembered. Of each account the oldest goes first."""

    journal: int
    """Journal entries of an account, and as many finished deliveries."""
    records: int
    """Records of an account, and as many sequences."""
    journal_bytes: int = 64 * MIB
    """`Entry.size` of all entries of an account, the newest of which stays whatever its size; and as much of
    finished deliveries."""
    record_bytes: int = 64 * MIB
    """`Record.size` of all records of an account, the newest of which stays whatever its size."""
    total_bytes: int = 256 * MIB
    """All entries of all accounts, and in memory all finished deliveries and records as well. Over it, accounts
    lose entries, then finished deliveries, then records, the one that was not written to for longest first."""


class StepKey(NamedTuple):
    """Where a scenario's sequence stands, or how often it was asked: calls with the same value of what it counts
    by."""

    scenario: str
    reference: str
    """The value: mostly the reference of the call."""


class Transaction:
    """All that one exchange writes. Mutable while the exchange is computed, then committed whole."""

    __slots__ = (
        "_asked",
        "_used_up",
        "account",
        "cancelled",
        "counters",
        "entry",
        "messages",
        "records",
        "steps",
        "used_values",
    )

    def __init__(self, account: str) -> None:
        self.account = account
        self.entry: Entry | None = None
        self.used_values: list[UsedValue] = []
        """All that can be used once, whether or not it stays taken when the request is refused."""
        self._used_up: list[UsedValue] = []
        self.records: list[Record] = []
        """Each carries the version that was read; 0 demands that its key is new."""
        self.steps: dict[StepKey, int] = {}
        """Sequences and the positions that were read; the commit moves each on by one."""
        self._asked: set[StepKey] = set()
        self.messages: list[Message] = []
        """Deliveries start held unless `Message.before_response`; `Store.release` lets them go."""
        self.cancelled: tuple[str, str] | None = None
        """Provider and reference whose scheduled callbacks are cancelled after the commit; see
        `providers.cancelling`."""
        self.counters: list[tuple[str, float]] = []
        """Amounts added to named counters, such as the balance an account has spent."""

    def use_up(self, claim: UsedValue) -> None:
        """Take the value whatever is answered: a refusal does not give it back, as it does what is in
        ``used_values`` alone."""
        self.used_values.append(claim)
        self._used_up.append(claim)

    def met(self, provider: str, group: str, *words: object) -> None:
        """Count a word for the coverage report; see `SEEN`."""
        self.counters.append((SEEN + "|".join((provider, group, *map(str, words))), 1.0))

    def ask(self, key: StepKey, position: int) -> None:
        """Count that a scenario was asked, whatever is answered."""
        self.steps[key] = position
        self._asked.add(key)

    def give_back(self) -> None:
        """The answer is an error: free the claims that hold only with a success."""
        self.used_values[:] = self._used_up

    def discard(self) -> None:
        """The request is refused: keep nothing but what is used up whatever is answered."""
        self.give_back()
        self.records.clear()
        self.messages.clear()
        self.cancelled = None
        self.counters.clear()
        self.steps = {key: self.steps[key] for key in self._asked}


class EntryFilter(NamedTuple):
    """What `Store.entries` selects; empty means any. Times are account times."""

    provider: str = ""
    operation: str = ""
    status: int = 0
    scenario: str = ""
    reference: str = ""
    q: str = ""
    """Text to be found in path, query, body or answer (case-insensitive)."""
    since: float = 0.0
    """Entries of this instant or later, on the account's clock."""
    answers: str = ""
    """Who answered, as `Entry.answers`."""
    outcome: str = ""
    error: str = ""


class DeliveryFilter(NamedTuple):
    """What `Store.deliveries` selects; empty means any."""

    event: str = ""
    reference: str = ""
    state: str = ""
    provider: str = ""
    request_id: str = ""
    kind: str = "callback"
    scenario: str = ""
    q: str = ""
    """Text to be found in event, reference, address or body (case-insensitive)."""


class RecordFilter(NamedTuple):
    """What `Store.newest_records` selects; empty means any."""

    providers: tuple[str, ...] = ()
    """Those of any of these."""
    kind: str = ""
    status: str = ""
    q: str = ""
    """Text to be found in key, status, aliases or data (case-insensitive)."""


class Totals(NamedTuple):
    """Of all accounts together; each as it was at some moment of the reading."""

    accounts: list[str]
    """Names, as `Store.accounts`."""
    counters: Mapping[str, float]
    """Name → sum."""
    deliveries: Mapping[str, int]
    """State → how many callbacks."""


ANY_ENTRY = EntryFilter()
ANY_DELIVERY = DeliveryFilter()
ANY_RECORD = RecordFilter()


class StoreReader(Protocol):
    """What an exchange reads of the store."""

    def account(self, account: str) -> AccountState:
        """The account's state; a default one when nothing was set."""
        ...

    def find_used(self, account: str, kind: str, value: str) -> UsedValue | None:
        """The claim on the value that is in force: not beyond ``expires`` on the account's clock, which may
        be frozen or moved."""
        ...

    def record(self, account: str, provider: str, kind: str, key: str) -> Record | None:
        """By key or, failing that, by alias. An empty ``kind`` means any kind.

        Of several, the one that was created last, whichever was written last."""
        ...

    def step(self, account: str, key: StepKey) -> int:
        """How often the scenario has answered this reference so far.

        *Consecutive*: a commit whose entry names another scenario for the same reference does not reset
        it."""
        ...

    def counter(self, account: str, name: str) -> float:
        """The sum of what was added; 0.0 at first."""
        ...

    def counters(self, account: str) -> Mapping[str, float]:
        """All counters of the account by name; what was never added to is not among them."""
        ...

    def records(self, account: str, provider: str = "", kind: str = "") -> list[Record]:
        """In order of creation; empty means any."""
        ...


class VendorStore(StoreReader, Protocol):
    """What a vendor sees of the store."""

    def increment(self, account: str, name: str, expires_real: float) -> int:
        """Add one to a counter that vanishes at that real time; the new value. For rate limits."""
        ...

    def entries(
        self, account: str, where: EntryFilter = ANY_ENTRY, limit: int = 100, before: str = ""
    ) -> tuple[list[Entry], int]:
        """Newest first, older than the entry ``before`` when given; and how many are selected in all, on this
        page or another.

        Nothing is older than an entry that is no longer there."""
        ...

    def deliveries(
        self, account: str, where: DeliveryFilter = ANY_DELIVERY, limit: int = 100, before: str = ""
    ) -> tuple[list[Delivery], int]:
        """As `entries`."""
        ...


class Store(VendorStore, Protocol):
    """Thread-safe. Every method names the account, and no account sees another."""

    blocking: bool
    """True when a call may wait for something outside the process: the event loop then calls from a
    thread."""
    shared: bool
    """True when other processes may write to it as well."""
    outage: Outage
    """Whether it can be used."""

    # Writing.

    def commit(self, transaction: Transaction) -> str | None:
        """Apply all or nothing. None: done. ``"claim"``, ``"record"`` or ``"step"``: that precondition, the
        first of them, did not hold.

        A claim holds against values that are in force at its own ``at``."""
        ...

    def group(self) -> AbstractContextManager[None]:
        """The commits of this thread within it may share one transaction, which ends with it.

        Raises `StoreError` where that cannot begin or be committed: nothing that was done within is stored
        then."""
        ...

    def release(self, account_ids: Sequence[tuple[str, str]]) -> None:
        """The HTTP answer has left: these (account, delivery id) may go. A hold without an end is over
        after 30 real seconds, since the process that answered is dead; a release that comes later does
        nothing."""
        ...

    def update(self, account: str, change: Callable[[AccountState], AccountState]) -> AccountState:
        """Change the account's state atomically (``change`` may be called more than once, and may use the
        store); raises its generation.

        A generation never comes back with another content, not even after a reset."""
        ...

    def reset(self, account: str) -> None:
        """Forget all of the account: state, records, claims, sequences, counters, journal, deliveries."""
        ...

    def reset_all(self) -> None: ...

    # Looking.

    def accounts(self) -> list[str]:
        """Names of all accounts that have anything stored, sorted."""
        ...

    def totals(self) -> Totals:
        """Sums over all accounts, at a cost that allows asking every few seconds with thousands of them."""
        ...

    def entry(self, account: str, entry_id: str) -> Entry | None: ...

    def newest_records(
        self, account: str, where: RecordFilter = ANY_RECORD, limit: int = 100, before: str = ""
    ) -> tuple[list[Record], int]:
        """As `entries`; ``before`` is a `Record.id`."""
        ...

    def clear_entries(self, account: str) -> None: ...

    def scenario_counts(self, account: str) -> Mapping[str, int]:
        """How often each scenario has answered since the last reset, also where the journal has forgotten."""
        ...

    # Deliveries.

    def schedule(self, messages: Sequence[Message]) -> None:
        """Store messages that no exchange caused (triggered by hand, by a timer); they are not held. A known
        id stays as it is."""
        ...

    def lease_due(self, real: float, lease: float, limit: int = 100, account: str = "") -> list[Delivery]:
        """Up to ``limit`` deliveries that are due on their account's clock, not held, not leased, and first
        in their lane.

        In order of due time, over all accounts; each is leased to the caller until ``real + lease``.
        ``account``: only of that one. First in a lane is what is in progress (leased, or attempted before),
        else what was to be sent first when it was stored."""
        ...

    def wake_at(self, real: float) -> float | None:
        """Real time at which to call `lease_due` again, ``real`` at the earliest; None: not before something
        changes.

        That is when the next delivery falls due, of those that `lease_due` would give, or when a hold or a
        lease expires."""
        ...

    def next_due(self, account: str, after: float) -> float | None:
        """The earliest time later than ``after``, on the account's clock, at which a pending delivery that is not held is
        due; None: no such delivery."""
        ...

    def record_attempt(
        self,
        account: str,
        delivery_id: str,
        attempt: Attempt | None,
        state: str,
        due: float = 0.0,
        turn: int = 0,
    ) -> None:
        """Append the attempt, set the state (and the next due time if it is pending again), end the lease.

        What has been cancelled meanwhile stays cancelled unless it was delivered after all."""
        ...

    def delivery(self, account: str, delivery_id: str) -> Delivery | None: ...

    def reschedule(
        self, account: str, delivery_ids: Sequence[str], due: float, state: str = "pending"
    ) -> None:
        """Make deliveries due at another time, also those that are done, or cancel them (state
        ``cancelled``).

        Ends a hold. A lease stays unless the delivery is cancelled, so that no two processes send it at
        once."""
        ...

    # Noticing.

    def probe(self) -> None:
        """Write something that is never read. Raises `StoreError` where that is impossible now."""
        ...

    def version(self) -> int:
        """Rises with every change that this process knows of, its own or another's; not with counters and
        leases."""
        ...

    def wait(self, version: int, timeout: float) -> int:
        """Block until the version has passed ``version`` or the time (real seconds) is up; the version
        then."""
        ...

    def close(self) -> None: ...
