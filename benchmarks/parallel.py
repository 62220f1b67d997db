"""``python -m benchmarks.parallel``: 200 tests of an application against one external server, by number of workers.

The tests are the four of ``examples/python``, 50 times each: every one with an account of its own, a quarter of
them with a receiver and a signed callback. pytest loads xdist and our plugin, as where nothing else is
installed. As a pytest plugin this module repeats them."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.report import machine
from mock_server import testing

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "examples" / "python"
ONLY_THESE_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
REPETITIONS, WORKERS, ROUNDS = 50, (0, 2, 4), 2


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test takes a number, so that each has an account of its own."""
    metafunc.fixturenames.append("repetition")
    metafunc.parametrize("repetition", range(REPETITIONS))


def seconds(url: str, workers: int) -> float:
    """What one run takes, from the start of pytest to its end. Raises ``RuntimeError`` unless all 200 pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    plugins = [part for name in ("xdist", "mock_server", "benchmarks.parallel") for part in ("-p", name)]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, *plugins, "-n", str(workers), "test_onboarding.py"],
        cwd=FOLDER,
        env={**os.environ, **ONLY_THESE_PLUGINS, "MOCK_SERVER_URL": url, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    taken = time.perf_counter() - started
    if not re.search(rf"^{4 * REPETITIONS} passed", done.stdout, re.MULTILINE):
        raise RuntimeError(done.stdout + done.stderr)
    return taken


def processor_seconds() -> float:
    """Of all processes that this one has started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    print(f"{4 * REPETITIONS} tests, one external server; {machine()}\n")
    print(
        "| workers (`-n`) | best, s | worst, s | processor seconds of a run, server included |\n|---:|---:|---:|---:|"
    )
    for workers in WORKERS:
        before = processor_seconds()
        with testing.start() as server:
            times = [seconds(server.url, workers) for _ in range(ROUNDS)]
        used = (processor_seconds() - before) / ROUNDS
        print(f"| {workers or 'none'} | {min(times):.1f} | {max(times):.1f} | {used:.1f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
