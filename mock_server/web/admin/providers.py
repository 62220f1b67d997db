"""``providers``: the vendors that are installed, with their words, for every client that names none."""

from __future__ import annotations

from typing import Any

from mock_server.providers.base import Provider
from mock_server.web.admin.accounts import masked
from mock_server.web.admin.table import AdminRequest, Query, Route
from mock_server.web.admin.vocabulary import words


def listing(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """By name, as they are asked."""
    providers = request.service.providers.values()
    found = [show(provider, request.account.sections[provider.name]) for provider in providers]
    return {"providers": found, "total": len(found), "next": None}


def show(provider: Provider, section: Any) -> dict[str, Any]:
    """Name, title, paths and words of a vendor, and the account's part of it with its secrets masked."""
    return {
        "name": provider.name,
        "title": provider.title,
        "mount": f"/{provider.name}",
        "endpoints": [{"path": row.path, "methods": list(row.methods)} for row in provider.endpoints()],
        "account": masked(section),
        "hosted_pages": bool(provider.hosted_pages),
        "recordable": provider.forwarding is not None,
        "specified": bool(provider.specification),
        "vocabulary": words(provider.vocabulary),
    }


ROUTES = (
    Route(
        "GET",
        "/providers",
        listing,
        "The vendors that are installed, with their paths and words.",
        {
            "providers": "name, title, mount, endpoints, account, hosted_pages, recordable, specified, vocabulary",
            "total": "how many",
            "next": "null",
        },
    ),
)
