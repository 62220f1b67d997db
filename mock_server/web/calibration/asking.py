"""Asking the service the probes, never more than one request a second, and waiting where it says so."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from mock_server.core.http import Request
from mock_server.providers.accounts import Account
from mock_server.providers.probes import CannotAsk, Probe, ProbeAnswer, Probes, ProbeStage
from mock_server.web.calibration.upstream import UpstreamError

INTERVAL = 1.0
"""Seconds between two requests, at the least."""
LONGEST_WAIT = 120.0
"""Seconds of a ``Retry-After`` that are waited for."""
_TRIES = 3
_LOST = 3
"""Probes without an answer, one after the other, after which the service counts as gone."""
_MARK = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


class Sender(Protocol):
    """Sends one request. Raises `UpstreamError`."""

    def send(self, request: Request) -> ProbeAnswer: ...


class ProbeExchange(NamedTuple):
    """A probe, and what became of it."""

    probe: Probe
    mark: str
    times: tuple[float, ...]
    """When each of its requests was sent."""
    answers: tuple[ProbeAnswer, ...]
    problem: str = ""
    """Why it cannot be compared; empty: it can."""

    @property
    def answer(self) -> ProbeAnswer:
        """The one that is compared."""
        return self.answers[-1]


class StopAsking(Exception):
    """Nothing else is sent; the message says why."""


class Pace:
    """Keeps the requests apart. ``now`` and ``sleep``: real time, or a test's."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.now, self.sleep = now, sleep
        self._next: float | None = None

    def wait(self) -> float:
        """Wait until the next request may be sent, and return that time."""
        if self._next is not None:
            while (left := self._next - self.now()) > 0:
                self.sleep(left)
        at = self.now()
        self._next = at + INTERVAL
        return at


class Asker:
    """Asks one service with one account."""

    def __init__(self, kit: Probes, account: Account, sender: Sender, pace: Pace) -> None:
        self._kit, self._account, self._sender, self._pace = kit, account, sender, pace
        self.limits: list[ProbeAnswer] = []
        """The answers that said that there were too many requests."""

    def ask_all(self, probes: Sequence[Probe], marks: Callable[[], str]) -> Iterator[ProbeExchange]:
        """Ask each probe once. Raises `StopAsking` if the service denies the credentials, creates a record or cannot
        be reached."""
        lost = 0
        for number, probe in enumerate(probes):
            exchange = self._ask(probe, marks())
            lost = lost + 1 if exchange.problem and not exchange.answers else 0
            if exchange.problem and number == 0:
                raise StopAsking(exchange.problem)
            if number == 0 and (denial := self._kit.denied(exchange.answer)):
                raise StopAsking(f"the service refuses the credentials: {denial}; check --credentials-file")
            yield exchange
            reference = (
                next(filter(None, map(self._kit.created, exchange.answers)), "") if exchange.answers else ""
            )
            if reference:
                raise StopAsking(
                    f"the probe {probe.id} was expected to be refused, and the answer names {reference}; delete it at the vendor"
                    " and report this"
                )
            if lost == _LOST:
                raise StopAsking(f"{_LOST} probes in a row were not answered: {exchange.problem}")

    def _ask(self, probe: Probe, mark: str) -> ProbeExchange:
        times: list[float] = []
        answers: list[ProbeAnswer] = []
        for ask in probe.asks:
            try:
                at, answer = self._sent(ask, mark, answers)
            except (CannotAsk, UpstreamError) as error:
                return ProbeExchange(probe, mark, tuple(times), (), str(error))
            times.append(at)
            answers.append(answer)
            problem = obstacle(answer) or self._kit.obstacle(answer)
            if problem:
                return ProbeExchange(probe, mark, tuple(times), tuple(answers), problem)
        return ProbeExchange(probe, mark, tuple(times), tuple(answers))

    def _sent(self, ask: object, mark: str, earlier: Sequence[ProbeAnswer]) -> tuple[float, ProbeAnswer]:
        for _ in range(_TRIES):
            at = self._pace.wait()
            answer = self._sender.send(self._kit.request(ask, ProbeStage(self._account, at, mark, earlier)))
            if answer.status != 429:
                return at, answer
            self.limits.append(answer)
            wait = _retry_after(answer)
            if wait > LONGEST_WAIT:
                raise UpstreamError(
                    f"the service allows no further request for {wait:g} s (429); try again later"
                )
            self._pace.sleep(wait)
        raise UpstreamError(
            f"the service has answered 429 {_TRIES} times, too many requests; try again later"
        )


def new_mark() -> str:
    """Twelve letters and digits never used before."""
    return "".join(secrets.choice(_MARK) for _ in range(12))


def _retry_after(answer: ProbeAnswer) -> float:
    """Seconds to wait; a minute where the service gives no number."""
    text = answer.headers.get("retry-after", "").strip()
    return max(1.0, float(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 60.0


def obstacle(answer: ProbeAnswer) -> str:
    """Why the answer is not the vendor's own; empty: it may be."""
    if 300 <= answer.status < 400:
        target = answer.headers.get("location", "elsewhere")
        return f"answered {answer.status}, a redirect to {target.partition('?')[0]}, which is not followed; check --upstream"
    page = (
        answer.media_type in ("text/html", "application/xhtml+xml") or answer.body[:200].lstrip()[:1] == b"<"
    )
    if answer.status in (502, 503, 504) or (answer.status >= 500 and page):
        return f"the service answered {answer.status}; try again later"
    if page:
        return f"answered {answer.status} with a web page, as a proxy or a firewall does; check --upstream and the network"
    return ""
