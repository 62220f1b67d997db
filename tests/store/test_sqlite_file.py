"""Whose the file is: ours, an earlier version's, another application's."""

from __future__ import annotations

import hashlib
import logging
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mock_server.core.clock import ManualClock
from mock_server.core.exceptions import ConfigError
from mock_server.store import sqlite_file
from mock_server.store.base import Limits
from mock_server.store.sqlite import SqliteStore
from mock_server.store.sqlite_file import APPLICATION_ID, SCHEMA
from tests.contract.values import entry, record, transaction

EARLIER = """
PRAGMA journal_mode = WAL;
CREATE TABLE log(seq INTEGER PRIMARY KEY, kind INTEGER, body BLOB);
CREATE TABLE dumps(seq INTEGER, part INTEGER, body BLOB);
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
INSERT INTO meta VALUES('dump', 0);
INSERT INTO log VALUES(1, 0, x'01');
PRAGMA user_version = 5;
"""


def open_at(path: Path) -> SqliteStore:
    return SqliteStore(str(path), ManualClock(), Limits(20, 20))


def create(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(script)


def create_and_die(path: Path, script: str) -> None:
    """What a process leaves behind that is killed: all of it in the WAL."""
    code = "import os, sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2]); os._exit(0)"
    subprocess.run([sys.executable, "-c", code, str(path), script], check=True)
    assert path.with_name(f"{path.name}-wal").stat().st_size


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT seq, kind, body FROM log").fetchall()


def test_a_new_file_is_ours_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "an odd %20 name?#.db"
    open_at(path).close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert path.read_bytes()[68:72] == b"kycm"
    open_at(path).close()


def test_other_tables_have_another_number() -> None:
    text = (Path(sqlite_file.__file__).parent / "sql" / "schema.sql").read_text("utf-8")
    tables = re.sub(r"\s+", " ", re.sub(r"--.*", "", text)).strip()
    # After a change of the tables: raise SCHEMA (not for another order of columns), and write the new digest.
    assert (SCHEMA, hashlib.sha256(tables.encode()).hexdigest()[:16]) == (10, "16a6ffeb786b9d2c")


def test_sqlite_finds_no_fault_in_a_file_with_a_verification(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(open_at(path)) as store:
        store.commit(transaction(records=[record("customer-1", aliases=("token-1",))]))
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM aliases").fetchone() == (1,)
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("before", [None, b""], ids=["no file", "empty file"])
def test_many_may_create_it_at_once(tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / "store.db"
    if before is not None:
        path.write_bytes(before)
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: open_at(path), range(8)))
    for number, store in enumerate(stores):
        store.commit(transaction(entry=entry(f"r-{number}")))
    assert {store.entries("default")[1] for store in stores} == {8}
    for store in stores:
        store.close()


# -- files of others
# ---------------------------------------------------------------------------------------------
OTHERS = {
    "its own application_id": f"CREATE TABLE t(a); PRAGMA application_id = {APPLICATION_ID + 1};",
    "no application_id": "CREATE TABLE t(a); INSERT INTO t VALUES(1);",
    "in WAL mode": "PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1);",
    "a version like ours": f"CREATE TABLE accounts(a); PRAGMA user_version = {SCHEMA};",
    "a version like an earlier one": "CREATE TABLE meta(a); PRAGMA user_version = 5;",
    "a version and nothing else": "PRAGMA user_version = 99;",
}


@pytest.mark.parametrize("script", OTHERS.values(), ids=OTHERS)
def test_the_database_of_another_application_is_left_alone(tmp_path: Path, script: str) -> None:
    path = tmp_path / "places.sqlite"
    create(path, script)
    before = contents(tmp_path)
    with pytest.raises(ConfigError, match="database of another application; name another file"):
        open_at(path)
    assert contents(tmp_path) == before


def test_the_write_ahead_log_of_another_application_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    create_and_die(path, OTHERS["in WAL mode"])
    before = {name: body for name, body in contents(tmp_path).items() if not name.endswith("-shm")}
    with pytest.raises(ConfigError, match="database of another application"):
        open_at(path)
    assert {name: body for name, body in contents(tmp_path).items() if not name.endswith("-shm")} == before


def test_a_file_that_is_not_a_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(ConfigError, match="not a database; name another file"):
        open_at(path)
    assert contents(tmp_path) == {"notes.txt": b"not a database" * 100}


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=f"it is a directory; name a file in it, such as sqlite:{tmp_path}/mock.db"
    ):
        open_at(tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "loop.db"
    path.symlink_to(path)
    with pytest.raises(
        ConfigError, match=r"loop\.db cannot be used: Too many levels of symbolic links; name another file"
    ):
        open_at(path)


def test_a_file_that_has_been_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_at(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigError, match="malformed; restore the file, or name another one"):
        open_at(path)


def test_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_at(path).close()
    create(path, f"PRAGMA user_version = {SCHEMA + 1}")
    before = contents(tmp_path)
    with pytest.raises(
        ConfigError, match=f"later version of mock-server .schema {SCHEMA + 1}.*; name another file"
    ):
        open_at(path)
    assert contents(tmp_path) == before


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="create its folder, or name another file"):
        open_at(tmp_path / "none" / "store.db")


# -- files of earlier versions
# -----------------------------------------------------------------------------------
@pytest.mark.parametrize("create_it", [create, create_and_die], ids=["closed", "killed"])
def test_a_file_of_an_earlier_version_is_set_aside(
    tmp_path: Path, create_it: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(create_it)
    path = tmp_path / "store.db"
    create_it(path, EARLIER)
    path.with_name("store.db-seq").write_bytes(bytes(24))
    path.with_name("store.db.old-1").write_bytes(b"set aside long ago")
    with caplog.at_level(logging.WARNING):
        store = open_at(path)
    assert store.accounts() == []
    store.commit(transaction(entry=entry("r-1")))
    store.close()
    assert rows(tmp_path / "store.db.old-2") == [(1, 0, b"\x01")]
    assert path.with_name("store.db.old-1").read_bytes() == b"set aside long ago"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "store.db",
        "store.db.old-1",
        "store.db.old-2",
    ]
    assert [record.getMessage() for record in caplog.records] == [
        f"{path} was created by an earlier version of mock-server; it is now {path}.old-2, and the store starts empty"
    ]


def test_a_file_of_ours_with_other_tables_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_at(path).close()
    create(path, f"PRAGMA user_version = {SCHEMA - 1}")
    open_at(path).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store.db", "store.db.old-1"]


def test_several_workers_set_it_aside_once(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    create_and_die(path, EARLIER)
    code = (
        "import sys; from tests.store.test_sqlite_file import open_at, Path; from tests.contract.values import entry, record, transaction;"
        " sys.stdin.readline(); store = open_at(Path(sys.argv[1]));"
        " store.commit(transaction(entry=entry('r-' + sys.argv[2]))); store.close()"
    )
    command = [sys.executable, "-c", code, str(path)]
    with starting([[*command, str(number)] for number in range(4)]) as workers:
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        assert [worker.wait(60) for worker in workers] == [0] * 4
    store = open_at(path)
    assert sorted(each.id for each in store.entries("default")[0]) == ["r-0", "r-1", "r-2", "r-3"]
    store.close()
    assert rows(tmp_path / "store.db.old-1") == [(1, 0, b"\x01")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store.db", "store.db.old-1"]


@contextmanager
def starting(commands: list[list[str]]) -> Iterator[list[subprocess.Popen[str]]]:
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        for command in commands
    ]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def test_a_file_that_an_earlier_version_still_uses_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    create(path, EARLIER)
    with closing(sqlite3.connect(path)) as earlier:
        earlier.execute("INSERT INTO log VALUES(2, 0, x'02')")
        earlier.commit()
        with pytest.raises(ConfigError, match=r"still in use .*; stop that server first"):
            open_at(path)
        assert earlier.execute("SELECT count(*) FROM log").fetchone() == (2,)
    assert not path.with_name("store.db.old-1").exists()
