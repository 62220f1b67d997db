"""``fidelity``: what each provider assumes, and on what evidence."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any

import msgspec

from mock_server.web.admin.problems import unknown
from mock_server.web.admin.table import AdminRequest, Query, Route, told


class FidelityQuery(Query):
    """Whose."""

    provider: Annotated[str, told("Vendor.", "cloudcheck")] = ""


def show(request: AdminRequest[FidelityQuery, None]) -> dict[str, Any]:
    """The rows of the providers' fidelity tables."""
    wanted = request.query.provider
    if wanted and wanted not in request.service.providers:
        raise unknown("provider", wanted, request.service.providers)
    rows = [
        {"provider": name, **row}
        for name in request.service.providers
        if wanted in ("", name)
        for row in rows_of(name)
    ]
    return {"fidelity": rows, "total": len(rows), "next": None}


def rows_of(provider: str) -> list[Mapping[str, Any]]:
    """Each vendor's folder has a module ``fidelity`` with ``ROWS``."""
    found = import_module(f"mock_server.providers.{provider}.fidelity").ROWS
    return [row if isinstance(row, dict) else _fields(row) for row in found]


def _fields(row: Any) -> dict[str, Any]:
    if hasattr(row, "_asdict"):
        return dict(row._asdict())
    return dict(msgspec.to_builtins(row))


ROUTES = (
    Route(
        "GET",
        "/fidelity",
        show,
        "Where the vendors' documents leave room: what is assumed, why, and which setting changes it.",
        {"fidelity": "rows", "total": "how many", "next": "null"},
        FidelityQuery,
    ),
)
