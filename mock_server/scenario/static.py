"""What can be said of a template before it runs: whether the names it uses exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from mock_server.scenario.expressions import Chain
from mock_server.scenario.names import COMMON_FAKES, DEFAULT_LOCALE, DRAWS, REQUEST, TOP
from mock_server.scenario.problems import did_you_mean


def unknown_names(chains: Iterable[Chain], locale: str | None) -> Iterator[tuple[str, str]]:
    """(message, remedy) for each name that no request can have."""
    for chain in chains:
        head, *rest = chain
        if head not in TOP:
            yield f"there is no `{head}` in templates", did_you_mean(head, TOP)
        elif head in _BELOW and rest and rest[0] not in _BELOW[head]:
            yield f"there is no `{head}.{rest[0]}`", did_you_mean(rest[0], _BELOW[head])
        elif head == "fake" and rest and rest[0] not in COMMON_FAKES:
            known = _fakes(locale or DEFAULT_LOCALE)
            if known and rest[0] not in known:
                yield f"Faker has no `{rest[0]}` for {locale or DEFAULT_LOCALE}", did_you_mean(rest[0], sorted(known))


_BELOW = {"request": REQUEST, "random": tuple(DRAWS)}


def _fakes(locale: str) -> frozenset[str]:
    from mock_server.scenario.names import faker

    return faker(locale).names if locale in locales() else frozenset()


@cache
def locales() -> frozenset[str]:
    """The locales that the installed Faker knows, told by its folders: importing it would take longer than all else."""
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("faker")
    folders = [Path(folder) / "providers" for folder in (spec.submodule_search_locations if spec else None) or ()]
    inside = [below for folder in folders for below in folder.glob("*/*_*") if not below.name.startswith("_")]
    return frozenset(below.name for below in inside if below.is_dir())
