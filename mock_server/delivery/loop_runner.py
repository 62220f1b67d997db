"""The event loop of the dispatcher: the server's own, or one with a thread that is started when it is first
needed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class LoopRunner:
    """Thread-safe."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        """The loop's thread, if the loop is our own."""

    def attach(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Use this loop from now on, unless there is one already."""
        self._loop = self._loop or loop

    @property
    def is_running(self) -> bool:
        """Whether there is a loop that does what it is given. Our own counts from its creation on."""
        return (
            self._loop is not None
            and not self._loop.is_closed()
            and (self._thread is not None or self._loop.is_running())
        )

    def call(self, function: Callable[[], object]) -> bool:
        """Call the function on the loop, at once if the caller is on it. False: the loop is closed."""
        loop = self._get_loop()
        if _running_loop() is loop:
            function()
            return True
        try:
            loop.call_soon_threadsafe(function)
        except RuntimeError:  # closed in between: the dispatcher is being stopped
            return False
        return True

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Run the coroutine on the loop and wait for it. Raises ``RuntimeError`` on the loop itself and after
        its end."""
        loop = self._get_loop()
        if _running_loop() is loop or not self.is_running:
            coroutine.close()
            raise RuntimeError(
                "this blocks: call it from another thread than the dispatcher's own, and before the dispatcher is stopped"
            )
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    def stop(self) -> None:
        """Stop the loop if it is our own."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(1.0)

    def _get_loop(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_run_forever, args=(self._loop,), name="deliveries", daemon=True
                )
                self._thread.start()
            return self._loop


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _run_forever(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()
