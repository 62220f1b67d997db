"""``bundle``: a run of the account in one document, to be run again elsewhere."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Response

from mock_server.web.admin.table import AdminRequest, ControlRoute, Query, described
from mock_server.web.bundle.making import make
from mock_server.web.bundle.model import Bundle


class BundleQuery(Query):
    """What stays in it."""

    personal: Annotated[
        bool, described("1: leave personal data as they are. Secrets are replaced anyway.")
    ] = False


def show(request: AdminRequest[BundleQuery, None]) -> Response:
    """Names, addresses, dates of birth and so on become pseudonyms of the same form; signed requests are signed
    again."""
    bundle = make(request.service, request.account, personal=request.query.personal)
    return Response(msgspec.json.encode(bundle), content_type="application/json")


ROUTES = (
    ControlRoute(
        "GET",
        "/bundle",
        show,
        "The account's journal with all that its answers depend on, for `mock-server replay`.",
        {
            "format": "what this is",
            "version": "of the format",
            "account": "its name",
            "public_base_url": "what links begin with; empty: the caller's own host",
            "seed": "of the server",
            "journal": "requests and answers, oldest first; bodies are base64",
            "scenarios": "the files in force, path and text",
            "inline": "scenarios that were added over the control API",
            "settings": "of the vendors",
            "sections": "the account's part of each vendor, secrets replaced",
            "clock": "frozen and offset",
            "pinned": "name of the pinned scenario",
            "tags": "of --tags",
            "skip_tags": "of --skip-tags",
            "environment": "the `MOCK_…` variables that its scenarios name, secrets replaced",
            "cut": "requests that are not in it, since their bodies are not stored whole: id and why",
            "redacted": "whether personal data are replaced",
            "versions": "of the server and of Python",
        },
        BundleQuery,
        returns=Bundle,
    ),
)
