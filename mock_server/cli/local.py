"""What verbs need that work without a running server: the vendors, the accounts of the config, the scenario
files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mock_server.core.config import Config
from mock_server.scenario.problems import did_you_mean

if TYPE_CHECKING:
    from mock_server.providers.accounts import Account
    from mock_server.providers.base import Provider
    from mock_server.providers.context import Services
    from mock_server.scenario.loader import ScenarioSet
    from mock_server.scenario.vocabulary import Vocabulary
    from mock_server.web.service import Service


def providers(config: Config) -> dict[str, Provider]:
    """Every vendor, with the settings of the config. Raises `ConfigError`."""
    from mock_server.providers import registry

    return registry.build(config.settings)


def vocabularies(config: Config) -> Mapping[str, Vocabulary]:
    """What each vendor's files may say."""
    return {name: provider.vocabulary for name, provider in providers(config).items()}


def check_provider(name: str, known: Iterable[str]) -> None:
    """Raises ``click.UsageError`` for the name of a vendor that is not installed; empty is any."""
    if name and name not in known:
        raise click.UsageError(f"--provider: unknown provider {name!r}; {did_you_mean(name, list(known))}")


def paths(config: Config) -> list[Path]:
    """The scenario files and folders of the config. Raises `ConfigError` for a missing one."""
    from mock_server.web.service import scenario_paths

    return scenario_paths(config.scenarios)


def load_files(config: Config) -> tuple[ScenarioSet, list[str]]:
    """The scenarios of the files, and the vendors. Raises `ScenarioProblems`."""
    from mock_server.scenario.loader import load
    from mock_server.scenario.switches import Tags

    words = vocabularies(config)
    return load(paths(config), words, Tags(config.tags, config.skip_tags)), list(words)


def service(config: Config) -> Service:
    """The whole product on a store of its own, not started. Raises `ScenarioProblems`."""
    from mock_server.web.service import Service

    return Service(replace(config, store="memory", workers=1, watch=False))


def services(config: Config, vendors: Mapping[str, Provider]) -> Services:
    """What the doctors look things up in: the accounts of the config over an empty store."""
    from mock_server.core.clock import SystemClock
    from mock_server.core.ids import ProcessIds
    from mock_server.providers.accounts import Accounts
    from mock_server.providers.context import Services
    from mock_server.store import open_store

    store = open_store("memory", journal_limit=1, record_limit=1, clock=SystemClock())
    accounts = Accounts(config.accounts, vendors.values(), store)
    settings = {name: vendor.settings for name, vendor in vendors.items()}
    return Services(store, accounts, ProcessIds(), seed=config.seed, settings=settings)


def account(config: Config, name: str) -> Account:
    """The account of that name. Raises `ConfigError` with a remedy."""
    from mock_server.core.exceptions import ConfigError
    from mock_server.providers.accounts import Account

    if name != "default" and name not in config.accounts and not name.startswith("test-"):
        raise ConfigError(
            f"--account {name}: declare it in --config, or use default or a name that begins with test-"
        )
    options = config.accounts.get(name, {})
    try:
        return Account(
            name,
            {one.name: one.section(name, options.get(one.name) or {}) for one in providers(config).values()},
        )
    except ValueError as error:
        raise ConfigError(f"account {name!r}: {error}") from None
