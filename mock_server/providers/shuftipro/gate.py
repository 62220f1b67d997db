"""Who is asking: Basic credentials or an access token, and whether they ask too often."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from mock_server.core.exceptions import ProviderError
from mock_server.core.records import UsedValue
from mock_server.providers.accounts import Account as Account
from mock_server.providers.accounts import Accounts
from mock_server.providers.context import RequestContext
from mock_server.providers.shuftipro import tokens
from mock_server.providers.shuftipro.errors import unauthorized
from mock_server.providers.shuftipro.routes import ACCESS_TOKEN
from mock_server.providers.shuftipro.settings import NAME, Settings, section_of
from mock_server.providers.shuftipro.work import WORK, Work

ACCESS = "access"
"""Purpose of access tokens, and kind of the claims that use them up."""
_WINDOW = 60.0
_USUAL = 512
"""Length up to which a header's value is remembered."""


class Credentials(NamedTuple):
    """What a Basic header carries."""

    client_id: str
    secret_key: str


class Authorization(NamedTuple):
    """The header, taken apart."""

    scheme: str
    """In lower case."""
    value: str
    credentials: Credentials | None
    """Of the scheme ``basic``, where they can be read."""


def authenticate(context: RequestContext, settings: Settings, directory: tokens.Directory) -> Work:
    """Enter the account and check what the caller knows of it. Raises 401 or 429."""
    authorization = _authorization(context)
    if authorization.scheme == "basic":
        work = _basic(context, authorization.credentials)
    elif authorization.scheme == "bearer" and context.operation != ACCESS_TOKEN:
        work = _bearer(context, authorization.value.strip(), settings, directory)
    else:
        raise unauthorized({"check": "authorization", "scheme": authorization.scheme or None})
    _limit(context, work, settings)
    return work


def _authorization(context: RequestContext) -> Authorization:
    header = context.request.headers.get("authorization", "")
    return _remembered(header) if len(header) <= _USUAL else _taken_apart(header)


def _taken_apart(header: str) -> Authorization:
    scheme, _, value = header.partition(" ")
    scheme = scheme.lower()
    return Authorization(scheme, value, read_basic(value) if scheme == "basic" else None)


_remembered = lru_cache(1024)(_taken_apart)


def read_basic(value: str) -> Credentials | None:
    """The credentials of a Basic header's value; None: it is not base64, or without a colon."""
    try:
        text = b64decode(value.strip()).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None
    client_id, colon, secret_key = text.partition(":")
    return Credentials(client_id, secret_key) if colon else None


def _basic(context: RequestContext, credentials: Credentials | None) -> Work:
    if credentials is None:
        raise unauthorized({"check": "authorization", "scheme": "basic", "problem": "unreadable"})
    account = context.services.accounts.by_credential(NAME, credentials.client_id)
    if account is None:
        known = (
            "a secret key" if swapped(context.services.accounts, credentials) else credentials.client_id[:200]
        )
        raise unauthorized({"check": "client_id", "client_id": known})
    work = enter(context, account)
    if not _same(credentials.secret_key, work.section.secret_key):
        raise unauthorized({"check": "secret_key", "client_id": credentials.client_id})
    return work


def swapped(accounts: Accounts, credentials: Credentials) -> bool:
    """Whether the secret key stands where the client id belongs."""
    owner = accounts.by_credential(NAME, credentials.secret_key)
    return owner is not None and _same(credentials.client_id, section_of(owner).secret_key)


def _bearer(context: RequestContext, text: str, settings: Settings, directory: tokens.Directory) -> Work:
    token = tokens.from_text(text, tokens.ACCESS_BYTES)
    work = _enter_by_token(context, token, directory)
    if token is None or work is None:
        raise unauthorized({"check": "access_token", "problem": "unknown"})
    account = context.account
    ends = tokens.check(token, work.section.secret_key, ACCESS)
    if ends is None:
        raise unauthorized({"check": "access_token", "problem": "forged"})
    if ends <= context.now:
        raise unauthorized({"check": "access_token", "problem": "expired"})
    used = context.store.find_used(account.name, ACCESS, text)
    if used is not None:
        raise unauthorized({"check": "access_token", "problem": "used", "by": used.by})
    claim = UsedValue(ACCESS, text, context.now, ends, context.entry_id)
    if settings.refusal_burns_token:
        context.transaction.use_up(claim)
    else:
        context.transaction.used_values.append(claim)
    return work


def enter(context: RequestContext, account: Account) -> Work:
    """Enter the account, for better or worse."""
    context.enter(account)
    work = context.stash[WORK] = Work(section_of(account))
    return work


def _enter_by_token(context: RequestContext, token: bytes | None, directory: tokens.Directory) -> Work | None:
    """Enter the account that the access token names; None: it names none."""
    account = directory.find(context.services.accounts, tokens.tag_of(token)) if token is not None else None
    return None if account is None else enter(context, account)


def recognise(context: RequestContext, directory: tokens.Directory) -> bool:
    """Enter the account of a request that was refused before its credentials were read, so that the refusal
    can be signed.

    Whether there are credentials that may be this vendor's."""
    authorization = _authorization(context)
    if authorization.scheme == "basic":
        with suppress(ProviderError):
            _basic(context, authorization.credentials)
        return authorization.credentials is not None
    token = (
        tokens.from_text(authorization.value.strip(), tokens.ACCESS_BYTES)
        if authorization.scheme == "bearer"
        else None
    )
    _enter_by_token(context, token, directory)
    return token is not None


def _same(received: str, expected: str) -> bool:
    return hmac.compare_digest(received.encode(), expected.encode("utf-8", "surrogatepass"))


def _limit(context: RequestContext, work: Work, settings: Settings) -> None:
    """Count the request; raises 429 once there were too many in this minute of real time."""
    own = work.section.rate_limit
    limit = settings.rate_limit if own is None else own
    if not limit:
        return
    window = context.real // _WINDOW
    who = context.request.peer if settings.rate_limit_by == "ip" else "account"
    count = context.services.store.increment(
        context.account.name, f"{NAME} {who} {window:.0f}", (window + 1) * _WINDOW
    )
    work.limits = (("X-RateLimit-Limit", str(limit)), ("X-RateLimit-Remaining", str(max(0, limit - count))))
    if count > limit:
        wait = max(1, round((window + 1) * _WINDOW - context.real))
        work.limits += (("Retry-After", str(wait)), ("X-RateLimit-Reset", str(int((window + 1) * _WINDOW))))
        remedy = "wait as Retry-After says, or raise the account's rate_limit"
        raise ProviderError(
            "429", evidence={"check": "rate limit", "limit": limit, "count": count, "remedy": remedy}
        )
