"""Compares one fact of a request with what a scenario's ``match`` says, and tells the difference in words.

Facts are JSON values. Those that are text by nature (parameters, query, headers …) are compared with the text
of a YAML number or boolean; those of the body keep their JSON type, so that ``18`` is not ``"18"``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from mock_server.scenario.date_bounds import REMEDY, Bound, parse_bound

Test = Callable[[object], bool]


class _Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()
"""What a fact is that the request does not have."""

TEXTUAL = frozenset({"operation", "method", "path", "header", "query", "params", "account"})
"""Roots whose facts are always text."""


def walk(value: Any, path: Sequence[str], start: int = 0) -> Any:
    """The value at the path, from its part ``start`` on, below ``value``: through mappings by key and lists
    by index; or `MISSING`."""
    for index in range(start, len(path)):
        part = path[index]
        if value.__class__ is dict or isinstance(
            value, Mapping
        ):  # the first is what JSON gives, and a sixth of the second's cost
            value = value.get(part, MISSING)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
        if value is MISSING:
            return MISSING
    return value


class MappingFacts:
    """Facts that are held in a mapping: for explanations and tests."""

    def __init__(self, facts: Mapping[str, Any], now: float = 0.0) -> None:
        self._facts = facts
        self.now = now

    def get(self, path: tuple[str, ...]) -> Any:
        return walk(self._facts, path)


class BadArgument(ValueError):
    """A value that the matcher cannot use. The message says what is wrong with it."""

    def __init__(self, key: str, rule: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.key = key
        """The matcher, such as ``regex``."""
        self.rule = rule
        self.remedy = remedy


class Difference(NamedTuple):
    """Why one condition does not hold."""

    path: str
    expected: str
    """In words: ``begins with "flaky-"``."""
    actual: Any
    """The fact, or `MISSING`."""
    reason: str
    """In words: ``is missing``, ``is "Marlow"`` …"""


class Matcher(Struct, frozen=True):
    """What one fact has to be. ``holds`` decides; everything else explains."""

    kind: str
    """``equals``, one of the keys of `KINDS`, or ``all`` where several stand together."""
    argument: Any
    """Normalised; for ``not``, ``any`` and ``all`` the inner matchers."""
    holds: Test
    """Of one that is ``timed`` only once `at` has given it a now; false until then."""
    timed: bool = False
    """Whether ``before`` or ``after`` is in it."""

    def at(self, now: float) -> Matcher:
        """The same matcher when the account's clock shows ``now``."""
        if not self.timed:
            return self
        if self.kind in _DATES:
            shown_bound = replace(self.argument, written=self.argument.words(now))
            return Matcher(self.kind, shown_bound, _dated(self.kind, self.argument, now), True)
        if self.kind == "not":
            return _make(self.kind, self.argument.at(now))
        return _make(self.kind, tuple(inner.at(now) for inner in self.argument))

    @property
    def expected(self) -> str:
        """In words, such as ``begins with "flaky-"``."""
        return _WORDS[self.kind](self.argument)

    def difference(self, path: str, actual: object) -> Difference | None:
        """None where it holds."""
        return None if self.holds(actual) else Difference(path, self.expected, actual, self._reason(actual))

    def _reason(self, actual: object) -> str:
        if actual is MISSING:
            return "is missing"
        reason = f"is {shown(actual)}"
        if self.kind != "equals":
            return reason
        wanted = self.argument
        if type(actual) is not type(wanted) and as_text(actual) == as_text(wanted):
            return f"is {_typed(actual)}, not {_typed(wanted)}"
        if isinstance(actual, str) and isinstance(wanted, str):
            if actual.strip() == wanted.strip():
                return f"{reason}, which differs in white space"
            if actual.casefold() == wanted.casefold():
                return f"{reason}, which differs in upper and lower case"
        return reason


def shown(value: object) -> str:
    """A value as a tester would write it, shortened."""
    import json

    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    except RecursionError:
        text = "a value nested too deep to be shown"
    return text if len(text) <= 120 else f"{text[:117]}…"


def _typed(value: object) -> str:
    for kind, name in ((bool, "the boolean"), (str, "the text"), ((int, float), "the number")):
        if isinstance(value, kind):
            return f"{name} {shown(value)}"
    return shown(value)


def as_text(value: object) -> str | None:
    """The text of a scalar as it stands in a query string; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


def same(left: object, right: object) -> bool:
    """JSON equality: 1 is 1.0, but true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (str, int, float)):
        return left == right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def _number(value: object) -> float | int | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) < 40:
        try:
            return float(value)
        except ValueError:
            return None
    return None


def _equals(wanted: Any) -> Test:
    if isinstance(wanted, str):
        return lambda value: value == wanted
    return lambda value: value is not MISSING and same(value, wanted)


def _in(wanted: Any) -> Test:
    if all(isinstance(item, str) for item in wanted):
        texts = frozenset(wanted)
        return lambda value: isinstance(value, str) and value in texts
    return lambda value: value is not MISSING and any(same(value, item) for item in wanted)


# Text is not handed to `as_text`, whose call costs as much as the comparison.


def _regex(wanted: Any) -> Test:
    search = re.compile(wanted).search
    return lambda value: (
        (text := value if isinstance(value, str) else as_text(value)) is not None and search(text) is not None
    )


def _prefix(wanted: Any) -> Test:
    return lambda value: (
        (text := value if isinstance(value, str) else as_text(value)) is not None and text.startswith(wanted)
    )


def _suffix(wanted: Any) -> Test:
    return lambda value: (
        (text := value if isinstance(value, str) else as_text(value)) is not None and text.endswith(wanted)
    )


def _contains(wanted: Any) -> Test:
    text = as_text(wanted)

    def holds(value: object) -> bool:
        if isinstance(value, str):
            return text is not None and text in value
        if isinstance(value, list):
            return any(same(item, wanted) for item in value)
        if isinstance(value, Mapping):
            return isinstance(wanted, str) and wanted in value
        fact = as_text(value)
        return fact is not None and text is not None and text in fact

    return holds


def _exists(wanted: Any) -> Test:
    return lambda value: (value is not MISSING) is wanted


def _compare(decide: Callable[[Any, Any], bool]) -> Callable[[Any], Test]:
    def factory(wanted: Any) -> Test:
        if isinstance(wanted, str):
            return lambda value: isinstance(value, str) and decide(value, wanted)
        return lambda value: (number := _number(value)) is not None and decide(number, wanted)

    return factory


def _not(inner: Any) -> Test:
    test: Test = inner.holds
    return lambda value: not test(value)


def _any(inner: Any) -> Test:
    tests = tuple(matcher.holds for matcher in inner)
    return lambda value: any(test(value) for test in tests)


def _all(inner: Any) -> Test:
    tests = tuple(matcher.holds for matcher in inner)
    return lambda value: all(test(value) for test in tests)


_DATES: Mapping[str, int] = {"before": -1, "after": 1}
"""Matcher → what `Bound.compared` answers where it holds."""


def _dated(kind: str, bound: Bound, now: float) -> Test:
    side = _DATES[kind]
    return lambda value: bound.compared(value, now) == side


def _undated(bound: Any) -> Test:
    return lambda value: False


KINDS: Mapping[str, Callable[[Any], Test]] = {
    "equals": _equals,
    "in": _in,
    "regex": _regex,
    "prefix": _prefix,
    "suffix": _suffix,
    "contains": _contains,
    "exists": _exists,
    "gt": _compare(lambda value, wanted: value > wanted),
    "gte": _compare(lambda value, wanted: value >= wanted),
    "lt": _compare(lambda value, wanted: value < wanted),
    "lte": _compare(lambda value, wanted: value <= wanted),
    "before": _undated,
    "after": _undated,
    "not": _not,
    "any": _any,
    "all": _all,
}
"""Matcher key → what makes its test from the argument."""


def _joined(word: str) -> Callable[[Any], str]:
    return lambda inner: f" {word} ".join(
        f"({matcher.expected})" if matcher.kind in ("any", "all") else matcher.expected for matcher in inner
    )


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "equals": shown,
    "in": lambda wanted: f"one of {', '.join(map(shown, wanted))}",
    "regex": lambda wanted: f"matches /{wanted}/",
    "prefix": lambda wanted: f"begins with {shown(wanted)}",
    "suffix": lambda wanted: f"ends with {shown(wanted)}",
    "contains": lambda wanted: f"contains {shown(wanted)}",
    "exists": lambda wanted: "is there" if wanted else "is not there",
    "gt": lambda wanted: f"above {shown(wanted)}",
    "gte": lambda wanted: f"{shown(wanted)} or above",
    "lt": lambda wanted: f"below {shown(wanted)}",
    "lte": lambda wanted: f"{shown(wanted)} or below",
    "before": lambda bound: f"before {bound.written}",
    "after": lambda bound: f"after {bound.written}",
    "not": lambda inner: (
        f"not {inner.expected}" if inner.kind not in ("any", "all") else f"not ({inner.expected})"
    ),
    "any": _joined("or"),
    "all": _joined("and"),
}


def compile_matcher(written: Any, textual: bool, zone: str = "UTC") -> Matcher:
    """The matcher for a bare value, or for a mapping of matcher keys (already checked for its shape).

    ``textual``: the fact is always text; ``zone``: the vendor's time zone. Raises `BadArgument`."""
    if not isinstance(written, Mapping):
        return _make("equals", _normal(written, textual))
    parts = [_part(kind, argument, textual, zone) for kind, argument in written.items()]
    return parts[0] if len(parts) == 1 else _make("all", tuple(parts))


def _part(kind: str, argument: Any, textual: bool, zone: str) -> Matcher:
    if kind == "not":
        return _make(kind, compile_matcher(argument, textual, zone))
    if kind in ("any", "all"):
        return _make(kind, tuple(compile_matcher(item, textual, zone) for item in argument))
    if kind in ("prefix", "suffix"):
        return _make(kind, as_text(argument))
    if kind == "in":
        return _make(kind, tuple(_normal(item, textual) for item in argument))
    if kind in ("equals", "contains"):
        return _make(kind, _normal(argument, textual))
    if kind in _DATES:
        return _make(kind, _bound(kind, argument, zone))
    try:
        return _make(kind, argument)
    except re.error as error:
        raise _bad_regex(f"the regular expression does not compile: {error}") from None
    except (OverflowError, RecursionError):
        raise _bad_regex("the regular expression is too large") from None


def _bound(kind: str, argument: Any, zone: str) -> Bound:
    try:
        return parse_bound(argument, zone)
    except ValueError as error:
        raise BadArgument(kind, "bad-date", str(error), REMEDY) from None


def _bad_regex(message: str) -> BadArgument:
    return BadArgument(
        "regex", "bad-regex", message, r"mend it, and write it in single quotes, such as '^\d{6}$'"
    )


def _make(kind: str, argument: Any) -> Matcher:
    inner = argument if kind in ("any", "all") else (argument,) if kind == "not" else ()
    timed = kind in _DATES or any(matcher.timed for matcher in inner)
    return Matcher(kind, argument, KINDS[kind](argument), timed)


def _normal(value: Any, textual: bool) -> Any:
    if textual and not isinstance(value, str):
        text = as_text(value)
        return value if text is None else text
    return value
