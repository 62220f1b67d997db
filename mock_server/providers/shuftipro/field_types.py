"""What each parameter of a request has to be, as the lint knows it: read off the table that requests are checked
with."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.providers.shuftipro.countries import COUNTRIES
from mock_server.providers.shuftipro.languages import LANGUAGES
from mock_server.providers.shuftipro.services import SERVICES, ServiceField, fields
from mock_server.scenario.vocabulary import BOOLEAN, LIST, MAPPING, NUMBER, TEXT, FieldType

_SERVICE = FieldType((MAPPING, LIST, TEXT))
"""A service is asked for by a mapping; an empty text or list asks for it, too."""
_TYPES: Mapping[str, tuple[str, ...]] = {
    "flag": (TEXT, NUMBER, BOOLEAN),
    "list": (LIST,),
    "filters": (LIST,),
    "countries": (LIST,),
    "proofs": (LIST,),
    "number": (NUMBER, TEXT),
    "minutes": (NUMBER, TEXT),
    "age": (NUMBER, TEXT, MAPPING),
    "name": (MAPPING, LIST),
    "object": (MAPPING, LIST),
    "any": (),
}
"""Kind of a `ServiceField` → the types of its values; a text where it is not named."""
COUNTRY = FieldType(
    (TEXT,),
    values=tuple(COUNTRIES),
    spellings={name: code for code, row in COUNTRIES.items() for name in (row.alpha3, row.name)},
)
_LANGUAGE = FieldType((TEXT,), size=2, spellings={name: code for code, name in LANGUAGES.items()})
"""Any two letters are accepted."""
_WORDS = frozenset({"choice", "gender"})
"""Kinds whose values are words of a list."""


def field_types() -> Mapping[str, FieldType]:
    """By dotted path below ``body.``."""
    return {**dict.fromkeys(SERVICES, _SERVICE), **{path: _type_of(field) for path, field in fields()}}


def _type_of(field: ServiceField) -> FieldType:
    types = _TYPES.get(field.kind, (TEXT,))
    if field.kind == "country":
        return COUNTRY
    if field.kind == "countries":
        return FieldType(types, items=COUNTRY)
    if field.key == "language":
        return _LANGUAGE
    if field.kind == "list" and field.values:
        return FieldType(types, items=FieldType((TEXT,), values=field.values))
    values = field.values if field.kind in _WORDS else ("0", "1") if field.kind == "flag" else ()
    return FieldType(types, field.kind in ("date", "past"), values)
