"""Tries requests against the scenarios: which one answers, with what, and which came closest. For `mock-server try`, which
has no server, and for a server's dry runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit

from mock_server.core.http import Request, Response
from mock_server.core.nesting import loads
from mock_server.core.records import Entry
from mock_server.providers.accounts import Account
from mock_server.providers.base import Provider
from mock_server.providers.routing import split_mount
from mock_server.scenario.facts import MISSING
from mock_server.scenario.matchers import Matcher
from mock_server.scenario.model import Scenario
from mock_server.web import fates
from mock_server.web.explanation import explain
from mock_server.web.http.wire import split_target
from mock_server.web.serializers import SecretRedactor
from mock_server.web.service import Service

ACCOUNT = "test-try"
MAX_SCENARIOS = 10
"""Of a file so many are tried, each with a request that follows its `match`."""
TrialResult = dict[str, Any]


def samples(service: Service, provider: Provider, limit: int) -> Iterator[TrialResult]:
    """The answers to a sample request of each operation, then to a request for each scenario."""
    assert provider.samples is not None
    operations = provider.samples.OPERATIONS
    for operation, body in operations.items():
        yield trial(service, provider, operation, body, ACCOUNT, limit)
    for number, scenario in enumerate(service.scenarios.loaded.scenarios(provider.name)[:MAX_SCENARIOS], 1):
        operation = _operation(scenario, operations)
        if operation and scenario.match:
            body = fitted(operations[operation], scenario)
            result = trial(service, provider, operation, body, f"{ACCOUNT}-{number}", limit)
            yield {**result, "meant_for": scenario.name}


def trial(
    service: Service, provider: Provider, operation: str, body: Any, account: str, limit: int
) -> TrialResult:
    """The answer to a request of the operation with that body, in an account of its own."""
    assert provider.samples is not None
    return answered(service, provider.samples.request(operation, body), account, limit)


def answered(service: Service, request: Request, account: str, limit: int) -> TrialResult:
    """The answer to the request, signed with the account's credentials: provider, scenario, status, outcome, body,
    callbacks and the closest scenarios."""
    response = service.pipeline.handle(_signed(service, request, account))
    entry = _entry(service, response)
    explained = explain(service, entry, limit)
    owner = service.accounts.get(entry.account)
    result = {
        "provider": entry.provider,
        "operation": entry.operation,
        "request": f"{request.method} {request.path}",
        "scenario": explained["scenario"] if entry.scenario else None,
        "refusal": explained["refusal"],
        "status": response.status,
        "outcome": entry.outcome,
        "fate": fates.of_entry(entry),
        "step": entry.step,
        "delay": response.delay,
        "fault": response.fault,
        "body": _shown(response.body),
        "callbacks": list(_callbacks(service, owner, entry)),
        "near_misses": [
            miss for miss in explained["near_misses"] if miss["differences"][0]["path"] != "operation"
        ],
    }
    shown: TrialResult = SecretRedactor(owner).value(result)
    return shown


def written(
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    mounts: Sequence[str],
    origin: str = "",
) -> Request:
    """A request that somebody has written down, its mount split off as the server would. ``headers``: lower-case names;
    ``origin``: where the target does not say; empty: by the Host header."""
    at = split_target(target)
    parts = urlsplit(target if "://" in target.partition("?")[0] else "")
    host = headers.get("host", parts.netloc)
    mount, path = split_mount(at.path or "/", host, mounts)
    base = origin or f"{parts.scheme or 'http'}://{host or '127.0.0.1:8484'}"
    return Request(
        method.upper(),
        path,
        at.query.partition("#")[0],
        headers,
        body,
        origin=f"{base}{mount}",
        mount=mount,
        raw_path=at.raw.removeprefix(mount) if "%" in at.raw else "",
    )


def _signed(service: Service, request: Request, account: str) -> Request:
    """The request with right credentials, where the vendor that serves it says how."""
    provider = service.providers.get(service.pipeline.router.route_of(request).provider)
    owner = service.accounts.get(account)
    if provider is None or provider.samples is None or owner is None:
        return request
    return provider.samples.sign(request, owner, service.store.account(account).clock.at(service.clock.now()))


def fitted(body: Any, scenario: Scenario) -> Any:
    """The sample body, changed so that the conditions on ``body.…`` hold that name their values."""
    fitting = deepcopy(body)
    for path, matcher, _ in scenario.match:
        value = _value(matcher)
        if path[0] == "body" and len(path) > 1 and value is not MISSING:
            _put(fitting, path[1:], value)
    return fitting


def _value(matcher: Matcher) -> Any:
    """One that holds; `MISSING` where the matcher names none."""
    values = [*(matcher.values or ()), *(f"{beginning}1001" for beginning in matcher.beginnings)]
    return next((value for value in values if matcher.holds(value)), MISSING)


def _put(body: Any, path: tuple[str, ...], value: Any) -> None:
    *above, last = path
    for part in above:
        if not isinstance(body, dict):
            return
        body = body.setdefault(part, {})
    if isinstance(body, dict):
        body[last] = value


def _operation(scenario: Scenario, known: Mapping[str, Any]) -> str:
    """An operation that the scenario answers and that has a sample; empty: none."""
    return next((name for name in known if scenario.operations is None or name in scenario.operations), "")


def _entry(service: Service, response: Response) -> Entry:
    entry_id = dict(response.headers)["X-Mock-Request-Id"]
    for account in service.store.accounts():
        entry = service.store.entry(account, entry_id)
        if entry is not None:
            return entry
    raise LookupError(entry_id)


def _callbacks(service: Service, owner: Account | None, entry: Entry) -> Iterator[TrialResult]:
    deliveries, _ = service.store.deliveries(entry.account)
    for delivery in reversed(deliveries):
        message = delivery.message
        if message.request_id == entry.id and message.kind == "callback":
            yield {
                "event": message.event,
                "after": round(max(0.0, message.due - entry.at), 3),
                "url": message.url,
                "deliver": list(message.deliver),
                "not_sent": message.no_address,
                "body": _shown(message.body),
            }


def _shown(body: bytes) -> Any:
    """JSON as its value, anything else as text."""
    text = body.decode("utf-8", "replace")
    try:
        return loads(text)
    except ValueError:
        return text
