"""The process of `ServerProcess`: its options come as one line of JSON on stdin, its address and token go to stdout
as another."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mock_server.core import config as configuration
from mock_server.core.exceptions import ConfigError, MockServerError
from mock_server.scenario.problems import did_you_mean

if TYPE_CHECKING:
    from mock_server.web.service import Service

_LOOK = 0.5
"""Seconds between two looks whether another process is still there."""


def main() -> int:
    """Serve until stopped, or until the process that started the server has ended."""
    order = json.loads(sys.stdin.readline())
    owner = order["owner"]
    wait = _until_stdin_closes if owner is None else lambda: _until_gone(owner)
    threading.Thread(target=_end_after, args=(wait,), name="mock-server-owner", daemon=True).start()
    try:
        _serve(order["options"])
    except MockServerError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _serve(options: Mapping[str, Any]) -> None:
    from mock_server.providers.config_file import ConfigFile, read
    from mock_server.web.http import serving
    from mock_server.web.http.wire import ConnectionLimits
    from mock_server.web.service import Service

    named = dict(options)
    for name in named:
        if name not in configuration.BY_NAME and name != "config":
            raise ConfigError(f"unknown option {name!r}; {did_you_mean(name, configuration.BY_NAME)}")
    path = named.pop("config", None) or os.environ.get("MOCK_SERVER_CONFIG")
    from_file, accounts, settings = read(path) if path else ConfigFile()
    variables, _ = configuration.from_environment(os.environ)
    layers = ({"watch": False, "port": 0, **named}, variables, from_file)
    config = configuration.build(*layers, accounts=accounts, settings=settings)

    def build() -> tuple[Service, Callable[[], Any]]:
        service = Service(config)
        return service, lambda: _application(service)

    serving.serve(
        build,
        config.host,
        config.port,
        port_file=config.port_file or None,
        workers=config.workers,
        certfile=config.tls_cert or None,
        keyfile=config.tls_key or None,
        limits=ConnectionLimits(max_body=config.max_body),
        on_listening=lambda address: print(
            json.dumps({"url": address.url, "token": config.admin_token}), flush=True
        ),
    )


def _application(service: Service) -> Any:
    from mock_server.web.app import create_app

    return create_app(service)


def _end_after(wait: Callable[[], None]) -> None:
    wait()
    signal.raise_signal(signal.SIGTERM)


def _until_stdin_closes() -> None:
    while sys.stdin.read(1):
        pass


def _until_gone(owner: int) -> None:
    while _is_there(owner):
        time.sleep(_LOOK)


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    raise SystemExit(main())
