"""JSON as PHP's ``json_encode`` writes it, byte for byte: the vendor signs these bytes and receivers check
them.

Compact; ``/`` as ``\\/``; non-ASCII as lower-case ``\\uXXXX`` with surrogate pairs, U+007F as it is; an empty
map as ``[]``, since a PHP array does not know which it was, and for the same reason a map with the keys 0, 1,
2 … as a list; floats with the fewest digits that give them back (``serialize_precision`` -1), without ``.0``,
as ``1.0e+25`` from 18 digits on; integers beyond 64 bits as floats."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from json.encoder import encode_basestring_ascii
from typing import Any

import msgspec

_BACKSLASH = ord("\\")
_EMPTY, _FLOAT, _LARGE, _ONE_LETTER = 0x80, 0xCB, 0xCF, 0xA1
"""What MessagePack begins an empty map, a float, an integer of more than 32 bits and a text of one letter
with."""
_LONGEST = 17


class EmptyObject:
    """The one map that is written as ``{}``: a PHP object without properties."""

    def __repr__(self) -> str:
        return "EMPTY_OBJECT"


EMPTY_OBJECT = EmptyObject()


def encode(value: Any) -> bytes:
    """The bytes of ``json_encode($value)``.

    What PHP would refuse to encode is replaced: broken surrogates by U+FFFD (as its substitute flag does),
    NaN and infinities by null."""
    try:
        raw = _json(value)
    except UnicodeEncodeError:
        return _text(value).encode()
    if _alike(value, raw):
        return raw.replace(b"/", b"\\/")
    return _text(value).encode()


def plain(value: Any) -> bytes:
    """Compact JSON as JavaScript would write it, for receivers that cannot cope with PHP's."""
    try:
        return _json(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(msgspec.json.decode(_text(value)))


def writer(style: str) -> Callable[[Any], bytes]:
    """What writes the style of the setting ``body_style``."""
    return encode if style == "php" else plain


def _alike(value: Any, raw: bytes) -> bool:
    """Whether PHP would write the same as ``raw``, but for the slashes. May say no too often, never yes too
    often."""
    if not raw.isascii() or _BACKSLASH in raw:
        return False
    # To write the value once more and look for single bytes takes half the time of searching its JSON for
    # numbers with a pattern.
    try:
        packed = _pack(value)
    except OverflowError:
        return False
    if _FLOAT in packed or _EMPTY in packed or _LARGE in packed:
        return False
    return _ONE_LETTER not in packed or b'{"0":' not in raw


def _builtin(value: Any) -> Any:
    return {} if isinstance(value, EmptyObject) else str(value)


_json = msgspec.json.Encoder(enc_hook=_builtin).encode
_pack = msgspec.msgpack.Encoder(enc_hook=_builtin).encode


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if -(2**63) <= value < 2**63 else _float(_as_float(value))
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Mapping):
        return _map(value)
    if isinstance(value, (list, tuple)):
        return _list(value)
    if isinstance(value, EmptyObject):
        return "{}"
    return _text(msgspec.to_builtins(value, enc_hook=_builtin))


def _map(value: Mapping[Any, Any]) -> str:
    keys = [str(key) for key in value]
    if all(key == str(index) for index, key in enumerate(keys)):
        return _list(value.values())
    return "{" + ",".join(f"{_string(key)}:{_text(item)}" for key, item in zip(keys, value.values())) + "}"


def _list(values: Iterable[Any]) -> str:
    return "[" + ",".join(map(_text, values)) + "]"


def _string(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    parts = (encode_basestring_ascii(part)[1:-1] for part in value.split("\x7f"))
    return '"' + "\x7f".join(parts).replace("/", "\\/") + '"'


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _float(value: float) -> str:
    if not math.isfinite(value):
        return "null"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if value == 0:
        return sign + "0"
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).rstrip("0")
    point = int(exponent or 0) + len(whole)
    if not -4 < point <= _LONGEST:
        return f"{sign}{digits[0]}.{digits[1:] or '0'}e{point - 1:+d}"
    if len(digits) <= point:
        return sign + digits.ljust(point, "0")
    return f"{sign}{digits[:point]}.{digits[point:]}"
