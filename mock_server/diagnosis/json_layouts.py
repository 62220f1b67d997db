"""How compact JSON is laid out with spaces and line breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

import msgspec

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def _tabbed(text: bytes) -> bytes:
    return re.sub(rb"(?m)^ +", lambda match: b"\t" * len(match[0]), _formatted(text, 1))


def _formatted(text: bytes, indent: int) -> bytes:
    return msgspec.json.format(text, indent=indent)


def _jackson(text: bytes) -> bytes:
    """``DefaultPrettyPrinter``: ``"a" : 1``, lists on one line."""
    parts: list[bytes] = []
    stack: list[bytes] = []
    depth, opened = 0, False
    for token in _TOKEN.findall(text):
        line = b"\n" + b"  " * depth
        if token in b"]}":
            depth -= token == b"}"
            parts.append((b"\n" + b"  " * depth if token == b"}" and not opened else b" ") + token)
            opened = False
            stack.pop()
            continue
        if opened:
            parts.append(line if stack[-1] == b"{" else b" ")
        opened = token in (b"[", b"{")
        if opened:
            stack.append(token)
            depth += token == b"{"
            parts.append(token)
        elif token == b",":
            parts.append(b"," + (line if stack[-1] == b"{" else b" "))
        else:
            parts.append(b" : " if token == b":" else token)
    return b"".join(parts)


LAYOUTS: Mapping[str, Callable[[bytes], bytes]] = {
    "compact": lambda text: text,
    "compact-line": lambda text: text + b"\n",
    "spaced": partial(_formatted, indent=0),
    "2": partial(_formatted, indent=2),
    "4": partial(_formatted, indent=4),
    "tab": _tabbed,
    "2-crlf": lambda text: _formatted(text, 2).replace(b"\n", b"\r\n"),
    "jackson": _jackson,
}
"""From a compact text to how it is laid out."""
