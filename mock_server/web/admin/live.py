"""``stream``: server-sent events."""

from __future__ import annotations

from flask import Response

from mock_server.web.admin.table import AdminRequest, Query, Route
from mock_server.web.stream import events, pushed


def stream(request: AdminRequest[Query, None]) -> Response:
    """Ends when the client does."""
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    bus, account, parking = request.event_bus, request.account, request.parking
    return Response(
        events(bus, account, request.disconnected) if parking is None else pushed(bus, account, parking),
        content_type="text/event-stream; charset=utf-8",
        headers=headers,
    )


ROUTES = (
    Route(
        "GET",
        "/stream",
        stream,
        "Server-sent events of the account: request, callback, state, reset, scenarios; data as in the lists.",
        content_type="text/event-stream",
    ),
)
