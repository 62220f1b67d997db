"""The logic of the hosted pages: what a customer sees at a link, what can be chosen, and what follows. No web
framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mock_server.core.records import Record
from mock_server.providers.accounts import Account
from mock_server.providers.backoffice import Backoffice
from mock_server.providers.cloudcheck import content, journeys
from mock_server.providers.cloudcheck.endpoint import data_of, settings_in, settings_of
from mock_server.providers.cloudcheck.handlers import forms, links, live
from mock_server.providers.cloudcheck.journeys import Journey
from mock_server.providers.cloudcheck.people import BANKS
from mock_server.providers.cloudcheck.records import rewritten
from mock_server.providers.cloudcheck.token_lookup import locate
from mock_server.providers.context import Services, UnitOfWork
from mock_server.providers.hosted_steps import FormField, FormOption, PageStep, Picture, Question


class Product(NamedTuple):
    """What is said on a product's pages."""

    journey: Journey
    title: str
    task: str
    """What a customer would do here."""
    steps: tuple[PageStep, ...]

    @property
    def asks(self) -> tuple[FormField, ...]:
        """Every field that is filled in."""
        return tuple(field for step in self.steps for field in step.fields)


def _shot(name: str, shape: str, title: str, task: str) -> PageStep:
    picture = Picture(name, shape, "user" if shape == "face" else "environment", upload=True)
    return PageStep(name, shape, title, task, picture, hint=_SAMPLE)


def _bank(*, several: bool) -> tuple[PageStep, ...]:
    banks = tuple(FormOption(name, name) for name in BANKS)
    accounts = (
        FormOption("everyday", "Everyday account", "99-1234-0056789-00"),
        FormOption("savings", "Savings account", "99-1234-0056789-01"),
    )
    which = "Choose one account or more" if several else "Choose one account"
    return (
        PageStep("bank", "bank", "Choose your bank", "You log in there in the next step.",
             question=Question("bank", "Bank", banks), hint="Banks that do not exist."),
        PageStep("login", "person", "Log in to your bank", "Your bank confirms that it is you.",
             hint="The mock has no login: a real customer would be at the bank's own page now."),
        PageStep("account", "page", which, "Its holder's name and address are confirmed.",
             question=Question("account", "Account", accounts, several), hint="The result has accounts of its own."),
    )  # fmt: skip


_SAMPLE = "Without a picture the sample is used. Yours stays in this browser."
_NAMES = PageStep(
    "person", "pen", "Your name", "Enter it as it stands on your identification.",
    fields=(FormField("given", "Given name", "text", "given-name"), FormField("family", "Family name", "text", "family-name")),
    hint="What stays empty is made up.",
)  # fmt: skip
_LIVE = tuple(
    _shot(f"item-{number}", "card" if number == len(content.ITEMS) else "face", name, instructions)
    for number, name, instructions in content.ITEMS
)
_SCAN = (
    _shot(
        "document",
        "card",
        "Scan your identification",
        "The front of your licence or passport, all four corners visible.",
    ),
    _shot("face", "face", "Take a selfie", "Look straight at the camera and keep your head inside the oval."),
)
PRODUCTS: Mapping[str, Product] = {
    "live": Product(live.JOURNEY, "Live capture", "Take three pictures to prove who you are.", _LIVE),
    "idscan": Product(links.IDSCAN, "IDscan", "Scan your identification, then take a selfie.", _SCAN),
    "akahu": Product(
        links.AKAHU,
        "Link a bank account",
        "Let your bank confirm your name and address.",
        _bank(several=False),
    ),
    "credfin": Product(
        links.CREDFIN,
        "Link bank accounts",
        "Let your bank confirm your name and address.",
        _bank(several=True),
    ),
    "forms": Product(forms.FORM, "Verification form", "Tell us who you are, and we verify it.", (_NAMES,)),
    "go": Product(
        forms.GO, "Verify your identity", "You have been asked to verify your identity.", (_NAMES,)
    ),
}
"""First part of a page's path → product."""


class Ending(NamedTuple):
    """A way to end the journey."""

    outcome: str
    label: str
    description: str


CHOICES = (
    Ending("match", "Match", "Everything agrees."),
    Ending("review", "Review", "Something is doubtful; a reviewer decides."),
    Ending("no-match", "No match", "It is somebody else."),
    Ending("failed", "Fail", "The pictures or data cannot be used."),
    Ending("abandoned", "Give up", "The customer leaves before the end."),
    Ending("not-done", "Expire", "The customer never begins."),
)
OUTCOMES = frozenset(choice.outcome for choice in CHOICES)
LONGEST_NAME = 200


class Page(NamedTuple):
    """What stands at a link."""

    product: Product
    account: Account
    record: Record
    reference: str
    """The caller's own, for the tester to recognise it by."""
    redirect: str
    """Where the browser goes at the end, with the parameters as they stand now; empty: nowhere."""
    status: str
    settled: bool
    """It ends by itself, after a while."""

    @property
    def ended(self) -> bool:
        """Whether the customer is through with it."""
        return journeys.ended(self.record)

    @property
    def suggested(self) -> str:
        """The outcome when the customer submits the page: that of a scenario or a magic value, else a match."""
        outcome = data_of(self.record).get("settled")
        return outcome if outcome in OUTCOMES else "match"

    @property
    def steps(self) -> tuple[PageStep, ...]:
        """What the customer does, screen by screen, with the name that the request gave."""
        name = data_of(self.record).get("name")
        known = name if isinstance(name, Mapping) else {}
        return tuple(
            step._replace(
                fields=tuple(field._replace(value=str(known.get(field.name) or "")) for field in step.fields)
            )
            for step in self.product.steps
        )


def find(services: Services, name: str, token: str) -> Page | None:
    """The page at ``/name/token/``; None if no such link was issued."""
    product = PRODUCTS.get(name)
    match = locate(services, product.journey.kind, token) if product is not None else None
    if product is None or match is None:
        return None
    account, record = match
    data = data_of(record)
    redirect = journeys.redirect(settings_in(services), product.journey, record)
    return Page(
        product,
        account,
        record,
        str(data.get("reference") or ""),
        redirect,
        record.status,
        bool(data.get("settled")),
    )


def finish(
    backoffice: Backoffice,
    page: Page,
    outcome: str,
    answers: Mapping[str, str] | None = None,
    *,
    origin: str = "",
) -> str:
    """End it as chosen, with what was filled in; where the browser goes next, empty: to the closing page.

    A link that has ended before stays as it ended. Raises ``ValueError`` for an outcome that is none.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"{outcome!r} is not a way to end it; use one of {', '.join(sorted(OUTCOMES))}")
    journey = page.product.journey

    def act(unit: UnitOfWork) -> str:
        record = (
            unit.store.record(page.account.name, page.record.provider, page.record.kind, page.record.key)
            or page.record
        )
        if not journeys.ended(record):
            record = journeys.end(unit, journey, _answered(page, record, answers or {}), outcome)
        return journeys.redirect(settings_of(unit), journey, record)

    return backoffice.change(page.account, act, reference=page.reference, origin=origin)[0]


def _answered(page: Page, record: Record, answers: Mapping[str, str]) -> Record:
    name = {
        field.name: answers[field.name].strip()[:LONGEST_NAME]
        for field in page.product.asks
        if answers.get(field.name, "").strip()
    }
    return rewritten(record, record.status, {**data_of(record), "name": name}) if name else record
