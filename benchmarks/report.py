"""From the results to docs/performance.md and the paragraph about speed in README.md: ``python -m
benchmarks.report`` writes both again from benchmarks/out/results.json, or pages without figures."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.peers import COMPILED, PLAIN, SQLITE, TWO_PROCESSES

QUIET = 0.1
"""Share of the machine up to which other work leaves a run undisturbed."""
BEGINS, ENDS = "<!-- speed: written by make bench; do not edit -->\n", "<!-- end of speed -->\n"
Results = Mapping[str, Any]

HEAD = """# Performance

`make bench` installs every peer it can from the public registries, measures them and this server on one machine, and writes this page.
`make bench ARGS=--quick-views` takes some ten minutes: this server and WireMock only. `--baseline COMMIT` measures an older version of this
server as well. Absolute figures are those of one machine; what carries over is which server is ahead, and about how far.
"""

METHOD = """
## How it is measured

* **This server**: signed `POST /verify/` requests, each different and sent once. For each it checks the signature and the nonce,
  matches 100 scenarios (the last one answers), stores the verification and writes the journal. Default options: plain Python as
  `pip install` leaves it, one process, memory store. Other rows say what differs: compiled (`MOCK_SERVER_COMPILE=1`), or the SQLite
  store.
* **The peers**: the same requests to one route with a fixed answer of about 600 bytes, which is the least they can do. None of them
  checks a signature or a nonce, or signs what it sends.
* **Cold**: what a test run meets that starts its mock server. Every server starts afresh, and the load begins with its first
  answer: {cold_seconds} s, {cold_rounds} times for each number of connections.
* **Warm**: what a server meets that runs for days. All servers are started once and loaded for {warm_up} s each; then they take
  turns, {rounds} rounds of {seconds} s for each number of connections, without a restart.
* **Load**: wrk with one thread over 16 or 64 connections that stay open. The server, wrk and the rest of the machine share {cores}
  cores.
* **Figures** are medians of the runs in which other processes took at most 10 % of the machine, or of all runs if none was
  so quiet; the last column has the largest share that other processes took in a run that counts. Where it exceeds 10 %, p99 says
  little.
* **Processor** is the server's processor time for each request, in user and kernel mode, all its processes together. **Resident**
  is its memory after the last run at 64 connections, in MiB. **First answer** is counted from the start of the process, `.pyc`
  files warm.
"""

GUARD = """
## Guarding it

`make bench-quick` takes under two minutes. It compares the cost of a request, by step and over the socket, with a calibration loop on the
same machine at the same moment, and fails where the ratio to it has grown beyond its limit.

## Naming a mistake

A refusal is answered first and explained afterwards, on a thread of its own. Over every twelfth signing of the corpus with its body
padded to 100 kB, the search for the mistake takes 35 ms of a processor at the median and 44 ms at most
(`.venv/bin/python -m benchmarks.diagnosis`, which measures all of them, on two busy cores); `make bench-quick` fails beyond 50 ms.
The search counts bytes, not time, so it finds the same on every machine. Of a text this long it tries the likeliest mistakes only,
and says how many.
"""

UNMEASURED = """
**This version has not been measured yet.** Figures of earlier versions are not shown, since they would not be those of the code you have.
"""


class Row(NamedTuple):
    """Medians of one server in one view at one number of connections."""

    rate: float
    p50: float
    p99: float
    cpu: float
    memory: float
    start: float
    foreign: float
    refused: float


def row_of(figures: Mapping[str, Sequence[float]]) -> Row:
    runs = range(len(figures["rate"]))
    quiet = [run for run in runs if figures["foreign"][run] <= QUIET] or list(runs)
    middle = {
        name: statistics.median([figures[name][run] for run in quiet])
        for name in ("rate", "p50", "p99", "cpu", "memory")
    }
    start = statistics.median(figures["start"]) if figures["start"] else 0.0
    worst = max(figures["foreign"][run] for run in quiet)
    return Row(**middle, start=start, foreign=worst, refused=sum(figures["refused"]))


def rows(results: Results, view: str) -> dict[str, dict[str, Row]]:
    return {
        name: {count: row_of(figures) for count, figures in by_count.items()}
        for name, by_count in results[view].items()
    }


class Comparison(NamedTuple):
    """A figure of this server beside that of a peer."""

    view: str
    figure: str
    ours: str
    theirs: str
    ratio: float
    """How many times better this server is."""

    @property
    def verdict(self) -> str:
        if 0.9 <= self.ratio <= 1.1:
            return "equal"
        return f"**ahead** {self.ratio:.1f} ×" if self.ratio > 1 else f"**behind** {1 / self.ratio:.1f} ×"


FIGURES = (
    ("rate", "requests/s", "{:,.0f}", False),
    ("p99", "p99, ms", "{:.1f}", True),
    ("cpu", "processor, µs a request", "{:,.0f}", True),
    ("memory", "resident, MiB", "{:,.0f}", True),
)
"""Field, name, format, and whether less is better."""


def comparisons(results: Results, server: str, peer: str) -> list[Comparison]:
    """All figures of a server beside a peer's."""
    lines = []
    for view in ("cold", "warm"):
        ours, theirs = rows(results, view)[server], rows(results, view)[peer]
        if view == "cold":
            lines.append(
                _compare(view, "first answer, s", "{:.2f}", True, ours["16"].start, theirs["16"].start)
            )
        for field, name, shape, less in FIGURES:
            for count in ours if field in ("rate", "p99") else ["64"]:
                title = f"{name}, {count} connections" if field in ("rate", "p99") else name
                values = getattr(ours[count], field), getattr(theirs[count], field)
                lines.append(_compare(view, title, shape, less, *values))
    return lines


def _compare(view: str, name: str, shape: str, less: bool, ours: float, theirs: float) -> Comparison:
    ratio = (theirs / ours if less else ours / theirs) if ours and theirs else 1.0
    return Comparison(view, name, shape.format(ours), shape.format(theirs), ratio)


def table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    title = "| " + " | ".join(head) + " |"
    return "\n".join(
        [
            title,
            "|---" + "|---:" * (title.count("|") - 2) + "|",
            *("| " + " | ".join(line) + " |" for line in lines),
        ]
    )


def page(results: Results | None) -> str:
    """docs/performance.md."""
    if results is None:
        return HEAD + UNMEASURED + GUARD
    peers = [name for name in ("WireMock", "WireMock, no journal") if name in results["warm"]]
    compared = [
        _beside(results, server, peer)
        for peer in peers
        for server in (PLAIN, COMPILED)
        if server in results["warm"]
    ]
    parts = [
        HEAD,
        f"Machine: {results['machine']}. Commit {results['commit']}.",
        "\n## Ahead and behind",
        "What this server wins, and what it does not.",
        *compared,
        "\n## Cold: the first seconds after the start",
        _view(results, "cold"),
        "\n## Warm: after seconds of load",
        _view(results, "warm"),
        *_sqlite(results),
        "\n## Callbacks, and growth",
        _callbacks(results),
        METHOD.format(**results, cores=os.cpu_count()),
        "## Versions\n",
        _versions(results),
    ]
    return "\n".join(parts) + GUARD


def _beside(results: Results, server: str, peer: str) -> str:
    head = ("view", "figure", server, peer, "")
    lines = [
        (line.view, line.figure, line.ours, line.theirs, line.verdict)
        for line in comparisons(results, server, peer)
    ]
    return "\n" + table(head, lines)


def _view(results: Results, view: str) -> str:
    head = [
        "server",
        "requests/s, 16",
        "64",
        "p50 ms, 16",
        "64",
        "p99 ms, 16",
        "64",
        "processor µs, 16",
        "64",
        "resident MiB",
    ]
    if view == "cold":
        head.append("first answer s")
    lines = []
    for name, by_count in rows(results, view).items():
        counts = list(by_count.values())
        line = [f"**{name}**" if name.startswith(PLAIN) else name]
        line += [f"{row.rate:,.0f}" for row in counts]
        line += [f"{row.p50:.1f}" for row in counts] + [f"{row.p99:.1f}" for row in counts]
        line += [f"{row.cpu:,.0f}" for row in counts] + [f"{counts[-1].memory:,.0f}"]
        line += [f"{counts[0].start:.2f}"] if view == "cold" else []
        lines.append([*line, f"{max(row.foreign for row in counts):.0%}"])
    return table([*head, "other work"], lines)


def _sqlite(results: Results) -> list[str]:
    """What a request costs more on SQLite than on the memory store."""
    warm = rows(results, "warm")
    return [
        f"\n{name.removeprefix(PLAIN + ', ')} to the memory store, warm: {_ratio(warm, name, '16')} times the processor time of a "
        f"request at 16 connections and {_ratio(warm, name, '64')} times at 64."
        for name in (SQLITE, TWO_PROCESSES)
        if name in warm
    ]


def _ratio(warm: Mapping[str, Mapping[str, Row]], name: str, count: str) -> str:
    return f"{warm[name][count].cpu / warm[PLAIN][count].cpu:.2f}"


def _callbacks(results: Results) -> str:
    head = (
        "server",
        "alone, callbacks/s",
        "with a load, callbacks/s",
        "the load, requests/s",
        "grown MiB",
        "after requests",
    )
    return (
        "Callbacks that fall due at once, to one local receiver (alone); and callbacks that leave while Shufti Pro requests\n"
        "with a callback each come over 16 connections (with a load). Growth is what the process holds more, once all\n"
        "callbacks have been delivered.\n\n"
    ) + table(
        head,
        [
            (
                name,
                f"{figures['alone']:,.0f}",
                f"{figures['beside']:,.0f}",
                f"{figures['requests']:,.0f}",
                f"{figures['growth MiB']:.0f}",
                f"{figures['growth requests']:,.0f}",
            )
            for name, figures in results["callbacks"].items()
        ],
    )


def _versions(results: Results) -> str:
    named = [
        f"{name} {version}" + (f" ({results['notes'][name]})" if results["notes"].get(name) else "")
        for name, version in results["versions"].items()
    ]
    sizes = ", ".join(f"{name} {size / 2**20:.0f} MiB" for name, size in results["size"].items())
    missing = "".join(f"\nNot measured: {name} ({reason}).\n" for name, reason in results["missing"].items())
    return (
        "; ".join(named)
        + f"; {results['runtimes']}.\n\nOn disk, without Node.js, Java or Python: {sizes}.\n{missing}"
    )


def paragraph(results: Results | None) -> str:
    """The paragraph of README.md."""
    if results is None or "WireMock" not in results["warm"]:
        return "`make bench` measures this server and others, cold and warm: [docs/performance.md](docs/performance.md).\n"
    lines = comparisons(results, PLAIN, "WireMock")
    ahead = [_short(line) for line in lines if line.ratio > 1.1 and "16 connections" not in line.figure]
    behind = [_short(line) for line in lines if line.ratio < 0.9]
    return (
        f"Next to WireMock with its journal ({results['machine']}), cold in the first {results['cold_seconds']} s and warm after "
        f"{results['warm_up']} s of load:\n\n"
        f"- ahead: {'; '.join(ahead) or 'nothing'}\n- behind: {'; '.join(behind) or 'nothing'}\n\n"
        "All figures, also without the journal: [docs/performance.md](docs/performance.md).\n"
    )


def _short(line: Comparison) -> str:
    return f"{line.view} {line.figure} {line.ours} to {line.theirs}"


def machine() -> str:
    """Processor, cores, memory, system and Python, without names of places."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    model = next(names, platform.processor() or "unknown processor")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {system}, Python {platform.python_version()}"


def runtimes() -> str:
    versions = []
    for command in (["node", "--version"], ["java", "-version"], ["wrk", "-v"]):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            continue
        first = (done.stdout + done.stderr).strip().splitlines()[0]
        versions.append(f"{command[0]} {first.split(' [')[0].removeprefix(command[0]).strip()}")
    return ", ".join(versions)


def write(results: Results | None, root: Path) -> None:
    """The page, and the paragraph in the README."""
    (root / "docs" / "performance.md").write_text(page(results), "utf-8")
    readme = (root / "README.md").read_text("utf-8")
    before, rest = readme.split(BEGINS)
    (root / "README.md").write_text(
        before + BEGINS + paragraph(results) + ENDS + rest.split(ENDS)[1], "utf-8"
    )


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    stored = here / "out" / "results.json"
    write(json.loads(stored.read_text()) if stored.exists() else None, here.parent)
