"""Live: the customer photographs face and identification; vendor's page "Cloudcheck Live API", recorded replies, and its SDKs."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import Any

from mock_server.core.exceptions import ProviderError
from mock_server.providers.base import Draft
from mock_server.providers.cloudcheck import content, errors
from mock_server.providers.cloudcheck.endpoint import NAME, Endpoint, data_of, reply, settings_of
from mock_server.providers.cloudcheck.errors import NESTED
from mock_server.providers.cloudcheck.formats import stamp
from mock_server.providers.cloudcheck.images import placeholder, recognise
from mock_server.providers.cloudcheck.journeys import (
    PENDING,
    READS,
    STARTS,
    Journey,
    end,
    ended,
    keep,
    page_url,
    start,
)
from mock_server.providers.cloudcheck.keeping import Name, find, name_for, new_record, rewritten
from mock_server.providers.cloudcheck.locating import new_token
from mock_server.providers.cloudcheck.validation import check_url, read_data, text_of
from mock_server.providers.context import Call, World

KIND = "capture"
IMAGE = "image"
SDK = re.compile(r"CloudcheckSDK|Cloudcheck-", re.IGNORECASE)


def _finish(world: World, data: dict[str, Any], outcome: str) -> None:
    """Images, percentages and recognised documents; a capture that was given up has none."""
    pending = data["reply"]
    random = world.draws.random("capture result")
    overall = content.percentage(outcome, random)
    images = (
        content.images(world, f"{data['origin']}/live/download/{data['token']}/", data["images"], overall) if overall is not None else []
    )
    documents = []
    if images:
        documents = [content.licence(content.subject(world, data, "capture subject"), images[2]["url"])]
    found = {"images": images, "recognizedDocuments": documents}
    ordered: dict[str, Any] = {}
    for key, value in pending.items():
        if key in ("url", "completedDate", "matchPercentage"):
            continue
        ordered[key] = found.get(key, value)
        if key == "status" and overall is not None:
            ordered["matchPercentage"] = overall
        if key == "completed" and "completedDate" in pending:
            ordered["completedDate"] = pending["completedDate"]
    data["reply"] = ordered


JOURNEY: Journey = Journey(KIND, "capture", "/live/", _finish, live=True)


def check(call: Call) -> None:
    """``callback`` with a protocol; 105 for a verification that is not this account's."""
    body = read_data(call)
    settings = settings_of(call)
    check_url(body, "callback", settings)
    linked = text_of(body, "verificationReference", "verificationReference", settings)
    if linked and call.store.record(call.account.name, NAME, "verification", linked) is None:
        raise errors.unknown(linked)


def answer(call: Call, outcome: str) -> Draft:
    """The capture, pending, with the page's URL."""
    name = name_for(call, KIND)
    token = new_token(call, name.drawn("capture token"))
    settings = settings_of(call)
    pending = _pending(call, name, call.reference, page_url(call, JOURNEY, token))
    if settings.live_items == "always" or SDK.search(call.request.headers.get("user-agent", "")):
        pending["items"] = content.items()
        pending["required"] = True
    body = call.body
    facts = {
        "callback": body.get("callback") or "",
        "verificationReference": text_of(body, "verificationReference", "verificationReference", settings),
        "images": content.image_numbers(call.draws.random(name.drawn("images"))),
        "uploaded": [],
    }
    start(call, JOURNEY, name, token, outcome, pending, facts)
    return reply(call, {"capture": pending})


def _pending(call: Call, name: Name, reference: str, url: str) -> dict[str, Any]:
    return {
        "captureReference": name.key,
        "reference": reference,
        "status": PENDING,
        "createdDate": stamp(call.now, settings_of(call).timezone),
        "completed": False,
        "url": url,
        "ipAddresses": [call.request.peer],
        "images": [],
        "recognizedDocuments": [],
    }


def capture_for(call: Call, verification: Name) -> dict[str, Any]:
    """``capture`` of a verification that demands one: the record is stored beside the verification's."""
    name = name_for(call, KIND)
    token = new_token(call, name.drawn("capture token"))
    pending = _pending(call, name, call.reference, page_url(call, JOURNEY, token))
    data = {
        "reference": call.reference,
        "ordinal": name.ordinal,
        "token": token,
        "settled": "",
        "origin": call.origin,
        "callback": "",
        "verificationReference": verification.key,
        "images": content.image_numbers(call.draws.random(name.drawn("images"))),
        "uploaded": [],
        "quiet": False,
        "created": pending["createdDate"],
        "reply": pending,
    }
    call.remember(rewritten(new_record(call, KIND, name.key, PENDING, token), PENDING, data))
    return {"captureReference": name.key, "items": content.items(), "required": True}


def check_reference(call: Call) -> None:
    """105 for a capture that is not this account's."""
    find(call, KIND, call.params["captureReference"])


def read(call: Call, outcome: str) -> Draft:
    """The capture as it stands; an outcome other than ``current`` ends a pending one first."""
    record = call.record
    assert record is not None
    if outcome != "current" and not ended(record):
        record = call.record = end(call, JOURNEY, record, outcome)
    return reply(call, {"capture": data_of(record)["reply"]})


def check_upload(call: Call) -> None:
    """105 for the capture, 107 for an item it does not have or an image that is no Base64."""
    find(call, KIND, call.params["captureToken"])
    if call.params["id"] not in {str(number) for number, _, _ in content.ITEMS}:
        raise errors.invalid("id")
    try:
        b64decode("".join(call.params["imageData"].split()), validate=True)
    except (Base64Error, ValueError):
        raise errors.invalid("imageData") from None


def upload(call: Call, outcome: str) -> Draft:
    """One picture of the SDK. The last one ends the capture, as settled at its start, else with a match."""
    record = call.record
    assert record is not None
    if ended(record):
        raise ProviderError(113, "The capture has already been completed.")
    image = b64decode("".join(call.params["imageData"].split()))
    if outcome == "rejected" or (settings_of(call).check_images and not recognise(image)):
        return reply(call, {"success": False, "message": "The image could not be used. Please try again.", "completed": False})
    data = data_of(record)
    number = int(call.params["id"])
    data["uploaded"] = sorted({*data["uploaded"], number})
    _remember_image(call, data, number)
    if len(data["uploaded"]) < len(content.ITEMS):
        changed = rewritten(record, record.status, data)
        call.remember(changed)
        return reply(call, {"success": True, "message": None, "completed": False})
    done = end(call, JOURNEY, rewritten(record, record.status, data), data["settled"] or "match")
    ending = data_of(done)["reply"]
    answered = {"success": True, "message": None, "completed": bool(ending.get("completed"))}
    if "completedDate" in ending:
        answered["completedDate"] = ending["completedDate"]
    return reply(call, {**answered, "status": done.status})


def _remember_image(call: Call, data: dict[str, Any], item: int) -> None:
    key = f"{data['token']}/{data['images'][item - 1]}"
    stored = call.store.record(call.account.name, NAME, IMAGE, key) or new_record(call, IMAGE, key, "stored")
    call.remember(rewritten(stored, "stored", {"reference": data["reference"], "image": "".join(call.params["imageData"].split())}))


def check_download(call: Call) -> None:
    """105 for a picture that does not exist."""
    token, number = path_parts(call.request.path)
    record = find(call, KIND, token)
    data = data_of(record)
    if data["token"] != token or number not in map(str, data["images"]):
        raise ProviderError(105, evidence={"check": "image", "received": number[:50], "remedy": "use an id of the response's images"})


def path_parts(path: str) -> tuple[str, str]:
    """Token and image id of a download's path."""
    parts = path.split("/")
    return parts[3], parts[4]


def download(call: Call, outcome: str) -> Draft:
    """The picture that was uploaded, else a drawn one."""
    token, number = path_parts(call.request.path)
    stored = call.store.record(call.account.name, NAME, IMAGE, f"{token}/{number}")
    if stored is not None:
        image = b64decode(data_of(stored)["image"])
        return Draft(200, image, recognise(image) or "image/jpeg")
    record = call.record
    assert record is not None
    index = data_of(record)["images"].index(int(number))
    return Draft(200, placeholder(content.ITEMS[index][1], call.draws.integer(f"picture {number}")), "image/jpeg")


def options(call: Call, outcome: str) -> Draft:
    """What the SDK is to ask for; only ``checked.address`` is known."""
    return reply(call, {"checked": {"address": True}})


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
        {"accepted": "The picture is taken; the last one ends the capture.", "rejected": "The picture cannot be used."},
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
    Endpoint("options", "GET", "/api/options/", "live", {"options": "What the SDK is to ask for."}, options, keep=keep, position=NESTED),
)
