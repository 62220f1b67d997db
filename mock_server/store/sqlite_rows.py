"""Values to the rows of `sqlite_schema.sql` and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from math import inf
from typing import Any

from msgspec.json import Decoder, Encoder

from mock_server.core.clock import ClockState
from mock_server.core.http import Request
from mock_server.core.records import AccountState, Attempt, Claim, Delivery, Entry, Message, Record

Row = Sequence[Any]
Pairs = tuple[tuple[str, str], ...]

ACCOUNT = "clock_frozen, clock_offset, pinned, inline, overrides, generation"
ENTRY = (
    "account, id, at, real, provider, operation, method, path, query, status, reference, scenario, source, step, error, outcome,"
    " delay, fault, peer, origin, mount, request_headers, response_headers, evidence, request_body, response_body"
)
RECORD = "provider, kind, key, status, created, version, aliases, data"
MESSAGE = (
    "account, id, provider, event, reference, kind, request_id, scenario, lane, first_due, created, timeout, before_response,"
    " waits, deliver, method, url, headers, body, no_address"
)
DELIVERY = f"{MESSAGE}, state, due, turn, held_until, leased_until, attempts, seq"
ATTEMPT = "at, took, status, error, done, headers, body, sent_headers, sent_body"


def marks(columns: str) -> str:
    """A question mark for each column."""
    return ", ".join("?" * len(columns.split(",")))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return sorted(value) if isinstance(value, Set) else str(value)


_encode = Encoder(enc_hook=_plain).encode
_pairs = Decoder(Pairs).decode
_texts = Decoder(tuple[str, ...]).decode
_numbers = Decoder(tuple[float, ...]).decode
_mapping = Decoder(dict[str, Any]).decode
_headers = Decoder(dict[str, str]).decode
_values = Decoder(tuple[Any, ...]).decode


def storable(value: Any) -> Any:
    """The value with U+FFFD for halves of surrogate pairs, which UTF-8 has no bytes for, and text for integers of over 64 bits."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {storable(key): storable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, Set)):
        return [storable(inner) for inner in value]
    return str(value) if isinstance(value, int) and not -(2**63) <= value < 2**63 else value


def _json(value: Any) -> str:
    try:
        return _encode(value).decode()
    except (UnicodeEncodeError, OverflowError):
        return _encode(storable(value)).decode()


def _text(body: bytes) -> str | bytes:
    """A body as text, which a person can read and SQLite's JSON functions take, where that loses nothing."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def _bytes(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body


def account_row(state: AccountState) -> Row:
    """For the columns `ACCOUNT`. Raises ``UnicodeDecodeError`` for a scenario document that is not UTF-8."""
    inline = _json([document.decode() for document in state.inline])
    return *state.clock, state.pinned, inline, _text(state.overrides), state.generation


def account_state(row: Row) -> AccountState:
    frozen, offset, pinned, inline, overrides, generation = row
    documents = tuple(document.encode() for document in _texts(inline))
    return AccountState(ClockState(frozen, offset), pinned, documents, _bytes(overrides), generation)


def nonce_row(claim: Claim) -> Row:
    """For (kind, value, at, expires, entry)."""
    return claim.kind, claim.value, claim.at, None if claim.expires == inf else claim.expires, claim.by


def claim(kind: str, value: str, row: Row) -> Claim:
    """From (at, expires, entry)."""
    at, expires, entry_id = row
    return Claim(kind, value, at, inf if expires is None else expires, entry_id)


def entry_row(entry: Entry) -> Row:
    """For the columns `ENTRY`."""
    request = entry.request
    return (
        entry.account, entry.id, entry.at, entry.real, entry.provider, entry.operation, request.method, request.path, request.query,
        entry.status, entry.reference, entry.scenario, entry.source, entry.step, entry.error, entry.outcome, entry.delay, entry.fault,
        request.peer, request.origin, request.mount, _json(request.headers), _json(entry.headers),
        None if entry.evidence is None else _json(entry.evidence), _text(request.body), _text(entry.body),
    )  # fmt: skip


def entry(row: Row) -> Entry:
    (
        account, entry_id, at, real, provider, operation, method, path, query, status, reference, scenario, source, step, error,
        outcome, delay, fault, peer, origin, mount, request_headers, headers, evidence, request_body, body,
    ) = row  # fmt: skip
    request = Request(method, path, query, _headers(request_headers), _bytes(request_body), peer, origin, mount)
    proof = None if evidence is None else _mapping(evidence)
    return Entry(
        entry_id, account, provider, operation, at, real, request, status, _pairs(headers), _bytes(body), reference, scenario, source,
        error, outcome, proof, delay, fault, step,
    )  # fmt: skip


def record_row(record: Record) -> Row:
    """For the columns `RECORD`, as the next version."""
    aliases, data = _json(record.aliases), _text(record.data)
    return record.provider, record.kind, record.key, record.status, record.created, record.version + 1, aliases, data


def record(row: Row) -> Record:
    provider, kind, key, status, created, version, aliases, data = row
    return Record(provider, kind, key, status, created, _bytes(data), _texts(aliases), version)


def message_row(message: Message) -> Row:
    """For the columns `MESSAGE`."""
    return (
        message.account, message.id, message.provider, message.event, message.reference, message.kind, message.request_id,
        message.scenario, message.lane, message.due, message.created, message.timeout, message.before_response, _json(message.waits),
        _json(message.deliver), message.method, message.url, _json(message.headers), _text(message.body),
        message.no_address,
    )  # fmt: skip


def delivery(row: Row, attempts: tuple[Attempt, ...]) -> Delivery:
    """From the columns `DELIVERY`."""
    (
        account, message_id, provider, event, reference, kind, request_id, scenario, lane, first_due, created, timeout, before,
        waits, deliver, method, url, headers, body, no_address, state, due, turn, held_until, leased_until, _, _,
    ) = row  # fmt: skip
    message = Message(
        message_id, account, provider, event, reference, url, _bytes(body), _pairs(headers), first_due, created, method,
        _numbers(waits), timeout, lane, _values(deliver), request_id, scenario, kind, bool(before),
        no_address,
    )  # fmt: skip
    return Delivery(message, state, due, attempts, turn, held_until is not None, leased_until or 0.0)


def attempt_row(attempt: Attempt) -> Row:
    """For the columns `ATTEMPT`."""
    sent = None if attempt.sent_body is None else _text(attempt.sent_body)
    headers, sent_headers = _json(attempt.headers), _json(attempt.sent_headers)
    return (
        attempt.at, attempt.took, attempt.status, attempt.error, attempt.done, headers, _text(attempt.body), sent_headers, sent,
    )  # fmt: skip


def attempt(row: Row) -> Attempt:
    at, took, status, error, done, headers, body, sent_headers, sent = row
    sent_body = None if sent is None else _bytes(sent)
    return Attempt(at, took, status, error, _pairs(headers), _bytes(body), done, _pairs(sent_headers), sent_body)
