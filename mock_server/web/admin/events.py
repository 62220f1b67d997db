"""``events``: firing a callback by hand."""

from __future__ import annotations

from typing import Annotated, Any

from mock_server.core.target import check_url
from mock_server.web.admin import answers
from mock_server.web.admin.problems import ControlProblem, unknown
from mock_server.web.admin.table import AdminRequest, Body, ControlRoute, Query, described
from mock_server.web.admin.verifications import sent


class EventBody(Body):
    """What to fire."""

    event: Annotated[str, described("Event of the vendor that may be a callback.", "verification.accepted")]
    reference: Annotated[str, described("What it speaks of.", "ref-1")] = ""
    provider: Annotated[
        str, described("Vendor; may be left out where only one has the event.", "shuftipro")
    ] = ""
    url: Annotated[
        str, described("Where it goes, instead of the usual address.", "http://localhost:3000/hook")
    ] = ""
    requestType: Annotated[str, described("What it is about, where the vendor says so.", "VERIFICATION")] = ""  # noqa: N815
    merge: Annotated[
        dict[str, Any] | None,
        described("Merged into the payload; a requestType in it is sent for any event."),
    ] = None


def fire(request: AdminRequest[Query, EventBody]) -> dict[str, Any]:
    """It is signed and retried as any other."""
    body = request.body
    provider = body.provider or _owner(request, body.event)
    if provider not in request.service.providers:
        raise unknown("provider", provider, request.service.providers)
    try:
        check_url("url", body.url)
    except ValueError as error:
        raise ControlProblem(422, str(error)) from None
    options = {"url": body.url, "requestType": body.requestType, "merge": body.merge}
    try:
        messages = request.service.backoffice.fire(
            request.account,
            provider,
            body.event,
            body.reference,
            {name: value for name, value in options.items() if value},
            origin=request.origin,
        )
    except ValueError as error:
        raise ControlProblem(422, str(error)) from None
    return {"callbacks": sent(request, messages)}


def _owner(request: AdminRequest[Any, Any], event: str) -> str:
    owners = [name for name, vocabulary in request.service.vocabularies.items() if event in vocabulary.events]
    if len(owners) == 1:
        return owners[0]
    if owners:
        raise ControlProblem(
            400, f"{' and '.join(owners)} both have the event {event!r}", 'name one: "provider": …'
        )
    raise unknown(
        "event",
        event,
        [name for vocabulary in request.service.vocabularies.values() for name in vocabulary.events],
    )


ROUTES = (
    ControlRoute(
        "POST",
        "/events",
        fire,
        "Fire one callback or webhook now.",
        {"callbacks": "what is being sent"},
        body=EventBody,
        status=201,
        also={422: "that event cannot be fired so"},
        returns=answers.Sending,
    ),
)
