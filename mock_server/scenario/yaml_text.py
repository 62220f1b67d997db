"""Values as one line of YAML, for messages and for fixes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_PLAIN = re.compile(r"(?:[A-Za-z_/]|[0-9]+[a-df-zA-DF-Z])[\w./@-]*(?: [\w./@-]+)*")
_WORDS = frozenset({"true", "false", "null"})


def one_line(value: Any) -> str:
    """The value in YAML's flow style, readable where nothing needs quotes."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{one_line(name)}: {one_line(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(one_line, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def has_template(value: Any) -> bool:
    """Whether the value is a text with a template in it."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def quoted(text: str) -> str:
    """The text as YAML, in quotes."""
    if "\\" not in text and '"' not in text:
        return f'"{text}"'
    return f"'{text}'" if "'" not in text else json.dumps(text, ensure_ascii=False)
