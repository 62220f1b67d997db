"""From a valid request to the verification it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_server.providers.context import RequestContext
from mock_server.providers.shuftipro import links
from mock_server.providers.shuftipro.case import is_on
from mock_server.providers.shuftipro.names import sent_parts
from mock_server.providers.shuftipro.services import COMMON, SERVICES, parameters
from mock_server.providers.shuftipro.settings import AccountSection, Settings
from mock_server.providers.shuftipro.uploads import media_type
from mock_server.providers.shuftipro.verification import Verification

_APART = frozenset({"reference", "email", "country", "callback_url", "redirect_url"})
_OPTIONS = frozenset(field.key for field in COMMON) - _APART
_PROOFS = frozenset({"proof", "additional_proof"})
_JOURNEY: Mapping[str, Any] = {"face": {}, "document": {"name": "", "dob": "", "document_number": ""}}
"""Services of a journey that was put together in the back office, of which the mock knows nothing."""


def verification(context: RequestContext, section: AccountSection, asked: Iterable[str]) -> Verification:
    """What the request asks for, without its files; how it stands is not settled yet. ``asked``: its
    services."""
    values: dict[str, Any] = context.body
    services = {name: _service(parameters(values, name)) for name in asked}
    return Verification(
        reference=context.reference,
        event="",
        email=values.get("email"),
        country=values.get("country"),
        services=services or dict(_JOURNEY),
        options={key: values[key] for key in values if key in _OPTIONS},
        callback_url=values.get("callback_url") or section.callback_url,
        redirect_url=values.get("redirect_url") or "",
        useragent=context.request.headers.get("user-agent", ""),
        ip=context.request.peer,
        locale=context.locale or "",
        handle=links.handle(context.draws),
    )


def _service(parameters: Any) -> dict[str, Any]:
    if not isinstance(parameters, dict):
        return {}
    proofs: dict[str, Any] = {key: media_type(parameters[key]) for key in _PROOFS if parameters.get(key)}
    if isinstance(parameters.get("proofs"), list):
        proofs["proofs"] = [_company_proof(proof) for proof in parameters["proofs"]]
    return {**parameters, **proofs} if proofs else parameters


def _company_proof(proof: Any) -> Any:
    return (
        {**proof, "file": media_type(proof["file"])}
        if isinstance(proof, dict) and isinstance(proof.get("file"), str)
        else proof
    )


def needs_user(verification: Verification) -> bool:
    """Whether somebody has to come and show something."""
    if verification.options.get("journey_id"):
        return True
    return bool(
        [
            name
            for name in verification.services
            if name in _COMES and _COMES[name](verification.services[name])
        ]
    )


def _unproven(values: Mapping[str, Any]) -> bool:
    return not values.get("proof")


def _unnamed(values: Mapping[str, Any]) -> bool:
    return not (values.get("national_id") or sent_parts(values.get("name")))


def _papers(values: Mapping[str, Any]) -> bool:
    return is_on(values.get("enable_extra_proofs")) or bool(values.get("labels"))


_COMES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    **{name: lambda _values: True for name, service in SERVICES.items() if service.user},
    **{name: _unproven for name, service in SERVICES.items() if service.proof},
    "kyb": _papers,
    "ekyc": _unnamed,
    "eidv": _unnamed,
}
"""Service → whether its parameters leave something to the user; the others never do."""


def open_page(context: RequestContext, verification: Verification, settings: Settings) -> None:
    """Give the verification its page, for as long as the request says."""
    token = links.page_token(context.account.name, verification.handle, context.draws)
    verification.url = f"{context.origin}{settings.page_path}{token}"
    verification.expires = context.now + 60 * float(verification.options.get("ttl") or settings.ttl)
