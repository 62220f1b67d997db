"""Why a body has not given the parameters that it should have."""

from __future__ import annotations

from mock_server.core.http import Request
from mock_server.providers import jsonproblems, problems
from mock_server.providers.mediatypes import FORM, JSON, MULTIPART
from mock_server.providers.multipart import parts
from mock_server.providers.problems import Accepted, RequestProblem, format_of, not_utf_8
from mock_server.providers.shuftipro.parsing import FIELDS, read_json, reader_of

_ACCEPTED = Accepted((JSON, FORM, MULTIPART), "Send JSON with Content-Type: application/json.")


def find_problem(request: Request, by_content_type: bool) -> RequestProblem | None:
    """What is wrong with the body as a whole, apart from its parameters; None if it can be read."""
    reader = reader_of(request, by_content_type)
    if reader == JSON and format_of(request.body) == JSON:
        return problems.find_problem(request, _ACCEPTED, any_type=True) or _json(request.body)
    if reader == FORM and format_of(request.body) in ("", FORM):
        return problems.find_problem(request, _ACCEPTED, any_type=True) or _fields(request.body)
    problem = problems.find_problem(request, _ACCEPTED)
    if problem is None and reader == JSON:
        return _json(request.body)
    return problem or (_files(request) if reader == MULTIPART else None)


def _json(body: bytes) -> RequestProblem | None:
    said = ""
    try:
        if isinstance(read_json(body), dict):
            return None
    except ValueError as error:
        said = str(error)
    return not_utf_8(body) or jsonproblems.find_problem(body.decode(), "the body", said)


def _fields(body: bytes) -> RequestProblem | None:
    if body.count(b"&") < FIELDS:
        return None
    return RequestProblem(
        "form-fields",
        f"The form has more than {FIELDS} fields, and PHP reads none of them.",
        "Send JSON, or fewer fields.",
    )


def _files(request: Request) -> RequestProblem | None:
    names = [
        part.name
        for part in parts(request.body, request.headers["content-type"])
        if part.filename is not None
    ]
    if not names:
        return None
    return RequestProblem(
        "file-part",
        f"Sent as a file: {', '.join(names)[:200]}. The API reads text only.",
        "Send a file as Base64 text in a field, such as data:image/png;base64,…",
    )
