"""Live: the customer photographs face and identification; vendor's page "Cloudcheck Live API", recorded
replies, and its SDKs."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import Any

from mock_server.core.exceptions import ProviderError
from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck import content, errors
from mock_server.providers.cloudcheck.endpoint import NAME, Endpoint, data_of, reply, settings_of
from mock_server.providers.cloudcheck.errors import NESTED
from mock_server.providers.cloudcheck.formats import stamp
from mock_server.providers.cloudcheck.images import placeholder, recognise
from mock_server.providers.cloudcheck.journeys import (
    PENDING,
    READS,
    STARTS,
    STATUSES,
    Journey,
    check_urls,
    end,
    ended,
    keep,
    note_ended,
    page_url,
    start,
    urls_of,
)
from mock_server.providers.cloudcheck.records import Name, find, known, name_for, new_record, rewritten
from mock_server.providers.cloudcheck.token_lookup import new_token
from mock_server.providers.cloudcheck.validation import read_data, text_of
from mock_server.providers.context import RequestContext, UnitOfWork

KIND = "capture"
IMAGE = "image"
SDK = re.compile(r"CloudcheckSDK|Cloudcheck-", re.IGNORECASE)


def _finish(unit: UnitOfWork, data: dict[str, Any], outcome: str) -> None:
    """Add images, percentages and recognised documents; an abandoned capture has none."""
    pending = data["reply"]
    random = unit.draws.random("capture result")
    overall = content.percentage(outcome, random)
    images = (
        content.images(unit, f"{data['origin']}/live/download/{data['token']}/", data["images"], overall)
        if overall is not None
        else []
    )
    documents = []
    if images:
        documents = [content.licence(content.subject(unit, data, "capture subject"), images[2]["url"])]
    results = {"images": images, "recognizedDocuments": documents}
    ordered: dict[str, Any] = {}
    for key, value in pending.items():
        if key in ("url", "completedDate", "matchPercentage"):
            continue
        ordered[key] = results.get(key, value)
        if key == "status" and overall is not None:
            ordered["matchPercentage"] = overall
        if key == "completed" and "completedDate" in pending:
            ordered["completedDate"] = pending["completedDate"]
    data["reply"] = ordered


JOURNEY: Journey = Journey(KIND, "capture", "/live/", _finish, ("callback",), live=True)


def check(context: RequestContext) -> None:
    """``callback`` with a protocol; 105 for a verification that is not this account's."""
    body = read_data(context)
    settings = settings_of(context)
    check_urls(context, JOURNEY)
    linked = text_of(body, "verificationReference", "verificationReference", settings)
    if linked and known(context, "verification", linked) is None:
        raise errors.unknown(linked)


def answer(context: RequestContext, outcome: str) -> PendingResponse:
    """The capture, pending, with the page's URL."""
    name = name_for(context, KIND)
    token = new_token(context, name.drawn("capture token"))
    settings = settings_of(context)
    pending = _pending(context, name, context.reference, page_url(context, JOURNEY, token))
    if settings.live_items == "always" or SDK.search(context.request.headers.get("user-agent", "")):
        pending["items"] = content.items()
        pending["required"] = True
    body = context.body
    facts = {
        **urls_of(context, JOURNEY),
        "verificationReference": text_of(body, "verificationReference", "verificationReference", settings),
        "images": content.image_numbers(context.draws.random(name.drawn("images"))),
        "uploaded": [],
    }
    start(context, JOURNEY, name, token, outcome, pending, facts)
    return reply(context, {"capture": pending})


def _pending(context: RequestContext, name: Name, reference: str, url: str) -> dict[str, Any]:
    return {
        "captureReference": name.key,
        "reference": reference,
        "status": PENDING,
        "createdDate": stamp(context.now, settings_of(context).timezone),
        "completed": False,
        "url": url,
        "ipAddresses": [context.request.peer],
        "images": [],
        "recognizedDocuments": [],
    }


def capture_for(context: RequestContext, verification: Name) -> dict[str, Any]:
    """``capture`` of a verification that demands one: the record is stored next to the verification's."""
    name = name_for(context, KIND)
    token = new_token(context, name.drawn("capture token"))
    pending = _pending(context, name, context.reference, page_url(context, JOURNEY, token))
    data = {
        "reference": context.reference,
        "ordinal": name.ordinal,
        "token": token,
        "settled": "",
        "origin": context.origin,
        "callback": "",
        "verificationReference": verification.key,
        "images": content.image_numbers(context.draws.random(name.drawn("images"))),
        "uploaded": [],
        "quiet": False,
        "created": pending["createdDate"],
        "reply": pending,
    }
    context.remember(rewritten(new_record(context, KIND, name.key, PENDING, token), PENDING, data))
    return {"captureReference": name.key, "items": content.items(), "required": True}


def check_reference(context: RequestContext) -> None:
    """105 for a capture that is not this account's."""
    find(context, KIND, context.params["captureReference"])


def read(context: RequestContext, outcome: str) -> PendingResponse:
    """The capture as it stands; an outcome other than ``current`` ends a pending one first."""
    record = context.record
    assert record is not None
    if outcome != "current" and not ended(record):
        record = context.record = end(context, JOURNEY, record, outcome)
    elif outcome != "current":
        note_ended(context, outcome, record, STATUSES[outcome])
    return reply(context, {"capture": data_of(record)["reply"]})


def check_upload(context: RequestContext) -> None:
    """105 for the capture, 107 for an item it does not have or an image that is not Base64."""
    find(context, KIND, context.params["captureToken"], by_link=True)
    if context.params["id"] not in {str(number) for number, _, _ in content.ITEMS}:
        raise errors.invalid("id")
    try:
        b64decode("".join(context.params["imageData"].split()), validate=True)
    except (Base64Error, ValueError):
        raise errors.invalid("imageData") from None


def upload(context: RequestContext, outcome: str) -> PendingResponse:
    """One picture of the SDK. The last one ends the capture, as settled at its start, else with a match."""
    record = context.record
    assert record is not None
    if ended(record):
        raise ProviderError(113, "The capture has already been completed.")
    image = b64decode("".join(context.params["imageData"].split()))
    if outcome == "rejected" or (settings_of(context).check_images and not recognise(image)):
        return reply(
            context,
            {
                "success": False,
                "message": "The image could not be used. Please try again.",
                "completed": False,
            },
        )
    data = data_of(record)
    number = int(context.params["id"])
    data["uploaded"] = sorted({*data["uploaded"], number})
    _remember_image(context, data, number)
    if len(data["uploaded"]) < len(content.ITEMS):
        changed = rewritten(record, record.status, data)
        context.remember(changed)
        return reply(context, {"success": True, "message": None, "completed": False})
    done = end(context, JOURNEY, rewritten(record, record.status, data), data["settled"] or "match")
    ending = data_of(done)["reply"]
    answered = {"success": True, "message": None, "completed": bool(ending.get("completed"))}
    if "completedDate" in ending:
        answered["completedDate"] = ending["completedDate"]
    return reply(context, {**answered, "status": done.status})


def _remember_image(context: RequestContext, data: dict[str, Any], item: int) -> None:
    key = f"{data['token']}/{data['images'][item - 1]}"
    stored = context.store.record(context.account.name, NAME, IMAGE, key) or new_record(
        context, IMAGE, key, "stored"
    )
    context.remember(
        rewritten(
            stored,
            "stored",
            {"reference": data["reference"], "image": "".join(context.params["imageData"].split())},
        )
    )


def check_download(context: RequestContext) -> None:
    """105 for a picture that does not exist."""
    token, number = path_parts(context.request.path)
    record = find(context, KIND, token, by_link=True)
    data = data_of(record)
    if data["token"] != token or number not in map(str, data["images"]):
        raise ProviderError(
            105,
            evidence={
                "check": "image",
                "received": number[:50],
                "remedy": "use an id of the response's images",
            },
        )


def path_parts(path: str) -> tuple[str, str]:
    """Token and image id of a download's path."""
    parts = path.split("/")
    return parts[3], parts[4]


def download(context: RequestContext, outcome: str) -> PendingResponse:
    """The picture that was uploaded, else a drawn one."""
    token, number = path_parts(context.request.path)
    stored = context.store.record(context.account.name, NAME, IMAGE, f"{token}/{number}")
    if stored is not None:
        image = b64decode(data_of(stored)["image"])
        return PendingResponse(200, image, recognise(image) or "image/jpeg")
    record = context.record
    assert record is not None
    index = data_of(record)["images"].index(int(number))
    return PendingResponse(
        200, placeholder(content.ITEMS[index][1], context.draws.integer(f"picture {number}")), "image/jpeg"
    )


def options(context: RequestContext, outcome: str) -> PendingResponse:
    """What the SDK is to ask for; only ``checked.address`` is known."""
    return reply(context, {"checked": {"address": True}})


_IMAGE = {"image": "The picture."}
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "live",
        "POST",
        "/live/",
        "live",
        STARTS,
        answer,
        check,
        keep,
        required=("data",),
        position=NESTED,
        body=frozenset({"reference", "callback", "verificationReference"}),
    ),
    Endpoint(
        "live-response",
        "GET",
        "/live/response/",
        "live",
        READS,
        read,
        check_reference,
        keep,
        required=("captureReference",),
        position=NESTED,
        names_record=True,
    ),
    Endpoint(
        "live-upload",
        "POST",
        "/live/upload/",
        "live",
        {
            "accepted": "The picture is taken; the last one ends the capture.",
            "rejected": "The picture cannot be used.",
        },
        upload,
        check_upload,
        keep,
        required=("captureToken", "imageData", "id"),
        position=NESTED,
        tells_success=True,
        names_record=True,
    ),
    Endpoint(
        "live-download",
        "GET",
        "/live/download/{token}/{id}/",
        "live",
        _IMAGE,
        download,
        check_download,
        keep,
        access="open",
        position=NESTED,
        names_record=True,
    ),
    Endpoint(
        "options",
        "GET",
        "/api/options/",
        "live",
        {"options": "What the SDK is to ask for."},
        options,
        keep=keep,
        position=NESTED,
    ),
)
