"""``mock-server sign``."""

from __future__ import annotations

import os
import shlex
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from mock_server.cli import local, output, remote
from mock_server.cli.main import FINE
from mock_server.cli.options import config_options, configure, option
from mock_server.cli.parsing import pairs
from mock_server.core.config import Config


@click.command("sign")
@click.argument("path", default="", metavar="[PATH]")
@option(
    "--data",
    metavar="JSON",
    default="",
    help="Cloudcheck: the parameter data, signed exactly as given; @FILE reads a file.",
)
@option("--param", metavar="NAME=VALUE", multiple=True, help="Cloudcheck: a further parameter.")
@option("--method", metavar="M", default="POST", show_default=True, help="Cloudcheck: of the request.")
@option("--nonce", metavar="N", default="", help="Cloudcheck: a random one when not given.")
@option(
    "--timestamp",
    metavar="MS",
    default="",
    help="Cloudcheck: milliseconds since the epoch; now when not given.",
)
@option(
    "--body",
    metavar="TEXT",
    default="",
    help="Shufti Pro: the body, signed byte for byte; @FILE reads a file.",
)
@option("--scheme", type=click.Choice(["hashed", "legacy"]), help="Shufti Pro: instead of the account's.")
@option("--to", metavar="URL", default="", help="Where the curl command sends it.")
@option("--key", metavar="K", default="", help="Cloudcheck: access key instead of the account's.")
@option("--secret", metavar="S", default="", help="Secret instead of the account's.")
@option("--account", metavar="NAME", default="default", show_default=True, help="Whose credentials are used.")
@option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "curl"]),
    default="text",
    show_default=True,
    help="curl: the command alone.",
)
@config_options("seed")
def command(given: Mapping[str, Any], path: str, body: str, form: str, **more: Any) -> int:
    """Sign a Cloudcheck request (PATH, such as /verify/) or a Shufti Pro body (--body), and print a ready
    curl.

    Shows the canonical string and the digest; the secret is never printed.
    """
    if bool(path) == bool(body):
        raise click.UsageError("give a PATH for a Cloudcheck request, or --body for a Shufti Pro body")
    config, _ = configure(given)
    signed = shufti(config, contents(body), **more) if body else cloudcheck(config, path, **more)
    if form == "json":
        output.document(signed)
        return FINE
    if form == "curl":
        click.echo(signed["curl"])
        return FINE
    for name in ("canonical", "scheme", "signature", "curl"):
        if signed.get(name):
            click.echo(f"{click.style(f'{name}:', bold=True)}\n{signed[name]}\n")
    return FINE


def cloudcheck(
    config: Config,
    path: str,
    *,
    data: str = "",
    param: tuple[str, ...] = (),
    method: str = "POST",
    nonce: str = "",
    timestamp: str = "",
    to: str = "",
    key: str = "",
    secret: str = "",
    account: str = "default",
    **_: Any,
) -> dict[str, Any]:
    """``{"canonical", "signature", "params", "curl"}``."""
    from mock_server.providers.cloudcheck.canonical import canonical
    from mock_server.providers.cloudcheck.settings import Account
    from mock_server.providers.cloudcheck.signing import sign_text

    section = local.account(config, account).section("cloudcheck", Account)
    params = {
        "key": key or section.key,
        "nonce": nonce or str(uuid.uuid4()),
        "timestamp": timestamp or str(int(time.time() * 1000)),
        **({"data": contents(data)} if data else {}),
    }
    further = pairs("--param", param)
    repeated = {name: [value for other, value in further if other == name] for name, _ in further}
    params.update(dict(further))
    path = path if path.startswith("/") else f"/{path}"
    text = canonical(path, params, repeated)
    signature = sign_text(secret or section.secret, text)
    base = to or os.environ.get("MOCK_SERVER_URL") or remote.address(os.environ)
    sent: dict[str, str | list[str]] = {
        **params,
        **{name: values for name, values in repeated.items() if len(values) > 1},
        "signature": signature,
    }
    return {
        "canonical": text,
        "signature": signature,
        "params": sent,
        "curl": curl(method.upper(), base + path, sent),
    }


def curl(method: str, url: str, params: Mapping[str, str | list[str]]) -> str:
    """A command line that sends the parameters as they were signed, those with several values several
    times."""
    pairs = [
        (name, value)
        for name, values in params.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    if method == "GET":
        return shlex.join(["curl", f"{url}?{urlencode(pairs)}"])
    fields = [word for name, value in pairs for word in ("--data-urlencode", f"{name}={value}")]
    return shlex.join(["curl", *([] if method == "POST" else ["-X", method]), url, *fields])


def shufti(
    config: Config,
    body: str,
    *,
    scheme: str | None = None,
    to: str = "",
    secret: str = "",
    account: str = "default",
    **_: Any,
) -> dict[str, Any]:
    """``{"signature", "scheme", "headers", "curl"}``."""
    from mock_server.providers.shuftipro.settings import Account
    from mock_server.providers.shuftipro.signing import headers

    section = local.account(config, account).section("shuftipro", Account)
    chosen = scheme or section.signature
    signed = headers(body.encode("utf-8", "surrogateescape"), secret or section.secret_key, chosen)
    sent = {"Content-Type": "application/json", **dict(signed)}
    words = [word for name, value in sent.items() for word in ("-H", f"{name}: {value}")]
    command_line = shlex.join(["curl", to or "http://localhost:3000/callback", *words, "--data-binary", body])
    return {"scheme": chosen, "signature": sent["Signature"], "headers": sent, "curl": command_line}


def contents(text: str) -> str:
    """The text, or what ``@FILE`` holds, to the last byte."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise click.UsageError(f"{text}: {error.strerror or error}") from None
