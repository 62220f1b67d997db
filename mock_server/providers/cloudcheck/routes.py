"""The route table: every endpoint by path and method, and by name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mock_server.core.exceptions import ProviderError
from mock_server.providers.cloudcheck.endpoint import Endpoint
from mock_server.providers.cloudcheck.handlers import (
    address,
    documents,
    forms,
    links,
    live,
    peid,
    report,
    tree,
    verify,
    watchlist,
)
from mock_server.providers.cloudcheck.settings import Position, Settings, suggestion
from mock_server.providers.routing import EndpointRow

ENDPOINTS: tuple[Endpoint, ...] = (
    *verify.ENDPOINTS,
    *report.ENDPOINTS,
    *peid.ENDPOINTS,
    *live.ENDPOINTS,
    *watchlist.ENDPOINTS,
    *tree.ENDPOINTS,
    *links.ENDPOINTS,
    *documents.ENDPOINTS,
    *forms.ENDPOINTS,
    *address.ENDPOINTS,
)
BY_NAME: Mapping[str, Endpoint] = {endpoint.name: endpoint for endpoint in ENDPOINTS}
JOURNEYS = {
    journey.kind: journey
    for journey in (live.JOURNEY, links.IDSCAN, links.AKAHU, links.CREDFIN, forms.FORM, forms.GO)
}
"""Kind of record → product with a page for the customer."""
PAGE_ROOTS = tuple(journey.root for journey in JOURNEYS.values())
"""What the links to hosted pages begin with."""
PAGE = re.compile(rf"(?:{'|'.join(PAGE_ROOTS)})[A-Za-z0-9]{{48}}/?.*")
"""Paths of hosted pages: they belong to the customer's browser, not to the API."""
ROOTS = frozenset(endpoint.path.split("/")[1] for endpoint in ENDPOINTS) - {"api"}
"""First parts of paths that are this vendor's alone."""


def is_page(path: str) -> bool:
    """Whether the path is a hosted page."""
    return PAGE.fullmatch(path) is not None


class Routes:
    """The table with the paths that are set."""

    def __init__(self, settings: Settings) -> None:
        self._exact: dict[str, dict[str, Endpoint]] = {}
        self._patterns: list[tuple[re.Pattern[str], Endpoint]] = []
        self.rows = tuple(
            EndpointRow(settings.paths.get(one.name, one.path), one.methods) for one in ENDPOINTS
        )
        for endpoint in ENDPOINTS:
            path = settings.paths.get(endpoint.name, endpoint.path)
            if "{" in path:
                self._patterns.append((re.compile(re.sub(r"\{\w+\}", "[^/]{1,200}", path)), endpoint))
                continue
            for method in endpoint.methods:
                self._exact.setdefault(path, {})[method] = endpoint

    def serves(self, path: str) -> bool:
        """Whether the path is an endpoint, or would be one of this vendor's but for a mistake in it."""
        if path in self._exact:
            return True
        root = path[1:].partition("/")[0]
        return (root in ROOTS and not is_page(path)) or path == "/api/options"

    def is_signed(self, method: str, path: str) -> bool:
        """Whether a request must be signed, as far as one can tell: unless it is for an endpoint that goes
        without."""
        try:
            return self.find(method, path).access == "signed"
        except ProviderError:
            return True

    def find(self, method: str, path: str) -> Endpoint:
        """The endpoint. Raises 113 with status 404 or 405: what the vendor's server says then is not
        known."""
        by_method = self._exact.get(path)
        if by_method is None:
            by_method = next(
                (
                    {endpoint.method: endpoint}
                    for pattern, endpoint in self._patterns
                    if pattern.fullmatch(path)
                ),
                None,
            )
        if by_method is None:
            evidence = {"check": "path", "received": path[:200], "note": "the path is part of what is signed"}
            raise ProviderError(
                113, "This resource does not exist.", options={"status": 404}, evidence=evidence
            )
        endpoint = by_method.get(method) or (by_method.get("GET") if method == "HEAD" else None)
        if endpoint is None:
            allowed = ", ".join(sorted(by_method))
            evidence = {"check": "method", "remedy": f"use {allowed}"}
            raise ProviderError(
                113,
                f"The method {method[:20]} is not allowed here.",
                options={"status": 405, "allow": allowed},
                evidence=evidence,
            )
        return endpoint


def check_settings(settings: Settings) -> None:
    """Raises ``ValueError`` for a path or an operation that names no endpoint of the table."""
    check_positions(settings.error_position)
    check_paths(settings.paths)


def check_paths(paths: Mapping[str, str]) -> None:
    """Raises ``ValueError`` for a path that cannot be set, or collides with another."""
    taken = {endpoint.path: endpoint.name for endpoint in ENDPOINTS}
    for name, path in paths.items():
        endpoint = BY_NAME.get(name)
        free = [endpoint.name for endpoint in ENDPOINTS if not endpoint.published]
        if endpoint is None or endpoint.published:
            raise ValueError(
                f"paths: {name!r} has no path to set{suggestion(name, free)}; use one of {', '.join(free)}"
            )
        if not path.startswith("/") or any(c in path for c in "?#{} "):
            raise ValueError(f"paths: {path!r} is not a path; write for example {endpoint.path}")
        if taken.get(path, name) != name:
            raise ValueError(f"paths: {path!r} is the path of {taken[path]}")
        taken[path] = name


def check_positions(positions: Mapping[str, Position]) -> None:
    """Raises ``ValueError`` for an operation that does not exist."""
    for name in positions:
        if name != "gate" and name not in BY_NAME:
            raise ValueError(
                f"error_position: {name!r} is not an operation{suggestion(name, ['gate', *BY_NAME])}; use gate, {', '.join(BY_NAME)}"
            )
