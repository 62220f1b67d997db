"""``mock-server sign``."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import click

from mock_server.cli import output, remote, vendors
from mock_server.cli.main import FINE
from mock_server.cli.options import config_options, configure, option
from mock_server.cli.parsing import pairs

if TYPE_CHECKING:
    from mock_server.providers.command_line import Signed


@click.command("sign")
@click.argument("path", default="", metavar="[PATH]")
@option(
    "--provider", metavar="P", default="", help="The vendor, where PATH or --body alone does not tell it."
)
@option(
    "--data",
    metavar="JSON",
    default="",
    help="Of a form: the parameter data, signed exactly as given; @FILE reads a file.",
)
@option("--param", metavar="NAME=VALUE", multiple=True, help="Of a form: a further parameter.")
@option("--method", metavar="M", default="POST", show_default=True, help="Of the request.")
@option("--nonce", metavar="N", default="", help="Of the request; a random one when not given.")
@option(
    "--timestamp",
    metavar="MS",
    default="",
    help="Of the request, in milliseconds since the epoch; now when not given.",
)
@option("--body", metavar="TEXT", default="", help="The body, signed byte for byte; @FILE reads a file.")
@option("--scheme", metavar="S", default="", help="Signature scheme instead of the account's.")
@option("--to", metavar="URL", default="", help="Where the curl command sends it.")
@option("--key", metavar="K", default="", help="Access key instead of the account's.")
@option("--secret", metavar="S", default=None, help="Secret instead of the account's.")
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
def command(
    options: Mapping[str, Any],
    path: str,
    provider: str,
    data: str,
    param: tuple[str, ...],
    method: str,
    nonce: str,
    timestamp: str,
    body: str,
    scheme: str,
    to: str,
    key: str,
    secret: str | None,
    account: str,
    form: str,
) -> int:
    """Sign a request (PATH, such as /verify/) or a body that stands alone, such as a callback's (--body), and
    print a ready curl.

    Shows the canonical string and the digest; the secret is never printed.
    """
    from mock_server.providers.command_line import SignOrder
    from mock_server.providers.unserved import cause, methods_of

    if not path and not body:
        raise click.UsageError("give the PATH of a request, or the --body of a callback")
    config, _ = configure(options)
    path = path if path.startswith("/") or not path else f"/{path}"
    vendor = vendors.for_path(config, provider, path) if path else vendors.for_body(config, provider)
    if path and method.upper() not in methods_of(vendor.provider, path):
        problem = cause(method.upper(), path, vendor.provider, ())
        click.echo(f"warning: {problem['explanation']}; {problem['remedy']}", err=True)
    raw = contents(body).encode("utf-8", "surrogateescape")
    order = SignOrder(
        vendor.account(account, secret), path, method.upper(), contents(data), pairs("--param", param),
        key, nonce, timestamp, raw, vendor.scheme(scheme),
    )  # fmt: skip
    try:
        signed = vendor.command_line.sign(order)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    document = as_document(signed, curl(order.method, _address(path, to), signed, raw))
    if form == "json":
        output.document(document)
    elif form == "curl":
        click.echo(document["curl"])
    else:
        show(document)
    return FINE


def as_document(signed: Signed, command_line: str) -> dict[str, Any]:
    """``{"canonical", "scheme", "signature", "params", "headers", "curl"}``, as far as there are any."""
    members = {name: value for name, value in signed._asdict().items() if value}
    order = ("canonical", "scheme", "signature", "params", "headers")
    return {**{name: members[name] for name in order if name in members}, "curl": command_line}


def show(document: Mapping[str, Any]) -> None:
    for name in ("canonical", "scheme", "signature", "curl"):
        if document.get(name):
            click.echo(f"{click.style(f'{name}:', bold=True)}\n{document[name]}\n")


def curl(method: str, url: str, signed: Signed, body: bytes) -> str:
    """A command line that sends what was signed, byte for byte."""
    if signed.params:
        return _curl_of_form(method, url, signed.params)
    headers = {"Content-Type": "application/json", **signed.headers}
    words = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    text = body.decode("utf-8", "surrogateescape")
    return shlex.join(["curl", *_method(method), url, *words, "--data-binary", text])


def _curl_of_form(method: str, url: str, params: Mapping[str, str | list[str]]) -> str:
    """A parameter with several values is sent several times."""
    written = [
        (name, value)
        for name, values in params.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    if method == "GET":
        return shlex.join(["curl", f"{url}?{urlencode(written)}"])
    fields = [word for name, value in written for word in ("--data-urlencode", f"{name}={value}")]
    return shlex.join(["curl", *_method(method), url, *fields])


def _method(method: str) -> Iterable[str]:
    return () if method == "POST" else ("-X", method)


def _address(path: str, to: str) -> str:
    """``to`` is the server of a request, and the whole address of a callback."""
    if not path:
        return to or "http://localhost:3000/callback"
    return (to or os.environ.get("MOCK_SERVER_URL") or remote.address(os.environ)) + path


def contents(text: str) -> str:
    """The text, or what ``@FILE`` holds, to the last byte."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise click.UsageError(f"{text}: {error.strerror or error}") from None
