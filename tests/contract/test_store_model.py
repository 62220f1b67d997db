"""Random operations on two stores at once: memory beside a naive one, the shared ones beside memory. Both
must answer alike."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mock_server.core.clock import ClockState, ManualClock
from mock_server.core.records import CANCELLED, DELIVERED, FAILED, PENDING, Attempt, Delivery
from mock_server.store import open_store
from mock_server.store.base import ANY_ENTRY, DeliveryFilter, Limits, StepKey
from mock_server.store.sqlite import SqliteStore
from tests.contract.naive import NaiveStore
from tests.contract.values import NOW, claim, entry, message, record, transaction

ACCOUNTS = st.sampled_from(["default", "test-a"])
FEW = st.integers(0, 3)
SECONDS = st.integers(0, 60).map(float)
LANES = st.sampled_from(["", "l", "m"])
ALIASES = st.sets(st.sampled_from("xyz")).map(lambda names: tuple(sorted(names)))


def outline(delivery: Delivery) -> tuple[Any, ...]:
    """All of a delivery that does not depend on when a store notices that a hold is over."""
    return (
        delivery.message,
        delivery.state,
        delivery.due,
        delivery.attempts,
        delivery.turn,
        delivery.lease_until_real,
    )


class StorePair(RuleBasedStateMachine):
    clock: ManualClock
    left: Any
    right: Any

    def open(self) -> tuple[Any, Any]:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.clock = ManualClock(NOW)
        self.left, self.right = self.open()
        self.numbers = itertools.count()
        self.sent: list[str] = []

    def teardown(self) -> None:
        for store in (self.left, self.right):
            if hasattr(store, "close"):
                store.close()

    def both(self, method: str, *arguments: Any) -> Any:
        left, right = getattr(self.left, method)(*arguments), getattr(self.right, method)(*arguments)
        assert left == right
        return left

    def now(self, account: str) -> float:
        return float(self.left.account(account).clock.at(self.clock.now()))

    def message(self, account: str, after: float, lane: str, **fields: Any) -> Any:
        number = next(self.numbers)
        self.sent.append(f"d-{number}")
        # No two of one lane are due at the same time: which of them comes first is left open.
        due = self.now(account) + after + number * 0.001
        return message(f"d-{number}", account, due=due, lane=lane, **fields)

    @rule(
        account=ACCOUNTS,
        value=FEW,
        lasts=SECONDS,
        key=FEW,
        version=FEW,
        aliases=ALIASES,
        scenario=st.sampled_from(["", "s", "t"]),
    )
    def response(
        self,
        account: str,
        value: int,
        lasts: float,
        key: int,
        version: int,
        aliases: tuple[str, ...],
        scenario: str,
    ) -> None:
        number = next(self.numbers)
        at = self.now(account)
        change = transaction(
            account, entry=entry(f"r-n-{number}", account, at=at, scenario=scenario, reference=f"ref-{key}")
        )
        change.used_values.append(claim(f"n{value}", by=f"r-n-{number}", at=at, lasts=lasts))
        known = self.left.record(account, "cloudcheck", "verification", f"k{key}")
        # Mostly the version that is there, now and then another.
        written = (
            version if version > 1 else known.version if known is not None and known.key == f"k{key}" else 0
        )
        change.records.append(record(f"k{key}", version=written, data=b"%d" % number, aliases=aliases))
        change.counters.append(("spent", 0.5))
        self.both("commit", change)

    @rule(
        group=st.lists(
            st.tuples(ACCOUNTS, st.none() | FEW, st.none() | FEW, st.sampled_from(["", "s", "t"])), max_size=6
        )
    )
    def exchanges_together(self, group: list[tuple[str, int | None, int | None, str]]) -> None:
        together = []
        for account, value, key, scenario in group:
            number, at = next(self.numbers), self.now(account)
            change = transaction(account, entry=entry(f"r-n-{number}", account, at=at, scenario=scenario))
            change.counters.append(("spent", 0.5))
            if value is not None and self.left.find_used(account, "nonce", f"n{value}") is None:
                change.used_values.append(claim(f"n{value}", by=f"r-n-{number}", at=at))
                change.messages = [self.message(account, 5.0, "l")]
            if key is not None:
                known = self.left.record(account, "cloudcheck", "verification", f"k{key}")
                version = known.version if known is not None and known.key == f"k{key}" else 0
                change.records.append(record(f"k{key}", version=version, data=b"%d" % number))
            if scenario:
                step = StepKey(scenario, f"ref-{key}")
                change.steps[step] = self.left.step(account, step)
            together.append(change)
        with self.left.group():
            left = [self.left.commit(each) for each in together]
        assert left == [self.right.commit(each) for each in together]

    @rule(account=ACCOUNTS, scenario=st.sampled_from(["s", "t"]), key=FEW, late=st.integers(0, 4))
    def sequence(self, account: str, scenario: str, key: int, late: int) -> None:
        name = StepKey(scenario, f"ref-{key}")
        position = self.both("step", account, name)
        self.both("commit", transaction(account, steps={name: max(0, position - late // 3)}))

    @rule(account=ACCOUNTS, after=st.lists(SECONDS, min_size=1, max_size=3), lane=LANES, first=st.booleans())
    def callbacks(self, account: str, after: list[float], lane: str, first: bool) -> None:
        change = transaction(account)
        change.messages = [self.message(account, seconds, lane, before_response=first) for seconds in after]
        self.both("commit", change)

    @rule(account=ACCOUNTS, after=SECONDS, lane=LANES)
    def fire(self, account: str, after: float, lane: str) -> None:
        self.both("schedule", [self.message(account, after, lane)])

    @rule(account=ACCOUNTS, chosen=st.data())
    def release(self, account: str, chosen: st.DataObject) -> None:
        self.both("release", [(account, delivery_id) for delivery_id in self.some(chosen)])

    @rule(account=st.sampled_from(["", "default", "test-a"]), lease=st.sampled_from([0.5, 20.0]))
    def take(self, account: str, lease: float) -> None:
        left = self.left.lease_due(self.clock.now(), lease, 1000, account)
        right = self.right.lease_due(self.clock.now(), lease, 1000, account)
        assert sorted(map(repr, map(outline, left))) == sorted(map(repr, map(outline, right)))

    @rule(
        account=ACCOUNTS,
        chosen=st.data(),
        state=st.sampled_from([DELIVERED, FAILED, PENDING, PENDING]),
        after=SECONDS,
        tried=st.booleans(),
    )
    def record_attempt(
        self, account: str, chosen: st.DataObject, state: str, after: float, tried: bool
    ) -> None:
        for delivery_id in self.some(chosen):
            attempt = Attempt(self.now(account), 0.1, 200) if tried else None
            self.both("record_attempt", account, delivery_id, attempt, state, self.now(account) + after, 1)

    @rule(
        account=ACCOUNTS,
        chosen=st.data(),
        after=SECONDS,
        state=st.sampled_from([PENDING, PENDING, CANCELLED]),
    )
    def reschedule(self, account: str, chosen: st.DataObject, after: float, state: str) -> None:
        self.both("reschedule", account, self.some(chosen), self.now(account) + after, state)

    def some(self, chosen: st.DataObject) -> list[str]:
        return chosen.draw(st.lists(st.sampled_from(self.sent), unique=True, max_size=4)) if self.sent else []

    @rule(seconds=st.sampled_from([0.25, 5.0, 31.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(
        account=ACCOUNTS,
        clock=st.sampled_from(
            [
                ClockState(),
                ClockState(NOW),
                ClockState(NOW + 40),
                ClockState(None, 25.0),
                ClockState(None, -25.0),
            ]
        ),
    )
    def set_clock(self, account: str, clock: ClockState) -> None:
        self.both("update", account, lambda state: state._replace(clock=clock))

    @rule(account=ACCOUNTS, name=st.sampled_from("ab"), lasts=SECONDS)
    def count(self, account: str, name: str, lasts: float) -> None:
        self.both("increment", account, name, self.clock.now() + lasts)

    @rule(account=ACCOUNTS, all_of_it=st.booleans())
    def forget(self, account: str, all_of_it: bool) -> None:
        self.both("reset" if all_of_it else "clear_entries", account)

    @invariant()
    def alike(self) -> None:
        if not hasattr(self, "left"):
            return
        for account in ("default", "test-a"):
            self.both("account", account)
            self.both("entries", account, ANY_ENTRY, 1000)
            self.both("scenario_counts", account)
            self.both("counters", account)
            self.both("records", account)
            for value in range(4):
                self.both("find_used", account, "nonce", f"n{value}")
            for name in ("k0", "k1", "x", "y", "z"):
                self.both("record", account, "cloudcheck", "", name)
            left, right = (
                store.deliveries(account, DeliveryFilter(kind=""), 1000) for store in (self.left, self.right)
            )
            assert list(map(outline, left[0])) == list(map(outline, right[0]))


def run(machine: type[StorePair], examples: int, steps: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=checks,
            phases=[Phase.generate, Phase.shrink],
        ),
    )


@pytest.mark.parametrize(("journal", "records"), [(1000, 1000), (3, 2)], ids=["roomy", "tight"])
def test_memory_is_like_a_naive_store(journal: int, records: int) -> None:
    class MemoryBesideNaive(StorePair):
        def open(self) -> tuple[Any, Any]:
            return open_store(
                "memory", journal_limit=journal, record_limit=records, clock=self.clock
            ), NaiveStore(self.clock, journal, records)

    run(MemoryBesideNaive, 60, 40)


def beside_memory(addresses: Iterator[str]) -> type[StorePair]:
    class SharedBesideMemory(StorePair):
        def open(self) -> tuple[Any, Any]:
            urls = next(addresses), "memory"
            left, right = (
                open_store(url, journal_limit=1000, record_limit=1000, clock=self.clock) for url in urls
            )
            return left, right

    return SharedBesideMemory


def test_sqlite_is_like_memory(tmp_path: Path) -> None:
    run(beside_memory(f"sqlite:{tmp_path / f'{number}.db'}" for number in itertools.count()), 20, 30)


class InTurn:
    """Two processes' stores, of which each operation meets the other."""

    def __init__(self, path: Path, clock: ManualClock) -> None:
        self._grouped = False
        self._stores = [SqliteStore(str(path), clock, Limits(1000, 1000)) for _ in range(2)]

    def __getattr__(self, name: str) -> Any:
        if not self._grouped:
            self._stores.reverse()
        return getattr(self._stores[0], name)

    @contextmanager
    def group(self) -> Iterator[None]:
        with self._stores[0].group():
            self._grouped = True
            yield
        self._grouped = False

    def close(self) -> None:
        for store in self._stores:
            store.close()


def test_two_processes_on_sqlite_are_like_memory(tmp_path: Path) -> None:
    numbers = itertools.count()

    class TwoBesideMemory(StorePair):
        def open(self) -> tuple[Any, Any]:
            path = tmp_path / f"{next(numbers)}.db"
            return InTurn(path, self.clock), open_store(
                "memory", journal_limit=1000, record_limit=1000, clock=self.clock
            )

    run(TwoBesideMemory, 20, 30)


def test_redis_is_like_memory(redis_address: str, redis_prefixes: Iterator[str]) -> None:
    run(beside_memory(f"{redis_address}?prefix={prefix}" for prefix in redis_prefixes), 10, 30)
