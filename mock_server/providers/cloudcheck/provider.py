"""The Cloudcheck vendor, put together for the pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Request
from mock_server.core.records import Message, Record
from mock_server.providers.base import Decision, Draft
from mock_server.providers.cloudcheck import errors, facts, gate, magic, reviews, settings, webhooks
from mock_server.providers.cloudcheck.endpoint import NAME, Endpoint
from mock_server.providers.cloudcheck.handlers import address, live
from mock_server.providers.cloudcheck.jsontext import encode
from mock_server.providers.cloudcheck.keeping import Made
from mock_server.providers.cloudcheck.locating import locate
from mock_server.providers.cloudcheck.params import parse
from mock_server.providers.cloudcheck.routes import BY_NAME, Routes, check_settings, is_page
from mock_server.providers.cloudcheck.vocabulary import vocabulary
from mock_server.providers.context import Call, World
from mock_server.providers.routing import EndpointRow
from mock_server.providers.specification import Row
from mock_server.scenario.model import CallbackSpec, Respond


class Cloudcheck:
    """As `providers.base.Provider`."""

    name = NAME

    def __init__(self, chosen: settings.Settings) -> None:
        """Raises ``ValueError`` for settings that name no endpoint."""
        check_settings(chosen)
        self.settings = chosen
        self.vocabulary = vocabulary(chosen)
        self._routes = Routes(chosen)

    @property
    def specification(self) -> Sequence[Row]:
        from mock_server.providers.cloudcheck.specification import ROWS

        return ROWS

    def endpoints(self) -> Sequence[EndpointRow]:
        return self._routes.rows

    def claims(self, path: str) -> bool:
        return self._routes.claims(path)

    def hosts(self, path: str) -> bool:
        return is_page(path)

    def section(self, account: str, given: Mapping[str, Any]) -> settings.Account:
        return settings.parse_account(account, given)

    def operation(self, method: str, path: str) -> str:
        return self._routes.find(method, path).name

    def authenticate(self, call: Call) -> None:
        endpoint = BY_NAME[call.operation]
        if endpoint.access == "signed":
            gate.authenticate(call, endpoint, self.settings)
        elif endpoint.access == "browser":
            address.authenticate(call)
        else:
            self._authenticate_open(call, endpoint)

    def _authenticate_open(self, call: Call, endpoint: Endpoint) -> None:
        """By the token in the path; a signature is checked where one is sent, or demanded by setting."""
        call.params = parse(call.request, self.settings)
        if self.settings.image_download == "signed" or "signature" in call.params:
            gate.authenticate(call, endpoint, self.settings)
            return
        token = live.path_parts(call.request.path)[0]
        found = locate(call.effects, live.KIND, token)
        if found is None:
            raise errors.unknown(token)
        call.enter(found[0])

    def recognise(self, call: Call) -> bool:
        params = call.params = parse(call.request, self.settings)
        return gate.recognise(call, params)

    def validate(self, call: Call) -> None:
        endpoint = BY_NAME[call.operation]
        if endpoint.access == "browser":
            address.check_browser(call, endpoint)
        else:
            endpoint.check(call)

    def collect_facts(self, call: Call) -> None:
        facts.collect(call, BY_NAME.get(call.operation), self.settings)

    def compose(self, call: Call, respond: Respond) -> Draft:
        endpoint = BY_NAME[call.operation]
        outcome = respond.outcome
        if outcome is None or outcome not in endpoint.outcomes:
            outcome = magic.outcome(call, endpoint.name, endpoint.usual)
        call.outcome = outcome
        return endpoint.answer(call, outcome)

    def conclude(self, call: Call, draft: Draft, callbacks: Sequence[CallbackSpec] | None) -> None:
        keep = BY_NAME[call.operation].keep
        if keep is not None:
            keep(call, draft, callbacks)

    def announce(self, call: Call, draft: Draft, callbacks: Sequence[CallbackSpec]) -> None:
        webhooks.follow(call, call.made.record if isinstance(call.made, Made) else call.record, callbacks)

    def refuse(self, call: Call, error: ProviderError) -> Draft:
        code = errors.code_of(error)
        call.error = str(code)
        endpoint = BY_NAME.get(call.operation)
        payload: dict[str, Any] = errors.payload(error, code)
        usual = endpoint.position if endpoint is not None else errors.TOP
        if errors.position(call.operation, usual, code, error, self.settings) == errors.NESTED:
            payload = {"verification": payload}
        if endpoint is not None and endpoint.tells_success:
            payload = {"success": False, "message": error.message or errors.CODES[code].message, **payload}
        headers: tuple[tuple[str, str], ...] = ()
        if "allow" in error.options:
            headers += (("Allow", error.options["allow"]),)
        if endpoint is not None and endpoint.access == "browser":
            headers += address.CORS
        return Draft(errors.status(error, self.settings), payload, self.settings.content_type, headers)

    def too_large(self, limit: int) -> ProviderError:
        message = f"The request is larger than {limit} bytes."
        return ProviderError(113, message, options={"status": 413}, evidence={"check": "size", "limit": limit})

    def encode(self, call: Call, payload: Any) -> bytes:
        return encode(payload)

    def sign(self, call: Call, body: bytes) -> tuple[tuple[str, str], ...]:
        """Cloudcheck signs nothing that it sends."""
        return ()

    def resign(self, world: World, body: bytes, *, scheme: str | None, secret: str | None) -> tuple[tuple[str, str], ...]:
        """Nor are its webhooks signed."""
        return ()

    def decide(self, world: World, record: Record, decision: Decision) -> None:
        reviews.decide(world, record, decision)

    def trigger(self, world: World, event: str, reference: str, options: Mapping[str, Any]) -> list[Message]:
        return webhooks.trigger(world, event, reference, options)

    def timer(self, world: World, message: Message) -> None:
        reviews.from_timer(world, message)

    def explain(self, world: World, request: Request) -> dict[str, Any]:
        from mock_server.providers.cloudcheck.diagnosis import UNSIGNED, explain

        return explain(world, request) if self._routes.is_signed(request.method, request.path) else dict(UNSIGNED)

    def explain_message(self, world: World, body: bytes, headers: Mapping[str, str], *, scheme: str | None = None) -> dict[str, Any]:
        """There is nothing to explain."""
        raise ValueError("Cloudcheck signs nothing that it sends; give the method, path and params of a request")
