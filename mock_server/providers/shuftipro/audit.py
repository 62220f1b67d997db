"""What an audit sends to a receiver of Shufti callbacks: the table of genuine, forged and awkward ones.

A forgery is what can be made without the secret key, or what this account's Shufti never sends. A replay and
a duplicate are none: callbacks carry neither time nor number, so they look like a retry; the
receiver has to stand them instead."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from mock_server.providers.audit import AWKWARD, FORGED, GENUINE, AuditCase
from mock_server.providers.shuftipro import phpjson, signing
from mock_server.providers.shuftipro.events import ACCEPTED, DECLINED, PENDING, STATUS_CHANGED

Headers = tuple[tuple[str, str], ...]
HUGE = 5_000_000
"""Bytes of the huge body."""

_FORGE = "anybody who knows the address can report a verification as accepted."
_RAW = (
    "The receiver checks JSON that it has written itself, not what came: what its own parser overlooks can be forged. "
    "Hash the raw bytes."
)


def payload(reference: str, event: str = ACCEPTED) -> dict[str, Any]:
    """A body whose JSON differs from what other languages would write: slashes, accents, an empty map."""
    if event in (PENDING, STATUS_CHANGED):
        return {"reference": reference, "event": event}
    verdict = 1 if event == ACCEPTED else 0
    return {
        "reference": reference,
        "event": event,
        "email": "zoe.audit@example.test",
        "country": "FR",
        "verification_data": {
            "document": {"name": {"first_name": "Zoë", "last_name": "Côté"}, "dob": "1988-02-29"},
            "face": {},
        },
        "verification_result": {"face": verdict, "document": {"document": verdict, "name": verdict}},
        "info": {"agent": {"useragent": "mock-server/audit", "is_desktop": True}},
        **({} if verdict else {"declined_reason": "The face does not match the document."}),
    }


def cases(name: Callable[[str], str], *, scheme: str, secret: str) -> list[AuditCase]:
    """``name``: gives the reference of a case by its id. Raises ``ValueError`` for a scheme that does not
    exist."""
    if scheme not in signing.SCHEMES:
        raise ValueError(f"unknown signature scheme {scheme!r}; use {', '.join(signing.SCHEMES)}")
    bench = _Bench(name, scheme, secret)
    return [
        bench.genuine(),
        *_unsigned(bench),
        *_wrongly_signed(bench),
        *_altered(bench),
        *_malformed(bench),
        *_awkward(bench),
    ]


class _Bench:
    """Makes cases."""

    def __init__(self, name: Callable[[str], str], scheme: str, secret: str) -> None:
        self.name, self.scheme, self.secret = name, scheme, secret
        self.other_scheme = next(each for each in signing.SCHEMES if each != scheme)

    def body(self, name: str, event: str = ACCEPTED) -> bytes:
        return phpjson.encode(payload(self.name(name), event))

    def sign(self, body: bytes) -> str:
        return signing.sign(body, self.secret, self.scheme)

    def genuine(self) -> AuditCase:
        body = self.body("genuine")
        return AuditCase(
            "genuine",
            GENUINE,
            f"a verification.accepted, signed by the {self.scheme} scheme",
            "Real callbacks are lost, and Shufti gives up after ten attempts. `mock-server verify` says what is wrong with a signature; "
            "should the receiver not know the reference, name one that it knows with --reference.",
            _headers(self.sign(body)),
            body,
        )

    def forged(self, name: str, sent: str, means: str, body: bytes, signature: str | None) -> AuditCase:
        """``signature``: what its header says; None leaves the header out."""
        return AuditCase(name, FORGED, sent, means, _headers(signature), body)

    def awkward(
        self, name: str, sent: str, means: str, body: bytes, headers: Headers | None = None
    ) -> AuditCase:
        return AuditCase(name, AWKWARD, sent, means, headers or _headers(self.sign(body)), body)


def _headers(signature: str | None) -> Headers:
    bare = (("Content-Type", "application/json"), ("User-Agent", "GuzzleHttp/7"))
    return bare if signature is None else (*bare, *((header, signature) for header in signing.HEADERS))


def _unsigned(bench: _Bench) -> list[AuditCase]:
    body = bench.body("no-header")
    empty = bench.body("empty-header")
    plain = bench.body("plain-hash")
    return [
        bench.forged(
            "no-header",
            "no Signature header at all",
            f"Unsigned callbacks are believed: {_FORGE}",
            body,
            None,
        ),
        bench.forged(
            "empty-header",
            "an empty Signature header",
            f"An empty signature passes for a right one: {_FORGE}",
            empty,
            "",
        ),
        bench.forged(
            "plain-hash",
            "SHA-256 of the body without a secret",
            f"The secret key is missing or empty in the receiver's check: {_FORGE}",
            plain,
            sha256(plain).hexdigest(),
        ),
    ]


def _wrongly_signed(bench: _Bench) -> list[AuditCase]:
    wrong, other, mac, first, cut, padded = (
        bench.body(name)
        for name in (
            "wrong-secret",
            "other-scheme",
            "hmac",
            "secret-first",
            "cut-signature",
            "padded-signature",
        )
    )
    key = bench.secret.encode("utf-8", "surrogatepass")
    return [
        bench.forged(
            "wrong-secret",
            "signed with another secret key",
            f"The signature is not compared with the account's own: {_FORGE}",
            wrong,
            signing.sign(wrong, bench.secret + "-not", bench.scheme),
        ),
        bench.forged(
            "other-scheme",
            f"signed by the {bench.other_scheme} scheme",
            "Two signatures are taken for every body, though this account's Shufti makes one only: accept the scheme of the account alone.",
            other,
            signing.sign(other, bench.secret, bench.other_scheme),
        ),
        bench.forged(
            "hmac",
            "an HMAC-SHA-256",
            "Shufti makes none: whatever is checked here, it is not Shufti's signature.",
            mac,
            _hmac(key, mac),
        ),
        bench.forged(
            "secret-first",
            "SHA-256 with the secret before the body",
            "Signatures of that kind can be extended by who has seen one, without knowing the secret.",
            first,
            sha256(key + first).hexdigest(),
        ),
        bench.forged(
            "cut-signature",
            "the first eight digits of the right signature",
            "Only as many digits are compared as were sent: one digit can be guessed in sixteen tries.",
            cut,
            bench.sign(cut)[:8],
        ),
        bench.forged(
            "padded-signature",
            "the right signature with more digits behind it",
            "The signature is searched for, not compared: compare the whole value in constant time.",
            padded,
            bench.sign(padded) + "00",
        ),
    ]


def _altered(bench: _Bench) -> list[AuditCase]:
    declined = bench.body("altered-body", DECLINED)
    stolen, spaced = bench.body("other-references"), bench.body("reserialised")
    another = phpjson.encode(payload(bench.name("other-references") + "-other"))
    return [
        bench.forged(
            "altered-body",
            "a signed verification.declined whose event was changed to accepted",
            f"The signature is not checked against the body: {_FORGE}",
            declined.replace(DECLINED.encode(), ACCEPTED.encode()),
            bench.sign(declined),
        ),
        bench.forged(
            "other-references",
            "the signature of another reference's callback",
            "One signature opens every door: who has got one accepted can report any other reference as accepted.",
            stolen,
            bench.sign(another),
        ),
        bench.forged(
            "reserialised",
            "the same JSON written again, with spaces",
            _RAW,
            json.dumps(json.loads(spaced)).encode(),
            bench.sign(spaced),
        ),
    ]


def _hmac(key: bytes, body: bytes) -> str:
    return hmac.new(key, body, "sha256").hexdigest()


def _malformed(bench: _Bench) -> list[AuditCase]:
    whole, none, twice, more = (
        bench.body(name) for name in ("truncated", "empty-body", "duplicate-keys", "extra-content")
    )
    reference = b'{"reference":"audit-somebody-else",'
    huge = (
        b'{"reference":"'
        + bench.name("huge").encode()
        + b'","event":"'
        + ACCEPTED.encode()
        + b'","x":"'
        + b"x" * HUGE
        + b'"}'
    )
    return [
        bench.forged(
            "truncated",
            "the first half of a signed body",
            "Broken bodies are believed.",
            whole[: len(whole) // 2],
            bench.sign(whole),
        ),
        bench.forged(
            "empty-body",
            "no body, under the signature of one",
            "The signature is not checked against the body.",
            b"",
            bench.sign(none),
        ),
        bench.forged(
            "duplicate-keys",
            "a signed body with a second reference put before the first",
            f"{_RAW} Of two equal keys one parser believes the first, another the last.",
            reference + twice[1:],
            bench.sign(twice),
        ),
        bench.forged(
            "extra-content",
            "a signed body with another JSON object behind it",
            _RAW,
            more + b"\n" + bench.body("extra-content-2"),
            bench.sign(more),
        ),
        bench.forged(
            "huge",
            f"{HUGE // 1_000_000} MB under a signature that is none",
            f"Bodies of any size are read and believed: {_FORGE}",
            huge,
            sha256(b"audit").hexdigest(),
        )._replace(may_close=True),
    ]


def _awkward(bench: _Bench) -> list[AuditCase]:
    lower, upper, unknown = (
        bench.body("header-case"),
        bench.body("upper-case"),
        bench.body("unknown-event", "verification.audited"),
    )
    genuine, late = bench.body("genuine"), bench.body("genuine", PENDING)
    changed = bench.body("genuine", STATUS_CHANGED)
    retried = "Shufti repeats what is not answered with 2xx, up to ten times."
    return [
        bench.awkward(
            "header-case",
            "a right signature under the header name in lower case",
            "Header names have no case, and proxies and HTTP/2 write them in lower case: read the header in any case.",
            lower,
            tuple((header.lower(), value) for header, value in _headers(bench.sign(lower))),
        ),
        bench.awkward(
            "upper-case",
            "a right signature in upper-case digits, which Shufti never sends",
            "It is the same number, so accepting it is harmless; it only shows that the check is looser than necessary.",
            upper,
            _headers(bench.sign(upper).upper()),
        )._replace(accept=False),
        bench.awkward(
            "duplicate",
            "the genuine callback once more",
            f"A repeated callback is an error to the receiver. {retried}",
            genuine,
        ),
        bench.awkward(
            "later-event",
            "verification.status.changed of the same reference",
            f"The later event is refused. {retried}",
            changed,
        ),
        bench.awkward(
            "out-of-order",
            "request.pending of the same reference, after it was accepted",
            f"Events may overtake each other; an old one has to be answered with 2xx and otherwise ignored. {retried}",
            late,
        ),
        bench.awkward(
            "replay",
            "the genuine callback once more, after later events",
            "Nothing in it tells a replay from a retry: answer 2xx, act only on what is new, and ask for the status before acting on it.",
            genuine,
        ),
        bench.awkward(
            "unknown-event",
            "an event that does not exist yet",
            f"New events of Shufti will be refused. {retried}",
            unknown,
        ),
    ]
