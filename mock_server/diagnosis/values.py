"""Mistakes in the values of parameters: encoded, decoded, trimmed or spelled otherwise than they were sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mock_server.diagnosis.percent_encoding import ENCODERS, decode, encode
from mock_server.diagnosis.recipe import Case, Pairs, Recipe, Variant, by_name, setting, with_values

_LONG = 20_000
"""Bytes of a value in which no single places are changed."""


def encoded(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for how, encoder in ENCODERS.items():
        yield with_values(lambda name, value, encoder: encoder(value), encoder, how=f", {how}")
        if case.text is not None:
            yield with_values(
                lambda name, value, encoder: encoder(value) if name == case.document else value,
                encoder,
                how=f", {how}",
            )
    raw = {name: iter(values) for name, values in case.raw.items()}
    wire = tuple((name, next(raw.get(name, iter(())), value)) for name, value in recipe.pairs)
    yield setting(", as they were sent", pairs=wire)


def plus_lost(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """A + that was sent as it is arrives as a space; the raw bytes tell it from a space that was sent as %20. Where a client
    writes its spaces as + too, only some values hold a + that is one."""
    values_of: dict[bytes, list[bytes]] = {}
    for name, values in case.raw.items():
        if any(b"+" in value for value in values):
            values_of[name] = [decode(value) for value in values]
    mixed = [name for name in values_of if any(b"%20" in value for value in case.raw[name])]
    groups = [
        [*values_of],
        mixed,
        [name for name in values_of if name != case.document],
        *([name] for name in values_of),
    ]
    for names in dict.fromkeys(tuple(group) for group in groups if group):
        yield setting(pairs=tuple(_with_values(recipe.pairs, {name: values_of[name] for name in names})))


def _with_values(pairs: Pairs, values: Mapping[bytes, Sequence[bytes]]) -> Iterator[tuple[bytes, bytes]]:
    remaining = {name: iter(each) for name, each in values.items()}
    for name, value in pairs:
        yield name, next(remaining[name], value) if name in remaining else value


def plus_in_value(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """A value with spaces of which only some were a +."""
    for name, value in recipe.pairs:
        places = (
            [match.start() for match in re.finditer(b" ", value)]
            if len(value) < _LONG and b"+" in b"".join(case.raw.get(name, ()))
            else []
        )
        for place in places[:40]:
            repaired = value[:place] + b"+" + value[place + 1 :]
            yield with_values(
                lambda key, old, name, repaired: repaired if key == name else old, name, repaired
            )


def encoded_twice(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """What was signed plain was encoded twice on the way."""
    yield with_values(lambda name, value: decode(value))
    yield with_values(lambda name, value: decode(value.replace(b"+", b" ")))
    yield with_values(lambda name, value: decode(value) if name == case.document else value)


def sent_in_another_charset(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """The wire carried Latin-1, or what UTF-8 looks like when it is taken for Latin-1."""
    for charset in ("latin-1", "cp1252"):
        yield with_values(lambda name, value, charset: _recoded(case, name, value, charset), charset)
    yield with_values(lambda name, value: _decoded_twice(value))


_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")


def sent_as_utf_16(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """Values whose bytes are UTF-16, or (Java) those of each run of escapes."""
    of_parts = {
        name: [encode(value)] for name, value in recipe.pairs if name not in case.raw and b"\0" in value
    }
    raw = {**case.raw, **of_parts}
    if not any(b"%00" in value for values in raw.values() for value in values):
        return
    for read in (_from_utf_16, _from_utf_16_escapes):
        for charset in ("utf-16-le", "utf-16-be"):
            values = {name: [read(value.replace(b"+", b" "), charset) for value in raw[name]] for name in raw}
            yield setting(pairs=tuple(_with_values(recipe.pairs, values)))


def _from_utf_16(raw: bytes, charset: str) -> bytes:
    """The value in UTF-8; one without a zero byte is not UTF-16."""
    value = decode(raw)
    return _utf_8(value, charset) if b"\0" in value else value


def _from_utf_16_escapes(raw: bytes, charset: str) -> bytes:
    return _ESCAPES.sub(lambda match: _utf_8(decode(match[0]), charset), raw)


def _utf_8(value: bytes, charset: str) -> bytes:
    try:
        return value.decode(charset).replace("\ufeff", "").encode()
    except UnicodeError:
        return value


def _recoded(case: Case, name: bytes, value: bytes, charset: str) -> bytes:
    if b"\xef\xbf\xbd" not in value:
        return value
    raw = next(iter(case.raw.get(name, ())), b"")
    try:
        return decode(raw.replace(b"+", b" ")).decode(charset).encode()
    except UnicodeDecodeError:
        return value


def _decoded_twice(value: bytes) -> bytes:
    try:
        repaired = value.decode().encode("latin-1")
        repaired.decode()
    except UnicodeError:
        return value
    return repaired


def trimmed(recipe: Recipe, case: Case) -> Iterable[Variant]:
    return [
        with_values(lambda name, value: value.strip()),
        with_values(lambda name, value: re.sub(rb"\s+", b" ", value.strip())),
        with_values(lambda name, value: value if name == case.document else value.strip()),
    ]


def quoted(recipe: Recipe, case: Case) -> Iterable[Variant]:
    return [
        with_values(lambda name, value: b'"' + value + b'"'),
        with_values(lambda name, value: b"'" + value + b"'"),
        with_values(lambda name, value: value if name == case.document else b'"' + value + b'"'),
    ]


def words(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """Truth values and nothing, as a language spells them."""
    spelled = (
        {b"true": b"True", b"false": b"False", b"": b"None"},
        {b"true": b"1", b"false": b""},
        {b"true": b"1", b"false": b"0"},
        {b"True": b"true", b"False": b"false", b"None": b""},
        {b"1": b"true", b"0": b"false"},
        {b"": b"null", b"null": b""},
        {b"": b"undefined"},
    )
    for table in spelled:
        yield with_values(lambda name, value, table: table.get(value, value), table)


def lower_cased(recipe: Recipe, case: Case) -> Iterable[Variant]:
    return [
        with_values(lambda name, value: value.lower()),
        with_values(lambda name, value: value.upper()),
        with_values(lambda name, value: value if name == case.document else value.lower()),
        Variant(
            lambda recipe: recipe._replace(
                pairs=by_name((name.lower(), value) for name, value in recipe.pairs)
            )
        ),
        Variant(
            lambda recipe: recipe._replace(pairs=tuple((name.lower(), value) for name, value in recipe.pairs))
        ),
    ]


def timestamp_unit(recipe: Recipe, case: Case) -> Iterator[Variant]:
    number = _number(recipe, b"timestamp")
    if number is not None:
        for other in (
            number // 1000,
            number * 1000,
            number // 1000 * 1000,
            number / 1000,
            number // 1_000_000,
        ):
            yield _timestamped(str(other).encode())
        yield _timestamped(f"{number}.0".encode())


def timestamp_twice(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """A few milliseconds lie between the time that was signed and the one that was sent, or a second or two."""
    number = _number(recipe, b"timestamp")
    if number is not None:
        nearest = sorted(range(-60, 61), key=abs)[1:]
        for step in (*nearest, *(second * 1000 for second in (-1, 1, -2, 2))):
            yield _timestamped(str(number + step).encode())


def _timestamped(text: bytes) -> Variant:
    return with_values(lambda name, value: text if name == b"timestamp" else value)


def _number(recipe: Recipe, parameter: bytes) -> int | None:
    text = next((value for name, value in recipe.pairs if name == parameter), b"")
    return int(text) if text.isdigit() and len(text) < 25 else None


def nonce_twice(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """A nonce that counts, or is made of the time, was made once for signing and once for sending."""
    number = _number(recipe, b"nonce")
    timestamp = next((value for name, value in recipe.pairs if name == b"timestamp"), b"")
    others = (
        [str(number + step).encode() for step in sorted(range(-20, 21), key=abs)[1:]]
        if number is not None
        else []
    )
    for other in (*others, timestamp):
        yield with_values(lambda name, value, other: other if name == b"nonce" else value, other)
