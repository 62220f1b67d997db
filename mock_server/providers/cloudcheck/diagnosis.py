"""The signature doctor: why a request was refused, and which known mistake gives the signature that was sent.

A mistake is named only where it reproduces the sent digest, so a wrong digest of unknown origin names none.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import hmac
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mock_server.core.clock import isoformat
from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Request
from mock_server.providers.accounts import Account
from mock_server.providers.cloudcheck import timestamps, unread
from mock_server.providers.cloudcheck.canonical import SIGNATURE, canonical
from mock_server.providers.cloudcheck.endpoint import NAME, TRANSPORT, Endpoint, section_of, settings_of
from mock_server.providers.cloudcheck.formats import parse_long
from mock_server.providers.cloudcheck.gate import NONCE
from mock_server.providers.cloudcheck.mistakes import FORMATS, MISTAKES, Mistake
from mock_server.providers.cloudcheck.params import Params, parse, signed_values
from mock_server.providers.cloudcheck.recipes import Case, Recipe, by_name
from mock_server.providers.cloudcheck.routes import Routes
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.cloudcheck.signing import equal, sign_text
from mock_server.providers.context import UnitOfWork

_BUDGET = 4_000_000
"""Bytes that may be hashed for one diagnosis: some ten milliseconds. Pairs of mistakes are tried as far as it
reaches."""
_PAIRED = 8
"""How many variants of a mistake are tried together with another."""
_ACCOUNTS = 100
"""How many other accounts' secrets are tried."""
_HOSTS = (
    "https://api.cloudcheck.co.nz",
    "https://api.cloudcheck.com.au",
    "http://api.cloudcheck.co.nz",
    "http://localhost:8484",
)
_LENGTHS = {
    16: ("hmac-md5", "md5-text"),
    20: ("hmac-sha1", "sha1-text"),
    28: ("hmac-sha224",),
    48: ("hmac-sha384",),
    64: ("hmac-sha512",),
}
_HEX = re.compile("[0-9a-fA-F]+")
_NOISE = re.compile(r"^(?:sha256=|0x)|[\s:\-\"']", re.IGNORECASE)


UNSIGNED = {"valid": False, "canonical": "", "expected": "", "received": "", "mistakes": []}
"""Of a request that needs no signature."""


def explain(unit: UnitOfWork, request: Request) -> dict[str, Any]:
    """``{"valid", "canonical", "expected", "received", "mistakes"}``; ``valid`` speaks of the signature.

    ``expected`` is empty where no account has the key. A nonce that another request has used and a timestamp
    out of its window are named among the mistakes; a secret never is. ``warnings``, where there are any, name
    in the same way what is accepted and yet hardly meant, such as microseconds sent as milliseconds. Where a
    mistake changes the text that is signed, its ``signed`` is what the caller signed."""
    settings = settings_of(unit)
    params = parse(request, settings)
    account = unit.services.accounts.by_credential(NAME, params["key"]) if params.get("key") else None
    text = canonical(request.path, params, signed_values(params, settings))
    received = params.get(SIGNATURE, "")
    report: dict[str, Any] = {
        "valid": False,
        "canonical": text,
        "expected": "",
        "received": received,
        "mistakes": [],
    }
    if account is None:
        report["mistakes"] = _no_account(unit, request, params)
        return report
    secret = section_of(unit.account if account.name == unit.account.name else account).secret
    expected = report["expected"] = sign_text(secret, text)
    report["valid"] = equal(expected, received, any_case=settings.signature_case == "any")
    wrong, doubtful = _timestamp(unit, params)
    found = [*_dropped(params), *_missing(params), *wrong, *_nonce(unit, account, params)]
    if received and not report["valid"]:
        found += _wrong_digest(unit, request, params, account, secret, received)
    report["mistakes"] = found
    return {**report, "warnings": doubtful} if doubtful else report


def _told(identifier: str, explanation: str, fix: str) -> dict[str, str]:
    return {"id": identifier, "explanation": explanation, "fix": fix}


# -- before the signature
# --------------------------------------------------------------------------------------
def _no_account(unit: UnitOfWork, request: Request, params: Params) -> list[dict[str, str]]:
    key = params.get("key")
    if key:
        for name, secret in _secrets(unit).items():
            if hmac.compare_digest(
                secret.encode("utf-8", "surrogatepass"), key.encode("utf-8", "surrogatepass")
            ):
                return [
                    _told(
                        "secret-as-key",
                        f"The parameter key holds the secret of account {name}.",
                        "Send the access key as key; never send the secret.",
                    )
                ]
        return [
            _told(
                "key-unknown",
                f"No account has the access key {key[:100]!r}.",
                "Use the default account's key, any test-… name, or declare the account.",
            )
        ]
    return [unread.key_problem(request, params, _endpoint(unit, request)).mistake]


def _endpoint(unit: UnitOfWork, request: Request) -> Endpoint | None:
    try:
        return Routes(settings_of(unit)).find(request.method, request.path)
    except ProviderError:
        return None


def _dropped(params: Params) -> list[dict[str, str]]:
    problem = unread.dropped_problem(params.dropped)
    return [] if problem is None else [problem.mistake]


def _missing(params: Params) -> list[dict[str, str]]:
    absent = [name for name in TRANSPORT if not params.get(name)]
    if not absent:
        return []
    return [
        _told(
            "parameter-missing",
            f"Absent or empty: {', '.join(absent)}.",
            "Every request carries key, nonce, timestamp and signature.",
        )
    ]


def _timestamp(unit: UnitOfWork, params: Params) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """What is wrong with the timestamp, and what is only doubtful."""
    text, settings = params.get("timestamp", ""), settings_of(unit)
    if not text:
        return [], []
    value = parse_long(text)
    if value is None:
        explanation = f"The timestamp {text[:50]!r} is not a whole number of 64 bits."
        return [
            _told(
                "timestamp-malformed",
                explanation,
                "Send milliseconds since the epoch, such as 1700000000000.",
            )
        ], []
    age = unit.now - value / 1000
    if timestamps.refused(age, settings):
        return [_odd_timestamp(unit, text, age)], []
    return [], [_odd_timestamp(unit, text, age)] if timestamps.doubtful(age, settings) else []


def _odd_timestamp(unit: UnitOfWork, text: str, age: float) -> dict[str, str]:
    scale = timestamps.seems_in(int(text))
    if scale and scale != "milliseconds":
        fix = f"Send milliseconds since the epoch, about {int(unit.now * 1000)} now."
        return _told(f"timestamp-in-{scale}", f"The timestamp {text} seems to be in {scale}.", fix)
    settings = settings_of(unit)
    way = timestamps.OLD if age > 0 else timestamps.AHEAD
    limit = settings.timestamp_max_age if age > 0 else settings.timestamp_max_ahead
    allowed = "any in the future is accepted" if limit is None else f"at most {limit:.0f} s are allowed"
    return _told(
        f"timestamp-{way}",
        f"The timestamp is {abs(age):.0f} s {way}; {allowed}. The account's time was {isoformat(unit.now)}.",
        "Make a timestamp for each request, and set the clock of the caller or of the account right.",
    )


def _nonce(unit: UnitOfWork, account: Account, params: Params) -> list[dict[str, str]]:
    nonce = params.get("nonce", "")
    claim = unit.store.find_used(account.name, NONCE, nonce) if nonce else None
    if claim is None or claim.by == unit.entry_id:
        return []
    first = f"The nonce was first used at {isoformat(claim.at)} by request {claim.by}."
    return [
        _told("nonce-used", first, "Make a new random nonce for each request, also when one is repeated.")
    ]


# -- the signature
# ---------------------------------------------------------------------------------------------
def _wrong_digest(
    unit: UnitOfWork, request: Request, params: Params, account: Account, secret: str, received: str
) -> list[dict[str, str]]:
    digests = _readings(received)
    if not digests:
        return [
            _told(
                "no-digest",
                f"The signature is not a digest: {len(received)} characters that are neither hexadecimal nor Base64.",
                "Send 64 hexadecimal digits.",
            )
        ]
    recipe = _right(request, params, settings_of(unit), secret)
    case = _case(unit, request, params, account)
    for mistakes, candidate in _candidates(recipe, case, frozenset(map(len, digests))):
        written = digests.get(_digest(candidate))
        if written is not None:
            named = [_told(mistake.id, _named(mistake, candidate, case), mistake.fix) for mistake in mistakes]
            signed = candidate.text().decode(candidate.charset, "replace")
            if named and signed != recipe.text().decode("utf-8", "replace"):
                named[0]["signed"] = _veiled(signed, [secret, *case.secrets.values()])
            return named + ([_told(written, *FORMATS[written])] if written else [])
    return []


def all_digests(unit: UnitOfWork, request: Request) -> Iterator[bytes]:
    """The digest of every candidate that `explain` would try for the request of the world's account."""
    params = parse(request, settings_of(unit))
    account = unit.account
    recipe = _right(request, params, settings_of(unit), section_of(account).secret)
    for _, candidate in _candidates(recipe, _case(unit, request, params, account), frozenset({32})):
        yield _digest(candidate)


def _right(request: Request, params: Params, settings: Settings, secret: str) -> Recipe:
    pairs = by_name(_pairs(params, signed_values(params, settings) or {}))
    return Recipe(request.path, pairs, secret.encode("utf-8", "surrogatepass"))


def _pairs(params: Params, repeated: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """All parameters but the signature, with every value of those that are ``repeated``."""
    for name, value in params.items():
        if name != SIGNATURE:
            yield from ((name, each) for each in repeated.get(name, (value,)))


def _veiled(text: str, secrets: Iterable[str]) -> str:
    """A text that a mistake may have put a secret into."""
    return functools.reduce(
        lambda shown, secret: shown.replace(secret, "***") if secret else shown, secrets, text
    )


def _readings(received: str) -> dict[bytes, str]:
    """Digests that the text may stand for → the mistake in writing it so; empty where it is written as it
    should be."""
    readings: dict[bytes, str] = {}
    cleaned = _NOISE.sub("", received)
    for text, mark in ((received, ""), (cleaned, "padded")):
        if _HEX.fullmatch(text) and len(text) % 2 == 0:
            raw = bytes.fromhex(text)
            readings.setdefault(raw, mark or ("upper-case" if text != text.lower() else ""))
            if len(raw) % 2 == 0 and re.fullmatch(rb"[0-9a-fA-F]+", raw):
                readings.setdefault(bytes.fromhex(raw.decode()), "hex-of-hex")
    for text in (received, received.replace(" ", "+")):
        try:
            raw = base64.b64decode(
                text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True
            )
        except (binascii.Error, ValueError):
            continue
        readings.setdefault(raw, "base64")
        if len(raw) % 2 == 0 and re.fullmatch(rb"[0-9a-fA-F]+", raw):
            readings.setdefault(bytes.fromhex(raw.decode()), "hex-of-hex")
    return {raw: mark for raw, mark in readings.items() if len(raw) in (16, 20, 28, 32, 48, 64)}


def _case(unit: UnitOfWork, request: Request, params: Params, account: Account) -> Case:
    form = request.body.decode("latin-1") if request.method == "POST" and not params.files else ""
    raw: dict[str, list[str]] = {}
    for name, _, value in (part.partition("=") for part in f"{request.query}&{form}".split("&")):
        raw.setdefault(name, []).append(value)
    host = request.headers.get("host", "")
    hosts = dict.fromkeys(
        [
            request.origin.removesuffix(request.mount),
            *([f"http://{host}", f"https://{host}"] if host else []),
            *_HOSTS,
        ]
    )
    return Case(
        sent=tuple(_pairs(params, params.repeated)),
        raw=raw,
        query=request.query,
        method=request.method,
        mount=request.mount,
        raw_path=request.raw_path,
        hosts=tuple(hosts),
        key=params.get("key", ""),
        secrets={name: secret for name, secret in _secrets(unit).items() if name != account.name},
        filenames={name: file.filename for name, file in params.files.items()},
    )


def _secrets(unit: UnitOfWork) -> dict[str, str]:
    accounts = unit.services.accounts
    found = (accounts.get(name) for name in itertools.islice(accounts.names(), _ACCOUNTS))
    return {account.name: section_of(account).secret for account in found if account is not None}


def _candidates(
    recipe: Recipe, case: Case, lengths: frozenset[int]
) -> Iterator[tuple[tuple[Mistake, ...], Recipe]]:
    """The right recipe (for one written wrongly), each mistake, then pairs of mistakes of different stages,
    within the budget.

    ``lengths``: of the digests that are looked for, in bytes; ways that cannot give one of them are passed
    over."""
    budget = _BUDGET
    size = len(recipe.path) + sum(len(name) + len(value) + 2 for name, value in recipe.pairs) + 200
    yield (), recipe
    singles = [(mistake, variant) for mistake in MISTAKES for variant in mistake.variants(recipe, case)]
    for mistake, variant in singles:
        if _size(variant.mac) in lengths:
            budget -= size
            yield (mistake,), variant
    for first, changed in _first_of_each(singles):
        for second in MISTAKES:
            if second.stage > first.stage:
                for variant in itertools.islice(second.variants(changed, case), _PAIRED):
                    if _size(variant.mac) in lengths:
                        budget -= size
                        if budget < 0:
                            return
                        yield (first, second), variant


def _first_of_each(singles: list[tuple[Mistake, Recipe]]) -> Iterator[tuple[Mistake, Recipe]]:
    for _, group in itertools.groupby(singles, key=lambda single: single[0].id):
        yield from itertools.islice(group, _PAIRED)


def _size(mac: str) -> int:
    """Bytes of the digest that it makes."""
    return next((size for size, macs in _LENGTHS.items() if mac in macs), 32)


def _digest(recipe: Recipe) -> bytes:
    try:
        text = recipe.text()
    except UnicodeEncodeError:
        return b""
    return _make(recipe.mac, recipe.secret, text)


def _make(mac: str, secret: bytes, text: bytes) -> bytes:
    kind, _, rest = mac.partition("-")
    if mac == "hmac-swapped":
        return hmac.digest(text, secret, "sha256")
    if kind == "hmac":
        return hmac.digest(secret, text, rest)
    return hashlib.new(kind, _PLAIN[rest](secret, text), usedforsecurity=False).digest()


_PLAIN: Mapping[str, Any] = {
    "text": lambda secret, text: text,
    "text-secret": lambda secret, text: text + secret,
    "secret-text": lambda secret, text: secret + text,
}


def _named(mistake: Mistake, recipe: Recipe, case: Case) -> str:
    """The explanation, with the account's name where another's secret was used."""
    if mistake.id != "other-secret":
        return mistake.explanation
    owner = next(
        (
            name
            for name, secret in case.secrets.items()
            if secret.encode("utf-8", "surrogatepass") == recipe.secret
        ),
        "",
    )
    return f"The secret of account {owner} was used." if owner else mistake.explanation
