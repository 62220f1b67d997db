"""``make mutants``: change the code in every small way, one change at a time, and see whether a test fails.

Without options all modules of ``modules.yaml`` are tested. ``--changed``: the functions that ``report.json``
does not know as they are now. Names of modules: only those. Fails where a mutant survives that
``survivors.yaml`` does not list, or where too many do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

import yaml

from tests.mutants import hand_made
from tests.mutants.report import Module, Report, digest, listed, modules
from tests.mutants.workspace import Survivor, run

LEAST = 0.97


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(
        prog="make mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", nargs="*", help="parts of module paths")
    parser.add_argument(
        "--changed", action="store_true", help="test only what has changed since report.json was written"
    )
    parser.add_argument("--again", action="store_true", help="as --changed, and test the survivors again")
    given = parser.parse_args(arguments)
    report = Report.load()
    problems = _hand_made(report, given.changed or given.again) if not given.modules else []
    for path in _selected(given.modules):
        if given.changed and path in report.modules and report.modules[path].digest == digest(path):
            continue
        problems += _test(report, path, given)
        report.save()
    print(report.table())
    problems += report.below(LEAST)
    print("\n".join(problems) if problems else "No survivor without a reason.")
    return int(bool(problems))


def _selected(parts: Sequence[str]) -> list[str]:
    return [path for path in modules() if not parts or any(part in path for part in parts)]


def _test(report: Report, path: str, given: argparse.Namespace) -> list[str]:
    """Test a module, put its figures into the report, and name the survivors without a reason."""
    print(f"{path} …", end=" ", flush=True)
    before = report.modules.get(path)
    known = before.functions if before is not None and (given.changed or given.again) else {}
    functions, survivors = run(path, modules()[path], known, again=given.again)
    found = report.modules[path] = Module(digest(path), functions)
    print(f"{found.killed} of {found.total} killed", flush=True)
    return [_unlisted(path, survivor) for survivor in _without_reason(survivors, listed(path))]


def _without_reason(survivors: Sequence[Survivor], reasons: Mapping[Survivor, str]) -> list[Survivor]:
    return [survivor for survivor in survivors if not reasons.get(survivor)]


def _unlisted(path: str, survivor: Survivor) -> str:
    """The row that ``survivors.yaml`` lacks."""
    row = {
        "in": path,
        "function": survivor.function,
        "original": survivor.original,
        "mutant": survivor.mutant,
        "because": "",
    }
    text: str = yaml.safe_dump([row], allow_unicode=True, sort_keys=False, width=200)
    return text.rstrip()


def _hand_made(report: Report, only_changed: bool) -> list[str]:
    """Test the mutants made by hand; those that no test notices."""
    chosen = [
        mutant
        for mutant in hand_made.mutants()
        if not only_changed or report.hand_made.get(mutant.file) != digest(mutant.file)
    ]
    survivors = hand_made.survivors(chosen)
    print(f"made by hand: {len(chosen) - len(survivors)} of {len(chosen)} killed", flush=True)
    alive = {mutant.file for mutant in survivors}
    report.hand_made.update(
        {mutant.file: digest(mutant.file) for mutant in chosen if mutant.file not in alive}
    )
    report.save()
    return [f"No test notices the mutant made by hand: {mutant.name} ({mutant.file})" for mutant in survivors]

    sys.exit(main())
