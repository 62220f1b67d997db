"""``stream``: server-sent events."""

from __future__ import annotations

from typing import Annotated

from flask import Response

from mock_server.web.admin.problems import ControlProblem
from mock_server.web.admin.table import AdminRequest, ControlRoute, Query, described
from mock_server.web.stream import events, in_brief, in_full, pushed


class StreamQuery(Query):
    """In which words."""

    brief: Annotated[
        bool,
        described(
            "Only of which kinds something has happened, a few times a second at most; also with `account=*`, where "
            "the kind is `state` or `scenarios`."
        ),
    ] = False


def stream(request: AdminRequest[StreamQuery, None]) -> Response:
    """Ends when the client does."""
    if request.query.account == "*" and not request.query.brief:
        raise ControlProblem(
            400, "the stream of all accounts only says that something has happened", "add brief=1"
        )
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    bus, name, parking = request.event_bus, request.query.account, request.parking
    say = in_brief if request.query.brief else in_full(request.account)
    return Response(
        events(bus, name, say, request.disconnected) if parking is None else pushed(bus, name, say, parking),
        content_type="text/event-stream; charset=utf-8",
        headers=headers,
    )


ROUTES = (
    ControlRoute(
        "GET",
        "/stream",
        stream,
        "Server-sent events of the account: request, callback, state, reset, scenarios; data as in the lists.",
        query=StreamQuery,
        lists=True,
        content_type="text/event-stream",
    ),
)
