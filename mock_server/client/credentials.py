"""The credentials by which an account is reached: what each vendor gives an account of that name."""

from __future__ import annotations


class Credentials(tuple[str, ...]):
    """What the application under test signs with, each also by its vendor's name for it: ``key, secret =
    account.cloudcheck``, ``account.shuftipro.secret_key``."""

    _names: tuple[str, ...]

    @classmethod
    def named(cls, values: dict[str, str]) -> Credentials:
        credentials = cls(values.values())
        credentials._names = tuple(values)
        return credentials

    def __getattr__(self, name: str) -> str:
        if name.startswith("_") or name not in self._names:
            raise AttributeError(
                f"no credential {name!r}; use {' or '.join(self.__dict__.get('_names', ()))}"
            )
        return self[self._names.index(name)]

    def __repr__(self) -> str:
        return f"Credentials({', '.join(f'{name}={value!r}' for name, value in zip(self._names, self))})"


def vendors() -> frozenset[str]:
    """Names of the vendors that are installed here."""
    from mock_server.providers import registry

    return frozenset(registry.installed())


def credentials(account: str, provider: str) -> Credentials:
    """Of ``default`` and of ``test-…`` accounts. Raises ``LookupError`` for any other, and for a vendor that
    is not installed here."""
    from mock_server.providers import registry
    from mock_server.providers.accounts import credentials_of

    if provider not in registry.installed():
        raise LookupError(f"the vendor {provider!r} is not installed; use {', '.join(sorted(vendors()))}")
    if account != "default" and not account.startswith("test-"):
        raise LookupError(f"the credentials of account {account!r} are in the server's config file")
    return Credentials.named(credentials_of(registry.load(provider).section(account, {})))
