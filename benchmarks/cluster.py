"""``python -m benchmarks.cluster``: one, two and three servers behind HAProxy on one Redis, and what a request costs each part.

Everything shares one machine, so requests a second say little about machines of their own; processor time, commands and bytes for a
request carry over."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import psutil  # type: ignore[import-untyped]
import redis

from benchmarks import process, signed, wrk
from benchmarks.peers import scenario_files
from benchmarks.report import machine
from tests.balancer import running_balancer
from tests.redis_server import RedisServer

CONNECTIONS = 32
MOST = 12_000
"""Requests a second that a run is prepared for: each is sent once."""
NO_STORE = 0.0


class Arrangement(NamedTuple):
    """What is measured."""

    name: str
    servers: int
    store: str = "redis"
    callbacks: bool = False
    replicas: int = 0


ARRANGEMENTS = (
    Arrangement("one server, memory, no balancer", 1, "memory"),
    Arrangement("one server", 1),
    Arrangement("two servers", 2),
    Arrangement("three servers", 3),
    Arrangement("one server, a callback each", 1, callbacks=True),
    Arrangement("one server, `replicas=1`", 1, replicas=1),
)


class Figures(NamedTuple):
    """Of one run; processor time in microseconds for a request, bytes for a request."""

    rate: float
    p99: float
    server: float
    balancer: float
    redis: float
    commands: float
    redis_bytes: float
    other_work: float


class Stand:
    """An arrangement that runs."""

    def __init__(self, stack: ExitStack, arrangement: Arrangement, folder: Path) -> None:
        self.arrangement, self._folder = arrangement, folder
        folder.mkdir()
        scenarios = scenario_files(folder / "scenarios")
        self._redis = RedisServer(_new_folder(folder / "redis"), durable=False)
        if arrangement.store == "redis":
            self._redis.start("--repl-diskless-sync-delay", "0")
            stack.callback(self._redis.kill)
        for number in range(arrangement.replicas):
            replica = RedisServer(_new_folder(folder / f"replica-{number}"), durable=False)
            replica.follow(self._redis.port)
            stack.callback(replica.kill)
        self._redis.await_replicas(arrangement.replicas) if arrangement.replicas else None
        store = (
            f"{self._redis.url}?replicas={arrangement.replicas}" if arrangement.store == "redis" else "memory"
        )
        self._receiver = process.free_port()
        stack.enter_context(self._process("benchmarks.receiver", str(self._receiver), port=self._receiver))
        self._servers = [
            stack.enter_context(self._server(store, scenarios)) for _ in range(arrangement.servers)
        ]
        self.port = self._servers[0].port
        self._balancer: int | None = None
        if arrangement.store == "redis":
            self.port, self._balancer = stack.enter_context(
                running_balancer(folder, [server.port for server in self._servers])
            )
        self._requests = self._make()

    def _server(self, store: str, scenarios: Path) -> process.Server:
        port = process.free_port()
        options = [
            "serve",
            "--port",
            str(port),
            "--store",
            store,
            "--scenarios",
            str(scenarios),
            "--no-watch",
        ]
        return self._process("mock_server", *options, "--log-level", "error", port=port)

    def _process(self, module: str, *options: str, port: int) -> process.Server:
        probe = wrk.raw(
            "GET", "/stats" if module != "mock_server" else "/__admin/health", b"", {}, "localhost"
        )
        return process.Server([sys.executable, "-m", module, *options], port, probe)

    def _make(self) -> Iterator[bytes]:
        host = f"127.0.0.1:{self.port}"
        if self.arrangement.callbacks:
            return signed.aml_requests(10**9, host, f"http://127.0.0.1:{self._receiver}/hook", "bench")
        return signed.verify_requests(10**9, host)

    def run(self, seconds: int) -> Figures:
        requests = self._folder / "requests"
        count = MOST * seconds
        wrk.write_requests(requests, islice(self._requests, count))
        first = self._servers[0]
        foreign, own, before = process.Foreign(first), first.cpu(), self._spent()
        result = wrk.run(f"http://127.0.0.1:{self.port}", requests, connections=CONNECTIONS, seconds=seconds)
        spent = [now - then for now, then in zip(self._spent(), before)]
        if result.bad_status or result.errors or result.requests > count:
            raise RuntimeError(f"{self.arrangement.name}: {result}")
        # The first server is not foreign.
        ours = sum(spent[:3]) - (first.cpu() - own)
        others = foreign.share() - ours / seconds / (psutil.cpu_count() or 1)
        server, balancer, store, commands, octets = (each / result.requests for each in spent)
        return Figures(
            result.rate,
            result.p99,
            server * 1e6,
            balancer * 1e6,
            store * 1e6,
            commands,
            octets,
            max(0.0, others),
        )

    def _spent(self) -> tuple[float, ...]:
        """Processor seconds of servers, balancer and Redis; commands and bytes of Redis."""
        servers = sum(server.cpu() for server in self._servers)
        balancer = NO_STORE if self._balancer is None else _cpu(self._balancer)
        if self.arrangement.store != "redis":
            return servers, balancer, NO_STORE, NO_STORE, NO_STORE
        with redis.Redis(port=self._redis.port) as client:
            info = client.info()
        octets = info["total_net_input_bytes"] + info["total_net_output_bytes"]
        return servers, balancer, _cpu(self._redis.process.pid), info["total_commands_processed"], octets


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _new_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    chosen = parser.parse_args()
    figures: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory(prefix="mock-server-cluster-") as name:
        for number, arrangement in enumerate(ARRANGEMENTS):
            with ExitStack() as stack:
                stand = Stand(stack, arrangement, Path(name) / str(number))
                stand.run(1)
                figures[arrangement.name] = [stand.run(chosen.seconds) for _ in range(chosen.rounds)]
    print(
        f"{machine()}; {CONNECTIONS} connections of wrk, medians of {chosen.rounds} runs of {chosen.seconds} s\n"
    )
    print(
        "| | requests/s | p99 ms | servers, µs | balancer, µs | Redis, µs | Redis commands | Redis bytes | other work |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    )
    for name, runs in figures.items():
        middle = Figures(*(statistics.median(values) for values in zip(*runs)))
        row = (
            name, f"{middle.rate:,.0f}", f"{middle.p99:.0f}", f"{middle.server:,.0f}", f"{middle.balancer:.0f}",
            f"{middle.redis:,.0f}", f"{middle.commands:.1f}", f"{middle.redis_bytes:,.0f}", f"{middle.other_work:.0%}",
        )  # fmt: skip
        print(f"| {' | '.join(row)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
