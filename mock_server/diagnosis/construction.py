"""From text and secret to a digest: the key that is derived from the secret, how key and text are combined, which hash, in which
character set."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any

from mock_server.diagnosis.recipe import Recipe


def _hexadecimal(secret: bytes, algorithm: str = "sha256") -> bytes:
    return hashlib.new(algorithm, secret, usedforsecurity=False).hexdigest().encode()


KEYS: Mapping[str, Callable[[bytes], bytes]] = {
    "as-is": lambda secret: secret,
    "sha256": _hexadecimal,
    "sha256 upper": lambda secret: _hexadecimal(secret).upper(),
    "sha256 bytes": lambda secret: hashlib.sha256(secret).digest(),
    "sha256 twice": lambda secret: _hexadecimal(_hexadecimal(secret)),
    "sha256 base64": lambda secret: base64.b64encode(hashlib.sha256(secret).digest()),
    "md5": lambda secret: _hexadecimal(secret, "md5"),
    "sha1": lambda secret: _hexadecimal(secret, "sha1"),
    "sha512": lambda secret: _hexadecimal(secret, "sha512"),
}
"""How the key is derived from the secret."""

_BEYOND_16_BITS = re.compile("[\U00010000-\U0010ffff]")
_BEYOND: Mapping[str, Callable[[str], bytes]] = {
    "question marks": lambda text: text.encode("ascii", "replace"),
    "left out": lambda text: text.encode("ascii", "ignore"),
    "mojibake": lambda text: text.encode().decode("latin-1").encode(),
    "mojibake cp1252": lambda text: text.encode().decode("cp1252", "replace").encode(),
    "low bytes": lambda text: text.encode("utf-32-le", "surrogatepass")[::4],
    "low halves": lambda text: text.encode("utf-16-le")[::2],
    "question marks for halves": lambda text: _BEYOND_16_BITS.sub("??", text).encode("ascii", "replace"),
    "utf-16-be with mark": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "utf-16 with mark": lambda text: text.encode("utf-16"),
    "utf-8 with mark": lambda text: text.encode("utf-8-sig"),
    "entities": lambda text: text.encode("ascii", "xmlcharrefreplace"),
}
"""Ways from a text to bytes that are not a character set by themselves."""
SIZES: Mapping[str, int] = {
    "md5": 16,
    "sha1": 20,
    "sha224": 28,
    "sha256": 32,
    "sha384": 48,
    "sha512": 64,
    "sha3_224": 28,
    "sha3_256": 32,
    "sha3_512": 64,
}
"""Hash → bytes of its digest."""
FORMS: Mapping[str, Callable[[bytes, bytes, str], bytes]] = {
    "hmac": hmac.digest,
    "text": lambda key, text, algorithm: _hash(text, algorithm),
    "key+text": lambda key, text, algorithm: _hash(key + text, algorithm),
    "key+text+key": lambda key, text, algorithm: _hash(key + text + key, algorithm),
    "text:key": lambda key, text, algorithm: _hash(text + b":" + key, algorithm),
    "key:text": lambda key, text, algorithm: _hash(key + b":" + text, algorithm),
    "text.key": lambda key, text, algorithm: _hash(text + b"." + key, algorithm),
    "text|key": lambda key, text, algorithm: _hash(text + b"|" + key, algorithm),
    "text key": lambda key, text, algorithm: _hash(text + b" " + key, algorithm),
    "text line key": lambda key, text, algorithm: _hash(text + b"\n" + key, algorithm),
    "key": lambda key, text, algorithm: _hash(key, algorithm),
    "hmac swapped": lambda key, text, algorithm: hmac.digest(text, key, algorithm),
    "hmac of hash": lambda key, text, algorithm: hmac.digest(
        key, _hash(text, algorithm).hex().encode(), algorithm
    ),
    "hmac of hash bytes": lambda key, text, algorithm: hmac.digest(key, _hash(text, algorithm), algorithm),
    "hmac with hashed key": lambda key, text, algorithm: hmac.digest(_hash(key, algorithm), text, algorithm),
    "hmac of base64": lambda key, text, algorithm: hmac.digest(key, base64.b64encode(text), algorithm),
    "hash of hmac": lambda key, text, algorithm: _hash(
        hmac.digest(key, text, algorithm).hex().encode(), algorithm
    ),
    "twice": lambda key, text, algorithm: _hash(_hash(text + key, algorithm).hex().encode(), algorithm),
    "twice bytes": lambda key, text, algorithm: _hash(_hash(text + key, algorithm), algorithm),
    "text without key twice": lambda key, text, algorithm: _hash(
        _hash(text, algorithm).hex().encode() + key, algorithm
    ),
}
"""How key and text are combined; `Digester` itself does ``text+key``."""


def _hash(text: bytes, algorithm: str) -> bytes:
    return hashlib.new(algorithm, text, usedforsecurity=False).digest()


def size(mac: str) -> int:
    """Bytes of its digest."""
    return SIZES[mac.rpartition(" ")[2]]


class Digester:
    """Computes the digests of recipes. A text that was hashed just before is not hashed again for another key after it; of a long text,
    the beginning that it shares with the one before is not hashed again."""

    def __init__(self) -> None:
        self.work = 0
        """Bytes hashed, and something for each text and digest."""
        self._fields: Any = None
        self._text: bytes | None = b""
        self._states: dict[str, Any] = {}
        self._head: Any = None
        self._head_state: Any = None

    def text(self, recipe: Recipe) -> bytes | None:
        """The bytes that are hashed. None: the character set cannot encode them."""
        fields = (*recipe[:2], *recipe[3:8])
        if fields != self._fields:
            self._fields, self._states = fields, {}
            self._text = encoded(recipe.text(), recipe.charset)
            self.work += _MAKING + len(self._text or b"") // 8
        return self._text

    def digest(self, recipe: Recipe) -> bytes:
        """Empty: the character set cannot encode the text."""
        text = self.text(recipe)
        if text is None:
            return b""
        form, _, algorithm = recipe.mac.rpartition(" ")
        self.work += _DIGEST
        if form == "text+key":
            return self._appfinished(text, recipe, algorithm)
        if form == "hmac" and len(text) > _LONG and recipe.charset == "utf-8":
            return self._continued(text, recipe, algorithm)
        self.work += len(text)
        return FORMS[form](KEYS[recipe.key](recipe.secret), text, algorithm)

    def _appfinished(self, text: bytes, recipe: Recipe, algorithm: str) -> bytes:
        state = self._states.get(algorithm)
        if state is None:
            self.work += len(text)
            state = self._states[algorithm] = hashlib.new(algorithm, text, usedforsecurity=False)
        finished = state.copy()
        finished.update(KEYS[recipe.key](recipe.secret))
        digest: bytes = finished.digest()
        return digest

    def _continued(self, text: bytes, recipe: Recipe, algorithm: str) -> bytes:
        """Continues the hash at the end of the longest value, where all before it is as in the text before."""
        longest = max(range(len(recipe.pairs)), key=lambda index: len(recipe.pairs[index][1]))
        head = (*recipe._replace(pairs=recipe.pairs[: longest + 1])[:7], recipe.key, algorithm)
        length = len(recipe._replace(pairs=recipe.pairs[: longest + 1], last=b"").text())
        if head != self._head:
            self.work += length
            self._head = head
            self._head_state = hmac.new(KEYS[recipe.key](recipe.secret), text[:length], algorithm)
        finished = self._head_state.copy()
        finished.update(text[length:])
        self.work += len(text) - length
        digest: bytes = finished.digest()
        return digest


_LONG = 8_000
"""Characters; it does not pay for shorter texts."""
_MAKING, _DIGEST = 6_000, 3_500
"""What making a text and making a digest cost beyond their bytes, as bytes that could be hashed meanwhile."""


def encoded(text: bytes, charset: str) -> bytes | None:
    """UTF-8 in another character set. None: it cannot encode the text, or the text is not UTF-8."""
    if charset == "utf-8":
        return text
    try:
        letters = text.decode()
        return _BEYOND[charset](letters) if charset in _BEYOND else letters.encode(charset)
    except UnicodeError:
        return None
