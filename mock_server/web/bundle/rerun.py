"""The requests of a bundle once more, on a server of this version, and where its answers differ."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from mock_server.core import config as configuration
from mock_server.core.clock import ClockState, ManualClock
from mock_server.core.exceptions import ConfigError
from mock_server.core.http import Arrival, Response
from mock_server.core.records import DELIVERED
from mock_server.scenario.load_time import ENV_PREFIX, OPTIONS_PREFIX
from mock_server.web.bundle.model import Bundle, BundledExchange
from mock_server.web.service import Service

VARYING = frozenset({"x-mock-request-id", "x-mock-source", "link", "date"})
"""Headers that name the run, in lower case."""
_CONTEXT = 60


class Outcome(NamedTuple):
    """One request once more."""

    exchange: BundledExchange
    differences: tuple[str, ...]
    """In words; empty: the same bytes."""


def rerun(bundle: Bundle) -> Iterator[Outcome]:
    """Each request in its order, at its own time. Callbacks count as delivered; nothing is sent."""
    with tempfile.TemporaryDirectory(prefix="mock-server-replay-") as folder, _environment(bundle):
        clock = ManualClock()
        service = _service(bundle, Path(folder), clock)
        try:
            for exchange in bundle.journal:
                clock.at = exchange.real
                _at(service, bundle.account, exchange.at)
                _run_due(service, bundle.account, clock)
                yield Outcome(exchange, tuple(_differences(exchange, _answer(service, exchange))))
        finally:
            service.stop()


@contextmanager
def _environment(bundle: Bundle) -> Iterator[None]:
    """The variables of the bundle, for as long as its scenarios are read."""
    for name in bundle.environment:
        if not name.startswith(ENV_PREFIX) or name.startswith(OPTIONS_PREFIX):
            raise ConfigError(f"the bundle sets a variable that scenarios cannot read: {name}")
    before = {name: os.environ.get(name) for name in bundle.environment}
    os.environ.update(bundle.environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _service(bundle: Bundle, folder: Path, clock: ManualClock) -> Service:
    for file in bundle.scenarios:
        path = folder / file.path
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ConfigError(f"the bundle names a file outside its folder: {file.path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, "utf-8")
    roots = sorted(path for path in folder.iterdir() if path.is_dir())
    options: dict[str, Any] = {
        "scenarios": [str(root) for root in roots] or [str(folder)],
        "seed": bundle.seed,
        "tags": bundle.tags,
        "skip_tags": bundle.skip_tags,
        "watch": False,
        "public_base_url": bundle.public_base_url,
    }
    accounts = {bundle.account: bundle.sections}
    config = configuration.build(options, accounts=accounts, settings=bundle.settings)
    service = Service(config, clock=clock)
    inline = tuple(msgspec.json.encode(document) for document in bundle.inline)
    service.store.update(bundle.account, lambda state: state._replace(inline=inline, pinned=bundle.pinned))
    return service


def _at(service: Service, account: str, at: float) -> None:
    service.store.update(account, lambda state: state._replace(clock=ClockState(at)))


def _run_due(service: Service, account: str, clock: ManualClock) -> None:
    """Timers do what they do; callbacks arrive."""
    while due := service.store.lease_due(clock.now(), 30.0, account=account):
        for delivery in due:
            message = delivery.message
            if message.kind == "timer":
                service.backoffice.timer(message)
            service.store.record_attempt(account, message.id, None, DELIVERED)


def _answer(service: Service, exchange: BundledExchange) -> Response:
    request = exchange.request
    response = service.handle(Arrival(request, service.pipeline.router.route_of(request)))
    service.store.release([*response.release, *response.first])
    return response


def _differences(exchange: BundledExchange, response: Response) -> Iterator[str]:
    if response.status != exchange.status:
        yield f"status: was {exchange.status}, is {response.status}"
    was, now = _headers(exchange.headers), _headers(response.headers)
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield f"header {name}: was {was.get(name, 'not there')}, is {now.get(name, 'not there')}"
    if response.body != exchange.body:
        yield from _body_differences(exchange.body, response.body)


def _headers(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers if name.lower() not in VARYING}


def _body_differences(was: bytes, now: bytes) -> Iterator[str]:
    """Members that differ where both are JSON; else the first place."""
    try:
        yield from _members("", json.loads(was), json.loads(now))
    except ValueError:
        start = next(
            (index for index, (one, other) in enumerate(zip(was, now)) if one != other),
            min(len(was), len(now)),
        )
        yield f"body, from byte {start}: was {_short(was[start:])}, is {_short(now[start:])}"


def _members(path: str, was: Any, now: Any) -> Iterator[str]:
    if isinstance(was, dict) and isinstance(now, dict):
        for name in [*was, *(name for name in now if name not in was)]:
            at = f"{path}.{name}" if path else name
            if name not in was or name not in now:
                yield f"body {at}: {'is new' if name not in was else 'is missing'}"
            else:
                yield from _members(at, was[name], now[name])
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for index, (one, other) in enumerate(zip(was, now)):
            yield from _members(f"{path}[{index}]", one, other)
    elif was != now:
        yield f"body {path or '(all of it)'}: was {_shown(was)}, is {_shown(now)}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _CONTEXT else f"{text[:_CONTEXT]}…"


def _short(data: bytes) -> str:
    return _shown(data.decode("utf-8", "replace"))
