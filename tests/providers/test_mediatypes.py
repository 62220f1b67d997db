from __future__ import annotations

import codecs
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.providers import mediatypes
from mock_server.providers.mediatypes import codec, is_charset, parse_header

HEADERS = [
    pytest.param("Text/Plain", "text/plain", {}, id="no parameter"),
    pytest.param("text/plain;", "text/plain", {}, id="empty parameter"),
    pytest.param("", "", {}, id="nothing"),
    pytest.param("form-data; name=key", "form-data", {"name": "key"}, id="token"),
    pytest.param('form-data; name="key"', "form-data", {"name": "key"}, id="quoted"),
    pytest.param('form-data;name = "key" ;a=b', "form-data", {"name": "key", "a": "b"}, id="blanks around"),
    pytest.param('form-data; NAME="key"', "form-data", {"name": "key"}, id="name in capitals"),
    pytest.param(
        'x; name="a;b=c, d"; filename=e.png',
        "x",
        {"name": "a;b=c, d", "filename": "e.png"},
        id="semicolon in quotes",
    ),
    pytest.param('x; name="a\\"b\\\\c"', "x", {"name": 'a"b\\c'}, id="quoted pairs"),
    pytest.param('x; filename="C:\\scans\\a.png"', "x", {"filename": "C:\\scans\\a.png"}, id="Windows path"),
    pytest.param('x; name=""', "x", {"name": ""}, id="empty name"),
    pytest.param('x; filename="Ngāti 🥝.png"', "x", {"filename": "Ngāti 🥝.png"}, id="raw UTF-8"),
    pytest.param("x; filename*=UTF-8''Ng%C4%81ti%20a.png", "x", {"filename": "Ngāti a.png"}, id="extended"),
    pytest.param(
        "x; filename*=utf-8'mi'Ng%C4%81ti", "x", {"filename": "Ngāti"}, id="extended with a language"
    ),
    pytest.param("x; filename*=ISO-8859-1''%E9t%E9", "x", {"filename": "été"}, id="extended in Latin-1"),
    pytest.param("x; filename*=klingon''%C4%81", "x", {"filename": "ā"}, id="extended in an unknown charset"),
    pytest.param("x; filename*=\"UTF-8''a%20b\"", "x", {"filename": "a b"}, id="extended in quotes"),
    pytest.param(
        "x; filename=a.png; filename*=UTF-8''%C4%81.png",
        "x",
        {"filename": "ā.png"},
        id="extended after plain",
    ),
    pytest.param(
        "x; filename*=UTF-8''%C4%81.png; filename=a.png",
        "x",
        {"filename": "ā.png"},
        id="extended before plain",
    ),
    pytest.param("x; filename*0=a; filename*1=b.png", "x", {"filename": "ab.png"}, id="continued"),
    pytest.param(
        "x; filename*0*=UTF-8''%C4%81; filename*1=b.png",
        "x",
        {"filename": "āb.png"},
        id="continued and extended",
    ),
    pytest.param("x; filename*=UTF-8''a; filename*0=b", "x", {}, id="extended and continued at once"),
    pytest.param("x; name*" + "9" * 4000 + "=a", "x", {"name": "a"}, id="a number of thousands of digits"),
    pytest.param("x; name=" + "a" * 5000, "x", {}, id="too long"),
    pytest.param("x" + "; a=b" * 200, "x", {}, id="too many parameters"),
    pytest.param("x; name=".ljust(4096, "a"), "x", {"name": "a" * 4088}, id="of the greatest length"),
    pytest.param("x; name=".ljust(4097, "a"), "x", {}, id="one character too long"),
    pytest.param("x" + "; a=b" * 100, "x", {"a": "b"}, id="as many parameters as there may be"),
    pytest.param("x" + "; a=b" * 101, "x", {}, id="one parameter too many"),
    pytest.param("x; filename*=UTF-8''Ng%C4ti", "x", {"filename": "Ng\ufffdti"}, id="extended, broken UTF-8"),
    pytest.param("x; filename*=UTF-8''Ngāti", "x", {"filename": "Ng?ti"}, id="extended, not escaped"),
]


@pytest.mark.parametrize(("text", "value", "params"), HEADERS)
def test_header_fields(text: str, value: str, params: dict[str, str]) -> None:
    assert parse_header(text) == (value, params)


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from([*";=\"\\*'% 01", "name", "filename", "UTF-8''", "%C4"])).map("".join)
)
def test_any_text_is_a_header_field(text: str) -> None:
    for name, value in parse_header(text).params.items():
        assert (type(name), type(value)) == (str, str)


UNLISTED = [
    "idna",
    "punycode",
    "utf-7",
    "unicode_escape",
    "raw_unicode_escape",
    "hex",
    "rot13",
    "zlib",
    "mbcs",
    "undefined",
    "x" * 99,
    "",
]
CHARSETS = [
    pytest.param("UTF-8", "ā".encode(), "ā", id="UTF-8"),
    pytest.param("utf_8", "ā".encode(), "ā", id="underscore"),
    pytest.param(" utf8 ", "ā".encode(), "ā", id="blanks"),
    pytest.param("US-ASCII", b"a\xc3", "a\ufffd", id="ASCII"),
    pytest.param("ISO-8859-1", b"\xe9", "é", id="ISO-8859-1"),
    pytest.param("latin1", b"\xe9", "é", id="Latin 1"),
    pytest.param("ISO-8859-15", b"\xa4", "€", id="ISO-8859-15"),
    pytest.param("Latin-9", b"\xa4", "€", id="Latin 9"),
    pytest.param("windows-1252", b"\x80", "€", id="Windows 1252"),
    pytest.param("Cp1251", b"\xff", "я", id="Windows 1251"),
    pytest.param("UTF-16", b"\x01\x01", "ā", id="UTF-16"),
    pytest.param("UTF-16LE", b"\x01\x01", "ā", id="UTF-16LE"),
    pytest.param("GB18030", b"\xc4\xe3", "你", id="GB18030"),
    pytest.param("Shift_JIS", b"\x82\xa0", "あ", id="Shift JIS"),
    *(pytest.param(name, "ā".encode(), "ā", id=f"unlisted: {name[:20]}") for name in UNLISTED),
]  # fmt: skip


@pytest.mark.parametrize(("label", "raw", "text"), CHARSETS)
def test_character_sets(label: str, raw: bytes, text: str) -> None:
    assert raw.decode(codec(label), "replace") == text


@pytest.mark.parametrize("label", [str(row.values[0]) for row in CHARSETS])
def test_a_listed_character_set_is_known(label: str) -> None:
    assert is_charset(label) is (label not in UNLISTED)


@pytest.mark.parametrize(("length", "cached"), [(511, 1), (512, 1), (513, 0)])
def test_only_fields_of_usual_length_are_cached(length: int, cached: int) -> None:
    mediatypes._remembered.cache_clear()
    parse_header("form-data; name=reference".ljust(length))
    assert mediatypes._remembered.cache_info().currsize == cached


@pytest.mark.parametrize("name", sorted(set(mediatypes._CODECS.values())))
def test_a_listed_codec_decodes_any_bytes(name: str) -> None:
    assert isinstance(bytes(range(256)).decode(name, "replace"), str)


def test_a_label_is_never_looked_up_in_the_registry() -> None:
    asked: list[str] = []

    def note(name: str) -> Any:
        asked.append(name)

    codecs.register(note)
    try:
        b"a".decode(codec("klingon-1"), "replace")
        parse_header("x; filename*=klingon-2''a")
    finally:
        codecs.unregister(note)
    assert asked == []
