"""The vendors there are. A third one is a new folder and two lines here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.core.exceptions import ConfigError
from mock_server.providers.base import Provider
from mock_server.providers.cloudcheck import settings as cloudcheck_settings
from mock_server.providers.cloudcheck.provider import Cloudcheck
from mock_server.providers.shuftipro import settings as shuftipro_settings
from mock_server.providers.shuftipro.provider import ShuftiPro

PROVIDERS = {
    "cloudcheck": (Cloudcheck, cloudcheck_settings.parse_settings),
    "shuftipro": (ShuftiPro, shuftipro_settings.parse_settings),
}


def build(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Provider]:
    """All providers by name, each with its settings. Raises `ConfigError` for settings that are unknown or
    wrong."""
    unknown = sorted(set(settings) - set(PROVIDERS))
    if unknown:
        raise ConfigError(f"settings: unknown provider {unknown[0]!r}; there are {', '.join(PROVIDERS)}")
    providers: dict[str, Provider] = {}
    for name, (provider, parse) in PROVIDERS.items():
        try:
            providers[name] = provider(parse(settings.get(name, {})))
        except ValueError as error:
            raise ConfigError(f"settings, {name}: {error}") from None
    return providers
