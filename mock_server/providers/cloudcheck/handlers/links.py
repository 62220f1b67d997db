"""IDscan, Akahu and Credfin: ``initiate`` hands out a page's URL, the results are fetched by token.

Parameters are those of the vendor's pages; replies and the results' paths are assumptions, made like Live's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck import content
from mock_server.providers.cloudcheck.endpoint import Endpoint, data_of, reply, settings_of
from mock_server.providers.cloudcheck.formats import stamp
from mock_server.providers.cloudcheck.journeys import (
    PENDING,
    READS,
    STARTS,
    STATUSES,
    Journey,
    check_urls,
    end,
    ended,
    keep,
    note_ended,
    page_url,
    start,
    urls_of,
)
from mock_server.providers.cloudcheck.records import find, name_for
from mock_server.providers.cloudcheck.token_lookup import new_token
from mock_server.providers.cloudcheck.validation import check_url, read_data, text_of
from mock_server.providers.context import RequestContext, UnitOfWork


def _finish_scan(unit: UnitOfWork, data: dict[str, Any], outcome: str) -> None:
    """The recognised licence, and how far the faces match."""
    scan = data["reply"]
    overall = content.percentage(outcome, unit.draws.random("scan result"))
    scan["recognizedDocuments"] = (
        [content.licence(content.subject(unit, data, "scan subject"), "")] if overall is not None else []
    )
    if overall is not None:
        scan["matchPercentage"] = overall


def _finish_bank(unit: UnitOfWork, data: dict[str, Any], outcome: str) -> None:
    """The bank's accounts and details; what was given is compared with them."""
    bank = data["reply"]
    linked = outcome in content.PERCENTAGES
    about = content.subject(unit, data, "bank customer")
    somebody = about["person"]
    name = (data.get("name") if outcome != "no-match" else None) or about["name"]
    shown = (
        name
        if isinstance(name, str)
        else " ".join(str(name[part]) for part in ("given", "middle", "family") if name.get(part))
    )
    bank["accounts"] = content.accounts(unit, "bank accounts", data["several"], shown) if linked else []
    if linked:
        bank["name"] = shown
        bank["address"] = (data.get("address") if outcome == "match" else None) or somebody.address.details
    compared = [part for part in ("name", "address") if data.get(part)]
    if compared and linked:
        bank["validated"] = {
            part: outcome == "match" or (outcome == "review" and part == "name") for part in compared
        }


IDSCAN: Journey = Journey("idscan", "idscan", "/idscan/", _finish_scan, ("notificationUrl", "webhookUrl"))
AKAHU: Journey = Journey("akahu", "akahu", "/akahu/", _finish_bank, ("callback", "notificationUrl"))
CREDFIN: Journey = Journey("credfin", "credfin", "/credfin/", _finish_bank, ("callback", "notificationUrl"))


def check_scan(context: RequestContext) -> None:
    """URLs need a protocol."""
    read_data(context)
    check_urls(context, IDSCAN)


def check_bank(context: RequestContext) -> None:
    """``callback`` is mandatory."""
    body = read_data(context)
    check_url(body, "callback", settings_of(context), required=True)
    check_urls(context, AKAHU)
    _compared_details(context)


def answer(
    context: RequestContext, outcome: str, journey: Journey, facts: Mapping[str, Any]
) -> PendingResponse:
    """A pending request and the URL for the customer."""
    name = name_for(context, journey.kind)
    token = new_token(context, name.drawn(f"{journey.kind} token"))
    pending = {
        "reference": context.reference,
        "token": name.key,
        "url": page_url(context, journey, token),
        "status": PENDING,
        "createdDate": stamp(context.now, settings_of(context).timezone),
        "completed": False,
    }
    start(context, journey, name, token, outcome, pending, {**urls_of(context, journey), **facts})
    return reply(context, {journey.wrapper: pending})


def initiate_scan(context: RequestContext, outcome: str) -> PendingResponse:
    """An IDscan request."""
    return answer(context, outcome, IDSCAN, {})


def initiate_akahu(context: RequestContext, outcome: str) -> PendingResponse:
    """A link to one bank account."""
    return answer(context, outcome, AKAHU, _bank_facts(context, several=False))


def initiate_credfin(context: RequestContext, outcome: str) -> PendingResponse:
    """A link to one or more bank accounts."""
    return answer(context, outcome, CREDFIN, _bank_facts(context, several=True))


def _bank_facts(context: RequestContext, *, several: bool) -> dict[str, Any]:
    return {"several": several, **_compared_details(context)}


def _compared_details(context: RequestContext) -> dict[str, dict[str, str] | str | None]:
    """The name and address to compare with those of the bank: each a text or an object of texts, None if absent.
    Raises 107 for another type."""
    return {key: _texts(context, key) for key in ("name", "address")}


def _texts(context: RequestContext, key: str) -> dict[str, str] | str | None:
    value, settings = context.body.get(key), settings_of(context)
    if isinstance(value, dict):
        return {part: text_of(value, part, key, settings) for part in value} or None
    return text_of(context.body, key, key, settings) or None


def read(context: RequestContext, outcome: str, journey: Journey) -> PendingResponse:
    """The request as it stands; an outcome other than ``current`` ends a pending one first."""
    record = context.record
    assert record is not None
    if outcome != "current" and not ended(record):
        record = context.record = end(context, journey, record, outcome)
    elif outcome != "current":
        note_ended(context, outcome, record, STATUSES[outcome])
    return reply(context, {journey.wrapper: data_of(record)["reply"]})


def reader(name: str, path: str, permission: str, journey: Journey) -> Endpoint:
    """The endpoint that fetches the results of such a product by token."""

    def check(context: RequestContext) -> None:
        find(context, journey.kind, context.params["token"])

    def fetch(context: RequestContext, outcome: str) -> PendingResponse:
        return read(context, outcome, journey)

    return Endpoint(
        name,
        "GET",
        path,
        permission,
        READS,
        fetch,
        check,
        keep,
        required=("token",),
        published=False,
        names_record=True,
    )


_BANK = frozenset({"reference", "callback", "notificationUrl", "name", "name.*", "address", "address.*"})
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "idscan-initiate",
        "POST",
        "/idscan/initiate/",
        "idscan",
        STARTS,
        initiate_scan,
        check_scan,
        keep,
        required=("data",),
        body=frozenset({"reference", "notificationUrl", "webhookUrl"}),
    ),
    reader("idscan-results", "/idscan/results/", "idscan", IDSCAN),
    Endpoint(
        "akahu-initiate",
        "POST",
        "/akahu/initiate/",
        "akahu",
        STARTS,
        initiate_akahu,
        check_bank,
        keep,
        required=("data",),
        body=_BANK,
    ),
    reader("akahu-results", "/akahu/results/", "akahu", AKAHU),
    Endpoint(
        "credfin-initiate",
        "POST",
        "/credfin/initiate/",
        "credfin",
        STARTS,
        initiate_credfin,
        check_bank,
        keep,
        required=("data",),
        body=_BANK,
    ),
    reader("credfin-results", "/credfin/results/", "credfin", CREDFIN),
)
