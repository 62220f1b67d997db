"""How faithful each reading of the vendor's API is. Every assumption is one setting or one entry of a table,
and one row here.

Grades: D documented by the vendor, S seen in recorded traffic or in clients' code, A assumed. Long because it is one table.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class FidelityRow(NamedTuple):
    """One topic."""

    topic: str
    reading: str
    grade: str
    source: str
    setting: str = ""
    """Name of the setting that changes it; empty: it is fixed."""
    default: Any = None
    probe: str = ""
    """Probes of `calibrate` that would decide it, as ``id, id-*; remark``, or ``none: reason``."""


_SPEC = "page «Responses»"
_CLIENTS = "recorded traffic and clients"
_HELP = "help centre"
_PERSON = "none: a verification would have to be created; see --persona"
_BROWSER = "none: it happens in the customer's browser"
_CALLS = "none: the vendor calls you, about a verification that would have to be created"
_OURS = "none: ours"
_NONE = "nothing public"

ROWS = (
    # -- signatures and bytes
    FidelityRow(
        "Signature",
        "SHA-256 of body + secret key (legacy), or of body + SHA-256 of the secret key (hashed), by account",
        "D",
        _SPEC,
        probe="unknown-reference",
    ),
    FidelityRow(
        "Header names",
        "Signature and sp_signature, with the same value",
        "S",
        "live sandbox, page «Travel Rule»",
        probe="unknown-reference",
    ),
    FidelityRow(
        "Exposed headers",
        "Access-Control-Expose-Headers names both",
        "S",
        "live sandbox",
        "expose_headers",
        True,
        probe="unknown-reference",
    ),
    FidelityRow(
        "Bytes of a body",
        "PHP's json_encode: \\/, \\uXXXX, [] for an empty map",
        "S",
        _CLIENTS,
        "body_style",
        "php",
        probe="bytes-of-a-body",
    ),
    FidelityRow(
        "Which answers are signed",
        "each answer to a known client id or access token, also 404, 413 and 429; an unknown client has no secret",
        "D",
        _SPEC,
        probe="unknown-path, unknown-client, wrong-secret; 413 and 429 are not caused on purpose",
    ),
    FidelityRow(
        "401 signed?",
        "yes, where the client is known (wrong secret key, used or expired token): every response has a Signature; "
        "clients leave open whether a 401 has",
        "D",
        _SPEC,
        "sign_unauthorized",
        True,
        probe="wrong-secret, access-token-wrong-secret, token-after-refusal, token-after-success",
    ),
    FidelityRow(
        "Files signed?",
        "no: they are not JSON, and come from another host",
        "A",
        _NONE,
        probe="none: there would have to be a file",
    ),
    # -- HTTP
    FidelityRow("Declined", "HTTP 200", "S", _CLIENTS, probe="none: a verification would have to be created"),
    FidelityRow(
        "Unknown path",
        "404, signed, if credentials, host, mount or the nearest path identify this vendor; otherwise a problem document",
        "D",
        _SPEC,
        probe="unknown-path",
    ),
    FidelityRow(
        "Another method on a known path",
        "404, since the specification's table has no 405",
        "A",
        _SPEC,
        probe="wrong-method",
    ),
    FidelityRow(
        "Bodies of 402, 403, 404, 409, 413, 500",
        "as request.invalid, with the table's text",
        "A",
        _NONE,
        probe="unknown-path; the others cannot be caused harmlessly",
    ),
    FidelityRow(
        "504, 524",
        "JSON and signed, since every response is JSON; what stands in front of the vendor may send an unsigned HTML page",
        "D",
        _SPEC,
        "proxy_errors",
        "json",
        probe="none: a failure of the service cannot be caused harmlessly",
    ),
    FidelityRow(
        "Slash at the end, older bases /api/…",
        "accepted",
        "S",
        "RESTful API v1.3, official samples",
        probe="slash-at-the-end, older-base",
    ),
    FidelityRow(
        "Form bodies", "accepted, with brackets", "S", "older docs, WordPress plugin", probe="form-body"
    ),
    FidelityRow(
        "multipart/form-data",
        "read as PHP reads it: bracketed names nest, a file part is not a text",
        "A",
        "Laravel reads it",
        probe="multipart-body",
    ),
    FidelityRow(
        "Content-Type",
        "a body that looks like JSON is read as JSON whatever it says",
        "A",
        _NONE,
        "parse_by_content_type",
        False,
        probe="json-as-text, json-as-form, no-content-type",
    ),
    FidelityRow(
        "Unreadable body",
        "counts as empty, so the reference is missed",
        "A",
        "Laravel",
        probe="status-not-json, status-list, status-empty",
    ),
    # -- refusals
    FidelityRow(
        "Missing parameter",
        "HTTP 400; the table also has 402",
        "A",
        f"{_SPEC}, {_HELP}",
        "missing_status",
        400,
        probe="status-no-reference, delete-no-reference, create-empty, create-no-service",
    ),
    FidelityRow(
        "Duplicate reference",
        "HTTP 400; the table also has 409",
        "A",
        f"{_SPEC}, {_CLIENTS}",
        "duplicate_status",
        400,
        probe="none: a verification would have to be created",
    ),
    FidelityRow(
        "Reference of a deleted verification",
        "stays taken",
        "A",
        _NONE,
        probe="none: a verification would have to be created",
    ),
    FidelityRow(
        "Unknown reference",
        "HTTP 400, request.invalid; the table also has 404",
        "A",
        _SPEC,
        "unknown_status",
        400,
        probe="unknown-reference, delete-unknown",
    ),
    FidelityRow(
        "Service not allowed",
        "HTTP 403, request.invalid",
        "A",
        _SPEC,
        "service_status",
        403,
        probe="none: a service that is allowed would be run and billed",
    ),
    FidelityRow(
        "Texts of refusals",
        "two are seen and equal Laravel's stock lines, so the others are Laravel's too",
        "A",
        _CLIENTS,
        probe="status-*, create-*",
    ),
    FidelityRow(
        "Order of checks",
        "reference, other common parameters, services in the order of the docs; one error",
        "A",
        _NONE,
        probe="order-country-email, order-reference-country",
    ),
    FidelityRow("No service in a request", "request.invalid", "A", _NONE, probe="create-no-service"),
    FidelityRow(
        "reference of a refusal",
        "as it was sent, also one that is itself refused, if it is a text; empty in request.unauthorized",
        "D",
        _SPEC,
        probe="status-short-reference, unknown-path",
    ),
    FidelityRow("Characters of a reference", "any", "S", _CLIENTS, probe="create-characters"),
    FidelityRow(
        "Characters of names, addresses, numbers",
        "as documented",
        "D",
        "service pages",
        "check_charsets",
        True,
        probe="none: a service that does not check them would run and bill the screening",
    ),
    FidelityRow(
        "Files",
        "base64 of a documented size and of a documented type: its first bytes are those of a JPEG, PNG or PDF, for a face also of an "
        "MP4 or MOV; a data URI must name such a type, not necessarily the same",
        "D",
        "service pages",
        "check_proofs",
        True,
        probe="none: a service that does not check them would create a verification",
    ),
    FidelityRow(
        "Flags",
        '"0" and "1", also as numbers and booleans',
        "S",
        _CLIENTS,
        "flags_strict",
        False,
        probe="create-flag-*",
    ),
    FidelityRow(
        "Empty and null parts of a name",
        'are read from the document, as "name": "" is',
        "S",
        _CLIENTS,
        probe="none: it needs a person",
    ),
    FidelityRow("Unknown keys", "ignored", "S", _CLIENTS, probe="create-unknown-key"),
    FidelityRow(
        "Domains of callback_url and redirect_url",
        "refused where the account registers others; the text is ours",
        "D",
        "general parameters",
        probe="none: it depends on what your account registers",
    ),
    # -- tokens and limits
    FidelityRow(
        "Access token",
        "works once; ten minutes, elsewhere one hour",
        "D",
        "Authorization pages",
        "token_ttl",
        600.0,
        probe="token-once, token-after-success; how long it lives would take as long",
    ),
    FidelityRow(
        "Token of a refused request",
        "is used up",
        "A",
        _NONE,
        "refusal_burns_token",
        True,
        probe="token-after-refusal",
    ),
    FidelityRow(
        "Rate limit",
        "120 a minute in production, 20 on trial; off here",
        "D",
        "rate limiting page",
        "rate_limit",
        0,
        probe="unknown-reference; as far as the header X-RateLimit-Limit tells",
    ),
    FidelityRow(
        "Rate limit counts",
        "by address",
        "D",
        "rate limiting page",
        "rate_limit_by",
        "ip",
        probe="none: a second address would be needed",
    ),
    FidelityRow(
        "Body of 429",
        "Laravel's, with its headers",
        "A",
        "Laravel",
        "rate_limit_body",
        "laravel",
        probe="none: the limit would have to be passed on purpose",
    ),
    FidelityRow(
        "Price of a verification",
        "invented",
        "A",
        _NONE,
        "price",
        0.5,
        probe="none: a verification would have to be billed",
    ),
    FidelityRow(
        "Spent balance",
        "goes on working; the table's 402 is possible",
        "A",
        _NONE,
        "no_balance",
        "ignore",
        probe="none: the balance would have to be spent",
    ),
    # -- events
    FidelityRow(
        "request.pending",
        "without error; the help centre has it, empty",
        "S",
        _CLIENTS,
        "pending_has_error_key",
        False,
        probe=_PERSON,
    ),
    FidelityRow(
        "verification.cancelled, request.timeout",
        'with "error":""',
        "D",
        _HELP,
        "closing_has_error_key",
        True,
        probe=_PERSON,
    ),
    FidelityRow(
        "token in answers and callbacks",
        "the unique request token behind event, where there is a verification; the specification lists the parameter, "
        "its own sample and the recorded bodies lack it. Refusals and the notices request.deleted, verification.status.changed "
        "and request.data.changed have none",
        "D",
        _SPEC,
        "has_token",
        True,
        probe=_PERSON,
    ),
    FidelityRow(
        "declined_reason in the answer to a request",
        "omitted: the specification returns it in the callback and in /status; recorded answers have it",
        "D",
        _SPEC,
        "answer_has_declined_reason",
        False,
        probe=_PERSON,
    ),
    FidelityRow(
        "Codes of verification.cancelled",
        "none: the specification returns declined_codes and services_declined_codes for verification.declined only; "
        "the codes SPDR241 to SPDR249 and SPDR276 are about cancellations",
        "D",
        _SPEC,
        "cancelled_has_codes",
        False,
        probe=_PERSON,
    ),
    FidelityRow(
        "email and country in results",
        "left out, as in the specification's table and sample; recorded results have them behind event, null where they were not sent",
        "D",
        _SPEC,
        "result_has_contact",
        False,
        probe=_PERSON,
    ),
    FidelityRow(
        "Bodies of review.pending, request.data.changed", "reference and event", "A", _NONE, probe=_PERSON
    ),
    FidelityRow(
        "verification_url",
        "/verification/process/ and 64 letters and digits",
        "D",
        "web SDK",
        "page_path",
        "/verification/process/",
        probe=_PERSON,
    ),
    FidelityRow("ttl", "60 minutes", "D", "support pages", "ttl", 60, probe=_PERSON),
    FidelityRow("Largest ttl", "43200 minutes", "A", "unverified", "ttl_max", 43200, probe="create-ttl-*"),
    FidelityRow(
        "How long a verification takes",
        "two seconds, if its outcome is decided in advance",
        "A",
        _NONE,
        "complete_after",
        2.0,
        probe=_OURS,
    ),
    FidelityRow("Asking for the status", "changes nothing", "A", _NONE, "complete_polls", 0, probe=_PERSON),
    FidelityRow(
        "Some services with a proof, some without", "the user has to come", "A", _NONE, probe=_PERSON
    ),
    FidelityRow(
        "manual_review without the user", "request.received, then review.pending", "A", _NONE, probe=_PERSON
    ),
    FidelityRow(
        "Manual KYB",
        "enable_extra_proofs and labels within kyb or at the top of the request, without a service",
        "S",
        _CLIENTS,
        probe=_PERSON,
    ),
    FidelityRow(
        "backside_proof_required on site",
        "the user shows both sides, and proofs lists both",
        "S",
        _CLIENTS,
        probe=_PERSON,
    ),
    FidelityRow("Journeys", "face and document, since the mock knows no journey", "A", _NONE, probe=_PERSON),
    # -- results
    FidelityRow(
        "decline_on_single_step",
        "off unless the request says otherwise; later checks are null and have no codes",
        "A",
        "unverified",
        "decline_on_single_step",
        False,
        probe=_PERSON,
    ),
    FidelityRow(
        "declined_reason",
        "text of the first code; recorded ones are of any",
        "A",
        _CLIENTS,
        "declined_reason",
        "first",
        probe=_PERSON,
    ),
    FidelityRow(
        "Texts of decline codes", "ours, but for three that were seen", "A", _CLIENTS, probe="decline-reasons"
    ),
    FidelityRow(
        "Codes not known", "the public list has gaps", "A", "decline reasons pages", probe="decline-reasons"
    ),
    FidelityRow(
        "score of an AML hit",
        "up to 100, as in 2021; newer clients read 0 to 1",
        "S",
        _CLIENTS,
        "hit_score_scale",
        100,
        probe=_PERSON,
    ),
    FidelityRow(
        "geolocation",
        "the keys of the specification's sample; results recorded since 2021 also have ip_type, capital and currency",
        "D",
        _SPEC,
        "geolocation_extras",
        False,
        probe=_PERSON,
    ),
    FidelityRow(
        "Default filters of AML",
        "in the order of the specification's sample; the service's page lists pep before its classes",
        "D",
        _SPEC,
        "filters_order",
        "sample",
        probe=_PERSON,
    ),
    FidelityRow(
        "Where callers are",
        "in the capital of the request's country, else this one's; in Germany in Frankfurt am Main, as in the sample",
        "A",
        "the specification's sample",
        "geolocation_country",
        "DE",
        probe=_OURS,
    ),
    FidelityRow(
        "browser_name",
        "empty, as in the specification's sample",
        "D",
        _SPEC,
        "browser_name",
        False,
        probe=_PERSON,
    ),
    FidelityRow(
        "Phone, email, questionnaire, eIDV, risk assessment",
        "plausible, not recorded",
        "A",
        _NONE,
        probe=_PERSON,
    ),
    # -- status and files
    FidelityRow(
        "/status of pending, timed out, cancelled", "reference, event, country", "A", _NONE, probe=_PERSON
    ),
    FidelityRow(
        "/status of a deleted verification",
        "request.deleted",
        "A",
        _NONE,
        "status_of_deleted",
        "request.deleted",
        probe=_PERSON,
    ),
    FidelityRow(
        "proofs of AML",
        "the report, as in 2024; {} in 2021",
        "S",
        _CLIENTS,
        "aml_proofs",
        "report",
        probe=_PERSON,
    ),
    FidelityRow(
        "Addresses of files",
        "POST, token in the body; older: GET, token in the query",
        "S",
        _CLIENTS,
        "proof_style",
        "pea",
        probe=_PERSON,
    ),
    FidelityRow(
        "Life of a file's token",
        "15 minutes",
        "D",
        "RESTful API v1.3",
        "proof_ttl",
        900.0,
        probe="none: there would have to be a file",
    ),
    FidelityRow(
        "A file's token opens",
        "each file once",
        "A",
        _NONE,
        "proof_downloads",
        "each",
        probe="none: there would have to be a file",
    ),
    FidelityRow("Uploaded videos", "come back as a still picture", "A", "ours", probe=_OURS),
    # -- callbacks
    FidelityRow("Attempts", "10", "D", "support pages", "callback_attempts", 10, probe=_CALLS),
    FidelityRow(
        "Time between attempts",
        "15 seconds",
        "A",
        "support pages, ambiguous",
        "callback_wait",
        15.0,
        probe=_CALLS,
    ),
    FidelityRow(
        "Time for an attempt",
        "15 seconds",
        "D",
        "support pages, ambiguous",
        "callback_timeout",
        15.0,
        probe=_CALLS,
    ),
    FidelityRow("What counts as delivered", "any 2xx", "D", "Callback Logs page", probe=_CALLS),
    FidelityRow(
        "User-Agent of callbacks",
        "Guzzle's",
        "A",
        "Laravel",
        "callback_user_agent",
        "GuzzleHttp/7",
        probe=_CALLS,
    ),
    FidelityRow(
        "Callback and answer", "the same bytes, the callback after the answer", "A", _NONE, probe=_CALLS
    ),
    FidelityRow(
        "Callbacks after request.deleted",
        "none: what a scenario had scheduled is cancelled; retries of an earlier callback go before it",
        "D",
        "order of events in the docs",
        "callbacks_after_delete",
        "cancelled",
        probe=_CALLS,
    ),
    FidelityRow(
        "redirect_url",
        "a plain GET, after the callback",
        "A",
        _NONE,
        "redirect_parameters",
        False,
        probe=_BROWSER,
    ),
    FidelityRow(
        "Page in a frame",
        "sends reference and event to its parent by postMessage; the vendor's own messages are not published",
        "A",
        _NONE,
        probe=_BROWSER,
    ),
    FidelityRow("What the page looks like", "ours", "A", "ours", probe=_OURS),
    FidelityRow(
        "Language of the page",
        "EN, DE, FR, ES, AR, MI; the others of the vendor's list, and unknown ones, in English",
        "D",
        "general parameters, list of languages; the texts are ours",
        probe=_BROWSER,
    ),
    FidelityRow(
        "Code of the phone",
        "any code is accepted, unless the verification will be declined with SPDR84 or SPDR304; then the third wrong code ends it",
        "A",
        "decline reasons; the number of tries is not published",
        probe=_BROWSER,
    ),
    FidelityRow(
        "Endpoints not served",
        "customer journeys, Travel Rule management, Video KYC, risk assessment's own API",
        "D",
        "vendor's docs",
        probe="none: the mock does not serve them",
    ),
)
