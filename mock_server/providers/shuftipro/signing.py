"""The response signature: SHA-256 over the raw body and the account's secret key.

Source: the vendor's page "Responses", section "Response Signature". Requests are not signed.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256

HEADERS = ("Signature", "sp_signature")
"""Both carry the same value; the second is seen on the live service and in the Travel Rule page."""


def _as_it_is(secret: str) -> bytes:
    return secret.encode("utf-8", "surrogatepass")


@lru_cache(1024)
def _hashed(secret: str) -> bytes:
    return sha256(_as_it_is(secret)).hexdigest().encode()


SCHEMES: Mapping[str, Callable[[str], bytes]] = {"hashed": _hashed, "legacy": _as_it_is}
"""What is put behind the body. ``legacy``: accounts registered before 15 March 2023; ``hashed``: since
then."""


def sign(body: bytes, secret: str, scheme: str) -> str:
    """64 lower-case hex digits over exactly these bytes. ``scheme`` is a key of `SCHEMES`."""
    return sha256(body + SCHEMES[scheme](secret)).hexdigest()


def verify(body: bytes, secret: str, scheme: str, signature: str) -> bool:
    """Whether the signature is right, compared in constant time."""
    return hmac.compare_digest(
        sign(body, secret, scheme).encode(), signature.encode("utf-8", "surrogatepass")
    )


def headers(body: bytes, secret: str, scheme: str) -> tuple[tuple[str, str], ...]:
    """The signature under both of its names."""
    value = sign(body, secret, scheme)
    return (HEADERS[0], value), (HEADERS[1], value)
