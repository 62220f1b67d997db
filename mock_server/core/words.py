"""The words of a callback's ``deliver`` list: the closed table that the linter, the schema, the docs and the worker share.

A list is played in order, one word one transmission, whatever the receiver answers; each is recorded as an attempt. When the
list is played, the last transmission counts: a 2xx means delivered, anything else is retried by the message's own rules, with
the same damage where the word does damage (`Word.repeats`). Nothing is drawn at random, so a failure repeats exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.core.clock import parse_duration


class Word(NamedTuple):
    """One word a ``deliver`` list may hold: alone as text, or as the only key of a mapping with its argument."""

    name: str
    argument: str
    """Kind of the argument: empty (a bare word), ``duration``, ``count`` (whole number from 0), ``choice`` or ``text``."""
    description: str
    example: str
    """The word as one would write it in YAML."""
    choices: tuple[str, ...] = ()
    repeats: bool = False
    """True: retries after the end of the list are treated like this last word; False: they are sent untouched."""


WORDS: Mapping[str, Word] = {
    word.name: word
    for word in (
        Word("ok", "", "Sent as it is.", "ok"),
        Word("duplicate", "", "The same message once more, right after the one before; as the first word: sent twice.", "duplicate"),
        Word("drop", "", "Not sent. A list in which nothing is sent ends as `dropped` and is not retried.", "drop"),
        Word("late", "duration", "Sent that much later, on the account's clock.", "{late: 30s}"),
        Word(
            "before-response", "", "Sent before the HTTP answer of the request that caused it. Only as the first word.", "before-response"
        ),
        Word(
            "corrupt",
            "choice",
            "`signature`: one digit of the signature changed; `body`: one character of the body changed after signing; "
            "`json`: the body is no JSON any more, but correctly signed.",
            "{corrupt: signature}",
            ("signature", "body", "json"),
            repeats=True,
        ),
        Word("secret", "choice", "Signed with another account's secret.", "{secret: other}", ("other",), repeats=True),
        Word(
            "scheme", "choice", "Signed by that scheme, whatever the account's is.", "{scheme: legacy}", ("legacy", "hashed"), repeats=True
        ),
        Word(
            "stale",
            "duration",
            "A replay, byte for byte, of an earlier message of the reference (else of the account) in place of this one: the newest "
            "that is at least so old, else the oldest there is, else this message itself.",
            "{stale: 24h}",
            repeats=True,
        ),
        Word(
            "truncate",
            "count",
            "Only the first so many bytes of the body, under the signature of the whole.",
            "{truncate: 40}",
            repeats=True,
        ),
        Word("content-type", "text", "With another Content-Type; body and signature are right.", "{content-type: text/html}", repeats=True),
        Word(
            "swap-with", "text", "Leaves after the first attempt at that event of the same reference.", "{swap-with: verification.accepted}"
        ),
        Word(
            "slow",
            "duration",
            "The body trickles in over that time (real time, at most the attempt's own limit).",
            "{slow: 5s}",
            repeats=True,
        ),
        Word(
            "status-changed",
            "text",
            "Right before it is sent, the verification is decided otherwise: "
            "who asks for the status finds another one than the callback told.",
            "{status-changed: declined}",
        ),
    )
}


class Step(NamedTuple):
    """One parsed word."""

    word: str
    value: Any = None
    """Seconds for a duration, an ``int`` for a count, else the text as written."""


def parse_word(raw: Any) -> Step:
    """One entry of a ``deliver`` list, as YAML or JSON gives it. Raises ``ValueError`` with a remedy."""
    name, value = raw, None
    if isinstance(raw, Mapping):
        if len(raw) != 1:
            raise ValueError(f"a word with an argument is a mapping of one key, such as {{late: 30s}}; this has {len(raw)}")
        name, value = next(iter(raw.items()))
    word = WORDS.get(name) if isinstance(name, str) else None
    if word is None:
        raise ValueError(f"{name!r} is no deliver word; there are {', '.join(WORDS)}")
    if not word.argument:
        if isinstance(raw, Mapping):
            raise ValueError(f"{word.name} takes no argument; write {word.example}")
        return Step(word.name)
    if value is None:
        raise ValueError(f"{word.name} needs an argument; write for example {word.example}")
    return Step(word.name, _argument(word, value))


def _argument(word: Word, value: Any) -> Any:
    if word.argument == "duration":
        seconds = parse_duration(value if isinstance(value, (int, float)) else str(value))
        if seconds < 0:
            raise ValueError(f"{word.name} cannot be negative; write for example {word.example}")
        return seconds
    if word.argument == "count":
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ValueError(f"{word.name} takes a whole number from 0; write for example {word.example}")
        return value
    if word.choices and value not in word.choices:
        raise ValueError(f"{word.name} takes {' or '.join(word.choices)}, not {value!r}")
    if not isinstance(value, str) or not value.strip() or any(ord(c) < 32 or ord(c) > 255 for c in value):
        raise ValueError(f"{word.name} takes a text; write for example {word.example}")
    return value


def problems(deliver: Sequence[Any]) -> list[tuple[int, str]]:
    """What is wrong with a ``deliver`` list, as (index, message); empty when it can be played."""
    found: list[tuple[int, str]] = []
    for index, raw in enumerate(deliver):
        try:
            step = parse_word(raw)
        except ValueError as problem:
            found.append((index, str(problem)))
            continue
        if step.word == "before-response" and index:
            found.append((index, "before-response can only be the first word: what follows the first leaves after the answer"))
    return found


def plan(deliver: Sequence[Any]) -> tuple[Step, ...]:
    """The transmissions of a ``deliver`` list, in order. Raises ``ValueError`` where `problems` would find one.

    ``duplicate`` as the first that is sent means the message and its copy, so an ``ok`` is put before it.
    """
    steps: list[Step] = []
    for raw in deliver:
        step = parse_word(raw)
        if step.word == "duplicate" and all(earlier.word == "drop" for earlier in steps):
            steps.append(Step("ok"))
        steps.append(step)
    return tuple(steps)


def leaves_before_response(deliver: Sequence[Any]) -> bool:
    """What `Message.before_response` has to be for this list."""
    return bool(deliver) and deliver[0] == "before-response"
