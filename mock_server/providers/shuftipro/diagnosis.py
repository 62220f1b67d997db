"""The doctor: whether a receiver's signature is right, and which known mistakes give it; and why a request
was not authorized.

A mistake is named only where it reproduces the signature. A secret is never shown.
"""

from __future__ import annotations

import hmac
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

import msgspec

from mock_server.core.http import Request
from mock_server.providers.context import UnitOfWork
from mock_server.providers.problems import sent_twice
from mock_server.providers.shuftipro import gate, signing, tokens
from mock_server.providers.shuftipro.mistakes import (
    FORMULAS,
    KEYS,
    MISTAKES,
    SECRETS,
    TEXTS,
    Formula,
    Key,
    read_signature,
)
from mock_server.providers.shuftipro.settings import NAME, section_of
from mock_server.store.base import DeliveryFilter

_BUDGET = 24_000_000
"""Bytes that may be hashed for one diagnosis: some twenty milliseconds."""
_KNOWN = 200
"""Messages and answers that a body is compared with."""
Report = dict[str, Any]


def explain_callback(
    body: bytes,
    headers: Mapping[str, str],
    secret: str,
    scheme: str = "hashed",
    signature: str = "",
    known: Iterable[bytes] = (),
) -> Report:
    """Check a callback's or an answer's signature as a receiver has it, and name the mistakes that give it.

    ``headers``: as received, names in any case. ``signature``: what the receiver has computed itself, in
    place of the header's. ``known``: bodies that were really sent, so that one of them is recognised in
    another form. Answers ``{"valid", "canonical", "expected", "received", "mistakes": [{"id", "explanation",
    "fix"}]}``."""
    given = {name.lower(): value for name, value in headers.items()}
    received = signature or next(
        (given[name.lower()] for name in signing.HEADERS if name.lower() in given), ""
    )
    expected = signing.sign(body, secret, scheme)
    report: Report = {
        "valid": hmac.compare_digest(expected.encode(), received.encode("utf-8", "surrogatepass")),
        "canonical": f"{body.decode('utf-8', 'replace')}{{{'sha256 of the secret key' if scheme == 'hashed' else 'secret key'}}}",
        "expected": expected,
        "received": received,
        "mistakes": [],
    }
    if not received:
        report["mistakes"] = _told(("no-signature",))
    elif not report["valid"]:
        report["mistakes"] = _told(_find(body, received, secret, scheme, _same_json(body, known)))
    return report


def _find(body: bytes, received: str, secret: str, scheme: str, originals: list[bytes]) -> tuple[str, ...]:
    digest, written = read_signature(received)
    if not digest:
        return written
    key = secret.encode("utf-8", "surrogatepass")
    found = _search(body, digest, key, scheme)
    if found is not None:
        if "not-the-raw-body" in found:
            found = (
                *(_looks(body) or ("not-the-raw-body",)),
                *(name for name in found if name != "not-the-raw-body"),
            )
        return (*written, *found)
    for original in originals:
        found = _search(original, digest, key, scheme)
        if found is not None:
            moved = json.dumps(json.loads(body)) != json.dumps(json.loads(original))
            return (
                *written,
                *(_looks(body) or ("not-the-raw-body",)),
                *(["keys-sorted"] if moved else []),
                *found,
            )
    return (*written, "unknown-secret")


def _search(body: bytes, digest: bytes, secret: bytes, scheme: str) -> tuple[str, ...] | None:
    """The fewest mistakes that give the digest; None: none do."""
    texts = _results((text.mistakes, partial(text.of, body)) for text in TEXTS)
    ways = itertools.product(SECRETS, KEYS[scheme])
    keys = _results(
        ((*raw.mistakes, *key.mistakes), partial(_chained, raw, key, secret)) for raw, key in ways
    )
    spent = 0
    for made, put, formula in sorted(itertools.product(texts, keys, FORMULAS), key=_mistakes):
        spent += len(made.value) + 64
        if spent > _BUDGET:
            return None
        if formula.of(made.value, put.value) == digest:
            return tuple(dict.fromkeys((*made.mistakes, *put.mistakes, *formula.mistakes)))
    return None


def _chained(raw: Key, key: Key, secret: bytes) -> bytes:
    return key.of(raw.of(secret))


class _Result(NamedTuple):
    """What a mistaken step comes to."""

    mistakes: tuple[str, ...]
    value: bytes


def _results(ways: Iterable[tuple[tuple[str, ...], Callable[[], bytes]]]) -> list[_Result]:
    """The different values, each by the fewest mistakes."""
    found: dict[bytes, tuple[str, ...]] = {}
    for mistakes, make in sorted(ways, key=lambda way: len(way[0])):
        try:
            found.setdefault(make(), mistakes)
        except (ValueError, RecursionError):
            continue
    return [_Result(mistakes, value) for value, mistakes in found.items()]


def _mistakes(way: tuple[_Result, _Result, Formula]) -> int:
    return sum(len(part.mistakes) for part in way)


def _looks(body: bytes) -> tuple[str, ...]:
    """What can be seen to be wrong with a body that should be the raw one."""
    found = []
    if b"\n" in body.strip():
        found.append("pretty-printed")
    elif b'": ' in body:
        found.append("reserialised-json")
    if b"/" in body.replace(b"\\/", b""):
        found.append("slashes-unescaped")
    if not body.isascii():
        found.append("unicode-decoded")
    if body != body.strip():
        found.append("newline-added")
    return tuple(found)


def _same_json(body: bytes, known: Iterable[bytes]) -> list[bytes]:
    """Bodies that say the same in other bytes."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []
    return [original for original in known if original != body and _decoded(original) == said]


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _told(names: Iterable[str]) -> list[dict[str, str]]:
    return [
        {"id": name, "explanation": MISTAKES[name].explanation, "fix": MISTAKES[name].fix} for name in names
    ]


def sent_by(unit: UnitOfWork) -> list[bytes]:
    """What the account was last told, by answers and callbacks."""
    callbacks, _ = unit.services.store.deliveries(unit.account.name, DeliveryFilter(provider=NAME), _KNOWN)
    entries, _ = unit.services.store.entries(unit.account.name, limit=_KNOWN)
    return [
        *(delivery.message.body for delivery in callbacks),
        *(entry.body for entry in entries if entry.provider == NAME),
    ]


BY_TOKEN: Report = {"valid": False, "canonical": "", "expected": "", "received": "", "mistakes": []}
"""Of a request that carries no credentials: its own token opens the file."""


# -- requests
# --------------------------------------------------------------------------------------------------
def explain_request(unit: UnitOfWork, request: Request) -> Report:
    """Why a request was or was not authorized. Shufti requests are not signed: ``canonical`` is the form of
    the header.

    ``expected`` and ``received`` name the client only."""
    report = _explain(unit, request)
    twice = None if report["valid"] else sent_twice(request, "Authorization")
    return report if twice is None else {**report, "mistakes": [twice.mistake, *report["mistakes"]]}


def _explain(unit: UnitOfWork, request: Request) -> Report:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    report: Report = {
        "valid": False,
        "canonical": "Basic base64(client_id:secret_key)",
        "expected": "",
        "received": "",
        "mistakes": [],
    }
    if not scheme:
        return _wrong(
            report,
            "no-authorization",
            "There is no Authorization header.",
            "Send Basic credentials: client id and secret key.",
        )
    if scheme.lower() == "bearer":
        return _bearer(unit, report, value.strip())
    if scheme.lower() != "basic":
        return _wrong(
            report, "scheme", f"The scheme is {scheme[:40]!r}.", "Send Basic, or Bearer with an access token."
        )
    given = gate.read_basic(value)
    if given is None:
        return _wrong(
            report,
            "not-basic",
            "The header is not base64 of client id, colon and secret key.",
            "Encode client_id:secret_key.",
        )
    report["received"] = given.client_id[:200]
    return _credentials(unit, report, given)


def _credentials(unit: UnitOfWork, report: Report, given: gate.Credentials) -> Report:
    accounts = unit.services.accounts
    account = accounts.by_credential(NAME, given.client_id)
    if gate.swapped(accounts, given):
        return _wrong(
            {**report, "received": ""},
            "swapped",
            "Client id and secret key are swapped.",
            "The client id comes first.",
        )
    if account is None:
        if accounts.by_credential(NAME, given.client_id.strip()) is not None:
            return _wrong(
                report, "client-trimmed", "The client id carries white space.", "Trim it where it is read."
            )
        return _wrong(
            report,
            "unknown-client",
            "No account has this client id.",
            "Use mock-client, test-<anything> or a declared account.",
        )
    section = section_of(account)
    report["expected"] = section.client_id
    if given.secret_key == section.secret_key:
        return {**report, "valid": True}
    wanted = section.secret_key.encode("utf-8", "surrogatepass")
    sent = given.secret_key.encode()
    for key in SECRETS[1:]:
        if key.of(wanted) == sent or sent.strip() == wanted:
            mistake = MISTAKES["secret-trimmed" if sent.strip() == wanted else key.mistakes[0]]
            return _wrong(report, "secret-trimmed" if sent.strip() == wanted else key.mistakes[0], *mistake)
    if not sent:
        return _wrong(
            report, "no-secret", "The secret key is empty.", "Set the variable that it is read from."
        )
    return _wrong(
        report,
        "wrong-secret",
        "The secret key is not this client's.",
        "Copy it again from the account's configuration.",
    )


def _bearer(unit: UnitOfWork, report: Report, text: str) -> Report:
    report["canonical"] = "Bearer access_token"
    token = tokens.from_text(text, tokens.ACCESS_BYTES)
    fresh = "Fetch a new one with POST /get/access/token for every request."
    if token is None or tokens.tag_of(token) != tokens.tag(unit.account.name):
        return _wrong(
            report, "unknown-token", "The access token is not one of this server's accounts.", fresh
        )
    ends = tokens.check(token, section_of(unit.account).secret_key, gate.ACCESS)
    if ends is None:
        return _wrong(
            report,
            "forged-token",
            "The access token is not as it was handed out, or the secret key has changed since.",
            fresh,
        )
    used = unit.store.find_used(unit.account.name, gate.ACCESS, text)
    if used is not None and used.by == unit.entry_id:
        return {**report, "valid": True}
    if used is not None:
        return _wrong(report, "used-token", f"The access token was used up by request {used.by}.", fresh)
    return _wrong(report, "expired-token", "The access token is too old.", fresh)


def _wrong(report: Report, name: str, explanation: str, fix: str) -> Report:
    return {**report, "mistakes": [*report["mistakes"], {"id": name, "explanation": explanation, "fix": fix}]}
