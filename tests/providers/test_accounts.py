"""Accounts are found by name and by credential, and one made over the control API is known to every
replica."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from mock_server.core.clock import ManualClock
from mock_server.core.exceptions import ConfigError
from mock_server.providers.accounts import Accounts
from mock_server.store import open_store
from mock_server.store.base import Store


@dataclass(frozen=True)
class Stamp:
    """A section of the made-up postcard vendor."""

    credential: str
    colour: str = "red"


class Postcard:
    """A vendor that does not exist."""

    name = "postcard"

    def section(self, account: str, values: Mapping[str, Any]) -> Stamp:
        unknown = sorted(set(values) - {"stamp", "colour"})
        if unknown:
            raise ValueError(f"unknown key {unknown[0]!r}")
        return Stamp(
            values.get("stamp", f"{account}-stamp" if not account.startswith("test-") else account),
            values.get("colour", "red"),
        )


@pytest.fixture(name="store")
def _store() -> Store:
    return open_store("memory", journal_limit=10, clock=ManualClock())


@pytest.fixture(name="accounts")
def _accounts(store: Store) -> Accounts:
    return Accounts({"acme": {"postcard": {"stamp": "acme-1840", "colour": "black"}}}, [Postcard()], store)


@pytest.mark.parametrize(
    ("credential", "name"),
    [("default-stamp", "default"), ("acme-1840", "acme"), ("test-a", "test-a"), ("test-", "test-")],
)
def test_a_credential_finds_its_account(accounts: Accounts, credential: str, name: str) -> None:
    account = accounts.by_credential("postcard", credential)
    assert account is not None
    assert account.name == name


@pytest.mark.parametrize("credential", ["", "acme", "default", "nobody", "test-" + "x" * 300])
def test_an_unknown_credential_finds_nobody(accounts: Accounts, credential: str) -> None:
    assert accounts.by_credential("postcard", credential) is None


def test_names_find_accounts_too(accounts: Accounts) -> None:
    assert [account and account.name for account in map(accounts.get, ["nobody", "test-b", "acme"])] == [
        None,
        "test-b",
        "acme",
    ]
    assert accounts.default().name == "default"


def test_a_declared_account_is_known_to_a_replica_on_the_same_store(accounts: Accounts, store: Store) -> None:
    replica = Accounts({}, [Postcard()], store)
    accounts.declare("fresh", {"postcard": {"stamp": "penny"}})
    account = replica.by_credential("postcard", "penny")
    assert account is not None
    assert account.name == "fresh"
    assert "fresh" in replica.names()


def test_declaring_merges_over_what_was_declared_before(accounts: Accounts) -> None:
    accounts.declare("acme", {"postcard": {"colour": "blue"}})
    acme = accounts.get("acme")
    assert acme is not None
    assert Stamp("acme-1840", "blue") == acme.sections["postcard"]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"postcard": {"size": 1}}, "account 'x', postcard: unknown key 'size'"),
        ({"telegram": {}}, "account 'x': unknown key 'telegram'; an account has postcard, cors"),
        ({"postcard": 1}, "each provider's part must be an object"),
        ({"postcard": {"stamp": "acme-1840"}}, "its postcard credential already belongs to account 'acme'"),
    ],
)
def test_a_wrong_declaration_changes_nothing(
    accounts: Accounts, mapping: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        accounts.declare("x", mapping)
    assert message in str(raised.value)
    assert accounts.get("x") is None


def test_more_test_accounts_than_are_kept_are_still_found(accounts: Accounts) -> None:
    for count in range(5000):
        assert accounts.by_credential("postcard", f"test-{count}") is not None
    assert accounts.by_credential("postcard", "acme-1840") is not None


def test_two_declared_accounts_with_one_credential_are_refused(store: Store) -> None:
    declared = {name: {"postcard": {"stamp": "acme-1840"}} for name in ("acme", "other")}
    says = "account 'other': its postcard credential already belongs to account 'acme'; give it another one"
    with pytest.raises(ConfigError, match=says):
        Accounts(declared, [Postcard()], store)
