"""Server-sent events: what happens in an account, as it happens."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from mock_server.core.records import Delivery, Entry
from mock_server.providers.accounts import Account
from mock_server.web import serializers
from mock_server.web.event_bus import Change, EventBus
from mock_server.web.http.parking import Parking
from mock_server.web.http.wsgi import HEARTBEAT

HELLO = "retry: 1000\n\n: following\n\n"
_LOOK = 0.5
"""Seconds between looks whether the client has gone."""

Say = Callable[[list[Change]], list[str]]
"""Changes as events of the stream."""


def in_full(account: Account) -> Say:
    """``event: request|callback|state|reset|scenarios`` with JSON data each."""
    veil = serializers.SecretRedactor(account)
    return lambda changes: [_event(change, veil) for change in changes]


def in_brief(changes: list[Change]) -> list[str]:
    """``event: changed`` with ``{"kinds": […]}``, however much has happened. It costs the server little under load: a client
    that hears it asks for what it needs."""
    kinds = sorted({change.kind for change in changes})
    return [f"event: changed\ndata: {json.dumps({'kinds': kinds})}\n\n"] if kinds else []


def events(
    event_bus: EventBus,
    account: str,
    say: Say,
    disconnected: Callable[[], bool],
    *,
    heartbeat: float = HEARTBEAT,
) -> Iterator[str]:
    """What happens in the account of that name, or in any (``*``), until the client has gone."""
    with event_bus.follow(account, brief=say is in_brief) as follower:
        yield HELLO
        spoke = time.monotonic()
        while not disconnected():
            for event in say(follower.wait(_LOOK)):
                yield event
                spoke = time.monotonic()
            if time.monotonic() - spoke >= heartbeat:
                yield ": still here\n\n"
                spoke = time.monotonic()


def pushed(event_bus: EventBus, account: str, say: Say, parking: Parking) -> Iterator[str]:
    """The same, of which only the beginning needs a thread; the rest is pushed."""

    def push(changes: list[Change]) -> None:
        parking.push("".join(say(changes)).encode("utf-8", "replace"))

    parking.stay(event_bus.subscribe(account, None, push, brief=say is in_brief).end)
    yield HELLO


def _event(change: Change, veil: serializers.SecretRedactor) -> str:
    if not change.text:
        change.text = f"event: {change.kind}\ndata: {json.dumps(_data(change, veil), ensure_ascii=False)}\n\n"
    return change.text


def _data(change: Change, veil: serializers.SecretRedactor) -> dict[str, Any]:
    if isinstance(change.item, Entry):
        return serializers.entry(change.item, veil)
    if isinstance(change.item, Delivery):
        return serializers.delivery(change.item, veil)
    return {"account": change.account}
