"""Text as it is drawn: letters of Arabic joined, right-to-left parts in the order of the page, lines of a width.

A light reading of the Unicode rules: the text as a whole runs from left to right, as labels and values do; parts in
Hebrew and Arabic run the other way, numbers in them do not. Scripts whose syllables change their shape (Devanagari,
Khmer and others) are drawn letter by letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

_MIRRORED = {
    char: other
    for pair in ("()", "[]", "{}", "<>", "«»", "‹›")
    for char, other in (tuple(pair), tuple(pair[::-1]))
}
_FORMS = ((0xFB50, 0xFDFF), (0xFE70, 0xFEFC))
"""The blocks that hold the four shapes of each Arabic letter as characters of their own."""
_LAM = "\u0644"
_STRETCH = "\u0640"


class Glyph(NamedTuple):
    """One shape of a line: the character to draw, or nothing, and the character of the text that it stands for."""

    shown: str
    text: str


def visual(text: str) -> list[Glyph]:
    """The shapes of one line from left to right."""
    glyphs = [glyph for glyph in _shaped(clean(text)) if unicodedata.category(glyph.text) != "Cf"]
    return _ordered(glyphs)


def clean(text: str) -> str:
    """The text in NFC, without variation selectors; control characters become spaces, lone surrogates U+FFFD."""
    chars = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category in ("Cc", "Zl", "Zp"):
            chars.append(" ")
        elif category == "Cs":
            chars.append("\ufffd")
        elif not ("\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"):
            chars.append(char)
    return "".join(chars)


@lru_cache(maxsize=1)
def _forms() -> dict[tuple[str, str], str]:
    """Letters (or lam with alef) and ``<initial>``, ``<medial>``, ``<final>`` or ``<isolated>`` to the shape."""
    forms: dict[tuple[str, str], str] = {}
    for first, last in _FORMS:
        for code in range(first, last + 1):
            tag, *parts = unicodedata.decomposition(chr(code)).split() or [""]
            letters = "".join(chr(int(part, 16)) for part in parts)
            if tag.startswith("<") and (len(letters) == 1 or (letters[:1] == _LAM and code >= 0xFEF5)):
                forms.setdefault((letters, tag), chr(code))
    return forms


def _joins_next(letters: str) -> bool:
    return (letters, "<initial>") in _forms() or letters == _STRETCH


def _joins_previous(letters: str) -> bool:
    return (letters, "<final>") in _forms() or letters == _STRETCH


def _is_mark(letters: str) -> bool:
    return unicodedata.category(letters[0]) == "Mn"


def _letters(text: str) -> Iterator[str]:
    """Characters; lam with the alef after it is one letter."""
    at = 0
    while at < len(text):
        length = 2 if text[at] == _LAM and (text[at : at + 2], "<isolated>") in _forms() else 1
        yield text[at : at + length]
        at += length


def _shaped(text: str) -> Iterator[Glyph]:
    if text.isascii():
        yield from (Glyph(char, char) for char in text)
        return
    letters = list(_letters(text))
    bases = [number for number, each in enumerate(letters) if not _is_mark(each)]
    before = dict(zip(bases[1:], bases))
    after = dict(pairwise(bases))
    for number, each in enumerate(letters):
        previous, following = before.get(number), after.get(number)
        left = previous is not None and _joins_next(letters[previous]) and _joins_previous(each)
        right = following is not None and _joins_next(each) and _joins_previous(letters[following])
        tag = ("<medial>" if right else "<final>") if left else ("<initial>" if right else "<isolated>")
        yield Glyph(_forms().get((each, tag), each), each[0])
        if each[1:]:  # the alef within the shape of the lam before it
            yield Glyph("", each[1:])


def _levels(glyphs: list[Glyph]) -> list[int]:
    """Of each glyph: 0 for left to right, 1 for right to left, 2 for a number among the latter."""
    levels: list[int] = []
    waiting = 0  # neutral glyphs at the end that take the level of what surrounds them
    strong = 0
    for glyph in glyphs:
        kind = unicodedata.bidirectional(glyph.text)
        if kind == "NSM":
            levels.append(levels[-1] if levels else 0)
            waiting += bool(waiting)
            continue
        if kind in ("R", "AL"):
            level, strong = 1, 1
        elif kind in ("EN", "AN"):
            level = 2 if strong or kind == "AN" else 0
        elif kind == "L":
            level, strong = 0, 0
        else:
            levels.append(0)
            waiting += 1
            continue
        if level and strong and waiting and len(levels) > waiting and levels[-waiting - 1]:
            within = 2 if level == 2 and levels[-waiting - 1] == 2 and waiting == 1 else 1
            levels[-waiting:] = [within] * waiting
        waiting = 0
        levels.append(level)
    return levels


def _ordered(glyphs: list[Glyph]) -> list[Glyph]:
    levels = _levels(glyphs)
    if not any(levels):
        return glyphs
    pairs = [
        (Glyph(_MIRRORED.get(glyph.shown, glyph.shown), glyph.text) if level == 1 else glyph, level)
        for glyph, level in zip(glyphs, levels)
    ]
    for lowest in (2, 1):
        start = 0
        while start < len(pairs):
            end = start
            while end < len(pairs) and pairs[end][1] >= lowest:
                end += 1
            pairs[start:end] = reversed(pairs[start:end])
            start = end + 1
    return [glyph for glyph, _ in pairs]


def wrap(text: str, width: float, advance: Callable[[str], float]) -> list[str]:
    """Lines no wider than ``width``, broken at spaces, and within a word that is wider by itself.

    ``advance``: the width of a character. Joined letters are narrower than single ones, so no line is too wide."""
    lines: list[str] = []
    for part in text.split("\n"):
        line, used, blank = "", 0.0, -1  # where the line can be broken
        for char in clean(part):
            room = advance(char)
            if line and room and char != " " and used + room > width:
                at = blank + 1 if blank >= 0 else len(line)
                lines.append(line[:at].rstrip())
                line = line[at:]
                used, blank = sum(map(advance, line)), -1
            line, used = line + char, used + room
            if char == " ":
                blank = len(line) - 1
        lines.append(line.rstrip())
    return lines
