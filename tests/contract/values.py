"""Values to put into stores."""

from __future__ import annotations

from typing import Any

from mock_server.core.http import Request
from mock_server.core.records import Entry, Message, Record, UsedValue
from mock_server.store.base import Transaction

NOW = 1_700_000_000.0
"""Where `ManualClock` starts."""
REQUEST = Request(
    "POST", "/verify/", "a=1", {"host": "127.0.0.1", "x-latin": "caf\xe9"}, b'{"\xff":1}', "10.0.0.1", "http://x", "/cloudcheck",
    "/verify%2F", (("host", "x"), ("host", "y")),
)  # fmt: skip


def entry(entry_id: str, account: str = "default", **fields: Any) -> Entry:
    values: dict[str, Any] = {
        "provider": "cloudcheck",
        "operation": "verify",
        "at": NOW,
        "real": NOW,
        "request": REQUEST,
        "status": 200,
        "headers": (("Content-Type", "application/json"), ("X-Twice", "1"), ("X-Twice", "2")),
        "body": b"{}\x00\xff",
    }
    return Entry(entry_id, account, **{**values, **fields})


def claim(
    value: str, by: str = "r-n-1", at: float = NOW, lasts: float = 900.0, kind: str = "nonce"
) -> UsedValue:
    return UsedValue(kind, value, at, at + lasts, by)


def record(key: str, version: int = 0, **fields: Any) -> Record:
    values: dict[str, Any] = {
        "provider": "cloudcheck",
        "kind": "verification",
        "status": "verified",
        "created": NOW,
        "data": b'{"a":1}',
    }
    return Record(key=key, version=version, **{**values, **fields})


def message(message_id: str, account: str = "default", **fields: Any) -> Message:
    values: dict[str, Any] = {
        "provider": "cloudcheck",
        "event": "DONE",
        "reference": "ref",
        "url": "http://127.0.0.1:9/hook",
        "body": b"body\x00\xff",
        "headers": (("X-Signature", "s"),),
        "due": NOW,
        "created": NOW,
    }
    return Message(message_id, account, **{**values, **fields})


def transaction(account: str = "default", **fields: Any) -> Transaction:
    """``transaction(used_values=[...], entry=...)``."""
    result = Transaction(account)
    for name, value in fields.items():
        setattr(result, name, value)
    return result
