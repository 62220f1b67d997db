"""The errors that cross layers. Each carries its evidence, so that a refusal can be explained later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class MockServerError(Exception):
    """Base of all errors of this package."""


class ConfigError(MockServerError):
    """A flag, variable or config file cannot be used. The command line prints it and exits 2."""


class PortTakenError(MockServerError):
    """The address is in use. The command line prints it and exits 3."""


class StoreError(MockServerError):
    """The store cannot be read or written now; what was asked must count as not stored. The message says
    why, and what to do."""


class StoreBusyError(StoreError):
    """Another process is writing to the store. Raised on an event loop only, which may not wait: try again a
    moment later."""


class ProviderError(MockServerError):
    """A vendor refuses a request. Raised anywhere below the pipeline; only the pipeline turns it into an
    answer.

    ``code`` is the provider's own (an ``int`` for Cloudcheck, an event name for Shufti Pro); ``fields`` and
    ``detail`` are what the vendor's error shape has room for; ``options`` holds the provider's own extras
    (Shufti: ``service``, ``key``, ``status``); ``evidence`` is for the journal and the signature doctor and
    never sent."""

    def __init__(
        self,
        code: int | str,
        message: str | None = None,
        *,
        fields: Sequence[str] = (),
        detail: Sequence[str] = (),
        options: Mapping[str, Any] | None = None,
        evidence: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.fields = tuple(fields)
        self.detail = tuple(detail)
        self.options = dict(options or {})
        self.evidence = dict(evidence or {})
