"""A file with the credentials of an account at the vendor: the names of the environment that `mock-server record` reads, or
those of the account in the config file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mock_server.core.exceptions import ConfigError
from mock_server.providers.accounts import credentials_of
from mock_server.providers.base import Provider

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)")


def read(path: str, provider: Provider) -> dict[str, str]:
    """Member of the account → value, such as ``{"key": …, "secret": …}``. Raises `ConfigError` with a remedy, which has
    nothing of the file in it."""
    members = list(credentials_of(provider.section("test-names", {})))
    variables = list(provider.forwarding.VARIABLES) if provider.forwarding is not None else []
    help_text = _help(members, variables)
    try:
        text = Path(path).read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"--credentials-file {path}: not UTF-8 text; {help_text}") from None
    except OSError as error:
        raise ConfigError(f"--credentials-file {path}: {error.strerror or error}; {help_text}") from None
    values = _values(path, text, help_text)
    aliases = dict(zip(variables, members))
    options = {aliases.get(name, name.lower()): value for name, value in values.items()}
    missing = [name for name in members if not options.get(name)]
    if missing:
        raise ConfigError(f"--credentials-file {path}: {' and '.join(missing)} missing; {help_text}")
    return {name: options[name] for name in members}


def _help(members: Sequence[str], variables: Sequence[str]) -> str:
    lines = " and ".join(f"{name}: …" for name in members)
    return f"write {lines}" + (f", or {' and '.join(f'{name}=…' for name in variables)}" if variables else "")


def _values(path: str, text: str, help_text: str) -> Mapping[str, str]:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    matches = [_LINE.fullmatch(line) for line in lines]
    if lines and all(matches):
        return {match[1]: _unquoted(match[2]) for match in matches if match}
    import yaml

    try:
        document: Any = yaml.load(text, yaml.BaseLoader)
    except yaml.YAMLError:
        document = None
    if not isinstance(document, dict) or not all(isinstance(value, str) for value in document.values()):
        raise ConfigError(f"--credentials-file {path}: not a list of names and values; {help_text}")
    return {str(name): value.strip() for name, value in document.items()}


def _unquoted(value: str) -> str:
    value = value.strip()
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value
