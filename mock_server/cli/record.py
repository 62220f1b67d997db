"""``mock-server record``."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_server.cli import local
from mock_server.cli.logs import set_up
from mock_server.cli.main import FINE
from mock_server.cli.options import config_options, configure, option
from mock_server.core.target import TargetError, split_url

if TYPE_CHECKING:
    from mock_server.web.recorder import Recorder

log = logging.getLogger("mock_server")


@click.command("record")
@option("--provider", metavar="P", required=True, help="The vendor.")
@option(
    "--upstream", metavar="URL", required=True, help="Its real service, such as https://api.vendor.example."
)
@option(
    "--out",
    metavar="DIR",
    default="scenarios/recorded",
    show_default=True,
    help="Where the file is written.",
)
@option(
    "--account",
    metavar="NAME",
    default="default",
    show_default=True,
    help="The mock account whose credentials the caller uses.",
)
@option("--as-vector", is_flag=True, help="Write signing vectors, not scenarios: evidence without data.")
@config_options("host", "port", "port_file", "log_format", "max_body")
def command(
    options: Mapping[str, Any], provider: str, upstream: str, out: str, account: str, as_vector: bool
) -> int:
    """Stand between an application and the real service, and write what that answers as scenario files.

    The application keeps its mock credentials; requests are signed again with the real ones, which are taken
    from the environment; where a variable is missing, the message names it. Personal data, tokens and secrets are
    replaced by templates; look the file through before you share it. Requests reach the real service and may cost money."""
    from mock_server.web.http.serving import serve
    from mock_server.web.http.wire import ConnectionLimits
    from mock_server.web.recorder import Recorder

    config, _ = configure(options)
    set_up(config.log_format, "info")
    vendors = local.providers(config)
    if provider not in vendors:
        raise click.UsageError(f"--provider: unknown provider {provider!r}; use {', '.join(vendors)}")
    upstream = _service_address(upstream)
    local.account(config, account)
    recorder = Recorder(
        vendors[provider],
        local.services(config, vendors),
        upstream,
        Path(out),
        account,
        os.environ,
        as_vector=as_vector,
    )

    def build() -> tuple[Recorder, Callable[[], Any]]:
        return recorder, lambda: _nothing

    limits = ConnectionLimits(max_body=config.max_body)
    serve(
        build,
        config.host,
        config.port,
        port_file=config.port_file or None,
        limits=limits,
        on_listening=lambda at: _announce(at, upstream),
    )
    click.echo(
        f"{recorder.recorded} exchanges recorded in {recorder.file}"
        if recorder.recorded
        else "nothing was recorded",
        err=True,
    )
    return FINE


def _service_address(upstream: str) -> str:
    """``api.vendor.example`` is ``https://api.vendor.example``."""
    address = upstream if "://" in upstream else f"https://{upstream}"
    example = "write for example https://api.vendor.example"
    try:
        parts, _ = split_url(address)
    except TargetError as error:
        raise click.UsageError(f"--upstream: {upstream!r}: {error}; {example}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.UsageError(f"--upstream: {upstream!r} is not an http address; {example}")
    return address


def _announce(address: Any, upstream: str) -> None:
    click.echo(
        json.dumps(
            {
                "event": "listening",
                "host": address.host,
                "port": address.port,
                "url": address.url,
                "upstream": upstream,
            }
        )
    )
    log.info("recording what %s answers to %s", upstream, address.url)


def _nothing(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Everything is forwarded, so this is never called."""
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b""]
