"""Spans for OpenTelemetry: one for each vendor request, and one for each attempt at a callback.

Needs the extra ``otel``, which is imported with the first `Tracing`. A request continues the trace of its
``traceparent``; its callbacks continue that of the request. Nothing is added to what is sent: those bytes are the
vendor's. What the SDK reads from ``OTEL_…`` variables (resource, headers, sampling) holds here too."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mock_server.core.exceptions import ConfigError, StoreError
from mock_server.core.records import Attempt, Entry, Message

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

FindEntry = Callable[[str, str], Entry | None]
"""The journal entry of an account with that id."""

_REMEMBERED = 10_000
"""Requests whose callbacks find their span without a look into the store."""
_STOP = 0.5
"""Seconds that a server which stops waits for its last spans to leave."""


def exporter_to(endpoint: str) -> SpanExporter:
    """Sends spans by OTLP over HTTP, to ``/v1/traces`` below the endpoint. Raises `ConfigError`."""
    if urlsplit(endpoint).scheme not in ("http", "https"):
        raise ConfigError(f"--otlp-endpoint {endpoint}: write an address such as http://localhost:4318")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        raise ConfigError(
            "--otlp-endpoint requires OpenTelemetry; install it with: pip install 'kyc-mock-server[otel]'"
        ) from None
    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")


class Tracing:
    """Makes spans of what has happened. Thread-safe."""

    def __init__(self, exporter: SpanExporter, find_entry: FindEntry, version: str) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        name = Resource.create({"service.name": "kyc-mock-server", "service.version": version})
        self._provider = TracerProvider(resource=name.merge(Resource.create()) if _is_named() else name)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("mock_server", version)
        self._propagator = TraceContextTextMapPropagator()
        self._find_entry = find_entry
        self._lock = threading.Lock()
        self._requests: OrderedDict[str, Context] = OrderedDict()

    def answered(self, entry: Entry) -> None:
        """A vendor request has been answered, or refused."""
        from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context

        request = entry.request
        span = self._tracer.start_span(
            f"{request.method} {request.path}" if entry.operation else request.method,
            self._incoming(entry),
            SpanKind.SERVER,
            {
                "http.request.method": request.method,
                "url.path": request.mount + request.path,
                "http.response.status_code": entry.status,
                "mock_server.account": entry.account,
                "mock_server.provider": entry.provider,
                "mock_server.operation": entry.operation,
                "mock_server.outcome": entry.outcome,
                "mock_server.error": entry.error,
                "mock_server.scenario": entry.scenario,
                "mock_server.request_id": entry.id,
            },
            start_time=_nanoseconds(entry.real),
        )
        if entry.status >= 500:
            span.set_status(StatusCode.ERROR)
        span.end(_nanoseconds(entry.real + entry.took))
        with self._lock:
            self._requests[entry.id] = set_span_in_context(span)
            if len(self._requests) > _REMEMBERED:
                self._requests.popitem(last=False)

    def attempted(self, message: Message, attempt: Attempt) -> None:
        """An attempt at a callback has ended just now."""
        from opentelemetry.trace import SpanKind

        now = time.time()
        target = urlsplit(message.url)
        span = self._tracer.start_span(
            f"{message.method} {message.event}",
            self._cause(message),
            SpanKind.CLIENT,
            {
                "http.request.method": message.method,
                "server.address": target.hostname or "",
                "url.path": target.path,
                "mock_server.account": message.account,
                "mock_server.provider": message.provider,
                "mock_server.event": message.event,
                "mock_server.callback_id": message.id,
                "mock_server.request_id": message.request_id,
            },
            start_time=_nanoseconds(now - attempt.took),
        )
        _conclude(span, attempt)
        span.end(_nanoseconds(now))

    def stop(self) -> None:
        """Let the last spans leave, as far as that takes no time to speak of."""
        stopping = threading.Thread(target=self._provider.shutdown, name="spans", daemon=True)
        stopping.start()
        stopping.join(_STOP)

    def _incoming(self, entry: Entry) -> Context:
        return self._propagator.extract(entry.request.headers)

    def _cause(self, message: Message) -> Context | None:
        """The request that caused the callback: its span where this process has answered it, else what it came
        with."""
        with self._lock:
            known = self._requests.get(message.request_id)
        if known is not None or not message.request_id:
            return known
        try:
            entry = self._find_entry(message.account, message.request_id)
        except StoreError:
            return None
        return None if entry is None else self._incoming(entry)


def _conclude(span: Span, attempt: Attempt) -> None:
    from opentelemetry.trace import StatusCode

    if attempt.status:
        span.set_attribute("http.response.status_code", attempt.status)
    if attempt.done:
        span.set_attribute("mock_server.done", attempt.done)
    if attempt.error:
        span.set_status(StatusCode.ERROR, attempt.error)


def _is_named() -> bool:
    """Whether the environment names the service."""
    from os import environ

    return "OTEL_SERVICE_NAME" in environ or "service.name" in environ.get("OTEL_RESOURCE_ATTRIBUTES", "")


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
