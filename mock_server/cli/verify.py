"""``mock-server verify``."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import click

from mock_server.cli import local, output, vendors
from mock_server.cli.curl import FORM, CurlRequest
from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.options import config_options, configure, option
from mock_server.cli.parsing import pairs
from mock_server.cli.requestfile import read, to_request
from mock_server.cli.sign import contents
from mock_server.cli.vendors import Vendor
from mock_server.core.config import Config


@click.command("verify")
@click.argument("request", default="", metavar="[REQUEST]")
@option(
    "--provider", metavar="P", default="", help="The vendor, where REQUEST or --body alone does not tell it."
)
@option(
    "--param",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter of a form, decoded; with REQUEST being the path.",
)
@option(
    "--method",
    metavar="M",
    default="POST",
    show_default=True,
    help="Of the request, where REQUEST is the path.",
)
@option("--body", metavar="TEXT", default="", help="A callback's body as received; @FILE reads a file.")
@option(
    "--header",
    metavar="NAME:VALUE",
    multiple=True,
    help="A callback's header as received, such as Signature.",
)
@option("--signature", metavar="HEX", default="", help="The value of the header that signs the callback.")
@option("--scheme", metavar="S", default="", help="Signature scheme instead of the account's.")
@option("--secret", metavar="S", default=None, help="Secret instead of the account's; never shown.")
@option("--account", metavar="NAME", default="default", show_default=True, help="Whose credentials are used.")
@option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@config_options("seed")
def command(
    options: Mapping[str, Any],
    request: str,
    provider: str,
    param: tuple[str, ...],
    method: str,
    body: str,
    header: tuple[str, ...],
    signature: str,
    scheme: str,
    secret: str | None,
    account: str,
    form: str,
) -> int:
    """Check a signature and, when it is wrong, name the known mistake that reproduces it. Exits 1 when it is
    wrong.

    Of a request: REQUEST is a file (.http, .json, a curl command, - for stdin), or a path with --param for each
    parameter. Of a callback: --body and --signature, as the receiver has them."""
    config, _ = configure(options)
    if body:
        vendor = vendors.for_body(config, provider)
        headers = dict(_header(text) for text in header)
        if signature:
            headers[vendor.command_line.SIGNATURE_HEADER.lower()] = signature
        finding = of_message(config, vendor, contents(body), headers, account, secret, scheme)
    elif request:
        written = _from_params(method.upper(), request, pairs("--param", param)) if param else read(request)
        finding = of_request(config, written, provider, account, secret)
    else:
        raise click.UsageError("give a REQUEST, or --body and --signature")
    if form == "json":
        output.document(finding)
    else:
        show(finding)
    return FINE if finding["valid"] else FINDINGS


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip().lower(), value.strip()


def _from_params(method: str, path: str, params: list[tuple[str, str]]) -> CurlRequest:
    encoded = urlencode(params)
    if method == "GET":
        return CurlRequest("GET", f"{path}?{encoded}", {}, b"")
    return CurlRequest(method, path, {"content-type": FORM}, encoded.encode())


def of_request(
    config: Config, written: CurlRequest, provider: str, account: str, secret: str | None
) -> dict[str, Any]:
    """What the vendor finds out about a signed request."""
    from mock_server.providers.context import UnitOfWork
    from mock_server.providers.routing import Router
    from mock_server.providers.unserved import cause

    providers = local.providers(config)
    router = Router(providers)
    request = to_request(written, router.mounts)
    vendor = providers.get(provider or router.route_of(request).provider)
    if vendor is None:
        unserved = cause(request.method, request.path, None, providers.values())
        raise click.UsageError(f"{unserved['explanation']}; {unserved['remedy']}")
    whose = local.account(config, account).with_secret(vendor.name, secret)
    unit = UnitOfWork(local.services(config, providers), whose, time.time(), request.origin)
    return dict(vendor.explain(unit, request))


def of_message(
    config: Config,
    vendor: Vendor,
    body: str,
    headers: Mapping[str, str],
    account: str,
    secret: str | None,
    scheme: str,
) -> dict[str, Any]:
    """What the vendor finds out about a signed body."""
    from mock_server.providers.context import UnitOfWork

    services = local.services(config, local.providers(config))
    unit = UnitOfWork(services, vendor.account(account, secret), time.time())
    raw = body.encode("utf-8", "surrogateescape")
    known = vendor.scheme(scheme) or None
    return dict(vendor.provider.explain_message(unit, raw, headers, scheme=known))


def show(finding: Mapping[str, Any]) -> None:
    """Verdict, mistakes, then what they rest on."""
    click.secho(
        "the signature is right" if finding["valid"] else "the signature is wrong",
        bold=True,
        fg="green" if finding["valid"] else "red",
    )
    for mistake in finding["mistakes"]:
        click.echo(f"\n{mistake['explanation']} [{mistake['id']}]\n  fix: {mistake['fix']}")
        if mistake.get("difference"):
            click.echo(_difference(mistake["difference"]))
    for warning in finding.get("warnings") or ():
        click.echo(f"\nwarning: {warning['explanation']} [{warning['id']}]\n  fix: {warning['fix']}")
    for name in ("canonical", "expected", "received"):
        if finding.get(name):
            click.echo(f"\n{name}:\n{finding[name]}")


def _difference(differs: Mapping[str, Any]) -> str:
    """Two lines of text, one below the other."""
    right, signed = (json.dumps(differs[name], ensure_ascii=False) for name in ("right", "signed"))
    return f"  first difference, after {differs['at']} characters:\n    right:  {right}\n    signed: {signed}"
