"""Characters that a tester cannot see, or takes for others: invisible ones, spaces that are not the space bar's,
curly quotes, and letters of another script within a word."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_SPACES = dict.fromkeys("\u00a0\u2007\u202f\u2009\u200a\u2002\u2003\u3000", " ")
_INVISIBLE = dict.fromkeys(
    "\u00ad\u200b\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""
)
_JOINERS = "\u200c\u200d"
"""Part of the spelling in some scripts and in emoji; odd between Latin letters and at the ends."""
_CYRILLIC = dict(zip("аеорсухіјѕһԁԛԝАВЕКМНОРСТХУІЈЅ", "aeopcyxijshdqwABEKMHOPCTXYIJS"))
_GREEK = dict(zip("οανρικυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oavpikuABEZHIKMNOPTYX"))
_LETTERS = {**_CYRILLIC, **_GREEK}
_WORD = re.compile(r"\w+")
_QUOTES = "“”„‟«»‘’‚‛"
_QUOTED = re.compile(f"[{_QUOTES}].*[{_QUOTES}]", re.DOTALL)


class Suspect(NamedTuple):
    """What is odd about a text."""

    what: str
    """In words, with the character's name and number."""
    plain: str
    """The text without it."""


def suspicious(text: str) -> Suspect | None:
    """The first odd character of the text; None: all are as they look."""
    if text.isascii():
        return None
    if len(text) > 1 and _QUOTED.fullmatch(text):
        return Suspect(f"begins and ends with curly quotes, {text[0]} and {text[-1]}", text[1:-1])
    plain = _without_joiners("".join(_SPACES.get(c, _INVISIBLE.get(c, c)) for c in text))
    if plain != text:
        first = next((c for c in text if c in _SPACES or c in _INVISIBLE), None) or next(
            c for c in text if c in _JOINERS
        )
        kind = "a space that is not the usual one" if first in _SPACES else "an invisible character"
        return Suspect(f"has {kind}, {_name(first)}", plain)
    plain = _WORD.sub(lambda match: _latin(match[0]), text)
    if plain == text:
        return None
    index = next(index for index, (one, other) in enumerate(zip(text, plain)) if one != other)
    return Suspect(f"has {_name(text[index])}, which looks like `{plain[index]}`", plain)


def _without_joiners(text: str) -> str:
    if not any(joiner in text for joiner in _JOINERS):
        return text
    around = f" {text} "
    return "".join(
        character
        for index, character in enumerate(text)
        if character not in _JOINERS or not (around[index].isascii() or around[index + 2].isascii())
    )


def _latin(word: str) -> str:
    """The word in Latin letters, where it mixes them with letters that look like Latin ones."""
    if word.isascii() or not any(character.isascii() and character.isalpha() for character in word):
        return word
    return "".join(_LETTERS.get(character, character) for character in word)


def _name(character: str) -> str:
    name = (
        unicodedata.name(character, "unnamed")
        .lower()
        .replace("cyrillic", "Cyrillic")
        .replace("greek", "Greek")
    )
    return f"the {name} (U+{ord(character):04X})"
