"""Ways to arrive at a digest for a request: the right one, and what each known mistake makes of it.

A way is a `Recipe`. Each function here turns the right recipe into those that somebody would follow who makes
the mistake; the table of `mistakes` names them. Long because every way of signing wrongly is one function here."""

from __future__ import annotations

import base64
import binascii
import contextlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

Pairs = tuple[tuple[str, str], ...]


class Recipe(NamedTuple):
    """One way to arrive at a digest."""

    path: str
    pairs: Pairs
    """In the order in which they are joined."""
    secret: bytes
    lead: str = ""
    """Between the path and the first name."""
    equals: str = "="
    between: str = ";"
    last: str = ";"
    charset: str = "utf-8"
    mac: str = "hmac-sha256"

    def text(self) -> bytes:
        """What is hashed. Raises ``UnicodeEncodeError`` where the charset cannot say it."""
        body = self.between.join([f"{name}{self.equals}{value}" for name, value in self.pairs])
        return f"{self.path}{self.lead}{body}{self.last}".encode(
            self.charset, "surrogatepass" if self.charset.startswith("utf") else "strict"
        )


@dataclass(frozen=True)
class Case:
    """What is known of the request, beside the right recipe."""

    sent: Pairs
    """Decoded parameters in the order in which they came, the signature not among them."""
    raw: Mapping[str, Sequence[str]]
    """Values of each parameter as they were on the wire, before decoding."""
    query: str
    method: str
    mount: str
    raw_path: str
    """The path as sent, where it was percent-encoded; empty: as it is signed."""
    hosts: tuple[str, ...]
    """``scheme://host`` that the caller may have signed."""
    key: str
    secrets: Mapping[str, str]
    """Other accounts' secrets by account name."""
    filenames: Mapping[str, str]
    """Names of uploaded files by parameter."""

    @cached_property
    def data(self) -> Any:
        """The parsed ``data`` parameter; None where there is none that can be read."""
        try:
            return json.loads(dict(self.sent).get("data", ""))
        except (ValueError, RecursionError):
            return None


Variants = Callable[[Recipe, Case], Iterable[Recipe]]


# -- which parameters
# ------------------------------------------------------------------------------------------
def without(*names: str) -> Variants:
    def variants(recipe: Recipe, case: Case) -> Iterator[Recipe]:
        for name in names:
            if any(name == given for given, _ in recipe.pairs):
                yield recipe._replace(pairs=tuple(pair for pair in recipe.pairs if pair[0] != name))

    return variants


def without_another(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for name, _ in recipe.pairs:
        if name not in ("data", "key", "nonce", "timestamp"):
            yield recipe._replace(pairs=tuple(pair for pair in recipe.pairs if pair[0] != name))


def signature_included(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for value in ("", "null", "undefined", "None"):
        yield recipe._replace(pairs=by_name((*recipe.pairs, ("signature", value))))


def empty_dropped(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if any(not value for _, value in recipe.pairs):
        yield recipe._replace(pairs=tuple(pair for pair in recipe.pairs if pair[1]))


def file_signed(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for name, filename in case.filenames.items():
        for value in (filename, f"@{filename}", ""):
            yield recipe._replace(pairs=by_name((*recipe.pairs, (name, value))))


def repeated(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    """Other readings of parameters that were sent more than once: each, one of them, all as one text, sorted
    by value."""
    sent: dict[str, list[str]] = {}
    for name, value in case.sent:
        sent.setdefault(name, []).append(value)
    if all(len(values) == 1 for values in sent.values()):
        return
    seen = {recipe.pairs}
    for reading in _REPEATED:
        pairs = by_name(
            (name, value)
            for name, values in sent.items()
            for value in (reading(values) if len(values) > 1 else values)
        )
        if pairs not in seen:
            seen.add(pairs)
            yield recipe._replace(pairs=pairs)


_REPEATED: tuple[Callable[[list[str]], Sequence[str]], ...] = (
    tuple,
    sorted,
    lambda values: values[:1],
    lambda values: values[-1:],
    lambda values: ["".join(values)],
    lambda values: [",".join(values)],
    lambda values: [", ".join(values)],
    lambda values: [json.dumps(values, separators=(",", ":"), ensure_ascii=False)],
    lambda values: [f"[{', '.join(values)}]"],
    lambda values: ["Array"],
)
"""How the usual languages turn several values of a name into what is signed."""


def by_name(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Sorted by name; values of one name keep their order."""
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


# -- the data parameter
# ----------------------------------------------------------------------------------------
def _with_data(recipe: Recipe, texts: Iterable[str]) -> Iterator[Recipe]:
    current = dict(recipe.pairs).get("data")
    for text in dict.fromkeys(texts):
        if current is not None and text != current:
            yield recipe._replace(
                pairs=tuple((name, text if name == "data" else value) for name, value in recipe.pairs)
            )


def reserialised(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if case.data is not None and "data" in dict(recipe.pairs):
        yield from _with_data(recipe, _spellings(case.data))


def _spellings(data: Any) -> Iterator[str]:
    """The JSON texts that the libraries of the usual languages write for the same value."""
    for ordered, ascii_only in itertools.product((False, True), (False, True)):
        try:
            compact = json.dumps(data, ensure_ascii=ascii_only, sort_keys=ordered, separators=(",", ":"))
            spaced = json.dumps(data, ensure_ascii=ascii_only, sort_keys=ordered)
        except (ValueError, RecursionError):
            return
        for text in (compact, spaced, *_indented(compact)):
            yield text
            if "/" in text:
                yield text.replace("/", "\\/")


def _indented(compact: str) -> Iterator[str]:
    for indent in (2, 4):
        with contextlib.suppress(msgspec.DecodeError, UnicodeEncodeError):
            yield msgspec.json.format(compact.encode(), indent=indent).decode()


def stringified(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    texts = ["[object Object]", "Array", "null", "undefined"]
    if case.data is not None:
        texts += [str(case.data), json.dumps(dict(recipe.pairs).get("data", ""))]
    return _with_data(recipe, texts)


def line_ends(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    data = dict(recipe.pairs).get("data", "")
    unix = data.replace("\r\n", "\n")
    yield from _with_data(recipe, [unix, unix.replace("\n", "\r\n"), data.strip(), data + "\n"])


# -- the values
# ------------------------------------------------------------------------------------------------
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
_UPPER = [chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in range(256)]
_LOWER = [chr(byte) if byte in _PLAIN else f"%{byte:02x}" for byte in range(256)]


def _spellings_of_escapes(text: str) -> Iterator[str]:
    """The text as the URL encoders of the usual languages write it: RFC 3986, a form's, JavaScript's, Java's,
    and in lower case."""
    raw = text.encode("utf-8", "surrogatepass")
    upper, lower = "".join([_UPPER[byte] for byte in raw]), "".join([_LOWER[byte] for byte in raw])
    yield upper
    yield upper.replace("%20", "+")
    yield (
        upper.replace("%21", "!")
        .replace("%27", "'")
        .replace("%28", "(")
        .replace("%29", ")")
        .replace("%2A", "*")
    )
    yield upper.replace("%20", "+").replace("%2A", "*").replace("~", "%7E")
    yield lower
    yield lower.replace("%20", "+")


def encoded(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    seen = {recipe.pairs}
    names = [name for name, _ in recipe.pairs]
    for values in zip(*(_spellings_of_escapes(value) for _, value in recipe.pairs)):
        everything = tuple(zip(names, values))
        only_data = tuple(
            (name, changed if name == "data" else value)
            for (name, value), changed in zip(recipe.pairs, values)
        )
        for pairs in (everything, only_data):
            if pairs not in seen:
                seen.add(pairs)
                yield recipe._replace(pairs=pairs)
    raw = {name: iter(values) for name, values in case.raw.items()}
    wire = tuple((name, next(raw.get(name, iter(())), value)) for name, value in recipe.pairs)
    if wire not in seen:
        yield recipe._replace(pairs=wire)


def plus_lost(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    spaced = [name for name, value in recipe.pairs if " " in value]
    for names in [spaced, [name for name in spaced if name != "data"], ["nonce"]]:
        pairs = tuple(
            (name, value.replace(" ", "+") if name in names else value) for name, value in recipe.pairs
        )
        if pairs != recipe.pairs:
            yield recipe._replace(pairs=pairs)


def timestamp_unit(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    stamp = dict(recipe.pairs).get("timestamp", "")
    if stamp.isdecimal() and len(stamp) < 25:
        number = int(stamp)
        for other in (
            number // 1000,
            number * 1000,
            number // 1000 * 1000,
            number / 1000,
            number // 1_000_000,
        ):
            if str(other) != stamp:
                yield recipe._replace(
                    pairs=tuple(
                        (name, str(other) if name == "timestamp" else value) for name, value in recipe.pairs
                    )
                )


# -- their order
# -----------------------------------------------------------------------------------------------
def as_sent(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    place = {name: index for index, (name, _) in enumerate(case.sent)}
    yield recipe._replace(pairs=tuple(sorted(recipe.pairs, key=lambda pair: place.get(pair[0], 99))))
    yield recipe._replace(pairs=tuple(sorted(recipe.pairs, key=lambda pair: pair[0] == "data")))
    if len(recipe.pairs) <= 5:
        for pairs in itertools.permutations(recipe.pairs):
            yield recipe._replace(pairs=pairs)


def ignoring_case(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    pairs = tuple(sorted(recipe.pairs, key=lambda pair: pair[0].lower()))
    if pairs != recipe.pairs:
        yield recipe._replace(pairs=pairs)


# -- how they are joined
# ---------------------------------------------------------------------------------------
def joined(*ways: tuple[str, str, str, str]) -> Variants:
    """Each way: between path and names, between name and value, between parameters, after the last."""

    def variants(recipe: Recipe, case: Case) -> Iterator[Recipe]:
        for lead, equals, between, last in ways:
            yield recipe._replace(lead=lead, equals=equals, between=between, last=last)

    return variants


# -- the path
# --------------------------------------------------------------------------------------------------
def slash_missing(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if recipe.path.endswith("/") and recipe.path != "/":
        yield recipe._replace(path=recipe.path.rstrip("/"))


def slash_added(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if not recipe.path.endswith("/"):
        yield recipe._replace(path=recipe.path + "/")


def full_url(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for host in case.hosts:
        yield recipe._replace(path=host + recipe.path)
        yield recipe._replace(path=host.partition("://")[2] + recipe.path)


def mounted(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if case.mount:
        yield recipe._replace(path=case.mount + recipe.path)


def query_included(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if case.query:
        bare = "&".join(part for part in case.query.split("&") if not part.startswith("signature="))
        for query in {case.query, bare} - {""}:
            yield recipe._replace(path=f"{recipe.path}?{query}")


def method_included(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for lead in (case.method, case.method + " ", case.method + "\n"):
        yield recipe._replace(path=lead + recipe.path)


def path_encoded(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for path in dict.fromkeys((case.raw_path, quote(recipe.path), quote(recipe.path, safe=""))):
        if path not in ("", recipe.path):
            yield recipe._replace(path=path)


def path_bare(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    yield recipe._replace(path="")
    yield recipe._replace(path=recipe.path.lstrip("/"))


# -- the secret
# ------------------------------------------------------------------------------------------------
def key_for_secret(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if case.key:
        yield recipe._replace(secret=case.key.encode())
        swapped = tuple(
            (name, recipe.secret.decode("utf-8", "replace") if name == "key" else value)
            for name, value in recipe.pairs
        )
        yield recipe._replace(secret=case.key.encode(), pairs=swapped)


def padded_secret(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for before, after in (
        (b"", b"\n"),
        (b"", b" "),
        (b"", b"\r\n"),
        (b"", b"\r"),
        (b" ", b""),
        (b'"', b'"'),
        (b"'", b"'"),
        (b"\xef\xbb\xbf", b""),
    ):
        yield recipe._replace(secret=before + recipe.secret + after)


def decoded_secret(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for decode in (bytes.fromhex, lambda text: base64.b64decode(text + "=" * (-len(text) % 4))):
        try:
            yield recipe._replace(secret=decode(recipe.secret.decode()))
        except (ValueError, binascii.Error):
            continue
    for other in (
        recipe.secret.upper(),
        recipe.secret.lower(),
        recipe.secret.hex().encode(),
        base64.b64encode(recipe.secret),
        b"",
    ):
        if other != recipe.secret:
            yield recipe._replace(secret=other)


def others_secret(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for secret in case.secrets.values():
        yield recipe._replace(secret=secret.encode("utf-8", "surrogatepass"))


# -- bytes and hash
# --------------------------------------------------------------------------------------------
def charset(*names: str) -> Variants:
    def variants(recipe: Recipe, case: Case) -> Iterator[Recipe]:
        for name in names:
            yield recipe._replace(charset=name)

    return variants


def mac(*names: str) -> Variants:
    def variants(recipe: Recipe, case: Case) -> Iterator[Recipe]:
        for name in names:
            yield recipe._replace(mac=name)

    return variants
