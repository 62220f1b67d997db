"""Bodies that could not be read: what the refusal's evidence names as the cause and as the remedy."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping

import pytest

from tests.providers.shuftipro.harness import ShuftiHarness, json_of

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
TEXT = '{"reference": "body-0001", "country": "NZ", "email": "Tāmihana@example.test"}'
PARTS = b'--b\r\nContent-Disposition: form-data; name="country"\r\n\r\nNZ\r\n--b--\r\n'
SEND_JSON = "Send JSON with Content-Type: application/json."
SEND_OBJECT = "Send a JSON object: {…}."
UNPACKED = "Send the body as it is, without Content-Encoding."
LET_THE_CLIENT = (
    "Do not set the Content-Type of a multipart body yourself: the HTTP client adds the boundary."
)
WHOLE = "Write it with a JSON library, and send it whole."

Sent = tuple[str | Mapping[str, str], bytes]
"""Content-Type, or header fields, and body."""
CASES: dict[str, tuple[Sent, tuple[str, str, str]]] = {
    "empty": ((JSON, b""), ("body-empty", "The body is empty.", SEND_JSON)),
    "blanks": ((JSON, b"  \r\n"), ("body-empty", "The body is empty.", SEND_JSON)),
    "gzip": (
        ({"content-type": JSON, "content-encoding": "gzip"}, gzip.compress(TEXT.encode())),
        ("body-compressed", "The body is compressed: it has Content-Encoding: gzip. The server does not unpack it.", UNPACKED),
    ),
    "gzip without a header field": (
        (JSON, gzip.compress(TEXT.encode())),
        ("body-compressed", "The body is compressed: it begins as gzip does. The server does not unpack it.", UNPACKED),
    ),
    "deflate": (
        (JSON, zlib.compress(TEXT.encode())),
        ("body-compressed", "The body is compressed: it begins as deflate does. The server does not unpack it.", UNPACKED),
    ),
    "brotli": (
        ({"content-type": JSON, "content-encoding": "BR"}, b"\x8b\x02\x80{}\x03"),
        ("body-compressed", "The body is compressed: it has Content-Encoding: br. The server does not unpack it.", UNPACKED),
    ),
    "zstd": (
        (JSON, b"\x28\xb5\x2f\xfd\x04\x00\x11\x00\x00"),
        ("body-compressed", "The body is compressed: it begins as zstd does. The server does not unpack it.", UNPACKED),
    ),
    "byte order mark": (
        (JSON, TEXT.encode("utf-8-sig")),
        (
            "byte-order-mark",
            "The body begins with a byte order mark (EF BB BF).",
            "Write UTF-8 without a byte order mark; in .NET with new UTF8Encoding(false).",
        ),
    ),
    **{
        name: (
            (f"{JSON}; charset=utf-16", TEXT.encode(name)),
            ("body-utf-16", "The body is in UTF-16 or UTF-32.", "Encode the body in UTF-8, without a byte order mark."),
        )
        for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
    },
    "Latin-1": (
        (JSON, TEXT.replace("ā", "é").encode("latin-1")),
        ("body-not-utf-8", "The body is not UTF-8: byte 0xE9 at position 55 is not valid.", "Encode the body in UTF-8."),
    ),
    "an array": ((JSON, b"[1,2]"), ("json-not-object", "The body is an array, not a JSON object.", SEND_OBJECT)),
    "a string": ((JSON, b'"text"'), ("json-not-object", "The body is a string, not a JSON object.", SEND_OBJECT)),
    "null": ((JSON, b"null"), ("json-not-object", "The body is null, not a JSON object.", SEND_OBJECT)),
    "JSON twice": (
        (JSON, json.dumps(TEXT).encode()),
        ("json-twice", "The body is JSON within a JSON string.", "Write it as JSON once, not twice."),
    ),
    "a Python object": (
        (JSON, str({"reference": "body-0001", "email": "O'Connor", "flag": True}).encode()),
        (
            "json-single-quotes",
            "The body is not JSON: it has single quotes, as the text of a Python or JavaScript object has; it has True, False, None, "
            "NaN or undefined.",
            "Write it with a JSON library. Write true, false and null.",
        ),
    ),
    "a comma too many": (
        (JSON, b'{"reference": "body-0001", }'),
        ("json-trailing-comma", "The body is not JSON: it has a comma before a closing bracket.", "Leave that comma out."),
    ),
    "names without quotes": (
        (JSON, b'{reference: "body: 0001"}'),
        ("json-bare-names", "The body is not JSON: it has names without quotes.", "Put each name in double quotes."),
    ),
    "comments": (
        (JSON, b'{"reference": "http://body" /* ours */} // end'),
        ("json-comments", "The body is not JSON: it has comments.", "Leave comments out."),
    ),
    "an object of JavaScript": (
        (JSON, b"[object Object]"),
        ("json-object-text", "The body is '[object Object]', the text of a JavaScript object.", "Write it with JSON.stringify."),
    ),
    "cut off": ((JSON, b'{"reference":'), ("json-cut-off", "The body ends before its JSON does.", WHOLE)),
    "cut off in a string": ((JSON, b'{"reference": "bo'), ("json-cut-off", "The body ends before its JSON does.", WHOLE)),
    "two objects": (
        (JSON, b'{"a": 1}{"b": 2}'),
        ("json-malformed", "The body is not JSON: something follows its end (line 1 column 9).", WHOLE),
    ),
    "a number beyond all bounds": (
        (JSON, b'{"reference": 1e400}'),
        (
            "json-unreadable",
            "The body is JSON, but the server cannot read it: Number out of range - at `$[...]`.",
            "Send another value there.",
        ),
    ),
    "deep": (
        (JSON, b'{"a":' + b"[" * 600 + b"]" * 600 + b"}"),
        (
            "json-unreadable",
            "The body is JSON, but the server cannot read it: it is nested deeper than 512 levels.",
            "Nest it less deeply.",
        ),
    ),
    "a form that says it is JSON": (
        (JSON, b"reference=body-0001&country=NZ"),
        (
            "content-type-differs",
            "The body looks like application/x-www-form-urlencoded, but the Content-Type is application/json.",
            "Send Content-Type: application/x-www-form-urlencoded.",
        ),
    ),
    "multipart that says it is JSON": (
        (JSON, PARTS),
        (
            "content-type-differs",
            "The body looks like multipart/form-data, but the Content-Type is application/json.",
            "Send Content-Type: multipart/form-data with the boundary; HTTP clients set it if you do not.",
        ),
    ),
    "multipart that says it is a form": (
        (FORM, PARTS),
        (
            "content-type-differs",
            "The body looks like multipart/form-data, but the Content-Type is application/x-www-form-urlencoded.",
            "Send Content-Type: multipart/form-data with the boundary; HTTP clients set it if you do not.",
        ),
    ),
    "multipart that says nothing": (
        ("", PARTS),
        (
            "content-type-differs",
            "The body looks like multipart/form-data, but the Content-Type is missing.",
            "Send Content-Type: multipart/form-data with the boundary; HTTP clients set it if you do not.",
        ),
    ),
    "a form that says it is multipart": (
        (f"{MULTIPART}; boundary=b", b"reference=body-0001"),
        ("boundary-wrong", "The Content-Type has the boundary 'b', but the body has no such delimiter.", LET_THE_CLIENT),
    ),
    "XML": (
        (JSON, b"<reference/>"),
        ("content-type-differs", "The body looks like XML, but the Content-Type is application/json.", SEND_JSON),
    ),
    "text": (("text/plain", b"body 0001"), ("content-type", "The Content-Type is text/plain.", SEND_JSON)),
    "no type": (("", b"body 0001"), ("content-type", "The Content-Type is missing.", SEND_JSON)),
    "no boundary": ((MULTIPART, PARTS), ("boundary-missing", "The Content-Type multipart/form-data has no boundary.", LET_THE_CLIENT)),
    "another boundary": (
        (f"{MULTIPART}; boundary=xyz", PARTS),
        ("boundary-wrong", "The Content-Type has the boundary 'xyz', but the body is divided by 'b'.", LET_THE_CLIENT),
    ),
    "line feeds": (
        (f"{MULTIPART}; boundary=b", PARTS.replace(b"\r\n", b"\n")),
        (
            "multipart-line-feeds",
            "The lines of the multipart body end with LF alone.",
            "End the delimiters and the header lines of a multipart body with CRLF.",
        ),
    ),
    "multipart cut off": (
        (f"{MULTIPART}; boundary=b", PARTS[:-8]),
        (
            "multipart-cut-off",
            "The body ends before its last delimiter, --b--.",
            "End the body with two hyphens, the boundary, and two hyphens, and count all of it into Content-Length.",
        ),
    ),
    "a part without a name": (
        (f"{MULTIPART}; boundary=b", PARTS.replace(b'; name="country"', b"")),
        (
            "part-without-name",
            "The header has no readable name in part 1.",
            'Begin each part with Content-Disposition: form-data; name="…" and an empty line before its content.',
        ),
    ),
    "no parts": (
        (f"{MULTIPART}; boundary=b", b"--b--\r\n"),
        ("multipart-empty", "The multipart body has no parts.", "Send each parameter as a part."),
    ),
    "parts without number": (
        (f"{MULTIPART}; boundary=b", b"".join([PARTS[:-7].replace(b"country", b"a%d" % number) for number in range(1001)]) + b"--b--\r\n"),
        ("multipart-parts", "The body has more than 999 parts.", "Send fewer parts."),
    ),
    "fields without number": (
        (FORM, b"&".join(b"a%d=1" % number for number in range(1001))),
        ("form-fields", "The form has more than 1000 fields, and PHP reads none of them.", "Send JSON, or fewer fields."),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_why_the_reference_is_missing(case: str) -> None:
    (fields, body), expected = CASES[case]
    shop = ShuftiHarness()
    response = shop.send(
        "POST", "/", body, headers={"content-type": fields} if isinstance(fields, str) else fields
    )
    assert json_of(response)["error"] == {
        "service": "",
        "key": "reference",
        "message": "The reference field is required.",
    }
    evidence = shop.entry().evidence or {}
    assert (evidence["check"], evidence["explanation"], evidence["remedy"]) == expected


READ: dict[str, Sent] = {
    "JSON": (JSON, b'{"country": "NZ"}'),
    "JSON as text": ("text/plain", b'{"country": "NZ"}'),
    "JSON with a wrong Content-Encoding": (
        {"content-type": JSON, "content-encoding": "utf-8"},
        b'{"country": "NZ"}',
    ),
    "JSON that is not compressed": ({"content-type": JSON, "content-encoding": "gzip"}, b'{"country": "NZ"}'),
    "a form": (FORM, b"country=NZ"),
    "a form as text": ("text/plain", b"country=NZ"),
    "multipart": (f"{MULTIPART}; boundary=b", PARTS),
}


@pytest.mark.parametrize("case", READ)
def test_nothing_is_wrong_with_a_body_that_was_read(case: str) -> None:
    fields, body = READ[case]
    shop = ShuftiHarness()
    shop.send("POST", "/", body, headers={"content-type": fields} if isinstance(fields, str) else fields)
    assert (shop.entry().error, shop.entry().evidence) == ("request.invalid", None)


def test_a_status_of_a_body_that_cannot_be_read() -> None:
    shop = ShuftiHarness()
    shop.send("POST", "/status", b"{'reference': 'body-0001'}")
    assert (shop.entry().evidence or {})["check"] == "json-single-quotes"
