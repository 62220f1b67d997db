"""The decline codes: what they say, which service they belong to, and which check of its result they turn to
0.

Source: the vendor's decline reasons as far as they are public (169 codes; the list has gaps). The texts are
ours but for those of SPDR06, SPDR24 and SPDR34, which were seen as ``declined_reason``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.providers.problems import RequestProblem


class Decline(NamedTuple):
    """One decline code."""

    code: str
    services: tuple[str, ...]
    """Services it may be about, the most likely first; ``request`` alone: it cancels the request as a
    whole."""
    check: str
    """Key within the service's result; empty: the service as a whole."""
    reason: str


_TABLE = """\
SPDR01 face                        -                              Face could not be verified
SPDR02 document                    face_on_document_matched       No picture of a face was found on the document
SPDR03 document,address,face       document                       The image was changed with a picture editor
SPDR04 document,address            document                       A copy of the image was found on the web
SPDR05 document_two,document       name                           The two documents show different names
SPDR06 document                    document                       Document originality could not be verified
SPDR07 document                    name                           The name on the document does not match
SPDR08 document                    dob                            The date of birth on the document does not match
SPDR09 document                    issue_date                     The date on the document does not match
SPDR10 document                    issue_date                     The issue date on the document does not match
SPDR11 document                    document_number                The document number does not match
SPDR12 document                    document_country               The issuing country is not supported or could not be verified
SPDR13 document                    selected_type                  The document is not one of the types that were asked for
SPDR14 document,face               age                            The age could not be verified
SPDR15 document,face               face_on_document_matched       The face on the document differs from the camera image
SPDR16 document                    expiry_date                    The expiry date on the document does not match
SPDR17 document                    document_must_not_be_expired   The document has expired
SPDR18 document                    document_visibility            The document is blurred or cannot be seen
SPDR19 face                        -                              No face was detected in the image
SPDR21 document                    document_proof                 Proof and additional proof are of different documents
SPDR22 address                     name                           The name on the address document does not match
SPDR23 address                     full_address                   The address does not match
SPDR24 address,document            selected_type                  Document type is different from the provided options
SPDR25 address                     address_document_country       The country of the address document could not be verified
SPDR26 address                     match_address_proofs_with_document_proofs   The addresses on the ID and on the address document differ
SPDR27 address                     address_document_must_not_be_expired        The address document has expired
SPDR28 address                     address_document_visibility    The address document is blurred or cannot be seen
SPDR30 address                     issue_date                     The issue date of the address document does not match
SPDR31 address                     match_address_proofs_with_document_proofs   Address document and ID belong to different persons
SPDR32 consent                     consent                        The consent note does not say what it should
SPDR33 consent                     selected_type                  The consent note is not of a type that was asked for
SPDR34 background_checks,aml_for_businesses   -                   AML screening failed
SPDR35 phone                       -                              The phone number could not be verified
SPDR36 document_two,document       document                       The two documents do not belong to the same person
SPDR37 face                        -                              The liveness check failed
SPDR38 face                        -                              The face differs from the one given at sign-up
SPDR39 document                    document                       The document differs from the one given at sign-up
SPDR40 questionnaire               -                              A question was answered wrongly
SPDR42 document                    document_proof                 Front and back of the document do not match
SPDR43 face,document               document                       The camera could not be used
SPDR44 document                    gender                         The gender could not be verified
SPDR45 document                    place_of_issue                 The place of issue could not be verified
SPDR46 address                     address_document               One ID cannot prove both identity and address
SPDR47 document                    document                       The document is a screenshot
SPDR48 document                    document                       The document has been altered
SPDR49 document                    document                       The document is printed on paper
SPDR50 document                    document                       The document is punched or broken
SPDR51 document                    document                       The document was photographed from a screen
SPDR53 document                    document_visibility            The document is not shown in full
SPDR54 document                    document_visibility            The document is blurred
SPDR55 document                    document_visibility            Information on the document cannot be read
SPDR56 document                    document                       Information on the document has been edited
SPDR57 document                    document_visibility            Information on the document is hidden
SPDR58 face                        -                              Glasses cover the face
SPDR59 face                        -                              The face was shown on another screen
SPDR60 face                        -                              The picture of the face comes from the internet
SPDR61 face                        -                              There is more than one face in the picture
SPDR62 face                        -                              The picture of the face is a screenshot
SPDR65 address,document            match_address_proofs_with_document_proofs   The address document and the ID do not match
SPDR66 document_two,document       document                       Both documents must be of the same person
SPDR67 document                    document_country               The document must be from the country that was given
SPDR68 document                    issue_date                     The issue date differs from the one that was given
SPDR73 document                    dob                            The date of birth differs from the one that was given
SPDR75 document                    name                           The name differs from the one that was given
SPDR80 address                     full_address                   The address differs from the one that was given
SPDR84 phone                       -                              A wrong verification code was entered several times
SPDR85 phone                       -                              The phone number could not be reached
SPDR87 document                    face_on_document_matched       The face on the e-document differs from the selfie
SPDR89 document,face               document                       The image has been edited or cropped
SPDR90 document,face               document                       The image was found on the internet
SPDR96 face                        -                              There was too little light on the face
SPDR97 face                        -                              The picture of the face is blurred
SPDR98 face                        -                              The picture of the face is cropped or edited
SPDR99 document                    face_on_document_matched       The document shows no face
SPDR101 document                   face_on_document_matched       The face on the document is hidden
SPDR106 consent                    selected_type                  The consent note must be written by hand
SPDR108 consent                    consent                        No face is shown with the consent note
SPDR109 consent                    consent                        The picture of the consent note was found on the internet
SPDR110 consent                    selected_type                  The consent note must be printed
SPDR129 aml_for_businesses         -                              The business is on a warning list
SPDR131 document,face              document                       The picture was taken with another device
SPDR134 document,face              document                       The picture comes from the internet
SPDR144 face                       -                              A hat or a mask covers the face
SPDR160 background_checks          -                              The person is on a sanction list
SPDR161 background_checks          -                              The person is on a warning list
SPDR162 background_checks          -                              The person is on a fitness and probity list
SPDR163 background_checks          -                              The person is on a list of politically exposed persons
SPDR164 background_checks          -                              The person appears in adverse media
SPDR166 face,document              face_on_document_matched       The face differs from the one on the document
SPDR168 face                       -                              The face was not detected
SPDR169 document                   issue_date                     The issue date differs from the record
SPDR173 address                    name                           The name on the address document differs from the record
SPDR182 aml_for_businesses         -                              The business is on a sanction list
SPDR183 aml_for_businesses         -                              The business appears on lists of warnings
SPDR184 aml_for_businesses         -                              The business is on a fitness and probity list
SPDR185 aml_for_businesses         -                              The business is linked to politically exposed persons
SPDR186 aml_for_businesses         -                              The business appears in adverse media
SPDR194 document                   document                       The document was edited
SPDR210 document                   document                       Two cards are shown
SPDR218 face                       -                              A filter was used on the face
SPDR219 face                       -                              The picture of the face is out of focus
SPDR225 face,document              document                       The picture was uploaded instead of taken live
SPDR230 face,document              face_on_document_matched       The face differs from the photo on the document
SPDR231 document                   face_on_document_matched       The face on the document cannot be seen
SPDR233 document                   document                       The document lies on a solid, artificial background
SPDR235 document                   document                       The face on the document was edited
SPDR236 document                   document                       The font on the document was edited
SPDR237 document                   document                       The background of the document was edited
SPDR238 document                   document                       The text on the document was edited
SPDR239 document                   document                       The machine-readable zone was edited
SPDR240 document                   document                       Filters were applied to the document
SPDR241 request                    -                              The user cancelled the verification
SPDR242 request                    -                              The verification was cancelled because of a newer request
SPDR243 request                    -                              The verification was cancelled because of connection problems
SPDR244 eidv                       -                              The version of BankID is not supported
SPDR245 eidv                       -                              The BankID app was not found, or its QR code not scanned
SPDR246 eidv                       -                              BankID did not answer in time
SPDR247 eidv                       -                              The service is not available
SPDR249 document                   document_proof                 The front or the back side was not provided
SPDR251 document                   document                       The front side was not provided
SPDR252 document                   document_proof                 Both proofs show the same side
SPDR253 consent                    consent                        The consent note is upside down
SPDR254 consent                    consent                        The consent note cannot be read
SPDR255 consent                    consent                        The data on the consent note does not match
SPDR256 consent                    consent                        The face is not shown next to the consent note
SPDR257 consent                    consent                        The consent note is a screenshot
SPDR258 consent                    consent                        The consent note has been altered
SPDR259 face                       -                              The picture of the face has been edited
SPDR260 consent                    consent                        The consent note was photographed from a screen
SPDR261 document                   document                       The machine-readable zone does not match the document
SPDR262 document                   document_visibility            Data on the document is covered
SPDR263 document,face              document_visibility            The picture is pixelated
SPDR264 document                   face_on_document_matched       The document shows no face
SPDR265 eidv                       -                              The CPF number is not valid
SPDR266 eidv                       -                              The user is not in the database
SPDR268 document,face              document                       The picture is corrupted
SPDR269 address                    full_address                   The address differs from the record
SPDR274 document                   document_proof                 The proofs are not complete
SPDR276 request                    -                              The user would not share camera or documents
SPDR277 face                       -                              The eyes are closed
SPDR278 face                       -                              The face has been altered
SPDR279 face                       -                              The face is blurred
SPDR280 face                       -                              The eyes are covered
SPDR281 face                       -                              Several faces are in the picture
SPDR282 document                   document                       A test document was used
SPDR283 face                       -                              A face could not be detected
SPDR286 document                   document                       Creation and modification date of the file do not agree
SPDR287 face                       -                              There is another account with this face
SPDR288 consent                    consent                        The face next to the consent note differs from the selfie
SPDR289 consent                    consent                        The face next to the consent note differs from the document
SPDR290 consent                    consent                        The face next to the consent note is not shown in full
SPDR291 face                       -                              The face is not clear as a whole
SPDR297 email_verify               -                              The domain of the email address could not be verified
SPDR298 phone                      -                              The phone number was not validated
SPDR299 document,face              age                            The user is a minor
SPDR300 kyb                        -                              The documents of the company could not be verified
SPDR301 kyb                        -                              The identity of a beneficial owner could not be verified
SPDR303 risk_assessment            -                              The user falls into a high-risk category
SPDR304 phone,email_verify         -                              A wrong one-time code was entered
SPDR305 eidv                       -                              The details do not match the ID
SPDR313 background_checks          -                              The person is of special interest
SPDR314 background_checks          -                              The person is linked to an entity of special interest
SPDR315 background_checks          -                              The person is insolvent
SPDR316 aml_for_businesses         -                              The business is linked to persons of special interest
SPDR317 aml_for_businesses         -                              The business is an entity of special interest
SPDR318 aml_for_businesses         -                              The business is insolvent
SPDR343 face                       -                              No record exists for the unique id
SPDR344 face                       -                              The customer id is enrolled already
SPDR000 face                       -                              The face is a deepfake
"""


def _row(line: str) -> Decline:
    code, services, check, reason = line.split(None, 3)
    return Decline(code, tuple(services.split(",")), "" if check == "-" else check, reason)


DECLINES: Mapping[str, Decline] = {row.code: row for row in map(_row, _TABLE.splitlines())}

PREFERRED: Mapping[str, tuple[str, ...]] = {
    "face": ("SPDR01",),
    "document": ("SPDR18", "SPDR06"),
    "document_two": ("SPDR36",),
    "address": ("SPDR23",),
    "consent": ("SPDR32",),
    "phone": ("SPDR35",),
    "background_checks": ("SPDR34",),
    "aml_for_businesses": ("SPDR34",),
    "kyb": ("SPDR300",),
    "email_verify": ("SPDR297",),
    "questionnaire": ("SPDR40",),
    "ekyc": ("SPDR266",),
    "eidv": ("SPDR266",),
    "risk_assessment": ("SPDR303",),
}
"""What a service is declined with where nothing else is said. For the document: as the vendor's sandbox does
with its fake ID."""

_ALIKE: Mapping[str, str] = {"document_two": "document", "ekyc": "eidv"}
"""Service → another one whose codes it shares."""
WHOLE_REQUEST = "request"
"""What a code is about that cancels a request as a whole."""
_MISFIT = "decline-codes"
_FIRST_DECLINED = ("document", "background_checks", "aml_for_businesses")
"""Services that are declined first where only the outcome is given."""


def fits(code: str, service: str) -> bool:
    """Whether the vendor declines the service with the code."""
    return not {service, _ALIKE.get(service, service), WHOLE_REQUEST}.isdisjoint(DECLINES[code].services)


def assign(decline: Any, services: Iterable[str]) -> dict[str, list[str]]:
    """Service → codes, for a request of these services.

    ``wanted``: None (the usual codes of one service), a code, a list of codes, or service → codes. A code
    goes to the service it is about. What fits none of the services is left out (see `unfitting`); where
    nothing is left, the usual codes are taken. Raises ``ValueError`` with a remedy for an unknown code."""
    requested = list(services)
    assigned: dict[str, list[str]] = {}
    if isinstance(decline, Mapping):
        assigned = {
            str(service): _known(codes)
            for service, codes in decline.items()
            if codes and service in requested
        }
    else:
        for code in _known(decline or ()):
            service = home(code, requested)
            if service is not None:
                assigned.setdefault(service, []).append(code)
    return assigned or _usual(requested)


def _usual(requested: Sequence[str]) -> dict[str, list[str]]:
    service = next(
        (name for name in _FIRST_DECLINED if name in requested), requested[0] if requested else "face"
    )
    return {service: list(PREFERRED.get(service, ("SPDR01",)))}


def home(code: str, requested: Sequence[str]) -> str | None:
    """The service that the code goes to: the most likely one that the request has; None: it has none that the
    code fits."""
    likely = next((service for service in DECLINES[code].services if service in requested), None)
    return likely or next((service for service in requested if fits(code, service)), None)


def unfitting(decline: Any, services: Iterable[str]) -> RequestProblem | None:
    """What `assign` leaves out of ``wanted``; None: nothing. Raises ``ValueError`` with a remedy for an
    unknown code."""
    requested = list(services)
    have = f"the services of the request are {', '.join(requested)}"
    if isinstance(decline, Mapping):
        others = [str(service) for service, codes in decline.items() if codes and service not in requested]
        explanation = f"nothing of {', '.join(others)} can be declined: {have}"
        return RequestProblem(_MISFIT, explanation, f"decline {' or '.join(requested)}") if others else None
    codes = [code for code in _known(decline or ()) if home(code, requested) is None]
    if not codes:
        return None
    about = "; ".join(f"{code} is about {' or '.join(DECLINES[code].services)}" for code in codes)
    usual = [code for service in requested for code in PREFERRED.get(service, ())]
    return RequestProblem(
        _MISFIT,
        f"{about}: {have}",
        f"ask for that service, or decline with a code of its own such as {', '.join(usual)}",
    )


def _known(codes: Any) -> list[str]:
    listed = codes if isinstance(codes, (list, tuple)) else [codes]
    for code in listed:
        if not isinstance(code, str) or code not in DECLINES:
            raise ValueError(
                f"{code!r} is not a decline code; GET /decline/reasons/ lists them, such as SPDR01, SPDR18 or SPDR34"
            )
    return [str(code) for code in listed]
