"""The doctor for a text alone: what somebody has signed, or is about to, without the request that it belongs to.

The parameters are read out of the text, however it is put together; then the doctor for requests is asked about a request
with these parameters that carries the text's digest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_plus, urlencode

from mock_server.core.http import Request
from mock_server.diagnosis.mistakes import BY_ID
from mock_server.diagnosis.report import UNKNOWN
from mock_server.providers.cloudcheck.canonical import SIGNATURE, canonical
from mock_server.providers.cloudcheck.diagnosis import explain
from mock_server.providers.cloudcheck.endpoint import NAME, section_of
from mock_server.providers.cloudcheck.signing import sign_text
from mock_server.providers.context import UnitOfWork
from mock_server.providers.mediatypes import FORM

_ALWAYS = ("key", "nonce", "timestamp")
_BEFORE_PATH = re.compile(r"\s*(?:[A-Z]{3,7}\b\s*)?(?:https?://[^/\s]*)?")
_NAME = re.compile(r"[\s;&,|?/]*([A-Za-z_][\w.-]*)\s*[=:]")
_END = re.compile(
    r"[;&,|\n]?\s*(?=(?:data|key|nonce|timestamp|signature)=)|[;&|\n]\s*(?=[A-Za-z_][\w.-]*=)|[;&|\s]*$"
)


class SignedText(NamedTuple):
    """What a text says."""

    path: str
    """Of an endpoint; empty: the text begins with none."""
    params: Mapping[str, str]
    mount: str = ""
    """The prefix before the path."""


def explain_text(unit: UnitOfWork, text: str, signature: str, paths: Sequence[str]) -> dict[str, Any]:
    """As `diagnosis.explain`. ``canonical`` is what the text should be; ``signature``: what was made of it, empty where
    that is not asked; ``paths``: of all endpoints, with ``{name}`` for the parts that vary."""
    written = read(text, paths)
    account = unit.services.accounts.by_credential(NAME, written.params.get("key", ""))
    if account is None or account.name == unit.account.name:
        account = unit.account
    section = section_of(account)
    params = {"key": section.key, **written.params}
    own = sign_text(section.secret, text)
    report = explain(unit, _request(written, params, signature or own))
    absent = _absent(written)
    is_right = text == canonical(written.path, params) and not absent
    mistakes = _of_signing(report)
    if not is_right and not any("signed" in mistake for mistake in mistakes):
        about_text = _known(_of_signing(explain(unit, _request(written, params, own))))
        mistakes = [*(about_text or _unknown(text)), *_known(mistakes)]
    return {
        **{name: value for name, value in report.items() if name != "warnings"},
        "valid": is_right and bool(report["valid"]),
        "mistakes": [*absent, *mistakes],
    }


def _request(written: SignedText, params: Mapping[str, str], signature: str) -> Request:
    body = urlencode({**params, SIGNATURE: signature}).encode("utf-8", "surrogatepass")
    return Request("POST", written.path, "", {"content-type": FORM}, body, mount=written.mount)


def _of_signing(report: Mapping[str, Any]) -> list[dict[str, str]]:
    """Those that are about the signature: a text has no age, and its nonce may be used."""
    return [
        mistake
        for mistake in report["mistakes"]
        if mistake["id"] in BY_ID or not mistake["id"].startswith(("timestamp-", "nonce-", "parameter-"))
    ]


def _known(mistakes: list[dict[str, str]]) -> list[dict[str, str]]:
    return [mistake for mistake in mistakes if mistake["id"] != UNKNOWN]


def _unknown(text: str) -> list[dict[str, str]]:
    explanation = "The text differs from the text to sign, in a way that no known mistake explains."
    fix = "Compare the two texts from their first difference on."
    return [{"id": "text-differs", "explanation": explanation, "fix": fix, "signed": text}]


def _absent(written: SignedText) -> list[dict[str, str]]:
    mistakes = []
    if not written.path:
        explanation = "The text begins with no path of the API."
        fix = "Begin with the path alone, such as /verify/."
        mistakes.append({"id": "path-unknown", "explanation": explanation, "fix": fix})
    absent = [name for name in _ALWAYS if name not in written.params]
    if absent:
        explanation = f"Not in the text: {', '.join(absent)}."
        fix = "Sign all parameters but signature: key, nonce and timestamp too."
        mistakes.append({"id": "common-left-out", "explanation": explanation, "fix": fix})
    return mistakes


def read(text: str, paths: Sequence[str]) -> SignedText:
    """Path and parameters of a text, however they are joined, ordered or encoded."""
    start = _BEFORE_PATH.match(text)
    rest = text[start.end() :] if start is not None else text
    encoded = re.match(r"(?:%2[Ff][\w-]*)+", rest)
    if encoded is not None:
        rest = unquote(encoded[0]) + rest[encoded.end() :]
    mount = f"/{NAME}" if rest.startswith(f"/{NAME}/") else ""
    rest = rest.removeprefix(mount)
    if not rest.startswith("/"):
        rest = f"/{rest}"
    path, length = _path(rest, paths)
    return SignedText(path, dict(_pairs(rest[length:])), mount)


def _path(rest: str, paths: Sequence[str]) -> tuple[str, int]:
    """The endpoint that the text begins with, the longest of them, and how much of the text that is."""
    best = ("", 0)
    for path in paths:
        pattern = re.sub(r"\\\{.*?\\\}", "[^/;=&]+", re.escape(path.rstrip("/")))
        match = re.match(f"{pattern}/?", rest)
        if match is not None and match.end() > best[1]:
            whole = match[0].rstrip("/") + ("/" if path.endswith("/") else "")
            best = (whole, match.end())
    return best


def _pairs(rest: str) -> list[tuple[str, str]]:
    pairs = []
    while (name := _NAME.match(rest)) is not None:
        rest = rest[name.end() :]
        end = _json_end(rest)
        if end == 0:
            stop = _END.search(rest)
            end = stop.start() if stop is not None else len(rest)
        value, rest = rest[:end], rest[end:]
        if name[1] != SIGNATURE:
            pairs.append(
                (name[1], unquote_plus(value) if re.match("%(?:7B|5B)", value, re.IGNORECASE) else value)
            )
    return pairs


def _json_end(text: str) -> int:
    """Where the JSON ends with which the text begins; 0: it begins with none."""
    if text[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            return json.JSONDecoder().raw_decode(text)[1]
    return 0
