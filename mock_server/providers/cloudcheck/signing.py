"""HMAC SHA-256 over the canonical text, as hex digits in lower case (overview page, "Request Signing")."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

from mock_server.providers.cloudcheck.canonical import canonical

_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


def sign_text(secret: str, text: str) -> str:
    """The 64 hex digits for a canonical text."""
    inner, outer = _halves(secret)
    inner, outer = inner.copy(), outer.copy()
    inner.update(_bytes(text))
    outer.update(inner.digest())
    digits: str = outer.hexdigest()
    return digits


@lru_cache(maxsize=1024)
def _halves(secret: str) -> tuple[Any, Any]:
    """The two digests of an HMAC (RFC 2104) that have taken the key in: from there on one costs half of
    `hmac.digest`."""
    key = _bytes(secret)
    block = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return sha256(block.translate(_INNER)), sha256(block.translate(_OUTER))


def sign(secret: str, path: str, params: Mapping[str, str]) -> str:
    """The signature that belongs to a request of these decoded parameters; a ``signature`` among them is
    ignored."""
    return sign_text(secret, canonical(path, params))


def equal(expected: str, received: str, *, any_case: bool = True) -> bool:
    """Whether the digests are the same, found in a time that does not depend on where they differ."""
    return hmac.compare_digest(expected.encode(), _bytes(received.lower() if any_case else received))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
