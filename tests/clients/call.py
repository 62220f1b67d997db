"""Calls of a running server with the generated Python clients; its address is the argument."""

import sys
from base64 import b64encode

from client_control import Client
from client_control.api.requests import requests_listing
from client_control.models import Requests
from client_shuftipro import AuthenticatedClient
from client_shuftipro.api.default import account_info, status, verification
from client_shuftipro.models import (
    AccountInfoResponse200,
    Refusal,
    StatusBody,
    Verification,
    VerificationBody,
)

PERSON = {"name": {"first_name": "Mārama", "last_name": "O'Connor"}, "dob": "1979-11-04"}


def main(url: str) -> None:
    token = b64encode(b"test-clients:test-clients-secret").decode()
    vendor = AuthenticatedClient(base_url=url, token=token, prefix="Basic")
    account = account_info.sync(client=vendor)
    assert isinstance(account, AccountInfoResponse200), account
    print("balance:", account.account.balance.amount, account.account.balance.currency)
    body = VerificationBody.from_dict(
        {"reference": "sign-up-0001", "country": "NZ", "background_checks": PERSON}
    )
    answer = verification.sync(client=vendor, body=body)
    assert isinstance(answer, Verification), answer
    stored = status.sync(client=vendor, body=StatusBody(reference="sign-up-0001"))
    assert isinstance(stored, Verification), stored
    print("event:", stored.event.value)
    again = verification.sync(client=vendor, body=body)
    assert isinstance(again, Refusal), again
    print("refused:", again.error.message)
    journal = requests_listing.sync(client=Client(base_url=url), account="test-clients")
    assert isinstance(journal, Requests), journal
    print("journal:", [(request.operation, request.status) for request in journal.requests])


if __name__ == "__main__":
    main(sys.argv[1])
