"""How many callbacks a second leave this server: a heap that falls due at once, and beside a load of
requests; and their memory."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import peers, process, signed, wrk

OUT = Path(__file__).resolve().parent / "out"
HEAP = 10_000
MANY = 100_000
SECONDS = 5
Start = Callable[[int, bytes], process.Server]


def measure(start: Start, say: Callable[[str], None], many: int = MANY) -> dict[str, float]:
    """``alone``: deliveries per second of a heap of `HEAP`; ``beside`` and ``requests``: both rates while
    requests with a callback each come over 16 connections; ``growth requests``: how many came in the end,
    ``many`` or more; ``alone MiB``, ``beside MiB``, ``growth MiB``: what the memory grew by in each, once all
    had been delivered."""
    rates: dict[str, float] = {}
    for name, act in (("alone", _alone), ("beside", _beside), ("growth", _growth)):
        say(f"deliveries {name}")
        port, receiver_port = process.free_port(), process.free_port()
        stats = wrk.raw("GET", "/stats", b"", {}, f"127.0.0.1:{receiver_port}")
        receiver = process.Server(
            [sys.executable, "-m", "benchmarks.receiver", str(receiver_port)], receiver_port, stats
        )
        with receiver, start(port, next(_requests(port, receiver_port, 1, "first"))) as server:
            _wait(receiver_port, 1)
            time.sleep(1)  # until Flask has been imported in the background
            idle = server.memory()
            rates |= act(server, receiver_port, many)
            rates[f"{name} MiB"] = (server.memory() - idle) / 2**20
    say(f"deliveries: {rates}")
    return rates


def _alone(server: process.Server, receiver_port: int, many: int) -> dict[str, float]:
    """Requests whose callbacks are an hour away, and then that hour passes."""
    file = OUT / "requests-callbacks"
    wrk.write_requests(file, _requests(server.port, receiver_port, 25_000 * SECONDS, "later"))
    before = _stats(receiver_port)["count"]
    waiting = 0
    while waiting < min(HEAP, many):
        waiting += wrk.run(server.url, file, connections=16, seconds=SECONDS).requests
    if _stats(receiver_port)["count"] > before:
        raise RuntimeError("callbacks came before their time")
    began = time.monotonic()
    _admin(server.port, "PUT", "clock", {"offset": "2h"})
    stats = _wait(receiver_port, before + waiting)
    return {"alone": (stats["count"] - before) / (stats["last"] - began), "heap": waiting}


def _beside(server: process.Server, receiver_port: int, many: int) -> dict[str, float]:
    file = OUT / "requests-callbacks"
    wrk.write_requests(file, _requests(server.port, receiver_port, 25_000 * SECONDS, "now"))
    before = _stats(receiver_port)["count"]
    result = wrk.run(server.url, file, connections=16, seconds=SECONDS)
    delivered = _stats(receiver_port)["count"] - before
    _wait(receiver_port, result.requests)
    return {"beside": delivered / SECONDS, "requests": result.rate}


def _growth(server: process.Server, receiver_port: int, many: int) -> dict[str, float]:
    file = OUT / "requests-callbacks"
    source = _requests(server.port, receiver_port, 100 * many, "now")
    done = 0
    while done < many:
        wrk.write_requests(file, islice(source, 25_000 * 2))
        done += wrk.run(server.url, file, connections=16, seconds=2).requests
    _wait(receiver_port, done)
    return {"growth requests": done}


def _requests(port: int, receiver_port: int, count: int, prefix: str) -> Iterator[bytes]:
    return signed.aml_requests(
        count, f"127.0.0.1:{port}", f"http://127.0.0.1:{receiver_port}/callback", prefix
    )


def _stats(port: int) -> dict[str, Any]:
    answer = process.ask(port, wrk.raw("GET", "/stats", b"", {}, f"127.0.0.1:{port}"))
    stats: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return stats


def _wait(port: int, count: int, patience: float = 60) -> dict[str, Any]:
    """Until so many callbacks have come, or none came for three seconds."""
    started = time.monotonic()
    while (stats := _stats(port))["count"] < count and time.monotonic() - started < patience:
        if time.monotonic() - max(stats["last"], started) > 3:
            break
        time.sleep(0.02)
    return stats


def _admin(port: int, method: str, path: str, body: Any = None) -> Any:
    request = wrk.raw(
        method,
        f"/__admin/{path}",
        json.dumps(body).encode() if body is not None else b"",
        peers.JSON,
        f"127.0.0.1:{port}",
    )
    answer = process.ask(port, request, 30)
    if not answer.startswith(b"HTTP/1.1 2"):
        raise RuntimeError(answer.decode(errors="replace"))
    return json.loads(answer.partition(b"\r\n\r\n")[2] or b"null")
