from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartEncoder, Preamble

from mock_server.providers import multipart
from mock_server.providers.multipart import MOST_PARTS, boundary_of, parts, replace_fields

MARK = "multipart/form-data; boundary=mark"


def body(*pieces: str | bytes) -> bytes:
    """Parts behind their delimiters, and the end."""
    framed = (
        b"--mark\r\n" + (piece.encode() if isinstance(piece, str) else piece) + b"\r\n" for piece in pieces
    )
    return b"".join(framed) + b"--mark--\r\n"


def field(disposition: str, content: str = "x", *lines: str) -> str:
    return "\r\n".join([f"Content-Disposition: {disposition}", *lines, "", content])


HEADS = [
    pytest.param("form-data; name=key", ("key", None), id="unquoted, as .NET sends it"),
    pytest.param('form-data; name="key"', ("key", None), id="quoted"),
    pytest.param('form-data; name="f"; filename=a.png', ("f", "a.png"), id="file name unquoted"),
    pytest.param(
        "form-data; name=f; filename=a.png; filename*=utf-8''%C4%81.png",
        ("f", "ā.png"),
        id="both file names of .NET",
    ),
    pytest.param(
        "form-data; name=f; filename*=utf-8''%C4%81.png", ("f", "ā.png"), id="extended file name alone"
    ),
    pytest.param('form-data; name="f"; filename=""', ("f", ""), id="empty file name"),
    pytest.param('form-data; name="ā🥝[b]"', ("ā🥝[b]", None), id="raw UTF-8"),
    pytest.param('form-data; name="a\\"b"', ('a"b', None), id="escaped quote"),
    pytest.param('form-data; name="a%22b"', ("a%22b", None), id="a browser's escape stays"),
    pytest.param('FORM-DATA; NAME="key"', ("key", None), id="capitals"),
    pytest.param('form-data;\r\n name="key"', ("key", None), id="folded"),
    pytest.param('form-data; filename="a"; name="f"', ("f", "a"), id="file name first"),
    pytest.param("form-data", ("", None), id="no name"),
    pytest.param("form-data; name=" + "a" * 5000, ("", None), id="too long"),
]


@pytest.mark.parametrize(("disposition", "expected"), HEADS)
def test_names(disposition: str, expected: tuple[str, str | None]) -> None:
    (part,) = parts(body(field(disposition)), MARK)
    assert (part.name, part.filename) == expected
    assert part.content == b"x"


@pytest.mark.parametrize("line", [" Content-Disposition", "XContent-Disposition", "Content-Type"])
def test_a_name_stands_in_the_content_disposition_alone(line: str) -> None:
    (part,) = parts(body(f"{line}: form-data; name=key\r\n\r\nx"), MARK)
    assert (part.name, part.filename, part.content) == ("", None, b"x")


@pytest.mark.parametrize(("length", "name"), [(4095, "key"), (4096, "key"), (4097, "")])
def test_the_longest_header_of_a_part(length: int, name: str) -> None:
    head = field("form-data; name=key", "", "Content-Type: text/plain", "X-Note: ")
    head = head[:-4].ljust(length - 2, "x")
    (part,) = parts(body(head + "\r\n\r\nMāori"), MARK)
    assert (part.name, part.content_type, part.text) == (name, "text/plain" if name else "", "Māori")


@pytest.mark.parametrize(("length", "cached"), [(511, 1), (512, 1), (513, 0)])
def test_only_headers_of_usual_length_are_cached(length: int, cached: int) -> None:
    multipart._remembered.cache_clear()
    head = "Content-Disposition: form-data; name=key".ljust(length - 2)
    assert len(list(parts(body(head + "\r\n\r\nx"), MARK))) == 1
    assert multipart._remembered.cache_info().currsize == cached


def test_a_part_without_content_type_has_an_empty_one() -> None:
    (part,) = parts(body(field("form-data; name=key", "Ngā mihi")), MARK)
    assert (part.content_type, part.text) == ("", "Ngā mihi")


def test_a_name_in_latin_1() -> None:
    (part,) = parts(body(field('form-data; name="é"').encode("latin-1")), MARK)
    assert part.name == "é"


def test_other_header_fields_of_a_part() -> None:
    head = (
        "content-length: 2",
        "Content-Transfer-Encoding: binary",
        "CONTENT-TYPE: Text/Plain; charset=ISO-8859-1",
        "Odd",
    )
    (part,) = parts(body(field("form-data; name=a", "", *head).encode() + b"\xe9"), MARK)
    assert (part.content_type, part.text) == ("Text/Plain; charset=ISO-8859-1", "é")


BOUNDARIES = [
    pytest.param("multipart/form-data; boundary=mark", b"mark", id="token"),
    pytest.param('multipart/form-data; boundary="mark"', b"mark", id="quoted"),
    pytest.param('multipart/form-data; charset=utf-8; Boundary="a b:(c)"', b"a b:(c)", id="blanks and signs"),
    pytest.param(
        "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxk",
        b"----WebKitFormBoundary7MA4YWxk",
        id="browser",
    ),
    pytest.param("multipart/form-data; boundary=", b"", id="empty"),
    pytest.param("multipart/form-data; boundary=mārk", b"m?rk", id="not Latin-1"),
    pytest.param("multipart/form-data", b"", id="none"),
]


@pytest.mark.parametrize(("content_type", "expected"), BOUNDARIES)
def test_boundaries(content_type: str, expected: bytes) -> None:
    assert boundary_of(content_type) == expected


FRAMES = [
    pytest.param(b"", [], id="nothing"),
    pytest.param(b"--mark--", [], id="end alone"),
    pytest.param(b"junk", [], id="no delimiter"),
    pytest.param(b"--mark\r\n\r\nx\r\n--mark--", [("", b"x")], id="no header"),
    pytest.param(
        b"--mark\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--mark--",
        [("a", b"")],
        id="empty content",
    ),
    pytest.param(
        b"--mark\r\nContent-Disposition: form-data; name=a\r\n--mark--", [("a", b"")], id="no content"
    ),
    pytest.param(
        b"before\r\n" + body(field("form-data; name=a")) + b"after", [("a", b"x")], id="preamble and epilogue"
    ),
    pytest.param(
        body(field("form-data; name=a")).replace(b"mark\r\n", b"mark \t\r\n"),
        [("a", b"x")],
        id="blanks behind the boundary",
    ),
    pytest.param(
        body(field("form-data; name=a", "\r\n--marks\r\n--mar\r\n")),
        [("a", b"\r\n--marks\r\n--mar\r\n")],
        id="nearly a delimiter",
    ),
    pytest.param(body(field("form-data; name=a"))[:-10], [], id="cut off"),
    pytest.param(body(field("form-data; name=a")).replace(b"\r\n", b"\n"), [], id="line feeds alone"),
]


@pytest.mark.parametrize(("raw", "expected"), FRAMES)
def test_framing(raw: bytes, expected: list[tuple[str, bytes]]) -> None:
    assert [(part.name, part.content) for part in parts(raw, MARK)] == expected


def test_there_is_a_limit_to_the_parts() -> None:
    sent = body(*[field(f"form-data; name=a{number}") for number in range(MOST_PARTS + 1)])
    assert [part.name for part in parts(sent, MARK)] == [f"a{number}" for number in range(MOST_PARTS)]


NAMES = (
    st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters='"\\%'),
        min_size=1,
        max_size=12,
    )
    .map(str.strip)
    .filter(bool)
)
FIELDS = st.lists(
    st.tuples(
        NAMES,
        st.none() | NAMES,
        st.binary(max_size=40) | st.sampled_from([b"\r\n--mark", b"\r\n", b"--mark--x"]),
    )
)


@given(FIELDS)
def test_what_another_library_writes_is_read(fields: Sequence[tuple[str, str | None, bytes]]) -> None:
    boundary = b"another-mark"
    encoder = MultipartEncoder(boundary)
    events: list[Event] = [Preamble(data=b"")]
    for name, filename, content in fields:
        headers: Any = {}
        head = Field(name, headers) if filename is None else File(name, filename, headers)
        events += [head, Data(data=content, more_data=False)]
    sent = b"".join(map(encoder.send_event, [*events, Epilogue(data=b"")]))
    assert [
        (part.name, part.filename, part.content)
        for part in parts(sent, "multipart/form-data; boundary=another-mark")
    ] == list(fields)


@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from([b"--mark", b"--", b"\r\n", b"Content-Disposition: form-data; name=", b"a", b"\xff"])
    ).map(b"".join)
)
def test_any_bytes_can_be_taken_apart(raw: bytes) -> None:
    for part in parts(raw, MARK):
        assert part.content in raw


def test_fields_are_replaced_and_all_else_stays() -> None:
    sent = b"before\r\n" + body(
        field("form-data; name=key"),
        field('form-data; name="nonce"', "n"),
        field('form-data; name="key"; filename=a'),
        field("form-data; name=data"),
    )
    changed = replace_fields(sent, MARK, {"key": b"real\xff", "nonce": b""})
    assert [(part.name, part.filename, part.content) for part in parts(changed, MARK)] == [
        ("key", None, b"real\xff"), ("nonce", None, b""), ("key", "a", b"x"), ("data", None, b"x"),
    ]  # fmt: skip
    assert changed.startswith(b"before\r\n")
    assert replace_fields(sent, MARK, {}) == sent
    assert replace_fields(sent, "multipart/form-data", {"key": b"real"}) == sent
