"""Addresses that the mock hands out, of the verification page and of files. Each leads to its account and
record by itself."""

from __future__ import annotations

from typing import NamedTuple

from mock_server.core.random import Draws
from mock_server.providers.shuftipro import tokens

_ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WIDTH = 11
"""Letters and digits that hold eight bytes."""
PAGE_LENGTH = 64
HANDLE_DIGITS = 16
_FILE_DIGITS = 8
FILE_DIGITS = 2 * 8 + HANDLE_DIGITS + _FILE_DIGITS


class LinkTarget(NamedTuple):
    """Where a link leads."""

    tag: bytes
    """Of the account, see `tokens.tag`."""
    handle: str
    """Alias of the record."""
    file: str = ""
    """Which of its files."""


def handle(draws: Draws) -> str:
    """What the links of a verification find it by."""
    return draws.hex("handle", HANDLE_DIGITS)


def request_token(draws: Draws) -> str:
    """``token`` of a verification: 64 hex digits that no other one of the account has."""
    return draws.hex("request token")


def page_token(account: str, record_handle: str, draws: Draws) -> str:
    """64 letters and digits, the end of a ``verification_url``."""
    start = _letters(tokens.tag(account)) + _letters(bytes.fromhex(record_handle))
    return start + draws.token("page", PAGE_LENGTH - len(start))


def page_place(token: str) -> LinkTarget | None:
    """Where the token of a page leads; None for another text. The caller compares the whole token with the
    record's."""
    if len(token) != PAGE_LENGTH or not token.isascii() or not token.isalnum():
        return None
    tag, record_handle = _bytes(token[:_WIDTH]), _bytes(token[_WIDTH : 2 * _WIDTH])
    return None if tag is None or record_handle is None else LinkTarget(tag, record_handle.hex())


def file_token(account: str, record_handle: str, file: str, draws: Draws) -> str:
    """40 hex digits, the middle or the end of a proof's address."""
    return tokens.tag(account).hex() + record_handle + draws.hex(f"file {file}", _FILE_DIGITS)


def file_place(token: str) -> LinkTarget | None:
    """Where the token of a file leads; None: it is none."""
    raw = tokens.from_hex(token, FILE_DIGITS // 2)
    if raw is None or len(raw) * 2 != FILE_DIGITS:
        return None
    digits = raw.hex()
    return LinkTarget(raw[:8], digits[16:32], digits[32:])


def _letters(raw: bytes) -> str:
    number, text = int.from_bytes(raw, "big"), ""
    for _ in range(_WIDTH):
        number, digit = divmod(number, len(_ALNUM))
        text = _ALNUM[digit] + text
    return text


def _bytes(text: str) -> bytes | None:
    number = 0
    for letter in text:
        number = number * len(_ALNUM) + _ALNUM.index(letter)
    return number.to_bytes(8, "big") if number < 1 << 64 else None
