"""``requests/try``: what would answer a request that is not sent."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from msgspec import field

from mock_server.providers.mediatypes import FORM
from mock_server.web import trial
from mock_server.web.admin import answers
from mock_server.web.admin.problems import ControlProblem
from mock_server.web.admin.requests import find
from mock_server.web.admin.table import AdminRequest, Body, ControlRoute, Query, described
from mock_server.web.dry_run import dry


class TryBody(Body):
    """A request as a client would send it. Its credentials, time and signature are created again."""

    path: Annotated[str, described("With its query; below a mount or not.", "/verify/")]
    method: Annotated[str, described("Of the request.", "POST")] = "POST"
    headers: Annotated[dict[str, str], described("What matters of them.")] = field(default_factory=dict)
    params: Annotated[
        dict[str, Any] | None,
        described("All parameters of a form or a query, decoded. What is not a text is sent as JSON."),
    ] = None
    json: Annotated[Any | msgspec.UnsetType, described("The body, where it is JSON.")] = msgspec.UNSET
    body: Annotated[str, described("The body as text, where it is neither.")] = ""
    instead_of: Annotated[
        str,
        described("A request of the journal: it is tried as if it had come in its place and at its time."),
    ] = ""
    near_misses: Annotated[int, described("Scenarios that came closest, so many.", 3, ge=0, le=1000)] = 3


def attempt(request: AdminRequest[Query, TryBody]) -> dict[str, Any]:
    """Nothing is journalled, remembered or sent. The files, pins and named values in force decide."""
    posted = request.body
    if not posted.path.startswith("/"):
        raise ControlProblem(
            400, f"path: {posted.path!r} does not begin with /", "write for example /verify/"
        )
    service = dry(request.service, find(request, posted.instead_of) if posted.instead_of else None)
    headers = {name.lower(): value for name, value in posted.headers.items()}
    headers["host"] = request.origin.partition("://")[2]
    target, body = posted.path, posted.body.encode("utf-8", "surrogatepass")
    if posted.params is not None:
        encoded = urlencode({name: _text(value) for name, value in posted.params.items()}, doseq=True)
        if posted.method.upper() in ("GET", "HEAD", "DELETE"):
            target = f"{target}{'&' if '?' in target else '?'}{encoded}"
        else:
            headers["content-type"], body = FORM, encoded.encode()
    elif posted.json is not msgspec.UNSET:
        headers.setdefault("content-type", "application/json")
        body = json.dumps(posted.json, ensure_ascii=False).encode("utf-8", "surrogatepass")
    described = trial.written(
        posted.method, target, headers, body, service.pipeline.router.mounts, request.origin
    )
    return trial.answered(service, described, request.account.name, posted.near_misses)


def _text(value: Any) -> Any:
    """A text or a list of them as it is, anything else as JSON."""
    if isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        return value
    return json.dumps(value, ensure_ascii=False)


ROUTES = (
    ControlRoute(
        "POST",
        "/requests/try",
        attempt,
        "What would answer a request, and which scenarios came closest; nothing is stored or sent.",
        {
            "scenario": "that would answer; null: none",
            "refusal": "why it would be refused; null: it would not be",
            "status": "of the answer",
            "outcome": "of the answer",
            "fate": "how it would end, one word",
            "body": "of the answer; JSON as such",
            "callbacks": "what would be sent, and after how many seconds",
            "near_misses": "the other scenarios, nearest first, each with its differences",
        },
        body=TryBody,
        also={404: "instead_of names no request in the journal"},
        returns=answers.Trial,
    ),
)
