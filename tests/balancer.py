"""HAProxy as `examples/cluster/haproxy.cfg` sets it up, in front of servers on this machine."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "examples/cluster/haproxy.cfg"
_PATIENCE = 60.0


@contextlib.contextmanager
def running_balancer(folder: Path, ports: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The port on which it spreads requests over the servers on those ports, and its process id."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    head = re.sub(r"^  server .*\n", "", FILE.read_text("utf-8"), flags=re.MULTILINE)
    head = head.replace("bind :8484", f"bind 127.0.0.1:{port}")
    servers = "".join(f"  server s{number} 127.0.0.1:{each}\n" for number, each in enumerate(ports))
    path = folder / "haproxy.cfg"
    path.write_text(head + servers, "utf-8")
    with (folder / "haproxy.log").open("wb") as log:
        process = subprocess.Popen(["haproxy", "-db", "-f", path], stdout=log, stderr=log)
    try:
        _await(process, port)
        yield port, process.pid
    finally:
        process.kill()
        process.wait()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, "HAProxy has ended; see haproxy.log"
        assert time.monotonic() < deadline
        time.sleep(0.01)
