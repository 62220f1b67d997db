"""The mistakes that receivers make when they check a signature, as data. Adding one is one entry here and one
row in its test.

A signature is made of a text, a key and a formula. Each mistake changes one of them; the doctor (`diagnosis`)
looks which of them, alone or together, gives the signature at hand."""

from __future__ import annotations

import binascii
import hmac
import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from hashlib import md5, sha1, sha256, sha512
from typing import Any, NamedTuple

from mock_server.providers.shuftipro import phpjson


class Mistake(NamedTuple):
    """One mistake, in words."""

    explanation: str
    fix: str


_RAW = "Hash the bytes as they arrived, before any JSON parser has seen them."

MISTAKES: Mapping[str, Mistake] = {
    "reserialised-json": Mistake(
        "The JSON was parsed and written again, with spaces between its parts.", _RAW
    ),
    "pretty-printed": Mistake("The JSON was written again with line breaks and indentation.", _RAW),
    "slashes-unescaped": Mistake(r"The JSON was written again with / where the vendor sends \/.", _RAW),
    "unicode-decoded": Mistake(
        r"The JSON was written again with letters where the vendor sends \uXXXX.", _RAW
    ),
    "unicode-upper-case": Mistake(
        r"The JSON was written again with \u00EB where the vendor sends \u00eb.", _RAW
    ),
    "keys-sorted": Mistake("The JSON was written again with its keys sorted.", _RAW),
    "not-the-raw-body": Mistake(
        "The body is not the one that was sent: it says the same in other bytes.", _RAW
    ),
    "newline-trimmed": Mistake(
        "White space at an end of the body was taken away.", "Hash the body with every byte of it."
    ),
    "newline-added": Mistake(
        "A line break was added to the body.",
        "Hash the body without adding to it; beware of echo and of editors.",
    ),
    "wrong-charset": Mistake(
        "The body was decoded and encoded again in another character set.", "Hash bytes, not text."
    ),
    "wrong-scheme": Mistake(
        "The other of the two schemes was used: legacy hashes body + secret, hashed hashes body + sha256(secret).",
        "Use the scheme of your account: hashed if it was registered after 15 March 2023, else legacy.",
    ),
    "hmac": Mistake("An HMAC was made.", "Make a plain SHA-256 of the body with the key behind it."),
    "secret-prepended": Mistake("The secret was put in front of the body.", "Put it behind the body."),
    "secret-missing": Mistake(
        "The body alone was hashed.", "Put the secret, or its SHA-256, behind the body."
    ),
    "secret-trimmed": Mistake(
        "The secret carries white space or a line break.",
        "Trim the secret where it is read, such as from a file.",
    ),
    "secret-by-the-shell": Mistake(
        "The shell has replaced $… in the secret.", "Put the secret in single quotes."
    ),
    "secret-hash-upper-case": Mistake(
        "The hash of the secret was put behind the body in upper case.", "Use lower-case hex digits."
    ),
    "secret-hash-raw": Mistake(
        "The hash of the secret was put behind the body as bytes.", "Use its 64 lower-case hex digits."
    ),
    "secret-hashed-twice": Mistake(
        "The secret was hashed twice.", "Hash it once for the scheme hashed, not at all for legacy."
    ),
    "algorithm": Mistake("Another hash function was used.", "Use SHA-256."),
    "upper-case": Mistake("The signature is in upper case.", "Use lower-case hex digits."),
    "prefix": Mistake("The signature has a prefix or white space.", "Compare the bare 64 hex digits."),
    "base64": Mistake("The signature is in base64.", "Use hex digits."),
    "no-signature": Mistake(
        "There is no signature to compare with.", "Read the header Signature (or sp_signature), in any case."
    ),
    "unknown-secret": Mistake(
        "No known mistake gives this signature; most likely the secret is another account's, or the body another one.",
        "Check that the secret key belongs to the client id, and that the body is complete.",
    ),
}


class Text(NamedTuple):
    """A way to come by the bytes that are hashed."""

    mistakes: tuple[str, ...]
    of: Callable[[bytes], bytes]
    """From the body at hand. Raises ``ValueError`` where it cannot be done."""


def _written(**options: Any) -> Callable[[bytes], bytes]:
    slashes = options.pop("slashes", False)

    def write(body: bytes) -> bytes:
        text = json.dumps(json.loads(body), **options)
        return (text.replace("/", "\\/") if slashes else text).encode("utf-8", "surrogatepass")

    return write


_COMPACT: Mapping[str, Any] = {"separators": (",", ":")}
_PLAIN: Mapping[str, Any] = {"ensure_ascii": False}
_UPPER = re.compile(rb"\\u([0-9a-f]{4})")


def _recoded(decode: str, encode: str) -> Callable[[bytes], bytes]:
    return lambda body: body.decode(decode).encode(encode)


TEXTS: tuple[Text, ...] = (
    Text((), lambda body: body),
    Text(("newline-added",), lambda body: body + b"\n"),
    Text(("newline-added",), lambda body: body + b"\r\n"),
    Text(("newline-trimmed",), lambda body: body.strip()),
    Text(("slashes-unescaped",), lambda body: body.replace(b"\\/", b"/")),
    Text(("slashes-unescaped", "unicode-decoded"), _written(**_COMPACT, **_PLAIN)),
    Text(("unicode-decoded",), _written(**_COMPACT, **_PLAIN, slashes=True)),
    Text(("unicode-upper-case",), lambda body: _UPPER.sub(lambda match: b"\\u" + match[1].upper(), body)),
    Text(("reserialised-json",), _written()),
    Text(("reserialised-json",), _written(slashes=True)),
    Text(("reserialised-json", "unicode-decoded"), _written(**_PLAIN)),
    Text(("reserialised-json", "unicode-decoded"), _written(**_PLAIN, slashes=True)),
    *(
        Text(("pretty-printed",), _written(indent=indent, ensure_ascii=ascii_only, slashes=slashes))
        for indent in (2, 4, "\t")
        for ascii_only in (True, False)
        for slashes in (True, False)
    ),
    *(
        Text(("keys-sorted",), _written(**layout, sort_keys=True, ensure_ascii=ascii_only, slashes=slashes))
        for layout in (_COMPACT, {})
        for ascii_only in (True, False)
        for slashes in (True, False)
    ),
    Text(("wrong-charset",), _recoded("latin-1", "utf-8")),
    Text(("wrong-charset",), _recoded("utf-8", "latin-1")),
    Text(("wrong-charset",), _recoded("utf-8", "utf-16-le")),
    Text(("not-the-raw-body",), lambda body: phpjson.encode(json.loads(body))),
)
"""The last makes a raw body again of one that is not."""


class Key(NamedTuple):
    """A way to come by what is put behind the text."""

    mistakes: tuple[str, ...]
    of: Callable[[bytes], bytes]
    """From the secret."""


def _hex(value: bytes) -> bytes:
    return sha256(value).hexdigest().encode()


_VARIABLE = re.compile(rb"\$(?:[A-Za-z_]\w*|\d|\{[^}]*\})")
SECRETS: tuple[Key, ...] = (
    Key((), lambda secret: secret),
    Key(("secret-trimmed",), lambda secret: secret.strip()),
    Key(("secret-trimmed",), lambda secret: secret + b"\n"),
    Key(("secret-trimmed",), lambda secret: secret + b" "),
    Key(("secret-by-the-shell",), lambda secret: _VARIABLE.sub(b"", secret)),
)
"""What becomes of the secret before anything is done with it."""
KEYS: Mapping[str, tuple[Key, ...]] = {
    "hashed": (
        Key((), _hex),
        Key(("wrong-scheme",), lambda secret: secret),
        Key(("secret-hash-upper-case",), lambda secret: _hex(secret).upper()),
        Key(("secret-hash-raw",), lambda secret: sha256(secret).digest()),
        Key(("secret-hashed-twice",), lambda secret: _hex(_hex(secret))),
    ),
    "legacy": (
        Key((), lambda secret: secret),
        Key(("wrong-scheme",), _hex),
        Key(("wrong-scheme", "secret-hash-upper-case"), lambda secret: _hex(secret).upper()),
        Key(("wrong-scheme", "secret-hash-raw"), lambda secret: sha256(secret).digest()),
        Key(("secret-hashed-twice",), lambda secret: _hex(_hex(secret))),
    ),
}
"""Scheme of the account → ways from the secret to the key; the first is right."""


class Formula(NamedTuple):
    """A way from text and key to a digest."""

    mistakes: tuple[str, ...]
    of: Callable[[bytes, bytes], bytes]


FORMULAS: tuple[Formula, ...] = (
    Formula((), lambda text, key: sha256(text + key).digest()),
    Formula(("hmac",), lambda text, key: hmac.digest(key, text, "sha256")),
    Formula(("secret-prepended",), lambda text, key: sha256(key + text).digest()),
    Formula(("secret-missing",), lambda text, key: sha256(text).digest()),
    Formula(("algorithm",), lambda text, key: sha512(text + key).digest()),
    Formula(("algorithm",), lambda text, key: sha1(text + key, usedforsecurity=False).digest()),
    Formula(("algorithm",), lambda text, key: md5(text + key, usedforsecurity=False).digest()),
    Formula(("hmac", "algorithm"), lambda text, key: hmac.digest(key, text, "sha512")),
)


def read_signature(received: str) -> tuple[bytes, tuple[str, ...]]:
    """The digest that a signature means, and what is wrong with how it is written. Empty: it means none."""
    text = re.sub(r"^\s*(?:sha\d+=)?", "", received, flags=re.IGNORECASE).strip()
    found = [] if text == received else ["prefix"]
    if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", text):
        return bytes.fromhex(text), (*found, *(["upper-case"] if text != text.lower() else []))
    try:
        return b64decode(text, validate=True), (*found, "base64")
    except (binascii.Error, ValueError):
        return b"", ("prefix",)
