"""The checks that every signed request passes, in the order 101, 102, 103, 104, 106, 108.

The vendor documents the codes, not their order, nor how old a timestamp may be: see `fidelity`.
"""

from __future__ import annotations

from math import inf
from typing import Any

from mock_server.core.clock import isoformat
from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Request
from mock_server.core.records import UsedValue
from mock_server.providers.cloudcheck import timestamps, unread
from mock_server.providers.cloudcheck.canonical import SIGNATURE, canonical
from mock_server.providers.cloudcheck.endpoint import FILE, NAME, TRANSPORT, Endpoint, section_of
from mock_server.providers.cloudcheck.formats import parse_long
from mock_server.providers.cloudcheck.params import Params, parse, signed_values
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.cloudcheck.signing import equal, sign_text
from mock_server.providers.context import RequestContext

NONCE = "cloudcheck nonce"


def authenticate(context: RequestContext, endpoint: Endpoint, settings: Settings) -> None:
    """Enter the account whose key it is, and check everything that is checked before the endpoint's own
    rules.

    The nonce is used up as soon as the signature is right, whatever is answered then; a refusal before that
    uses nothing up."""
    params = context.params = parse(context.request, settings)
    key = params.get("key")
    account = context.services.accounts.by_credential(NAME, key) if key else None
    if account is None:
        raise ProviderError(101, evidence=_no_account(context, params, endpoint))
    context.enter(account)
    _check_required(context.request, params, endpoint)
    _check_timestamp(context, params["timestamp"], settings)
    nonce = params["nonce"]
    _check_nonce(context, nonce, settings)
    check_signature(context, params, settings)
    _use_up(context, nonce, settings)
    check_permission(context, endpoint)


def recognise(context: RequestContext, params: Params) -> bool:
    """Enter the account whose key is sent; whether the request looks like one of this vendor's although
    no account has the key."""
    key = params.get("key") or context.request.headers.get("x-api-key")
    account = context.services.accounts.by_credential(NAME, key) if key else None
    if account is not None:
        context.enter(account)
    return account is not None or (bool(key) and SIGNATURE in params)


def check_permission(context: RequestContext, endpoint: Endpoint) -> None:
    """108 for a product that the account does not have."""
    if endpoint.permission and endpoint.permission not in section_of(context.account).permissions:
        raise ProviderError(
            108,
            evidence={
                "check": "permission",
                "product": endpoint.permission,
                "remedy": "add it to the account's permissions",
            },
        )


def _check_required(request: Request, params: Params, endpoint: Endpoint) -> None:
    if all(map(params.get, TRANSPORT)) and all(map(params.get, endpoint.required)):
        return
    names = TRANSPORT + endpoint.required
    absent = [name for name in names if not params.get(name) and not (name == FILE and has_file(params))]
    if absent:
        problem = unread.required_problem(request, params, endpoint, absent)
        usual = {"check": "required", "missing": absent, "remedy": f"send {', '.join(absent)} with a value"}
        evidence: dict[str, Any] = usual if problem is None else problem.evidence(missing=absent)
        if params.dropped:
            evidence["malformed_percent_escape_in"] = list(params.dropped)
        raise ProviderError(102, fields=absent, options={"gate": True}, evidence=evidence)


def has_file(params: Params) -> bool:
    """Whether a file has been uploaded that is not empty."""
    return FILE in params.files and bool(params.files[FILE].content)


def _check_timestamp(context: RequestContext, text: str, settings: Settings) -> None:
    value = parse_long(text)
    if value is None:
        evidence = {"check": "timestamp", "received": text[:100], "unit": "not a whole number"}
        raise ProviderError(
            settings.timestamp_malformed, fields=("timestamp",), options={"gate": True}, evidence=evidence
        )
    age = context.now - value / 1000.0
    wrong = timestamps.refused(age, settings)
    if wrong:
        message = timestamps.TOO_FAR_AHEAD if wrong == timestamps.AHEAD else None
        raise ProviderError(103, message, evidence=timestamps.evidence(value, context.now))
    if timestamps.doubtful(age, settings):
        context.evidence = timestamps.evidence(value, context.now)


def _check_nonce(context: RequestContext, nonce: str, settings: Settings) -> None:
    if settings.nonce_max_length and len(nonce) > settings.nonce_max_length:
        evidence = {
            "check": "nonce",
            "length": len(nonce),
            "remedy": f"use at most {settings.nonce_max_length} characters",
        }
        raise ProviderError(107, fields=("nonce",), options={"gate": True}, evidence=evidence)
    claim = context.store.find_used(context.account.name, NONCE, nonce)
    if claim is not None:
        first = {"at": isoformat(claim.at), "request": claim.by}
        raise ProviderError(104, evidence={"check": "nonce", "nonce": nonce[:200], "first_used": first})


def _use_up(context: RequestContext, nonce: str, settings: Settings) -> None:
    """Remember the nonce; by setting only for a while, or only with an answer that is not an error."""
    expires = inf if settings.nonce_memory is None else context.now + settings.nonce_memory
    claim = UsedValue(NONCE, nonce, context.now, expires, context.entry_id)
    if settings.refusal_uses_nonce:
        context.transaction.use_up(claim)
    else:
        context.transaction.used_values.append(claim)


def check_signature(context: RequestContext, params: Params, settings: Settings) -> None:
    """106 unless the signature is the one that belongs to the request."""
    received, secret = params[SIGNATURE], section_of(context.account).secret
    any_case = settings.signature_case == "any"
    repeated = signed_values(params, settings)
    text = canonical(context.request.path, params, repeated)
    if equal(sign_text(secret, text), received, any_case=any_case):
        return
    if params.files and settings.signed_file == "accepted":
        named = {
            **params,
            **{name: file.filename for name, file in params.files.items() if name not in params},
        }
        if equal(
            sign_text(secret, canonical(context.request.path, named, repeated)), received, any_case=any_case
        ):
            return
    raise ProviderError(106, evidence={"check": "signature", "received": received[:200]})


def _no_account(context: RequestContext, params: Params, endpoint: Endpoint) -> dict[str, Any]:
    key = params.get("key")
    if not key:
        return unread.key_problem(context.request, params, endpoint).evidence(received="")
    remedy = "no account has this key; use the default account's, any test-… name, or declare the account"
    return {"check": "key", "received": key[:200], "remedy": remedy}
