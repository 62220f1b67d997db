"""Secrets replaced by words that may be shown, in every spelling in which a request or an answer may have them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mock_server.scenario.personal import LONG, Known, PersonalRedactor

_ENCODED = "stand-in"
"""For Base64 or hexadecimal digits of a text with a secret in it."""
_IMAGE = re.compile(rf"([A-Za-z0-9+/=]{{{LONG},}})")


class StandIns:
    """``words``: secret → its stand-in; a secret that is its own stand-in may be shown."""

    def __init__(self, words: Mapping[str, str]) -> None:
        hidden = {secret: word for secret, word in words.items() if secret != word}
        self._words = frozenset(hidden.values())
        self._redactor = PersonalRedactor([Known(secret, word) for secret, word in hidden.items()])

    def __bool__(self) -> bool:
        """Whether there is anything to hide."""
        return bool(self._words)

    def text(self, text: str) -> str:
        """The text; an image stays, and is not searched."""
        if not self._words:
            return text
        parts = _IMAGE.split(text)
        return "".join(part if index % 2 else self._replaced(part) for index, part in enumerate(parts))

    def content(self, content: bytes) -> bytes:
        """A body; what is not UTF-8 is read as Latin-1, in which a secret in UTF-8 is found, too."""
        if not self._words:
            return content
        try:
            return self.text(content.decode()).encode()
        except UnicodeDecodeError:
            return self.text(content.decode("latin-1")).encode("latin-1")

    def value(self, value: Any) -> Any:
        """All texts of a document."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {name: self.value(inner) for name, inner in value.items()}
        return [self.value(inner) for inner in value] if isinstance(value, (list, tuple)) else value

    def _replaced(self, text: str) -> str:
        pieces = self._redactor.known(text)
        return "".join(piece if isinstance(piece, str) else self._word(piece.label) for piece in pieces)

    def _word(self, label: str) -> str:
        return label if label in self._words else _ENCODED
