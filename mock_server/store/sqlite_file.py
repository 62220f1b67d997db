"""The file of the SQLite store: whose it is, and what to do with it before it is used."""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import closing
from importlib.resources import files
from itertools import count
from pathlib import Path

from mock_server.core.exceptions import ConfigError

log = logging.getLogger(__name__)

APPLICATION_ID = 0x6B79636D
"""``kycm``: in the file's header, so that no other application's database is taken for ours."""
SCHEMA = 10
"""``user_version``. Versions 1 to 5 were a log of changes, without an ``application_id``; such a file is set
aside."""
_OLDEST_SQLITE = (3, 35)
"""The first with RETURNING."""
PATIENCE = 5.0
"""Seconds to wait for the transactions of other processes, which take milliseconds."""

_REMEDIES = {
    "full": "free some disk space",
    "readonly": "let this user write the file and its folder",
    "Permission": "let this user read and write the file and its folder",
    "directory": "name a file in it, such as sqlite:{path}/mock.db",
    "locked": f"another process has been writing to it for {PATIENCE:g} seconds; see whether that one hangs",
    "unable to open": "create its folder, or name another file",
    "malformed": "restore the file, or name another one",
    "deleted": "create it again; the store then starts empty",
    "I/O": "check the disk, its free space and its quota",
}


def reason(path: Path, error: object) -> str:
    """Why the file cannot be used, and what to do."""
    remedy = next(
        (remedy for phrase, remedy in _REMEDIES.items() if phrase in str(error)), "name another file"
    )
    return f"the store {path} cannot be used: {error}; {remedy.format(path=path)}"


def inode(path: Path) -> int:
    """What tells the file from another one of its name; 0 without one."""
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def connect(path: Path, options: str = "mode=rwc", timeout: float = 0.0) -> sqlite3.Connection:
    """Without SQLite's own transactions, for any thread. ``timeout``: seconds to wait for other processes."""
    uri = f"{path.absolute().as_uri()}?{options}"
    return sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False)


_BLANK, _EARLIER = "empty", "earlier"
_MAGIC = b"SQLite format 3\0"


def prepare(path: Path) -> None:
    """See that the file is there and ours. Several processes may do so at once.

    A file of an earlier version is set aside under another name. Raises `ConfigError`, and leaves the file as
    it is, when it belongs to another application or cannot be used."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise ConfigError(
            f"the SQLite store requires SQLite 3.35, this Python has {sqlite3.sqlite_version}; use another store"
        )
    deadline = time.monotonic() + 1.0
    while not _says_ours(path):
        try:
            (_create if _inspect(path) == _BLANK else _set_aside)(path)
        except (sqlite3.Error, OSError) as error:
            # Another process may be just about to create it, or to set it aside.
            if time.monotonic() > deadline or not path.parent.is_dir():
                raise ConfigError(reason(path, error)) from None
            time.sleep(0.01)


def _says_ours(path: Path) -> bool:
    """Whether the header says so. It is complete as soon as there is one: see `_create`."""
    header = _header(path)
    if header and not header.startswith(_MAGIC):
        raise ConfigError(reason(path, "file is not a database"))
    return header[60:64] == SCHEMA.to_bytes(4, "big") and header[68:72] == APPLICATION_ID.to_bytes(4, "big")


def _inspect(path: Path) -> str:
    """What the file is, when it is not ours; it is only read."""
    if not _header(path):
        return _BLANK
    with closing(_connect_to_read(path)) as db:
        application, version = (
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    if application == APPLICATION_ID and version > SCHEMA:
        raise ConfigError(
            reason(
                path,
                f"it was created by a later version of mock-server (schema {version}, this one has {SCHEMA})",
            )
        )
    if application == APPLICATION_ID or (application == 0 and version <= 5 and tables >= {"log", "meta"}):
        return _EARLIER
    if application == version == 0 and not tables:
        return _BLANK
    raise ConfigError(reason(path, "it is the database of another application"))


def _header(path: Path) -> bytes:
    """Empty without a file. Raises `ConfigError` for what cannot be read."""
    try:
        if path.is_dir():
            raise IsADirectoryError(0, "it is a directory")
        with path.open("rb") as file:
            return file.read(100)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ConfigError(reason(path, error.strerror)) from None


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """Even to read a file in WAL mode SQLite would create two more next to it, unless it knows that no one
    writes."""
    wal = path.with_name(f"{path.name}-wal")
    alone = _header(path)[18:20] == b"\2\2" and not (wal.exists() and wal.stat().st_size)
    return connect(path, "mode=ro&immutable=1" if alone else "mode=ro", PATIENCE)


def _create(path: Path) -> None:
    # Not yet in WAL mode, so that the header is in the file itself from the first moment on.
    schema = (files("mock_server.store") / "sql" / "schema.sql").read_text("utf-8")
    numbers = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA};"
    with closing(connect(path, timeout=PATIENCE)) as db:
        db.executescript(f"PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE; {schema} {numbers} COMMIT;")


def _set_aside(path: Path) -> None:
    """Rename the file of an earlier version. One process does it; the others wait for its lock and find that
    it has been done."""
    lock = path.with_name(f"{path.name}.lock")
    with closing(connect(lock, timeout=PATIENCE)) as guard:
        guard.execute("BEGIN EXCLUSIVE")
        if not _says_ours(path) and _inspect(path) == _EARLIER:
            _leave_wal_mode(path)
            target = next(
                name
                for number in count(1)
                if not (name := path.with_name(f"{path.name}.old-{number}")).exists()
            )
            path.rename(target)
            path.with_name(f"{path.name}-seq").unlink(missing_ok=True)
            log.warning(
                "%s was created by an earlier version of mock-server; it is now %s, and the store starts empty",
                path,
                target,
            )
        lock.unlink(missing_ok=True)


def _leave_wal_mode(path: Path) -> None:
    """Afterwards all is in the one file. Raises `ConfigError` while another process uses it."""
    with closing(connect(path, "mode=rw")) as db:
        for _ in range(100):  # other processes that start may be looking at it
            try:
                db.execute("PRAGMA journal_mode = DELETE")
                return
            except sqlite3.OperationalError as error:
                in_use = error
                time.sleep(0.01)
    raise ConfigError(
        f"{path} is still in use by an earlier version of mock-server ({in_use}); stop that server first"
    )
