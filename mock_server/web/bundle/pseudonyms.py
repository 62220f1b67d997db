"""Personal data replaced by pseudonyms of the same form: a request stays what it was in every respect that a check
looks at, and an answer that repeats a name repeats the pseudonym."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mock_server.core.http import Request
from mock_server.core.random import Draws
from mock_server.providers.mediatypes import FORM, MULTIPART, parse_header
from mock_server.providers.multipart import parts
from mock_server.scenario.personal import BY_KEY, LONG

NOT_REPLACED = frozenset({"document version", "user agent", "token", "picture"})
"""Kinds that checks look into, or that the bundle has a place of its own for."""
_KEYS = frozenset(key for key, kind in BY_KEY.items() if kind.name not in NOT_REPLACED)
MIN_LENGTH = 3
"""A shorter value stays: it would be found everywhere."""
_HEAD = 64
"""Characters and bytes of an image that stay: they show its type."""
_DATE = re.compile(r"(\d{4})-\d{2}-\d{2}")
_IP = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


class Pseudonyms:
    """Of one account. ``known``: words of scenario files and magic values, which belong to no person."""

    def __init__(self, seed: int, account: str, known: Iterable[str]) -> None:
        self._draws = Draws(seed, account, "pseudonyms")
        self._known = {word.casefold() for word in known}
        self._replaced: dict[str, str] = {}

    def learn(self, document: Any) -> None:
        """Find the personal values of a request's JSON or parameters."""
        for key, value in _leaves(document):
            if key in _KEYS and len(value) >= MIN_LENGTH and value.casefold() not in self._known:
                self._replaced.setdefault(value, self._of(value))

    def text(self, text: str) -> str:
        """The text with pseudonyms, also where it is JSON with escapes."""
        for value in sorted(self._replaced, key=len, reverse=True):
            for written, instead in _spellings(value, self._replaced[value]):
                if written in text:
                    text = re.sub(rf"(?<!\w){re.escape(written)}(?!\w)", partial(_as_is, instead), text)
        return text

    def request(self, request: Request) -> Request:
        """The same request; images keep their first bytes and their size."""
        kind = request.headers.get("content-type", "")
        query = self._form(request.query) if request.query else ""
        headers = {name: self.text(value) for name, value in request.headers.items()}
        return request.replace(query=query, headers=headers, body=self.body(request.body, kind))

    def body(self, body: bytes, kind: str) -> bytes:
        """A request's or an answer's."""
        media = parse_header(kind).value
        if media == MULTIPART:
            return self._multipart(body, kind)
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            return _blank(body)
        if media == FORM:
            return self._form(text).encode()
        return _IMAGE.sub(lambda match: _blank_text(match[0]), self.text(text)).encode()

    def _form(self, text: str) -> str:
        fields = parse_qsl(text, keep_blank_values=True)
        changed = [(name, self.text(value)) for name, value in fields]
        return text if changed == fields else urlencode(changed)

    def _multipart(self, body: bytes, kind: str) -> bytes:
        for part in parts(body, kind):
            if part.filename is not None and part.content:
                body = body.replace(part.content, _blank(part.content))
        return self.text(body.decode("latin-1").encode("latin-1").decode("utf-8", "surrogateescape")).encode(
            "utf-8", "surrogateescape"
        )

    def _of(self, value: str) -> str:
        date = _DATE.fullmatch(value)
        if date:
            return f"{date[1]}-01-01"
        if _IP.fullmatch(value):
            return f"192.0.2.{self._draws.random(value).randint(1, 254)}"
        draw = self._draws.random(value)
        start = 3 if value.startswith("+") else 0
        return value[:start] + "".join(_like(letter, draw.randrange(26)) for letter in value[start:])


_IMAGE = re.compile(rf"[A-Za-z0-9+/=]{{{LONG},}}")


def _like(letter: str, number: int) -> str:
    """A letter for a letter and a digit for a digit."""
    if letter.isdecimal():
        return str(number % 9 + 1)
    if not letter.isalpha():
        return letter
    if not letter.isascii():
        return "Ō" if letter.isupper() else "ō"
    return chr(ord("A" if letter.isupper() else "a") + number)


def _as_is(instead: str, match: re.Match[str]) -> str:
    return instead


def _spellings(value: str, instead: str) -> Iterator[tuple[str, str]]:
    """As text, and as the inside of a JSON text in the ways in which it is written."""
    seen = set()
    for ascii_only in (False, True):
        for slash in ("/", "\\/"):
            written = json.dumps(value, ensure_ascii=ascii_only)[1:-1].replace("/", slash)
            if written not in seen:
                seen.add(written)
                yield written, json.dumps(instead, ensure_ascii=ascii_only)[1:-1].replace("/", slash)
    if value not in seen:
        yield value, instead


def _leaves(document: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Key in lower case without separators, and text, of all that a document holds."""
    if isinstance(document, Mapping):
        for name, value in document.items():
            yield from _leaves(value, re.sub(r"[^a-z0-9]", "", str(name).lower()))
    elif isinstance(document, list):
        for value in document:
            yield from _leaves(value, key)
    elif isinstance(document, str):
        yield key, document


def _blank(content: bytes) -> bytes:
    return content[:_HEAD] + bytes(max(0, len(content) - _HEAD))


def _blank_text(text: str) -> str:
    return text[:_HEAD] + "A" * (len(text) - _HEAD)
