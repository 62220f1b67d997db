"""Shapes of characters, and what stands in for those without one."""

from __future__ import annotations

import unicodedata

import pytest

from mock_server.providers import glyphs

UNKNOWN = "\ue000"
MACRONS = "āēīōūĀĒĪŌŪ"
ALPHABETS = {
    "Latin": (0x00C0, 0x0180),
    "Vietnamese": (0x1EA0, 0x1EFA),
    "Greek": (0x0386, 0x03CF),
    "Cyrillic": (0x0400, 0x0460),
    "Hebrew": (0x05D0, 0x05EB),
    "joined Arabic": (0xFE80, 0xFEFD),
    "joined Persian": (0xFB56, 0xFB5A),
}
DRAWN = {
    "Chinese": (0x4E00, 0x9FA6),
    "kana": (0x3041, 0x30FF),
    "Korean": (0xAC00, 0xD7A4),
    "Thai": (0x0E01, 0x0E3B),
    "emoji": (0x1F600, 0x1F650),
}


def letters(first: int, end: int) -> list[str]:
    return [chr(code) for code in range(first, end) if unicodedata.category(chr(code)) not in ("Cn", "Mn")]


def picture(char: str) -> list[str]:
    shape = glyphs.bitmap(char)
    return [f"{row:0{shape.width}b}".replace("0", ".").replace("1", "#") for row in shape.rows]


@pytest.mark.parametrize("letter", MACRONS)
def test_a_macron_is_drawn(letter: str) -> None:
    base = unicodedata.normalize("NFD", letter)[0]
    assert glyphs.outline(letter).path != glyphs.outline(base).path
    assert glyphs.outline(letter).path.count("m") > glyphs.outline(base).path.count("m")


@pytest.mark.parametrize("block", ALPHABETS.values(), ids=ALPHABETS)
def test_alphabets_have_outlines(block: tuple[int, int]) -> None:
    assert [letter for letter in letters(*block) if " re" in glyphs.outline(letter).path] == []


@pytest.mark.parametrize("block", (DRAWN | ALPHABETS).values(), ids=DRAWN | ALPHABETS)
def test_scripts_have_pixels(block: tuple[int, int]) -> None:
    frame = glyphs.bitmap(UNKNOWN).rows[0]
    assert [letter for letter in letters(*block)[::3] if glyphs.bitmap(letter).rows[0] == frame] == []


def test_a_letter_as_pixels() -> None:
    assert picture("ā")[3:14] == [
        "..####..",
        "........",
        "........",
        "..####..",
        ".#....#.",
        "......#.",
        "..#####.",
        ".#....#.",
        ".#....#.",
        ".#...##.",
        "..###.#.",
    ]


@pytest.mark.parametrize(("char", "digits"), [("𠮷", "020BB7"), (UNKNOWN, "E000")])
def test_a_character_without_a_shape_shows_its_code_point(char: str, digits: str) -> None:
    rows = picture(char)
    half = len(digits) // 2
    left = 8 - 2 * half
    for top, part in ((2, digits[:half]), (9, digits[half:])):
        for place, digit in enumerate(part):
            start = left + 4 * place
            assert [row[start : start + 3] for row in rows[top : top + 5]] == DIGITS[digit]
    assert rows[0] == rows[-1] == "#" * 16
    assert {row[0] + row[-1] for row in rows} == {"##"}


DIGITS = {
    "0": ["###", "#.#", "#.#", "#.#", "###"],
    "2": ["###", "..#", "###", "#..", "###"],
    "7": ["###", "..#", "..#", ".#.", ".#."],
    "B": ["##.", "#.#", "##.", "#.#", "##."],
    "E": ["###", "#..", "##.", "#..", "###"],
}


def test_pixels_become_rectangles_in_a_pdf() -> None:
    assert glyphs.outline("一").advance == 1000
    assert glyphs.outline("一").path == "0 375 937.5 62.5 re"
    assert glyphs.outline("ก").advance == 500


def test_a_mark_takes_no_room() -> None:
    assert glyphs.outline("\u0e31").advance == glyphs.outline("\u0301").advance == 0
    assert glyphs.outline("\u0e31").path.startswith("-")


def test_nothing_is_drawn_for_nothing() -> None:
    assert glyphs.outline("") == (0, "")
    assert glyphs.bitmap("") == (0, ())
    assert not glyphs.is_mark("")
