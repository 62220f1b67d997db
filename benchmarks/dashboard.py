"""``python -m benchmarks.dashboard``: how soon the dashboard shows 1,000 requests, and what five open dashboards cost the
vendors' clients.

The first is measured in a real Chromium: from the start of the navigation to the first paint, and to the first row of the
list. For the second, runs of load without and with five dashboards take turns against one server. A dashboard is what the
page does: it follows the event stream and, whenever that says something, asks again. It does so at most once a second,
every four seconds while something happens all the time, and rests three times as long as asking took. They run in a
process of their own, as browsers do."""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from multiprocessing.synchronize import Event
from pathlib import Path

from benchmarks import process, signed, views, wrk

ENTRIES = 1000
DASHBOARDS = 5
PAINT = 0.3
"""Seconds to the first paint, at most."""
COST = 0.05
"""Share of the throughput that the dashboards may take."""
REST, LONGEST_REST = 1.0, 4.0
LOOKS = (
    "notices",
    "requests?limit=60&brief=1",
)
"""What the page asks when something has happened: ``Refresher`` in main.js, and the list that is shown."""
FIRST_PAINT = "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
FIRST_ROW = """
new MutationObserver((_, watch) => {
  if (!document.querySelector(".list > li")) return;
  window.firstRow = performance.now();
  watch.disconnect();
}).observe(document, { childList: true, subtree: true });
"""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def served() -> Iterator[process.Server]:
    """The server as people start it, filled."""
    port = process.free_port()
    command = [sys.executable, "-m", "mock_server", "serve", "--port", str(port), "--no-watch"]
    probe = wrk.raw("GET", "/__admin/ready", b"", {}, f"127.0.0.1:{port}")
    server = process.Server(command, port, probe)
    try:
        for request in signed.verify_requests(ENTRIES, f"127.0.0.1:{port}"):
            process.ask(port, request)
        yield server
    finally:
        server.close()


# -- the first paint
# --------------------------------------------------------------------------------------------------
def paints(url: str, loads: int) -> tuple[list[float], list[float]]:
    """Seconds to the first paint and to the first row, of so many loads after one that is not counted."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.support.ui import WebDriverWait

    options = webdriver.ChromeOptions()
    options.binary_location = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    )
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1440,900",
    ):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": FIRST_ROW})
        times = []
        for _ in range(loads + 1):
            driver.get("about:blank")
            driver.get(f"{url}/__admin/ui/")
            WebDriverWait(driver, 30, 0.05).until(lambda page: page.execute_script("return window.firstRow"))
            WebDriverWait(driver, 30, 0.05).until(lambda page: page.execute_script(FIRST_PAINT))
            times.append(
                [driver.execute_script(script) / 1000 for script in (FIRST_PAINT, "return window.firstRow")]
            )
    finally:
        driver.quit()
    return [paint for paint, _ in times[1:]], [row for _, row in times[1:]]


# -- five dashboards
# --------------------------------------------------------------------------------------------------
def dashboard(port: int, over: Event) -> None:
    """One dashboard, until it is over."""
    stream = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    stream.request("GET", "/__admin/stream?account=default&brief=1")
    answer = stream.getresponse()
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    rest, pause = 0.0, REST
    while not over.is_set():
        try:
            line = answer.readline()
        except TimeoutError:
            return
        if not line.startswith(b"data:"):
            continue
        is_busy = rest > time.perf_counter()
        pause = min(2 * pause, LONGEST_REST) if is_busy else REST
        time.sleep(max(0.0, rest - time.perf_counter()))
        started = time.perf_counter()
        for look in LOOKS:
            asking.request("GET", f"/__admin/{look}")
            asking.getresponse().read()
        rest = started + max(pause, 4 * (time.perf_counter() - started))


def dashboards(port: int, over: Event, ready: Event) -> None:
    threads = [threading.Thread(target=dashboard, args=(port, over), daemon=True) for _ in range(DASHBOARDS)]
    for thread in threads:
        thread.start()
    ready.set()
    over.wait()


@contextmanager
def open_dashboards(port: int) -> Iterator[None]:
    spawn = multiprocessing.get_context("spawn")
    over, ready = spawn.Event(), spawn.Event()
    worker = spawn.Process(target=dashboards, args=(port, over, ready))
    worker.start()
    ready.wait(30)
    try:
        yield
    finally:
        over.set()
        worker.join(10)
        worker.kill()


class Load:
    """Signed verifications, each sent once: by wrk where it is installed, else by one client of urllib3."""

    def __init__(self, server: process.Server, folder: Path) -> None:
        self._server, self._file = server, folder / "requests"
        self._requests = signed.verify_requests(100_000_000, f"127.0.0.1:{server.port}")
        next(islice(self._requests, ENTRIES, ENTRIES), None)

    def run(self, seconds: float) -> tuple[float, float]:
        """Requests a second, and microseconds of the server's processor time for each."""
        if wrk.available():
            wrk.write_requests(self._file, islice(self._requests, int(views.MOST * seconds)))
        before = self._server.cpu()
        if wrk.available():
            result = wrk.run(self._server.url, self._file, connections=16, seconds=int(seconds))
            rate, count = result.rate, result.requests
        else:
            rate = process.pooled_rate(self._server.port, lambda: next(self._requests), seconds)
            count = int(rate * seconds)
        return rate, (self._server.cpu() - before) / max(count, 1) * 1e6


def throughput(server: process.Server, rounds: int, seconds: int) -> tuple[list[float], list[float]]:
    """Requests a second without and with the dashboards, of rounds that take turns."""
    without: list[float] = []
    watched: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        load = Load(server, Path(folder))
        load.run(seconds)
        for number in range(rounds):
            rate, cost = load.run(seconds)
            with open_dashboards(server.port):
                rate_watched, cost_watched = load.run(seconds)
            without.append(rate)
            watched.append(rate_watched)
            say(
                f"round {number + 1}/{rounds}: {rate:,.0f}/s and {cost:.0f} µs of the server's processor without, "
                f"{rate_watched:,.0f}/s and {cost_watched:.0f} µs with {DASHBOARDS} dashboards"
            )
    return without, watched


def line(name: str, value: str, is_met: bool) -> str:
    return f"{name:<58} {value:>22}  {'met' if is_met else 'MISSED'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--loads", type=int, default=15, help="of the page")
    parser.add_argument("--rounds", type=int, default=8, help="of load, each without and with dashboards")
    parser.add_argument("--seconds", type=int, default=3, help="length of each load")
    parser.add_argument("--short", action="store_true", help="under a minute")
    options = parser.parse_args()
    if options.short:
        options.loads, options.rounds, options.seconds = 5, 3, 2
    with served() as server:
        paint, row = paints(server.url, options.loads)
        without, watched = throughput(server, options.rounds, options.seconds)
    first, rows = statistics.median(paint), statistics.median(row)
    taken = 1 - statistics.median(theirs / ours for ours, theirs in zip(without, watched))
    print(
        line(
            f"dashboard with {ENTRIES:,} requests: first paint",
            f"{first * 1000:.0f} ms (limit {PAINT * 1000:.0f})",
            first < PAINT,
        )
    )
    print(line("  the first row of its list", f"{rows * 1000:.0f} ms", True))
    print(
        line(
            f"throughput that {DASHBOARDS} open dashboards take",
            f"{taken * 100:.1f} % (limit {COST * 100:.0f})",
            taken < COST,
        )
    )


if __name__ == "__main__":
    main()
