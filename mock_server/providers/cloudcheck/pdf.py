"""Evidence reports as real PDF files; the same data at the same time gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.providers.cloudcheck.formats import stamp
from mock_server.providers.pdf import PdfDocument

Rows = Iterable[tuple[str, str]]
_INK, _GREY, _LINE = (25, 35, 55), (110, 118, 130), (205, 212, 222)
_LONGEST = 2000
"""Characters of a value that are printed."""


class _Report:
    """One document: a title, then sections of labels and values."""

    def __init__(self, title: str, subtitle: str, now: float) -> None:
        self._document = PdfDocument(title, now)
        self._document.write(title, 18, bold=True, colour=_INK)
        self._document.space(4)
        self._document.write(subtitle, 9, colour=_GREY)
        note = "Simulated: made by a mock server, no evidence of anything."
        self._document.write(note, 9, italic=True, colour=_GREY)

    def section(self, heading: str, rows: Rows) -> None:
        """A heading and a table of two columns; nothing without rows."""
        rows = list(rows)
        if not rows:
            return
        document = self._document
        document.space(12)
        document.need(60)
        document.write(heading, 12, bold=True, colour=_INK)
        document.space(5)
        document.rule(_LINE)
        for label, value in rows:
            document.row(label, value[:_LONGEST] or "-", 9, 148, _GREY)

    def bytes(self) -> bytes:
        """The file."""
        return self._document.bytes()


def _flat(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Mapping):
        return ", ".join(_flat(item) for item in value.values() if item not in (None, ""))
    if isinstance(value, list):
        return ", ".join(map(_flat, value))
    return "" if value is None else str(value)


def verification_report(data: Mapping[str, Any], now: float, zone: str) -> bytes:
    """The evidence of a verification, from its reply."""
    reply = _mapping(data, "reply")
    report = _Report("Verification report", f"Printed {stamp(now, zone)}", now)
    details = _mapping(reply, "details")
    report.section(
        "Request",
        (
            ("Reference", _flat(reply.get("reference"))),
            ("Verification reference", _flat(reply.get("verificationReference"))),
            ("Requested", _flat(reply.get("requestDate"))),
            ("Verified", _flat(reply.get("verificationDate"))),
        ),
    )
    report.section(
        "Result",
        _rows(reply, {"verificationSuccess": "Verified", "verificationPartialSuccess": "Partly verified"}),
    )
    report.section("Details", _details(details))
    report.section(
        "Validated", _rows(_mapping(reply, "validated"), {**_DETAILS, "pepMatched": "Watchlist match"})
    )
    report.section(
        "Sources", [(_flat(source.get("name")), _source(source)) for source in _objects(reply, "sources")]
    )
    report.section(
        "Watchlist matches",
        [(_flat(match.get("name")), _match(match)) for match in _objects(reply, "pepMatches")],
    )
    return report.bytes()


_DETAILS = {"name": "Name", "dateofbirth": "Date of birth", "address": "Address"}


def _details(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    name, address = _mapping(details, "name"), _mapping(details, "address")
    parts = [
        _flat(address.get(key)) for key in ("street", "suburb", "city", "postcode", "countryCode", "country")
    ]
    rows = [
        (
            _DETAILS["name"],
            " ".join(_flat(name[key]) for key in ("given", "middle", "family") if name.get(key)),
        ),
        (_DETAILS["dateofbirth"], _flat(details.get("dateofbirth"))),
        (_DETAILS["address"], ", ".join(part for part in parts if part)),
    ]
    return [(label, value) for label, value in rows if value]


def _rows(holder: Mapping[str, Any], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(label, _flat(holder[key])) for key, label in labels.items() if key in holder]


def _mapping(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Scenarios may have merged anything into a reply."""
    value = holder.get(key)
    return value if isinstance(value, Mapping) else {}


def _objects(holder: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = holder.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _source(source: Mapping[str, Any]) -> str:
    verdict = "Error" if source.get("error") else ("Matched" if source.get("success") else "Not matched")
    notes = _flat(source.get("notes")).strip().replace("\n", ", ")
    return f"{verdict} ({notes})" if notes else verdict


def _match(match: Mapping[str, Any]) -> str:
    return (
        f"score {_flat(match.get('score'))}, PEID {_flat(match.get('peid'))}, {_flat(match.get('riskTypes'))}"
    )


def profile_report(profile: Mapping[str, Any], now: float, zone: str) -> bytes:
    """The profile of a politically exposed person."""
    report = _Report("PEID profile", f"PEID {profile['peid']}, printed {stamp(now, zone)}", now)
    report.section("Names", [(name["type"], name["name"]) for name in profile["details"]["names"]])
    report.section(
        "Details",
        [(key.capitalize(), _flat(profile["details"][key])) for key in ("birthplace", "gender", "deceased")],
    )
    report.section("Dates", [(row["type"], row.get("date") or row["year"]) for row in profile["dates"]])
    report.section(
        "Occupation", [(row["category"], row["title"]) for row in profile["content"]["primaryOccupation"]]
    )
    report.section(
        "Previous roles",
        [
            (row["category"], f"{row['title']}, {row['from']} to {row['to']}")
            for row in profile["content"]["previousRoles"]
        ],
    )
    report.section(
        "Associates", [(row["relationship"], f"PEID {row['peid']}") for row in profile["associates"]]
    )
    return report.bytes()


def entity_report(data: Mapping[str, Any], token: str, now: float, zone: str) -> bytes:
    """The ownership of a company."""
    entity = data["entity"]
    report = _Report("Entity report", f"Token {token}, printed {stamp(now, zone)}", now)
    report.section(
        "Entity",
        [(key, _flat(entity[key])) for key in ("name", "entityNumber", "entityType", "entityStatus")],
    )
    report.section(
        "Owners",
        [
            (_flat(owner["name"]), f"{owner['role']}, {owner['shareholding']} %, {owner['address']}")
            for owner in entity["owners"]
        ],
    )
    return report.bytes()
