"""What a value of each kind has to be, and the sentence that says otherwise: the stock wording of Laravel, as
the seen refusals have it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from mock_server.core.clock import parse_day, utc
from mock_server.providers.problems import RequestProblem
from mock_server.providers.shuftipro.countries import COUNTRIES
from mock_server.providers.shuftipro.services import ServiceField
from mock_server.providers.shuftipro.settings import Settings
from mock_server.providers.shuftipro.uploads import IMAGES, VIDEOS, FileType, explain, inspect


class BrokenRule(NamedTuple):
    """The first rule that does not hold."""

    key: str
    message: str
    missing: bool = False
    problem: RequestProblem | None = None
    """What the vendor's message does not say, for the sender."""


Rule = Callable[[Any, float], "BrokenRule | None"]
"""From a value that is there, and the account's time, to what is wrong with it."""
_DAY = 86400
Maker = Callable[[ServiceField, Settings], Rule]


class Rules:
    """The rules of some fields, in their order."""

    __slots__ = ("_by_key", "_required")

    def __init__(self, fields: Sequence[ServiceField], settings: Settings) -> None:
        self._by_key = {field.key: CHECKS[field.kind](field, settings) for field in fields}
        self._required = frozenset(field.key for field in fields if field.required)

    def first_broken(self, values: Mapping[str, Any], now: float) -> BrokenRule | None:
        """The first rule that the values break, in the order of the fields. Null and the empty text count as
        not there."""
        # What is there is much less than what could be: the fields are gone through in their order only once
        # one may be wrong.
        by_key = self._by_key
        for key in values:
            if key in by_key and by_key[key](values[key], now) is not None:
                return self._search(values, now)
        for key in self._required:
            if values.get(key) in (None, ""):
                return self._search(values, now)
        return None

    def _search(self, values: Mapping[str, Any], now: float) -> BrokenRule | None:
        for key, rule in self._by_key.items():
            value = values.get(key)
            if value is None or value == "":
                if key in self._required:
                    return missing(key)
                continue
            broken = rule(value, now)
            if broken is not None:
                return broken
        return None


def missing(key: str) -> BrokenRule:
    """The refusal of a missing parameter."""
    return BrokenRule(key, f"The {_words(key)} field is required.", True)


def invalid(key: str) -> BrokenRule:
    """The refusal of a value that is not one of those allowed."""
    return BrokenRule(key, f"The selected {_words(key)} is invalid.")


def _words(key: str) -> str:
    return key.replace("_", " ")


def _says(field: ServiceField, text: str) -> BrokenRule:
    return BrokenRule(field.key, text.format(_words(field.key)))


def _length(field: ServiceField, value: str) -> BrokenRule | None:
    if len(value) < field.low:
        return _says(field, f"The {{}} must be at least {field.low} characters.")
    if field.high and len(value) > field.high:
        return _says(field, f"The {{}} may not be greater than {field.high} characters.")
    return None


def _text(field: ServiceField, settings: Settings) -> Rule:
    allowed = re.compile(field.pattern).fullmatch if field.pattern and settings.check_charsets else None
    low, high = field.low, field.high or 1 << 30

    def rule(value: Any, _now: float) -> BrokenRule | None:
        if not isinstance(value, str):
            return _says(field, "The {} must be a string.")
        if not low <= len(value) <= high:
            return _length(field, value)
        # Letters alone are allowed by every pattern, and most names have nothing else.
        if allowed is not None and not value.isalpha() and not allowed(value):
            return _says(field, "The {} format is invalid.")
        return None

    return rule


def _matching(pattern: str, message: str, cached: int = 0) -> Maker:
    """A text of the field's length that is like the pattern. ``cached``: how many verdicts are
    remembered."""
    matches = lru_cache(cached)(re.compile(pattern).fullmatch) if cached else re.compile(pattern).fullmatch

    def maker(field: ServiceField, settings: Settings) -> Rule:
        text = _text(field, settings)
        low, high = field.low, field.high or 1 << 30

        def rule(value: Any, now: float) -> BrokenRule | None:
            if isinstance(value, str) and low <= len(value) <= high and matches(value):
                return None
            return text(value, now) or _says(field, message)

        return rule

    return maker


def _country(field: ServiceField, _settings: Settings) -> Rule:
    def rule(value: Any, _now: float) -> BrokenRule | None:
        if not isinstance(value, str):
            return _says(field, "The {} must be a string.")
        if len(value) != 2:
            return _says(field, "The {} must be 2 characters.")
        return None if value.upper() in COUNTRIES else invalid(field.key)

    return rule


def _flag(field: ServiceField, settings: Settings) -> Rule:
    texts = frozenset({"0", "1"})
    strict = settings.flags_strict

    def rule(value: Any, _now: float) -> BrokenRule | None:
        if isinstance(value, str):
            return None if value in texts else invalid(field.key)
        return (
            None if not strict and isinstance(value, (int, float)) and value in (0, 1) else invalid(field.key)
        )

    return rule


def _choice(field: ServiceField, _settings: Settings) -> Rule:
    allowed = frozenset(field.values)
    return lambda value, _now: None if isinstance(value, str) and value in allowed else invalid(field.key)


def _gender(field: ServiceField, _settings: Settings) -> Rule:
    allowed = frozenset(field.values)
    return lambda value, _now: (
        None if isinstance(value, str) and value.upper() in allowed else invalid(field.key)
    )


def _list(field: ServiceField, _settings: Settings) -> Rule:
    allowed = frozenset(field.values)
    return _items(field, lambda item: not allowed or (isinstance(item, str) and item in allowed))


def _filters(field: ServiceField, _settings: Settings) -> Rule:
    allowed = frozenset(field.values)
    return _items(
        field, lambda item: isinstance(item, str) and (item in allowed or item.startswith("adverse-media-"))
    )


def _countries(field: ServiceField, _settings: Settings) -> Rule:
    return _items(field, lambda item: isinstance(item, str) and item.upper() in COUNTRIES)


def _items(field: ServiceField, holds: Callable[[Any], bool]) -> Rule:
    def rule(value: Any, _now: float) -> BrokenRule | None:
        if not isinstance(value, list):
            return _says(field, "The {} must be an array.")
        return None if all(map(holds, value)) else invalid(field.key)

    return rule


def _number(field: ServiceField, _settings: Settings) -> Rule:
    def rule(value: Any, _now: float) -> BrokenRule | None:
        number = _as_number(value)
        if number is None:
            return _says(field, "The {} must be a number.")
        if not field.low <= number <= field.high:
            return _says(field, f"The {{}} must be between {field.low} and {field.high}.")
        return None

    return rule


def _minutes(field: ServiceField, settings: Settings) -> Rule:
    def rule(value: Any, _now: float) -> BrokenRule | None:
        number = _as_number(value)
        if number is None or number != int(number):
            return _says(field, "The {} must be an integer.")
        if number < field.low:
            return _says(field, f"The {{}} must be at least {field.low}.")
        if number > settings.ttl_max:
            return _says(field, f"The {{}} may not be greater than {settings.ttl_max}.")
        return None

    return rule


def _as_number(value: Any) -> float | None:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", value, re.ASCII):
        return float(value)
    return (
        value
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15
        else None
    )


def _age(field: ServiceField, settings: Settings) -> Rule:
    number = _number(field, settings)

    def rule(value: Any, now: float) -> BrokenRule | None:
        if not isinstance(value, Mapping):
            return number(value, now)
        limits = [limit for limit in (value.get("min"), value.get("max")) if limit not in (None, "")]
        return next((broken for limit in limits if (broken := number(limit, now)) is not None), None)

    return rule


def _date(field: ServiceField, _settings: Settings) -> Rule:
    def rule(value: Any, _now: float) -> BrokenRule | None:
        return None if is_date(value) else _says(field, "The {} does not match the format Y-m-d.")

    return rule


def _past(field: ServiceField, _settings: Settings) -> Rule:
    def rule(value: Any, now: float) -> BrokenRule | None:
        if not is_date(value):
            return _says(field, "The {} does not match the format Y-m-d.")
        return (
            None if value < _today(int(now // _DAY)) else _says(field, "The {} must be a date before today.")
        )

    return rule


@lru_cache(8)
def _today(day: int) -> str:
    """The day so many days after the epoch."""
    return utc(day * _DAY).date().isoformat()


def is_date(value: Any) -> bool:
    """Whether it is a day as ``Y-m-d``."""
    return isinstance(value, str) and parse_day(value) is not None


def _proof(kinds: Mapping[str, FileType]) -> Maker:
    names = ", ".join(kind.name for kind in kinds.values())

    def maker(field: ServiceField, settings: Settings) -> Rule:
        def rule(value: Any, _now: float) -> BrokenRule | None:
            if not isinstance(value, str):
                return _says(field, "The {} must be a string.")
            if not settings.check_proofs:
                return None
            upload = inspect(value)
            if upload.content not in kinds or (upload.declared and upload.declared not in kinds):
                broken = _says(field, f"The {{}} must be a file of type: {names}.")
                return broken._replace(
                    problem=RequestProblem(
                        "proof", explain(value), f"Send a {names} as base64, or set check_proofs: false."
                    )
                )
            limit = kinds[upload.content].limit
            return (
                None
                if upload.size <= limit
                else _says(field, f"The {{}} may not be greater than {limit >> 10} kilobytes.")
            )

        return rule

    return maker


def _company_proofs(field: ServiceField, settings: Settings) -> Rule:
    """A list of ``{"label", "file"}``; a file is checked where one is sent."""
    file = _proof(IMAGES)(field, settings)

    def rule(value: Any, now: float) -> BrokenRule | None:
        if not isinstance(value, list):
            return _says(field, "The {} must be an array.")
        files = [proof["file"] for proof in value if isinstance(proof, Mapping) and proof.get("file")]
        return next((broken for each in files if (broken := file(each, now)) is not None), None)

    return rule


def _anything(_field: ServiceField, _settings: Settings) -> Rule:
    return lambda _value, _now: None


def _object(field: ServiceField, settings: Settings) -> Rule:
    rules = Rules(field.fields, settings)

    def rule(value: Any, now: float) -> BrokenRule | None:
        if isinstance(value, dict):
            return rules.first_broken(value, now)
        if isinstance(value, list):
            return None if not value else rules.first_broken({}, now)
        return _says(field, "The {} must be an array.")

    return rule


_URL = r"(?i:https?)://(?:[^\s/?#@]*@)?(?:\[[0-9a-fA-F:.]+\]|[^\s/?#@:\[\]]+)(?::\d{1,5})?(?:[/?#]\S*)?"
CHECKS: Mapping[str, Maker] = {
    "text": _text,
    "country": _country,
    "email": _matching(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*", "The {} must be a valid email address."),
    "url": _matching(_URL, "The {} format is invalid.", cached=256),
    "phone": _matching(r"\+?[0-9]+", "The {} format is invalid."),
    "choice": _choice,
    "flag": _flag,
    "gender": _gender,
    "list": _list,
    "filters": _filters,
    "countries": _countries,
    "number": _number,
    "minutes": _minutes,
    "age": _age,
    "date": _date,
    "past": _past,
    "name": _object,
    "object": _object,
    "image": _proof(IMAGES),
    "face": _proof({**IMAGES, **VIDEOS}),
    "proofs": _company_proofs,
    "any": _anything,
}
"""Kind of a `ServiceField` → what makes its rule."""
