"""Cloudcheck's probes. None names a person: each is refused by a check that comes before anything is run, or asks for a
reference that no one was given.

Long because it is one table."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from mock_server.core.http import Request
from mock_server.providers.accounts import Account
from mock_server.providers.cloudcheck.canonical import SIGNATURE, canonical
from mock_server.providers.cloudcheck.endpoint import FILE, Endpoint, section_of
from mock_server.providers.cloudcheck.errors import CODES
from mock_server.providers.cloudcheck.routes import ENDPOINTS
from mock_server.providers.cloudcheck.signing import sign_text
from mock_server.providers.mediatypes import FORM
from mock_server.providers.probes import Candidates, Probe, ProbeAnswer, ProbeStage, among
from mock_server.scenario.facts import MISSING

HEADERS = ("content-type", "allow")
_PDF = "/verify/pdf"
_BOUNDARY = "calibrate-boundary"
_TINY = b"not a picture"

Pairs = tuple[tuple[str, str], ...]


class ProbeRequest(NamedTuple):
    """One signed request. ``{mark}`` in a value stands for `ProbeStage.mark`."""

    params: Pairs = (("reference", "{mark}"),)
    path: str = _PDF
    method: str = "POST"
    form: str = "form"
    """How it is sent: ``form``, ``split`` (parameters in the query, the rest in the form), ``bare`` (without
    Content-Type), ``latin`` (ISO 8859-1, and says so), ``file`` (multipart, with a file), ``raw`` (as it is signed, but not
    encoded), ``json`` (for a browser: the header x-api-key and a JSON body)."""
    key: str | None = "{key}"
    nonce: str | None = "{mark}"
    timestamp: float | str | None = 0.0
    """Seconds from now, or the text itself."""
    signing: str = "right"
    """A key of `_SIGNINGS`; empty: unsigned."""
    signed: Pairs | None = None
    """What is signed in place of ``params``."""


def request(ask: ProbeRequest, stage: ProbeStage) -> Request:
    """The request as a client would send it."""
    section = section_of(stage.account)
    own = {"{mark}": stage.mark, "{key}": section.key}
    when = ask.timestamp
    stamp = str(int((stage.now + when) * 1000)) if isinstance(when, float) else when
    common = [("key", ask.key), ("nonce", ask.nonce), ("timestamp", stamp)]
    gate = [(name, _filled(value, own)) for name, value in common if value is not None]
    params = [(name, _filled(value, own)) for name, value in ask.params]
    path = _filled(ask.path, own)
    signed = params if ask.signed is None else [(name, _filled(value, own)) for name, value in ask.signed]
    if ask.signing:
        gate.append((SIGNATURE, _SIGNINGS[ask.signing](path, [*gate, *signed], section.secret)))
    return _sent(ask, path, params, gate, section.key)


def _filled(text: str, own: Mapping[str, str]) -> str:
    for name, value in own.items():
        text = text.replace(name, value)
    return text


def _sent(
    ask: ProbeRequest, path: str, params: Sequence[tuple[str, str]], gate: Sequence[tuple[str, str]], key: str
) -> Request:
    pairs = [*params, *gate]
    if ask.method == "GET":
        return Request("GET", path, urlencode(pairs), {}, b"")
    if ask.form == "split":
        return Request("POST", path, urlencode(params), {"content-type": FORM}, urlencode(gate).encode())
    if ask.form == "bare":
        return Request("POST", path, "", {}, urlencode(pairs).encode())
    if ask.form == "latin":
        body = urlencode(pairs, encoding="latin-1", errors="replace").encode()
        return Request("POST", path, "", {"content-type": f"{FORM}; charset=ISO-8859-1"}, body)
    if ask.form == "file":
        kind = f"multipart/form-data; boundary={_BOUNDARY}"
        return Request("POST", path, "", {"content-type": kind}, _multipart(pairs))
    if ask.form == "raw":
        body = f"{'&'.join(f'{name}={value}' for name, value in params)}&{urlencode(gate)}".encode()
        return Request("POST", path, "", {"content-type": FORM}, body)
    if ask.form == "json":
        headers = {"content-type": "application/json", "x-api-key": dict(params).get("x-api-key", key)}
        return Request("POST", path, "", headers, b"not json")
    return Request("POST", path, "", {"content-type": FORM}, urlencode(pairs).encode())


def _multipart(pairs: Sequence[tuple[str, str]]) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; name="
    fields = b"".join(f'{head}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in pairs)
    file = f'{head}"{FILE}"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'.encode()
    return fields + file + _TINY + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _text(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    several = {name: [value for other, value in pairs if other == name] for name, _ in pairs}
    return canonical(path, dict(pairs), several)


def _backwards(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    return path + "".join(f"{name}={value};" for name, value in sorted(pairs, reverse=True))


def _encoded(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    return _text(path, [(name, quote(value, safe="")) for name, value in pairs])


_SIGNINGS: Mapping[str, Any] = {
    "right": lambda path, pairs, secret: sign_text(secret, _text(path, pairs)),
    "wrong": lambda path, pairs, secret: sign_text(f"not {secret}", _text(path, pairs)),
    "upper": lambda path, pairs, secret: sign_text(secret, _text(path, pairs)).upper(),
    "base64": lambda path, pairs, secret: b64encode(
        bytes.fromhex(sign_text(secret, _text(path, pairs)))
    ).decode(),
    "plain": lambda path, pairs, secret: sha256((_text(path, pairs) + secret).encode()).hexdigest(),
    "backwards": lambda path, pairs, secret: sign_text(secret, _backwards(path, pairs)),
    "encoded": lambda path, pairs, secret: sign_text(secret, _encoded(path, pairs)),
    "open": lambda path, pairs, secret: sign_text(secret, _text(path, pairs)[:-1]),
    "pathless": lambda path, pairs, secret: sign_text(secret, _text("", pairs)),
}
"""How a signature is made, right or wrong."""


# -- the table

_UNKNOWN = "No verification has the reference."
_UNSIGNED = "Its signature is wrong, so the request goes no further."
_GATE = "What every request must have is missing, so the request goes no further."
_NOBODY = "It names no person to verify."
_UNREADABLE = "Its data cannot be read, so nothing can be created."
_NEVER_GIVEN = "No one was given the token."
_SPACED = (("reference", "{mark} Māui+1 & co"),)
_ONE, _TWO = "{mark}a", "{mark}b"
_TWICE = (("reference", _ONE), ("reference", _TWO))

OLD = (30, 90, 240, 420, 540, 660, 840, 960, 1500, 2100, 3300, 3900, 39_600, 90_000, 691_200)
"""Ages of timestamps that are tried, in seconds: one on each side of what a maximum is likely to be."""
AHEAD = (45, 240, 360, 840, 960, 3300, 3900, 90_000)
LENGTHS = (36, 64, 128, 255, 256, 1024)
"""Lengths of nonces that are tried."""


def _named(seconds: int) -> str:
    units = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))
    return next(f"{seconds // unit}{name}" for unit, name in units if seconds % unit == 0)


def _data(document: Any) -> Pairs:
    return (("data", document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)),)


def _verify(name: str, sends: str, document: Any, *decides: str, sentences: tuple[str, ...] = ()) -> Probe:
    return Probe(
        f"verify-{name}", sends, _NOBODY, (ProbeRequest(_data(document), "/verify/"),), decides, sentences
    )


def _own_errors() -> Iterator[Probe]:
    """An error of each endpoint's own: a token that was never issued, or data that cannot be read."""
    for endpoint in ENDPOINTS:
        if endpoint.name in ("verify", "verify-pdf") or endpoint.access != "signed":
            continue
        probe = _own_error(endpoint)
        if probe is not None:
            yield probe


_VALUES = {"imageData": "AAAA", "id": "1", "type": "PERSON"}


def _own_error(endpoint: Endpoint) -> Probe | None:
    setting = (f"error_position.{endpoint.name}",)
    ask = ProbeRequest(path=endpoint.path, method=endpoint.method)
    if "data" in endpoint.required or endpoint.name == "tree-request":
        form = "file" if FILE in endpoint.required else "form"
        asks = (ask._replace(params=_data("not JSON"), form=form),)
        return Probe(
            f"{endpoint.name}-unreadable", f"{endpoint.path} with data that is not JSON", _UNREADABLE, asks, setting,
            ("error-107",),
        )  # fmt: skip
    if endpoint.names_record:
        params = tuple((name, _VALUES.get(name, "{mark}")) for name in endpoint.required)
        return Probe(
            f"{endpoint.name}-unknown", f"{endpoint.path} with an unknown token", _NEVER_GIVEN, (ask._replace(params=params),),
            setting, ("error-105",),
        )  # fmt: skip
    if "peid" in endpoint.required:
        return Probe(
            f"{endpoint.name}-malformed", f"{endpoint.path} with a peid that is not a number", "No profile has such a peid.",
            (ask._replace(params=(("peid", "none"),)),), setting, ("error-107",),
        )  # fmt: skip
    if endpoint.required:
        return Probe(
            f"{endpoint.name}-empty", f"{endpoint.path} without {', '.join(endpoint.required)}",
            "Nothing is asked for.", (ask._replace(params=()),), (), ("error-102",),
        )  # fmt: skip
    return None


PROBES: Sequence[Probe] = (
    # -- signatures
    Probe(
        "unknown-reference", f"{_PDF} with an unknown reference", _UNKNOWN, (ProbeRequest(),),
        ("error_position.verify-pdf", "error_status", "content_type"),
        ("signing-all-requests", "signing-construction", "signing-path", "signing-semi-colon", "signing-hmac", "signing-hexadecimal",
         "error-105", "error-levels", "error-fields", "error-field-error", "error-field-message"),
    ),
    Probe("wrong-signature", "a signature made with another secret", _UNSIGNED, (ProbeRequest(signing="wrong"),), ("error_position.gate",),
          ("error-106", "signing-hmac")),
    Probe("wrong-signature-elsewhere", "the same at /live/", _UNSIGNED, (ProbeRequest(_data("not JSON"), "/live/", signing="wrong"),),
          ("error_position.gate",), ("error-106",)),
    Probe("wrong-signature-options", "the same at /api/options/", _UNSIGNED, (ProbeRequest((), "/api/options/", "GET", signing="wrong"),),
          ("error_position.gate",), ("error-106",)),
    Probe("upper-case-signature", "a right signature in upper case", _UNKNOWN, (ProbeRequest(signing="upper"),), ("signature_case",),
          ("signing-hexadecimal",)),
    Probe("base64-signature", "a right signature as Base64", _UNKNOWN, (ProbeRequest(signing="base64"),), (), ("signing-not-base64",)),
    Probe("plain-hash", "a SHA-256 in place of the HMAC", _UNSIGNED, (ProbeRequest(signing="plain"),), (), ("signing-hmac",)),
    Probe("unsorted-parameters", "parameters signed from Z to A", _UNKNOWN, (ProbeRequest(signing="backwards"),), (), ("signing-sorted",)),
    Probe("unsigned-path", "a signature without the path", _UNKNOWN, (ProbeRequest(signing="pathless"),), (), ("signing-path",)),
    Probe("no-last-semi-colon", "a signature without the last semi-colon", _UNKNOWN, (ProbeRequest(signing="open"),), (),
          ("signing-semi-colon",)),
    Probe("decoded-values", "a reference with spaces, + and macrons, signed decoded", _UNKNOWN, (ProbeRequest(_SPACED),), (),
          ("signing-parameter",)),
    Probe("encoded-values", "the same, signed URL-encoded", _UNKNOWN,
          (ProbeRequest(_SPACED, signing="encoded"),), (), ("signing-parameter",)),
    Probe("signature-of-another-request", "the signature of another reference", _UNKNOWN,
          (ProbeRequest(signed=(("reference", "other"),)),), (), ("signing-each-request",)),
    Probe("unknown-parameter", "a parameter that no page names, signed", _UNKNOWN,
          (ProbeRequest((("reference", "{mark}"), ("zebra", "1 + 1"))),),
          (), ("signing-repeat",)),
    Probe("signed-file-name", "a file, with its name signed", _UNKNOWN,
          (ProbeRequest(form="file", signed=(("reference", "{mark}"), (FILE, "a.txt"))),), ("signed_file",), ("signing-construction",)),
    Probe("unsigned-file", "a file that is not signed", _UNKNOWN, (ProbeRequest(form="file"),), (), ("signing-construction",)),
    # -- parameters
    Probe("repeated-each", "two references, both signed", _UNKNOWN, (ProbeRequest(_TWICE),), ("repeated_parameters",), ("signing-repeat",)),
    Probe("repeated-joined", "two references, signed as one joined value", _UNKNOWN,
          (ProbeRequest(_TWICE, signed=(("reference", _ONE + _TWO),)),), ("repeated_parameters",), ("signing-repeat",)),
    Probe("repeated-first", "two references, the first signed", _UNKNOWN, (ProbeRequest(_TWICE, signed=_TWICE[:1]),),
          ("repeated_parameters",), ("signing-repeat",)),
    Probe("repeated-last", "two references, the last signed", _UNKNOWN, (ProbeRequest(_TWICE, signed=_TWICE[1:]),),
          ("repeated_parameters",), ("signing-repeat",)),
    Probe("query-and-form", "the reference in the query, the rest in the form", _UNKNOWN, (ProbeRequest(form="split"),)),
    Probe("malformed-escape", "a reference that ends with %zz, not encoded", _UNKNOWN,
          (ProbeRequest((("reference", "{mark}%zz"),), form="raw"),),
          ("malformed_escape",)),
    Probe("latin-charset", "a form in ISO 8859-1 that says so", _UNKNOWN, (ProbeRequest((("reference", "{mark} café"),), form="latin"),)),
    Probe("no-content-type", "a form without Content-Type", _UNKNOWN, (ProbeRequest(form="bare"),), ("form_without_content_type",)),
    Probe("get", "the same as GET", _UNKNOWN, (ProbeRequest(method="GET"),), (), ("error-105",)),
    # -- what every request must have
    Probe("no-key", "no key", _GATE, (ProbeRequest(key=None),), (), ("error-101",)),
    Probe("empty-key", "an empty key", _GATE, (ProbeRequest(key=""),), (), ("error-101",)),
    Probe("unknown-key", "an unknown key", _GATE, (ProbeRequest(key="calibrate{mark}"),), (), ("error-101",)),
    Probe("no-signature", "no signature", _GATE,
          (ProbeRequest(signing=""),), (), ("error-102", "signing-all-requests", "error-field-fields")),
    Probe("no-nonce", "no nonce", _GATE, (ProbeRequest(nonce=None),), (), ("error-102",)),
    Probe("empty-nonce", "an empty nonce", _GATE, (ProbeRequest(nonce=""),), (), ("error-102",)),
    Probe("no-timestamp", "no timestamp", _GATE, (ProbeRequest(timestamp=None),), (), ("error-102",)),
    Probe("nothing", "no parameter but the key", _GATE, (ProbeRequest((), nonce=None, timestamp=None, signing=""),), (),
          ("error-102", "error-field-fields")),
    Probe("no-reference", f"{_PDF} without its reference", "Nothing is asked for.", (ProbeRequest(()),), (), ("error-102",)),
    Probe("empty-reference", "an empty reference", "Nothing is asked for.", (ProbeRequest((("reference", ""),)),), (), ("error-102",)),
    # -- timestamps
    *(Probe(f"timestamp-{_named(age)}-old", f"a timestamp of {_named(age)} ago", _UNKNOWN, (ProbeRequest(timestamp=-float(age)),),
            ("timestamp_max_age",), ("error-103",)) for age in OLD),
    *(Probe(f"timestamp-{_named(ahead)}-ahead", f"a timestamp {_named(ahead)} in the future", _UNKNOWN,
            (ProbeRequest(timestamp=float(ahead)),), ("timestamp_max_ahead",), ("error-103",)) for ahead in AHEAD),
    Probe("timestamp-in-seconds", "a timestamp in seconds", _UNKNOWN, (ProbeRequest(timestamp="1700000000"),), (), ("error-103-seconds",)),
    Probe("timestamp-text", "a timestamp that is not a number", _UNKNOWN, (ProbeRequest(timestamp="soon"),), ("timestamp_malformed",),
          ("error-103-milliseconds",)),
    # -- nonces
    Probe("replayed-nonce", "a nonce that a refused request has used", _UNKNOWN,
          (ProbeRequest(), ProbeRequest()), ("refusal_uses_nonce",), ("error-104",)),
    Probe("replayed-nonce-accepted", "a nonce that an accepted request has used", "It asks what the SDK is to ask for.",
          (ProbeRequest((), "/api/options/", "GET"), ProbeRequest((), "/api/options/", "GET")), (), ("error-104", "signing-each-request")),
    Probe("nonce-of-unsigned", "a nonce that a wrongly signed request has carried", _UNKNOWN,
          (ProbeRequest(signing="wrong"), ProbeRequest()), (),
          ("error-104",)),
    *(Probe(f"nonce-of-{length}", f"a nonce of {length} characters", _UNKNOWN, (ProbeRequest(nonce="{mark}".ljust(length - 6, "n")),),
            ("nonce_max_length",)) for length in LENGTHS),
    # -- order of checks
    Probe("order-key-signature", "an unknown key and no signature", _GATE, (ProbeRequest(key="calibrate{mark}", signing=""),)),
    Probe("order-required-timestamp", "no nonce and a stale timestamp", _GATE, (ProbeRequest(nonce=None, timestamp=-3e7),)),
    Probe("order-timestamp-signature", "a stale timestamp and a wrong signature", _UNSIGNED,
          (ProbeRequest(timestamp=-3e7, signing="wrong"),)),
    Probe("order-nonce-signature", "a used nonce and a wrong signature", _UNSIGNED, (ProbeRequest(), ProbeRequest(signing="wrong")),
          ("refusal_uses_nonce",)),
    # -- paths
    Probe("unknown-path", "a path that does not exist", "Nothing is served at the path.", (ProbeRequest((), "/verify/{mark}/"),)),
    Probe("wrong-method", "GET /verify/", _NOBODY, (ProbeRequest((), "/verify/", "GET"),)),
    # -- /verify/ without a person
    _verify("no-data", "/verify/ with empty data", "", sentences=("error-102",)),
    _verify("unreadable", "/verify/ with data that is not JSON", "{not JSON", sentences=("error-107", "error-field-detail")),
    _verify("list", "/verify/ with a list for data", [], sentences=("error-107",)),
    _verify("no-consent", "/verify/ without consent and person", {"reference": "calibrate"}, "error_position.verify",
            sentences=("error-102", "error-levels")),
    _verify("consent-no", "/verify/ with consent: No, without a person", {"reference": "calibrate", "consent": "No"},
            sentences=("error-107",)),
    _verify("no-details", "/verify/ with consent and a reference alone", {"reference": "calibrate", "consent": "Yes"},
            sentences=("error-102",)),
    _verify("no-reference", "/verify/ with consent alone", {"consent": "Yes"}, "reference_required", sentences=("error-102",)),
    _verify("number", "/verify/ with a number for the reference, without a person", {"reference": 4711, "consent": "Yes"},
            "numbers_as_text", sentences=("error-107",)),
    _verify("details-text", "/verify/ with a text for details", {"reference": "calibrate", "consent": "Yes", "details": "none"},
            sentences=("error-107",)),
    _verify("no-birth", "/verify/ with details that are empty but for a note",
            {"reference": "calibrate", "consent": "Yes", "details": {"note": "calibrate"}}, sentences=("error-102",)),
    _verify("birth-text", "/verify/ with a date of birth that is not a date, without a name",
            {"reference": "calibrate", "consent": "Yes", "details": {"dateofbirth": "yesterday"}}, sentences=("error-107",)),
    _verify("birth-future", "/verify/ with a date of birth in the future, without a name",
            {"reference": "calibrate", "consent": "Yes", "details": {"dateofbirth": "2999-12-31"}}, sentences=("error-107",)),
    _verify("no-name", "/verify/ with a date of birth and no name",
            {"reference": "calibrate", "consent": "Yes", "details": {"dateofbirth": "1900-01-01"}}, sentences=("error-102",)),
    # -- every other endpoint
    *_own_errors(),
    Probe("picture-unsigned", "an unsigned picture of a capture that does not exist", _NEVER_GIVEN,
          (ProbeRequest((), "/live/download/" + "{mark}" * 4 + "/1/", "GET", key=None, nonce=None, timestamp=None, signing=""),),
          ("image_download",), ("signing-all-requests",)),
    Probe("browser-key", "the browser's address look-up with an unknown key", _GATE,
          (ProbeRequest((("x-api-key", "calibrate{mark}"),), "/addresslookup/find/", form="json"),), (), ("error-101",)),
    Probe("browser-unreadable", "the browser's address look-up with a body that is not JSON", _UNREADABLE,
          (ProbeRequest((), "/addresslookup/find/", form="json"),), ("error_position.addresslookup-find",), ("error-107",)),
)  # fmt: skip


def _between(rungs: Sequence[int]) -> list[int]:
    """A round value for each gap between the rungs, and one below and above them."""
    return [rungs[0] // 2, *((low + high) // 2 for low, high in pairwise(rungs)), rungs[-1] * 10]


def _statuses(answers: Mapping[str, ProbeAnswer]) -> list[int]:
    return sorted({answer.status for answer in answers.values() if _code(answer)})


def _content_types(answers: Mapping[str, ProbeAnswer]) -> list[str]:
    seen = (answer.headers.get("content-type", "") for answer in answers.values() if _code(answer))
    return sorted({kind for kind in seen if kind})


_POSITIONS = sorted(
    {name for probe in PROBES for name in probe.decides if name.startswith("error_position.")},
    key=lambda name: (name.endswith(".gate"), name),
)
"""The gate's last: where an endpoint has a position of its own, it is also that of the gate's errors."""

CANDIDATES: Mapping[str, Candidates] = {
    "error_status": _statuses,
    "content_type": _content_types,
    **dict.fromkeys(_POSITIONS, among("nested", "top")),
    "signature_case": among("any", "lower"),
    "signed_file": among("accepted", "never"),
    "repeated_parameters": among("each", "concatenate", "first", "last"),
    "malformed_escape": among("drop", "keep"),
    "form_without_content_type": among(False, True),
    "timestamp_max_age": among(*_between(OLD)),
    "timestamp_max_ahead": among(None, *_between(AHEAD)[:-1]),
    "timestamp_malformed": among(107, 103),
    "refusal_uses_nonce": among(True, False),
    "nonce_max_length": among(0, 35, *LENGTHS[:-1]),
    "reference_required": among(False, True),
    "numbers_as_text": among(True, False),
    "image_download": among("open", "signed"),
}


# -- answers


def _error(answer: ProbeAnswer) -> tuple[str, Mapping[str, Any]]:
    """Where the error stands, and the error; nothing without one."""
    document = answer.document
    if isinstance(document, dict):
        inner = document.get("verification")
        if isinstance(inner, dict) and "error" in inner:
            return "nested", inner
        if "error" in document:
            return "top", document
    return "", {}


def _code(answer: ProbeAnswer) -> int:
    code = _error(answer)[1].get("error")
    return code if isinstance(code, int) and code in CODES else 0


def facts(answer: ProbeAnswer, account: Account) -> Mapping[str, Any]:
    """Where an error stands, and what it says: the same names at the top and at the second level."""
    position, error = _error(answer)
    if not position:
        return {}
    named = {name if name == "error" else f"error {name}": value for name, value in error.items()}
    return {"error stands": {"nested": "under verification", "top": "at the top"}[position], **named}


def tidy(document: Any) -> Any:
    """Without the error, which `facts` has."""
    if not isinstance(document, dict):
        return document
    inner = document.get("verification")
    if isinstance(inner, dict) and "error" in inner:
        return {name: value for name, value in document.items() if name != "verification"}
    return {} if "error" in document else document


def brief(answer: ProbeAnswer) -> str:
    """The code, or that it is not an error."""
    document = answer.document
    code = _error(answer)[1].get("error")
    return str(code) if code is not None else answer.media_type if document is MISSING else "accepted"


def denied(answer: ProbeAnswer) -> str:
    """The key, the secret or this machine's clock is wrong."""
    reasons = {
        101: "it does not know the key",
        106: "it finds the signature wrong, so the secret is not that of the key",
        103: "it finds the time stale, so the clock of this machine is wrong",
    }
    return reasons.get(_code(answer), "")


def refused(answer: ProbeAnswer) -> bool:
    """It has an error."""
    return bool(_error(answer)[0])


def obstacle(answer: ProbeAnswer) -> str:
    """The account lacks the product."""
    return "the account does not have this product (108)" if _code(answer) == 108 else ""


def created(answer: ProbeAnswer) -> str:
    """A verification or a token that an answer without an error names."""
    document = answer.document
    if _error(answer)[0] or not isinstance(document, dict):
        return ""
    inner = document.get("verification") or document.get("capture") or document
    names = ("verificationReference", "captureReference", "token", "associations")
    return next((name for name in names if isinstance(inner, dict) and inner.get(name)), "")
