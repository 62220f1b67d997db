"""What every part of the compiler has at hand: the file, the provider's vocabulary, and the list of problems
found so far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_server.core.clock import parse_duration
from mock_server.scenario import sample
from mock_server.scenario.facts import shown
from mock_server.scenario.load_time import heads
from mock_server.scenario.locale_check import unknown_names
from mock_server.scenario.problems import Problem
from mock_server.scenario.source import Source
from mock_server.scenario.templates import Text, compile_text, compile_value, has_marks
from mock_server.scenario.values import TemplateError
from mock_server.scenario.vocabulary import Vocabulary
from mock_server.scenario.yaml_text import quoted

if TYPE_CHECKING:
    from mock_server.scenario.sandbox import Program

Path = tuple["str | int", ...]


class FakeTemplate(NamedTuple):
    """A template that uses Faker: lint renders it, and a server prepares its locale after the start."""

    source: Source
    path: Path
    program: Program
    locale: str | None
    bound: Mapping[str, Any]

    def problem(self) -> Problem | None:
        """Why it can never work; None: it can. Imports Faker."""
        failure = sample.failure(self.program, self.locale, self.bound, with_faker=True)
        if failure is None:
            return None
        return self.source.problem(self.path, "bad-template", failure.message, failure.remedy)


class Notes:
    """One file being compiled. Nothing here raises: a mistake is noted and something harmless stands in."""

    def __init__(
        self,
        source: Source,
        vocabulary: Vocabulary,
        problems: Sequence[Problem] = (),
        spoilt: Iterable[Path] = (),
    ) -> None:
        """``problems``: what is known of the file's shape, at the ``spoilt`` places."""
        self.source = source
        self.vocabulary = vocabulary
        self.provider = vocabulary.provider
        self.problems = list(problems)
        self.locale: str | None = None
        """Of the scenario being compiled."""
        self.bound: Mapping[str, Any] = {}
        """What its templates know since the file was loaded."""
        self.fakes: list[FakeTemplate] = []
        self._spoilt: dict[Path, list[Path]] = {}
        """Places with a problem, by scenario."""
        for path in spoilt:
            self._spoil(path)

    def note(
        self,
        path: Path,
        rule: str,
        message: str,
        remedy: str = "",
        fix: str | None = None,
        *,
        key: bool = False,
    ) -> None:
        """Add an error at the value at that path, or at its key; ``fix``: what to write in its place."""
        self._spoil(path)
        self.problems.append(self.source.problem(path, rule, message, remedy, key=key, fix=fix))

    def _spoil(self, path: Path) -> None:
        self._spoilt.setdefault(path[:2], []).append(path)

    def is_clean(self, path: Path) -> bool:
        """Whether nothing is known to be wrong with the value at the path within a scenario, or below."""
        return not any(spoilt[: len(path)] == path for spoilt in self._spoilt.get(path[:2], ()))

    @property
    def spoilt_scenarios(self) -> frozenset[int]:
        """Places of the scenarios that have a problem."""
        return frozenset(path[1] for path in self._spoilt if len(path) == 2 and isinstance(path[1], int))

    def duration(self, written: Any, path: Path) -> float:
        """Seconds, 0 or more."""
        try:
            seconds = parse_duration(written)
        except ValueError as error:
            message, _, remedy = str(error).partition("; ")
            fix = _spoken_duration(str(written)) or _between(str(written), path)
            if fix is None and path[-1:] == ("delay",) and has_marks(str(written)):
                remedy = "a delay takes no template; for another one each time write `{uniform: [1s, 3s]}`"
            self.note(path, "bad-duration", message, f"write `{fix}`" if fix else remedy, fix)
            return 0.0
        if seconds < 0:
            self.note(path, "bad-duration", f"{shown(written)} is negative", "a duration here is 0 or longer")
        return max(0.0, seconds)

    def value(self, written: Any, path: Path) -> Any:
        """The value, made a template where it holds one."""
        return compile_value(written, path, self._text)

    def _text(self, text: str, path: Path) -> Any:
        try:
            program = compile_text(text)
        except TemplateError as error:
            fix = _renamed(text, error.message, error.remedy)
            self.note(path, "bad-template", error.message, error.remedy, fix)
            return text
        unknown = list(unknown_names(program.chains, self.locale))
        for message, remedy in unknown:
            self.note(path, "unknown-name", message, remedy, _renamed(text, message, remedy))
        if not unknown and sample.uses_faker(program):
            self.fakes.append(FakeTemplate(self.source, path, program, self.locale, self.bound))
        bound = {name: self.bound[name] for name in heads(program) if name in self.bound}
        failure = None if unknown else sample.failure(program, self.locale, bound, with_faker=False)
        if failure is not None:
            self.note(path, "bad-template", failure.message, failure.remedy)
        place = self.source.place(path)
        where = f"{self.source.file}:{place.line}:{place.column}" if place.line else self.source.file
        return Text(text, where, program, bound)


_SPOKEN = re.compile(
    r"(\d+(?:\.\d+)?) ?(milliseconds?|millis|msecs?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?)",
    re.IGNORECASE,
)
_UNITS = (("mil", "ms"), ("ms", "ms"), ("s", "s"), ("m", "m"), ("h", "h"), ("d", "d"))


_RANGE = re.compile(r"([\d.]+(?:ms|s|m|h)?) ?(?:-|–|\.\.|to|and) ?([\d.]+(?:ms|s|m|h))")


def _between(text: str, path: Path) -> str | None:
    """``1s-3s`` as a delay."""
    match = _RANGE.fullmatch(text.strip()) if path[-1:] == ("delay",) else None
    if match is None:
        return None
    unit = re.sub(r"[\d.]", "", match[2])
    low = match[1] if match[1][-1].isalpha() else match[1] + unit
    return f"{{uniform: [{low}, {match[2]}]}}"


def _spoken_duration(text: str) -> str | None:
    """``2 seconds`` as a duration."""
    match = _SPOKEN.fullmatch(text.strip())
    if match is None:
        return None
    name = match[2].lower()
    if name.startswith("w"):
        return f"{float(match[1]) * 7:g}d"
    return match[1] + next(unit for beginning, unit in _UNITS if name.startswith(beginning))


_WRONG, _RIGHT = re.compile(r"`([^`]+)`"), re.compile(r"did you mean `([^`]+)`\?")


def _renamed(text: str, message: str, remedy: str) -> str | None:
    """The template with the name that is meant, in quotes; None where it is unknown."""
    wrong, right = _WRONG.search(message), _RIGHT.fullmatch(remedy)
    if wrong is None or right is None:
        return None
    name = wrong[1].rpartition(".")[2]
    renamed, count = re.subn(rf"(?<!\w){re.escape(name)}(?!\w)", right[1], text)
    return quoted(renamed) if count == 1 else None
