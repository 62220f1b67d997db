"""A text with other letters and digits, written in the same way: what a signing vector needs, without anyone's data.

Every value of a document is replaced, known as personal or not: a signature only depends on how a text is written. Escapes,
white space, punctuation, letter case, the length in UTF-8 and the order of members stay."""

from __future__ import annotations

import re
from random import Random, SystemRandom

from mock_server.core import nesting
from mock_server.scenario.personal import PersonalRedactor

UNCHANGED_MEMBERS = frozenset({"event", "consent"})
"""Members that keep their values: words of the vendor."""
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?', re.DOTALL)
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)
_DATE = re.compile(r"(\d{4})([-/. ])\d{2}\2\d{2}(?!\d)")
_SHORT_NUMBER = 4
"""Digits of a number that is a count or a score, not somebody's."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Disguise:
    """Of one request or answer. ``known``: what is personal in it, for the names of members."""

    def __init__(self, known: PersonalRedactor, random: Random | None = None) -> None:
        self._known, self._random = known, random or SystemRandom()
        self._drawn: dict[str, str] = {}

    def text(self, text: str) -> str:
        """The same text gets the same disguise."""
        if text not in self._drawn:
            dates = _DATE.fullmatch(text)
            self._drawn[text] = (
                f"1980{dates[2]}01{dates[2]}01" if dates else "".join(map(self._character, text))
            )
        return self._drawn[text]

    def value(self, text: str) -> str:
        """Of a parameter: JSON as `json`, a word or a small number as it is."""
        if text[:1] in ("{", "["):
            try:
                nesting.loads(text)
                return self.json(text)
            except ValueError:
                return self.text(text)
        return text if text in ("true", "false") or re.fullmatch(r"\d{0,3}", text) else self.text(text)

    def json(self, text: str) -> str:
        """The text of a JSON document with every value in disguise; names stay, but for those that hold what is known."""
        key = ""

        def token(match: re.Match[str]) -> str:
            nonlocal key
            if match[1] is None:
                return self._number(match[0])
            if match[2] is not None:
                key = match[1]
                return match[0] if self._known.text(key) == key else f'"{self._inside(key)}"{match[2]}'
            return match[0] if key in UNCHANGED_MEMBERS else f'"{self._inside(match[1])}"'

        return _TOKEN.sub(token, text)

    def _inside(self, inside: str) -> str:
        """Of a JSON text between its quotes."""
        if inside not in self._drawn:
            self._drawn[inside] = (
                self.text(inside)
                if "\\" not in inside
                else "".join(self._written(match[0]) for match in _CHARACTER.finditer(inside))
            )
        return self._drawn[inside]

    def _written(self, written: str) -> str:
        """One character, escaped as it was."""
        if not written.startswith("\\u"):
            return self._character(written) if len(written) == 1 else written
        units = bytes.fromhex(written.replace("\\u", ""))
        drawn = self._character(units.decode("utf-16-be", "replace")).encode("utf-16-be")
        if len(drawn) != len(units):
            return written
        upper = written != written.lower()
        digits = [drawn[at : at + 2].hex() for at in range(0, len(drawn), 2)]
        return "".join(f"\\u{each.upper() if upper else each}" for each in digits)

    def _number(self, number: str) -> str:
        if sum(each.isdigit() for each in number) <= _SHORT_NUMBER:
            return number
        return re.sub(r"\d", lambda digit: str(self._random.randint(1, 9)), number)

    def _character(self, character: str) -> str:
        if not character.isalnum():
            return character
        if character.isascii():
            if character.isdigit():
                return str(self._random.randint(1, 9))
            letter = self._random.choice(_LETTERS)
            return letter.upper() if character.isupper() else letter
        length = len(character.encode("utf-8", "replace"))
        if length == 2:
            return "Ō" if character.isupper() else "ō"
        return "名" if length == 3 else "𠮷"
