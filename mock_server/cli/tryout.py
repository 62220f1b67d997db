"""``mock-server try``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_server.cli import local, output
from mock_server.cli.main import FINE
from mock_server.cli.options import config_options, configure, option
from mock_server.cli.parsing import json_object
from mock_server.cli.requestfile import read, to_request
from mock_server.core.nesting import loads

if TYPE_CHECKING:
    from mock_server.providers.base import Provider
    from mock_server.web.service import Service

_LINES = 12
"""Of a body so many are shown."""
_OF_A_REQUEST = ("url", "path", "request")


@click.command("try")
@click.argument("file")
@click.argument("request", default="", metavar="[REQUEST]")
@option("--operation", metavar="NAME", default="", help="What a REQUEST that is only a body is sent to.")
@option(
    "--limit", metavar="N", type=click.IntRange(0), default=2, show_default=True, help="Near misses shown."
)
@option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@config_options("tags", "skip_tags", "seed")
def command(
    options: Mapping[str, Any], file: str, request: str, operation: str, limit: int, form: str
) -> int:
    """Show what scenario files answer, without a server: FILE is a scenario file or folder.

    Without a REQUEST: a sample request of each operation, then one for each of the first scenarios. REQUEST is a file with a
    request (.http, .json, a curl command, - for stdin), or a JSON body alone, in a file or as it stands, which is sent to
    --operation. Either is sent with right credentials.
    """
    if not Path(file).exists():
        raise click.UsageError(f"FILE: {file}: no such file or directory")
    config, _ = configure({**options, "scenarios": (file,)})
    service = local.service(config)
    answers = list(_of_request(service, request, operation, limit) if request else _samples(service, limit))
    if form == "json":
        output.document(answers)
    else:
        for one in answers:
            show(one)
    return FINE


def _vendors(service: Service) -> list[Provider]:
    """Those that the files are for, and that have samples."""
    loaded = service.scenarios.loaded
    return [
        provider
        for provider in service.providers.values()
        if loaded.scenarios(provider.name) and provider.samples is not None
    ]


def _samples(service: Service, limit: int) -> Iterator[Mapping[str, Any]]:
    from mock_server.web.trial import samples

    for provider in _vendors(service):
        yield from samples(service, provider, limit)


def _of_request(service: Service, written: str, operation: str, limit: int) -> Iterator[Mapping[str, Any]]:
    from mock_server.web.trial import ACCOUNT, answered, trial

    body = _body(written)
    if body is None:
        yield answered(service, to_request(read(written), service.pipeline.router.mounts), ACCOUNT, limit)
        return
    for provider in _vendors(service):
        known = _operations(provider)
        name = operation or next(iter(known))
        if name in known:
            yield trial(service, provider, name, body, ACCOUNT, limit)
            return
    names = [name for provider in _vendors(service) for name in _operations(provider)]
    raise click.UsageError(f"--operation: unknown operation {operation!r}; use {', '.join(names) or 'none'}")


def _operations(provider: Provider) -> Mapping[str, Any]:
    return provider.samples.OPERATIONS if provider.samples is not None else {}


def _body(path: str) -> dict[str, Any] | None:
    """The JSON that is given, or that a file holds in place of a request; None: it is a request."""
    if path.lstrip().startswith("{"):
        return json_object("REQUEST", path)
    if path == "-" or not path.lower().endswith(".json"):
        return None
    try:
        value = loads(Path(path).read_text("utf-8-sig"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) and not any(key in value for key in _OF_A_REQUEST) else None


def show(answers: Mapping[str, Any]) -> None:
    """Who answers, and with what; then why the others do not."""
    meant = f", for {answers['meant_for']}" if answers.get("meant_for") else ""
    click.secho(f"{answers['provider']} {answers['operation']} ({answers['request']}){meant}", bold=True)
    for label, text in _answer(answers):
        click.echo(f"  {label.ljust(9)} {text}")
    for miss in answers["near_misses"]:
        click.echo(f"  closest   {miss['name']} at {miss['row'] or miss['source']}")
        for difference in miss["differences"]:
            click.echo(f"              {output.difference(difference)}")
    click.echo()


def _answer(answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    scenario, refusal = answers["scenario"], answers["refusal"]
    if scenario:
        step = f", step {answers['step']}" if answers["step"] else ""
        yield "scenario", f"{scenario['name']} at {scenario['row'] or scenario['source']}{step}"
    elif refusal:
        yield "refused", f"{refusal['error']}: {refusal['message']}"
    else:
        yield "scenario", "none matches; the built-in behaviour answers"
    outcome = f" {answers['outcome']}" if answers["outcome"] else ""
    delay = f" after {answers['delay']:g} s" if answers["delay"] else ""
    fault = f", and the connection breaks: {answers['fault']}" if answers["fault"] else ""
    yield "status", f"{answers['status']}{outcome}{delay}{fault}"
    yield from (("body" if not number else "", line) for number, line in enumerate(_lines(answers["body"])))
    for callback in answers["callbacks"]:
        to = f"to {callback['url']}" if callback["url"] else f"not sent: {callback['not_sent']}"
        deliver = f", deliver {json.dumps(callback['deliver'])}" if callback["deliver"] else ""
        yield "callback", f"{callback['event']} after {callback['after']:g} s {to}{deliver}"


def _lines(body: Any) -> list[str]:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=1)
    lines = text.splitlines()
    more = len(lines) - _LINES
    return [*lines[:_LINES], f"… {more} more lines; --format json shows them"] if more > 0 else lines
