"""The words that no shipped scenario stands for: each decline code, by its magic value, and the call of a
notification URL. With the shipped scenarios they meet every word of both vendors, which a run with
``--mock-coverage=100`` holds the suite to."""

from __future__ import annotations

import base64
import json

import pytest

from mock_server.client import Account, MockServer, Receiver
from mock_server.providers.shuftipro.declines import DECLINES
from tests.answers import check_answer
from tests.providers.shuftipro.test_declines import has
from tests.scenarios.customer import PERSON, CloudcheckCustomer, exchange
from tests.scenarios.test_shipped import SCENARIOS

PLAIN = next(each for each in SCENARIOS if each.provider == "cloudcheck" and not each.before_checks)
"""A scenario that asks nothing of headers."""


@pytest.mark.parametrize("first", range(0, len(DECLINES), 20))
def test_each_decline_code_is_given(service: tuple[MockServer, Receiver], first: int) -> None:
    account = service[0].account(f"test-declines-{first}")
    credentials = base64.b64encode(":".join(account.shuftipro).encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    for code in list(DECLINES)[first : first + 20]:
        body = {"reference": f"decline-{code}-1", **has(code)}
        answer = exchange(account.url, "POST", "/", json.dumps(body).encode(), headers)
        assert answer.status == 200, answer
        check_answer("shuftipro", "verification", 200, answer.json)
        account.clock.advance("1m")
        status = exchange(
            account.url, "POST", "/status", json.dumps({"reference": body["reference"]}).encode(), headers
        )
        assert status.json["declined_codes"] == [code]
        check_answer("shuftipro", "status", 200, status.json)


def test_the_end_of_a_journey_calls_its_notification_url(service: tuple[MockServer, Receiver]) -> None:
    server, receiver = service
    account = server.account("test-notification")
    customer = CloudcheckCustomer(account, PLAIN, "idscan-initiate", "")
    url = f"{receiver.url}/notified?order=H%C4%93mi+1"
    customer.data("idscan-initiate", {"reference": "scan-1", "notificationUrl": url})
    account.decide("scan-1", "match")
    receiver.wait(path="/callback/notified")
    (called,) = account.callbacks.find(event="notification")
    assert called.request.url == url


def test_words_count_when_they_are_carried_out(service: tuple[MockServer, Receiver]) -> None:
    server, receiver = service
    account = server.account("test-words")
    account.configure(cloudcheck={"webhook_url": receiver.url})
    callback = {"event": "REVIEW", "requestType": "AKAHU", "after": "1h", "deliver": ["drop", "duplicate"]}
    account.scenarios.add({"name": "words", "callbacks": [callback]}, provider="cloudcheck")
    customer = CloudcheckCustomer(account, PLAIN, "verify", "")
    customer.data("verify", PERSON)
    assert met(account, "request-type") == {"AKAHU": 1}
    assert met(account, "directive") == {}
    account.clock.advance("1h")
    account.callbacks.wait(outcome="delivered")
    assert met(account, "directive") == {"drop": 1, "ok": 1, "duplicate": 1}


def met(account: Account, group: str) -> dict[str, int]:
    rows = account.coverage()["coverage"]
    return {row["word"]: row["count"] for row in rows if row["group"] == group and row["count"]}
