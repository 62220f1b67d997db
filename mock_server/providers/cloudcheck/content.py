"""What a finished capture, scan, bank link or document check has found; drawn by reference, or taken from
what was sent before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

from mock_server.providers.cloudcheck.endpoint import NAME, data_of, settings_of
from mock_server.providers.cloudcheck.formats import stamp, today
from mock_server.providers.cloudcheck.people import Person, bank_account, company, person
from mock_server.providers.context import UnitOfWork

ITEMS = (
    (1, "Face and Head", "Look straight at the camera and keep your head inside the oval."),
    (2, "Face and Head Turned", "Turn your head slowly to one side."),
    (3, "Photo Identification", "Place your identification inside the frame, without glare."),
)
"""Id, name and instructions of what a customer photographs; the names are those of recorded replies."""
ISSUERS = {"NZ": "NZL", "AU": "AUS"}
PERCENTAGES: Mapping[str, tuple[int, int]] = {"match": (90, 100), "review": (62, 79), "no-match": (4, 38)}
"""Outcome → range of the overall ``matchPercentage``; others have none."""


def items() -> list[dict[str, Any]]:
    """``capture.items``."""
    return [
        {"id": number, "name": name, "instructions": instructions} for number, name, instructions in ITEMS
    ]


def percentage(outcome: str, random: Random) -> int | None:
    """The overall match of an outcome, whole per cents."""
    low_high = PERCENTAGES.get(outcome)
    return None if low_high is None else random.randint(*low_high)


def image_numbers(random: Random) -> list[int]:
    """Ids of the pictures of a capture: small, rising, not consecutive."""
    first = random.randint(200, 900)
    second = first + random.randint(1, 4)
    return [first, second, second + random.randint(1, 4)]


def images(unit: UnitOfWork, root: str, numbers: list[int], overall: int | None) -> list[dict[str, Any]]:
    """``images`` of a finished capture; the first has no percentage, the last has the overall one."""
    random = unit.draws.random("image percentages")
    listed: list[dict[str, Any]] = []
    for index, (number, (_, kind, _)) in enumerate(zip(numbers, ITEMS)):
        taken = stamp(unit.now + min(index, 1) * 30, settings_of(unit).timezone)
        image: dict[str, Any] = {"type": kind, "whenCaptured": taken, "url": f"{root}{number}/"}
        if index and overall is not None:
            image["matchPercentage"] = overall if index == 2 else min(100, overall + random.randint(0, 6))
        listed.append(image)
    return listed


def subject(unit: UnitOfWork, data: Mapping[str, Any], draw: str) -> dict[str, Any]:
    """Whom a document shows: the person of the linked verification, else somebody drawn."""
    zone = settings_of(unit).timezone
    country = "AU" if zone.startswith("Australia/") else "NZ"
    somebody = person(unit.draws, draw, today(unit.now, zone), country)
    linked = data.get("verificationReference")
    record = (
        unit.store.record(unit.account.name, NAME, "verification", linked)
        if isinstance(linked, str) and linked
        else None
    )
    known = data_of(record).get("reply", {}).get("details", {}) if record is not None else {}
    name = known.get("name") or {
        "given": somebody.given,
        "middle": somebody.middle,
        "family": somebody.family,
    }
    return {
        "name": name,
        "born": known.get("dateofbirth") or somebody.born.isoformat(),
        "person": somebody,
        "country": country,
    }


def licence(about: Mapping[str, Any], image_url: str) -> dict[str, Any]:
    """One of ``recognizedDocuments``, with the field names and the lower-case text of recorded replies."""
    somebody: Person = about["person"]
    name = about["name"]
    return {
        "imageRecognized": ITEMS[2][1],
        "imageUrl": image_url,
        "documentType": f"{about['country']}_DRIVER_LICENCE",
        "issueCountry": ISSUERS[about["country"]],
        "number": somebody.licence_number,
        "version": somebody.licence_version,
        "familyName": str(name.get("family", "")).lower(),
        "givenName": str(name.get("given", "")).lower(),
        "middleName": str(name.get("middle", "")).lower(),
        "dateOfBirth": about["born"],
    }


def passport(about: Mapping[str, Any]) -> dict[str, Any]:
    """What a machine-readable zone says, with the field names of ``recognizedDocuments``."""
    somebody: Person = about["person"]
    name = about["name"]
    return {
        "documentType": "PASSPORT",
        "issueCountry": ISSUERS[about["country"]],
        "number": somebody.passport_number,
        "expiryDate": somebody.passport_expiry.isoformat(),
        "familyName": str(name.get("family", "")).upper(),
        "givenName": str(name.get("given", "")).upper(),
        "middleName": str(name.get("middle", "")).upper(),
        "dateOfBirth": about["born"],
        "gender": somebody.gender[0],
    }


def accounts(unit: UnitOfWork, draw: str, several: bool, holder: str) -> list[dict[str, Any]]:
    """Bank accounts of a customer: one, or up to three."""
    random = unit.draws.random(draw)
    count = random.randint(1, 3) if several else 1
    return [{**bank_account(random), "holder": holder} for _ in range(count)]


def entities(unit: UnitOfWork, term: str, statuses: list[str], limit: int) -> list[dict[str, Any]]:
    """The companies that an entity search finds; the first has the name that was searched for."""
    random = unit.draws.random(f"entities {term.lower()} {','.join(statuses)}")
    count = min(limit, random.randint(1, 6))
    stem = term.strip().title()[:120]
    companies = []
    for index in range(count):
        number = f"{random.randint(1_000_000, 9_999_999)}"
        companies.append(
            {
                "name": stem if not index and _has_form(stem) else company(random, stem),
                "nzbn": f"94290{random.randint(10**7, 10**8 - 1)}",
                "entityNumber": number,
                "entityType": random.choice(
                    ("NZ Limited Company", "Limited Partnership", "Charitable Trust")
                ),
                "entityStatus": statuses[index % len(statuses)],
            }
        )
    return companies


def _has_form(name: str) -> bool:
    return name.endswith(("Limited", "Ltd", "Trust", "Partnership"))


def shareholders(unit: UnitOfWork, draw: str, day: date) -> list[dict[str, Any]]:
    """Owners of a company; their shares add up to 100 per cent."""
    random = unit.draws.random(draw)
    cuts = sorted(random.sample(range(10, 95), random.randint(0, 2)))
    shares = [upper - lower for lower, upper in zip([0, *cuts], [*cuts, 100])]
    owners = []
    for index, share in enumerate(shares):
        somebody = person(unit.draws, f"{draw} {index}", day)
        owners.append(
            {
                "type": "PERSON",
                "name": {"given": somebody.given, "family": somebody.family},
                "role": "Shareholder" if index else "Director",
                "shareholding": share,
                "address": somebody.address.full,
            }
        )
    return owners
