"""``mock-server demo``: every vendor that has one, end to end, each signature checked by the few lines a client
would write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import click

from mock_server.cli.logs import set_up
from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.options import config_options, configure

if TYPE_CHECKING:
    from mock_server.client import Account, Receiver
    from mock_server.providers.accounts import Account as CoreAccount

ACCOUNT = "test-demo"


class DemoFailure(Exception):
    """A step did not come out as it should."""


@click.command("demo")
@config_options("seed", "scenarios")
def command(options: Mapping[str, Any]) -> int:
    """Start a server and a receiver on free ports, run one exchange of each vendor, and show each step."""
    from mock_server.client import MockServer, Receiver
    from mock_server.web.app import create_app
    from mock_server.web.http.serving import LiveServer
    from mock_server.web.service import Service

    config, _ = configure(options)
    set_up("text", "warning")
    service = Service(replace(config, store="memory", workers=1, watch=False))
    with LiveServer(service, lambda: create_app(service)) as server, MockServer(server.url) as client:
        say("the mock server listens", server.url)
        account = service.accounts.get(ACCOUNT)
        assert account is not None
        try:
            for vendor in service.providers.values():
                if vendor.command_line is not None and vendor.command_line.DEMO:
                    click.secho(f"\n{vendor.title}: {vendor.command_line.DEMO}", bold=True)
                    with Receiver() as receiver:
                        vendor.command_line.demo(TerminalStage(client.account(ACCOUNT), account, receiver))
        except DemoFailure as failure:
            click.secho(f"✗ {failure}", fg="red")
            return FINDINGS
    click.secho("\nAll signatures are right.", bold=True)
    return FINE


class TerminalStage:
    """As `providers.command_line.DemoStage`."""

    def __init__(self, client: Account, account: CoreAccount, receiver: Receiver) -> None:
        self.account = account
        self.callback_url = receiver.url
        self._client, self._receiver = client, receiver

    def say(self, what: str, value: str) -> None:
        say(what, value)

    def check(self, what: str, holds: bool, seen: object) -> None:
        if not holds:
            raise DemoFailure(f"{what}: no, it was {seen!r}")
        click.echo(f"  {click.style('✓', fg='green')} {what}")

    def send(
        self, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, Any, Mapping[str, str]]:
        request = Request(self._client.url + path, body, dict(headers))  # noqa: S310
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=10) as response:
                raw, received = response.read(), response.headers
        except HTTPError as error:
            with error:
                raw, received = error.read(), error.headers
        return raw, json.loads(raw), {name.lower(): value for name, value in received.items()}

    def receive(self) -> tuple[bytes, Any, Mapping[str, str]]:
        callback = self._receiver.wait(1, 10.0)[0]
        return callback.body, callback.json, callback.headers

    def delivered(self, reference: str) -> tuple[str, int]:
        delivery = self._client.callbacks.wait(reference=reference, outcome="delivered")
        return delivery.state, len(delivery.attempts)


def say(what: str, value: str) -> None:
    """One step and what was seen of it."""
    click.echo(f"  {what}\n    {click.style(value, fg='cyan')}")
