"""``GET /verify/pdf``: the evidence of a verification as PDF."""

from __future__ import annotations

from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck.endpoint import Endpoint, data_of, settings_of
from mock_server.providers.cloudcheck.errors import NESTED
from mock_server.providers.cloudcheck.handlers.verify import KIND
from mock_server.providers.cloudcheck.records import find, keep
from mock_server.providers.context import RequestContext


def check(context: RequestContext) -> None:
    """``reference`` is the verificationReference; 105 for another account's, and for the caller's own
    reference."""
    find(context, KIND, context.params["reference"])


def answer(context: RequestContext, outcome: str) -> PendingResponse:
    """The report."""
    from mock_server.providers.cloudcheck.pdf import verification_report

    assert context.record is not None
    return PendingResponse(
        200,
        verification_report(data_of(context.record), context.now, settings_of(context).timezone),
        "application/pdf",
    )


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
