"""Claims in few bytes: what went in comes out, and what has run out goes."""

from __future__ import annotations

import tracemalloc
from math import inf
from struct import Struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.ids import ProcessIds
from mock_server.core.records import UsedValue
from mock_server.store.nonce_store import NonceStore, _Ids


class WithHash(str):
    """A text whose hash is the number that it spells."""

    def __hash__(self) -> int:
        return int(self)


VALUES = st.one_of(st.text(max_size=5), st.sampled_from(["", "\0", "a"]))


@given(st.lists(st.tuples(VALUES, st.floats(0, 2e9), st.floats(0, 1000), st.text(max_size=12))))
def test_the_last_claim_on_a_value_is_found(claims: list[tuple[str, float, float, str]]) -> None:
    log, known = NonceStore("nonce"), dict[str, UsedValue]()
    now = 0.0
    for value, at, lasts, by in claims:
        now = max(now, at)
        claim = UsedValue("nonce", value, now, now + lasts, by)
        log.add(claim)
        known[value] = claim
    for value, claim in known.items():
        assert log.find(value, now) == (claim if claim.expires >= now else None)


@pytest.mark.parametrize(
    "by",
    [
        "r-7f3a9c-1",
        "r-a-0",
        "r-a-007",
        "r-a-",
        "-5",
        "",
        "7",
        "r-a-4294967295",
        "r-a-999999999",
        "r-a-²",
        "ü-1",
    ],
)
def test_any_entry_id_comes_back(by: str) -> None:
    log = NonceStore("nonce")
    log.add(UsedValue("nonce", "value", 1.25, 2.5, by))
    assert log.find("value", 2.0) == UsedValue("nonce", "value", 1.25, 2.5, by)


def test_a_claim_takes_some_fifty_bytes() -> None:
    ids = ProcessIds("7f3a9c2b")
    log = NonceStore("nonce")
    tracemalloc.start()
    try:
        for number in range(50_000):
            value = f"nonce-{number}"
            log.add(UsedValue("nonce", value, number * 0.001, number * 0.001 + 900, ids.next("r")))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size < 50_000 * 60


@pytest.mark.parametrize("lasts", [0.0, 1000.0, inf], ids=["to this moment", "for a while", "for good"])
def test_sweeping_keeps_what_is_in_force(lasts: float) -> None:
    log = NonceStore("nonce")
    digests = [1 + number * 2**20 for number in range(40)]  # all in one array
    for digest in digests:
        log.add(UsedValue("nonce", WithHash(digest), 1.0, 1.0 + lasts, "r-a-1"))
    assert [digest for digest in digests if log.find(WithHash(digest), 1.0) is None] == []


def test_sweeping_passes_over_what_is_for_good() -> None:
    log = NonceStore("nonce")
    digests = [1 + number * 2**20 for number in range(40)]
    for number, digest in enumerate(digests):
        log.add(
            UsedValue("nonce", WithHash(digest), 1.0 * number, inf if number % 2 else 1.0 * number, "r-a-1")
        )
    assert [digest for digest in digests[1::2] if log.find(WithHash(digest), 1e10) is None] == []


def test_what_has_run_out_makes_room() -> None:
    log = NonceStore("nonce")
    tracemalloc.start()
    try:
        sizes = []
        for window in range(4):
            for number in range(20_000):
                at = window * 1000.0 + number * 0.01
                value = f"nonce-{window}-{number}"
                log.add(UsedValue("nonce", value, at, at + 500, "r-a-1"))
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert sizes[3] < sizes[0] * 1.5


# -- rows within one array of bytes
# ------------------------------------------------------------------------------
IDS: dict[str, tuple[list[str], list[tuple[int, int]], list[str]]] = {
    "of one process": (["r-a-1", "r-a-2"], [(0, 1), (0, 2)], ["r-a-"]),
    "of two processes": (["r-a-1", "r-b-1", "r-a-2"], [(0, 1), (1, 1), (0, 2)], ["r-a-", "r-b-"]),
    "zero": (["r-a-0"], [(0, 0)], ["r-a-"]),
    "leading zeros": (["r-a-007"], [(0, 0xFFFFFFFF)], ["r-a-007"]),
    "nine digits": (["r-a-999999999"], [(0, 999_999_999)], ["r-a-"]),
    "ten digits": (["r-a-1000000000"], [(0, 0xFFFFFFFF)], ["r-a-1000000000"]),
    "no number": (["r-a-b", "r-a-b"], [(0, 0xFFFFFFFF), (0, 0xFFFFFFFF)], ["r-a-b"]),
}


@pytest.mark.parametrize(("entry_ids", "packed", "beginnings"), IDS.values(), ids=IDS)
def test_entry_ids_share_their_beginning(
    entry_ids: list[str], packed: list[tuple[int, int]], beginnings: list[str]
) -> None:
    ids = _Ids()
    assert [ids.pack(entry_id) for entry_id in entry_ids] == packed
    assert ids.beginnings == beginnings


SAME = int.from_bytes(b"\1" * 8, "little")
SHIFTED = int.from_bytes(b"\1" * 7 + b"\2", "little")
"""Has the bytes of `SAME` from its second byte on, where a 2 follows them."""


def seconds(raw: bytes) -> float:
    """The time whose bytes in a row begin with these."""
    return float(Struct("<d").unpack(raw + bytes([0] * 6 + [0xF0, 0x3F])[len(raw) :])[0])


def as_time(digest: int) -> float:
    """The time that is written with the bytes of the hash."""
    return float(Struct("<d").unpack(digest.to_bytes(8, "little"))[0])


ROWS: dict[str, tuple[list[tuple[int, float]], int, int | None]] = {
    "one claim": ([(SAME, 1.0)], SAME, 0),
    "the last of several": ([(SAME, 1.0), (SHIFTED, 1.0), (SAME, 1.0), (SHIFTED, 1.0)], SAME, 2),
    "another value's time looks like the hash": (
        [(SAME, 1.0), (SAME, 1.0), (SHIFTED, as_time(SAME))],
        SAME,
        1,
    ),
    "only another value's time looks like the hash": ([(SHIFTED, as_time(SAME))], SAME, None),
    "its own time looks like the hash": ([(SAME, as_time(SAME))], SAME, 0),
    "the hash stands one byte further on as well": ([(SAME, seconds(b"\1"))], SAME, 0),
    "the hash stands one byte further on only": ([(SAME, seconds(b"\2"))], SHIFTED, None),
}


@pytest.mark.parametrize(("rows", "sought", "position"), ROWS.values(), ids=ROWS)
def test_a_row_is_told_from_bytes_that_look_like_it(
    rows: list[tuple[int, float]], sought: int, position: int | None
) -> None:
    log = NonceStore("nonce")
    for number, (digest, at) in enumerate(rows):
        log.add(UsedValue("nonce", WithHash(digest), at, inf, f"r-a-{number}"))
    assert log.find(WithHash(sought), 0.0) == (
        None
        if position is None
        else UsedValue("nonce", WithHash(sought), rows[position][1], inf, f"r-a-{position}")
    )


@pytest.mark.parametrize("digest", [-(2**61) + 2, -5, -2, 0, 5, 2**61 - 2])
def test_a_hash_of_either_sign(digest: int) -> None:
    log = NonceStore("nonce")
    value = WithHash(digest)
    assert log.find(value, 1.0) is None
    log.add(UsedValue("nonce", value, 1.0, inf, "r-a-1"))
    assert log.find(value, 1.0) == UsedValue("nonce", value, 1.0, inf, "r-a-1")


@pytest.mark.parametrize(("now", "valid"), [(1.0, True), (2.5, True), (2.6, False)])
def test_a_claim_runs_out(now: float, valid: bool) -> None:
    log = NonceStore("nonce")
    log.add(UsedValue("nonce", "ñ", 1.0, 2.5, "r-a-1"))
    assert (log.find("ñ", now) is not None) is valid


def test_every_eighth_row_of_an_array_sweeps_it() -> None:
    log = NonceStore("nonce")
    sizes = []
    for number in range(16):
        log.add(UsedValue("nonce", WithHash(1 + number * 2**20), float(number), float(number), "r-a-1"))
        sizes.append(sum(map(len, log._buckets.values())) // 32)
    assert sizes == [1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 7, 1, 2]


def test_claims_that_have_run_out_when_they_come() -> None:
    log = NonceStore("nonce")
    for number in range(9):
        log.add(UsedValue("nonce", WithHash(1 + number * 2**20), 5.0, 1.0, "r-a-1"))
    assert sum(map(len, log._buckets.values())) // 32 == 1
