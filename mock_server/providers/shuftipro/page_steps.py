"""The steps of the verification page: what each service of a request asks of the user, one screen at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.providers.hosted_steps import FormField, FormOption, PageStep, Picture, Question
from mock_server.providers.hosted_texts import Texts
from mock_server.providers.shuftipro.case import has_back, is_on
from mock_server.providers.shuftipro.names import sent_parts
from mock_server.providers.shuftipro.services import (
    ADDRESS_TYPES,
    CONSENT_TYPES,
    DOCUMENT_TYPES,
    KYB,
    SERVICES,
)
from mock_server.providers.shuftipro.verification import Verification

SELECTED = "selected_type"
"""How the user's choice of a document is stored, in the parameters of its service."""
CODE = "phone.code"
"""The field of the code that was sent to the phone."""
WRONG_CODE = frozenset({"SPDR84", "SPDR304"})
"""Where a scenario declines with one of these, no code is right."""
TYPES: Mapping[str, tuple[str, ...]] = {
    "document": DOCUMENT_TYPES,
    "document_two": DOCUMENT_TYPES,
    "address": ADDRESS_TYPES,
    "consent": CONSENT_TYPES,
}
"""Service → the documents that it takes where the request does not say which."""
ASKS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "name": (("first_name", "text", "given-name"), ("last_name", "text", "family-name")),
    "dob": (("dob", "date", "bday"),),
    "document_number": (("document_number", "text", "off"),),
    "issue_date": (("issue_date", "date", "off"),),
    "expiry_date": (("expiry_date", "date", "off"),),
    "full_address": (("full_address", "text", "street-address"),),
    "phone_number": (("phone_number", "tel", "tel"),),
}
"""Parameter → name, kind and ``autocomplete`` of what the user is asked where the request has it empty."""
_DOCUMENTS = frozenset({"document", "document_two"})
_SAMPLE = "Without a picture the sample is used. Yours stays in this browser."


class _Guide:
    """Makes the steps of one request."""

    def __init__(self, verification: Verification, texts: Texts) -> None:
        self._verification, self._texts = verification, texts

    def steps(self) -> Iterator[PageStep]:
        for service in SERVICES:
            if service in self._verification.services:
                values = self._verification.services[service]
                part: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
                yield from self._of(service, part)

    def _of(self, service: str, part: Mapping[str, Any]) -> Iterator[PageStep]:
        if service in _DOCUMENTS or service == "address":
            yield from self._document(service, part)
        elif service == "face" and not part.get("proof"):
            picture = self._picture(service, "face", part, "user")
            yield PageStep(
                "face", "face", self._texts("face_title"), self._texts("face_task"), picture, hint=_SAMPLE
            )
        elif service == "consent" and not part.get("proof"):
            yield self._consent(part)
        elif service == "phone":
            yield from self._phone(part)
        elif service == KYB:
            yield from self._company(part)

    # -- documents
    def _document(self, service: str, part: Mapping[str, Any]) -> Iterator[PageStep]:
        stem = "address" if service == "address" else "document"
        shape = "page" if stem == "address" else "card"
        if not part.get("proof"):
            yield PageStep(
                f"{service}-type", shape, self._title(service, f"{stem}_type_title"),
                self._texts(f"{stem}_type_task"), question=self._types(service, part),
            )  # fmt: skip
            yield self._side(service, stem, shape, part, service, "front")
            if has_back(part):
                yield self._side(service, stem, shape, part, f"{service}-back", "back")
        fields = tuple(self._fields(service, part))
        if fields:
            yield PageStep(
                f"{service}-details", "pen", self._title(service, f"{stem}_details_title"),
                self._texts(f"{stem}_details_task"), fields=fields,
                hint="What stays empty is read from a made-up document.",
            )  # fmt: skip

    def _side(
        self, service: str, stem: str, shape: str, part: Mapping[str, Any], name: str, side: str
    ) -> PageStep:
        picture = self._picture(name, shape, part, "environment")
        title, task = self._title(service, f"{stem}_{side}_title"), self._texts(f"{stem}_{side}_task")
        return PageStep(name, shape, title, task, picture, hint=_SAMPLE)

    def _title(self, service: str, key: str) -> str:
        title = self._texts(key)
        return self._texts("second", title=title) if service == "document_two" else title

    def _types(self, service: str, part: Mapping[str, Any]) -> Question:
        options = tuple(
            FormOption(name, self._texts.get(name, name.replace("_", " ").capitalize()))
            for name in types(service, part)
        )
        return Question(f"{service}.{SELECTED}", self._texts("document_type"), options)

    # -- others
    def _consent(self, part: Mapping[str, Any]) -> PageStep:
        kinds = types("consent", part)
        task = f"consent_task_{kinds[0]}" if len(kinds) == 1 and kinds[0] in CONSENT_TYPES else "consent_task"
        picture = self._picture("consent", "page", part, "user")
        return PageStep(
            "consent", "page", self._texts("consent_title"), self._texts(task), picture,
            quote=str(part.get("text") or ""), hint=_SAMPLE,
        )  # fmt: skip

    def _phone(self, part: Mapping[str, Any]) -> Iterator[PageStep]:
        fields = tuple(self._fields("phone", part))
        if fields:
            yield PageStep(
                "phone", "phone", self._texts("phone_title"), self._texts("phone_task"), fields=fields,
                hint="Nothing is sent. Without a number, a made-up one is used.",
            )  # fmt: skip
        number, wrong = str(part.get("phone_number") or ""), codes_are_wrong(self._verification)
        task = self._texts("code_task_number", number=number) if number else self._texts("code_task")
        code = FormField(CODE, self._texts("code"), "code", "one-time-code")
        sent = f" The request's random_code is {part['random_code']}." if part.get("random_code") else ""
        hint = (
            "The scenario makes every code wrong; the third try declines."
            if wrong
            else f"Any code is right.{sent}"
        )
        yield PageStep(
            "phone-code", "phone", self._texts("code_title"), task, fields=(code,), hint=hint, checks=wrong
        )

    def _company(self, part: Mapping[str, Any]) -> Iterator[PageStep]:
        if part.get("proofs") or not (part.get("labels") or is_on(part.get("enable_extra_proofs"))):
            return
        for number, label in enumerate(part.get("labels") or ("certificate_of_incorporation",)):
            name = f"{KYB}-{number + 1}" if number else KYB
            picture = self._picture(name, "page", part, "environment")
            title = str(label).replace("_", " ").capitalize()
            yield PageStep(name, "page", title, self._texts("kyb_task"), picture, hint=_SAMPLE)

    def _picture(self, name: str, shape: str, part: Mapping[str, Any], facing: str) -> Picture:
        offline = self._allowed(part, "allow_offline")
        online = self._allowed(part, "allow_online") or not offline  # as the vendor has it
        return Picture(name, shape, facing if online else "", offline)

    def _allowed(self, part: Mapping[str, Any], option: str) -> bool:
        value = part.get(option)
        return wants(self._verification, option) if value in (None, "") else is_on(value)

    def _fields(self, service: str, part: Mapping[str, Any]) -> Iterator[FormField]:
        if service != "phone" and not self._allowed(part, "show_ocr_form"):
            return
        for key, asks in ASKS.items():
            for name, kind, autocomplete in asks:
                if _is_missing(service, part, key, name):
                    yield FormField(f"{service}.{name}", self._texts(name), kind, autocomplete)


def steps(verification: Verification, texts: Texts) -> tuple[PageStep, ...]:
    """What the user does, screen by screen."""
    return tuple(_Guide(verification, texts).steps())


def needs(verification: Verification, shown: tuple[PageStep, ...], texts: Texts) -> list[tuple[str, str]]:
    """What the user should have at hand: icon and name, one for each service that has a step."""
    icons = {"phone": "phone", "face": "face", "document": "card", "document_two": "card"}
    return [
        (icons.get(service, "page"), texts(f"need_{service}"))
        for service in verification.services
        if any(step.id == service or step.id.startswith(f"{service}-") for step in shown)
    ]


def without_user(verification: Verification, shown: tuple[PageStep, ...], texts: Texts) -> list[str]:
    """The services of which the user sees nothing, by name."""
    hidden = [
        service
        for service in verification.services
        if not any(step.id == service or step.id.startswith(f"{service}-") for step in shown)
    ]
    names = (
        texts.get(f"service_{name}", texts.get(f"need_{name}", name.replace("_", " "))) for name in hidden
    )
    return list(dict.fromkeys(names))


def types(service: str, part: Mapping[str, Any]) -> tuple[str, ...]:
    """The documents that the request takes, the vendor's own where it does not say."""
    supported = part.get("supported_types")
    named = tuple(str(name) for name in supported) if isinstance(supported, list) else ()
    return named or TYPES[service]


def wants(verification: Verification, option: str) -> bool:
    """Whether an option that is on unless it is switched off is on."""
    value = verification.options.get(option)
    return value in (None, "") or is_on(value)


def codes_are_wrong(verification: Verification) -> bool:
    """Whether a scenario or a magic value asks for the code that is entered to be wrong."""
    codes = (verification.decline or {}).get("phone") or ()
    return verification.outcome == "declined" and not WRONG_CODE.isdisjoint(codes)


def _is_missing(service: str, part: Mapping[str, Any], key: str, name: str) -> bool:
    """Whether the user fills it in: the request asks for it and does not say it."""
    if service == "phone":
        return key == "phone_number" and not part.get(key)
    if key not in part:
        return False
    if key == "name" and sent_parts(part[key]):
        return name in part[key] and not part[key][name]
    return key == "name" or not part[key]
