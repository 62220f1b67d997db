"""Header fields with parameters, such as Content-Type and Content-Disposition, and the character sets that
they name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"
_LONGEST, _MOST = 4096, 100
"""Characters and semicolons of a header field. Beyond them it has no parameters: the library's time grows
with their product."""
_USUAL = 512
"""Characters up to which a field is remembered."""


class Header(NamedTuple):
    """A header field taken apart."""

    value: str
    """Before the first semicolon, in lower case."""
    params: Mapping[str, str]
    """By name in lower case, unquoted and decoded."""


def parse_header(text: str) -> Header:
    """``form-data; name=key; filename*=UTF-8''a%20b`` → ``form-data`` with ``name`` and ``filename`` (RFC
    2045, 2231, 6266).

    Of a plain and an extended parameter (``filename``, ``filename*``) the extended one counts. Never raises.
    """
    return _remembered(text) if len(text) <= _USUAL else _parse(text)


def _parse(text: str) -> Header:
    value, semicolon, _ = text.partition(";")
    params = _params(text) if semicolon and len(text) <= _LONGEST and text.count(";") <= _MOST else {}
    return Header(value.strip().lower(), MappingProxyType(params))


_remembered = lru_cache(1024)(_parse)


def _params(text: str) -> dict[str, str]:
    # Imported here: most requests have nothing to take apart, and the module takes as long to import as all
    # that a server starts with.
    from email.message import Message

    message = Message()
    try:
        message["content-type"] = text
        pairs = (message.get_params() or [])[1:]
    except (TypeError, ValueError):  # continuations that the library cannot put in order
        return {}
    return {
        name.lower(): value if isinstance(value, str) else _extended(*value) for name, value in pairs if name
    }


def _extended(charset: str | None, _language: str | None, value: str) -> str:
    """A value of RFC 2231, whose octets the library hands over as Latin-1."""
    return value.encode("latin-1", "replace").decode(codec(charset or ""), "replace")


def codec(label: str) -> str:
    """Python's name of the character set; UTF-8 for one that is not listed here.

    A list, since Python would look any label up among all its codecs. Some of them do not decode, and some
    take time that grows with the square of the text's length."""
    return _CODECS.get(label.strip().lower().replace("_", "-"), "utf-8")


def is_charset(label: str) -> bool:
    """Whether `codec` lists the label."""
    return label.strip().lower().replace("_", "-") in _CODECS


_PARTS_OF_8859 = (*range(1, 12), *range(13, 17))
_LATIN = {1: 1, 2: 2, 3: 3, 4: 4, 5: 9, 6: 10, 7: 13, 8: 14, 9: 15, 10: 16}
"""Number of a Latin alphabet → part of ISO 8859."""
_CODECS: Mapping[str, str] = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in _PARTS_OF_8859},
    **{f"iso8859-{part}": f"iso8859-{part}" for part in _PARTS_OF_8859},
    **{f"latin{number}": f"iso8859-{part}" for number, part in _LATIN.items()},
    **{f"latin-{number}": f"iso8859-{part}" for number, part in _LATIN.items()},
    **{f"windows-{page}": f"cp{page}" for page in range(1250, 1259)},
    **{f"cp{page}": f"cp{page}" for page in range(1250, 1259)},
    "utf-16": "utf-16-be",
    "utf-16be": "utf-16-be",
    "utf-16le": "utf-16-le",
    "gbk": "gbk",
    "gb2312": "gbk",
    "gb18030": "gb18030",
    "big5": "big5",
    "shift-jis": "shift_jis",
    "windows-31j": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "euc_kr",
}
"""Labels in lower case, with hyphens, as servlet containers take them and clients send them → Python's
codecs."""
