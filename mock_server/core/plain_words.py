"""What msgspec says of a value that it refuses, for someone who knows no Python."""

from __future__ import annotations

import re

_KINDS = {
    "int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false", "null": "null",
    "object": "an object", "array": "a list",
}  # fmt: skip
_WORDS = (
    (re.compile(r"Object missing required field `([^`]+)`"), r"{1} is missing"),
    (re.compile(r"Expected `\w+` <= (\S+)"), r"must be at most {1}"),
    (re.compile(r"Expected `\w+` >= (\S+)"), r"must be at least {1}"),
    (re.compile(r"Expected `([^`]+)`, got `([^`]+)`"), r"must be {1}, got {2}"),
    (re.compile(r"Invalid enum value (.+)"), r"{1} is not one of its values"),
)


def in_words(text: str) -> str:
    """A message of msgspec without its place, in plain words; unchanged if it is of another form."""
    for pattern, words in _WORDS:
        if match := pattern.fullmatch(text):
            parts = [
                " or ".join(_KINDS.get(kind, kind) for kind in part.split(" | ")) for part in match.groups()
            ]
            return words.format("", *parts)
    return text
