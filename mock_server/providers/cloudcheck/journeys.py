"""What a customer does on a page of the vendor's: capture pictures, scan a document, link a bank, fill in a
form.

All of them start ``PENDING`` and end once: on the hosted page, by the SDK, or by themselves where a scenario
or a magic value has settled the end. After that only a reviewer changes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_server.core.records import Message, Record
from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck import records
from mock_server.providers.cloudcheck.endpoint import NAME, Callbacks, data_of, reference_of, settings_of
from mock_server.providers.cloudcheck.formats import stamp
from mock_server.providers.cloudcheck.records import (
    PENDING_RECORD,
    Name,
    PendingRecord,
    new_record,
    rewritten,
)
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.cloudcheck.validation import check_url
from mock_server.providers.cloudcheck.webhooks import (
    call_url,
    payload,
    post,
    review_message,
    timer,
    token_of,
    with_query,
)
from mock_server.providers.context import RequestContext, UnitOfWork
from mock_server.providers.problems import already_ended

PENDING = "PENDING"
STATUSES: Mapping[str, str] = {
    "match": "MATCH",
    "review": "REVIEW",
    "no-match": "NO_MATCH",
    "failed": "FAILED",
    "not-done": "NOT_DONE",
    "abandoned": "ABANDONED",
}
"""Outcome → the vendor's status (constants of its SDKs)."""
ENDS = {
    "match": "It ends with a match.",
    "review": "It ends with a doubt, for a reviewer to decide.",
    "no-match": "It ends without a match.",
    "failed": "It ends since the pictures or data could not be used.",
    "not-done": "It ends without having been begun.",
    "abandoned": "The customer gives up.",
}
STARTS = {"pending": "It stays pending until a page, the SDK or a reviewer ends it.", **ENDS}
READS = {
    "current": "As it stands.",
    **{name: f"As it stands, after this: {text[0].lower()}{text[1:]}" for name, text in ENDS.items()},
}
GIVEN_UP = frozenset({"not-done", "abandoned"})

Finish = Callable[[UnitOfWork, dict[str, Any], str], None]
"""Adds what was found to ``data["reply"]``, for an outcome."""


class Journey(NamedTuple):
    """One product of this sort."""

    kind: str
    wrapper: str
    """The key around its replies."""
    root: str
    """Its pages are ``root`` + token + ``/``."""
    finish: Finish
    urls: tuple[str, ...]
    """Members of the request that are addresses, as the product's page has them. Others of that sort mean
    nothing to it."""
    live: bool = False
    """True: the redirect carries Live's four parameters."""
    statuses: tuple[tuple[str, str], ...] = ()
    """``status`` values added to the notificationUrl at the end, in order, for outcomes that were not given
    up; empty: none added."""


def start(
    context: RequestContext,
    journey: Journey,
    name: Name,
    token: str,
    outcome: str,
    reply: dict[str, Any],
    facts: Mapping[str, Any],
) -> None:
    """Leave the new record for `keep`. ``facts``: what the product remembers of the request."""
    record = new_record(context, journey.kind, name.key, PENDING, token, context.reference)
    data = {
        "reference": context.reference,
        "ordinal": name.ordinal,
        "token": token,
        "settled": "" if outcome == "pending" else outcome,
        "created": stamp(context.now, settings_of(context).timezone),
        "origin": context.origin,
        **facts,
        "reply": reply,
    }
    context.stash[PENDING_RECORD] = PendingRecord(record, data, journey.wrapper)


def keep(context: RequestContext, pending: PendingResponse, callbacks: Callbacks) -> None:
    """As `records.keep`; an explicit empty list of callbacks also silences the notification at the end."""
    new = context.stash.get(PENDING_RECORD, None)
    if new is not None:
        new.data["quiet"] = callbacks is not None and not callbacks
        if new.data.get("settled"):
            what = {"do": "end", "kind": new.record.kind, "key": new.record.key}
            reference = context.reference or new.record.key
            context.send(timer(context, reference, settings_of(context).complete_after, what))
    records.keep(context, pending, callbacks)


def check_urls(context: RequestContext, journey: Journey) -> None:
    """107 for an address of the request that is none."""
    for key in journey.urls:
        check_url(context.body, key, settings_of(context))


def urls_of(context: RequestContext, journey: Journey) -> dict[str, str]:
    """The addresses of the request, those that are left out as empty texts."""
    return {key: context.body.get(key) or "" for key in journey.urls}


def page_url(unit: UnitOfWork, journey: Journey, token: str) -> str:
    """Where the customer goes."""
    return f"{unit.origin}{journey.root}{token}/"


def end(unit: UnitOfWork, journey: Journey, record: Record, outcome: str, notes: str = "") -> Record:
    """The customer has finished: the record as it is then, with the notifications that follow. ``notes``: a
    reviewer's."""
    data = data_of(record)
    unit.reference = unit.reference or reference_of(record)
    unit.draw_by(f"{reference_of(record)} {record.key}")
    unit.origin = data.get("origin") or unit.origin
    data["ended"] = outcome
    _write_end(unit, journey, data, outcome)
    if notes:
        data["reply"]["reviewNotes"] = notes
    ended = rewritten(record, STATUSES[outcome], data)
    unit.remember(ended)
    if not data.get("quiet"):
        for message in _notifications(unit, journey, ended, data, outcome):
            unit.send(message)
    return ended


def _write_end(unit: UnitOfWork, journey: Journey, data: dict[str, Any], outcome: str) -> None:
    reply = data["reply"]
    reply["status"] = STATUSES[outcome]
    if outcome not in GIVEN_UP:
        reply["completed"] = True
        reply["completedDate"] = stamp(unit.now, settings_of(unit).timezone)
    journey.finish(unit, data, outcome)


def _notifications(
    unit: UnitOfWork, journey: Journey, record: Record, data: Mapping[str, Any], outcome: str
) -> list[Message]:
    reference = reference_of(record)
    messages = []
    if data.get("notificationUrl") and outcome not in GIVEN_UP:
        for status in statuses(journey, outcome):
            added = (
                {"reference": str(data.get("reference") or record.key), "status": status} if status else {}
            )
            messages.append(call_url(unit, "notification", reference, data["notificationUrl"], added))
    if data.get("webhookUrl"):
        messages.append(
            post(
                unit,
                "REVIEW",
                reference,
                data["webhookUrl"],
                payload(record.kind.upper(), "REVIEW", token_of(record)),
            )
        )
    return messages


def statuses(journey: Journey, outcome: str) -> list[str]:
    """What the notifications of an end tell as ``status``, one each; an empty text: no parameter is added."""
    if not journey.statuses:
        return [""]
    return [dict(journey.statuses)["submitted"], dict(journey.statuses).get(outcome, STATUSES[outcome])]


def ended(record: Record) -> bool:
    """Whether the customer is through with it."""
    return record.status != PENDING


def note_ended(context: RequestContext, outcome: str, record: Record, status: str) -> None:
    """Say in the journal that an outcome changes nothing, where what it is about has ended with another status."""
    if record.status != status:
        context.evidence = already_ended(outcome, record.status).evidence()
        context.outcome = "current"


def review(
    unit: UnitOfWork, journey: Journey, record: Record, outcome: str, notes: str = "", *, tell: bool = True
) -> Record:
    """A reviewer's decision: one that is pending ends so, one that has ended changes; the webhooks tell of
    it."""
    changed = (
        _changed(unit, journey, record, outcome, notes)
        if ended(record)
        else end(unit, journey, record, outcome, notes)
    )
    message = review_message(unit, changed) if tell else None
    if message is not None:
        unit.send(message)
    return changed


def _changed(unit: UnitOfWork, journey: Journey, record: Record, outcome: str, notes: str) -> Record:
    data = data_of(record)
    unit.draw_by(f"{reference_of(record)} {record.key}")
    data["ended"] = outcome
    data["reply"]["status"] = STATUSES[outcome]
    journey.finish(unit, data, outcome)
    if notes:
        data["reply"]["reviewNotes"] = notes
    changed = rewritten(record, STATUSES[outcome], data)
    unit.remember(changed)
    if data.get("webhookUrl"):
        unit.send(
            post(
                unit,
                "REVIEW",
                reference_of(record),
                data["webhookUrl"],
                payload(record.kind.upper(), "REVIEW", token_of(record)),
            )
        )
    return changed


def redirect(settings: Settings, journey: Journey, record: Record) -> str:
    """Where the customer's browser goes at the end; empty: to a closing page."""
    data = data_of(record)
    url = data.get("callback") or ""
    if not url:
        return ""
    own = str(data.get("reference") or "")
    if journey.live:
        captured = "false" if data.get("ended") in GIVEN_UP else "true"
        return with_query(
            url,
            {
                "liveCaptured": captured,
                "liveReference": own,
                "liveToken": data["token"],
                "captureReference": record.key,
            },
        )
    reference, token = settings.callback_parameters
    return with_query(url, {reference: own, token: record.key})


def from_timer(unit: UnitOfWork, journey: Journey, what: Mapping[str, Any]) -> None:
    """The settled end has come, unless the customer was faster."""
    record = unit.store.record(unit.account.name, NAME, str(what["kind"]), str(what["key"]))
    if record is not None and not ended(record):
        end(unit, journey, record, data_of(record)["settled"])
