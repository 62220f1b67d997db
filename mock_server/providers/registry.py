"""The vendors that are installed, found by the entry points of the group ``mock_server.providers``.

An entry point names a vendor and what makes its object from the vendor's settings: ``harbour =
harbour_mock:Harbour``. The built-in vendors are found the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from mock_server.core.exceptions import ConfigError
from mock_server.providers.base import Provider

GROUP = "mock_server.providers"
Factory = Callable[[Mapping[str, Any]], Provider]
"""Makes the vendor's object. Raises ``ValueError`` with a remedy for settings that are unknown or wrong."""


@cache
def installed() -> Mapping[str, EntryPoint]:
    """Name → entry point, by name."""
    points = {point.name: point for point in entry_points(group=GROUP)}
    if not points:
        raise ConfigError("no vendor is installed; install the package with: pip install .")
    return dict(sorted(points.items()))


def build(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Provider]:
    """All providers by name, each with its settings. Raises `ConfigError` for settings that are unknown or wrong,
    and for a vendor whose package cannot be loaded."""
    points = installed()
    unknown = sorted(set(settings) - set(points))
    if unknown:
        raise ConfigError(f"settings: unknown provider {unknown[0]!r}; use one of {', '.join(points)}")
    return {name: _build_one(point, settings.get(name, {})) for name, point in points.items()}


def load(name: str, settings: Mapping[str, Any] | None = None) -> Provider:
    """One vendor, with its settings. Raises `ConfigError` as `build` does."""
    return _build_one(installed()[name], settings or {})


def _build_one(point: EntryPoint, settings: Mapping[str, Any]) -> Provider:
    try:
        factory: Factory = point.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"the vendor {point.name!r} cannot be loaded from {point.value}: {error}") from None
    try:
        provider = factory(settings)
    except ValueError as error:
        raise ConfigError(f"settings, {point.name}: {error}") from None
    if provider.name != point.name:
        raise ConfigError(f"the vendor at {point.value} is named {provider.name!r}; name its entry point so")
    return provider
