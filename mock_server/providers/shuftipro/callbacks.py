"""Callbacks as messages: the body's own bytes under the account's signature, sent again until a 2xx or the
last attempt."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_server.core.delivery_directives import leaves_before_response
from mock_server.core.records import Message
from mock_server.providers.context import UnitOfWork
from mock_server.providers.shuftipro import signing
from mock_server.providers.shuftipro.settings import NAME, AccountSection, Settings, section_of
from mock_server.providers.shuftipro.verification import Verification

Headers = tuple[tuple[str, str], ...]
UNSIGNED: Headers = ()


class Plan(msgspec.Struct, omit_defaults=True):
    """One callback to come, rendered; as a timer's body, also the step it goes with."""

    event: str
    after: float = 0.0
    url: str = ""
    merge: Any = None
    attempts: int | None = None
    deliver: tuple[Any, ...] = ()
    turn: int = 0
    """The verification's turn at which it was planned."""
    silent: bool = False
    """The step happens without a callback."""
    expiry: bool = False
    """The end of the page's life, which no flush of what is scheduled may bring forward."""
    request_id: str = ""
    reference: str = ""
    """What it speaks of instead of the verification's own."""


def message(
    unit: UnitOfWork,
    settings: Settings,
    verification: Verification,
    plan: Plan,
    body: bytes,
    headers: Headers = UNSIGNED,
) -> Message | None:
    """The callback; None if the plan is silent. ``headers``: signature headers already made."""
    section = section_of(unit.account)
    url = plan.url or verification.callback_url or section.callback_url
    if plan.silent:
        return None
    attempts = plan.attempts or settings.callback_attempts
    return Message(
        unit.new_id("d"), unit.account.name, NAME, plan.event, verification.reference, url, body,
        (("Content-Type", "application/json"), ("User-Agent", settings.callback_user_agent), *(headers or signed(section, body))),
        unit.now + plan.after, unit.now, "POST",
        (settings.callback_wait,) * (attempts - 1), settings.callback_timeout, f"{NAME}:{verification.reference}",
        plan.deliver, plan.request_id, before_response=leaves_before_response(plan.deliver),
        no_address="" if url else no_address(unit, verification),
    )  # fmt: skip


def no_address(unit: UnitOfWork, verification: Verification) -> str:
    """Why a callback cannot be sent, and where to set the address."""
    missing = (
        f"request {verification.reference} has no callback_url, and account {unit.account.name} has none"
    )
    return f"{missing}; send callback_url with the request, set it for the account, or `url` in the scenario's callback"


def signed(section: AccountSection, body: bytes) -> Headers:
    """The signature headers of a body."""
    return signing.headers(body, section.secret_key, section.signature)


def timer(unit: UnitOfWork, verification: Verification, plan: Plan) -> Message:
    """The message that brings the plan back when its time has come."""
    return Message(
        unit.new_id("t"), unit.account.name, NAME, plan.event, verification.reference, "", msgspec.json.encode(plan), (),
        unit.now + plan.after, unit.now, request_id=plan.request_id, kind="timer",
    )  # fmt: skip


def planned(timer_body: bytes) -> Plan:
    """The plan of a timer."""
    return msgspec.json.decode(timer_body, type=Plan)
