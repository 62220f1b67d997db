"""The servers that were compared before one was chosen, each answering the same stand-in for the real work.

``python -m benchmarks.candidates NAME PORT`` runs one of them; `benchmarks.servers` measures them all. See
docs/server.md."""

from __future__ import annotations

import asyncio
import hmac
import json
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from mock_server.core.http import Arrival, Request, Response, Route
from mock_server.providers.routing import split_mount

JSON_HEADERS = (
    ("Content-Type", "application/json"),
    ("X-Mock-Scenario", "built-in"),
    ("X-Mock-Request-Id", "0" * 26),
)


class Work:
    """What one signed request costs at least: parse, sort, HMAC, claim a nonce, write the journal, answer 600
    bytes of JSON."""

    def __init__(self, journal_limit: int = 10_000) -> None:
        self.nonces: OrderedDict[str, None] = OrderedDict()
        self.journal: deque[tuple[Request, Response]] = deque(maxlen=journal_limit)
        self.answer = {"verification": {"status": "verified", "reference": "", "detail": "x" * 500}}

    def handle(self, request: Request) -> Response:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        signature = form.pop("signature", "")
        canonical = request.path + "".join(f"{name}{form[name]}" for name in sorted(form))
        digest = hmac.new(b"mock-secret-not-real-0123456789ab", canonical.encode(), "sha256").hexdigest()
        hmac.compare_digest(digest, signature)
        nonce = form.get("nonce", "")
        fresh = nonce not in self.nonces
        self.nonces[nonce] = None
        if len(self.nonces) > 100_000:
            self.nonces.popitem(last=False)
        self.answer["verification"]["reference"] = nonce
        response = Response(200 if fresh else 201, JSON_HEADERS, json.dumps(self.answer).encode())
        self.journal.append((request, response))
        return response


def asgi(work: Work) -> Callable[..., Any]:
    async def app(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        answer = work.handle(
            Request(scope["method"], scope["path"], scope["query_string"].decode(), headers, body)
        )
        sent = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
        sent.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        await send({"type": "http.response.body", "body": answer.body})

    return app


def wsgi(work: Work) -> Callable[..., Iterable[bytes]]:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        answer = work.handle(
            Request(
                environ["REQUEST_METHOD"],
                environ["PATH_INFO"],
                environ.get("QUERY_STRING", ""),
                headers,
                body,
            )
        )
        start_response(f"{answer.status} OK", [*answer.headers, ("Content-Length", str(len(answer.body)))])
        return [answer.body]

    return app


class RsgiApp:
    def __init__(self, work: Work) -> None:
        self.work = work

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if scope.proto != "http":
            return
        body = await protocol()
        headers = dict(scope.headers.items())
        answer = self.work.handle(
            Request(scope.method, unquote(scope.path), scope.query_string, headers, body)
        )
        protocol.response_bytes(answer.status, list(answer.headers), answer.body)


def inline_protocol(work: Work) -> type[asyncio.Protocol]:
    import httptools

    class Inline(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport
            self.parser = httptools.HttpRequestParser(self)
            self.headers: dict[str, str] = {}
            self.body = b""
            self.peer = transport.get_extra_info("peername")[0]

        def data_received(self, data: bytes) -> None:
            self.parser.feed_data(data)

        def on_url(self, url: bytes) -> None:
            self.url = url

        def on_header(self, name: bytes, value: bytes) -> None:
            key, headers = name.decode("latin-1").lower(), self.headers
            text = value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text

        def on_body(self, body: bytes) -> None:
            self.body = self.body + body if self.body else body

        def on_message_complete(self) -> None:
            path, _, query = self.url.decode("latin-1").partition("?")
            if "%" in path:
                path = unquote(path)
            request = Request(
                self.parser.get_method().decode(), path, query, self.headers, self.body, self.peer
            )
            self.headers, self.body = {}, b""
            answer = work.handle(request)
            head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
            self.transport.write(
                f"HTTP/1.1 {answer.status} OK\r\n{head}Content-Length: {len(answer.body)}\r\n\r\n".encode(
                    "latin-1"
                )
                + answer.body
            )

    return Inline


def run_inline(port: int, loop_name: str) -> None:
    if loop_name == "uvloop":
        import uvloop

        loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    else:
        loop = asyncio.new_event_loop()
    protocol = inline_protocol(Work())
    loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", port, backlog=1024))
    loop.run_forever()


def run_uvicorn(port: int, inline: bool) -> None:
    import uvicorn
    from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

    work = Work()

    class Inline(HttpToolsProtocol):  # type: ignore[misc]
        """uvicorn's protocol, answering in `on_message_complete` without a task. It still builds its scope
        and cycle."""

        def _start_asgi_task(self, cycle: Any, app: Any) -> None:
            pass

        def on_message_complete(self) -> None:
            cycle = self.cycle
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.headers}
            scope = self.scope
            query = scope["query_string"].decode()
            answer = work.handle(
                Request(
                    scope["method"],
                    scope["path"],
                    query,
                    headers,
                    bytes(cycle.body),
                    (scope["client"] or ("",))[0],
                )
            )
            head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
            self.transport.write(
                STATUS_LINE[answer.status]
                + f"{head}content-length: {len(answer.body)}\r\n\r\n".encode("latin-1")
                + answer.body
            )
            cycle.response_complete = True

    protocol: Any = Inline if inline else "httptools"
    uvicorn.run(
        asgi(work),
        port=port,
        http=protocol,
        loop="uvloop",
        access_log=False,
        log_level="error",
        lifespan="off",
        ws="none",
    )


def run_granian_embedded(port: int, task_impl: str) -> None:
    import uvloop
    from granian.constants import TaskImpl
    from granian.server.embed import Server

    server = Server(
        RsgiApp(Work()), port=port, task_impl=TaskImpl(task_impl), log_enabled=False, websockets=False
    )
    uvloop.run(server.serve())


def load_rsgi() -> RsgiApp:
    return RsgiApp(Work())


def load_asgi() -> Callable[..., Any]:
    return asgi(Work())


def load_wsgi() -> Callable[..., Any]:
    return wsgi(Work())


def run_granian(port: int, interface: str, **options: Any) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    loader = {"rsgi": "load_rsgi", "asginl": "load_asgi", "wsgi": "load_wsgi"}[interface]
    Granian(
        f"benchmarks.candidates:{loader}",
        factory=True,
        port=port,
        interface=Interfaces(interface),
        log_enabled=False,
        websockets=False,
        workers=1,
        **options,
    ).serve()


def run_gunicorn(port: int, worker: str, threads: int) -> None:
    sys.argv = [
        "gunicorn",
        "-b",
        f"127.0.0.1:{port}",
        "-k",
        worker,
        "--threads",
        str(threads),
        "--keep-alive",
        "60",
    ]
    sys.argv += ["--log-level", "error", "benchmarks.candidates:load_wsgi()"]
    from gunicorn.app.wsgiapp import run

    run()


def run_waitress(port: int) -> None:
    from waitress import serve

    serve(wsgi(Work()), host="127.0.0.1", port=port, threads=1)


def run_gevent(port: int) -> None:
    from gevent.pywsgi import WSGIServer

    WSGIServer(("127.0.0.1", port), wsgi(Work()), log=None).serve_forever()


def run_aiohttp(port: int) -> None:
    import uvloop
    from aiohttp import web

    work = Work()

    async def handler(request: Any) -> Any:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        answer = work.handle(Request(request.method, request.path, request.query_string, headers, body))
        return web.Response(status=answer.status, headers=list(answer.headers), body=answer.body)

    async def main() -> None:
        runner = web.ServerRunner(web.Server(handler, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()

    uvloop.run(main())


def granian_tasks() -> dict[str, Any]:
    from granian.constants import TaskImpl

    return {"task_impl": TaskImpl.rust}


def run_front(port: int) -> None:
    """What was built on the first candidate: the same work behind mounts, limits, pipelining, faults and the
    WSGI bridge."""
    from mock_server.web.http import serving as server

    class Service(Work):
        blocking = False

        def resolve(self, method: str, path: str, host: str = "", accept: str = "") -> Route:
            mount, below = split_mount(path, host, ("/cloudcheck", "/shuftipro"))
            return Route(below, mount, to_app=not mount and below.startswith("/__admin"))

        def handle_all(self, arrivals: Sequence[Arrival]) -> list[Response]:
            return [self.handle(arrival.request) for arrival in arrivals]

        def failure_headers(self, request: Any) -> tuple[tuple[str, str], ...]:
            return ()

        def release(self, deliveries: Any) -> None:
            pass

        def deliver_first(self, deliveries: Any) -> None:
            pass

        def start(self, loop: Any = None) -> None:
            pass

        def stop(self) -> list[str]:
            return []

    server.serve(lambda: (Service(), lambda: wsgi(Work())), port=port)


CANDIDATES: dict[str, Callable[[int], None]] = {
    "our front": run_front,
    "httptools + uvloop, inline": lambda port: run_inline(port, "uvloop"),
    "httptools + asyncio, inline": lambda port: run_inline(port, "asyncio"),
    "uvicorn protocol, inline": lambda port: run_uvicorn(port, inline=True),
    "uvicorn, ASGI": lambda port: run_uvicorn(port, inline=False),
    "aiohttp": run_aiohttp,
    "granian RSGI, embedded": lambda port: run_granian_embedded(port, "asyncio"),
    "granian RSGI": lambda port: run_granian(port, "rsgi"),
    "granian RSGI, rust tasks": lambda port: run_granian(port, "rsgi", **granian_tasks()),
    "granian ASGI": lambda port: run_granian(port, "asginl"),
    "granian WSGI, 1 thread": lambda port: run_granian(port, "wsgi", blocking_threads=1),
    "granian WSGI, 16 threads": lambda port: run_granian(port, "wsgi", blocking_threads=16),
    "gunicorn, sync behind gthread": lambda port: run_gunicorn(port, "gthread", 16),
    "waitress, 1 thread": run_waitress,
    "gevent": run_gevent,
}


if __name__ == "__main__":
    CANDIDATES[sys.argv[1]](int(sys.argv[2]))
