"""What the stages of one call hand on to one another."""

from __future__ import annotations

from typing import Any

from mock_server.core.records import Claim
from mock_server.providers.shuftipro.settings import Account
from mock_server.providers.shuftipro.verification import Verification


class Work:
    """Filled in on the way; a slot, not a dictionary, since it is built for every request."""

    __slots__ = ("body", "headers", "limits", "payload", "section", "services", "token", "trusted", "verification")

    def __init__(self, section: Account) -> None:
        self.section = section
        self.trusted = False
        """The caller has shown the account's credentials."""
        self.token: Claim | None = None
        """The access token that was used."""
        self.limits: tuple[tuple[str, str], ...] = ()
        """Headers of the rate limit."""
        self.services: list[str] = []
        """Those that the request has."""
        self.verification: Verification | None = None
        """What the request makes, or names."""
        self.payload: Any = None
        self.body = b""
        """The bytes of ``payload``, once they are made; with the ``headers`` that sign them."""
        self.headers: tuple[tuple[str, str], ...] = ()
