"""The site webhook (overview page, "Webhooks"): a POST of three texts when a reviewer has decided. One
attempt, nothing is signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mock_server.core.delivery_directives import leaves_before_response
from mock_server.core.records import Message, Record
from mock_server.providers.cloudcheck.endpoint import (
    NAME,
    Callbacks,
    data_of,
    reference_of,
    section_of,
    settings_of,
)
from mock_server.providers.cloudcheck.json_codec import encode
from mock_server.providers.context import RequestContext, UnitOfWork
from mock_server.scenario.model import CallbackSpec
from mock_server.scenario.rendering import merge, render
from mock_server.scenario.values import text_of

PEP, REVIEW = "PEP_MATCH_REVIEW", "REVIEW"
REQUEST_TYPES: Mapping[str, str] = {
    "verification": "VERIFICATION",
    "association": "WATCHLIST_MONITORING",
    "capture": "CAPTURE",
    "idscan": "IDSCAN",
    "akahu": "AKAHU",
    "credfin": "CREDFIN",
    "document": "DOCUMENT_CHECK",
}
"""Kind of record → ``requestType``. WATCHLIST_MONITORING is missing in the vendor's list of values, but
stands in its sample."""
KINDS = {request_type: kind for kind, request_type in REQUEST_TYPES.items()}
_JSON = (("Content-Type", "application/json"),)
_RETRY_AFTER = 10.0
"""Seconds between attempts where a scenario asks for more than the vendor's one."""


def event_of(kind: str) -> str:
    """Which event a review of that kind of record is."""
    return PEP if kind in ("verification", "association") else REVIEW


def request_types_of(event: str) -> tuple[str, ...]:
    """The request types of the event: PEP matches are reviewed in verifications and monitoring, all else in
    the other products."""
    return tuple(request_type for kind, request_type in REQUEST_TYPES.items() if event_of(kind) == event)


def payload(request_type: str, event: str, reference: str) -> dict[str, str]:
    """The documented body."""
    return {"requestType": request_type, "eventType": event, "reference": reference}


def token_of(record: Record, match_id: str = "") -> str:
    """What the body's ``reference`` says: the reference or token that fetches the result; for monitoring also
    the match's id."""
    if record.kind != "association":
        return record.key
    if not match_id:
        matches = data_of(record).get("matches") or [{}]
        match_id = matches[0].get("matchId", "")
    return f"{record.key},{match_id}" if match_id else record.key


def review_message(unit: UnitOfWork, record: Record, *, match_id: str = "", url: str = "") -> Message | None:
    """The webhook call that reports a review; None for records that are not reviewed."""
    url = url or section_of(unit.account).webhook_url
    request_type = REQUEST_TYPES.get(record.kind)
    if request_type is None:
        return None
    event = event_of(record.kind)
    return post(
        unit, event, reference_of(record), url, payload(request_type, event, token_of(record, match_id))
    )


def post(unit: UnitOfWork, event: str, reference: str, url: str, body: Any, *, after: float = 0.0) -> Message:
    """A POST of JSON."""
    if isinstance(body, dict) and isinstance(body.get("requestType"), str):
        unit.met(NAME, "request-type", body["requestType"])
    return Message(
        unit.new_id("d"),
        unit.account.name,
        NAME,
        event,
        reference,
        url,
        encode(body),
        _JSON,
        unit.now + after,
        unit.now,
        timeout=settings_of(unit).webhook_timeout,
        lane=lane(reference),
        request_id=unit.entry_id if isinstance(unit, RequestContext) else "",
        no_address="" if url else no_address(unit),
    )


def no_address(unit: UnitOfWork) -> str:
    """Why a webhook cannot be sent, and where to set the address."""
    return f"account {unit.account.name} has no webhook_url; set it for the account, or `url` in the scenario's callback"


def lane(reference: str) -> str:
    """Messages of one reference leave in order."""
    return f"{NAME}:{reference}"


def timer(
    unit: UnitOfWork, reference: str, after: float, what: Mapping[str, Any], *, in_lane: bool = False
) -> Message:
    """Something that happens to a record by itself; ``what`` comes back to the provider when it is due."""
    return Message(
        unit.new_id("t"),
        unit.account.name,
        NAME,
        str(what.get("do", "")),
        reference,
        "",
        encode(what),
        (),
        unit.now + after,
        unit.now,
        lane=lane(reference) if in_lane else "",
        request_id=unit.entry_id if isinstance(unit, RequestContext) else "",
        kind="timer",
    )


def follow(context: RequestContext, record: Record | None, callbacks: Callbacks) -> None:
    """Send a scenario's callbacks, in order of time. A scenario's ``review`` is entered in the record right
    before the first."""
    specs = sorted(callbacks or (), key=lambda spec: spec.after)
    review = render(context.respond.review, context) if context.respond is not None else None
    if specs and record is not None and isinstance(review, Mapping):
        what = {"do": "review", "kind": record.kind, "key": record.key, "review": dict(review)}
        context.send(timer(context, context.reference or record.key, specs[0].after, what, in_lane=True))
    for spec in specs:
        context.send(scripted(context, record, spec))


def scripted(context: RequestContext, record: Record | None, spec: CallbackSpec) -> Message:
    """The message of one entry of ``callbacks``."""
    url = text_of(render(spec.url, context)) or section_of(context.account).webhook_url or ""
    request_type = spec.request_type or (REQUEST_TYPES.get(record.kind) if record is not None else None)
    reference_sent = render(spec.reference, context) or (
        token_of(record) if record is not None else context.reference
    )
    body: Any = payload(
        request_type or ("VERIFICATION" if spec.event == PEP else "CAPTURE"),
        spec.event,
        text_of(reference_sent),
    )
    if spec.merge is not None:
        body = merge(body, render(spec.merge, context))
    reference = context.reference or (record.key if record is not None else "")
    message = post(context, spec.event, reference, url, body, after=spec.after)
    return message._replace(
        waits=(_RETRY_AFTER,) * ((spec.attempts or 1) - 1),
        deliver=spec.deliver,
        before_response=leaves_before_response(spec.deliver),
    )


def trigger(unit: UnitOfWork, event: str, reference: str, options: Mapping[str, Any]) -> list[Message]:
    """The message of an event fired by hand; ``options``: ``url``, ``requestType``, ``merge``. Raises
    ``ValueError`` with a remedy."""
    if event not in (PEP, REVIEW):
        raise ValueError(f"{event!r} is not a Cloudcheck event; use {PEP} and {REVIEW}")
    request_type = options.get("requestType")
    if request_type is not None and request_type not in KINDS:
        raise ValueError(f"requestType {request_type!r} does not exist; use one of {', '.join(KINDS)}")
    forced = "requestType" in (options.get("merge") or {})
    known = (
        request_type is None
        or request_type in request_types_of(event)
        or settings_of(unit).webhook_pairs == "any"
    )
    if not known and not forced:
        about = " or ".join(request_types_of(event))
        remedy = f'to send it all the same, add merge {{"requestType": "{request_type}"}}'
        raise ValueError(f"{event} is sent about {about}, not about {request_type}; {remedy}")
    record = _record(unit, event, reference, request_type)
    url = options.get("url") or section_of(unit.account).webhook_url
    if not url:
        raise ValueError(
            f"account {unit.account.name!r} has no webhook_url; declare one, or give a url with the event"
        )
    if record is None and request_type is None and not forced:
        raise ValueError(
            f"nothing is known by the reference {reference!r}; give requestType to send it all the same"
        )
    reference_sent = token_of(record) if record is not None else reference
    body: Any = payload(
        request_type or (REQUEST_TYPES[record.kind] if record is not None else ""), event, reference_sent
    )
    if options.get("merge") is not None:
        body = merge(body, options["merge"])
    return [post(unit, event, reference_of(record) if record is not None else reference, str(url), body)]


def _record(unit: UnitOfWork, event: str, reference: str, request_type: str | None) -> Record | None:
    """The record with that reference: of the kind of the request type, else the newest of the kinds that have the
    event."""
    store, account = unit.store, unit.account.name
    if request_type is not None:
        return store.record(account, NAME, KINDS[request_type], reference)
    kinds = [kind for kind in REQUEST_TYPES if event_of(kind) == event]
    records = [
        record for kind in kinds if (record := store.record(account, NAME, kind, reference)) is not None
    ]
    return max(records, key=lambda record: record.created, default=None)


def call_url(
    unit: UnitOfWork, event: str, reference: str, url: str, parameters: Mapping[str, str] | None = None
) -> Message:
    """A call of a ``notificationUrl``: without a body, the parameters added to its query."""
    method = settings_of(unit).notification_method
    return Message(
        unit.new_id("d"),
        unit.account.name,
        NAME,
        event,
        reference,
        with_query(url, parameters or {}),
        b"",
        (),
        unit.now,
        unit.now,
        method=method,
        timeout=settings_of(unit).webhook_timeout,
        lane=lane(reference),
        request_id=unit.entry_id if isinstance(unit, RequestContext) else "",
    )


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """The URL with parameters added behind ``?``, or ``&`` where it has a query; a fragment stays last."""
    from urllib.parse import urlencode

    if not parameters:
        return url
    head, mark, fragment = url.partition("#")
    joint = "&" if "?" in head else "?"
    return f"{head}{'' if head.endswith(('?', '&')) else joint}{urlencode(parameters, errors='replace')}{mark}{fragment}"


def read_timer(message: Message) -> dict[str, Any]:
    """What `timer` was given."""
    what: dict[str, Any] = msgspec.json.decode(message.body)
    return what
