"""Which path and method is which operation. The older bases (``/api/…``) and a slash at the end, or none, are
the same path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from mock_server.core.exceptions import ProviderError
from mock_server.providers.routing import EndpointRow

VERIFICATION, STATUS, DELETE = "verification", "status", "delete"
ACCOUNT_INFO, ACCESS_TOKEN, DECLINE_REASONS, PROOF = (
    "account-info",
    "access-token",
    "decline-reasons",
    "proof",
)
FILES = "/api/pea/"
"""Followed by 40 hex digits."""
OLD_FILES = "/storage/"
"""Followed by 40 hex digits, the service and the file's name."""

PAGES = ("/verification/process/", "/process/verification/")
"""In front of the token of a verification page; both lead to it, whichever is handed out."""


_PAGE = re.compile(f"(?:{'|'.join(PAGES)})[A-Za-z0-9]{{64}}/?")


class Route(NamedTuple):
    """One endpoint."""

    operation: str
    method: str
    path: str


ROUTES: Mapping[str, Route] = {
    route.path.rstrip("/"): route
    for route in (
        Route(VERIFICATION, "POST", "/"),
        Route(STATUS, "POST", "/status"),
        Route(DELETE, "POST", "/delete"),
        Route(ACCOUNT_INFO, "GET", "/account/info/"),
        Route(ACCESS_TOKEN, "POST", "/get/access/token"),
        Route(DECLINE_REASONS, "GET", "/decline/reasons/"),
    )
}
"""By path, without the slash at the end."""
FILE_ROUTES = (Route(PROOF, "POST", FILES), Route(PROOF, "GET", OLD_FILES))


ROWS = (
    *(EndpointRow(route.path, (route.method,)) for route in ROUTES.values()),
    EndpointRow(f"{FILES}{{token}}", ("POST",)),
    EndpointRow(f"{OLD_FILES}{{token}}/{{service}}/{{file}}", ("GET",)),
)
"""What is served, in the order of the routes."""


def serves(path: str) -> bool:
    """Whether the path is one of the vendor's."""
    return _route(path) is not None


def is_page(path: str) -> bool:
    """Whether the path is that of a verification page, handed out or not."""
    return _PAGE.fullmatch(path) is not None


def is_file(path: str) -> bool:
    """Whether the path is that of a file, which its own token opens in place of credentials."""
    return path.startswith((FILES, OLD_FILES))


def operation(method: str, path: str) -> str:
    """The operation. Raises 404 for an unknown path, and for another method as the specification knows no
    405."""
    route = _route(path)
    if route is None or route.method != ("GET" if method == "HEAD" else method):
        allowed = {"allowed": route.method} if route is not None else {}
        raise ProviderError(
            "404", evidence={"check": "path", "method": method, "path": path[:200], **allowed}
        )
    return route.operation


def _route(path: str) -> Route | None:
    route = ROUTES.get(path.rstrip("/"))
    if route is not None:
        return route
    if path.startswith("/api") and path[4:5] in ("", "/"):
        route = ROUTES.get(path[4:].rstrip("/"))
        if route is not None:
            return route
    return next((route for route in FILE_ROUTES if path.startswith(route.path)), None)
