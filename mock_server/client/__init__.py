"""The Python client of the control API, for tests in any runner.

``MockServer(url).account()`` is a fresh account with data of its own: point the application at ``account.url`` with
``account.cloudcheck`` or ``account.shuftipro`` as its credentials, then ask ``account.requests``,
``account.callbacks`` and the rest what happened."""

from mock_server.client.account import Account
from mock_server.client.errors import ApiError, UnreachableError, WaitTimeoutError
from mock_server.client.filters import CallbackFilters, RequestFilters, VerificationFilters
from mock_server.client.receiver import Receiver
from mock_server.client.receiver_handler import Received
from mock_server.client.server import MockServer

__all__ = [
    "Account",
    "ApiError",
    "CallbackFilters",
    "MockServer",
    "Received",
    "Receiver",
    "RequestFilters",
    "UnreachableError",
    "VerificationFilters",
    "WaitTimeoutError",
]
