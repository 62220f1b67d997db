"""``GET /__admin/metrics``: what Prometheus reads, and the dashboard that shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mock_server.core.exceptions import StoreError
from mock_server.store.base import SEEN, Transaction
from tests.receivers import Receiver
from tests.web.kit import Kit

DASHBOARD = Path(__file__).parents[2] / "examples/grafana/dashboard.json"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path) as metrics_kit:
        yield metrics_kit


def scrape(kit: Kit) -> dict[tuple[Any, ...], float]:
    """Name and label values, in the order of the labels' names → value."""
    answer = kit.http.get("/__admin/metrics")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    families = text_string_to_metric_families(answer.get_data(as_text=True))
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_requests_and_refusals_are_counted(kit: Kit) -> None:
    for account in ("test-a", "test-b"):
        kit.verify(account=account)
        kit.verify("Marlowe", account=account)
    kit.verify(secret="wrong")
    kit.check()
    series = scrape(kit)
    assert series["mock_server_requests_total", "verify", "pep-match", "cloudcheck", "200"] == 2
    assert series["mock_server_refusals_total", "106", "verify", "cloudcheck"] == 1
    assert sum(value for (name, *_), value in series.items() if name == "mock_server_requests_total") == 6


def test_a_reset_takes_nothing_back(kit: Kit) -> None:
    kit.verify("Marlowe")
    kit.post("reset")
    kit.verify("Marlowe")
    assert scrape(kit)["mock_server_requests_total", "verify", "pep-match", "cloudcheck", "200"] == 2


def test_callbacks_and_their_lag(kit: Kit) -> None:
    with Receiver() as receiver:
        kit.check(callback_url=receiver.url)
        kit.service.dispatcher.run_due()
    kit.service.dispatcher.stop()
    kit.check(reference="check-2", callback_url="http://127.0.0.1:1/hook")
    kit.clock.advance(60)
    series = scrape(kit)
    assert series["mock_server_deliveries", "delivered"] == 1
    assert series["mock_server_deliveries", "pending"] == 1
    assert 0 < series["mock_server_delivery_lag_seconds",] <= 60


def test_a_store_that_fails_is_told(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[str]:
        raise StoreError("the store x.db cannot be used: the disk is full; free some disk space")

    assert scrape(kit)["mock_server_store_up",] == 1
    with monkeypatch.context() as patch:
        patch.setattr(kit.service.store, "accounts", fail)
        assert scrape(kit) == {("mock_server_store_up",): 0, ("mock_server_reload_failed",): 0}
    kit.service._store_is_back()
    assert scrape(kit)["mock_server_store_outages_total",] == 1


def test_broken_files_are_told(kit: Kit) -> None:
    kit.file.write_text("version: 9\n")
    kit.call("POST", "scenarios/reload")
    assert scrape(kit)["mock_server_reload_failed",] == 1


def test_the_number_of_series_is_bounded(kit: Kit) -> None:
    """Also where a scenario makes up an error for every request."""
    transaction = Transaction("test-many")
    transaction.counters += [
        (f"{SEEN}shuftipro|answer|verification|400||made-up-{n}", 1.0) for n in range(3000)
    ]
    kit.service.store.commit(transaction)
    series = scrape(kit)
    refusals = {
        labels: value for labels, value in series.items() if labels[0] == "mock_server_refusals_total"
    }
    assert len(refusals) == 1001
    assert refusals["mock_server_refusals_total", "other", "other", "other"] == 2000


def test_no_label_names_an_account_or_a_secret(kit: Kit) -> None:
    kit.verify(account="test-canary-account")
    text = kit.http.get("/__admin/metrics").get_data(as_text=True)
    assert "canary" not in text
    assert "secret" not in text


def test_every_query_of_the_dashboard_has_its_metric(kit: Kit) -> None:
    kit.verify(secret="wrong")
    text = kit.http.get("/__admin/metrics").get_data(as_text=True)
    known = set(re.findall(r"(?m)^(mock_server_\w+?)(?:\{| )", text))
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    queried = {
        name
        for panel in panels
        for query in panel["targets"]
        for name in re.findall(r"mock_server_\w+", query["expr"])
    }
    assert queried == known


def test_labels_of_the_dashboard_are_there(kit: Kit) -> None:
    kit.verify(secret="wrong")
    text = kit.http.get("/__admin/metrics").get_data(as_text=True)
    for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]:
        for query in panel["targets"]:
            (metric,) = re.findall(r"mock_server_\w+", query["expr"])
            for label in re.findall(r"\{\{(\w+)\}\}", query["legendFormat"]):
                assert re.search(rf"(?m)^{metric}\{{[^}}]*\b{label}=", text), (metric, label)
