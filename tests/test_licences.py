"""Every package that comes with ours is listed with its licence."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "LICENSES-third-party.md"
EXTRAS = ("redis", "tls", "aio", "otel")
NAME = re.compile(r"[\w.-]+")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(package: str) -> list[str]:
    try:
        return requires(package) or []
    except PackageNotFoundError:  # a requirement of another Python or platform
        return []


def installed_with_us() -> set[str]:
    """Names of all packages that the wheel or one of its extras brings along."""
    names: set[str] = set()
    waiting = [
        requirement
        for requirement in requirements("kyc-mock-server")
        if "extra ==" not in requirement or any(f'extra == "{extra}"' in requirement for extra in EXTRAS)
    ]
    while waiting:
        match = NAME.match(waiting.pop())
        name = normal(match[0] if match else "")
        if name not in names:
            names.add(name)
            waiting += [each for each in requirements(name) if ";" not in each]
    return names


def test_every_package_that_is_installed_with_it_is_listed() -> None:
    rows = re.findall(r"(?m)^\| ([\w.-]+)[^|]*\|", PAGE.read_text("utf-8"))
    assert installed_with_us() - {normal(row) for row in rows} == set()
