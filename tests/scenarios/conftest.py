"""One server with the shipped scenarios, and one receiver, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.client import MockServer, Receiver
from mock_server.core import config as configuration
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service


@pytest.fixture(scope="session", name="service")
def _service(root: Path) -> Iterator[tuple[MockServer, Receiver]]:
    config = configuration.build(
        {"scenarios": [str(root / "scenarios")], "watch": False, "journal_limit": 10_000}
    )
    service = Service(config)
    with (
        LiveServer(service, lambda: create_app(service)) as server,
        MockServer(server.url) as client,
        Receiver() as receiver,
    ):
        yield client, receiver
