"""The signature doctor recognises each known mistake from a request that was really signed that way, and
invents none."""

# ruff: noqa: E501  the table of requests is easier to read unbroken

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import quote, quote_plus, urlencode

import pytest

from mock_server.core.clock import ManualClock
from mock_server.core.http import Request
from mock_server.core.ids import ProcessIds
from mock_server.core.records import UsedValue
from mock_server.diagnosis.mistakes import MISTAKES
from mock_server.providers.accounts import Accounts
from mock_server.providers.cloudcheck.diagnosis import all_digests, explain
from mock_server.providers.cloudcheck.mistakes import PROFILE
from mock_server.providers.cloudcheck.provider import Cloudcheck
from mock_server.providers.cloudcheck.settings import parse_settings
from mock_server.providers.context import Services, UnitOfWork
from mock_server.providers.shuftipro import provider as shuftipro
from mock_server.store import open_store
from mock_server.store.base import Store, Transaction

NOW = 1_700_000_000.0
KEY, SECRET = "MockKey0NotReal1", "mock-secret-not-real-0123456789ab"
DATA = '{"details":{"name":{"given":"Māia","family":"O’Connor"},"dateofbirth":"1987-03-14"},"reference":"a/b c","consent":"Yes"}'
PARAMS = {"data": DATA, "key": KEY, "nonce": "ab+c/d==", "timestamp": "1700000000000"}
FORM = {"content-type": "application/x-www-form-urlencoded", "host": "localhost:8484"}


@pytest.fixture(name="services")
def _services() -> Services:
    clock = ManualClock(NOW)
    store = open_store("memory", journal_limit=10, clock=clock)
    settings = parse_settings({})
    provider = Cloudcheck(settings)
    declared = {
        "acme": {
            "cloudcheck": {"key": "AcmeKey", "secret": "acme-secret"},
            "shuftipro": {"client_id": "acme"},
        },
        "dollar": {"cloudcheck": {"key": "DollarKey", "secret": "ab$PATH/x"}},
    }
    return Services(
        store,
        Accounts(declared, [provider, shuftipro.create({})], store),
        ProcessIds("t"),
        seed=0,
        settings={"cloudcheck": settings},
    )


def world_of(services: Services) -> UnitOfWork:
    return UnitOfWork(services, services.accounts.default(), NOW, "http://localhost:8484")


def mac(text: str | bytes, secret: str = SECRET, algorithm: str = "sha256") -> str:
    raw = text if isinstance(text, bytes) else text.encode()
    return hmac.digest(secret.encode(), raw, algorithm).hex()


def text_of(
    params: Mapping[str, str],
    path: str = "/verify/",
    *,
    order: Callable[[Any], Any] = sorted,
    encode: Callable[[str], str] = str,
) -> str:
    return path + "".join(f"{name}={encode(params[name])};" for name in order(params))


def post(
    params: Mapping[str, str],
    signature: str,
    path: str = "/verify/",
    mount: str = "",
    origin: str = "http://localhost:8484",
) -> Request:
    return Request(
        "POST",
        path,
        "",
        FORM,
        urlencode({**params, "signature": signature}).encode(),
        origin=origin + mount,
        mount=mount,
    )


def get(params: Mapping[str, str], signature: str, path: str = "/live/response/") -> Request:
    return Request(
        "GET", path, urlencode({**params, "signature": signature}), {"host": "localhost:8484"}, b""
    )


def raw_get(query: str, path: str = "/live/response/") -> Request:
    return Request("GET", path, query, {"host": "localhost:8484"}, b"")


def multipart(params: Mapping[str, str], signature: str) -> Request:
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**params, "signature": signature}.items()
    )
    body = (
        parts
        + '--b\r\nContent-Disposition: form-data; name="file"; filename="passport.jpg"\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n--b--\r\n'
    )
    return Request(
        "POST", "/mrz/runcheck/", "", {"content-type": "multipart/form-data; boundary=b"}, body.encode()
    )


def fields_alone(params: Mapping[str, str], signature: str) -> Request:
    body = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**params, "signature": signature}.items()
    )
    headers = {"content-type": "multipart/form-data; boundary=b"}
    return Request("POST", "/doc/runcheck/", "", headers, f"{body}--b--\r\n".encode())


def raw_post(form: str, signed: Mapping[str, str]) -> Request:
    """A form that is sent as it is, behind what every request has, and signed with these values."""
    usual = {"nonce": "n", "timestamp": "1700000000000", "key": KEY}
    lead = "" if form.startswith(("key", "%00k")) else f"{urlencode(usual)}&"
    signature = mac(text_of({**usual, **signed}))
    return Request("POST", "/verify/", "", FORM, f"{lead}{form}&signature={signature}".encode())


def wide(text: str, charset: str) -> str:
    return f"data={quote(text.encode(charset))}"


def wide_escapes(text: str) -> str:
    """As Java's URLEncoder, which turns only what it escapes into the character set."""
    return re.sub(
        r"[^\w.*-]+",
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode("utf-16-be")),
        text,
        flags=re.ASCII,
    )


def with_data(text: str) -> dict[str, str]:
    return {**PARAMS, "data": text}


AMPERSANDS: Mapping[str, Mapping[str, str]] = {
    "data={}&username=Smith+&+Sons": {"data": "{}", "username": "Smith & Sons"},
    "data={}&username=Smith+&+Sons&zone=NZ": {"data": "{}", "username": "Smith & Sons", "zone": "NZ"},
    "data={}&username=mia&zone=Bay+&+Hills": {"data": "{}", "username": "mia", "zone": "Bay & Hills"},
    "data={}&username=a&b&zone=c&d": {"data": "{}", "username": "a&b", "zone": "c&d"},
    "data={}&username=a&b=c&zone=d": {"data": "{}", "username": "a&b=c", "zone": "d"},
    "data={}&username=A&&B": {"data": "{}", "username": "A&&B"},
    'data={"a":"b&c"}&username=mia': {"data": '{"a":"b&c"}', "username": "mia"},
    "zone=q&username=r&s&reference=t&u=v&w": {"zone": "q", "username": "r&s", "reference": "t&u=v&w"},
    "a=1&b=2&c=3&d=4&e=5&f=6&username=x&y": {**dict(zip("abcdef", "123456")), "username": "x&y"},
}
"""Forms whose values hold an & that is not encoded, and the values that were signed."""
PARSED = json.loads(DATA)
ODD = json.dumps(PARSED, ensure_ascii=False, separators=(" , ", " :"))
CANONICAL = text_of(PARAMS)
PDF = {"key": KEY, "nonce": "n", "reference": "r", "timestamp": "1700000000000"}
LIVE = {"captureReference": "c", "Zone": "z", "key": KEY, "nonce": "n", "timestamp": "1700000000000"}
TWICE = f"key={KEY}&nonce=n&reference=b%2F&reference=a+b&timestamp=1700000000000"
TWICE_SIGNED = f"/verify/pdfkey={KEY};nonce=n;%stimestamp=1700000000000;"
PLUS = f"captureReference=c&key={KEY}&nonce=ab+c/d==&timestamp=1700000000000"
PLUS_SIGNED = text_of(
    {"captureReference": "c", "key": KEY, "nonce": "ab+c/d==", "timestamp": "1700000000000"},
    "/live/response/",
)
LIVE_REST = f"key={KEY}&nonce=n&timestamp=1700000000000"


def live(**more: str) -> str:
    return text_of({"key": KEY, "nonce": "n", "timestamp": "1700000000000", **more}, "/live/response/")


SINGLE: list[tuple[str, str, Request]] = [
    ("trailing-slash-missing", "post", post(PARAMS, mac(text_of(PARAMS, "/verify")))),
    ("trailing-slash-added", "pdf", get(PDF, mac(text_of(PDF, "/verify/pdf/")), "/verify/pdf")),
    ("full-url", "vendor", post(PARAMS, mac("https://api.cloudcheck.co.nz" + CANONICAL))),
    ("full-url", "own", post(PARAMS, mac("http://localhost:8484" + CANONICAL))),
    ("full-url", "host only", post(PARAMS, mac("localhost:8484" + CANONICAL))),
    ("mount-prefix", "", post(PARAMS, mac("/cloudcheck" + CANONICAL), mount="/cloudcheck")),
    ("query-included", "", raw_get(f"{urlencode(PDF)}&signature={mac(text_of(PDF, f'/live/response/?{urlencode(PDF)}'))}")),
    ("method-included", "", post(PARAMS, mac("POST" + CANONICAL))),
    ("path-incomplete", "none", post(PARAMS, mac(text_of(PARAMS, "")))),
    ("path-incomplete", "no slash", post(PARAMS, mac(text_of(PARAMS, "verify/")))),
    ("last-semicolon-missing", "", post(PARAMS, mac(CANONICAL[:-1]))),
    ("ampersand-joins", "bare", post(PARAMS, mac("/verify/" + "&".join(f"{n}={PARAMS[n]}" for n in sorted(PARAMS))))),
    ("ampersand-joins", "query", post(PARAMS, mac("/verify/?" + "&".join(f"{n}={PARAMS[n]}" for n in sorted(PARAMS))))),
    ("other-joins", "newline", post(PARAMS, mac("/verify/\n" + "\n".join(f"{n}={PARAMS[n]}" for n in sorted(PARAMS))))),
    ("other-joins", "bare", post(PARAMS, mac("/verify/" + "".join(n + PARAMS[n] for n in sorted(PARAMS))))),
    ("values-encoded", "rfc 3986", post(PARAMS, mac(text_of(PARAMS, encode=lambda v: quote(v, safe=""))))),
    ("values-encoded", "encodeURIComponent", post(PARAMS, mac(text_of(PARAMS, encode=lambda v: quote(v, safe="!'()*~"))))),
    ("values-encoded", "plus", post(PARAMS, mac(text_of(PARAMS, encode=quote_plus)))),
    ("values-encoded", "lower", post(with_data("a b/ā"), mac(text_of(with_data("a b/ā"), encode=lambda v: quote(v, safe="").replace("%2F", "%2f").replace("%C4", "%c4").replace("%2B", "%2b").replace("%3D", "%3d"))))),
    ("values-encoded", "lower plus", post(with_data("a b/ā"), mac(text_of(with_data("a b/ā"), encode=lambda v: quote_plus(v).replace("%2F", "%2f").replace("%C4", "%c4").replace("%2B", "%2b").replace("%3D", "%3d"))))),
    ("values-encoded", "data only", post(PARAMS, mac(text_of({**PARAMS, "data": quote(DATA, safe="")})))),
    ("json-rewritten", "spaces", post(PARAMS, mac(text_of(with_data(json.dumps(PARSED, ensure_ascii=False)))))),
    ("json-rewritten", "escapes", post(PARAMS, mac(text_of(with_data(json.dumps(PARSED, separators=(",", ":"))))))),
    ("json-rewritten", "php", post(PARAMS, mac(text_of(with_data(json.dumps(PARSED, separators=(",", ":")).replace("/", "\\/")))))),
    ("json-rewritten", "sorted", post(PARAMS, mac(text_of(with_data(json.dumps(PARSED, separators=(",", ":"), sort_keys=True, ensure_ascii=False)))))),
    ("json-rewritten", "indented", post(PARAMS, mac(text_of(with_data(json.dumps(PARSED, indent=2, ensure_ascii=False)))))),
    ("json-rewritten", "raw for escapes", post(with_data(json.dumps(PARSED)), mac(text_of(with_data(json.dumps(PARSED, ensure_ascii=False)))))),
    ("data-stringified", "object", post(PARAMS, mac(text_of(with_data("[object Object]"))))),
    ("json-in-a-string", "quoted", post(PARAMS, mac(text_of(with_data(json.dumps(DATA)))))),
    ("line-ends", "crlf", post(with_data('{\r\n"a":1}'), mac(text_of(with_data('{\n"a":1}'))))),
    ("text-trimmed", "trimmed", post(with_data('{"a":1} '), mac(text_of(with_data('{"a":1}'))))),
    ("document-left-out", "", post(PARAMS, mac(text_of({n: v for n, v in PARAMS.items() if n != "data"})))),
    ("common-left-out", "nonce", post(PARAMS, mac(text_of({n: v for n, v in PARAMS.items() if n != "nonce"})))),
    ("parameter-left-out", "", post({**PARAMS, "username": "agent.7"}, mac(CANONICAL))),
    ("signature-included", "", post(PARAMS, mac(text_of({**PARAMS, "signature": ""})))),
    ("empty-dropped", "", post({**PARAMS, "username": "", "zone": ""}, mac(CANONICAL))),
    ("file-signed", "at", multipart(PARAMS, mac(text_of({**PARAMS, "file": "@passport.jpg"}, "/mrz/runcheck/")))),
    ("file-as-field", "form", post({**PARAMS, "file": "passport.jpg"}, mac(text_of(PARAMS, "/doc/runcheck/")), "/doc/runcheck/")),
    ("file-as-field", "part without a filename", fields_alone({**PARAMS, "file": "JPEG"}, mac(text_of(PARAMS, "/doc/runcheck/")))),
    ("repeated-parameter", "joined", raw_get(f"{TWICE}&signature={mac(TWICE_SIGNED % 'reference=b/a b;')}", "/verify/pdf")),
    ("repeated-parameter", "comma", raw_get(f"{TWICE}&signature={mac(TWICE_SIGNED % 'reference=b/,a b;')}", "/verify/pdf")),
    ("repeated-parameter", "first", raw_get(f"{TWICE}&signature={mac(TWICE_SIGNED % 'reference=b/;')}", "/verify/pdf")),
    ("repeated-parameter", "last", raw_get(f"{TWICE}&signature={mac(TWICE_SIGNED % 'reference=a b;')}", "/verify/pdf")),
    ("repeated-parameter", "sorted", raw_get(f"{TWICE}&signature={mac(TWICE_SIGNED % 'reference=a b;reference=b/;')}", "/verify/pdf")),
    ("values-encoded", "repeated", raw_get(f"{TWICE}&signature={mac(TWICE_SIGNED % 'reference=b%2F;reference=a+b;')}", "/verify/pdf")),
    ("last-semicolon-missing", "repeated", raw_get(f"{TWICE}&signature={mac((TWICE_SIGNED % 'reference=b/;reference=a b;')[:-1])}", "/verify/pdf")),
    ("path-encoded", "as sent", post(PARAMS, mac(text_of(PARAMS, "/%76erify%2F"))).replace(raw_path="/%76erify%2F")),
    ("path-encoded", "slashes", post(PARAMS, mac(text_of(PARAMS, "%2Fverify%2F")))),
    ("path-encoded", "beyond ASCII", post(PARAMS, mac(text_of(PARAMS, "/live/%C4%81/"))).replace(path="/live/ā/")),
    ("unsorted", "", post(PARAMS, mac(text_of(PARAMS, order=lambda p: ["key", "nonce", "timestamp", "data"])))),
    ("unsorted", "as sent", post({"timestamp": "1700000000000", "a": "1", "key": KEY, "c": "2", "nonce": "n", "b": "3"}, mac(text_of({"timestamp": "1700000000000", "a": "1", "key": KEY, "c": "2", "nonce": "n", "b": "3"}, order=list)))),
    ("sorted-otherwise", "", get(LIVE, mac(text_of(LIVE, "/live/response/", order=lambda p: sorted(p, key=str.lower))))),
    ("plus-as-space", "", raw_get(f"{PLUS}&signature={mac(PLUS_SIGNED)}")),
    ("timestamp-signed-otherwise", "seconds", post(PARAMS, mac(text_of({**PARAMS, "timestamp": "1700000000"})))),
    ("timestamp-signed-otherwise", "microseconds", post(PARAMS, mac(text_of({**PARAMS, "timestamp": "1700000000000000"})))),
    ("id-for-secret", "", post(PARAMS, mac(CANONICAL, KEY))),
    ("id-for-secret", "swapped", post(PARAMS, mac(text_of({**PARAMS, "key": SECRET}), KEY))),
    ("secret-padded", "newline", post(PARAMS, mac(CANONICAL, SECRET + "\n"))),
    ("secret-padded", "space", post(PARAMS, mac(CANONICAL, SECRET + " "))),
    ("secret-transformed", "upper", post(PARAMS, mac(CANONICAL, SECRET.upper()))),
    ("other-secret", "", post(PARAMS, mac(CANONICAL, "acme-secret"))),
    ("charset-latin-1", "", post(with_data('{"a":"ü"}'), mac(text_of(with_data('{"a":"ü"}')).encode("latin-1")))),
    ("charset-utf-16", "", post(PARAMS, mac(CANONICAL.encode("utf-16-le")))),
    ("plain-hash", "text", post(PARAMS, hashlib.sha256(CANONICAL.encode()).hexdigest())),
    ("plain-hash", "appended", post(PARAMS, hashlib.sha256((CANONICAL + SECRET).encode()).hexdigest())),
    ("other-hash", "md5", post(PARAMS, mac(CANONICAL, algorithm="md5"))),
    ("other-hash", "sha1", post(PARAMS, mac(CANONICAL, algorithm="sha1"))),
    ("other-hash", "sha512", post(PARAMS, mac(CANONICAL, algorithm="sha512"))),
    ("hmac-arguments-swapped", "", post(PARAMS, mac(SECRET, CANONICAL))),
    ("base64", "", post(PARAMS, base64.b64encode(bytes.fromhex(mac(CANONICAL))).decode())),
    ("base64", "url-safe", post(PARAMS, base64.urlsafe_b64encode(bytes.fromhex(mac(CANONICAL))).decode().rstrip("="))),
    ("hex-of-hex", "", post(PARAMS, mac(CANONICAL).encode().hex())),
    ("hex-of-hex", "base64", post(PARAMS, base64.b64encode(mac(CANONICAL).encode()).decode())),
    ("digest-padded", "prefix", post(PARAMS, "sha256=" + mac(CANONICAL))),
    ("digest-padded", "dashes", post(PARAMS, "-".join(mac(CANONICAL)[i : i + 2] for i in range(0, 64, 2)))),
    ("other-secret", "own id of the other vendor", post(PARAMS, mac(CANONICAL, "acme"))),
    ("byte-order-mark", "", post(PARAMS, mac(text_of(with_data("\ufeff" + DATA))))),
    ("path-changed", "", post(PARAMS, mac(text_of(PARAMS, "//verify/")))),
    ("parameters-as-json", "", post(PARAMS, mac("/verify/" + json.dumps(dict(sorted(PARAMS.items())), ensure_ascii=False, separators=(",", ":"))))),
    ("parameters-as-json", "values alone", post(PARAMS, mac("/verify/" + "".join(PARAMS[n] for n in sorted(PARAMS))))),
    ("secret-in-text", "", post(PARAMS, mac(CANONICAL + SECRET))),
    ("secret-in-text", "as a parameter", post(PARAMS, mac(text_of({**PARAMS, "secret": SECRET})))),
    ("ampersand-in-value", "", raw_get(f"captureReference=Smith & Sōns&{LIVE_REST}&signature={mac(live(captureReference='Smith & Sōns'))}".replace(" ", "%20").replace("ō", "%C5%8D"))),
    *(("ampersand-in-value", sent, raw_post(sent, signed)) for sent, signed in AMPERSANDS.items()),
    ("percent-in-value", "", raw_get(f"{LIVE_REST}&username=100% Māori&signature={mac(live(username='100% Māori'))}".replace("ā", "%C4%81").replace(" ", "%20"))),
    ("plus-as-space", "beside %20", raw_get(f"{LIVE_REST}&phone=+64%2021%20123+456&signature={mac(live(phone='+64 21 123+456'))}")),
    ("plus-in-value", "", raw_get(f"{LIVE_REST}&phone=+64+21+123+456&signature={mac(live(phone='+64 21 123 456'))}")),
    ("timestamp-taken-twice", "", post(PARAMS, mac(text_of({**PARAMS, "timestamp": "1699999999983"})))),
    ("nonce-made-twice", "", post({**PARAMS, "nonce": "1700000000000123"}, mac(text_of({**PARAMS, "nonce": "1700000000000122"})))),
    ("encoded-twice", "", post({**PARAMS, "data": quote(DATA, safe="")}, mac(CANONICAL))),
    ("sent-in-another-charset", "Latin-1", raw_get(f"{LIVE_REST}&username=Zo%EB&signature={mac(live(username='Zoë'))}")),
    ("sent-in-another-charset", "UTF-8 twice", raw_get(f"{LIVE_REST}&username=Zo%C3%83%C2%AB&signature={mac(live(username='Zoë'))}")),
    ("sent-as-utf-16", "data alone", raw_post(wide(DATA, "utf-16-le"), {"data": DATA})),
    ("sent-as-utf-16", "the other byte order", raw_post(wide(DATA, "utf-16-be"), {"data": DATA})),
    ("sent-as-utf-16", "with a byte order mark", raw_post(wide(DATA, "utf-16"), {"data": DATA})),
    ("sent-as-utf-16", "as URLEncoder does", raw_post(f"data={wide_escapes(DATA)}", {"data": DATA})),
    ("sent-as-utf-16", "the access key too", raw_post(urlencode({"key": KEY}, encoding="utf-16-le").replace("k%00e%00y%00", "key"), {})),
    ("sent-as-utf-16", "the names too", raw_post(urlencode({"key": KEY, "nonce": "n"}, encoding="utf-16-be"), {})),
    ("values-trimmed", "", post({**PARAMS, "username": " Hēmi "}, mac(text_of({**PARAMS, "username": "Hēmi"})))),
    ("values-quoted", "", post(PARAMS, mac(text_of({name: f"'{value}'" for name, value in PARAMS.items()})))),
    ("words-spelled-otherwise", "", post({**PARAMS, "test": "true"}, mac(text_of({**PARAMS, "test": "True"})))),
    ("letter-case", "", post({**PARAMS, "username": "Hēmi"}, mac(text_of({n: v if n == "data" else v.lower() for n, v in {**PARAMS, "username": "Hēmi"}.items()})))),
    ("text-ended", "", post(PARAMS, mac(text_of(with_data(DATA + "\n"))))),
    ("slashes-unescaped", "", post(with_data(ODD.replace("/", "\\/")), mac(text_of(with_data(ODD))))),
    ("letters-unescaped", "", post(with_data(json.dumps(PARSED, indent=3)), mac(text_of(with_data(json.dumps(PARSED, indent=3, ensure_ascii=False)))))),
    ("blanks-removed", "", post(PARAMS, mac(text_of(with_data(DATA.replace(" ", "")))))),
    ("text-missing", "", post(PARAMS, mac(text_of(with_data(""))))),
    ("document-as-form", "", post(PARAMS, mac(text_of(with_data("details[name][given]=Māia&details[name][family]=O’Connor&details[dateofbirth]=1987-03-14&reference=a/b c&consent=Yes"))))),
    ("document-in-part", "", post(PARAMS, mac(text_of(with_data(json.dumps(PARSED["details"], ensure_ascii=False, separators=(",", ":"))))))),
    ("html-escaped", "", post(PARAMS, mac(text_of(with_data(DATA.replace('"', "&quot;")))))),
    ("backslashes", "", post(PARAMS, mac(text_of(with_data(DATA.replace('"', '\\"')))))),
    ("unicode-normalised", "", post(PARAMS, mac(text_of(with_data(unicodedata.normalize("NFD", DATA)))))),
    ("document-letter-case", "", post(PARAMS, mac(text_of(with_data(DATA.lower()))))),
    ("document-base64", "", post(PARAMS, mac(text_of(with_data(base64.b64encode(DATA.encode()).decode()))))),
    ("charset-ascii", "", post(PARAMS, mac(CANONICAL.encode("ascii", "replace")))),
    ("mojibake", "", post(PARAMS, mac(CANONICAL.encode().decode("latin-1")))),
    ("charset-marked", "", post(PARAMS, mac("\ufeff" + CANONICAL))),
    ("secret-hashed", "", post(PARAMS, mac(CANONICAL, hashlib.sha256(SECRET.encode()).hexdigest()))),
    ("hashed-before", "", post(PARAMS, mac(hashlib.sha256(CANONICAL.encode()).hexdigest()))),
    ("secret-absent", "empty", post(PARAMS, mac(CANONICAL, ""))),
    ("secret-absent", "undefined", post(PARAMS, mac(CANONICAL, "undefined"))),
    ("secret-by-the-shell", "", post({**PARAMS, "key": "DollarKey"}, mac(text_of({**PARAMS, "key": "DollarKey"}), "ab/x"))),
    ("secret-with-id", "", post(PARAMS, mac(CANONICAL, f"{KEY}:{SECRET}"))),
    ("placeholder-for-secret", "", post(PARAMS, mac(CANONICAL, "${CLOUDCHECK_SECRET}"))),
    ("placeholder-for-secret", "mustache", post(PARAMS, mac(CANONICAL, "{{ secret }}"))),
    ("base64", "percent-encoded", post(PARAMS, quote(base64.b64encode(bytes.fromhex(mac(CANONICAL))).decode(), safe=""))),
    ("digest-cut", "", post(PARAMS, mac(CANONICAL)[:40])),
    ("zeros-missing", "", post(PARAMS, "".join(f"{byte:x}" for byte in bytes.fromhex(mac(CANONICAL))))),
    ("zeros-missing", "signed bytes", post(PARAMS, "".join(f"{byte - 256 & 0xFFFFFFFF:x}" if byte > 127 else f"{byte:02x}" for byte in bytes.fromhex(mac(CANONICAL))))),
    ("digest-printed", "Python", post(PARAMS, str(bytes.fromhex(mac(CANONICAL))))),
    ("digest-printed", "Java", post(PARAMS, str([byte - 256 if byte > 127 else byte for byte in bytes.fromhex(mac(CANONICAL))]))),
    ("digest-printed", "Node", post(PARAMS, f"<Buffer {bytes.fromhex(mac(CANONICAL)).hex(' ')}>")),
    ("digest-is-a-word", "", post(PARAMS, "[object Promise]")),
    ("digest-is-a-word", "Java", post(PARAMS, "[B@6d06d69c")),
    ("no-digest", "", post(PARAMS, "not a digest")),
]  # fmt: skip

PAIRS: list[tuple[set[str], Request]] = [
    ({"trailing-slash-missing", "unsorted"}, post(PARAMS, mac(text_of(PARAMS, "/verify", order=lambda p: ["key", "nonce", "timestamp", "data"])))),
    ({"last-semicolon-missing", "base64"}, post(PARAMS, base64.b64encode(bytes.fromhex(mac(CANONICAL[:-1]))).decode())),
    ({"json-rewritten", "trailing-slash-missing"}, post(PARAMS, mac(text_of(with_data(json.dumps(PARSED, ensure_ascii=False)), "/verify")))),
    ({"values-encoded", "last-semicolon-missing"}, post(PARAMS, mac(text_of(PARAMS, encode=lambda v: quote(v, safe=""))[:-1]))),
    ({"secret-padded", "full-url"}, post(PARAMS, mac("https://api.cloudcheck.co.nz" + CANONICAL, SECRET + "\n"))),
    ({"ampersand-joins", "other-hash"}, post(PARAMS, mac("/verify/" + "&".join(f"{n}={PARAMS[n]}" for n in sorted(PARAMS)), algorithm="sha1"))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("mistake", "request_"),
    [(row[0], row[2]) for row in SINGLE],
    ids=[f"{row[0]} {row[1]}".strip() for row in SINGLE],
)
def test_a_mistake_is_recognised(services: Services, mistake: str, request_: Request) -> None:
    report = explain(world_of(services), request_)
    assert not report["valid"]
    assert [entry["id"] for entry in report["mistakes"]] == [mistake]


@pytest.mark.parametrize(("pair", "request_"), PAIRS, ids=[" and ".join(sorted(row[0])) for row in PAIRS])
def test_two_mistakes_at_once_are_recognised(services: Services, pair: set[str], request_: Request) -> None:
    assert {entry["id"] for entry in explain(world_of(services), request_)["mistakes"]} == pair


def test_every_entry_of_the_table_has_a_row_here() -> None:
    """Upper case counts as right unless a setting says otherwise; it has a test of its own."""
    known = {mistake.id for mistake in MISTAKES if mistake.stage in PROFILE.stages} - PROFILE.without
    assert known == {row[0] for row in SINGLE} | {"upper-case"}


def test_a_right_signature_is_valid_and_names_nothing(services: Services) -> None:
    report = explain(world_of(services), post(PARAMS, mac(CANONICAL)))
    assert {
        "valid": True,
        "canonical": CANONICAL,
        "expected": mac(CANONICAL),
        "received": mac(CANONICAL),
        "mistakes": [],
    } == report


def test_a_repeated_parameter_signed_each_time_is_valid(services: Services) -> None:
    signed = TWICE_SIGNED % "reference=b/;reference=a b;"
    report = explain(world_of(services), raw_get(f"{TWICE}&signature={mac(signed)}", "/verify/pdf"))
    assert (report["valid"], report["canonical"], report["mistakes"]) == (True, signed, [])


def test_each_value_signed_is_a_mistake_where_a_setting_says_so(services: Services) -> None:
    settings = {"cloudcheck": parse_settings({"repeated_parameters": "concatenate"})}
    joining = Services(services.store, services.accounts, services.ids, seed=0, settings=settings)
    signed = TWICE_SIGNED % "reference=b/;reference=a b;"
    report = explain(world_of(joining), raw_get(f"{TWICE}&signature={mac(signed)}", "/verify/pdf"))
    assert [entry["id"] for entry in report["mistakes"]] == ["repeated-parameter"]
    assert report["mistakes"][0]["signed"] == signed


def test_upper_case_is_a_mistake_where_the_setting_says_so(services: Services) -> None:
    strict = Services(
        services.store,
        services.accounts,
        services.ids,
        seed=0,
        settings={"cloudcheck": parse_settings({"signature_case": "lower"})},
    )
    mistakes = explain(world_of(strict), post(PARAMS, mac(CANONICAL).upper()))["mistakes"]
    assert [one["id"] for one in mistakes] == ["upper-case"]


def test_a_random_digest_names_no_mistake(services: Services) -> None:
    unit, draw = world_of(services), random.Random(20231114)
    for size in (32, 20, 16, 28, 48, 64):
        digest = draw.randbytes(size).hex()
        assert [entry["id"] for entry in explain(unit, post(PDF, digest))["mistakes"]] == ["unknown"], digest


def test_ten_thousand_random_digests_are_none_that_any_mistake_gives(services: Services) -> None:
    """A mistake is named for an equal digest only, so it is enough to hold the random ones against all that
    would be named."""
    unit, draw = world_of(services), random.Random(20231115)
    named = set(all_digests(unit, post(PARAMS, "0" * 64)))
    assert len(named) > 1000
    assert not named & {draw.randbytes(32) for _ in range(10_000)}


@pytest.mark.parametrize(
    ("request_", "mistake"),
    [
        (post({}, ""), "key-missing"),
        (post({"key": "nobody"}, "x"), "key-unknown"),
        (post({"key": SECRET}, "x"), "secret-as-key"),
        (
            Request("POST", "/verify/", "", {"content-type": "application/json"}, b'{"key":"k"}'),
            "content-type",
        ),
        (Request("POST", "/verify/", "", {"content-type": "text/plain"}, b"key=k"), "content-type-differs"),
        (Request("POST", "/nowhere/", "", {"content-type": "text/plain"}, b"key"), "content-type"),
        (raw_get("key=a%&nonce=1"), "percent-malformed"),
        (raw_get(f"{PLUS}&username=100%&signature=0"), "percent-malformed"),
        (post({"key": KEY}, ""), "parameter-missing"),
        (post(PARAMS, "not a digest"), "no-digest"),
        (get({**PDF, "timestamp": "1700000000"}, "0" * 64), "timestamp-in-seconds"),
        (get({**PDF, "timestamp": "1600000000000"}, "0" * 64), "timestamp-old"),
        (get({**PDF, "timestamp": "abc"}, "0" * 64), "timestamp-malformed"),
        (get({**PDF, "timestamp": "1_700_000_000_000"}, "0" * 64), "timestamp-malformed"),
        (get({**PDF, "timestamp": " 1700000000000"}, "0" * 64), "timestamp-malformed"),
        (get({**PDF, "timestamp": "9" * 400}, "0" * 64), "timestamp-malformed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_before_the_signature_is_named_too(
    services: Services, request_: Request, mistake: str
) -> None:
    assert mistake in [entry["id"] for entry in explain(world_of(services), request_)["mistakes"]]


FUTURE = {
    "timestamp-in-microseconds": (
        "1700000000000000",
        "seems to be in microseconds",
        "about 1700000000000 now",
    ),
    "timestamp-in-nanoseconds": (
        "1700000000000000000",
        "seems to be in nanoseconds",
        "about 1700000000000 now",
    ),
    "timestamp-ahead": (
        "1700000901000",
        "is 901 s ahead; any in the future is accepted",
        "the clock of the caller",
    ),
}


@pytest.mark.parametrize("mistake", FUTURE)
def test_a_doubtful_timestamp_in_the_future_is_a_warning(services: Services, mistake: str) -> None:
    sent, explanation, fix = FUTURE[mistake]
    params = {**PDF, "timestamp": sent}
    report = explain(world_of(services), get(params, mac(text_of(params, "/live/response/"))))
    (warning,) = report["warnings"]
    assert (report["valid"], report["mistakes"], warning["id"]) == (True, [], mistake)
    assert explanation in warning["explanation"]
    assert fix in warning["fix"]


@pytest.mark.parametrize("sent", ["1700000900000", "1700000000000", "1699999100000"])
def test_a_timestamp_near_now_has_no_warning(services: Services, sent: str) -> None:
    params = {**PDF, "timestamp": sent}
    assert "warnings" not in explain(world_of(services), get(params, mac(text_of(params, "/live/response/"))))


@pytest.mark.parametrize("mistake", FUTURE)
def test_a_future_timestamp_is_a_mistake_where_a_setting_limits_it(services: Services, mistake: str) -> None:
    settings = {"cloudcheck": parse_settings({"timestamp_max_ahead": "15m"})}
    limited = Services(services.store, services.accounts, services.ids, seed=0, settings=settings)
    params = {**PDF, "timestamp": FUTURE[mistake][0]}
    report = explain(world_of(limited), get(params, mac(text_of(params, "/live/response/"))))
    assert [entry["id"] for entry in report["mistakes"]] == [mistake]
    assert "warnings" not in report


def test_a_used_nonce_is_told_with_when_and_by_which_request(services: Services) -> None:
    transaction = Transaction("default")
    transaction.used_values.append(UsedValue("cloudcheck nonce", "ab+c/d==", NOW - 60, NOW + 60, "r-first-1"))
    cast(Store, services.store).commit(transaction)
    unit = world_of(services)
    (entry,) = explain(unit, post(PARAMS, mac(CANONICAL)))["mistakes"]
    assert (
        entry["id"],
        "r-first-1" in entry["explanation"] and "2023-11-14T22:12:20" in entry["explanation"],
    ) == ("nonce-used", True)
    unit.entry_id = "r-first-1"
    assert explain(unit, post(PARAMS, mac(CANONICAL)))["mistakes"] == []


def test_no_report_shows_a_secret(services: Services) -> None:
    for _, _, request in SINGLE:
        report = json.dumps({**explain(world_of(services), request), "canonical": ""})
        assert SECRET not in report
        assert "acme-secret" not in report


def test_a_mistake_in_a_large_request_is_recognised(services: Services) -> None:
    """100 kB of data, for which the search has a budget of bytes; its time is measured by the benchmarks."""
    data = json.dumps({"details": {f"k{count}": "vä/ue" * 4 for count in range(3000)}}, ensure_ascii=False)
    assert len(data.encode()) > 100_000
    large = with_data(data)
    for mistake, signed in (
        ("last-semicolon-missing", text_of(large)[:-1]),
        ("json-rewritten", text_of(with_data(json.dumps(json.loads(data))))),
    ):
        assert [mistake] == [
            entry["id"] for entry in explain(world_of(services), post(large, mac(signed)))["mistakes"]
        ]
