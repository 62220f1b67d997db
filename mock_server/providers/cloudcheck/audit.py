"""What an audit sends to a receiver of Cloudcheck webhooks. They carry no signature, so nothing can be
forged: anybody may send one.

What is documented has to be answered with 2xx; of what may happen besides, the report says how the receiver
stands it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import NAMESPACE_URL, uuid5

from mock_server.providers.audit import AWKWARD, GENUINE, AuditCase
from mock_server.providers.cloudcheck.json_codec import encode
from mock_server.providers.cloudcheck.webhooks import PEP, REQUEST_TYPES, REVIEW, event_of, payload

HUGE = 5_000_000
_HEADERS = (("Content-Type", "application/json"),)
_LOST = "The review is not noticed: Cloudcheck logs the answer and does not send it again."
_UNSIGNED = "Nothing in a webhook proves who sent it: fetch the result by its reference before acting, and answer 2xx."


def cases(name: Callable[[str], str], *, scheme: str, secret: str) -> list[AuditCase]:
    """``name``: gives the reference of a case by its id; references of the vendor are UUIDs, so others are
    made into one."""
    if scheme:
        raise ValueError("Cloudcheck webhooks carry no signature; leave the scheme out")
    del secret
    return [
        *_documented(lambda case: _uuid(name(case))),
        *_awkward(lambda case: _uuid(name(case))),
        *_malformed(),
    ]


def _uuid(reference: str) -> str:
    """The reference itself where it is one of the vendor's; for one that the audit made up, a UUID of it."""
    return str(uuid5(NAMESPACE_URL, reference)) if reference.startswith("audit-") else reference


def _genuine(name: str, sent: str, body: object, means: str = _LOST) -> AuditCase:
    return AuditCase(name, GENUINE, sent, means, _HEADERS, encode(body))


def _odd(name: str, sent: str, means: str, body: object, *, accept: bool = True) -> AuditCase:
    return AuditCase(
        name, AWKWARD, sent, means, _HEADERS, body if isinstance(body, bytes) else encode(body), accept
    )


def _documented(name: Callable[[str], str]) -> list[AuditCase]:
    match = "5e" * 32
    several = f"{name('several-1')},{name('several-2')},{name('several-3')}"
    return [
        *(
            _genuine(
                request_type.lower().replace("_", "-"),
                f"{event_of(kind)} of {request_type}",
                payload(
                    request_type,
                    event_of(kind),
                    f"{name(request_type)},{match}" if kind == "association" else name(request_type),
                ),
            )
            for kind, request_type in REQUEST_TYPES.items()
        ),
        _genuine(
            "several-references",
            "three references in one, separated by commas",
            payload("CAPTURE", REVIEW, several),
            "The reference is documented as a list; what stands behind the first comma is lost.",
        ),
    ]


def _awkward(name: Callable[[str], str]) -> list[AuditCase]:
    again = payload("VERIFICATION", PEP, name("VERIFICATION"))
    return [
        _odd(
            "repeated",
            "the first webhook once more",
            "A repeated event is an error to the receiver: answer 2xx and act once.",
            again,
        ),
        _odd(
            "unordered",
            "an event of a reference of which nothing was heard before",
            f"A webhook may overtake the answer to the request that it belongs to. {_UNSIGNED}",
            payload("CAPTURE", REVIEW, name("unordered")),
        ),
        _odd(
            "older-again",
            "the first webhook a third time, after later ones",
            "Order is not promised: answer 2xx, and fetch the result to know how things stand.",
            again,
        ),
        _odd(
            "unknown-request-type",
            "a requestType that is not documented",
            "The documentation's own sample has one that its list has not; more will come: answer 2xx and ignore it.",
            payload("AUDIT", REVIEW, name("type")),
        ),
        _odd(
            "unknown-event-type",
            "an eventType that is not documented",
            "Answer 2xx and ignore it.",
            payload("CAPTURE", "AUDIT", name("event")),
        ),
        _odd(
            "more-fields",
            "a field that is not documented",
            "Fields may be added.",
            {**payload("CAPTURE", REVIEW, name("more")), "at": 1},
        ),
        _odd(
            "spaces-in-the-list",
            "references separated by a comma and a space",
            "The space becomes part of the reference: trim each.",
            payload("CAPTURE", REVIEW, f"{name('a')}, {name('b')}"),
        ),
    ]


def _malformed() -> list[AuditCase]:
    refuse = "Anybody may send this, since nothing is signed: refuse it with 400, and do not break."
    return [
        _odd("no-json", "a body that is not JSON", refuse, b'{"requestType":"VERIFIC', accept=False),
        _odd("empty-body", "no body", refuse, b"", accept=False),
        _odd(
            "other-types",
            "numbers and lists in place of texts",
            refuse,
            {"requestType": 1, "eventType": [], "reference": None},
            accept=False,
        ),
        _odd("no-object", "a JSON list", refuse, b"[]", accept=False),
        _odd(
            "huge",
            f"{HUGE // 1_000_000} MB",
            f"{refuse} Limit the size of a body.",
            b'{"reference":"' + b"x" * HUGE + b'"}',
            accept=False,
        )._replace(may_close=True),
    ]
