"""Connections to receivers that can be used again."""

from __future__ import annotations

import asyncio

from mock_server.core.target import CallbackTarget
from mock_server.delivery.connection import ReceiverConnection

IDLE_SECONDS = 1.0
"""An idle connection is closed after that time: sooner than receivers do, so that no message meets a closing
connection."""


class ConnectionPool:
    """Idle connections by target. Belongs to the event loop it is first used on."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, str, int], list[ReceiverConnection]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._idle.values()))

    def acquire(self, target: CallbackTarget) -> ReceiverConnection | None:
        """An idle connection to the target; None without one."""
        connections = self._idle.get(_key(target))
        while connections:
            connection = connections.pop()
            if connection.idle_timer is not None:
                connection.idle_timer.cancel()
            if connection.reusable:
                return connection
        return None

    def release(self, target: CallbackTarget, connection: ReceiverConnection) -> None:
        """Keep the connection for the next message, or close it if it cannot be used again."""
        if not connection.reusable:
            connection.close()
            return
        connections = self._idle.setdefault(_key(target), [])
        connections.append(connection)
        connection.idle_timer = asyncio.get_running_loop().call_later(
            IDLE_SECONDS, self._expire, connections, connection
        )

    async def close(self) -> None:
        """Close all idle connections."""
        for connections in self._idle.values():
            for connection in list(connections):
                if connection.idle_timer is not None:
                    connection.idle_timer.cancel()
                self._expire(connections, connection)
        # The loop closes the sockets on its next turn; it may be stopped after that.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def _expire(self, connections: list[ReceiverConnection], connection: ReceiverConnection) -> None:
        connections.remove(connection)
        connection.close()


def _key(target: CallbackTarget) -> tuple[str, str, int]:
    return target.scheme, target.host, target.port
