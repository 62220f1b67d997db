"""Runs wrk with a Lua file of ready-made requests, every one different, and reads its figures."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

LUA = """
local requests = {}
local n, at = 0, 0
function init(args)
  local file = assert(io.open(args[1], "rb"))
  while true do
    local length = file:read("*l")
    if not length then break end
    n = n + 1
    requests[n] = file:read(tonumber(length))
  end
  file:close()
end
function request()
  at = at % n + 1
  return requests[at]
end
local other = 0
function done(summary, latency, requests)
  local us = 1000
  io.write(string.format("RESULT %d %d %.3f %.3f %.3f %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50) / us, latency:percentile(99) / us, latency.max / us,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""


class Result(NamedTuple):
    """One run of wrk; times in milliseconds."""

    rate: float
    p50: float
    p99: float
    maximum: float
    bad_status: int
    errors: int
    requests: int


def raw(method: str, path: str, body: bytes, headers: Mapping[str, str], host: str) -> bytes:
    """One HTTP/1.1 request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def write_requests(file: Path, requests: Iterable[bytes]) -> None:
    """Each request as its length, a newline and its bytes: what the Lua file reads."""
    with file.open("wb") as out:
        for request in requests:
            out.write(b"%d\n%b" % (len(request), request))


def available() -> bool:
    return shutil.which("wrk") is not None


def run(url: str, requests: Path, *, connections: int, seconds: int, threads: int = 1) -> Result:
    """Load `url`'s host with the requests of the file, round and round, for so long."""
    lua = requests.with_name("load.lua")
    lua.write_text(LUA)
    command = [
        "wrk",
        f"-c{connections}",
        f"-t{threads}",
        f"-d{seconds}s",
        "--timeout",
        "10s",
        "-s",
        str(lua),
        url,
        "--",
        str(requests),
    ]
    out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout
    match = re.search(r"RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) ([\d.]+) (\d+) (\d+)", out)
    if not match:
        raise RuntimeError(f"wrk said nothing usable:\n{out}")
    count, micros, p50, p99, maximum, status, errors = (float(value) for value in match.groups())
    return Result(count / micros * 1e6, p50, p99, maximum, int(status), int(errors), int(count))
