"""``python -m tests.live.echo_main PORT PORT_FILE WORKERS``: the production server around the echo service,
in a process of its own."""

from __future__ import annotations

import os
import sys

from mock_server.core.exceptions import ConfigError, PortTakenError
from mock_server.core.http import Request, Response
from mock_server.web.http.listening import ListenAddress
from mock_server.web.http.serving import AppFactory, serve
from tests.web.echo import EchoApp, EchoService


class Process(EchoService):
    """Tells which process answers, and can end it."""

    def stop(self) -> list[str]:
        return ["one callback"]

    def _pid(self, request: Request, value: str) -> Response:
        return Response(200, (), str(os.getpid()).encode())

    def _die(self, request: Request, value: str) -> Response:
        os._exit(9)


def build() -> tuple[Process, AppFactory]:
    if os.environ.get("ECHO_FAILS"):
        raise ConfigError("cannot be built")
    return Process(), EchoApp().factory


def main(port: str, port_file: str, workers: str) -> int:
    def listening(address: ListenAddress) -> None:
        print(f"listening on {address.url}", flush=True)

    def pending(lines: list[str]) -> None:
        print(f"pending: {lines}", flush=True)

    try:
        serve(
            build,
            port=int(port),
            port_file=port_file,
            workers=int(workers),
            on_listening=listening,
            on_pending=pending,
        )
    except PortTakenError as error:
        print(error, flush=True)
        return 3
    except ConfigError as error:
        print(error, flush=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
