"""What makes a scenario answer one call and not the next: sequences, chance, and the named values that it sets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from mock_server.scenario import document
from mock_server.scenario.diagnostics import Notes, Path
from mock_server.scenario.model import Counted
from mock_server.scenario.problems import closest, did_you_mean

COUNTED_ROOTS = (
    "reference",
    "account",
    "body",
    "header",
    "query",
    "params",
    "method",
    "path",
    "verification",
    "state",
)
"""What `by` may begin with."""
_WHOLE = ("reference", "account", "method", "path")
_NOT_COUNTED = ("operation", "now")
"""Paths of `match` by which a sequence cannot count."""
_NAME = re.compile(r"[^\W\d]\w*")


def steps_of(
    sequence: list[document.Step] | document.Sequence | UnsetType, path: Path
) -> Iterator[tuple[Path, document.Step]]:
    """Each step with its place."""
    if isinstance(sequence, document.Sequence):
        path, sequence = (*path, "steps"), sequence.steps
    if isinstance(sequence, list):
        for index, step in enumerate(sequence):
            yield (*path, index), step


def compile_counted(
    notes: Notes, sequence: list[document.Step] | document.Sequence | UnsetType, path: Path
) -> Counted:
    """The paths that the sequence counts by."""
    if not isinstance(sequence, document.Sequence):
        return Counted()
    at: Path = (*path, "by")
    by = sequence.by or []
    written = [(by, at)] if isinstance(by, str) else [(each, (*at, index)) for index, each in enumerate(by)]
    paths = tuple(counted_path for each in written if (counted_path := _counted_path(notes, *each)))
    return Counted(() if paths == (("reference",),) else paths, sequence.then or "repeat")


def _counted_path(notes: Notes, written: str, path: Path) -> tuple[str, ...]:
    root, *below = written.split(".")
    if root not in COUNTED_ROOTS:
        if root in _NOT_COUNTED:
            message = f"a sequence cannot count by `{written}`"
            remedy = "write `reference`, `account` or a path such as `body.email`"
            notes.note(path, "unknown-path", message, remedy)
            return ()
        meant = closest(root, COUNTED_ROOTS)
        fix = ".".join([meant, *below]) if meant else f"body.{written}"
        remedy = did_you_mean(root, COUNTED_ROOTS) if meant else f"write `{fix}`"
        notes.note(path, "unknown-path", f"a sequence cannot count by `{written}`", remedy, fix)
        return ()
    if bool(below) == (root in _WHOLE) or "" in below:
        remedy = f"write `{root}`" if root in _WHOLE else f"name a field, such as `{root}.email`"
        notes.note(path, "unknown-path", f"a sequence cannot count by `{written}`", remedy)
        return ()
    return (root, written[7:].lower()) if root == "header" else (root, *below)


def compile_chance(notes: Notes, written: str | float | UnsetType, path: Path) -> float:
    """The share, from 0 to 1."""
    if written is UNSET:
        return 1.0
    share = _share(written)
    if share is None or not 0 < share < 1:
        message = f"`chance` must be a share between 0% and 100%, and is `{written}`"
        fix = _percentage(written)
        remedy = f"write `{fix}`" if fix else "write for example 10%, or remove `chance`"
        notes.note(path, "bad-chance", message, remedy, fix)
        return 1.0
    return share


_FRACTION = re.compile(r"(\d{1,6}) ?(?:/|in|of|out of) ?(\d{1,6})")
_PER_CENT = re.compile(r"(\d+(?:\.\d+)?) ?(?:percent|per cent|pct)", re.IGNORECASE)


def _percentage(written: str | float) -> str | None:
    """The share that ``1 in 10``, ``10 percent`` or ``10`` means; None: none between 0 and 100 %."""
    if isinstance(written, str):
        fraction, per_cent = _FRACTION.fullmatch(written.strip()), _PER_CENT.fullmatch(written.strip())
        if fraction and int(fraction[2]):
            written = 100 * int(fraction[1]) / int(fraction[2])
        elif per_cent:
            written = float(per_cent[1])
    return f"{written:g}%" if isinstance(written, (int, float)) and 0 < written < 100 else None


def _share(written: str | float) -> float | None:
    text = str(written).strip()
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None


def compile_sets(
    notes: Notes, written: Mapping[str, Any] | UnsetType, path: Path
) -> tuple[tuple[str, Any], ...]:
    """The named values, in their order."""
    if written is UNSET:
        return ()
    for name in written:
        if not _NAME.fullmatch(name):
            plain = name.removeprefix("state.")
            is_name = plain != name and _NAME.fullmatch(plain) is not None
            remedy = f"write `{plain}`" if is_name else "use letters, digits and _, such as `retry_step`"
            message = f"`{name}` cannot name a value"
            notes.note((*path, name), "bad-name", message, remedy, plain if is_name else None, key=True)
    return tuple((name, notes.value(value, (*path, name))) for name, value in written.items())
