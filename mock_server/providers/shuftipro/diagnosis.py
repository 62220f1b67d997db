"""The doctor: whether a receiver's signature is right, and which known mistakes give it; and why a request
was not authorized.

A mistake is named only where it reproduces the signature. A secret is never shown.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from mock_server.core.http import Request
from mock_server.diagnosis.mistake import Stage
from mock_server.diagnosis.recipe import Case, OtherSecret, Recipe, of_body
from mock_server.diagnosis.report import Diagnosis, Finding, compared, described
from mock_server.diagnosis.search import Match, alteration, messages, secret_mistake
from mock_server.providers.context import UnitOfWork
from mock_server.providers.other_secrets import other_secrets
from mock_server.providers.problems import sent_twice
from mock_server.providers.shuftipro import gate, phpjson, signing, tokens
from mock_server.providers.shuftipro.mistakes import KEYS, PROFILES
from mock_server.providers.shuftipro.settings import NAME, section_of
from mock_server.store.base import DeliveryFilter

_KNOWN = 200
"""Messages and answers that a body is compared with."""
_ALIKE = 3
"""Of those that say the same, so many are searched for mistakes."""
_VARIABLES = (
    "SECRET",
    "SECRET_KEY",
    "SHUFTIPRO_SECRET",
    "SHUFTIPRO_SECRET_KEY",
    "SHUFTI_SECRET_KEY",
    "SHUFTI_SECRET",
)
"""Names under which applications keep the secret key."""
Report = dict[str, Any]


class Around(NamedTuple):
    """What is known besides the message."""

    identifier: str = ""
    secrets: tuple[OtherSecret, ...] = ()
    known: tuple[bytes, ...] = ()
    """Bodies that were really sent, so that one of them is recognised in another form."""


NOTHING = Around()


def around(unit: UnitOfWork) -> Around:
    """What the server knows: the account's credentials, others' secrets, the account's latest answers and callbacks."""
    section = section_of(unit.account)
    return Around(section.client_id, other_secrets(unit, NAME, unit.account), tuple(sent_by(unit)))


def explain_callback(
    body: bytes,
    headers: Mapping[str, str],
    secret: str,
    scheme: str = "hashed",
    signature: str = "",
    around: Around = NOTHING,
) -> Report:
    """Check a callback's or an answer's signature as a receiver has it, and name the mistakes that give it.

    ``headers``: as received, names in any case. ``signature``: what the receiver has computed itself, in
    place of the header's. Answers ``{"valid", "canonical", "expected", "received", "mistakes": [{"id",
    "explanation", "fix"}]}``, and ``excluded`` where nothing was found."""
    by_name = {name.lower(): value for name, value in headers.items()}
    received = signature or next(
        (by_name[name.lower()] for name in signing.HEADERS if name.lower() in by_name), ""
    )
    expected = signing.sign(body, secret, scheme)
    behind = "{sha256 of the secret key}" if scheme == "hashed" else "{secret key}"
    report: Report = {
        "valid": hmac.compare_digest(expected.encode(), received.encode("utf-8", "surrogatepass")),
        "canonical": body.decode("utf-8", "replace") + behind,
        "expected": expected,
        "received": received,
        "mistakes": [],
    }
    if not received:
        return _wrong(
            report,
            "no-signature",
            "No signature was sent.",
            "Read the header Signature (or sp_signature), in any case.",
        )
    if report["valid"]:
        return report
    finding = _Message(body, received, secret, scheme, around).diagnose()
    for mistake in finding.mistakes:
        if "signed" in mistake:
            mistake["signed"] += behind
    return {
        **report,
        "mistakes": finding.mistakes,
        **({"excluded": finding.excluded} if finding.excluded else {}),
    }


class _Message:
    """A body with a signature that is not its own."""

    def __init__(self, body: bytes, received: str, secret: str, scheme: str, around: Around) -> None:
        self._body, self._received, self._around = body, received, around
        self._secret = secret.encode("utf-8", "surrogatepass")
        self._scheme, self._profile = scheme, PROFILES[scheme]
        self._hidden = [secret, *(other.value for other in around.secrets if other.is_secret)]

    def diagnose(self) -> Finding:
        sent = self._another_message()
        if sent is not None:
            return sent
        own = self._search(self._body)
        if own.match is not None:
            return Finding(self._described(self._body, own.match), [])
        for original in _same_json(self._body, self._around.known)[:_ALIKE]:
            match = self._search(original).match
            if match is not None:
                altered, right = self._altered(original), self._right(original)
                return Finding([*altered, *described(self._profile, right, match, self._hidden)], [])
        return own.finding()

    def _search(self, body: bytes) -> Diagnosis:
        return Diagnosis(self._profile, self._right(body), self._case(body), self._received, self._hidden)

    def _right(self, body: bytes) -> Recipe:
        return of_body(body, self._secret, KEYS[self._scheme], "text+key sha256")

    def _case(self, body: bytes) -> Case:
        return Case(
            document=b"",
            identifier=self._around.identifier,
            secrets=self._around.secrets,
            variables=_VARIABLES,
            text=body,
        )

    def _another_message(self) -> Finding | None:
        """A message that was really sent has this signature: in another form, or it is another one."""
        secret = self._secret.decode("utf-8", "surrogatepass")
        for original in self._around.known:
            if original != self._body and signing.sign(original, secret, self._scheme) == self._received:
                same = _decoded(original) == _decoded(self._body) or alteration(
                    self._right(original), self._case(original), self._body
                )
                return Finding(
                    self._altered(original) if same else [_OTHER_BODY | self._differs(original)], []
                )
        return None

    def _described(self, body: bytes, match: Match) -> list[dict[str, Any]]:
        """Where the signed text is as the vendor writes it, and the body at hand is not, the body was changed, not the text."""
        other = [
            cause
            for cause in match.causes
            if cause.mistake.stage not in (Stage.JSON, Stage.TEXT, Stage.CHARSET)
        ]
        original = match.recipe.text()
        if len(other) == len(match.causes) or _is_raw(body) or not _is_raw(original):
            return described(self._profile, self._right(body), match, self._hidden)
        return [*self._altered(original), *messages(other, self._profile.words)]

    def _altered(self, original: bytes) -> list[dict[str, Any]]:
        causes = alteration(self._right(original), self._case(original), self._body)
        named: list[dict[str, Any]] = [dict(each) for each in messages(causes, self._profile.words)] or [
            dict(_NOT_RAW)
        ]
        named[0] |= self._differs(original)
        return named

    def _differs(self, original: bytes) -> dict[str, Any]:
        return compared(original, self._body, self._hidden)


_RAW = "Hash the bytes as they arrived, before any JSON parser has seen them."
_NOT_RAW = {
    "id": "not-the-raw-body",
    "explanation": "The body is not the one that was sent: it says the same in other bytes.",
    "fix": _RAW,
}
_OTHER_BODY: dict[str, Any] = {
    "id": "other-body",
    "explanation": "The signature belongs to another message of this account.",
    "fix": "Keep the body and the headers of one request together; do not share them between requests that run at once.",
}


def _is_raw(body: bytes) -> bool:
    """Whether the vendor writes a body so."""
    try:
        return phpjson.encode(json.loads(body)) == body
    except (ValueError, RecursionError):
        return False


def _same_json(body: bytes, known: Iterable[bytes]) -> list[bytes]:
    """Bodies that say the same in other bytes."""
    said = _decoded(body)
    return (
        []
        if said is None
        else [original for original in known if original != body and _decoded(original) == said]
    )


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def sent_by(unit: UnitOfWork) -> list[bytes]:
    """The account's latest answers and callbacks."""
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
            "The request has no Authorization header.",
            "Send Basic credentials: client id and secret key.",
        )
    if scheme.lower() == "bearer":
        return _bearer(unit, report, value.strip())
    if scheme.lower() != "basic":
        return _wrong(
            report, "scheme", f"The scheme is {scheme[:40]!r}.", "Send Basic, or Bearer with an access token."
        )
    credentials = gate.read_basic(value)
    if credentials is None:
        return _wrong(
            report,
            "not-basic",
            "The header is not base64 of client id, colon and secret key.",
            "Encode client_id:secret_key.",
        )
    report["received"] = credentials.client_id[:200]
    return _check_credentials(unit, report, credentials)


def _check_credentials(unit: UnitOfWork, report: Report, credentials: gate.Credentials) -> Report:
    accounts = unit.services.accounts
    account = accounts.by_credential(NAME, credentials.client_id)
    if gate.swapped(accounts, credentials):
        return _wrong(
            {**report, "received": ""},
            "swapped",
            "Client id and secret key are swapped.",
            "The client id comes first.",
        )
    if account is None:
        if accounts.by_credential(NAME, credentials.client_id.strip()) is not None:
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
    if credentials.secret_key == section.secret_key:
        return {**report, "valid": True}
    report["expected"] = f"{section.client_id}:{_length(section.secret_key)}"
    report["received"] = f"{credentials.client_id[:200]}:{_length(credentials.secret_key)}"
    secret = section.secret_key.encode("utf-8", "surrogatepass")
    sent = credentials.secret_key.encode()
    if not sent:
        return _wrong(
            report, "no-secret", "The secret key is empty.", "Set the variable that it is read from."
        )
    case = Case(
        identifier=section.client_id, secrets=other_secrets(unit, NAME, account), variables=_VARIABLES
    )
    cause = secret_mistake(secret, case, sent)
    if cause is not None:
        return {**report, "mistakes": messages([cause], PROFILES["hashed"].words)}
    return _wrong(
        report,
        "wrong-secret",
        "The secret key is not this client's, and no known mistake makes it of the right one.",
        "Copy it again from the account's configuration.",
    )


def _length(secret: str) -> str:
    """What may be shown of a secret key."""
    return f"({len(secret)} characters)" if secret else "(nothing)"


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
