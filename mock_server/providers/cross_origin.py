"""Calls from pages of other origins (CORS): what a browser asks before it calls, and what it needs to let the
page read the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from mock_server.core.http import Request, Response, Route
from mock_server.providers import unserved
from mock_server.providers.accounts import Account, Accounts
from mock_server.providers.routing import Routed

Headers = tuple[tuple[str, str], ...]

_MAX_AGE = "600"
"""Seconds for which a browser does not ask again."""
_READABLE = frozenset(
    {
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    }
)
"""Headers of an answer that a page may read in any case."""
_REMEMBERED = 1000
"""Origins of which the log has said what to set."""


_WITHOUT_ORIGIN = "a page that was opened as a file or is sandboxed (origin null)"


def is_preflight(request: Request) -> bool:
    """Whether a browser asks if a page may make a call."""
    return (
        request.method == "OPTIONS"
        and "origin" in request.headers
        and "access-control-request-method" in request.headers
    )


def evidence(request: Request) -> dict[str, Any]:
    """Why the page cannot call, and what allows it."""
    origin = request.headers["origin"][:200]
    page = f"a page of {origin}" if origin != "null" else _WITHOUT_ORIGIN
    if is_preflight(request):
        method = request.headers["access-control-request-method"][:20]
        what = f"{page} asks whether it may call {method} {request.path}, and its origin is not allowed"
    else:
        what = f"{page} made this call, and the browser hides the answer from it: its origin is not allowed"
    return {"check": "cors", "explanation": what, "remedy": f"start the server with --cors {origin}"}


class CrossOrigin:
    """Which origins may call: those of the server (``--cors``) and those of each account."""

    def __init__(self, origins: Iterable[str], accounts: Accounts) -> None:
        self._origins, self._accounts = frozenset(origins), accounts
        self._logged: set[str] = set()

    def preflight(self, request: Request, route: Route, vendor: Routed | None) -> Response | None:
        """The answer to the question of a browser; None where that is for the vendor to answer, or no account
        allows the origin.

        The question carries no credentials: what one account allows is allowed here. The call itself is
        answered as its account has it."""
        if not is_preflight(request) or route.operation:
            return None
        origin, asked = request.headers["origin"], request.headers["access-control-request-method"]
        if not (self._is_allowed(origin) or _allows(self._accounts.cors_origins(), origin)):
            return None
        methods = unserved.methods_of(vendor, route.path) if vendor is not None else ()
        headers: Headers = (
            *_allowed(origin),
            ("Access-Control-Allow-Methods", ", ".join(methods or (asked,))),
            ("Access-Control-Max-Age", _MAX_AGE),
            *_private_network(request),
            ("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
        )
        if fields := request.headers.get("access-control-request-headers"):
            headers += (("Access-Control-Allow-Headers", fields),)
        return Response(204, headers, b"")

    def varies(self, account: Account) -> bool:
        """Whether what the account is answered depends on the page that asks."""
        return bool(self._origins or account.cors)

    def headers(self, request: Request, account: Account, answer: Headers) -> Headers:
        """What the answer needs besides its own headers for the page to read all of it."""
        origin = request.headers.get("origin", "")
        vary = (("Vary", "Origin"),) if self.varies(account) else ()
        if not origin or not (self._is_allowed(origin) or _allows(account.cors, origin)):
            return vary
        names = {name.lower(): name for name, _ in answer if not name.lower().startswith("access-control-")}
        exposed = (*(name for key, name in names.items() if key not in _READABLE), "Date")
        own = () if _has_own(answer) else _allowed(origin)
        return (
            *own,
            ("Access-Control-Expose-Headers", ", ".join(exposed)),
            *_private_network(request),
            *vary,
        )

    def failure_headers(self, request: Request) -> Headers:
        """What lets a page read that the server has failed, for any caller: the account is not known then."""
        origin = request.headers.get("origin", "")
        if not origin or not (self._is_allowed(origin) or self._any_account_allows(origin)):
            return ()
        return *_allowed(origin), *_private_network(request), ("Vary", "Origin")

    def _any_account_allows(self, origin: str) -> bool:
        with suppress(Exception):  # the store may be what has failed
            return _allows(self._accounts.cors_origins(), origin)
        return False

    def is_hidden(self, request: Request, account: Account, answer: Headers) -> bool:
        """Whether a browser hides the answer from the page that made the call."""
        headers = request.headers
        origin = headers.get("origin", "")
        if not origin or headers.get("sec-fetch-mode", "cors") != "cors":
            return False
        is_own = origin.partition("://")[2].lower() == headers.get("host", "").lower()
        return not (is_own or _has_own(answer) or self._is_allowed(origin) or _allows(account.cors, origin))

    def is_news(self, request: Request) -> bool:
        """Whether the log has not yet said what to set for this origin. True once for each."""
        origin = request.headers["origin"]
        if origin in self._logged or len(self._logged) >= _REMEMBERED:
            return False
        self._logged.add(origin)
        return True

    def _is_allowed(self, origin: str) -> bool:
        return _allows(self._origins, origin)


def _allows(origins: Sequence[str] | frozenset[str], origin: str) -> bool:
    return "*" in origins or origin.lower() in origins


def _allowed(origin: str) -> Headers:
    return ("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true")


def _private_network(request: Request) -> Headers:
    """A page on the internet that calls a machine at home asks for this as well."""
    asked = request.headers.get("access-control-request-private-network") == "true"
    return (("Access-Control-Allow-Private-Network", "true"),) if asked else ()


def _has_own(answer: Headers) -> bool:
    """Whether the vendor itself allows pages, as for some of its endpoints."""
    return any(name.lower() == "access-control-allow-origin" for name, _ in answer)
