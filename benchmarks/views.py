"""Two views of the same servers: cold, the first seconds after a start, and warm, after seconds of load and
without a restart. All servers are sent the same requests, and their runs are interleaved."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from benchmarks import process, wrk
from benchmarks.peers import Peer, RequestSource

CONNECTIONS = (16, 64)
MOST = 30_000
"""Requests a second that a server is prepared for: so many different ones are written for each second."""
QUIET = 0.05
"""Share of the machine that other work may take before a run."""
PATIENCE = 6
"""Seconds for which a run waits for a quiet machine."""
COLD = 2
"""Seconds of the cold view, from the first answer on."""
CHUNK = 4
"""Seconds of one load while the servers are warmed up."""

Say = Callable[[str], None]
Start = Callable[[Peer, int, bytes], process.Server]


@dataclass
class Figures:
    """What was measured in one view at one number of connections: a list of values for each figure."""

    rate: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Microseconds of processor time for each request, of all processes of the server."""
    memory: list[float] = field(default_factory=list)
    """MiB resident after the run."""
    foreign: list[float] = field(default_factory=list)
    """Share of the machine that processes other than the server and wrk took."""
    start: list[float] = field(default_factory=list)
    """Seconds from the start of the process to its first answer; cold view only."""
    refused: list[float] = field(default_factory=list)
    """Responses that are not 2xx or 3xx, and errors of connections."""


View = dict[str, dict[int, Figures]]
"""By server and number of connections."""


class Ammunition:
    """Files of requests, written anew for each interleaved run; every server is sent each request once."""

    def __init__(self, folder: Path, subjects: Sequence[Peer]) -> None:
        self._folder = folder
        sources = {peer.requests for peer in subjects}
        self._sources = {make: make(100_000_000, "127.0.0.1") for make in sources}
        self.count = 0

    def renew(self, seconds: int) -> None:
        self.count = MOST * seconds
        for make, source in self._sources.items():
            wrk.write_requests(self._file(make), islice(source, self.count))

    def of(self, peer: Peer) -> Path:
        return self._file(peer.requests)

    def one(self, peer: Peer) -> bytes:
        return next(self._sources[peer.requests])

    def _file(self, make: RequestSource) -> Path:
        return self._folder / f"requests-{list(self._sources).index(make)}"


def cold(
    subjects: Sequence[Peer], start: Start, ammunition: Ammunition, rounds: int, seconds: int, say: Say
) -> View:
    """Each round starts every server afresh, once for each number of connections."""
    view: View = {peer.name: {count: Figures() for count in CONNECTIONS} for peer in subjects}
    for number in range(rounds):
        for connections in CONNECTIONS:
            ammunition.renew(seconds)
            for peer in subjects:
                figures = view[peer.name][connections]
                with start(peer, process.free_port(), ammunition.one(peer)) as server:
                    figures.start.append(server.first_answer)
                    _load(peer, server, ammunition, connections, seconds, figures)
                say(f"cold {number + 1}/{rounds} {connections} {peer.name}: {_newest(figures)}")
    return view


def warm(
    subjects: Sequence[Peer],
    start: Start,
    ammunition: Ammunition,
    rounds: int,
    seconds: int,
    warm_up: int,
    say: Say,
) -> View:
    """All servers run side by side and take turns: first the load that warms them up, then the rounds."""
    view: View = {peer.name: {count: Figures() for count in CONNECTIONS} for peer in subjects}
    with ExitStack() as stack:
        servers = {
            peer: stack.enter_context(start(peer, process.free_port(), ammunition.one(peer)))
            for peer in subjects
        }
        for _ in range(0, warm_up, CHUNK):
            ammunition.renew(min(CHUNK, warm_up))
            for peer, server in servers.items():
                _load(peer, server, ammunition, max(CONNECTIONS), min(CHUNK, warm_up), Figures())
        say(f"warmed up for {warm_up} s each")
        for number in range(rounds):
            for connections in CONNECTIONS:
                ammunition.renew(seconds)
                for peer, server in servers.items():
                    figures = view[peer.name][connections]
                    process.wait_quiet(QUIET, PATIENCE)
                    _load(peer, server, ammunition, connections, seconds, figures)
                    say(f"warm {number + 1}/{rounds} {connections} {peer.name}: {_newest(figures)}")
        for peer, server in servers.items():
            if peer.single_use:
                check_answers(server.port)
    return view


def _load(
    peer: Peer,
    server: process.Server,
    ammunition: Ammunition,
    connections: int,
    seconds: int,
    figures: Figures,
) -> None:
    """One run, its figures appended. Raises where a server had more requests than there are different ones."""
    foreign, before = process.Foreign(server), server.cpu()
    result = wrk.run(server.url, ammunition.of(peer), connections=connections, seconds=seconds)
    if peer.single_use and result.requests > ammunition.count:
        raise RuntimeError(f"{peer.name} answered {result.requests} requests; raise views.MOST")
    figures.cpu.append((server.cpu() - before) / max(result.requests, 1) * 1e6)
    figures.foreign.append(foreign.share())
    figures.memory.append(server.memory() / 2**20)
    figures.refused.append(result.errors + result.bad_status)
    for name in ("rate", "p50", "p99"):
        getattr(figures, name).append(getattr(result, name))


def check_answers(port: int) -> None:
    """The last requests of the load were accepted: a refusal would be cheap, and prove nothing."""
    request = wrk.raw("GET", "/__admin/requests?limit=100", b"", {}, f"127.0.0.1:{port}")
    entries = json.loads(process.ask(port, request, 30).partition(b"\r\n\r\n")[2])["requests"]
    refused = [entry for entry in entries if entry.get("error") or entry.get("status") != 200]
    if refused or not entries:
        raise RuntimeError(f"requests were refused: {refused[:1] or 'the journal is empty'}")


def _newest(figures: Figures) -> str:
    newest = {name: round(values[-1], 3) for name, values in vars(figures).items() if values}
    return ", ".join(f"{name} {value}" for name, value in newest.items())


def starter(folder_of: Callable[[Peer], Path], log: Path) -> Start:
    """Starts a server in its folder, on a machine that is as quiet as it gets."""

    def start(peer: Peer, port: int, probe: bytes) -> process.Server:
        folder = folder_of(peer)
        process.wait_quiet(QUIET, PATIENCE)
        peer.set_up(folder, port)
        with log.open("ab") as out:
            return process.Server(
                peer.command(port, folder), port, probe, environment=peer.environment, folder=folder, log=out
            )

    return start
