"""PHP's JSON, byte for byte against a real ``php``."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.providers.shuftipro import phpjson

PROGRAM = 'while (($line = fgets(STDIN)) !== false) { echo json_encode(json_decode($line, true)), "\\n"; }'
Php = Callable[[Any], bytes]


@pytest.fixture(scope="module", name="php")
def running_php() -> Iterator[Php]:
    """Encodes values with PHP, as a Laravel application would that has read them from a request."""
    process = subprocess.Popen(
        ["php", "-d", "serialize_precision=-1", "-r", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def encode(value: Any) -> bytes:
        stdin.write(json.dumps(value).encode() + b"\n")
        stdin.flush()
        return stdout.readline().rstrip(b"\n")

    yield encode
    stdin.close()
    stdout.close()
    process.wait()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ODD = (
    "/",
    "\x7f",
    "\\u007f",
    "\\\x7f/",
    "a{}b",
    "1,2.5",
    '":1.5',
    "Zoë",
    "\U0001f600",
    "\u2028",
    "\x00\x1f\b\f\n\r\t",
    "<>&'\"",
    "0",
    "",
)
LONG = tuple("x" * length for length in (0x80, 0xCB, 0xCF))
"""Whose length looks like one of the marks that MessagePack has for what PHP writes otherwise."""
ODD_TEXTS = st.sampled_from(ODD + LONG)
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.sampled_from((0, 1, 0x80, 0xA1, 0xCB, 0xCF, 2**32, 2**63 - 1, 2**63, 2**64, -(2**63), -(2**63) - 1)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-1000, 1000, places=2).map(float),
    st.integers(-30, 30).map(lambda exponent: 10.0**exponent),
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, ODD_TEXTS)
KEYS = st.one_of(TEXTS, ODD_TEXTS, st.integers(-1, 3).map(str))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
NUMBERED = st.lists(LEAVES, max_size=4).map(
    lambda items: {str(index): item for index, item in enumerate(items)}
)


@settings(max_examples=3000)
@given(value=st.one_of(VALUES, NUMBERED))
def test_every_value_is_written_as_php_does(php: Php, value: Any) -> None:
    assert php(value) == phpjson.encode(value)


@settings(max_examples=2000)
@given(value=NUMBERS)
def test_every_number_is_written_as_php_does(php: Php, value: float) -> None:
    assert php(value) == phpjson.encode(value)
    assert php({"score": value}) == phpjson.encode({"score": value})
    assert php(["score", value]) == phpjson.encode(["score", value])


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("https://a/b", rb'"https:\/\/a\/b"'),
        ("Zoë Côté ΚΝ", rb'"Zo\u00eb C\u00f4t\u00e9 \u039a\u039d"'),
        ("\U0001f600", rb'"\ud83d\ude00"'),
        ("\x7f", b'"\x7f"'),
        ({}, b"[]"),
        ({"a": {}}, b'{"a":[]}'),
        ({"0": "a", "1": "b"}, b'["a","b"]'),
        ({0: "a", 1: "b"}, b'["a","b"]'),
        ({"1": "a"}, b'{"1":"a"}'),
        (10.0, b"10"),
        ({"score": 48.25}, b'{"score":48.25}'),
        (1e25, b"1.0e+25"),
        (2**63, b"9.223372036854776e+18"),
        ("a\ud800b", rb'"a\ufffdb"'),
        ("\ud83d\ude00", rb'"\ud83d\ude00"'),
        ({"\udfff": 1}, rb'{"\ufffd":1}'),
        (float("nan"), b"null"),
        (float("inf"), b"null"),
        (10**400, b"null"),
        ({"proofs": phpjson.EMPTY_OBJECT}, b'{"proofs":{}}'),
        (date(2026, 1, 2), b'"2026-01-02"'),
        (PurePosixPath("/a/é"), rb'"\/a\/\u00e9"'),
        ({"1.0": PurePosixPath("é"), "b": 1.0}, rb'{"1.0":"\u00e9","b":1}'),
        ({"é": [None, True, False]}, rb'{"\u00e9":[null,true,false]}'),
        ("é\x7f\x7f/", b'"\\u00e9\x7f\x7f\\/"'),
        (10**308, b"1.0e+308"),
        (-(10**309), b"null"),
        (0.0, b"0"),
        (0.10203, b"0.10203"),
        (-0.0, b"-0"),
        (1.0, b"1"),
        (5.0, b"5"),
        (-48.25, b"-48.25"),
        (0.5, b"0.5"),
        (-0.05, b"-0.05"),
        (5.5, b"5.5"),
        (0.0001, b"0.0001"),
        (0.00012, b"0.00012"),
        (0.00001, b"1.0e-5"),
        (0.000012, b"1.2e-5"),
        (1e16, b"10000000000000000"),
        (1e17, b"1.0e+17"),
        (-1.5e300, b"-1.5e+300"),
        (2**63 - 1, b"9223372036854775807"),
        (-(2**63), b"-9223372036854775808"),
        (-(2**63) - 1, b"-9.223372036854776e+18"),
    ],
    ids=repr,
)
def test_value(value: Any, written: bytes) -> None:
    assert phpjson.encode(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a": "x/y", "b": {}, "c": 1.0, "d": "é"}, '{"a":"x/y","b":{},"c":1.0,"d":"é"}'),
        ({"proofs": phpjson.EMPTY_OBJECT}, '{"proofs":{}}'),
        ("\ud800/", '"�/"'),
    ],
    ids=repr,
)
def test_plain_style(value: Any, written: str) -> None:
    assert written.encode() == phpjson.plain(value)


@pytest.mark.parametrize(("style", "written"), [("php", b"[]"), ("plain", b"{}")])
def test_the_writer_of_a_body_style(style: str, written: bytes) -> None:
    assert phpjson.writer(style)({}) == written


def test_the_empty_object_says_its_name() -> None:
    assert repr(phpjson.EMPTY_OBJECT) == "EMPTY_OBJECT"
