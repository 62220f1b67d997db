"""Servers are killed at random moments, and nothing that was acknowledged is lost; ``make kill`` takes a minute."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.live.killing import torture
from tests.redis_server import running_redis


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_nothing_acknowledged_is_lost_by_kills(kind: str, workers: int, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        store = f"sqlite:{tmp_path / 'store.db'}"
        if kind == "redis":
            store = stack.enter_context(running_redis(tmp_path))
        report = torture(store, workers, 2.0, tmp_path, seed=20261129)
    assert report.problems == []
    assert report.kills > 0
    assert len(report.accepted) > 0
    assert len(report.verified) > 0
