"""The Lua scripts of the Redis store: each changes or reads several keys at once, and no other client sees it
half done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis import Redis

_NAMES = (
    "clear",
    "commit",
    "deliveries",
    "entries",
    "forget",
    "increment",
    "lease",
    "next_due",
    "record",
    "record_attempt",
    "release",
    "reschedule",
    "reset",
    "rewake",
    "schedule",
    "search",
    "totals",
    "update",
)
_READING = {"deliveries", "entries", "next_due", "record", "search", "totals"}
_ESCAPES = str.maketrans({"%": "%25", ":": "%3A", "\0": "%00"})


def escape(text: str) -> str:
    """Text without the characters that separate the parts of keys and members."""
    return text.translate(_ESCAPES)


def unescape(text: str) -> str:
    """The reverse of `escape`."""
    return text.replace("%00", "\0").replace("%3A", ":").replace("%25", "%")


def load(reader: Redis, writer: Redis, prefix: str) -> dict[str, Callable[..., Any]]:
    """Name → ``script(account, *arguments)``. The client sends a script's text once, then its digest."""
    folder = files("mock_server.store") / "lua"
    prelude = (folder / "prelude.lua").read_text("utf-8")

    def bind(name: str) -> Callable[..., Any]:
        client = reader if name in _READING else writer
        script = client.register_script(prelude + (folder / f"{name}.lua").read_text("utf-8"))

        def run(account: str, *arguments: Any) -> Any:
            # The key only says which node of a cluster has the slot that all keys share.
            return script(keys=(prefix,), args=(prefix, escape(account), *arguments))

        return run

    return {name: bind(name) for name in _NAMES}


def number(value: float) -> str:
    """A time as text that loses nothing: the client would write ``repr`` as well, a Lua number would not."""
    return repr(float(value))


def pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    """A hash, from the reply that lists fields and values in turn."""
    return dict(zip(flat[::2], flat[1::2]))
