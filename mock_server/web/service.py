"""The running product without any web framework: store, scenarios, pipeline, back office and dispatcher, put
together."""

from __future__ import annotations

import logging
import threading
from asyncio import AbstractEventLoop
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mock_server import __version__
from mock_server.core import shipped
from mock_server.core.clock import Clock, SystemClock
from mock_server.core.config import Config
from mock_server.core.exceptions import ConfigError, StoreBusyError, StoreError
from mock_server.core.http import Arrival, Request, Response, Route
from mock_server.core.ids import ProcessIds
from mock_server.core.log_lines import ONCE
from mock_server.core.records import PENDING, Delivery
from mock_server.delivery.client import make_client
from mock_server.delivery.dispatcher import Dispatcher
from mock_server.delivery.targets import Policy
from mock_server.providers import registry
from mock_server.providers.accounts import Accounts
from mock_server.providers.backoffice import Backoffice
from mock_server.providers.context import Services
from mock_server.providers.pipeline import Pipeline
from mock_server.providers.scenarios import Scenarios
from mock_server.scenario.loader import ScenarioSet, load
from mock_server.scenario.problems import ScenarioProblems
from mock_server.scenario.switches import Tags
from mock_server.scenario.watch import Watcher, stamps
from mock_server.store import open_store
from mock_server.store.base import Limits, Store, Transaction
from mock_server.web.refusal_log import RefusalLog

if TYPE_CHECKING:
    from mock_server.web.tracing import Tracing

log = logging.getLogger("mock_server")

OUTAGES = "outages"
"""Counter of how often a process could not use the store."""
_SERVER = "*server"
"""The store account of what is about no account."""
_PREPARE_AFTER = 0.5
"""Seconds after the start when Faker is prepared for the templates: its import would delay the first
answer."""


class Service:
    """Everything but the sockets. ``handle`` may be called from any thread; ``start`` begins deliveries and
    watching."""

    def __init__(self, config: Config, *, clock: Clock | None = None, store: Store | None = None) -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self.providers = registry.build(config.settings)
        self.vocabularies = {name: provider.vocabulary for name, provider in self.providers.items()}
        self.scenario_paths = scenario_paths(config.scenarios)
        self._tags = Tags(config.tags, config.skip_tags)
        loaded = load(self.scenario_paths, self.vocabularies, self._tags)
        self.scenarios = Scenarios(loaded, self.vocabularies)
        self._stamps = stamps(self.scenario_paths, loaded.tables)
        self.store = store or open_store(
            config.store,
            limits=Limits(
                config.journal_limit,
                config.record_limit,
                config.journal_bytes,
                config.record_bytes,
                config.total_bytes,
            ),
            clock=self.clock,
        )
        self.blocking = self.store.blocking
        self.accounts = Accounts(config.accounts, self.providers.values(), self.store)
        services = Services(
            self.store,
            self.accounts,
            ProcessIds(),
            seed=config.seed,
            settings={name: provider.settings for name, provider in self.providers.items()},
            public_base_url=config.public_base_url.rstrip("/"),
        )
        self._refusal_log = RefusalLog()
        self.tracing = self._open_tracing()
        self.pipeline = Pipeline(
            self.providers,
            services,
            self.store,
            self.scenarios,
            self.clock,
            mock_headers=config.mock_headers,
            on_refusal=self._refusal_log.add,
            cors=config.cors,
            body_limit=config.journal_body_limit,
            on_answer=None if self.tracing is None else self.tracing.answered,
        )
        self._refusal_log.attach(self.pipeline)
        self.backoffice = Backoffice(self.pipeline)
        self.policy = Policy.build(allow=config.callback_allow, rewrite=config.callback_rewrite)
        self._client = make_client(
            self.policy, proxy=config.callback_proxy, ca=config.callback_ca, verify=config.callback_verify
        )
        self.dispatcher = Dispatcher(
            self.store,
            self._client,
            self.clock,
            self.backoffice.re_sign,
            self.backoffice.timer,
            on_status=self.backoffice.override_decision,
            on_attempt=None if self.tracing is None else self.tracing.attempted,
        )
        self.store.outage.on_end = self._store_is_back
        self.watcher: Watcher | None = None
        self.reloaded: Reloaded | None = None
        """The last reading of the files that came into force; None: that of the start."""
        self.scenario_problems: tuple[object, ...] = ()
        """What keeps the scenario files, as they are now, from being used; the set in force is the last good
        one."""
        self._preparation = threading.Timer(_PREPARE_AFTER, self.scenarios.loaded.prepare_faker)
        self._preparation.daemon = True

    # -- what the adapters call
    # --------------------------------------------------------------------------------
    def resolve(self, method: str, path: str, host: str = "", accept: str = "") -> Route:
        """Where a request goes; `handle` takes what does not go to the Flask application."""
        return self.pipeline.router.resolve(method, path, host, accept)

    def handle(self, arrival: Arrival) -> Response:
        """Answer a request, or what an adapter refuses. Raises `StoreBusyError` on an event loop."""
        try:
            response = self.pipeline.answer(arrival)
        except StoreBusyError:
            raise
        except StoreError:
            response = self.pipeline.unavailable(arrival)
        self._log_answers([arrival], [response])
        return response

    def handle_all(self, arrivals: Sequence[Arrival]) -> list[Response | Exception]:
        """Answer several that came together: for each what `handle` returns, or what it raises."""
        answers = [
            self.pipeline.unavailable(arrival)
            if isinstance(answer, StoreError) and not isinstance(answer, StoreBusyError)
            else answer
            for arrival, answer in zip(arrivals, self.pipeline.handle_all(arrivals))
        ]
        self._log_answers(arrivals, answers)
        return answers

    def is_own_callback(self, body: bytes) -> bool:
        """Whether a request with this body is a callback of this process."""
        return bool(body) and self._client.is_sending(body)

    def failure_headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        """What an answer has that says only that the server has failed: a page may read it where it may read others."""
        return self.pipeline.failure_headers(request)

    def release(self, deliveries: Sequence[tuple[str, str]]) -> None:
        """The answer has left: its deliveries may."""
        self.store.release(deliveries)
        self.dispatcher.wake()

    def deliver_first(self, deliveries: Sequence[tuple[str, str]], timeout: float | None = None) -> None:
        """Make the first attempt of deliveries that must precede the answer. Blocks; for each ``timeout``
        seconds at the most."""
        for account, delivery_id in deliveries:
            delivery = self.store.delivery(account, delivery_id)
            if delivery is not None:
                self.dispatcher.deliver_now(delivery, timeout)

    # -- life
    # --------------------------------------------------------------------------------------------------
    def start(self, loop: AbstractEventLoop | None = None) -> None:
        """Begin to deliver, on the server's event loop or (None) on a thread, and to watch the scenario
        files."""
        self.dispatcher.start(loop)
        self._preparation.start()
        if self.config.watch:
            self.watcher = Watcher(
                self.scenario_paths,
                self.vocabularies,
                self._reloaded,
                self._broken,
                tables=self.scenarios.loaded.tables,
                tags=self._tags,
            )
            self.watcher.start()

    def stop(self, timeout: float = 0.5) -> list[str]:
        """Stop; how many callbacks have not been delivered, and a line for some of them; empty: all have."""
        self._preparation.cancel()
        if self.watcher is not None:
            self.watcher.stop()
        pending = self.dispatcher.stop(timeout)
        self._refusal_log.close()
        if self.tracing is not None:
            self.tracing.stop()
        lines = self._undelivered(pending)
        if not self.store.outage.is_shut:
            self.store.close()
        return lines

    def _undelivered(self, pending: Sequence[Delivery]) -> list[str]:
        try:
            count = self.store.totals().deliveries.get(PENDING, 0)
        except StoreError:
            return []
        if not count:
            return []
        lines = [f"{count} callback{'' if count == 1 else 's'} had not been delivered:"]
        lines += [f"  {_pending_line(delivery)}" for delivery in pending]
        return [*lines, f"  and {count - len(pending)} more"] if count > len(pending) else lines

    def _open_tracing(self) -> Tracing | None:
        """None: not configured, and nothing of it is imported. Raises `ConfigError`."""
        if not self.config.otlp_endpoint:
            return None
        from mock_server.web.tracing import Tracing, exporter_to

        return Tracing(exporter_to(self.config.otlp_endpoint), self.store.entry, __version__)

    def reload(self) -> None:
        """Load the scenario files again. Raises `ScenarioProblems`, and leaves the set in force, when one is
        wrong."""
        try:
            loaded = load(self.scenario_paths, self.vocabularies, self._tags)
        except ScenarioProblems as error:
            self._broken(error.problems, noticed=False)
            raise
        self._reloaded(loaded, noticed=False)

    def _store_is_back(self) -> None:
        transaction = Transaction(_SERVER)
        transaction.counters.append((OUTAGES, 1.0))
        with suppress(StoreError):
            self.store.commit(transaction)
        self.dispatcher.wake()

    # -- noticing
    # ----------------------------------------------------------------------------------------------
    def _reloaded(self, loaded: ScenarioSet, *, noticed: bool = True) -> None:
        """``noticed``: in every worker process, by itself."""
        loaded.prepare_faker()
        self.scenario_problems = ()
        before, self._stamps = self._stamps, stamps(self.scenario_paths, loaded.tables)
        unread = set(loaded.unread) - set(self.scenarios.loaded.unread)
        self.scenarios.replace(loaded)
        changed = {file for file, _ in before.items() ^ self._stamps.items()}
        count = sum(len(loaded.scenarios(name)) for name in self.providers)
        self.reloaded = Reloaded(self.clock.now(), count, len(changed))
        log.info("%s", self.reloaded.message, extra=ONCE if noticed else None)
        self._name(unread)

    def _broken(self, problems: Sequence[object], *, noticed: bool = True) -> None:
        self.scenario_problems = tuple(problems)
        for problem in problems:
            log.error("scenarios not reloaded: %s", problem, extra=ONCE if noticed else None)

    def notices(self) -> list[str]:
        """What is to be said of the scenario files once, when the server has started."""
        loaded = self.scenarios.loaded
        everything = [
            scenario
            for name in self.providers
            for scenario in (*loaded.scenarios(name), *loaded.disabled(name))
        ]
        return [*self._tags.unknown(everything), *_unread(loaded.unread)]

    def _name(self, unread: Iterable[str]) -> None:
        for line in _unread(sorted(unread)):
            log.info("%s", line, extra=ONCE)

    def _log_answers(self, arrivals: Sequence[Arrival], answers: Sequence[Response | Exception]) -> None:
        if not log.isEnabledFor(logging.DEBUG):
            return
        for arrival, answer in zip(arrivals, answers):
            if isinstance(answer, Response):
                request = arrival.request
                path = self.accounts.without_secrets(f"{request.mount}{request.path}")
                log.debug("%s %s → %d", request.method, path, answer.status)


class Reloaded(NamedTuple):
    """A reading of the scenario files that came into force."""

    at: float
    """Seconds since the epoch."""
    scenarios: int
    """How many are in force."""
    files: int
    """How many files differ from those that were in force before."""

    @property
    def message(self) -> str:
        plural = "" if self.scenarios == 1 else "s"
        files = f"{self.files or 'no'} file{'' if self.files == 1 else 's'} changed"
        return f"reloaded: {self.scenarios} scenario{plural}, {files}"


_SHOWN = 20


def _unread(files: Sequence[str]) -> Iterator[str]:
    if files:
        more = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
        yield f"not read: {', '.join(files[:_SHOWN])}{more}; scenario files end in .yaml or .yml"


def scenario_paths(names: Sequence[str]) -> list[Path]:
    """The paths with these names; without names, ./scenarios if it exists, else the shipped scenarios. Raises
    `ConfigError` for a missing path."""
    if not names:
        here = Path("scenarios")
        return [here if here.is_dir() else shipped.scenarios()]
    paths = [Path(path) for path in names]
    for path in paths:
        if not path.exists():
            raise ConfigError(f"--scenarios {path}: no such file or directory")
    return paths


def _pending_line(delivery: Delivery) -> str:
    message, count = delivery.message, len(delivery.attempts)
    tried = f"{count} attempt{'' if count == 1 else 's'} so far"
    return f"{message.event} for {message.reference or '(no reference)'} to {message.url}: {tried}"
