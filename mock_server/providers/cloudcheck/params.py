"""The parameters of a request as a servlet sees them: query first, then form fields, percent- and
plus-decoded."""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from mock_server.core.http import Request
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.mediatypes import FORM, MULTIPART, codec, parse_header
from mock_server.providers.multipart import parts

_MALFORMED = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_UTF8 = "utf-8"


class FilePart(NamedTuple):
    """An uploaded file."""

    filename: str
    content_type: str
    content: bytes


class Params(dict[str, str]):
    """Decoded parameters by name, and what else the parsing has found."""

    files: Mapping[str, FilePart]
    dropped: tuple[str, ...]
    """Names of parameters left out, since a ``%`` in them is not followed by two hex digits."""
    repeated: dict[str, list[str]]
    """Every value of each name that came more than once, in the order of arrival: the query's before the
    form's."""


_NO_FILES: Mapping[str, FilePart] = MappingProxyType({})


class _Malformed(ValueError):
    """A percent sign without two hex digits."""


def parse(request: Request, settings: Settings) -> Params:
    """All parameters of the request. Never raises: what cannot be read is not there."""
    params = Params()
    params.files, params.dropped, params.repeated = _NO_FILES, (), {}
    if request.query:
        _add_form(params, request.query.encode("latin-1", "replace"), _UTF8, settings)
    if request.body and request.method == "POST":
        content_type = request.headers.get("content-type", "")
        if content_type == FORM:
            _add_form(params, request.body, _UTF8, settings)
        else:
            _add_body(params, request.body, content_type, settings)
    return params


def _add_body(params: Params, body: bytes, content_type: str, settings: Settings) -> None:
    header = parse_header(content_type)
    if header.value == FORM or (not content_type and settings.form_without_content_type):
        _add_form(params, body, codec(header.params.get("charset", "")), settings)
    elif header.value == MULTIPART:
        _add_multipart(params, body, content_type, settings)


def _add_form(params: Params, form: bytes, charset: str, settings: Settings) -> None:
    keep = settings.malformed_escape == "keep"
    for pair in form.split(b"&"):
        if charset == _UTF8 and b"%" not in pair and b"+" not in pair:
            key, _, text = pair.decode(_UTF8, "replace").partition("=")
        else:
            name, _, value = pair.partition(b"=")
            try:
                key, text = _decoded(name, charset, keep), _decoded(value, charset, keep)
            except _Malformed:
                params.dropped += (name.decode(_UTF8, "replace"),)
                continue
        if key:
            params[key] = _repeated(params, key, text, settings) if key in params else text


def _repeated(params: Params, name: str, value: str, settings: Settings) -> str:
    """What the name stands for once its next value has come."""
    params.repeated.setdefault(name, [params[name]]).append(value)
    if settings.repeated_parameters == "concatenate":
        return params[name] + value
    return value if settings.repeated_parameters == "last" else params[name]


def signed_values(params: Params, settings: Settings) -> Mapping[str, Sequence[str]] | None:
    """The values of the names that are signed more than once; None: each name is signed with its one
    value."""
    return params.repeated if params.repeated and settings.repeated_parameters == "each" else None


def _decoded(text: bytes, charset: str, keep: bool) -> str:
    """A form-encoded text decoded; undecodable bytes become U+FFFD. ``keep``: a ``%`` without two hex digits
    stays, else it raises."""
    if b"+" in text:
        text = text.replace(b"+", b" ")
    if b"%" in text:
        text = percent_decode(text, keep)
    return text.decode(charset, "replace")


def percent_decode(text: bytes, keep: bool) -> bytes:
    """As `urllib.parse.unquote_to_bytes`, which takes 32 µs for the form of a ``/verify/`` where this takes
    12.

    Quoted-printable has the same escapes behind another sign, and a decoder in C. Each escape shortens the
    text by two, so the length tells whether all of them were well formed; not where there are line breaks,
    which quoted-printable treats in its own way."""
    if b"\n" not in text and b"\r" not in text:
        decoded = a2b_qp(text.replace(b"=", b"%3D").replace(b"%", b"="))
        if len(decoded) == len(text) - 2 * text.count(b"%"):
            return decoded
    if not keep and _MALFORMED.search(text):
        raise _Malformed
    return unquote_to_bytes(text)


def _add_multipart(params: Params, body: bytes, content_type: str, settings: Settings) -> None:
    files: dict[str, FilePart] = {}
    for part in parts(body, content_type):
        if not part.name:
            continue
        if part.filename is not None:
            files.setdefault(part.name, FilePart(part.filename, part.content_type, part.content))
        else:
            name, text = part.name, part.text
            params[name] = _repeated(params, name, text, settings) if name in params else text
    params.files = files
