"""Options that verbs share, each with its ``MOCK_SERVER_…`` variable, and the config that follows from
them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from mock_server.core import config as configuration
from mock_server.core.config import BY_NAME, ENV_PREFIX, OPTIONS, Config, Option
from mock_server.core.exceptions import ConfigError

F = TypeVar("F", bound=Callable[..., Any])


def option(*flags: str, **settings: Any) -> Callable[[F], F]:
    """A click option that may also be given as ``MOCK_SERVER_<FLAG>``."""
    name = next(flag for flag in flags if flag.startswith("--")).split("/")[0].lstrip("-").replace("-", "_")
    return click.option(*flags, envvar=ENV_PREFIX + name.upper(), show_envvar=False, **settings)


def config_options(*names: str) -> Callable[[F], F]:
    """``--config`` and the options of `core.config` with these names, or all of them. They arrive as keyword
    ``options``."""
    chosen = [BY_NAME[name] for name in names] if names else list(OPTIONS)

    def decorate(function: F) -> F:
        def wrapped(**values: Any) -> Any:
            chosen_values = {one.name: values.pop(one.name) for one in chosen}
            path = values.pop("config")
            return function(
                options={
                    **{name: value for name, value in chosen_values.items() if value not in (None, ())},
                    "config": path,
                },
                **values,
            )

        wrapped.__name__, wrapped.__doc__ = function.__name__, function.__doc__
        wrapped.__dict__.update(function.__dict__)
        for one in reversed(chosen):
            wrapped = _config_option(one)(wrapped)
        return _CONFIG(wrapped)  # type: ignore[return-value]

    return decorate


_CONFIG = click.option(
    "--config", metavar="FILE", help="YAML file with accounts, settings and any of these options."
)


def _config_option(one: Option) -> Callable[[F], F]:
    help_text = f"{one.help}{_default(one)}"
    if one.kind is bool:
        return click.option(f"{one.flag}/--no-{one.flag[2:]}", one.name, default=None, help=help_text)
    kind = click.Choice(one.choices) if one.choices else click.STRING
    metavar = one.metavar or ("N" if one.kind is int else None)
    return click.option(one.flag, one.name, type=kind, multiple=one.many, metavar=metavar, help=help_text)


def _default(one: Option) -> str:
    if one.default in ("", ()) or one.kind is bool:
        return f"  [default: {'on' if one.default else 'off'}]" if one.kind is bool else ""
    return f"  [default: {one.default}]"


def spread(arguments: list[str]) -> list[str]:
    """``--scenarios a b --port 0`` → ``--scenarios a --scenarios b --port 0``: an option of many values takes
    all that follow."""
    many = {one.flag for one in OPTIONS if one.many}
    spread_out: list[str] = []
    current, taken = "", 0
    for argument in arguments:
        if argument.startswith("-"):
            current, taken = (argument if argument in many else ""), 0
            spread_out.append(argument)
            continue
        if current and taken:
            spread_out.append(current)
        spread_out.append(argument)
        taken += 1
    return spread_out


class Spreading(click.Command):
    """A command that takes no arguments but options, some of them with many values."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, spread(args))


def _is_a_verbs(variable: str) -> bool:
    """Whether a verb has a flag with that variable. Imports every verb, so it is asked of unknown ones only."""
    from mock_server.cli.main import VERBS, verbs

    commands = [verbs.get_command(click.Context(verbs), name) for name in VERBS]
    return any(one.envvar == variable for command in commands if command for one in command.params)


def configure(flags: Mapping[str, Any]) -> tuple[Config, list[str]]:
    """The config of flags, variables and ``--config`` file, and warnings. Raises `ConfigError`."""
    for name, value in flags.items():
        if value == "" or (isinstance(value, tuple) and "" in value):
            raise ConfigError(
                f"--{name.replace('_', '-')}: the value is empty; write one, or leave the option out"
            )
    variables, warnings = configuration.from_environment(os.environ, _is_a_verbs)
    from mock_server.providers.config_file import ConfigFile, read

    path = flags.get("config") or os.environ.get(ENV_PREFIX + "CONFIG")
    options, accounts, settings = read(path) if path else ConfigFile()
    own = {name: value for name, value in flags.items() if name != "config"}
    return configuration.build(own, variables, options, accounts=accounts, settings=settings), warnings
