"""What is signed wrongly, by whom, and how: messages as they are sent, and the jobs of each language's program.

A job names the mistake that it makes. Operations are the program's own functions; the rest of a signature is said in the job."""

# ruff: noqa: E501  the tables are easier to read unbroken

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

FROZEN = "1700000000000"
KEY, SECRET = "MockKey0NotReal1", "mock-secret-not-real-0123456789ab"
CLIENT_ID, SECRET_KEY = "mock-client", "mock-secret-QvT7dR2mZk4Lw9Xb"
ACCOUNTS = {
    "acme": {
        "cloudcheck": {"key": "AcmeKey", "secret": "acme-secret"},
        "shuftipro": {"client_id": "acme", "secret_key": "acme-shufti"},
    }
}
FORM, BODY = "cloudcheck", "shuftipro"


def _php(value: Any) -> str:
    """As PHP's ``json_encode`` writes what is here."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").replace("{}", "[]")


PERSON = {
    "details": {
        "name": {"given": "Tāmihana", "middle": "D'Arcy & Sons <b>", "family": 'Ngā-Puhi "O\'Connor"'},
        "dateofbirth": "1987-03-14",
        "address": {"suburb": "Ōtāhuhu", "street": "12/34 B + C Street = end", "postcode": "1062"},
    },
    "reference": "order/7 🥝",
    "consent": "Yes",
}
NUMBERS = (
    '{"reference":"sum-1","consent":"Yes","details":{"name":{"given":"Zoë","family":"Ōtene & Co"},"income":1500.00,"share":0.10,'
    '"rate":1e21,"number":12345678901234567890,"flags":[true,null,1.0]},"extra":{}}'
)
DATA = {
    "raw": json.dumps(PERSON, ensure_ascii=False, separators=(",", ":")),
    "php": _php(PERSON),
    "spaced": json.dumps(PERSON, ensure_ascii=False),
    "numbers": NUMBERS,
    "windows": json.dumps(PERSON, ensure_ascii=False, indent=2).replace("\n", "\r\n") + "\r\n",
}
RESULT = {
    "reference": "order-7/2 Māia",
    "event": "verification.accepted",
    "email": "zoe+test@example.test",
    "country": "NZ",
    "verification_url": "https://app.shuftipro.com/verification/process/Zq8mT0vK2xLwB5nRy7HdJc4PfGu1SaEo",
    "verification_data": {
        "document": {"name": {"first_name": "Zoë", "last_name": "Ngā-Puhi O'Connor"}, "dob": "1988-02-29"}
    },
    "verification_result": {"document": {"document": 1, "name": 1}, "face": None},
    "info": {"agent": {"useragent": "Mozilla/5.0 (X11) <\"&'> 🦊", "is_desktop": True}},
}
HITS = {
    "reference": "aml 1",
    "event": "verification.declined",
    "declined_reason": "AML screening failed.",
    "verification_data": {
        "background_checks": {
            "aml_data": {
                "hits": [{"name": "Côté Κων", "score": 0.91, "rank": 3, "alias": ["李"]}],
                "filters": [],
            }
        }
    },
}
BODIES = {
    "result": _php(RESULT),
    "hits": _php(HITS),
    "pending": _php({"reference": "p/1", "event": "request.pending", "url": "https://a.test/ā?b=1&c=2"}),
}


class Job(NamedTuple):
    """One signature to make."""

    language: str
    library: str
    """What makes the mistake; as the table of the doctor calls it, where it writes JSON."""
    vendor: str
    mistakes: tuple[str, ...]
    message: str
    """A key of `DATA` or `BODIES`; ``get``: a request without JSON."""
    options: Mapping[str, Any]

    def as_json(self, number: int) -> dict[str, Any]:
        """As the program reads it."""
        options = {name: value for name, value in self.options.items() if name != "client"}
        job: dict[str, Any] = {"id": number, "texts": [], "charset": "utf-8", "digest": "hex", "form": None}
        if self.vendor == FORM:
            job |= {"text": DATA.get(self.message, ""), "secret": SECRET, "key": "as-is", "mac": "hmac"}
            job["form"] = {
                **_FORM,
                "path": self.path,
                "fields": self.fields(number),
                **options.pop("form", {}),
            }
            if "client" in self.options:
                job["upload"] = self.upload(number, "")["file"]
        else:
            job |= {"text": BODIES[self.message], "secret": SECRET_KEY, "key": "sha256", "mac": "append"}
        return {**job, **options}

    @property
    def path(self) -> str:
        if self.options.get("client"):
            return UPLOAD
        return "/live/response/" if self.message == "get" else "/verify/"

    def upload(self, number: int, signature: str) -> dict[str, Any]:
        """What an HTTP client of ``tests/corpora/wire`` is to send: the fields, and a picture as the file part."""
        picture = {"name": "file", "filename": FILE, "type": "image/png", "base64": PICTURE}
        fields = [*self.fields(number), ["signature", signature]]
        return {"case": "multipart", "method": "POST", "path": UPLOAD, "fields": fields, "file": picture}

    def fields(self, number: int) -> list[list[str]]:
        """In the order in which they are sent."""
        usual = [["key", KEY], ["nonce", f"n {number}+/="], ["timestamp", FROZEN]]
        more = (
            [["captureReference", "c/1"], ["Username", "Hēmi & Mere + co"]]
            if self.message == "get"
            else [["username", 'mia "tēst" <a>']]
        )
        return [*usual, *([["data", DATA[self.message]]] if self.message in DATA else []), *more]


_FORM = {"lead": "", "equals": "=", "between": ";", "last": ";", "sorted": True, "values": "plain"}

WRITERS: Mapping[str, Sequence[tuple[str, str]]] = {
    "Python": (
        ("json.dumps", "json.dumps"),
        ("json.dumps compact", "json.dumps"),
        ("json.dumps sorted", "json.dumps"),
        ("json.dumps with ensure_ascii=False", "json.dumps with ensure_ascii=False"),
        ("json.dumps with ensure_ascii=False compact", "json.dumps with ensure_ascii=False"),
        ("json.dumps indented", "json.dumps"),
    ),
    "PHP": (
        ("json_encode", "json_encode"),
        ("json_encode of objects", "json_encode of objects"),
        ("JSON_UNESCAPED_SLASHES", "JSON_UNESCAPED_SLASHES"),
        ("JSON_UNESCAPED_UNICODE", "JSON_UNESCAPED_UNICODE"),
        ("JSON_UNESCAPED_SLASHES|JSON_UNESCAPED_UNICODE", "JSON_UNESCAPED_SLASHES|JSON_UNESCAPED_UNICODE"),
        ("JSON_PRETTY_PRINT", "json_encode"),
        ("JSON_PRESERVE_ZERO_FRACTION", "JSON_PRESERVE_ZERO_FRACTION"),
        ("Symfony's JsonResponse", "Symfony's JsonResponse"),
        ("ksort", "json_encode"),
    ),
    "JavaScript": (
        ("JSON.stringify", "JSON.stringify"),
        ("JSON.stringify indented", "JSON.stringify"),
        ("JSON.stringify tab", "JSON.stringify"),
        ("JSON.stringify sorted", "JSON.stringify"),
        ("JSON.stringify listed", "JSON.stringify"),
    ),
    "Go": (
        ("encoding/json", "encoding/json"),
        ("encoding/json RawMessage", "encoding/json"),
        ("encoding/json with json.Number", "encoding/json with json.Number"),
        ("encoding/json Encoder", "encoding/json"),
        ("encoding/json with SetEscapeHTML(false)", "encoding/json with SetEscapeHTML(false)"),
        ("encoding/json MarshalIndent", "encoding/json"),
        ("encoding/json tab", "encoding/json"),
    ),
    "Java": (
        ("Jackson", "Jackson"),
        ("Jackson sorted", "Jackson"),
        ("Jackson pretty", "Jackson"),
        ("Jackson with ESCAPE_NON_ASCII", "Jackson with ESCAPE_NON_ASCII"),
        ("Gson of a JsonElement", "Gson of a JsonElement"),
        ("Gson of a Map", "Gson of a Map"),
        ("Gson with disableHtmlEscaping", "Gson with disableHtmlEscaping"),
        ("Gson pretty", "Gson"),
        ("org.json", "org.json"),
    ),
    "Rust": (("serde_json", "serde_json"), ("serde_json pretty", "serde_json")),
    "Ruby": (
        ("JSON.generate", "JSON.generate"),
        ("JSON.generate sorted", "JSON.generate"),
        ("JSON.pretty_generate", "JSON.generate"),
        ("JSON.generate with ascii_only", "JSON.generate with ascii_only"),
        ("ActiveSupport to_json", "ActiveSupport to_json"),
    ),
    "C#": (
        ("System.Text.Json", "System.Text.Json"),
        ("System.Text.Json indented", "System.Text.Json"),
        (
            "System.Text.Json with UnsafeRelaxedJsonEscaping",
            "System.Text.Json with UnsafeRelaxedJsonEscaping",
        ),
        ("Newtonsoft.Json", "Newtonsoft.Json"),
        ("Newtonsoft.Json indented", "Newtonsoft.Json"),
        ("Newtonsoft.Json with EscapeHtml", "Newtonsoft.Json with EscapeHtml"),
        ("Newtonsoft.Json with EscapeNonAscii", "Newtonsoft.Json with EscapeNonAscii"),
    ),
}
"""Language → operation, and the library's name in the table of the doctor."""

TEXTS: Mapping[str, Mapping[str, str]] = {
    "Python": {
        "print": "text-ended", "strip": "text-trimmed", "str": "data-stringified", "html.escape": "html-escaped", "quote": "document-encoded",
        "NFD": "unicode-normalised", "dumps twice": "json-in-a-string", "b64encode": "document-base64", "lower": "document-letter-case",
        "bom": "byte-order-mark", "urlencode": "document-as-form",
    },
    "PHP": {
        "htmlspecialchars": "html-escaped", "htmlentities": "html-escaped", "addslashes": "backslashes", "stripslashes": "backslashes",
        "rawurlencode": "document-encoded", "trim": "text-trimmed", "PHP_EOL": "text-ended", "http_build_query": "document-as-form",
        "json_encode twice": "json-in-a-string", "Array": "data-stringified", "empty": "text-missing", "base64_encode": "document-base64",
        "strtolower": "document-letter-case",
    },
    "JavaScript": {
        "JSON.stringify twice": "json-in-a-string", "String": "data-stringified", "encodeURIComponent": "document-encoded", "trim": "text-trimmed",
        "EOL": "text-ended", "normalize": "unicode-normalised", "escapeHtml": "html-escaped", "URLSearchParams": "document-as-form",
        "empty body": "text-missing", "undefined": "data-stringified", "btoa": "document-base64",
    },
    "Go": {
        "%v": "data-stringified", "Marshal twice": "json-in-a-string", "html.EscapeString": "html-escaped", "url.QueryEscape": "document-encoded",
        "strings.TrimSpace": "text-trimmed", "Println": "text-ended", "base64": "document-base64", "empty": "text-missing",
        "strings.ToLower": "document-letter-case",
    },
    "Java": {
        "Map.toString": "data-stringified", "writeValueAsString twice": "json-in-a-string", "URLEncoder": "document-encoded", "trim": "text-trimmed",
        "println": "text-ended", "Normalizer": "unicode-normalised", "Base64": "document-base64", "null": "data-stringified",
        "toLowerCase": "document-letter-case",
    },
    "Rust": {
        "to_string twice": "json-in-a-string", "trim": "text-trimmed", "println": "text-ended", "byte_serialize": "document-encoded",
        "to_lowercase": "document-letter-case", "default": "text-missing", "base64": "document-base64",
    },
    "Ruby": {
        "inspect": "data-stringified", "to_json twice": "json-in-a-string", "CGI.escape": "document-encoded", "html_escape": "html-escaped",
        "strip": "text-trimmed", "puts": "text-ended", "unicode_normalize": "unicode-normalised", "strict_encode64": "document-base64",
        "nil": "text-missing", "downcase": "document-letter-case",
    },
    "C#": {
        "HttpUtility.UrlEncode": "document-encoded", "Trim": "text-trimmed", "Environment.NewLine": "text-ended", "UTF8Encoding(true)": "byte-order-mark",
        "ToBase64String": "document-base64", "ToLowerInvariant": "document-letter-case", "HtmlEncode": "html-escaped",
    },
}  # fmt: skip
"""Language → operation → mistake."""
CHARSETS: Mapping[str, Mapping[str, str]] = {
    "Python": {"ascii": "charset-ascii", "utf-16": "charset-utf-16", "mojibake": "mojibake"},
    "PHP": {"mojibake": "mojibake", "utf-16": "charset-utf-16"},
    "JavaScript": {"latin-1": "charset-latin-1", "utf-16": "charset-utf-16"},
    "Go": {"utf-16": "charset-utf-16", "low": "charset-latin-1"},
    "Java": {"ascii": "charset-ascii", "utf-16": "charset-utf-16"},
    "Rust": {"utf-16": "charset-utf-16", "low": "charset-latin-1"},
    "Ruby": {"utf-16": "charset-utf-16", "ascii": "charset-ascii"},
    "C#": {"ascii": "charset-ascii", "utf-16": "charset-utf-16"},
}
KEYS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Python": {"sha256": ("secret-hashed", ""), "as-is": ("", "wrong-scheme"), "digest": ("", "secret-hashed"), "b64": ("secret-transformed", "")},
    "PHP": {
        "sha256": ("secret-hashed", ""), "as-is": ("", "wrong-scheme"), "sha256 upper": ("", "secret-hashed"), "raw": ("", "secret-hashed"),
        "twice": ("", "secret-hashed"), "md5": ("secret-hashed", "secret-hashed"),
    },
    "JavaScript": {"sha256": ("secret-hashed", ""), "as-is": ("", "wrong-scheme"), "hex": ("secret-transformed", "")},
    "Go": {"sha256": ("secret-hashed", ""), "as-is": ("", "wrong-scheme")},
    "Java": {"sha256": ("secret-hashed", ""), "as-is": ("", "wrong-scheme"), "bytes": ("secret-hashed", "secret-hashed")},
    "Rust": {"as-is": ("", "wrong-scheme"), "bytes": ("secret-hashed", "secret-hashed")},
    "Ruby": {"sha256": ("secret-hashed", ""), "as-is": ("", "wrong-scheme")},
    "C#": {"as-is": ("", "wrong-scheme")},
}  # fmt: skip
"""Language → operation → mistake in a request's signature, in a callback's; empty: none, or it is right."""
MACS: Mapping[str, tuple[str, str]] = {
    "hmac": ("", "hmac"),
    "hmac-sha1": ("other-hash", "hmac"),
    "hmac-md5": ("other-hash", "hmac"),
    "hmac-sha512": ("other-hash", "hmac"),
    "append": ("plain-hash", ""),
    "prepend": ("plain-hash", "secret-misplaced"),
    "colon": ("plain-hash", "secret-misplaced"),
    "bare": ("plain-hash", "secret-missing"),
    "append-sha512": ("", "other-hash"),
    "append-sha3": ("", "other-hash"),
    "append-md5": ("", "other-hash"),
    "append-sha1": ("", "other-hash"),
    "swapped": ("hmac-arguments-swapped", "hmac-arguments-swapped"),
    "hash first": ("hashed-before", ""),
}
HAS: Mapping[str, Sequence[str]] = {
    "Python": (
        "hmac",
        "hmac-sha1",
        "hmac-md5",
        "hmac-sha512",
        "append",
        "prepend",
        "colon",
        "bare",
        "append-sha512",
        "append-sha3",
        "swapped",
    ),
    "PHP": (
        "hmac",
        "hmac-sha1",
        "hmac-md5",
        "append",
        "prepend",
        "bare",
        "append-md5",
        "append-sha1",
        "swapped",
        "hash first",
    ),
    "JavaScript": ("hmac", "hmac-sha1", "hmac-sha512", "append", "prepend", "bare", "swapped"),
    "Go": (
        "hmac",
        "hmac-sha1",
        "hmac-sha512",
        "append",
        "prepend",
        "bare",
        "append-sha512",
        "append-sha1",
        "swapped",
    ),
    "Java": ("hmac", "hmac-sha1", "hmac-sha512", "append", "prepend", "bare", "append-sha512", "swapped"),
    "Rust": ("hmac", "hmac-sha512", "append", "prepend", "bare", "append-sha512", "swapped"),
    "Ruby": ("hmac", "hmac-sha1", "append", "prepend", "bare", "append-md5", "swapped"),
    "C#": ("hmac", "append", "prepend", "bare"),
}
DIGESTS: Mapping[str, Mapping[str, str]] = {
    "Python": {
        "upper": "upper-case", "base64": "base64", "urlsafe": "base64", "base64 of hex": "hex-of-hex", "str": "digest-printed",
        "prefixed": "digest-padded", "cut": "digest-cut", "bare hex": "zeros-missing",
    },
    "PHP": {"upper": "upper-case", "base64": "base64", "base64 of hex": "hex-of-hex", "hex of hex": "hex-of-hex"},
    "JavaScript": {
        "upper": "upper-case", "base64": "base64", "base64url": "base64", "inspect": "digest-printed", "numbers": "digest-printed",
        "unpadded": "zeros-missing", "promise": "digest-is-a-word",
    },
    "Go": {"%X": "upper-case", "base64": "base64", "rawurl": "base64", "%v": "digest-printed", "%x of hex": "hex-of-hex", "unpadded": "zeros-missing"},
    "Java": {
        "upper": "upper-case", "base64": "base64", "BigInteger": "zeros-missing", "toHexString": "zeros-missing", "signed": "zeros-missing",
        "Arrays.toString": "digest-printed", "toString": "digest-is-a-word",
    },
    "Rust": {"upper": "upper-case", "base64": "base64", "{:?}": "digest-printed", "unpadded": "zeros-missing", "hex of hex": "hex-of-hex"},
    "Ruby": {"upper": "upper-case", "encode64": "base64", "strict": "base64", "urlsafe": "base64", "bytes": "digest-printed"},
    "C#": {"BitConverter": "digest-padded upper-case", "ToBase64String": "base64", "ToHexString": "upper-case"},
}  # fmt: skip
SECRETS: Mapping[str, tuple[str, str]] = {
    "secret-padded": (f"{SECRET}\n", f"{SECRET_KEY}\n"),
    "other-secret": ("acme-secret", SECRET),
    "id-for-secret": (KEY, CLIENT_ID),
    "secret-absent": ("undefined", ""),
    "placeholder-for-secret": ("${CLOUDCHECK_SECRET}", "{{ SHUFTIPRO_SECRET_KEY }}"),
    "secret-transformed": (SECRET.upper(), SECRET_KEY.upper()),
}
"""Mistake → what is used for a request, for a callback."""
FORMS: Sequence[tuple[str, str, Mapping[str, Any]]] = (
    ("last-semicolon-missing", "raw", {"last": ""}),
    ("trailing-slash-missing", "numbers", {"path": "/verify"}),
    ("full-url", "php", {"path": "https://api.cloudcheck.co.nz/verify/"}),
    ("method-included", "spaced", {"path": "POST /verify/"}),
    ("path-incomplete", "raw", {"path": ""}),
    ("ampersand-joins", "php", {"between": "&", "last": ""}),
    ("other-joins", "raw", {"between": "\n", "last": ""}),
    ("values-encoded", "raw", {"values": "encoded"}),
    ("unsorted", "numbers", {"sorted": False}),
    ("unsorted", "get", {"sorted": False}),
    ("last-semicolon-missing", "get", {"last": "", "path": "/live/response/"}),
    ("values-encoded", "get", {"values": "encoded", "path": "/live/response/"}),
)
PAIRS: Sequence[tuple[tuple[str, ...], str, Mapping[str, Any]]] = (
    (("last-semicolon-missing", "trailing-slash-missing"), FORM, {"form": {"last": "", "path": "/verify"}}),
    (("secret-padded", "unsorted"), FORM, {"form": {"sorted": False}, "secret": f"{SECRET}\n"}),
    (
        ("ampersand-joins", "full-url"),
        FORM,
        {"form": {"between": "&", "last": "", "path": "https://api.cloudcheck.co.nz/verify/"}},
    ),
    (("secret-padded", "wrong-scheme"), BODY, {"key": "as-is", "secret": f"{SECRET_KEY}\n"}),
    (("secret-misplaced", "wrong-scheme"), BODY, {"key": "as-is", "mac": "prepend"}),
)


UPLOAD, FILE = "/doc/runcheck/", "rīwai.png"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
"""One pixel, as PNG in Base64."""
CLIENTS: Mapping[str, Sequence[str]] = {
    "Python": ("requests", "httpx"),
    "JavaScript": ("fetch", "axios"),
    "PHP": ("php-curl", "guzzle"),
    "Go": ("go",),
    "Java": ("okhttp", "apache-httpclient5"),
}
"""Language → the clients of ``tests/corpora/wire`` that send its uploads."""
FILES: Mapping[str, Sequence[str]] = {
    "Python": ("name", "str", "content"),
    "JavaScript": ("name", "String", "content"),
    "PHP": ("name", "@", "content"),
    "Go": ("name", "content"),
    "Java": ("name", "content"),
}
"""Language → what it makes of the file where that is signed as a parameter."""
UPLOADS: Sequence[tuple[tuple[str, ...], Mapping[str, Any]]] = (
    (("last-semicolon-missing",), {"form": {"last": ""}}),
    (("trailing-slash-missing",), {"form": {"path": "/doc/runcheck"}}),
    (("unsorted",), {"form": {"sorted": False}}),
    (("values-encoded",), {"form": {"values": "encoded"}}),
    (("secret-padded",), {"secret": f"{SECRET}\n"}),
    (("full-url",), {"form": {"path": "https://api.cloudcheck.co.nz/doc/runcheck/"}}),
    (("last-semicolon-missing", "secret-padded"), {"form": {"last": ""}, "secret": f"{SECRET}\n"}),
)


def jobs() -> Iterator[Job]:
    """All, in a fixed order. Those whose signature comes out right make no mistake with their message and are dropped later."""
    for language in WRITERS:
        yield from _texts(language)
        yield from _constructions(language)
        yield from _requests(language)
    for language in CLIENTS:
        yield from _uploads(language)


def _uploads(language: str) -> Iterator[Job]:
    """Multipart forms with a file. Each client in turn makes each mistake."""
    clients, data = CLIENTS[language], ("raw", "numbers")
    wrong: list[tuple[tuple[str, ...], Mapping[str, Any]]] = [*UPLOADS]
    wrong += [(("file-signed",), {"form": {"file": op}}) for op in FILES[language]]
    op, _ = WRITERS[language][0]
    wrong.append((("json-rewritten",), {"texts": [op]}))
    for place, (mistakes, options) in enumerate(wrong):
        for client in clients:
            yield Job(language, client, FORM, mistakes, data[place % 2], {**options, "client": client})


def _texts(language: str) -> Iterator[Job]:
    data, bodies = [name for name in DATA if name != "windows"], [*BODIES]
    for place, (op, library) in enumerate(WRITERS[language]):
        for message in (data[place % len(data)], data[(place + 3) % len(data)]):
            yield Job(language, library, FORM, ("json-rewritten",), message, {"texts": [op]})
        for message in (bodies[place % len(bodies)], bodies[(place + 1) % len(bodies)]):
            yield Job(language, library, BODY, ("json-rewritten",), message, {"texts": [op]})
    for op, library in WRITERS[language][-2:]:
        yield Job(
            language,
            library,
            BODY,
            ("json-rewritten", "wrong-scheme"),
            "result",
            {"texts": [op], "key": "as-is"},
        )
        options = {"texts": [op], "form": {"last": ""}}
        yield Job(language, library, FORM, ("json-rewritten", "last-semicolon-missing"), "php", options)
    for place, (op, mistake) in enumerate(TEXTS[language].items()):
        message = "windows" if mistake == "text-trimmed" else data[place % len(data)]
        of_form = "values-encoded" if mistake == "document-encoded" else mistake
        yield Job(language, op, FORM, (of_form,), message, {"texts": [op]})
        yield Job(language, op, BODY, (mistake,), bodies[place % len(bodies)], {"texts": [op]})


def _constructions(language: str) -> Iterator[Job]:
    data, bodies = [*DATA], [*BODIES]
    for charset, mistake in CHARSETS[language].items():
        yield Job(language, charset, FORM, (mistake,), "raw", {"charset": charset})
    for key, (of_form, of_body) in KEYS[language].items():
        if of_form:
            yield Job(language, key, FORM, (of_form,), "raw", {"key": key})
        if of_body:
            yield Job(language, key, BODY, (of_body,), "hits", {"key": key})
    for place, mac in enumerate(HAS[language]):
        of_form, of_body = MACS[mac]
        if of_form:
            yield Job(language, mac, FORM, (of_form,), data[place % len(data)], {"mac": mac})
        if of_body:
            yield Job(language, mac, BODY, (of_body,), bodies[place % len(bodies)], {"mac": mac})
    for place, (digest, mistake) in enumerate(DIGESTS[language].items()):
        for vendor, messages in ((FORM, data), (BODY, bodies)):
            mistakes = tuple(name for name in mistake.split() if vendor == BODY or name != "upper-case")
            if mistakes:
                yield Job(
                    language, digest, vendor, mistakes, messages[place % len(messages)], {"digest": digest}
                )


def _requests(language: str) -> Iterator[Job]:
    for mistake, (of_form, of_body) in SECRETS.items():
        yield Job(language, "configuration", FORM, (mistake,), "numbers", {"secret": of_form})
        yield Job(language, "configuration", BODY, (mistake,), "result", {"secret": of_body})
    for mistake, message, form in FORMS:
        yield Job(language, "the request", FORM, (mistake,), message, {"form": form})
    for mistakes, vendor, options in PAIRS:
        yield Job(language, "two mistakes", vendor, mistakes, "raw" if vendor == FORM else "result", options)
