"""The dashboard: static pages in the browser over the control API, nothing of its own on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

if TYPE_CHECKING:
    from flask import Response

    from mock_server.web.service import Service

PREFIX = "/__admin/ui"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""What the page may load: only itself. Nothing that a request brought along can become code in it."""


def blueprint(service: Service) -> Blueprint:
    """The page at ``/__admin/ui/`` and its files. All it shows comes from ``/__admin`` as JSON, so it needs
    nothing of the service."""
    pages = Blueprint(
        "dashboard", __name__, url_prefix=PREFIX, static_folder="static", static_url_path="/static"
    )

    @pages.get("/")
    def index() -> Response:
        return pages.send_static_file("index.html")

    @pages.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-cache"
        return response

    return pages
