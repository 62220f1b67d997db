"""KYB ("Tree"): search for a company, start the analysis of its ownership, fetch the result by token.

Parameters of the search are the vendor's ("Cloudcheck KYB API"); replies, the parameters of the request and
the result's path are assumptions."""

from __future__ import annotations

import re
from typing import Any

from mock_server.core.exceptions import ProviderError
from mock_server.core.records import Record
from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck import content, errors
from mock_server.providers.cloudcheck.endpoint import (
    NAME,
    Callbacks,
    Endpoint,
    data_of,
    reference_of,
    reply,
    settings_of,
)
from mock_server.providers.cloudcheck.formats import stamp, today
from mock_server.providers.cloudcheck.journeys import PENDING, note_ended
from mock_server.providers.cloudcheck.json_codec import parse
from mock_server.providers.cloudcheck.people import company
from mock_server.providers.cloudcheck.records import (
    PENDING_RECORD,
    PendingRecord,
    find,
    name_for,
    new_record,
    rewritten,
)
from mock_server.providers.cloudcheck.records import keep as keep_made
from mock_server.providers.cloudcheck.validation import text_of
from mock_server.providers.cloudcheck.webhooks import timer
from mock_server.providers.context import RequestContext, UnitOfWork

KIND = "tree"
STATUSES = (
    "Registered",
    "InLiquidation",
    "VoluntaryAdministration",
    "InReceivership",
    "InStatutoryAdministration",
    "Inactive",
    "Removed",
    "Closed",
)
MOST_ENTITIES = 50
ENDS = {"completed": "COMPLETED", "failed": "FAILED"}
_NUMBER = re.compile(r"[0-9]{4,13}")


def check_search(context: RequestContext) -> None:
    """``entityStatus``: a comma-separated list of the documented words."""
    statuses = [status.strip() for status in (context.params.get("entityStatus") or STATUSES[0]).split(",")]
    if not set(statuses) <= set(STATUSES):
        raise errors.invalid("entityStatus")
    if not context.params["searchTerm"].strip():
        raise errors.missing("searchTerm")


def search(context: RequestContext, outcome: str) -> PendingResponse:
    """At most 50 companies; 110 for ``no-result``."""
    if outcome == "no-result":
        raise ProviderError(110)
    statuses = [status.strip() for status in (context.params.get("entityStatus") or STATUSES[0]).split(",")]
    return reply(
        context,
        {"entities": content.entities(context, context.params["searchTerm"], statuses, MOST_ENTITIES)},
    )


def check_request(context: RequestContext) -> None:
    """``entityNumber`` or ``nzbn``, as parameters or in ``data``."""
    body = context.params
    if context.params.get("data"):
        try:
            body = parse(context.params["data"])
        except ValueError:
            raise errors.invalid("data") from None
        if not isinstance(body, dict):
            raise errors.invalid("data")
    settings = settings_of(context)
    number, nzbn = (text_of(body, key, key, settings) for key in ("entityNumber", "nzbn"))
    context.body = dict(body)
    context.reference = text_of(body, "reference", "reference", settings)
    if not (number or nzbn):
        raise errors.missing("entityNumber", "nzbn")
    malformed = [
        name
        for name, text in (("entityNumber", number), ("nzbn", nzbn))
        if text and not _NUMBER.fullmatch(text)
    ]
    if malformed:
        raise errors.invalid(*malformed)


def request(context: RequestContext, outcome: str) -> PendingResponse:
    """A token; the analysis completes (or fails) by itself."""
    name = name_for(context, KIND)
    number = str(context.body.get("entityNumber") or context.body.get("nzbn"))
    record = new_record(context, KIND, name.key, PENDING, context.reference)
    data = {
        "reference": context.reference,
        "ordinal": name.ordinal,
        "number": number,
        "settled": outcome,
        "created": stamp(context.now, settings_of(context).timezone),
    }
    context.stash[PENDING_RECORD] = PendingRecord(record, data)
    return reply(context, {"token": name.key, "reference": context.reference, "status": PENDING})


def keep(context: RequestContext, pending: PendingResponse, callbacks: Callbacks) -> None:
    """The analysis is stored, and ends after the time that is set."""
    new = context.stash.get(PENDING_RECORD, None)
    if new is not None:
        record = new.record
        context.send(
            timer(
                context,
                context.reference or record.key,
                settings_of(context).complete_after,
                {"do": "end", "kind": KIND, "key": record.key},
            )
        )
    keep_made(context, pending, callbacks)


def end(unit: UnitOfWork, record: Record, outcome: str) -> Record:
    """The analysis is done."""
    data = data_of(record)
    unit.draw_by(f"{reference_of(record)} {record.key}")
    data["completedDate"] = stamp(unit.now, settings_of(unit).timezone)
    if outcome == "completed":
        data["entity"] = _analysis(unit, data["number"])
    changed = rewritten(record, ENDS[outcome], data)
    unit.remember(changed)
    return changed


def _analysis(unit: UnitOfWork, number: str) -> dict[str, Any]:
    random = unit.draws.random("entity")
    return {
        "name": company(random),
        "entityNumber": number,
        "entityType": "NZ Limited Company",
        "entityStatus": "Registered",
        "owners": content.shareholders(unit, "owner", today(unit.now, settings_of(unit).timezone)),
    }


def from_timer(unit: UnitOfWork, key: str) -> None:
    """The analysis has taken its time."""
    record = unit.store.record(unit.account.name, NAME, KIND, key)
    if record is not None and record.status == PENDING:
        end(unit, record, data_of(record)["settled"])


def check_result(context: RequestContext) -> None:
    """105 for a token that is not this account's."""
    find(context, KIND, context.params["token"])


def result(context: RequestContext, outcome: str) -> PendingResponse:
    """As it stands; ``completed`` and ``failed`` end a pending analysis first."""
    record = context.record
    assert record is not None
    if outcome in ENDS and record.status == PENDING:
        record = context.record = end(context, record, outcome)
    elif outcome in ENDS:
        note_ended(context, outcome, record, ENDS[outcome])
    data = data_of(record)
    shown = {
        "token": record.key,
        "reference": data["reference"],
        "status": record.status,
        "createdDate": data["created"],
    }
    return reply(context, {**shown, **{key: data[key] for key in ("completedDate", "entity") if key in data}})


def report(context: RequestContext, outcome: str) -> PendingResponse:
    """The result as PDF; 112 while it is pending."""
    from mock_server.providers.cloudcheck.pdf import entity_report

    record = context.record
    assert record is not None
    if record.status != "COMPLETED":
        raise ProviderError(112, "The analysis has not been completed.")
    return PendingResponse(
        200,
        entity_report(data_of(record), record.key, context.now, settings_of(context).timezone),
        "application/pdf",
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "tree-entities",
        "GET",
        "/tree/entities/",
        "tree",
        {"found": "Companies of about that name.", "no-result": "110."},
        search,
        check_search,
        keep_made,
        required=("searchTerm",),
    ),
    Endpoint(
        "tree-request",
        "POST",
        "/tree/request/",
        "tree",
        {
            "completed": "The analysis completes after the time that is set.",
            "failed": "The analysis fails after that time.",
        },
        request,
        check_request,
        keep,
        body=frozenset({"reference", "entityNumber", "nzbn"}),
    ),
    Endpoint(
        "tree-result",
        "GET",
        "/tree/result/",
        "tree",
        {
            "current": "As it stands.",
            "completed": "The analysis has just completed.",
            "failed": "The analysis has just failed.",
        },
        result,
        check_result,
        keep_made,
        required=("token",),
        published=False,
        names_record=True,
    ),
    Endpoint(
        "tree-pdf",
        "GET",
        "/tree/pdf",
        "tree",
        {"report": "The result as PDF."},
        report,
        check_result,
        keep_made,
        required=("token",),
        published=False,
        names_record=True,
    ),
)
