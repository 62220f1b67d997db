"""Where a weaker source reads a vendor otherwise than its specification: the specification is the default,
the other a setting."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.providers import registry
from mock_server.web.admin.fidelity import rows_of
from tests.providers.shuftipro.harness import AML, ShuftiHarness, json_of

READINGS: dict[str, tuple[str, str, Any]] = {
    "a nonce is used up by every rightly signed request": ("cloudcheck", "refusal_uses_nonce", True),
    "a nonce is remembered for good": ("cloudcheck", "nonce_memory", None),
    "a 401 is signed where the client is known": ("shuftipro", "sign_unauthorized", True),
    "504 and 524 are JSON": ("shuftipro", "proxy_errors", "json"),
    "declined_reason is not in the answer": ("shuftipro", "answer_has_declined_reason", False),
    "token is there": ("shuftipro", "has_token", True),
    "codes are of declined verifications only": ("shuftipro", "cancelled_has_codes", False),
    "each value of a repeated parameter is signed": ("cloudcheck", "repeated_parameters", "each"),
    "103 is for older timestamps only": ("cloudcheck", "timestamp_max_ahead", None),
    "webhooks are the pairs of the specification": ("cloudcheck", "webhook_pairs", "specification"),
    "nothing follows a delete": ("shuftipro", "callbacks_after_delete", "cancelled"),
    "AML filters are in the sample's order": ("shuftipro", "filters_order", "sample"),
    "results have no email and country": ("shuftipro", "result_has_contact", False),
    "geolocation has the sample's keys": ("shuftipro", "geolocation_extras", False),
}
"""The specification's reading → vendor, setting, default."""


@pytest.mark.parametrize("reading", READINGS)
def test_the_specification_is_the_default(reading: str) -> None:
    vendor, name, default = READINGS[reading]
    assert getattr(registry.build({})[vendor].settings, name) == default


@pytest.mark.parametrize("reading", READINGS)
def test_the_other_reading_is_a_setting_of_the_fidelity_table(reading: str) -> None:
    vendor, name, _ = READINGS[reading]
    rows = [row for row in rows_of(registry.build({})[vendor]) if row["setting"] == name]
    assert [row["grade"] for row in rows if row["grade"] == "D"], "the specification is its evidence"


def test_an_unknown_path_has_a_row_too() -> None:
    """The vendor's own 404; nothing is known that would read it otherwise, so there is no setting."""
    (row,) = [row for row in rows_of(registry.build({})["shuftipro"]) if row["topic"] == "Unknown path"]
    assert (row["grade"], row["setting"]) == ("D", "")


# -- two of them, which no other test shows
# ----------------------------------------------------------------------
SCHEDULED: dict[str, Any] = {
    "name": "journey",
    "match": {"operation": "verification"},
    "callbacks": [{"event": "verification.accepted"}, {"event": "request.data.changed", "after": "1h"}],
}


@pytest.mark.parametrize(("reading", "state"), [("cancelled", "cancelled"), ("sent", "pending")])
def test_callbacks_that_are_scheduled_for_after_a_delete(reading: str, state: str) -> None:
    shop = ShuftiHarness(SCHEDULED, callbacks_after_delete=reading)
    shop.ask({"reference": "17374217", **AML})
    shop.send("POST", "/delete", {"reference": "17374217", "comment": "asked for"})
    states = {delivery.message.event: delivery.state for delivery in shop.deliveries()}
    assert states["request.data.changed"] == state


@pytest.mark.parametrize(
    ("reading", "order"),
    [
        ("sample", ["pep-class-1", "pep-class-4", "pep-class-3", "pep-class-2", "pep"]),
        ("page", ["pep", "pep-class-1", "pep-class-2", "pep-class-3", "pep-class-4"]),
    ],
)
def test_the_order_of_aml_filters(reading: str, order: list[str]) -> None:
    answer = json_of(ShuftiHarness(filters_order=reading).ask(AML))
    filters = answer["verification_data"]["background_checks"]["aml_data"]["filters"]
    assert filters == ["sanction", "warning", "fitness-probity", *order]


def test_filters_that_are_sent_stay_as_they_are() -> None:
    checks = {**AML["background_checks"], "filters": ["pep", "sanction"]}
    answer = json_of(ShuftiHarness().ask({"background_checks": checks}))
    assert answer["verification_data"]["background_checks"]["aml_data"]["filters"] == ["pep", "sanction"]
