"""Document Check and its deprecated forerunner, MRZ Check: an uploaded picture is read at once.

Parameters are the vendor's; of the replies only is known that a failed MRZ Check has top-level ``notes``.
"""

from __future__ import annotations

from typing import Any

from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck import content, errors
from mock_server.providers.cloudcheck.endpoint import FILE, Endpoint, data_of, reply, settings_of
from mock_server.providers.cloudcheck.formats import stamp
from mock_server.providers.cloudcheck.gate import has_file
from mock_server.providers.cloudcheck.images import recognise
from mock_server.providers.cloudcheck.params import Params
from mock_server.providers.cloudcheck.records import (
    PENDING_RECORD,
    PendingRecord,
    find,
    keep,
    name_for,
    new_record,
)
from mock_server.providers.cloudcheck.unread import FILE_AS_FIELD
from mock_server.providers.cloudcheck.validation import read_data, require_consent
from mock_server.providers.context import RequestContext

KIND = "document"
STATUSES = {"recognised": "MATCH", "review": "REVIEW", "no-match": "NO_MATCH", "unrecognised": "FAILED"}
NO_ZONE = "No machine readable zone was found in the image."


def check(context: RequestContext) -> None:
    """``consent``, and a file that is a picture."""
    body = read_data(context)
    require_consent(body)
    params = context.params
    if not isinstance(params, Params) or not has_file(params):
        raise errors.invalid(FILE, evidence=FILE_AS_FIELD.evidence())
    if settings_of(context).check_images and not recognise(params.files[FILE].content):
        raise errors.invalid(FILE, detail=("The file is not an image",))


def run_document(context: RequestContext, outcome: str) -> PendingResponse:
    """What a passport or driver licence says."""
    name = name_for(context, KIND)
    settings = settings_of(context)
    answer: dict[str, Any] = {
        "reference": context.reference, "token": name.key, "status": STATUSES[outcome],
        "createdDate": stamp(context.now, settings.timezone),
        "recognizedDocuments": [],
    }  # fmt: skip
    if outcome == "unrecognised":
        answer["notes"] = "The document could not be recognised."
    else:
        overall = {"recognised": "match"}.get(outcome, outcome)
        answer["matchPercentage"] = content.percentage(
            overall, context.draws.random(name.drawn("document result"))
        )
        about = content.subject(context, {}, name.drawn("document subject"))
        kind = context.draws.integer(name.drawn("document kind")) % 2
        answer["recognizedDocuments"] = [content.licence(about, "") if kind else content.passport(about)]
    record = new_record(context, KIND, name.key, STATUSES[outcome], context.reference)
    data = {"reference": context.reference, "ordinal": name.ordinal}
    context.stash[PENDING_RECORD] = PendingRecord(record, data, "document")
    return reply(context, {"document": answer})


def run_mrz(context: RequestContext, outcome: str) -> PendingResponse:
    """What a machine-readable zone says; ``notes`` without one."""
    if outcome == "unrecognised":
        return reply(context, {"notes": NO_ZONE})
    about = content.subject(context, {}, "mrz subject")
    return reply(context, {"reference": context.reference, **content.passport(about)})


def check_result(context: RequestContext) -> None:
    """105 for a token that is not this account's."""
    find(context, KIND, context.params["token"])


def result(context: RequestContext, outcome: str) -> PendingResponse:
    """The check as it stands."""
    assert context.record is not None
    return reply(context, {"document": data_of(context.record)["reply"]})


_BODY = frozenset({"reference", "consent"})
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "doc-runcheck", "POST", "/doc/runcheck/", "document",
        {
            "recognised": "The document is read.", "review": "Read, with a doubt.", "no-match": "Read, and something does not agree.",
            "unrecognised": "Nothing can be read.",
        },
        run_document, check, keep, required=("data", FILE), body=_BODY,
    ),
    Endpoint(
        "doc-results", "GET", "/doc/results/", "document", {"current": "As it stands."}, result, check_result, keep, required=("token",),
        published=False, names_record=True,
    ),
    Endpoint(
        "mrz-runcheck", "POST", "/mrz/runcheck/", "document",
        {"recognised": "The zone is read.", "unrecognised": "None is found; the answer has notes."},
        run_mrz, check, keep, required=("data", FILE), body=_BODY,
    ),
)  # fmt: skip
