"""Regular expressions that cannot stop the server.

One that backtracks without end would hold up every answer, since requests are answered one after the other. So
each search has a limit of processor time, which the package `regex` keeps; and a pattern whose compiled form
would be very large is refused. An engine of linear time (RE2) would need a second one next to it, for patterns
that look ahead or refer back, and takes ``\\w`` for ASCII letters only, while names have macrons.

The syntax is that of Python's `re`, which checks it: `regex` is imported with the first search."""

from __future__ import annotations

import logging
import re
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

LIMIT = 0.02
"""Seconds of processor time a search may take; most take a few microseconds."""
TOO_LONG = f"undecided: the regular expression takes more than {LIMIT * 1000:.0f} ms on it"
MAX_SIZE = 10_000
"""Characters of a pattern with its counted repetitions written out."""
MAX_NESTING = 50
_TOKEN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<open>\()|(?P<close>\))|\{\s*(?P<count>\d+)\s*(?:,[^}]*)?\}|.",
    re.DOTALL,
)

_NESTED_REPEAT = re.compile(r"\((?:[^()\\]|\\.)*(?<!\\)[+*](?:[^()\\]|\\.)*\)(?:[+*]|\{\d+,)")
"""A group with an unbounded repetition in it that is itself repeated."""

_DELIMITED = re.compile(r"/(\^.*|.*\$)/[a-z]*|/.+/[gimsuy]{1,6}", re.DOTALL)
"""As JavaScript and PHP write them. ``/verify/`` may be a path."""

log = logging.getLogger(__name__)


class BoundedRegex:
    """A pattern that is searched for in texts."""

    def __init__(self, pattern: str) -> None:
        """Raises ``ValueError``, whose message says what is wrong with the pattern."""
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"the regular expression is not valid: {_words(error)}") from None
        except (OverflowError, RecursionError):
            raise ValueError("the regular expression is too large") from None
        if _is_large(pattern):
            raise ValueError("the regular expression is too large")
        self.pattern = pattern

    def without_slashes(self) -> str | None:
        """The pattern that is meant where it stands between slashes, as in other languages; None: it does not."""
        if not _DELIMITED.fullmatch(self.pattern):
            return None
        bare, _, flags = self.pattern[1:].rpartition("/")
        return f"(?i){bare}" if "i" in flags else bare

    def is_in(self, text: str) -> bool | None:
        """Whether the text has it; None: undecided within `LIMIT`."""
        answer = self._search(text)
        if answer is None:
            log.warning(
                "the regular expression %s takes more than %.0f ms on a text of %d characters, so it does not match; "
                "write it so that no repetition is repeated",
                self.pattern,
                LIMIT * 1000,
                len(text),
            )
        return answer

    def is_slow(self) -> bool:
        """Whether it passes the limit on some text of the characters that stand in it."""
        if _NESTED_REPEAT.search(self.pattern):
            return True
        letters = dict.fromkeys(character for character in self.pattern if character.isalnum())
        return any(
            self._search(letter * 60 + "!\n") is None for letter in [*list(letters)[:5], "a", "1", " "]
        )

    def _search(self, text: str) -> bool | None:
        try:
            return self._compiled.search(text, timeout=LIMIT) is not None
        except TimeoutError:
            return None

    @cached_property
    def _compiled(self) -> regex.Pattern[str]:
        import regex

        return regex.compile(self.pattern)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BoundedRegex) and self.pattern == other.pattern

    def __hash__(self) -> int:
        return hash(self.pattern)


_SAYINGS = (
    ("missing )", "the bracket ( at character {} is not closed"),
    ("unbalanced parenthesis", "the bracket ) at character {} is not opened"),
    ("unterminated character set", "the bracket [ at character {} is not closed"),
    ("nothing to repeat", "nothing precedes the repetition at character {}"),
    ("multiple repeat", "character {} repeats a repetition"),
    ("bad escape", "the backslash at character {} has no meaning there"),
    ("min repeat greater", "the smaller number at character {} must come first"),
    ("bad character range", "the range at character {} is the wrong way round"),
    ("redefinition of group", "the group at character {} has the name of another one"),
    ("unknown extension", "(? at character {} has no meaning"),
)
"""Part of what Python says, message."""


def _words(error: re.error) -> str:
    said = next((words for part, words in _SAYINGS if part in error.msg), "character {} cannot stand there")
    return said.format((error.pos or 0) + 1)


def _is_large(pattern: str) -> bool:
    """Whether the pattern, its counted repetitions written out, passes a limit."""
    sizes, last = [0], 0
    for token in _TOKEN.finditer(pattern):
        if token["open"]:
            sizes.append(0)
            last = 0
        elif token["close"] and len(sizes) > 1:
            last = sizes.pop()
            sizes[-1] += last
        elif token["count"]:
            added = last * (int(token["count"][:9]) - 1)
            sizes[-1] += added
            last += added
        else:
            last = 1
            sizes[-1] += 1
        if len(sizes) > MAX_NESTING or max(sizes) > MAX_SIZE:
            return True
    return False
