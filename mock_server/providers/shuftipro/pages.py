"""The logic of the verification page: what stands at a link, how it can end, and what follows. No web framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from mock_server.core.records import Message, Record
from mock_server.providers.accounts import Account
from mock_server.providers.backoffice import Backoffice
from mock_server.providers.context import Services, UnitOfWork
from mock_server.providers.hosted_steps import PageStep
from mock_server.providers.hosted_texts import Texts
from mock_server.providers.shuftipro import events, languages, links, page_steps, tokens
from mock_server.providers.shuftipro.case import is_on
from mock_server.providers.shuftipro.declines import DECLINES, WHOLE_REQUEST, home, unfitting
from mock_server.providers.shuftipro.languages import Chosen
from mock_server.providers.shuftipro.lifecycle import Lifecycle
from mock_server.providers.shuftipro.page_steps import ASKS, CODE, SELECTED
from mock_server.providers.shuftipro.settings import NAME, Settings
from mock_server.providers.shuftipro.verification import KIND, Verification, find, read

LONGEST_ANSWER = 250
TRIES = 3
"""How often a wrong code may be entered."""


class Ending(NamedTuple):
    """A way for testers to end the verification."""

    outcome: str
    label: str
    description: str


CHOICES = (
    Ending("accepted", "Accept", "Everything is as it should be."),
    Ending("declined", "Decline", "For the reasons that you choose, or the usual ones."),
    Ending("review", "Review", "A reviewer decides later."),
    Ending("cancelled", "Cancel", "The user gives up."),
    Ending("timeout", "Expire", "The customer did not come in time."),
)
OUTCOMES: Mapping[str, Ending] = {choice.outcome: choice for choice in CHOICES}
NEED_CONSENT = frozenset({"accepted", "review"})
"""Outcomes that a user only comes to who has agreed."""


class Page(NamedTuple):
    """What stands at a ``verification_url``."""

    account: Account
    record: Record
    verification: Verification

    @property
    def open(self) -> bool:
        """Whether it can still end."""
        return self.verification.event == events.PENDING

    @property
    def suggested(self) -> str:
        """The outcome when the user submits the page: that of a scenario or a magic value, else accepted."""
        outcome = self.verification.outcome if self.verification.outcome in OUTCOMES else "accepted"
        return outcome if outcome in {choice.outcome for choice in self.choices} else "review"

    @property
    def choices(self) -> tuple[Ending, ...]:
        """The ways to end it. Under manual review only a reviewer accepts or declines."""
        left_out = ("accepted", "declined") if is_on(self.verification.options.get("manual_review")) else ()
        return tuple(choice for choice in CHOICES if choice.outcome not in left_out)

    @property
    def reasons(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Service → code and reason, for the services of the request."""
        listed: dict[str, list[tuple[str, str]]] = {}
        for row in DECLINES.values():
            service = home(row.code, list(self.verification.services))
            if service is not None and WHOLE_REQUEST not in row.services:
                listed.setdefault(service, []).append((row.code, row.reason))
        return list(listed.items())

    @property
    def declined(self) -> list[str]:
        """The codes that a scenario or a magic value asks for."""
        return [code for codes in (self.verification.decline or {}).values() for code in codes]

    @property
    def language(self) -> Chosen:
        """The words of the page, and what of the request's ``language`` it does not have."""
        return languages.chosen(self.verification.options.get("language"))

    @property
    def codes_are_wrong(self) -> bool:
        """Whether a scenario or a magic value asks for every code of the phone to be wrong."""
        return page_steps.codes_are_wrong(self.verification)

    def steps(self, texts: Texts) -> tuple[PageStep, ...]:
        """What the user does, screen by screen."""
        return page_steps.steps(self.verification, texts)

    def needs(self, shown: tuple[PageStep, ...], texts: Texts) -> list[tuple[str, str]]:
        """What the user should have at hand: icon and name."""
        return page_steps.needs(self.verification, shown, texts)

    def without_user(self, shown: tuple[PageStep, ...], texts: Texts) -> list[str]:
        """The services of which the user sees nothing."""
        return page_steps.without_user(self.verification, shown, texts)

    def wants(self, option: str) -> bool:
        """Whether an option that is on unless it is switched off is on."""
        return page_steps.wants(self.verification, option)

    def agreed(self, answers: Mapping[str, str]) -> bool:
        """Whether the user has agreed, or need not."""
        return not self.wants("show_consent") or bool(answers.get("consent"))


def locate(services: Services, token: str) -> Page | None:
    """The page of the token; None: it was never handed out, or its verification has been deleted."""
    place = links.page_place(token)
    account = tokens.Directory().find(services.accounts, place.tag) if place is not None else None
    if place is None or account is None:
        return None
    record = services.store.record(account.name, NAME, KIND, place.handle)
    if record is None:
        return None
    verification = read(record)
    return Page(account, record, verification) if verification.url.endswith(f"/{token}") else None


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
        raise ValueError(f"{outcome!r} is not a way to end it; use one of {', '.join(OUTCOMES)}")
    if outcome in ("accepted", "declined") and is_on(page.verification.options.get("manual_review")):
        outcome = "review"

    def act(unit: UnitOfWork) -> None:
        record = find(unit.store, page.account.name, page.record.key)
        verification = read(record) if record is not None else None
        if record is None or verification is None or verification.event != events.PENDING:
            return
        verification.useragent, verification.ip = useragent or verification.useragent, ip or verification.ip
        verification.services = {
            name: _answered(name, values, answers or {}) for name, values in verification.services.items()
        }
        codes = list(decline) if outcome == "declined" else None
        problem = unfitting(codes, verification.services)
        if problem is not None:
            raise ValueError(f"{problem.explanation}; {problem.fix}")
        lifecycle.decide(unit, record, verification, outcome, codes)

    _, messages = backoffice.change(page.account, act, reference=page.record.key, origin=origin)
    return messages


def _answered(service: str, parameters: Any, answers: Mapping[str, str]) -> Any:
    """The service's parameters with what the user has filled in; a service without parameters gets some so."""
    known: Mapping[str, Any] = parameters if isinstance(parameters, Mapping) else {}
    filled: dict[str, Any] = {
        field: text
        for asks in ASKS.values()
        for field, _, _ in asks
        if (text := answers.get(f"{service}.{field}", "").strip()[:LONGEST_ANSWER])
    }
    selected = answers.get(f"{service}.{SELECTED}", "")
    if service in page_steps.TYPES and selected in page_steps.types(service, known):
        filled[SELECTED] = selected
    if not filled:
        return parameters
    name = {key: filled.pop(key) for key in ("first_name", "last_name") if key in filled}
    answered = {**known, **{key: value for key, value in filled.items() if not known.get(key)}}
    if name:
        sent = known["name"] if isinstance(known.get("name"), Mapping) else {}
        answered["name"] = {**sent, **{key: part for key, part in name.items() if not sent.get(key)}}
    return answered


def tries(answers: Mapping[str, str]) -> int:
    """How many codes the user has entered, with the one that has just come."""
    before = answers.get("tries", "")
    return (int(before) if before in ("1", "2") else 0) + bool(answers.get(CODE, "").strip())


def leads_to(page: Page, settings: Settings) -> str:
    """Where the browser goes afterwards; empty: nowhere."""
    url = page.verification.redirect_url
    if url and settings.redirect_parameters:
        query = urlencode({"reference": page.verification.reference, "event": page.verification.event})
        head, hash_mark, fragment = url.partition("#")
        return f"{head}{'&' if '?' in head else '?'}{query}{hash_mark}{fragment}"
    return url
