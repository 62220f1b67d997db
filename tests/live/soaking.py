"""Mixed traffic on one server for minutes, and what it leaves behind: ``make soak``.

No answer may be an error of the server that no scenario asked for, no traceback may be logged, each callback
is accounted for at its receiver, and memory, descriptors and threads may not grow once they have warmed up."""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import psutil  # type: ignore[import-untyped]

from tests.live.killing import ask
from tests.receivers import Receiver, answers, fails_first, free_port, good, slow
from tests.redis_server import running_redis

CLIENTS = 3
PER_ROUND = 40
"""Requests of a client between two resets of its account."""
STORED = 300
"""Requests and records of an account: few, so that the store is full before anything is measured."""
PATIENCE = 60.0
WARM_UP = 1 / 3
"""Part of the time after which growth counts."""
GROWTH = {"memory, MB": 15.0, "descriptors": 20.0, "threads": 10.0}
"""What one process may add between the end of the warm-up and the end."""
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_JSON = {"Content-Type": "application/json"}
_ASKED = "away-"
"""References for which the scenario asks for 503."""

_BROKEN = (
    "version: 1\nprovider: shuftipro\nscenarios:\n  - name: broken\n    respond: {outcome: no-such-outcome}\n"
)
_SCENARIOS = """\
version: 1
provider: shuftipro
scenarios:
  - name: away-{number}
    match: {{operation: verification, body.reference: {{prefix: {asked}}}}}
    respond: {{status: 503, body: {{message: upstream unavailable}}}}
"""
_WEBHOOKS = """\
version: 1
provider: cloudcheck
scenarios:
  - name: webhook
    match: {{operation: verify, body.reference: {{prefix: soak-}}}}
    respond: {{outcome: pep-match}}
    callbacks: [{{event: PEP_MATCH_REVIEW, deliver: [ok], url: "{url}/{{{{ request.body.reference }}}}"}}]
"""
_GARBAGE = (
    b"POST /verify/\r\n\r\n",
    b"POST /verify/ HTTP/1.1\r\nHost: x\r\nContent-Length: nine\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /verify/%zz\x00 HTTP/1.1\r\n\r\n",
)


class Sample(NamedTuple):
    """What the processes of the server hold together."""

    seconds: float
    memory: float
    """MB resident."""
    descriptors: int
    threads: int


@dataclass
class Report:
    """What happened, and what should not have."""

    answers: Counter[int] = field(default_factory=Counter)
    """Status → how many."""
    callbacks: Counter[str] = field(default_factory=Counter)
    """State → how many, of those that were accounted for."""
    arrived: int = 0
    reloads: int = 0
    resets: int = 0
    events: int = 0
    """Lines that open streams have got."""
    samples: list[Sample] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def growth(self) -> dict[str, float]:
        """What was added since the end of the warm-up, by the slope of all samples since."""
        settled = [each for each in self.samples if each.seconds >= self.samples[-1].seconds * WARM_UP]
        times = [each.seconds for each in settled]
        grown = {}
        for number, name in enumerate(GROWTH, 1):
            values = [float(each[number]) for each in settled]
            grown[name] = statistics.linear_regression(times, values).slope * (times[-1] - times[0])
        return grown


class _Soak:
    """The server under test, its receivers, and the clients that work on it until the time is up."""

    def __init__(self, store: str, workers: int, folder: Path, seed: int, report: Report) -> None:
        self._scenarios, self._seed, self._report = folder / "scenarios", seed, report
        self._log = folder / "server.log"
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._receivers = {
            "good": Receiver(good),
            "slow": Receiver(slow(0.2)),
            "refuses-once": Receiver(fails_first(1)),
            "refuses": Receiver(answers(503)),
        }
        self._dead = f"http://127.0.0.1:{free_port()}"
        self._command = [
            sys.executable, "-m", "mock_server", "serve", "--port", "0", "--store", store, "--workers", str(workers),
            "--scenarios", str(self._scenarios), "--journal-limit", str(STORED), "--record-limit", str(STORED),
        ]  # fmt: skip

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The server and its receivers."""
        with contextlib.ExitStack() as stack:
            for receiver in self._receivers.values():
                stack.enter_context(receiver)
            self._scenarios.mkdir()
            self._write("webhooks.yaml", _WEBHOOKS.format(url=self._receivers["good"].url))
            self._write("away.yaml", _SCENARIOS.format(number=0, asked=_ASKED))
            environ = {
                name: value for name, value in os.environ.items() if not name.startswith("MOCK_SERVER_")
            }
            log = stack.enter_context(self._log.open("wb"))
            self._process = subprocess.Popen(self._command, env=environ, stdout=subprocess.PIPE, stderr=log)
            stack.callback(self._process.wait)
            stack.callback(self._process.terminate)
            assert self._process.stdout is not None
            stack.enter_context(self._process.stdout)
            self._port: int = json.loads(self._process.stdout.readline())["port"]
            yield

    def run(self, seconds: float) -> None:
        """All of it for so long; then what is left is looked at."""
        jobs: list[tuple[Callable[..., None], tuple[object, ...]]] = [
            *((self._client, (number,)) for number in range(CLIENTS)),
            (self._resetter, ()),
            (self._reloader, ()),
            (self._dashboard, ()),
            (self._waiter, ()),
            *((self._stream, (query,)) for query in ("account=*&brief=1", "account=test-soak-0")),
        ]
        threads = [threading.Thread(target=self._guarded, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        while (elapsed := time.monotonic() - began) < seconds:
            self._report.samples.append(self._sample(elapsed))
            self._over.wait(min(1.0, seconds / 10))
        self._over.set()
        for thread in threads:
            thread.join(2 * PATIENCE)
            if thread.is_alive():
                self._problem("a client did not come to an end")
        self._report.arrived = sum(len(receiver.requests) for receiver in self._receivers.values())
        if b"Traceback" in (logged := self._log.read_bytes()):
            at = logged.index(b"Traceback")
            self._problem("in the log: " + logged[max(0, at - 500) : at + 3000].decode("utf-8", "replace"))

    def _guarded(self, job: Callable[..., None], arguments: tuple[object, ...]) -> None:
        try:
            job(*arguments)
        except Exception as error:  # a client that gives up is a finding
            self._problem(f"{job.__name__}{arguments}: {error!r}")

    def _problem(self, text: str) -> None:
        self._report.problems.append(text)

    def _sample(self, seconds: float) -> Sample:
        root = psutil.Process(self._process.pid)
        processes = [root, *root.children(recursive=True)]
        return Sample(
            seconds,
            sum(each.memory_info().rss for each in processes) / 1e6,
            sum(each.num_fds() for each in processes),
            sum(each.num_threads() for each in processes),
        )

    def _write(self, name: str, text: str) -> None:
        """As editors do: a whole file takes the place of another."""
        (fresh := self._scenarios / f"_{name}").write_text(text, "utf-8")
        fresh.replace(self._scenarios / name)

    def _ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, asked: int = 0
    ) -> tuple[int, Any]:
        """Status and JSON. ``asked``: an error of the server that a scenario asks for."""
        answer = ask(self._port, method, path, body, headers or {}) or (0, None)
        self._count(answer[0], f"{method} {path}: {answer}", asked)
        return answer

    def _count(self, status: int, shown: str, asked: int = 0) -> None:
        with self._lock:
            self._report.answers[status] += 1
        if not status or (status >= 500 and status != asked):
            self._problem(shown[:2000])

    def _control(self, method: str, path: str, account: str, body: object = None) -> Any:
        sign = "&" if "?" in path else "?"
        content = b"" if body is None else json.dumps(body).encode()
        status, answer = self._ask(method, f"/__admin/{path}{sign}account={account}", content, _JSON)
        if status not in (200, 201, 408):
            self._problem(f"{method} {path} of {account}: {status} {answer}")
        return answer

    # Vendor traffic.

    def _client(self, number: int) -> None:
        account, draw = f"test-soak-{number}", random.Random(self._seed + number)
        turn = 0
        while not self._over.is_set():
            turn += 1
            planned: dict[str, str] = {}
            for step in range(PER_ROUND):
                if self._over.is_set() and turn > 1:
                    break
                self._one(account, f"soak-{number}-{turn}-{step}", draw, planned)
            self._account_for(account, planned)
            self._reset(account)

    def _one(self, account: str, reference: str, draw: random.Random, planned: dict[str, str]) -> None:
        """One request of any kind. ``planned``: reference → receiver, of those that get a callback."""
        kind = draw.choice(
            ("cloudcheck", "cloudcheck", "shuftipro", "shuftipro", "shuftipro", "wrong", "asked", "raw")
        )
        if kind == "cloudcheck":
            form = _cloudcheck(account, reference)
            if not self._verified(self._ask("POST", "/verify/", form, _FORM)):
                self._problem(f"{reference} was refused")
            planned[reference] = "good"
            if self._verified(self._ask("POST", "/verify/", form, _FORM)):
                self._problem(f"the nonce of {reference} passed twice")
        elif kind == "shuftipro":
            name = draw.choice((*self._receivers, "dead"))
            url = self._dead if name == "dead" else self._receivers[name].url
            body = _shuftipro(reference, f"{url}/{reference}")
            status, answer = self._ask("POST", "/", body, _basic(account))
            if status != 200:
                self._problem(f"{reference}: {status} {answer}")
            planned[reference] = name
            self._ask("POST", "/status", json.dumps({"reference": reference}).encode(), _basic(account))
        elif kind == "asked":
            body = _shuftipro(_ASKED + reference, self._dead)
            status, _ = self._ask("POST", "/", body, _basic(account), asked=503)
            if status != 503:
                self._problem(f"{reference}: {status} in place of the scenario's 503")
        elif kind == "wrong":
            self._wrong(account, reference, draw)
        else:
            self._garbage(draw.choice(_GARBAGE))

    def _verified(self, answer: tuple[int, Any]) -> bool:
        return answer[0] == 200 and "error" not in answer[1]["verification"]

    def _wrong(self, account: str, reference: str, draw: random.Random) -> None:
        """Signed wrongly, or malformed: refused, whatever it is."""
        form, body = _cloudcheck(account, reference), _shuftipro(reference, self._dead)
        path, content, headers = draw.choice(
            (
                ("/verify/", _cloudcheck(account, reference, "another secret"), _FORM),
                ("/verify/", form[: len(form) // 2], _FORM),
                ("/verify/", form.replace(b"data=", b"data=%FF"), _FORM),
                ("/verify/", b"[" * 1000, _JSON),
                ("/", body, _basic(account, "another secret")),
                ("/", body[: len(body) // 2], _basic(account)),
                ("/", b"\xff\xfe{" * 100, _basic(account)),
                ("/verifyy/", form, _FORM),
            )
        )
        status, answer = self._ask("POST", path, content, headers)
        if status == 200 and "error" not in answer.get("verification", {}):
            self._problem(f"{reference} should have been refused: {answer}")

    def _garbage(self, data: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self._port), PATIENCE) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            line = connection.makefile("rb").readline()
        if line:
            self._count(int(line.split()[1]), f"{data!r}: {line!r}")

    # Accounting.

    def _account_for(self, account: str, planned: dict[str, str]) -> None:
        """Each planned callback has been delivered or given up, and its receiver has got as many requests as
        there were attempts that reached it."""
        deadline = time.monotonic() + PATIENCE
        while self._control("GET", "callbacks?outcome=pending&limit=1", account)["total"]:
            self._control("POST", "clock/advance", account, {"by": "10d"})
            if time.monotonic() > deadline:
                self._problem(f"callbacks of {account} stay pending")
                return
        listed = self._control("GET", "callbacks?limit=1000", account)["callbacks"]
        arrived = Counter(
            request.path for receiver in self._receivers.values() for request in list(receiver.requests)
        )
        reached: Counter[str] = Counter()
        for each in listed:
            reached[each["reference"]] += sum(bool(attempt["status"]) for attempt in each["attempts"])
            expected = "failed" if planned.get(each["reference"]) in ("refuses", "dead") else "delivered"
            if each["state"] != expected:
                self._problem(f"{each['id']} of {each['reference']} is {each['state']}, not {expected}")
            with self._lock:
                self._report.callbacks[each["state"]] += 1
        missing = planned.keys() - {each["reference"] for each in listed}
        if missing:
            self._problem(f"no callback of {sorted(missing)} is listed")
        for reference in planned:
            if arrived[f"/{reference}"] != reached[reference]:
                self._problem(
                    f"{reference}: {reached[reference]} attempts are recorded, {arrived[f'/{reference}']} arrived"
                )

    def _reset(self, account: str) -> None:
        self._control("POST", "reset", account)
        with self._lock:
            self._report.resets += 1

    # Everything else that goes on.

    def _resetter(self) -> None:
        """Resets an account in the middle of its callbacks."""
        account, draw, number = "test-soak-reset", random.Random(self._seed), 0
        while not self._over.is_set():
            for _ in range(draw.randrange(1, 8)):
                number += 1
                body = _shuftipro(f"reset-{number}", f"{self._receivers['slow'].url}/reset-{number}")
                self._ask("POST", "/", body, _basic(account))
            self._reset(account)
            self._over.wait(0.1)

    def _reloader(self) -> None:
        """Writes the scenario files anew; every third time they are broken, and the last good ones stay."""
        number = 0
        while not self._over.is_set():
            number += 1
            is_broken = number % 3 == 0
            self._write("away.yaml", _BROKEN if is_broken else _SCENARIOS.format(number=number, asked=_ASKED))
            if number % 2:
                status, answer = self._ask("POST", "/__admin/scenarios/reload", b"", _JSON)
                if status != (422 if is_broken else 200):
                    self._problem(f"reload {number}: {status} {answer}")
            self._report.reloads += 1
            self._over.wait(0.5)

    def _dashboard(self) -> None:
        """What an open dashboard asks for, and what tests ask for now and then."""
        paths = (
            "notices", "requests?brief=1&limit=100", "callbacks?brief=1&limit=100", "verifications?limit=50", "scenarios",
            "coverage", "metrics", "ready", "health", "clock", "accounts", "requests/unmatched", "requests?q=okafor",
        )  # fmt: skip
        draw = random.Random(self._seed)
        while not self._over.is_set():
            account = f"test-soak-{draw.randrange(CLIENTS)}"
            for path in ("ui/", *(f"{path}{'&' if '?' in path else '?'}account={account}" for path in paths)):
                self._fetch(f"/__admin/{path}")
            self._over.wait(0.2)

    def _fetch(self, path: str) -> None:
        """A page or JSON; only the status counts."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            self._count(answer.status, f"GET {path}: {answer.status} {answer.read()[:500]!r}")

    def _waiter(self) -> None:
        """Waits that are met, and some that are not."""
        draw = random.Random(self._seed)
        while not self._over.is_set():
            account, kind = f"test-soak-{draw.randrange(CLIENTS)}", draw.choice(("requests", "callbacks"))
            self._control("GET", f"{kind}/wait?count={draw.randrange(1, 30)}&timeout=500ms", account)

    def _stream(self, query: str) -> None:
        """An open stream, which is read; now and then it is opened anew."""
        while not self._over.is_set():
            with socket.create_connection(("127.0.0.1", self._port), PATIENCE) as connection:
                connection.sendall(
                    f"GET /__admin/stream?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
                )
                connection.settimeout(0.5)
                until = time.monotonic() + 20
                while time.monotonic() < until and not self._over.is_set():
                    with contextlib.suppress(TimeoutError, socket.timeout):
                        if not (piece := connection.recv(1 << 16)):
                            self._problem(f"the stream {query} ended")
                            return
                        with self._lock:
                            self._report.events += piece.count(b"event:")


def _cloudcheck(account: str, reference: str, secret: str = "") -> bytes:
    """A signed verification."""
    data = {
        "details": {"name": {"given": "Tāne", "family": "Okafor"}, "dateofbirth": "1990-02-03"},
        "reference": reference,
        "consent": "Yes",
    }
    fields = {
        "data": json.dumps(data),
        "key": account,
        "nonce": f"nonce-{reference}",
        "timestamp": str(int(time.time() * 1000)),
    }
    canonical = "/verify/" + "".join(f"{name}={fields[name]};" for name in sorted(fields))
    key = (secret or f"{account}-secret").encode()
    fields["signature"] = hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()
    return urlencode(fields).encode()


def _shuftipro(reference: str, hook: str) -> bytes:
    checks = {
        "background_checks": {"name": {"first_name": "Ingrid", "last_name": "Solvang"}, "dob": "1979-11-04"}
    }
    return json.dumps({"reference": reference, "country": "GB", "callback_url": hook, **checks}).encode()


def _basic(account: str, secret: str = "") -> dict[str, str]:
    pair = base64.b64encode(f"{account}:{secret or f'{account}-secret'}".encode()).decode()
    return {**_JSON, "Authorization": f"Basic {pair}"}


def soak(store: str, workers: int, seconds: float, folder: Path, seed: int) -> Report:
    """Traffic for so many seconds; what happened, without a judgement on growth."""
    report = Report()
    target = _Soak(store, workers, folder, seed, report)
    with target.running():
        target.run(seconds)
    return report


STORES = ("memory", "sqlite", "redis")


@contextlib.contextmanager
def store_of(kind: str, folder: Path) -> Iterator[str]:
    """The address of a fresh store."""
    if kind == "redis":
        with running_redis(folder) as address:
            yield address
    else:
        yield f"sqlite:{folder / 'store.db'}" if kind == "sqlite" else kind


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="for all stores together")
    parser.add_argument("--store", choices=STORES, action="append", help="only this one; may be repeated")
    parser.add_argument(
        "--workers", type=int, default=4, help="of the second round on Redis and SQLite; 1: no second"
    )
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    print(
        f"{time.strftime('%Y-%m-%d')}, commit {commit.stdout.strip()}, {chosen.minutes:g} minutes, seed {chosen.seed}"
    )
    rounds = [
        (store, workers)
        for store in chosen.store or STORES
        for workers in sorted({1, 1 if store == "memory" else chosen.workers})
    ]
    columns = (
        "store",
        "workers",
        "answers",
        "callbacks",
        "arrived",
        "reloads",
        "resets",
        "events",
        *GROWTH,
        "problems",
    )
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    code = 0
    for kind, workers in rounds:
        with (
            tempfile.TemporaryDirectory(prefix="mock-server-soak-") as name,
            store_of(kind, Path(name)) as store,
        ):
            report = soak(store, workers, chosen.minutes * 60 / len(rounds), Path(name), chosen.seed)
        grown = report.growth()
        share = (1 + workers) / 2  # pools of threads fill in each process
        report.problems += [
            f"{what} grew by {grown[what]:.1f}" for what, most in GROWTH.items() if grown[what] > most * share
        ]
        level = report.samples[-1]
        figures = [f"{level[number]:.0f} ({grown[what]:+.1f})" for number, what in enumerate(GROWTH, 1)]
        counts = [
            sum(report.answers.values()), sum(report.callbacks.values()), report.arrived, report.reloads, report.resets,
            report.events,
        ]  # fmt: skip
        cells = [kind, str(workers), *(f"{count:,}" for count in counts), *figures, str(len(report.problems))]
        print(f"| {' | '.join(cells)} |", flush=True)
        for problem in report.problems[:20]:
            print(f"  {problem[:1000]}", file=sys.stderr)
        code = code or bool(report.problems)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
