"""``fidelity``: what each provider assumes, and on what evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from mock_server.providers.base import Provider
from mock_server.web.admin import answers
from mock_server.web.admin.problems import unknown
from mock_server.web.admin.table import AdminRequest, ControlRoute, Query, described


class FidelityQuery(Query):
    """Whose."""

    provider: Annotated[str, described("Vendor.", "cloudcheck")] = ""


def show(request: AdminRequest[FidelityQuery, None]) -> dict[str, Any]:
    """The rows of the providers' fidelity tables."""
    provider_filter = request.query.provider
    if provider_filter and provider_filter not in request.service.providers:
        raise unknown("provider", provider_filter, request.service.providers)
    rows = [
        {"provider": name, **row}
        for name, provider in request.service.providers.items()
        if provider_filter in ("", name)
        for row in rows_of(provider)
    ]
    return {"fidelity": rows, "total": len(rows), "next": None}


def rows_of(provider: Provider) -> list[Mapping[str, Any]]:
    """The vendor's rows as mappings."""
    return [row if isinstance(row, dict) else _fields(row) for row in provider.fidelity]


def _fields(row: Any) -> dict[str, Any]:
    if hasattr(row, "_asdict"):
        return dict(row._asdict())
    return dict(msgspec.to_builtins(row))


ROUTES = (
    ControlRoute(
        "GET",
        "/fidelity",
        show,
        "Where the vendors' documents leave room: what is assumed, why, and which setting changes it.",
        {"fidelity": "rows", "total": "how many", "next": "null"},
        FidelityQuery,
        returns=answers.Fidelity,
    ),
)
