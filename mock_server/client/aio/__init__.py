"""The client and the receiver for asynchronous tests, on asyncio or trio: ``pip install 'kyc-mock-server[aio]'``.

As `mock_server.client`, with ``await`` before each call. Nothing blocks the event loop, so that a receiver of the
application under test may live in the same loop."""

from mock_server.client.aio.account import Account
from mock_server.client.aio.receiver import Receiver
from mock_server.client.aio.server import MockServer

__all__ = ["Account", "MockServer", "Receiver"]
