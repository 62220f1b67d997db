"""How a request of parameters is signed wrongly: which parameters, in what order, joined how, after which path,
with what values. Long because every way is a function here; `mistakes` names them."""

from __future__ import annotations

import itertools
import json
import re
from binascii import a2b_qp
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from mock_server.diagnosis.recipe import (
    Case,
    Pairs,
    Recipe,
    Variant,
    Variants,
    by_name,
    departing,
    setting,
    with_values,
)

TRANSPORT = (b"key", b"nonce", b"timestamp")


# -- which parameters
def _paired(pairs: Iterable[tuple[bytes, bytes]], how: str = "") -> Variant:
    return setting(how, pairs=tuple(pairs))


def _filtered(keep: Callable[..., bool], *bound: Any, how: str = "") -> Variant:
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


def file_signed(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for name, (filename, content) in case.files.items():
        known = [
            filename.encode(),
            b"@" + filename.encode(),
            b"",
            b"[object File]",
            b"[object Object]",
            b"Array",
        ]
        for value in (*known, *([content] if len(content) < 1_000_000 else [])):
            yield departing(_with_pairs, ((name.encode(), value),))


def dropped_signed(recipe: Recipe, case: Case) -> Iterator[Variant]:
    if case.dropped:
        for decode in (unquoted, lambda value: unquoted(value.replace(b"+", b" ")), bytes):
            more = tuple((name, decode(value)) for name, value in case.dropped.items())
            yield departing(_with_pairs, more)


def ampersand_in_value(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """``data=a&b`` was sent: what stands behind the & became a parameter of its own. The order of arrival tells what it
    belonged to."""
    joined: list[list[bytes]] = []
    usual = {case.document, *TRANSPORT}
    for name, value in case.sent:
        tail = name + (b"=" + value if value else b"")
        if joined and name not in usual:
            joined[-1][1] += b"&" + tail
        else:
            joined.append([name, value])
    if len(joined) < len(case.sent):
        yield _paired(by_name((name, value) for name, value in joined))
        yield _paired(by_name((name, value.rstrip(b"&")) for name, value in joined))


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


# -- the values
_LONG = 20_000
"""Bytes of a value in which no single places are changed."""
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


@lru_cache(64)
def _rfc3986(value: bytes, escape: bytes = b"%%%02X") -> bytes:
    """As ``urllib.parse.quote``, which looks at each byte; this replaces each different byte once."""
    special = {*value} - _UNRESERVED
    for byte in sorted(special, key=lambda byte: byte != ord("%")):
        value = value.replace(bytes([byte]), escape % byte)
    return value


def unquoted(value: bytes) -> bytes:
    """As ``unquote_to_bytes``; quoted-printable has the same escapes behind another sign, and a decoder in C."""
    if b"\n" not in value and b"\r" not in value:
        decoded = a2b_qp(value.replace(b"=", b"%3D").replace(b"%", b"="))
        if len(decoded) == len(value) - 2 * value.count(b"%"):
            return decoded
    return unquote_to_bytes(value)


def _form(value: bytes) -> bytes:
    return _rfc3986(value).replace(b"%20", b"+")


def _javascript(value: bytes) -> bytes:
    return _kept(_rfc3986(value), b"!'()*")


def _java(value: bytes) -> bytes:
    return _kept(_form(value), b"*").replace(b"~", b"%7E")


def _encode_uri(value: bytes) -> bytes:
    return _kept(_rfc3986(value), b";,/?:@&=+$!'()*#")


def _kept(escaped: bytes, letters: bytes, escape: bytes = b"%%%02X") -> bytes:
    for letter in letters:
        escaped = escaped.replace(escape % letter, bytes([letter]))
    return escaped


def _lower(value: bytes) -> bytes:
    return _rfc3986(value, b"%%%02x")


_ENCODERS: tuple[tuple[Callable[[bytes], bytes], str], ...] = (
    (_rfc3986, "as rawurlencode does"),
    (_form, "as a form is"),
    (_javascript, "as encodeURIComponent does"),
    (_java, "as URLEncoder does"),
    (lambda value: _kept(_rfc3986(value), b"/"), "as Python's quote does"),
    (_lower, "in lower case"),
    (lambda value: _lower(value).replace(b"%20", b"+"), "in lower case"),
    (
        lambda value: _kept(_lower(value).replace(b"%20", b"+"), b"!*()", b"%%%02x"),
        "in lower case, as HttpUtility.UrlEncode does",
    ),
    (_encode_uri, "as encodeURI does"),
    (lambda value: _rfc3986(_rfc3986(value)), "twice"),
)


def encoded(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for encode, how in _ENCODERS:
        yield with_values(lambda name, value, encode: encode(value), encode, how=f", {how}")
        if case.text is not None:
            yield with_values(
                lambda name, value, encode: encode(value) if name == case.document else value,
                encode,
                how=f", {how}",
            )
    raw = {name: iter(values) for name, values in case.raw.items()}
    wire = tuple((name, next(raw.get(name, iter(())), value)) for name, value in recipe.pairs)
    yield _paired(wire, ", as they were sent")


def plus_lost(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """A + that was sent as it is arrives as a space; the raw bytes tell it from a space that was sent as %20. Where a client
    writes its spaces as + too, only some values hold a + that is one."""
    values_of: dict[bytes, list[bytes]] = {}
    for name, values in case.raw.items():
        if any(b"+" in value for value in values):
            values_of[name] = [unquoted(value) for value in values]
    mixed = [name for name in values_of if any(b"%20" in value for value in case.raw[name])]
    groups = [
        [*values_of],
        mixed,
        [name for name in values_of if name != case.document],
        *([name] for name in values_of),
    ]
    for names in dict.fromkeys(tuple(group) for group in groups if group):
        yield _paired(_with_values(recipe.pairs, {name: values_of[name] for name in names}))


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
    yield with_values(lambda name, value: unquoted(value))
    yield with_values(lambda name, value: unquoted(value.replace(b"+", b" ")))
    yield with_values(lambda name, value: unquoted(value) if name == case.document else value)


def sent_in_another_charset(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """The wire carried Latin-1, or what UTF-8 looks like when it is taken for Latin-1."""
    for charset in ("latin-1", "cp1252"):
        yield with_values(lambda name, value, charset: _recoded(case, name, value, charset), charset)
    yield with_values(lambda name, value: _decoded_twice(value))


def _recoded(case: Case, name: bytes, value: bytes, charset: str) -> bytes:
    if b"\xef\xbf\xbd" not in value:
        return value
    raw = next(iter(case.raw.get(name, ())), b"")
    try:
        return unquoted(raw.replace(b"+", b" ")).decode(charset).encode()
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


# -- their order
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


# -- how they are joined
def joined(*ways: tuple[bytes, bytes, bytes, bytes]) -> Variants:
    """Each way: between path and names, between name and value, between parameters, after the last."""

    def variants(recipe: Recipe, case: Case) -> Iterator[Variant]:
        for lead, equals, between, last in ways:
            yield setting(lead=lead, equals=equals, between=between, last=last)

    return variants


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


# -- the path
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
