"""The committed files of this folder: which modules are tested, the results, and why some mutants survive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.mutants.workspace import KILLED, ROOT, Function, Survivor

HERE = Path(__file__).parent
_REPORT = HERE / "report.json"


class Reason(NamedTuple):
    """A row of ``survivors.yaml``: why no test can notice a mutant."""

    path: str
    function: str
    """Both empty: the row is about this change of a part of a line, wherever it occurs."""
    original: str
    mutant: str
    because: str

    def explains(self, survivor: Survivor) -> bool:
        """Whether the row is about this mutant."""
        if not self.function:
            return survivor.mutant.replace(self.mutant, self.original) == survivor.original
        return survivor == Survivor(self.function, self.original, self.mutant)


@cache
def modules() -> Mapping[str, list[str]]:
    """Path of each module → the tests that run for it."""
    table: dict[str, list[str]] = yaml.safe_load((HERE / "modules.yaml").read_text("utf-8"))
    return table


@cache
def all_reasons() -> tuple[Reason, ...]:
    """The rows of ``survivors.yaml``."""
    rows = yaml.safe_load((HERE / "survivors.yaml").read_text("utf-8"))
    return tuple(
        Reason(row.get("in", ""), row.get("function", ""), row["original"], row["mutant"], row["because"])
        for row in rows
    )


def reasons(path: str) -> list[Reason]:
    """The rows for a module."""
    return [row for row in all_reasons() if row.path in (path, "")]


def digest(path: str) -> str:
    """Of a file's content."""
    return sha256((ROOT / path).read_bytes()).hexdigest()[:16]


def fingerprint(path: str) -> str:
    """Of all that a module's figures depend on, but for the tests' own text."""
    return sha256(repr((digest(path), modules()[path], reasons(path))).encode()).hexdigest()[:16]


class Module(NamedTuple):
    """The figures of one module."""

    fingerprint: str
    problems: int
    """Survivors without a reason, and reasons without a survivor."""
    functions: Mapping[str, Function]

    @property
    def total(self) -> int:
        """Mutants."""
        return sum(len(function.verdicts) for function in self.functions.values())

    @property
    def killed(self) -> int:
        """Mutants with which a test fails, or runs into the time limit."""
        return sum(function.verdicts.count(KILLED) for function in self.functions.values())


@dataclass
class Report:
    """``report.json``: every verdict, so that only functions that have changed are tested again."""

    modules: dict[str, Module] = field(default_factory=dict)
    hand_made: dict[str, str] = field(default_factory=dict)
    """Mutant made by hand → digest of the file in which it was killed."""

    @classmethod
    def load(cls) -> Report:
        """Empty where the file does not exist."""
        if not _REPORT.exists():
            return cls()
        document = json.loads(_REPORT.read_text("utf-8"))
        figures = {
            path: Module(
                module["fingerprint"],
                module["problems"],
                {name: Function(*function) for name, function in module["functions"].items()},
            )
            for path, module in document["modules"].items()
            if path in modules()
        }
        return cls(figures, document["hand_made"])

    def save(self) -> None:
        """Write the file."""
        rows = {
            path: {
                "fingerprint": module.fingerprint,
                "killed": module.killed,
                "mutants": module.total,
                "problems": module.problems,
                "functions": dict(module.functions),
            }
            for path, module in sorted(self.modules.items())
        }
        document = {"hand_made": dict(sorted(self.hand_made.items())), "modules": rows}
        _REPORT.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")

    def is_current(self, path: str) -> bool:
        """Whether a module was tested as it is now, without a problem."""
        module = self.modules.get(path)
        return module is not None and not module.problems and module.fingerprint == fingerprint(path)

    def counts(self) -> tuple[int, int]:
        """Mutants killed, and all."""
        return (
            sum(module.killed for module in self.modules.values()),
            sum(module.total for module in self.modules.values()),
        )

    def table(self) -> str:
        """A line for each module, and one for all."""
        rows = [(path, module.killed, module.total) for path, module in sorted(self.modules.items())]
        lines = [f"{'module':52} {'mutants':>8} {'killed':>7} {'survive':>8}"]
        lines += [
            f"{path:52} {total:8} {killed:7} {total - killed:8}  {killed / max(total, 1):6.1%}"
            for path, killed, total in [*rows, ("all modules", *self.counts())]
        ]
        return "\n".join([*lines, f"made by hand: {len(self.hand_made)} killed"])

    def below(self, least: float) -> list[str]:
        """A sentence where fewer than that part of all mutants are killed."""
        killed, total = self.counts()
        if killed >= least * total:
            return []
        return [f"{killed / total:.1%} of the mutants are killed; at least {least:.0%} must be."]
