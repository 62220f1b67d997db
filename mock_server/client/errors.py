"""What can go wrong between a test and the control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.core.exceptions import MockServerError


class ApiError(MockServerError):
    """The control API refused: ``status`` and the problem document, whose detail and remedy are the
    message."""

    _shows_remedy = True

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        super().__init__(status, document)
        self.status = status
        self.document = document

    def __str__(self) -> str:
        document = self.document
        lines = [str(document.get("detail") or document.get("title") or f"status {self.status}")]
        if self._shows_remedy and document.get("remedy"):
            lines[0] += f" ({document['remedy']})"
        lines += [
            f"  {one.get('path') or one.get('file')}: {one.get('message')}"
            for one in document.get("problems") or ()
        ]
        lines += [f"  {line}" for line in document.get("others") or ()]
        return "\n".join(lines)


class WaitTimeoutError(ApiError, TimeoutError):
    """Time was up before it happened; the message says what did happen."""

    _shows_remedy = False  # it is about members of the document


class UnreachableError(MockServerError, ConnectionError):
    """No mock server answers there."""
