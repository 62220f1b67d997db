"""The endpoints: one row each. The older bases (``/api/…``) and a slash at the end, or none, are the same path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_server.core.exceptions import ProviderError
from mock_server.providers.context import RequestContext
from mock_server.providers.routing import EndpointRow
from mock_server.providers.shuftipro import routes
from mock_server.providers.shuftipro.field_types import field_types
from mock_server.providers.shuftipro.handlers import STATUS_OUTCOMES, Handlers
from mock_server.providers.shuftipro.magic import OUTCOMES
from mock_server.providers.shuftipro.services import paths
from mock_server.providers.shuftipro.work import Work
from mock_server.scenario.model import Respond
from mock_server.scenario.vocabulary import TEXT, FieldType, Operation

_NONE: frozenset[str] = frozenset()
_NAMED = frozenset({"reference"})
_TEXT = {name: FieldType((TEXT,)) for name in ("reference", "comment")}
_ANSWER = frozenset(
    {
        "reference", "event", "error", "token", "email", "country", "verification_url", "verification_data",
        "verification_result", "info", "proofs", "additional_data", "declined_reason", "declined_codes",
        "services_declined_codes",
    }
)  # fmt: skip
"""Keys at the top of an answer to a verification request."""


class Endpoint(NamedTuple):
    """One endpoint."""

    operation: Operation
    """What scenarios may say of it, with its method and path."""
    answer: Callable[[Handlers, RequestContext, Work, Respond], Any] | None = None
    """The payload; None: `creation` or `files` answers."""


_ROWS = (
    Endpoint(
        Operation(
            routes.VERIFICATION, OUTCOMES, "POST", "/", frozenset(paths()), _NONE,
            reference_once=True, answer=_ANSWER, fields=field_types(),
        )
    ),
    Endpoint(
        Operation(
            routes.STATUS, STATUS_OUTCOMES, "POST", "/status", _NAMED | {"get_images"}, _NONE,
            verification=True, fields=_TEXT,
        ),
        Handlers.answer_status,
    ),
    Endpoint(
        Operation(
            routes.DELETE, {"deleted": "The data is deleted."}, "POST", "/delete", _NAMED | {"comment"}, _NONE,
            verification=True, fields=_TEXT,
        ),
        Handlers.answer_delete,
    ),
    Endpoint(
        Operation(
            routes.ACCOUNT_INFO, {"shown": "Name, status and balance."}, "GET", "/account/info/", _NONE, _NONE
        ),
        Handlers.answer_account,
    ),
    Endpoint(
        Operation(routes.ACCESS_TOKEN, {"issued": "An access token."}, "POST", "/get/access/token", None, _NONE),
        Handlers.answer_token,
    ),
    Endpoint(
        Operation(
            routes.DECLINE_REASONS, {"listed": "All decline codes."}, "GET", "/decline/reasons/", _NONE, _NONE
        ),
        Handlers.answer_reasons,
    ),
    Endpoint(
        Operation(
            routes.PROOF, {"served": "The file."}, "POST", f"{routes.FILES}{{token}}",
            frozenset({"access_token"}), frozenset({"access_token"}),
            verification=True, fields={"access_token": FieldType((TEXT,))},
        )
    ),
)  # fmt: skip
ENDPOINTS: Mapping[str, Endpoint] = {row.operation.name: row for row in _ROWS}
"""By name of the operation."""
_BY_PATH = {row.operation.path.rstrip("/"): row.operation for row in _ROWS}
_OLD_FILE = Operation(routes.PROOF, {}, "GET", f"{routes.OLD_FILES}{{token}}/{{service}}/{{file}}")
"""Where files were before."""
SERVED = tuple(
    EndpointRow(operation.path, (operation.method,)) for operation in (*_BY_PATH.values(), _OLD_FILE)
)
"""What is served, in the order of the rows."""


def serves(path: str) -> bool:
    """Whether the path is one of the vendor's."""
    return _find(path) is not None


def operation(method: str, path: str) -> str:
    """The operation. Raises 404 for an unknown path or method: the specification has no 405."""
    endpoint = _find(path)
    if endpoint is None or endpoint.method != ("GET" if method == "HEAD" else method):
        allowed = {"allowed": endpoint.method} if endpoint is not None else {}
        raise ProviderError(
            "404", evidence={"check": "path", "method": method, "path": path[:200], **allowed}
        )
    return endpoint.name


def _find(path: str) -> Operation | None:
    if path.startswith(routes.FILES):
        return ENDPOINTS[routes.PROOF].operation
    if path.startswith(routes.OLD_FILES):
        return _OLD_FILE
    below = path[4:] if path.startswith("/api/") or path == "/api" else path
    return _BY_PATH.get(below.rstrip("/"))
