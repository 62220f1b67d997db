"""The event loop that the delivery worker lives on: the server's, or one with a thread of its own that begins when it is needed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class Home:
    """Thread-safe."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        """The loop's, where the loop is our own."""

    def move_to(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Live on this loop from now on, unless there is a home already."""
        self._loop = self._loop or loop

    @property
    def shared(self) -> bool:
        """Whether the loop has other work too."""
        return self._thread is None

    @property
    def works(self) -> bool:
        """Whether there is a loop that does what it is given. Our own does from its making, though it may not have begun to run."""
        return self._loop is not None and not self._loop.is_closed() and (self._thread is not None or self._loop.is_running())

    def call(self, act: Callable[[], object]) -> bool:
        """Have this done on the loop, at once where the caller is on it. False: it cannot be done any more."""
        loop = self._found()
        if _loop_here() is loop:
            act()
            return True
        try:
            loop.call_soon_threadsafe(act)
        except RuntimeError:  # it was closed between: the worker is being stopped
            return False
        return True

    def wait_for(self, act: Coroutine[Any, Any, _T]) -> _T:
        """Have this done on the loop, and wait for it. Raises ``RuntimeError`` for who is on the loop, or comes after its end."""
        loop = self._found()
        if _loop_here() is loop or not self.works:
            act.close()
            raise RuntimeError("this blocks: call it from another thread than the delivery worker's own, and before the worker is stopped")
        return asyncio.run_coroutine_threadsafe(act, loop).result()

    def leave(self) -> None:
        """End the loop if it is our own."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(1.0)

    def _found(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            with self._starting:
                if self._loop is None:
                    loop = asyncio.new_event_loop()
                    self._thread = threading.Thread(target=_run, args=(loop,), name="deliveries", daemon=True)
                    self._thread.start()
                    self._loop = loop
        return self._loop


def _loop_here() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()
