"""Hits of an AML screening, in the shape that was recorded; every list, article and person in them is
invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mock_server.core.random import Draws
from mock_server.providers.shuftipro.countries import Country
from mock_server.providers.shuftipro.services import FILTERS, FILTERS_OF_PAGE
from mock_server.providers.shuftipro.settings import Settings


class List(NamedTuple):
    """An invented list that hits come from."""

    key: str
    name: str
    since: str


LISTS: Mapping[str, List] = {
    "sanction": List("mock-sanctions-list", "Mock Sanctions List", "2014-06-01T00:00:00Z"),
    "warning": List("mock-warning-list", "Mock Regulator Warnings", "2017-02-01T00:00:00Z"),
    "fitness-probity": List("mock-fitness-list", "Mock Fitness and Probity Register", "2016-09-01T00:00:00Z"),
    "pep": List("mock-pep-list", "Mock Register of Public Offices", "2019-01-15T00:00:00Z"),
    "adverse-media": List("mock-media-archive", "Mock Media Archive", "2020-03-01T00:00:00Z"),
    "special-interest": List("mock-interest-list", "Mock List of Special Interest", "2018-05-01T00:00:00Z"),
    "insolvency": List("mock-insolvency-register", "Mock Insolvency Register", "2021-11-01T00:00:00Z"),
}
_TYPES: Mapping[str, tuple[str, ...]] = {
    "sanction": ("sanction",),
    "warning": ("warning",),
    "fitness-probity": ("fitness-probity",),
    "pep": ("pep", "pep-class-3"),
    "adverse-media": ("adverse-media", "adverse-media-general"),
    "special-interest": ("SIP",),
    "insolvency": ("Insolvency",),
}
_BY_CODE: Mapping[str, tuple[str, ...]] = {
    "SPDR34": ("sanction", "pep"),
    "SPDR129": ("warning",),
    "SPDR160": ("sanction",),
    "SPDR161": ("warning",),
    "SPDR162": ("fitness-probity",),
    "SPDR163": ("pep",),
    "SPDR164": ("adverse-media",),
    "SPDR182": ("sanction",),
    "SPDR183": ("warning",),
    "SPDR184": ("fitness-probity",),
    "SPDR185": ("pep",),
    "SPDR186": ("adverse-media",),
    "SPDR313": ("special-interest",),
    "SPDR314": ("special-interest",),
    "SPDR315": ("insolvency",),
    "SPDR316": ("special-interest",),
    "SPDR317": ("special-interest",),
    "SPDR318": ("insolvency",),
}
"""Decline code → kinds of list the person or business is found on."""


class Subject(NamedTuple):
    """Who is screened."""

    name: str
    born: str
    """Date of birth or incorporation; empty: not known."""
    business: bool
    country: Country


def filters(values: Mapping[str, Any], settings: Settings) -> list[str]:
    """What is screened for."""
    sent = values.get("filters")
    if isinstance(sent, list) and sent:
        return list(sent)
    return list(FILTERS if settings.filters_order == "sample" else FILTERS_OF_PAGE)


def hits(codes: Iterable[str], subject: Subject, draws: Draws, scale: int) -> list[dict[str, Any]]:
    """The hit that these decline codes speak of; none without a code that does."""
    kinds = list(dict.fromkeys(kind for code in codes for kind in _BY_CODE.get(code, ())))
    return [_hit(kinds, subject, draws, scale)] if kinds else []


def _hit(kinds: list[str], subject: Subject, draws: Draws, scale: int) -> dict[str, Any]:
    first, _, last = subject.name.rpartition(" ")
    random = draws.random("aml hit")
    return {
        "name": subject.name,
        "entity_type": "company" if subject.business else "person",
        "score": round(random.uniform(40, 99) * scale / 100, 2 if scale == 100 else 4),
        "match_types": ["name_exact", *(["year_of_birth"] if subject.born and not subject.business else [])],
        "alternative_names": [f"{last}, {first}"] if first and not subject.business else [],
        "assets": []
        if subject.business
        else [{"url": _link(draws, "picture", "jpg"), "source": LISTS[kinds[0]].key, "type": "picture"}],
        "associates": _associates(last, subject, draws),
        "fields": _fields(kinds, subject),
        "media": [
            {
                "date": "2020-03-02T00:00:00Z",
                "snippet": f"{subject.name} was named in an article that was invented for this mock.",
                "title": f"About {subject.name}",
                "url": _link(draws, "article", "html"),
            }
        ],
        "source_notes": {LISTS[kind].key: _note(kind, subject.country, draws) for kind in kinds},
        "sources": [LISTS[kind].key for kind in kinds],
        "types": [name for kind in kinds for name in _TYPES[kind]],
    }


def _associates(last: str, subject: Subject, draws: Draws) -> list[dict[str, str]]:
    given_name = draws.random("aml associate").choice(("Alex", "Billie", "Charlie", "Robin", "Sam", "Toni"))
    return [{"association": "director" if subject.business else "spouse", "name": f"{given_name} {last}"}]


def _fields(kinds: list[str], subject: Subject) -> dict[str, list[dict[str, str]]]:
    fields = {"Countries": [{"value": subject.country.name, "source": "", "tag": "country_names"}]}
    if subject.born and not subject.business:
        fields["Date of Birth"] = [
            {"value": subject.born, "source": LISTS[kinds[0]].key, "tag": "date_of_birth"}
        ]
    if "pep" in kinds:
        fields["Political Position"] = [
            {"value": "Deputy mayor", "source": LISTS["pep"].key, "tag": "political_position"}
        ]
    return fields


def _note(kind: str, country: Country, draws: Draws) -> dict[str, Any]:
    return {
        "aml_types": list(_TYPES[kind]),
        "country_codes": [country.alpha2],
        "listing_started_utc": LISTS[kind].since,
        "name": LISTS[kind].name,
        "url": _link(draws, f"list {kind}", "html"),
    }


def _link(draws: Draws, what: str, extension: str) -> str:
    return f"https://aml.example.test/{draws.hex(f'aml {what}', 12)}.{extension}"
