"""Why a request lacks parameters that it should have: what is wrong with its body, its escapes, its files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mock_server.core.http import Request
from mock_server.providers import jsonproblems, problems
from mock_server.providers.cloudcheck.endpoint import FILE, Endpoint
from mock_server.providers.cloudcheck.params import Params
from mock_server.providers.mediatypes import FORM, MULTIPART
from mock_server.providers.problems import Accepted, RequestProblem

FILE_AS_FIELD = RequestProblem(
    "file-as-field",
    "The file was sent as a plain field, not as a file part.",
    "Send the file as a part with a filename, in multipart/form-data.",
)
_QUERY = "Put the parameters into the query of the URL."
_UPLOAD = "Send multipart/form-data with the picture as the part file and each parameter as a field."
_SEND_FORM = "Send a form (Content-Type: application/x-www-form-urlencoded)"


def key_problem(request: Request, params: Params, endpoint: Endpoint | None) -> RequestProblem:
    """Why the parameter ``key`` is missing or empty."""
    problem = _problem(request, params, endpoint, ("key",))
    return problem or RequestProblem(
        "key-missing", "The parameter key is absent or empty.", "Send the access key as parameter key."
    )


def required_problem(
    request: Request, params: Params, endpoint: Endpoint, absent: Sequence[str]
) -> RequestProblem | None:
    """Why these parameters are missing; None if unknown."""
    problem = _problem(request, params, endpoint, absent)
    return _file_problem(params) if problem is None and FILE in absent else problem


def dropped_problem(names: Iterable[str]) -> RequestProblem | None:
    """Of parameters that were left out for a malformed escape. None without any."""
    listed = ", ".join(names)[:200]
    if not listed:
        return None
    return RequestProblem(
        "percent-malformed",
        f"A % without two hexadecimal digits behind it stands in {listed}, which is therefore left out.",
        "Percent-encode each value, a % as %25; let the HTTP client write the form.",
    )


def data_problem(text: str, error: ValueError | None = None) -> RequestProblem:
    """Why the parameter ``data`` is not a JSON object."""
    return jsonproblems.find_problem(text, "the parameter data", str(error or ""))


def _problem(
    request: Request, params: Params, endpoint: Endpoint | None, absent: Sequence[str]
) -> RequestProblem | None:
    dropped = dropped_problem(name for name in params.dropped if name in absent)
    return (
        dropped
        if dropped is not None or not request.body.strip()
        else problems.find_problem(request, _accepted(endpoint, request.method))
    )


def _accepted(endpoint: Endpoint | None, method: str) -> Accepted:
    if method != "POST":
        takes_post = endpoint is not None and "POST" in endpoint.methods
        return Accepted(
            (FORM,), f"Send it with POST, or {_QUERY[0].lower()}{_QUERY[1:]}" if takes_post else _QUERY
        )
    if endpoint is None:
        return Accepted((FORM, MULTIPART), f"{_SEND_FORM}.")
    if FILE in endpoint.required:
        return Accepted((MULTIPART,), _UPLOAD)
    holds_json = "data" in endpoint.required
    return Accepted(
        (FORM, MULTIPART),
        f"{_SEND_FORM} with the JSON as text in its field data." if holds_json else f"{_SEND_FORM}.",
    )


def _file_problem(params: Params) -> RequestProblem | None:
    if FILE in params.files:
        return RequestProblem(
            "file-empty", "The part file is empty.", "Send the content of the picture in it."
        )
    if not params.files:
        return FILE_AS_FIELD if FILE in params else None
    names = ", ".join(params.files)[:200]
    return RequestProblem(
        "file-named-otherwise",
        f"The request has no part named file, but a file in {names}.",
        "Name the part file.",
    )
