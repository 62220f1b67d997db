"""``metrics``: what the server has done and how it is, as text for Prometheus.

Read from the store, so that it is about all worker processes and replicas, whichever of them answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_server.core.exceptions import StoreError
from mock_server.core.records import CANCELLED, DELIVERED, DROPPED, FAILED, NOT_SENT, PENDING
from mock_server.store.base import SEEN, Totals
from mock_server.web.admin.table import AdminRequest, ControlRoute, Query
from mock_server.web.service import OUTAGES, Service

if TYPE_CHECKING:
    from flask import Response

_STATES = (PENDING, DELIVERED, FAILED, DROPPED, CANCELLED, NOT_SENT)
_SERIES = 1000
"""Most series of one metric; what is beyond is summed up under the label ``other``."""
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class AnswerLabels(NamedTuple):
    """What requests were answered; the labels of ``mock_server_requests_total``."""

    provider: str
    operation: str
    status: str
    outcome: str
    error: str


def show(request: AdminRequest[Query, None]) -> Response:
    """While the store cannot be used the metrics that need it are left out."""
    from flask import Response
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(request.service))
    return Response(generate_latest(registry), content_type=_TYPE)


class _Metrics:
    """As a collector of the client library."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        service = self._service
        try:
            families = list(_from_store(service))
        except StoreError:
            families = []
        yield from families
        is_up = bool(families) and not service.store.outage.reason
        yield GaugeMetricFamily("mock_server_store_up", "1 while the store can be used.", int(is_up))
        yield GaugeMetricFamily(
            "mock_server_reload_failed",
            "1 while the scenario files are broken and the last good set is in force.",
            int(bool(service.scenario_problems)),
        )


def _from_store(service: Service) -> Iterator[Any]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    store = service.store
    totals = store.totals()
    answered = _answered(totals)
    requests = CounterMetricFamily(
        "mock_server_requests",
        "Requests by vendor, operation, status and outcome.",
        labels=AnswerLabels._fields[:4],
    )
    refusals = CounterMetricFamily(
        "mock_server_refusals",
        "Requests that were refused, by the vendor's error.",
        labels=("provider", "operation", "error"),
    )
    by_outcome: Counter[tuple[str, ...]] = Counter()
    by_error: Counter[tuple[str, ...]] = Counter()
    for each, count in answered.items():
        by_outcome[each[:4]] += count
        if each.error:
            by_error[each.provider, each.operation, each.error] += count
    for family, counted in ((requests, by_outcome), (refusals, by_error)):
        for labels, count in _bounded(counted):
            family.add_metric(labels, count)
        yield family
    deliveries = GaugeMetricFamily(
        "mock_server_deliveries", "Callbacks that the store holds, by state.", labels=("state",)
    )
    for state in _STATES:
        deliveries.add_metric([state], totals.deliveries.get(state, 0))
    yield deliveries
    soonest, now = store.wake_at(0.0), service.clock.now()
    lag = 0.0 if soonest is None else max(0.0, now - soonest)
    yield GaugeMetricFamily(
        "mock_server_delivery_lag_seconds", "How long the callback that is due has been due.", lag
    )
    yield CounterMetricFamily(
        "mock_server_store_outages",
        "Times that a worker process could not use the store.",
        totals.counters.get(OUTAGES, 0),
    )
    visible = [name for name in totals.accounts if not name.startswith("*")]
    yield GaugeMetricFamily("mock_server_accounts", "Accounts that the store holds.", len(visible))


def _answered(totals: Totals) -> Counter[AnswerLabels]:
    """What was answered, by all accounts and before they were reset."""
    answered: Counter[AnswerLabels] = Counter()
    for counter, amount in totals.counters.items():
        if counter.startswith(SEEN):
            provider, group, *words = counter.removeprefix(SEEN).split("|")
            if group == "answer" and len(words) == 4:
                answered[AnswerLabels(provider, *words)] += int(amount)
    return answered


def _bounded(counted: Counter[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], int]]:
    """The series, the largest ones by themselves."""
    for number, (labels, count) in enumerate(ordered := counted.most_common()):
        if number == _SERIES:
            yield ("other",) * len(labels), sum(rest for _, rest in ordered[number:])
            return
        yield labels, count


ROUTES = (
    ControlRoute(
        "GET",
        "/metrics",
        show,
        "Text for Prometheus, about all worker processes and replicas: requests by vendor, operation, status and outcome;"
        " refusals by error; callbacks by state and their lag; the store and its outages; broken scenario files.",
        content_type=_TYPE,
        storeless=True,
    ),
)
