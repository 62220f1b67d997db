"""What the ``deliver`` words do to a message right before it is sent. Pure: the same word damages the same
byte.

`mock_server.core.delivery_directives` has the table of the words; those about time and order (late, drop,
swap-with …) are run by the attempt."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from mock_server.core.records import Message

Headers = tuple[tuple[str, str], ...]


class Transmission(NamedTuple):
    """One parsed entry of a ``deliver`` list."""

    directive: str
    value: Any = None
    """Seconds for a duration, an ``int`` for a count, else the text as written."""


class Signer(Protocol):
    """The provider's signature headers over a body; empty if its callbacks carry none."""

    def __call__(
        self, message: Message, body: bytes, *, scheme: str | None, secret: str | None
    ) -> Headers: ...


class Tampered(NamedTuple):
    """A message as it is really sent."""

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
    """Seconds since it was created, on the account's clock."""


class Original(NamedTuple):
    """A message, the transmission that is due, and what that may need."""

    message: Message
    transmission: Transmission
    sign: Signer
    earlier: Earlier | None = None
    """What ``stale`` replays, or None."""

    def tampered(
        self,
        done: str = "",
        *,
        headers: Headers | None = None,
        body: bytes | None = None,
        trickle: float = 0.0,
    ) -> Tampered:
        message = self.message
        return Tampered(
            message.headers if headers is None else headers,
            message.body if body is None else body,
            done,
            trickle,
        )

    def signed(self, body: bytes, scheme: str | None = None, secret: str | None = None) -> Headers:
        return self.sign(self.message, body, scheme=scheme, secret=secret)


Tampering = Callable[[Original], Tampered]
"""The message as a directive sends it."""


def unchanged(original: Original) -> Tampered:
    """For directives that do nothing to the bytes."""
    return original.tampered()


def note(words: str) -> Tampering:
    """The same, and what the record says of it; ``{}`` stands for the directive's seconds."""
    return lambda original: original.tampered(words.format(_seconds(original.transmission.value)))


def _seconds(value: Any) -> str:
    return f"{value:g} s" if isinstance(value, (int, float)) else ""


def choose_earlier(message: Message, candidates: Sequence[Message], now: float, age: float) -> Earlier | None:
    """What a replay of at least that age is: the newest old enough, else the oldest; of the same reference if
    there is one."""
    before = [
        each
        for each in candidates
        if each.provider == message.provider and each.created <= message.created and each.id != message.id
    ]
    before = [each for each in before if each.reference == message.reference] or before
    if not before:
        return None
    before.sort(key=lambda each: each.created)
    old = [each for each in before if now - each.created >= age]
    chosen = old[-1] if old else before[0]
    return Earlier(chosen, now - chosen.created)


def corrupt(original: Original) -> Tampered:
    headers, body = original.message.headers, original.message.body
    if original.transmission.value == "body":
        return original.tampered("one character of the body changed after signing", body=change_body(body))
    if original.transmission.value == "json":
        body = body.rstrip()[:-1] or b"{"
        headers = replace(headers, original.signed(body))
        return original.tampered(
            "body cut so that it is not valid JSON, then signed", headers=headers, body=body
        )
    signed = {name.lower() for name, _ in original.signed(body)}
    if not signed:
        return original.tampered("nothing: these callbacks carry no signature to corrupt")
    headers = tuple(
        (name, change_text(value) if name.lower() in signed else value) for name, value in headers
    )
    return original.tampered("one digit of the signature changed", headers=headers)


def wrong_signature(original: Original) -> Tampered:
    (directive, value), message = original.transmission, original.message
    signature = original.signed(message.body, **{directive: value})
    if not signature:
        return original.tampered("nothing: these callbacks carry no signature")
    done = f"signed by the {value} scheme" if directive == "scheme" else "signed with another secret"
    return original.tampered(done, headers=replace(message.headers, signature))


def stale(original: Original) -> Tampered:
    if original.earlier is None:
        return original.tampered("nothing: no earlier message exists to replay")
    (old, age), minimum_age = original.earlier, original.transmission.value
    done = f"a replay of {old.id} ({old.event} of {old.reference or 'no reference'}), created {age:g} s ago"
    if age < minimum_age:
        done += f", the oldest there is; {minimum_age:g} s were asked for"
    return original.tampered(done, headers=old.headers, body=old.body)


def truncate(original: Original) -> Tampered:
    length, body = original.transmission.value, original.message.body
    if length >= len(body):
        return original.tampered(f"nothing: the body has only {len(body)} bytes")
    return original.tampered(
        f"cut to {length} of {len(body)} bytes, with the signature of the whole", body=body[:length]
    )


def content_type(original: Original) -> Tampered:
    value = original.transmission.value
    return original.tampered(
        f"sent as {value}", headers=replace(original.message.headers, (("Content-Type", value),))
    )


def slow(original: Original) -> Tampered:
    seconds = original.transmission.value
    return original.tampered(f"body spread over {seconds:g} s", trickle=seconds)


def replace(headers: Headers, new: Headers) -> Headers:
    """The headers with the new ones in place of those with the same name (in any case), others appended."""
    fresh = {name.lower(): (name, value) for name, value in new}
    replaced = tuple(fresh.pop(name.lower(), (name, value)) for name, value in headers)
    return replaced + tuple(fresh.values())


def change_text(value: str) -> str:
    """The text with its last letter or digit changed to another of its kind."""
    for index in range(len(value) - 1, -1, -1):
        if value[index].isascii() and value[index].isalnum():
            return value[:index] + _other(value[index]) + value[index + 1 :]
    return value + "0"


_STRING = re.compile(rb'"((?:[^"\\]|\\u[0-9A-Fa-f]{4}|\\.)*)"(\s*:)?', re.DOTALL)
_LETTER = re.compile(rb"[^\\]|\\u[0-9A-Fa-f]{4}|\\.", re.DOTALL)


def change_body(body: bytes) -> bytes:
    """The body with one letter or digit changed: in its last JSON string value if it has one, so that it
    stays JSON."""
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
