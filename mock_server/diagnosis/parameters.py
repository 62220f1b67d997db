"""Mistakes in which parameters are signed: one left out, one too many, one cut in two, one sent twice."""

from __future__ import annotations

import itertools
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence

from mock_server.diagnosis.percent_encoding import decode
from mock_server.diagnosis.recipe import Case, Pairs, Recipe, Variant, by_name, departing, setting

TRANSPORT = (b"key", b"nonce", b"timestamp")


def _paired(pairs: Iterable[tuple[bytes, bytes]], how: str = "") -> Variant:
    return setting(how, pairs=tuple(pairs))


def _filtered(keep: Callable[..., bool], *bound: object, how: str = "") -> Variant:
    return Variant(
        lambda recipe: recipe._replace(pairs=tuple(pair for pair in recipe.pairs if keep(*pair, *bound))), how
    )


def _with_pairs(recipe: Recipe, more: Pairs) -> Recipe:
    return recipe._replace(pairs=by_name((*recipe.pairs, *more)))


def document_left_out(recipe: Recipe, case: Case) -> Iterator[Variant]:
    if case.text is not None:
        yield _filtered(lambda name, value: name != case.document)


def transport_left_out(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for count in (1, 2, 3):
        for names in itertools.combinations(TRANSPORT, count):
            shown = ", ".join(name.decode() for name in names)
            yield _filtered(lambda name, value, names: name not in names, names, how=f": {shown}")


def others_left_out(recipe: Recipe, case: Case) -> Iterator[Variant]:
    others = [name for name, _ in recipe.pairs if name not in (case.document, *TRANSPORT)]
    for dropped in dict.fromkeys(others):
        shown = dropped.decode("utf-8", "replace")[:60]
        yield _filtered(lambda name, value, dropped: name != dropped, dropped, how=f": {shown}")
    if len({*others}) > 1:
        yield _filtered(lambda name, value: name not in others)


def signature_included(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for value in (b"", b"null", b"undefined", b"None", b"nil"):
        yield departing(_with_pairs, ((b"signature", value),))


def secret_included(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for name in (b"secret", b"secret_key", b"api_secret", b"apiSecret", b"secretKey"):
        yield departing(_with_pairs, ((name, recipe.secret),))
    yield Variant(lambda recipe: recipe._replace(last=recipe.last + recipe.secret))


def empty_dropped(recipe: Recipe, case: Case) -> Iterator[Variant]:
    if any(not value for _, value in recipe.pairs):
        yield _filtered(lambda name, value: bool(value))


_FILE_TEXTS = ("", "[object File]", "[object Object]", "Array", "[object Blob]")
"""What languages write for a file."""


def file_signed(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for name, (filename, content) in case.files.items():
        texts = (filename, f"@{filename}", *_FILE_TEXTS, f"<_io.BufferedReader name='{filename}'>")
        values = [text.encode("utf-8", "surrogatepass") for text in texts]
        if len(content) < _LONGEST_FILE:
            values += [content, content.decode("utf-8", "replace").encode(), b64encode(content)]
        for value in values:
            yield departing(_with_pairs, ((name.encode(), value),))


_LONGEST_FILE = 1_000_000
"""Bytes of a file whose content is tried."""


def dropped_signed(recipe: Recipe, case: Case) -> Iterator[Variant]:
    if case.dropped:
        for reading in (decode, lambda value: decode(value.replace(b"+", b" ")), bytes):
            more = tuple((name, reading(value)) for name, value in case.dropped.items())
            yield departing(_with_pairs, more)


def file_as_field(recipe: Recipe, case: Case) -> Iterator[Variant]:
    names = [name for name, _ in recipe.pairs if name in case.file_fields]
    if names:
        yield _filtered(lambda name, value: name not in names)


_FEW, _MANY, _LONG = 8, 100, 20_000
"""Parts that may each belong to the value before them: so many in every combination, so many one by one; bytes of a form of which
not every combination is tried."""


def ampersand_in_value(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """Each choice of parts of the form that belong to the value before them."""
    known = {case.document, b"signature", *TRANSPORT}
    names = [_decoded(part.partition(b"=")[0]) for part in case.wire]
    doubtful = [
        place
        for place, name in enumerate(names)
        if place and name not in known and names[place - 1] != b"signature"
    ][:_MANY]
    bare = tuple(place for place in doubtful if b"=" not in case.wire[place])
    is_short = len(doubtful) <= _FEW and sum(map(len, case.wire)) < _LONG
    for places in dict.fromkeys((bare, *_choices(doubtful, every=is_short))):
        if places:
            yield _paired(by_name(_joined(case.wire, places)))


def _choices(places: Sequence[int], *, every: bool) -> Iterator[tuple[int, ...]]:
    """Every combination; or each place alone, and each with all that follow."""
    if every:
        for count in range(1, len(places) + 1):
            yield from itertools.combinations(places, count)
        return
    yield from ((place,) for place in places)
    yield from (tuple(places[start:]) for start in range(len(places)))


def _joined(wire: Sequence[bytes], places: Sequence[int]) -> Iterator[tuple[bytes, bytes]]:
    """The parameters without the signature, where the parts at these places belong to the value before them."""
    pairs: list[list[bytes]] = []
    for place, part in enumerate(wire):
        if place in places:
            pairs[-1][1] += b"&" + _decoded(part)
        else:
            name, _, value = part.partition(b"=")
            pairs.append([_decoded(name), _decoded(value)])
    return ((name, value) for name, value in pairs if name not in (b"", b"signature"))


def _decoded(text: bytes) -> bytes:
    return decode(text.replace(b"+", b" "))


def repeated(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """Other readings of parameters that were sent more than once: each, one of them, all as one text, sorted by value."""
    sent: dict[bytes, list[bytes]] = {}
    for name, value in case.sent:
        sent.setdefault(name, []).append(value)
    if all(len(values) == 1 for values in sent.values()):
        return
    for reading, suffix in _REPEATED:
        yield _paired(
            by_name(
                (name + suffix if len(values) > 1 else name, value)
                for name, values in sent.items()
                for value in (reading(values) if len(values) > 1 else values)
            )
        )


def _json(values: list[bytes]) -> list[bytes]:
    return [
        json.dumps(
            [value.decode("utf-8", "replace") for value in values], separators=(",", ":"), ensure_ascii=False
        ).encode()
    ]


_REPEATED: tuple[tuple[Callable[[list[bytes]], Sequence[bytes]], bytes], ...] = (
    (tuple, b""),
    (sorted, b""),
    (lambda values: values[:1], b""),
    (lambda values: values[-1:], b""),
    (lambda values: [b"".join(values)], b""),
    (lambda values: [b",".join(values)], b""),
    (lambda values: [b", ".join(values)], b""),
    (_json, b""),
    (lambda values: [b"[" + b", ".join(values) + b"]"], b""),
    (lambda values: [b"Array"], b""),
    (tuple, b"[]"),
)
"""How the usual languages turn several values of a name into what is signed, and what they put behind the name."""
