"""What is known of an account while the store cannot be used: its credentials, so that a failure can be signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from mock_server.core.records import AccountState, Record, UsedValue
from mock_server.providers.context import Services
from mock_server.store.base import StepKey, Store


class _Nothing:
    """The part of a store that a refusal reads, with nothing in it."""

    def __init__(self, generation: int) -> None:
        self._state = AccountState(generation=generation)

    def account(self, account: str) -> AccountState:
        return self._state

    def accounts(self) -> list[str]:
        return []

    def find_used(self, account: str, kind: str, value: str) -> UsedValue | None:
        return None

    def record(self, account: str, provider: str, kind: str, key: str) -> Record | None:
        return None

    def step(self, account: str, key: StepKey) -> int:
        return 0

    def counter(self, account: str, name: str) -> float:
        return 0.0

    def counters(self, account: str) -> Mapping[str, float]:
        return {}

    def records(
        self, account: str, provider: str = "", kind: str = "", after: str = "", limit: int = 1000
    ) -> list[Record]:
        return []

    def increment(self, account: str, name: str, expires_real: float) -> int:
        return 1


def without_store(services: Services) -> Services:
    """The same services, with the accounts as they were known last and nothing else stored."""
    nothing = cast(Store, _Nothing(services.accounts.generation))
    return Services(
        nothing,
        services.accounts.as_known(nothing),
        services.ids,
        seed=services.seed,
        settings=services.settings,
        public_base_url=services.public_base_url,
    )
