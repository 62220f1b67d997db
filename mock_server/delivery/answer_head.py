"""Parses the header of a receiver's answer as leniently as libcurl, which the vendors' own senders use."""

from __future__ import annotations

import re

_LINE = re.compile(rb"\r?\n")
_END = re.compile(rb"\n\r?\n")
_BEGINNING = b"HTTP/"


def ends_at(data: bytes) -> int:
    """Length of the header at the beginning of the data; 0 if the header is incomplete."""
    match = _END.search(data)
    return 0 if match is None else match.end()


def is_http(data: bytes) -> bool:
    """Whether it may be the beginning of an answer."""
    return _BEGINNING.startswith(data[: len(_BEGINNING)].upper())


def strict(head: bytes) -> bytes:
    """The header as RFC 9112 requires it: lines end with CRLF and are not folded; one of several equal lengths
    remains, and none with ``chunked``. Other lines stay as they are."""
    lines: list[bytes] = []
    for line in _LINE.split(head.rstrip(b"\r\n")):
        if line[:1] in (b" ", b"\t") and len(lines) > 1:
            lines[-1] += b" " + line.strip()
        else:
            lines.append(line)
    fields = [(_name(line), line) for line in lines[1:]]
    chunked = any(name == b"transfer-encoding" and b"chunked" in line.lower() for name, line in fields)
    strict_lines, lengths = [lines[0]], set[bytes]()
    for name, line in fields:
        if name == b"content-length":
            length = line.partition(b":")[2].strip()
            if chunked or length in lengths:
                continue
            lengths.add(length)
        strict_lines.append(line)
    return b"\r\n".join(strict_lines) + b"\r\n\r\n"


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()
