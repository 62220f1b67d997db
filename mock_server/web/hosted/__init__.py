"""The simulated pages that a vendor's customer would see, one module a vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Response

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'unsafe-inline'",
        "style-src 'unsafe-inline'",
        "img-src data: blob:",
        "base-uri 'none'",
        "frame-ancestors *",
    )
)
"""What a page may load: nothing from elsewhere. Any site may hold it in a frame, as the vendors document."""


def protect(response: Response) -> Response:
    """Add the headers that every hosted page has."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
