"""``specification``: the sentences of the vendors' specifications, and what the mock makes of each."""

from __future__ import annotations

from typing import Annotated, Any

from mock_server.web.admin import answers
from mock_server.web.admin.problems import unknown
from mock_server.web.admin.table import AdminRequest, ControlRoute, Query, described


class SpecificationQuery(Query):
    """Whose."""

    provider: Annotated[str, described("Vendor.", "cloudcheck")] = ""


def show(request: AdminRequest[SpecificationQuery, None]) -> dict[str, Any]:
    """The rows of the providers' tables, in the order of the vendor's text."""
    name, providers = request.query.provider, request.service.providers
    if name and name not in providers:
        raise unknown("provider", name, providers)
    chosen = [name] if name else list(providers)
    rows = [{"provider": one, **row._asdict()} for one in chosen for row in providers[one].specification]
    return {"specification": rows, "total": len(rows), "next": None}


ROUTES = (
    ControlRoute(
        "GET",
        "/specification",
        show,
        "Each sentence of the vendors' specifications: our default, the setting that changes it, the test that shows it.",
        {
            "specification": "rows: provider, id, section, sentence, default, setting, test",
            "total": "how many",
            "next": "null",
        },
        SpecificationQuery,
        returns=answers.Specification,
    ),
)
