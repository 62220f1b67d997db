"""Journal entries, deliveries and records as people read them. Bytes become text or JSON here, and secrets disappear."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from mock_server.core.clock import isoformat
from mock_server.core.http import Request
from mock_server.core.records import Attempt, Delivery, Entry, Record
from mock_server.providers.accounts import Account

MASK = "***"
LONG = 4096
"""Characters of one text that a list shows; the single entry has all of them."""
FORM = "application/x-www-form-urlencoded"
_SECRET_WORDS = ("secret", "secret_key", "client_secret", "password")


class Veil:
    """Hides an account's secrets wherever they stand. What passes through it can be written as JSON."""

    def __init__(self, account: Account | None) -> None:
        found = (getattr(section, word, None) for section in (account.sections.values() if account else ()) for word in _SECRET_WORDS)
        self._secrets = sorted({secret for secret in found if isinstance(secret, str) and len(secret) >= 4}, key=len, reverse=True)

    def text(self, text: str) -> str:
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        return _writable(text)

    def value(self, value: Any) -> Any:
        """The same through mappings and lists; a secret's own key is masked whatever its value."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {_writable(str(key)): MASK if key in _SECRET_WORDS and inner else self.value(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(inner) for inner in value]
        return value


def _writable(text: str) -> str:
    """The text with U+FFFD for halves of surrogate pairs, which JSON's escapes allow a caller to send and UTF-8 has no bytes for."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def entry(item: Entry, veil: Veil, *, whole: bool = False) -> dict[str, Any]:
    """A journal entry; ``whole``: nothing is shortened."""
    shown = {
        "id": item.id,
        "account": item.account,
        "provider": item.provider,
        "operation": item.operation,
        "at": isoformat(item.at),
        "real": isoformat(item.real),
        "method": item.request.method,
        "path": item.request.path,
        "status": item.status,
        "reference": item.reference,
        "outcome": item.outcome,
        "error": item.error,
        "scenario": item.scenario,
        "source": item.source,
        "step": item.step,
        "delay": item.delay,
        "fault": item.fault,
        "request": request(item.request),
        "response": {"headers": headers(item.headers), **content(item.body, dict(_lower(item.headers)).get("content-type", ""))},
        "evidence": item.evidence,
    }
    return dict(veil.value(shown if whole else shortened(shown)))


def request(item: Request) -> dict[str, Any]:
    """``query`` and form fields become ``params``; ``json`` is the JSON in the body or in a form's ``data``."""
    kind = item.headers.get("content-type", "")
    params = pairs(item.query)
    sent = content(item.body, kind)
    if kind.startswith(FORM) and sent.get("body"):
        params = {**params, **pairs(sent["body"])}
        document = _json(params.get("data"))
        if document is not None:
            sent["json"] = document
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


def content(body: bytes, kind: str) -> dict[str, Any]:
    """``{"body": text, "size": bytes}``, with the JSON in it as ``json``; what is no text is ``base64`` and has no ``body``."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode(), "size": len(body)}
    document = None if kind.startswith((FORM, "text/html")) else _json(text)
    return {"body": text, "size": len(body), **({} if document is None else {"json": document})}


def pairs(text: str) -> dict[str, Any]:
    """Query or form parameters; a repeated one becomes a list."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in found:
            found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), value]
        else:
            found[name] = value
    return found


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


def delivery(item: Delivery, veil: Veil, *, whole: bool = False) -> dict[str, Any]:
    """A callback with every attempt."""
    message = item.message
    kind = dict(_lower(message.headers)).get("content-type", "application/json")
    shown = {
        "id": message.id,
        "account": message.account,
        "provider": message.provider,
        "event": message.event,
        "reference": message.reference,
        "state": item.state,
        "created": isoformat(message.created),
        "due": isoformat(item.due),
        "held": item.held,
        "request_id": message.request_id,
        "scenario": message.scenario,
        "deliver": list(message.deliver),
        "waits": list(message.waits),
        "request": {"method": message.method, "url": message.url, "headers": headers(message.headers), **content(message.body, kind)},
        "attempts": [attempt(one) for one in item.attempts],
    }
    return dict(veil.value(shown if whole else shortened(shown)))


def attempt(item: Attempt) -> dict[str, Any]:
    """``sent`` is there where what was sent differs from the message."""
    answered = dict(_lower(item.headers)).get("content-type", "")
    shown: dict[str, Any] = {
        "at": isoformat(item.at),
        "took": round(item.took, 6),
        "status": item.status,
        "error": item.error,
        "done": item.done,
        "response": {"headers": headers(item.headers), **content(item.body, answered)},
    }
    if item.sent_body is not None or item.sent_headers:
        shown["sent"] = {"headers": headers(item.sent_headers), **content(item.sent_body or b"", "")}
    return shown


def record(item: Record, veil: Veil) -> dict[str, Any]:
    """A verification, capture, association … and what the provider keeps of it."""
    shown = {
        "provider": item.provider,
        "kind": item.kind,
        "key": item.key,
        "status": item.status,
        "created": isoformat(item.created),
        "aliases": list(item.aliases),
        "data": json.loads(item.data),
    }
    return dict(veil.value(shown))


def shortened(value: Any, longest: int = LONG) -> Any:
    """The value with its long texts cut, saying how long they were."""
    if isinstance(value, str):
        return value if len(value) <= longest else f"{value[:longest]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {key: shortened(inner, longest) for key, inner in value.items()}
    if isinstance(value, list):
        return [shortened(inner, longest) for inner in value]
    return value


def _lower(items: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in items]


def _json(text: Any) -> Any:
    """The JSON object or list in a text; None where there is none."""
    if not isinstance(text, str) or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
