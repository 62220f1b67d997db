"""Requests that lack a parameter because of how they were sent: what the refusal's evidence names as the
cause and as the remedy."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from mock_server.core.http import Request
from tests.providers.cloudcheck.harness import FORM, KEY, PipelineHarness, error, multipart

JSON, MULTIPART = "application/json", "multipart/form-data; boundary=mark"
SEND_FORM = (
    "Send a form (Content-Type: application/x-www-form-urlencoded) with the JSON as text in its field data."
)
FIELD = (
    "The file was sent as a plain field, not as a file part.",
    "Send the file as a part with a filename, in multipart/form-data.",
)
UPLOAD = "Send multipart/form-data with the picture as the part file and each parameter as a field."
POST_OR_QUERY = "Send it with POST, or put the parameters into the query of the URL."
QUERY = "Put the parameters into the query of the URL."
LET_THE_CLIENT = (
    "Do not set the Content-Type of a multipart body yourself: the HTTP client adds the boundary."
)
WITH_BOUNDARY = "Send Content-Type: multipart/form-data with the boundary; HTTP clients set it if you do not."
ENCODE = "Percent-encode each value, a % as %25; let the HTTP client write the form."
WHOLE = "Write it with a JSON library, and send it whole."
PAIRS = f"key={KEY}&nonce=n&timestamp=1700000000000&data=%7B%7D&signature=0".encode()
PARTS = multipart({"key": KEY, "nonce": "n"}, {})[1]
PICTURE = b"\xff\xd8\xff"

Expected = tuple[str, str, str]


def sent(
    body: bytes, content_type: str = FORM, method: str = "POST", path: str = "/verify/", **headers: str
) -> Request:
    return Request(method, path, "", {"content-type": content_type, **headers}, body)


NO_KEY: dict[str, tuple[Request, Expected]] = {
    "nothing": (sent(b""), ("key-missing", "The parameter key is absent or empty.", "Send the access key as parameter key.")),
    "a form without a key": (
        sent(b"nonce=n"),
        ("key-missing", "The parameter key is absent or empty.", "Send the access key as parameter key."),
    ),
    "an empty key": (
        sent(b"key=&nonce=n"),
        ("key-missing", "The parameter key is absent or empty.", "Send the access key as parameter key."),
    ),
    "a GET with a form": (
        sent(PAIRS, method="GET", path="/verify/pdf"), ("body-not-read", "The body of a GET is not read.", POST_OR_QUERY)),
    "a GET with JSON": (sent(b'{"key":1}', JSON, "GET", "/live/response/"), ("body-not-read", "The body of a GET is not read.", QUERY)),
    "JSON": (
        sent(b'{"key": "k"}', JSON),
        ("content-type", "The Content-Type is application/json.", SEND_FORM),
    ),
    "JSON that says it is a form": (
        sent(b'{"key": "k"}'),
        (
            "content-type-differs",
            "The body looks like application/json, but the Content-Type is application/x-www-form-urlencoded.",
            SEND_FORM,
        ),
    ),
    "JSON for a file": (
        sent(b'{"key": "k"}', JSON, path="/doc/runcheck/"), ("content-type", "The Content-Type is application/json.", UPLOAD)),
    "text": (
        sent(PAIRS, "text/plain"),
        (
            "content-type-differs",
            "The body looks like application/x-www-form-urlencoded, but the Content-Type is text/plain.",
            "Send Content-Type: application/x-www-form-urlencoded.",
        ),
    ),
    "no type": (
        sent(PAIRS, ""),
        (
            "content-type-differs",
            "The body looks like application/x-www-form-urlencoded, but the Content-Type is missing.",
            "Send Content-Type: application/x-www-form-urlencoded.",
        ),
    ),
    "multipart that says it is a form": (
        sent(PARTS),
        (
            "content-type-differs",
            "The body looks like multipart/form-data, but the Content-Type is application/x-www-form-urlencoded.",
            WITH_BOUNDARY,
        ),
    ),
    "a form that says it is multipart": (
        sent(PAIRS, MULTIPART),
        ("boundary-wrong", "The Content-Type has the boundary 'mark', but the body has no such delimiter.", LET_THE_CLIENT),
    ),
    "mixed parts": (
        sent(PARTS, "multipart/mixed; boundary=mark"),
        ("content-type-differs", "The body looks like multipart/form-data, but the Content-Type is multipart/mixed.", WITH_BOUNDARY),
    ),
    "no boundary": (
        sent(PARTS, "multipart/form-data"),
        ("boundary-missing", "The Content-Type multipart/form-data has no boundary.", LET_THE_CLIENT),
    ),
    "another boundary": (
        sent(PARTS, "multipart/form-data; boundary=xyz"),
        ("boundary-wrong", "The Content-Type has the boundary 'xyz', but the body is divided by 'mark'.", LET_THE_CLIENT),
    ),
    "gzip": (
        sent(gzip.compress(PAIRS), **{"content-encoding": "gzip"}),
        (
            "body-compressed",
            "The body is compressed: it has Content-Encoding: gzip. The server does not unpack it.",
            "Send the body as it is, without Content-Encoding.",
        ),
    ),
    "byte order mark": (
        sent(b"\xef\xbb\xbf" + PAIRS),
        (
            "byte-order-mark",
            "The body begins with a byte order mark (EF BB BF).",
            "Write UTF-8 without a byte order mark; in .NET with new UTF8Encoding(false).",
        ),
    ),
    "UTF-16": (
        sent(PAIRS.decode().encode("utf-16-le"), f"{FORM}; charset=utf-16"),
        ("body-utf-16", "The body is in UTF-16 or UTF-32.", "Encode the body in UTF-8, without a byte order mark."),
    ),
    "two types": (
        sent(PAIRS, "text/plain").replace(ignored_headers=(("content-type", FORM),)),
        (
            "header-sent-twice",
            "Content-Type was sent more than once; the first counts.",
            "Send it once. Look for a default of the HTTP client that is sent as well.",
        ),
    ),
    "two types, of which the first is right": (
        sent(b"nonce=n").replace(ignored_headers=(("content-type", "text/plain"),)),
        ("key-missing", "The parameter key is absent or empty.", "Send the access key as parameter key."),
    ),
    "a bare percent sign in the key": (
        sent(b"key=100%&nonce=n"),
        ("percent-malformed", "A % without two hexadecimal digits behind it stands in key, which is therefore left out.", ENCODE),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_KEY)
def test_why_there_is_no_key(case: str) -> None:
    request, expected = NO_KEY[case]
    office = PipelineHarness()
    assert error(json.loads(office.pipeline.handle(request).body))["error"] == 101
    evidence = office.entry().evidence or {}
    assert (evidence["check"], evidence["explanation"], evidence["remedy"]) == expected


def upload(files: Mapping[str, tuple[str, bytes]]) -> Request:
    office = PipelineHarness()
    return office.request("POST", "/doc/runcheck/", {"data": '{"consent":"Yes"}'}, files=files)


def plain(path: str, body: bytes) -> Request:
    request = PipelineHarness().request("POST", path, {})
    return request.replace(body=request.body + body)


MISSING: dict[str, tuple[Request, str, Expected]] = {
    "a form for a file": (
        plain("/doc/runcheck/", b"&data=%7B%7D"),
        "file",
        ("content-type", "The Content-Type is application/x-www-form-urlencoded.", UPLOAD),
    ),
    "no file": (upload({}), "file", ("required", "", "")),
    "an empty file": (
        upload({"file": ("a.jpg", b"")}), "file", ("file-empty", "The part file is empty.", "Send the content of the picture in it.")),
    "a file of another name": (
        upload({"image": ("a.jpg", PICTURE)}),
        "file",
        ("file-named-otherwise", "The request has no part named file, but a file in image.", "Name the part file."),
    ),
    "an empty field in place of the file": (
        plain("/doc/runcheck/", b"&data=%7B%7D&file="),
        "file",
        ("content-type", "The Content-Type is application/x-www-form-urlencoded.", UPLOAD),
    ),
    "an empty field in a multipart form": (
        PipelineHarness().request("POST", "/doc/runcheck/", {"data": '{"consent":"Yes"}', "file": ""}, files={}),
        "file",
        ("file-as-field", *FIELD),
    ),
    "a bare percent sign": (
        plain("/verify/", b"&data=%7B%22a%22:%22100%%22%7D"),
        "data",
        ("percent-malformed", "A % without two hexadecimal digits behind it stands in data, which is therefore left out.", ENCODE),
    ),
    "no data": (plain("/verify/", b"&x=y"), "data", ("required", "", "")),
}  # fmt: skip


@pytest.mark.parametrize("files", [None, {}], ids=["form", "multipart"])
def test_a_file_in_a_plain_field_is_refused_with_a_remedy(
    files: Mapping[str, tuple[str, bytes]] | None,
) -> None:
    office = PipelineHarness()
    fields = {"data": '{"consent":"Yes"}', "file": "passport.jpg"}
    answer = error(
        json.loads(office.pipeline.handle(office.request("POST", "/doc/runcheck/", fields, files=files)).body)
    )
    evidence = office.entry().evidence or {}
    assert (answer["error"], answer["fields"]) == (107, "file")
    assert (evidence["check"], evidence["explanation"], evidence["remedy"]) == ("file-as-field", *FIELD)


@pytest.mark.parametrize("case", MISSING)
def test_why_a_parameter_is_missing(case: str) -> None:
    request, field, expected = MISSING[case]
    office = PipelineHarness()
    answer = error(json.loads(office.pipeline.handle(request).body))
    assert (answer["error"], answer["fields"]) == (102, field)
    evidence = office.entry().evidence or {}
    assert (
        evidence["check"],
        evidence.get("explanation", ""),
        evidence["remedy"] if "explanation" in evidence else "",
    ) == expected
    assert evidence["missing"] == [field]


TEXT = '{"consent": "Yes", "reference": "Ngā-Puhi O\'Connor"}'
DATA: dict[str, tuple[str, Expected]] = {
    "byte order mark": (
        "\ufeff" + TEXT,
        ("byte-order-mark", "The parameter data is not JSON: it begins with a byte order mark.", "Write UTF-8 without a byte order mark."),
    ),
    "UTF-16": (
        TEXT.encode("utf-16-le").decode("latin-1").replace("\x01", ""),
        ("json-utf-16", "The parameter data is not JSON: it is in UTF-16.", "Encode it in UTF-8."),
    ),
    "single quotes": (
        "{'consent': 'Yes'}",
        (
            "json-single-quotes",
            "The parameter data is not JSON: it has single quotes, as the text of a Python or JavaScript object has.",
            "Write it with a JSON library.",
        ),
    ),
    "percent-encoded": (
        quote(TEXT),
        ("json-encoded-twice", "The parameter data is not JSON: it is percent-encoded twice.", "Percent-encode the form once."),
    ),
    "Base64": (
        base64.b64encode(TEXT.encode()).decode(),
        ("json-base64", "The parameter data is not JSON: it is in Base64.", "Send the JSON text itself."),
    ),
    "HTML": (
        TEXT.replace('"', "&quot;"),
        ("json-html", "The parameter data is not JSON: its quotes are written for HTML (&quot;).", "Do not escape it for HTML."),
    ),
    "backslashes": (
        TEXT.replace('"', '\\"'),
        ("json-slashes", "The parameter data is not JSON: its quotes are escaped with backslashes.", "Do not escape the JSON text again."),
    ),
    "typographic quotes": (
        "{“consent”: “Yes”}",
        ("json-typographic", "The parameter data is not JSON: it has typographic quotes.", 'Write straight double quotes (").'),
    ),
    "a line break in a string": (
        '{"consent":"Yes\n"}',
        (
            "json-control-characters",
            "The parameter data is not JSON: it has line breaks or other control characters within a string.",
            "Write them as \\n, \\t and so on.",
        ),
    ),
    "JSON twice": (
        json.dumps(TEXT),
        ("json-twice", "The parameter data is JSON within a JSON string.", "Write it as JSON once, not twice."),
    ),
    "a list": ("[]", ("json-not-object", "The parameter data is an array, not a JSON object.", "Send a JSON object: {…}.")),
    "a number": ("7", ("json-not-object", "The parameter data is a number, not a JSON object.", "Send a JSON object: {…}.")),
    "cut off": ('{"consent":"Yes"', ("json-cut-off", "The parameter data ends before its JSON does.", WHOLE)),
    "deep": (
        '{"a":' + "[" * 300 + "]" * 300 + "}",
        (
            "json-unreadable",
            "The parameter data is JSON, but the server cannot read it: nested too deeply.",
            "Nest it less deeply.",
        ),
    ),
    "NaN": (
        '{"a": NaN}',
        ("json-literals", "The parameter data is not JSON: it has True, False, None, NaN or undefined.", "Write true, false and null."),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DATA)
def test_why_data_is_not_an_object(case: str) -> None:
    text, expected = DATA[case]
    office = PipelineHarness()
    assert error(office.post("/verify/", text))["error"] == 107
    evidence: dict[str, Any] = office.entry().evidence or {}
    assert (evidence["check"], evidence["explanation"], evidence["remedy"]) == expected


def test_a_form_that_was_read_is_not_blamed() -> None:
    office = PipelineHarness()
    office.pipeline.handle(sent(f"key={quote_plus('nobody <at> home')}".encode()))
    assert (office.entry().evidence or {}) == {
        "check": "key",
        "received": "nobody <at> home",
        "remedy": "no account has this key; use the default account's, any test-… name, or declare the account",
    }
