"""Percent-encoding, as the functions of the usual languages do it."""

from __future__ import annotations

from binascii import a2b_qp
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import unquote_to_bytes

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
_LOWER = b"%%%02x"


@lru_cache(64)
def encode(value: bytes, safe: bytes = b"", escape: bytes = b"%%%02X") -> bytes:
    """As ``urllib.parse.quote``, which looks at each byte; this replaces each different byte once."""
    for byte in sorted({*value} - _UNRESERVED - {*safe}, key=lambda byte: byte != ord("%")):
        value = value.replace(bytes([byte]), escape % byte)
    return value


def decode(value: bytes) -> bytes:
    """As ``unquote_to_bytes``; quoted-printable has the same escapes with another sign, and a decoder in C."""
    if b"\n" not in value and b"\r" not in value:
        decoded = a2b_qp(value.replace(b"=", b"%3D").replace(b"%", b"="))
        if len(decoded) == len(value) - 2 * value.count(b"%"):
            return decoded
    return unquote_to_bytes(value)


def _as_form(value: bytes, safe: bytes = b"", escape: bytes = b"%%%02X") -> bytes:
    return encode(value, safe + b" ", escape).replace(b" ", b"+")


ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "as rawurlencode does": encode,
    "as a form is": _as_form,
    "as encodeURIComponent does": lambda value: encode(value, b"!'()*"),
    "as URLEncoder does": lambda value: _as_form(value, b"*").replace(b"~", b"%7E"),
    "as Python's quote does": lambda value: encode(value, b"/"),
    "in lower case": lambda value: encode(value, escape=_LOWER),
    "in lower case, as a form is": lambda value: _as_form(value, escape=_LOWER),
    "in lower case, as HttpUtility.UrlEncode does": lambda value: _as_form(value, b"!*()", _LOWER),
    "as encodeURI does": lambda value: encode(value, b";,/?:@&=+$!'()*#"),
    "twice": lambda value: encode(encode(value)),
}
"""Each way in words."""
