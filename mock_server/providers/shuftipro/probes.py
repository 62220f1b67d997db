"""Shufti Pro's probes. No request for a verification has a service, so nothing is verified; all others ask for
references and tokens that no one was given, or read what belongs to the account.

Long because it is one table."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.core.http import Request
from mock_server.providers.accounts import Account
from mock_server.providers.mediatypes import FORM, JSON, MULTIPART
from mock_server.providers.probes import ACCOUNT, Candidates, CannotAsk, Probe, ProbeAnswer, ProbeStage, among
from mock_server.providers.shuftipro import signing
from mock_server.providers.shuftipro.errors import ERRORS
from mock_server.providers.shuftipro.events import INVALID, UNAUTHORIZED
from mock_server.providers.shuftipro.settings import section_of

HEADERS = ("content-type", "access-control-expose-headers", "x-ratelimit-limit")
_BOUNDARY = "calibrate-boundary"
_NUMBER = re.compile(rb"(?<![\w-])[1-9][0-9]{2,7}(?![\w-])")


class ProbeRequest(NamedTuple):
    """One request. ``{mark}`` in a body stands for `ProbeStage.mark`."""

    path: str = "/status"
    body: Any = None
    """JSON, a text as it is, or None."""
    method: str = "POST"
    login: str = "own"
    """A key of `_LOGINS`, or ``token``: the access token that the first answer of the probe gave."""
    kind: str = JSON
    """Content-Type; empty: none."""


def request(ask: ProbeRequest, stage: ProbeStage) -> Request:
    """The request as a client would send it."""
    text = ask.body if isinstance(ask.body, str) else json.dumps(ask.body, ensure_ascii=False)
    raw = b"" if ask.body is None else text.replace("{mark}", stage.mark).encode()
    headers = {"content-type": ask.kind} if ask.kind else {}
    login = f"Bearer {_token(stage)}" if ask.login == "token" else _login(ask.login, stage)
    if login:
        headers["authorization"] = login
    return Request(ask.method, ask.path.replace("{mark}", stage.mark), "", headers, raw)


def _token(stage: ProbeStage) -> str:
    document = stage.earlier[0].document
    token = document.get("access_token") if isinstance(document, dict) else None
    if not isinstance(token, str) or not token:
        raise CannotAsk("the service has issued no access token")
    return token


def _login(name: str, stage: ProbeStage) -> str:
    section = section_of(stage.account)
    return _LOGINS[name](section.client_id, section.secret_key, stage.mark)


def _basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


_LOGINS: Mapping[str, Callable[[str, str, str], str]] = {
    "own": lambda client, secret, mark: _basic(f"{client}:{secret}"),
    "none": lambda client, secret, mark: "",
    "stranger": lambda client, secret, mark: _basic(f"calibrate{mark}:{mark}"),
    "wrong": lambda client, secret, mark: _basic(f"{client}:{mark}"),
    "unreadable": lambda client, secret, mark: "Basic not-base64",
    "colonless": lambda client, secret, mark: _basic(mark),
    "digest": lambda client, secret, mark: f'Digest username="{mark}"',
    "forged": lambda client, secret, mark: f"Bearer {mark}",
}


# -- the table

_REFERENCE = "calibrate-{mark}"
_NAMED = {"reference": _REFERENCE}
_UNKNOWN = "No verification has the reference."
_NO_SERVICE = "It has no verification service, so nothing is verified."
_NOBODY = "It authorizes no one."
_NOTHING = "It names no verification."
_READS = "It reads what belongs to the account."
_NO_PATH = "Nothing is served at the path."

TTLS = (1_441, 10_081, 40_000, 43_200, 43_201, 100_001, 600_000)
"""Minutes that are asked for: one on each side of what a maximum is likely to be."""


def _multipart(name: str, value: str) -> str:
    return f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--{_BOUNDARY}--\r\n'


def _status(
    name: str, sends: str, body: Any, *decides: str, sentences: tuple[str, ...] = (), **ask: Any
) -> Probe:
    return Probe(name, sends, _UNKNOWN, (ProbeRequest(body=body, **ask),), decides, sentences)


def _create(
    name: str, sends: str, more: Mapping[str, Any], *decides: str, sentences: tuple[str, ...] = ()
) -> Probe:
    """A request for a verification without a service."""
    body = {**_NAMED, **more}
    return Probe(name, sends, _NO_SERVICE, (ProbeRequest("/", body),), decides, sentences)


_ISSUE = ProbeRequest("/get/access/token")
_ASK_ACCOUNT = ProbeRequest("/account/info/", None, "GET")
_INVALID = ("status-invalid", "status-400", "response-error")

PROBES: Sequence[Probe] = (
    # -- references
    _status("unknown-reference", "/status with an unknown reference", _NAMED, "unknown_status", f"{ACCOUNT}signature",
            "expose_headers", "rate_limit",
            sentences=(*_INVALID, "status-404", "status-response", "status-signed", "status-reference", "responses-json",
                       "responses-signature", "status-json", "signature-every-response", "hashed-formula", "signature-formula")),
    _status("bytes-of-a-body", "/status with an unknown reference that has / and macrons", {"reference": "calibrate/Māori/{mark}"},
            "body_style", sentences=("responses-json",)),
    Probe("status-no-reference", "/status without a reference", _NOTHING, (ProbeRequest(body={}),), ("missing_status",),
          (*_INVALID, "status-402")),
    Probe("status-empty-reference", "/status with an empty reference", _NOTHING,
          (ProbeRequest(body={"reference": ""}),), ("missing_status",),
          _INVALID),
    Probe("status-number", "/status with a number for the reference", _NOTHING, (ProbeRequest(body={"reference": 471_147}),), (), _INVALID),
    Probe("status-short-reference", "/status with a reference of three characters", _UNKNOWN,
          (ProbeRequest(body={"reference": "a-b"}),), (),
          _INVALID),
    Probe("status-not-json", "/status with a body that is not JSON", _NOTHING, (ProbeRequest(body="{not JSON"),), ("missing_status",)),
    Probe("status-list", "/status with a list", _NOTHING, (ProbeRequest(body=[]),), ("missing_status",)),
    Probe("status-empty", "/status with an empty body", _NOTHING, (ProbeRequest(body=""),), ("missing_status",)),
    Probe("delete-unknown", "/delete with an unknown reference", _UNKNOWN,
          (ProbeRequest("/delete", {**_NAMED, "comment": "asked by calibrate"}),), ("unknown_status",),
          ("delete-response", "delete-signed", "delete-reference", "delete-invalid")),
    Probe("delete-no-reference", "/delete without a reference", _NOTHING, (ProbeRequest("/delete", {"comment": "asked by calibrate"}),),
          ("missing_status",), ("delete-invalid",)),
    Probe("delete-no-comment", "/delete with an unknown reference and no comment", _UNKNOWN, (ProbeRequest("/delete", _NAMED),),
          ("unknown_status",), ("delete-invalid",)),
    # -- how a body is read
    _status("slash-at-the-end", "/status/ with an unknown reference", _NAMED, path="/status/"),
    _status("older-base", "/api/status with an unknown reference", _NAMED, path="/api/status"),
    _status("form-body", "/status with a form", "reference=calibrate-{mark}", kind=FORM),
    _status("multipart-body", "/status with a multipart form", _multipart("reference", _REFERENCE),
            kind=f"{MULTIPART}; boundary={_BOUNDARY}"),
    _status("json-as-text", "/status with JSON that says it is text/plain", _NAMED, "parse_by_content_type", kind="text/plain"),
    _status("json-as-form", "/status with JSON that says it is a form", _NAMED, "parse_by_content_type", kind=FORM),
    _status("no-content-type", "/status with JSON and no Content-Type", _NAMED, "parse_by_content_type", kind=""),
    # -- who is asking
    _status("no-credentials", "/status without credentials", _NAMED, login="none", sentences=("status-401", "event-unauthorized")),
    _status("unknown-client", "/status with an unknown client id", _NAMED, login="stranger", sentences=("status-401",)),
    _status("wrong-secret", "/status with a wrong secret key", _NAMED, "sign_unauthorized", login="wrong",
            sentences=("status-401", "event-unauthorized", "signature-every-response")),
    _status("unreadable-credentials", "/status with Basic and no Base64", _NAMED, login="unreadable", sentences=("status-401",)),
    _status("credentials-without-colon", "/status with Basic and no colon", _NAMED, login="colonless", sentences=("status-401",)),
    _status("other-scheme", "/status with Digest", _NAMED, login="digest", sentences=("status-401",)),
    _status("forged-token", "/status with a forged access token", _NAMED, login="forged", sentences=("status-401",)),
    # -- access tokens
    Probe("access-token", "a new access token", "The token ends by itself and opens nothing else.", (_ISSUE,), only_shape=True),
    Probe("access-token-wrong-secret", "an access token for a wrong secret key", _NOBODY, (_ISSUE._replace(login="wrong"),),
          ("sign_unauthorized",), ("status-401",)),
    Probe("token-once", "a new access token, used for an unknown reference", _UNKNOWN, (_ISSUE, ProbeRequest(body=_NAMED, login="token"))),
    Probe("token-after-refusal", "the same, used a second time", _UNKNOWN,
          (_ISSUE, ProbeRequest(body=_NAMED, login="token"), ProbeRequest(body=_NAMED, login="token")),
          ("refusal_burns_token", "sign_unauthorized")),
    Probe("token-after-success", "an access token that has read the account, used a second time", _UNKNOWN,
          (_ISSUE, _ASK_ACCOUNT._replace(login="token"), ProbeRequest(body=_NAMED, login="token")), ("sign_unauthorized",)),
    # -- the account
    Probe("account-info", "/account/info/", _READS, (_ASK_ACCOUNT,), (), (), only_shape=True),
    Probe("decline-reasons", "/decline/reasons/", "It reads a public list.", (ProbeRequest("/decline/reasons/", None, "GET"),)),
    Probe("account-info-stranger", "/account/info/ with an unknown client id", _NOBODY,
          (_ASK_ACCOUNT._replace(login="stranger"),), (), ("status-401",)),
    # -- paths
    Probe("unknown-path", "a path that does not exist", _NO_PATH, (ProbeRequest("/status/{mark}", _NAMED),), (), ("status-404",)),
    Probe("wrong-method", "GET /status", _NOTHING, (ProbeRequest("/status", None, "GET"),), (), ("status-404",)),
    Probe("unknown-file", "a file that was never handed out", _NO_PATH,
          (ProbeRequest("/api/pea/" + "0123456789" * 4, {"access_token": "0" * 64}, login="none"),), (), ("status-404",)),
    # -- POST / without a service
    Probe("create-empty", "a request for a verification that is empty", _NO_SERVICE, (ProbeRequest("/", {}),), ("missing_status",),
          ("status-400", "status-402", "event-invalid", "response-error")),
    Probe("create-short-reference", "one with a reference of three characters", _NO_SERVICE, (ProbeRequest("/", {"reference": "a-b"}),), (),
          ("status-400",)),
    _create("create-no-service", "one with a reference and no service", {}, "missing_status", sentences=("status-400", "status-402")),
    _create("create-country", "one with country: XX", {"country": "XX"}, sentences=("status-country-format", "status-400")),
    _create("create-country-three", "one with country: NZL", {"country": "NZL"}, sentences=("status-country-format", "status-400")),
    _create("create-country-lower", "one with country: nz", {"country": "nz"}, "missing_status"),
    _create("create-email", "one with an email that is not an address", {"email": "calibrate at example"}),
    _create("create-callback", "one with a callback_url that is not a URL", {"callback_url": "calibrate example"}),
    _create("create-language", "one with a language of three letters", {"language": "eng"}),
    _create("create-mode", "one with a verification_mode that does not exist", {"verification_mode": "calibrate"}),
    _create("create-flag-boolean", "one with a flag that is true", {"allow_offline": True}, "flags_strict", "missing_status"),
    _create("create-flag-number", "one with a flag that is 1", {"allow_offline": 1}, "flags_strict", "missing_status"),
    _create("create-flag-text", "one with a flag that is yes", {"allow_offline": "yes"}),
    _create("create-unknown-key", "one with a key that no page names", {"zebra": "1 + 1"}, "missing_status"),
    _create("create-characters", "one with macrons, quotes and an emoji in its reference", {"reference": 'Māori "1+1" 🥝 {mark}'},
            "missing_status"),
    _create("create-ttl-zero", "one with a ttl of 0", {"ttl": 0}),
    _create("create-ttl-text", "one with a ttl that is not a number", {"ttl": "soon"}),
    *(_create(f"create-ttl-{minutes}", f"one with a ttl of {minutes} minutes", {"ttl": minutes}, "ttl_max", "missing_status")
      for minutes in TTLS),
    _create("order-country-email", "one with a wrong country and a wrong email", {"email": "none", "country": "XX"}),
    Probe("order-reference-country", "one with a wrong country and no reference", _NO_SERVICE, (ProbeRequest("/", {"country": "XX"}),),
          ("missing_status",)),
)  # fmt: skip


def _limits(answers: Mapping[str, ProbeAnswer]) -> list[int]:
    """What the vendor's header says."""
    said = {answer.headers.get("x-ratelimit-limit", "") for answer in answers.values()}
    return [0, *sorted(int(text) for text in said if text.isascii() and text.isdigit() and len(text) < 9)]


def _ttls(answers: Mapping[str, ProbeAnswer]) -> list[int]:
    """What was tried, and what an answer says itself."""
    said = {
        int(number)
        for name in answers
        if name.startswith("create-ttl-")
        for number in _NUMBER.findall(answers[name].body)
    }
    return [TTLS[0] - 1, *TTLS, *sorted(said - {*TTLS})]


CANDIDATES: Mapping[str, Candidates] = {
    f"{ACCOUNT}signature": among("hashed", "legacy"),
    "body_style": among("php", "plain"),
    "expose_headers": among(True, False),
    "unknown_status": among(400, 404),
    "missing_status": among(400, 402),
    "sign_unauthorized": among(True, False),
    "refusal_burns_token": among(True, False),
    "parse_by_content_type": among(False, True),
    "flags_strict": among(False, True),
    "ttl_max": _ttls,
    "rate_limit": _limits,
}


# -- answers


def facts(answer: ProbeAnswer, account: Account) -> Mapping[str, Any]:
    """The answer's signature scheme and the style of its JSON."""
    facts: dict[str, Any] = {"signature": _scheme(answer, account)}
    if b"\\/" in answer.body or b"\\u" in answer.body:
        facts["JSON"] = "with \\/ and \\uXXXX"
    elif b"/" in answer.body or not answer.body.isascii():
        facts["JSON"] = "with / and UTF-8"
    return facts


def _scheme(answer: ProbeAnswer, account: Account) -> str:
    """By which scheme the headers fit the body."""
    sent = {name: answer.headers[name.lower()] for name in signing.HEADERS if name.lower() in answer.headers}
    if not sent:
        return "none"
    secret = section_of(account).secret_key
    right = [
        scheme for scheme in signing.SCHEMES if signing.sign(answer.body, secret, scheme) in sent.values()
    ]
    return f"{right[0] if right else 'of no known scheme'} in {' and '.join(sent)}"


def tidy(document: Any) -> Any:
    """The decline reasons by their code."""
    reasons = document.get("decline_reasons") if isinstance(document, dict) else None
    if not isinstance(reasons, list):
        return document
    by_code = {
        str(row.get("status_code")): row.get("description") for row in reasons if isinstance(row, dict)
    }
    return {**document, "decline_reasons": dict(sorted(by_code.items()))}


def brief(answer: ProbeAnswer) -> str:
    """The event, or the first key."""
    document = answer.document
    if not isinstance(document, dict):
        return answer.media_type or "empty"
    event = document.get("event")
    return event if isinstance(event, str) else next(iter(document), "{}")


def denied(answer: ProbeAnswer) -> str:
    """The client id or the secret key is wrong."""
    document = answer.document
    event = document.get("event") if isinstance(document, dict) else ""
    wrong = answer.status == ERRORS[UNAUTHORIZED].status or event == UNAUTHORIZED
    return "it does not know the client id, or the secret key is not its own" if wrong else ""


def refused(answer: ProbeAnswer) -> bool:
    """Its event says so."""
    document = answer.document
    event = document.get("event") if isinstance(document, dict) else ""
    return event in (INVALID, UNAUTHORIZED)


def obstacle(answer: ProbeAnswer) -> str:
    """No answer shows one."""
    return ""


def created(answer: ProbeAnswer) -> str:
    """A verification that has a page or a result."""
    document = answer.document
    if not isinstance(document, dict):
        return ""
    event = document.get("event")
    begun = isinstance(event, str) and (
        event.startswith("verification.") or event in ("request.pending", "request.received")
    )
    return (
        f"the verification {document.get('reference')!r}" if begun or document.get("verification_url") else ""
    )
