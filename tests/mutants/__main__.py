"""``make mutants``: change the code in every small way, one change at a time, and check that a test fails.

Without options: all modules of ``modules.yaml`` and all rows of ``hand_made.yaml``. Fails where a mutant
survives that ``survivors.yaml`` does not list, or where fewer than 97 % are killed."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import yaml

from tests.mutants import hand_made
from tests.mutants.report import Module, Report, digest, fingerprint, modules, reasons
from tests.mutants.workspace import Survivor, test_module

LEAST = 0.97


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = _options(arguments)
    report = Report.load()
    paths = [
        path for path in modules() if not options.modules or any(part in path for part in options.modules)
    ]
    if not paths:
        print(f"No module of modules.yaml matches {' or '.join(options.modules)}.")
        return 2
    problems = [] if options.modules else _test_hand_made(report, every=not options.changed)
    if options.changed:
        paths = [path for path in paths if not report.is_current(path)]
    for number, path in enumerate(paths, 1):
        print(f"[{number}/{len(paths)}] {path} … ", end="", flush=True)
        problems += _test(report, path, options)
        report.save()
    print(report.table())
    problems += report.below(LEAST)
    print("\n".join(problems) if problems else "Every survivor has a reason in survivors.yaml.")
    return int(bool(problems))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", nargs="*", help="test only modules whose path contains one of these texts")
    parser.add_argument(
        "--changed", action="store_true", help="test only what has changed since report.json was written"
    )
    parser.add_argument(
        "--survivors", action="store_true", help="test what has changed, and the survivors again"
    )
    return parser.parse_args(arguments)


def _test(report: Report, path: str, options: argparse.Namespace) -> list[str]:
    """Test a module and enter its figures into the report; what has to be done about its survivors."""
    started = time.monotonic()
    partly = options.changed or options.survivors
    known = report.modules[path].functions if partly and path in report.modules else {}
    functions, survivors, tested = test_module(path, modules()[path], known, again=options.survivors)
    problems = _judge(path, survivors)
    module = report.modules[path] = Module(fingerprint(path), len(problems), functions)
    seconds = time.monotonic() - started
    print(f"{module.killed} of {module.total} killed ({tested} tested in {seconds:.0f} s)", flush=True)
    return problems


def _judge(path: str, survivors: Sequence[Survivor]) -> list[str]:
    """Rows that ``survivors.yaml`` lacks, and rows of mutants that are killed or no longer exist."""
    rows = reasons(path)
    lacking = [survivor for survivor in survivors if not any(row.explains(survivor) for row in rows)]
    unused = [
        row for row in rows if row.function and not any(row.explains(survivor) for survivor in survivors)
    ]
    return [
        *(_row(path, survivor) for survivor in lacking),
        *(f"Remove from survivors.yaml, it does not survive: {row.function}: {row.mutant}" for row in unused),
    ]


def _row(path: str, survivor: Survivor) -> str:
    """The row that ``survivors.yaml`` lacks."""
    row = {"in": path, **survivor._asdict(), "because": ""}
    text: str = yaml.safe_dump([row], allow_unicode=True, sort_keys=False, width=200)
    return text.rstrip()


def _test_hand_made(report: Report, *, every: bool) -> list[str]:
    """Test the mutants made by hand; those that survive."""
    chosen = [
        mutant
        for mutant in hand_made.mutants()
        if every or report.hand_made.get(mutant.name) != digest(mutant.file)
    ]
    if not chosen:
        return []
    print(f"{len(chosen)} mutants made by hand … ", end="", flush=True)
    survivors = hand_made.survivors(chosen)
    print(f"{len(chosen) - len(survivors)} killed", flush=True)
    report.hand_made = {
        mutant.name: digest(mutant.file) for mutant in hand_made.mutants() if mutant not in survivors
    }
    report.save()
    return [
        f"No test fails with the mutant made by hand: {mutant.name} ({mutant.file})" for mutant in survivors
    ]


if __name__ == "__main__":
    sys.exit(main())
