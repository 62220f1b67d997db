"""What the Protocol of `store/base.py` promises about exchanges, state and looking, held against every
store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import inf
from threading import Barrier, Thread
from typing import Any

import pytest

from mock_server.core.clock import ClockState, ManualClock
from mock_server.core.records import DELIVERED, PENDING, AccountState, Record
from mock_server.store.base import EntryFilter, RecordFilter, StepKey, Store
from tests.contract.conftest import JOURNAL, RECORDS
from tests.contract.values import NOW, REQUEST, claim, entry, message, record, transaction

Another = Callable[[], Store]
SLACK = 256
"""Commits after which the stores that sweep now and then have swept."""


# -- claims
# ------------------------------------------------------------------------------------------------------
def test_a_value_is_claimed_once(store: Store, another: Another) -> None:
    assert store.find_used("default", "nonce", "n1") is None
    assert store.commit(transaction(used_values=[claim("n1", by="r-a-7")])) is None
    assert store.commit(transaction(used_values=[claim("n1", by="r-a-8")])) == "claim"
    assert another().commit(transaction(used_values=[claim("n1", by="r-b-1")])) == "claim"
    assert store.find_used("default", "nonce", "n1") == claim("n1", by="r-a-7")


def test_of_a_group_each_is_committed_or_in_conflict_for_itself(store: Store, another: Another) -> None:
    group = [
        transaction(
            entry=entry("r-1"),
            used_values=[claim("n1", by="r-1")],
            records=[record("a")],
            counters=[("spent", 0.5)],
        ),
        transaction(entry=entry("r-2"), used_values=[claim("n1", by="r-2")], records=[record("b")]),
        transaction(entry=entry("r-3"), used_values=[claim("n3", by="r-3")], records=[record("a")]),
        transaction(entry=entry("r-4"), used_values=[claim("n4", by="r-4")], steps={StepKey("s", "r"): 0}),
        transaction(
            "test-a", entry=entry("r-5", "test-a"), used_values=[claim("n1", by="r-5")], records=[record("a")]
        ),
        transaction(entry=entry("r-6"), steps={StepKey("s", "r"): 0}, counters=[("spent", 0.5)]),
        transaction(
            entry=entry("r-7"), records=[record("b")], messages=[message("d-7")], counters=[("spent", 0.25)]
        ),
    ]
    with store.group():
        assert [store.commit(each) for each in group] == [None, "claim", "record", None, None, "step", None]
    for seen in (store, another()):
        assert [each.id for each in seen.entries("default")[0]] == ["r-7", "r-4", "r-1"]
        assert [each.id for each in seen.entries("test-a")[0]] == ["r-5"]
        assert seen.find_used("default", "nonce", "n3") is None
        assert [each.key for each in seen.records("default")] == ["a", "b"]
        assert (seen.step("default", StepKey("s", "r")), seen.counters("default")) == (1, {"spent": 0.75})
        assert [each.message.id for each in seen.deliveries("default")[0]] == ["d-7"]


def test_within_a_group_each_reads_what_those_before_it_wrote(store: Store) -> None:
    key = StepKey("s", "r")
    with store.group():
        for number in range(3):
            assert store.step("default", key) == number
            current = store.record("default", "cloudcheck", "", "k")
            assert (current.version if current else 0) == number
            assert store.find_used("default", "nonce", f"n{number - 1}") == (
                claim(f"n{number - 1}") if number else None
            )
            assert store.account("default").pinned == (f"p{number - 1}" if number else "")
            store.update("default", lambda state, number=number: state._replace(pinned=f"p{number}"))  # type: ignore[misc]
            assert (
                store.commit(
                    transaction(
                        used_values=[claim(f"n{number}")],
                        records=[record("k", version=number)],
                        steps={key: number},
                    )
                )
                is None
            )
    assert store.step("default", key) == 3


def test_lists_show_what_those_before_in_the_group_wrote(store: Store) -> None:
    with store.group():
        store.commit(transaction(entry=entry("r-1", scenario="s"), messages=[message("d-1", due=NOW + 5)]))
        assert store.accounts() == ["default"]
        assert store.entries("default") == ([entry("r-1", scenario="s")], 1)
        assert store.scenario_counts("default") == {"s": 1}
        assert [each.message.id for each in store.deliveries("default")[0]] == ["d-1"]
        store.reschedule("default", ["d-1"], NOW, "cancelled")
    assert store.lease_due(NOW + 100, 10) == []


def test_counters_of_a_group_add_up_and_go_with_their_account(store: Store, another: Another) -> None:
    with store.group():
        for number, account in enumerate(("default", "acme", "default")):
            answered = entry(f"r-{number}", scenario="s")
            store.commit(transaction(account, counters=[("spent", 0.25)], entry=answered))
        assert [store.counter(name, "spent") for name in ("default", "acme")] == [0.5, 0.25]
        store.reset("acme")
        store.commit(transaction(counters=[("spent", 0.25)]))
        assert store.counters("default") == {"spent": 0.75}
    for each in (store, another()):
        assert [each.counters(name) for name in ("default", "acme")] == [{"spent": 0.75}, {}]
        assert [each.scenario_counts(name) for name in ("default", "acme")] == [{"s": 2}, {}]


def test_a_group_is_noticed(store: Store, another: Another) -> None:
    other = another()
    before, before_other = store.version(), other.version()
    with store.group():
        store.commit(transaction(entry=entry("r-1")))
        store.commit(transaction(entry=entry("r-2")))
    assert store.version() > before
    assert other.wait(before_other, 10) > before_other
    assert other.entries("default")[1] == 2


def test_what_another_takes_between_two_groups_is_in_conflict(store: Store, another: Another) -> None:
    other = another()
    assert store.find_used("default", "nonce", "n1") is None
    assert other.commit(transaction(used_values=[claim("n1", by="r-0")])) is None
    group = [
        transaction(used_values=[claim("n1", by="r-1")], records=[record("a")]),
        transaction(used_values=[claim("n2", by="r-2")], records=[record("a")]),
    ]
    with store.group():
        # As the first one is not committed, the record is still free.
        assert [store.commit(each) for each in group] == ["claim", None]
    with store.group():
        assert [store.commit(each) for each in group] == ["claim", "claim"]
    assert other.find_used("default", "nonce", "n2") == claim("n2", by="r-2")


def test_groups_of_many_threads_do_not_mix(store: Store, another: Another) -> None:
    stores = [store, another()]
    barrier = Barrier(4)

    def take(number: int) -> list[str | None]:
        barrier.wait()
        results: list[str | None] = []
        for start in range(0, 40, 8):
            with stores[number % 2].group():
                results += [
                    stores[number % 2].commit(transaction(used_values=[claim(f"n{value}")]))
                    for value in range(start, start + 8)
                ]
        return results

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(take, range(4)))
    assert [[outcome[value] for outcome in outcomes].count(None) for value in range(40)] == [1] * 40


def test_an_empty_group_and_an_empty_commit_are_no_trouble(store: Store) -> None:
    with store.group():
        pass
    with store.group():
        assert store.commit(transaction()) is None
        assert store.commit(transaction("test-a")) is None


def test_what_comes_between_reading_and_commit_is_found_out(store: Store, another: Another) -> None:
    other = another()
    store.commit(transaction(records=[record("a")]))
    early = store.record("default", "cloudcheck", "verification", "a")
    assert (store.find_used("default", "nonce", "n1"), early is not None and early.version) == (None, 1)
    assert other.commit(transaction(used_values=[claim("n1")], records=[record("a", version=1)])) is None
    assert store.commit(transaction(used_values=[claim("n1")])) == "claim"
    assert store.commit(transaction(records=[record("a", version=1)])) == "record"
    assert store.commit(transaction(used_values=[claim("n2")], records=[record("b")])) is None
    late = store.record("default", "cloudcheck", "verification", "a")
    assert late is not None
    assert late.version == 2
    assert other.find_used("default", "nonce", "n2") is not None


@pytest.mark.parametrize(
    "value", ["", "n", "a" * 300, "ünï-\U0001f511", "new\nline", "nul\x00byte", "100%", "a:b|c"]
)
def test_any_text_can_be_claimed(store: Store, value: str) -> None:
    assert store.commit(transaction(used_values=[claim(value, by="an id of any shape")])) is None
    assert store.find_used("default", "nonce", value) == claim(value, by="an id of any shape")
    assert store.find_used("default", "nonce", value + "x") is None
    assert store.commit(transaction(used_values=[claim(value)])) == "claim"


def test_claims_of_other_accounts_and_kinds_are_others(store: Store) -> None:
    assert store.commit(transaction(used_values=[claim("n1")])) is None
    assert store.commit(transaction("test-a", used_values=[claim("n1")])) is None
    assert store.commit(transaction(used_values=[claim("n1", kind="token")])) is None
    assert store.find_used("test-b", "nonce", "n1") is None


def test_a_claim_ends_on_the_accounts_clock(store: Store, clock: ManualClock) -> None:
    store.commit(transaction(used_values=[claim("n1", by="r-a-1", lasts=10)]))
    clock.advance(10)
    assert store.find_used("default", "nonce", "n1") is not None
    assert store.commit(transaction(used_values=[claim("n1", at=NOW + 10)])) == "claim"
    clock.advance(0.5)
    assert store.find_used("default", "nonce", "n1") is None
    assert store.commit(transaction(used_values=[claim("n1", by="r-a-2", at=NOW + 10.5)])) is None
    assert store.find_used("default", "nonce", "n1") == claim("n1", by="r-a-2", at=NOW + 10.5)


def test_a_frozen_clock_keeps_claims(store: Store, clock: ManualClock) -> None:
    store.update("default", lambda state: state._replace(clock=ClockState(frozen=NOW)))
    store.commit(transaction(used_values=[claim("n1", lasts=10)]))
    clock.advance(1_000_000)
    assert store.find_used("default", "nonce", "n1") is not None
    store.update("default", lambda state: state._replace(clock=ClockState(frozen=NOW + 11)))
    assert store.find_used("default", "nonce", "n1") is None


@pytest.mark.parametrize(
    "moved",
    [ClockState(offset=-1e9), ClockState(offset=1e9), ClockState(frozen=0.0), ClockState(frozen=4e9)],
    ids=["back", "ahead", "frozen long ago", "frozen far ahead"],
)
def test_a_claim_for_good_never_ends(
    store: Store, another: Another, clock: ManualClock, moved: ClockState
) -> None:
    taken = claim("n1", by="r-a-1", lasts=inf)
    store.commit(transaction(used_values=[taken, claim("n2", lasts=10)]))
    store.update("default", lambda state: state._replace(clock=moved))
    for real in (0.0, 1e9):
        clock.advance(real)
        at = moved.at(clock.now())
        for seen in (store, another()):
            assert seen.find_used("default", "nonce", "n1") == taken
            assert (
                seen.commit(transaction(used_values=[claim("n1", by="r-a-2", at=at, lasts=inf)])) == "claim"
            )


def test_claims_for_good_outlast_those_that_end(store: Store, another: Another, clock: ManualClock) -> None:
    for number in range(SLACK):
        store.commit(
            transaction(used_values=[claim(f"good{number}", lasts=inf), claim(f"short{number}", lasts=1)])
        )
    clock.advance(1e6)
    for number in range(SLACK):
        store.commit(transaction(used_values=[claim(f"late{number}", at=clock.now(), lasts=1)]))
    for seen in (store, another()):
        assert [
            number for number in range(SLACK) if seen.find_used("default", "nonce", f"good{number}") is None
        ] == []
        assert [
            number for number in range(SLACK) if seen.find_used("default", "nonce", f"short{number}")
        ] == []


def test_many_claims_are_all_remembered_until_they_end(store: Store, clock: ManualClock) -> None:
    for number in range(600):
        assert store.commit(transaction(used_values=[claim(f"n{number}", by=f"r-a-{number}")])) is None
    assert [
        number
        for number in range(600)
        if store.find_used("default", "nonce", f"n{number}") != claim(f"n{number}", by=f"r-a-{number}")
    ] == []
    clock.advance(901)
    for number in range(600):
        assert store.commit(transaction(used_values=[claim(f"n{number}", by="later", at=NOW + 901)])) is None


def test_of_many_threads_one_claims(store: Store, another: Another) -> None:
    stores = [store, another()]
    barrier = Barrier(16)

    def attempt(number: int) -> list[str | None]:
        barrier.wait()
        return [
            stores[number % 2].commit(
                transaction(entry=entry(f"r-{number}-{value}"), used_values=[claim(f"n{value}")])
            )
            for value in range(10)
        ]

    with ThreadPoolExecutor(16) as threads:
        outcomes = list(threads.map(attempt, range(16)))
    assert [[outcome[value] for outcome in outcomes].count(None) for value in range(10)] == [1] * 10
    assert store.entries("default")[1] == 10


# -- records
# -----------------------------------------------------------------------------------------------------
def test_a_record_is_found_by_key_and_alias(store: Store, another: Another) -> None:
    written = record("k1", aliases=("mine", "yours"))
    assert store.commit(transaction(records=[written])) is None
    for seen in (store, another()):
        for key in ("k1", "mine", "yours"):
            for kind in ("verification", ""):
                assert seen.record("default", "cloudcheck", kind, key) == written.replace(version=1)
        assert seen.record("default", "cloudcheck", "capture", "k1") is None
        assert seen.record("default", "cloudcheck", "capture", "mine") is None
        assert seen.record("default", "shuftipro", "", "k1") is None
        assert seen.record("test-a", "cloudcheck", "", "k1") is None


def test_a_key_counts_before_an_alias_and_the_newest_alias_wins(store: Store) -> None:
    store.commit(transaction(records=[record("a", aliases=("x", "b"))]))
    store.commit(transaction(records=[record("b", aliases=("x",))]))
    store.commit(transaction(records=[record("c", kind="capture", aliases=("x",))]))
    records = {
        (kind, key): store.record("default", "cloudcheck", kind, key)
        for kind in ("verification", "capture", "")
        for key in ("x", "b")
    }
    assert {place: stored and stored.key for place, stored in records.items()} == {
        ("verification", "x"): "b",
        ("verification", "b"): "b",
        ("capture", "x"): "c",
        ("capture", "b"): None,
        ("", "x"): "c",
        ("", "b"): "b",
    }


def test_of_one_key_in_several_kinds_the_newest_is_meant(store: Store) -> None:
    store.commit(transaction(records=[record("k", kind="capture"), record("k", kind="association")]))
    newest = store.record("default", "cloudcheck", "", "k")
    assert newest is not None
    assert newest.kind == "association"


def test_an_older_record_stays_older_when_it_is_written_again(store: Store) -> None:
    store.commit(transaction(records=[record("a", aliases=("x",))]))
    store.commit(transaction(records=[record("b", aliases=("x",))]))
    store.commit(transaction(records=[record("a", version=1, status="changed", aliases=("x", "y"))]))
    assert _key(store, "x") == "b"
    assert _key(store, "y") == "a"
    assert [each.key for each in store.records("default")] == ["a", "b"]
    store.commit(transaction(records=[record("b", version=1, aliases=())]))
    assert _key(store, "x") == "a"
    store.commit(transaction(records=[record("b", version=2, aliases=("y",))]))
    store.commit(transaction(records=[record("a", version=2, aliases=("z", "y"))]))
    assert (_key(store, "x"), _key(store, "y"), _key(store, "z")) == (None, "b", "a")


def _key(store: Store, alias: str) -> str | None:
    stored = store.record("default", "cloudcheck", "", alias)
    return None if stored is None else stored.key


@pytest.mark.parametrize("key", ["a\x00b", "ü", "100%", "a:b|c", " ", "x" * 250])
def test_keys_and_aliases_are_any_text(store: Store, key: str) -> None:
    store.commit(transaction(records=[record(key, aliases=(key + "!", "a"))]))
    assert _key(store, key) == _key(store, key + "!") == _key(store, "a") == key
    assert _key(store, key[:-1] or "-") in (None, key if key[:-1] == "a" else None)


def test_a_record_is_written_by_who_has_read_it(store: Store, another: Another) -> None:
    assert store.commit(transaction(records=[record("k", version=1)])) == "record"
    assert store.commit(transaction(records=[record("k")])) is None
    assert another().commit(transaction(records=[record("k", status="second")])) == "record"
    assert another().commit(transaction(records=[record("k", version=1, status="second", data=b"2")])) is None
    assert store.commit(transaction(records=[record("k", version=1, status="third")])) == "record"
    stored = store.record("default", "cloudcheck", "verification", "k")
    assert stored == record("k", version=2, status="second", data=b"2")


def test_of_many_writers_each_change_counts(store: Store, another: Another) -> None:
    stores = [store, another()]
    store.commit(transaction(records=[record("k", data=b"0")]))

    def add(number: int) -> None:
        for _ in range(10):
            while True:
                current = stores[number % 2].record("default", "cloudcheck", "verification", "k")
                assert current is not None
                changed = current.replace(data=b"%d" % (int(current.data) + 1))
                if stores[number % 2].commit(transaction(records=[changed])) is None:
                    break

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(4)))
    stored = store.record("default", "cloudcheck", "verification", "k")
    assert stored == record("k", version=41, data=b"40")


def test_records_are_listed_in_order_of_creation(store: Store) -> None:
    kinds = ["verification", "capture", "verification", "association"]
    for number, kind in enumerate(kinds):
        store.commit(transaction(records=[record(f"k{9 - number}", kind=kind)]))
    store.commit(transaction(records=[record("s", provider="shuftipro")]))
    store.commit(transaction(records=[record("k9", version=1)]))

    def keys(records: list[Record]) -> list[str]:
        return [each.key for each in records]

    assert keys(store.records("default")) == ["k9", "k8", "k7", "k6", "s"]
    assert keys(store.records("default", "cloudcheck")) == ["k9", "k8", "k7", "k6"]
    assert keys(store.records("default", kind="verification", provider="cloudcheck")) == ["k9", "k7"]
    assert store.records("test-a") == []


def test_the_oldest_records_are_forgotten(store: Store) -> None:
    count = RECORDS + 2 * SLACK
    for number in range(count):
        store.commit(transaction(records=[record(f"k{number}", aliases=(f"a{number}", "all"))]))
    assert _key(store, "k0") is None
    assert _key(store, "a0") is None
    assert _key(store, f"a{count - 1}") == _key(store, "all") == f"k{count - 1}"
    records = store.records("default")
    assert RECORDS <= len(records) <= RECORDS + SLACK
    assert records[-1].key == f"k{count - 1}"
    assert store.commit(transaction(records=[record("k0", version=1)])) == "record"
    assert store.commit(transaction(records=[record("k0")])) is None


# -- totals


def test_totals_are_sums_over_all_accounts(
    store: Store, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mock_server.store.redis._PIECE", 2)
    for number, account in enumerate(("default", "acme", "a:b", "tāne", "*run")):
        timer = message(f"t-{number}", account, kind="timer")
        store.commit(
            transaction(account, counters=[("spent", 0.25)], messages=[message("d-1", account), timer])
        )
        store.commit(transaction(account, counters=[("spent", 1.5)], messages=[message("d-2", account)]))
    store.record_attempt("acme", "d-1", None, DELIVERED)
    store.record_attempt("a:b", "d-2", None, "failed")
    for each in (store, another()):
        totals = each.totals()
        assert totals.accounts == ["*run", "a:b", "acme", "default", "tāne"]
        assert totals.counters == {"spent": 8.75}
        assert totals.deliveries == {PENDING: 8, DELIVERED: 1, "failed": 1}


def test_totals_of_an_empty_store(store: Store) -> None:
    assert store.totals() == ([], {}, {})


# -- sequences, counters, counters
# --------------------------------------------------------------------------------
def test_a_sequence_moves_on_by_one(store: Store, another: Another) -> None:
    key, other = StepKey("flaky", "ref"), StepKey("flaky", "ref2")
    assert store.step("default", key) == 0
    assert store.commit(transaction(steps={key: 1})) == "step"
    assert store.commit(transaction(steps={key: 0})) is None
    assert store.commit(transaction(steps={key: 0})) == "step"
    assert another().commit(transaction(steps={key: 1})) is None
    assert (store.step("default", key), store.step("default", other), store.step("test-a", key)) == (2, 0, 0)
    store.commit(transaction(entry=entry("r-1", scenario="another", reference="ref")))
    assert store.step("default", key) == 2


def test_sequences_are_exact_under_threads(store: Store, another: Another) -> None:
    stores = [store, another()]
    key = StepKey("flaky", "ref")

    def answer(number: int) -> list[int]:
        seen: list[int] = []
        while len(seen) < 10:
            position = stores[number % 2].step("default", key)
            if stores[number % 2].commit(transaction(steps={key: position})) is None:
                seen.append(position)
        return seen

    with ThreadPoolExecutor(4) as threads:
        seen = [position for positions in threads.map(answer, range(4)) for position in positions]
    assert sorted(seen) == list(range(40))


def test_tallies_add_up(store: Store, another: Another) -> None:
    assert store.counter("default", "spent") == 0.0
    store.commit(transaction(counters=[("spent", 1.5), ("spent", 2.0), ("calls", 1)]))
    another().commit(transaction(counters=[("spent", -0.25)]))
    assert (
        store.counter("default", "spent"),
        store.counter("default", "calls"),
        store.counter("test-a", "spent"),
    ) == (3.25, 1.0, 0.0)
    assert store.counters("default") == {"spent": 3.25, "calls": 1.0}
    assert store.counters("test-a") == {}


def test_a_counter_vanishes_at_its_time(store: Store, another: Another, clock: ManualClock) -> None:
    assert [store.increment("default", "minute", NOW + 60) for _ in range(3)] == [1, 2, 3]
    assert another().increment("default", "minute", NOW + 999) == 4
    assert store.increment("default", "other", NOW + 60) == 1
    assert store.increment("test-a", "minute", NOW + 60) == 1
    clock.advance(59.9)
    assert store.increment("default", "minute", NOW + 120) == 5
    clock.advance(0.1)
    assert store.increment("default", "minute", NOW + 120) == 1


def test_counters_are_exact_under_threads(store: Store, another: Another) -> None:
    stores = [store, another()]
    with ThreadPoolExecutor(4) as threads:
        values = list(
            threads.map(lambda number: stores[number % 2].increment("default", "minute", NOW + 60), range(40))
        )
    assert sorted(values) == list(range(1, 41))


# -- all or nothing
# ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        ({"used_values": [claim("new"), claim("taken")]}, "claim"),
        ({"records": [record("new"), record("taken")]}, "record"),
        ({"records": [record("taken", version=1), record("none", version=1)]}, "record"),
        ({"steps": {StepKey("s", "r"): 3}}, "step"),
        (
            {"used_values": [claim("taken")], "records": [record("taken")], "steps": {StepKey("s", "r"): 3}},
            "claim",
        ),
        ({"records": [record("taken")], "steps": {StepKey("s", "r"): 3}}, "record"),
    ],
    ids=[
        "second claim",
        "second record",
        "update of none",
        "sequence",
        "claims are told first",
        "then records",
    ],
)
def test_a_commit_that_fails_writes_nothing(store: Store, failing: dict[str, Any], reason: str) -> None:
    store.commit(
        transaction(used_values=[claim("taken")], records=[record("taken")], steps={StepKey("s", "r"): 0})
    )
    all_of_it: dict[str, Any] = {
        "entry": entry("r-1", scenario="s"),
        "used_values": [claim("new")],
        "records": [record("new", aliases=("alias",))],
        "steps": {StepKey("s", "r"): 1},
        "messages": [message("d-1"), message("d-2", before_response=True)],
        "counters": [("spent", 1.0)],
    }
    assert store.commit(transaction(**{**all_of_it, **failing})) == reason
    assert store.find_used("default", "nonce", "new") is None
    assert store.record("default", "cloudcheck", "", "new") is None
    assert store.record("default", "cloudcheck", "", "alias") is None
    assert store.record("default", "cloudcheck", "", "taken") == record("taken", version=1)
    assert store.step("default", StepKey("s", "r")) == 1
    assert store.entries("default") == ([], 0)
    assert store.scenario_counts("default") == {}
    assert store.deliveries("default") == ([], 0)
    assert store.lease_due(NOW + 100, 10) == []
    assert store.counter("default", "spent") == 0.0
    assert store.commit(transaction(**all_of_it)) is None
    assert store.deliveries("default")[1] == 2


def test_a_commit_of_nothing_is_a_commit(store: Store) -> None:
    assert store.commit(transaction()) is None


# -- account state
# -----------------------------------------------------------------------------------------------
def test_an_accounts_state_is_shared_and_its_generation_rises(store: Store, another: Another) -> None:
    assert store.account("default") == AccountState()
    changed = store.update(
        "default",
        lambda state: state._replace(
            pinned="p",
            inline=(b"{}", b'{"\xc3\xbc":1}'),
            overrides=b'{"a":1}',
            clock=ClockState(NOW, 2.5),
            switched_off=("cloudcheck/s", "shuftipro/ū"),
        ),
    )
    assert changed.clock == ClockState(NOW, 2.5)
    assert changed[1:4] == ("p", (b"{}", b'{"\xc3\xbc":1}'), b'{"a":1}')
    assert changed.switched_off == ("cloudcheck/s", "shuftipro/ū")
    assert store.account("default") == another().account("default") == changed
    again = another().update("default", lambda state: state._replace(pinned=""))
    assert again.generation > changed.generation > 0
    assert store.account("default") == again
    assert store.account("test-a") == AccountState()


def test_a_generation_never_comes_back(store: Store) -> None:
    first = store.update("default", lambda state: state._replace(pinned="p"))
    store.reset("default")
    assert store.account("default") == AccountState()
    second = store.update("default", lambda state: state._replace(pinned="q"))
    store.reset_all()
    third = store.update("default", lambda state: state._replace(pinned="r"))
    assert 0 < first.generation < second.generation < third.generation


def test_updates_are_atomic(store: Store, another: Another) -> None:
    stores = [store, another()]

    def add(number: int) -> None:
        for _ in range(10):
            stores[number % 2].update(
                "default", lambda state: state._replace(pinned=str(int(state.pinned or "0") + 1))
            )

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(4)))
    assert store.account("default").pinned == "40"


def test_a_change_may_use_the_store(store: Store) -> None:
    store.commit(transaction(records=[record("k", status="seen")]))

    def change(state: AccountState) -> AccountState:
        stored = store.record("default", "cloudcheck", "", "k")
        return state._replace(pinned=stored.status if stored else "")

    assert store.update("default", change).pinned == "seen"


def test_a_change_that_fails_changes_nothing(store: Store) -> None:
    def change(state: AccountState) -> AccountState:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.update("default", change)
    assert store.account("default") == AccountState()
    assert store.update("default", lambda state: state._replace(pinned="p")).pinned == "p"


# -- the journal
# -------------------------------------------------------------------------------------------------
def test_an_entry_comes_back_as_it_was(store: Store, another: Another) -> None:
    full = entry(
        "r-1",
        reference="ref",
        scenario="s",
        source="a.yaml:3",
        error="104",
        outcome="verified",
        evidence={"canonical": "a\nb", "list": [1, 2.5, None, {"x": True}]},
        delay=1.5,
        fault="reset",
        step=2,
        at=NOW + 0.123456,
    )
    store.commit(transaction(entry=full))
    for seen in (store, another()):
        assert seen.entry("default", "r-1") == full
        assert seen.entries("default") == ([full], 1)
    assert store.entry("default", "r-2") is None
    assert store.entry("test-a", "r-1") is None


def test_the_journal_is_bounded_and_newest_first(store: Store, another: Another) -> None:
    count = JOURNAL + 2 * SLACK
    for number in range(count):
        store.commit(transaction(entry=entry(f"r-{number}", scenario="even" if number % 2 == 0 else "")))
    newest = [f"r-{number}" for number in range(count - 1, count - 1 - JOURNAL, -1)]
    for seen in (store, another()):
        entries, total = seen.entries("default", limit=1000)
        assert [each.id for each in entries] == newest
        assert total == JOURNAL
    assert store.entry("default", "r-0") is None
    assert store.scenario_counts("default") == {"even": count // 2}


def test_pages_of_the_journal(store: Store) -> None:
    for number in range(10):
        store.commit(transaction(entry=entry(f"r-{number}", operation="verify" if number % 2 else "report")))

    def page(**arguments: object) -> tuple[list[str], int]:
        entries, total = store.entries("default", **arguments)  # type: ignore[arg-type]
        return [each.id for each in entries], total

    assert page(limit=3) == (["r-9", "r-8", "r-7"], 10)
    assert page(limit=3, before="r-7") == (["r-6", "r-5", "r-4"], 10)
    assert page(limit=3, before="r-1") == (["r-0"], 10)
    assert page(limit=3, before="r-0") == ([], 10)
    assert page(limit=3, before="unknown") == ([], 10)
    assert page(where=EntryFilter(operation="report"), limit=2) == (["r-8", "r-6"], 5)
    assert page(where=EntryFilter(operation="report"), limit=2, before="r-6") == (["r-4", "r-2"], 5)
    assert page(where=EntryFilter(operation="report"), limit=2, before="r-5") == (["r-4", "r-2"], 5)
    assert page(where=EntryFilter(operation="report", q="verify"), limit=2, before="r-5") == (
        ["r-4", "r-2"],
        5,
    )
    assert page(limit=0) == ([], 10)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (EntryFilter(), "123"),
        (EntryFilter(provider="shuftipro"), "2"),
        (EntryFilter(operation="status"), "2"),
        (EntryFilter(status=400), "3"),
        (EntryFilter(scenario="s"), "3"),
        (EntryFilter(reference="ref-2"), "2"),
        (EntryFilter(since=NOW + 2), "23"),
        (EntryFilter(since=NOW + 2.1), "3"),
        (EntryFilter(provider="cloudcheck", status=400), "3"),
        (EntryFilter(provider="shuftipro", status=400), ""),
        (EntryFilter(q="CAPTURES"), "3"),
        (EntryFilter(q="page=7"), "2"),
        (EntryFilter(q="marlowe"), "1"),
        (EntryFilter(q="TOO OLD"), "3"),
        (EntryFilter(q="größe"), "2"),
        (EntryFilter(q="100%"), ""),
        (EntryFilter(q="marlowe", provider="shuftipro"), ""),
        (EntryFilter(q="marlowe", provider="cloudcheck"), "1"),
    ],
)  # fmt: skip
def test_filters_of_the_journal(store: Store, where: EntryFilter, expected: str) -> None:
    store.commit(transaction(entry=entry("1", at=NOW + 1, request=REQUEST.replace(body=b"\xffname=Marlowe"))))
    second = entry(
        "2",
        at=NOW + 2,
        provider="shuftipro",
        operation="status",
        reference="ref-2",
        request=REQUEST.replace(query="Page=7"),
    )
    store.commit(transaction(entry=second.replace(body="GRÖSSE größe".encode())))
    third = entry(
        "3",
        at=NOW + 3,
        status=400,
        scenario="s",
        body=b"Timestamp too old",
        request=REQUEST.replace(path="/captures/1"),
    )
    store.commit(transaction(entry=third))
    entries, total = store.entries("default", where)
    assert sorted(each.id for each in entries) == list(expected)
    assert total == len(expected)


def test_refusals_are_found_and_errors_that_were_asked_for_are_not(store: Store) -> None:
    store.commit(transaction(entry=entry("accepted")))
    store.commit(transaction(entry=entry("refused", error="106", evidence={"check": "signature"})))
    store.commit(transaction(entry=entry("nobody's", provider="", operation="", error="404", status=404)))
    store.commit(transaction(entry=entry("scripted", error="111", scenario="s")))
    store.commit(transaction(entry=entry("magic", error="111", evidence={"check": "magic value"})))
    entries, total = store.entries("default", EntryFilter(answers="refusal"))
    assert ([each.id for each in entries], total) == (["nobody's", "refused"], 2)


def test_entries_are_found_by_who_answered(store: Store) -> None:
    store.commit(transaction(entry=entry("scripted", scenario="s", error="111", outcome="")))
    store.commit(transaction(entry=entry("built-in", outcome="verified", took=0.25)))
    store.commit(transaction(entry=entry("magic", error="111", evidence={"check": "magic value"})))

    def ids_of(**where: Any) -> list[str]:
        return [each.id for each in store.entries("default", EntryFilter(**where))[0]]

    assert ids_of(answers="scenario") == ["scripted"]
    assert ids_of(answers="built-in") == ["magic", "built-in"]
    assert ids_of(outcome="verified", error="") == ["built-in"]
    assert ids_of(error="111") == ["magic", "scripted"]
    assert [each.took for each in store.entries("default", EntryFilter(outcome="verified"))[0]] == [0.25]


def test_records_are_listed_newest_first_and_by_page(store: Store) -> None:
    for number in range(5):
        status = "declined" if number == 3 else "verified"
        store.commit(transaction(records=[record(f"k/{number}", status=status, aliases=(f"ref-{number}",))]))
    store.commit(transaction(records=[record("k/0", provider="other", data='{"name":"Ngāio"}'.encode())]))
    store.commit(transaction(records=[record("k/1", 1, status="review")]))

    def page(**arguments: Any) -> tuple[list[str], int]:
        records, total = store.newest_records("default", **arguments)
        return [each.id for each in records], total

    mine = [f"cloudcheck/verification/k/{number}" for number in range(5)]
    assert page() == (["other/verification/k/0", *mine[::-1]], 6)
    assert page(limit=2) == (["other/verification/k/0", mine[4]], 6)
    assert page(limit=0) == ([], 6)
    assert page(limit=2, before=mine[3]) == ([mine[2], mine[1]], 6)
    assert page(before=mine[0]) == page(before="cloudcheck/verification/gone") == ([], 6)
    assert page(where=RecordFilter(("cloudcheck",), status="verified"), limit=1) == ([mine[4]], 3)
    assert page(where=RecordFilter(q="NGĀIO")) == (["other/verification/k/0"], 1)
    assert page(where=RecordFilter(q="ref-3")) == page(where=RecordFilter(q="Decl")) == ([mine[3]], 1)
    assert page(where=RecordFilter(kind="capture")) == ([], 0)
    (changed,) = store.newest_records("default", RecordFilter(status="review"))[0]
    assert store.record("default", "cloudcheck", "", "k/1") == changed


def test_clearing_the_journal_leaves_the_rest(store: Store) -> None:
    store.commit(
        transaction(entry=entry("r-1", scenario="s"), used_values=[claim("n1")], records=[record("k")])
    )
    store.commit(transaction("test-a", entry=entry("r-2", "test-a")))
    store.clear_entries("default")
    assert store.entries("default") == ([], 0)
    assert store.entry("default", "r-1") is None
    assert store.scenario_counts("default") == {"s": 1}
    assert store.find_used("default", "nonce", "n1") is not None
    assert store.record("default", "cloudcheck", "", "k") is not None
    assert store.entries("test-a")[1] == 1


# -- accounts and reset
# ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "touch",
    [
        lambda store: store.commit(transaction("test-a", entry=entry("r-1", "test-a"))),
        lambda store: store.commit(transaction("test-a", used_values=[claim("n")])),
        lambda store: store.commit(transaction("test-a", records=[record("k", aliases=("x",))])),
        lambda store: store.commit(transaction("test-a", steps={StepKey("s", "r"): 0})),
        lambda store: store.commit(transaction("test-a", counters=[("spent", 1.0)])),
        lambda store: store.commit(transaction("test-a", messages=[message("d-1", "test-a", lane="l")])),
        lambda store: store.schedule([message("d-1", "test-a")]),
        lambda store: store.increment("test-a", "minute", NOW + 60),
        lambda store: store.update("test-a", lambda state: state._replace(pinned="p")),
    ],
    ids=["entry", "claim", "record", "step", "counter", "commit", "schedule", "increment", "update"],
)
def test_accounts_are_those_with_something_stored_until_their_reset(
    store: Store, another: Another, touch: Callable[[Store], object]
) -> None:
    assert store.accounts() == []
    touch(store)
    store.update("default", lambda state: state._replace(pinned="p"))
    assert store.accounts() == another().accounts() == ["default", "test-a"]
    store.reset("test-a")
    assert store.accounts() == another().accounts() == ["default"]


def _fill(store: Store, account: str) -> None:
    store.update(account, lambda state: state._replace(pinned="p", clock=ClockState(offset=5.0)))
    store.commit(
        transaction(
            account,
            entry=entry(f"r-{account}", account, scenario="s"),
            used_values=[claim("n1")],
            records=[record("k", aliases=("a",))],
            steps={StepKey("s", "r"): 0},
            messages=[
                message(f"d1-{account}", account, lane="l"),
                message(f"d2-{account}", account, before_response=True, lane="l"),
            ],
            counters=[("spent", 2.0)],
        )
    )
    store.increment(account, "minute", NOW + 60)


def _seen(store: Store, account: str) -> tuple[object, ...]:
    return (
        store.account(account),
        store.entries(account),
        store.entry(account, f"r-{account}"),
        store.scenario_counts(account),
        store.find_used(account, "nonce", "n1"),
        store.record(account, "cloudcheck", "", "k"),
        store.record(account, "cloudcheck", "", "a"),
        store.records(account),
        store.step(account, StepKey("s", "r")),
        store.counter(account, "spent"),
        store.counters(account),
        store.deliveries(account),
        store.delivery(account, f"d1-{account}"),
    )


def test_a_reset_forgets_one_account(store: Store) -> None:
    nothing = _seen(store, "test-a")
    _fill(store, "default")
    _fill(store, "test-a")
    before = _seen(store, "default")
    store.reset("test-a")
    assert _seen(store, "test-a") == nothing
    assert _seen(store, "default") == before
    assert [each.message.account for each in store.lease_due(NOW + 1000, 10)] == ["default"]
    assert store.increment("test-a", "minute", NOW + 60) == 1
    assert (
        store.commit(
            transaction(
                "test-a", used_values=[claim("n1")], records=[record("k")], steps={StepKey("s", "r"): 0}
            )
        )
        is None
    )
    store.schedule([message("d1-test-a", "test-a", lane="l")])
    assert [each.message.id for each in store.lease_due(NOW, 10)] == ["d1-test-a"]


def test_a_reset_of_all_forgets_all(store: Store) -> None:
    nothing = [_seen(store, account) for account in ("default", "test-a")]
    _fill(store, "default")
    _fill(store, "test-a")
    store.reset_all()
    assert [_seen(store, account) for account in ("default", "test-a")] == nothing
    assert store.accounts() == []
    assert store.lease_due(NOW + 1000, 10) == []
    assert store.wake_at(NOW) is None


@pytest.mark.parametrize("account", ["a:b", "100%", "ü", "nul\x00", "a b", "{x}"])
def test_accounts_are_any_text(store: Store, account: str) -> None:
    _fill(store, account)
    assert store.accounts() == [account]
    assert [each.message.account for each in store.lease_due(NOW + 1000, 10)] == [account]
    assert store.account(account).pinned == "p"
    store.reset(account)
    assert store.accounts() == []


# -- noticing
# ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.commit(transaction(entry=entry("r-1"))),
        lambda store: store.update("default", lambda state: state),
        lambda store: store.schedule([message("d-1")]),
        lambda store: store.release([("default", "d-0")]),
        lambda store: store.record_attempt("default", "d-0", None, "delivered"),
        lambda store: store.reschedule("default", ["d-0"], NOW),
        lambda store: store.clear_entries("default"),
        lambda store: store.reset("default"),
        lambda store: store.reset_all(),
    ],
    ids=[
        "commit",
        "update",
        "schedule",
        "release",
        "record_attempt",
        "reschedule",
        "clear",
        "reset",
        "reset_all",
    ],
)
def test_every_change_raises_the_version_and_ends_waits(
    store: Store, another: Another, change: Callable[[Store], object]
) -> None:
    store.commit(transaction(entry=entry("r-0"), messages=[message("d-0")]))
    other = another()
    before, before_other = store.version(), other.version()
    waiting = Thread(target=lambda: versions.append(other.wait(before_other, 10)))
    versions: list[int] = []
    waiting.start()
    change(store)
    assert store.version() > before
    waiting.join(10)
    assert versions
    assert versions[0] > before_other
    assert store.wait(before, 10) > before


def test_a_wait_ends_when_its_time_is_up(store: Store) -> None:
    version = store.version()
    assert store.wait(version, 0.01) == version
    assert store.wait(version, 0.0) == version


def test_a_failed_commit_is_no_change(store: Store) -> None:
    store.commit(transaction(used_values=[claim("n")]))
    version = store.version()
    store.commit(transaction(used_values=[claim("n")]))
    assert store.version() == version


def test_many_may_wait(store: Store) -> None:
    version = store.version()
    with ThreadPoolExecutor(20) as threads:
        waits = [threads.submit(store.wait, version, 10) for _ in range(20)]
        store.commit(transaction(entry=entry("r-1")))
        assert all(wait.result(timeout=10) > version for wait in waits)


def test_closing_ends_waits(store: Store) -> None:
    version = store.version()
    with ThreadPoolExecutor(2) as threads:
        waits = [threads.submit(store.wait, version, 30) for _ in range(2)]
        store.close()
        assert [wait.result(timeout=10) for wait in waits] == [version] * 2
