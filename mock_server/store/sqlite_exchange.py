"""What one exchange writes to the SQLite store. Every function runs inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_server.core.records import Entry, Record
from mock_server.store.base import Writes
from mock_server.store.codec import pack, unpack_names
from mock_server.store.sqlite_file import Run

RECORD = "provider, kind, key, status, created, data, aliases, version"


class Conflict(Exception):
    """A precondition that does not hold; its only argument is the answer of `Store.commit`."""


def record(row: Sequence[Any]) -> Record:
    """From a row of the columns `RECORD`."""
    provider, kind, key, status, created, data, aliases, version = row
    return Record(provider, kind, key, status, created, data, unpack_names(aliases) if aliases else (), version)


def require(run: Run, writes: Writes) -> None:
    """The preconditions, each checked by the write that it permits. Raises `Conflict`."""
    account = writes.account
    for claim in writes.claims:
        done = run(
            "INSERT INTO claims VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(account, kind, value) DO UPDATE"
            " SET at = excluded.at, expires = excluded.expires, by = excluded.by WHERE expires < excluded.at",
            (account, claim.kind, claim.value, claim.at, claim.expires, claim.by),
        )
        if done.rowcount == 0:
            raise Conflict("claim")
    for each in writes.records:
        _keep(run, account, each)
    if writes.step is not None:
        key, position = writes.step
        advance = "UPDATE steps SET position = position + 1 WHERE account = ? AND scenario = ? AND reference = ? AND position = ?"
        begin = "INSERT OR IGNORE INTO steps VALUES(?, ?, ?, ? + 1)"
        if run(advance if position else begin, (account, *key, position)).rowcount == 0:
            raise Conflict("step")


def journal(run: Run, entry: Entry, body: bytes) -> None:
    """``body``: the packed entry."""
    run(
        "INSERT INTO entries(account, id, provider, operation, status, scenario, reference, at, body) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (entry.account, entry.id, entry.provider, entry.operation, entry.status, entry.scenario, entry.reference, entry.at, body),
    )
    if entry.scenario:
        run(
            "INSERT INTO counts VALUES(?, ?, 1) ON CONFLICT(account, scenario) DO UPDATE SET value = value + 1",
            (entry.account, entry.scenario),
        )


def tally(run: Run, account: str, name: str, amount: float) -> None:
    run(
        "INSERT INTO tallies VALUES(?, ?, ?) ON CONFLICT(account, name) DO UPDATE SET amount = amount + excluded.amount",
        (account, name, amount),
    )


def _keep(run: Run, account: str, new: Record) -> None:
    names = pack(new.aliases) if new.aliases else None
    if new.version == 0:
        done = run(
            "INSERT OR IGNORE INTO records(account, provider, kind, key, status, created, data, aliases, version)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?, 1)",
            (account, new.provider, new.kind, new.key, new.status, new.created, new.data, names),
        )
        if done.rowcount == 0:
            raise Conflict("record")
        _name(run, account, new.provider, new.aliases, done.lastrowid or 0)
        return
    found = run(
        "SELECT seq, aliases FROM records WHERE account = ? AND provider = ? AND key = ? AND kind = ? AND version = ?",
        (account, new.provider, new.key, new.kind, new.version),
    ).fetchone()
    if found is None:
        raise Conflict("record")
    seq, known = found
    run(
        "UPDATE records SET status = ?, created = ?, data = ?, aliases = ?, version = version + 1 WHERE seq = ?",
        (new.status, new.created, new.data, names, seq),
    )
    if names != known:
        unname(run, account, new.provider, known, seq)
        _name(run, account, new.provider, new.aliases, seq)


def _name(run: Run, account: str, provider: str, aliases: Sequence[str], seq: int) -> None:
    for alias in aliases:
        run("INSERT OR IGNORE INTO aliases VALUES(?, ?, ?, ?)", (account, provider, alias, seq))


def unname(run: Run, account: str, provider: str, aliases: bytes | None, seq: int) -> None:
    """Take its aliases (packed) away from a record."""
    for alias in unpack_names(aliases) if aliases else ():
        run("DELETE FROM aliases WHERE account = ? AND provider = ? AND alias = ? AND record = ?", (account, provider, alias, seq))
