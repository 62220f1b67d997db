"""The simulated pages that a vendor's customer would see: what they have in common here, one module a vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from werkzeug.wrappers import Response as BaseResponse

from mock_server.providers.hosted_texts import texts
from mock_server.providers.routing import HOSTED

if TYPE_CHECKING:
    from flask import Blueprint

    from mock_server.web.service import Service

R = TypeVar("R", bound=BaseResponse)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        "base-uri 'none'",
        "frame-ancestors *",
    )
)
"""What a page may load: only the files of `files`. Any site may hold it in a frame, as the vendors document."""
LONGEST_WAIT = 3600.0
"""Seconds that a page is shown at the most before it ends by itself."""


def files(service: Service) -> Blueprint:
    """Style and script of the pages. They need nothing of the service, and no token of the control API."""
    from flask import Blueprint

    blueprint = Blueprint("hosted", __name__, static_folder="static", static_url_path=HOSTED)
    blueprint.after_request(protect)
    return blueprint


def protect(response: R) -> R:
    """Add the headers that every hosted page has."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def uncached(response: R) -> R:
    """Add the headers of a page that changes and must not be indexed."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def state(ended: bool) -> BaseResponse:
    """What a page's script asks for, to notice that it has ended elsewhere."""
    return uncached(BaseResponse("ended" if ended else "open", mimetype="text/plain"))


def missing(vendor: str, title: str, said: str) -> BaseResponse:
    """The page at a link that leads nowhere. ``said``: why, for testers."""
    from flask import make_response, render_template

    shown = render_template(
        "hosted/missing.html", vendor=vendor, vendor_title=title, said=said, texts=texts()
    )
    response = make_response(shown)
    response.status_code = 404
    return uncached(response)
