"""``info`` of a result: what the vendor makes of the caller's User-Agent and address."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from mock_server.providers.shuftipro import phpjson
from mock_server.providers.shuftipro.countries import CONTINENTS, COUNTRIES
from mock_server.providers.shuftipro.settings import Settings


class Info(dict[str, Any]):
    """One ``info``, encoded once and not with every answer. Never changed."""

    __slots__ = ("end",)

    def __init__(
        self, agent: dict[str, Any], geolocation: dict[str, str], write: Callable[[Any], bytes]
    ) -> None:
        super().__init__(agent=agent, geolocation=geolocation)
        self.end = b',"info":%b}' % write(self)
        """The end of an object whose last member it is."""


_MAX_CACHED = 512


class Platform(NamedTuple):
    """How one kind of device is recognised and called."""

    pattern: str
    device: str
    platform: str
    """With ``{}`` where the version goes."""
    desktop: bool
    phone: bool


_PLATFORMS = (
    Platform(r"iPhone.*? OS ([\d_]+)", "iPhone", "iOS - {}", False, True),
    Platform(r"iPad.*? OS ([\d_]+)", "iPad", "iOS - {}", False, False),
    Platform(r"Android ([\d.]+).*Mobile", "Android", "AndroidOS - {}", False, True),
    Platform(r"Android ([\d.]+)", "Android", "AndroidOS - {}", False, False),
    Platform(r"Mac OS X ([\d_.]+)", "Macintosh", "OS X - {}", True, False),
    Platform(r"Windows NT ([\d.]+)", "Windows", "Windows - {}", True, False),
    Platform(r"CrOS \S+ ([\d.]+)", "Chromebook", "ChromeOS - {}", True, False),
    Platform(r"Linux()", "Linux", "Linux", True, False),
)
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/([\d.]+)"),
    ("Opera", r"OPR/([\d.]+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/([\d.]+)"),
    ("Chrome", r"(?:Chrome|CriOS)/([\d.]+)"),
    ("Safari", r"Version/([\d.]+).*Safari"),
)


def agent(useragent: str, browser_name: bool = False) -> dict[str, Any]:
    """The recorded values for programs; for browsers those of the specification's sample, with or without the
    browser's name."""
    platform, version = _platform(useragent)
    return {
        "is_desktop": platform is not None and platform.desktop,
        "is_phone": platform is not None and platform.phone,
        "useragent": useragent,
        "device_name": platform.device if platform is not None else "0",
        "browser_name": _browser(useragent) if browser_name and platform is not None else "",
        "platform_name": platform.platform.format(version) if platform is not None else "",
    }


def _platform(useragent: str) -> tuple[Platform | None, str]:
    if useragent.startswith("Mozilla/"):
        for platform in _PLATFORMS:
            match = re.search(platform.pattern, useragent)
            if match is not None:
                return platform, match[1]
    return None, ""


def _browser(useragent: str) -> str:
    for name, pattern in _BROWSERS:
        match = re.search(pattern, useragent)
        if match is not None:
            return f"{name} - {match[1]}"
    return ""


def geolocation(ip: str, country: str, extras: bool = False) -> dict[str, str]:
    """Where a caller in the country is, all texts."""
    place = COUNTRIES[country]
    located = {
        "host": ip,
        "ip": ip,
        "rdns": ip,
        "asn": "64500",
        "isp": "Example Net",
        "country_name": place.name,
        "country_code": place.alpha2,
        "region_name": place.region_name or place.capital,
        "region_code": place.region_code,
        "city": place.city or place.capital,
        "postal_code": place.postal_code,
        "continent_name": CONTINENTS[place.continent],
        "continent_code": place.continent,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "metro_code": "",
        "timezone": place.timezone,
    }
    if extras:
        located |= {
            "ip_type": "ipv6" if ":" in ip else "ipv4",
            "capital": place.capital,
            "currency": place.currency,
        }
    return located


def informer(settings: Settings) -> Callable[[str, str, str], Info]:
    """``info`` by User-Agent, address and country (empty or unknown: the settings' own). Shared: never change
    one."""
    write = phpjson.writer(settings.body_style)

    @lru_cache(_MAX_CACHED)
    def info(useragent: str, ip: str, country: str) -> Info:
        place = country.upper()
        located = geolocation(
            ip, place if place in COUNTRIES else settings.geolocation_country, settings.geolocation_extras
        )
        return Info(agent(useragent, settings.browser_name), located, write)

    return info
