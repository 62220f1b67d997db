"""A regular expression that would never end does not match, and says so."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.scenario.bounded_regex import TOO_LONG, BoundedRegex
from mock_server.scenario.matchers import compile_matcher

ENDLESS = r"(a|a)*$"
TEXT = "a" * 60 + "!"


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"^(\w+\s?)*$", r"(x+x+)+y", r"(?:a?){40}a{40}$"])
@pytest.mark.parametrize("length", [29, 40])
def test_nested_repetition_is_answered(pattern: str, length: int) -> None:
    assert BoundedRegex(pattern).is_in("a" * length + "!") is False


@pytest.mark.parametrize("pattern", [ENDLESS, r"(a|aa)+$", r"(.*a){20}$"])
def test_what_takes_too_long_cannot_be_told(pattern: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert BoundedRegex(pattern).is_in(TEXT) is None
    (message,) = caplog.messages
    assert message == (
        f"the regular expression {pattern} takes more than 20 ms on a text of 61 characters, so it does not match; "
        "write it so that no repetition is repeated"
    )


@pytest.mark.parametrize("pattern", [ENDLESS, "(a+)+$", "(b|bb)+$", r"^(\d|\d\d)+$"])
def test_a_slow_pattern_is_known_beforehand(pattern: str) -> None:
    assert BoundedRegex(pattern).is_slow() is True


@pytest.mark.parametrize("pattern", [r"^case-\d{4}$", "(ab)+", r"^[A-Z]{2}\d+$", r"^(?!test-)\w+@\w+\.nz$"])
def test_a_pattern_that_is_not_slow_is_not_called_slow(pattern: str) -> None:
    assert BoundedRegex(pattern).is_slow() is False


ENDLESS_IN: dict[str, tuple[Any, bool | None]] = {
    "alone": ({"regex": ENDLESS}, None),
    "not": ({"not": {"regex": ENDLESS}}, None),
    "any": ({"any": ["b", {"regex": ENDLESS}]}, None),
    "any, another holds": ({"any": [{"regex": ENDLESS}, {"prefix": "a"}]}, True),
    "all": ({"all": [{"regex": ENDLESS}, {"prefix": "a"}]}, None),
    "all, another does not hold": ({"all": [{"regex": ENDLESS}, {"prefix": "b"}]}, False),
}


@pytest.mark.parametrize(("written", "expected"), ENDLESS_IN.values(), ids=ENDLESS_IN)
def test_what_cannot_be_told_does_not_match(written: Any, expected: bool | None) -> None:
    assert compile_matcher(written, False).holds(TEXT) is expected


def test_a_difference_says_that_it_cannot_be_told() -> None:
    difference = compile_matcher({"not": {"regex": ENDLESS}}, False).difference("body.x", TEXT)
    assert difference is not None
    assert difference.reason == TOO_LONG


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a{1000}){1000}",
        r"((\d{100}){100}){100}",
        r"a{100000}",
        r"(?:[(ab]{200}){200}",
        "(?:" * 60 + "a" + ")" * 60,
        r"a{999999999999999999999999}",
    ],
)
def test_a_pattern_that_is_very_large_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="the regular expression is too large"):
        BoundedRegex(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"^\d{100}-\d{100}$", r"(a{50}){50}", r"[{(]{9}\)", r"a{2,}b{,3}", r"(?x) a {3} # (((", r"a)?"],
)
def test_a_pattern_of_usual_size_is_accepted_where_python_accepts_it(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error:
        with pytest.raises(ValueError, match=r"is not valid: the bracket . at character 2 is not opened"):
            BoundedRegex(pattern)
    else:
        assert BoundedRegex(pattern).pattern == pattern


@pytest.mark.parametrize("name", ["Ngāti Whātua", "Ōtāhuhu", "Łukasz", "陳大文", "Αλέξης"])
def test_letters_of_every_script_are_word_characters(name: str) -> None:
    assert BoundedRegex(r"^[\w ]+$").is_in(name) is True


@given(
    st.sampled_from([r"^a", r"b$", r"\d+", r"[a-c]{2}", r"(?i)Ā", r"^\w*$", r"(?=a)a.", r"(.)\1", r"\bx"]),
    st.text(alphabet="abcxyz 019ĀāŌ-\n", max_size=12),
)
def test_it_finds_what_python_finds(pattern: str, text: str) -> None:
    assert BoundedRegex(pattern).is_in(text) is (re.search(pattern, text) is not None)
