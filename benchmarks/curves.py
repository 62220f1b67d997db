"""``python -m benchmarks.curves``: what a request costs as scenarios, accounts, bodies, pending callbacks and used nonces grow.

Writes docs/curves.json, from which ``make docs`` draws docs/scale-curves.svg. Counts processor time, of this process and of Redis, since
other work disturbs it least. Each value is the fastest quarter of its batches."""

from __future__ import annotations

import argparse
import base64
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import redis

from benchmarks import signed
from benchmarks.peers import scenario_files
from benchmarks.quick import request
from benchmarks.report import machine
from mock_server.core import config
from mock_server.core.http import Arrival, Request
from mock_server.core.records import Message, UsedValue
from mock_server.store.base import DeliveryFilter, Transaction
from mock_server.web.service import Service
from tests.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[1]
STORES = ("memory", "SQLite", "Redis")
BATCHES, BATCH = 12, 25
Points = dict[str, float]
"""What there is many of, as text → microseconds."""
Curves = dict[str, Points]
FAR = 10 * 365 * 86_400.0


class Bench:
    """A service on one of the stores, and what it spends."""

    def __init__(self, stack: ExitStack, kind: str, scenarios: int = 10, **options: Any) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mock-server-curves-")))
        url, self._port = "memory", 0
        if kind == "SQLite":
            url = f"sqlite:{folder / 'store.db'}"
        if kind == "Redis":
            server = RedisServer(folder, durable=False)
            server.start()
            stack.callback(server.kill)
            url, self._port = server.url, server.port
        files = scenario_files(folder / "scenarios", scenarios)
        chosen = {"store": url, "scenarios": (str(files),), "watch": False, "log_level": "error", **options}
        self.service = Service(config.build(chosen))
        stack.callback(self.service.stop)
        self.store = self.service.store

    def answer(self, one: Request) -> None:
        """As an adapter does. Raises ``RuntimeError`` where the request is refused."""
        response = self.service.handle(Arrival(one, self.service.resolve(one.method, one.path)))
        if response.status != 200 or b'"error"' in response.body[:40]:
            raise RuntimeError(response.body[:200])

    def cost(self, act: Callable[[], object], batch: int = BATCH) -> float:
        """Microseconds of one call."""
        act()
        costs = []
        for _ in range(BATCHES):
            before = self._spent()
            for _ in range(batch):
                act()
            costs.append((self._spent() - before) / batch * 1e6)
        return round(sorted(costs)[BATCHES // 4], 1)

    def requests(self, source: Iterator[Request], batch: int = BATCH) -> float:
        """Microseconds of one request; they are made beforehand."""
        ready = iter([next(source) for _ in range(BATCHES * batch + 1)])
        return self.cost(lambda: self.answer(next(ready)), batch)

    def _spent(self) -> float:
        spent = time.process_time()
        if self._port:
            with redis.Redis(port=self._port) as client:
                used = client.info("cpu")
            spent += used["used_cpu_user"] + used["used_cpu_sys"]
        return spent


def verifications() -> Iterator[Request]:
    draw = random.Random(time.time_ns())
    for number in count():
        yield request("POST", "/verify/", signed.FORM_HEADERS, signed.verify_form(number, draw))


def checks(accounts: int = 0, callback: str = "", proof: str = "") -> Iterator[Request]:
    """Of that many accounts in turn (0: the default one)."""
    draw = random.Random(time.time_ns())
    for number in count():
        headers = dict(signed.AML_HEADERS)
        if accounts:
            name = f"test-{draw.randrange(accounts)}"
            headers["Authorization"] = f"Basic {base64.b64encode(f'{name}:{name}-secret'.encode()).decode()}"
        body = signed.aml_body(number, draw, callback)
        if proof:
            body = json.dumps(
                {**json.loads(body), "document": {"proof": proof, "supported_types": ["passport"]}}
            ).encode()
        yield request("POST", "/", headers, body)


def scenarios(most: int) -> Iterator[tuple[str, Points]]:
    """The last scenario answers."""
    points = {}
    for number in _steps(10, min(most, 10_000)):
        with ExitStack() as stack:
            points[str(number)] = Bench(stack, "memory", number).requests(verifications())
    yield "memory", points


def accounts(most: int) -> Iterator[tuple[str, Points]]:
    for kind in STORES:
        points = {}
        with ExitStack() as stack:
            bench = Bench(stack, kind)
            known = 0
            for number in _steps(1, min(most, 10_000)):
                for each in range(known, number):
                    transaction = Transaction(f"test-{each}")
                    transaction.counters.append(("known", 1.0))
                    bench.store.commit(transaction)
                known = number
                points[str(number)] = bench.requests(checks(number))
        yield kind, points


def bodies(most: int) -> Iterator[tuple[str, Points]]:
    """Bytes of a picture in the request. Beyond 1 MiB the journal stores the beginning."""
    for kind in STORES:
        points = {}
        with ExitStack() as stack:
            bench = Bench(stack, kind)
            for size in (500, 5000, 50_000, 500_000, 5_000_000):
                if size > most * 500:
                    break
                picture = base64.b64encode(
                    b"\xff\xd8\xff\xe0" + random.Random(size).randbytes(size * 3 // 4)
                ).decode()
                proof = "data:image/jpeg;base64," + picture[:-4] if size > 500 else ""
                points[str(size)] = bench.requests(checks(proof=proof), 2 if size > 50_000 else BATCH)
        yield kind, points


def pending(most: int) -> Iterator[tuple[str, Points]]:
    """Callbacks that one account waits for: a request with a callback, a page of the list, a look for what is due."""
    for kind in STORES:
        curves: Curves = {"request": {}, "list": {}, "look": {}}
        with ExitStack() as stack:
            bench, known = Bench(stack, kind), 0
            hook = "http://127.0.0.1:9/hook"
            for number in (0, *_steps(100, most)):
                _schedule(bench, known, number)
                known = number
                curves["request"][str(number)] = bench.requests(checks(callback=hook))
                page = DeliveryFilter(event="verification.accepted")
                curves["list"][str(number)] = bench.cost(
                    partial(bench.store.deliveries, "default", page, 100), 3
                )
                curves["look"][str(number)] = bench.cost(partial(bench.store.lease_due, 0.0, 1.0))
        yield from ((f"{kind}, {name}", points) for name, points in curves.items())


def _schedule(bench: Bench, first: int, last: int) -> None:
    due = time.time() + FAR
    body = signed.aml_body(1, random.Random(1)) * 2
    for start in range(first, last, 500):
        bench.store.schedule(
            [
                Message(
                    f"waiting-{number}", "default", provider="shuftipro", event="verification.accepted",
                    reference=f"ref-{number}", url="http://127.0.0.1:9/hook", body=body, headers=(), due=due, created=due,
                )
                for number in range(start, min(last, start + 500))
            ]
        )  # fmt: skip


def nonces(most: int) -> Iterator[tuple[str, Points]]:
    for kind in STORES:
        points = {}
        with ExitStack() as stack:
            bench, known = Bench(stack, kind), 0
            for number in (0, *_steps(1000, most * 10)):
                for start in range(known, number, 1000):
                    transaction = Transaction("default")
                    for each in range(start, start + 1000):
                        transaction.used_values.append(
                            UsedValue(
                                "nonce", f"used-{each:08d}-0123456789abcdef", time.time(), float("inf"), "r-1"
                            )
                        )
                    bench.store.commit(transaction)
                known = number
                points[str(number)] = bench.requests(verifications())
        yield kind, points


def _steps(first: int, last: int) -> list[int]:
    """Powers of ten."""
    steps = [first]
    while steps[-1] * 10 <= last:
        steps.append(steps[-1] * 10)
    return steps


MEASURED: dict[str, Callable[[int], Iterator[tuple[str, Points]]]] = {
    "scenarios": scenarios,
    "accounts": accounts,
    "bytes of the body": bodies,
    "pending callbacks": pending,
    "used nonces": nonces,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--most", type=int, default=100_000, help="pending callbacks; ten times as many nonces"
    )
    parser.add_argument("--only", nargs="*", default=[], help="what grows")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/curves.json")
    chosen = parser.parse_args()
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    curves: dict[str, Curves] = {}
    for what, measure in MEASURED.items():
        if not chosen.only or what in chosen.only:
            curves[what] = {}
            for name, points in measure(chosen.most):
                curves[what][name] = points
                print(what, name, points, flush=True)
    document = {"machine": machine(), "date": time.strftime("%-d %B %Y"), "commit": commit, "curves": curves}
    chosen.out.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
