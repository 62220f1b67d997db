"""``multipart/form-data`` (RFC 7578) taken apart: for both vendors, whose servers read it with different
libraries.

The framing is a search for the delimiter. The header of each part is parsed by the standard library, and
remembered: a client sends the same ones again and again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from mock_server.providers.mediatypes import codec, parse_header

MOST_PARTS = 1000
"""PHP's limit for the fields of a form, and Tomcat's."""
_LONGEST_HEAD = 4096
_USUAL_HEAD = 512


class Part(NamedTuple):
    """One part."""

    name: str
    """Empty: it has none."""
    filename: str | None
    """None: a field, not a file."""
    content_type: str
    codec: str
    """Python's name of the character set that its Content-Type names, UTF-8 where it names none."""
    content: bytes

    @property
    def text(self) -> str:
        """The content of a field."""
        return self.content.decode(self.codec, "replace")


class _Head(NamedTuple):
    name: str
    filename: str | None
    content_type: str
    codec: str


def parts(body: bytes, content_type: str) -> Iterator[Part]:
    """The parts that are whole, at most `MOST_PARTS`. Never raises: what cannot be read is not there."""
    framed = b"\r\n" + body
    return (_part(framed[start:end]) for start, end in _spans(framed, boundary_of(content_type)))


def replace_fields(body: bytes, content_type: str, values: Mapping[str, bytes]) -> bytes:
    """The body with other contents in the fields that ``values`` names."""
    framed, pieces, at = b"\r\n" + body, [], 0
    for start, end in _spans(framed, boundary_of(content_type)):
        part = _part(framed[start:end])
        if part.filename is None and part.name in values:
            pieces += [framed[at : end - len(part.content)], values[part.name]]
            at = end
    return b"".join([*pieces, framed[at:]])[2:]


def _spans(framed: bytes, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Where each part begins and ends. ``framed``: the body after a line break, since every delimiter follows
    one."""
    if not boundary:
        return
    delimiter = re.compile(rb"\r\n--" + re.escape(boundary) + rb"(?:(--)|[ \t]*(?=\r\n))")
    start = -1
    for count, delimiter_match in enumerate(delimiter.finditer(framed)):
        if start >= 0:
            yield start, delimiter_match.start()
        if delimiter_match[1] or count >= MOST_PARTS:
            return
        start = delimiter_match.end()


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type names; empty: none."""
    return parse_header(content_type).params.get("boundary", "").encode("latin-1", "replace")


def _part(framed: bytes) -> Part:
    """A part that begins with the line break behind its delimiter, so that one without header fields has an
    empty header."""
    head, _, content = framed.partition(b"\r\n\r\n")
    return Part(*(_remembered(head) if len(head) <= _USUAL_HEAD else _head(head)), content)


def _head(head: bytes) -> _Head:
    from email.parser import HeaderParser

    if len(head) > _LONGEST_HEAD:
        return _Head("", None, "", "utf-8")
    try:
        text = head.decode()
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    fields = HeaderParser().parsestr(text.lstrip("\r\n"))
    disposition, content_type = (
        parse_header(fields.get("content-disposition", "")),
        fields.get("content-type", ""),
    )
    charset = parse_header(content_type).params.get("charset", "")
    return _Head(
        disposition.params.get("name", ""), disposition.params.get("filename"), content_type, codec(charset)
    )


_remembered = lru_cache(1024)(_head)
