"""Every shape mistake of a document at once, each at its key or value.

The good case is one call of ``msgspec.convert``, which stops at the first mistake; only a document that is
refused is walked here, along the same types, so that the tester hears of all mistakes in one go."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from mock_server.scenario.document import PATTERNS, File
from mock_server.scenario.examples import examples
from mock_server.scenario.facts import as_text, described, shown, walk
from mock_server.scenario.lookalikes import suspicious
from mock_server.scenario.matchers import FLAGS
from mock_server.scenario.other_words import another_value, another_word, elsewhere
from mock_server.scenario.problems import Problem, closest, suggestion
from mock_server.scenario.source import Source
from mock_server.scenario.vocabulary import Vocabulary
from mock_server.scenario.yaml_text import one_line

Path = tuple["str | int", ...]


class Shape(NamedTuple):
    """A document of the right shape, and what was wrong with it."""

    file: File | None
    """Typed values, without what is wrong; None: nothing is left."""
    problems: list[Problem]
    spoilt: list[Path]
    """Where they are."""


def read_file(source: Source, vocabularies: Mapping[str, Vocabulary]) -> Shape:
    """The document as typed values, and all that is wrong with its shape; the vocabularies are for the
    remedies' examples.

    Wrong values are left out, so that the meaning of the rest can be checked in the same run;
    None where nothing is left."""
    try:
        return Shape(msgspec.convert(source.value, File), [], [])
    except msgspec.ValidationError as error:
        checked = _Walk(source, examples(source.value, vocabularies))
        problems = checked.check(source.value, inspect.type_info(File)) or [
            source.problem((), "shape", str(error))
        ]
        return Shape(_salvaged(source.value, checked.spoilt), problems, checked.places)


def _salvaged(value: Any, spoilt: Sequence[Path]) -> File | None:
    if () in spoilt:
        return None
    value = deepcopy(value)
    for path in sorted(set(spoilt), key=len, reverse=True):
        owner, last = walk(value, list(map(str, path[:-1]))), path[-1]
        if isinstance(last, int):
            owner[last] = {"name": SPOILT}
        else:
            owner.pop(last, None)
    try:
        return msgspec.convert({**value, "version": 1}, File)
    except msgspec.ValidationError:
        return None


SPOILT = "spoilt"
"""Name that stands in for a scenario whose own is missing or wrong."""


_WHOLE_FILE = "begin it with `version: 1`, `provider: …` and `scenarios:`"
MANY = 20
"""Unknown keys of one mapping that are reported one by one."""


class _Walk:
    def __init__(self, source: Source, examples: Mapping[tuple[str, str], Any]) -> None:
        self._source = source
        self._examples = examples
        """(class, key) → an example from the vendor's vocabulary, which replaces the document's own."""
        self._problems: list[Problem] = []
        self._loose: Path = ()
        self.spoilt: list[Path] = []
        """Paths to leave out; the rest has the right shape."""
        self.places: list[Path] = []
        """Paths of the problems."""

    def check(self, value: Any, expected: inspect.Type) -> list[Problem]:
        self._value(value, expected, ())
        return self._problems

    def _note(
        self,
        path: Path,
        rule: str,
        message: str,
        remedy: str = "",
        *,
        key: bool = False,
        loose: Path | None = None,
        fix: str | None = None,
    ) -> None:
        self._problems.append(self._source.problem(path, rule, message, remedy, key=key, fix=fix))
        self.places.append(path)
        self.spoilt.append(self._loose if loose is None else loose)

    def _below(self, loose: Path, value: Any, expected: inspect.Type, path: Path, example: str = "") -> None:
        """Check a part that can be left out by leaving out ``loose``."""
        outer, self._loose = self._loose, loose
        self._value(value, expected, path, example)
        self._loose = outer

    def _value(self, value: Any, expected: inspect.Type, path: Path, example: str = "") -> None:
        while isinstance(expected, inspect.Metadata):
            expected = expected.type
        if isinstance(expected, inspect.UnionType):
            expected = next((option for option in expected.types if _fits(value, option)), expected)
        while isinstance(expected, inspect.Metadata):
            expected = expected.type
        if not _fits(value, expected):
            self._wrong_type(value, expected, path, example)
        elif isinstance(expected, inspect.StructType):
            self._struct(value, expected, path)
        elif isinstance(expected, inspect.DictType):
            self._limits(value, expected, path, example)
            for name, item in value.items():
                self._below((*path, name), item, expected.value_type, (*path, name))
        elif isinstance(expected, inspect.ListType):
            self._limits(value, expected, path, example)
            for index, item in enumerate(value):
                loose = (*path, index) if path == ("scenarios",) else self._loose
                self._below(loose, item, expected.item_type, (*path, index), example)
        else:
            self._limits(value, expected, path, example)

    def _wrong_type(self, value: Any, expected: inspect.Type, path: Path, example: str) -> None:
        what = _noun(expected) if path and isinstance(path[-1], int) and _noun(expected) else _titled(path)
        if value is None:
            self._note(
                path, "empty-value", f"{what} is empty", example or f"it takes {_called(expected)}", key=True
            )
            return
        remedy, fix = _in_the_right_type(value, expected, path) or (example or _WHOLE_FILE, None)
        message = f"{what} must be {_called(expected)}, not {described(value)}"
        self._note(path, "wrong-type", message, remedy, fix=fix)

    def _struct(self, value: Mapping[str, Any], expected: inspect.StructType, path: Path) -> None:
        fields = {field.encode_name: field for field in expected.fields}
        noun = expected.cls.NOUN  # type: ignore[attr-defined]
        unknown = [name for name in value if name not in fields]
        reported = frozenset(unknown[:MANY])
        for name, item in value.items():
            below = (*path, name)
            if name not in fields and name not in reported:
                self.spoilt.append(below)
            elif name not in fields:
                said = (
                    _misspelt(name) or _misplaced(name, value, fields) or _unknown(name, noun, fields, value)
                )
                self._note(below, "unknown-key", *said[:2], key=True, loose=below, fix=said[2])
            elif item is None and _owns_next(name, value, fields):
                self.spoilt.append(below)  # what is indented wrongly is reported where it stands
            else:
                field = fields[name]
                loose = self._loose if field.required and name != "version" else below
                self._below(
                    loose, item, field.type, below, f"write for example {self._example(expected, field)}"
                )
        if len(unknown) > MANY:
            message = f"{len(unknown) - MANY:,} more keys are not keys of {noun}"
            self._note((*path, unknown[MANY]), "unknown-key", message, "remove them", key=True)
        meant = {plain for name in unknown[:MANY] if (plain := _meant(name, noun, fields))}
        for name, field in fields.items():
            if field.required and name not in value and name not in meant:
                remedy = f"add for example `{name}: {self._example(expected, field)}`"
                self._note(
                    path,
                    "missing-key",
                    f"{noun} needs `{name}`",
                    remedy,
                    loose=("version",) if name == "version" else None,
                )

    def _example(self, owner: inspect.StructType, field: inspect.Field) -> str:
        """A value for the key, in YAML; every key of `document` has one."""
        known = self._examples.get((owner.cls.__name__, field.encode_name))
        assert isinstance(field.type, inspect.Metadata)
        return one_line((field.type.extra_json_schema or {})["examples"][0] if known is None else known)

    def _limits(self, value: Any, expected: Any, path: Path, example: str) -> None:
        name = _titled(path)
        for attribute, holds, says in _LIMITS:
            limit = getattr(expected, attribute, None)
            if limit is not None and not holds(value, limit):
                said = says.format(limit)
                said = said.replace(" in it", " characters") if isinstance(value, str) else said
                self._note(path, "out-of-range", f"{name} {said}, and is {shown(value)}", example)
                return
        pattern = getattr(expected, "pattern", None)
        if pattern is not None and re.search(pattern, value) is None:
            message = f"{name} {PATTERNS[pattern]}, and is {shown(value)}"
            fix = one_line(value.strip()) if re.search(pattern, value.strip()) else None
            self._note(path, "out-of-range", message, f"write `{fix}`" if fix else example, fix=fix)


def _titled(path: Path) -> str:
    """What a value is called by its place: ``` `tags` ```, ``an item of `tags` ``."""
    keys = [part for part in path if isinstance(part, str)]
    if not keys:
        return "the file"
    return f"`{keys[-1]}`" if path[-1] == keys[-1] else f"an item of `{keys[-1]}`"


def _noun(expected: inspect.Type) -> str:
    """``a callback``; empty for a mapping that is not ours."""
    return expected.cls.NOUN if isinstance(expected, inspect.StructType) else ""  # type: ignore[attr-defined]


_LIMITS: tuple[tuple[str, Callable[[Any, Any], bool], str], ...] = (
    ("ge", lambda value, limit: value >= limit, "must be at least {}"),
    ("le", lambda value, limit: value <= limit, "must be at most {}"),
    ("min_length", lambda value, limit: len(value) >= limit, "must have at least {} in it"),
    ("max_length", lambda value, limit: len(value) <= limit, "must have at most {} in it"),
)


def _fits(value: Any, expected: inspect.Type) -> bool:
    """Whether the value is of that type at its surface: a mapping fits every struct."""
    if isinstance(expected, inspect.Metadata):
        return _fits(value, expected.type)
    if isinstance(expected, inspect.LiteralType):
        return any(value == literal and type(value) is type(literal) for literal in expected.values)
    if isinstance(expected, inspect.UnionType):
        return any(_fits(value, option) for option in expected.types)
    if isinstance(expected, inspect.AnyType):
        return True
    if isinstance(value, bool):
        return isinstance(expected, inspect.BoolType)
    return any(isinstance(value, python) and isinstance(expected, kind) for python, kind, _ in _TYPES)


_TYPES: tuple[tuple[type, type, str], ...] = (
    (type(None), inspect.NoneType, "nothing"),
    (bool, inspect.BoolType, "true or false"),
    (int, inspect.IntType, "a whole number"),
    (int, inspect.FloatType, "a number"),
    (float, inspect.FloatType, "a number"),
    (str, inspect.StrType, "a text"),
    (list, inspect.ListType, "a list"),
    (dict, inspect.DictType, "a mapping"),
    (dict, inspect.StructType, "a mapping"),
)


def _called(expected: inspect.Type) -> str:
    """What a type is called: ``a text``, ``a number or a list``."""
    if isinstance(expected, inspect.Metadata):
        return _called(expected.type)
    if isinstance(expected, inspect.UnionType):
        names = list(dict.fromkeys(_called(option) for option in expected.types))
        if "a number" in names and "a whole number" in names:
            names.remove("a whole number")
        return " or ".join(names)
    if isinstance(expected, inspect.LiteralType):
        return " or ".join(shown(value) for value in expected.values)
    return next((name for _, kind, name in _TYPES if isinstance(expected, kind)), "a value")


Said = tuple[str, str, "str | None"]
"""Message, remedy and fix."""


def _unknown(name: str, noun: str, fields: Mapping[str, inspect.Field], owner: Mapping[str, Any]) -> Said:
    """What is there already is not meant."""
    message = f"`{name}` is not a key of {noun}"
    other = elsewhere(name, owner[name], noun, owner)
    if other is not None:
        return message, *other
    return message, *suggestion(name, [key for key in fields if key not in owner])


def _meant(name: str, noun: str, fields: Mapping[str, inspect.Field]) -> str:
    """The key that an unknown one stands for; empty: none."""
    suspect = suspicious(name)
    return suspect.plain if suspect is not None else another_word(name, noun) or closest(name, list(fields))


def _misspelt(name: str) -> Said | None:
    """A key that is not a word at all."""
    suspect = suspicious(name)
    if suspect is not None:
        return f"`{name}` {suspect.what}", f"write `{suspect.plain}`", suspect.plain
    if match := re.match(r"([\w-]+) ?([\[{].*)", name):
        fix = f"{match[1]}: {match[2]}"
        return f"a colon is missing after `{match[1]}`", f"write `{fix}`", fix
    if match := re.match(r"-(\w.*)", name):
        return "a space is missing after the dash", f"write `- {match[1]}`", f"- {match[1]}"
    return None


def _misplaced(name: str, owner: Mapping[str, Any], fields: Mapping[str, inspect.Field]) -> Said | None:
    """A key that belongs to the empty one in front of it."""
    names = list(owner)
    above = next((key for key in reversed(names[: names.index(name)]) if key in fields), "")
    if above and owner[above] is None and name in _names_below(fields[above].type):
        return f"`{name}` belongs to `{above}`", "indent it by two more spaces", f"  {name}"
    return None


def _owns_next(name: str, owner: Mapping[str, Any], fields: Mapping[str, inspect.Field]) -> bool:
    """Whether what follows an empty key belongs to it."""
    names = list(owner)
    following = next((key for key in names[names.index(name) + 1 :]), "")
    return following not in fields and following in _names_below(fields[name].type)


def _names_below(expected: inspect.Type) -> frozenset[str]:
    """The keys of the mappings that the type allows."""
    if isinstance(expected, inspect.Metadata):
        return _names_below(expected.type)
    if isinstance(expected, inspect.UnionType):
        return frozenset[str]().union(*map(_names_below, expected.types))
    return (
        frozenset(field.encode_name for field in expected.fields)
        if isinstance(expected, inspect.StructType)
        else frozenset()
    )


_FREE_TEXTS = frozenset({"name", "description", "message", "reference", "service", "key", "notes"})


def _in_the_right_type(value: Any, expected: inspect.Type, path: Path) -> tuple[str, str | None] | None:
    """Remedy and fix for a value that is right but for its shape."""
    if isinstance(expected, inspect.Metadata):
        return _in_the_right_type(value, expected.type, path)
    options = expected.types if isinstance(expected, inspect.UnionType) else (expected,)
    lists = [option for option in options if isinstance(option, inspect.ListType)]
    glued = re.fullmatch(r"([\w.-]+):(\S.*)", value) if isinstance(value, str) else None
    if glued is not None and any(
        isinstance(option, inspect.DictType) or glued[1] in _names_below(option) for option in options
    ):
        fix = f"{glued[1]}: {glued[2]}"
        return f"write a space after the colon: `{fix}`", fix
    if lists and isinstance(value, dict) and isinstance(lists[0].item_type, inspect.StructType):
        return "begin each item with `- `", None
    if lists and not isinstance(value, dict) and _fits(value, lists[0].item_type):
        fix = one_line(_split(value))
        return f"write `{fix}`", fix
    wanted_text = as_text(value)
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    for option in options:
        if isinstance(option, inspect.LiteralType) and (
            word := _literal(key, wanted_text, list(map(as_text, option.values)))
        ):
            return f"write `{word}`", word
        if isinstance(option, inspect.IntType) and (number := _number(key, value)):
            return f"write `{number}`", number
        if isinstance(option, inspect.BoolType) and (flag := FLAGS.get((wanted_text or "").strip().lower())):
            return f"write `{flag}`", flag
        if isinstance(option, inspect.StructType) and isinstance(value, str):
            required = [field.encode_name for field in option.fields if field.required]
            if len(required) == 1 and " " not in value.strip():
                fix = one_line({required[0]: value.strip()})
                return f"write `{fix}`", fix
    if path and path[-1] in _FREE_TEXTS and as_text(value) is not None:
        fix = json.dumps(as_text(value))
        return f"put it in quotes: `{fix}`", fix
    return None


def _split(value: Any) -> list[Any]:
    """The items of a list that was written as one text."""
    if isinstance(value, str) and re.fullmatch(r"[\w .-]+([,;][\w .-]+)+", value):
        return [part.strip() for part in re.split("[,;]", value)]
    return [value]


def _literal(key: str, text: str | None, known: list[str | None]) -> str:
    """The word that is meant; empty: none is alike."""
    if text is None or text in known:
        return text or ""
    return another_value(key, text) or closest(text, [word for word in known if word is not None])


def _number(key: str, value: Any) -> str:
    """The number at the beginning of a text, such as `503 Service Unavailable`; empty: none."""
    if not isinstance(value, str):
        return ""
    number = re.match(r"\s*(\d+)(?![\d.,])", value)
    return number[1] if number else another_value(key, value)
