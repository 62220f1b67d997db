"""Calling a store from the event loop: directly if it never waits, on threads if it does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from mock_server.core.exceptions import StoreBusyError

_T = TypeVar("_T")
_ASK_AGAIN = 0.01
"""Seconds after which a store is asked again that another process is writing to."""


class BlockingCalls:
    """Runs functions that use the store."""

    def __init__(self, blocking: bool) -> None:
        """``blocking``: as `Store.blocking`."""
        self._threads = ThreadPoolExecutor(8, "deliveries") if blocking else None

    async def run(self, function: Callable[..., _T], *args: Any) -> _T:
        while self._threads is None:
            try:
                return function(*args)
            except StoreBusyError:
                await asyncio.sleep(_ASK_AGAIN)
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False)
