"""What is read from documents, address documents and consent notes, and how they are judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.providers.shuftipro.case import ServicePart, VerificationCase, has_back
from mock_server.providers.shuftipro.names import complete
from mock_server.providers.shuftipro.people import Person
from mock_server.providers.shuftipro.services import ADDRESS_TYPES, CONSENT_TYPES, DOCUMENT_TYPES


def document(case: VerificationCase, service: str) -> ServicePart:
    values, person = case.values(service), case.person
    checks: dict[str, Any] = {
        "document": 1,
        "document_visibility": 1,
        "document_must_not_be_expired": 1,
        "document_country": 1,
        "document_proof": 1 if has_back(values) else None,
        "selected_type": 1,
    }
    checks |= {
        key: 1
        for key in ("name", "dob", "age", "issue_date", "expiry_date", "document_number", "gender")
        if key in values
    }
    if case.asked("face"):
        checks["face_on_document_matched"] = 1
    judged = case.judge(service, checks)
    readable = case.readable(judged)
    data: dict[str, Any] = {}
    if "name" in values:
        data["name"] = complete(values["name"], lambda: person.name if readable else {}) or None
    if "dob" in values:
        data["dob"] = values["dob"] or (person.dob if readable else None)
    if data.get("dob") or "age" in values:
        data["age"] = person.age
    for key, read in (("issue_date", person.issued), ("expiry_date", person.expires)):
        if key in values:
            data[key] = values[key] or (read.isoformat() if readable else None)
    for key in ("document_number", "gender"):
        if key in values:
            data[key] = values[key] or (getattr(person, key) if readable else None)
    if "name" in values and readable:
        data["nationality"] = person.country.alpha2
    data["country"] = case.country_code or (person.country.alpha2 if readable else None)
    if case.asked("face"):
        matched = judged.get("face_on_document_matched") == 1 and not case.declined.get("face")
        data["face_match_confidence"] = case.draws.random(f"match {service}").randint(
            *((95, 97) if matched else (18, 55))
        )
    return ServicePart({**data, **_types(case, service, DOCUMENT_TYPES, judged)}, judged)


def address(case: VerificationCase, service: str) -> ServicePart:
    values, person = case.values(service), case.person
    checks: dict[str, Any] = {
        key: 1
        for key in ("full_address", "name", "issue_date", "document_number", "tax_identity_number")
        if key in values
    }
    checks |= {
        "address_document": 1,
        "address_document_visibility": 1,
        "address_document_must_not_be_expired": 1,
        "address_document_country": 1,
        "selected_type": 1,
        "address_document_proof": 1 if has_back(values) else None,
    }
    if case.asked("document"):
        checks["match_address_proofs_with_document_proofs"] = 1
    judged = case.judge(service, checks)
    readable = case.readable(judged)
    data: dict[str, Any] = {}
    if "name" in values:
        data["name"] = complete(values["name"], lambda: _on_bill(person) if readable else {}) or None
    if "full_address" in values:
        data["full_address"] = values["full_address"] or (person.address if readable else None)
    data["country"] = case.country_code or (person.country.alpha2 if readable else None)
    if "issue_date" in values:
        data["issue_date"] = values["issue_date"] or (person.billed if readable else None)
    for key in ("document_number", "tax_identity_number"):
        if key in values:
            data[key] = values[key] or (person.document_number if readable else None)
    return ServicePart({**data, **_types(case, service, ADDRESS_TYPES, judged)}, judged)


def _on_bill(person: Person) -> dict[str, Any]:
    return {key: person.name[key] for key in ("first_name", "last_name")}


def consent(case: VerificationCase, service: str) -> ServicePart:
    judged = case.judge(service, {"consent": 1, "selected_type": 1})
    return ServicePart(
        {"text": case.values(service).get("text"), **_types(case, service, CONSENT_TYPES, judged)}, judged
    )


def _types(
    case: VerificationCase, service: str, known: tuple[str, ...], judged: Mapping[str, Any]
) -> dict[str, Any]:
    values = case.values(service)
    supported = values.get("supported_types") or list(known)
    if not case.readable(judged):
        return {"selected_type": [""], "supported_types": supported}
    others = [name for name in known if name not in supported] if judged.get("selected_type") == 0 else []
    chosen = values.get("selected_type")  # by the user, on the page
    shown = others[0] if others else chosen if chosen in supported else supported[0]
    return {"selected_type": [shown], "supported_types": supported}
