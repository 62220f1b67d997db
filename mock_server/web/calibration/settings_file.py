"""The config file with the settings that make the mock agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mock_server.core.exceptions import ConfigError
from mock_server.providers.probes import ACCOUNT
from mock_server.web.calibration.ours import laid_over
from mock_server.web.calibration.report import ReportedChoice

MARKER = "# Written by mock-server calibrate"
_SHOWN = 3


def check(path: Path) -> None:
    """Raises `ConfigError` for a file that somebody else has written."""
    check_folder("--out", path)
    try:
        if path.exists() and not path.read_text("utf-8", "replace").startswith(MARKER):
            raise ConfigError(f"--out {path}: this file was not written by calibrate; name another one")
    except OSError as error:
        raise ConfigError(f"--out {path}: {error.strerror or error}") from None


def check_folder(flag: str, path: Path) -> None:
    """Raises `ConfigError` where a file cannot be written for want of a folder, or is one."""
    if not path.resolve().parent.is_dir():
        raise ConfigError(f"{flag} {path}: its folder does not exist")
    if path.is_dir():
        raise ConfigError(f"{flag} {path}: a folder, not a file")


def text_of(
    provider: str,
    settings: Mapping[str, Any],
    choices: Sequence[ReportedChoice],
    at: str,
    service: str,
    account: str,
) -> str:
    """The file. ``settings``: those of the vendor before, which stay; ``account``: the one that was compared."""
    import yaml

    chosen = {choice.setting: choice.value for choice in choices}
    document: dict[str, Any] = {"settings": {provider: laid_over(settings, chosen)}}
    section = laid_over({}, chosen, ACCOUNT)
    if section:
        document["accounts"] = {account: {provider: section}}
    dumped = yaml.dump(document, Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=True, width=110)
    return "\n".join([*_head(choices, at, service), dumped])


def _head(choices: Sequence[ReportedChoice], at: str, service: str) -> Iterator[str]:
    yield f"{MARKER} on {at[:10]}, after {service} was asked."
    yield "# Use it with: mock-server serve --config THIS-FILE"
    for choice in choices:
        more = f" and {len(choice.probes) - _SHOWN} more" if len(choice.probes) > _SHOWN else ""
        was = "not set" if choice.was is None else choice.was
        yield f"# {choice.setting}: was {was}; decided by {', '.join(choice.probes[:_SHOWN])}{more}"
