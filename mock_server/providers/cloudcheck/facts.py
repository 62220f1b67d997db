"""What a request says of itself as far as it can be read, whether or not it is valid: for the scenarios that
answer it all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_server.providers.cloudcheck.endpoint import Endpoint
from mock_server.providers.cloudcheck.json_codec import parse as parse_json
from mock_server.providers.cloudcheck.params import parse
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.context import RequestContext
from mock_server.scenario.facts import MISSING

_LONGEST = 1000
"""Characters of a reference; a longer text is not taken for one."""


def collect(context: RequestContext, endpoint: Endpoint | None, settings: Settings) -> None:
    """Fill in what is not there yet. ``endpoint``: None where the path or method is not known."""
    if not context.params:
        context.params = parse(context.request, settings)
    if context.body is MISSING:
        context.body = _body(context, endpoint)
    if not context.reference:
        context.reference = next(_references(context, endpoint), "")


def _body(context: RequestContext, endpoint: Endpoint | None) -> Any:
    browser = endpoint is not None and endpoint.access == "browser"
    text = context.request.body.decode("utf-8", "replace") if browser else context.params.get("data")
    if not text:
        return MISSING
    try:
        return parse_json(text)
    except ValueError:
        return MISSING


def _references(context: RequestContext, endpoint: Endpoint | None) -> Iterator[str]:
    """The caller's own reference, else what a stored record is asked for by."""
    body = context.body if isinstance(context.body, dict) else {}
    names = endpoint.required[:1] if endpoint is not None and endpoint.names_record else ()
    for value in (
        body.get("reference"),
        body.get("associationReference"),
        *map(context.params.get, (*names, "peid")),
    ):
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and 0 < len(text) <= _LONGEST:
            yield text
