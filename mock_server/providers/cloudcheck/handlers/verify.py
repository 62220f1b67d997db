"""``POST /verify/``: an electronic verification, answered at once; and reading one again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.core.exceptions import ProviderError
from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck import sources
from mock_server.providers.cloudcheck.documents import any_member
from mock_server.providers.cloudcheck.endpoint import Endpoint, data_of, reply, settings_of
from mock_server.providers.cloudcheck.errors import NESTED
from mock_server.providers.cloudcheck.formats import stamp
from mock_server.providers.cloudcheck.handlers.live import capture_for
from mock_server.providers.cloudcheck.matches import pep_matches
from mock_server.providers.cloudcheck.records import (
    PENDING_RECORD,
    PendingRecord,
    find,
    keep,
    known,
    name_for,
    new_record,
)
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.cloudcheck.sources import SourceResults
from mock_server.providers.cloudcheck.validation import TO_CHECK, check_verification
from mock_server.providers.context import RequestContext

KIND = "verification"
OUTCOMES = {
    "verified": "Name, date of birth and what was given of the address are proven.",
    "partial": "Name and date of birth are proven, the address is not.",
    "not-verified": "No source knows the person; nothing is proven.",
    "pep-match": "Verified, and on a watchlist of politically exposed people.",
    "source-error": "A source failed itself; see sourceErrors.",
    "capture-required": "Verified, and a Live capture has to follow; see capture.",
}
_ADDRESS = ("country", "city", "street", "countryCode", "postcode", "suburb")
"""In the vendor's hash order."""
_NAME = ("given", "middle", "family")


def check(context: RequestContext) -> None:
    """Everything about ``data``, and by setting 105 for a capture that is not this account's."""
    check_verification(context)
    capture = (
        context.body.get("capturereference") if settings_of(context).unknown_capture == "refuse" else None
    )
    if capture and known(context, "capture", str(capture)) is None:
        remedy = "send the captureReference of an answer to /live/, or set unknown_capture: ignore"
        raise ProviderError(
            105, evidence={"check": "capture", "received": str(capture)[:200], "remedy": remedy}
        )


def answer(context: RequestContext, outcome: str) -> PendingResponse:
    """The verification. Absent are, as recorded: ``verificationDate`` and ``verificationPartialSuccess``
    where it failed, ``pepMatched`` where no watchlist ran, ``pepMatches`` without matches."""
    settings = settings_of(context)
    details = context.body["details"]
    name = name_for(context, KIND)
    run = _run(context, details, outcome)
    success, partial = verdict(run, details, outcome, settings)
    now = stamp(context.now, settings.timezone)
    body: dict[str, Any] = {}
    if context.reference:
        body["reference"] = context.reference
    body["verificationSuccess"] = success
    if run.errors:
        body["sourceErrors"] = run.errors
    validated = body["validated"] = {"dateofbirth": run.birth, "address": run.address}
    if run.watchlist:
        validated["pepMatched"] = outcome == "pep-match"
    validated["name"] = run.name
    body["sources"] = run.sources
    if outcome == "pep-match":
        body["pepMatches"] = pep_matches(details, context.draws)
    body["verificationReference"] = name.key
    body["requestDate"] = now
    body["ipAddress"] = context.request.peer if settings.ip_address == "peer" else ""
    if outcome == "capture-required":
        body["capture"] = capture_for(context, name)
    body["details"] = echo(details)
    if success or partial:
        body["verificationPartialSuccess"] = partial
        body["verificationDate"] = now
    record = new_record(context, KIND, name.key, outcome, context.reference)
    data = {"reference": context.reference, "ordinal": name.ordinal}
    context.stash[PENDING_RECORD] = PendingRecord(record, data, "verification")
    return reply(context, {"verification": body})


def _run(context: RequestContext, details: Mapping[str, Any], outcome: str) -> SourceResults:
    documents = context.stash[TO_CHECK]
    address = any_member(details.get("address"))
    if outcome == "not-verified":
        return sources.failed(documents, address, details, context.draws)
    if outcome == "source-error":
        return sources.broken(documents, address)
    if outcome == "partial":
        return sources.partly(documents, address, context.draws)
    return sources.passed(documents, address)


def verdict(
    run: SourceResults, details: Mapping[str, Any], outcome: str, settings: Settings
) -> tuple[bool, bool]:
    """Success and partial success. One of name, date of birth and address that was not given need not be
    proven, by setting."""
    needed = (
        run.name
        and run.birth
        and (run.address or (settings.success_needs == "given" and not details.get("address")))
    )
    success = needed and outcome != "partial"
    return success, not success and (run.name or run.birth or run.address)


def echo(details: Mapping[str, Any]) -> dict[str, Any]:
    """What a reply repeats of the request: date of birth, address (number and name of the street joined) and
    name, never documents."""
    repeated: dict[str, Any] = {"dateofbirth": _text(details["dateofbirth"])}
    address = details.get("address")
    if address and any(address.values()):
        if not address.get("street") and (address.get("streetname") or address.get("streetnumber")):
            parts = (address.get("streetnumber"), address.get("streetname"))
            address = {**address, "street": " ".join(_text(part) for part in parts if part)}
        repeated["address"] = _texts(address, _ADDRESS)
    repeated["name"] = _texts(details["name"], _NAME)
    return repeated


def _texts(holder: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, str]:
    return {key: value if type(value) is str else str(value) for key in keys if (value := holder.get(key))}


def _text(value: Any) -> str:
    return value if type(value) is str else str(value)


def check_reference(context: RequestContext) -> None:
    """105 for a verification that is not this account's."""
    find(context, KIND, context.params["verificationReference"])


def current(context: RequestContext, outcome: str) -> PendingResponse:
    """The verification as it stands."""
    assert context.record is not None
    return reply(context, {"verification": data_of(context.record)["reply"]})


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "verify",
        "POST",
        "/verify/",
        "verify",
        OUTCOMES,
        answer,
        check,
        keep,
        required=("data",),
        position=NESTED,
        params=frozenset({"key", "signature", "nonce", "timestamp", "data", "username"}),
    ),
    Endpoint(
        "verify-response",
        "GET",
        "/verify/response/",
        "verify",
        {"current": "The verification as it stands."},
        current,
        check_reference,
        keep,
        required=("verificationReference",),
        position=NESTED,
        published=False,
        names_record=True,
    ),
)
