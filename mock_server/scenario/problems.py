"""What can be wrong with scenario files: a place, what is the matter there, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from mock_server.core.exceptions import ConfigError
from mock_server.scenario.yaml_text import one_line

ERROR, WARNING = "error", "warning"


class Place(NamedTuple):
    """Where in a file; all count from 1. ``line`` 0: the whole file, or a document that has no lines."""

    line: int = 0
    column: int = 0
    length: int = 1
    """Characters on that line."""
    is_whole: bool = False
    """True: those characters are the whole of it; False: it goes on in the next lines."""


NOWHERE = Place()


class Problem(NamedTuple):
    """One finding. An ``error`` keeps the file from being used; a ``warning`` says that it may not do what it
    seems to."""

    file: str
    line: int
    column: int
    message: str
    """One sentence without its full stop."""
    remedy: str = ""
    """What to do, as a sentence without its full stop; empty where the message says it all."""
    severity: str = ERROR
    rule: str = ""
    """Stable id of the kind of problem, such as ``unknown-key``."""
    length: int = 1
    path: str = ""
    """Key path such as ``scenarios[0].respond.outcome``."""
    fix: str | None = None
    """What to write in place of the ``length`` characters; None: that needs a person's decision."""

    def __str__(self) -> str:
        """``file:line:col: message; remedy [rule]``; a document without lines is placed by its key path."""
        place = (
            f"{self.file}:{self.line}:{self.column}"
            if self.line
            else ": ".join(part for part in (self.file, self.path) if part)
        )
        kind = "" if self.severity == ERROR else f"{self.severity}: "
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{place}: {kind}{self.message}{remedy} [{self.rule}]"


class ScenarioProblems(ConfigError):
    """Scenario files cannot be used. Holds every problem of every file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted_problems(problems)
        super().__init__("\n".join(map(str, self.problems)))


def sorted_problems(problems: Iterable[Problem]) -> list[Problem]:
    """By file and place, each once."""
    return sorted(
        set(problems),
        key=lambda problem: (problem.file, problem.line, problem.column, problem.rule, problem.message),
    )


MANY = 15
"""Names that a remedy lists."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``did you mean `x`?``, or the list of what there is."""
    names = list(known)
    close = closest(word, names)
    if close:
        return f"did you mean `{close}`?"
    if not names:
        return ""
    shown = ", ".join(f"`{name}`" for name in names[:MANY])
    return f"use one of: {shown}{f' and {len(names) - MANY} more' if len(names) > MANY else ''}"


def suggestion(word: str, known: Iterable[str]) -> tuple[str, str | None]:
    """`did_you_mean`, and the known name as it is written in place of the word; None where none is alike."""
    names = list(known)
    close = closest(word, names)
    return did_you_mean(word, names), one_line(close) if close else None


def closest(word: str, known: Sequence[str]) -> str:
    """The known name that is most like the word; empty when none is. Codes that differ in their digits only are not
    alike: 109 is not a misspelt 110."""
    return _closest(str(word), tuple(known))


@lru_cache(maxsize=1024)
def _closest(word: str, known: tuple[str, ...]) -> str:
    """A mistake that a table repeats in every row is looked up once."""
    from difflib import get_close_matches

    folded = {_folded(name): name for name in reversed(known)}
    spelling = _folded(word)
    tokens = re.split(r"[^a-z0-9.]+", spelling)
    if (
        spelling not in folded
        and len(tokens) > 1
        and (token := next((one for one in tokens if one in folded), ""))
    ):
        return folded[token]
    matches = get_close_matches(spelling, list(folded), n=3, cutoff=0.6)
    return next(
        (folded[name] for name in matches if name == spelling or _letters(name) != _letters(spelling)), ""
    )


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")


def _letters(name: str) -> str:
    """The name without digits; what has none stays as it is."""
    return (
        "".join(character for character in name if not character.isdecimal())
        if any(map(str.isdecimal, name))
        else f"{name}\n"
    )


def key_path(path: Sequence[str | int]) -> str:
    """``scenarios[0].match.`` … as people write it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text
