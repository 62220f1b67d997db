"""``mock-server verify``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import click

from mock_server.cli import local, output
from mock_server.cli.curl import FORM, Written
from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.options import config_options, configure, option
from mock_server.cli.parsing import pairs
from mock_server.cli.requestfile import read, to_request
from mock_server.cli.sign import contents
from mock_server.core.config import Config
from mock_server.providers.accounts import Account


@click.command("verify")
@click.argument("request", default="", metavar="[REQUEST]")
@option(
    "--param",
    metavar="NAME=VALUE",
    multiple=True,
    help="Cloudcheck: a parameter, decoded; with REQUEST being the path.",
)
@option(
    "--method",
    metavar="M",
    default="POST",
    show_default=True,
    help="Cloudcheck: of the request, where REQUEST is the path.",
)
@option("--body", metavar="TEXT", default="", help="Shufti Pro: the body as received; @FILE reads a file.")
@option(
    "--header",
    metavar="NAME:VALUE",
    multiple=True,
    help="Shufti Pro: a header as received, such as Signature.",
)
@option("--signature", metavar="HEX", default="", help="Shufti Pro: the Signature header's value.")
@option("--scheme", type=click.Choice(["hashed", "legacy"]), help="Shufti Pro: instead of the account's.")
@option("--secret", metavar="S", default="", help="Secret instead of the account's; never shown.")
@option("--account", metavar="NAME", default="default", show_default=True, help="Whose credentials are used.")
@option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@config_options("seed")
def command(
    given: Mapping[str, Any],
    request: str,
    param: tuple[str, ...],
    method: str,
    body: str,
    header: tuple[str, ...],
    signature: str,
    scheme: str | None,
    secret: str,
    account: str,
    form: str,
) -> int:
    """Check a signature and, when it is wrong, name the known mistake that reproduces it. Exits 1 when it is
    wrong.

    Cloudcheck: REQUEST is a file (.http, .json, a curl command, - for stdin), or a path with --param for each
    parameter. Shufti Pro: --body and --signature, as the receiver has them."""
    config, _ = configure(given)
    if body:
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (text.partition(":") for text in header)
        }
        headers = {**headers, **({"signature": signature} if signature else {})}
        found = message(config, contents(body), headers, account=account, secret=secret, scheme=scheme)
    elif request:
        params = pairs("--param", param)
        written = (
            Written(method, request, {"content-type": FORM}, urlencode(params).encode())
            if params
            else read(request)
        )
        if params and method.upper() == "GET":
            written = Written("GET", f"{request}?{urlencode(params)}", {}, b"")
        found = of_request(config, written, account=account, secret=secret)
    else:
        raise click.UsageError("give a REQUEST, or --body and --signature")
    if form == "json":
        output.document(found)
    else:
        show(found)
    return FINE if found["valid"] else FINDINGS


def of_request(
    config: Config, written: Written, *, account: str = "default", secret: str = ""
) -> dict[str, Any]:
    """The doctor's finding about a signed request."""
    from mock_server.providers.context import UnitOfWork
    from mock_server.providers.routing import Router
    from mock_server.providers.unserved import cause

    vendors = local.providers(config)
    router = Router(vendors)
    request = to_request(written, router.mounts)
    vendor = vendors.get(router.route_of(request).provider)
    if vendor is None:
        found = cause(request.method, request.path, None, vendors.values())
        raise click.UsageError(f"{found['explanation']}; {found['remedy']}")
    services = local.services(config, vendors)
    unit = UnitOfWork(services, whose(config, account, vendor.name, secret), _now(), request.origin)
    return dict(vendor.explain(unit, request))


def message(
    config: Config,
    body: str,
    headers: Mapping[str, str],
    *,
    account: str = "default",
    secret: str = "",
    scheme: str | None = None,
) -> dict[str, Any]:
    """The doctor's finding about a signed body."""
    from mock_server.providers.context import UnitOfWork

    vendors = local.providers(config)
    unit = UnitOfWork(local.services(config, vendors), whose(config, account, "shuftipro", secret), _now())
    raw = body.encode("utf-8", "surrogateescape")
    return dict(vendors["shuftipro"].explain_message(unit, raw, headers, scheme=scheme))


def whose(config: Config, name: str, provider: str, secret: str) -> Account:
    """The account, with another secret for that vendor where one is given."""
    from mock_server.web.admin.signature import with_secret

    return with_secret(local.account(config, name), provider, secret)


def show(found: Mapping[str, Any]) -> None:
    """Verdict, mistakes, then what they rest on."""
    click.secho(
        "the signature is right" if found["valid"] else "the signature is wrong",
        bold=True,
        fg="green" if found["valid"] else "red",
    )
    for mistake in found["mistakes"]:
        click.echo(f"\n{mistake['id']}: {mistake['explanation']}\n  fix: {mistake['fix']}")
    for warning in found.get("warnings") or ():
        click.echo(f"\nwarning: {warning['explanation']}\n  fix: {warning['fix']}")
    if not found["valid"] and not found["mistakes"]:
        click.echo(
            "\nNo known mistake reproduces it: compare the canonical string with what was signed, character by character."
        )
    for name in ("canonical", "expected", "received"):
        if found.get(name):
            click.echo(f"\n{name}:\n{found[name]}")


def _now() -> float:
    import time

    return time.time()
