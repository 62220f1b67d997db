"""What a run must have met: a share of the vendors' words, or the words of a file."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.core.exceptions import ConfigError

Report = Mapping[str, Any]
"""As ``GET /__admin/coverage`` answers."""


class CoverageGate(NamedTuple):
    """Why a run does not pass; empty: it does."""

    failures: tuple[str, ...] = ()


class RequiredWord(NamedTuple):
    """One line of a file of required words; each part may hold ``*``."""

    provider: str
    group: str
    word: str
    place: str

    def is_of(self, row: Mapping[str, Any]) -> bool:
        return (
            fnmatchcase(row["provider"], self.provider)
            and fnmatchcase(row["group"], self.group)
            and fnmatchcase(row["word"], self.word)
        )


def coverage_gate(report: Report, fail_under: float | None, required_file: str | None) -> CoverageGate:
    """Hold a report to both. Raises `ConfigError` for a file that cannot be read, and for a line that names no
    word."""
    failures = []
    if fail_under is not None and report["percent"] < fail_under:
        failures.append(f"{report['percent']} % is below {fail_under:g} %")
    for required in read_required(required_file) if required_file else ():
        rows = [row for row in report["coverage"] if required.is_of(row)]
        if not rows:
            raise ConfigError(
                f"{required.place}: no vendor has the word {required.provider} {required.group} {required.word};"
                " `mock-server coverage --format json` lists all words"
            )
        failures += [
            f"{required.place}: {row['provider']} {row['group']} {row['word']} was not met"
            for row in rows
            if not row["count"]
        ]
    return CoverageGate(tuple(failures))


def read_required(path: str) -> list[RequiredWord]:
    """The lines ``PROVIDER GROUP WORD`` of a file; empty lines and those that begin with ``#`` are left out."""
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    words = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parts = line.split(None, 2)
        if len(parts) < 3:
            raise ConfigError(
                f"{path}:{number}: {line.strip()!r} is not a required word; write provider, group and word,"
                " such as `PROVIDER error 104`"
            )
        words.append(RequiredWord(parts[0], parts[1], parts[2].strip(), f"{path}:{number}"))
    return words
