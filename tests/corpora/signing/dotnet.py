"""What a C# program signs, by the documented rules of .NET 8 and Newtonsoft.Json 13, since a .NET SDK is a large thing to need.

JavaScriptEncoder.Default escapes all but Basic Latin, and of that what HTML could take amiss, in upper-case digits; JsonElement
keeps numbers as they are; Newtonsoft writes doubles so that they can be read back, always with a point or an exponent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

_HTML = "\"&'+<>`"


class _Number(str):
    """A number as it was read."""


def _write(value: Any, text: Any, number: Any) -> str:
    if isinstance(value, dict):
        return (
            "{" + ",".join(f"{text(key)}:{_write(inner, text, number)}" for key, inner in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(_write(inner, text, number) for inner in value) + "]"
    if isinstance(value, _Number):
        return str(number(value))
    return text(value) if isinstance(value, str) else json.dumps(value)


def _indent(compact: str) -> str:
    """Two spaces, and the line breaks of Windows; empty lists and maps stay together."""
    depth, parts = 0, []
    tokens = re.findall(r'"(?:[^"\\]|\\.)*"|\[\]|\{\}|[{}\[\],:]|[^\s{}\[\],:"]+', compact)
    for token in tokens:
        if token in "{[":
            depth += 1
            parts.append(token + "\r\n" + "  " * depth)
        elif token in "}]":
            depth -= 1
            parts.append("\r\n" + "  " * depth + token)
        else:
            parts.append({",": ",\r\n" + "  " * depth, ":": ": "}.get(token, token))
    return "".join(parts)


def _default(text: str) -> str:
    units = text.encode("utf-16-be")
    letters = [high << 8 | low for high, low in zip(units[::2], units[1::2])]
    return '"' + "".join(_escaped(unit) for unit in letters) + '"'


def _escaped(unit: int) -> str:
    letter = chr(unit)
    if letter == "\\":
        return "\\\\"
    return f"\\u{unit:04X}" if letter in _HTML or not 32 <= unit < 127 else letter


def _relaxed(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _html(text: str) -> str:
    return re.sub(r"\\\"|[<>&']", lambda match: f"\\u{ord(match[0][-1]):04x}", _relaxed(text)[1:-1]).join(
        '""'
    )


def _double(raw: str) -> str:
    if raw.lstrip("-").isdigit():
        return raw
    text = repr(float(raw))
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    return f"{mantissa.removesuffix('.0')}E{exponent[0]}{exponent[1:].zfill(2)}"


_WRITERS: Mapping[str, tuple[Any, Any, bool]] = {
    "System.Text.Json": (_default, str, False),
    "System.Text.Json indented": (_default, str, True),
    "System.Text.Json with UnsafeRelaxedJsonEscaping": (_relaxed, str, False),
    "Newtonsoft.Json": (_relaxed, _double, False),
    "Newtonsoft.Json indented": (_relaxed, _double, True),
    "Newtonsoft.Json with EscapeHtml": (_html, _double, False),
    "Newtonsoft.Json with EscapeNonAscii": (json.dumps, _double, False),
}


def _rewritten(op: str, text: str) -> str:
    how, number, indented = _WRITERS[op]
    tree = json.loads(text, parse_int=_Number, parse_float=_Number)
    compact = _write(tree, how, number)
    return _indent(compact) if indented else compact


def _lower_escapes(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quote_plus(text, safe="!*()-._"))


_TEXTS: Mapping[str, Any] = {
    "HttpUtility.UrlEncode": _lower_escapes,
    "Trim": str.strip,
    "Environment.NewLine": lambda text: text + "\r\n",
    "UTF8Encoding(true)": lambda text: "\ufeff" + text,
    "ToBase64String": lambda text: base64.b64encode(text.encode()).decode(),
    "ToLowerInvariant": str.lower,
    "HtmlEncode": lambda text: _html_encoded(text),
}


def _html_encoded(text: str) -> str:
    """WebUtility.HtmlEncode: also Latin-1 letters from U+00A0 on, and pairs of surrogates, as decimal references."""
    for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(letter, entity)
    return "".join(f"&#{ord(c)};" if 160 <= ord(c) < 256 or ord(c) > 0xFFFF else c for c in text)


_CHARSETS: Mapping[str, Any] = {
    "utf-8": lambda text: text.encode(),
    "ascii": lambda text: re.sub("[\U00010000-\U0010ffff]", "??", text).encode("ascii", "replace"),
    "utf-16": lambda text: text.encode("utf-16-le"),
}
_MACS: Mapping[str, Any] = {
    "hmac": lambda text, key: hmac.digest(key, text, "sha256"),
    "append": lambda text, key: hashlib.sha256(text + key).digest(),
    "prepend": lambda text, key: hashlib.sha256(key + text).digest(),
    "bare": lambda text, key: hashlib.sha256(text).digest(),
}
_DIGESTS: Mapping[str, Any] = {
    "hex": lambda digest: digest.hex(),
    "BitConverter": lambda digest: digest.hex("-").upper(),
    "ToBase64String": lambda digest: base64.b64encode(digest).decode(),
    "ToHexString": lambda digest: digest.hex().upper(),
}


def sign(job: Mapping[str, Any]) -> dict[str, Any]:
    """As the programs of the other languages answer."""
    text = job["text"]
    for op in job["texts"]:
        text = _rewritten(op, text) if op in _WRITERS else _TEXTS[op](text)
    form, wire = job["form"], ""
    if form:
        fields = [(name, text if name == "data" else value) for name, value in form["fields"]]
        if form["values"] == "encoded":
            fields = [(name, _lower_escapes(value)) for name, value in fields]
        if form["sorted"]:
            fields.sort()
        joined = form["between"].join(f"{name}{form['equals']}{value}" for name, value in fields)
        text = form["path"] + form["lead"] + joined + form["last"]
    secret = job["secret"].encode()
    key = hashlib.sha256(secret).hexdigest().encode() if job["key"] == "sha256" else secret
    signature = _DIGESTS[job["digest"]](_MACS[job["mac"]](_CHARSETS[job["charset"]](text), key))
    if form:
        pairs = [*form["fields"], ["signature", signature]]
        wire = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
    return {"id": job["id"], "signature": signature, "wire": wire}
