"""The exchange pipeline, which is the same for every vendor.

A pure step from `Request` to `Response` plus one commit; it is computed again when the commit finds that another
request came first. Long because a reader follows one request from its arrival to its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec

from mock_server.core.clock import Clock
from mock_server.core.config import BODY_LIMIT
from mock_server.core.exceptions import MockServerError, ProviderError, StoreError
from mock_server.core.http import MOCK_REQUEST_ID, Arrival, Refusal, Request, Response, Route
from mock_server.core.records import Entry
from mock_server.providers import turns, unserved
from mock_server.providers.accounts import DEFAULT
from mock_server.providers.base import Decision as Decision
from mock_server.providers.base import Provider
from mock_server.providers.cancelling import cancel_scheduled
from mock_server.providers.choice import BUILT_IN, AnsweredEarly, Choice, UncheckedFacts
from mock_server.providers.context import RequestContext, Services
from mock_server.providers.cross_origin import CrossOrigin
from mock_server.providers.cross_origin import evidence as cors_evidence
from mock_server.providers.header_fields import fields_of, names_of, scenario_headers, without
from mock_server.providers.pending_response import PendingResponse as PendingResponse
from mock_server.providers.rejection import RETRY, announced, identify, refuse, reject
from mock_server.providers.repeats import Repeats
from mock_server.providers.routing import ADMIN, Router
from mock_server.providers.scenarios import Scenarios
from mock_server.providers.storeless import without_store
from mock_server.scenario.model import Respond, Scenario
from mock_server.scenario.rendering import merge, render
from mock_server.scenario.selection import select, select_early
from mock_server.scenario.templates import RenderError
from mock_server.store.base import Store

_RETRIES = 100
_JSON = "application/json"
_STRANGERS_BODY = 4096
"""Bytes that stay of the body of a request that comes to no operation and carries no known
credentials."""


class Pipeline:
    """Request in, exchange out. Holds no state of its own: everything is in the store and the scenario
    set."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        services: Services,
        store: Store,
        scenarios: Scenarios,
        clock: Clock,
        *,
        mock_headers: bool = True,
        on_refusal: Callable[[Entry], None] | None = None,
        cors: Sequence[str] = (),
        body_limit: int = BODY_LIMIT,
        on_answer: Callable[[Entry], None] | None = None,
    ) -> None:
        """``body_limit``: bytes of each body that the journal keeps; ``on_refusal``: hears of each refusal, and of
        what was accepted and yet has evidence against it; ``cors``: origins whose pages may call; ``on_answer``:
        hears of each request that is recorded."""
        self.providers = providers
        self.services = services
        self.store = store
        self.scenarios = scenarios
        self.clock = clock
        self._mock_headers = mock_headers
        self._body_limit = body_limit
        self._on_refusal, self._on_answer = on_refusal, on_answer
        self._repeats = Repeats()
        self.router = Router(providers)
        self._cross_origin = CrossOrigin(cors, services.accounts)
        self.failure_headers = self._cross_origin.failure_headers

    def handle(
        self, request: Request, route: Route | None = None, refusal: Refusal | None = None
    ) -> Response:
        """Answer one request and commit what it writes. ``route``: None where no adapter has worked it out;
        ``refusal``: an adapter's own, such as a body over the limit."""
        return self.answer(Arrival(request, route or self.router.route_of(request), refusal))

    def answer(self, arrival: Arrival) -> Response:
        """As `handle`."""
        request = arrival.request
        if request.method == "OPTIONS" and (preflight := self._preflight(arrival)) is not None:
            return preflight
        for _ in range(_RETRIES):
            context, response = self._compute(arrival)
            if self.store.commit(context.transaction) is None:
                self._committed(context)
                return response
        raise MockServerError(f"{request.path}: still in conflict with other requests after {_RETRIES} tries")

    def unavailable(self, arrival: Arrival) -> Response:
        """The answer while the store cannot be used: the vendor's own words for a failure, signed where the
        credentials are known. Nothing is stored; what needs no store is answered as usual."""
        request, route, refusal = arrival.request, arrival.route, arrival.refusal
        operation = route.operation if refusal is None else ""
        context = RequestContext(without_store(self.services), request, operation, self.clock.now())
        provider = self.providers.get(route.provider) or unserved.vendor_of(context, self.providers)
        if provider is None or not operation:
            return self._turn_away(provider, context, refusal)
        identify(provider, context, self.services.accounts.default())
        pending = refuse(provider, context, provider.unavailable(), {})
        context.refused = False  # nothing is left to explain
        pending = pending.replace(headers=(*pending.headers, RETRY))
        return self._finish(provider, context, pending, BUILT_IN)

    def _preflight(self, arrival: Arrival) -> Response | None:
        if arrival.refusal is not None:
            return None
        return self._cross_origin.preflight(
            arrival.request, arrival.route, self.providers.get(arrival.route.provider)
        )

    def preview(self, request: Request, refusal: Refusal | None = None) -> Entry:
        """The journal entry that the request would leave. Writes nothing."""
        context, _ = self._compute(Arrival(request, self.router.route_of(request), refusal))
        assert context.transaction.entry is not None
        return context.transaction.entry

    def handle_all(self, arrivals: Sequence[Arrival]) -> list[Response | Exception]:
        """`answer` for each, or what it raised."""
        try:
            with self.store.group() if len(arrivals) > 1 else nullcontext():
                return [self._safely(arrival) for arrival in arrivals]
        except StoreError as error:
            return [error] * len(arrivals)

    def _safely(self, arrival: Arrival) -> Response | Exception:
        try:
            return self.answer(arrival)
        except Exception as error:  # noqa: BLE001 - the caller's business
            return error

    def _committed(self, context: RequestContext) -> None:
        cancel_scheduled(self.store, context.transaction, context.now)
        entry = context.transaction.entry
        if self._on_answer is not None and entry is not None:
            self._on_answer(entry)
        doubtful = (
            entry is not None and context.evidence is not None and not entry.error and entry.status < 400
        )
        if entry is None or self._on_refusal is None or not (context.refused or doubtful):
            return
        is_cors = context.evidence is not None and context.evidence.get("check") == "cors"
        if not is_cors or self._cross_origin.is_news(context.request):
            self._on_refusal(entry)

    def _compute(self, arrival: Arrival) -> tuple[RequestContext, Response]:
        request, route, refusal = arrival.request, arrival.route, arrival.refusal
        context = RequestContext(
            self.services, request, route.operation if refusal is None else "", self.clock.now()
        )
        provider = (
            self.providers[route.provider] if route.provider else unserved.vendor_of(context, self.providers)
        )
        if provider is None:
            return context, self._turn_away(None, context, refusal)
        if route.provider and (refusal is None or refusal.status == 413):
            context.on_enter = partial(self._ask_early, provider, route.operation)
        choice = BUILT_IN
        try:
            chosen = self._choose(provider, context)
            if chosen is None:
                return context, self._turn_away(provider, context, refusal)
            choice = chosen
            pending = self._answer(provider, context, choice)
        except ProviderError as error:
            pending = refuse(provider, context, error, error.evidence)
        except RenderError as error:
            context.transaction.discard()
            context.refused, context.error = True, "scenario"
            context.evidence = {
                "check": "template",
                "explanation": str(error),
                "remedy": "fix the template in the scenario file",
            }
            pending = _unrenderable(error)
        return context, self._finish(provider, context, pending, choice)

    def _choose(self, provider: Provider, context: RequestContext) -> Choice | None:
        """The first scenario that matches; None: the request comes to no operation. Raises the refusal of a
        request that is not valid where the answer depends on that."""
        try:
            self._authenticate(provider, context)
        except AnsweredEarly as answered:
            return answered.choice
        if not context.operation:
            return None
        try:
            provider.validate(context)
        except ProviderError as error:
            read = context.reference
            provider.collect_facts(context)
            choice = self._select(provider, context)
            if not choice.respond.stands_alone:
                context.reference = read  # what the vendor's refusal repeats
                raise
            return choice._replace(invalid=error)
        return self._select(provider, context)

    def _authenticate(self, provider: Provider, context: RequestContext) -> None:
        """Find out by whom an operation is asked for. An account is entered in any case."""
        try:
            if context.operation:
                provider.authenticate(context)
        finally:
            if not context.entered:
                identify(provider, context, self.services.accounts.default())

    def _ask_early(self, provider: Provider, operation: str, context: RequestContext) -> None:
        """Raise the choice of a scenario that answers before the checks, where there is one."""
        scenarios, pinned = self.scenarios.of(context.account.name, context.state), context.state.pinned
        if not pinned and scenarios.early_index(provider.name, operation) is None:
            return
        facts, declines = UncheckedFacts(context, provider.collect_facts), partial(turns.declines, context)
        scenario = select_early(scenarios, provider.name, operation, facts, pinned, declines)
        if scenario is not None:
            context.operation = operation
            provider.collect_facts(context)
            raise AnsweredEarly(self._at_its_step(context, scenario))

    def _select(self, provider: Provider, context: RequestContext) -> Choice:
        scenarios = self.scenarios.of(context.account.name, context.state)
        pinned, declines = context.state.pinned, partial(turns.declines, context)
        scenario = select(scenarios, provider.name, context.operation, context, pinned, declines)
        return BUILT_IN if scenario is None else self._at_its_step(context, scenario)

    def _at_its_step(self, context: RequestContext, scenario: Scenario) -> Choice:
        context.locale = scenario.locale
        if not scenario.is_sequence:
            return Choice(scenario, scenario.steps[0])
        position = turns.take(context, scenario)
        return Choice(scenario, scenario.step_for(position), position + 1)

    def _answer(self, provider: Provider, context: RequestContext, choice: Choice) -> PendingResponse:
        respond, callbacks = choice.respond, choice.step.callbacks
        context.respond = respond
        if respond.error is not None:
            pending = self._scripted_error(provider, context, respond)
        elif respond.has_body:
            pending = PendingResponse(200, render(respond.body, context))
        elif choice.is_early or respond.is_bare_status:
            pending = PendingResponse(200, "")
        elif respond.fault is not None:
            pending = self._broken_off(provider, context, choice)
        else:
            pending = provider.compose(context, respond)
            if respond.merge is not None and not isinstance(pending.payload, bytes):
                pending = pending.replace(payload=merge(pending.payload, render(respond.merge, context)))
            provider.persist(context, pending, callbacks)
            callbacks = None
        if callbacks:
            provider.send_callbacks(context, pending, callbacks)
        if respond.status is not None:
            pending = pending.replace(status=respond.status)
        if respond.headers:
            others = without(pending.headers, names_of(respond))
            pending = pending.replace(headers=(*others, *fields_of(respond, context)))
        if choice.scenario is not None:
            values = [(name, render(value, context)) for name, value in choice.scenario.sets]
            for name, value in values:
                context.remember(context.named_values.written(name, value, context.now))
        return pending

    def _broken_off(self, provider: Provider, context: RequestContext, choice: Choice) -> PendingResponse:
        """The answer that a fault does not let through."""
        if choice.invalid is not None:
            return provider.refuse(context, choice.invalid)
        try:
            return provider.compose(context, choice.respond)
        except ProviderError as error:
            return provider.refuse(context, error)

    def _scripted_error(
        self, provider: Provider, context: RequestContext, respond: Respond
    ) -> PendingResponse:
        options = {"service": render(respond.service, context), "key": render(respond.key, context)}
        error = ProviderError(
            respond.error or "",
            render(respond.message, context),
            fields=_texts(render(respond.fields, context)),
            detail=_texts(render(respond.detail, context)),
            options={name: value for name, value in options.items() if value is not None},
        )
        context.transaction.give_back()
        context.evidence = None
        pending = provider.refuse(context, error)
        return (
            pending
            if respond.merge is None
            else pending.replace(payload=merge(pending.payload, render(respond.merge, context)))
        )

    def _turn_away(
        self, provider: Provider | None, context: RequestContext, refusal: Refusal | None
    ) -> Response:
        """Answer what comes to no operation: what an adapter refuses, and paths and methods that are not
        served."""
        identify(provider, context, self.services.accounts.default())
        pending = reject(provider, context, refusal, self.providers.values())
        own_id = context.entry_id
        if context.is_stranger:
            context.request = context.request.replace(body=context.request.body[:_STRANGERS_BODY])
            if provider is None or refusal is not None:
                recorded = self._repeats.record(context.error, context.request.peer, own_id, context.real)
                context.entry_id = recorded.entry_id
                context.evidence = announced(context.evidence or {}) if recorded.is_last else context.evidence
        response = self._finish(provider, context, pending, BUILT_IN)
        if context.entry_id != own_id:
            context.transaction.entry = None
        return response

    def _help(self, context: RequestContext) -> str:
        """Where the dashboard shows the request and explains the refusal."""
        base = f"{self.services.public_base_url or context.request.origin.removesuffix(context.request.mount)}{ADMIN}/ui/"
        name = context.account.name
        account = "" if name == DEFAULT else f"?account={quote(name, safe='')}"
        return f"{base}{account}#/requests/{context.entry_id}"

    def _finish(
        self, provider: Provider | None, context: RequestContext, pending: PendingResponse, choice: Choice
    ) -> Response:
        payload, scenario, respond = pending.payload, choice.scenario, choice.respond
        if isinstance(payload, bytes):
            body, kind = payload, pending.content_type or "application/octet-stream"
        elif isinstance(payload, str):
            body, kind = (
                payload.encode("utf-8", "surrogatepass"),
                pending.content_type or "text/plain; charset=utf-8",
            )
        else:
            assert provider is not None
            body, kind = provider.encode(context, payload), pending.content_type or _JSON
        # Before the checks no secret has been compared.
        signed = () if provider is None or choice.is_early else provider.sign(context, body)
        if respond.headers:
            signed = without(signed, names_of(respond))
        headers = (*signed, *pending.headers)
        if not pending.headers or not any(name.lower() == "content-type" for name, _ in pending.headers):
            headers = (("Content-Type", kind), *headers)
        name, source = (scenario.name, scenario.source) if scenario is not None else ("", "")
        if self._mock_headers:
            headers += ((MOCK_REQUEST_ID, context.entry_id),)
            if scenario is not None:
                headers += scenario_headers(name, source)
            if context.refused:
                headers += (("Link", f'<{self._help(context)}>; rel="help"'),)
        if "origin" in context.request.headers or self._cross_origin.varies(context.account):
            if context.evidence is None and self._cross_origin.is_hidden(
                context.request, context.account, headers
            ):
                context.evidence = cors_evidence(context.request)
            headers += self._cross_origin.headers(context.request, context.account, headers)
        delay = respond.delay.draw(context.draws.random("delay")) if respond.delay is not None else 0.0
        vendor = provider.name if provider is not None else ""
        context.transaction.entry = Entry(
            context.entry_id, context.account.name, vendor, context.operation, context.now, context.real, context.request,
            pending.status, headers, body, context.reference, name, source, context.error, context.outcome,
            context.evidence, delay, respond.fault or "", choice.position, self.clock.now() - context.real,
        ).shortened(self._body_limit)  # fmt: skip
        if provider is not None:
            context.transaction.met(
                vendor, "answer", context.operation, pending.status, context.outcome, context.error
            )
        messages = context.transaction.messages
        if not messages:
            return Response(pending.status, headers, body, delay, respond.fault)
        ids = tuple((message.account, message.id) for message in messages)
        first = tuple((message.account, message.id) for message in messages if message.before_response)
        return Response(pending.status, headers, body, delay, respond.fault, ids, first)


def _unrenderable(error: RenderError) -> PendingResponse:
    """A scenario's template failed: the mock's own fault, so neither vendor's shape, and never to be taken
    for the vendor's word."""
    problem = {
        "type": "about:blank",
        "title": "The scenario's template cannot be rendered",
        "status": 500,
        "detail": str(error),
    }
    return PendingResponse(500, msgspec.json.encode(problem), "application/problem+json")


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(item) for item in value)
