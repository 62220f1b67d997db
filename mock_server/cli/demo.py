"""``mock-server demo``: both vendors end to end, every signature checked by the few lines a client would
write."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import click

from mock_server.cli.logs import set_up
from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.options import config_options, configure

if TYPE_CHECKING:
    from mock_server.client import Account, Receiver

DATA = {
    "details": {"name": {"given": "Tamsin", "family": "Okafor"}, "dateofbirth": "1987-03-14"},
    "reference": "demo-cloudcheck",
    "consent": "Yes",
}
PERSON = {"name": {"first_name": "Tamsin", "last_name": "Okafor"}, "dob": "1987-03-14"}


class Failure(Exception):
    """A step did not come out as it should."""


@click.command("demo")
@config_options("seed", "scenarios")
def command(given: Mapping[str, Any]) -> int:
    """Start a server and a receiver on free ports, run one Cloudcheck and one Shufti Pro exchange, and show
    each step."""
    from mock_server.client import MockServer, Receiver
    from mock_server.web.app import create_app
    from mock_server.web.http.serving import LiveServer
    from mock_server.web.service import Service

    config, _ = configure(given)
    set_up("text", "warning")
    service = Service(replace(config, store="memory", workers=1, watch=False))
    with (
        LiveServer(service, lambda: create_app(service)) as server,
        Receiver() as receiver,
        MockServer(server.url) as client,
    ):
        say("the mock server listens", server.url)
        say("a receiver for callbacks listens", receiver.url)
        account = client.account("test-demo")
        try:
            cloudcheck(account)
            shufti(account, receiver)
        except Failure as failure:
            click.secho(f"✗ {failure}", fg="red")
            return FINDINGS
    click.secho("\nAll signatures are right.", bold=True)
    return FINE


def cloudcheck(account: Account) -> None:
    """Sign a request, have it accepted, and see a forged one refused."""
    heading("Cloudcheck: POST /verify/")
    key, secret = account.cloudcheck
    params = {
        "data": json.dumps(DATA),
        "key": key,
        "nonce": str(uuid.uuid4()),
        "timestamp": str(int(time.time() * 1000)),
    }
    text = "/verify/" + "".join(f"{name}={params[name]};" for name in sorted(params))
    signature = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
    say("the client signs its canonical string", text)
    say("with HMAC-SHA256 and the API secret", signature)
    _, answer, _ = send(f"{account.url}/verify/", urlencode({**params, "signature": signature}).encode(), {})
    verification = answer.get("verification", {})
    check(
        "the server finds the signature right and verifies the person",
        verification.get("verificationSuccess") is True,
        answer,
    )
    forged = {**params, "nonce": str(uuid.uuid4()), "signature": signature}
    _, answer, _ = send(f"{account.url}/verify/", urlencode(forged).encode(), {})
    check(
        "another nonce under the same signature is refused with 106",
        answer.get("verification", {}).get("error") == 106,
        answer,
    )


def shufti(account: Account, receiver: Receiver) -> None:
    """Ask for a verification, check the answer's signature and the callback's."""
    heading("Shufti Pro: POST /")
    client_id, secret = account.shuftipro
    body = {
        "reference": "demo-shufti",
        "callback_url": receiver.url,
        "country": "NZ",
        "background_checks": PERSON,
    }
    credentials = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    raw, answer, received = send(f"{account.url}/", json.dumps(body).encode(), headers)
    say("the server answers", answer.get("event", ""))
    say("with the header Signature", received.get("signature", ""))
    check(
        "SHA-256 over the raw answer and the hashed secret key gives the same",
        received.get("signature") == digest(raw, secret),
        answer,
    )
    callback = receiver.wait(1, 10.0)[0]
    say("the callback arrives", callback.json.get("event", ""))
    say("with the header Signature", callback.headers.get("signature", ""))
    check(
        "which is right over its raw body",
        callback.headers.get("signature") == digest(callback.body, secret),
        callback.json,
    )
    delivery = account.callbacks.wait(reference="demo-shufti", outcome="delivered")
    check(
        f"the server has it down as {delivery.state} after {len(delivery.attempts)} attempt",
        delivery.state == "delivered",
        delivery,
    )


def digest(raw: bytes, secret: str) -> str:
    """What a Shufti Pro client of today computes: SHA-256 of the body and the SHA-256 of its secret key, in
    hex."""
    return hashlib.sha256(raw + hashlib.sha256(secret.encode()).hexdigest().encode()).hexdigest()


def send(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[bytes, Any, dict[str, str]]:
    """Raw body, its JSON, and the headers of the answer."""
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(Request(url, body, dict(headers)), timeout=10) as response:  # noqa: S310
            raw, received = response.read(), response.headers
    except HTTPError as error:
        with error:
            raw, received = error.read(), error.headers
    return raw, json.loads(raw), {name.lower(): value for name, value in received.items()}


def heading(text: str) -> None:
    click.secho(f"\n{text}", bold=True)


def say(what: str, value: str) -> None:
    """One step and what was seen of it."""
    click.echo(f"  {what}\n    {click.style(value, fg='cyan')}")


def check(what: str, holds: bool, seen: Any) -> None:
    """One step that must come out right. Raises `Failure`."""
    if not holds:
        raise Failure(f"{what}: no, it was {seen!r}")
    click.echo(f"  {click.style('✓', fg='green')} {what}")
