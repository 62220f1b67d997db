"""The signature doctor: why a request was refused, and which known mistake gives the signature that was sent.

A mistake is named only where it reproduces the sent digest, so a wrong digest of unknown origin names none.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from mock_server.core.clock import isoformat
from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Request
from mock_server.diagnosis.mistakes import BY_ID
from mock_server.diagnosis.recipe import Case, OtherSecret, Recipe, by_name
from mock_server.diagnosis.report import Diagnosis, Finding
from mock_server.diagnosis.search import Cause, Search, messages
from mock_server.providers.accounts import Account
from mock_server.providers.cloudcheck import timestamps, unread
from mock_server.providers.cloudcheck.canonical import SIGNATURE, canonical
from mock_server.providers.cloudcheck.endpoint import FILE, NAME, TRANSPORT, Endpoint, section_of, settings_of
from mock_server.providers.cloudcheck.formats import parse_long
from mock_server.providers.cloudcheck.gate import NONCE
from mock_server.providers.cloudcheck.mistakes import PROFILE
from mock_server.providers.cloudcheck.params import Params, parse, signed_values
from mock_server.providers.cloudcheck.routes import Routes
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.cloudcheck.signing import equal, sign_text
from mock_server.providers.context import UnitOfWork
from mock_server.providers.mediatypes import MULTIPART, parse_header
from mock_server.providers.other_secrets import other_secrets

_HOSTS = (
    "https://api.cloudcheck.co.nz",
    "https://api.cloudcheck.com.au",
    "http://api.cloudcheck.co.nz",
    "http://localhost:8484",
)
_VARIABLES = (
    "SECRET",
    "API_SECRET",
    "CLOUDCHECK_SECRET",
    "CLOUDCHECK_API_SECRET",
    "SECRET_KEY",
    "CLOUDCHECK_SECRET_KEY",
)
"""Names under which applications keep the secret."""


UNSIGNED = {"valid": False, "canonical": "", "expected": "", "received": "", "mistakes": []}
"""Of a request that needs no signature."""


def explain(unit: UnitOfWork, request: Request) -> dict[str, Any]:
    """``{"valid", "canonical", "expected", "received", "mistakes"}``; ``valid`` speaks of the signature.

    ``expected`` is empty where no account has the key. A nonce that another request has used and a timestamp
    out of its window are named among the mistakes; a secret never is. ``warnings``, where there are any, name
    in the same way what is accepted but probably not intended, such as microseconds sent as milliseconds. Where a
    mistake changes the text that is signed, its ``signed`` is what the caller signed, and ``difference`` the first
    place where that is another one. ``excluded``: what it is not, where no mistake was found."""
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
    mistakes = [*_dropped(params), *_missing(params), *wrong, *_nonce(unit, account, params)]
    if received and not report["valid"]:
        finding = _wrong_digest(unit, request, params, account, secret, received)
        if any(mistake["id"] == "percent-in-value" for mistake in finding.mistakes):
            mistakes = mistakes[len(_dropped(params)) :]
        mistakes += finding.mistakes
        report |= {"excluded": finding.excluded} if finding.excluded else {}
    report["mistakes"] = mistakes
    return {**report, "warnings": doubtful} if doubtful else report


def _mistake(identifier: str, explanation: str, fix: str) -> dict[str, str]:
    return {"id": identifier, "explanation": explanation, "fix": fix}


# -- before the signature
# --------------------------------------------------------------------------------------
def _no_account(unit: UnitOfWork, request: Request, params: Params) -> list[dict[str, str]]:
    key = params.get("key")
    if "\0" in (key or "") or any("\0" in name and name.replace("\0", "") == "key" for name in params):
        return messages([Cause(BY_ID["sent-as-utf-16"])], PROFILE.words)
    if key:
        owner = unit.services.accounts.default()
        own = OtherSecret(f"the secret of account {owner.name}", section_of(owner).secret)
        for other in (own, *other_secrets(unit, NAME, owner)):
            if other.name.startswith("the secret") and hmac.compare_digest(_bytes(other.value), _bytes(key)):
                return [
                    _mistake(
                        "secret-as-key",
                        f"The parameter key holds {other.name}.",
                        "Send the access key as key; never send the secret.",
                    )
                ]
        return [
            _mistake(
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
        _mistake(
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
            _mistake(
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
        return _mistake(f"timestamp-in-{scale}", f"The timestamp {text} seems to be in {scale}.", fix)
    settings = settings_of(unit)
    way = timestamps.OLD if age > 0 else timestamps.AHEAD
    limit = settings.timestamp_max_age if age > 0 else settings.timestamp_max_ahead
    allowed = "any in the future is accepted" if limit is None else f"at most {limit:.0f} s are allowed"
    return _mistake(
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
        _mistake("nonce-used", first, "Make a new random nonce for each request, also when one is repeated.")
    ]


# -- the signature
# ---------------------------------------------------------------------------------------------
def _wrong_digest(
    unit: UnitOfWork, request: Request, params: Params, account: Account, secret: str, received: str
) -> Finding:
    case = case_of(unit, request, params, account)
    profile = PROFILE
    if settings_of(unit).signature_case == "any":
        profile = profile._replace(without=profile.without | {"upper-case"})
    hidden = [each.value for each in case.secrets if each.is_secret]
    recipe = right_recipe(request, params, settings_of(unit), secret)
    return Diagnosis(profile, recipe, case, received, hidden).finding()


def all_digests(unit: UnitOfWork, request: Request) -> Iterator[bytes]:
    """The digest of every candidate that `explain` would try for a request of the account."""
    params = parse(request, settings_of(unit))
    account = unit.account
    recipe = right_recipe(request, params, settings_of(unit), section_of(account).secret)
    search = Search(PROFILE, recipe, case_of(unit, request, params, account))
    return (candidate.digest for candidate in search.candidates())


def right_recipe(request: Request, params: Params, settings: Settings, secret: str) -> Recipe:
    """How the request has to be signed."""
    pairs = by_name(_pairs(params, signed_values(params, settings) or {}))
    return Recipe(_bytes(request.path), pairs, _bytes(secret))


def _pairs(params: Params, repeated: Mapping[str, Sequence[str]]) -> Iterator[tuple[bytes, bytes]]:
    """All parameters but the signature, with every value of those that are ``repeated``."""
    for name, value in params.items():
        if name != SIGNATURE:
            yield from ((_bytes(name), _bytes(each)) for each in repeated.get(name, (value,)))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def case_of(unit: UnitOfWork, request: Request, params: Params, account: Account) -> Case:
    """What is known of the request, besides."""
    wire = _wire(request)
    raw = _raw(wire)
    endpoint = _endpoint(unit, request)
    host = request.headers.get("host", "")
    hosts = dict.fromkeys(
        [
            request.origin.removesuffix(request.mount),
            *_HOSTS,
            *([f"http://{host}", f"https://{host}"] if host else []),
        ]
    )
    text = params.get("data")
    return Case(
        document=b"data",
        sent=_as_sent(params, raw),
        raw=raw,
        wire=wire,
        dropped={_bytes(name): next(iter(raw.get(_bytes(name), ())), b"") for name in params.dropped},
        query=request.query,
        method=request.method,
        mount=request.mount,
        raw_path=request.raw_path,
        hosts=tuple(hosts),
        identifier=params.get("key", ""),
        secrets=other_secrets(unit, NAME, account),
        variables=_VARIABLES,
        files={name: (file.filename, file.content) for name, file in params.files.items()},
        file_fields=(_bytes(FILE),) if endpoint is not None and FILE in endpoint.required else (),
        text=None if text is None else _bytes(text),
    )


def _wire(request: Request) -> tuple[bytes, ...]:
    """Query and form, cut at each ``&``; of a multipart request the query alone."""
    is_form = (
        request.method == "POST" and parse_header(request.headers.get("content-type", "")).value != MULTIPART
    )
    form = request.body if is_form else b""
    return tuple(b"&".join(filter(None, (request.query.encode("latin-1", "replace"), form))).split(b"&"))


def _raw(wire: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    """Values by decoded name, as they were on the wire."""
    raw: dict[bytes, list[bytes]] = {}
    for part in wire:
        name, _, value = part.partition(b"=")
        raw.setdefault(unquote_to_bytes(name.replace(b"+", b" ")), []).append(value)
    return raw


def _as_sent(params: Params, raw: Mapping[bytes, Sequence[bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """Every parameter with each of its values, in the order of arrival."""
    place = {name: index for index, name in enumerate(raw)}
    return tuple(sorted(_pairs(params, params.repeated), key=lambda pair: place.get(pair[0], 0)))
