"""Invented people and secrets, and the ways in which a service repeats what it was sent.

The encoders are written without the code under test, and `views` undoes encodings in place of looking for them."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from urllib.parse import quote, quote_plus, unquote, unquote_plus

Person = Mapping[str, str]


def _person(given_name: str, family: str, born: str, **more: str) -> Person:
    return {"given": given_name, "family": family, "born": born, **more}


PEOPLE: Mapping[str, Person] = {
    "macrons": _person(
        "Tāwhirimātea", "Ngāpōtiki", "1987-03-14", email="tāwhiri.ngāpōtiki+kyc@kāinga.example", phone="+64 21 555 0187",
        address="12A Ōtāhuhu Road", city="Whangārei", postcode="0110", passport="LA123456", licence="DK482913", version="417",
        ird="049-091-850", nhi="ZZZ0016", bank="01-0902-0068389-00", ip="203.0.113.77",
    ),
    "apostrophes": _person(
        "Siobhán", "O'Dwyer-D’Angelo", "29/02/1988", email="s.o'dwyer@example.test", phone="021 555 0188",
        address="Flat 3/27 St John's Hill", city="Whanganui", postcode="4501", passport="EP8812345", licence="AB100234", version="003",
        card="4111 1111 1111 1111", ip="2001:db8::8:800:200c:417a",
    ),
    "australian": _person(
        "Maximilian", "Vandenberghe", "1 December 1979", email="max@vandenberghe.example", phone="+61 412 345 678",
        address="9/1407 Yarrawonga Parade", city="Kalgoorlie", postcode="6430", passport="PA1234567", licence="1234567890",
        medicare="2123 45670 1", tfn="876 543 210", bsb="062-000", ip="198.51.100.23",
    ),
    "short": _person(
        "Ng", "Xu", "03.11.1991", email="ng.xu@short.example", phone="0064 9 555 0142", address="5 Elm Ct", city="Te Aro",
        postcode="6011", passport="N1234567", licence="EH654321",
    ),
    "other scripts": _person(
        "Αλέξανδρος", "Παπαδόπουλος", "19750630", email="alexandros@παράδειγμα.example", phone="+30 21 0555 0199",
        address="улица Ленина 7", city="北京市海淀区", postcode="100080", passport="АБ7654321", licence="ق٤٥٦٧٨٩",
    ),
    "german": _person(
        "Jürgen Weiß", "Großmann-Müller", "Jul 4, 1966", email="juergen@grossmann.example", phone="(09) 555 0155",
        address="Straße des 17. Juni 135", city="Köln", postcode="50667", passport="C01X00T47", licence="B072RRE2I55",
        card="5500-0000-0000-0004",
    ),
    "markup": _person(
        'Rob "Bobby" <b>', "Tables & Söhne/Ltd", "1990/12/31", email="bobby.tables@example.test", phone="+64-27-555-0133",
        address='7\\9 "The Mews" & Co', city="Ōpōtiki", postcode="3122", passport="LN998877", licence="CZ777123",
    ),
    "emoji": _person(
        "Zoë🥝", "Kahurangi-Smith", "2001-01-09", email="zoe.kiwi@example.test", phone="0800 555 019",
        address="100 Queen Street", city="Tāmaki Makaurau", postcode="1010", passport="RA246810", licence="FF135791",
    ),
}  # fmt: skip
SECRETS: Mapping[str, str] = {
    "key": "RealKey é+1",
    "secret": "real secret/ū=+&\"'<>",
    "bcrypt": "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
}
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0YW1zaW4iLCJuYW1lIjoiT2thZm9yIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2).decode()


# -- as a service repeats a value

Encoder = Callable[[str], str]


def _json_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _base64_of(before: str, coder: Callable[[bytes], bytes] = base64.b64encode) -> Encoder:
    return lambda text: coder(f"{before}{text}, and more".encode()).decode()


ENCODERS: Mapping[str, Encoder] = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "title": str.title,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "percent": lambda text: quote(text, safe=""),
    "percent, lower case": lambda text: re.sub("%..", lambda match: match[0].lower(), quote(text, safe="")),
    "percent, slashes stay": quote,
    "plus": quote_plus,
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "JSON": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in ASCII": _json_ascii,
    "JSON in upper case": lambda text: re.sub(r"(?<=\\u)[0-9a-f]{4}", lambda match: match[0].upper(), _json_ascii(text)),
    "JSON of PHP": lambda text: _json_ascii(text).replace("/", "\\/"),
    "JSON in JSON": lambda text: _json_ascii(_json_ascii(text)),
    "JSON, all escaped": lambda text: "".join(f"\\u{unit:04x}" for unit in _units(text)),
    "percent of JSON": lambda text: quote(_json_ascii(text), safe=""),
    "HTML": html.escape,
    "HTML, decimal": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(letter):X};" for letter in text),
    "HTML twice": lambda text: html.escape(html.escape(text)),
    "Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "Base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "Base64 of more": _base64_of('{"name": "'),
    "Base64 of more, one on": _base64_of('{"name":  "'),
    "Base64 of more, two on": _base64_of('{"name":   "', base64.urlsafe_b64encode),
    "Base64 of JSON": lambda text: base64.b64encode(json.dumps({"x": text}).encode()).decode(),
    "percent of Base64": lambda text: quote(base64.b64encode(text.encode()), safe=""),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal, upper case": lambda text: text.encode().hex().upper(),
    "UTF-8 read as Latin-1": lambda text: text.encode().decode("latin-1"),
}  # fmt: skip


def _units(text: str) -> Iterator[int]:
    raw = text.encode("utf-16-be")
    return (int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))


def dates(born: date) -> list[str]:
    """A date of birth as services write it."""
    day, month, year = born.day, born.month, born.year
    return [
        f"{year}-{month:02d}-{day:02d}", f"{year}-{month:02d}-{day:02d}T00:00:00.000Z",
        f"{year}/{month}/{day}", f"{year}{month:02d}{day:02d}",
        f"{day:02d}/{month:02d}/{year}", f"{day}/{month}/{year}", f"{day:02d}-{month:02d}-{year}", f"{day:02d}.{month:02d}.{year}",
        f"{month:02d}/{day:02d}/{year}", f"{day:02d}/{month:02d}/{year % 100:02d}", f"{day} {born:%B} {year}", f"{born:%B} {day}, {year}",
        f"{born:%b} {day} {year}", f"{day:02d}-{born:%b}-{year}".upper(), f"{day:02d}{month:02d}{year}", f"{day}th {born:%B} {year}",
        quote(f"{day:02d}/{month:02d}/{year}", safe=""), f"{day:02d}\\/{month:02d}\\/{year}",
    ]  # fmt: skip


# -- what a reader could still make of a text

_RUN = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){4,}")


def folded(text: str) -> str:
    """Without letter case, accents and what stands between words."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub(r"[\s_]+", " ", plain.casefold())


def views(text: str) -> set[str]:
    """The text and what decoding makes of it, folded."""
    seen: set[str] = {text}
    layer = [text]
    for _ in range(3):
        layer = [view for one in layer for view in _decoded(one) if view not in seen]
        seen.update(layer)
    return {folded(view) for view in seen}


def _decoded(text: str) -> Iterator[str]:
    yield unquote(text)
    yield unquote_plus(text)
    yield html.unescape(text)
    yield re.sub(r'\\([/"\\])', r"\1", text)
    if "\\u" in text:
        pairs = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
        yield pairs.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if not text.isascii():
        try:
            yield text.encode("latin-1").decode("utf-8")
        except UnicodeError:
            pass
    for run in _RUN.finditer(text):
        clean = run[0].replace("-", "+").replace("_", "/")
        for start in range(4):
            part = clean[start:]
            part = part[:-1] if len(part) % 4 == 1 else part
            yield base64.b64decode(part + "=" * (-len(part) % 4)).decode("utf-8", "replace")
    for match in _HEX.finditer(text):
        yield bytes.fromhex(match[0]).decode("utf-8", "replace")


def leaks(text: str, values: Mapping[str, str]) -> list[str]:
    """The names of the values that can be read in the text."""
    readings = views(text)
    return [name for name, value in values.items() if any(folded(value) in view for view in readings)]
