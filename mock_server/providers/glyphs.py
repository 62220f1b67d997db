"""Shapes of characters for documents that the vendors hand out: outlines for PDF, pixels for pictures.

``fonts/dejavu-sans.txt.gz`` has outlines of the alphabets (Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew,
Arabic), ``fonts/unifont.hex.gz`` has 16 rows of pixels for these, for Chinese, Japanese, Korean, further scripts and
emoji. A character without an outline is drawn in a PDF from its pixels; one without pixels as a box that holds its
code point."""

from __future__ import annotations

import gzip
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

HEIGHT = 16
"""Rows of every bitmap; the baseline is above the last two."""
_BASELINE = 2
_PIXEL = 1000 / HEIGHT
_FONTS = Path(__file__).with_name("fonts")

_DIGITS = {
    "0": "75557",
    "1": "26227",
    "2": "71747",
    "3": "71717",
    "4": "55711",
    "5": "74717",
    "6": "74757",
    "7": "71122",
    "8": "75757",
    "9": "75717",
    "A": "25755",
    "B": "65656",
    "C": "34443",
    "D": "65556",
    "E": "74647",
    "F": "74644",
}
"""Five rows of three pixels for each hexadecimal digit."""


class Outline(NamedTuple):
    """A shape in thousandths of an em: how far the next one is, and PDF's path operators."""

    advance: int
    path: str


class Bitmap(NamedTuple):
    """Rows of pixels from the top; the leftmost of ``width`` pixels is the highest bit."""

    width: int
    rows: tuple[int, ...]


@lru_cache(maxsize=2)
def _font(name: str) -> list[str]:
    """The lines of a font file in the order of their code points."""
    return gzip.decompress((_FONTS / name).read_bytes()).decode("ascii").splitlines()


def _entry(font: str, char: str) -> str | None:
    """What stands after the code point in its line of the font file."""
    lines, code = _font(font), ord(char)
    at = bisect_left(lines, code, key=_code)
    return lines[at].partition(":")[2] if at < len(lines) and _code(lines[at]) == code else None


def _code(line: str) -> int:
    return int(line.partition(":")[0], 16)


def is_mark(char: str) -> bool:
    """Whether it is drawn over its neighbour and takes no room of its own."""
    return bool(char) and unicodedata.category(char) in ("Mn", "Me")


@lru_cache(maxsize=4096)
def outline(char: str) -> Outline:
    """The shape of one character, or of none."""
    if not char:
        return Outline(0, "")
    entry = _entry("dejavu-sans.txt.gz", char)
    if entry is not None:
        width, _, path = entry.partition(" ")
        return Outline(int(width), path)
    pixels = bitmap(char)
    advance = round(pixels.width * _PIXEL)
    shift = -advance if is_mark(char) else 0
    return Outline(0 if is_mark(char) else advance, " ".join(_rectangles(pixels, shift)))


def _rectangles(pixels: Bitmap, shift: int) -> Iterator[str]:
    for number, row in enumerate(pixels.rows):
        bottom = (HEIGHT - _BASELINE - 1 - number) * _PIXEL
        column = 0
        for run in f"{row:0{pixels.width}b}".replace("01", "0 1").replace("10", "1 0").split():
            if run[0] == "1":
                yield f"{shift + column * _PIXEL:g} {bottom:g} {len(run) * _PIXEL:g} {_PIXEL:g} re"
            column += len(run)


@lru_cache(maxsize=4096)
def bitmap(char: str) -> Bitmap:
    """The pixels of one character, or of none."""
    if not char:
        return Bitmap(0, ())
    entry = _entry("unifont.hex.gz", char)
    if entry is None:
        return _box(ord(char))
    digits = len(entry) // HEIGHT
    rows = (entry[start : start + digits] for start in range(0, len(entry), digits))
    return Bitmap(digits * 4, tuple(int(row, 16) for row in rows))


def _box(code: int) -> Bitmap:
    """A frame with the four or six hexadecimal digits of the code point in two rows."""
    digits = f"{code:04X}" if code < 0x10000 else f"{code:06X}"
    half = len(digits) // 2
    rows = [0] * HEIGHT
    for top, part in ((2, digits[:half]), (9, digits[half:])):
        left = 8 - 2 * half
        for place, digit in enumerate(part):
            for number, bits in enumerate(map(int, _DIGITS[digit])):
                rows[top + number] |= bits << (HEIGHT - 3 - left - 4 * place)
    frame = [1 << 15 | row | 1 for row in rows]
    return Bitmap(HEIGHT, (0xFFFF, *frame[1:-1], 0xFFFF))
