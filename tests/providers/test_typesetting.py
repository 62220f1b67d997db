"""Lines as they are drawn from left to right."""

from __future__ import annotations

import pytest

from mock_server.providers.typesetting import clean, visual, wrap


def shown(text: str) -> str:
    return "".join(glyph.shown for glyph in visual(text))


def standing_for(text: str) -> str:
    return "".join(glyph.text for glyph in visual(text))


ORDER = {
    "Latin stays": ("Te Whānau (12)", "Te Whānau (12)"),
    "Hebrew runs the other way": ("שרה", "הרש"),
    "a label and Hebrew": ("name: שרה כהן, NZ", "name: ןהכ הרש, NZ"),
    "a number in Hebrew": ("כהן 1990 שרה", "הרש 1990 ןהכ"),
    "a number after Hebrew": ("שרה 12", "12 הרש"),
    "a number before Hebrew": ("12 שרה", "12 הרש"),
    "brackets within are mirrored": ("כ (שרה) כ", "כ (הרש) כ"),
    "brackets around stay": ("(שרה)", "(הרש)"),
    "blanks at the end": ("שרה  ", "הרש  "),
    "a mark keeps to its letter": ("שָׁ", "".join(reversed("שָׁ"))),
    "two lines of thought": ("שרה and כהן", "הרש and ןהכ"),
}


@pytest.mark.parametrize(("text", "expected"), ORDER.values(), ids=ORDER)
def test_order(text: str, expected: str) -> None:
    assert shown(text) == expected


JOINED = {
    "isolated": ("م", "\ufee1"),
    "initial and final": ("مم", "\ufee2\ufee3"),
    "medial": ("ممم", "\ufee2\ufee4\ufee3"),
    "after a letter that joins none": ("دم", "\ufee1\ufea9"),
    "lam and alef are one shape": ("لا", "\ufefb"),
    "lam and alef with hamza after a letter": ("ملأ", "\ufef8\ufee3"),
    "a vowel sign between": ("مَم", "\ufee2\u064e\ufee3"),
    "letters of Persian": ("پچ", "\ufb7b\ufb58"),
    "a joiner that joins none": ("م\u200cم", "\ufee1\ufee1"),
    "stretched": ("مـم", "\ufee2ـ\ufee3"),
}


@pytest.mark.parametrize(("text", "expected"), JOINED.values(), ids=JOINED)
def test_letters_of_arabic_are_joined(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_every_letter_is_there_as_text() -> None:
    text = "محمد الأحمد لا إله"
    assert standing_for(text) == text[::-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u0304", "ā"),
        ("x\ty\r\nz", "x y  z"),
        ("❤\ufe0f", "❤"),
        ("\udc80", "\ufffd"),
        ("\u2028", " "),
    ],
)
def test_what_cannot_be_drawn_is_left_out_or_replaced(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_what_is_invisible_is_not_drawn() -> None:
    assert shown("👩\u200d👧 a\u200bb\u202e") == "👩👧 ab"


def advance(char: str) -> float:
    return 0 if char == "\u0323" else 10


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 50, [""]),
        ("abcde", 50, ["abcde"]),
        ("abcdef", 50, ["abcde", "f"]),
        ("ab cd ef", 50, ["ab cd", "ef"]),
        ("ab cdefgh", 50, ["ab", "cdefg", "h"]),
        ("a\nb", 50, ["a", "b"]),
        ("aaaab\u0323c", 50, ["aaaaḅ", "c"]),
        ("aaaaq\u0323c", 50, ["aaaaq\u0323", "c"]),
        ("ab", 1, ["a", "b"]),
    ],
)
def test_lines_of_a_width(text: str, width: float, expected: list[str]) -> None:
    assert wrap(text, width, advance) == expected
