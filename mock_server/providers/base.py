"""The Provider protocol, and the exchange pipeline that is the same for every vendor.

A vendor is a folder whose object satisfies `Provider`. The pipeline is a pure step from `Request` to `Exchange` plus one commit;
it is computed again when the commit finds that another request came first. It is long because what a vendor supplies and what is done
with it are read together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache, partial
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

import msgspec

from mock_server.core.clock import Clock
from mock_server.core.exceptions import MockServerError, ProviderError, StoreError
from mock_server.core.http import Arrival, Exchange, Refusal, Request, Route
from mock_server.core.records import Entry, Message, Record
from mock_server.providers import unserved
from mock_server.providers.accounts import DEFAULT, AccountHolder
from mock_server.providers.cancelling import cancel_scheduled
from mock_server.providers.choice import BUILT_IN, AnsweredEarly, Choice, UncheckedFacts
from mock_server.providers.context import SEEN, Call, Effects, World
from mock_server.providers.draft import Draft as Draft
from mock_server.providers.rejection import Rejecter, announced, identify, refuse, reject
from mock_server.providers.repeats import Repeats
from mock_server.providers.routing import ADMIN, Router
from mock_server.providers.scenarios import Scenarios
from mock_server.providers.specification import Specified
from mock_server.scenario.model import CallbackSpec, Respond, Scenario
from mock_server.scenario.rendering import merge, render
from mock_server.scenario.selection import select, select_early
from mock_server.scenario.templates import RenderError
from mock_server.scenario.vocabulary import Vocabulary
from mock_server.store.base import StepKey

_RETRIES = 100
_JSON = "application/json"
_STRANGERS_BODY = 4096
"""Bytes that are kept of the body of a request that comes to no operation and carries nobody's credentials."""


class Decision(NamedTuple):
    """What a reviewer decides about a pending verification."""

    outcome: str
    decline: Any = None
    """Shufti: codes, or service → codes."""
    review: Mapping[str, Any] | None = None
    """Cloudcheck: what the review says (``decision``, ``notes``, ``matchId`` …)."""
    merge: Any = None


class Provider(AccountHolder, Specified, Rejecter, Protocol):
    """What a vendor supplies. ``call`` and ``world`` are filled in and read; effects happen through their ``writes`` only."""

    @property
    def vocabulary(self) -> Vocabulary: ...

    @property
    def settings(self) -> Any:
        """The provider's own settings object."""
        ...

    def authenticate(self, call: Call) -> None:
        """Find the account and `World.enter` it, check the credentials or the signature, take what may be used once: by
        `Writes.use_up` whatever is answered, by ``writes.claims`` only where the answer is no error. Raises `ProviderError`.

        Where it raises before entering an account, the request is journalled under the default one."""
        ...

    def validate(self, call: Call) -> None:
        """Parse and check the request: ``call.body``, ``call.reference``, ``call.record``. Raises `ProviderError`."""
        ...

    def collect_facts(self, call: Call) -> None:
        """Fill in ``call.params``, ``call.body`` and ``call.reference`` as far as they can be read and are not there yet.

        Asked of a request that is not valid, or of which nothing has been checked, for the scenarios that answer it all the same.
        Raises nothing."""
        ...

    def compose(self, call: Call, respond: Respond) -> Draft:
        """The answer to ``respond.outcome`` (None: the built-in behaviour, magic values included). Sets ``call.outcome``/``call.error``.

        May raise `ProviderError`, such as 105 or 110: then nothing is written but what `Writes.use_up` has taken."""
        ...

    def conclude(self, call: Call, draft: Draft, callbacks: Sequence[CallbackSpec] | None) -> None:
        """After ``merge``, for a composed answer: remember records, and enqueue messages (None: the vendor's own; else as `announce`)."""
        ...

    def announce(self, call: Call, draft: Draft, callbacks: Sequence[CallbackSpec]) -> None:
        """Enqueue a scenario's callbacks and remember nothing. Called alone for scripted errors, verbatim bodies and faults."""
        ...

    def encode(self, call: Call, payload: Any) -> bytes:
        """The payload as the vendor's JSON bytes."""
        ...

    def sign(self, call: Call, body: bytes) -> tuple[tuple[str, str], ...]:
        """Headers over exactly those bytes, Content-Type not among them."""
        ...

    def resign(self, world: World, body: bytes, *, scheme: str | None, secret: str | None) -> tuple[tuple[str, str], ...]:
        """Signature headers of an outgoing callback, with another scheme or secret where given."""
        ...

    def decide(self, world: World, record: Record, decision: Decision) -> None:
        """A reviewer's decision: rewrite the record, enqueue what follows. Raises ``ValueError`` with a remedy."""
        ...

    def trigger(self, world: World, event: str, reference: str, options: Mapping[str, Any]) -> list[Message]:
        """The messages of an event fired by hand. Raises ``ValueError`` with a remedy."""
        ...

    def timer(self, world: World, message: Message) -> None:
        """A timer of this provider has fallen due: rewrite the record, enqueue what follows."""
        ...

    def explain(self, world: World, request: Request) -> dict[str, Any]:
        """Check the request's signature again and say what is wrong with it.

        ``{"valid": bool, "canonical": str, "expected": str, "received": str, "mistakes": [{"id", "explanation", "fix"}]}``; no secrets."""
        ...

    def explain_message(self, world: World, body: bytes, headers: Mapping[str, str], *, scheme: str | None = None) -> dict[str, Any]:
        """The same for a signed body that stands alone, such as a callback as its receiver has it; lower-case header names."""
        ...


class Pipeline:
    """Request in, exchange out. Holds no state of its own: everything is in the store and the scenario set."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        effects: Effects,
        scenarios: Scenarios,
        clock: Clock,
        *,
        mock_headers: bool = True,
        on_refusal: Callable[[Entry], None] | None = None,
    ) -> None:
        """``on_refusal``: hears of each refusal, and of what was accepted and yet has evidence against it."""
        self.providers = providers
        self.effects = effects
        self.store = effects.store
        self.scenarios = scenarios
        self.clock = clock
        self._mock_headers = mock_headers
        self._on_refusal = on_refusal
        self._repeats = Repeats()
        self.router = Router(providers)

    def handle(self, request: Request, route: Route | None = None, refusal: Refusal | None = None) -> Exchange:
        """Answer one request and commit what it writes. ``route``: None where no adapter has worked it out; ``refusal``: an adapter's
        own, such as a body over the limit."""
        arrival = Arrival(request, route or self.router.route_of(request), refusal)
        for _ in range(_RETRIES):
            call, exchange = self._compute(arrival)
            if self.store.commit(call.writes) is None:
                self._committed(call)
                return exchange
        raise MockServerError(f"{request.path}: still in conflict with other requests after {_RETRIES} tries")

    def preview(self, request: Request, refusal: Refusal | None = None) -> Entry:
        """The journal entry that the request would leave. Writes nothing."""
        call, _ = self._compute(Arrival(request, self.router.route_of(request), refusal))
        assert call.writes.entry is not None
        return call.writes.entry

    def handle_all(self, arrivals: Sequence[Arrival]) -> list[Exchange | Exception]:
        """`handle` for each, or what it raised."""
        try:
            with self.store.group() if len(arrivals) > 1 else nullcontext():
                return [self._safely(arrival) for arrival in arrivals]
        except StoreError as error:
            return [error] * len(arrivals)

    def _safely(self, arrival: Arrival) -> Exchange | Exception:
        try:
            return self.handle(arrival.request, arrival.route, arrival.refusal)
        except Exception as error:  # noqa: BLE001 - the caller's business
            return error

    def _committed(self, call: Call) -> None:
        cancel_scheduled(self.store, call.writes, call.now)
        entry = call.writes.entry
        doubtful = entry is not None and call.evidence is not None and not entry.error and entry.status < 400
        if entry is not None and self._on_refusal is not None and (call.refused or doubtful):
            self._on_refusal(entry)

    def _compute(self, arrival: Arrival) -> tuple[Call, Exchange]:
        request, route, refusal = arrival.request, arrival.route, arrival.refusal
        call = Call(self.effects, request, route.operation if refusal is None else "", self.clock.now())
        provider = self.providers[route.provider] if route.provider else unserved.vendor_of(call, self.providers)
        if provider is None:
            return call, self._turn_away(None, call, refusal)
        if route.provider and (refusal is None or refusal.status == 413):
            call.on_enter = partial(self._ask_early, provider, route.operation)
        choice = BUILT_IN
        try:
            chosen = self._choose(provider, call)
            if chosen is None:
                return call, self._turn_away(provider, call, refusal)
            choice = chosen
            draft = self._answer(provider, call, choice)
        except ProviderError as error:
            draft = refuse(provider, call, error, error.evidence)
        except RenderError as error:
            call.writes.discard()
            call.refused, call.error = True, "scenario"
            call.evidence = {"check": "template", "explanation": str(error), "remedy": "fix the template in the scenario file"}
            draft = _unrenderable(error)
        return call, self._finish(provider, call, draft, choice)

    def _choose(self, provider: Provider, call: Call) -> Choice | None:
        """The first scenario that matches; None: the request comes to no operation. Raises the refusal of a request that is not valid
        where the answer depends on that."""
        try:
            self._authenticate(provider, call)
        except AnsweredEarly as answered:
            return answered.choice
        if not call.operation:
            return None
        try:
            provider.validate(call)
        except ProviderError as error:
            read = call.reference
            provider.collect_facts(call)
            choice = self._select(provider, call)
            if not choice.respond.stands_alone:
                call.reference = read  # what the vendor's refusal repeats
                raise
            return choice._replace(invalid=error)
        return self._select(provider, call)

    def _authenticate(self, provider: Provider, call: Call) -> None:
        """Find out by whom an operation is asked for. An account is entered in any case."""
        try:
            if call.operation:
                provider.authenticate(call)
        finally:
            identify(provider, call, self.effects.accounts.default())

    def _ask_early(self, provider: Provider, operation: str, call: Call) -> None:
        """Raise the choice of a scenario that answers before the checks, where there is one."""
        scenarios = self.scenarios.of(call.account.name, call.state)
        scenario = select_early(scenarios, provider.name, operation, UncheckedFacts(call, provider.collect_facts), call.state.pinned)
        if scenario is not None:
            call.operation = operation
            provider.collect_facts(call)
            raise AnsweredEarly(self._at_its_step(call, scenario))

    def _select(self, provider: Provider, call: Call) -> Choice:
        scenarios = self.scenarios.of(call.account.name, call.state)
        scenario = select(scenarios, provider.name, call.operation, call, call.state.pinned)
        return BUILT_IN if scenario is None else self._at_its_step(call, scenario)

    def _at_its_step(self, call: Call, scenario: Scenario) -> Choice:
        call.locale = scenario.locale
        if not scenario.is_sequence:
            return Choice(scenario, scenario.steps[0])
        key = StepKey(scenario.name, call.reference)
        position = call.store.step(call.account.name, key)
        call.writes.step = (key, position)
        return Choice(scenario, scenario.step_for(position), position + 1)

    def _answer(self, provider: Provider, call: Call, choice: Choice) -> Draft:
        respond, callbacks = choice.respond, choice.step.callbacks
        call.respond = respond
        if respond.error is not None:
            draft = self._scripted_error(provider, call, respond)
        elif respond.has_body:
            draft = Draft(200, render(respond.body, call))
        elif choice.is_early or respond.is_bare_status:
            draft = Draft(200, "")
        elif respond.fault is not None:
            draft = self._broken_off(provider, call, choice)
        else:
            draft = provider.compose(call, respond)
            if respond.merge is not None and not isinstance(draft.payload, bytes):
                draft = draft.replace(payload=merge(draft.payload, render(respond.merge, call)))
            provider.conclude(call, draft, callbacks)
            callbacks = None
        if callbacks:
            provider.announce(call, draft, callbacks)
        if respond.status is not None:
            draft = draft.replace(status=respond.status)
        if respond.headers:
            draft = draft.replace(headers=draft.headers + tuple((name, str(render(value, call))) for name, value in respond.headers))
        return draft

    def _broken_off(self, provider: Provider, call: Call, choice: Choice) -> Draft:
        """The answer that a fault does not let through."""
        if choice.invalid is not None:
            return provider.refuse(call, choice.invalid)
        try:
            return provider.compose(call, choice.respond)
        except ProviderError as error:
            return provider.refuse(call, error)

    def _scripted_error(self, provider: Provider, call: Call, respond: Respond) -> Draft:
        options = {"service": render(respond.service, call), "key": render(respond.key, call)}
        error = ProviderError(
            respond.error or "",
            render(respond.message, call),
            fields=_texts(render(respond.fields, call)),
            detail=_texts(render(respond.detail, call)),
            options={name: value for name, value in options.items() if value is not None},
        )
        call.writes.give_back()
        call.evidence = None
        draft = provider.refuse(call, error)
        return draft if respond.merge is None else draft.replace(payload=merge(draft.payload, render(respond.merge, call)))

    def _turn_away(self, provider: Provider | None, call: Call, refusal: Refusal | None) -> Exchange:
        """Answer what comes to no operation: what an adapter refuses, and paths and methods that are not served."""
        identify(provider, call, self.effects.accounts.default())
        draft = reject(provider, call, refusal, self.providers.values())
        own_id = call.entry_id
        if call.is_stranger:
            call.request = call.request.replace(body=call.request.body[:_STRANGERS_BODY])
            if provider is None or refusal is not None:
                recorded = self._repeats.record(call.error, call.request.peer, own_id, call.real)
                call.entry_id = recorded.entry_id
                call.evidence = announced(call.evidence or {}) if recorded.is_last else call.evidence
        exchange = self._finish(provider, call, draft, BUILT_IN)
        if call.entry_id != own_id:
            call.writes.entry = None
        return exchange

    def _help(self, call: Call) -> str:
        """Where the dashboard shows the request and explains the refusal."""
        base = f"{self.effects.public_base_url or call.request.origin.removesuffix(call.request.mount)}{ADMIN}/ui/"
        name = call.account.name
        account = "" if name == DEFAULT else f"?account={quote(name, safe='')}"
        return f"{base}{account}#/requests/{call.entry_id}"

    def _finish(self, provider: Provider | None, call: Call, draft: Draft, choice: Choice) -> Exchange:
        payload, scenario, respond = draft.payload, choice.scenario, choice.respond
        if isinstance(payload, bytes):
            body, kind = payload, draft.content_type or "application/octet-stream"
        elif isinstance(payload, str):
            body, kind = payload.encode("utf-8", "surrogatepass"), draft.content_type or "text/plain; charset=utf-8"
        else:
            assert provider is not None
            body, kind = provider.encode(call, payload), draft.content_type or _JSON
        # Before the checks nobody with a secret has seen the request.
        signed = () if provider is None or choice.is_early else provider.sign(call, body)
        headers = (*signed, *draft.headers)
        if not draft.headers or not any(name.lower() == "content-type" for name, _ in draft.headers):
            headers = (("Content-Type", kind), *headers)
        name, source = (scenario.name, scenario.source) if scenario is not None else ("", "")
        if self._mock_headers:
            headers += (("X-Mock-Request-Id", call.entry_id),)
            if scenario is not None:
                headers += _scenario_headers(name, source)
            if call.refused:
                headers += (("Link", f'<{self._help(call)}>; rel="help"'),)
        delay = respond.delay.draw(call.draws.random("delay")) if respond.delay is not None else 0.0
        vendor = provider.name if provider is not None else ""
        call.writes.entry = Entry(
            call.entry_id, call.account.name, vendor, call.operation, call.now, call.real, call.request,
            draft.status, headers, body, call.reference, name, source, call.error, call.outcome,
            call.evidence, delay, respond.fault or "", choice.position,
        )  # fmt: skip
        if provider is not None:
            call.writes.tallies.append((f"{SEEN}{vendor}|answer|{call.operation}|{draft.status}|{call.outcome}|{call.error}", 1.0))
        messages = call.writes.messages
        if not messages:
            return Exchange(draft.status, headers, body, delay, respond.fault)
        ids = tuple((message.account, message.id) for message in messages)
        first = tuple((message.account, message.id) for message in messages if message.before_response)
        return Exchange(draft.status, headers, body, delay, respond.fault, ids, first)


def _unrenderable(error: RenderError) -> Draft:
    """A scenario's template failed: the mock's own fault, so neither vendor's shape, and never to be taken for the vendor's word."""
    problem = {"type": "about:blank", "title": "The scenario's template cannot be rendered", "status": 500, "detail": str(error)}
    return Draft(500, msgspec.json.encode(problem), "application/problem+json")


@lru_cache(maxsize=1024)
def _scenario_headers(name: str, source: str) -> tuple[tuple[str, str], ...]:
    return ("X-Mock-Scenario", _header(name)), ("X-Mock-Source", _header(source))


def _header(text: str) -> str:
    """Header values are Latin-1 on the wire; anything else is escaped so that no scenario name can break an answer."""
    return text.encode("ascii", "backslashreplace").decode("ascii").replace("\r", " ").replace("\n", " ")


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(item) for item in value)
