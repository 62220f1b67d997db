"""Addresses: find and retrieve with a signature ("Cloudcheck Loqate API"), and the older look-up for browsers
with ``x-api-key``.

Both speak the upstream Harmony format, which the vendor's browser script reads. Phone and e-mail checks
belong to the same product."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mock_server.core.exceptions import ProviderError
from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck import errors, gazetteer
from mock_server.providers.cloudcheck.endpoint import NAME, Endpoint, reply
from mock_server.providers.cloudcheck.gate import check_permission
from mock_server.providers.cloudcheck.gazetteer import Address
from mock_server.providers.cloudcheck.handlers.forms import plausible_email
from mock_server.providers.cloudcheck.json_codec import parse
from mock_server.providers.cloudcheck.records import keep
from mock_server.providers.cloudcheck.validation import read_data
from mock_server.providers.context import RequestContext

SOURCES = {"NZPAF": "NZ", "NZAD": "NZ", "AUPAF": "AU", "GNAF": "AU"}
"""Sources of truth → country."""
USUAL_HITS, MOST_HITS = 10, 50
_MOBILE = re.compile(r"(?:(?:\+|00)?64|0)2[0-9]{7,9}|(?:(?:\+|00)?61|0)4[0-9]{8}")
_CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "POST, OPTIONS"),
    ("Access-Control-Allow-Headers", "Content-Type, x-api-key, Accept"),
    ("Access-Control-Max-Age", "3600"),
)


def check_signed(context: RequestContext) -> None:
    """``data`` in the Harmony format."""
    _check(read_data(context), context.operation)


def authenticate(context: RequestContext) -> None:
    """The browser's key is the account's access key; a preflight carries none."""
    if context.request.method == "OPTIONS":
        context.enter(context.services.accounts.default())
        return
    account = context.services.accounts.by_credential(NAME, context.request.headers.get("x-api-key", ""))
    if account is None:
        raise ProviderError(
            101, evidence={"check": "key", "remedy": "send the account's access key in the header x-api-key"}
        )
    context.enter(account)


def check_browser(context: RequestContext, endpoint: Endpoint) -> None:
    """A JSON body in the Harmony format."""
    if context.request.method == "OPTIONS":
        return
    check_permission(context, endpoint)
    try:
        body = parse(context.request.body.decode("utf-8", "replace"))
    except ValueError:
        raise errors.invalid("payload", detail=("The body is not valid JSON",)) from None
    if not isinstance(body, dict):
        raise errors.invalid("payload")
    context.body = body
    _check(body, context.operation)


def _check(body: Mapping[str, Any], operation: str) -> None:
    payload = body.get("payload")
    if payload is None or payload == []:
        raise errors.missing("payload")
    if (
        not isinstance(payload, list)
        or not all(isinstance(item, dict) for item in payload)
        or len(payload) > 100
    ):
        raise errors.invalid("payload")
    source = body.get("sourceOfTruth")
    if source is not None and not (isinstance(source, str) and source in SOURCES):
        raise errors.invalid("sourceOfTruth")
    if not isinstance(body.get("featureOptions") or {}, dict):
        raise errors.invalid("featureOptions")
    key = {"find": "fullAddress", "retrieve": "id", "phone": "phone", "email": "email"}[
        operation.rpartition("-")[2]
    ]
    for item in payload:
        if item.get(key) in (None, ""):
            raise errors.missing(key)
        for text in (key, "country"):
            if not isinstance(item.get(text), str | None):
                raise errors.invalid(text)


def find(context: RequestContext, outcome: str) -> PendingResponse:
    """Addresses that begin as the text does."""
    if context.request.method == "OPTIONS":
        return PendingResponse(204, b"", "text/plain", _CORS)
    options = context.body.get("featureOptions")
    limit = options.get("singleLineHitNumber") if isinstance(options, dict) else None
    limit = (
        min(limit, MOST_HITS)
        if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0
        else USUAL_HITS
    )
    hits: list[Address] = []
    for item in context.body["payload"] if outcome == "found" else ():
        hits += gazetteer.search(item["fullAddress"], _country(context.body, item), limit)
    return _harmony(context, [{"fullAddress": hit.full, "id": hit.id, "attributes": {}} for hit in hits])


def _country(body: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    source = body.get("sourceOfTruth")
    if isinstance(source, str):
        return SOURCES[source]
    return "AU" if str(item.get("country", "")).upper() in ("AU", "AUS") else "NZ"


def retrieve(context: RequestContext, outcome: str) -> PendingResponse:
    """The parts of the addresses with those ids; error 110 if no id is known."""
    if context.request.method == "OPTIONS":
        return PendingResponse(204, b"", "text/plain", _CORS)
    addresses = [
        address for item in context.body["payload"] if (address := gazetteer.by_id(item["id"])) is not None
    ]
    if not addresses or outcome == "no-result":
        raise ProviderError(110)
    return _harmony(context, [_parts(address) for address in addresses])


def _parts(address: Address) -> dict[str, Any]:
    name, _, kind = address.street.rpartition(" ")
    place = address.place
    return {
        "fullAddress": address.full,
        "id": address.id,
        "street": f"{address.number} {address.street}",
        "streetNumber": str(address.number),
        "streetName": name,
        "streetType": kind,
        "suburb": place.suburb,
        "townCity": place.city,
        "city": place.city,
        "state": place.state,
        "postcode": place.postcode,
        "postcodeLocality": place.suburb,
        "flatUnitNumber": "",
        "floorLevelNumber": "",
        "lotNumber": "",
        "province": "",
        "district": "",
        "country": address.country,
        "attributes": {},
    }


def _harmony(context: RequestContext, payload: list[dict[str, Any]]) -> PendingResponse:
    pending = reply(context, {"status": "SUCCESS", "messages": [], "payload": payload})
    return pending if context.operation.startswith("address-") else pending.replace(headers=_CORS)


def phone(context: RequestContext, outcome: str) -> PendingResponse:
    """Whether each number is a New Zealand or Australian mobile."""
    rows = []
    for item in context.body["payload"]:
        digits = re.sub(r"[\s()-]", "", item["phone"])
        rows.append({"phone": item["phone"], "valid": _MOBILE.fullmatch(digits) is not None})
    return _harmony(context, rows)


def email(context: RequestContext, outcome: str) -> PendingResponse:
    """Whether each could be an e-mail address."""
    return _harmony(
        context,
        [
            {"email": item["email"], "valid": plausible_email(item["email"])}
            for item in context.body["payload"]
        ],
    )


CORS = _CORS
_FIND = {"found": "Addresses of the gazetteer.", "none": "No address."}
_RETRIEVE = {"found": "The address's parts.", "no-result": "110."}
_VALID = {"checked": "Valid or not."}
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "address-find",
        "POST",
        "/address/find/",
        "address",
        _FIND,
        find,
        check_signed,
        keep,
        required=("data",),
    ),
    Endpoint(
        "address-retrieve",
        "POST",
        "/address/retrieve/",
        "address",
        _RETRIEVE,
        retrieve,
        check_signed,
        keep,
        required=("data",),
        published=False,
    ),
    Endpoint(
        "address-phone",
        "POST",
        "/address/phone/",
        "address",
        _VALID,
        phone,
        check_signed,
        keep,
        required=("data",),
        published=False,
    ),
    Endpoint(
        "address-email",
        "POST",
        "/address/email/",
        "address",
        _VALID,
        email,
        check_signed,
        keep,
        required=("data",),
        published=False,
    ),
    Endpoint(
        "addresslookup-find",
        "POST",
        "/addresslookup/find/",
        "address",
        _FIND,
        find,
        keep=keep,
        access="browser",
        also=("OPTIONS",),
    ),
    Endpoint(
        "addresslookup-retrieve",
        "POST",
        "/addresslookup/retrieve/",
        "address",
        _RETRIEVE,
        retrieve,
        keep=keep,
        access="browser",
        also=("OPTIONS",),
    ),
)
