"""Findings of the accounts that a test has used."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from mock_server.client import Account, MockServer
from mock_server.client.findings import story, violations
from mock_server.testing import RUNNING

Section = tuple[str, str]
"""Heading and text of a part of a test report."""


def known_accounts() -> frozenset[tuple[str, str]]:
    """Server and name of the accounts that have been used so far."""
    return frozenset((server.url, name) for server in RUNNING for name in server.used_accounts)


class UsedAccounts:
    """The accounts that a test has used, whether it made them itself or not."""

    def __init__(self, start: float, before: frozenset[tuple[str, str]]) -> None:
        """``start``: seconds since the epoch; ``before``: `known_accounts` at that time."""
        self._start = start
        self._before = before

    def sections(self, bundles: str = "") -> list[Section]:
        """The story of each account that the test has used. Raises nothing.

        ``bundles``: a folder, into which what the account did is written for ``mock-server replay``."""
        return [
            (f"mock server, account {account.name}", text)
            for server in RUNNING
            for account, is_new in self._accounts(server)
            if (text := _safely(partial(self._story, account, is_new, bundles)))
        ]

    def violations(self) -> list[str]:
        """What a strict run refuses of the test. Raises nothing."""
        texts = (
            (account, _safely(partial(self._violations, account, is_new)))
            for server in RUNNING
            for account, is_new in self._accounts(server)
        )
        return [f"mock server, account {account.name}:\n{text}" for account, text in texts if text]

    def _story(self, account: Account, is_new: bool, bundles: str) -> str:
        if not is_new and not self._recent(account):
            return ""
        text = story(account)
        if bundles:
            path = Path(bundles) / f"{_file_name(account.name)}.json.gz"
            text += "\n" + _safely(partial(_write_bundle, account, path))
        return text

    def _violations(self, account: Account, is_new: bool) -> str:
        findings = [each for each in violations(account) if each.id not in account.expected]
        if not is_new:
            recent = self._recent(account)
            findings = [each for each in findings if each.id in recent]
        return "\n".join(each.text for each in findings)

    def _accounts(self, server: MockServer) -> list[tuple[Account, bool]]:
        """The accounts that the test may have used, and whether it was the first to use them."""
        accounts = [
            (account, (server.url, name) not in self._before)
            for name, account in list(server.used_accounts.items())
        ]
        if "default" not in server.used_accounts:
            accounts.append((Account(server.control, "default"), False))
        return accounts

    def _recent(self, account: Account) -> set[str]:
        """Ids of the requests that came since the test began, and of their callbacks."""
        requests = {
            request.id for request in account.requests.find(limit=1000) if _epoch(request.real) >= self._start
        }
        callbacks = account.callbacks.find(limit=1000) if requests else []
        return requests | {callback.id for callback in callbacks if callback.request_id in requests}


def _file_name(account: str) -> str:
    return re.sub(r"[^\w.-]+", "-", account)


def _write_bundle(account: Account, path: Path) -> str:
    from mock_server.web.bundle.model import write

    write(path, msgspec.json.encode(account.bundle()))
    return f"bundle: mock-server replay {path}"


def _epoch(instant: str) -> float:
    return datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp()


def _safely(tell: Callable[[], str]) -> str:
    """Whatever the test has patched, a report that cannot be made must not end the run."""
    try:
        return tell()
    except Exception as error:  # noqa: BLE001
        return f"the journal cannot be read: {type(error).__name__}: {error}"
