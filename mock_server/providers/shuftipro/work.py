"""What the stages of one call hand on to one another."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_server.providers.context import StashKey
from mock_server.providers.shuftipro.settings import AccountSection
from mock_server.providers.shuftipro.verification import Verification


class Work(msgspec.Struct):
    """Filled in on the way. Built for every request, by compiled code."""

    section: AccountSection
    limits: tuple[tuple[str, str], ...] = ()
    """Headers of the rate limit."""
    services: list[str] = []
    """Those that the request has."""
    verification: Verification | None = None
    """What the request makes, or names."""
    payload: Any = None
    body: bytes = b""
    """The bytes of ``payload``, once they are made; with the ``headers`` that sign them."""
    headers: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    """``declined_reason``, where the callback has it and the answer has not."""
    callback_body: bytes = b""
    """The bytes that the callback and ``/status`` repeat, with the ``callback_headers`` that sign them."""
    callback_headers: tuple[tuple[str, str], ...] = ()


WORK: StashKey[Work] = StashKey()
