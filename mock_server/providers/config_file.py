"""The config file: options of ``serve``, accounts and settings. It is read as scenario files are, with the same
messages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.core.config import BY_NAME, convert
from mock_server.core.exceptions import ConfigError
from mock_server.scenario import source as yaml_source
from mock_server.scenario.problems import did_you_mean
from mock_server.scenario.source import Source

_SECTIONS = ("accounts", "settings")
_REMEDY = "name a YAML file with accounts, settings and options"


class ConfigFile(NamedTuple):
    """What a config file says."""

    options: Mapping[str, Any] = {}
    """Converted."""
    accounts: Mapping[str, Any] = {}
    settings: Mapping[str, Any] = {}


def read(path: str | Path) -> ConfigFile:
    """Raises `ConfigError` with each problem's place."""
    source = _source(path)
    document = {} if source.value is None else source.value
    if not isinstance(document, dict):
        raise ConfigError(f"{path}:1:1: a config file is a mapping with accounts, settings and options")
    options = {}
    for key, value in document.items():
        if key not in _SECTIONS:
            option = BY_NAME.get(key.replace("-", "_"))
            if option is None:
                remedy = did_you_mean(key, [*BY_NAME, *_SECTIONS])
                raise ConfigError(f"{_place(source, key)}: unknown key `{key}`; {remedy}")
            if value is not None:
                options[option.name] = convert(option, value, f"{_place(source, key)}: {key}")
    return ConfigFile(options, _mapping(source, document, "accounts"), _mapping(source, document, "settings"))


def _source(path: str | Path) -> Source:
    if not str(path):
        raise ConfigError(f"--config: the value is empty; {_REMEDY}")
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"--config {path}: {error.strerror}; {_REMEDY}") from None
    source, problems = yaml_source.read(str(path), raw)
    if problems:
        raise ConfigError("\n".join(str(problem).rpartition(" [")[0] for problem in problems))
    return source


def _place(source: Source, *path: str) -> str:
    place = source.place(path, key=True)
    return f"{source.file}:{place.line}:{place.column}"


def _mapping(source: Source, document: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key) or {}
    if not isinstance(value, dict):
        raise ConfigError(f"{_place(source, key)}: {key} must be a mapping of mappings")
    for name, inner in value.items():
        if not isinstance(inner, dict):
            raise ConfigError(
                f"{_place(source, key, name)}: {key} must be a mapping of mappings, and {name} is not one"
            )
    return value
