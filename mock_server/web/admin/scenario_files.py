"""``scenario-files``: the files that scenarios come from, to read and to write."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from mock_server.core import shipped
from mock_server.scenario.files import SUFFIXES, ScenarioFile, find
from mock_server.scenario.loader import read_draft, shown_path
from mock_server.scenario.problems import ERROR, Problem, ScenarioProblems
from mock_server.web.admin import answers
from mock_server.web.admin.problems import ControlProblem, finding, refused, unknown
from mock_server.web.admin.table import AdminRequest, Body, ControlRoute, Query, described
from mock_server.web.service import Service


class FileQuery(Query):
    """Which file."""

    file: Annotated[str, described("Name of the file, as scenarios have it.", "scenarios/retries.yaml")]


class WriteBody(Body):
    """What the file is to hold."""

    yaml: Annotated[str, described("The whole text.")]
    version: Annotated[str, described("Of what was read and is replaced; empty: the file is new.")] = ""


def read(request: AdminRequest[FileQuery, None]) -> dict[str, Any]:
    """Comments and all."""
    file = request.query.file
    place = scenario_file(request.service, file)
    text = _text(place.path)
    if text is None:
        raise _missing(request.service, file)
    return _shown(place, text)


def write(request: AdminRequest[FileQuery, WriteBody]) -> dict[str, Any]:
    """In force at once, for every account. A text with an error is not written."""
    from mock_server.scenario.lint import findings

    body, service, file = request.body, request.service, request.query.file
    place = scenario_file(service, file)
    before = _text(place.path)
    if before is None and body.version:
        raise _missing(service, file)
    if before is not None and body.version != _version(before):
        remedy = "read it again" if body.version else "choose another name, or read the file first"
        raise ControlProblem(409, f"{file} holds something else now", remedy)
    problems = findings(read_draft(place, body.yaml, service.vocabularies), service.vocabularies)
    errors = [problem for problem in problems if problem.severity == ERROR]
    if errors:
        raise refused(f"{file} was not written", ScenarioProblems(errors))
    _replace(place, body.yaml)
    problems += _reload(service, place, before)
    return {**_shown(place, body.yaml), "problems": [finding(problem) for problem in problems]}


def _reload(service: Service, place: ScenarioFile, before: str | None) -> list[Problem]:
    """What is wrong with other files and keeps the new text from being in force. Where the new text itself does not
    go with the others, the file is as before, and `ControlProblem` is raised."""
    try:
        service.reload()
    except ScenarioProblems as error:
        name = shown_path(place.path)
        if all(problem.file != name for problem in error.problems):
            return list(error.problems)
        _restore(place.path, before)
        with suppress(ScenarioProblems):
            service.reload()
        raise refused(f"{name} was not written", error) from None
    return []


def scenario_file(service: Service, name: str) -> ScenarioFile:
    """The file that is listed under the name, or a new one in the first scenario folder. Raises `ControlProblem`."""
    known = {shown_path(file.path): file for file in find(service.scenario_paths).read}
    if name in known:
        return known[name]
    folder = next((path for path in service.scenario_paths if path.is_dir()), None)
    if folder is None:
        raise unknown("scenario file", name, known, 404)
    parts = PurePosixPath(name).parts
    if Path(name).is_absolute() or PurePosixPath(name).suffix.lower() not in SUFFIXES or "\\" in name:
        raise ControlProblem(
            422, f"{name!r} is not the name of a scenario file", "write for example retries.yaml"
        )
    if any(part.startswith((".", "_")) for part in parts):
        raise ControlProblem(
            422, f"{name!r}: names that begin with . or _ are not read", "choose another name"
        )
    return ScenarioFile(folder.joinpath(*parts), folder, service.scenario_paths.index(folder))


def _shown(place: ScenarioFile, text: str) -> dict[str, Any]:
    return {
        "file": shown_path(place.path),
        "yaml": text,
        "version": _version(text),
        "writable": not shipped.is_packaged(place.root) and os.access(place.path, os.W_OK),
    }


def _text(path: Path) -> str | None:
    """None for an unknown file. Raises `ControlProblem`."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise ControlProblem(
            409, f"{shown_path(path)} cannot be read", "see that it is a text in UTF-8"
        ) from None


def _version(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _missing(service: Service, file: str) -> ControlProblem:
    return unknown(
        "scenario file", file, map(shown_path, (one.path for one in find(service.scenario_paths).read)), 404
    )


def _replace(place: ScenarioFile, text: str) -> None:
    """The whole file at once, so no reader sees half of it. Raises `ControlProblem`."""
    name = shown_path(place.path)
    if shipped.is_packaged(place.root):
        remedy = "copy the scenarios into a folder of your own with mock-server init, and serve that"
        raise ControlProblem(409, f"{name} belongs to the installed package", remedy)
    try:
        place.path.parent.mkdir(parents=True, exist_ok=True)
        _write(place.path, text)
    except OSError as error:
        remedy = "make it writable for the server, or use the scenario for the account only"
        raise ControlProblem(409, f"{name} cannot be written: {error.strerror}", remedy) from None


def _write(path: Path, text: str) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogatepass"))
        Path(draft).chmod(mode)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink()
        raise


def _restore(path: Path, before: str | None) -> None:
    if before is None:
        path.unlink()
    else:
        _write(path, before)


ROUTES = (
    ControlRoute(
        "GET",
        "/scenario-files",
        read,
        "The text of a scenario file.",
        {
            "file": "its name, as scenarios have it",
            "yaml": "the text",
            "version": "of the text, for PUT",
            "writable": "whether PUT can write it",
        },
        FileQuery,
        also={404: "no such file"},
        returns=answers.FileText,
    ),
    ControlRoute(
        "PUT",
        "/scenario-files",
        write,
        "Write a scenario file and load it; a new one goes into the first scenario folder.",
        {
            "file": "its name",
            "yaml": "the text",
            "version": "of the new text",
            "writable": "true",
            "problems": "what the lint warns of, and errors of other files that keep the text from being in force",
        },
        FileQuery,
        body=WriteBody,
        also={
            404: "the file that was read is gone",
            409: "it has changed meanwhile, or cannot be written",
            422: "it has errors, which problems lists, or a name that is not read; it is not written",
        },
        returns=answers.WrittenFile,
    ),
)
