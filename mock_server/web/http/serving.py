"""Runs the server: for the command line in this process or in several, for tests on a thread of their own."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from mock_server.core.exceptions import ConfigError
from mock_server.web.http.interfaces import AnsweringService
from mock_server.web.http.listening import ListenAddress, bind
from mock_server.web.http.server import HttpServer
from mock_server.web.http.supervisor import supervise
from mock_server.web.http.wire import ConnectionLimits
from mock_server.web.http.wsgi import WsgiApp

AppFactory = Callable[[], WsgiApp]
Build = Callable[[], tuple[AnsweringService, AppFactory]]
"""Makes the service, and what makes its WSGI application. Called once in each process that serves, after the
port is taken."""

_WARM_AFTER = 0.3
"""Seconds until Flask is imported although no request needed it: late enough to leave the first requests alone."""
_GRACE = 0.4
"""Seconds that answers still being made have when the server stops; the rest of the second is for the
deliveries."""


def serve(
    build: Build,
    host: str = "127.0.0.1",
    port: int = 8484,
    *,
    port_file: str | Path | None = None,
    workers: int = 1,
    certfile: str | Path | None = None,
    keyfile: str | Path | None = None,
    limits: ConnectionLimits | None = None,
    on_listening: Callable[[ListenAddress], None] | None = None,
    on_pending: Callable[[list[str]], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, and return within a second of it.

    ``port`` 0 takes a free one; ``port_file`` is written, as a whole, before ``on_listening`` is called with
    the real address, and removed at the end. ``on_pending`` is given lines about the callbacks that were
    still to be sent (in each worker process). Raises `PortTakenError`, or `ConfigError` for another address or
    certificate that cannot be used."""
    tls = tls_context(certfile, keyfile) if certfile else None
    raise_file_limit()
    if port_file:
        _clear(Path(port_file))

    def listening(address: ListenAddress) -> None:
        address = address._replace(scheme="https" if tls else "http")
        if port_file:
            _write_port(Path(port_file), address.port)
        if on_listening is not None:
            on_listening(address)

    try:
        if workers > 1:

            def worker(listener: socket.socket, ready: Callable[[], None], lifeline: int) -> None:
                _run(build, listener, tls, limits, lambda _: ready(), on_pending, lifeline)

            supervise(worker, host, port, workers, listening)
        else:
            _run(build, bind(host, port), tls, limits, listening, on_pending)
    finally:
        if port_file:
            Path(port_file).unlink(missing_ok=True)


def _clear(port_file: Path) -> None:
    """Remove the file of a server that was killed. Raises `ConfigError` where none can be written."""
    if port_file.is_dir() or not port_file.parent.is_dir():
        reason = "it is a directory" if port_file.is_dir() else f"{port_file.parent} is not a directory"
        raise ConfigError(f"--port-file {port_file}: {reason}; {_PORT_FILE_REMEDY}")
    with _writing(port_file):
        port_file.unlink(missing_ok=True)


def _write_port(port_file: Path, port: int) -> None:
    with _writing(port_file):
        write_whole(port_file, f"{port}\n")


_PORT_FILE_REMEDY = "name a file in a directory that this user can write to"


@contextmanager
def _writing(port_file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"--port-file {port_file}: {error.strerror}; {_PORT_FILE_REMEDY}") from None


def _run(
    build: Build,
    listener: socket.socket,
    tls: ssl.SSLContext | None,
    limits: ConnectionLimits | None,
    on_listening: Callable[[ListenAddress], None],
    on_pending: Callable[[list[str]], None] | None,
    lifeline: int | None = None,
) -> None:
    """Serve a bound socket until a signal comes, or until ``lifeline``, a descriptor, can be read."""
    stop = asyncio.Event()
    loop = asyncio.new_event_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        _on_signal(loop, number, stop)
    if lifeline is not None:
        loop.add_reader(lifeline, stop.set)
    with listener:
        listener.listen(4096)  # callers may connect while we still load
        service, app_factory = build()
        server = HttpServer(service, app_factory, limits=limits, tls=tls)

        async def main() -> None:
            service.start(loop)
            await server.start(listener)
            settle_memory()
            host, port = listener.getsockname()[:2]
            on_listening(ListenAddress(host, port))
            loop.call_later(_WARM_AFTER, server.preload)
            await stop.wait()
            pending = await _stop(server)
            if pending and on_pending is not None:
                on_pending(pending)

        try:
            loop.run_until_complete(main())
        finally:
            loop.close()


def _on_signal(loop: asyncio.AbstractEventLoop, number: signal.Signals, stop: asyncio.Event) -> None:
    try:
        loop.add_signal_handler(number, stop.set)
    except NotImplementedError:  # Windows: its event loops take no signals
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))


async def _stop(server: HttpServer) -> list[str]:
    await server.stop(_GRACE)
    return await asyncio.get_running_loop().run_in_executor(None, server.service.stop)


def settle_memory() -> None:
    """What has been made by now stays: keep the garbage collector from walking through it again and again."""
    gc.collect()
    gc.freeze()


def tls_context(certfile: str | Path, keyfile: str | Path | None) -> ssl.SSLContext:
    """A server's context. Raises `ConfigError`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    for option, path in (("--tls-cert", certfile), ("--tls-key", keyfile or certfile)):
        try:
            Path(path).open("rb").close()
        except OSError as error:
            raise ConfigError(f"{option} {path}: {error.strerror}; name a file (PEM)") from None
    try:
        context.load_cert_chain(certfile, keyfile)
    except (OSError, ssl.SSLError):
        raise ConfigError(
            f"--tls-cert {certfile} and --tls-key {keyfile or certfile}: not a certificate and its private key;"
            " name files in PEM that belong together, the key without a password"
        ) from None
    return context


def write_whole(path: Path, text: str) -> None:
    """So that a reader sees all of it or no file."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text)
    temporary.replace(path)


def raise_file_limit() -> None:
    """Raise the limit of open files as far as allowed: each idle connection is one."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


class LiveServer:
    """The same server on a thread: ``with LiveServer(service, app_factory) as server: get(server.url)``.

    Starts when made, so that it is listening once the constructor returns. Raises what `bind` and the
    service's start raise."""

    def __init__(
        self,
        service: AnsweringService,
        app_factory: AppFactory,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        certfile: str | Path | None = None,
        keyfile: str | Path | None = None,
        limits: ConnectionLimits | None = None,
    ) -> None:
        tls = tls_context(certfile, keyfile) if certfile else None
        self._listener = bind(host, port)
        found_host, found_port = self._listener.getsockname()[:2]
        self.address = ListenAddress(found_host, found_port, "https" if tls else "http")
        self.pending: list[str] = []
        """After `stop`: a line for each callback that had not been delivered."""
        self.server = HttpServer(service, app_factory, limits=limits, tls=tls)
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="mock-server", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            raise self._failure

    @property
    def url(self) -> str:
        return self.address.url

    @property
    def port(self) -> int:
        return self.address.port

    def stop(self) -> None:
        """Answer what is in flight, stop deliveries, join the thread. May be called again."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that made us
            self._failure = error
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
            self._listener.close()
            self._started.set()

    async def _main(self) -> None:
        self.server.service.start(asyncio.get_running_loop())
        await self.server.start(self._listener)
        self._started.set()
        await self._stopping.wait()
        self.pending = await _stop(self.server)

    def __enter__(self) -> LiveServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
