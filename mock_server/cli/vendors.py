"""Which vendor a verb is about: the named one, the one that serves a path, or the only one that signs bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mock_server.cli import local
from mock_server.core.config import Config

if TYPE_CHECKING:
    from mock_server.providers.accounts import Account
    from mock_server.providers.base import Provider
    from mock_server.providers.command_line import CommandLine


class Vendor:
    """A vendor, as verbs use it."""

    def __init__(self, config: Config, provider: Provider, command_line: CommandLine) -> None:
        self._config = config
        self.provider = provider
        self.command_line = command_line

    def account(self, name: str, secret: str | None = None) -> Account:
        """The account of that name, with another secret for this vendor where one is given."""
        return local.account(self._config, name).with_secret(self.provider.name, secret)

    def scheme(self, word: str) -> str:
        """The word of ``--scheme``. Raises ``click.UsageError`` for one that the vendor has not."""
        known = self.command_line.SCHEMES
        if word and word not in known:
            choice = f"use {' or '.join(known)}" if known else "leave it out"
            raise click.UsageError(f"--scheme: {self.provider.title} has no scheme {word!r}; {choice}")
        return word


def named(config: Config, name: str) -> Vendor:
    """Raises ``click.UsageError`` for a vendor that is not installed, or is not used on the command line."""
    providers = local.providers(config)
    if name not in providers:
        raise click.UsageError(f"--provider: unknown provider {name!r}; use {', '.join(providers)}")
    provider = providers[name]
    if provider.command_line is None:
        raise click.UsageError(f"--provider: {provider.title} signs nothing")
    return Vendor(config, provider, provider.command_line)


def for_path(config: Config, name: str, path: str) -> Vendor:
    """The vendor of that name; without a name, the one that serves the path, else the only one that signs
    requests."""
    if name:
        return named(config, name)
    providers = local.providers(config)
    serving = [one.name for one in providers.values() if one.serves(path) and one.command_line is not None]
    if serving:
        return named(config, serving[0])
    signing = [one.name for one in _used(config) if one.command_line and one.command_line.SIGNS_REQUESTS]
    return named(config, _only(signing, f"no vendor serves {path}"))


def for_body(config: Config, name: str) -> Vendor:
    """The vendor of that name; without a name, the only one that signs bodies."""
    if name:
        return named(config, name)
    signing = [one.name for one in _used(config) if one.command_line and one.command_line.SIGNATURE_HEADER]
    return named(config, _only(signing, "several vendors sign their callbacks"))


def _used(config: Config) -> list[Provider]:
    return [one for one in local.providers(config).values() if one.command_line is not None]


def _only(names: list[str], problem: str) -> str:
    if len(names) == 1:
        return names[0]
    raise click.UsageError(f"{problem}; name the vendor with --provider: {', '.join(names) or 'none signs'}")
