"""Claims in few bytes: what went in comes out, and what has run out goes."""

from __future__ import annotations

import tracemalloc
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.ids import ProcessIds
from mock_server.core.records import Claim
from mock_server.store.claims import ClaimLog


class WithHash(str):
    """A text whose hash is the number that it spells."""

    def __hash__(self) -> int:
        return int(self)


VALUES = st.one_of(st.text(max_size=5), st.sampled_from(["", "\0", "a"]))


@given(st.lists(st.tuples(VALUES, st.floats(0, 2e9), st.floats(0, 1000), st.text(max_size=12))))
def test_the_last_claim_on_a_value_is_found(made: list[tuple[str, float, float, str]]) -> None:
    log, known = ClaimLog("nonce"), dict[str, Claim]()
    now = 0.0
    for value, at, lasts, by in made:
        now = max(now, at)
        claim = Claim("nonce", value, now, now + lasts, by)
        log.add(claim)
        known[value] = claim
    for value, claim in known.items():
        assert log.find(value, now) == (claim if claim.expires >= now else None)


@pytest.mark.parametrize("by", ["r-7f3a9c-1", "r-a-0", "r-a-007", "r-a-", "-5", "", "7", "r-a-4294967295", "r-a-999999999", "r-a-²", "ü-1"])
def test_any_entry_id_comes_back(by: str) -> None:
    log = ClaimLog("nonce")
    log.add(Claim("nonce", "value", 1.25, 2.5, by))
    assert log.find("value", 2.0) == Claim("nonce", "value", 1.25, 2.5, by)


def test_a_claim_takes_some_fifty_bytes() -> None:
    ids = ProcessIds("7f3a9c2b")
    log = ClaimLog("nonce")
    tracemalloc.start()
    try:
        for number in range(50_000):
            value = f"nonce-{number}"
            log.add(Claim("nonce", value, number * 0.001, number * 0.001 + 900, ids.next("r")))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size < 50_000 * 60


@pytest.mark.parametrize("lasts", [0.0, 1000.0, inf], ids=["to this moment", "for a while", "for good"])
def test_sweeping_keeps_what_is_in_force(lasts: float) -> None:
    log = ClaimLog("nonce")
    digests = [1 + number * 2**20 for number in range(40)]  # all in one array
    for digest in digests:
        log.add(Claim("nonce", WithHash(digest), 1.0, 1.0 + lasts, "r-a-1"))
    assert [digest for digest in digests if log.find(WithHash(digest), 1.0) is None] == []


def test_sweeping_passes_over_what_is_for_good() -> None:
    log = ClaimLog("nonce")
    digests = [1 + number * 2**20 for number in range(40)]
    for number, digest in enumerate(digests):
        log.add(Claim("nonce", WithHash(digest), 1.0 * number, inf if number % 2 else 1.0 * number, "r-a-1"))
    assert [digest for digest in digests[1::2] if log.find(WithHash(digest), 1e10) is None] == []


def test_what_has_run_out_makes_room() -> None:
    log = ClaimLog("nonce")
    tracemalloc.start()
    try:
        sizes = []
        for window in range(4):
            for number in range(20_000):
                at = window * 1000.0 + number * 0.01
                value = f"nonce-{window}-{number}"
                log.add(Claim("nonce", value, at, at + 500, "r-a-1"))
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert sizes[3] < sizes[0] * 1.5
