"""One server with the shipped scenarios, and one receiver, for all tests of this folder: the server is that of the
pytest plugin, so ``--mock-coverage=100`` tells whether these tests meet every word of the vendors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import MockServer, Receiver


@pytest.fixture(scope="session")
def mock_server_options(root: Path) -> dict[str, Any]:
    return {"scenarios": [str(root / "scenarios")], "journal_limit": 10_000}


@pytest.fixture(scope="session", name="service")
def _service(mock_server: MockServer) -> Iterator[tuple[MockServer, Receiver]]:
    with Receiver() as receiver:
        yield mock_server, receiver
