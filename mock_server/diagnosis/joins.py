"""Mistakes in the order of parameters, and in how they are joined to one text."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from mock_server.diagnosis.recipe import Case, Pairs, Recipe, Variant, Variants, departing, setting


def as_sent(recipe: Recipe, case: Case) -> Iterator[Variant]:
    place = {name: index for index, (name, _) in reversed([*enumerate(case.sent)])}
    yield Variant(lambda recipe: _sorted(recipe, lambda pair: place.get(pair[0], 99)))
    yield Variant(lambda recipe: _sorted(recipe, lambda pair: pair[0] == case.document))
    yield Variant(lambda recipe: recipe._replace(pairs=recipe.pairs[::-1]))
    yield Variant(lambda recipe: _sorted(recipe, lambda pair: pair[1]))
    if len(recipe.pairs) <= 5:
        for order in itertools.permutations(range(len(recipe.pairs))):
            yield departing(
                lambda recipe, order: recipe._replace(pairs=_permuted(recipe.pairs, order)), order
            )


def _sorted(recipe: Recipe, key: Callable[[tuple[bytes, bytes]], object]) -> Recipe:
    return recipe._replace(pairs=tuple(sorted(recipe.pairs, key=key)))  # type: ignore[arg-type]


def _permuted(pairs: Pairs, order: Sequence[int]) -> Pairs:
    return tuple(pairs[place] for place in order) if len(order) == len(pairs) else pairs


def ignoring_case(recipe: Recipe, case: Case) -> Iterable[Variant]:
    return [
        Variant(lambda recipe: _sorted(recipe, lambda pair: pair[0].lower())),
        Variant(lambda recipe: _sorted(recipe, lambda pair: pair[0] + b"=" + pair[1])),
    ]


def joined(*ways: tuple[bytes, bytes, bytes, bytes]) -> Variants:
    """Each way: between path and names, between name and value, between parameters, after the last."""

    def variants(recipe: Recipe, case: Case) -> Iterator[Variant]:
        for lead, equals, between, last in ways:
            yield setting(lead=lead, equals=equals, between=between, last=last)

    return variants


with_ampersand = joined(
    (b"", b"=", b"&", b""), (b"?", b"=", b"&", b""), (b"", b"=", b"&", b"&"), (b"?", b"=", b"&", b"&")
)
otherwise = joined(
    (b"", b"=", b"", b""),
    (b"", b"", b"", b""),
    (b"?", b"=", b";", b";"),
    (b"?", b"=", b";", b""),
    (b";", b"=", b";", b";"),
    (b";", b"=", b";", b""),
    (b"", b"=", b"; ", b";"),
    (b"", b"=", b"; ", b"; "),
    (b"", b"=", b"; ", b""),
    (b"", b":", b";", b";"),
    (b"", b": ", b";", b";"),
    (b"", b" = ", b";", b";"),
    (b"", b"=", b"\n", b""),
    (b"", b"=", b"\n", b"\n"),
    (b"\n", b"=", b"\n", b""),
    (b"\n", b"=", b"\n", b"\n"),
    (b"\n", b"=", b";", b";"),
    (b"\n", b"=", b"&", b""),
    (b"", b"=", b",", b""),
    (b"", b"=", b", ", b""),
    (b"", b"=", b",", b","),
    (b"", b"=", b"|", b""),
    (b"|", b"=", b"|", b""),
    (b"", b"=", b" ", b""),
    (b"", b"=", b";\n", b";"),
    (b"", b"=", b";\n", b";\n"),
    (b" ", b"=", b";", b";"),
    (b":", b"=", b";", b";"),
    (b"&", b"=", b"&", b""),
    (b"", b":", b",", b""),
    (b"", b"=", b";", b";;"),
    (b"", b"=", b";", b";\n"),
    (b"", b"=", b";", b"\n"),
    (b"", b"=", b";", b"; "),
)


def as_json(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """All parameters as one JSON object, or the values alone."""
    for separators, ascii_only in itertools.product(((",", ":"), (", ", ": ")), (False, True)):

        def change(
            recipe: Recipe, separators: tuple[str, str] = separators, ascii_only: bool = ascii_only
        ) -> Recipe:
            members = {
                name.decode("utf-8", "replace"): value.decode("utf-8", "replace")
                for name, value in recipe.pairs
            }
            text = json.dumps(members, separators=separators, ensure_ascii=ascii_only).encode()
            return recipe._replace(pairs=((b"", text),), equals=b"", last=b"")

        yield Variant(change)
    for between in (b"", b";", b"&", b",", b"|"):

        def values(recipe: Recipe, between: bytes = between) -> Recipe:
            return recipe._replace(
                pairs=tuple((b"", value) for _, value in recipe.pairs), equals=b"", between=between, last=b""
            )

        yield Variant(values)
    yield Variant(
        lambda recipe: recipe._replace(pairs=tuple((b"", value) for _, value in recipe.pairs), equals=b"")
    )
