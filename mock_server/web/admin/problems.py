"""Errors of the control API as RFC 9457 problem documents. Each says what to do about it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from flask import Response

from mock_server.scenario.problems import Problem, ScenarioProblems

PROBLEM = "application/problem+json"


class ControlProblem(Exception):
    """Raised anywhere below a control call; becomes its answer."""

    def __init__(self, status: int, detail: str, remedy: str = "", **more: Any) -> None:
        """``more``: further members of the document, such as ``problems`` or what did happen."""
        super().__init__(detail)
        self.status, self.detail, self.remedy, self.more = status, detail, remedy, more

    def document(self) -> dict[str, Any]:
        """``{"type", "title", "status", "detail", "remedy", …}``."""
        known: dict[str, Any] = {
            "type": "about:blank",
            "title": _title(self.status),
            "status": self.status,
            "detail": self.detail,
        }
        return {**known, **({"remedy": self.remedy} if self.remedy else {}), **self.more}

    def response(self) -> Response:
        return Response(
            json.dumps(self.document(), ensure_ascii=False) + "\n", self.status, content_type=PROBLEM
        )


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def unknown(what: str, word: str, known: Iterable[str], status: int = 400) -> ControlProblem:
    """A problem for an unknown word, with the closest known one."""
    names = [name for name in known if name]
    close = difflib.get_close_matches(word, names, 1, 0.6)
    remedy = f"did you mean {close[0]}?" if close else f"use one of: {', '.join(names)}" if names else ""
    return ControlProblem(status, f"unknown {what} {word!r}", remedy)


def finding(problem: Problem) -> dict[str, Any]:
    """One finding of the lint."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
        "rule": problem.rule,
        "message": problem.message,
        "remedy": problem.remedy,
        "path": problem.path,
    }


def refused(what: str, error: ScenarioProblems) -> ControlProblem:
    """All findings in one answer."""
    count = len(error.problems)
    detail = f"{what}: {count} problem{'' if count == 1 else 's'}; the first: {error.problems[0]}"
    return ControlProblem(
        422, detail, "fix what problems lists", problems=[finding(problem) for problem in error.problems]
    )
