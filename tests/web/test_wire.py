from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.http import Response
from mock_server.web.http import wire, wire_errors

HEADER = st.tuples(st.from_regex(r"[A-Za-z-]{1,10}", fullmatch=True), st.text(max_size=30))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a/b", ("/a/b", "/a/b", "")),
        ("/a%20b?c=%20", ("/a%20b", "/a b", "c=%20")),
        ("/a?b?c", ("/a", "/a", "b?c")),
        ("http://h:1/a?b", ("/a", "/a", "b")),
        ("http://h", ("/", "/", "")),
        ("/%C3%A4%FF", ("/%C3%A4%FF", "/ä\ufffd", "")),
        ("/a/http://h/b", ("/a/http://h/b", "/a/http://h/b", "")),
    ],
)
def test_split_target(target: str, expected: tuple[str, str, str]) -> None:
    assert wire.split_target(target) == expected


@pytest.mark.parametrize(
    "host",
    [
        "h",
        "h:",
        "h:1",
        "a_b.c",
        "a%20b",
        "a&b",
        "a,b",
        "127.0.0.1:80",
        "[::1]",
        "[::1]:80",
        "[fe80::1%25eth0]",
    ],
)
def test_valid_hosts(host: str) -> None:
    assert wire.is_host(host) is True


@pytest.mark.parametrize(
    "host", ["a b", "a/b", "a%2", "a@b", "h:1:2", "h:x", "[::1", "::1", "é", "a, b", "a\n", '"']
)
def test_invalid_hosts(host: str) -> None:
    assert wire.is_host(host) is False


@pytest.mark.parametrize("host", ["h", "h:1", "a-b.c:65535", "[::1]:80", "127.0.0.1"])
def test_a_plain_host_is_kept(host: str) -> None:
    assert wire.origin_of("http", host, "other:1") == f"http://{host}"


@pytest.mark.parametrize("host", ["", "a b", "a/b", "a\r\nb", '"', "user@h", "h:1:2", "[::1", "é"])
def test_any_other_host_is_replaced(host: str) -> None:
    assert wire.origin_of("https", host, "other:1") == "https://other:1"


@given(st.integers(0, 4_000_000_000))
def test_dates_are_those_of_the_standard_library(now: int) -> None:
    assert wire.http_date(now) == formatdate(now, usegmt=True)


@given(st.integers(100, 999), st.lists(HEADER, max_size=5))
def test_a_head_has_one_line_for_each_header_and_ends_once(
    status: int, headers: list[tuple[str, str]]
) -> None:
    head = wire.encode_head(status, headers, "Date: now\r\n")
    lines = head.split(b"\r\n")
    assert lines[0].startswith(b"HTTP/1.1 %d " % status)
    assert lines[-3:] == [b"Date: now", b"", b""]
    assert [line.partition(b":")[0].decode() for line in lines[1:-3]] == [name for name, _ in headers]
    assert head.count(b"\n") == head.count(b"\r") == len(headers) + 3


@given(st.binary(max_size=50))
def test_a_truncated_answer_is_always_shorter_than_it_says(body: bytes) -> None:
    head, _, sent = wire.truncated(Response(200, (), body), "").partition(b"\r\n\r\n")
    promised = int(head.rpartition(b": ")[2])
    assert promised == max(len(body), 1) > len(sent)
    assert body.startswith(sent)


@given(st.binary(min_size=1, max_size=5000))
def test_a_chunk_says_its_size(data: bytes) -> None:
    size, _, rest = wire.chunk(data).partition(b"\r\n")
    assert (int(size, 16), rest) == (len(data), data + b"\r\n")


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("Duplicate Content-Length", "send Content-Length once"),
        ("Transfer-Encoding can't be present with Content-Length", "not both"),
        ("Invalid char in url query", "percent-encode what is not ASCII"),
        ("Expected CRLF after version", "end each line with a carriage return and a line feed"),
        ("Something new", "send HTTP/1.1 as an HTTP library writes it"),
    ],
)
def test_what_is_not_http_has_its_remedy(said: str, remedy: str) -> None:
    refusal = wire_errors.malformed(said)
    assert said in refusal.explanation
    assert remedy in refusal.remedy
