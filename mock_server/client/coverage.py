"""What a run must have met: a share of the vendors' words, or the words of a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.core.exceptions import ConfigError

Report = Mapping[str, Any]
"""As ``GET /__admin/coverage`` answers."""


Word = tuple[str, str, str]
"""Provider, group and word of a row."""


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


def merged(reports: Sequence[Report]) -> Report:
    """One report of several servers. They know the same words, except for statuses that only one has answered."""
    counts: Counter[Word] = Counter()
    rows: dict[Word, Mapping[str, Any]] = {}
    for row in (row for report in reports for row in report["coverage"]):
        rows.setdefault(_word(row), row)
        counts[_word(row)] += row["count"]
    order = {key: place for place, key in enumerate(dict.fromkeys(word[:2] for word in rows))}
    coverage = [
        {**rows[word], "count": counts[word]} for word in sorted(rows, key=lambda word: order[word[:2]])
    ]
    groups = [
        {
            "provider": provider,
            "group": group,
            **_sum([row for row in coverage if _word(row)[:2] == (provider, group)]),
        }
        for provider, group in order
    ]
    return {"coverage": coverage, "groups": groups, **_sum(coverage)}


def unmet(report: Report) -> dict[tuple[str, str], list[str]]:
    """(provider, group) → its words that were not met; groups without any are left out."""
    words: dict[tuple[str, str], list[str]] = {}
    for row in report["coverage"]:
        if not row["count"]:
            words.setdefault((row["provider"], row["group"]), []).append(row["word"])
    return words


def _word(row: Mapping[str, Any]) -> Word:
    return row["provider"], row["group"], row["word"]


def _sum(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    met = sum(row["count"] > 0 for row in rows)
    return {"total": len(rows), "met": met, "percent": round(100.0 * met / len(rows), 1) if rows else 100.0}


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
