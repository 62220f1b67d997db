"""Spans of requests and callbacks, as a collector gets them from the real SDK."""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from mock_server.core import config
from mock_server.core.exceptions import ConfigError
from mock_server.core.records import Delivery
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from mock_server.web.tracing import exporter_to
from tests import refusals
from tests.receivers import Receiver, answers
from tests.refusals import send

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"traceparent: 00-{TRACE}-{CALLER}-01\r\n"
SCENARIOS = """\
version: 1
provider: shuftipro
scenarios:
  - name: away
    match: {operation: verification, body.reference: {prefix: away-}}
    respond: {status: 503, body: {message: away}}
"""


class Traced(NamedTuple):
    """A server, its collector, and a receiver of callbacks that refuses them."""

    server: LiveServer
    service: Service
    collector: Receiver
    receiver: Receiver

    def check(self, reference: str, headers: str = PARENT, secret: str = "test-b-secret") -> None:
        person = {"name": {"first_name": "Hēmi", "last_name": "Tūī"}, "dob": "1987-03-14"}
        body = {"reference": reference, "country": "NZ", "callback_url": f"{self.receiver.url}/hook"}
        raw = refusals.check({**body, "background_checks": person}, secret=secret)
        send(self.server, raw.replace(b"\r\n", f"\r\n{headers}".encode(), 1))

    def attempt(self) -> Delivery:
        """The callback, once its first attempt is recorded."""
        store, deadline = self.service.store, time.monotonic() + 20
        while not (deliveries := store.deliveries("test-b")[0]) or not deliveries[0].attempts:
            assert time.monotonic() < deadline
            store.wait(store.version(), 0.05)
        return deliveries[0]

    def spans(self) -> list[Span]:
        """All that the collector has got by the end of the server."""
        self.server.stop()
        spans = []
        for request in self.collector.requests:
            assert request.path == "/v1/traces"
            packed = request.headers.get("content-encoding") == "gzip"
            exported = ExportTraceServiceRequest.FromString(
                gzip.decompress(request.body) if packed else request.body
            )
            for resource in exported.resource_spans:
                names = {each.key: each.value.string_value for each in resource.resource.attributes}
                assert names["service.name"] == "kyc-mock-server"
                spans += [span for scope in resource.scope_spans for span in scope.spans]
        return spans


@pytest.fixture
def traced(tmp_path: Path) -> Iterator[Traced]:
    (tmp_path / "some.yaml").write_text(SCENARIOS, "utf-8")
    with Receiver() as collector, Receiver(answers(500)) as receiver:
        options = {"scenarios": [str(tmp_path)], "watch": False, "otlp_endpoint": collector.url}
        service = Service(config.build(options))
        yield Traced(LiveServer(service, lambda: create_app(service)), service, collector, receiver)


def attributes(span: Span) -> dict[str, object]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_a_request_and_its_callback_continue_the_callers_trace(traced: Traced) -> None:
    began = time.time_ns()
    traced.check("traced-1")
    traced.attempt()
    request, attempt = sorted(traced.spans(), key=lambda span: span.kind)
    assert (request.name, request.kind) == ("POST /", Span.SPAN_KIND_SERVER)
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, CALLER)
    assert began <= request.start_time_unix_nano <= request.end_time_unix_nano <= time.time_ns()
    shown = attributes(request)
    assert (shown["mock_server.provider"], shown["mock_server.operation"]) == ("shuftipro", "verification")
    assert (shown["http.response.status_code"], shown["mock_server.account"]) == (200, "test-b")
    assert (attempt.name, attempt.kind) == ("POST verification.accepted", Span.SPAN_KIND_CLIENT)
    assert (attempt.trace_id, attempt.parent_span_id) == (request.trace_id, request.span_id)
    assert (attempt.status.code, attempt.status.message) == (Status.STATUS_CODE_ERROR, "answered 500")
    assert attributes(attempt)["mock_server.request_id"] == shown["mock_server.request_id"]
    assert "traceparent" not in traced.receiver.requests[0].headers, (
        "the bytes of a callback are the vendor's"
    )


def test_refusals_and_errors_are_spans_of_their_own_traces(traced: Traced) -> None:
    traced.check("refused-1", "", secret="wrong")
    traced.check("away-0001", "traceparent: nonsense\r\n")
    refused, away = sorted(traced.spans(), key=lambda span: span.start_time_unix_nano)
    assert refused.trace_id != away.trace_id
    assert refused.parent_span_id == away.parent_span_id == b""
    assert attributes(refused)["mock_server.error"] == "request.unauthorized"
    assert (refused.status.code, away.status.code) == (Status.STATUS_CODE_UNSET, Status.STATUS_CODE_ERROR)
    assert attributes(away)["mock_server.scenario"] == "away"


def test_a_callback_that_another_process_sends_has_the_callers_trace(traced: Traced) -> None:
    traced.check("traced-2")
    delivery = traced.attempt()
    tracing = traced.service.tracing
    assert tracing is not None
    tracing._requests.clear()  # as in a process that has not answered the request
    tracing.attempted(delivery.message, delivery.attempts[0])
    last = max(traced.spans(), key=lambda span: span.end_time_unix_nano)
    assert (last.trace_id.hex(), last.parent_span_id.hex()) == (TRACE, CALLER)


def test_a_collector_that_is_away_delays_no_end(tmp_path: Path) -> None:
    service = Service(config.build({"watch": False, "otlp_endpoint": "http://127.0.0.1:9"}))
    server = LiveServer(service, lambda: create_app(service))
    send(server, refusals.check({}))
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 10


def test_without_the_option_nothing_is_traced() -> None:
    service = Service(config.build({"watch": False}))
    assert service.tracing is None


def test_an_endpoint_must_be_an_address() -> None:
    with pytest.raises(ConfigError, match="write an address such as http://localhost:4318"):
        exporter_to("localhost:4318")


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(ConfigError, match=r"pip install 'kyc-mock-server\[otel\]'"):
        exporter_to("http://localhost:4318")
