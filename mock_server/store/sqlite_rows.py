"""How values stand in the columns of `sql/schema.sql`, and the statements of `sql/queries.sql`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from importlib.resources import files
from math import inf
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec.json import Decoder, Encoder

from mock_server.core.http import Request
from mock_server.core.records import Attempt, Cut, Entry, Message, Record, UsedValue
from mock_server.store.codec import plain

T = TypeVar("T")


def storable(value: Any) -> Any:
    """With U+FFFD for halves of surrogate pairs, which UTF-8 has no bytes for, and text for integers of over
    64 bits."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {storable(key): storable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, Set)):
        return [storable(inner) for inner in value]
    return str(value) if isinstance(value, int) and not -(2**63) <= value < 2**63 else value


_encode = Encoder(enc_hook=plain).encode


def dump_json(value: Any) -> str | None:
    """None stays what it is."""
    try:
        return None if value is None else _encode(value).decode()
    except (UnicodeEncodeError, OverflowError):
        return dump_json(storable(value))


def dump_body(body: bytes | None) -> str | bytes | None:
    """Text, which a person can read and SQLite's JSON functions take, where that loses nothing."""
    try:
        return None if body is None else body.decode()
    except UnicodeDecodeError:
        return body


def load_body(body: str | bytes | None) -> bytes | None:
    return body.encode() if isinstance(body, str) else body


class _ColumnKind(NamedTuple):
    """How values of a field are stored that SQLite has no type for."""

    dump: Callable[[Any], Any]
    load: Callable[[Any], Any]


def _json(kind: Any) -> _ColumnKind:
    decode = Decoder(kind).decode
    return _ColumnKind(dump_json, lambda text: None if text is None else decode(text))


_BODY = _ColumnKind(dump_body, load_body)
_PAIRS = _json(tuple[tuple[str, str], ...])
_CUT = _json(Cut)
_EVER = _ColumnKind(
    lambda until: None if until == inf else until, lambda until: inf if until is None else until
)


class Columns(Generic[T]):
    """Values of one type as rows: first the fields that SQLite has a type for, then those of the other
    kinds."""

    def __init__(
        self, create: Callable[..., T], plain: str, kinds: Mapping[str, _ColumnKind], **renamed: str
    ) -> None:
        """``plain``: the fields of the first sort. ``renamed``: columns that have another name than their
        field."""
        self._create = create
        self.fields = (*plain.split(), *kinds)
        self._plain = attrgetter(*plain.split())
        self._kinds = [(attrgetter(name), kind.dump, kind.load) for name, kind in kinds.items()]
        self.names = ", ".join(renamed.get(name, name) for name in self.fields)
        self.width = len(self.fields)

    def row(self, value: T) -> tuple[Any, ...]:
        return (*self._plain(value), *[dump(field(value)) for field, dump, _ in self._kinds])

    def value(self, row: Sequence[Any], **others: Any) -> T:
        """``others``: fields that have no column."""
        start = self.width - len(self._kinds)
        kinds = [load(stored) for (_, _, load), stored in zip(self._kinds, row[start:])]
        return self._create(**dict(zip(self.fields, (*row[:start], *kinds))), **others)


NONCE = Columns(UsedValue, "kind value at by", {"expires": _EVER}, by="entry")
REQUEST = Columns(
    Request,
    "method path raw_path query peer origin mount",
    {"ignored_headers": _PAIRS, "headers": _json(dict[str, str]), "body": _BODY},
    headers="request_headers",
    body="request_body",
)
ENTRY = Columns(
    Entry,
    "account id at real provider operation status reference scenario source step error outcome delay took fault",
    {
        "request_cut": _CUT,
        "body_cut": _CUT,
        "evidence": _json(dict[str, Any]),
        "headers": _PAIRS,
        "body": _BODY,
    },
    headers="response_headers",
    body="response_body",
)
RECORD = Columns(
    Record, "provider kind key status created version", {"aliases": _json(tuple[str, ...]), "data": _BODY}
)
MESSAGE = Columns(
    Message,
    "account id provider event reference kind request_id scenario lane due created timeout method url no_address",
    {
        "before_response": _ColumnKind(int, bool),
        "waits": _json(tuple[float, ...]),
        "deliver": _json(tuple[Any, ...]),
        "headers": _PAIRS,
        "body": _BODY,
    },
    due="first_due",
)
ATTEMPT = Columns(
    Attempt,
    "at took status error done",
    {"headers": _PAIRS, "body": _BODY, "sent_headers": _PAIRS, "sent_body": _BODY},
)
_COLUMNS: dict[str, Columns[Any]] = {
    "NONCE": NONCE,
    "REQUEST": REQUEST,
    "ENTRY": ENTRY,
    "RECORD": RECORD,
    "MESSAGE": MESSAGE,
    "ATTEMPT": ATTEMPT,
}


def _statements() -> SimpleNamespace:
    text = (files("mock_server.store") / "sql" / "queries.sql").read_text("utf-8")
    names = {name: columns.names for name, columns in _COLUMNS.items()}
    marks = {f"{name}_VALUES": ", ".join("?" * columns.width) for name, columns in _COLUMNS.items()}
    statements = re.findall(r"^-- name: (\w+)\n(.+?);$", text, re.MULTILINE | re.DOTALL)
    return SimpleNamespace(**{name: statement.format(**names, **marks) for name, statement in statements})


SQL = _statements()
"""By the names in the file: ``SQL.use_nonce``."""
