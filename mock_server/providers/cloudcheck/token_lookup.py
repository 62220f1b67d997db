"""Links that carry a token but no key, of hosted pages and pictures: made so that the account can be found
from the token."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from mock_server.core.records import Record
from mock_server.providers.accounts import Account
from mock_server.providers.cloudcheck.endpoint import NAME, data_of
from mock_server.providers.context import Services, UnitOfWork

TOKEN = 48
"""Letters and digits in the token of a link, as in all recorded ones."""
_TAG = 8
_ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=65_536)
def _tag(account: str) -> str:
    """What the account's tokens begin with, so that a token is looked up in hardly any other account's
    records."""
    digest = hashlib.sha256(f"cloudcheck token {account}".encode("utf-8", "surrogatepass")).digest()
    return "".join(_ALNUM[byte % len(_ALNUM)] for byte in digest[:_TAG])


def new_token(unit: UnitOfWork, draw: str) -> str:
    """A token for a link of the account."""
    return _tag(unit.account.name) + unit.draws.token(draw, TOKEN - _TAG)


def locate(services: Services, kind: str, token: str) -> tuple[Account, Record] | None:
    """The account and record of the token; None: no link has been handed out with it."""
    for name in services.accounts.names():
        if not token.startswith(_tag(name)):
            continue
        record = services.store.record(name, NAME, kind, token)
        if record is not None and data_of(record).get("token") == token:
            account = services.accounts.get(name)
            if account is not None:
                return account, record
    return None
