"""The matchers of ``match``: all that is known of each word is its entry of `MATCHERS`.

Facts are JSON values. Those that are text by nature (parameters, query, headers …) are compared with the text
of a YAML number or boolean; those of the body keep their JSON type, so that ``18`` is not ``"18"``. Long because
it holds the whole table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from mock_server.scenario.bounded_regex import TOO_LONG, BoundedRegex
from mock_server.scenario.date_bounds import REMEDY as DATE_REMEDY
from mock_server.scenario.date_bounds import SYNTAX as DATE_SYNTAX
from mock_server.scenario.date_bounds import Bound, parse_bound, spoken_offset, unsigned, within
from mock_server.scenario.dates import rewritten
from mock_server.scenario.facts import MISSING, as_number, as_text, described, same, shown
from mock_server.scenario.path_notations import flattened
from mock_server.scenario.problems import closest, did_you_mean
from mock_server.scenario.yaml_text import one_line

Test = Callable[[object], "bool | None"]
"""Whether a fact fits; None: undecided in time, which counts as no, also within `not`."""
Path = tuple["str | int", ...]

CONDITION: Final = "condition"
"""Name of a condition's definition in the JSON Schema."""


# --- what can be wrong with a condition


class Fault(NamedTuple):
    """One mistake in a condition, placed below it."""

    path: Path
    rule: str
    message: str
    remedy: str
    key: bool = False
    """True: it is about the word, not about its argument."""
    fix: str | None = None
    """What to write in its place, in one line of YAML."""


class BadCondition(ValueError):
    """A condition that cannot be used. Holds every mistake in it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


class BadArgument(ValueError):
    """An argument of the right type that its matcher cannot use."""

    def __init__(self, rule: str, message: str, remedy: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.remedy = remedy
        self.fix = fix


class Mismatch(NamedTuple):
    """Why one condition does not hold."""

    path: str
    expected: str
    """In words: ``begins with "flaky-"``."""
    actual: Any
    """The fact, or `MISSING`."""
    reason: str
    """In words: ``is missing``, ``is "Marlow"`` …"""
    is_near: bool = False
    """True: the fact is the expected one but for its type, its case or white space, or could not be compared in time."""


# --- a condition


class Matcher(Struct, frozen=True):
    """What one fact has to be. ``holds`` decides; everything else explains."""

    kind: str
    """A word of `MATCHERS`."""
    argument: Any
    """As the word's ``read`` has made it; a tuple of matchers where conditions stand in it."""
    holds: Test
    """Of one that is ``timed`` only once `at` has given it a now; false until then."""
    timed: bool = False
    """Whether it depends on the account's clock."""

    @property
    def inner(self) -> tuple[Matcher, ...]:
        """The conditions in it."""
        inner: tuple[Matcher, ...] = self.argument if MATCHERS[self.kind].takes.nests else ()
        return inner

    def at(self, now: float) -> Matcher:
        """The same matcher when the account's clock shows ``now``."""
        if not self.timed:
            return self
        if self.inner:
            return _make(self.kind, tuple(inner.at(now) for inner in self.inner))
        at = MATCHERS[self.kind].at
        assert at is not None
        argument, holds = at(self.argument, now)
        return Matcher(self.kind, argument, holds, True)

    @property
    def expected(self) -> str:
        """In words, such as ``begins with "flaky-"``."""
        return MATCHERS[self.kind].words(self.argument)

    @property
    def values(self) -> Sequence[Any] | None:
        """All values that it accepts, where it names them; None where they are without number."""
        return MATCHERS[self.kind].values(self.argument)

    @property
    def beginnings(self) -> Sequence[str]:
        """The texts of which one must be the beginning, where it says no more than that; empty: it does."""
        return MATCHERS[self.kind].beginnings(self.argument)

    def difference(self, path: str, actual: object) -> Mismatch | None:
        """None where it holds."""
        holds = self.holds(actual)
        if holds:
            return None
        if holds is None:
            return Mismatch(path, self.expected, actual, TOO_LONG, is_near=True)
        if actual is MISSING:
            return Mismatch(path, self.expected, actual, "is missing")
        kind = MATCHERS[self.kind]
        return Mismatch(
            path,
            self.expected,
            actual,
            kind.reason(self.argument, actual),
            kind.is_literal and _is_near(self.argument, actual),
        )


class Argument(NamedTuple):
    """What is written behind a matcher's word."""

    called: str
    """In messages: ``a text``."""
    types: tuple[type, ...]
    """Python's types of its JSON values; empty: any."""
    schema: Mapping[str, Any]
    holds: str = ""
    """``values`` that are compared one by one, a ``condition`` or ``conditions``; empty: none of them."""

    @property
    def nests(self) -> bool:
        """Whether conditions stand in it."""
        return self.holds.startswith("condition")

    def fits(self, value: object) -> bool:
        """Whether a value is of the right type."""
        return not self.types or (
            isinstance(value, self.types) and (bool in self.types or not isinstance(value, bool))
        )


class MatcherContext(NamedTuple):
    """What is known while a condition is read."""

    textual: bool
    """The fact is always text."""
    zone: str
    """The vendor's time zone."""
    faults: list[Fault]


class MatcherKind(Struct, frozen=True, kw_only=True):
    """All that is known of one matcher."""

    description: str
    examples: tuple[Any, ...]
    """Arguments."""
    takes: Argument
    test: Callable[[Any], Test]
    """Argument → what decides whether a fact fits."""
    words: Callable[[Any], str]
    """Argument → what is expected, in words."""
    read: Callable[[Any, MatcherContext], Any] = lambda written, reading: written
    """What is written → the argument. Raises `BadArgument`."""
    at: Callable[[Any, float], tuple[Any, Test]] | None = None
    """Argument, the account's now → argument and test at that time; None: the clock does not matter."""
    reason: Callable[[Any, object], str] = lambda argument, actual: f"is {shown(actual)}"
    """Argument, a fact that does not fit → how it is."""
    values: Callable[[Any], Sequence[Any] | None] = lambda argument: None
    """See `Matcher.values`; the index looks these up."""
    beginnings: Callable[[Any], Sequence[str]] = lambda argument: ()
    """See `Matcher.beginnings`; the index looks these up."""
    covers: Callable[[Any, Matcher], bool] = lambda argument, narrow: False
    """Argument, another matcher that names no values → whether all that it accepts fits, as far as that is known."""
    doubts: Callable[[Any], tuple[str, str, str] | None] = lambda argument: None
    """Argument → rule, message and remedy of a warning."""
    weight: float = 1.0
    """How much it says about a scenario that it holds: less where it holds for many requests."""
    is_literal: bool = False
    """True: a text in it is compared letter by letter."""
    of_scalars: bool = False
    """True: it never holds for a list or mapping."""
    orders: bool = False
    """True: it compares what comes before or after."""
    also: tuple[str, ...] = ()
    """Words that other tools have for it."""
    is_word: bool = True
    """False: it is written without a word, as a bare value."""


# --- arguments

_TEXT = Argument("a text", (str,), {"type": "string"})
_SCALAR = Argument("a text or a number", (str, int, float), {"type": ["string", "number"]})
_FLAG = Argument("true or false", (bool,), {"type": "boolean"})
_VALUE = Argument("a value", (), {})
_DATE = Argument("a date, `today` or an offset", (str,), {"type": "string", "pattern": DATE_SYNTAX})
_VALUES = Argument("a list of values", (list,), {"type": "array", "minItems": 1}, "values")
_NESTED = {"$ref": f"#/definitions/{CONDITION}"}
_CONDITION = Argument("a value or a matcher", (), _NESTED, "condition")
_CONDITIONS = Argument(
    "a list of values or matchers", (list,), {"type": "array", "minItems": 1, "items": _NESTED}, "conditions"
)


def _normal(value: Any, reading: MatcherContext) -> Any:
    if reading.textual and not isinstance(value, str):
        text = as_text(value)
        return value if text is None else text
    return value


def _normal_each(value: Any, reading: MatcherContext) -> tuple[Any, ...]:
    return tuple(_normal(item, reading) for item in value)


def _as_text(value: Any, reading: MatcherContext) -> str:
    return as_text(value) or ""


# --- equals, in


def _equals(expected: Any) -> Test:
    if isinstance(expected, str):
        return lambda value: value == expected
    return lambda value: value is not MISSING and same(value, expected)


def _unequal(expected: Any, actual: object) -> str:
    if type(actual) is not type(expected) and as_text(actual) == as_text(expected):
        return f"is {_typed(actual)}, not {_typed(expected)}"
    if isinstance(actual, str) and isinstance(expected, str):
        if actual.strip() == expected.strip():
            return f"is {shown(actual)}, which differs in white space"
        if actual.casefold() == expected.casefold():
            return f"is {shown(actual)}, which differs in upper and lower case"
    return f"is {shown(actual)}"


def _is_near(expected: object, actual: object) -> bool:
    """Whether both are the same but for their type, case or white space."""
    texts = as_text(expected), as_text(actual)
    return None not in texts and len({(text or "").strip().casefold() for text in texts}) == 1


def _typed(value: object) -> str:
    for kind, name in ((bool, "the boolean"), (str, "the text"), ((int, float), "the number")):
        if isinstance(value, kind):
            return f"{name} {shown(value)}"
    return shown(value)


def _in(expected: Any) -> Test:
    if all(isinstance(item, str) for item in expected):
        texts = frozenset(expected)
        return lambda value: isinstance(value, str) and value in texts
    return lambda value: value is not MISSING and any(same(value, item) for item in expected)


# --- texts; a text is not handed to `as_text`, whose call costs as much as the comparison


def _read_regex(written: Any, _: MatcherContext) -> BoundedRegex:
    try:
        return BoundedRegex(written)
    except ValueError as error:
        remedy = r"correct it, and write it in single quotes, such as '^\d{6}$'"
        raise BadArgument("bad-regex", str(error), remedy) from None


def _regex(expected: Any) -> Test:
    is_in = expected.is_in

    def holds(value: object) -> bool | None:
        text = value if isinstance(value, str) else as_text(value)
        return False if text is None else is_in(text)

    return holds


def _of_nothing(argument: Any) -> tuple[str, str, str] | None:
    if argument != "":
        return None
    return (
        "matches-all",
        "every text has an empty text in it",
        "write `{exists: true}`, or what is in the text",
    )


def _doubtful_regex(expected: Any) -> tuple[str, str, str] | None:
    if (meant := expected.without_slashes()) is not None:
        return (
            "delimited-regex",
            f"the slashes of `{expected.pattern}` are compared, too",
            f"write `'{meant}'`",
        )
    if not expected.is_slow():
        return _of_nothing(expected.pattern)
    message = (
        f"the regular expression `{expected.pattern}` can take very long: it repeats what repeats itself"
    )
    return "slow-regex", message, "repeat once, such as (ab)+ instead of ((ab)+)+"


def _prefix(expected: Any) -> Test:
    return lambda value: (
        (text := value if isinstance(value, str) else as_text(value)) is not None
        and text.startswith(expected)
    )


def _suffix(expected: Any) -> Test:
    return lambda value: (
        (text := value if isinstance(value, str) else as_text(value)) is not None and text.endswith(expected)
    )


def _contains(expected: Any) -> Test:
    text = as_text(expected)

    def holds(value: object) -> bool:
        if isinstance(value, str):
            return text is not None and text in value
        if isinstance(value, list):
            return any(same(item, expected) for item in value)
        if isinstance(value, Mapping):
            return isinstance(expected, str) and expected in value
        fact = as_text(value)
        return fact is not None and text is not None and text in fact

    return holds


def _fits_text_of(*kinds: str, test: Callable[[Any], Test]) -> Callable[[Any, Matcher], bool]:
    """Whether the text that a narrow matcher of these kinds demands passes the wide one's test."""
    return lambda wide, narrow: narrow.kind in kinds and bool(test(wide)(narrow.argument))


# --- exists


def _exists(expected: Any) -> Test:
    return lambda value: (value is not MISSING) is expected


# --- bounds


def _compare(decide: Callable[[Any, Any], bool]) -> Callable[[Any], Test]:
    def factory(expected: Any) -> Test:
        if isinstance(expected, str):
            return lambda value: isinstance(value, str) and decide(value, expected)
        return lambda value: (number := as_number(value)) is not None and decide(number, expected)

    return factory


def _bound(
    description: str,
    example: Any,
    words: str,
    also: tuple[str, ...],
    decide: Callable[[Any, Any], bool],
    narrower: Mapping[str, Callable[[Any, Any], bool]],
) -> MatcherKind:
    """``narrower``: bound in the same direction → whether its argument leaves less than this one's."""

    def covers(wide: Any, narrow: Matcher) -> bool:
        return (
            narrow.kind in narrower
            and isinstance(narrow.argument, str) == isinstance(wide, str)
            and narrower[narrow.kind](narrow.argument, wide)
        )

    return MatcherKind(
        description=description,
        examples=(example,),
        takes=_SCALAR,
        test=_compare(decide),
        words=lambda expected: words.format(shown(expected)),
        covers=covers,
        of_scalars=True,
        orders=True,
        also=also,
    )


def _less(left: Any, right: Any) -> bool:
    return bool(left < right)


def _at_most(left: Any, right: Any) -> bool:
    return bool(left <= right)


def _more(left: Any, right: Any) -> bool:
    return bool(left > right)


def _at_least(left: Any, right: Any) -> bool:
    return bool(left >= right)


# --- dates


def _time_of_day(text: str) -> str:
    """The remedy for a time without a day; empty for anything else."""
    hour, colon, rest = text.strip().partition(":")
    is_time = bool(colon) and hour.isdecimal() and rest.replace(":", "").isdecimal()
    return "a time of day needs its day: write for example 2026-03-01T22:00:00Z" if is_time else ""


def _read_date(written: Any, reading: MatcherContext) -> Bound:
    try:
        return parse_bound(written, reading.zone)
    except ValueError as error:
        fix = spoken_offset(written) or rewritten(written)
        remedy = f"write `{fix}`" if fix else unsigned(written) or _time_of_day(written) or DATE_REMEDY
        raise BadArgument("bad-date", str(error), remedy, fix or None) from None


def _date(word: str, description: str, examples: tuple[str, ...], side: int) -> MatcherKind:
    """``side``: what `Bound.compared` answers where it holds."""

    def at(bound: Bound, now: float) -> tuple[Bound, Test]:
        dated = replace(bound, written=bound.words(now))
        return dated, lambda value: bound.compared(value, now) == side

    return MatcherKind(
        description=description,
        examples=examples,
        takes=_DATE,
        read=_read_date,
        test=lambda bound: lambda value: False,
        words=lambda bound: f"{word} {bound.written}",
        at=at,
        covers=lambda wide, narrow: narrow.kind == word and within(narrow.argument, wide, side),
        of_scalars=True,
        also=("earlier", "until") if side < 0 else ("later", "since"),
    )


# --- conditions in conditions


def _read_condition(written: Any, reading: MatcherContext) -> Any:
    raise AssertionError("conditions are read by `_nested`")


def _not(inner: Any) -> Test:
    test: Test = inner[0].holds
    return lambda value: None if (holds := test(value)) is None else not holds


def _any(inner: Any) -> Test:
    tests = tuple(matcher.holds for matcher in inner)

    def holds(value: object) -> bool | None:
        holds: bool | None = False
        for test in tests:
            answer = test(value)
            if answer:
                return True
            if answer is None:
                holds = None
        return holds

    return holds


def _all(inner: Any) -> Test:
    tests = tuple(matcher.holds for matcher in inner)

    def holds(value: object) -> bool | None:
        holds: bool | None = True
        for test in tests:
            answer = test(value)
            if answer is False:
                return False
            if answer is None:
                holds = None
        return holds

    return holds


def _joined(word: str) -> Callable[[Any], str]:
    return lambda inner: f" {word} ".join(map(_bracketed, inner))


def _bracketed(matcher: Matcher) -> str:
    return f"({matcher.expected})" if len(matcher.inner) > 1 else matcher.expected


def _any_values(inner: Any) -> Sequence[Any] | None:
    each = [matcher.values for matcher in inner]
    return (
        None
        if any(values is None for values in each)
        else tuple(value for values in each for value in values or ())
    )


def _any_beginnings(inner: Any) -> Sequence[str]:
    each = [matcher.beginnings for matcher in inner]
    return tuple(dict.fromkeys(text for beginnings in each for text in beginnings)) if all(each) else ()


# --- the table

MATCHERS: dict[str, MatcherKind] = {
    "equals": MatcherKind(
        description="Equals this.",
        examples=("NZ", 18, None),
        takes=_VALUE,
        read=_normal,
        test=_equals,
        words=shown,
        reason=_unequal,
        values=lambda expected: (expected,),
        is_literal=True,
        also=("equals", "eq", "is", "equal", "equalTo", "==", "value"),
        is_word=False,
    ),
    "in": MatcherKind(
        description="Equals one of these.",
        examples=(["NZ", "AU"],),
        takes=_VALUES,
        read=_normal_each,
        test=_in,
        words=lambda expected: f"one of {', '.join(map(shown, expected))}",
        values=tuple,
        also=("oneOf", "one_of", "anyOf", "enum"),
    ),
    "regex": MatcherKind(
        description="This regular expression (Python's) is found in the text; anchor it with ^ and $.",
        examples=("^[A-Z]{2}[0-9]{6}$",),
        takes=_TEXT,
        read=_read_regex,
        test=_regex,
        words=lambda expected: f"matches /{expected.pattern}/",
        doubts=_doubtful_regex,
        of_scalars=True,
        also=("pattern", "matches", "regexp", "like"),
    ),
    "prefix": MatcherKind(
        description="The text begins with this.",
        examples=("flaky-",),
        takes=_SCALAR,
        read=_as_text,
        test=_prefix,
        doubts=_of_nothing,
        words=lambda expected: f"begins with {shown(expected)}",
        beginnings=lambda expected: (expected,) if expected else (),
        covers=_fits_text_of("prefix", test=_prefix),
        is_literal=True,
        of_scalars=True,
        also=("startsWith", "starts_with", "begins", "beginsWith"),
    ),
    "suffix": MatcherKind(
        description="The text ends with this.",
        examples=("@example.com",),
        takes=_SCALAR,
        read=_as_text,
        test=_suffix,
        doubts=_of_nothing,
        words=lambda expected: f"ends with {shown(expected)}",
        covers=_fits_text_of("suffix", test=_suffix),
        is_literal=True,
        of_scalars=True,
        also=("endsWith", "ends_with", "ends"),
    ),
    "contains": MatcherKind(
        description="The text has this in it, or the list has this item, or the mapping has this key.",
        examples=("passport",),
        takes=_VALUE,
        read=_normal,
        test=_contains,
        doubts=_of_nothing,
        words=lambda expected: f"contains {shown(expected)}",
        covers=_fits_text_of("prefix", "suffix", test=_contains),
        is_literal=True,
        also=("includes", "has"),
    ),
    "exists": MatcherKind(
        description="true: the field is there, be it null or empty. false: it is not.",
        examples=(False,),
        takes=_FLAG,
        test=_exists,
        words=lambda expected: "is there" if expected else "is not there",
        covers=lambda wide, narrow: wide is True and not narrow.holds(MISSING),
        weight=0.25,
        also=("present", "exist", "absent", "missing"),
    ),
    "gt": _bound(
        "Above this number; or after this text, so that ISO dates compare as dates.",
        100, "above {}", (">", "above", "greaterThan", "greater_than", "min_exclusive"), _more,
        {"gt": _at_least, "gte": _more},
    ),
    "gte": _bound(
        "This number or above; likewise for texts.",
        18, "{} or above", (">=", "min", "minimum", "at_least"), _at_least,
        {"gt": _at_least, "gte": _at_least},
    ),
    "lt": _bound(
        "Below this number; likewise for texts.",
        "2008-01-01", "below {}", ("<", "below", "lessThan", "less_than", "max_exclusive"), _less,
        {"lt": _at_most, "lte": _less},
    ),
    "lte": _bound(
        "This number or below; likewise for texts.",
        0.5, "{} or below", ("<=", "max", "maximum", "at_most"), _at_most,
        {"lt": _at_most, "lte": _at_most},
    ),
    "before": _date(
        "before",
        "The date or instant lies before this: a date, `today`, or an offset from the account's now such as "
        "-18y, -6mo, +30d or -10m. Compared by day unless both have a time of day.",
        ("-18y", "today", "2008-11-29"),
        -1,
    ),
    "after": _date(
        "after", "The date or instant lies after this; likewise.", ("-18y", "today", "2008-11-29"), 1
    ),
    "not": MatcherKind(
        description="This value or matcher does not hold. A missing field is not equal to anything.",
        examples=("NZ", {"prefix": "test-"}),
        takes=_CONDITION,
        read=_read_condition,
        test=_not,
        words=lambda inner: f"not {_bracketed(inner[0])}",
        weight=0.25,
        also=("ne", "neq", "not_equals", "notEquals", "!=", "isNot"),
    ),
    "any": MatcherKind(
        description="At least one of these values or matchers holds.",
        examples=([{"prefix": "a-"}, {"prefix": "b-"}],),
        takes=_CONDITIONS,
        read=_read_condition,
        test=_any,
        words=_joined("or"),
        values=_any_values,
        beginnings=_any_beginnings,
        also=("or",),
    ),
    "all": MatcherKind(
        description="All of these values or matchers hold.",
        examples=([{"contains": "@"}, {"not": {"suffix": ".test"}}],),
        takes=_CONDITIONS,
        read=_read_condition,
        test=_all,
        words=_joined("and"),
        also=("and",),
    ),
}  # fmt: skip
"""Word → what is known of it. Reading, lint, JSON Schema, index, explanations and near misses have no list of
matchers of their own."""


def words() -> list[str]:
    """The words that a file can use."""
    return [word for word, kind in MATCHERS.items() if kind.is_word]


# --- reading


def compile_matcher(written: Any, textual: bool, zone: str = "UTC") -> Matcher:
    """The matcher for a bare value, or for a mapping of matchers.

    ``textual``: the fact is always text; ``zone``: the vendor's time zone. Raises `BadCondition`."""
    reading = MatcherContext(textual, zone, [])
    matcher = _read(written, reading, ())
    if matcher is None:
        raise BadCondition(reading.faults)
    return matcher


def _read(written: Any, reading: MatcherContext, path: Path) -> Matcher | None:
    """None where something is wrong, which is then among the faults."""
    if not isinstance(written, Mapping):
        return _make("equals", _normal(written, reading))
    if not written:
        reading.faults.append(Fault(path, "empty-matcher", "the matcher is empty", did_you_mean("", words())))
    parts = [_part(word, argument, reading, (*path, word)) for word, argument in written.items()]
    sound = [part for part in parts if part is not None]
    if not parts or len(sound) < len(parts):
        return None
    return sound[0] if len(sound) == 1 else _make("all", tuple(sound))


def _part(word: str, written: Any, reading: MatcherContext, path: Path) -> Matcher | None:
    kind = MATCHERS.get(word)
    if kind is None or not kind.is_word:
        reading.faults.append(_unknown(word, written, path))
        return None
    fault = _misfit(word, kind, written, path)
    if fault is not None:
        reading.faults.append(fault)
        return None
    if kind.takes.nests:
        items = written if kind.takes.holds == "conditions" else [written]
        paths = [(*path, index) for index in range(len(items))] if items is written else [path]
        inner = [_read(item, reading, at) for item, at in zip(items, paths)]
        sound = tuple(matcher for matcher in inner if matcher is not None)
        return _make(word, sound) if len(sound) == len(inner) else None
    try:
        return _make(word, kind.read(written, reading))
    except BadArgument as error:
        reading.faults.append(Fault(path, error.rule, str(error), error.remedy, fix=error.fix))
        return None


def _misfit(word: str, kind: MatcherKind, written: Any, path: Path) -> Fault | None:
    example = f"write for example {one_line(kind.examples[0])}"
    if written is None and kind.takes.types:
        return Fault(path, "empty-value", f"`{word}` is empty", example, key=True)
    if not kind.takes.fits(written):
        message = f"`{word}` must be {kind.takes.called}, not {described(written)}"
        fix = _refitted(kind.takes, written)
        several = (
            f"to match one of several write `{one_line({'any': [{word: item} for item in written]})}`"
            if isinstance(written, list)
            else ""
        )
        return Fault(path, "wrong-type", message, f"write `{fix}`" if fix else several or example, fix=fix)
    if kind.takes.types == (list,) and not written:
        return Fault(path, "out-of-range", f"`{word}` must have at least 1 in it, and is []", example)
    return None


FLAGS = {
    "yes": "true",
    "on": "true",
    "true": "true",
    "1": "true",
    "no": "false",
    "off": "false",
    "false": "false",
    "0": "false",
}


def _refitted(takes: Argument, written: Any) -> str | None:
    """The value in the type that the matcher takes."""
    if takes.types == (list,) and not isinstance(written, Mapping):
        return f"[{one_line(written)}]"
    return FLAGS.get((as_text(written) or "").lower()) if takes.types == (bool,) else None


BELOW = "\0"
"""In a remedy: stands for the path of the condition and a dot, which the reader of the file knows."""
_CASE_WORDS = (
    "ignorecase",
    "caseinsensitive",
    "casesensitive",
    "equalsignorecase",
    "equalsignoringcase",
    "iequals",
)
_ANY_CASE = "upper and lower case differ; for either write a regular expression: `{regex: '(?i)^marlowe$'}`"


def _unknown(word: str, written: Any, path: Path) -> Fault:
    """A word that is not a matcher: another tool's, a slip of the pen, or a field below."""
    message = f"`{word}` is not a matcher"
    meant = next((name for name, kind in MATCHERS.items() if word in kind.also), "")
    if meant and not MATCHERS[meant].is_word:
        remedy = f"write the bare value: `{one_line(written)}`"
        return Fault(path[:-1], "unknown-key", message, remedy, fix=one_line(written))
    meant = meant or closest(word, words())
    if meant:
        return Fault(path, "unknown-key", message, f"did you mean `{meant}`?", key=True, fix=meant)
    if len(path) == 1:
        if word.replace("_", "").lower() in _CASE_WORDS:
            return Fault(path, "unknown-key", message, _ANY_CASE, key=True)
        remedy = f"to match a field below, write its path with dots: `{flattened(BELOW + word, written)}`"
        return Fault(path, "unknown-key", message, remedy, key=True)
    return Fault(path, "unknown-key", message, did_you_mean(word, words()), key=True)


def _make(kind: str, argument: Any) -> Matcher:
    entry = MATCHERS[kind]
    timed = entry.at is not None or (entry.takes.nests and any(matcher.timed for matcher in argument))
    return Matcher(kind, argument, entry.test(argument), timed)


# --- a condition as it is written


class WrittenValue(NamedTuple):
    """One value of a condition."""

    matcher: str
    """``equals`` for a bare value, otherwise the matcher's word."""
    value: Any
    path: Path
    """Below the condition."""


def written_values(condition: Any, path: Path = ()) -> Iterator[WrittenValue]:
    """The values of a condition, those in lists and in conditions within one by one."""
    if not isinstance(condition, Mapping):
        yield WrittenValue("equals", condition, path)
        return
    for word, argument in condition.items():
        holds = MATCHERS[word].takes.holds if word in MATCHERS else ""
        below = (*path, word)
        if holds == "condition":
            yield from written_values(argument, below)
        elif holds and isinstance(argument, list):
            for index, item in enumerate(argument):
                if holds == "values":
                    yield WrittenValue("equals", item, (*below, index))
                else:
                    yield from written_values(item, (*below, index))
        else:
            yield WrittenValue(word, argument, below)
