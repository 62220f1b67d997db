"""Compiles what a scenario says of its answer: ``respond`` and ``callbacks``."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from msgspec import UNSET

from mock_server.core import delivery_directives
from mock_server.scenario import document
from mock_server.scenario.diagnostics import Notes, Path
from mock_server.scenario.facts import shown
from mock_server.scenario.model import CallbackSpec, Delay, Respond
from mock_server.scenario.other_words import another_directive
from mock_server.scenario.problems import did_you_mean, suggestion

_ANSWERS = ("outcome", "error", "body", "fault")
_OF_ERROR = ("fields", "detail", "service", "key", "message")
_OF_OUTCOME = ("decline", "review")
_NOT_IN_NAME = frozenset('()<>@,;:\\"/[]?={} ')


def compile_respond(notes: Notes, written: Any, path: Path) -> Respond | None:
    """None where the scenario does not mention it."""
    if not isinstance(written, document.Respond):
        return None
    _check_combination(notes, written, path)
    error = None if written.error is UNSET else str(written.error)
    if error is not None and error not in notes.vocabulary.errors:
        meant = suggestion(error, notes.vocabulary.errors)
        notes.note((*path, "error"), "unknown-error", f"{notes.provider} has no error `{error}`", *meant)
    values = {
        name: notes.value(getattr(written, name), (*path, name))
        for name in ("body", "merge", "review", *_OF_ERROR)
        if getattr(written, name) is not UNSET
    }
    return Respond(
        outcome=written.outcome or None,
        error=error,
        has_body=written.body is not UNSET,
        fault=written.fault or None,
        status=written.status or None,
        headers=tuple(_headers(notes, written.headers or {}, (*path, "headers"))),
        delay=None if written.delay is UNSET else _delay(notes, written.delay, (*path, "delay")),
        decline=None if written.decline is UNSET else _decline(notes, written.decline, (*path, "decline")),
        **values,
    )


def _check_combination(notes: Notes, written: document.Respond, path: Path) -> None:
    answers = [name for name in _ANSWERS if getattr(written, name) is not UNSET]
    if len(answers) > 1:
        named = " and ".join(f"`{name}`" for name in answers)
        message = f"an answer is one of `outcome`, `error`, `body` and `fault`; this has {named}"
        notes.note((*path, answers[1]), "several-answers", message, "remove all but one", key=True)
    for names, owner in ((_OF_ERROR, "error"), (_OF_OUTCOME, "outcome")):
        for name in names:
            if getattr(written, name) is not UNSET and owner not in answers:
                message = f"`{name}` has no effect without `{owner}`"
                what = f"outcome: {notes.vocabulary.declining}" if name == "decline" else owner
                notes.note((*path, name), "without-effect", message, f"add `{what}`, or remove it", key=True)
    if written.merge is not UNSET and ("body" in answers or "fault" in answers):
        message = "`merge` changes a generated answer, and this one is not generated"
        notes.note(
            (*path, "merge"), "without-effect", message, "write it into `body`, or remove it", key=True
        )


def _headers(notes: Notes, written: dict[str, Any], path: Path) -> Iterable[tuple[str, Any]]:
    for name, values in written.items():
        for value in values if isinstance(values, list) else [values]:
            if value is None or isinstance(value, (dict, list)):
                message = f"the header `{name}` must be a text or a list of texts"
                notes.note((*path, name), "bad-header", message, 'write for example `Retry-After: "5"`')
                continue
            text = value if isinstance(value, str) else shown(value)
            if not _can_be_a_name(name):
                fix = "-".join(name.split()) if _can_be_a_name("-".join(name.split())) else None
                remedy = f"write `{fix}`" if fix else "use letters, digits and `-`"
                message = f"`{name}` cannot be the name of a header"
                notes.note((*path, name), "bad-header", message, remedy, fix, key=True)
            elif not _can_be_sent(text):
                message = f"{shown(text)} cannot be sent in the header `{name}`"
                remedy = "use printable Latin characters, and no line breaks"
                notes.note((*path, name), "bad-header", message, remedy, key=True)
            yield name, notes.value(text, (*path, name))


def _can_be_a_name(name: str) -> bool:
    return bool(name) and all(32 < ord(c) < 127 and c not in _NOT_IN_NAME for c in name)


def _can_be_sent(text: str) -> bool:
    return all(32 <= ord(c) < 127 or 160 <= ord(c) < 256 or c == "\t" for c in text)


def _delay(notes: Notes, written: Any, path: Path) -> Delay | None:
    if not isinstance(written, document.Distribution):
        return Delay("fixed", notes.duration(written, path))
    if not notes.is_clean(path):
        return None
    if (written.uniform is UNSET) == (written.lognormal is UNSET):
        notes.note(
            path,
            "bad-delay",
            "a delay has either `uniform` or `lognormal`",
            "write for example {uniform: [200ms, 2s]}",
        )
        return None
    if isinstance(written.lognormal, document.Lognormal):
        return Delay(
            "lognormal",
            notes.duration(written.lognormal.median, (*path, "lognormal", "median")),
            written.lognormal.sigma,
        )
    low, high = (
        notes.duration(value, (*path, "uniform", index)) for index, value in enumerate(written.uniform or ())
    )
    if low > high and notes.is_clean(path):
        notes.note(
            (*path, "uniform"),
            "bad-delay",
            "the first duration is longer than the second",
            "write the shorter one first",
        )
    return Delay("uniform", low, high)


def _decline(notes: Notes, written: list[str] | dict[str, list[str]], path: Path) -> Any:
    services, known = notes.vocabulary.services, notes.vocabulary.declines
    if not known:
        message = f"{notes.provider} has no decline codes"
        notes.note(path, "unknown-decline", message, "remove `decline`", key=True)
        return None
    for service, codes in written.items() if isinstance(written, dict) else [("", written)]:
        at = (*path, service) if service else path
        if isinstance(written, dict) and service not in services:
            notes.note(
                at,
                "unknown-service",
                f"{notes.provider} has no service `{service}`",
                *suggestion(service, services),
                key=True,
            )
        for index, code in enumerate(codes):
            if code not in known:
                message = f"`{code}` is not a decline code of {notes.provider}"
                meant = suggestion(code, sorted(known, key=lambda other: _common(other, code), reverse=True))
                notes.note((*at, index), "unknown-decline", message, *meant)
    return written


def _common(name: str, other: str) -> int:
    """How many characters two codes have in common at their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(name.upper(), other.upper())))


def compile_callbacks(notes: Notes, written: Any, path: Path) -> tuple[CallbackSpec, ...] | None:
    """None where the scenario does not mention them; empty where it excludes them."""
    if not isinstance(written, list):
        return None
    return tuple(_callback(notes, callback, (*path, index)) for index, callback in enumerate(written))


def _callback(notes: Notes, written: document.Callback, path: Path) -> CallbackSpec:
    _check_event(notes, written.event, (*path, "event"))
    types = notes.vocabulary.request_types
    if isinstance(written.request_type, str) and written.request_type not in types:
        message = f"`{written.request_type}` is not a request type of {notes.provider}"
        meant = suggestion(written.request_type, types) if types else ("remove `requestType`", None)
        notes.note((*path, "requestType"), "unknown-request-type", message, *meant)
    values = {
        name: notes.value(value, (*path, name))
        for name in ("url", "merge", "reference")
        if (value := getattr(written, name)) is not UNSET
    }
    return CallbackSpec(
        event=written.event,
        after=0.0 if written.after is UNSET else notes.duration(written.after, (*path, "after")),
        attempts=written.attempts or None,
        deliver=_deliver(notes, written.deliver or [], (*path, "deliver")),
        request_type=written.request_type or None,
        **values,
    )


def _check_event(notes: Notes, name: str, path: Path) -> None:
    events = notes.vocabulary.events
    able = [event.name for event in events.values() if event.callback]
    if name not in events:
        notes.note(path, "unknown-event", f"{notes.provider} has no event `{name}`", *suggestion(name, able))
    elif not events[name].callback:
        notes.note(path, "no-callback-event", f"`{name}` is never sent as a callback", did_you_mean("", able))


def _deliver(notes: Notes, written: list[Any], path: Path) -> tuple[Any, ...]:
    wrong = delivery_directives.problems(written)
    for index, message in wrong:
        (said, _, remedy), fix = message.partition("; "), None
        name = (
            written[index]
            if isinstance(written[index], str)
            else next(iter(written[index]), "")
            if isinstance(written[index], dict)
            else ""
        )
        if name not in delivery_directives.DIRECTIVES:
            fix = another_directive(str(name)) or None
            if fix is not None:
                remedy = f"write `{fix}`"
            else:
                remedy, fix = suggestion(str(name), delivery_directives.DIRECTIVES)
        is_word = isinstance(written[index], str)
        notes.note((*path, index), "bad-deliver", said, remedy, fix if is_word else None)
    return () if wrong else tuple(written)
