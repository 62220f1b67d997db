"""What is wrong with a template, in plain words, where Jinja or Python would say it in theirs."""

from __future__ import annotations

import re

from mock_server.scenario.filters import FILTERS, TESTS
from mock_server.scenario.problems import did_you_mean

_FOR_METHODS = {
    "strip": "| trim",
    "get": "| default('…')",
    "keys": "{% for key in … %}",
    "values": "{% for key in … %}",
    "format": "~",
    "startswith": "[:3] == 'abc'",
    "endswith": "[-3:] == 'abc'",
    "strftime": "| date('%d.%m.%Y')",
    "isoformat": "| date",
    "encode": "| urlencode",
    "count": "| length",
}
"""What Python's functions are called here."""


def in_place_of(method: str) -> str:
    """A remedy for a function of a value, such as ``upper()``."""
    meant = _FOR_METHODS.get(method) or (f"| {method}" if method in FILTERS else "")
    return f"write `{meant}`" if meant else "use a filter, such as `| length`"


def plain_words(message: str) -> tuple[str, str]:
    """Message and remedy for an error that Jinja reports about a template."""
    said = message.strip().rstrip(".")
    unknown = re.search(r"No (filter|test) named '([^']*)'", said)
    if unknown:
        kind, name = unknown.groups()
        return f"unknown {kind} `{name}`", did_you_mean(name, FILTERS if kind == "filter" else sorted(TESTS))
    for part, message, remedy in _SAYINGS:
        if part in said:
            token = re.search(r"(?:got|char|tag|unexpected) '([^']+)'", said)
            return message.format(token[1] if token else "something"), remedy
    return "the template cannot be understood", "write for example {{ request.body.reference }}"


_SAYINGS = (
    ("end of template", "the template is not closed", "close it with }} or %}"),
    ("end of print statement", "`{}` cannot stand here in a template", "an expression ends with }}"),
    ("unknown tag", "`{}` cannot be used in templates", "there are expressions, if, for and set"),
    (
        "unexpected char",
        "`{}` cannot stand here in a template",
        "put texts within an expression in single quotes",
    ),
    ("unexpected '", "`{}` cannot stand here in a template", "an expression begins with {{ and ends with }}"),
    ("got '", "`{}` cannot stand here in a template", "check brackets, commas and quotes in front of it"),
)
"""Part of what Jinja says, message, remedy."""
