"""Measures the candidates for the production server, interleaved, and prints the table of docs/server.md.

``python -m benchmarks.servers [--rounds 3] [--seconds 3]``. Wants wrk and the candidates' packages.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import process, wrk
from benchmarks.candidates import CANDIDATES


def forms(count: int, host: str) -> list[bytes]:
    """POSTs of a 500-byte form, each with its own nonce."""
    draw = random.Random(1)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "bench/1", "Accept": "*/*"}
    requests = []
    for number in range(count):
        fields = {
            "key": "MockKey0NotReal1",
            "nonce": f"{number:08d}{draw.getrandbits(64):016x}",
            "timestamp": "2026-01-01T00:00:00Z",
        }
        fields |= {
            "data": f'{{"details":{{"name":{{"given":"Ada","family":"Marlowe{number}"}}}},"reference":"{draw.getrandbits(128):032x}"}}'
        }
        fields |= {"signature": f"{draw.getrandbits(256):064x}", "padding": "p" * 120}
        requests.append(wrk.raw("POST", "/verify/", urlencode(fields).encode(), headers, host))
    return requests


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=int, default=3)
    arguments.add_argument("--only", nargs="*", help="parts of names")
    options = arguments.parse_args()
    names = [name for name in CANDIDATES if not options.only or any(part in name for part in options.only)]
    results: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    with tempfile.TemporaryDirectory() as folder:
        port = process.free_port()
        requests = Path(folder, "requests")
        wrk.write_requests(requests, forms(50_000, f"127.0.0.1:{port}"))
        probe = forms(1, f"127.0.0.1:{port}")[0]
        for _ in range(options.rounds):
            for name in names:
                note = results[name].setdefault
                with process.Server(
                    [sys.executable, "-m", "benchmarks.candidates", name, str(port)], port, probe
                ) as server:
                    note("start", []).append(server.first_answer)
                    note("idle", []).append(server.memory())
                    for connections in (16, 64):
                        result = wrk.run(
                            server.url, requests, connections=connections, seconds=options.seconds
                        )
                        note(f"rate {connections}", []).append(result.rate)
                        note(f"p99 {connections}", []).append(result.p99)
                        if result.errors or result.bad_status:
                            print(f"{name}: {result}", file=sys.stderr)
                print(name, {key: values[-1] for key, values in results[name].items()}, file=sys.stderr)
    print(
        "| server | requests/s, 16 | 64 | p99 ms, 16 | 64 | first answer, s | idle, MiB |\n|---|---|---|---|---|---|---|"
    )
    middle = statistics.median
    for name in sorted(names, key=lambda name: -middle(results[name]["rate 16"])):
        row = {key: middle(values) for key, values in results[name].items()}
        print(
            f"| {name} | {row['rate 16']:,.0f} | {row['rate 64']:,.0f} | {row['p99 16']:.1f} | {row['p99 64']:.1f}"
            f" | {row['start']:.2f} | {row['idle'] / 2**20:.0f} |"
        )


if __name__ == "__main__":
    main()
