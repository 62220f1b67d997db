"""Forms, queries and multipart bodies taken apart as a servlet does."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.http import Request
from mock_server.providers.cloudcheck.params import FilePart, Params, parse, percent_decode
from mock_server.providers.cloudcheck.settings import parse_settings
from tests.providers.cloudcheck.harness import (
    FORM,
    FULL,
    KEY,
    SECRET,
    PipelineHarness,
    digest,
    error,
    form,
    multipart,
)


def parsed(body: bytes, kind: str = FORM, query: str = "", method: str = "POST", **settings: Any) -> Params:
    return parse(
        Request(method, "/", query, {"content-type": kind} if kind else {}, body), parse_settings(settings)
    )


PIECES = st.sampled_from(
    [
        b"%",
        b"2",
        b"F",
        b"=",
        b"\n",
        b"\r",
        b" ",
        b"_",
        b"a",
        b"%41",
        b"%3D",
        b"==",
        b"=3D",
        b"%0A",
        b"\xff",
        b"%C4%81",
    ]
)


@given(st.binary() | st.lists(PIECES).map(b"".join))
def test_percent_decoding_agrees_with_the_library(value: bytes) -> None:
    """The short way through quoted-printable gives what the library gives, and refuses a bare percent sign
    unless it is to be kept."""
    assert percent_decode(value, True) == unquote_to_bytes(value)
    if re.search(rb"%(?![0-9A-Fa-f]{2})", value):
        with pytest.raises(ValueError):  # noqa: PT011
            percent_decode(value, False)
    else:
        assert percent_decode(value, False) == unquote_to_bytes(value)


FORMS: dict[str, tuple[bytes, dict[str, str]]] = {
    "plain": (b"a=1&b=2", {"a": "1", "b": "2"}),
    "plus and percent": (b"a=x+y%2Bz%20%C4%81", {"a": "x y+z ā"}),
    "encoded names": (b"a%62=1", {"ab": "1"}),
    "no value": (b"a&b=", {"a": "", "b": ""}),
    "no name": (b"=1&&a=2&", {"a": "2"}),
    "more equals signs": (b"a=b=c;d", {"a": "b=c;d"}),
    "invalid UTF-8": (b"a=%FF%C4", {"a": "\ufffd\ufffd"}),
    "raw UTF-8": ("a=ā".encode(), {"a": "ā"}),
    "a bare percent sign": (b"a=100%&b=1", {"b": "1"}),
    "a bare percent sign in a name": (b"a%=1&b=1", {"b": "1"}),
    "a percent sign before a line feed": (b"a=%\nb&b=1", {"b": "1"}),
    "a percent sign before a line break": (b"a=%\r\nb&b=1", {"b": "1"}),
    "a percent sign before a carriage return": (b"a=%\rb&b=1", {"b": "1"}),
    "a carriage return": (b"a=%20\rb", {"a": " \rb"}),
    "a percent sign at the end": (b"b=1&a=%4", {"b": "1"}),
    "line breaks": (b"a=x%20\ny\r\n%7A", {"a": "x \ny\r\nz"}),
    "quoted-printable": (b"a==41=%20_", {"a": "=41= _"}),
    "a NUL": (b"a=%00", {"a": "\0"}),
    "empty": (b"", {}),
    "not a form at all": (b"\x00\xff\xfe", {"\0\ufffd\ufffd": ""}),
}


@pytest.mark.parametrize("case", FORMS)
def test_forms(case: str) -> None:
    body, expected = FORMS[case]
    assert dict(parsed(body)) == expected


def test_a_bare_percent_sign_can_be_kept() -> None:
    assert dict(parsed(b"a=100%&b=%+%41", malformed_escape="keep")) == {"a": "100%", "b": "% A"}
    assert dict(parsed(b"a=a%\nb&b%=%", malformed_escape="keep")) == {"a": "a%\nb", "b%": "%"}
    assert parsed(b"a=100%&b=1").dropped == ("a",)


@pytest.mark.parametrize(
    ("way", "value"), [("each", "1"), ("concatenate", "123"), ("first", "1"), ("last", "3")]
)
def test_repeated_parameters(way: str, value: str) -> None:
    params = parsed(b"a=2&a=3", query="a=1", repeated_parameters=way)
    assert (dict(params), params.repeated) == ({"a": value}, {"a": ["1", "2", "3"]})


def test_repeated_fields_of_multipart() -> None:
    body = (
        b"".join(
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n%d\r\n' % number for number in (1, 2)
        )
        + b"--b--\r\n"
    )
    params = parsed(body, "multipart/form-data; boundary=b", query="a=0")
    assert (dict(params), params.repeated) == ({"a": "0"}, {"a": ["0", "1", "2"]})


KINDS: dict[str, tuple[str, dict[str, str]]] = {
    "form": (FORM, {"a": "ä"}),
    "form with charset": (f"{FORM}; charset=UTF-8", {"a": "ä"}),
    "form in capitals": ("Application/X-WWW-Form-Urlencoded", {"a": "ä"}),
    "form in Latin-1": (f"{FORM};charset=ISO-8859-1", {"a": "Ã¤"}),
    "form in a charset nobody knows": (f"{FORM};charset=klingon", {"a": "ä"}),
    "form in a charset that is no charset": (f"{FORM};charset=base64", {"a": "ä"}),
    "form in a charset of Python's own": (f"{FORM};charset=idna", {"a": "ä"}),
    "form in a charset that takes long": (f"{FORM};charset=punycode", {"a": "ä"}),
    "form in UTF-7": (f"{FORM};charset=utf-7", {"a": "ä"}),
    "form in quotes": (f'{FORM}; charset="iso-8859-1"', {"a": "Ã¤"}),
    "JSON": ("application/json", {}),
    "text": ("text/plain", {}),
    "multipart without boundary": ("multipart/form-data", {}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize("case", KINDS)
def test_content_types(case: str) -> None:
    kind, expected = KINDS[case]
    assert dict(parsed(b"a=%C3%A4", kind)) == expected


def test_a_charset_is_that_of_bytes_without_escapes_too() -> None:
    assert dict(parsed("ä=Žižek".encode("iso-8859-2"), f"{FORM}; charset=iso-8859-2")) == {"ä": "Žižek"}
    assert dict(parsed("ā=ō".encode())) == {"ā": "ō"}


def test_a_plus_is_a_space_with_and_without_other_escapes() -> None:
    assert dict(parsed(b"a+b=c+d&e=%20+")) == {"a b": "c d", "e": "  "}


def test_a_body_without_content_type_can_be_a_form() -> None:
    assert dict(parsed(b"a=1", "", form_without_content_type=True)) == {"a": "1"}


def test_the_body_of_a_get_is_not_read() -> None:
    assert dict(parsed(b"b=2", query="a=1", method="GET")) == {"a": "1"}


def test_multipart() -> None:
    kind, body = multipart(
        {"data": "ā\r\n--x", "key": "k"}, {"file": ('a"b.jpg'.replace('"', '\\"'), b"\r\n\x00--mark \xff")}
    )
    params = parsed(body, kind)
    assert dict(params) == {"data": "ā\r\n--x", "key": "k"}
    assert ('a"b.jpg', "image/jpeg", b"\r\n\x00--mark \xff"[:3]) == (
        params.files["file"].filename,
        "image/jpeg",
        params.files["file"].content[:3],
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--mark",
        b"--mark--",
        b"--mark\r\n\r\n",
        b"--mark\r\nContent-Disposition: form-data\r\n\r\nx\r\n--mark--",
        b"junk",
    ],
)
def test_broken_multipart_has_no_parameters(body: bytes) -> None:
    assert dict(parsed(body, "multipart/form-data; boundary=mark")) == {}


@given(
    st.binary(max_size=300),
    st.sampled_from([FORM, "multipart/form-data; boundary=a", f"{FORM};charset=utf-16", "", "x"]),
    st.text(max_size=40),
)
def test_any_bytes_can_be_taken_apart(body: bytes, kind: str, query: str) -> None:
    for name, value in parsed(body, kind, query.encode("utf-8", "replace").decode("latin-1")).items():
        assert name.encode()
        assert value is not None


# -- through the pipeline
# --------------------------------------------------------------------------------------------
def test_parameters_may_stand_in_the_query_of_a_post() -> None:
    office = PipelineHarness()
    request = office.request("POST", "/verify/", {"data": '{"x":1}'})
    moved = request.replace(query=request.body.decode(), body=b"", headers={})
    office.pipeline.handle(moved)
    assert (office.entry().error, office.entry().account) == ("102", "default"), (
        "past the gate: consent is missing"
    )


def test_a_json_body_is_no_form() -> None:
    office = PipelineHarness()
    answer = office.pipeline.handle(
        Request("POST", "/verify/", "", {"content-type": "application/json"}, b'{"key":"x"}')
    )
    assert b'"error":101' in answer.body
    assert "form" in (office.entry().evidence or {})["remedy"]


def test_a_dropped_parameter_is_named_in_the_evidence() -> None:
    office = PipelineHarness()
    request = office.request("POST", "/verify/", {})
    office.pipeline.handle(request.replace(body=request.body + b"&data=100%"))
    assert (
        office.entry().error,
        (office.entry().evidence or {})["malformed_percent_escape_in"],
    ) == ("102", ["data"])


def test_a_nonce_of_ten_thousand_characters() -> None:
    office = PipelineHarness()
    params = {"key": KEY, "nonce": "ñ" * 10_000, "timestamp": "1700000000000", "peid": "1"}
    params["signature"] = digest("mock-secret-not-real-0123456789ab", "/verify/peid/", params)
    request = Request("POST", "/verify/peid/", "", {"content-type": FORM}, form(params).encode())
    office.pipeline.handle(request)
    assert office.entry().error == ""
    office.pipeline.handle(request)
    assert office.entry().error == "104"
    strict = PipelineHarness(settings={"nonce_max_length": 100})
    strict.pipeline.handle(request)
    assert strict.entry().error == "107"


def test_the_file_may_be_signed_by_its_name() -> None:
    params = {"data": '{"consent":"Yes"}', "key": KEY, "nonce": "n", "timestamp": "1700000000000"}
    signature = digest("mock-secret-not-real-0123456789ab", "/doc/runcheck/", {**params, "file": "a.jpg"})
    kind, body = multipart({**params, "signature": signature}, {"file": ("a.jpg", b"\xff\xd8\xff")})
    request = Request("POST", "/doc/runcheck/", "", {"content-type": kind}, body)
    for settings, expected in (({}, ""), ({"signed_file": "never"}, "106")):
        office = PipelineHarness(settings=settings)
        office.pipeline.handle(request)
        assert office.entry().error == expected


@pytest.mark.parametrize(
    ("signed", "code"),
    [
        pytest.param("abc", "", id="the field"),
        pytest.param("a.jpg", "106", id="the file's name in its place"),
    ],
)
def test_a_file_part_does_not_override_a_form_field(signed: str, code: str) -> None:
    fields = {
        "data": '{"consent":"Yes"}',
        "key": KEY,
        "nonce": "n",
        "timestamp": "1700000000000",
        "file": "abc",
    }
    signature = digest(SECRET, "/doc/runcheck/", {**fields, "file": signed})
    kind, body = multipart({**fields, "signature": signature}, {"file": ("a.jpg", b"\xff\xd8\xff")})
    office = PipelineHarness()
    office.pipeline.handle(Request("POST", "/doc/runcheck/", "", {"content-type": kind}, body))
    assert office.entry().error == code


def test_a_long_form_in_a_slow_charset_is_read_at_once() -> None:
    started = time.process_time()
    assert len(parsed(b"a=" + b"%C4%81" * 30_000, f"{FORM}; charset=punycode")["a"]) == 30_000
    assert time.process_time() - started < 1


@pytest.mark.parametrize("quote", ["", '"'], ids=["unquoted", "quoted"])
def test_an_upload_as_net_sends_it(quote: str) -> None:
    fields = {"data": '{"consent":"Yes"}', "key": KEY, "nonce": "n", "timestamp": "1700000000000"}
    fields["signature"] = digest(SECRET, "/doc/runcheck/", fields)
    heads = [(f"form-data; name={quote}{name}{quote}", value) for name, value in fields.items()]
    heads.append(
        (f"form-data; name={quote}file{quote}; filename=a.png; filename*=utf-8''%C4%81.png", "\xff\xd8\xff")
    )
    body = (
        "".join(f"--b\r\nContent-Disposition: {head}\r\n\r\n{value}\r\n" for head, value in heads)
        + "--b--\r\n"
    )
    office = PipelineHarness()
    office.pipeline.handle(
        Request(
            "POST",
            "/doc/runcheck/",
            "",
            {"content-type": 'multipart/form-data; boundary="b"'},
            body.encode("latin-1"),
        )
    )
    assert office.entry().error == ""


@pytest.mark.parametrize("name", ["timestamp", "nonce", "signature", "data"])
def test_a_file_part_is_no_parameter(name: str) -> None:
    office = PipelineHarness()
    params = office.params("/doc/runcheck/", {"data": '{"consent":"Yes"}'})
    kind, body = multipart(
        {key: value for key, value in params.items() if key != name},
        {name: ("x", b"1"), "file": ("x", b"\xff\xd8\xff")},
    )
    answer = office.pipeline.handle(Request("POST", "/doc/runcheck/", "", {"content-type": kind}, body))
    assert tuple(error(json.loads(answer.body))[key] for key in ("error", "fields")) == (102, name)


SIGNED: dict[str, tuple[str, str]] = {
    "each": ("username=zoë;username=a+b c;", "zoë"),
    "concatenate": ("username=zoëa+b c;", "zoëa+b c"),
    "first": ("username=zoë;", "zoë"),
    "last": ("username=a+b c;", "a+b c"),
}
"""Reading → what is signed of a parameter that is sent twice, and the value that the endpoint reads."""


def twice(signed: str, *, query: str = "username=zo%C3%AB&", form_: str = "username=a%2Bb+c&") -> Request:
    """A verification with ``username`` sent twice, the parameters signed in the given way."""
    data = '{"consent":"No"}'
    text = f"/verify/data={data};key={KEY};nonce=n-1;timestamp=1700000000000;{signed}"
    signature = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    rest = form(
        {"data": data, "key": KEY, "nonce": "n-1", "timestamp": "1700000000000", "signature": signature}
    )
    return Request("POST", "/verify/", query.rstrip("&"), {"content-type": FORM}, (form_ + rest).encode())


@pytest.mark.parametrize("sent", SIGNED)
@pytest.mark.parametrize("reading", SIGNED)
def test_a_parameter_sent_twice_is_signed_by_the_setting(reading: str, sent: str) -> None:
    office = PipelineHarness(settings={"repeated_parameters": reading})
    office.pipeline.handle(twice(SIGNED[sent][0]))
    assert office.entry().error == ("107" if SIGNED[sent][0] == SIGNED[reading][0] else "106"), (
        "107: past the gate, consent is refused"
    )


@pytest.mark.parametrize("reading", SIGNED)
def test_the_endpoint_reads_one_value_of_a_repeated_parameter(reading: str) -> None:
    assert (
        parse(twice(""), parse_settings({"repeated_parameters": reading}))["username"] == SIGNED[reading][1]
    )


@pytest.mark.parametrize(
    ("query", "form_"),
    [
        ("", "username=zo%C3%AB&username=a%2Bb+c&"),
        ("username=zo%C3%AB&username=a%2Bb%20c&", ""),
        ("username=zo%C3%AB", "username=a%2Bb+c&"),
    ],
    ids=["form", "query", "query and form"],
)
def test_values_of_one_name_are_signed_in_the_order_of_arrival(query: str, form_: str) -> None:
    office = PipelineHarness()
    office.pipeline.handle(twice("username=a+b c;username=zoë;", query=query, form_=form_))
    assert office.entry().error == "106"
    office.pipeline.handle(twice(SIGNED["each"][0], query=query, form_=form_))
    assert office.entry().error == "107"


def test_a_repeated_data_parameter_is_read_once() -> None:
    office = PipelineHarness()
    texts = [json.dumps({**FULL, "reference": reference}) for reference in ("ref-1", "ref-2")]
    office.pipeline.handle(repeated_data(texts, "".join(f"data={text};" for text in texts)))
    assert (office.entry().error, office.entry().reference) == ("", "ref-1")


def test_a_repeated_data_parameter_that_is_joined_is_no_json() -> None:
    office = PipelineHarness(settings={"repeated_parameters": "concatenate"})
    texts = [json.dumps(FULL)] * 2
    answer = office.pipeline.handle(repeated_data(texts, f"data={''.join(texts)};"))
    assert b'"error":107' in answer.body


def repeated_data(texts: list[str], signed: str) -> Request:
    params = {"key": KEY, "nonce": "n-1", "timestamp": "1700000000000"}
    text = f"/verify/{signed}" + "".join(f"{name}={value};" for name, value in params.items())
    params["signature"] = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    body = "&".join([form({"data": text}) for text in texts] + [form(params)])
    return Request("POST", "/verify/", "", {"content-type": FORM}, body.encode())


def test_every_dropped_name_is_kept() -> None:
    assert parsed(b"a=%&b=1&c=%x&d%\xff=1", query="q=%").dropped == ("q", "a", "c", "d%\ufffd")


def test_a_query_with_characters_beyond_latin_1_is_read() -> None:
    assert dict(parsed(b"", query="a=é&b=\u0101")) == {"a": "\ufffd", "b": "?"}


def test_a_part_without_a_name_hides_no_other() -> None:
    head = b"--mark\r\nContent-Disposition: form-data\r\n\r\nx\r\n"
    kind, body = multipart({"key": "k"}, {"file": ("ā.jpg", b"\xff\xd8\xff")})
    params = parsed(head + body, kind)
    assert (dict(params), dict(params.files)) == (
        {"key": "k"},
        {"file": FilePart("ā.jpg", "image/jpeg", b"\xff\xd8\xff")},
    )


@pytest.mark.parametrize(
    ("text", "decoded"), [(b"a%20b=c%3D%C4%81", b"a b=c=\xc4\x81"), (b"%41", b"A"), (b"=_%5f", b"=__")]
)
def test_a_well_formed_value_is_decoded_without_the_slow_way(
    monkeypatch: pytest.MonkeyPatch, text: bytes, decoded: bytes
) -> None:
    monkeypatch.delattr("mock_server.providers.cloudcheck.params.unquote_to_bytes")
    assert percent_decode(text, False) == decoded
