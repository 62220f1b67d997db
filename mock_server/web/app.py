"""The composition root: one Flask application over the service, with the gateway in front."""

from __future__ import annotations

import logging
import os
import re
from importlib import import_module

from flask import Flask, Response, current_app, redirect, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from mock_server.core import config as configuration
from mock_server.core.config import Config
from mock_server.core.exceptions import StoreError
from mock_server.providers.routing import ADMIN
from mock_server.scenario.problems import closest
from mock_server.web import admin
from mock_server.web.admin.guard import make_guard
from mock_server.web.admin.problems import ControlProblem
from mock_server.web.event_bus import EventBus
from mock_server.web.gateway import Gateway
from mock_server.web.service import Service

log = logging.getLogger("mock_server")

OURS = ("mock_server.web.dashboard:blueprint", "mock_server.web.hosted:files")
_REMEDIES = {
    404: "the control API is described at /__admin/openapi.json, the vendors' paths in their own documentation",
    413: "send less, or start the server with a larger --max-body",
}


def create_app(service_or_config: Service | Config | None = None) -> Flask:
    """The whole server as one WSGI application.

    The caller starts and stops a service that it passes. For a config, or for None (the ``MOCK_SERVER_…``
    variables), the service is created and started here, for WSGI hosts such as ``gunicorn
    "mock_server.web.app:create_app()"``."""
    if isinstance(service_or_config, Service):
        service = service_or_config
    else:
        service = Service(
            service_or_config or configuration.build(configuration.from_environment(os.environ)[0])
        )
        service.start()
    app = Flask("mock_server", static_folder=None)
    app.extensions["mock_server"] = service
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = service.config.max_body
    guard = make_guard(service.config.admin_token, service.config.admin_host, service.is_own_callback)

    @app.before_request
    def check() -> Response | None:
        return guard(request) if request.path == ADMIN or request.path.startswith(f"{ADMIN}/") else None

    app.after_request(_harmless)
    app.register_error_handler(ControlProblem, ControlProblem.response)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(StoreError, _store_failure)
    app.register_error_handler(Exception, _failure)
    app.register_blueprint(
        admin.blueprint(service, EventBus(service.store, lambda: service.scenarios.loaded))
    )
    for rule, name in (("/", "root"), (f"{ADMIN}/", "home")):
        app.add_url_rule(rule, name, lambda: redirect(_dashboard(service)))
    _register_pages(app, service)
    app.wsgi_app = Gateway(service, app.wsgi_app, max_body=service.config.max_body)  # type: ignore[method-assign]
    return app


def _harmless(response: Response) -> Response:
    """No browser takes an answer for a page or a script that does not say it is one, or shows it within another site."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    return response


def _dashboard(service: Service) -> str:
    """Its path: it belongs to no vendor, so it is below no mount."""
    root = request.script_root
    mount = next((mount for mount in service.pipeline.router.mounts if root.endswith(mount)), "")
    return f"{root.removesuffix(mount)}{ADMIN}/ui/"


def _store_failure(error: StoreError) -> Response:
    response = ControlProblem(503, str(error)).response()
    response.headers["Retry-After"] = "1"
    return response


def _register_pages(app: Flask, service: Service) -> None:
    """The dashboard, and the hosted pages of each provider that has some."""
    for pages in (*OURS, *(provider.hosted_pages for provider in service.providers.values())):
        if pages:
            module, _, function = pages.partition(":")
            app.register_blueprint(getattr(import_module(module), function)(service))


def _http_problem(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    message, remedy = _words(error) or (error.description or error.name, _REMEDIES.get(status, ""))
    problem = ControlProblem(status, message, remedy)
    response = problem.response()
    for name, value in error.get_headers():
        if name.lower() in ("allow", "location", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def _words(error: HTTPException) -> tuple[str, str] | None:
    """Detail and remedy for a path or method that the control API does not have."""
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        methods = sorted(set(error.valid_methods) - {"HEAD", "OPTIONS"})
        return f"{request.method} is not a method of {request.path}", f"use {' or '.join(methods)}"
    if not isinstance(error, NotFound) or not request.path.startswith(f"{ADMIN}/"):
        return None
    path = request.path.rstrip("/")
    rules = [_filled(rule.rule, path) for rule in current_app.url_map.iter_rules()]
    meant = closest(path, [rule for rule in rules if rule.startswith(f"{ADMIN}/")])
    remedy = f"did you mean {meant}?" if meant else _REMEDIES[404]
    return f"the control API has no path {request.path}", remedy


def _filled(rule: str, path: str) -> str:
    """The rule with the path's own parts in place of its parameters."""
    parts, own = rule.split("/"), path.split("/")
    if len(parts) != len(own):
        return _PARAMETER.sub(r"{\1}", rule)
    return "/".join(mine if _PARAMETER.fullmatch(part) else part for part, mine in zip(parts, own))


_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def _failure(error: Exception) -> Response:
    log.exception("%s %s failed", request.method, request.path)
    return ControlProblem(
        500, "the mock server failed; its log has the traceback", "please report it"
    ).response()
