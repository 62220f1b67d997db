"""KYB ("Tree"): search for a company, start the analysis of its ownership, fetch the result by token.

Parameters of the search are the vendor's ("Cloudcheck KYB API"); replies, the parameters of the request and the result's path are
assumptions.
"""

from __future__ import annotations

import re
from typing import Any

from mock_server.core.exceptions import ProviderError
from mock_server.core.records import Record
from mock_server.providers.base import Draft
from mock_server.providers.cloudcheck import content, errors
from mock_server.providers.cloudcheck.endpoint import NAME, Callbacks, Endpoint, data_of, reference_of, reply, settings_of
from mock_server.providers.cloudcheck.formats import stamp, today
from mock_server.providers.cloudcheck.journeys import PENDING
from mock_server.providers.cloudcheck.jsontext import parse
from mock_server.providers.cloudcheck.keeping import Made, find, name_for, new_record, rewritten
from mock_server.providers.cloudcheck.keeping import keep as keep_made
from mock_server.providers.cloudcheck.people import company
from mock_server.providers.cloudcheck.validation import text_of
from mock_server.providers.cloudcheck.webhooks import timer
from mock_server.providers.context import Call, World

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


def check_search(call: Call) -> None:
    """``entityStatus``: a comma-separated list of the documented words."""
    statuses = [status.strip() for status in (call.params.get("entityStatus") or STATUSES[0]).split(",")]
    if not set(statuses) <= set(STATUSES):
        raise errors.invalid("entityStatus")
    if not call.params["searchTerm"].strip():
        raise errors.missing("searchTerm")


def search(call: Call, outcome: str) -> Draft:
    """At most 50 companies; 110 for ``no-result``."""
    if outcome == "no-result":
        raise ProviderError(110)
    statuses = [status.strip() for status in (call.params.get("entityStatus") or STATUSES[0]).split(",")]
    return reply(call, {"entities": content.entities(call, call.params["searchTerm"], statuses, MOST_ENTITIES)})


def check_request(call: Call) -> None:
    """``entityNumber`` or ``nzbn``, as parameters or in ``data``."""
    body = call.params
    if call.params.get("data"):
        try:
            body = parse(call.params["data"])
        except ValueError:
            raise errors.invalid("data") from None
        if not isinstance(body, dict):
            raise errors.invalid("data")
    settings = settings_of(call)
    number, nzbn = (text_of(body, key, key, settings) for key in ("entityNumber", "nzbn"))
    call.body = dict(body)
    call.reference = text_of(body, "reference", "reference", settings)
    if not (number or nzbn):
        raise errors.missing("entityNumber", "nzbn")
    malformed = [name for name, text in (("entityNumber", number), ("nzbn", nzbn)) if text and not _NUMBER.fullmatch(text)]
    if malformed:
        raise errors.invalid(*malformed)


def request(call: Call, outcome: str) -> Draft:
    """A token; the analysis completes (or fails) by itself."""
    name = name_for(call, KIND)
    number = str(call.body.get("entityNumber") or call.body.get("nzbn"))
    record = new_record(call, KIND, name.key, PENDING, call.reference)
    data = {
        "reference": call.reference,
        "ordinal": name.ordinal,
        "number": number,
        "settled": outcome,
        "created": stamp(call.now, settings_of(call).timezone),
    }
    call.made = Made(record, data)
    return reply(call, {"token": name.key, "reference": call.reference, "status": PENDING})


def keep(call: Call, draft: Draft, callbacks: Callbacks) -> None:
    """The analysis is stored, and ends after the time that is set."""
    if isinstance(call.made, Made):
        record = call.made.record
        call.send(
            timer(call, call.reference or record.key, settings_of(call).complete_after, {"do": "end", "kind": KIND, "key": record.key})
        )
    keep_made(call, draft, callbacks)


def end(world: World, record: Record, outcome: str) -> Record:
    """The analysis is done."""
    data = data_of(record)
    world.draw_by(f"{reference_of(record)} {record.key}")
    data["completedDate"] = stamp(world.now, settings_of(world).timezone)
    if outcome == "completed":
        data["entity"] = _analysis(world, data["number"])
    changed = rewritten(record, ENDS[outcome], data)
    world.remember(changed)
    return changed


def _analysis(world: World, number: str) -> dict[str, Any]:
    random = world.draws.random("entity")
    return {
        "name": company(random),
        "entityNumber": number,
        "entityType": "NZ Limited Company",
        "entityStatus": "Registered",
        "owners": content.shareholders(world, "owner", today(world.now, settings_of(world).timezone)),
    }


def from_timer(world: World, key: str) -> None:
    """The analysis has taken its time."""
    record = world.store.record(world.account.name, NAME, KIND, key)
    if record is not None and record.status == PENDING:
        end(world, record, data_of(record)["settled"])


def check_result(call: Call) -> None:
    """105 for a token that is not this account's."""
    find(call, KIND, call.params["token"])


def result(call: Call, outcome: str) -> Draft:
    """As it stands; ``completed`` and ``failed`` end a pending analysis first."""
    record = call.record
    assert record is not None
    if outcome in ENDS and record.status == PENDING:
        record = call.record = end(call, record, outcome)
    data = data_of(record)
    shown = {"token": record.key, "reference": data["reference"], "status": record.status, "createdDate": data["created"]}
    return reply(call, {**shown, **{key: data[key] for key in ("completedDate", "entity") if key in data}})


def report(call: Call, outcome: str) -> Draft:
    """The result as PDF; 112 while it is pending."""
    from mock_server.providers.cloudcheck.pdf import entity_report

    record = call.record
    assert record is not None
    if record.status != "COMPLETED":
        raise ProviderError(112, "The analysis has not been completed.")
    return Draft(200, entity_report(data_of(record), record.key, call.now, settings_of(call).timezone), "application/pdf")


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
        {"completed": "The analysis completes after the time that is set.", "failed": "The analysis fails after that time."},
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
        {"current": "As it stands.", "completed": "The analysis has just completed.", "failed": "The analysis has just failed."},
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
