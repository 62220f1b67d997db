"""An answer on its way through the pipeline."""

from __future__ import annotations

from typing import Any

from mock_server.core.values import Value


class PendingResponse(Value, frozen=True):
    """An answer before it is bytes."""

    status: int
    payload: Any
    """JSON-able, or ``bytes`` (a PDF, an image) or ``str`` sent as they are."""
    content_type: str = ""
    """Empty: the provider's JSON type, or text for a ``str``."""
    headers: tuple[tuple[str, str], ...] = ()
