"""One verification that is being judged: what it asks for, what it is declined for, and who is in its
documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

import msgspec

from mock_server.core.clock import utc
from mock_server.core.random import Draws
from mock_server.providers.shuftipro.countries import COUNTRIES, Country
from mock_server.providers.shuftipro.declines import DECLINES
from mock_server.providers.shuftipro.people import Person
from mock_server.providers.shuftipro.settings import Settings
from mock_server.providers.shuftipro.verification import Verification

Declined = Mapping[str, list[str]]
"""Service → codes."""
_NOTHING: Mapping[str, Any] = {}
_READ = (
    "name",
    "dob",
    "age",
    "issue_date",
    "expiry_date",
    "document_number",
    "gender",
    "full_address",
    "tax_identity_number",
)
"""Checks that need a document that can be read."""
_UNREADABLE = frozenset(
    {"document", "document_visibility", "address_document", "address_document_visibility"}
)


class ServicePart(msgspec.Struct, frozen=True):
    """What one service adds."""

    data: Any
    """Null: nothing."""
    result: Any


class VerificationCase(msgspec.Struct, frozen=True, dict=True):
    """One verification that is being judged."""

    verification: Verification
    declined: Declined
    """Empty: it is accepted."""
    draws: Draws
    now: float
    settings: Settings

    def values(self, service: str) -> Mapping[str, Any]:
        """The service's parameters."""
        values = self.verification.services.get(service)
        return values if isinstance(values, dict) else _NOTHING

    def asked(self, service: str) -> bool:
        """Whether the request has the service."""
        return service in self.verification.services

    @cached_property
    def today(self) -> date:
        return utc(self.now).date()

    @cached_property
    def country_code(self) -> str:
        country = self.verification.country
        return country if isinstance(country, str) else ""

    @cached_property
    def country(self) -> Country:
        return COUNTRIES.get(self.country_code.upper()) or COUNTRIES[self.settings.geolocation_country]

    @cached_property
    def person(self) -> Person:
        return Person(
            self.verification.services, self.country.alpha2, self.verification.locale, self.draws, self.today
        )

    def judge(self, service: str, checks: dict[str, Any]) -> dict[str, Any]:
        """The checks with those at 0 that the service's codes speak of, and null what cannot be read then."""
        failed = {_check(DECLINES[code].check, checks) for code in self.declined.get(service, ())}
        judged = {key: 0 if key in failed else value for key, value in checks.items()}
        if failed & _UNREADABLE:
            judged |= {key: None for key in _READ if judged.get(key) == 1}
        return judged

    def readable(self, judged: Mapping[str, Any]) -> bool:
        """Whether the document could be read."""
        return not any(judged.get(key) == 0 for key in _UNREADABLE)


def _check(check: str, checks: Mapping[str, Any]) -> str:
    """The key of the checks that a code speaks of; the service's main one where it has no such check."""
    for key in (check, f"address_{check}"):
        if key in checks:
            return key
    return next(
        (key for key in ("document", "address_document", "consent") if key in checks), next(iter(checks))
    )


def has_back(values: Mapping[str, Any]) -> bool:
    """Whether there is a picture of the back side: it was sent, or the user has taken it on site."""
    return bool(values.get("additional_proof")) or (
        is_on(values.get("backside_proof_required")) and not values.get("proof")
    )


def is_on(value: Any) -> bool:
    """Whether a flag is set."""
    return value in ("1", 1)
