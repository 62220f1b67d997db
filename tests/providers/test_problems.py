"""Causes that are named of any bytes whatever: nothing raises, nothing takes long, and what is named can be
shown."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.http import Request
from mock_server.providers import jsonproblems
from mock_server.providers.mediatypes import FORM, JSON, MULTIPART
from mock_server.providers.problems import Accepted, find_problem, format_of

TYPES = st.sampled_from(
    [
        "",
        JSON,
        FORM,
        "text/plain",
        MULTIPART,
        f"{MULTIPART}; boundary=b",
        f"{MULTIPART}; boundary=\xe9",
        "x; boundary*=y",
    ]
)
PIECES = st.sampled_from(
    [
        b"--b",
        b"--",
        b"\r\n",
        b"\n",
        b"{",
        b'"',
        b"=",
        b"&",
        b"%",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x1f\x8b",
        b"a",
        b"<",
    ]
)
TEXTS = st.lists(
    st.sampled_from(
        [
            *"{}[]:,'\"\\ \n\0",
            "True",
            "a",
            "1",
            "//",
            "/*",
            "*/",
            "&quot;",
            "%22",
            "“",
            "\ufeff",
            "é",
            "\ud800",
        ]
    )
).map("".join)


@given(
    st.binary(max_size=80) | st.lists(PIECES).map(b"".join),
    TYPES,
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(["", "gzip", "utf-8"]),
)
def test_any_body_has_a_problem_or_none(body: bytes, content_type: str, method: str, coding: str) -> None:
    request = Request(method, "/", "", {"content-type": content_type, "content-encoding": coding}, body)
    for any_type in (True, False):
        problem = find_problem(request, Accepted((FORM, MULTIPART), "Send a form."), any_type=any_type)
        assert problem is None or all(problem)


@given(TEXTS | st.text(max_size=40))
def test_any_text_that_is_not_an_object_has_a_problem(text: str) -> None:
    problem = jsonproblems.find_problem(text, "the body", "nested too deeply")
    assert all(problem)
    assert json.loads(json.dumps(problem.mistake)) == problem.mistake


SLOW = [
    '"',
    "'",
    '"\\',
    "'\\",
    "/*",
    "a ",
    "[",
    '{"a":',
    ",",
    ", ",
    " ",
    "$:",
    "&quot",
    "%7",
    "\t$:",
    "True,",
    "a" * 99 + " ",
]


@pytest.mark.parametrize("piece", SLOW)
def test_no_text_takes_long(piece: str) -> None:
    started = time.process_time()
    jsonproblems.find_problem("{" + (piece * 20_000)[:19_999], "the body")
    assert time.process_time() - started < 1


FORMATS = [
    pytest.param(b'{"a": 1}', JSON, id="object"),
    pytest.param(b" [1]", JSON, id="array"),
    pytest.param(b'"{\\"a\\": 1}"', JSON, id="JSON twice"),
    pytest.param(b"<?xml ?>", "XML", id="XML"),
    pytest.param(b"<html>", "XML", id="HTML"),
    pytest.param(b"key=1&b=2", FORM, id="form"),
    pytest.param(b"a%5Bb%5D[c]=1", FORM, id="form with brackets"),
    pytest.param(b"--b\r\nContent-Type: a/b\r\ncontent-disposition: form-data", MULTIPART, id="multipart"),
    pytest.param(b"\r\n--b\nContent-Disposition: form-data", MULTIPART, id="multipart with line feeds"),
    pytest.param(b"--b", "", id="a delimiter alone"),
    pytest.param(b"plain text", "", id="text"),
    pytest.param(b"", "", id="nothing"),
    pytest.param(b"\x1f\x8b\x08", "", id="gzip"),
]


@pytest.mark.parametrize(("body", "expected"), FORMATS)
def test_formats_by_their_beginning(body: bytes, expected: str) -> None:
    assert format_of(body) == expected
