"""Three servers behind a balancer on one Redis that sentinels watch: ``python -m tests.live.cluster``.

Under load one server is killed; then the replicas are cut off and the primary is killed. What was acknowledged is there
afterwards, no nonce passes twice, and no callback is missing, as docs/stores.md says of ``replicas=1``."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tests.balancer import running_balancer
from tests.live.killing import CLIENTS, PATIENCE, Report, Target, ask, load, look
from tests.receivers import Receiver
from tests.redis_server import Sentinels

SERVERS = 3
STEP = 30
"""Acknowledgements between two disasters."""


class Balanced:
    """What the clients of `killing` ask; some answers are the balancer's own, or those of a server without a store."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.refused = 0
        """Requests that a server could not store."""

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any] | None:
        answer = ask(self._port, method, path, body, headers)
        if answer is None or answer[0] != 500:
            return answer
        self.refused += 1
        return None


class Outcome(NamedTuple):
    """Of one run."""

    report: Report
    seconds: float
    """From the death of the primary until a request was acknowledged again."""
    codes: list[int]
    """With which the servers that were asked to stop have ended."""


def run(folder: Path, options: str) -> Outcome:
    """``options``: of the store, such as ``?replicas=1``."""
    report, over = Report(), threading.Event()
    scenarios = folder / "scenarios"
    scenarios.mkdir()
    with contextlib.ExitStack() as stack:
        sentinels = Sentinels(folder)
        stack.callback(sentinels.stop)
        sentinels.start()
        receiver = stack.enter_context(Receiver())
        store = sentinels.url + options
        with ThreadPoolExecutor(SERVERS) as pool:
            servers = list(pool.map(partial(Target.of, store), [scenarios] * SERVERS))
        for server in servers:
            stack.callback(server.stop)
        port, _ = stack.enter_context(running_balancer(folder, [server.port for server in servers]))
        balanced = Balanced(port)
        clients = [
            threading.Thread(target=load, args=(balanced, receiver.url, number, over, report))
            for number in range(CLIENTS)
        ]
        stack.callback(over.set)
        for client in clients:
            client.start()
        _await_more(report, STEP)
        servers[0].stop()
        _await_more(report, STEP)
        # What the primary writes now it takes with it; so it may not be acknowledged.
        primary = sentinels.primary()
        sentinels.cut_off(primary)
        alone, refused = report.acknowledged, balanced.refused
        _await(lambda: balanced.refused > refused + 4 or report.acknowledged > alone + 9, report)
        primary.kill()
        died = time.monotonic()
        sentinels.await_another(primary)
        _await_more(report, 1)
        seconds = time.monotonic() - died
        _await_more(report, STEP)
        over.set()
        for client in clients:
            client.join(PATIENCE)
        codes = [server.end() for server in servers[1:]]
        report.kills = 2
        look(store, scenarios, receiver, report)
    return Outcome(report, seconds, codes)


def _await_more(report: Report, count: int) -> None:
    """Until so many more requests have been acknowledged."""
    goal = report.acknowledged + count
    _await(lambda: report.acknowledged >= goal, report)


def _await(condition: Callable[[], bool], report: Report) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, (report.acknowledged, report.problems[:5])
        time.sleep(0.01)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--options", default="?replicas=1", help="of the store")
    chosen = parser.parse_args()
    problems = 0
    print(
        "| acknowledged | seconds until acknowledged again | callbacks | sent again | problems |\n|---:|---:|---:|---:|---:|"
    )
    for _ in range(chosen.runs):
        with tempfile.TemporaryDirectory() as name:
            report, seconds, _ = run(Path(name), chosen.options)
        callbacks = sum(report.sent.values())
        row = (report.acknowledged, f"{seconds:.1f}", callbacks, report.repeated, len(report.problems))
        print(f"| {' | '.join(map(str, row))} |", flush=True)
        for problem in report.problems[:20]:
            print(f"  {problem}", flush=True)
        problems += len(report.problems)
    return int(problems > 0)


if __name__ == "__main__":
    sys.exit(main())
