"""Servers behind a real balancer, on a Redis that real sentinels fail over."""

from __future__ import annotations

from pathlib import Path

from tests.live.cluster import run


def test_nothing_acknowledged_is_lost_by_a_fail_over(tmp_path: Path) -> None:
    report, _, codes = run(tmp_path, "?replicas=1")
    assert report.problems == []
    assert codes == [0, 0]
    assert len(report.accepted) > 0
    assert len(report.verified) > 0
