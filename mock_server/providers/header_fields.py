"""Header fields of answers: those that a scenario gives, and those that name it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote

from mock_server.core.http import FRAMING
from mock_server.scenario.model import RenderSource, Respond
from mock_server.scenario.rendering import render
from mock_server.scenario.values import text_of


def names_of(respond: Respond) -> frozenset[str]:
    """Names of the fields that a scenario gives, in lower case."""
    return frozenset(name.lower() for name, _ in respond.headers)


def without(headers: Iterable[tuple[str, str]], names: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The fields but those of these names."""
    return tuple(field for field in headers if field[0].lower() not in names)


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def fields_of(respond: Respond, source: RenderSource) -> Iterator[tuple[str, str]]:
    """The header fields of a scenario that are sent. Control characters, which no field may have, become spaces."""
    for name, value in respond.headers:
        if name.lower() not in FRAMING:
            yield name, _CONTROL.sub(" ", text_of(render(value, source)))


_ENCODED = re.compile(r"[^ -~]+|%(?=[0-9A-Fa-f]{2})")


@lru_cache(maxsize=1024)
def scenario_headers(name: str, source: str) -> tuple[tuple[str, str], ...]:
    """Fields that say which scenario has answered."""
    return ("X-Mock-Scenario", _header(name)), ("X-Mock-Source", _header(source))


def _header(text: str) -> str:
    """The text in printable ASCII: its other characters, and a ``%`` that looks like the beginning of one, are
    percent-encoded UTF-8, as in a URL. So `urllib.parse.unquote` and ``decodeURIComponent`` give the text back."""
    return _ENCODED.sub(lambda match: quote(match[0], safe=""), text)
