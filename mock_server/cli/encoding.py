"""Text on terminals that do not have all characters."""

from __future__ import annotations

import codecs
import io
from typing import IO

_ERRORS = "mock_server.plain"
_PLAIN = {
    "→": "->", "←": "<-", "…": "...", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "✓": "+", "✗": "x",
    "•": "*", "·": "*", "×": "x", "≥": ">=", "≤": "<=", "\u00a0": " ",
}  # fmt: skip
"""What punctuation becomes where it cannot be shown."""


def show_anything(stream: IO[str]) -> None:
    """What the stream's encoding lacks is written in its place as punctuation or as ``\\u014d``, which JSON reads, too."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_ERRORS)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_PLAIN.get(char) or _escaped(char) for char in text), error.end


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))


codecs.register_error(_ERRORS, _plain)
