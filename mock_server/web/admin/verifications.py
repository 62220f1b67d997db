"""``verifications``: what the providers remember of an account, and deciding it as a reviewer would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import structs

from mock_server.core.answers import Decided, Verification
from mock_server.core.records import Message
from mock_server.providers.backoffice import NotFoundError
from mock_server.providers.base import Decision
from mock_server.store.base import RecordFilter
from mock_server.store.filters import record_matches
from mock_server.web import serializers
from mock_server.web.admin import answers
from mock_server.web.admin.lists import Before, Brief, Limit, ListKind, listed
from mock_server.web.admin.problems import ControlProblem, unknown
from mock_server.web.admin.table import AdminRequest, Body, ControlRoute, Query, described


class VerificationQuery(Query):
    """Whose, where two vendors use one reference."""

    provider: Annotated[str, described("Vendor.", "shuftipro")] = ""


class VerificationListQuery(VerificationQuery):
    """A page of them."""

    limit: Limit = 100
    before: Before = ""
    brief: Brief = False
    kind: Annotated[str, described("The provider's word for it: verification, capture, association …")] = ""
    status: Annotated[str, described("The vendor's word for how it stands.", "verification.declined")] = ""
    q: Annotated[str, described("A text somewhere in key, status, other names or data, in any case.")] = ""
    after: Annotated[
        str, described("Oldest first instead, and only what was made after the record with this key.")
    ] = ""


class DecideBody(Body):
    """A decision."""

    outcome: Annotated[str, described("What is decided; which there are depends on the vendor.", "declined")]
    decline: Annotated[
        Any, described("Decline codes, or service → codes, where the vendor has them.", ["SPDR03"])
    ] = None
    review: Annotated[
        dict[str, Any] | None,
        described("What the review says, where the vendor keeps that.", {"notes": "Cleared by hand"}),
    ] = None
    merge: Annotated[dict[str, Any] | None, described("Merged into the result.")] = None
    provider: Annotated[str, described("Vendor, where two use one reference.")] = ""


def listing(request: AdminRequest[VerificationListQuery, None]) -> dict[str, Any]:
    """Newest first."""
    query, store = request.query, request.service.store
    _check(request, query.provider)
    vendors = (query.provider,) if query.provider else tuple(request.service.providers)
    filter_ = RecordFilter(vendors, query.kind, query.status, query.q)
    show = serializers.brief_record if query.brief else serializers.record
    kind = ListKind(
        "verifications",
        lambda account, limit, before: store.newest_records(account, filter_, limit, before),
        lambda record: record.id,
        lambda record: record.created,
        show,
    )
    return _after(request, filter_) if query.after else listed(request, kind)


def _after(request: AdminRequest[VerificationListQuery, None], filter_: RecordFilter) -> dict[str, Any]:
    """Oldest first."""
    query, name = request.query, request.account.name
    records = request.service.store.records(name, query.provider, query.kind)
    start = max((number for number, record in enumerate(records, 1) if record.key == query.after), default=0)
    matching = [record for record in records[start:] if record_matches(record, filter_)]
    page, veil = matching[: query.limit], serializers.SecretRedactor(request.account)
    more = len(matching) > len(page)
    return {
        "verifications": [serializers.record(record, veil) for record in page],
        "total": request.service.store.newest_records(name, filter_, 1)[1],
        "next": request.link({**structs.asdict(query), "after": page[-1].key}) if more else None,
    }


def one(request: AdminRequest[VerificationQuery, None], reference: str) -> dict[str, Any]:
    """By key or by the caller's reference."""
    _check(request, request.query.provider)
    try:
        record = request.service.backoffice.find(request.account, reference, request.query.provider)
    except NotFoundError as error:
        raise ControlProblem(404, str(error), "GET verifications lists them") from None
    provider = request.service.providers[record.provider]
    shown = serializers.record(record, serializers.SecretRedactor(request.account))
    return {**shown, "decisions": list(provider.decisions_of(record))}


def decide(request: AdminRequest[Query, DecideBody], reference: str) -> dict[str, Any]:
    """What follows from the decision is sent at once."""
    body = request.body
    _check(request, body.provider)
    decision = Decision(body.outcome, body.decline, body.review, body.merge)
    try:
        record, messages = request.service.backoffice.decide(
            request.account, reference, decision, provider=body.provider, origin=request.origin
        )
    except NotFoundError as error:
        raise ControlProblem(404, str(error), "GET verifications lists them") from None
    except ValueError as error:
        raise ControlProblem(422, str(error)) from None
    return {
        "verification": serializers.record(record, serializers.SecretRedactor(request.account)),
        "callbacks": sent(request, messages),
    }


def sent(request: AdminRequest[Any, Any], messages: list[Message]) -> list[Mapping[str, Any]]:
    """Wake the dispatcher, and show what it has been given."""
    request.service.dispatcher.wake()
    veil = serializers.SecretRedactor(request.account)
    deliveries = request.service.backoffice.deliveries_of(request.account, messages)
    return [
        serializers.delivery(delivery, veil) for delivery in deliveries if delivery.message.kind == "callback"
    ]


def _check(request: AdminRequest[Any, Any], provider: str) -> None:
    if provider and provider not in request.service.providers:
        raise unknown("provider", provider, request.service.providers)


_NONE = {404: "nothing of that key or reference"}
_RECORD = {
    "provider": "vendor",
    "kind": "verification, capture, association …",
    "key": "what it is looked up by",
    "id": "provider, kind and key in one",
    "status": "the vendor's word for how it stands",
    "fate": "the same, as in requests",
    "created": "on the account's clock",
    "aliases": "other names that find it",
    "data": "what the provider keeps of it",
    "unshowable": "what cannot be shown and why, where something cannot; here and in the lists",
}

ROUTES = (
    ControlRoute(
        "GET",
        "/verifications",
        listing,
        "What the providers remember of the account, newest first.",
        {
            "verifications": "records",
            "total": "how many there are",
            "next": "address of the next page, or null",
        },
        VerificationListQuery,
        lists=True,
        returns=answers.Verifications,
    ),
    ControlRoute(
        "GET",
        "/verifications/<path:reference>",
        one,
        "One of them, by key or reference.",
        {**_RECORD, "decisions": "what a reviewer can decide about it now"},
        VerificationQuery,
        also=_NONE,
        returns=Verification,
    ),
    ControlRoute(
        "POST",
        "/verifications/<path:reference>/decide",
        decide,
        "Decide it as a reviewer would, and fire what follows.",
        {"verification": "as it stands now", "callbacks": "what is being sent"},
        body=DecideBody,
        also={**_NONE, 422: "it cannot be decided so"},
        returns=Decided,
    ),
)
