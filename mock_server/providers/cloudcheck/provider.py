"""The Cloudcheck vendor, put together for the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Refusal, Request
from mock_server.core.records import Message, Record
from mock_server.providers.api_notes import ApiNotes
from mock_server.providers.base import Decision, FidelityRow, Forwarding, PendingResponse
from mock_server.providers.cloudcheck import (
    errors,
    facts,
    gate,
    magic,
    reviews,
    settings,
    timestamps,
    webhooks,
)
from mock_server.providers.cloudcheck.endpoint import NAME, Endpoint
from mock_server.providers.cloudcheck.handlers import address, live
from mock_server.providers.cloudcheck.json_codec import encode
from mock_server.providers.cloudcheck.params import parse
from mock_server.providers.cloudcheck.records import PENDING_RECORD
from mock_server.providers.cloudcheck.routes import BY_NAME, PAGE_ROOTS, Routes, check_settings, is_page
from mock_server.providers.cloudcheck.token_lookup import locate
from mock_server.providers.cloudcheck.vocabulary import vocabulary
from mock_server.providers.context import RequestContext, UnitOfWork
from mock_server.providers.routing import EndpointRow
from mock_server.providers.specification import SpecificationSentence
from mock_server.scenario.model import CallbackSpec, Respond

if TYPE_CHECKING:
    from mock_server.providers.audit import AuditCase
    from mock_server.providers.audit_patterns import Reasoning
    from mock_server.providers.command_line import CommandLine
    from mock_server.providers.probes import Probes
    from mock_server.providers.samples import Samples


class Cloudcheck:
    """As `providers.base.Provider`."""

    name = NAME
    title = "Cloudcheck"
    hosted_pages = "mock_server.web.hosted.cloudcheck:blueprint"
    page_roots = PAGE_ROOTS
    callback_setting = "webhook_url"

    def __init__(self, chosen: settings.Settings) -> None:
        """Raises ``ValueError`` for settings that name no endpoint."""
        check_settings(chosen)
        self.settings = chosen
        self.vocabulary = vocabulary(chosen)
        self._routes = Routes(chosen)

    @property
    def fidelity(self) -> Sequence[FidelityRow]:
        from mock_server.providers.cloudcheck.fidelity import ROWS

        return ROWS

    @property
    def api_notes(self) -> ApiNotes:
        from mock_server.providers.cloudcheck.api_notes import NOTES

        return NOTES

    @property
    def forwarding(self) -> Forwarding:
        from mock_server.providers.cloudcheck import forwarding

        return forwarding

    @property
    def command_line(self) -> CommandLine:
        from mock_server.providers.cloudcheck import command_line

        return command_line

    @property
    def probes(self) -> Probes:
        from mock_server.providers.cloudcheck import probes

        return probes

    @property
    def samples(self) -> Samples:
        from mock_server.providers.cloudcheck import samples

        return samples

    def clock_warning(self, skew: float) -> str:
        if not timestamps.refused(skew, self.settings):
            return ""
        return "Cloudcheck refuses every request that is signed with the real time: error 103."

    def decisions_of(self, record: Record) -> Sequence[str]:
        return reviews.decisions_of(record)

    def check_record(self, record: Record) -> None:
        from mock_server.providers.cloudcheck.record_shapes import check

        check(record)

    def audit_cases(
        self, reference: Callable[[str], str], *, scheme: str, secret: str
    ) -> Sequence[AuditCase]:
        from mock_server.providers.cloudcheck.audit import cases

        return cases(reference, scheme=scheme, secret=secret)

    def audit_reasoning(self, genuine: bytes, *, scheme: str, secret: str) -> Reasoning:
        from mock_server.providers.cloudcheck.audit_reasoning import reasoning

        return reasoning()

    @property
    def specification(self) -> Sequence[SpecificationSentence]:
        from mock_server.providers.cloudcheck.specification import ROWS

        return ROWS

    def endpoints(self) -> Sequence[EndpointRow]:
        return self._routes.rows

    def serves(self, path: str) -> bool:
        return self._routes.serves(path)

    def is_hosted_page(self, path: str) -> bool:
        return is_page(path)

    def section(self, account: str, values: Mapping[str, Any]) -> settings.AccountSection:
        return settings.parse_account(account, values)

    def operation(self, method: str, path: str) -> str:
        return self._routes.find(method, path).name

    def authenticate(self, context: RequestContext) -> None:
        endpoint = BY_NAME[context.operation]
        if endpoint.access == "signed":
            gate.authenticate(context, endpoint, self.settings)
        elif endpoint.access == "browser":
            address.authenticate(context)
        else:
            self._authenticate_open(context, endpoint)

    def _authenticate_open(self, context: RequestContext, endpoint: Endpoint) -> None:
        """Authenticate by the token in the path. Check the signature if one was sent or a setting requires it."""
        context.params = parse(context.request, self.settings)
        if self.settings.image_download == "signed" or "signature" in context.params:
            gate.authenticate(context, endpoint, self.settings)
            return
        token = live.path_parts(context.request.path)[0]
        match = locate(context.services, live.KIND, token)
        if match is None:
            raise errors.unknown(token)
        context.enter(match[0])

    def recognise(self, context: RequestContext) -> bool:
        params = context.params = parse(context.request, self.settings)
        return gate.recognise(context, params)

    def validate(self, context: RequestContext) -> None:
        endpoint = BY_NAME[context.operation]
        if endpoint.access == "browser":
            address.check_browser(context, endpoint)
        else:
            endpoint.check(context)

    def collect_facts(self, context: RequestContext) -> None:
        facts.collect(context, BY_NAME.get(context.operation), self.settings)

    def compose(self, context: RequestContext, respond: Respond) -> PendingResponse:
        endpoint = BY_NAME[context.operation]
        outcome = respond.outcome
        if outcome is None or outcome not in endpoint.outcomes:
            outcome = magic.outcome(context, endpoint.name, endpoint.usual)
        context.outcome = outcome
        return endpoint.answer(context, outcome)

    def persist(
        self, context: RequestContext, pending: PendingResponse, callbacks: Sequence[CallbackSpec] | None
    ) -> None:
        keep = BY_NAME[context.operation].keep
        if keep is not None:
            keep(context, pending, callbacks)

    def send_callbacks(
        self, context: RequestContext, pending: PendingResponse, callbacks: Sequence[CallbackSpec]
    ) -> None:
        new = context.stash.get(PENDING_RECORD, None)
        webhooks.follow(context, context.record if new is None else new.record, callbacks)

    def refuse(self, context: RequestContext, error: ProviderError) -> PendingResponse:
        code = errors.code_of(error)
        context.error = str(code)
        endpoint = BY_NAME.get(context.operation)
        payload: dict[str, Any] = errors.payload(error, code)
        usual = endpoint.position if endpoint is not None else errors.TOP
        if errors.position(context.operation, usual, code, error, self.settings) == errors.NESTED:
            payload = {"verification": payload}
        if endpoint is not None and endpoint.tells_success:
            payload = {"success": False, "message": error.message or errors.CODES[code].message, **payload}
        headers: tuple[tuple[str, str], ...] = ()
        if "allow" in error.options:
            headers += (("Allow", error.options["allow"]),)
        if endpoint is not None and endpoint.access == "browser":
            headers += address.CORS
        return PendingResponse(
            errors.status(error, self.settings), payload, self.settings.content_type, headers
        )

    def not_read(self, refusal: Refusal) -> ProviderError:
        message = f"The request is larger than {refusal.limit} bytes." if refusal.limit else refusal.sentence
        evidence = {"limit": refusal.limit} if refusal.limit else None
        code = 111 if refusal.status >= 500 else 113
        return ProviderError(code, message, options={"status": refusal.status}, evidence=evidence)

    def unavailable(self) -> ProviderError:
        return ProviderError(111, options={"status": 500})

    def encode(self, context: RequestContext, payload: Any) -> bytes:
        return encode(payload)

    def sign(self, context: RequestContext, body: bytes) -> tuple[tuple[str, str], ...]:
        """Cloudcheck signs nothing that it sends."""
        return ()

    def re_sign(
        self, unit: UnitOfWork, body: bytes, *, scheme: str | None, secret: str | None
    ) -> tuple[tuple[str, str], ...]:
        """Nor are its webhooks signed."""
        return ()

    def decide(self, unit: UnitOfWork, record: Record, decision: Decision) -> None:
        reviews.decide(unit, record, decision)

    def trigger(
        self, unit: UnitOfWork, event: str, reference: str, options: Mapping[str, Any]
    ) -> list[Message]:
        return webhooks.trigger(unit, event, reference, options)

    def timer(self, unit: UnitOfWork, message: Message) -> None:
        reviews.from_timer(unit, message)

    def explain(self, unit: UnitOfWork, request: Request) -> dict[str, Any]:
        from mock_server.providers.cloudcheck.diagnosis import UNSIGNED, explain

        return (
            explain(unit, request) if self._routes.is_signed(request.method, request.path) else dict(UNSIGNED)
        )

    def explain_message(
        self, unit: UnitOfWork, body: bytes, headers: Mapping[str, str], *, scheme: str | None = None
    ) -> dict[str, Any]:
        """Explains nothing."""
        raise ValueError(
            "Cloudcheck signs nothing that it sends; give the method, path and params of a request"
        )

    def explain_text(self, unit: UnitOfWork, text: str, signature: str) -> dict[str, Any]:
        from mock_server.providers.cloudcheck.signed_text import explain_text

        return explain_text(unit, text, signature, [row.path for row in self.endpoints()])


def create(values: Mapping[str, Any]) -> Cloudcheck:
    """The provider with the settings of the config file. Raises ``ValueError`` with a remedy."""
    return Cloudcheck(settings.parse_settings(values))
