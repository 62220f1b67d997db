"""Refusals: whose they are, and what is answered where a request comes to no operation at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Refusal
from mock_server.providers import cross_origin, unserved
from mock_server.providers.accounts import Account
from mock_server.providers.context import RequestContext
from mock_server.providers.pending_response import PendingResponse

_PROBLEM = "application/problem+json"
RETRY = ("Retry-After", "1")
"""Of an answer to what may be sent again as it is."""


class Rejecter(unserved.Recogniser, Protocol):
    """The part of a provider that refuses."""

    def refuse(self, context: RequestContext, error: ProviderError) -> PendingResponse:
        """The vendor's error answer. Sets ``context.error``."""
        ...

    def not_read(self, refusal: Refusal) -> ProviderError:
        """The vendor's error for a request that HTTP or a limit forbids; its answer has the refusal's status."""
        ...

    def unavailable(self) -> ProviderError:
        """The vendor's error for a failure of its own; its answer has status 500."""
        ...


def identify(provider: Rejecter | None, context: RequestContext, otherwise: Account) -> None:
    """Enter the account whose credentials a refused request carries, else ``otherwise``: somebody's journal
    has to have it."""
    if not context.entered and provider is not None:
        provider.recognise(context)
    if not context.entered:
        context.is_stranger = True
        context.enter(otherwise)


def refuse(
    provider: Rejecter, context: RequestContext, error: ProviderError, evidence: Mapping[str, Any]
) -> PendingResponse:
    """The vendor's answer to an error. What the request would have written is thrown away."""
    context.transaction.discard()
    context.refused = True
    context.evidence = dict(evidence) or _named(error) or None
    return provider.refuse(context, error)


def _named(error: ProviderError) -> dict[str, Any]:
    """Evidence of an error that only names fields."""
    evidence = {"fields": list(error.fields), "detail": list(error.detail)}
    return {name: texts for name, texts in evidence.items() if texts}


def announced(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The evidence of the last refusal of a kind that is recorded for a while."""
    return {
        **evidence,
        "explanation": f"{evidence['explanation']}; further ones are not recorded for some seconds",
    }


def reject(
    provider: Rejecter | None, context: RequestContext, refusal: Refusal | None, vendors: Iterable[Rejecter]
) -> PendingResponse:
    """The answer to a request that comes to no operation: the vendor's own error where the path, the host or the
    credentials are a vendor's, else ours.

    ``refusal``: the adapter's; None: no vendor serves its method and path."""
    method, path = context.request.method, context.request.path
    if refusal is None:
        asked = cross_origin.is_preflight(context.request)
        cause = (
            cross_origin.evidence(context.request)
            if asked
            else unserved.cause(method, path, provider, vendors)
        )
        if provider is not None:
            error = unserved.error_of(provider, method, path)
            return refuse(provider, context, error, unserved.joined(error.evidence, cause))
        pending = PendingResponse(404, unserved.problem(404, cause), _PROBLEM)
    else:
        cause = unserved.evidence(refusal)
        again = (RETRY,) if refusal.status == 503 else ()
        if provider is not None:
            error = provider.not_read(refusal)
            answer = refuse(provider, context, error, {**error.evidence, **cause})
            return answer.replace(headers=(*answer.headers, *again))
        pending = PendingResponse(refusal.status, unserved.plain(refusal), headers=again)
    context.refused, context.error, context.evidence = True, str(pending.status), cause
    return pending
