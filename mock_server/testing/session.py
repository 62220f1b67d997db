"""The server that a pytest session uses, and the findings of the session's accounts for a test."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mock_server.client import MockServer
from mock_server.client.coverage import merged, unmet
from mock_server.testing import RUNNING, ServerProcess, StartError

_SHOWN = 10
"""Words of a group that a run's end names."""


class SharedServer:
    """One server for a session: the first user starts it, and the others find its address in a folder.

    Under pytest-xdist the controller makes the folder, any worker starts the server, and the server ends with
    the controller."""

    def __init__(self, folder: str, *, is_worker: bool) -> None:
        """``folder``: the controller's; empty: this process needs the server alone."""
        self.is_worker = is_worker
        self._folder = folder or tempfile.mkdtemp(prefix="mock-server-session-")
        self._process: ServerProcess | None = None
        self.summary: list[str] = []
        """Lines for the end of the run."""

    @contextmanager
    def client(self, options: Mapping[str, Any]) -> Iterator[MockServer]:
        """A client of the session's server, whose accounts are watched."""
        url = os.environ.get("MOCK_SERVER_URL")
        address = {"url": url, "token": ""} if url else self._address(options)
        with MockServer(address["url"], address["token"] or None) as client:
            RUNNING.append(client)
            try:
                yield client
            finally:
                RUNNING.remove(client)

    def _address(self, options: Mapping[str, Any]) -> dict[str, str]:
        if not self.is_worker or os.name != "posix":
            self._process = ServerProcess(options)
            return _write(Path(self._folder) / "own", self._process)
        name = hashlib.sha256(json.dumps(options, sort_keys=True, default=str).encode()).hexdigest()[:16]
        place = Path(self._folder) / name
        try:
            place.with_suffix(".lock").touch(exist_ok=False)
        except FileExistsError:
            return _wait_for(place)
        try:
            process = ServerProcess(options, owner=os.getppid())
            process.leave()
            return _write(place, process)
        except StartError as error:
            _write_document(place, {"error": str(error)})
            raise

    def addresses(self) -> list[dict[str, str]]:
        """``url`` and ``token`` of all servers of the session."""
        if os.environ.get("MOCK_SERVER_URL"):
            return [{"url": os.environ["MOCK_SERVER_URL"], "token": ""}]
        documents = [json.loads(path.read_text()) for path in sorted(Path(self._folder).glob("*.json"))]
        return [document for document in documents if "url" in document]

    def misses_coverage(self, fail_under: float | None) -> bool:
        """Say in ``summary`` what the run has met; whether that is less than it must be."""
        if fail_under is None or self.is_worker:
            return False
        missed = False
        reports = []
        for address in self.addresses():
            try:
                with MockServer(address["url"], address["token"] or None) as client:
                    reports.append(client.account("default").coverage(all_accounts=True))
            except Exception as error:  # noqa: BLE001 - our own failures must not break the end of a run
                self.summary.append(f"mock server: no coverage: {error}")
                missed = True
        if reports:
            report = merged(reports)
            line = f"mock server: {report['met']} of {report['total']} words met: {report['percent']} %"
            if report["percent"] < fail_under:
                missed = True
                line += f", below {fail_under:g} %"
                self.summary += [line, *map(_not_met, unmet(report).items())]
            else:
                self.summary.append(line)
        return missed

    def stop(self) -> None:
        """End the servers that this session has started."""
        if self._process is not None:
            self._process.end()
        if self.is_worker:
            return
        for address in self.addresses():
            if address.get("pid"):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(int(address["pid"]), signal.SIGTERM)
                Path(address["log"]).unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)


def _not_met(group: tuple[tuple[str, str], list[str]]) -> str:
    (provider, name), words = group
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return f"  not met, {provider} {name}: {', '.join(words[:_SHOWN])}{more}"


def _write(place: Path, process: ServerProcess) -> dict[str, str]:
    return _write_document(
        place,
        {
            "url": process.url,
            "token": process.token,
            "pid": "" if place.name == "own" else str(process.pid),
            "log": str(process.log),
        },
    )


def _write_document(place: Path, document: dict[str, str]) -> dict[str, str]:
    whole = place.with_suffix(".tmp")
    whole.write_text(json.dumps(document))
    whole.replace(place.with_suffix(".json"))
    return document


def _wait_for(place: Path) -> dict[str, str]:
    """The address that another worker writes once its server listens."""
    path = place.with_suffix(".json")
    while not path.exists():
        time.sleep(0.02)
    document: dict[str, str] = json.loads(path.read_text())
    if "error" in document:
        raise StartError(document["error"])
    return document
