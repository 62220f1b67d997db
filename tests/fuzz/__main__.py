"""``make fuzz``: every machine in turn until the time is up, with new values each time."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
import traceback

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.machines import MACHINES

EXAMPLES = 200


def _round(name: str, number: int, counts: dict[str, int]) -> None:
    check, strategies = MACHINES[name]

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(st.tuples(*strategies))
    def run(values: tuple[object, ...]) -> None:
        counts[name] += 1
        check(*values)

    run()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    began, number, failures = time.monotonic(), chosen.seed, 0
    counts = dict.fromkeys(MACHINES, 0)
    memory = 0
    while time.monotonic() - began < chosen.minutes * 60:
        for name in MACHINES:
            number += 1
            try:
                _round(name, number, counts)
            except Exception:  # reported, and the next machine has its turn
                failures += 1
                print(f"{name}, seed {number}:")
                traceback.print_exc()
        memory = memory or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    minutes = (time.monotonic() - began) / 60
    print(
        f"{time.strftime('%Y-%m-%d')}, commit {commit.stdout.strip()}, {minutes:.1f} minutes, seed {chosen.seed}: {failures} failures"
    )
    print(f"memory after the first round: {grown:+.1f} MB")
    for name, count in counts.items():
        print(f"| {name} | {count:,} |")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
