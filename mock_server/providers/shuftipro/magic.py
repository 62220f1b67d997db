"""Values in a request that give an outcome with no file edited: a prefix of the reference, or a name. Our
invention, not the vendor's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.core.exceptions import ProviderError
from mock_server.providers.shuftipro.declines import DECLINES, assign, fits
from mock_server.providers.shuftipro.errors import ERRORS
from mock_server.scenario.vocabulary import MagicValue

OUTCOMES: Mapping[str, str] = {
    "accepted": "Accepted; at once if no person has to act.",
    "declined": "Declined, with the codes of `decline` or the usual ones.",
    "pending": "Pending, until the page, the control API or the ttl ends it.",
    "received": "Received; the acceptance comes by callback.",
    "review": "Left to a reviewer: `review.pending`, then a decision over the control API.",
    "cancelled": "Pending, then cancelled by the user.",
    "timeout": "Pending, then timed out.",
}
"""Outcomes of a verification request; the first is the built-in one."""


class Wish(NamedTuple):
    """What a request's own values ask for."""

    outcome: str = ""
    """Empty: nothing in particular."""
    codes: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    """Codes of which the first that fits a service of the request is given."""

    def codes_for(self, services: Sequence[str]) -> list[str]:
        """The codes for a request of these services; none: the usual ones."""
        wish = next(
            (code for code in self.alternatives if any(fits(code, service) for service in services)), None
        )
        return list(self.codes) if wish is None else [wish]


_NOTHING = Wish()
NAMES: Mapping[str, Wish] = {
    "falsworth": Wish("declined"),
    "embargo": Wish("declined", alternatives=("SPDR160",)),
    "marlowe": Wish("declined", alternatives=("SPDR163",)),
    "scandal": Wish("declined", alternatives=("SPDR164",)),
    "oldcard": Wish("declined", alternatives=("SPDR17", "SPDR27")),
    "otherface": Wish("declined", alternatives=("SPDR15", "SPDR288")),
    "latimer": Wish("review"),
    "quitter": Wish("cancelled"),
    "dawdle": Wish("timeout"),
}
"""Last name, in lower case."""
BUSINESSES: Mapping[str, Wish] = {
    "embargo ltd": Wish("declined", alternatives=("SPDR182",)),
    "dissolved ltd": Wish("declined", alternatives=("SPDR300",)),
}
"""Name of a business, in lower case."""
_STATUSES = tuple(code for code in ERRORS if code.isdecimal())


def wish(body: Mapping[str, Any], reference: str) -> Wish:
    """What the values ask for. Raises `ProviderError` where they ask for a refusal."""
    head, _, rest = reference.partition("-")
    if rest:
        if head in OUTCOMES:
            return Wish(head)
        if head == "decline":
            return _by_codes(rest)
        if head == "error" and (status := rest.partition("-")[0]) in _STATUSES:
            raise ProviderError(status, evidence={"check": "magic value", "reference": reference})
    return _by_name(body)


def _by_codes(rest: str) -> Wish:
    codes = []
    for part in rest.split("-"):
        if part.upper() not in DECLINES:
            break
        codes.append(part.upper())
    return Wish("declined", tuple(codes)) if codes else _NOTHING


def _by_name(body: Mapping[str, Any]) -> Wish:
    for service in body:
        if service in _NAMED and isinstance(body[service], dict):
            wish = _NAMED[service](body[service])
            if wish is not None:
                return wish
    return _NOTHING


def _by_last_name(values: Mapping[str, Any]) -> Wish | None:
    name = values.get("name")
    if not isinstance(name, dict):
        return None
    last = name.get("last_name") or str(name.get("full_name") or "").rpartition(" ")[2]
    return NAMES.get(last.lower()) if isinstance(last, str) else None


def _by_business(key: str) -> Callable[[Mapping[str, Any]], Wish | None]:
    def look(values: Mapping[str, Any]) -> Wish | None:
        name = values.get(key)
        return BUSINESSES.get(name.lower()) if isinstance(name, str) else None

    return look


_PERSONAL = ("document", "document_two", "address", "background_checks", "ekyc", "eidv")
_BUSINESS = {"aml_for_businesses": "business_name", "kyb": "company_name"}
_NAMED: Mapping[str, Callable[[Mapping[str, Any]], Wish | None]] = {
    **dict.fromkeys(_PERSONAL, _by_last_name),
    **{service: _by_business(key) for service, key in _BUSINESS.items()},
}
"""Service → what finds the wish in its name."""


def _gives(wish: Wish, service: str) -> str:
    """What the value gives in a request of this service alone."""
    if wish.outcome != "declined":
        return f"outcome {wish.outcome}"
    return f"outcome declined, decline {', '.join(assign(wish.codes_for([service]), [service])[service])}"


def _rows() -> tuple[MagicValue, ...]:
    rows = [
        MagicValue("verification", "body.reference", f"{outcome}-", True, f"outcome {outcome}")
        for outcome in OUTCOMES
    ]
    rows += [
        MagicValue(
            "verification", "body.reference", f"decline-{code}-", True, f"outcome declined, decline {code}"
        )
        for code in DECLINES
    ]
    rows += [
        MagicValue("verification", "body.reference", f"error-{status}-", True, f"error {status}")
        for status in _STATUSES
    ]
    rows += [
        MagicValue(
            "verification", f"body.{service}.name.last_name", name.capitalize(), False, _gives(wish, service)
        )
        for service in _PERSONAL
        for name, wish in NAMES.items()
    ]
    rows += [
        MagicValue("verification", f"body.{service}.{key}", name.title(), False, _gives(wish, service))
        for service, key in _BUSINESS.items()
        for name, wish in BUSINESSES.items()
    ]
    return tuple(rows)


TABLE = _rows()
