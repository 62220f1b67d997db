"""The committed files of this folder: which modules are tested, what came of it, and why some mutants may
survive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.mutants.workspace import KILLED, ROOT, Function, Survivor

HERE = Path(__file__).parent
_REPORT = HERE / "report.json"


@cache
def modules() -> Mapping[str, list[str]]:
    """Path of each module → the tests that run for it."""
    read: dict[str, list[str]] = yaml.safe_load((HERE / "modules.yaml").read_text("utf-8"))
    return read


@cache
def all_listed() -> list[dict[str, Any]]:
    """The rows of ``survivors.yaml``."""
    read: list[dict[str, Any]] = yaml.safe_load((HERE / "survivors.yaml").read_text("utf-8"))
    return read


def listed(path: str) -> dict[Survivor, str]:
    """The survivors of a module that are known, each with the reason why no test can or need notice it."""
    rows = [row for row in all_listed() if row["in"] == path]
    return {Survivor(row["function"], row["original"], row["mutant"]): row["because"] for row in rows}


def digest(path: str) -> str:
    """Of a file's content."""
    return sha256((ROOT / path).read_bytes()).hexdigest()[:16]


class Module(NamedTuple):
    """The figures of one module."""

    digest: str
    functions: Mapping[str, Function]

    @property
    def total(self) -> int:
        """Mutants."""
        return sum(len(function.verdicts) for function in self.functions.values())

    @property
    def killed(self) -> int:
        """Mutants that a test notices; one that runs into the time limit counts."""
        return sum(function.verdicts.count(KILLED) for function in self.functions.values())


@dataclass
class Report:
    """``report.json``: every verdict, so that only functions that have changed are tested again."""

    modules: dict[str, Module] = field(default_factory=dict)
    hand_made: dict[str, str] = field(default_factory=dict)
    """File → digest at which its mutants made by hand were killed."""

    @classmethod
    def load(cls) -> Report:
        """Empty where the file is not there."""
        if not _REPORT.exists():
            return cls()
        read = json.loads(_REPORT.read_text("utf-8"))
        loaded = {
            path: Module(
                module["digest"],
                {name: Function(*function) for name, function in module["functions"].items()},
            )
            for path, module in read["modules"].items()
            if path in modules()
        }
        return cls(loaded, read["hand_made"])

    def save(self) -> None:
        """Write the file."""
        written = {
            path: {
                "digest": module.digest,
                "killed": module.killed,
                "mutants": module.total,
                "functions": dict(module.functions),
            }
            for path, module in sorted(self.modules.items())
        }
        text = json.dumps(
            {"hand_made": dict(sorted(self.hand_made.items())), "modules": written},
            indent=1,
            ensure_ascii=False,
        )
        _REPORT.write_text(text + "\n", "utf-8")

    def table(self) -> str:
        """A line for each module, and one for all."""
        rows = [(path, module.killed, module.total) for path, module in sorted(self.modules.items())]
        rows.append(("all modules", sum(row[1] for row in rows), sum(row[2] for row in rows)))
        return "\n".join(
            f"{path:60} {killed:5} of {total:5}  {killed / max(total, 1):6.1%}"
            for path, killed, total in rows
        )

    def below(self, least: float) -> list[str]:
        """A sentence where fewer than that part of all mutants are killed."""
        killed, total = (
            sum(getattr(module, name) for module in self.modules.values()) for name in ("killed", "total")
        )
        return (
            [f"{killed / total:.1%} of the mutants are killed, fewer than {least:.0%}."]
            if total and killed < least * total
            else []
        )
