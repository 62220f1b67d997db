"""The parameters of a verification request as data: common ones, and those of each service, in the order in
which they are checked.

Sources: the vendor's pages on general parameters and on each service, and its SDKs; limits as there. What a
kind means stands in `rules.CHECKS`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class ServiceField(NamedTuple):
    """One parameter."""

    key: str
    kind: str
    """A key of `rules.CHECKS`."""
    low: int = 0
    """Fewest characters, or the smallest number."""
    high: int = 0
    """Most characters, or the largest number; 0: no limit."""
    values: tuple[str, ...] = ()
    """Allowed values, of the text or of each item of the list."""
    required: bool = False
    fields: tuple[ServiceField, ...] = ()
    """What an object holds."""
    pattern: str = ""
    """Documented characters, checked where the setting ``check_charsets`` says so."""


class ServiceKey(NamedTuple):
    """One service key of a request."""

    name: str
    fields: tuple[ServiceField, ...]
    proof: bool = False
    """It is proven by files: without one, the user has to come."""
    user: bool = False
    """The user always has to come."""
    needs: tuple[tuple[str, ...], ...] = ()
    """Alternatives, one of which must be complete unless the user comes; the first is named in the
    refusal."""


MODES = ("any", "image_only", "video_only")
DOCUMENT_TYPES = ("passport", "id_card", "driving_license", "credit_or_debit_card")
ADDRESS_TYPES = (
    "id_card", "passport", "driving_license", "utility_bill", "bank_statement", "rent_agreement", "employer_letter", "insurance_agreement",
    "tax_bill", "envelope", "cpr_smart_card_reader_copy", "property_tax", "lease_agreement", "insurance_card", "permanent_residence_permit",
    "credit_card_statement", "insurance_policy", "e_commerce_receipt", "bank_letter_receipt", "birth_certificate", "salary_slip", "any",
)  # fmt: skip
CONSENT_TYPES = ("handwritten", "printed")
FILTERS = (
    "sanction", "warning", "fitness-probity", "pep-class-1", "pep-class-4", "pep-class-3", "pep-class-2", "pep",
)  # fmt: skip
"""What AML is screened for where the request names no filters; in the order of the specification's sample."""
FILTERS_OF_PAGE = (
    "sanction", "warning", "fitness-probity", "pep", "pep-class-1", "pep-class-2", "pep-class-3", "pep-class-4",
)  # fmt: skip
"""The same in the order of the service's page."""
MORE_FILTERS = ("adverse-media", "adverse-media-general")
"""Others, and anything that begins with ``adverse-media-``: the full list is not public."""
INSTRUCTIONS = (
    "allow_paper_based", "allow_photocopy", "allow_colorcopy", "allow_black_and_white", "allow_laminated", "allow_screenshot",
    "allow_cropped", "allow_scanned", "allow_e_document", "allow_handwritten_document",
)  # fmt: skip

_NAME = r"(?:[^\W\d_]|[-, .'’\u0300-\u036f])*"
_NUMBER = r"[\w.\-, ]*"
_ADDRESS = r"[\w.\-#, ]*"


def _flags(*keys: str) -> tuple[ServiceField, ...]:
    return tuple(ServiceField(key, "flag") for key in keys)


NAME_PARTS = tuple(
    ServiceField(key, "text", 1, 32, pattern=_NAME) for key in ("first_name", "middle_name", "last_name")
)
_NAME_FIELDS = (
    *NAME_PARTS,
    ServiceField("full_name", "text", 1, 250, pattern=_NAME),
    ServiceField("fuzzy_match", "flag"),
)
_CAPTURE = (
    *_flags("allow_offline", "allow_online", "show_ocr_form"),
    ServiceField("verification_mode", "choice", values=MODES),
)
_OBJECT_OF_FLAGS = ServiceField("verification_instructions", "object", fields=_flags(*INSTRUCTIONS))
_SCREENING = (
    *_flags("ongoing", "alias_search", "rca_search"),
    ServiceField("filters", "filters", values=FILTERS + MORE_FILTERS),
    ServiceField("match_score", "number", 0, 100),
    ServiceField("countries", "countries"),
)

_MANUAL_KYB = (ServiceField("enable_extra_proofs", "flag"), ServiceField("labels", "list"))
"""Documents of a company that a reviewer judges; within ``kyb``, or at the top of a request."""
COMMON = (
    ServiceField("reference", "text", 6, 250, required=True),
    ServiceField("country", "country", 2, 2),
    ServiceField("language", "text", 2, 2),
    ServiceField("email", "email", 6, 128),
    ServiceField("callback_url", "url", 6, 250),
    ServiceField("redirect_url", "url", 6, 250),
    ServiceField("verification_mode", "choice", values=MODES),
    *_flags(
        "allow_offline", "allow_online", "show_consent", "show_privacy_policy", "show_results", "show_feedback_form",
        "decline_on_single_step", "manual_review", "allow_na_ocr_inputs", "show_ocr_form", "allow_retry", "enhanced_originality_checks",
    ),
    ServiceField("ttl", "minutes", 1),
    ServiceField("journey_id", "text"),
    ServiceField("customer_unique_id", "text"),
    *_MANUAL_KYB,
    ServiceField("is_crypto_request", "any"),
    ServiceField("legacy_version", "any"),
    ServiceField("initiated_source", "any"),
    ServiceField("initiated_source_version", "any"),
    ServiceField("allowed_countries", "list"),
    ServiceField("denied_countries", "list"),
)  # fmt: skip

_DOCUMENT = (
    ServiceField("proof", "image"),
    ServiceField("additional_proof", "image"),
    ServiceField("supported_types", "list", values=DOCUMENT_TYPES),
    ServiceField("name", "name", fields=_NAME_FIELDS),
    ServiceField("dob", "past"),
    ServiceField("age", "age", 1, 170),
    ServiceField("issue_date", "date"),
    ServiceField("expiry_date", "date"),
    ServiceField("document_number", "text", 2, 100, pattern=_NUMBER),
    ServiceField("gender", "gender", values=("M", "F", "O")),
    *_flags("fetch_enhanced_data", "backside_proof_required", "nfc_verification", "allow_ekyc"),
    *_CAPTURE,
    _OBJECT_OF_FLAGS,
)

_TABLE = (
    ServiceKey(
        "face",
        (
            ServiceField("proof", "face"),
            *_CAPTURE,
            ServiceField("check_duplicate_request", "flag"),
            ServiceField("age", "age", 1, 170),
            ServiceField("face_authentication", "choice", values=("enroll", "authenticate")),
        ),
        proof=True,
    ),
    ServiceKey("document", _DOCUMENT, proof=True),
    ServiceKey("document_two", _DOCUMENT, proof=True),
    ServiceKey(
        "address",
        (
            ServiceField("proof", "image"),
            ServiceField("additional_proof", "image"),
            ServiceField("supported_types", "list", values=ADDRESS_TYPES),
            ServiceField("full_address", "text", 6, 250, pattern=_ADDRESS),
            ServiceField("address_fuzzy_match", "flag"),
            ServiceField("name", "name", fields=_NAME_FIELDS),
            ServiceField("issue_date", "date"),
            ServiceField("document_number", "text", 2, 100, pattern=_NUMBER),
            ServiceField("tax_identity_number", "text", 2, 100, pattern=_NUMBER),
            ServiceField("backside_proof_required", "flag"),
            ServiceField("enhanced_address_verification", "any"),
            *_CAPTURE,
            _OBJECT_OF_FLAGS,
        ),
        proof=True,
    ),
    ServiceKey(
        "consent",
        (
            ServiceField("proof", "image"),
            ServiceField("supported_types", "list", values=CONSENT_TYPES),
            ServiceField("text", "text", 2, 100, required=True),
            ServiceField("with_face", "flag"),
            *_CAPTURE,
        ),
        proof=True,
    ),
    ServiceKey(
        "phone",
        (
            ServiceField("phone_number", "phone", 6, 64),
            ServiceField("random_code", "text", 2, 10),
            ServiceField("text", "text", 2, 100),
            ServiceField("supported_channel", "list"),
            ServiceField("validate_phone", "flag"),
        ),
        user=True,
    ),
    ServiceKey(
        "background_checks",
        (
            ServiceField("name", "name", fields=_NAME_FIELDS),
            ServiceField("dob", "past"),
            *_SCREENING,
            ServiceField("country", "any"),
        ),
        needs=(("name.first_name",), ("name.full_name",)),
    ),
    ServiceKey(
        "aml_for_businesses",
        (
            ServiceField("business_name", "text", 1, 255),
            ServiceField("business_incorporation_date", "date"),
            *_SCREENING,
        ),
        needs=(("business_name",),),
    ),
    ServiceKey(
        "kyb",
        (
            ServiceField("company_name", "text", 1, 255),
            ServiceField("company_registration_number", "text", 1, 255),
            ServiceField("company_jurisdiction_code", "text", 2, 10),
            ServiceField("advanced_search", "flag"),
            ServiceField("country_names", "list"),
            ServiceField("search_type", "choice", values=("contains", "start_with", "fuzzy")),
            ServiceField("search_by", "text"),
            ServiceField("proofs", "proofs"),
            *_MANUAL_KYB,
        ),
        needs=(
            ("company_name",),
            ("company_registration_number", "company_jurisdiction_code"),
            ("enable_extra_proofs",),
            ("labels",),
            ("proofs",),
        ),
    ),
    ServiceKey(
        "email_verify",
        (ServiceField("email", "email", 6, 128), ServiceField("validate_email", "flag")),
        needs=(("email",),),
    ),
    ServiceKey(
        "questionnaire", (ServiceField("questionnaire_type", "any"), ServiceField("uuid", "any")), user=True
    ),
    *(
        ServiceKey(
            name,
            (
                ServiceField("national_id", "text", 2, 100),
                ServiceField("type", "text"),
                *_flags("face_match", "fuzzy_match", "is_sandbox", "previous_record"),
                ServiceField("name", "name", fields=_NAME_FIELDS),
                ServiceField("dob", "past"),
                ServiceField("eidv_verification_type", "any"),
                ServiceField("verification_method", "any"),
            ),
        )
        for name in ("ekyc", "eidv")
    ),
    ServiceKey("risk_assessment", (ServiceField("questionnaire_type", "any"),), user=True),
)

KYB = "kyb"
SERVICES: Mapping[str, ServiceKey] = {service.name: service for service in _TABLE}
"""By the key that switches the service on; in the order in which results name them."""


_PLACES = {name: place for place, name in enumerate(SERVICES)}


def asked(values: Mapping[str, Any]) -> list[str]:
    """The services that a request has, in the order in which results name them."""
    names = [key for key in values if key in _PLACES]
    if KYB not in names and _manual_kyb(values):
        names.append(KYB)
    if len(names) > 1:
        names.sort(key=_PLACES.__getitem__)
    return names


def parameters(values: Mapping[str, Any], service: str) -> Any:
    """The request's parameters for the service; for `KYB` also those at the top of the request."""
    value = values.get(service)
    if service == KYB and (manual := _manual_kyb(values)):
        return {**manual, **value} if isinstance(value, dict) else value or manual
    return value


def _manual_kyb(values: Mapping[str, Any]) -> dict[str, Any]:
    """The company's documents that are asked for at the top of the request; empty: none."""
    sent = {field.key: values[field.key] for field in _MANUAL_KYB if values.get(field.key)}
    return sent if sent.get("enable_extra_proofs") not in (None, "0") or sent.get("labels") else {}


def fields() -> Iterator[tuple[str, ServiceField]]:
    """Each parameter with its dotted path below ``body.``."""
    yield from _fields("", COMMON)
    for service in SERVICES.values():
        yield from _fields(f"{service.name}.", service.fields)


def _fields(prefix: str, members: tuple[ServiceField, ...]) -> Iterator[tuple[str, ServiceField]]:
    for member in members:
        yield prefix + member.key, member
        yield from _fields(f"{prefix}{member.key}.", member.fields)


def paths() -> Iterator[str]:
    """Dotted paths that a request can have below ``body.``, as the linter knows them."""
    yield from SERVICES
    for path, member in fields():
        yield path
        if member.kind in ("list", "filters", "countries", "any", "age", "proofs"):
            yield f"{path}.*"
