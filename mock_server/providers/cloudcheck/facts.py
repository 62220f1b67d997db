"""What a request says of itself as far as it can be read, whether or not it is valid: for the scenarios that answer it all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_server.providers.cloudcheck.endpoint import Endpoint
from mock_server.providers.cloudcheck.jsontext import parse as parse_json
from mock_server.providers.cloudcheck.params import parse
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.context import Call
from mock_server.scenario.matchers import MISSING

_LONGEST = 1000
"""Characters of a reference; a longer text is not taken for one."""


def collect(call: Call, endpoint: Endpoint | None, settings: Settings) -> None:
    """Fill in what is not there yet. ``endpoint``: None where the path or method is not known."""
    if not call.params:
        call.params = parse(call.request, settings)
    if call.body is MISSING:
        call.body = _body(call, endpoint)
    if not call.reference:
        call.reference = next(_references(call, endpoint), "")


def _body(call: Call, endpoint: Endpoint | None) -> Any:
    browser = endpoint is not None and endpoint.access == "browser"
    text = call.request.body.decode("utf-8", "replace") if browser else call.params.get("data")
    if not text:
        return MISSING
    try:
        return parse_json(text)
    except ValueError:
        return MISSING


def _references(call: Call, endpoint: Endpoint | None) -> Iterator[str]:
    """The caller's own reference, else what a stored record is asked for by."""
    body = call.body if isinstance(call.body, dict) else {}
    names = endpoint.required[:1] if endpoint is not None and endpoint.names_record else ()
    for value in (body.get("reference"), body.get("associationReference"), *map(call.params.get, (*names, "peid"))):
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and 0 < len(text) <= _LONGEST:
            yield text
