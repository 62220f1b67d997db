"""The control API, ``/__admin``: one file a resource, assembled here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from mock_server.core.exceptions import StoreError
from mock_server.web.admin import (
    accounts,
    bundle,
    callbacks,
    clock,
    coverage,
    events,
    fidelity,
    live,
    metrics,
    notices,
    openapi,
    providers,
    requests,
    scenario_files,
    scenarios,
    server,
    signature,
    specification,
    state,
    trial,
    verifications,
    vocabulary,
)
from mock_server.web.admin.table import AdminRequest, ControlRoute, Waiting, parse_body, parse_query

if TYPE_CHECKING:
    from flask import Blueprint, Request

    from mock_server.providers.accounts import Account
    from mock_server.web.event_bus import EventBus
    from mock_server.web.http.parking import Parking
    from mock_server.web.service import Service

_RESOURCES = (
    server,
    requests,
    trial,
    callbacks,
    verifications,
    events,
    scenarios,
    scenario_files,
    clock,
    accounts,
    coverage,
    signature,
    fidelity,
    specification,
    state,
    bundle,
    vocabulary,
    openapi,
    live,
    providers,
    notices,
    metrics,
)


def routes() -> tuple[ControlRoute, ...]:
    """Every call there is."""
    return tuple(route for resource in _RESOURCES for route in resource.ROUTES)


def blueprint(service: Service, event_bus: EventBus) -> Blueprint:
    """All of ``/__admin`` except the dashboard."""
    from flask import Blueprint

    from mock_server.providers.routing import ADMIN

    admin_blueprint = Blueprint("admin", __name__, url_prefix=ADMIN)
    for route in routes():
        admin_blueprint.add_url_rule(
            route.path,
            f"{route.method}_{route.path}".replace(".", "_"),
            _RouteView(service, event_bus, route),
            methods=[route.method],
        )
    return admin_blueprint


class _RouteView:
    """Parses a call, runs the route's view, encodes what it gives."""

    def __init__(self, service: Service, event_bus: EventBus, route: ControlRoute) -> None:
        self._service, self._news, self._route = service, event_bus, route

    def __call__(self, **parts: str) -> Any:
        from flask import Response, request

        parking: Any = request.environ.get("mock_server.parking")
        try:
            answer = self._route.view(self._ask(request, parking), **parts)
        except Waiting:
            parking.wait()
            return Response(status=204)
        if isinstance(answer, Response):
            return answer
        return Response(
            msgspec.json.encode(answer, enc_hook=str) + b"\n",
            self._route.status,
            content_type=self._route.content_type,
        )

    def _ask(self, request: Request, parking: Parking | None) -> AdminRequest[Any, Any]:
        query = parse_query(self._route.query, request.args.to_dict())
        known = self._service.accounts
        try:
            account, of_names = self._accounts(query.account)
            outage = ""
        except StoreError as error:
            if not self._route.has_partial_answer:
                raise
            account, of_names, outage = known.default(), (), str(error)
        closed = request.environ.get("mock_server.closed")
        return AdminRequest(
            self._service,
            self._news,
            account,
            query,
            None if self._route.body is None else parse_body(self._route.body, request.get_data()),
            request.host_url.rstrip("/"),
            lambda other: _link(request.path, other),
            (lambda: False) if closed is None else closed.is_set,
            routes,
            of_names,
            parking,
            outage,
        )

    def _accounts(self, name: str) -> tuple[Account, tuple[Account, ...]]:
        """The account that is meant, and those whose items are listed."""
        known = self._service.accounts
        everybody = self._route.lists and name == "*"
        account = known.default() if everybody or self._route.storeless else known.get(name)
        if account is None:
            raise accounts.missing(name)
        if not everybody:
            return account, (account,)
        return account, tuple(filter(None, map(known.get, known.names())))


def _link(path: str, query: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode({name: value for name, value in query.items() if value not in ('', 0, None)})}"
