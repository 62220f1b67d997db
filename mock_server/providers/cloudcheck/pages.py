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
from mock_server.providers.cloudcheck.records import rewritten
from mock_server.providers.cloudcheck.token_lookup import locate
from mock_server.providers.context import Services, UnitOfWork


class Product(NamedTuple):
    """What is said on a product's pages."""

    journey: Journey
    title: str
    task: str
    """What a customer would do here."""
    steps: tuple[str, ...]
    """One line each."""
    asks: tuple[tuple[str, str, str], ...] = ()
    """Fields to fill in: name, label, ``autocomplete`` token."""


PERSON = (("given", "Given name", "given-name"), ("family", "Family name", "family-name"))
PRODUCTS: Mapping[str, Product] = {
    "live": Product(
        live.JOURNEY,
        "Live capture",
        "Take three pictures to prove who you are.",
        tuple(f"{name}: {told}" for _, name, told in content.ITEMS),
    ),
    "idscan": Product(
        links.IDSCAN,
        "IDscan",
        "Scan your identification.",
        ("Photograph the front of your licence or passport.", "Take a picture of yourself."),
    ),
    "akahu": Product(
        links.AKAHU,
        "Link a bank account",
        "Let your bank confirm your name and address.",
        ("Choose your bank.", "Log in.", "Choose one account."),
    ),
    "credfin": Product(
        links.CREDFIN,
        "Link bank accounts",
        "Let your bank confirm your name and address.",
        ("Choose your bank.", "Log in.", "Choose one account or more."),
    ),
    "forms": Product(
        forms.FORM,
        "Verification form",
        "Tell us who you are, and we verify it.",
        ("Fill in your name.", "Submit the form."),
        PERSON,
    ),
    "go": Product(
        forms.GO,
        "Verify your identity",
        "You have been asked to verify your identity.",
        ("Confirm your name.", "Submit."),
        PERSON,
    ),
}
"""First part of a page's path → product."""


class Choice(NamedTuple):
    """A way to end it."""

    outcome: str
    label: str
    told: str


CHOICES = (
    Choice("match", "Finish: match", "Everything agrees."),
    Choice("review", "Finish: review", "Something is doubtful; a reviewer decides."),
    Choice("no-match", "Finish: no match", "It is somebody else."),
    Choice("failed", "Fail", "The pictures or data cannot be used."),
    Choice("abandoned", "Give up", "The customer leaves before the end."),
)
OUTCOMES = frozenset({*(choice.outcome for choice in CHOICES), "not-done"})
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
        return journeys.ended(self.record)


def find(services: Services, name: str, token: str) -> Page | None:
    """The page at ``/name/token/``; None: no link has been handed out for it."""
    product = PRODUCTS.get(name)
    found = locate(services, product.journey.kind, token) if product is not None else None
    if product is None or found is None:
        return None
    account, record = found
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
        raise ValueError(f"{outcome!r} is no way to end it; there are {', '.join(sorted(OUTCOMES))}")
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
        field: answers[field].strip()[:LONGEST_NAME]
        for field, _, _ in page.product.asks
        if answers.get(field, "").strip()
    }
    return rewritten(record, record.status, {**data_of(record), "name": name}) if name else record
