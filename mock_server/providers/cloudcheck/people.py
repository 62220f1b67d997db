"""Invented people, documents and companies: data that satisfies the documented formats, drawn
by reference.

Names come from Faker's New Zealand and Australian lists; it is loaded when the first one is needed, never for
an ordinary verification."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from mock_server.core.clock import days_later
from mock_server.core.random import Draws
from mock_server.providers.cloudcheck.gazetteer import Address, draw
from mock_server.scenario.names import faker

LOCALES = {"NZ": "en_NZ", "AU": "en_AU"}
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Person(NamedTuple):
    """Somebody."""

    given: str
    middle: str
    family: str
    gender: str
    """``Female`` or ``Male``."""
    born: date
    address: Address
    licence_number: str
    licence_version: str
    passport_number: str
    passport_expiry: date


def person(draws: Draws, name: str, today: date, country: str = "NZ") -> Person:
    """The person that the draws give for that name: always the same one."""
    random = draws.random(name)
    names = faker(LOCALES[country])
    gender = random.choice(("female", "male"))
    given_name, middle = (names.make(random, f"first_name_{gender}", (), {}) for _ in range(2))
    return Person(
        given_name,
        middle,
        names.make(random, "last_name", (), {}),
        gender.capitalize(),
        today - timedelta(days=random.randint(19 * 365, 80 * 365)),
        draw(random, country),
        letters(random, 2) + digits(random, 6),
        digits(random, 3),
        letters(random, 2) + digits(random, 6),
        days_later(today, random.randint(90, 3500)),
    )


def letters(random: Random, count: int) -> str:
    return "".join(random.choices(_LETTERS, k=count))


def digits(random: Random, count: int) -> str:
    return "".join(random.choices("0123456789", k=count))


BANKS = ("Example Bank", "Mock Savings Bank", "Test Mutual")
"""Banks that do not exist."""


def bank_account(random: Random) -> dict[str, Any]:
    """A New Zealand account: a bank that does not exist (99), and the usual grouping."""
    return {
        "number": f"99-{digits(random, 4)}-{digits(random, 7)}-{digits(random, 2)}",
        "type": random.choice(("CHECKING", "SAVINGS")),
        "bank": random.choice(BANKS),
    }


def company(random: Random, stem: str = "") -> str:
    """A company's name, with the stem in it where given."""
    tail = random.choice(("Limited", "Holdings Limited", "Trust", "Group Limited", "Partners Limited"))
    return f"{stem or faker('en_NZ').make(random, 'last_name', (), {})} {tail}"
