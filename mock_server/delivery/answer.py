"""The outcome of sending one message: the receiver's answer, or why it did not answer."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from mock_server.core.exceptions import MockServerError


class SendFailure(Enum):
    """Why a message was not accepted. `Answer.error` has the details in words."""

    INVALID_URL = "invalid URL"
    NOT_ALLOWED = "not allowed"
    NAME_NOT_RESOLVED = "name not resolved"
    CONNECTION_REFUSED = "connection refused"
    CONNECTION_FAILED = "connection failed"
    PROXY_FAILED = "proxy failed"
    CERTIFICATE_NOT_TRUSTED = "certificate not trusted"
    TLS_FAILED = "TLS failed"
    TIMED_OUT = "timed out"
    CONNECTION_CLOSED = "connection closed"
    NOT_HTTP = "not HTTP"
    REDIRECTED = "redirected"
    ANSWERED_BY_MOCK = "answered by a mock server"
    """The address is that of a mock server, this one as a rule, and not that of an application."""
    UNSUCCESSFUL_STATUS = "unsuccessful status"
    """A status other than 2xx and 3xx."""

    @property
    def is_final(self) -> bool:
        """Whether another attempt cannot succeed, whatever the receiver does."""
        return self in (SendFailure.INVALID_URL, SendFailure.NOT_ALLOWED, SendFailure.ANSWERED_BY_MOCK)


class Answer(NamedTuple):
    """What one transmission led to."""

    status: int = 0
    """0: no answer."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    """At most the first `connection.BODY_LIMIT` bytes."""
    error: str = ""
    """Why it failed, in words; empty: 2xx."""
    note: str = ""
    """Additional information, such as a rewritten host."""
    failure: SendFailure | None = None
    """None where ``error`` is empty."""


class SendError(MockServerError):
    """A message cannot be sent; the text says why."""

    def __init__(self, failure: SendFailure, message: str) -> None:
        super().__init__(message)
        self.failure = failure

    def answer(self, note: str = "") -> Answer:
        return Answer(error=str(self), note=note, failure=self.failure)
