"""Connections to receivers that can be used again."""

from __future__ import annotations

import asyncio
import time

from mock_server.delivery.connection import ReceiverConnection
from mock_server.delivery.targets import Target

IDLE_SECONDS = 1.0
"""An idle connection is closed after that time: sooner than receivers do, so that no message meets a closing connection."""

Key = tuple[str, str, int]


class ConnectionPool:
    """Idle connections by target. Belongs to the event loop it is first used on."""

    def __init__(self) -> None:
        self._idle: dict[Key, list[ReceiverConnection]] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return sum(map(len, self._idle.values()))

    def acquire(self, target: Target) -> ReceiverConnection | None:
        """An idle connection to the target; None: there is none."""
        connections = self._idle.get(_key(target))
        while connections:
            connection = connections.pop()
            if connection.reusable:
                return connection
        return None

    def release(self, target: Target, connection: ReceiverConnection) -> None:
        """Keep the connection for the next message, or close it if it cannot be used again."""
        if not connection.reusable:
            connection.close()
            return
        connection.idle_since = time.monotonic()
        self._idle.setdefault(_key(target), []).append(connection)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._sweep)

    async def close(self) -> None:
        """Close all idle connections."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()
        # The loop closes the sockets on its next turn; it may be stopped after that.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def _sweep(self) -> None:
        """Close what was idle for too long; schedule the next sweep only while there are idle connections."""
        oldest = time.monotonic() - IDLE_SECONDS
        for key, connections in list(self._idle.items()):
            fresh = [each for each in connections if each.reusable and each.idle_since > oldest]
            for connection in connections:
                if connection not in fresh:
                    connection.close()
            if fresh:
                self._idle[key] = fresh
            else:
                del self._idle[key]
        self._sweeper = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._sweep) if self._idle else None


def _key(target: Target) -> Key:
    return target.scheme, target.host, target.port
