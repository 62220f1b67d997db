"""Mixed traffic leaves no error, no traceback and no callback unaccounted for; ``make soak`` takes ten minutes and
watches memory, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.soaking import Report, Sample, soak, store_of


@pytest.mark.parametrize(("kind", "workers"), [("memory", 1), ("sqlite", 1), ("sqlite", 2), ("redis", 2)])
def test_mixed_traffic_leaves_nothing_behind(kind: str, workers: int, tmp_path: Path) -> None:
    with store_of(kind, tmp_path) as store:
        report = soak(store, workers, 2.0, tmp_path, seed=20261129)
    assert report.problems == []
    assert report.callbacks.keys() >= {"delivered", "failed"}
    assert report.answers.keys() >= {200, 400, 503}
    assert report.arrived > 0
    assert report.reloads > 0
    assert report.resets > 0
    assert report.events > 0


def test_growth_is_what_comes_after_the_warm_up() -> None:
    warming = [Sample(float(second), 60.0 + second, 40, 10) for second in range(20)]
    settled = [Sample(float(second), 80.0 + second / 40, 40, 10) for second in range(20, 61)]
    growth = Report(samples=warming + settled).growth()
    assert growth["memory, MB"] == pytest.approx(1.0)
    assert growth["descriptors"] == 0
