"""What digest a signature stands for, however it is written down."""

from __future__ import annotations

import ast
import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from mock_server.diagnosis.construction import SIZES

_SIZES = frozenset(SIZES.values())
_SHORTEST = 8
"""Bytes of a digest that was cut; shorter beginnings prove nothing."""
_LONGEST = 4_000
_HEX = re.compile(r"[0-9a-fA-F]+\Z")
_LABEL = re.compile(r"^\s*(?:(?:hmac[-_ ]?)?sha-?\d*|v\d|signature|s|0x)\s*[=: ]\s*|^0x", re.IGNORECASE)
_NOISE = re.compile(r"[\s:\-\"']")
_NUMBERS = re.compile(
    r"\[?\s*(?:(?:Uint8Array|byte\[\]|Buffer)\S*\s*[\[(])?\s*(-?\d{1,3}(?:[\s,]+-?\d{1,3}){7,})\s*[\])]*\Z"
)
_WORDS = re.compile(
    r"\[object \w+\]|\[B@[0-9a-f]+|undefined|null|none|nil|nan|false|true|array|<Buffer|System\.Byte\[\]|Promise|"
    r"\$\{.*|\{\{.*|%\w+%|<\w+>",
    re.IGNORECASE,
)


class Reading(NamedTuple):
    """A digest that the signature may stand for, and what is wrong with how it is written."""

    digest: bytes
    mistakes: tuple[str, ...]


class Received:
    """A signature as it came."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._exact: dict[bytes, tuple[str, ...]] = {}
        for reading in _readings(text[:_LONGEST]):
            self._exact.setdefault(*reading)
        self._cut = [
            Reading(digest, (*mistakes, "digest-cut"))
            for digest, mistakes in self._exact.items()
            if len(digest) >= (_SHORTEST if "base64" not in mistakes else 2 * _SHORTEST)
        ]
        self._exact = {digest: marks for digest, marks in self._exact.items() if len(digest) in _SIZES}
        cleaned = _cleaned(text[:_LONGEST])
        written_whole = len(cleaned) in {2 * size for size in _SIZES}
        self._odd = (
            cleaned.lower() if _HEX.match(cleaned) and 24 <= len(cleaned) < 192 and not written_whole else ""
        )
        self._lengths = frozenset(map(len, self._exact))

    @property
    def is_digest(self) -> bool:
        """Whether it can stand for a digest at all."""
        return bool(self._exact or self._cut or self._odd)

    @property
    def is_word(self) -> bool:
        """Whether it is what a language writes in place of a value."""
        return bool(_WORDS.match(self.text.strip()))

    def may_be(self, size: int, mistakes: int = 1) -> bool:
        """Whether it may stand for a digest of ``size`` bytes. With two ``mistakes`` before it, one that has the length of a digest has
        not been cut as well."""
        return (
            size in self._lengths
            or bool(self._odd and size < len(self._odd) < 8 * size)
            or (
                (mistakes < 2 or not self._lengths)
                and any(len(reading.digest) < size for reading in self._cut)
            )
        )

    def match(self, digest: bytes) -> tuple[str, ...] | None:
        """What is wrong with how this digest is written, where the signature stands for it. None: it does not."""
        mistakes = self._exact.get(digest)
        if mistakes is not None:
            return mistakes
        for reading in self._cut:
            if len(reading.digest) < len(digest) and digest.startswith(reading.digest):
                return reading.mistakes
        return ("zeros-missing",) if self._odd and digest and self._odd in _without_zeros(digest) else None


def _without_zeros(digest: bytes) -> tuple[str, ...]:
    """As ``BigInteger.toString(16)`` and ``Integer.toHexString`` of each byte write it."""
    signed = "".join([f"{byte:x}" if byte < 128 else f"ffffff{byte:x}" for byte in digest])
    return f"{int.from_bytes(digest, 'big'):x}", "".join([f"{byte:x}" for byte in digest]), signed


def _cleaned(text: str) -> str:
    return _NOISE.sub("", _LABEL.sub("", text))


def _readings(text: str) -> Iterator[Reading]:
    yield from _bare(text, ())
    stripped = _LABEL.sub("", text.strip()).strip("\"' ")
    yield from _bare(stripped, ("digest-padded",))
    yield from _bare(_cleaned(text), ("digest-padded",))
    yield from _bare(unquote(text), ())
    if text.strip().startswith("<Buffer"):
        yield from _bare(re.sub(r"<Buffer|[\s>]", "", text), ("digest-printed",))
    if re.match(r"b(['\"]).*\1\Z", stripped, re.DOTALL):
        yield from _literal(stripped)
    elif re.match(r"b(['\"])", text.strip()):
        yield from _literal(text.strip())
    numbers = _NUMBERS.match(text.strip())
    if numbers:
        values = [int(value) for value in re.split(r"[\s,]+", numbers[1])]
        if all(-128 <= value < 256 for value in values):
            yield Reading(bytes(value & 0xFF for value in values), ("digest-printed",))
    if len(text) in _SIZES and not text.isascii() and all(ord(letter) < 256 for letter in text):
        yield Reading(text.encode("latin-1"), ("digest-printed",))


def _literal(text: str) -> Iterator[Reading]:
    """``b'…'``, as Python prints bytes."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return
    yield Reading(value, ("digest-printed",))
    yield from _bare(value.decode("latin-1"), ("digest-printed",))


def _bare(text: str, mistakes: tuple[str, ...]) -> Iterator[Reading]:
    """Hexadecimal digits or Base64, alone."""
    if _HEX.match(text) and len(text) % 2 == 0:
        raw = bytes.fromhex(text)
        yield Reading(raw, (*mistakes, *(("upper-case",) if text != text.lower() else ())))
        yield from _again(raw, mistakes)
        if re.match("(?:[0-9a-f]{8})*", text) and "ffffff" in text.lower():
            narrow = re.sub("ffffff([89a-f][0-9a-f])", r"\1", text.lower())
            if len(narrow) % 2 == 0:
                yield Reading(bytes.fromhex(narrow), (*mistakes, "zeros-missing"))
    for letters in dict.fromkeys((text, text.replace(" ", "+"), re.sub(r"\s", "", text))):
        plain = letters.replace("-", "+").replace("_", "/").rstrip("=")
        try:
            raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        yield Reading(raw, (*mistakes, "base64"))
        yield from _again(raw, mistakes)


def _again(raw: bytes, mistakes: tuple[str, ...]) -> Iterator[Reading]:
    """What was written down twice: hexadecimal digits or Base64 of hexadecimal digits or of Base64."""
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError:
        return
    if _HEX.match(text) and len(text) % 2 == 0:
        yield Reading(bytes.fromhex(text), (*mistakes, "hex-of-hex"))
    elif len(raw) in (24, 28, 44, 64, 88):
        try:
            yield Reading(base64.b64decode(text, validate=True), (*mistakes, "hex-of-hex"))
        except (binascii.Error, ValueError):
            return
