"""A server in a process of its own: when it first answers, what it keeps in memory, and that it ends with
us."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ask(port: int, request: bytes, timeout: float = 5) -> bytes:
    """Send one raw request on a new connection; the answer up to its end as Content-Length or the close tells
    it."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(request)
        answer = b""
        while True:
            head, separator, body = answer.partition(b"\r\n\r\n")
            if separator:
                lengths = [
                    line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
                ]
                if lengths and len(body) >= int(lengths[0].split(b":")[1]):
                    return answer
                if b"transfer-encoding: chunked" in head.lower() and body.endswith(b"0\r\n\r\n"):
                    return answer
            chunk = connection.recv(65536)
            if not chunk:
                return answer
            answer += chunk


class Foreign:
    """What other processes than ours take of the machine: ``share`` of all its cores, from the making to the
    reading."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._before = self._now()

    def _now(self) -> tuple[float, float, float]:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = self._server.cpu() + usage.ru_utime + usage.ru_stime + time.process_time()
        return time.monotonic(), _busy(), own

    def share(self) -> float:
        at, busy, own = (now - before for now, before in zip(self._now(), self._before))
        return max(0.0, (busy - own) / at / (os.cpu_count() or 1))


def wait_quiet(share: float, patience: float) -> None:
    """Until the machine is busy by no more than this share for half a second, or the patience is at an
    end."""
    started = time.monotonic()
    while time.monotonic() - started < patience:
        at, busy = time.monotonic(), _busy()
        time.sleep(0.5)
        if (_busy() - busy) / (time.monotonic() - at) / (os.cpu_count() or 1) <= share:
            return


def _busy() -> float:
    """Processor seconds that the whole machine has spent so far."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def pooled_rate(port: int, next_request: Callable[[], bytes], seconds: float) -> float:
    """Requests per second of one Python client that sends one after the other over urllib3's connection
    pool."""
    import urllib3

    pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=1)
    sent = 0
    started = time.perf_counter()
    while (spent := time.perf_counter() - started) < seconds:
        head, _, body = next_request().partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        pool.request(method, target, body=body, headers=dict(line.split(": ", 1) for line in lines))
        sent += 1
    pool.close()
    return sent / spent


class Server:
    """Started in its own process group; `first_answer` is in seconds from the start of the process."""

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        probe: bytes,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        log: IO[bytes] | None = None,
        patience: float = 60,
    ) -> None:
        self._command = " ".join(command)
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **(environment or {})},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log or subprocess.DEVNULL,
            stderr=log or subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self.first_answer = self._await_answer(probe, started, patience)
        except BaseException:
            self.close()
            raise

    def _await_answer(self, probe: bytes, started: float, patience: float) -> float:
        while time.perf_counter() - started < patience:
            try:
                if ask(self.port, probe).startswith(b"HTTP/1."):
                    return time.perf_counter() - started
            except OSError:
                pass
            if self.process.poll() is not None:
                raise RuntimeError(f"{self._command} ended with {self.process.returncode}")
            time.sleep(0.002)
        raise TimeoutError(f"no answer from {self._command} within {patience} s")

    def memory(self) -> int:
        """Resident bytes of the process and all its descendants (shared pages counted once per process)."""
        return sum(_resident(pid) for pid in _family(self.process.pid))

    def cpu(self) -> float:
        """Processor seconds used so far by the process and its descendants."""
        ticks = os.sysconf("SC_CLK_TCK")
        used = 0
        for pid in _family(self.process.pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
        return used / ticks

    def close(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(5)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self.process.poll()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _family(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    family = [root]
    for pid in family:
        family += parents.get(pid, [])
    return family
