"""Results that read like real ones: per service what was found, and 1 (accepted), 0 (declined) or null (not
processed).

Sources: recorded answers for keys and their order. Only what was asked for is checked, and only what is
checked appears."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_server.providers.shuftipro import aml, document_checks
from mock_server.providers.shuftipro.case import Declined, ServicePart, VerificationCase, is_on
from mock_server.providers.shuftipro.company import register_entry
from mock_server.providers.shuftipro.declines import DECLINES
from mock_server.providers.shuftipro.names import complete, sent_parts
from mock_server.providers.shuftipro.people import Person
from mock_server.providers.shuftipro.settings import Settings
from mock_server.providers.shuftipro.verification import Verification


def _scalar(case: VerificationCase, service: str) -> ServicePart:
    return ServicePart(None, 0 if case.declined.get(service) else 1)


def _face(case: VerificationCase, service: str) -> ServicePart:
    data = None
    if is_on(case.values(service).get("check_duplicate_request")):
        data = {"duplicate_account_detected": int("SPDR287" in case.declined.get(service, ()))}
    return ServicePart(data, _scalar(case, service).result)


def _phone(case: VerificationCase, service: str) -> ServicePart:
    number = case.values(service).get("phone_number") or case.person.phone
    return ServicePart({"phone_number": number}, _scalar(case, service).result)


def _background_checks(case: VerificationCase, service: str) -> ServicePart:
    values, codes = case.values(service), case.declined.get(service, ())
    sent, dob = values.get("name"), values.get("dob")
    shown = case.asked("document")
    whole = not sent_parts(sent)
    if not dob and (whole or (shown and "dob" in values)):
        dob = case.person.dob
    name = complete(sent, lambda: _without_full_name(case.person) if shown or whole else {})
    data: dict[str, Any] = {"dob": dob} if dob else {}
    data["name"] = name if shown or whole else {key: part for key, part in name.items() if part is not None}
    subject = aml.Subject(_full(data["name"]), dob or "", False, case.country) if codes else None
    data["aml_data"] = _screened(case, values, codes, subject)
    return ServicePart(data, 0 if codes else 1)


def _without_full_name(person: Person) -> dict[str, Any]:
    return {key: value for key, value in person.name.items() if key != "full_name"}


def _full(name: Mapping[str, Any]) -> str:
    return str(
        name.get("full_name")
        or " ".join(
            str(part) for key in ("first_name", "middle_name", "last_name") if (part := name.get(key))
        )
    )


def _aml_for_businesses(case: VerificationCase, service: str) -> ServicePart:
    values, codes = case.values(service), case.declined.get(service, ())
    data = {key: values[key] for key in ("business_name", "business_incorporation_date") if values.get(key)}
    subject = aml.Subject(
        str(values.get("business_name")), values.get("business_incorporation_date") or "", True, case.country
    )
    data["aml_data"] = _screened(case, values, codes, subject)
    return ServicePart(data, 0 if codes else 1)


def _screened(
    case: VerificationCase, values: Mapping[str, Any], codes: Any, subject: aml.Subject | None
) -> dict[str, Any]:
    hits = aml.hits(codes, subject, case.draws, case.settings.hit_score_scale) if subject is not None else []
    return {"filters": aml.filters(values, case.settings), "hits": hits}


def _kyb(case: VerificationCase, service: str) -> ServicePart:
    values, verdict = case.values(service), _scalar(case, service).result
    labels = [str(label) for label in values.get("labels") or ()]
    if labels or values.get("proofs") or is_on(values.get("enable_extra_proofs")):
        names = labels or [
            str(proof.get("label")) for proof in values.get("proofs") or () if isinstance(proof, Mapping)
        ]
        return ServicePart(None, dict.fromkeys(names or ["certificate_of_incorporation"], verdict))
    return ServicePart(register_entry(values, case.country_code, case.draws, case.now, case.today), verdict)


def _echo(case: VerificationCase, service: str) -> ServicePart:
    """Data as sent, and one verdict; an empty name or date of birth is read from the document that was
    shown."""
    values = dict(case.values(service))
    if "name" in values:
        values["name"] = complete(values["name"], lambda: case.person.name)
    if values.get("dob") == "":
        values["dob"] = case.person.dob
    return ServicePart(values or None, _scalar(case, service).result)


BUILDERS: Mapping[str, Callable[[VerificationCase, str], ServicePart]] = {
    "face": _face,
    "document": document_checks.document,
    "document_two": document_checks.document,
    "address": document_checks.address,
    "consent": document_checks.consent,
    "phone": _phone,
    "background_checks": _background_checks,
    "aml_for_businesses": _aml_for_businesses,
    "kyb": _kyb,
    "email_verify": _echo,
    "questionnaire": _scalar,
    "ekyc": _echo,
    "eidv": _echo,
    "risk_assessment": _scalar,
}
_DOCUMENTS = frozenset({"document", "document_two"})
_DATA_KEYS: Mapping[str, str] = {"aml_for_businesses": "aml_for_business"}
"""Service → key of its data, where that differs."""


def judge(case: VerificationCase) -> dict[str, Any]:
    """``verification_data`` and ``verification_result`` of all services. Behind a declined one: null, where
    so wanted."""
    stops = _stops(case.verification, case.settings)
    data: dict[str, Any] = {}
    result: dict[str, Any] = {}
    stopped = False
    for service in case.verification.services:
        part = ServicePart(None, None) if stopped else BUILDERS[service](case, service)
        if part.data is not None:
            data[_DATA_KEYS.get(service, service)] = part.data
        result[_result_key(service, part)] = part.result
        stopped = stopped or (stops and bool(case.declined.get(service)))
    return {"verification_data": data, "verification_result": result}


def _stops(verification: Verification, settings: Settings) -> bool:
    """Whether the request is declined as soon as one service is."""
    single = verification.options.get("decline_on_single_step")
    return is_on(single) if single not in (None, "") else settings.decline_on_single_step


def reached(verification: Verification, declined: Declined, settings: Settings) -> Declined:
    """The codes of the services that are looked at: where the request stops at a declined one, those behind it
    have none."""
    if not _stops(verification, settings):
        return declined
    first = next((service for service in verification.services if declined.get(service)), None)
    return declined if first is None else {first: declined[first]}


def _result_key(service: str, part: ServicePart) -> str:
    if service != "kyb":
        return service
    return "proof_stores" if isinstance(part.result, Mapping) else "kyb_service"


def reasons(declined: Declined, settings: Settings) -> dict[str, Any]:
    """``declined_reason``, ``declined_codes`` and ``services_declined_codes``, which agree with one
    another."""
    codes = list(dict.fromkeys(code for service in declined.values() for code in service))
    if not codes:
        return {}
    said = codes[0 if settings.declined_reason == "first" else -1]
    return {
        "declined_reason": DECLINES[said].reason,
        "declined_codes": codes,
        "services_declined_codes": dict(declined),
    }


def additional(case: VerificationCase) -> dict[str, Any]:
    """``additional_data`` of the documents it was asked for: what else could be read on them."""
    services = case.verification.services
    return {
        name: _enhanced(case, name)
        for name in services
        if name in _DOCUMENTS and is_on(case.values(name).get("fetch_enhanced_data"))
    }


def _enhanced(case: VerificationCase, service: str) -> dict[str, Any]:
    values, person, random = case.values(service), case.person, case.draws.random(f"enhanced {service}")
    number = values.get("document_number") or person.document_number
    zone = f"ID{person.country.alpha3}{number}".upper().ljust(30, "<")[:30]
    proof = {
        "first_name": person.name["first_name"],
        "last_name": person.name["last_name"],
        "dob": person.dob,
        "gender": person.gender,
        "document_number": number,
        "issue_date": values.get("issue_date") or person.issued.isoformat(),
        "expiry_date": values.get("expiry_date") or person.expires.isoformat(),
        "nationality": person.country.name.upper(),
        "country_code": person.country.alpha3,
        "document_type": "ID",
        "place_of_birth": person.birthplace,
        "authority": f"{person.country.capital.upper()} MOCK OFFICE",
        "personal_number": f"{random.randrange(10**9):09d}",
        "mrz": zone,
        "face": "120,240,330,510",
        "signature": "700,480,860,560",
    }
    return {"proof": proof, "additional_proof": {"mrz": zone}}
