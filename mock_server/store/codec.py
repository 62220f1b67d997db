"""Values to bytes and back (msgpack), for the stores that keep them outside the process.

What a value holds beyond JSON's types (in evidence, say) comes back as JSON would have it: sequences as
lists, the rest as text."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from msgspec.msgpack import Decoder, Encoder

from mock_server.core.records import AccountState, Attempt, Entry, Message, Record


def plain(value: Any) -> Any:
    """What stands for a value that neither JSON nor msgpack knows."""
    if isinstance(value, Mapping):
        return dict(value)
    return sorted(value) if isinstance(value, Set) else str(value)


pack = Encoder(enc_hook=plain).encode
"""Any value of `core.records`, or a plain one."""


unpack_entry = Decoder(Entry).decode
unpack_message = Decoder(Message).decode
unpack_attempt = Decoder(Attempt).decode
unpack_record = Decoder(Record).decode
unpack_state = Decoder(AccountState).decode
