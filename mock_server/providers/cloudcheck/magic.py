"""Values in a request that give an outcome with no file edited: by family name, by prefix of the caller's
reference, by number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.core.exceptions import ProviderError
from mock_server.providers.cloudcheck.errors import CODES
from mock_server.providers.cloudcheck.sources import PERSONA, documents_in, persona_mismatch
from mock_server.providers.context import RequestContext
from mock_server.scenario.vocabulary import MagicValue

FAMILIES: Mapping[str, str] = {
    "marlowe": "pep-match",
    "partington": "partial",
    "falsworth": "not-verified",
    "downing": "source-error",
    "mirrorwood": "capture-required",
    PERSONA.family.lower(): "pep-match",
}
"""Family name of ``/verify/``, in lower case → outcome. The last is the vendor's public test person."""
ALERTING = frozenset(name for name, outcome in FAMILIES.items() if outcome == "pep-match")
"""Family names that monitoring finds a match for."""
PREFIXED: Mapping[str, tuple[str, ...]] = {
    "verify": ("verified", "partial", "not-verified", "pep-match", "source-error", "capture-required"),
    **dict.fromkeys(
        ("live", "idscan-initiate", "akahu-initiate", "credfin-initiate", "forms-create", "go-create"),
        ("match", "review", "no-match", "failed", "not-done", "abandoned"),
    ),
    "doc-runcheck": ("recognised", "review", "no-match", "unrecognised"),
    "mrz-runcheck": ("recognised", "unrecognised"),
}
"""Operation → outcomes that a reference beginning with the outcome's name and a hyphen gives."""
PEIDS: Mapping[str, int] = {"404": 110, "9999999": 110, "111": 111, "112": 112}
"""``peid`` → error."""
TERMS: Mapping[str, int] = {"nobody": 110, "nothing": 110, "broken": 111}
"""``searchTerm`` of an entity search, in lower case → error."""

_ERRORS = {f"error-{code}-": code for code in CODES}
_STARTS = {name: tuple(f"{outcome}-" for outcome in outcomes) for name, outcomes in PREFIXED.items()}
_ERROR_START = "error-"


def _rows() -> tuple[MagicValue, ...]:
    rows = [
        MagicValue("verify", "body.details.name.family", name.capitalize(), False, f"outcome {outcome}")
        for name, outcome in FAMILIES.items()
    ]
    for number, code in PEIDS.items():
        rows += [
            MagicValue(name, "params.peid", number, False, f"error {code}") for name in ("peid", "peid-pdf")
        ]
    rows += [
        MagicValue("tree-entities", "params.searchTerm", term, False, f"error {code}")
        for term, code in TERMS.items()
    ]
    rows += [
        MagicValue(name, "body.reference", f"{outcome}-", True, f"outcome {outcome}")
        for name, outcomes in PREFIXED.items()
        for outcome in outcomes
    ]
    rows += [
        MagicValue("*", "body.reference", prefix, True, f"error {code}") for prefix, code in _ERRORS.items()
    ]
    rows += [
        MagicValue(
            "watchlist-create",
            "body.associations.*.personDetail.name.family",
            name.capitalize(),
            False,
            "an association with a match",
        )
        for name in sorted(ALERTING)
    ]
    return tuple(rows)


TABLE = _rows()
"""Shown on the dashboard and by ``mock-server schema --values``. An operation ``*`` stands for every one that
takes a reference."""


def outcome(context: RequestContext, operation: str, usual: str) -> str:
    """The outcome that the request's own values ask for, else the usual one. Raises `ProviderError` where
    they ask for an error."""
    reference = context.reference
    if reference.startswith(_ERROR_START) and isinstance(context.body, dict):
        code = next((code for prefix, code in _ERRORS.items() if reference.startswith(prefix)), None)
        if code is not None:
            raise ProviderError(code, evidence={"check": "magic value", "reference": reference[:200]})
    starts = _STARTS.get(operation)
    if starts is not None and reference.startswith(starts) and isinstance(context.body, dict):
        return next(name for name, start in zip(PREFIXED[operation], starts) if reference.startswith(start))
    if operation == "verify":
        return _by_details(context.body["details"]) or usual
    check = _BY_PARAMETER.get(operation)
    if check is not None:
        name, errors = check
        code = errors.get(context.params.get(name, "").strip().lower())
        if code is not None:
            raise ProviderError(code, evidence={"check": "magic value", name: context.params[name][:200]})
    return usual


_BY_PARAMETER: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "peid": ("peid", PEIDS),
    "peid-pdf": ("peid", PEIDS),
    "tree-entities": ("searchTerm", TERMS),
}


def _by_details(details: Mapping[str, Any]) -> str | None:
    family = str(details["name"]["family"]).strip().lower()
    outcome = FAMILIES.get(family)
    if family == PERSONA.family.lower() and _wrong_persona(details):
        return "not-verified"
    return outcome


def _wrong_persona(details: Mapping[str, Any]) -> bool:
    """The vendor's test sources fail the test person's document where something else differs, as recorded."""
    documents = documents_in(details)
    if not documents:
        return bool(details.get("dateofbirth") != PERSONA.born)
    return bool(persona_mismatch(documents[0], details))
