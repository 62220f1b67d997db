"""A callback receiver on a free port that records requests and answers as configured."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from mock_server.client.receiver_handler import Answer, Received, answer_of, handler
from mock_server.core.clock import parse_duration


class BaseReceiver:
    """Listens from when it is made; everything is answered 200 unless `answer` or `answer_always` says
    otherwise."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, tls: bool = False) -> None:
        """``tls``: https, with a certificate that `authority` has signed; needs the extra ``tls``."""
        self._received: list[Received] = []
        self._next: list[tuple[str | None, Answer]] = []
        self._always: dict[str | None, Answer] = {}
        self._arrived = threading.Condition()
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer((host, port), handler(self._record, self._stopping))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.authority: Path | None = None
        """The PEM file of the authority that a client must trust, with ``tls``: `--callback-ca` of the server."""
        if tls:
            from mock_server.client.receiver_tls import encrypt

            try:
                self.authority = encrypt(self._server, host)
            except BaseException:
                self._server.server_close()
                raise
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="callback-receiver", daemon=True
        )
        self._thread.start()
        shown = f"[{host}]" if ":" in host else host
        self.origin = f"http{'s' if tls else ''}://{shown}:{self._server.server_address[1]}"
        self.url = self.url_of("/callback")

    def url_of(self, path: str) -> str:
        """The address of a path; every path is served."""
        return self.origin + path

    @property
    def received(self) -> list[Received]:
        """What has come so far, oldest first."""
        with self._arrived:
            return list(self._received)

    def at(self, path: str) -> list[Received]:
        """The same of one path."""
        return [request for request in self.received if request.path == path]

    def answer(
        self,
        *statuses: int,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        delay: str | float = 0.0,
        fault: str = "",
        path: str | None = None,
    ) -> None:
        """Answer the next requests so, one for each status, and one where only a delay or fault is given; after
        that as before. With ``path`` only requests to it count."""
        answers = [
            (path, answer_of(status, body, headers, delay, fault))
            for status in statuses or ((200,) if delay or fault else ())
        ]
        with self._arrived:
            self._next += answers

    def answer_always(
        self,
        status: int = 200,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        delay: str | float = 0.0,
        fault: str = "",
        path: str | None = None,
    ) -> None:
        """Answer so whenever nothing is left of `answer`; with ``path`` only requests to it."""
        with self._arrived:
            self._always[path] = answer_of(status, body, headers, delay, fault)

    def _wait(self, count: int, timeout: str | float, path: str | None) -> list[Received]:
        def matching() -> list[Received]:
            return [request for request in self._received if path in (None, request.path)]

        with self._arrived:
            if self._arrived.wait_for(lambda: len(matching()) >= count, parse_duration(timeout)):
                return matching()[:count]
            came = ", ".join(f"{one.method} {one.path}" for one in self._received) or "none"
            target = self.url if path is None else self.url_of(path)
            raise TimeoutError(
                f"{len(matching())} of {count} requests came to {target} within {timeout}: {came}"
            )

    def clear(self) -> None:
        """Forget what came, and how to answer."""
        with self._arrived:
            self._received.clear()
            self._next.clear()
            self._always.clear()

    def stop(self) -> None:
        """Close the port; what is still being answered ends."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        if self.authority is not None:
            shutil.rmtree(self.authority.parent, ignore_errors=True)
        self._thread.join()

    def _record(self, request: Received) -> Answer:
        with self._arrived:
            self._received.append(request)
            answer = self._answer_to(request.path)
            self._arrived.notify_all()
        return answer

    def _answer_to(self, path: str) -> Answer:
        for index, (only_path, answer) in enumerate(self._next):
            if only_path in (None, path):
                del self._next[index]
                return answer
        return self._always.get(path) or self._always.get(None) or Answer()


class Receiver(BaseReceiver):
    """``with Receiver() as receiver: …`` listens at ``receiver.url``."""

    def wait(self, count: int = 1, timeout: str | float = 5.0, *, path: str | None = None) -> list[Received]:
        """The first ``count`` requests (to the path), as soon as there are so many. Raises ``TimeoutError`` saying
        what came."""
        return self._wait(count, timeout, path)

    def __enter__(self) -> Receiver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
