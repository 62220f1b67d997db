"""Journal entries, deliveries and records as people read them. Bytes become text or JSON here, and secrets
disappear."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from mock_server.core.clock import isoformat
from mock_server.core.http import Request
from mock_server.core.records import Attempt, Cut, Delivery, Entry, Record
from mock_server.providers.accounts import Account, secrets_of
from mock_server.providers.mediatypes import FORM, MULTIPART, parse_header
from mock_server.providers.multipart import Part, parts
from mock_server.web import fates
from mock_server.web.safe_json import document, safe, writable

log = logging.getLogger(__name__)

MASK = "***"
LONG = 4096
"""Characters of one text that a list shows; the single entry has all of them."""
_SECRET_WORDS = ("secret", "secret_key", "client_secret", "password")


class SecretRedactor:
    """Hides an account's secrets wherever they stand. What passes through it can be written as JSON."""

    def __init__(self, account: Account | None) -> None:
        self.account = account.name if account else ""
        values = (
            getattr(section, name)
            for section in (account.sections.values() if account else ())
            for name in secrets_of(section)
        )
        self._secrets = sorted(
            {secret for secret in values if isinstance(secret, str) and len(secret) >= 4},
            key=len,
            reverse=True,
        )

    def text(self, text: str, longest: int = 0) -> str:
        """``longest``: cut beyond so many characters, saying how many there were; 0: never."""
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        return writable(
            f"{text[:longest]}… ({len(text)} characters)" if longest and len(text) > longest else text
        )

    def value(self, value: Any, longest: int = 0) -> Any:
        """The same through mappings and lists; a secret's own key is masked whatever its value."""
        return safe(value, lambda text: self.text(text, longest), _without_secret)


def _without_secret(key: Any, value: Any) -> Any:
    return MASK if key in _SECRET_WORDS and value else value


class _Shown:
    """A journal entry, delivery or record in the making. A member that cannot be shown is empty, and
    `finished` says which and why."""

    def __init__(self, veil: SecretRedactor, longest: int) -> None:
        self._veil, self._longest = veil, longest
        self.account = veil.account
        self._members: dict[str, Any] = {}
        self._problems: list[str] = []

    def add(self, name: str, value: Callable[[], Any], instead: Any = "") -> _Shown:
        """``instead``: what stands there where the value cannot be shown."""
        try:
            self._members[name] = self._veil.value(value(), self._longest)
        except Exception as error:
            log.warning("%s cannot be shown", name, exc_info=True)
            self._members[name] = instead
            self._problems.append(f"{name} cannot be shown: {_reason(error)}")
        return self

    def finished(self) -> dict[str, Any]:
        """With ``unshowable``, in words, where something is missing."""
        return {**self._members, "unshowable": "; ".join(self._problems)} if self._problems else self._members


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, (OverflowError, ValueError)):
        return "a value is out of range"
    return "the server's log says why"


def entry(item: Entry, veil: SecretRedactor, *, whole: bool = False) -> dict[str, Any]:
    """A journal entry; ``whole``: nothing is shortened. Never raises, see `_Shown`."""
    shown = _entry(item, _Shown(veil, 0 if whole else LONG))
    shown.add(
        "request",
        lambda: {**request(item.request), **_cut(item.request.body, item.request_cut)},
        {"headers": {}, "params": {}},
    )
    shown.add(
        "response",
        lambda: {**_message(item.headers, item.body), **_cut(item.body, item.body_cut)},
        {"headers": {}},
    )
    return shown.add("evidence", lambda: item.evidence, None).finished()


def _cut(stored: bytes, cut: Cut | None) -> dict[str, Any]:
    """Of a body of which only the beginning is stored: ``size`` is that of all of it, ``cut`` says so in words."""
    return {} if cut is None else {"size": cut.size, "sha256": cut.sha256, "cut": cut.said(len(stored))}


def brief_entry(item: Entry, veil: SecretRedactor) -> dict[str, Any]:
    """What a line has room for."""
    return _entry(item, _Shown(veil, LONG)).finished()


_ENTRY = (
    "status",
    "reference",
    "outcome",
    "error",
    "scenario",
    "source",
    "step",
    "delay",
    "fault",
    "answers",
)


def _entry(item: Entry, shown: _Shown) -> _Shown:
    for name in ("id", "account", "provider", "operation"):
        shown.add(name, partial(getattr, item, name))
    shown.add("at", lambda: isoformat(item.at)).add("real", lambda: isoformat(item.real))
    shown.add("method", lambda: item.request.method).add("path", lambda: item.request.path)
    for name in _ENTRY:
        shown.add(name, partial(getattr, item, name))
    return shown.add("took", lambda: round(item.took, 6), 0).add("fate", lambda: fates.of_entry(item))


def _message(fields: Iterable[tuple[str, str]], body: bytes, kind: str = "") -> dict[str, Any]:
    """Header fields and content; ``kind``: the Content-Type where none is among the fields."""
    pairs_ = tuple(fields)
    return {"headers": headers(pairs_), **content(body, dict(_lower(pairs_)).get("content-type", kind))}


def request(item: Request) -> dict[str, Any]:
    """``query`` and form fields become ``params``; ``json`` is the JSON in the body or in a form's ``data``.

    ``ignored_headers``, where there are any, came again although they have a single value."""
    kind = item.headers.get("content-type", "")
    sent = content(item.body, kind)
    form = _form(item.body, kind)
    params = {**pairs(item.query), **form}
    json = document(params.get("data")) if form else None
    if json is not None:
        sent["json"] = json
    if item.ignored_headers:
        sent["ignored_headers"] = headers(item.ignored_headers)
    return {
        "method": item.method,
        "path": item.path,
        "mount": item.mount,
        "query": item.query,
        "peer": item.peer,
        "origin": item.origin,
        "headers": headers(item.headers.items()),
        "params": params,
        **sent,
    }


def _form(body: bytes, kind: str) -> dict[str, Any]:
    """Fields of a form; files of a multipart form without their content."""
    media_type = parse_header(kind).value
    if media_type == FORM:
        return pairs(body.decode("utf-8", "replace"))
    return (
        _grouped((part.name, _field(part)) for part in parts(body, kind) if part.name)
        if media_type == MULTIPART
        else {}
    )


def _field(part: Part) -> Any:
    if part.filename is None:
        return part.text
    return {"filename": part.filename, "content_type": part.content_type, "size": len(part.content)}


def content(body: bytes, kind: str) -> dict[str, Any]:
    """``{"body": text, "size": bytes}``, with the JSON in it as ``json``; other content is ``base64`` and
    has no ``body``."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode(), "size": len(body)}
    json = None if kind.lower().startswith((FORM, "text/html")) else document(text)
    return {"body": text, "size": len(body), **({} if json is None else {"json": json})}


def pairs(text: str) -> dict[str, Any]:
    """Query or form parameters; a repeated one becomes a list."""
    return _grouped(parse_qsl(text, keep_blank_values=True))


def _grouped(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    grouped: dict[str, Any] = {}
    for name, value in fields:
        if name in grouped:
            grouped[name] = [*(grouped[name] if isinstance(grouped[name], list) else [grouped[name]]), value]
        else:
            grouped[name] = value
    return grouped


def headers(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By name, repeated ones joined; credentials keep who sends them and lose the rest."""
    shown: dict[str, str] = {}
    for name, value in items:
        text = _credentials(value) if name.lower() == "authorization" else value
        shown[name] = f"{shown[name]}, {text}" if name in shown else text
    return shown


def _credentials(value: str) -> str:
    scheme, _, rest = value.partition(" ")
    if scheme.lower() == "basic":
        try:
            user = base64.b64decode(rest, validate=True).decode("utf-8", "replace").partition(":")[0]
        except ValueError:
            return f"{scheme} {MASK}"
        return f"{scheme} {user}:{MASK}"
    return f"{scheme} {rest[:6]}{MASK}" if rest else MASK


def delivery(item: Delivery, veil: SecretRedactor, *, whole: bool = False) -> dict[str, Any]:
    """A callback with every attempt. Never raises, see `_Shown`."""
    message = item.message
    shown = _delivery(item, _Shown(veil, 0 if whole else LONG))
    shown.add("deliver", lambda: message.deliver, []).add("waits", lambda: message.waits, [])
    sent = {"method": message.method, "url": message.url}
    shown.add(
        "request",
        lambda: {**sent, **_message(message.headers, message.body, "application/json")},
        {**sent, "headers": {}},
    )
    return shown.add("attempts", lambda: [attempt(one) for one in item.attempts], []).finished()


def brief_delivery(item: Delivery, veil: SecretRedactor) -> dict[str, Any]:
    """What a line has room for: ``url``, ``tries``, and ``status``, ``error``, ``took`` and ``done`` of the last."""
    shown, tries = _delivery(item, _Shown(veil, LONG)), item.attempts
    shown.add("url", lambda: item.message.url).add("tries", lambda: len(tries), 0)
    last = tries[-1] if tries else Attempt(0.0, 0.0)
    for name in ("status", "error", "took", "done"):
        shown.add(name, partial(getattr, last, name))
    return shown.finished()


def _delivery(item: Delivery, shown: _Shown) -> _Shown:
    message = item.message
    for name in ("id", "account", "provider", "event", "reference"):
        shown.add(name, partial(getattr, message, name))
    shown.add("state", lambda: item.state).add("fate", lambda: fates.of_word(message.event))
    shown.add("created", lambda: isoformat(message.created)).add("due", lambda: isoformat(item.due)).add(
        "held", lambda: item.held, False
    )
    shown.add("no_address", lambda: message.no_address)
    return shown.add("request_id", lambda: message.request_id).add("scenario", lambda: message.scenario)


def attempt(item: Attempt) -> dict[str, Any]:
    """``sent`` is there where what was sent differs from the message."""
    shown: dict[str, Any] = {
        "at": isoformat(item.at),
        "took": round(item.took, 6),
        "status": item.status,
        "error": item.error,
        "done": item.done,
        "response": _message(item.headers, item.body),
    }
    if item.sent_body is not None or item.sent_headers:
        shown["sent"] = {"headers": headers(item.sent_headers), **content(item.sent_body or b"", "")}
    return shown


def record(item: Record, veil: SecretRedactor) -> dict[str, Any]:
    """A verification, capture, association … and what the provider keeps of it. Never raises, see
    `_Shown`."""
    return _record(item, _Shown(veil, 0)).add("data", lambda: document(item.data.decode()), None).finished()


def brief_record(item: Record, veil: SecretRedactor) -> dict[str, Any]:
    """What a line has room for."""
    return _record(item, _Shown(veil, LONG)).finished()


def _record(item: Record, shown: _Shown) -> _Shown:
    for name in ("id", "provider", "kind", "key", "status"):
        shown.add(name, partial(getattr, item, name))
    shown.add("account", lambda: shown.account).add("fate", lambda: fates.of_word(item.status))
    return shown.add("created", lambda: isoformat(item.created)).add("aliases", lambda: item.aliases, [])


def _lower(items: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in items]
