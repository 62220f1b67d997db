"""A callback receiver whose waits are awaited. It listens on threads of its own, so that it answers while the event
loop is busy."""

from __future__ import annotations

from functools import partial
from types import TracebackType

import anyio
import anyio.to_thread

from mock_server.client.receiver import BaseReceiver
from mock_server.client.receiver_handler import Received


class Receiver(BaseReceiver):
    """As `mock_server.client.Receiver`, with ``async with`` and an awaited `wait`."""

    async def wait(
        self, count: int = 1, timeout: str | float = 5.0, *, path: str | None = None
    ) -> list[Received]:
        """The first ``count`` requests (to the path), as soon as there are so many. Raises ``TimeoutError`` saying
        what came."""
        wait = partial(self._wait, count, timeout, path)
        return await anyio.to_thread.run_sync(wait, abandon_on_cancel=True)

    async def __aenter__(self) -> Receiver:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.stop)
