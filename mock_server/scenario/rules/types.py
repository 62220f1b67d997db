"""Conditions that no valid request meets, since the vendor takes another type, another form of a date or other
words at that path."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from mock_server.core.clock import parse_day
from mock_server.scenario.dates import rewritten
from mock_server.scenario.facts import TEXTUAL, as_text, shown
from mock_server.scenario.lookalikes import suspicious
from mock_server.scenario.matchers import MATCHERS, WrittenValue, written_values
from mock_server.scenario.model import Scenario
from mock_server.scenario.path_notations import flattened
from mock_server.scenario.problems import closest, did_you_mean
from mock_server.scenario.rules.finding import LintFinding, Path, operations_of
from mock_server.scenario.rules.texts import without_operator
from mock_server.scenario.vocabulary import BOOLEAN, LIST, MAPPING, NUMBER, TEXT, FieldType, Vocabulary
from mock_server.scenario.yaml_text import has_template, one_line

_TEXTUAL = FieldType((TEXT, NUMBER, BOOLEAN))
"""Of parameters and headers, which are compared with the text of a number."""
_ISO_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PART_OF_DATE = re.compile(r"\d{4}(-\d{2})?")


def mistyped_values(
    written: Mapping[str, Any], scenario: Scenario, vocabulary: Vocabulary
) -> Iterator[LintFinding]:
    """Each value of `match` that does not fit its path."""
    match = written.get("match")
    for path, condition in match.items() if isinstance(match, Mapping) else ():
        field = _field(path, scenario, vocabulary)
        if field is None or not field.types:
            continue
        for value in written_values(condition):
            if not has_template(value.value) and value.value is not None:
                at: Path = ("match", path, *value.path)
                finding = _check(path, at, value, field)
                if finding is not None:
                    yield finding


def _field(path: str, scenario: Scenario, vocabulary: Vocabulary) -> FieldType | None:
    """What is known of the path; None: nothing."""
    root, _, below = path.partition(".")
    if root in TEXTUAL and root != "operation":
        return _TEXTUAL
    if root == "verification":
        has_record = any(operation.verification for operation in operations_of(scenario, vocabulary))
        return vocabulary.record_types.get(below) if has_record else None
    if root != "body":
        return None
    fields = [
        operation.fields.get(below)
        for operation in operations_of(scenario, vocabulary)
        if operation.body is None or below in operation.body
    ]
    known = [field for field in fields if field is not None]
    return known[0] if known and len(known) == len(fields) and len(set(map(_key, known))) == 1 else None


def _key(field: FieldType) -> tuple[object, ...]:
    return field.types, field.is_date, field.values, field.size, field.items and _key(field.items)


def _check(path: str, at: Path, written: WrittenValue, field: FieldType) -> LintFinding | None:
    matcher, value = written.matcher, written.value
    if matcher == "equals":
        return _check_type(path, at, value, field) or _check_text(f"`{path}`", at, value, field)
    if matcher == "contains" and field.types == (MAPPING,) and isinstance(value, dict):
        message = f"`{path}` is a mapping, and `contains` looks for one of its keys"
        remedy = f"write its fields with dots: `{flattened(path, value)}`"
        return LintFinding(at, "wrong-value-type", message, remedy, key=True)
    if matcher not in MATCHERS:
        return None
    kind = MATCHERS[matcher]
    if kind.of_scalars and not {TEXT, NUMBER}.intersection(field.types):
        message = f"`{path}` is {_either(field)}, and `{matcher}` compares with a text"
        remedy = "write `contains` for an item of the list" if LIST in field.types else _BELOW
        return LintFinding(
            at, "wrong-value-type", message, remedy, key=True, fix="contains" if LIST in field.types else None
        )
    if matcher == "contains" and field.items is not None:
        return _check_text(f"an item of `{path}`", at, value, field.items)
    if matcher in _PARTS:
        return _check_part(path, at, written, field)
    if kind.orders and field.is_date:
        if not isinstance(value, str):
            message = f"`{path}` is a date, not {_with_type(value)}"
            return LintFinding(
                at, "wrong-value-type", message, 'write a date in quotes, such as "1987-03-14"'
            )
        return None if _PART_OF_DATE.fullmatch(value) else _check_date(f"`{path}`", at, value)
    return None


_BELOW = "match a field below it, or write `{exists: true}`"


def _either(field: FieldType) -> str:
    return TEXT if field is _TEXTUAL else " or ".join(field.types)


def _with_type(value: Any) -> str:
    """``the number 17``, ``the text "a"``, ``true`` or ``a mapping``."""
    if isinstance(value, (dict, list)):
        return _type_of(value)
    article = {NUMBER: "the number ", TEXT: "the text "}.get(_type_of(value), "")
    return f"{article}{shown(value)}"


def _check_type(path: str, at: Path, value: Any, field: FieldType) -> LintFinding | None:
    kind = _type_of(value)
    if kind in field.types:
        return None
    if kind == LIST:
        several = f"{{in: {one_line(value)}}}"
        message = f"`{path}` is {_either(field)}, not a list"
        remedy = f"to match one of several values write `{several}`"
        return LintFinding(at, "wrong-value-type", message, remedy, fix=several)
    message = f"`{path}` is {_either(field)}, not {_with_type(value)}"
    fix = _other_type(value, field)
    if fix is None:
        return LintFinding(at, "wrong-value-type", message, _BELOW)
    is_item = any(part == "in" for part in at[2:])
    return LintFinding(at, "wrong-value-type", message, f"write `{fix}`", fix=None if is_item else fix)


def _other_type(value: Any, field: FieldType) -> str | None:
    """The value in a type that the field has, in YAML."""
    text = as_text(value)
    if TEXT in field.types and len(field.values) == 1:
        return field.values[0]
    if TEXT in field.types and text is not None and not (isinstance(value, bool) and MAPPING in field.types):
        return json.dumps(text, ensure_ascii=False)
    if field.types[0] == LIST and text is not None:
        return f"{{contains: {one_line(value)}}}"
    return None


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, (int, float)):
        return NUMBER
    return TEXT if isinstance(value, str) else LIST if isinstance(value, list) else MAPPING


def _check_text(what: str, at: Path, value: Any, field: FieldType) -> LintFinding | None:
    """``what``: the field, as the message names it."""
    if not isinstance(value, str) or value == "" or suspicious(value) is not None or without_operator(value):
        return None
    if field.is_date:
        return _check_date(what, at, value)
    if (not field.values or value.lower() in {known.lower() for known in field.values}) and (
        not field.size or len(value) == field.size
    ):
        return None
    meant = _meant(value, field)
    size = f"has {field.size} characters" if field.size and not field.values else ""
    message = f"{what} {size}, not as `{value}`" if size else f"{what} is never `{value}`"
    remedy = f"write `{meant}`" if meant else did_you_mean("", field.values)
    return LintFinding(at, "unknown-value", message, remedy, fix=one_line(meant) if meant else None)


def _meant(value: str, field: FieldType) -> str:
    """The right value that was probably meant; empty: none is near."""
    if len(field.values) == 1:
        return field.values[0]
    by_name = {name.lower(): known for name, known in field.spellings.items()}
    by_initials = {_initials(name): known for name, known in field.spellings.items() if " " in name}
    name = next(iter(get_close_matches(value.lower(), by_name, 1, _SAME_NAME)), "")
    if value.lower() in by_name or value.lower() in by_initials or name:
        return by_name.get(value.lower()) or by_initials.get(value.lower()) or by_name[name]
    is_code = max(map(len, field.values), default=0) <= _CODE
    if not is_code:
        return closest(value, field.values)
    letters = [known for known in field.values if len(known) == 1 and known.lower() == value[0].lower()]
    return letters[0] if letters and value.isalpha() else ""


_CODE = 2
"""Characters of a code, any two of which are alike."""
_SAME_NAME = 0.8
"""How alike two spellings of a name are, from 0 to 1: so that England is not taken for Finland."""


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()).lower()


_PARTS: Mapping[str, Callable[[str, str], bool]] = {
    "prefix": str.startswith,
    "suffix": str.endswith,
    "contains": str.__contains__,
}


def _check_part(path: str, at: Path, written: WrittenValue, field: FieldType) -> LintFinding | None:
    """The beginning, the end or another part of a text that is one of a few words."""
    matcher, value = written.matcher, written.value
    if not isinstance(value, str) or not field.values or LIST in field.types or suspicious(value) is not None:
        return None
    if any(_PARTS[matcher](known.lower(), value.lower()) for known in field.values):
        return None
    meant = _meant(value, field)
    message = f"`{path}` has no value to which `{matcher}: {one_line(value)}` applies"
    remedy = f"write `{meant}`" if meant else did_you_mean("", field.values)
    return LintFinding(at, "unknown-value", message, remedy, fix=one_line(meant) if meant else None)


def _check_date(what: str, at: Path, value: str) -> LintFinding | None:
    """A date in another form. One that only looks right is reported wherever it stands, see `odd_values`."""
    if parse_day(value) is not None or _ISO_SHAPE.fullmatch(value):
        return None
    day = rewritten(value)
    message = f"`{value}` is not written year-month-day, as {what} is"
    return LintFinding(
        at, "bad-date", message, f"write {day}" if day else "write for example 1987-03-14", fix=day or None
    )
