"""pytest starts the mock server by itself: the fixtures come with its package. Each test is an account of its own."""

import pytest
from onboarding import CloudcheckError, is_genuine, screen_person, verify_person

PERSON = {"name": {"given": "Tamsin", "family": "Okafor"}, "dateofbirth": "1987-03-14"}


def test_an_ordinary_customer_is_approved(mock_account):
    key, secret = mock_account.cloudcheck
    assert "approved" == verify_person(mock_account.url, key, secret, PERSON, "customer-1")


def test_a_politically_exposed_person_goes_to_a_reviewer(mock_account):
    mock_account.scenarios.add(
        {"name": "exposed", "match": {"operation": "verify"}, "respond": {"outcome": "pep-match"}}, provider="cloudcheck"
    )
    key, secret = mock_account.cloudcheck
    assert "review" == verify_person(mock_account.url, key, secret, PERSON, "customer-2")
    assert 1 == mock_account.requests.count(scenario="exposed")


def test_a_wrong_secret_is_refused_and_the_mock_knows_why(mock_account):
    key, secret = mock_account.cloudcheck
    with pytest.raises(CloudcheckError, match="106"):
        verify_person(mock_account.url, key, secret + "\n", PERSON, "customer-3")
    refused = mock_account.requests.find(limit=1)[0]
    assert "line" in mock_account.requests.explain(refused.id)["mistakes"][0]["explanation"]


def test_the_callback_arrives_signed(mock_account, callback_receiver):
    client_id, secret_key = mock_account.shuftipro
    name = {"first_name": "Ingrid", "last_name": "Solvang"}
    screen_person(mock_account.url, client_id, secret_key, name, "1979-11-04", "customer-4", callback_receiver.url)
    mock_account.callbacks.wait(reference="customer-4", outcome="delivered")
    came = callback_receiver.received[0]
    assert is_genuine(came.body, came.headers["signature"], secret_key)
    assert "verification.accepted" == came.json["event"]
