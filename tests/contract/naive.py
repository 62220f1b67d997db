"""A store as one would write it without a thought for speed: lists, and a look through all of them for
everything.

The stores are held against it with random operations. It keeps to the letter of the Protocol where that is
exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from mock_server.core.clock import Clock
from mock_server.core.records import (
    PENDING,
    AccountState,
    Attempt,
    Delivery,
    Entry,
    Message,
    Record,
    UsedValue,
)
from mock_server.store.base import StepKey, Transaction

HOLD = 30.0


@dataclass
class Sent:
    """A delivery, and when its hold or lease ends."""

    delivery: Delivery
    away_until: float = 0.0
    finished: int = 0
    """The how manieth to finish."""


@dataclass
class Account:
    state: AccountState = field(default_factory=AccountState)
    used_values: list[UsedValue] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    steps: dict[StepKey, int] = field(default_factory=dict)
    counters: dict[str, float] = field(default_factory=dict)
    rate_counters: dict[str, tuple[int, float]] = field(default_factory=dict)
    journal: list[Entry] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    firsts: dict[str, Sent | None] = field(default_factory=dict)
    """The first of each lane."""


class NaiveStore:
    def __init__(self, clock: Clock, journal_limit: int, record_limit: int) -> None:
        self._clock = clock
        self._journal_limit = journal_limit
        self._record_limit = record_limit
        self._accounts: dict[str, Account] = {}
        self._generation = 0
        self._finished = 0

    def _of(self, account: str) -> Account:
        return self._accounts.setdefault(account, Account())

    def account(self, account: str) -> AccountState:
        return self._of(account).state

    def find_used(self, account: str, kind: str, value: str) -> UsedValue | None:
        return self._claim(account, kind, value, self.account(account).clock.at(self._clock.now()))

    def _claim(self, account: str, kind: str, value: str, now: float) -> UsedValue | None:
        claims = [each for each in self._of(account).used_values if (each.kind, each.value) == (kind, value)]
        return claims[-1] if claims and claims[-1].expires >= now else None

    def record(self, account: str, provider: str, kind: str, key: str) -> Record | None:
        mine = [
            each
            for each in self._of(account).records
            if each.provider == provider and kind in ("", each.kind)
        ]
        for by_name in (
            [each for each in mine if each.key == key],
            [each for each in mine if key in each.aliases],
        ):
            if by_name:
                return by_name[-1]
        return None

    def step(self, account: str, key: StepKey) -> int:
        return self._of(account).steps.get(key, 0)

    def counters(self, account: str) -> dict[str, float]:
        return self._of(account).counters

    def commit(self, transaction: Transaction) -> str | None:
        mine = self._of(transaction.account)
        if any(
            self._claim(transaction.account, each.kind, each.value, each.at)
            for each in transaction.used_values
        ):
            return "claim"
        for each in transaction.records:
            version = next((known.version for known in mine.records if known.place == each.place), 0)
            if version != each.version:
                return "record"
        for key, position in transaction.steps.items():
            if self.step(transaction.account, key) != position:
                return "step"
        mine.used_values += transaction.used_values
        for each in transaction.records:
            self._keep(mine, each.replace(version=each.version + 1))
        for key, position in transaction.steps.items():
            others = [pair for pair in mine.steps.items() if pair[0] != key]
            mine.steps = dict([*others, (key, position + 1)][-self._record_limit :])
        for name, amount in transaction.counters:
            mine.counters[name] = mine.counters.get(name, 0.0) + amount
        if transaction.entry is not None:
            mine.journal = [*mine.journal, transaction.entry][-self._journal_limit :]
            if transaction.entry.scenario:
                mine.counts[transaction.entry.scenario] = mine.counts.get(transaction.entry.scenario, 0) + 1
        for message in transaction.messages:
            self._add(message, held=not message.before_response)
        return None

    def group(self) -> AbstractContextManager[None]:
        return nullcontext()

    def _keep(self, mine: Account, record: Record) -> None:
        for number, known in enumerate(mine.records):
            if known.place == record.place:
                mine.records[number] = record
                return
        mine.records = [*mine.records, record][-self._record_limit :]

    def update(self, account: str, change: Callable[[AccountState], AccountState]) -> AccountState:
        self._generation += 1
        mine = self._of(account)
        mine.state = change(mine.state)._replace(generation=self._generation)
        return mine.state

    def increment(self, account: str, name: str, expires_real: float) -> int:
        rate_counters = self._of(account).rate_counters
        value, expires = rate_counters.get(name, (0, expires_real))
        if expires <= self._clock.now():
            value, expires = 0, expires_real
        rate_counters[name] = (value + 1, expires)
        return value + 1

    def reset(self, account: str) -> None:
        self._accounts[account] = Account()

    def entries(self, account: str, *arguments: Any) -> tuple[list[Entry], int]:
        journal = self._of(account).journal
        return journal[::-1], len(journal)

    def entry(self, account: str, entry_id: str) -> Entry | None:
        return next((each for each in self._of(account).journal if each.id == entry_id), None)

    def clear_entries(self, account: str) -> None:
        self._of(account).journal = []

    def scenario_counts(self, account: str) -> dict[str, int]:
        return self._of(account).counts

    def newest_records(self, account: str, *arguments: Any) -> tuple[list[Record], int]:
        records = self._of(account).records
        return records[::-1], len(records)

    def records(self, account: str) -> list[Record]:
        return self._of(account).records

    # -- deliveries
    # --------------------------------------------------------------------------------------------
    def schedule(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._add(message, held=False)

    def _add(self, message: Message, held: bool) -> None:
        delivery = Delivery(message, due=message.due, held=held)
        self._of(message.account).sent.append(Sent(delivery, self._clock.now() + HOLD if held else 0.0))
        self._seat(message.account, message.lane)

    def _find(self, account: str, delivery_id: str) -> Sent | None:
        return next(
            (each for each in self._of(account).sent if each.delivery.message.id == delivery_id), None
        )

    def release(self, account_ids: Sequence[tuple[str, str]]) -> None:
        for account, delivery_id in account_ids:
            sent = self._find(account, delivery_id)
            if sent is not None and sent.delivery.held:
                sent.away_until = 0.0
                sent.delivery = sent.delivery._replace(held=False)

    def _seat(self, account: str, lane: str) -> None:
        """The first of a lane stays while it is under way; else it is the one that was due first at first."""
        mine = self._of(account)
        first = mine.firsts.get(lane)
        if (
            first is None
            or first.delivery.state != PENDING
            or not (first.delivery.attempts or first.delivery.lease_until_real)
        ):
            pending = [
                each
                for each in mine.sent
                if each.delivery.state == PENDING and each.delivery.message.lane == lane
            ]
            mine.firsts[lane] = min(pending, key=lambda each: each.delivery.message.due, default=None)

    def _ready(self, account: str, real: float) -> Iterator[Sent]:
        """What may be taken but for its due time."""
        mine = self._of(account)
        for each in mine.sent:
            lane = each.delivery.message.lane
            if (
                each.delivery.state == PENDING
                and each.away_until <= real
                and (not lane or mine.firsts[lane] is each)
            ):
                yield each

    def lease_due(self, real: float, lease: float, limit: int = 100, account: str = "") -> list[Delivery]:
        taken = []
        for name in [account] if account else list(self._accounts):
            clock = self.account(name).clock
            due = [each for each in self._ready(name, real) if each.delivery.due <= clock.at(real) + 1e-6]
            for each in sorted(due, key=lambda each: each.delivery.due):
                each.delivery = each.delivery._replace(held=False, lease_until_real=real + lease)
                each.away_until = real + lease
                taken.append(each.delivery)
        return taken

    def record_attempt(
        self,
        account: str,
        delivery_id: str,
        attempt: Attempt | None,
        state: str,
        due: float = 0.0,
        turn: int = 0,
    ) -> None:
        sent = self._find(account, delivery_id)
        if sent is None:
            return
        known = sent.delivery
        if state == PENDING:
            state = known.state
        attempts = known.attempts if attempt is None else (*known.attempts, attempt)
        due = due if state == PENDING else known.due
        sent.away_until = 0.0
        sent.delivery = Delivery(known.message, state, due, attempts, turn)
        self._bound(account, sent, known.state)

    def reschedule(self, account: str, delivery_ids: Sequence[str], due: float, state: str = PENDING) -> None:
        for delivery_id in delivery_ids:
            sent = self._find(account, delivery_id)
            if sent is not None:
                known = sent.delivery
                lease = known.lease_until_real if state == PENDING else 0.0
                sent.away_until = 0.0 if known.held or state != PENDING else sent.away_until
                sent.delivery = known._replace(due=due, state=state, held=False, lease_until_real=lease)
                self._bound(account, sent, known.state)

    def _bound(self, account: str, changed: Sent, before: str) -> None:
        if before == PENDING and changed.delivery.state != PENDING:
            self._finished += 1
            changed.finished = self._finished
        self._seat(account, changed.delivery.message.lane)
        mine = self._of(account)
        finished = sorted(
            (each.finished, number) for number, each in enumerate(mine.sent) if each.delivery.state != PENDING
        )
        for _, number in sorted(finished[: -self._journal_limit], key=lambda pair: -pair[1]):
            del mine.sent[number]

    def delivery(self, account: str, delivery_id: str) -> Delivery | None:
        sent = self._find(account, delivery_id)
        return None if sent is None else sent.delivery

    def deliveries(self, account: str, *arguments: Any) -> tuple[list[Delivery], int]:
        sent = [each.delivery for each in reversed(self._of(account).sent)]
        return sent, len(sent)
