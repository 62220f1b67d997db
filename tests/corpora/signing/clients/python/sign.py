"""Signs each job of a JSON file with Python's own means, as the job says, and prints signature and form."""

import base64
import hashlib
import hmac
import html
import json
import os
import sys
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

TEXTS: dict[str, Any] = {
    "json.dumps": lambda text: json.dumps(json.loads(text)),
    "json.dumps compact": lambda text: json.dumps(json.loads(text), separators=(",", ":")),
    "json.dumps sorted": lambda text: json.dumps(json.loads(text), sort_keys=True),
    "json.dumps with ensure_ascii=False": lambda text: json.dumps(json.loads(text), ensure_ascii=False),
    "json.dumps with ensure_ascii=False compact": lambda text: json.dumps(
        json.loads(text), ensure_ascii=False, separators=(",", ":"), sort_keys=True
    ),
    "json.dumps indented": lambda text: json.dumps(json.loads(text), indent=4),
    "print": lambda text: text + "\n",
    "strip": str.strip,
    "str": lambda text: str(json.loads(text)),
    "html.escape": html.escape,
    "quote": lambda text: quote(text, safe=""),
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "dumps twice": json.dumps,
    "b64encode": lambda text: base64.b64encode(text.encode()).decode(),
    "lower": str.lower,
    "bom": lambda text: "\ufeff" + text,
    "urlencode": lambda text: urlencode(json.loads(text)),
}
CHARSETS: dict[str, Any] = {
    "utf-8": lambda text: text.encode(),
    "latin-1": lambda text: text.encode("latin-1", "replace"),
    "ascii": lambda text: text.encode("ascii", "replace"),
    "utf-16": lambda text: text.encode("utf-16"),
    "mojibake": lambda text: text.encode().decode("latin-1").encode(),
}
KEYS: dict[str, Any] = {
    "as-is": lambda secret: secret,
    "sha256": lambda secret: hashlib.sha256(secret).hexdigest().encode(),
    "digest": lambda secret: hashlib.sha256(secret).digest(),
    "b64": base64.b64encode,
}
MACS: dict[str, Any] = {
    "hmac": lambda text, key: hmac.new(key, text, hashlib.sha256),
    "hmac-sha1": lambda text, key: hmac.new(key, text, hashlib.sha1),
    "hmac-md5": lambda text, key: hmac.new(key, text, hashlib.md5),
    "hmac-sha512": lambda text, key: hmac.new(key, text, hashlib.sha512),
    "append": lambda text, key: hashlib.sha256(text + key),
    "prepend": lambda text, key: hashlib.sha256(key + text),
    "colon": lambda text, key: hashlib.sha256(text + b":" + key),
    "bare": lambda text, key: hashlib.sha256(text),
    "append-sha512": lambda text, key: hashlib.sha512(text + key),
    "append-sha3": lambda text, key: hashlib.sha3_256(text + key),
    "swapped": lambda text, key: hmac.new(text, key, hashlib.sha256),
}
DIGESTS: dict[str, Any] = {
    "hex": lambda mac: mac.hexdigest(),
    "upper": lambda mac: mac.hexdigest().upper(),
    "base64": lambda mac: base64.b64encode(mac.digest()).decode(),
    "urlsafe": lambda mac: base64.urlsafe_b64encode(mac.digest()).decode().rstrip("="),
    "base64 of hex": lambda mac: base64.b64encode(mac.hexdigest().encode()).decode(),
    "str": lambda mac: str(mac.digest()),
    "prefixed": lambda mac: f"sha256={mac.hexdigest()}",
    "cut": lambda mac: mac.hexdigest()[:40],
    "bare hex": lambda mac: f"{int(mac.hexdigest(), 16):x}",
}


FILES: dict[str, Any] = {
    "name": lambda upload: Path("uploads", upload["filename"]).name,
    "str": lambda upload: str(_open(upload)),
    "content": lambda upload: base64.b64decode(upload["base64"]).decode(errors="replace"),
}


def _open(upload: Any) -> Any:
    """What ``open`` gives."""
    os.chdir(Path(__file__).parent)
    Path(upload["filename"]).write_bytes(base64.b64decode(upload["base64"]))
    return open(upload["filename"], "rb")  # noqa: PTH123 - as its users call it


def sign(job):
    text = job["text"]
    for op in job["texts"]:
        text = TEXTS[op](text)
    form = job["form"]
    if form:
        fields = [(name, text if name == "data" else value) for name, value in form["fields"]]
        if form.get("file"):
            fields.append(("file", FILES[form["file"]](job["upload"])))
        if form["values"] == "encoded":
            fields = [(name, quote_plus(value)) for name, value in fields]
        if form["sorted"]:
            fields = sorted(fields)
        joined = form["between"].join(f"{name}{form['equals']}{value}" for name, value in fields)
        text = form["path"] + form["lead"] + joined + form["last"]
    raw = CHARSETS[job["charset"]](text)
    mac = MACS[job["mac"]](raw, KEYS[job["key"]](job["secret"].encode()))
    return DIGESTS[job["digest"]](mac)


for job in json.loads(Path(sys.argv[1]).read_text("utf-8")):
    signature = sign(job)
    fields = [*job["form"]["fields"], ["signature", signature]] if job["form"] else []
    print(json.dumps({"id": job["id"], "signature": signature, "wire": urlencode([*map(tuple, fields)])}))
