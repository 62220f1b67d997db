"""Document Check and its deprecated forerunner, MRZ Check: an uploaded picture is read at once.

Parameters are the vendor's; of the replies only is known that a failed MRZ Check has top-level ``notes``.
"""

from __future__ import annotations

from typing import Any

from mock_server.providers.base import Draft
from mock_server.providers.cloudcheck import content, errors
from mock_server.providers.cloudcheck.endpoint import FILE, Endpoint, data_of, reply, settings_of
from mock_server.providers.cloudcheck.formats import stamp
from mock_server.providers.cloudcheck.gate import has_file
from mock_server.providers.cloudcheck.images import recognise
from mock_server.providers.cloudcheck.keeping import Made, find, keep, name_for, new_record
from mock_server.providers.cloudcheck.params import Params
from mock_server.providers.cloudcheck.validation import read_data, require_consent
from mock_server.providers.context import Call

KIND = "document"
STATUSES = {"recognised": "MATCH", "review": "REVIEW", "no-match": "NO_MATCH", "unrecognised": "FAILED"}
NO_ZONE = "No machine readable zone was found in the image."


def check(call: Call) -> None:
    """``consent``, and a file that is a picture."""
    body = read_data(call)
    require_consent(body)
    params = call.params
    if not isinstance(params, Params) or not has_file(params):
        raise errors.invalid(FILE)
    if settings_of(call).check_images and not recognise(params.files[FILE].content):
        raise errors.invalid(FILE, detail=("The file is not an image",))


def run_document(call: Call, outcome: str) -> Draft:
    """What a passport or driver licence says."""
    name = name_for(call, KIND)
    settings = settings_of(call)
    answer: dict[str, Any] = {
        "reference": call.reference, "token": name.key, "status": STATUSES[outcome], "createdDate": stamp(call.now, settings.timezone),
        "recognizedDocuments": [],
    }  # fmt: skip
    if outcome == "unrecognised":
        answer["notes"] = "The document could not be recognised."
    else:
        overall = {"recognised": "match"}.get(outcome, outcome)
        answer["matchPercentage"] = content.percentage(overall, call.draws.random(name.drawn("document result")))
        about = content.subject(call, {}, name.drawn("document subject"))
        kind = call.draws.integer(name.drawn("document kind")) % 2
        answer["recognizedDocuments"] = [content.licence(about, "") if kind else content.passport(about)]
    record = new_record(call, KIND, name.key, STATUSES[outcome], call.reference)
    call.made = Made(record, {"reference": call.reference, "ordinal": name.ordinal}, "document")
    return reply(call, {"document": answer})


def run_mrz(call: Call, outcome: str) -> Draft:
    """What a machine-readable zone says; ``notes`` where there is none."""
    if outcome == "unrecognised":
        return reply(call, {"notes": NO_ZONE})
    about = content.subject(call, {}, "mrz subject")
    return reply(call, {"reference": call.reference, **content.passport(about)})


def check_result(call: Call) -> None:
    """105 for a token that is not this account's."""
    find(call, KIND, call.params["token"])


def result(call: Call, outcome: str) -> Draft:
    """The check as it stands."""
    assert call.record is not None
    return reply(call, {"document": data_of(call.record)["reply"]})


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
