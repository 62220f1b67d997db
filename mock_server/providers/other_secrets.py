"""Secrets and identifiers that may have been taken for the right secret: other accounts', other vendors'."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from mock_server.diagnosis.recipe import OtherSecret
from mock_server.providers.accounts import Account, credentials_of, secrets_of
from mock_server.providers.context import UnitOfWork

MOST = 100
"""Accounts that are looked at."""


def other_secrets(unit: UnitOfWork, provider: str, account: Account) -> tuple[OtherSecret, ...]:
    """All secrets except the account's own secret of this provider; its secrets of other providers come first."""
    accounts = unit.services.accounts
    others = (accounts.get(name) for name in itertools.islice(accounts.names(), MOST))
    secrets = [
        *_of(account, provider, own=True),
        *(
            secret
            for other in others
            if other is not None and other.name != account.name
            for secret in _of(other, provider)
        ),
    ]
    return tuple({secret.value: secret for secret in reversed(secrets) if secret.value}.values())[::-1]


def _of(account: Account, provider: str, *, own: bool = False) -> Iterator[OtherSecret]:
    for name, section in sorted(account.sections.items(), key=lambda item: item[0] != provider):
        if own and name == provider:
            continue
        whose = f"account {account.name}" if name == provider else f"{name}, account {account.name}"
        secrets = {field: str(getattr(section, field)) for field in secrets_of(section)}
        for field, value in {**secrets, **credentials_of(section)}.items():
            yield OtherSecret(f"the {field} of {whose}", value, field in secrets)
