"""Forms and Go: links that are mailed, sent by SMS, or handed out. The mock sends neither mail nor SMS: it
hands every link out.

Limits and parameters are those of the vendor's pages ("Cloudcheck Forms API", "Cloudcheck Go API"); replies
are assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck import content, errors
from mock_server.providers.cloudcheck.endpoint import NAME, Callbacks, Endpoint, reply, settings_of
from mock_server.providers.cloudcheck.formats import stamp
from mock_server.providers.cloudcheck.handlers.links import answer, reader
from mock_server.providers.cloudcheck.journeys import (
    PENDING,
    STARTS,
    Journey,
    check_urls,
    page_url,
    urls_of,
)
from mock_server.providers.cloudcheck.journeys import keep as keep_journey
from mock_server.providers.cloudcheck.json_codec import encode
from mock_server.providers.cloudcheck.records import new_record
from mock_server.providers.cloudcheck.token_lookup import new_token
from mock_server.providers.cloudcheck.validation import read_data, text_of
from mock_server.providers.cloudcheck.webhooks import follow, timer
from mock_server.providers.context import RequestContext, StashKey, UnitOfWork

MOST_RECIPIENTS = 500
DELIVERIES = ("LINK", "EMAIL", "SMS")
SUBMITTED = (
    ("submitted", "SUBMITTED"),
    ("match", "VERIFIED"),
    ("review", "REVIEW"),
    ("no-match", "NOT_VERIFIED"),
    ("failed", "FAILED"),
)
"""What a form's notifications tell: first that it was submitted, then how the last person's verification
ended."""


def _finish(unit: UnitOfWork, data: dict[str, Any], outcome: str) -> None:
    """Who filled it in, and whether that person was verified."""
    if outcome not in content.PERCENTAGES:
        return
    about = content.subject(unit, data, "person")
    name = data.get("name") or about["name"]
    data["reply"]["people"] = [
        {"name": name, "dateofbirth": about["born"], "verificationSuccess": outcome == "match"}
    ]


FORM: Journey = Journey("form", "form", "/forms/", _finish, ("notificationUrl",), statuses=SUBMITTED)
GO: Journey = Journey("go", "go", "/go/", _finish, ("callback", "notificationUrl"))


def check_form(context: RequestContext) -> None:
    """``emailAddress`` and ``givenName`` must both be present or both be absent."""
    body = read_data(context)
    settings = settings_of(context)
    check_urls(context, FORM)
    email, given_name = (text_of(body, key, key, settings) for key in ("emailAddress", "givenName"))
    copy = text_of(body, "emailCcAddress", "emailCcAddress", settings)
    if bool(email) != bool(given_name):
        raise errors.missing("givenName" if email else "emailAddress")
    malformed = [
        key
        for key, text in (("emailAddress", email), ("emailCcAddress", copy))
        if text and not plausible_email(text)
    ]
    if malformed:
        raise errors.invalid(*malformed)


def plausible_email(text: str) -> bool:
    """Something, an at sign, something with a dot; no white space."""
    local, _, domain = text.rpartition("@")
    return bool(local) and "." in domain.strip(".") and not any(c.isspace() for c in text)


def create_form(context: RequestContext, outcome: str) -> PendingResponse:
    """Create a form and its link."""
    given_name = text_of(context.body, "givenName", "givenName", settings_of(context))
    return answer(
        context,
        outcome,
        FORM,
        {
            "emailAddress": context.body.get("emailAddress"),
            "name": {"given": given_name} if given_name else None,
        },
    )


def check_go(context: RequestContext) -> None:
    """1 to 500 ``recipients``, each an object; those to be mailed or sent an SMS have an address or a
    number."""
    body = read_data(context)
    settings = settings_of(context)
    check_urls(context, GO)
    delivery = text_of(body, "delivery", "delivery", settings) or "LINK"
    if delivery.upper() not in DELIVERIES:
        raise errors.invalid("delivery")
    recipients = body.get("recipients")
    if recipients is None or recipients == []:
        raise errors.missing("recipients")
    if not isinstance(recipients, list) or not all(isinstance(recipient, dict) for recipient in recipients):
        raise errors.invalid("recipients")
    if len(recipients) > MOST_RECIPIENTS:
        raise errors.invalid("recipients", detail=(f"At most {MOST_RECIPIENTS} recipients are allowed",))
    for recipient in recipients:
        _check_recipient(context, recipient, delivery.upper())


def _check_recipient(context: RequestContext, recipient: Mapping[str, Any], delivery: str) -> None:
    settings = settings_of(context)
    for key in ("reference", "givenName", "familyName"):
        text_of(recipient, key, key, settings)
    email, mobile = (text_of(recipient, key, key, settings) for key in ("emailAddress", "mobileNumber"))
    if (delivery == "EMAIL" and not email) or (delivery == "SMS" and not mobile):
        raise errors.missing("emailAddress" if delivery == "EMAIL" else "mobileNumber")
    if email and not plausible_email(email):
        raise errors.invalid("emailAddress")


RECIPIENTS: StashKey[tuple[str, list[dict[str, Any]]]] = StashKey()
"""The outcome of the links, and what is known of each recipient."""


def create_go(context: RequestContext, outcome: str) -> PendingResponse:
    """One link for each recipient."""
    batch = context.reference or context.params["nonce"]
    rows, facts = [], []
    for index, recipient in enumerate(context.body["recipients"]):
        reference = str(recipient.get("reference") or context.reference)
        key = _fresh_key(context, f"go {batch} {index}")
        token = new_token(context, f"go token {key}")
        rows.append(
            {
                "reference": reference,
                "token": key,
                "url": page_url(context, GO, token),
                "status": PENDING,
                "createdDate": stamp(context.now, settings_of(context).timezone),
                "completed": False,
            }
        )
        name = {
            part: recipient[f"{part}Name"] for part in ("given", "family") if recipient.get(f"{part}Name")
        }
        facts.append({"token": token, "name": name or None, "reference": reference})
    context.stash[RECIPIENTS] = (outcome, facts)
    return reply(context, {"go": {"reference": context.reference, "recipients": rows}})


def _fresh_key(context: RequestContext, stem: str) -> str:
    ordinal = 1
    while (
        context.store.record(
            context.account.name, NAME, GO.kind, key := context.draws.uuid(f"{stem} {ordinal}")
        )
        is not None
    ):
        ordinal += 1
    return key


def keep_go(context: RequestContext, pending: PendingResponse, callbacks: Callbacks) -> None:
    """A record for each recipient."""
    recipients = context.stash.get(RECIPIENTS, None)
    if recipients is not None:
        outcome, facts = recipients
        for row, fact in zip(pending.payload["go"]["recipients"], facts):
            data = {
                **fact,
                "settled": "" if outcome == "pending" else outcome,
                "origin": context.origin,
                "quiet": callbacks is not None and not callbacks,
                **urls_of(context, GO),
                "reply": row,
            }
            record = new_record(context, GO.kind, row["token"], PENDING, fact["token"], fact["reference"])
            context.remember(record.replace(data=encode(data)))
            if data["settled"]:
                what = {"do": "end", "kind": GO.kind, "key": record.key}
                context.send(
                    timer(context, fact["reference"] or record.key, settings_of(context).complete_after, what)
                )
    if callbacks:
        follow(context, None, callbacks)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "forms-create",
        "POST",
        "/forms/create/",
        "forms",
        STARTS,
        create_form,
        check_form,
        keep_journey,
        required=("data",),
        body=frozenset({"reference", "emailAddress", "givenName", "emailCcAddress", "notificationUrl"}),
    ),
    reader("forms-results", "/forms/results/", "forms", FORM),
    Endpoint(
        "go-create",
        "POST",
        "/go/create/",
        "go",
        STARTS,
        create_go,
        check_go,
        keep_go,
        required=("data",),
        body=frozenset(
            {
                "reference",
                "delivery",
                "callback",
                "notificationUrl",
                "recipients",
                "recipients.*",
                "recipients.*.*",
            }
        ),
    ),
    reader("go-results", "/go/results/", "go", GO),
)
