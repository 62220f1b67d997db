"""A value in every spelling in which a service may repeat it: letter case, macrons, percent, JSON and HTML escapes, also
twice over, Base64, hexadecimal digits, and dates and telephone numbers as people write them."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timezone
from functools import lru_cache
from html.entities import html5

_CAREFUL = 300
"""Characters of a value whose single characters are looked for in every spelling."""
_WHOLE_WORD = 4
"""A value of no more letters or digits is part of many words: it is found as a word of its own."""
_APOSTROPHES = "'’‘ʼʻ`´"
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_ESCAPE = r"(?:%(?:25)*[0-9A-Fa-f]{2}|\\+u[0-9A-Fa-f]{4}|\\+[nrtbf]|&[#\w]{2,8};)"
_BACKSLASH = r"(?:\\|%(?:25)*5[Cc]|&#0*92;|&#x0*5[Cc];)+"
_LETTER = r"[^\W_]"
# A lookbehind has one width, so each escape is a case of its own.
_BEFORE = rf"(?:(?<!{_LETTER})|(?<=%[0-9A-Fa-f][0-9A-Fa-f])|(?<=\\u[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f])|(?<=\\[nrtbf]))"
_AFTER = rf"(?!{_LETTER})"
_BETWEEN = rf"(?:[-/.,\s+_]|{_ESCAPE}|\\+/){{1,3}}"
_IN_NUMBER = rf"(?:[-.()\s+]|{_ESCAPE}){{0,3}}"


@lru_cache(maxsize=512)
def pattern_of(text: str, kind: str = "") -> re.Pattern[str]:
    """What finds the value in a text. ``kind``: of `personal.KINDS`, since dates and numbers have spellings of their own."""
    if len(text) > _CAREFUL:
        return re.compile("|".join(map(re.escape, (text, text.replace("/", "\\/")))))
    ways = ["".join(_character(each) for each in unicodedata.normalize("NFC", text))]
    if len(text) <= _WHOLE_WORD and text.isalnum():
        ways = [f"{_BEFORE}{ways[0]}{_AFTER}"]
    born = date_of(text) if kind == "date of birth" else None
    digits = re.sub(r"\D", "", text)
    if born is not None:
        ways.append(_dates(born))
    elif len(digits) >= 7 and re.fullmatch(r"[\d\s()+./-]+", text):
        ways.append(_number(digits, kind))
    return re.compile("|".join(ways), re.IGNORECASE)


@lru_cache(maxsize=4096)
def _character(character: str) -> str:
    """Each way of writing it."""
    if character in _APOSTROPHES:
        return f"(?:{'|'.join(_ways(each) for each in _APOSTROPHES)})?"
    decomposed = unicodedata.normalize("NFD", character)
    ways = [_ways(each) for each in dict.fromkeys((character, character.upper(), character.lower()))]
    if len(decomposed) > 1:
        base, *marks = map(_ways, decomposed)
        ways.append(base + "".join(f"(?:{mark})?" for mark in marks))
    return f"(?:{'|'.join(dict.fromkeys(ways))})"


def _ways(text: str) -> str:
    """Also in UTF-8 that was read as Latin-1."""
    ways = [_escaped(text)]
    if not text.isascii():
        raw = text.encode("utf-8", "surrogatepass")
        misread = (raw.decode(charset) for charset in ("latin-1", "cp1252") if _is_readable(raw, charset))
        ways += ["".join(map(_escaped, each)) for each in misread]
    return f"(?:{'|'.join(dict.fromkeys(ways))})"


def _escaped(text: str) -> str:
    """As it is, percent-encoded, and escaped as JSON and HTML do."""
    if text == "\\":
        return f"(?:{_BACKSLASH}u005c|{_BACKSLASH})"
    raw = text.encode("utf-8", "surrogatepass")
    units = text.encode("utf-16-be", "surrogatepass")
    ways = [
        (f"(?:{_BACKSLASH})?" if text in "\"'/" else "") + re.escape(text),
        "".join(f"%(?:25)*{byte:02x}" for byte in raw),
        *([f"{_BACKSLASH}%(?:25)*{ord(text):02x}"] if text in "\"'/" else []),
        "".join(rf"{_BACKSLASH}u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)),
        "".join(rf"&(?:amp;)*#(?:0*{ord(each)}|x0*{ord(each):x});" for each in text),
        *(rf"&(?:amp;)*{name}" for name in _entities().get(text, ())),
        *([f"%(?:25)*{ord(text):02x}"] if len(text) == 1 and 127 < ord(text) < 256 else []),
        *([r"\s", r"\+", "_"] if text.isspace() else []),
    ]
    return f"(?:{'|'.join(dict.fromkeys(ways))})"


def _is_readable(raw: bytes, charset: str) -> bool:
    try:
        return bool(raw.decode(charset))
    except UnicodeDecodeError:
        return False


@lru_cache(maxsize=1)
def _entities() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, text in html5.items():
        if name.endswith(";"):
            names.setdefault(text, []).append(name)
    return names


# -- dates and numbers


def date_of(text: str) -> date | None:
    """The date that a person means; days come before months, as in New Zealand and Australia. None: not a whole date."""
    match = re.match(r"\s*(\d{4})[-/. ]?(\d{2})[-/. ]?(\d{2})(?:\D|$)", text)
    year_first = match is not None
    if match is None:
        match = re.match(
            r"\s*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+(\d{1,2}|[A-Za-z]{3,9})[-/., ]+(\d{4})(?:\D|$)", text
        )
    if match is None:
        match = re.match(r"\s*()([A-Za-z]{3,9})\.?[ ]+(\d{1,2})(?:st|nd|rd|th)?,?[ ]+(\d{4})", text)
        if match is None:
            return None
        return _date(int(match[4]), _month(match[2]), int(match[3]))
    if year_first:
        return _date(int(match[1]), int(match[2]), int(match[3]))
    day, month, year = int(match[1]), _month(match[2]), int(match[3])
    return _date(year, month, day) or _date(year, day, month)


def _month(text: str) -> int:
    """0: none."""
    if text.isdecimal():
        return int(text)
    return next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(text.lower()[:3])), 0)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _dates(born: date) -> str:
    """The date in every order, with every separator, with names of months, and as seconds and milliseconds."""
    name = _MONTHS[born.month - 1]
    day, year = rf"0?{born.day}(?:st|nd|rd|th)?", rf"{born.year}"
    short = rf"(?:{born.year}|{born.year % 100:02d})"
    month = rf"(?:0?{born.month}|{name[:3]}(?:{name[3:]}|t)?)"
    since = int(datetime(born.year, born.month, born.day, tzinfo=timezone.utc).timestamp())
    ways = (
        _BETWEEN.join((year, month, day)),
        _BETWEEN.join((day, month, short)),
        _BETWEEN.join((month, day, short)),
        f"{born:%Y%m%d}",
        f"{born:%d%m%Y}",
        f"{born:%m%d%Y}",
        f"{since}(?:000)?" if abs(since) > 9999 else f"{since}000",
    )
    return rf"{_BEFORE}(?:{'|'.join(ways)})(?!\d)"


def _number(digits: str, kind: str) -> str:
    """The digits with whatever people put between them; of a telephone number also without the country's code."""
    ways = [_IN_NUMBER.join(digits)]
    if kind == "phone":
        for code in ("64", "61"):
            if digits.startswith(code):
                ways.append("(?:0" + _IN_NUMBER + ")?" + _IN_NUMBER.join(digits[len(code) :].lstrip("0")))
            if digits.startswith("0"):
                ways.append(code + _IN_NUMBER + "0?" + _IN_NUMBER.join(digits[1:]))
    return rf"(?:(?<!\d)|(?<=%[0-9A-Fa-f][0-9A-Fa-f])|(?<=\\u\d\d\d\d))(?:\+|%(?:25)*2b)?(?:{'|'.join(ways)})(?!\d)"


# -- encodings of whole texts

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/_-]|%(?:25)*2[BbFf]|\\+/){4,}(?:=|%(?:25)*3[Dd]){0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[: ]?){3,}")


def encoded_runs(text: str, least: int = 0) -> Iterator[tuple[int, int, str]]:
    """Begin, end and meaning of what may be Base64 or hexadecimal digits, of ``least`` characters; the same place
    with each meaning."""
    for match in _BASE64.finditer(text):
        if len(match[0]) < least:
            continue
        for begin, end in (*_segments(match), match.span()):
            for decoded in _from_base64(text[begin:end]):
                yield begin, end, decoded
    for match in _HEX.finditer(text):
        if len(match[0]) < least:
            continue
        digits = re.sub("[: ]", "", match[0])
        for shift in (0, 1):
            even = digits[shift : len(digits) - (len(digits) - shift) % 2]
            yield *match.span(), bytes.fromhex(even).decode("utf-8", "replace")


def _segments(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The parts between slashes, so that of an address only what matters is replaced."""
    if "/" in match[0]:
        for part in re.finditer(r"[^/\\]{4,}", match[0]):
            yield match.start() + part.start(), match.start() + part.end()


def _from_base64(run: str) -> Iterator[str]:
    """What it says from each of the four places at which a group of characters can begin."""
    clean = re.sub(r"%(?:25)*2[Bb]", "+", run)
    clean = re.sub(r"%(?:25)*2[Ff]|\\+/", "/", clean)
    clean = re.sub(r"=|%(?:25)*3[Dd]", "", clean).replace("-", "+").replace("_", "/")
    for shift in range(min(4, len(clean))):
        part = clean[shift:]
        part = part[: len(part) - 1] if len(part) % 4 == 1 else part
        decoded = base64.b64decode(part + "=" * (-len(part) % 4))
        yield decoded.decode("utf-8", "replace")


def is_inside(text: str, pattern: re.Pattern[str], decoded: str) -> bool:
    """Whether a decoded run holds the value; a short one only by itself, since any three letters turn up by chance."""
    if len(text) > _WHOLE_WORD:
        return pattern.search(decoded) is not None
    return pattern.fullmatch(decoded.strip()) is not None or (
        decoded.isprintable() and "�" not in decoded and pattern.search(decoded) is not None
    )
