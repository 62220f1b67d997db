"""A real Redis for tests: a process of its own on a free port, without persistence."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import redis

_PATIENCE = 60.0


class RedisServer:
    """One that tests may kill, stop for a while and start again, on the same port. What it has answered it has
    written to its disk."""

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._directory = directory
        persistence = (
            ("--appendonly", "yes", "--appendfsync", "always") if durable else ("--appendonly", "no")
        )
        self._command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            *persistence,
        ]

    def start(self, *options: str, wait: bool = True) -> None:
        """``wait``: until it answers."""
        with (self._directory / "redis.log").open("ab") as log:
            command = [*self._command, "--dir", str(self._directory), *options]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        if wait:
            _await(self.process, self.port)

    def follow(self, primary: int) -> None:
        """Start as a replica of the one on that port."""
        self.start("--replicaof", f"127.0.0.1 {primary}")

    def await_replicas(self, count: int) -> None:
        """Until so many follow, in its own view."""
        deadline = time.monotonic() + _PATIENCE
        with redis.Redis(port=self.port) as client:
            while True:
                known = client.info("replication")
                replicas = [known[name] for name in known if name.removeprefix("slave").isdigit()]
                if [each["state"] for each in replicas].count("online") == count:
                    return
                assert time.monotonic() < deadline, replicas
                time.sleep(0.01)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Sentinels:
    """A primary with two replicas, and three sentinels that watch them; each a process of its own."""

    NAME = "kyc"

    def __init__(self, directory: Path) -> None:
        self.servers = [
            RedisServer(self._folder(directory, f"redis-{number}"), durable=False) for number in range(3)
        ]
        self._folders = [self._folder(directory, f"sentinel-{number}") for number in range(3)]
        self._watchers: list[subprocess.Popen[bytes]] = []
        self.ports: list[int] = []
        self.url = ""
        """As ``--store`` takes it."""

    @staticmethod
    def _folder(directory: Path, name: str) -> Path:
        (directory / name).mkdir()
        return directory / name

    def start(self) -> None:
        """Until the sentinels know each other and the replicas, so that a fail-over can succeed."""
        primary, *others = self.servers
        primary.start("--repl-diskless-sync-delay", "0")
        for other in others:
            other.follow(primary.port)
        primary.await_replicas(2)
        for folder in self._folders:
            self._watch(folder, primary.port)
        places = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        self.url = f"redis+sentinel://{places}/{self.NAME}/0"
        deadline = time.monotonic() + _PATIENCE
        while not all(self._is_ready(port) for port in self.ports):
            assert time.monotonic() < deadline, "the sentinels do not find each other"
            time.sleep(0.05)

    def _watch(self, folder: Path, primary: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
        lines = [
            f"port {port}", "bind 127.0.0.1", f"dir {folder}",
            f"sentinel monitor {self.NAME} 127.0.0.1 {primary} 2",
            f"sentinel down-after-milliseconds {self.NAME} 1500",
            f"sentinel failover-timeout {self.NAME} 6000",
            f"sentinel parallel-syncs {self.NAME} 2",
        ]  # fmt: skip
        (folder / "sentinel.conf").write_text("\n".join(lines) + "\n", "utf-8")
        with (folder / "sentinel.log").open("wb") as log:
            command = ["redis-server", str(folder / "sentinel.conf"), "--sentinel"]
            process = subprocess.Popen(command, stdout=log, stderr=log)
        self._watchers.append(process)
        self.ports.append(port)
        _await(process, port)

    def _is_ready(self, port: int) -> bool:
        with redis.Redis(port=port) as sentinel:
            state = sentinel.sentinel_master(self.NAME)
            return (state["num-other-sentinels"], state["num-slaves"]) == (2, 2) and all(
                each["flags"] == "slave" and each["master-link-status"] == "ok"
                for each in sentinel.sentinel_slaves(self.NAME)
            )

    def primary(self) -> RedisServer:
        """The one that the sentinels name now."""
        with redis.Redis(port=self.ports[0]) as sentinel:
            address = sentinel.sentinel_get_master_addr_by_name(self.NAME)
        return next(each for each in self.servers if each.port == address[1])

    def cut_off(self, primary: RedisServer) -> None:
        """The replicas get nothing of what the primary writes from now on."""
        for server in self.servers:
            if server is not primary:
                with redis.Redis(port=server.port) as client:
                    client.replicaof("127.0.0.1", "1")

    def await_another(self, than: RedisServer) -> RedisServer:
        """The primary, once it is no longer that one."""
        deadline = time.monotonic() + _PATIENCE
        while (primary := self.primary()) is than:
            assert time.monotonic() < deadline, "the sentinels promote nobody"
            time.sleep(0.02)
        return primary

    def stop(self) -> None:
        for watcher in self._watchers:
            watcher.kill()
            watcher.wait()
        for server in self.servers:
            server.kill()


@contextlib.contextmanager
def running_redis(directory: Path) -> Iterator[str]:
    """The address of a Redis that forgets, ``redis://127.0.0.1:PORT/0``."""
    server = RedisServer(directory, durable=False)
    server.start()
    try:
        yield server.url
    finally:
        server.kill()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                answer = connection.recv(16)
            if answer.startswith((b"+PONG", b"-NOAUTH")):
                return
        except OSError:
            if process.poll() is not None:
                raise
            answer = b""
        assert time.monotonic() < deadline, answer
        time.sleep(0.005)
