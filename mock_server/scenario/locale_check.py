"""What can be said of a template before it runs: whether the names it uses exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from mock_server.scenario.names import ACCOUNT, COMMON_FAKES, DEFAULT_LOCALE, DRAWS, REQUEST, TOP
from mock_server.scenario.problems import did_you_mean


def unknown_names(chains: Iterable[tuple[str, ...]], locale: str | None) -> Iterator[tuple[str, str]]:
    """(message, remedy) for each name that no request can have."""
    for chain in chains:
        head, *rest = chain
        if head not in TOP:
            yield f"unknown name `{head}` in a template", did_you_mean(head, TOP)
        elif head in _BELOW and rest and rest[0] not in _BELOW[head]:
            yield f"unknown name `{head}.{rest[0]}`", did_you_mean(rest[0], _BELOW[head])
        elif head == "fake" and rest and rest[0] not in COMMON_FAKES:
            known = _fakes(locale or DEFAULT_LOCALE)
            if known and rest[0] not in known:
                yield (
                    f"Faker has no `{rest[0]}` for {locale or DEFAULT_LOCALE}",
                    did_you_mean(rest[0], sorted(known)),
                )


_BELOW = {"request": REQUEST, "random": tuple(DRAWS), "account": ACCOUNT}


def _fakes(locale: str) -> frozenset[str]:
    from mock_server.scenario.names import faker

    return faker(locale).names if is_locale(locale) else frozenset()


def is_locale(name: str) -> bool:
    """Whether the installed Faker knows the locale."""
    return any((provider / name).is_dir() for provider in _providers())


def locales() -> list[str]:
    """All of them, sorted."""
    inside = {below.name for provider in _providers() for below in provider.glob("*_*") if below.is_dir()}
    return sorted(name for name in inside if not name.startswith("_"))


@cache
def _providers() -> tuple[Path, ...]:
    """Faker's folders, one a provider, with one in it for each locale. Importing Faker would take longer than
    all else."""
    spec = find_spec("faker")
    roots = [Path(root) / "providers" for root in (spec.submodule_search_locations if spec else None) or ()]
    return tuple(below for root in roots for below in root.iterdir() if below.is_dir())
