"""``python -m benchmarks.full``: this server beside every peer that can be installed; writes
docs/performance.md and its plot.

Installs what it needs below benchmarks/out/ (npm, PyPI and Debian packages by name), then measures in
interleaved pairs: each round starts every server afresh, and this one right before each of the others. All
traffic stays on 127.0.0.1, every load is bounded in time."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import deliveries, peers, process, report, signed, wrk
from benchmarks.peers import CannotInstall, Peer

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "benchmarks" / "out"
MOST = 50_000
"""Requests per second a server is prepared for: so many different ones are made, for one that takes each only
once."""
MANY = 100_000
PATIENCE = 6
"""Seconds that other work on the machine is waited for, each time."""
QUIET = 0.05
"""Share of the machine that other work may take during a run."""

Figures = dict[str, list[float]]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def folder_of(peer: Peer) -> Path:
    folder = OUT / peer.name.split(",")[0].lower().replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def start(peer: Peer, port: int, probe: bytes) -> process.Server:
    """A new process that has answered the probe."""
    folder = folder_of(peer)
    process.wait_quiet(QUIET, PATIENCE)
    peer.set_up(folder, port)
    with (OUT / "server.log").open("wb") as out:
        return process.Server(
            peer.command(port, folder), port, probe, environment=peer.environment, folder=folder, log=out
        )


class Ammunition:
    """Requests in files, made once where they may be sent again and for each load where not."""

    def __init__(self, peer: Peer, host: str) -> None:
        self._peer, self._host = peer, host
        self._source: Iterator[bytes] = iter(())
        self._file = OUT / f"requests-{peer.name.split(',')[0].lower().replace(' ', '-')}"
        self._made = False

    def renew(self) -> None:
        """A new server, which has seen none of the requests."""
        self._source = self._peer.requests(100_000_000, self._host)

    def one(self) -> bytes:
        return next(self._source)

    def load(self, seconds: float) -> Path:
        if self._peer.single_use:
            wrk.write_requests(self._file, peers.take(self._source, int(MOST * seconds)))
        elif not self._made:
            wrk.write_requests(self._file, peers.take(self._source, 50_000))
            self._made = True
        return self._file


def quiet_run(
    server: process.Server, ammunition: Ammunition, connections: int, seconds: int, tries: int
) -> tuple[wrk.Result, float, float]:
    """A run in which other processes take at most `QUIET` of the machine, the server's processor time for a
    request in microseconds, and what other processes took; the quietest of so many tries, else."""
    best: tuple[wrk.Result, float, float] | None = None
    for _ in range(tries):
        file = ammunition.load(seconds)
        process.wait_quiet(QUIET, PATIENCE)
        foreign, before = process.Foreign(server), server.cpu()
        result = wrk.run(server.url, file, connections=connections, seconds=seconds)
        cost, share = (server.cpu() - before) / max(result.requests, 1) * 1e6, foreign.share()
        if best is None or share < best[2]:
            best = result, cost, share
        if share <= QUIET:
            break
    assert best is not None
    return best


def measure(peer: Peer, port: int, seconds: int, figures: Figures, tries: int) -> None:
    """One round of one server."""
    host = f"127.0.0.1:{port}"
    ammunition = Ammunition(peer, host)
    ammunition.renew()
    with start(peer, port, ammunition.one()) as server:
        figures.setdefault("start", []).append(server.first_answer)
        figures.setdefault("idle", []).append(server.memory())
        figures.setdefault("client", []).append(process.pooled_rate(port, ammunition.one, 1.0))
        for connections in (16, 64):
            result, cost, foreign = quiet_run(server, ammunition, connections, seconds, tries)
            figures.setdefault("foreign", []).append(foreign)
            figures.setdefault(f"cpu {connections}", []).append(cost)
            for name in ("rate", "p50", "p99"):
                figures.setdefault(f"{name} {connections}", []).append(getattr(result, name))
            if result.errors or result.bad_status:
                say(f"  {peer.name}: {result}")
                figures.setdefault("bad", []).append(result.errors + result.bad_status)
        if peer.single_use:
            check_answers(port)


def check_answers(port: int) -> None:
    """That the last requests of the load were understood and accepted: a refusal would be cheap, and prove
    nothing."""
    answer = process.ask(port, wrk.raw("GET", "/__admin/requests?limit=100", b"", {}, f"127.0.0.1:{port}"))
    entries = json.loads(answer.partition(b"\r\n\r\n")[2])["requests"]
    wrong = [entry for entry in entries if entry.get("error") or entry.get("status") != 200]
    if wrong or not entries:
        raise RuntimeError(f"requests were refused: {wrong[:1] or 'none was journalled'}")


def many_requests(peer: Peer, port: int, patience: float) -> tuple[int, int, int]:
    """Resident bytes idle and after ``MANY`` requests (or as many as came within the patience), and their
    number."""
    ammunition = Ammunition(peer, f"127.0.0.1:{port}")
    ammunition.renew()
    with start(peer, port, ammunition.one()) as server:
        idle, done, spent = server.memory(), 0, 0.0
        while done < MANY and spent < patience:
            done += wrk.run(server.url, ammunition.load(2), connections=16, seconds=2).requests
            spent += 2
        return idle, server.memory(), done


def install(candidates: list[Peer]) -> tuple[list[Peer], dict[str, str]]:
    """Those that are there now, and the reason for each that is not."""
    present, missing = [], {}
    for peer in candidates:
        try:
            say(f"installing {peer.name}")
            peer.install(folder_of(peer))
            present.append(peer)
        except CannotInstall as error:
            missing[peer.name] = str(error)
            say(f"  not to be had: {error}")
    return present, missing


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=3, help="length of each load")
    arguments.add_argument(
        "--tries",
        type=int,
        default=5,
        help="runs of a load until one is undisturbed by other work on the machine",
    )
    arguments.add_argument(
        "--only", nargs="*", default=[], help="parts of the peers' names; this server is always measured"
    )
    arguments.add_argument("--skip-memory", action="store_true", help="leave out the 100,000 requests")
    arguments.add_argument("--no-report", action="store_true", help="only write benchmarks/out/results.json")
    options = arguments.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    if not wrk.available():
        peers.run(["apt-get", "install", "-y", "-qq", "wrk"])

    ours = peers.ourselves(ROOT)
    us = ours[0]
    others = [
        peer
        for peer in peers.peers()
        if not options.only or any(part.lower() in peer.name.lower() for part in options.only)
    ]
    present, missing = install(ours + others)
    ports = {peer.name: process.free_port() for peer in present}
    shufti = replace(us, name=report.AML, requests=signed.aml_requests)
    ports[shufti.name] = process.free_port()
    figures: dict[str, Figures] = {peer.name: {} for peer in [*present, shufti]}
    beside: dict[str, Figures] = {peer.name: {} for peer in [*present, shufti] if peer is not us}
    for number in range(options.rounds):
        for peer in [*present, shufti]:
            if peer is us:
                continue
            for one, found in ((us, beside[peer.name]), (peer, figures[peer.name])):
                measure(one, ports[one.name], options.seconds, found, options.tries)
                newest = {name: round(values[-1], 5) for name, values in found.items()}
                say(f"round {number + 1}/{options.rounds} {one.name}: {newest}")
    for found in beside.values():
        for name, values in found.items():
            figures[us.name].setdefault(name, []).extend(values)
    results: dict[str, Any] = {
        "machine": report.machine(),
        "rounds": options.rounds,
        "seconds": options.seconds,
        "missing": missing,
        "servers": {name: {"all": found} for name, found in figures.items()},
        "beside": beside,
        "versions": {peer.name: peer.version(folder_of(peer)) for peer in present},
        "notes": {peer.name: peer.note for peer in present},
        "size": {
            peer.name: peers.size(folder_of(peer)) for peer in present if "2 processes" not in peer.name
        },
        "memory": {},
        "deliveries": deliveries.measure(lambda port, probe: start(us, port, probe), say),
    }
    if not options.skip_memory:
        for peer in present:
            results["memory"][peer.name] = many_requests(peer, ports[peer.name], 30)
            say(f"memory {peer.name}: {results['memory'][peer.name]}")
    (OUT / "results.json").write_text(json.dumps(results, indent=1))
    if not options.no_report:
        report.write(results, ROOT / "docs")


if __name__ == "__main__":
    main()
