"""What the ``deliver`` words do to a message at the last step before it is sent. Pure: the same word damages the same byte.

The words themselves are in `mock_server.core.words`; the words about time and order (late, drop, swap-with …) are the worker's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from mock_server.core.records import Message
from mock_server.core.words import Step

Headers = tuple[tuple[str, str], ...]


class Signer(Protocol):
    """The provider's signature headers over a body; empty where its callbacks carry none."""

    def __call__(self, message: Message, body: bytes, *, scheme: str | None, secret: str | None) -> Headers: ...


class Sent(NamedTuple):
    """A message as it really leaves."""

    headers: Headers
    body: bytes
    done: str = ""
    """What was done to it, in words; empty: nothing."""
    trickle: float = 0.0
    """Seconds over which the body is spread."""


class Earlier(NamedTuple):
    """An earlier message to replay."""

    message: Message
    age: float
    """Seconds since it was made, on the account's clock."""


class Case(NamedTuple):
    """A message, the word that is played on it, and what that may need."""

    message: Message
    step: Step
    sign: Signer
    earlier: Earlier | None = None
    """What ``stale`` replays; None when there is nothing."""

    def sent(self, done: str = "", *, headers: Headers | None = None, body: bytes | None = None, trickle: float = 0.0) -> Sent:
        message = self.message
        return Sent(message.headers if headers is None else headers, message.body if body is None else body, done, trickle)

    def signed(self, body: bytes, scheme: str | None = None, secret: str | None = None) -> Headers:
        return self.sign(self.message, body, scheme=scheme, secret=secret)


def alter(case: Case) -> Sent:
    """The message as the word wants it; untouched for words that do nothing to its bytes."""
    deed = _DEEDS.get(case.step.word)
    return case.sent() if deed is None else deed(case)


def choose_earlier(message: Message, candidates: Sequence[Message], now: float, age: float) -> Earlier | None:
    """What a replay of at least that age is: the newest old enough, else the oldest; of the same reference where there is one."""
    before = [
        each for each in candidates if each.provider == message.provider and each.created <= message.created and each.id != message.id
    ]
    before = [each for each in before if each.reference == message.reference] or before
    if not before:
        return None
    before.sort(key=lambda each: each.created)
    old = [each for each in before if now - each.created >= age]
    chosen = old[-1] if old else before[0]
    return Earlier(chosen, now - chosen.created)


def _corrupt(case: Case) -> Sent:
    message = case.message
    if case.step.value == "body":
        return case.sent("one character of the body changed after signing", body=change_body(message.body))
    if case.step.value == "json":
        body = message.body.rstrip()[:-1] or b"{"
        return case.sent("body cut so that it is no JSON, then signed", headers=replace(message.headers, case.signed(body)), body=body)
    names = {name.lower() for name, _ in case.signed(message.body)}
    if not names:
        return case.sent("nothing: these callbacks carry no signature to corrupt")
    headers = tuple((name, change_text(value) if name.lower() in names else value) for name, value in message.headers)
    return case.sent("one digit of the signature changed", headers=headers)


def _sign_otherwise(case: Case) -> Sent:
    word, value = case.step
    signed = case.signed(case.message.body, scheme=value) if word == "scheme" else case.signed(case.message.body, secret=value)
    if not signed:
        return case.sent("nothing: these callbacks carry no signature")
    done = f"signed by the {value} scheme" if word == "scheme" else "signed with another secret"
    return case.sent(done, headers=replace(case.message.headers, signed))


def _stale(case: Case) -> Sent:
    if case.earlier is None:
        return case.sent("nothing: there is no earlier message to replay")
    old, age = case.earlier
    done = f"a replay of {old.id} ({old.event} of {old.reference or 'no reference'}), made {age:g} s ago"
    if age < case.step.value:
        done += f", the oldest there is; {case.step.value:g} s were asked for"
    return case.sent(done, headers=old.headers, body=old.body)


def _truncate(case: Case) -> Sent:
    length, whole = case.step.value, len(case.message.body)
    if length >= whole:
        return case.sent(f"nothing: the body has only {whole} bytes")
    return case.sent(f"cut to {length} of {whole} bytes, under the signature of the whole", body=case.message.body[:length])


def _content_type(case: Case) -> Sent:
    return case.sent(f"sent as {case.step.value}", headers=replace(case.message.headers, (("Content-Type", case.step.value),)))


_DEEDS: dict[str, Callable[[Case], Sent]] = {
    "duplicate": lambda case: case.sent("sent once more"),
    "late": lambda case: case.sent(f"sent {case.step.value:g} s late"),
    "before-response": lambda case: case.sent("sent before the HTTP answer"),
    "slow": lambda case: case.sent(f"body spread over {case.step.value:g} s", trickle=case.step.value),
    "corrupt": _corrupt,
    "secret": _sign_otherwise,
    "scheme": _sign_otherwise,
    "stale": _stale,
    "truncate": _truncate,
    "content-type": _content_type,
}


def replace(headers: Headers, new: Headers) -> Headers:
    """The headers with those of the same name, in any case, put in their place, and the others added."""
    fresh = {name.lower(): (name, value) for name, value in new}
    kept = tuple(fresh.pop(name.lower(), (name, value)) for name, value in headers)
    return kept + tuple(fresh.values())


def change_text(value: str) -> str:
    """The text with its last letter or digit changed for another of its kind."""
    for index in range(len(value) - 1, -1, -1):
        if value[index].isascii() and value[index].isalnum():
            return value[:index] + _other(value[index]) + value[index + 1 :]
    return value + "0"


_STRING = re.compile(rb'"((?:[^"\\]|\\u[0-9A-Fa-f]{4}|\\.)*)"(\s*:)?', re.DOTALL)
_LETTER = re.compile(rb"[^\\]|\\u[0-9A-Fa-f]{4}|\\.", re.DOTALL)


def change_body(body: bytes) -> bytes:
    """The body with one letter or digit changed: in its last JSON string value where there is one, so that it stays JSON."""
    values = [match for match in _STRING.finditer(body) if match[2] is None]
    if not values:
        return change_text(body.decode("latin-1")).encode("latin-1")
    start, end = values[-1].span(1)
    last = next(iter(_LETTER.findall(body[start:end])[-1:]), b"")
    if len(last) == 1 and last.isalnum():
        return body[: end - 1] + _other(chr(last[0])).encode() + body[end:]
    return body[:end] + b"0" + body[end:]


def _other(character: str) -> str:
    if character.isdigit():
        return str((int(character) + 1) % 10)
    return chr(ord(character) - 1) if character in "fzFZ" else chr(ord(character) + 1)
