"""An association of ongoing monitoring, its matches, and what a reviewer decides about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.core.records import Record
from mock_server.providers.cloudcheck.endpoint import NAME, data_of, settings_of
from mock_server.providers.cloudcheck.errors import unknown
from mock_server.providers.cloudcheck.formats import full_name, iso, stamp
from mock_server.providers.cloudcheck.json_codec import encode
from mock_server.providers.cloudcheck.magic import ALERTING
from mock_server.providers.cloudcheck.matches import TITLES
from mock_server.providers.cloudcheck.records import known as named
from mock_server.providers.cloudcheck.records import new_record
from mock_server.providers.cloudcheck.validation import text_of
from mock_server.providers.context import RequestContext, UnitOfWork

KIND = "association"
ACTIVE, ALERT, DELETED = "ACTIVE", "ALERT", "DELETED"
"""Status of the record: monitored, monitored with an unreviewed match, no longer monitored."""
DECISIONS = ("CLEARED", "PERMANENTLY_CLEARED", "CONFIRMED", "CONFIRMED_RISK_MITIGATED")
COUNTRIES = {"NZ": "New Zealand", "AU": "Australia", "GB": "United Kingdom", "US": "United States"}


def make(
    context: RequestContext, index: int, association: Mapping[str, Any], *, matched: bool
) -> tuple[Record, dict[str, Any]]:
    """A new association, the ``index``-th of its call, and what its record is to hold. ``matched``: with a
    match at once."""
    settings = settings_of(context)
    own = text_of(association, "reference", "reference", settings)
    key, ordinal = _fresh_name(context, own, index)
    kind = text_of(association, "type", "type", settings).upper() or "PERSON"
    data: dict[str, Any] = {
        "reference": own,
        "associationReference": key,
        "vendorId": str(context.draws.integer(f"vendor {key}") % 9_000_000 + 1_000_000),
        "createdBy": "api",
        "type": kind,
    }
    detail = association.get("personDetail" if kind == "PERSON" else "entityDetail") or {}
    if kind == "PERSON":
        name = {part: str(detail["name"].get(part) or "") for part in ("given", "middle", "family")}
        data["personDetail"] = {
            "name": name,
            "birthYear": str(detail.get("birthYear") or ""),
            "gender": str(detail.get("gender") or "").upper(),
        }
        matched = matched or name["family"].strip().lower() in ALERTING
    else:
        data["entityDetail"] = {"name": str(detail["name"])}
    data |= {
        "countryCode": text_of(association, "countryCode", "countryCode", settings) or "NZ",
        "whitelistPeids": text_of(association, "whitelistPeids", "whitelistPeids", settings),
        "createdDate": stamp(context.now, settings.timezone),
        "deletedDate": None,
        "hasAlerts": False,
        "matches": [],
        "ordinal": ordinal,
    }
    if matched:
        add_match(context, data)
    return new_record(context, KIND, key, ALERT if data["hasAlerts"] else ACTIVE, own), data


def _fresh_name(context: RequestContext, own: str, index: int) -> tuple[str, int]:
    """A reference that no association has, and how often the caller's own reference has come so far."""
    before = context.store.record(context.account.name, NAME, KIND, own) if own else None
    ordinal = data_of(before).get("ordinal", 0) + 1 if before is not None else 1
    stem = f"association {own or context.params['nonce']} {index}"
    while (
        context.store.record(context.account.name, NAME, KIND, key := context.draws.uuid(f"{stem} {ordinal}"))
        is not None
    ):
        ordinal += 1
    return key, ordinal


def _listed_name(parts: Mapping[str, str]) -> str:
    return full_name(parts["given"], parts["middle"], parts["family"])


def add_match(unit: UnitOfWork, data: dict[str, Any]) -> dict[str, Any]:
    """Let monitoring find a match for the association; a peid on its whitelist raises no alert."""
    settings = settings_of(unit)
    ordinal = len(data["matches"])
    random = unit.draws.random(f"match {data['associationReference']} {ordinal}")
    person = data.get("personDetail")
    name = _listed_name(person["name"]) if person else data["entityDetail"]["name"]
    peid = random.randint(1_000_000, 9_000_000)
    code = data["countryCode"]
    match = {
        "matchId": unit.draws.hex(f"match {data['associationReference']} {ordinal}"),
        "name": name,
        "peid": peid,
        "score": round(random.uniform(0.82, 0.99), 2),
        "variations": [name.upper()],
        "type": "RELATIONSHIP" if random.random() < 0.3 else "PERSON",
        "matchDate": iso(unit.now, settings.timezone),
        "matchValid": True,
        "invalidReason": None,
        "gender": (person or {}).get("gender") or "UNKNOWN",
        "deceased": False,
        "riskTypes": [{"code": random.choice(("PEP", "PEP", "RCA"))}],
        "birthDates": [person["birthYear"]] if person and person["birthYear"] else [],
        "primaryCountry": {
            "code": {"NZ": "NZL", "AU": "AUS"}.get(code, code),
            "name": COUNTRIES.get(code, code),
        },
        "title": random.choice(TITLES),
        "latestReview": None,
    }
    data["matches"].append(match)
    _refresh(data)
    return match


def _refresh(data: dict[str, Any]) -> None:
    """An alert is a match that has not been reviewed, and whose peid is not on the whitelist."""
    ignored = set(data["whitelistPeids"].replace(",", " ").split())
    data["hasAlerts"] = any(
        match["latestReview"] is None and str(match["peid"]) not in ignored for match in data["matches"]
    )


def find(context: RequestContext, reference: str) -> Record:
    """By its reference. 105 for one that is not this account's."""
    record = known(context, reference)
    if record is None:
        raise unknown(reference)
    return record


def known(context: RequestContext, reference: str) -> Record | None:
    """The account's association of that reference."""
    return named(context, KIND, reference)


def row(data: Mapping[str, Any]) -> dict[str, Any]:
    """An association as the list shows it."""
    return {key: value for key, value in data.items() if key not in ("matches", "ordinal")}


def whole(data: Mapping[str, Any]) -> dict[str, Any]:
    """An association as it is fetched by itself: ``country`` in place of ``countryCode``, and its matches."""
    code = data["countryCode"]
    country = {"code": code, "name": COUNTRIES.get(code, code)}
    shown = {
        ("country" if key == "countryCode" else key): (country if key == "countryCode" else value)
        for key, value in row(data).items()
    }
    return {**shown, "matches": data["matches"]}


def decided(unit: UnitOfWork, record: Record, match_id: str, decision: str, notes: str, by: str) -> Record:
    """The association with the decision in it, remembered. Raises ``ValueError`` for a match it does not
    have."""
    data = data_of(record)
    match = next((match for match in data["matches"] if match["matchId"] == match_id), None)
    if match is None:
        raise ValueError(f"association {record.key} has no match {match_id!r}")
    match["latestReview"] = {
        "decision": decision,
        "notes": notes,
        "reviewedBy": by,
        "reviewDate": iso(unit.now, settings_of(unit).timezone),
    }
    _refresh(data)
    status = record.status if record.status == DELETED else (ALERT if data["hasAlerts"] else ACTIVE)
    changed = record.replace(status=status, data=encode(data))
    unit.remember(changed)
    return changed
