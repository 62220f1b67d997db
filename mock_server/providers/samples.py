"""What a vendor's requests look like in the code of a client: for the dashboard's first steps, for
what it copies, and for `mock-server try`.

A vendor's module satisfies `Samples`; its programs are ``templates/NAME.txt`` in its package, with ``$url`` and so on in them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any, Protocol

from mock_server.core.http import Request
from mock_server.providers.accounts import Account

FORMS = {
    "curl": "curl, freshly signed",
    "pytest": "pytest",
    "node": "Node",
    "php": "PHP",
}
"""What a request can be written as."""
STAND_IN = "YOUR-SECRET"
"""Stands for a secret that is not public."""


class Samples(Protocol):
    """Samples of one vendor."""

    @property
    def TITLE(self) -> str:  # noqa: N802 - modules satisfy this
        """What the first request is, as a button says it."""
        ...

    @property
    def CREDENTIALS(self) -> Sequence[tuple[str, str]]:  # noqa: N802
        """Label and field of the account's section, the secret last."""
        ...

    def first(self, reference: str) -> Request:
        """A request that works, without credentials."""
        ...

    @property
    def OPERATIONS(self) -> Mapping[str, Any]:  # noqa: N802
        """Operation → the JSON of a request of it, or its parameters; in an order in which each can follow those before
        it. Operations that need a record of their own are left out."""
        ...

    def request(self, operation: str, body: Any) -> Request:
        """A request to one of `OPERATIONS`, without credentials."""
        ...

    def sign(self, request: Request, account: Account, now: float) -> Request:
        """The request with the account's credentials, as if it were sent now (on the account's clock)."""
        ...

    def code(self, form: str, request: Request, url: str, account: Account, now: float) -> str:
        """A program that sends the request to ``url`` + its path; ``form``: one of `FORMS`, or ``shell``. The account's secret
        is in it: it is `STAND_IN` where it is not public."""
        ...


def _python(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _php(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


QUOTES: Mapping[str, Callable[[str], str]] = {
    "curl": shlex.quote,
    "shell": shlex.quote,
    "pytest": _python,
    "node": _python,
    "php": _php,
}
"""How a text is written in the language of a form."""


def mapping(form: str, values: Mapping[str, str]) -> str:
    """A mapping in the language of a form."""
    quote = QUOTES[form]
    if form == "php":
        return "[" + ", ".join(f"{quote(name)} => {quote(value)}" for name, value in values.items()) + "]"
    return "{" + ", ".join(f"{quote(name)}: {quote(value)}" for name, value in values.items()) + "}"


def filled(package: str, form: str, **values: str) -> str:
    """The program of that form with the values in it."""
    text = (files(package) / "templates" / f"{form}.txt").read_text("utf-8")
    return Template(text).substitute(values)
