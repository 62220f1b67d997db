"""The doctor for a text alone: what a receiver has hashed to check a signature."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from mock_server.providers.context import UnitOfWork
from mock_server.providers.shuftipro.diagnosis import around, explain_callback
from mock_server.providers.shuftipro.settings import section_of
from mock_server.providers.shuftipro.signing import SCHEMES


def explain_text(unit: UnitOfWork, text: str, signature: str) -> dict[str, Any]:
    """As `diagnosis.explain_callback`, of the text that was hashed: the body with the secret, or its hash, behind it.

    ``signature``: what it is compared with; empty: the text alone is looked at."""
    section = section_of(unit.account)
    raw = text.encode("utf-8", "surrogatepass")
    body = _without_secret(raw, section.secret_key)
    own = sha256(raw).hexdigest()
    known = around(unit)
    report = explain_callback(body, {}, section.secret_key, section.signature, own, known)
    if signature and report["valid"]:
        return explain_callback(body, {}, section.secret_key, section.signature, signature, known)
    return report


def _without_secret(raw: bytes, secret: str) -> bytes:
    """The body of what was hashed, wherever the secret stands."""
    for key in (scheme(secret) for scheme in SCHEMES.values()):
        for each in (key, key.upper()):
            if each and raw.endswith(each):
                return raw[: -len(each)]
            if each and raw.startswith(each):
                return raw[len(each) :]
    return raw
