"""The named values of an account: scenarios write them with `set` and read them as ``state.NAME``.

They are records of the store, so a value that two requests write at once is written by one after the other, with
what the first has written in view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from mock_server.core.records import Record
from mock_server.store.base import StoreReader

PROVIDER = "*"
KIND = "state"
"""Provider and kind of the records that hold them."""


class NamedValues(Mapping[str, Any]):
    """Of one account, each read when it is asked for. A value that is null is not there."""

    def __init__(self, store: StoreReader, account: str) -> None:
        self._store = store
        self._account = account
        self._read: dict[str, Record | None] = {}

    def __getitem__(self, name: str) -> Any:
        record = self._record(name)
        value = None if record is None else msgspec.json.decode(record.data)
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        records = self._store.records(self._account, PROVIDER, KIND)
        return (record.key for record in records if record.data != b"null")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def written(self, name: str, value: Any, now: float) -> Record:
        """The record that sets the value; the commit checks that no other request has set it."""
        record = self._record(name)
        data = msgspec.json.encode(value)
        if record is None:
            return Record(PROVIDER, KIND, name, "", now, data)
        return record.replace(data=data)

    def _record(self, name: str) -> Record | None:
        if name not in self._read:
            self._read[name] = self._store.record(self._account, PROVIDER, KIND, name)
        return self._read[name]
