"""How records are named, found and written: every kind alike."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_server.core.records import Record
from mock_server.core.values import Value
from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck.endpoint import NAME, Callbacks, data_of, reference_of
from mock_server.providers.cloudcheck.errors import unknown
from mock_server.providers.cloudcheck.json_codec import encode
from mock_server.providers.cloudcheck.webhooks import follow
from mock_server.providers.context import RequestContext, StashKey


class Name(Value, frozen=True):
    """What a new record of a kind is called."""

    ordinal: int
    """1 for the first of its reference."""
    key: str
    """A UUID, as the vendor's references are."""

    def drawn(self, what: str) -> str:
        """Name of a draw that belongs to this record alone."""
        return f"{what} {self.ordinal}"


class PendingRecord(Value, frozen=True):
    """What an answer leaves to be stored with it."""

    record: Record
    """Its ``data`` is written last, from ``data``."""
    data: dict[str, Any]
    part: str = ""
    """Key of the answer's part that is stored as ``reply``, as a scenario's merge has left it."""


PENDING_RECORD: StashKey[PendingRecord] = StashKey()


def name_for(context: RequestContext, kind: str) -> Name:
    """A name no record of the kind has: drawn by the caller's reference and how often it came, so that a
    repeated run gets the same.

    Without a reference the nonce takes its place, which is unique as well.
    """
    ordinal = 1
    if context.reference:
        before = context.store.record(context.account.name, NAME, kind, context.reference)
        if before is None:
            return Name(1, context.draws.uuid(f"{kind} 1"))
        ordinal = int(data_of(before).get("ordinal", 0)) + 1
    else:
        context.draw_by(f"nonce {context.params.get('nonce', context.entry_id)}")
    key = context.draws.uuid(f"{kind} {ordinal}")
    while context.store.record(context.account.name, NAME, kind, key) is not None:
        ordinal += 1
        key = context.draws.uuid(f"{kind} {ordinal}")
    return Name(ordinal, key)


def new_record(context: RequestContext, kind: str, key: str, status: str, *aliases: str) -> Record:
    """A record that is not stored yet, found also by the aliases that are not empty."""
    return Record(NAME, kind, key, status, context.now, b"", tuple(filter(None, aliases)))


def known(context: RequestContext, kind: str, key: str, *, by_link: bool = False) -> Record | None:
    """The account's record that an answer has named so; None for the caller's own reference. ``by_link``:
    the token of its page's address names it too."""
    record = context.store.record(context.account.name, NAME, kind, key)
    named = record is not None and (record.key == key or (by_link and data_of(record).get("token") == key))
    return record if named else None


def find(context: RequestContext, kind: str, key: str, *, by_link: bool = False) -> Record:
    """As `known`; raises 105 for an unknown one."""
    record = known(context, kind, key, by_link=by_link)
    if record is None:
        raise unknown(key)
    context.record = record
    context.reference = reference_of(record)
    return record


def rewritten(record: Record, status: str, data: dict[str, Any]) -> Record:
    """The same record with another content."""
    return record.replace(status=status, data=encode(data))


def _once_encoded(payload: Any, part: str) -> Any:
    """The part of an answer that is stored, as JSON that answer and record share; all of an answer in which a
    merge has left no part."""
    if not isinstance(payload, dict) or part not in payload:
        return payload
    payload[part] = msgspec.Raw(encode(payload[part]))
    return payload[part]


def keep(context: RequestContext, pending: PendingResponse, callbacks: Callbacks) -> None:
    """Store what the answer has made, with the answer in it, and send the callbacks."""
    new = context.stash.get(PENDING_RECORD, None)
    record = context.record
    if new is not None:
        if new.part:
            new.data["reply"] = _once_encoded(pending.payload, new.part)
        record = new.record.replace(data=encode(new.data))
        context.remember(record)
    if callbacks:
        follow(context, record, callbacks)
