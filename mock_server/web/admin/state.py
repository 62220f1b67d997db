"""``state``: the named values that scenarios have set for an account."""

from __future__ import annotations

from typing import Any

from mock_server.providers.named_values import NamedValues
from mock_server.web import serializers
from mock_server.web.admin.table import AdminRequest, Query, Route


def show(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """By name; `reset` removes them."""
    values = NamedValues(request.service.store, request.account.name)
    return {"state": serializers.Redactor(request.account).value(dict(sorted(values.items())))}


ROUTES = (
    Route(
        "GET",
        "/state",
        show,
        "The account's named values, which scenarios write with `set` and read as `state.NAME`.",
        {"state": "name → value"},
    ),
)
