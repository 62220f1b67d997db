"""From benchmarks/out/results.json to docs/performance.md and docs/performance.svg: ``python -m
benchmarks.report`` writes them again."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

US = "this server"
AML = f"{US}, Shufti Pro AML"
TWO = f"{US}, SQLite, 2 processes"
TWINS = f"{US}, 2 processes that share nothing"
Medians = Mapping[str, Mapping[str, float]]
_QUIET = 0.1

TEXT = """# Performance

`make bench` (`python -m benchmarks.full`) installs every peer it can from the public registries, measures them and us in interleaved
rounds on one machine, and writes this page. Absolute figures are that machine's; the ratios are what carries over.

* **Us**: signed `POST /verify/` requests, every one different and sent once. For each the signature is checked, the nonce claimed, 100
  scenarios are matched (the last one answers), the verification is stored, the journal written. Installed with `pip install`, which
  compiles the hot modules (one row is without), default options, one process, memory store. The Shufti Pro row checks a person against a
  list and signs its answer.
* **The peers**: the same requests to one route with a fixed answer of about 600 bytes, which is the least they can do. None of them
  checks a signature, claims a nonce or signs what it sends.
* **Load**: wrk with one thread over 16 or 64 kept-open connections, {seconds:g} s each, {rounds} rounds; every round starts every server
  afresh, and this one right before each of the others. The server, wrk and the machine's other work share {cores} cores.
* **Figures** are medians of the rounds. **Ratios** are medians of the pairs' ratios, since the machine's own speed varies from minute to
  minute by a factor of two: the two of a pair have met the same minute, two medians need not.
* **Other work** is the largest share of the machine that processes other than the server and wrk took in a run that counts. A run waits
  for a quiet moment and is repeated when disturbed; the medians are over the runs disturbed by no more than 10 %, or the least disturbed
  one stands alone: the higher the figure, the less a row is worth.
* **Processor** is the server's processor time for a request, in user and kernel mode, all its processes together.
* **First answer** is from the start of the process, `.pyc` files warm. **Client** is one Python client on urllib3's connection pool.
  **Size** is what the package registry put on disk, without Node.js, Java or Python themselves.

Machine: {machine}.

## Requests

{requests}

## The same as ratios: this server to the other

{ratios}

## Against the targets

{targets}

{shared}
![Requests per second and p99 of each server](performance.svg)

## Memory and size

{memory}

## Callbacks

{deliveries}

## Versions

{versions}
{missing}
## Guarding it

`make bench-quick` (`python -m benchmarks.quick`) takes under two minutes. It compares a request's cost, by step and over the socket, with
a calibration loop on the same machine at the same moment, and fails when the ratio to it has grown beyond its limit.
"""


def machine() -> str:
    """Processor, cores, memory, system and Python, without names of places."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.processor() or "unknown processor",
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {system}, Python {platform.python_version()}"


def runtimes() -> str:
    found = []
    for command in (["node", "--version"], ["java", "-version"], ["wrk", "-v"]):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            continue
        said = (done.stdout + done.stderr).strip().splitlines()[0]
        found.append(f"{command[0]} {said.split(' [')[0].removeprefix(command[0]).strip()}")
    return ", ".join(found)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |"]
    lines.append("|---" + "|---:" * (lines[0].count("|") - 2) + "|")
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _requests(medians: Medians) -> str:
    head = (
        "server", "requests/s, 16", "64", "p50 ms, 16", "64", "p99 ms, 16", "64", "processor µs, 64", "first answer s", "client requests/s",
        "other work",
    )  # fmt: skip
    rows = []
    for name, row in medians.items():
        times = [
            f"{row[f'{figure} {connections}']:.1f}" for figure in ("p50", "p99") for connections in (16, 64)
        ]
        rates = [f"{row['rate 16']:,.0f}", f"{row['rate 64']:,.0f}"]
        label = f"**{name}**" if name.startswith(US) else name
        rows.append(
            [
                label,
                *rates,
                *times,
                f"{row['cpu 64']:,.0f}",
                f"{row['start']:.2f}",
                f"{row['client']:,.0f}",
                f"{row['foreign']:.0%}",
            ]
        )
    return table(head, rows)


def _ratios(pairs: Medians) -> str:
    head = ("to", "requests/s, 16", "64", "p99, 16", "64", "first answer")
    rows = []
    for name, row in pairs.items():
        if not name.startswith(US):
            figures = [1.0 / row[figure] for figure in ("rate 16", "rate 64", "p99 16", "p99 64", "start")]
            rows.append(
                [
                    name,
                    *(f"{ratio:.1f} ×" for ratio in figures[:2]),
                    *(f"{ratio:.2f} ×" for ratio in figures[2:]),
                ]
            )
    return table(head, rows)


class Aim(NamedTuple):
    """A target: one server's figure, or its ratio to another's."""

    figure: str
    bound: float
    at_most: bool = False
    of: str = US
    to: str = ""
    """Empty: the figure itself."""
    unit: str = "×"
    what: str = ""
    """Empty: said by the other fields."""

    def row(self, medians: Medians, pairs: Medians) -> list[str] | None:
        """The row of the table; None where a server was not measured."""
        figures = pairs if self.to else medians
        if not {self.of, self.to or self.of} <= figures.keys() or self.figure not in figures[self.of]:
            return None
        value = figures[self.of][self.figure] / (figures[self.to][self.figure] if self.to else 1.0)
        kind, _, connections = self.figure.partition(" ")
        what = {"rate": "requests/s", "start": "first answer"}.get(kind, kind) + (
            f", {connections} connections" if connections else ""
        )
        subject = self.what or what + (f", to {self.to}" if self.to else "") + (
            f" ({self.of.removeprefix(US + ', ')})" if self.of != US else ""
        )
        bound = f"{'at most' if self.at_most else 'at least'} {self.bound:,g} {self.unit}"
        met = value <= self.bound if self.at_most else value >= self.bound
        return [
            subject,
            bound,
            f"{value:,.0f} {self.unit}" if value >= 20 else f"{value:.2f} {self.unit}",
            "met" if met else "**missed**",
        ]


AIMS = (
    *(Aim(f"rate {connections}", 2.5, to="WireMock") for connections in (16, 64)),
    *(
        Aim(f"rate {connections}", 1.5, to=peer)
        for peer in ("mountebank", "json-server")
        for connections in (16, 64)
    ),
    Aim("rate 16", 1.0, to="WireMock, no journal"),
    *(Aim(f"p99 {connections}", 0.15, at_most=True, to="WireMock") for connections in (16, 64)),
    *(Aim(f"p99 {connections}", 1.0, at_most=True, to="mountebank") for connections in (16, 64)),
    *(Aim(f"rate {connections}", 1.5, of=AML, to="WireMock") for connections in (16, 64)),
    *(
        Aim(
            f"free {connections}",
            1.3,
            of=TWO,
            to=US,
            what=f"requests/s, {connections} connections, on free cores (SQLite, 2 processes)",
        )
        for connections in (16, 64)
    ),
    Aim("start", 0.4, at_most=True, unit="s"),
    Aim("start", 1.0, at_most=True, to="mountebank"),
    Aim("idle MiB", 70, at_most=True, unit="MiB", what="resident when idle"),
    Aim(
        "growth MiB", 20, at_most=True, unit="MiB", what="more resident after 100,000 requests with callbacks"
    ),
    Aim("alone", 3000, unit="/s", what="callbacks, beside nothing else"),
    Aim("beside", 1000, unit="/s", what="callbacks, beside a load of requests"),
)
"""What was aimed at."""


def _targets(medians: Medians, pairs: Medians, deliveries: Mapping[str, float]) -> str:
    ours = {**medians[US], "idle MiB": medians[US]["idle"] / 2**20, **deliveries}
    rows = [row for aim in AIMS if (row := aim.row({**medians, US: ours}, pairs)) is not None]
    return table(("aim", "", "measured", ""), rows)


def _memory(results: Mapping[str, Any], medians: Medians) -> str:
    head = ("server", "idle MiB", "after requests MiB", "requests", "size MiB")
    rows = []
    for name, row in medians.items():
        idle, after, count = results["memory"].get(name, (row["idle"], 0, 0))
        size = results["size"].get(name)
        rows.append(
            [
                name,
                f"{idle / 2**20:.0f}",
                f"{after / 2**20:.0f}" if count else "",
                f"{count:,}" if count else "",
                f"{size / 2**20:.0f}" if size else "",
            ]
        )
    return table(head, rows)


def _deliveries(found: Mapping[str, float]) -> str:
    return (
        f"A heap of {found['heap']:,.0f} callbacks that falls due at once leaves at **{found['alone']:,.0f} a second** to one local "
        f"receiver. While {found['requests']:,.0f} Shufti Pro requests a second come in over 16 connections, each with a callback, "
        f"**{found['beside']:,.0f} callbacks a second** leave beside them."
    )


def _plot(medians: Medians) -> str:
    """Horizontal bars, drawn by hand: requests per second at 64 connections, with the p99 written beside."""
    names = sorted(medians, key=lambda name: -medians[name]["rate 64"])
    most = max(medians[name]["rate 64"] for name in names)
    height = 40 + 30 * len(names)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="860" height="{height}" font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        '<text x="10" y="22" font-weight="bold">Requests per second at 64 connections, and p99</text>',
    ]
    for place, name in enumerate(names):
        row, y = medians[name], 40 + 30 * place
        width = max(460 * row["rate 64"] / most, 2)
        colour = "#0b6e4f" if name.startswith(US) else "#8a9ba8"
        parts.append(f'<text x="230" y="{y + 16}" text-anchor="end">{name}</text>')
        parts.append(f'<rect x="240" y="{y}" width="{width:.0f}" height="22" fill="{colour}"/>')
        parts.append(
            f'<text x="{246 + width:.0f}" y="{y + 16}">{row["rate 64"]:,.0f}/s, {row["p99 64"]:.0f} ms</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


SHARED = """The two processes on SQLite have to share their two cores with wrk here, which the aim does not mean: it speaks of two free
ones. At 16 and 64 connections they answer {two[0]} and {two[1]} times the requests of one process on memory. Two that share nothing, not
even nonces, answer {twins[0]} and {twins[1]} times as many, which is what these cores allow beside wrk; on free ones it would be twice as
many. So the rows "on free cores" are an estimate: twice the processor time that a request costs those, by what it costs the two on SQLite,
each pair from one round, in which two processes and wrk keep the same cores busy. What a request costs more on SQLite is the transaction,
which up to 32 of them share, and following what the other process has written, which each has to itself.
"""


def _shared(pairs: Medians) -> str:
    """What two processes reached on the cores that they shared with the load, and what is made of it."""
    if not {TWO, TWINS} <= pairs.keys():
        return ""
    two, twins = (
        [f"{pairs[name][figure]:.2f}" for figure in ("rate 16", "rate 64")] for name in (TWO, TWINS)
    )
    return textwrap.fill(SHARED.format(two=two, twins=twins), 140) + "\n"


PAIRED = ("rate 16", "rate 64", "p99 16", "p99 64", "start", "cpu 16", "cpu 64")


def ratios_of(results: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Each server's figures by ours of the same minute: the median over the pairs that other work did not
    disturb."""
    found: dict[str, dict[str, float]] = {US: dict.fromkeys((*PAIRED, "free 16", "free 64"), 1.0)}
    for name, ours in results["beside"].items():
        theirs = results["servers"][name]["all"]
        row = found[name] = {}
        for figure in PAIRED:
            place = {"16": 0, "64": 1}.get(figure.split(" ")[-1], 0)
            worst = [max(pair) for pair in zip(ours["foreign"][place::2], theirs["foreign"][place::2])]
            quiet = [run for run, share in enumerate(worst) if share <= _QUIET] or [worst.index(min(worst))]
            row[figure] = statistics.median([theirs[figure][run] / ours[figure][run] for run in quiet])
    if {TWO, TWINS} <= found.keys():
        # Of the same round, one soon after the other: both while two processes and wrk keep the same cores
        # busy.
        two, twins = (results["servers"][name]["all"] for name in (TWO, TWINS))
        for figure in ("cpu 16", "cpu 64"):
            ratios = [2.0 * least / cost for least, cost in zip(twins[figure], two[figure])]
            found[TWO][figure.replace("cpu", "free")] = statistics.median(ratios)
    return found


def medians_of(found: Mapping[str, list[float]]) -> dict[str, float]:
    """The median of each figure; of a load's figures over the runs that other work did not disturb, or from
    the least disturbed one."""
    row = {name: statistics.median(values) for name, values in found.items()}
    taken = []
    for place, connections in enumerate((16, 64)):
        foreign = found["foreign"][place::2]
        quiet = [run for run, share in enumerate(foreign) if share <= _QUIET] or [foreign.index(min(foreign))]
        taken += [foreign[run] for run in quiet]
        for figure in ("rate", "p50", "p99", "cpu"):
            name = f"{figure} {connections}"
            row[name] = statistics.median([found[name][run] for run in quiet])
    row["foreign"] = max(taken)
    return row


def write(results: Mapping[str, Any], docs: Path) -> None:
    """The page and its plot into the folder."""
    medians: Medians = {name: medians_of(server["all"]) for name, server in results["servers"].items()}
    pairs: Medians = ratios_of(results)
    versions = [
        f"{name} {version}" + (f" ({results['notes'][name]})" if results["notes"].get(name) else "")
        for name, version in results["versions"].items()
    ]
    missing = "".join(
        f"\nNot measured: {name}, since {reason}.\n" for name, reason in results["missing"].items()
    )
    page = TEXT.format(
        seconds=results["seconds"],
        rounds=results["rounds"],
        cores=os.cpu_count(),
        machine=results["machine"],
        requests=_requests(medians),
        ratios=_ratios(pairs),
        shared=_shared(pairs),
        targets=_targets(medians, pairs, results["deliveries"]),
        memory=_memory(results, medians),
        deliveries=_deliveries(results["deliveries"]),
        versions="; ".join(versions) + f"; {results.get('runtimes') or runtimes()}.",
        missing=missing,
    )
    (docs / "performance.md").write_text(page)
    (docs / "performance.svg").write_text(_plot(medians))


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    write(json.loads((here / "out" / "results.json").read_text()), here.parent / "docs")
    sys.exit(0)
