"""Finds the account of a link that carries a token but no key: a hosted page, a picture of a capture."""

from __future__ import annotations

from mock_server.core.records import Record
from mock_server.providers.accounts import Account
from mock_server.providers.cloudcheck.endpoint import NAME, data_of
from mock_server.providers.context import Effects


def locate(effects: Effects, kind: str, token: str) -> tuple[Account, Record] | None:
    """The account and record of the token. Tokens are drawn with the account's name, so no two accounts share one."""
    for name in effects.accounts.names():
        record = effects.store.record(name, NAME, kind, token)
        if record is not None and data_of(record).get("token") == token:
            account = effects.accounts.get(name)
            if account is not None:
                return account, record
    return None
