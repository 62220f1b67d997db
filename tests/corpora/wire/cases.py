"""What the clients send: a signed form, a signed upload, a signed GET, and JSON. Each client and case has its
own nonce and reference."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

FROZEN = 1_700_000_000_000
"""Milliseconds since the epoch at which everything is signed. The clock of the server that takes it stands
there."""
KEY, SECRET = "MockKey0NotReal1", "mock-secret-not-real-0123456789ab"
CLIENT_ID, SECRET_KEY = "mock-client", "mock-secret-QvT7dR2mZk4Lw9Xb"
TOKEN = "A" * 64
"""Stands for a Bearer token, which only the server that takes the request can issue."""
NAME = {"given": "Tāmihana", "middle": "D'Arcy & Sons", "family": "Ngā-Puhi O'Connor"}
SEARCH = 'Wharenui & Kōwhai + "Co" 100% ünïted; a=b 🥝'
USERNAME = 'mia+"tēst"&co;=%25 😀'
TREE = "/tree/entities/"
FILE = "Ngāti passport (1) & copy.png"


def _png() -> bytes:
    """A picture of 2 × 2 points, each of its own colour."""
    rows = b"".join(b"\0" + bytes(row) for row in ((255, 0, 0, 0, 255, 0), (0, 0, 255, 13, 10, 45)))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 0)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


PICTURE = _png()


def sign(path: str, fields: dict[str, str]) -> str:
    """As the vendor's documentation says, on its own: nothing of the server is used here."""
    text = path + "".join(f"{name}={fields[name]};" for name in sorted(fields))
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed(path: str, nonce: str, **fields: str) -> list[list[str]]:
    """The parameters in the order in which the client sends them, the signature last."""
    every = {"key": KEY, "nonce": nonce, "timestamp": str(FROZEN), **fields}
    return [*([name, value] for name, value in every.items()), ["signature", sign(path, every)]]


def details(reference: str) -> str:
    """The JSON text of a form's ``data``."""
    document = {
        "details": {
            "name": NAME,
            "dateofbirth": "1987-03-14",
            "address": {"suburb": "Ōtāhuhu", "street": "12 B + C Street"},
        },
        "reference": reference,
        "consent": "Yes",
    }
    return json.dumps(document, ensure_ascii=False)


def customer(reference: str) -> dict[str, Any]:
    """The JSON of a Shufti Pro request."""
    person = {"name": {"first_name": "Zoë", "last_name": "Ngā-Puhi O'Connor"}, "dob": "1987-03-14"}
    consent = {"text": 'I & my "whānau" agree + sign; 100% 🦊', "supported_types": ["handwritten"]}
    return {
        "reference": reference,
        "country": "NZ",
        "language": "EN",
        "consent": consent,
        "background_checks": person,
    }


def cases(client: str, more: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The four usual cases and those named, as the client's program reads them."""
    return [_KINDS[name](client, name) for name in ("form", "multipart", "get", "json", *more)]


def _form(client: str, case: str) -> dict[str, Any]:
    fields = signed("/verify/", f"{client} {case}+/=", data=details(f"{client}-{case}"), username=USERNAME)
    return {"case": case, "method": "POST", "path": "/verify/", "fields": fields}


def _upload(client: str, case: str, filename: str = FILE) -> dict[str, Any]:
    data = json.dumps(
        {"reference": f"{client}-{case}", "consent": "Yes", "note": "Kōwhai & 🥝"}, ensure_ascii=False
    )
    fields = signed("/doc/runcheck/", f"{client} {case}+/=", data=data)
    picture = {
        "name": "file",
        "filename": filename,
        "type": "image/png",
        "base64": base64.b64encode(PICTURE).decode(),
    }
    return {"case": case, "method": "POST", "path": "/doc/runcheck/", "fields": fields, "file": picture}


def _get(client: str, case: str) -> dict[str, Any]:
    return {
        "case": case,
        "method": "GET",
        "path": TREE,
        "fields": signed(TREE, f"{client} {case}+/=", searchTerm=SEARCH),
    }


def _json(client: str, case: str) -> dict[str, Any]:
    who = {"user": CLIENT_ID, "password": SECRET_KEY}
    return {"case": case, "method": "POST", "path": "/", "json": customer(f"{client}-{case}"), **who}


def _bearer(client: str, case: str) -> dict[str, Any]:
    return {
        "case": case,
        "method": "POST",
        "path": "/",
        "json": customer(f"{client}-{case}"),
        "bearer": TOKEN,
    }


def _shufti_form(client: str, case: str) -> dict[str, Any]:
    """The JSON's content as the fields of a form, as PHP names them."""
    fields = list(_bracketed(customer(f"{client}-{case}")))
    return {
        "case": case,
        "method": "POST",
        "path": "/",
        "fields": fields,
        "user": CLIENT_ID,
        "password": SECRET_KEY,
    }


def _bracketed(value: Any, name: str = "") -> Iterator[list[str]]:
    if isinstance(value, str):
        yield [name, value]
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _bracketed(inner, f"{name}[{key}]" if name else str(key))


_KINDS: Mapping[str, Callable[[str, str], dict[str, Any]]] = {
    "form": _form,
    "multipart": _upload,
    "get": _get,
    "json": _json,
    "bearer": _bearer,
    "chunked": _upload,
    "expect": _form,
    "extended": _upload,
    "shufti-multipart": _shufti_form,
    "string-content": _json,
    "token-filename": partial(_upload, filename="passport.png"),
}
"""Each case: ``chunked`` is an upload of unknown length, ``expect`` a form with ``Expect: 100-continue``,
``extended`` Apache's mode of that name, ``string-content`` JSON that .NET sends as text, ``token-filename`` a
file name that .NET does not quote."""
