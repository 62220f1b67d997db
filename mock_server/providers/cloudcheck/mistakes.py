"""The mistakes that clients make when they sign, as data. Adding one is one entry here and one row in its test.

Each mistake turns the right way of signing into the ways that somebody who makes it would sign. The doctor (`diagnosis`) looks
which of them, alone or in pairs, gives the digest that was sent. Sources: the vendor's overview page for what is right, the
negative vectors and the clients of the wire reference for what goes wrong.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

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
    raw: Mapping[str, str]
    """Parameter values as they were on the wire, before decoding."""
    query: str
    method: str
    mount: str
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


class Mistake(NamedTuple):
    """One known mistake."""

    id: str
    stage: int
    """Mistakes of different stages can be made together; lower stages come first when signing."""
    explanation: str
    fix: str
    variants: Variants


PARAMS, DATA, VALUES, ORDER, JOIN, PATH, SECRET, CHARSET, MAC = range(9)


# -- which parameters ------------------------------------------------------------------------------------------
def _without(*names: str) -> Variants:
    def variants(recipe: Recipe, case: Case) -> Iterator[Recipe]:
        for name in names:
            if any(name == given for given, _ in recipe.pairs):
                yield recipe._replace(pairs=tuple(pair for pair in recipe.pairs if pair[0] != name))

    return variants


def _without_another(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for name, _ in recipe.pairs:
        if name not in ("data", "key", "nonce", "timestamp"):
            yield recipe._replace(pairs=tuple(pair for pair in recipe.pairs if pair[0] != name))


def _signature_included(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for value in ("", "null", "undefined", "None"):
        yield recipe._replace(pairs=tuple(sorted((*recipe.pairs, ("signature", value)))))


def _empty_dropped(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if any(not value for _, value in recipe.pairs):
        yield recipe._replace(pairs=tuple(pair for pair in recipe.pairs if pair[1]))


def _file_signed(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for name, filename in case.filenames.items():
        for value in (filename, f"@{filename}", ""):
            yield recipe._replace(pairs=tuple(sorted((*recipe.pairs, (name, value)))))


# -- the data parameter ----------------------------------------------------------------------------------------
def _with_data(recipe: Recipe, texts: Iterable[str]) -> Iterator[Recipe]:
    current = dict(recipe.pairs).get("data")
    for text in dict.fromkeys(texts):
        if current is not None and text != current:
            yield recipe._replace(pairs=tuple((name, text if name == "data" else value) for name, value in recipe.pairs))


def _reserialised(recipe: Recipe, case: Case) -> Iterator[Recipe]:
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


def _stringified(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    texts = ["[object Object]", "Array", "null", "undefined"]
    if case.data is not None:
        texts += [str(case.data), json.dumps(dict(recipe.pairs).get("data", ""))]
    return _with_data(recipe, texts)


def _line_ends(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    data = dict(recipe.pairs).get("data", "")
    unix = data.replace("\r\n", "\n")
    yield from _with_data(recipe, [unix, unix.replace("\n", "\r\n"), data.strip(), data + "\n"])


# -- the values ------------------------------------------------------------------------------------------------
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
_UPPER = [chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in range(256)]
_LOWER = [chr(byte) if byte in _PLAIN else f"%{byte:02x}" for byte in range(256)]


def _spellings_of_escapes(text: str) -> Iterator[str]:
    """The text as the URL encoders of the usual languages write it: RFC 3986, a form's, JavaScript's, Java's, and in lower case."""
    raw = text.encode("utf-8", "surrogatepass")
    upper, lower = "".join([_UPPER[byte] for byte in raw]), "".join([_LOWER[byte] for byte in raw])
    yield upper
    yield upper.replace("%20", "+")
    yield upper.replace("%21", "!").replace("%27", "'").replace("%28", "(").replace("%29", ")").replace("%2A", "*")
    yield upper.replace("%20", "+").replace("%2A", "*").replace("~", "%7E")
    yield lower
    yield lower.replace("%20", "+")


def _encoded(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    seen = {recipe.pairs}
    names = [name for name, _ in recipe.pairs]
    for values in zip(*(_spellings_of_escapes(value) for _, value in recipe.pairs)):
        everything = tuple(zip(names, values))
        only_data = tuple((name, changed if name == "data" else value) for (name, value), changed in zip(recipe.pairs, values))
        for pairs in (everything, only_data):
            if pairs not in seen:
                seen.add(pairs)
                yield recipe._replace(pairs=pairs)
    wire = tuple((name, case.raw.get(name, value)) for name, value in recipe.pairs)
    if wire not in seen:
        yield recipe._replace(pairs=wire)


def _plus_lost(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    spaced = [name for name, value in recipe.pairs if " " in value]
    for names in [spaced, [name for name in spaced if name != "data"], ["nonce"]]:
        pairs = tuple((name, value.replace(" ", "+") if name in names else value) for name, value in recipe.pairs)
        if pairs != recipe.pairs:
            yield recipe._replace(pairs=pairs)


def _timestamp_unit(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    stamp = dict(recipe.pairs).get("timestamp", "")
    if stamp.isdecimal() and len(stamp) < 25:
        number = int(stamp)
        for other in (number // 1000, number * 1000, number // 1000 * 1000, number / 1000, number // 1_000_000):
            if str(other) != stamp:
                yield recipe._replace(pairs=tuple((name, str(other) if name == "timestamp" else value) for name, value in recipe.pairs))


# -- their order -----------------------------------------------------------------------------------------------
def _as_sent(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    place = {name: index for index, (name, _) in enumerate(case.sent)}
    yield recipe._replace(pairs=tuple(sorted(recipe.pairs, key=lambda pair: place.get(pair[0], 99))))
    yield recipe._replace(pairs=tuple(sorted(recipe.pairs, key=lambda pair: pair[0] == "data")))
    if len(recipe.pairs) <= 5:
        for pairs in itertools.permutations(recipe.pairs):
            yield recipe._replace(pairs=pairs)


def _ignoring_case(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    pairs = tuple(sorted(recipe.pairs, key=lambda pair: pair[0].lower()))
    if pairs != recipe.pairs:
        yield recipe._replace(pairs=pairs)


# -- how they are joined ---------------------------------------------------------------------------------------
def _joined(*ways: tuple[str, str, str, str]) -> Variants:
    """Each way: between path and names, between name and value, between parameters, after the last."""

    def variants(recipe: Recipe, case: Case) -> Iterator[Recipe]:
        for lead, equals, between, last in ways:
            yield recipe._replace(lead=lead, equals=equals, between=between, last=last)

    return variants


# -- the path --------------------------------------------------------------------------------------------------
def _slash_missing(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if recipe.path.endswith("/") and recipe.path != "/":
        yield recipe._replace(path=recipe.path.rstrip("/"))


def _slash_added(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if not recipe.path.endswith("/"):
        yield recipe._replace(path=recipe.path + "/")


def _full_url(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for host in case.hosts:
        yield recipe._replace(path=host + recipe.path)
        yield recipe._replace(path=host.partition("://")[2] + recipe.path)


def _mounted(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if case.mount:
        yield recipe._replace(path=case.mount + recipe.path)


def _query_included(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if case.query:
        bare = "&".join(part for part in case.query.split("&") if not part.startswith("signature="))
        for query in {case.query, bare} - {""}:
            yield recipe._replace(path=f"{recipe.path}?{query}")


def _method_included(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for lead in (case.method, case.method + " ", case.method + "\n"):
        yield recipe._replace(path=lead + recipe.path)


def _path_bare(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    yield recipe._replace(path="")
    yield recipe._replace(path=recipe.path.lstrip("/"))


# -- the secret ------------------------------------------------------------------------------------------------
def _key_for_secret(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    if case.key:
        yield recipe._replace(secret=case.key.encode())
        swapped = tuple((name, recipe.secret.decode("utf-8", "replace") if name == "key" else value) for name, value in recipe.pairs)
        yield recipe._replace(secret=case.key.encode(), pairs=swapped)


def _padded_secret(recipe: Recipe, case: Case) -> Iterator[Recipe]:
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


def _decoded_secret(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for decode in (bytes.fromhex, lambda text: base64.b64decode(text + "=" * (-len(text) % 4))):
        try:
            yield recipe._replace(secret=decode(recipe.secret.decode()))
        except (ValueError, binascii.Error):
            continue
    for other in (recipe.secret.upper(), recipe.secret.lower(), recipe.secret.hex().encode(), base64.b64encode(recipe.secret), b""):
        if other != recipe.secret:
            yield recipe._replace(secret=other)


def _others_secret(recipe: Recipe, case: Case) -> Iterator[Recipe]:
    for secret in case.secrets.values():
        yield recipe._replace(secret=secret.encode("utf-8", "surrogatepass"))


# -- bytes and hash --------------------------------------------------------------------------------------------
def _charset(*names: str) -> Variants:
    def variants(recipe: Recipe, case: Case) -> Iterator[Recipe]:
        for name in names:
            yield recipe._replace(charset=name)

    return variants


def _mac(*names: str) -> Variants:
    def variants(recipe: Recipe, case: Case) -> Iterator[Recipe]:
        for name in names:
            yield recipe._replace(mac=name)

    return variants


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "last-semicolon-missing",
        JOIN,
        "There is no ; after the last parameter.",
        "End the text with a ; too: each parameter, the last one included, is followed by one.",
        _joined(("", "=", ";", "")),
    ),
    Mistake(
        "trailing-slash-missing",
        PATH,
        "The path was signed without the slash at its end.",
        "Sign the path exactly as it is requested, such as /verify/ with its slash.",
        _slash_missing,
    ),
    Mistake(
        "trailing-slash-added",
        PATH,
        "The path was signed with a slash at its end that the request does not have.",
        "Sign the path exactly as it is requested, such as /verify/pdf without a slash.",
        _slash_added,
    ),
    Mistake(
        "full-url", PATH, "The scheme or host was signed with the path.", "Begin the text with the path alone, such as /verify/.", _full_url
    ),
    Mistake(
        "mount-prefix",
        PATH,
        "The prefix under which the mock is reached was signed with the path.",
        "Sign the path below the prefix: /verify/, not /cloudcheck/verify/.",
        _mounted,
    ),
    Mistake(
        "query-included",
        PATH,
        "The query string was signed with the path.",
        "Begin the text with the path alone; the parameters of the query follow it, sorted, as name=value;.",
        _query_included,
    ),
    Mistake(
        "method-included",
        PATH,
        "The HTTP method was signed.",
        "Begin the text with the path; the method is not part of it.",
        _method_included,
    ),
    Mistake(
        "path-incomplete",
        PATH,
        "The path, or the slash at its beginning, was left out.",
        "Begin the text with the path, such as /verify/.",
        _path_bare,
    ),
    Mistake(
        "ampersand-joins",
        JOIN,
        "The parameters were joined with &, as in a query string.",
        "Write name=value; for each parameter, with a ; after every one and nothing else between them.",
        _joined(("", "=", "&", ""), ("?", "=", "&", ""), ("", "=", "&", "&"), ("?", "=", "&", "&")),
    ),
    Mistake(
        "other-joins",
        JOIN,
        "The parameters were joined in another way than with name=value;.",
        "Write name=value; for each parameter, with nothing between the path and the first name.",
        _joined(
            ("", "=", "", ""),
            ("", "", "", ""),
            ("?", "=", ";", ";"),
            (";", "=", ";", ";"),
            ("", "=", "; ", ";"),
            ("", "=", "; ", "; "),
            ("", ":", ";", ";"),
            ("", "=", "\n", ""),
            ("\n", "=", "\n", ""),
            ("", "=", ",", ""),
            ("", "=", "|", ""),
            ("", "=", ";\n", ";"),
            (" ", "=", ";", ";"),
        ),
    ),
    Mistake(
        "plus-as-space",
        VALUES,
        "A + in the query or body arrived as a space.",
        "Percent-encode values when sending: + becomes %2B.",
        _plus_lost,
    ),
    Mistake(
        "values-encoded",
        VALUES,
        "The values were URL-encoded before they were signed.",
        "Sign the plain values; encode them only in the body or the query.",
        _encoded,
    ),
    Mistake(
        "line-ends",
        DATA,
        "The line ends or outer spaces of data were changed between signing and sending.",
        "Send the very string that was signed; compact JSON avoids the question.",
        _line_ends,
    ),
    Mistake(
        "data-reserialised",
        DATA,
        "Another spelling of the JSON in data was signed than was sent (spaces, key order, \\/ or \\u escapes).",
        "Serialise data once, keep the string, and use that very string both for the signature and in the request.",
        _reserialised,
    ),
    Mistake(
        "data-stringified",
        DATA,
        "Something else than the JSON text of data was signed, such as [object Object] or a text in quotes.",
        "Sign the JSON string that is sent as data.",
        _stringified,
    ),
    Mistake(
        "data-left-out",
        PARAMS,
        "The parameter data was not signed.",
        "Sign all parameters but signature, data among them.",
        _without("data"),
    ),
    Mistake(
        "common-left-out",
        PARAMS,
        "One of key, nonce and timestamp was not signed.",
        "Sign all parameters but signature: key, nonce and timestamp too.",
        _without("key", "nonce", "timestamp"),
    ),
    Mistake(
        "parameter-left-out",
        PARAMS,
        "A further parameter was sent, but not signed.",
        "Sign all parameters but signature, optional ones such as username too.",
        _without_another,
    ),
    Mistake(
        "signature-included", PARAMS, "The parameter signature itself was signed.", "Leave signature out of the text.", _signature_included
    ),
    Mistake(
        "empty-dropped",
        PARAMS,
        "A parameter with an empty value was not signed.",
        "Sign an empty parameter as name=;, or do not send it.",
        _empty_dropped,
    ),
    Mistake(
        "file-signed",
        PARAMS,
        "The uploaded file was signed as a parameter.",
        "Sign the form fields only; leave the file part out.",
        _file_signed,
    ),
    Mistake(
        "sorted-ignoring-case",
        ORDER,
        "The parameters were sorted without regard to upper and lower case.",
        "Sort the names by code point, upper case before lower case.",
        _ignoring_case,
    ),
    Mistake("unsorted", ORDER, "The parameters were not sorted by name.", "Sort the parameters by name before joining them.", _as_sent),
    Mistake(
        "timestamp-signed-otherwise",
        VALUES,
        "The timestamp was signed in another unit than it was sent in.",
        "Make the timestamp once, in milliseconds, and use that value for both.",
        _timestamp_unit,
    ),
    Mistake(
        "key-for-secret",
        SECRET,
        "The access key was used where the secret belongs.",
        "The HMAC key is the API secret; the access key is the parameter key.",
        _key_for_secret,
    ),
    Mistake(
        "secret-padded",
        SECRET,
        "The secret has a line break, a space, quotes or a byte order mark around it.",
        "Trim the secret where it is read from a file or variable.",
        _padded_secret,
    ),
    Mistake(
        "secret-transformed",
        SECRET,
        "The secret was decoded, re-encoded, changed in case, or empty.",
        "Use the secret's characters as they are, as UTF-8 bytes.",
        _decoded_secret,
    ),
    Mistake(
        "other-secret",
        SECRET,
        "The secret of another account was used.",
        "Use the secret that belongs to the access key that is sent.",
        _others_secret,
    ),
    Mistake(
        "charset-latin-1",
        CHARSET,
        "The text was turned into Latin-1 bytes.",
        "Hash the UTF-8 bytes of the text.",
        _charset("latin-1", "cp1252"),
    ),
    Mistake(
        "charset-utf-16",
        CHARSET,
        "The text was turned into UTF-16 bytes.",
        "Hash the UTF-8 bytes of the text.",
        _charset("utf-16-le", "utf-16-be", "utf-16"),
    ),
    Mistake(
        "plain-hash",
        MAC,
        "A plain SHA-256 was made instead of an HMAC.",
        "Make an HMAC SHA-256 with the secret as its key.",
        _mac("sha256-text", "sha256-text-secret", "sha256-secret-text"),
    ),
    Mistake(
        "other-hash",
        MAC,
        "The HMAC was made with another hash than SHA-256.",
        "Use SHA-256.",
        _mac("hmac-md5", "hmac-sha1", "hmac-sha512", "hmac-sha384", "hmac-sha224", "md5-text", "sha1-text"),
    ),
    Mistake(
        "hmac-arguments-swapped",
        MAC,
        "The text was used as the HMAC's key and the secret as its message.",
        "The secret is the key, the text is the message.",
        _mac("hmac-swapped"),
    ),
)
"""In the order in which they are named when several would explain a digest: the likelier first."""

FORMATS: Mapping[str, tuple[str, str]] = {
    "base64": ("The digest was sent as Base64.", "Send the digest as 64 hexadecimal digits."),
    "upper-case": ("The digest was sent in upper case.", "Send the hexadecimal digits in lower case."),
    "hex-of-hex": (
        "The hexadecimal text was itself turned into hexadecimal digits or Base64.",
        "Turn the digest's bytes into hexadecimal digits once.",
    ),
    "padded": ("There are spaces, a prefix or separators in the digest.", "Send the 64 hexadecimal digits alone."),
}
"""Mistakes in how the right digest was written down: id → explanation, fix."""
