"""What a scenario with `before: checks` may say: it knows the request as it was sent, and neither who sent it
nor what is stored."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from mock_server.scenario import document
from mock_server.scenario.diagnostics import Notes, Path
from mock_server.scenario.repetition import steps_of

ANSWERS = ("status", "body", "fault")
NEEDS_CHECKS = {
    "outcome": "an outcome is made from a valid request",
    "error": "an error is the vendor's, and the vendor has not been reached yet",
    "merge": "it has no generated answer to change",
}
_RULE = "before-checks"


def check_early(notes: Notes, written: document.Scenario, path: Path) -> None:
    """Note whatever needs the checks that it comes before."""
    if written.before is UNSET:
        return
    for condition in written.match or {}:
        if condition.split(".")[0] == "verification":
            message = f"`{condition}` is not known before the checks"
            notes.note(
                (*path, "match", condition),
                _RULE,
                message,
                "match the request itself, such as `body.reference`",
                key=True,
            )
    for at, callbacks in _callbacks(written, path):
        if callbacks is not UNSET:
            notes.note(
                at,
                _RULE,
                "nothing is sent before the checks",
                "remove `callbacks`, or `before: checks`",
                key=True,
            )
    for at, respond in _answers(written, path):
        if isinstance(respond, document.Respond):
            _check_respond(notes, respond, at)
        elif notes.is_clean(at):
            notes.note(
                at,
                _RULE,
                "`before: checks` needs an answer",
                "add `respond` with `status`, `body` or `fault`",
            )


def _check_respond(notes: Notes, respond: document.Respond, path: Path) -> None:
    needing = [name for name in NEEDS_CHECKS if getattr(respond, name) is not UNSET]
    for name in needing:
        message = f"`{name}` cannot answer before the checks: {NEEDS_CHECKS[name]}"
        notes.note(
            (*path, name),
            _RULE,
            message,
            "use `status`, `body` or `fault`, or remove `before: checks`",
            key=True,
        )
    if not needing and all(getattr(respond, name) is UNSET for name in ANSWERS):
        notes.note(path, _RULE, "`before: checks` needs an answer", "add `status`, `body` or `fault`")


def _answers(written: document.Scenario, path: Path) -> Iterator[tuple[Path, object]]:
    if written.sequence is UNSET:
        yield (path if written.respond is UNSET else (*path, "respond")), written.respond
    for at, step in steps_of(written.sequence, (*path, "sequence")):
        yield (at if step.respond is UNSET else (*at, "respond")), step.respond


def _callbacks(written: document.Scenario, path: Path) -> Iterator[tuple[Path, object]]:
    yield (*path, "callbacks"), written.callbacks
    for at, step in steps_of(written.sequence, (*path, "sequence")):
        yield (*at, "callbacks"), step.callbacks
