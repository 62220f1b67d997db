from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.providers.cloudcheck.formats import parse_long

LONGS = [
    pytest.param("0", 0, id="zero"),
    pytest.param("-0", 0, id="minus zero"),
    pytest.param("1700000000000", 1_700_000_000_000, id="plain"),
    pytest.param("+1700000000000", 1_700_000_000_000, id="plus"),
    pytest.param("-1700000000000", -1_700_000_000_000, id="minus"),
    pytest.param("0000001700000000000", 1_700_000_000_000, id="six leading zeros"),
    pytest.param("00000001700000000000", 1_700_000_000_000, id="seven leading zeros"),
    pytest.param("+" + "0" * 100_000 + "7", 7, id="a hundred thousand leading zeros"),
    pytest.param("9223372036854775807", 2**63 - 1, id="largest"),
    pytest.param("-9223372036854775808", -(2**63), id="smallest"),
    pytest.param("9223372036854775808", None, id="above the largest"),
    pytest.param("-9223372036854775809", None, id="below the smallest"),
    pytest.param("10000000000000000000", None, id="twenty digits"),
    pytest.param("9" * 100_000, None, id="a hundred thousand digits"),
    pytest.param("", None, id="empty"),
    pytest.param("+", None, id="sign alone"),
    pytest.param("+-1", None, id="two signs"),
    pytest.param("1_000", None, id="underscore"),
    pytest.param(" 1", None, id="space before"),
    pytest.param("1\n", None, id="line feed after"),
    pytest.param("1.0", None, id="fraction"),
    pytest.param("1e3", None, id="exponent"),
    pytest.param("0x1", None, id="hexadecimal"),
    pytest.param("١", None, id="Arabic digit"),
    pytest.param("²", None, id="superscript digit"),
]


@pytest.mark.parametrize(("text", "expected"), LONGS)
def test_whole_numbers_of_64_bits(text: str, expected: int | None) -> None:
    assert parse_long(text) == expected


@given(st.integers(-(2**64), 2**64), st.integers(0, 30))
def test_leading_zeros_change_nothing(number: int, zeros: int) -> None:
    text = f"{'-' if number < 0 else ''}{'0' * zeros}{abs(number)}"
    assert parse_long(text) == (number if -(2**63) <= number < 2**63 else None)
