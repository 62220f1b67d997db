"""Keeping the SQLite store bounded, a little at a time."""
# ruff: noqa: S608 - only names of our own tables and columns are put together here

from __future__ import annotations

from typing import Any

from mock_server.store.sqlite_exchange import unname
from mock_server.store.sqlite_file import Run

_EVERY = 64
"""Writes of this process between two sweeps; a 64th of a limit where that is more, since a sweep counts what there is."""
_CLAIMS = 512
"""Claims that one sweep looks at: eight for every new one, so that it has come round before their number has grown by much."""
_FINISHED = "AND state <> 'pending'"


class Sweeper:
    """Forgets what is over the limits or has run out. Runs inside the caller's transaction."""

    def __init__(self, journal_limit: int, record_limit: int) -> None:
        self._journal_limit = journal_limit
        self._record_limit = record_limit
        self._writes = 0
        self._claim_reached: dict[str, tuple[str, str]] = {}
        self._row_reached: dict[tuple[str, str], int] = {}
        """The last row that was forgotten, by table and account: those before it need not be looked through again."""

    def written(self, run: Run, account: str, now: float) -> None:
        """Called with each write; ``now``: the account's time."""
        self._writes += 1
        if self._writes % _EVERY == 0:
            self._claims(run, account, now)
        if self._writes % max(_EVERY, self._journal_limit // _EVERY) == 0:
            self._oldest(run, account, "entries", self._journal_limit)
            self._oldest(run, account, "deliveries", self._journal_limit, _FINISHED)
        if self._writes % max(_EVERY, self._record_limit // _EVERY) == 0:
            for seq, provider, aliases in self._oldest(run, account, "records", self._record_limit, columns="seq, provider, aliases"):
                unname(run, account, provider, aliases, seq)

    def _oldest(self, run: Run, account: str, table: str, limit: int, condition: str = "", columns: str = "seq") -> list[Any]:
        """Delete an account's oldest rows that are over the limit; what they held in ``columns``."""
        over = run(f"SELECT count(*) FROM {table} WHERE account = ? {condition}", (account,)).fetchone()[0] - limit
        if over <= 0:
            return []
        # In the order of the rows, which the account's index does not tell.
        reached = self._row_reached.get((table, account), 0)
        rows = run(
            f"SELECT {columns} FROM {table} NOT INDEXED WHERE seq > ? AND account = ? {condition} ORDER BY seq LIMIT ?",
            (reached, account, over),
        ).fetchall()
        for row in rows:
            run(f"DELETE FROM {table} WHERE seq = ?", (row[0],))
        if len(rows) == over:
            self._row_reached[table, account] = rows[-1][0]
        else:
            # A reset let the rows begin anew, or an old delivery was sent again: look through all of them the next time.
            self._row_reached.pop((table, account), None)
        return rows

    def _claims(self, run: Run, account: str, now: float) -> None:
        reached = self._claim_reached.pop(account, ("", ""))
        end = run(
            "SELECT kind, value FROM claims WHERE account = ? AND (kind, value) > (?, ?) ORDER BY kind, value LIMIT 1 OFFSET ?",
            (account, *reached, _CLAIMS),
        ).fetchone()
        over = "DELETE FROM claims WHERE account = ? AND (kind, value) > (?, ?) AND expires < ?"
        if end is None:
            run(over, (account, *reached, now))
        else:
            self._claim_reached[account] = end
            run(f"{over} AND (kind, value) <= (?, ?)", (account, *reached, now, *end))
