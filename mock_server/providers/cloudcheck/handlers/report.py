"""``GET /verify/pdf``: the evidence of a verification as PDF."""

from __future__ import annotations

from mock_server.providers.base import Draft
from mock_server.providers.cloudcheck.endpoint import Endpoint, data_of, settings_of
from mock_server.providers.cloudcheck.errors import NESTED
from mock_server.providers.cloudcheck.handlers.verify import KIND
from mock_server.providers.cloudcheck.keeping import find, keep
from mock_server.providers.context import Call


def check(call: Call) -> None:
    """``reference`` is the verificationReference; 105 for another account's, and for the caller's own reference."""
    record = find(call, KIND, call.params["reference"])
    if record.key != call.params["reference"]:
        call.record = None
        find(call, KIND, "")


def answer(call: Call, outcome: str) -> Draft:
    """The report."""
    from mock_server.providers.cloudcheck.pdf import verification_report

    assert call.record is not None
    return Draft(200, verification_report(data_of(call.record)["reply"], call.now, settings_of(call).timezone), "application/pdf")


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "verify-pdf",
        "GET",
        "/verify/pdf",
        "verify",
        {"report": "The evidence as PDF."},
        answer,
        check,
        keep,
        required=("reference",),
        position=NESTED,
        also=("POST",),
        names_record=True,
    ),
)
