"""Accounts: each is one customer of every vendor, with data of its own. A request's credentials choose the account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Protocol, TypeVar

import msgspec

from mock_server.core.exceptions import ConfigError
from mock_server.core.option_checks import origins
from mock_server.store.base import Store

DEFAULT = "default"
CORS = "cors"
"""The key of an account that belongs to no provider: origins whose pages may call."""
DIRECTORY = "*"
"""The store account whose overrides hold what `PUT /__admin/accounts/NAME` declared, for all replicas to
see."""
_MAX_CACHED = 4096
S = TypeVar("S")


class Section(Protocol):
    """A provider's part of an account, such as Cloudcheck's key and secret."""

    @property
    def credential(self) -> str:
        """What a request carries to name the account."""
        ...


def secrets_of(section: Section) -> tuple[str, ...]:
    """Names of the section's secret fields: its ``SECRETS``; none where it has no such attribute."""
    return tuple(getattr(section, "SECRETS", ()))


def credentials_of(section: Section) -> dict[str, str]:
    """What an application reaches the account with: the fields that the section's ``CREDENTIALS`` name."""
    return {name: str(getattr(section, name)) for name in getattr(section, "CREDENTIALS", ())}


def values_of(section: object) -> dict[str, Any]:
    """The section's fields, be it a dataclass, a struct or a named tuple."""
    if isinstance(section, msgspec.Struct):
        return msgspec.structs.asdict(section)
    if is_dataclass(section) and not isinstance(section, type):
        return {field.name: getattr(section, field.name) for field in fields(section)}
    return dict(section._asdict()) if hasattr(section, "_asdict") else dict(vars(section))


def replaced(section: Section, **values: object) -> Section:
    """The section with other values."""
    if hasattr(section, "_replace"):
        changed: Section = section._replace(**values)
        return changed
    change: Callable[..., Any] = msgspec.structs.replace if isinstance(section, msgspec.Struct) else replace
    replacement: Section = change(section, **values)
    return replacement


class AccountHolder(Protocol):
    """The part of a provider that accounts need."""

    @property
    def name(self) -> str: ...

    def section(self, account: str, values: Mapping[str, Any]) -> Section:
        """The provider's part of the account: the declared values over the defaults of its name.

        Raises ``ValueError`` with a remedy for an unknown key or a bad value."""
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """A name and each provider's section."""

    name: str
    sections: Mapping[str, Section]
    cors: tuple[str, ...] = ()
    """Origins whose pages may call, besides those of ``--cors``."""

    def section(self, provider: str, kind: type[S]) -> S:
        """A provider's section, which is of the provider's own type."""
        section = self.sections[provider]
        assert isinstance(section, kind)
        return section

    def with_secret(self, provider: str, secret: str | None) -> Account:
        """The account, with another secret for that provider where one is given; an empty one is one."""
        if secret is None:
            return self
        section = self.sections[provider]
        changed = replaced(section, **dict.fromkeys(secrets_of(section), secret))
        return replace(self, sections={**self.sections, provider: changed})


class Accounts:
    """Finds accounts by name and by credential. ``default`` and every ``test-…`` exist without being
    declared."""

    def __init__(
        self, declared: Mapping[str, Mapping[str, Any]], holders: Iterable[AccountHolder], store: Store
    ) -> None:
        self._declared = {DEFAULT: {}, **declared}
        self._holders = tuple(holders)
        self._store = store
        self._generation = -1
        self._refresh()
        self._check_credentials()

    def _refresh(self) -> None:
        state = self._store.account(DIRECTORY)
        overrides: dict[str, dict[str, Any]] = msgspec.json.decode(state.overrides)
        names = {**self._declared, **overrides}
        built = {name: self._build(name, overrides.get(name, {})) for name in names}
        self._by_name: dict[str, Account] = built
        self._permanent = frozenset(names)
        """Declared accounts. Other accounts exist while something is stored for them."""
        self._by_credential: dict[tuple[str, str], Account] = {}
        for account in built.values():
            for provider, section in account.sections.items():
                self._by_credential[provider, section.credential] = account
        self._generation = state.generation

    def _check_credentials(self) -> None:
        """Two declared accounts with one credential leave it open whose a request is."""
        owners: dict[tuple[str, str], str] = {}
        for name in self._declared:
            for provider, section in self._by_name[name].sections.items():
                owner = owners.setdefault((provider, section.credential), name)
                if owner != name:
                    raise ConfigError(
                        f"account {name!r}: its {provider} credential already belongs to account {owner!r}; "
                        "give it another one"
                    )

    def _build(self, name: str, overrides: Mapping[str, Any]) -> Account:
        declared = self._declared.get(name, {})
        sections: dict[str, Section] = {}
        for holder in self._holders:
            try:
                sections[holder.name] = holder.section(
                    name, {**(declared.get(holder.name) or {}), **(overrides.get(holder.name) or {})}
                )
            except ValueError as error:
                raise ConfigError(f"account {name!r}, {holder.name}: {error}") from None
        names = [*(holder.name for holder in self._holders), CORS]
        unknown = {*declared, *overrides} - {*names}
        if unknown:
            known = ", ".join(names)
            raise ConfigError(f"account {name!r}: unknown key {min(unknown)!r}; an account has {known}")
        try:
            cors = origins(overrides.get(CORS, declared.get(CORS, ())))
        except ValueError as error:
            raise ConfigError(f"account {name!r}, cors: {error}") from None
        return Account(name, sections, cors)

    @property
    def generation(self) -> int:
        """That of the declarations that were read last."""
        return self._generation

    def as_known(self, store: Store) -> Accounts:
        """The accounts as they were known last. ``store`` has the same generation, and is not asked for more."""
        known = copy(self)
        known._store, known._by_name, known._by_credential = store, {**self._by_name}, {**self._by_credential}
        return known

    def _fresh(self) -> None:
        if self._store.account(DIRECTORY).generation != self._generation:
            self._refresh()

    def by_credential(self, provider: str, credential: str) -> Account | None:
        """The account that the credential belongs to, or None."""
        self._fresh()
        account = self._by_credential.get((provider, credential))
        if account is None and credential.startswith("test-") and len(credential) <= 200:
            account = self._test_account(credential)
            if account.sections[provider].credential != credential:
                return None
        return account

    def get(self, name: str) -> Account | None:
        """The account of that name, or None where it is neither declared nor a ``test-…`` one."""
        self._fresh()
        account = self._by_name.get(name)
        if account is None and name.startswith("test-"):
            account = self._test_account(name)
        return account

    def without_secrets(self, text: str) -> str:
        """The text, with the secrets of all known accounts masked; for a log, which has no account yet."""
        for account in self._by_name.values():
            for section in account.sections.values():
                for name in secrets_of(section):
                    text = text.replace(str(getattr(section, name)) or "\0", "(secret)")
        return text

    def default(self) -> Account:
        """The account under which requests without known credentials are journalled."""
        return self._by_name[DEFAULT]

    def cors_origins(self) -> list[str]:
        """Origins that any account allows."""
        self._fresh()
        return [origin for account in self._by_name.values() for origin in account.cors]

    def names(self) -> list[str]:
        """Declared accounts and those that have something stored, sorted."""
        self._fresh()
        declared = (name for name in self._by_name if name in self._permanent)
        return sorted(name for name in {*declared, *self._store.accounts()} if not name.startswith("*"))

    def declared(self, name: str) -> dict[str, Any]:
        """What the config file and the control API say of the account, the latter which wins over the former."""
        overrides = msgspec.json.decode(self._store.account(DIRECTORY).overrides).get(name, {})
        config = self._declared.get(name, {})
        return {key: _laid_over(config.get(key), overrides.get(key, {})) for key in {**config, **overrides}}

    def declare(self, name: str, mapping: Mapping[str, Any]) -> Account:
        """Merge the mapping into the account, creating it when new. Raises `ConfigError` and changes nothing
        when it is wrong."""
        current: dict[str, dict[str, Any]] = msgspec.json.decode(self._store.account(DIRECTORY).overrides)
        if not all(isinstance(value, Mapping) for key, value in mapping.items() if key != CORS):
            raise ConfigError(f"account {name!r}: each provider's part must be an object")
        merged = {key: _laid_over(current.get(name, {}).get(key), value) for key, value in mapping.items()}
        account = self._build(name, {**current.get(name, {}), **merged})
        for provider, section in account.sections.items():
            owner = self.by_credential(provider, section.credential)
            if owner is not None and owner.name != name:
                raise ConfigError(
                    f"account {name!r}: its {provider} credential already belongs to account {owner.name!r}"
                )
        self._store.update(
            DIRECTORY, lambda state: state._replace(overrides=_merged(state.overrides, name, merged))
        )
        self._fresh()
        return account

    def _test_account(self, name: str) -> Account:
        account = self._by_name.get(name)
        if account is None:
            if len(self._by_name) > _MAX_CACHED:
                self._refresh()
            account = self._by_name[name] = self._build(name, {})
            for provider, section in account.sections.items():
                self._by_credential[provider, section.credential] = account
        return account


def _laid_over(current: Any, value: Any) -> Any:
    return {**(current or {}), **value} if isinstance(value, Mapping) else value


def _merged(overrides: bytes, name: str, mapping: Mapping[str, Any]) -> bytes:
    current: dict[str, dict[str, Any]] = msgspec.json.decode(overrides)
    mine = current.setdefault(name, {})
    for key, value in mapping.items():
        mine[key] = _laid_over(mine.get(key), value)
    return msgspec.json.encode(current)
