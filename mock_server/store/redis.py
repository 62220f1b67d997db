"""The store of many machines: a Redis, shared by any number of processes and as durable as it is set up to
be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby
from math import inf
from threading import Lock
from typing import Any

from mock_server.core.clock import Clock
from mock_server.core.records import AccountState, Attempt, Delivery, Entry, Message, Record, UsedValue
from mock_server.store.base import (
    ANY_DELIVERY,
    ANY_ENTRY,
    ANY_RECORD,
    DeliveryFilter,
    EntryFilter,
    Limits,
    RecordFilter,
    StepKey,
    Totals,
    Transaction,
)
from mock_server.store.change_notifier import ChangeNotifier
from mock_server.store.codec import (
    pack,
    unpack_attempt,
    unpack_entry,
    unpack_message,
    unpack_record,
    unpack_state,
)
from mock_server.store.filters import HOLD, TICK, delivery_matches, entry_matches, page, record_matches
from mock_server.store.outage import Outage
from mock_server.store.redis_scripts import escape, load, number, pairs, unescape

_UNSET = AccountState()
_PIECE = 500
"""Deliveries or accounts that one script looks at: some milliseconds of Redis."""
_BLOCK = 0.25
"""Seconds that a waiting thread blocks in Redis before it looks whether the store has been closed."""


class RedisStore:
    """As `Store`. Every call is one round trip, or a few; the event loop makes it from a thread."""

    blocking = True
    shared = True

    def __init__(
        self, url: str, clock: Clock, limits: Limits, prefix: str = "kyc", replicas: int = 0
    ) -> None:
        """``prefix`` begins all keys, in braces, so that they share one slot of a cluster; ``replicas``: how many must
        have a change before it counts. Raises `ConfigError` with a remedy without a Redis at ``url``."""
        from mock_server.store.redis_client import connect

        self._now = clock.now
        self._journal_limit = limits.journal
        self._limits = limits
        self._prefix = f"{{{prefix}}}:"
        self.outage = Outage(self.probe)
        self._client = connect(url, self.outage, f"{self._prefix}probe", replicas)
        self._redis: Any = self._client.reader()
        self._run = load(self._redis, self._client, self._prefix)
        self._watch = ChangeNotifier(self._look, 0)
        self._counting = Lock()
        self._count = self._lost = 0
        """The count of changes in Redis when it was last read; what it has fallen by, since Redis lost data."""

    # Reading for an exchange.

    def account(self, account: str) -> AccountState:
        blob, generation = self._redis.hmget(self._key(account, "state"), "blob", "generation")
        return _UNSET if blob is None else unpack_state(blob)._replace(generation=int(generation))

    def find_used(self, account: str, kind: str, value: str) -> UsedValue | None:
        packed = self._redis.hget(self._key(account, f"claims:{escape(kind)}"), value)
        if packed is None:
            return None
        at, expires, by = packed.decode().split(":", 2)
        if float(expires) != inf and float(expires) < self.account(account).clock.at(self._now()):
            return None
        return UsedValue(kind, value, float(at), float(expires), by)

    def record(self, account: str, provider: str, kind: str, key: str) -> Record | None:
        packed = self._run["record"](account, escape(provider), escape(kind), escape(key))
        return None if packed is None else _record(packed)

    def step(self, account: str, key: StepKey) -> int:
        return int(self._redis.hget(self._key(account, "steps"), _joined(*key)) or 0)

    def counter(self, account: str, name: str) -> float:
        return float(self._redis.hget(self._key(account, "counters"), name) or 0.0)

    def counters(self, account: str) -> Mapping[str, float]:
        return {
            name.decode(): float(amount)
            for name, amount in self._redis.hgetall(self._key(account, "counters")).items()
        }

    # Writing.

    def commit(self, transaction: Transaction) -> str | None:
        entry = transaction.entry
        arguments: list[Any] = [number(self._now() + HOLD), *self._limits]
        arguments += ("", b"", "") if entry is None else (entry.id, pack(entry), entry.scenario)
        arguments.append(len(transaction.used_values))
        for claim in transaction.used_values:
            arguments += (escape(claim.kind), claim.value, number(claim.at), number(claim.expires), claim.by)
        arguments.append(len(transaction.records))
        for record in transaction.records:
            aliases = "".join(f"{escape(alias)}\0" for alias in record.aliases)
            arguments += (
                _joined(record.provider, record.kind, record.key),
                record.version,
                aliases,
                pack(record),
            )
        arguments.append(len(transaction.steps))
        for key, position in transaction.steps.items():
            arguments += (_joined(*key), position)
        arguments.append(len(transaction.counters))
        for name, amount in transaction.counters:
            arguments += (name, number(amount))
        arguments.append(len(transaction.messages))
        for message in transaction.messages:
            arguments += (int(not message.before_response), *_stored(message))
        conflict = self._run["commit"](transaction.account, *arguments)
        return None if conflict is None else str(conflict.decode())

    def group(self) -> AbstractContextManager[None]:
        return nullcontext()

    def release(self, account_ids: Sequence[tuple[str, str]]) -> None:
        for account, group in groupby(sorted(account_ids), key=lambda pair: pair[0]):
            self._run["release"](account, *(delivery_id for _, delivery_id in group))

    def update(self, account: str, change: Callable[[AccountState], AccountState]) -> AccountState:
        while True:
            before = self.account(account)
            after = change(before)
            frozen, offset = after.clock
            generation = self._run["update"](
                account,
                before.generation,
                pack(after),
                "" if frozen is None else number(frozen),
                number(offset),
            )
            if generation is not None:
                if after.clock != before.clock:
                    bound = b"-inf"
                    while bound:
                        bound = self._run["rewake"](account, bound, _PIECE)
                return after._replace(generation=int(generation))

    def increment(self, account: str, name: str, expires_real: float) -> int:
        return int(self._run["increment"](account, name, number(expires_real), number(self._now())))

    def reset(self, account: str) -> None:
        while self._run["forget"](account, _PIECE):
            pass
        self._run["reset"](account)

    def reset_all(self) -> None:
        for account in self.accounts():
            self.reset(account)

    # Looking.

    def accounts(self) -> list[str]:
        return sorted(unescape(name.decode()) for name in self._redis.smembers(f"{self._prefix}accounts"))

    def entries(
        self, account: str, where: EntryFilter = ANY_ENTRY, limit: int = 100, before: str = ""
    ) -> tuple[list[Entry], int]:
        if where == ANY_ENTRY and not before:
            blobs = self._run["entries"](account, 0, limit - 1, "") if limit else []
            return [unpack_entry(blob) for blob in blobs], int(
                self._redis.llen(self._key(account, "journal"))
            )
        # What costs is the way: an entry in whose bytes a name does not occur cannot have that name, and
        # stays where it is.
        names = [name for name in (where.provider, where.operation, where.scenario, where.reference) if name]
        entries = (unpack_entry(blob) for blob in self._run["entries"](account, 0, -1, before, *names))
        return page(
            ((entry.id, entry) for entry in entries), lambda entry: entry_matches(entry, where), limit, before
        )

    def entry(self, account: str, entry_id: str) -> Entry | None:
        blob = self._redis.hget(self._key(account, "entries"), entry_id)
        return None if blob is None else unpack_entry(blob)

    def clear_entries(self, account: str) -> None:
        self._run["clear"](account)

    def totals(self) -> Totals:
        names = self.accounts()
        counters: dict[str, float] = {}
        deliveries: dict[str, float] = {}
        for start in range(0, len(names), _PIECE):
            some = map(escape, names[start + 1 : start + _PIECE])
            results = self._run["totals"](names[start], *some)
            for sums, flat in zip((counters, deliveries), results):
                for name, amount in pairs(flat).items():
                    sums[name.decode()] = sums.get(name.decode(), 0.0) + float(amount)
        return Totals(names, counters, {state: int(count) for state, count in deliveries.items()})

    def scenario_counts(self, account: str) -> Mapping[str, int]:
        return {
            name.decode(): int(count)
            for name, count in self._redis.hgetall(self._key(account, "counts")).items()
        }

    def records(self, account: str, provider: str = "", kind: str = "") -> list[Record]:
        return [
            record
            for record in reversed(self._newest_records(account))
            if provider in ("", record.provider) and kind in ("", record.kind)
        ]

    def _newest_records(self, account: str) -> list[Record]:
        places = self._redis.zrevrange(self._key(account, "order"), 0, -1)
        values = self._redis.hmget(self._key(account, "records"), places) if places else []
        return [_record(value) for value in values if value is not None]

    def newest_records(
        self, account: str, where: RecordFilter = ANY_RECORD, limit: int = 100, before: str = ""
    ) -> tuple[list[Record], int]:
        if where == ANY_RECORD and not before and not limit:
            return [], int(self._redis.zcard(self._key(account, "order")))
        newest_first = ((record.id, record) for record in self._newest_records(account))
        return page(newest_first, lambda record: record_matches(record, where), limit, before)

    # Deliveries.

    def schedule(self, messages: Sequence[Message]) -> None:
        for account, group in groupby(messages, key=lambda message: message.account):
            stored = [_stored(message) for message in group]
            self._run["schedule"](
                account, len(stored), *(argument for arguments in stored for argument in arguments)
            )

    def lease_due(self, real: float, lease: float, limit: int = 100, account: str = "") -> list[Delivery]:
        return [
            _delivery(flat)
            for flat in self._run["lease"](account, number(real + TICK), number(real + lease), limit)
        ]

    def wake_at(self, real: float) -> float | None:
        first = self._redis.zrange(f"{self._prefix}wake", 0, 0, withscores=True)
        return None if not first or first[0][1] == inf else max(float(first[0][1]), real)

    def next_due(self, account: str, after: float) -> float | None:
        soonest, bound = inf, b"-inf"
        while bound:
            bound, due = self._run["next_due"](account, bound, _PIECE, number(after))
            soonest = min(soonest, float(due or inf))
        return None if soonest == inf else soonest

    def record_attempt(
        self,
        account: str,
        delivery_id: str,
        attempt: Attempt | None,
        state: str,
        due: float = 0.0,
        turn: int = 0,
    ) -> None:
        packed = b"" if attempt is None else pack(attempt)
        self._run["record_attempt"](
            account,
            delivery_id,
            packed,
            state,
            number(due),
            turn,
            self._journal_limit,
            self._limits.journal_bytes,
        )

    def delivery(self, account: str, delivery_id: str) -> Delivery | None:
        fields = self._redis.hgetall(self._key(account, f"d:{delivery_id}"))
        return None if not fields else _delivery([part for pair in fields.items() for part in pair])

    def deliveries(
        self, account: str, where: DeliveryFilter = ANY_DELIVERY, limit: int = 100, before: str = ""
    ) -> tuple[list[Delivery], int]:
        if where.scenario or where.q:
            return self._search(account, where, limit, before)
        fields = [part for name, value in where._asdict().items() if value for part in (name, value)]
        total, rows = self._run["deliveries"](account, limit, before, *fields)
        return [_delivery(flat) for flat in rows], total

    def _search(
        self, account: str, where: DeliveryFilter, limit: int, before: str
    ) -> tuple[list[Delivery], int]:
        """Of those that may be meant, piece by piece: to look at all at once would keep other requests waiting."""
        named = where._replace(scenario="", q="")._asdict()
        fields = [part for name, value in named.items() if value for part in (name, value)]
        scenario = pack(where.scenario) if where.scenario else b""
        oldest = self._redis.zscore(self._key(account, "deliveries"), before) if before else inf
        page: list[Delivery] = []
        total, bound = 0, b"+inf"
        while bound:
            bound, piece = self._run["search"](
                account, bound, _PIECE, scenario, _ascii_part(where.q), *fields
            )
            for delivery, seq in ((_delivery(flat), int(pairs(flat)[b"seq"], 16)) for flat in piece):
                if delivery_matches(delivery, where):
                    total += 1
                    if oldest is not None and seq < oldest and len(page) < limit:
                        page.append(delivery)
        return page, total

    def reschedule(
        self, account: str, delivery_ids: Sequence[str], due: float, state: str = "pending"
    ) -> None:
        limits = self._journal_limit, self._limits.journal_bytes
        self._run["reschedule"](account, number(due), state, *limits, *delivery_ids)

    # Noticing.

    def probe(self) -> None:
        self._client.probe(f"{self._prefix}probe")

    def version(self) -> int:
        with self._counting:  # or answers that overtake each other would look like a loss
            count = int(self._redis.get(f"{self._prefix}version") or 0)
            self._lost += self._count - count + 1 if count < self._count else 0
            self._count = count
            return self._watch.advance(count + self._lost)

    def wait(self, version: int, timeout: float) -> int:
        return self._watch.wait(version, timeout)

    def close(self) -> None:
        self.outage.close()
        self._watch.close()
        self._client.connection_pool.disconnect()

    # Inside.

    def _key(self, account: str, what: str) -> str:
        return f"{self._prefix}{escape(account)}:{what}"

    def _look(self, timeout: float) -> None:
        """Block until the stream of changes goes on; its entries bear the count of changes as their id, so none is
        missed. A count that has fallen is noticed when the time is up."""
        milliseconds = max(1, int(min(timeout, _BLOCK) * 1000))
        self._redis.xread({f"{self._prefix}changes": f"{self._count}-1"}, block=milliseconds)
        self.version()


def _joined(*parts: str) -> str:
    return "\0".join(escape(part) for part in parts)


def _ascii_part(text: str) -> str:
    """The longest part of a text, in lower case, that Redis can look for in any case; it has no other letters."""
    return max(re.split(r"[^\x00-\x7f]+", text.lower()), key=len)


def _stored(message: Message) -> tuple[str | bytes, ...]:
    filter_fields = message.provider, message.event, message.reference, message.request_id, message.kind
    return message.id, message.lane, number(message.due), pack(message), *filter_fields


def _record(value: bytes) -> Record:
    version, _, data = value.split(b":", 2)
    return unpack_record(data).replace(version=int(version))


def _delivery(flat: Sequence[bytes]) -> Delivery:
    fields = pairs(flat)
    held = fields[b"held"] == b"1"
    attempts = tuple(
        unpack_attempt(fields[b"attempt:%d" % number]) for number in range(1, int(fields[b"attempts"]) + 1)
    )
    return Delivery(
        unpack_message(fields[b"message"]),
        fields[b"state"].decode(),
        float(fields[b"due"]),
        attempts,
        int(fields[b"turn"]),
        held,
        0.0 if held else float(fields[b"away"]),
    )
