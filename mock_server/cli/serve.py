"""``mock-server serve``."""

from __future__ import annotations

import gc
import json
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from mock_server.cli.logs import set_up
from mock_server.cli.options import Spreading, config_options, configure
from mock_server.core.config import Config, openings

if TYPE_CHECKING:
    from mock_server.cli.certificate import Certificate
    from mock_server.web.http.listening import ListenAddress
    from mock_server.web.service import Service

log = logging.getLogger("mock_server")


@click.command("serve", cls=Spreading)
@config_options()
def command(options: Mapping[str, Any]) -> None:
    """Start the mock server.

    Prints one JSON line on stdout once it listens; the banner and the log go to stderr. Each option may also
    be given as a variable (--journal-limit as MOCK_SERVER_JOURNAL_LIMIT) or in the --config file; a flag
    beats a variable beats the file."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    config, warnings = configure(options)
    set_up(config.log_format, config.log_level)
    for warning in warnings:
        log.warning("%s", warning)
    serve(config)


def serve(config: Config) -> None:
    """Serve until stopped. Raises `ConfigError` and `PortTakenError`."""
    services: list[Service] = []
    with _staying():
        from mock_server.web.http.serving import serve as serve_on
        from mock_server.web.http.wire import ConnectionLimits
        from mock_server.web.service import Service

        if config.workers > 1:  # report errors once, before any process is forked
            services.append(Service(config))

    def build() -> tuple[Service, Callable[[], Any]]:
        with _staying():
            service = Service(config)
        services[:] = [service]
        return service, lambda: _application(service)

    certificate = _certificate(config)
    serve_on(
        build,
        config.host,
        config.port,
        port_file=config.port_file or None,
        workers=config.workers,
        certfile=certificate.chain if certificate else config.tls_cert or None,
        keyfile=config.tls_key or None,
        limits=ConnectionLimits(max_body=config.max_body),
        on_listening=lambda address: _listening(services[0], address, certificate),
        on_pending=_pending,
    )


@contextmanager
def _staying() -> Iterator[None]:
    """These objects stay, so the garbage collector skips them, whose walks through it would take a
    seventh of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _certificate(config: Config) -> Certificate | None:
    if not config.tls_self_signed:
        return None
    from mock_server.cli.certificate import self_signed
    from mock_server.providers import registry

    return self_signed(config.host, registry.build(config.settings))


def _application(service: Service) -> Any:
    from mock_server.web.app import create_app

    return create_app(service)


def _listening(service: Service, address: ListenAddress, certificate: Certificate | None) -> None:
    dashboard = f"{address.url}/__admin/ui/"
    line = {
        "event": "listening",
        "host": address.host,
        "port": address.port,
        "url": address.url,
        "dashboard": dashboard,
    }
    authority = {"ca": str(certificate.authority)} if certificate else {}
    click.echo(json.dumps({**line, "seed": service.config.seed, **authority}))
    sys.stdout.flush()
    for opening in openings(service.config):
        log.warning("%s", opening)
    for notice in service.notices():
        log.info("%s", notice)
    if service.config.log_format == "text":
        click.echo(banner(service, address.url, certificate), err=True)


def banner(service: Service, url: str, certificate: Certificate | None = None) -> str:
    """What a newcomer needs: where it is, with which credentials, how many scenarios."""
    from mock_server.providers.accounts import DEFAULT

    loaded = service.scenarios.loaded
    counts = ", ".join(f"{len(loaded.scenarios(name))} {name}" for name in service.providers)
    sections = service.accounts.default().sections
    rows = [
        ("Both APIs", url),
        ("Dashboard", f"{url}/__admin/ui/"),
        ("Scenarios", f"{counts}, from {_places(service)}"),
    ]
    rows += [(f"{name}, account {DEFAULT}", _credentials(section)) for name, section in sections.items()]
    if certificate is not None:
        rows.append(("Trust its certificate", certificate.trust_line()))
    width = max(len(label) for label, _ in rows)
    lines = [f"  {click.style(label.ljust(width), fg='cyan')}  {text}" for label, text in rows]
    return "\n".join(["", click.style("  KYC mock server", bold=True), *lines, "  Ctrl-C stops it.", ""])


def _credentials(section: Any) -> str:
    """The published mock credentials in full; of any others only the name."""
    from mock_server.providers.accounts import secrets_of

    secret = next((str(getattr(section, name)) for name in secrets_of(section)), "")
    return f"{section.credential}  {secret if secret.startswith('mock-secret-') else '(its secret is in the config file)'}"


def _places(service: Service) -> str:
    return ", ".join(str(path) for path in service.scenario_paths)


def _pending(lines: list[str]) -> None:
    for line in lines:
        log.warning("%s", line)


def _leave(number: int, frame: FrameType | None) -> None:
    """Stopped before the server was up, which is not a failure either."""
    raise SystemExit(0)
