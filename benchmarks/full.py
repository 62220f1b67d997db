"""``python -m benchmarks.full``: this server and its peers, cold and warm; writes docs/performance.md and the
paragraph about speed in README.md.

Installs what it needs below benchmarks/out/ (npm, PyPI and Debian packages by name), then measures. All traffic
stays on 127.0.0.1, every load is bounded in time."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import deliveries, peers, report, views, wrk
from benchmarks.peers import CannotInstall, Peer

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "benchmarks" / "out"
QUICK = ("WireMock", "WireMock, no journal")
"""The peers of ``--quick-views``."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def folder_of(peer: Peer) -> Path:
    folder = OUT / (peer.place or peer.name.split(",")[0].lower().replace(" ", "-"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def install(candidates: Sequence[Peer]) -> tuple[list[Peer], dict[str, str]]:
    """Those that are there now, and the reason for each that is not."""
    present, missing = [], {}
    for peer in candidates:
        try:
            say(f"installing {peer.name}")
            peer.install(folder_of(peer))
            present.append(peer)
        except CannotInstall as error:
            missing[peer.name] = str(error)
            say(f"  not installed: {error}")
    return present, missing


def subjects(options: argparse.Namespace) -> list[Peer]:
    """What is to be measured, in the order of the tables."""
    ours = peers.ourselves(ROOT)
    if not options.quick_views:
        ours.append(peers.two_processes(ROOT))
    before = peers.of_commit(ROOT, options.baseline) if options.baseline else []
    others = [peer for peer in peers.peers() if not options.quick_views or peer.name in QUICK]
    if options.only:
        others = [peer for peer in others if any(part.lower() in peer.name.lower() for part in options.only)]
    return [*ours, *before, *others]


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures, as JSON has them."""
    present, missing = install(subjects(options))
    start = views.starter(folder_of, OUT / "server.log")
    ammunition = views.Ammunition(OUT, present)
    cold = views.cold(present, start, ammunition, options.cold_rounds, options.cold_seconds, say)
    warm = views.warm(present, start, ammunition, options.rounds, options.seconds, options.warm_up, say)
    with_callbacks = [peer for peer in present if peer.single_use and "SQLite" not in peer.name]
    return {
        "machine": report.machine(),
        "commit": peers.run(["git", "rev-parse", "--short", "HEAD"], folder=ROOT).strip(),
        "baseline": options.baseline,
        **{
            name: getattr(options, name)
            for name in ("cold_rounds", "cold_seconds", "rounds", "seconds", "warm_up")
        },
        "missing": missing,
        "cold": as_json(cold),
        "warm": as_json(warm),
        "callbacks": {
            peer.name: deliveries.measure(partial(start, peer), say, options.many) for peer in with_callbacks
        },
        "versions": {peer.name: peer.version(folder_of(peer)) for peer in present},
        "notes": {peer.name: peer.note for peer in present},
        "size": {peer.name: peers.size(folder_of(peer)) for peer in present},
        "runtimes": report.runtimes(),
    }


def as_json(view: views.View) -> dict[str, dict[str, Any]]:
    return {
        name: {str(connections): asdict(figures) for connections, figures in by_connections.items()}
        for name, by_connections in view.items()
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--quick-views",
        action="store_true",
        help="only what matters most: this server plain, compiled and on SQLite, and WireMock",
    )
    parser.add_argument("--baseline", metavar="COMMIT", default="", help="measure this commit as well")
    parser.add_argument("--only", nargs="*", default=[], help="parts of the peers' names")
    parser.add_argument("--cold-rounds", type=int, default=3)
    parser.add_argument("--cold-seconds", type=int, default=views.COLD)
    parser.add_argument("--rounds", type=int, default=4, help="interleaved rounds of the warm view")
    parser.add_argument("--seconds", type=int, default=2, help="length of each run of the warm view")
    parser.add_argument("--warm-up", type=int, default=20, help="seconds of load before the warm view")
    parser.add_argument("--many", type=int, default=100_000, help="requests after which memory is measured")
    parser.add_argument(
        "--tiny", action="store_true", help="see that everything runs: tiny durations, and no page is written"
    )
    options = parser.parse_args()
    if options.tiny:
        options.cold_rounds = options.cold_seconds = options.rounds = options.seconds = 1
        options.warm_up, options.many = 2, 2_000
    return options


def main() -> None:
    options = arguments()
    OUT.mkdir(parents=True, exist_ok=True)
    if not wrk.available():
        peers.run(["apt-get", "install", "-y", "-qq", "wrk"])
    results = measure(options)
    file = OUT / ("tiny.json" if options.tiny else "results.json")
    file.write_text(json.dumps(results, indent=1))
    say(f"written: {file}")
    if options.tiny:
        print(report.page(results))
        print(report.paragraph(results))
    else:
        report.write(results, ROOT)


if __name__ == "__main__":
    main()
