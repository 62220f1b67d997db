"""Tokens and links that carry what they need themselves, so that any process can read them and nothing has to
be stored.

A token names its account (by a digest of the account's name), when it ends, and a number of its own, under a
keyed hash. It is drawn from the seed, so that a run that is repeated hands out the same ones."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b, sha256
from math import ceil

from mock_server.core.random import Draws
from mock_server.providers.accounts import Account, Accounts

_TAG, _TIME, _NUMBER = 8, 5, 3
_NUMBERS = 1 << 8 * _NUMBER
_STRIDE = 0x9E3779
"""Odd, so that counts have different numbers; large, so that their numbers do not look like counts."""
_HEAD = _TAG + _TIME + _NUMBER
ACCESS_BYTES, PROOF_BYTES, OLD_PROOF_BYTES = 48, 32, 20
_MAX_CACHED = 4096


def tag(account: str) -> bytes:
    """What stands for the account's name in a token or link."""
    return sha256(account.encode("utf-8", "surrogatepass")).digest()[:_TAG]


class Directory:
    """Finds the account of a token or link. Remembers what it has found, no more than a few thousand."""

    def __init__(self) -> None:
        self._names: dict[bytes, str] = {}

    def find(self, accounts: Accounts, account_tag: bytes) -> Account | None:
        """The account with that tag, if it is declared or has stored data."""
        name = self._names.get(account_tag)
        if name is None:
            name = next((name for name in accounts.names() if tag(name) == account_tag), None)
            if name is None:
                return None
            if len(self._names) >= _MAX_CACHED:
                self._names.clear()
            self._names[account_tag] = name
        return accounts.get(name)


def number(draws: Draws, purpose: str, count: int) -> int:
    """The number of a token: the same for the same seed, account, reference and ``count``, another one for
    every other count."""
    return (draws.integer(f"token {purpose}") + count * _STRIDE) % _NUMBERS


def mint(account: str, secret: str, purpose: str, expires: float, number: int, size: int) -> bytes:
    """A token of ``size`` bytes for one purpose; ``number`` as `number` gives it, never twice for tokens that
    end together."""
    end = min(max(ceil(expires), 0), 256**_TIME - 1)
    head = tag(account) + end.to_bytes(_TIME, "big") + number.to_bytes(_NUMBER, "big")
    return b"".join((head, _seal(head, secret, purpose, size)))


def tag_of(token: bytes) -> bytes:
    """The tag of the account that a token claims to be of."""
    return token[:_TAG]


def check(token: bytes, secret: str, purpose: str) -> float | None:
    """When the token ends, on the account's clock; None: it is not genuine, or for another purpose."""
    if len(token) <= _HEAD or not hmac.compare_digest(
        token[_HEAD:], _seal(token[:_HEAD], secret, purpose, len(token))
    ):
        return None
    return float(int.from_bytes(token[_TAG : _TAG + _TIME], "big"))


def _seal(head: bytes, secret: str, purpose: str, size: int) -> bytes:
    key = sha256(secret.encode("utf-8", "surrogatepass")).digest()
    return blake2b(
        head + purpose.encode("utf-8", "surrogatepass"), digest_size=size - _HEAD, key=key
    ).digest()


def as_text(token: bytes) -> str:
    """URL-safe text, four characters for three bytes."""
    return urlsafe_b64encode(token).decode()


def from_text(text: str, size: int) -> bytes | None:
    """The token of a text; None: it is none."""
    if len(text) != size * 4 // 3 or not text.isascii():
        return None
    try:
        return urlsafe_b64decode(text)
    except ValueError:
        return None


def from_hex(text: str, size: int) -> bytes | None:
    """The token of hex digits; None: it is none."""
    if len(text) != size * 2:
        return None
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None
