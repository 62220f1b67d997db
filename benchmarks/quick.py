"""``python -m benchmarks.quick``: guards against regressions in under two minutes, by ratio to a calibration
loop on the same machine.

Each step is measured in small batches whose fastest tenth counts, which other work on the machine disturbs
least. The calibration is the stand-in of `benchmarks.candidates` for the real work: a form parsed, an HMAC, a
nonce, a journal entry, an answer in JSON."""

from __future__ import annotations

import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks import diagnosis, peers, process, signed, wrk
from benchmarks.candidates import Work
from mock_server.core import config
from mock_server.core.http import Arrival, Request, Response
from mock_server.web.service import Service

BATCH, BATCHES = 200, 60
ROOT = Path(__file__).resolve().parents[1]


class Guard(NamedTuple):
    """A figure and its limit."""

    name: str
    value: float
    limit: float
    unit: str

    def __str__(self) -> str:
        word = "ok" if self.value <= self.limit else "TOO MUCH"
        return f"{self.name:<58} {self.value:8.2f} {self.unit:<22} (limit {self.limit:g})  {word}"


def fastest_tenths(*pairs: tuple[Callable[[Request], Response], Iterator[Request]]) -> list[float]:
    """Microseconds for one request of each, their batches taken in turn."""
    times: list[list[float]] = [[] for _ in pairs]
    for _ in range(BATCHES):
        for (act, requests), costs in zip(pairs, times):
            batch = [next(requests) for _ in range(BATCH)]
            started = time.perf_counter()
            for each in batch:
                act(each)
            costs.append((time.perf_counter() - started) / BATCH * 1e6)
    return [sorted(costs)[BATCHES // 10] for costs in times]


def request(method: str, path: str, headers: dict[str, str], body: bytes) -> Request:
    fields = {name.lower(): value for name, value in headers.items()}
    return Request(
        method, path, "", {"host": "127.0.0.1:8484", **fields, "content-length": str(len(body))}, body
    )


def verifications() -> Iterator[Request]:
    draw = random.Random(1)
    for number in range(10_000_000):
        yield request("POST", "/verify/", signed.FORM_HEADERS, signed.verify_form(number, draw))


def checks() -> Iterator[Request]:
    draw = random.Random(2)
    for number in range(10_000_000):
        yield request("POST", "/", signed.AML_HEADERS, signed.aml_body(number, draw))


def service(folder: Path, scenarios: int) -> Service:
    files = peers.scenario_files(folder / str(scenarios), scenarios)
    return Service(config.build({"watch": False, "log_level": "error", "scenarios": (str(files),)}))


def answer_with(service: Service) -> Callable[[Request], Response]:
    """Resolve and answer, as an adapter does."""

    def answer(request: Request) -> Response:
        return service.handle(Arrival(request, service.resolve(request.method, request.path)))

    return answer


def steps(folder: Path) -> list[Guard]:
    """The cost of a request without a socket, as multiples of the calibration."""
    hundred, thousands = service(folder, 100), service(folder, 10_000)
    if b'"verificationSuccess":true' not in answer_with(hundred)(next(verifications())).body:
        raise RuntimeError("the benchmark's requests are refused")
    calibration, verify, many, aml = fastest_tenths(
        (Work().handle, verifications()),
        (answer_with(service(folder, 100)), verifications()),
        (answer_with(thousands), verifications()),
        (answer_with(hundred), checks()),
    )
    return [
        Guard("calibration, for comparison", calibration, float("inf"), "µs"),
        Guard("signed /verify/, 100 scenarios", verify / calibration, 3.1, "× calibration"),
        Guard("the same with 10,000 scenarios", many / verify, 1.3, "× with 100"),
        Guard("Shufti Pro background check, signed answer", aml / calibration, 2.9, "× calibration"),
    ]


def explained() -> list[Guard]:
    """The cost of finding the mistake in a wrong signature of a large body."""
    figures = diagnosis.measured()
    return [
        Guard("mistake in a signature of 100 kB, median", figures.median, 50, "ms of the processor"),
        Guard("mistake in a signature of 100 kB, slowest", figures.slowest, 50, "ms of the processor"),
    ]


def over_the_socket(folder: Path) -> list[Guard]:
    """Start, memory and the latency of a lone client, against a server process."""
    port = process.free_port()
    host = f"127.0.0.1:{port}"
    source = signed.verify_requests(100_000, host)
    files = peers.scenario_files(folder / "100", 100)
    command = [
        sys.executable,
        "-m",
        "mock_server",
        "serve",
        "--port",
        str(port),
        "--scenarios",
        str(files),
        "--log-level",
        "warning",
    ]
    starts, guards = [], []
    for _ in range(5):
        with process.Server(command, port, next(source), folder=ROOT) as server:
            starts.append(server.first_answer)
    bare = min(_spawn([sys.executable, "-c", "import asyncio, json"]) for _ in range(5))
    guards.append(Guard("process start to first answer", min(starts) / bare, 9.0, "× python -c import"))
    with process.Server(command, port, next(source), folder=ROOT) as server:
        time.sleep(1)
        guards.append(Guard("resident when idle, Flask loaded", server.memory() / 2**20, 70, "MiB"))
        echo = fastest_round_trip(socket.create_connection(("127.0.0.1", port)), source)
        guards.append(Guard("round trip of a lone client", echo, 1500, "µs"))
        if wrk.available():
            guards.append(_grown(server, source, folder))
    return guards


def _grown(server: process.Server, source: Iterator[bytes], folder: Path) -> Guard:
    wrk.write_requests(folder / "requests", peers.take(source, 60_000))
    idle = server.memory()
    result = wrk.run(server.url, folder / "requests", connections=16, seconds=5)
    grown = (server.memory() - idle) / 2**20
    return Guard(f"grown after {result.requests:,} requests", grown, 25, "MiB")


def _spawn(command: list[str]) -> float:
    import subprocess

    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def fastest_round_trip(connection: socket.socket, source: Iterator[bytes]) -> float:
    """Microseconds; the fastest tenth of 500."""
    times = []
    with connection:
        for _ in range(500):
            message = next(source)
            started = time.perf_counter()
            connection.sendall(message)
            connection.recv(65536)
            times.append(time.perf_counter() - started)
    return sorted(times)[50] * 1e6


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        guards = steps(Path(folder)) + explained() + over_the_socket(Path(folder))
    for guard in guards:
        print(guard)
    return 1 if any(guard.value > guard.limit for guard in guards) else 0


if __name__ == "__main__":
    sys.exit(main())
