"""HMAC SHA-256 over the canonical text, as hex digits in lower case (overview page, "Request Signing")."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from mock_server.providers.cloudcheck.canonical import canonical


def sign_text(secret: str, text: str) -> str:
    """The 64 hex digits for a canonical text."""
    return hmac.digest(_bytes(secret), _bytes(text), "sha256").hex()


def sign(secret: str, path: str, params: Mapping[str, str]) -> str:
    """The signature that belongs to a request of these decoded parameters; a ``signature`` among them is
    ignored."""
    return sign_text(secret, canonical(path, params))


def equal(expected: str, received: str, *, any_case: bool = True) -> bool:
    """Whether the digests are the same, found in a time that does not depend on where they differ."""
    return hmac.compare_digest(expected.encode(), _bytes(received.lower() if any_case else received))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
