"""The words of a callback's ``deliver`` list: one row each, which linter, schema, docs and dispatcher share.

A list is run in order, one transmission per word, whatever the receiver answers; each is recorded as an
attempt. After the list the last transmission counts: 2xx means delivered, anything else is retried by the
message's own rules, with the same damage where the directive does damage (`Directive.repeats`). Nothing is
random, so a failure repeats exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.core import tampering
from mock_server.core.clock import parse_duration
from mock_server.core.tampering import Original, Tampered, Tampering, Transmission


class Directive(NamedTuple):
    """One word of a ``deliver`` list: alone as text, or as the only key of a mapping with its argument."""

    name: str
    argument: str
    """Kind of the argument: empty (a bare word), ``duration``, ``count`` (whole number from 0), ``choice`` or
    ``text``."""
    description: str
    example: str
    """How to write it in YAML."""
    choices: tuple[str, ...] = ()
    repeats: bool = False
    """True: retries after the list repeat the damage of this last word; False: retries are unchanged."""
    tamper: Tampering = tampering.unchanged
    """What it does to the message."""


DIRECTIVES: Mapping[str, Directive] = {
    directive.name: directive
    for directive in (
        Directive("ok", "", "Sent unchanged.", "ok"),
        Directive(
            "duplicate",
            "",
            "The same message once more, right after the previous one; as the first word: twice.",
            "duplicate",
            tamper=tampering.note("sent once more"),
        ),
        Directive(
            "drop", "", "Not sent. A list that sends nothing ends as `dropped` and is not retried.", "drop"
        ),
        Directive(
            "late",
            "duration",
            "Sent that much later, on the account's clock.",
            "{late: 30s}",
            tamper=tampering.note("sent {} late"),
        ),
        Directive(
            "before-response",
            "",
            "Sent before the HTTP response of the request that caused it. Only as the first word.",
            "before-response",
            tamper=tampering.note("sent before the HTTP response"),
        ),
        Directive(
            "corrupt",
            "choice",
            "`signature`: one digit of the signature changed; `body`: one character of the body changed after signing; "
            "`json`: the body is not valid JSON, but correctly signed.",
            "{corrupt: signature}",
            ("signature", "body", "json"),
            repeats=True,
            tamper=tampering.corrupt,
        ),
        Directive(
            "secret",
            "choice",
            "Signed with another account's secret.",
            "{secret: other}",
            ("other",),
            repeats=True,
            tamper=tampering.wrong_signature,
        ),
        Directive(
            "scheme",
            "choice",
            "Signed with that scheme instead of the account's.",
            "{scheme: legacy}",
            ("legacy", "hashed"),
            repeats=True,
            tamper=tampering.wrong_signature,
        ),
        Directive(
            "stale",
            "duration",
            "Replays an earlier message of the reference (else of the account) byte for byte instead of this one: the newest that "
            "is at least that old, else the oldest, else this message itself.",
            "{stale: 24h}",
            repeats=True,
            tamper=tampering.stale,
        ),
        Directive(
            "truncate",
            "count",
            "Sends only that many bytes of the body, with the signature of the whole body.",
            "{truncate: 40}",
            repeats=True,
            tamper=tampering.truncate,
        ),
        Directive(
            "content-type",
            "text",
            "Sent with that Content-Type; body and signature are right.",
            "{content-type: text/html}",
            repeats=True,
            tamper=tampering.content_type,
        ),
        Directive(
            "swap-with",
            "text",
            "Sent after the first attempt of that event of the same reference.",
            "{swap-with: verification.accepted}",
        ),
        Directive(
            "slow",
            "duration",
            "Spreads the body over that time (real time, up to the time limit of the attempt).",
            "{slow: 5s}",
            repeats=True,
            tamper=tampering.slow,
        ),
        Directive(
            "status-changed",
            "text",
            "Changes the verification right before sending, so that a status request contradicts the callback.",
            "{status-changed: declined}",
        ),
    )
}


SIGNED_ONLY = ("secret", "scheme")
"""Words that do nothing to a callback that carries no signature."""


def parse_directive(raw: Any) -> Transmission:
    """One entry of a ``deliver`` list, as YAML or JSON gives it. Raises ``ValueError`` with a remedy."""
    name, value = raw, None
    if isinstance(raw, Mapping):
        if len(raw) != 1:
            raise ValueError(
                f"a word with an argument is a mapping of one key, such as {{late: 30s}}; this has {len(raw)}"
            )
        name, value = next(iter(raw.items()))
    directive = DIRECTIVES.get(name) if isinstance(name, str) else None
    if directive is None:
        raise ValueError(f"unknown `deliver` word {name!r}; use {', '.join(DIRECTIVES)}")
    if not directive.argument:
        if isinstance(raw, Mapping):
            raise ValueError(f"{name} takes no argument; write {directive.example}")
        return Transmission(directive.name)
    if value is None:
        raise ValueError(f"{name} requires an argument; write for example {directive.example}")
    return Transmission(directive.name, _ARGUMENTS[directive.argument](directive, value))


def tamper(original: Original) -> Tampered:
    """The message as the transmission that is due sends it."""
    return DIRECTIVES[original.transmission.directive].tamper(original)


def _duration(directive: Directive, value: Any) -> float:
    seconds = parse_duration(value if isinstance(value, (int, float)) else str(value))
    if seconds < 0:
        raise ValueError(f"{directive.name} cannot be negative; write for example {directive.example}")
    return seconds


def _count(directive: Directive, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(
            f"{directive.name} takes a whole number from 0; write for example {directive.example}"
        )
    return value


def _choice(directive: Directive, value: Any) -> str:
    if value not in directive.choices:
        raise ValueError(
            f"{directive.name} takes {' or '.join(directive.choices)}, not {value!r}; "
            f"write for example {directive.example}"
        )
    return str(value)


def _text(directive: Directive, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or any(ord(c) < 32 or ord(c) > 255 for c in value):
        raise ValueError(f"{directive.name} takes a text; write for example {directive.example}")
    return value


_ARGUMENTS: Mapping[str, Callable[[Directive, Any], Any]] = {
    "duration": _duration,
    "count": _count,
    "choice": _choice,
    "text": _text,
}


def problems(deliver: Sequence[Any]) -> list[tuple[int, str]]:
    """What is wrong with a ``deliver`` list, as (index, message); empty when it can be run."""
    messages: list[tuple[int, str]] = []
    for index, raw in enumerate(deliver):
        try:
            directive = parse_directive(raw).directive
        except ValueError as error:
            messages.append((index, str(error)))
            continue
        if directive == "before-response" and index:
            messages.append(
                (
                    index,
                    "before-response must be the first word; later transmissions leave after the response",
                )
            )
    return messages


def plan(deliver: Sequence[Any]) -> tuple[Transmission, ...]:
    """The transmissions of a ``deliver`` list, in order. Raises ``ValueError`` where `problems` reports one.

    ``duplicate`` as the first that is sent means the message and its copy, so an ``ok`` is put before it.
    """
    transmissions: list[Transmission] = []
    for raw in deliver:
        transmission = parse_directive(raw)
        if transmission.directive == "duplicate" and all(
            earlier.directive == "drop" for earlier in transmissions
        ):
            transmissions.append(Transmission("ok"))
        transmissions.append(transmission)
    return tuple(transmissions)


def leaves_before_response(deliver: Sequence[Any]) -> bool:
    """What `Message.before_response` has to be for this list."""
    return bool(deliver) and deliver[0] == "before-response"
