"""A tester saves a file, and the running server answers by it; a broken file changes nothing but what `ready`
says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mock_server.client import Account, MockServer
from mock_server.core import config as configuration
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.scenarios.customer import CHECK, Answer, ShuftiCustomer
from tests.scenarios.test_shipped import SET

FILE = """\
version: 1
provider: shuftipro
scenarios:
  - name: %s
    match: {operation: verification}
    respond: {status: %d, body: %s, delay: %s}
"""


def text(status: int, body: str = "x", delay: str = "0", name: str = "edited") -> str:
    return FILE % (name, status, body, delay)


class Table:
    """A server that watches a folder, and a customer of it."""

    def __init__(self, server: MockServer, folder: Path) -> None:
        self.server = server
        self.file = folder / "a.yaml"
        self.account: Account = server.account()
        self._customer = ShuftiCustomer(
            self.account, SET.scenarios("shuftipro")[0], "verification", "http://127.0.0.1:9/hook"
        )

    def ask(self) -> Answer:
        return self._customer.call("POST", "/", {**CHECK, "reference": f"ref-{time.monotonic_ns()}"})

    def names(self) -> list[str]:
        return [scenario.name for scenario in self.account.scenarios.find()]

    def until(self, holds: Callable[[], bool]) -> None:
        """Ask until a change has been noticed: within a second where one polls, so ten is a failure."""
        end = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < end


@pytest.fixture(name="table")
def _table(tmp_path: Path) -> Iterator[Table]:
    (tmp_path / "a.yaml").write_text(text(201))
    service = Service(configuration.build({"scenarios": [str(tmp_path)], "watch": True}))
    with LiveServer(service, lambda: create_app(service)) as server, MockServer(server.url) as client:
        yield Table(client, tmp_path)


def test_every_edit_is_in_force_a_moment_later(table: Table) -> None:
    assert table.ask().status == 201
    table.file.write_text(text(202))
    table.until(lambda: table.ask().status == 202)
    renamed, added = table.file.with_name("z.yaml"), table.file.with_name("m.yaml")
    table.file.rename(renamed)
    added.write_text(text(203, name="another"))
    table.until(lambda: table.ask().status == 203)
    assert table.names() == ["another", "edited"]
    added.unlink()
    table.until(lambda: table.ask().status == 202)
    renamed.unlink()
    table.until(lambda: table.ask().status == 200)


def test_a_broken_file_leaves_the_last_good_set_in_force_and_says_so(table: Table) -> None:
    table.file.write_text(text(202).replace("status", "statuz"))
    table.until(lambda: "statuz" in str(table.server.ready()))
    assert table.ask().status == 201
    table.file.write_text(text(204, '""'))
    table.until(lambda: table.ask().status == 204)
    assert "statuz" not in str(table.server.ready())


def test_a_request_under_way_keeps_the_version_it_began_with(table: Table) -> None:
    table.file.write_text(text(202, "slow", "300ms", "slow"))
    table.until(lambda: table.names() == ["slow"])
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(table.ask()))
    asking.start()
    table.account.requests.wait()
    table.file.write_text(text(203, "quick", name="quick"))
    table.until(lambda: table.names() == ["quick"])
    assert table.ask().status == 203
    asking.join()
    assert [(answer.status, answer.body) for answer in answers] == [(202, b"slow")]
