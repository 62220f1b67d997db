"""The logic of the verification page: what the user is asked for, how it can end, and what follows. No web
framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from mock_server.core.records import Message, Record
from mock_server.providers.accounts import Account
from mock_server.providers.backoffice import Backoffice
from mock_server.providers.context import Services, UnitOfWork
from mock_server.providers.shuftipro import events, links, tokens
from mock_server.providers.shuftipro.case import has_back, is_on
from mock_server.providers.shuftipro.declines import DECLINES, WHOLE_REQUEST, home, unfitting
from mock_server.providers.shuftipro.lifecycle import Lifecycle
from mock_server.providers.shuftipro.names import sent_parts
from mock_server.providers.shuftipro.services import KYB, SERVICES
from mock_server.providers.shuftipro.settings import NAME, Settings
from mock_server.providers.shuftipro.verification import KIND, Verification, find, read

LONGEST_ANSWER = 250


class PageRequest(NamedTuple):
    """One field to fill in."""

    name: str
    """``document.first_name``."""
    label: str
    kind: str
    """Of the input: ``text``, ``date``, ``tel``."""
    autocomplete: str = "off"


class Picture(NamedTuple):
    """One picture that the user takes or chooses."""

    name: str
    """The service, or the service and ``-back``."""
    label: str


class Step(NamedTuple):
    """What one service wants of the user."""

    service: str
    title: str
    task: str
    pictures: tuple[Picture, ...]
    camera: str
    """``user`` or ``environment``: which way it should look; empty: no camera is wanted."""
    upload: bool
    """A picture may be chosen as well as taken."""
    asks: tuple[PageRequest, ...]


class Choice(NamedTuple):
    """A way to end it."""

    outcome: str
    label: str
    told: str


CHOICES = (
    Choice("accepted", "Accept", "Everything is as it should be."),
    Choice("declined", "Decline", "For the reasons chosen above, or the usual ones."),
    Choice("review", "Send to review", "A reviewer decides later."),
    Choice("cancelled", "Cancel", "The user gives up."),
    Choice("timeout", "Let it expire", "As if nobody had come in time."),
)
OUTCOMES: Mapping[str, Choice] = {choice.outcome: choice for choice in CHOICES}
NEED_CONSENT = frozenset({"accepted", "review"})
"""Outcomes that a user only comes to who has agreed."""

_TASKS: Mapping[str, tuple[str, str, str]] = {
    "face": ("Your face", "Take a picture of yourself.", "user"),
    "document": ("Your identity document", "Take a picture of its front side.", "environment"),
    "document_two": ("A second identity document", "Take a picture of its front side.", "environment"),
    "address": ("Proof of your address", "Take a picture of a bill or bank statement.", "environment"),
    "consent": ("Your consent", "Hold a note with this text into the camera:", "user"),
    "phone": ("Your phone", "Enter your number; any code is right.", ""),
    "background_checks": ("Screening", "Nothing to do: your name is compared with public lists.", ""),
    "kyb": ("Company documents", "Take a picture of each document.", "environment"),
    "questionnaire": ("Questions", "Nothing to do: the mock has no questions.", ""),
}
"""Service → title, task, and which way the camera looks."""
_ASKS: Mapping[str, tuple[PageRequest, ...]] = {
    "name": (
        PageRequest("first_name", "First name", "text", "given-name"),
        PageRequest("last_name", "Last name", "text", "family-name"),
    ),
    "dob": (PageRequest("dob", "Date of birth", "date", "bday"),),
    "document_number": (PageRequest("document_number", "Document number", "text"),),
    "issue_date": (PageRequest("issue_date", "Date of issue", "date"),),
    "expiry_date": (PageRequest("expiry_date", "Date of expiry", "date"),),
    "full_address": (PageRequest("full_address", "Address", "text", "street-address"),),
    "phone_number": (PageRequest("phone_number", "Phone number", "tel", "tel"),),
}
"""Parameter → what the user is asked where the request has it empty."""


class Page(NamedTuple):
    """What stands at a ``verification_url``."""

    account: Account
    record: Record
    made: Verification

    @property
    def open(self) -> bool:
        """Whether it can still end."""
        return self.made.event == events.PENDING

    @property
    def suggested(self) -> str:
        """The outcome that a scenario or a magic value wants."""
        return self.made.outcome if self.made.outcome in OUTCOMES else "accepted"

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The ways to end it, the suggested one first. Under manual review only a reviewer accepts or
        declines."""
        left_out = ("accepted", "declined") if is_on(self.made.options.get("manual_review")) else ()
        able = [choice for choice in CHOICES if choice.outcome not in left_out]
        return tuple(sorted(able, key=lambda choice: choice.outcome != self.suggested))

    @property
    def reasons(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Service → code and reason, for the services of the request."""
        listed: dict[str, list[tuple[str, str]]] = {}
        for row in DECLINES.values():
            service = home(row.code, list(self.made.services))
            if service is not None and WHOLE_REQUEST not in row.services:
                listed.setdefault(service, []).append((row.code, row.reason))
        return list(listed.items())

    def wants(self, option: str) -> bool:
        """Whether an option that is on unless it is switched off is on."""
        value = self.made.options.get(option)
        return value in (None, "") or is_on(value)


def locate(services: Services, token: str) -> Page | None:
    """The page of the token; None: it was never handed out, or its verification has been deleted."""
    place = links.page_place(token)
    account = tokens.Directory().find(services.accounts, place.tag) if place is not None else None
    if place is None or account is None:
        return None
    record = services.store.record(account.name, NAME, KIND, place.handle)
    if record is None:
        return None
    made = read(record)
    return Page(account, record, made) if made.url.endswith(f"/{token}") else None


def steps(page: Page) -> Iterator[Step]:
    """What the user is asked for, service by service."""
    for service in SERVICES:
        values = page.made.services.get(service)
        if values is None:
            continue
        given: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
        title, task, camera = _TASKS.get(
            service, (service.replace("_", " ").capitalize(), "Nothing to do.", "")
        )
        pictures = tuple(_pictures(service, given))
        form = page.wants("show_ocr_form") and given.get("show_ocr_form") not in ("0", 0)
        asked = (
            [
                request
                for key, asks in _ASKS.items()
                for request in asks
                if _is_missing(service, given, key, request)
            ]
            if form
            else []
        )
        yield Step(
            service,
            title,
            f"{task} “{given['text']}”" if service == "consent" and given.get("text") else task,
            pictures,
            camera if pictures and _allowed(page, given, "allow_online") else "",
            _allowed(page, given, "allow_offline"),
            tuple(request._replace(name=f"{service}.{request.name}") for request in asked),
        )


def _pictures(service: str, given: Mapping[str, Any]) -> Iterator[Picture]:
    if service == KYB:
        for number, label in enumerate(given.get("labels") or ("a document",)):
            yield Picture(f"{service}-{number + 1}" if number else service, str(label).replace("_", " "))
    elif SERVICES[service].proof and not given.get("proof"):
        yield Picture(service, "")
        if has_back(given):
            yield Picture(f"{service}-back", "the back side")


def _is_missing(service: str, given: Mapping[str, Any], key: str, request: PageRequest) -> bool:
    """Whether the user fills it in: the request asks for it and does not say it. Screening takes the
    document's data."""
    if service == "phone":
        return key == "phone_number" and not given.get(key)
    if service == "background_checks" or key not in given:
        return False
    if key == "name" and sent_parts(given[key]):
        return request.name in given[key] and not given[key][request.name]
    return key == "name" or not given[key]


def _allowed(page: Page, given: Mapping[str, Any], option: str) -> bool:
    value = given.get(option)
    return page.wants(option) if value in (None, "") else is_on(value)


def finish(
    backoffice: Backoffice,
    lifecycle: Lifecycle,
    page: Page,
    outcome: str,
    *,
    decline: Sequence[str] = (),
    answers: Mapping[str, str] | None = None,
    useragent: str = "",
    ip: str = "",
    origin: str = "",
) -> list[Message]:
    """End it as chosen; the callbacks that follow, of which the first attempt should be over before the
    browser leaves.

    A page that has ended before stays as it ended. Raises ``ValueError`` for an outcome or a code that is
    none."""
    if outcome not in OUTCOMES:
        raise ValueError(f"{outcome!r} is no way to end it; there are {', '.join(OUTCOMES)}")
    if outcome in ("accepted", "declined") and is_on(page.made.options.get("manual_review")):
        outcome = "review"

    def act(unit: UnitOfWork) -> None:
        record = find(unit.store, page.account.name, page.record.key)
        made = read(record) if record is not None else None
        if record is None or made is None or made.event != events.PENDING:
            return
        made.useragent, made.ip = useragent or made.useragent, ip or made.ip
        made.services = {
            name: _answered(name, values, answers or {}) for name, values in made.services.items()
        }
        codes = list(decline) if outcome == "declined" else None
        problem = unfitting(codes, made.services)
        if problem is not None:
            raise ValueError(f"{problem.explanation}; {problem.fix}")
        lifecycle.decide(unit, record, made, outcome, codes)

    _, messages = backoffice.change(page.account, act, reference=page.record.key, origin=origin)
    return messages


def _answered(service: str, given: Any, answers: Mapping[str, str]) -> Any:
    """The service's parameters with what the user has filled in."""
    if not isinstance(given, Mapping):
        return given
    filled: dict[str, Any] = {
        request.name: text
        for asks in _ASKS.values()
        for request in asks
        if (text := answers.get(f"{service}.{request.name}", "").strip()[:LONGEST_ANSWER])
    }
    name = {key: filled.pop(key) for key in ("first_name", "last_name") if key in filled}
    answered = {**given, **{key: value for key, value in filled.items() if not given.get(key)}}
    if name:
        sent = given["name"] if isinstance(given.get("name"), Mapping) else {}
        answered["name"] = {**sent, **{key: part for key, part in name.items() if not sent.get(key)}}
    return answered


def leads_to(page: Page, settings: Settings) -> str:
    """Where the browser goes afterwards; empty: nowhere."""
    url = page.made.redirect_url
    if url and settings.redirect_parameters:
        query = urlencode({"reference": page.made.reference, "event": page.made.event})
        head, hash_mark, fragment = url.partition("#")
        return f"{head}{'&' if '?' in head else '?'}{query}{hash_mark}{fragment}"
    return url
