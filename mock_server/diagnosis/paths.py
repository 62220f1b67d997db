"""Mistakes in the path before the parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from mock_server.diagnosis.recipe import Case, Recipe, Variant, departing


def _at(change: Callable[..., bytes], *bound: Any) -> Variant:
    return Variant(lambda recipe: recipe._replace(path=change(recipe.path, *bound)))


def _with_query_alone(recipe: Recipe, query: bytes) -> Recipe:
    return recipe._replace(path=recipe.path + b"?" + query, pairs=(), last=b"")


def slash_missing(recipe: Recipe, case: Case) -> Iterator[Variant]:
    if recipe.path.endswith(b"/") and recipe.path != b"/":
        yield _at(lambda path: path.rstrip(b"/"))


def slash_added(recipe: Recipe, case: Case) -> Iterator[Variant]:
    if not recipe.path.endswith(b"/"):
        yield _at(lambda path: path + b"/")


def full_url(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for host in case.hosts:
        for lead in dict.fromkeys((host, host.partition("://")[2], host.removesuffix("/") + case.mount)):
            yield _at(lambda path, lead: lead + path, lead.encode())


def mounted(recipe: Recipe, case: Case) -> Iterator[Variant]:
    if case.mount:
        yield _at(lambda path: case.mount.encode() + path)


def query_included(recipe: Recipe, case: Case) -> Iterator[Variant]:
    if case.query:
        bare = "&".join(part for part in case.query.split("&") if not part.startswith("signature="))
        for query in sorted({case.query, bare, unquote_to_bytes(bare).decode("utf-8", "replace")} - {""}):
            yield _at(lambda path, query: path + b"?" + query, query.encode())
            yield departing(_with_query_alone, query.encode())
    yield _at(lambda path: path + b"?")


def method_included(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for between in ("", " ", "\n", ":", "&", ";"):
        yield _at(lambda path, lead: lead + path, f"{case.method}{between}".encode())


def path_encoded(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for path in dict.fromkeys((case.raw_path, quote(recipe.path), quote(recipe.path, safe=""))):
        if path:
            yield _at(lambda old, path: path, path.encode())


def path_bare(recipe: Recipe, case: Case) -> Iterable[Variant]:
    return [
        _at(lambda path: b""),
        _at(lambda path: path.lstrip(b"/")),
        _at(lambda path: path.strip(b"/")),
        _at(lambda path: path.rstrip(b"/").rpartition(b"/")[2]),
        _at(lambda path: b"/"),
    ]


def path_doubled(recipe: Recipe, case: Case) -> Iterable[Variant]:
    return [_at(lambda path: b"/" + path), _at(bytes.lower), _at(bytes.upper), _at(lambda path: path + b"//")]
