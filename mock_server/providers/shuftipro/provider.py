"""The vendor as the pipeline sees it: each stage hands on to the module that knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Refusal, Request
from mock_server.core.records import Message, Record
from mock_server.providers.api_notes import ApiNotes
from mock_server.providers.base import Decision, FidelityRow, Forwarding, PendingResponse
from mock_server.providers.context import RequestContext, UnitOfWork
from mock_server.providers.routing import EndpointRow
from mock_server.providers.shuftipro import (
    callbacks,
    endpoints,
    errors,
    events,
    files,
    gate,
    routes,
    signing,
    tokens,
)
from mock_server.providers.shuftipro.callbacks import Plan
from mock_server.providers.shuftipro.creation import Creation
from mock_server.providers.shuftipro.declines import unfitting
from mock_server.providers.shuftipro.handlers import Handlers
from mock_server.providers.shuftipro.info import informer
from mock_server.providers.shuftipro.lifecycle import Lifecycle, decisions_of
from mock_server.providers.shuftipro.parsing import parse
from mock_server.providers.shuftipro.settings import (
    NAME,
    AccountSection,
    Settings,
    parse_account,
    parse_settings,
    section_of,
)
from mock_server.providers.shuftipro.validation import Validator
from mock_server.providers.shuftipro.verification import KIND, check, find, read
from mock_server.providers.shuftipro.vocabulary import VOCABULARY
from mock_server.providers.shuftipro.work import WORK
from mock_server.providers.specification import SpecificationSentence
from mock_server.scenario.facts import MISSING
from mock_server.scenario.model import CallbackSpec, Respond

_LONGEST = 1000
"""Characters of a reference; a longer text is not taken for one."""
_EXPOSED = (("Access-Control-Expose-Headers", "signature, sp_signature"),)


if TYPE_CHECKING:
    from mock_server.providers.audit import AuditCase
    from mock_server.providers.audit_patterns import Reasoning
    from mock_server.providers.command_line import CommandLine
    from mock_server.providers.probes import Probes
    from mock_server.providers.samples import Samples


class ShuftiPro:
    """Satisfies `Provider`."""

    name = NAME
    title = "Shufti Pro"
    hosted_pages = "mock_server.web.hosted.shuftipro:blueprint"
    page_roots = routes.PAGES
    callback_setting = "callback_url"
    vocabulary = VOCABULARY

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._directory = tokens.Directory()
        self._validator = Validator(settings)
        self.lifecycle = Lifecycle(settings, informer(settings))
        self._creation = Creation(settings, self.lifecycle)
        self._handlers = Handlers(settings, self.lifecycle, self._validator)

    def section(self, account: str, values: Mapping[str, Any]) -> AccountSection:
        return parse_account(account, values)

    @property
    def fidelity(self) -> Sequence[FidelityRow]:
        from mock_server.providers.shuftipro.fidelity import ROWS

        return ROWS

    @property
    def api_notes(self) -> ApiNotes:
        from mock_server.providers.shuftipro.api_notes import NOTES

        return NOTES

    @property
    def forwarding(self) -> Forwarding:
        from mock_server.providers.shuftipro import forwarding

        return forwarding

    @property
    def command_line(self) -> CommandLine:
        from mock_server.providers.shuftipro import command_line

        return command_line

    @property
    def probes(self) -> Probes:
        from mock_server.providers.shuftipro import probes

        return probes

    @property
    def samples(self) -> Samples:
        from mock_server.providers.shuftipro import samples

        return samples

    def clock_warning(self, skew: float) -> str:
        return ""

    def decisions_of(self, record: Record) -> Sequence[str]:
        return decisions_of(record.status) if record.kind == KIND else ()

    def check_record(self, record: Record) -> None:
        check(record)

    def audit_cases(
        self, reference: Callable[[str], str], *, scheme: str, secret: str
    ) -> Sequence[AuditCase]:
        from mock_server.providers.shuftipro.audit import cases

        return cases(reference, scheme=scheme, secret=secret)

    def audit_reasoning(self, genuine: bytes, *, scheme: str, secret: str) -> Reasoning:
        from mock_server.providers.shuftipro.audit_reasoning import reasoning

        return reasoning(genuine, scheme=scheme, secret=secret)

    @property
    def specification(self) -> Sequence[SpecificationSentence]:
        from mock_server.providers.shuftipro.specification import ROWS

        return ROWS

    def endpoints(self) -> Sequence[EndpointRow]:
        return endpoints.SERVED

    def serves(self, path: str) -> bool:
        return endpoints.serves(path)

    def is_hosted_page(self, path: str) -> bool:
        return routes.is_page(path)

    def operation(self, method: str, path: str) -> str:
        return endpoints.operation(method, path)

    # -- a request
    # ---------------------------------------------------------------------------------------------
    def authenticate(self, context: RequestContext) -> None:
        door = files if context.operation == routes.PROOF else gate
        door.authenticate(context, self.settings, self._directory)

    def recognise(self, context: RequestContext) -> bool:
        return gate.recognise(context, self._directory)

    def validate(self, context: RequestContext) -> None:
        work = context.stash[WORK]
        if context.operation == routes.VERIFICATION:
            work.services = self._validator.verification(context, work.section)
        elif context.operation in (routes.STATUS, routes.DELETE):
            work.verification = read(
                self._validator.named(context, comment=context.operation == routes.DELETE)
            )
        else:
            self._validator.read(context)

    def collect_facts(self, context: RequestContext) -> None:
        if context.body is MISSING:
            self._validator.read(context)
        reference = context.body.get("reference")
        if not context.reference and isinstance(reference, str) and len(reference) <= _LONGEST:
            context.reference = reference

    def compose(self, context: RequestContext, respond: Respond) -> PendingResponse:
        work = context.stash[WORK]
        if context.operation == routes.VERIFICATION:
            return self._creation.compose(context, work, respond)
        if context.operation == routes.PROOF:
            return files.serve(context, work)
        answer = endpoints.ENDPOINTS[context.operation].answer
        assert answer is not None
        return PendingResponse(200, answer(self._handlers, context, work, respond), headers=work.limits)

    def persist(
        self, context: RequestContext, pending: PendingResponse, callbacks: Sequence[CallbackSpec] | None
    ) -> None:
        if context.operation == routes.VERIFICATION:
            self._creation.persist(context, context.stash[WORK], pending, callbacks)
        else:
            self._handlers.persist(context, context.stash[WORK], callbacks)

    def send_callbacks(
        self, context: RequestContext, pending: PendingResponse, callbacks: Sequence[CallbackSpec]
    ) -> None:
        self._handlers.send_callbacks(context, context.stash[WORK], callbacks)

    def refuse(self, context: RequestContext, error: ProviderError) -> PendingResponse:
        work = context.stash.get(WORK, None)
        kind = errors.kind_of(error)
        context.error = str(error.code)
        status = int(error.options.get("status", kind.status))
        limits = work.limits if work is not None else ()
        if self._is_page(context):
            return PendingResponse(status, errors.page(error), "text/html; charset=UTF-8")
        if context.error == "429" and self.settings.rate_limit_body == "laravel":
            return PendingResponse(status, {"message": error.message or kind.message}, headers=limits)
        return PendingResponse(status, errors.envelope(error, self._sent(context)), headers=limits)

    def _sent(self, context: RequestContext) -> Mapping[str, Any]:
        """The parameters of a request, also of one that was refused before they were read."""
        if isinstance(context.body, dict):
            return context.body
        return parse(context.request, self.settings.parse_by_content_type)

    def not_read(self, refusal: Refusal) -> ProviderError:
        if refusal.status == 413:
            message = f"The request may not be greater than {refusal.limit >> 10} kilobytes."
            return ProviderError("413", message, evidence={"limit": refusal.limit})
        code = "500" if refusal.status >= 500 else events.INVALID
        return ProviderError(code, refusal.sentence, options={"status": refusal.status})

    def unavailable(self) -> ProviderError:
        return ProviderError("500")

    # -- bytes
    # -------------------------------------------------------------------------------------------------
    def encode(self, context: RequestContext, payload: Any) -> bytes:
        work = context.stash.get(WORK, None)
        if isinstance(payload, dict) and isinstance(event := payload.get("event"), str):
            context.met(NAME, "event", event)
        if work is not None and work.payload is payload and work.body:
            return work.body
        return self.lifecycle.encode(payload)

    def sign(self, context: RequestContext, body: bytes) -> tuple[tuple[str, str], ...]:
        work = context.stash.get(WORK, None)
        if work is None or not self._signs(context):
            return ()
        signed = work.headers if work.headers and body is work.body else callbacks.signed(work.section, body)
        return signed + _EXPOSED if self.settings.expose_headers else signed

    def _signs(self, context: RequestContext) -> bool:
        if self._is_page(context) or (context.operation == routes.PROOF and not context.error):
            return False
        return self.settings.sign_unauthorized or context.error not in errors.UNAUTHORIZED_CODES

    def _is_page(self, context: RequestContext) -> bool:
        """Whether the answer is the page of a proxy."""
        return context.error in errors.PROXY and self.settings.proxy_errors == "page"

    def re_sign(
        self, unit: UnitOfWork, body: bytes, *, scheme: str | None, secret: str | None
    ) -> tuple[tuple[str, str], ...]:
        section = section_of(unit.account)
        return signing.headers(body, secret or section.secret_key, scheme or section.signature)

    # -- the back office
    # ---------------------------------------------------------------------------------------
    def decide(self, unit: UnitOfWork, record: Record, decision: Decision) -> None:
        verification = read(record)
        problem = unfitting(decision.decline, verification.services)
        if problem is not None and verification.services:
            raise ValueError(f"{problem.explanation}; {problem.fix}")
        self.lifecycle.decide(unit, record, verification, decision.outcome, decision.decline, decision.merge)

    def trigger(
        self, unit: UnitOfWork, event: str, reference: str, options: Mapping[str, Any]
    ) -> list[Message]:
        kind = events.EVENTS.get(event)
        if kind is None or not kind.callback:
            known = ", ".join(name for name, other in events.EVENTS.items() if other.callback)
            raise ValueError(f"{event!r} is never sent as a callback; use one of {known}")
        if not reference:
            raise ValueError("reference is missing; name the verification that the event speaks of")
        record = find(unit.store, unit.account.name, reference)
        if record is None:
            raise ValueError(
                f"account {unit.account.name!r} has no verification {reference!r}; make it with POST / first"
            )
        verification = read(record)
        if verification.event == events.DELETED and event != events.DELETED:
            raise ValueError(
                f"{reference!r} has been deleted, and nothing follows {events.DELETED}; create another verification"
            )
        plan = Plan(event, url=str(options.get("url") or ""))
        sent = callbacks.message(
            unit, self.settings, verification, plan, self.lifecycle.telling(unit, verification, plan)
        )
        if sent is None or sent.no_address:
            raise ValueError(f"{reference!r} has no callback_url, nor has its account; name one as url")
        return [sent]

    def timer(self, unit: UnitOfWork, message: Message) -> None:
        record = find(unit.store, unit.account.name, message.reference)
        if record is not None:
            self.lifecycle.fall_due(unit, record, read(record), callbacks.planned(message.body))

    def explain(self, unit: UnitOfWork, request: Request) -> dict[str, Any]:
        from mock_server.providers.shuftipro import diagnosis

        return (
            dict(diagnosis.BY_TOKEN)
            if routes.is_file(request.path)
            else diagnosis.explain_request(unit, request)
        )

    def explain_message(
        self, unit: UnitOfWork, body: bytes, headers: Mapping[str, str], *, scheme: str | None = None
    ) -> dict[str, Any]:
        from mock_server.providers.shuftipro import diagnosis

        section = section_of(unit.account)
        if scheme is not None and scheme not in signing.SCHEMES:
            raise ValueError(f"{scheme!r} is not a signature scheme; use one of {', '.join(signing.SCHEMES)}")
        return diagnosis.explain_callback(
            body, headers, section.secret_key, scheme or section.signature, around=diagnosis.around(unit)
        )

    def explain_text(self, unit: UnitOfWork, text: str, signature: str) -> dict[str, Any]:
        from mock_server.providers.shuftipro.signed_text import explain_text

        return explain_text(unit, text, signature)


def create(values: Mapping[str, Any]) -> ShuftiPro:
    """The provider with the settings of the config file. Raises ``ValueError`` with a remedy."""
    return ShuftiPro(parse_settings(values))
