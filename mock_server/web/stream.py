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

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that proxies keep the connection."""
_LOOK = 0.5
"""Seconds between looks whether the client has gone."""


def events(
    event_bus: EventBus, account: Account, disconnected: Callable[[], bool], *, heartbeat: float = HEARTBEAT
) -> Iterator[str]:
    """``event: request|callback|state|reset|scenarios`` with JSON data each, until the client has gone."""
    veil = serializers.Redactor(account)
    with event_bus.follow(account.name) as follower:
        yield "retry: 1000\n\n: following\n\n"
        spoke = time.monotonic()
        while not disconnected():
            for change in follower.wait(_LOOK):
                yield _event(change, veil)
                spoke = time.monotonic()
            if time.monotonic() - spoke >= heartbeat:
                yield ": still here\n\n"
                spoke = time.monotonic()


def _event(change: Change, veil: serializers.Redactor) -> str:
    if not change.text:
        change.text = f"event: {change.kind}\ndata: {json.dumps(_data(change, veil), ensure_ascii=False)}\n\n"
    return change.text


def _data(change: Change, veil: serializers.Redactor) -> dict[str, Any]:
    if isinstance(change.item, Entry):
        return serializers.entry(change.item, veil)
    if isinstance(change.item, Delivery):
        return serializers.delivery(change.item, veil)
    return {"account": change.account}
