"""How sure each reading of Cloudcheck is. ``docs/cloudcheck.md`` shows this table, and a test compares it with the settings.

Grades: D documented by the vendor, K read out of a vendor's SDK, R a recorded reply, C what client code sends or expects,
M a third party's mock, A our assumption.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One reading."""

    topic: str
    reading: str
    grade: str
    source: str
    setting: str = ""
    """Name in the config file's ``settings: cloudcheck:``; empty: fixed."""
    default: str = ""
    """Its default, as text."""


ROWS: tuple[Row, ...] = (
    Row(
        "Signature",
        "Path, then name=value; of every parameter by name; HMAC SHA-256; lower-case hex.",
        "D",
        "overview page; digest of the vendor's sample",
    ),
    Row(
        "Signature",
        "The signature itself is left out; values are the decoded ones; data is signed as sent.",
        "K",
        "SDK, vendor's samples, all clients",
    ),
    Row("Signature", "Upper-case hex digits are right as well.", "A", "no evidence", "signature_case", "any"),
    Row(
        "Signature",
        "File parts are not signed; a digest with file=<filename> is right as well.",
        "A",
        "one client signs a file name",
        "signed_file",
        "accepted",
    ),
    Row(
        "Parameters",
        "A repeated parameter is signed once for each value, in the order of sending: x=1;x=2;.",
        "D",
        "overview page: all parameters, a semi-colon after each; the SDK joins the values (concatenate)",
        "repeated_parameters",
        "each",
    ),
    Row(
        "Parameters",
        "The endpoint reads the first value of a repeated parameter.",
        "A",
        "the server is a Java servlet, whose getParameter gives the first",
        "repeated_parameters",
        "each",
    ),
    Row("Parameters", "Query and form are read together, the query first; a GET has no body.", "A", "the server is a Java servlet"),
    Row(
        "Parameters",
        "A parameter with a % that no two hex digits follow is dropped.",
        "A",
        "as the common servlet container does",
        "malformed_escape",
        "drop",
    ),
    Row(
        "Parameters",
        "A charset of the Content-Type counts if it is a usual one (UTF-8, ASCII, ISO 8859, Windows, UTF-16, East Asian); else UTF-8.",
        "A",
        "the server is a Java servlet, which takes any charset",
    ),
    Row(
        "Parameters",
        "A part of a multipart form is a file if it has a filename or filename*, quoted or not; a field of the same name counts before it.",
        "A",
        "RFC 7578, 6266; the server is a Java servlet",
    ),
    Row("Parameters", "A body without Content-Type is no form.", "A", "servlet specification", "form_without_content_type", "false"),
    Row(
        "Order of checks",
        "101, 102, 103, 104, 106, 108, then data: 107 for JSON and consent, 102 for details, 107 for documents; 105 and 110 last.",
        "A",
        "numbering of the codes; order in a third party's mock",
    ),
    Row("Timestamp", "103 for one that is too old.", "D", "overview page; the age is not told", "timestamp_max_age", "900"),
    Row(
        "Timestamp",
        "One in the future is accepted; further ahead than one may be old it is logged and explained.",
        "D",
        'overview page, 103: "older than the maximum allowed", no more; whether the vendor limits it is not known',
        "timestamp_max_ahead",
        "null",
    ),
    Row("Timestamp", "One that is no whole number of 64 bits is an invalid format.", "A", "no evidence", "timestamp_malformed", "107"),
    Row(
        "Nonce",
        "104 for one that was used before with the same key.",
        "D",
        "overview page: each nonce may be used once for each access key; for how long is not said, so it is for good",
        "nonce_memory",
        "null",
    ),
    Row("Nonce", "Any text of any length.", "A", "UUIDs, counters, Base64 and milliseconds are in use", "nonce_max_length", "0"),
    Row(
        "Nonce",
        "Used up once the signature is right, whatever is answered; 101, 102, 103, 106 and 107 before that use nothing up.",
        "D",
        'overview page, 104: "previously used"; that an unsigned request uses nothing up is assumed',
        "refusal_uses_nonce",
        "true",
    ),
    Row(
        "Errors",
        "Codes 101 to 113 without 109; error is a number; fields are joined by a comma and a space.",
        "R",
        "overview page, recorded reply, SDKs",
    ),
    Row(
        "Errors",
        "Errors of the gate stand under verification everywhere, others of the older endpoints too; newer ones at the top level.",
        "A",
        "SDKs, a production client",
        "error_position",
        "{}",
    ),
    Row(
        "Errors",
        "HTTP status 200.",
        "C",
        "the vendor's SDK and a production client read errors of successful answers only",
        "error_status",
        "200",
    ),
    Row("Errors", "Messages of 103 to 106, 108 and 110 to 113.", "A", "ours; 101, 102 and 107 as reported by others"),
    Row("Errors", "An unknown path is 404, a wrong method 405, a body over the limit 413, each with error 113.", "A", "no evidence"),
    Row("Answers", "Content-Type of JSON.", "A", "no evidence", "content_type", "application/json;charset=UTF-8"),
    Row("Answers", "Times are yyyy-MM-dd HH:mm in New Zealand.", "R", "recorded replies", "timezone", "Pacific/Auckland"),
    Row(
        "Answers",
        "Order of keys: recorded where there is a recording, by Java's hash order beyond it (notes, sourceErrors, capture).",
        "R",
        "the recorded order is Java's hash order exactly",
    ),
    Row("Verification", "ipAddress is empty.", "R", "a reply of 2020; absent in 2018", "ip_address", ""),
    Row("Verification", "reference is optional.", "A", "required in the SDK, absent in a vendor's sample", "reference_required", "false"),
    Row(
        "Verification",
        "A whole number passes where a text belongs; any other type is 107.",
        "A",
        "usual JSON readers of Java",
        "numbers_as_text",
        "true",
    ),
    Row(
        "Verification",
        "Formats of documents, and the internal names of the New Zealand licence and passport.",
        "K",
        "Android SDK; recorded error",
    ),
    Row("Verification", "Internal names of the other documents follow the same pattern.", "A", "no evidence"),
    Row("Verification", "consent absent is 102, anything but Yes is 107.", "M", "a third party's mock; overview page"),
    Row("Verification", "A passport that has expired does not count; alone it is 102 with four fields.", "R", "a reply of 2018"),
    Row("Verification", "A date of birth in the future is 107.", "A", "no evidence"),
    Row(
        "Verification",
        "Documents are tried until one succeeds; if none does, nothing further runs; else watchlist, then address.",
        "R",
        "inferred from recorded replies",
    ),
    Row(
        "Verification",
        "Success needs what was given of name, date of birth and address.",
        "A",
        "the rules of an account are not published",
        "success_needs",
        "given",
    ),
    Row(
        "Verification",
        "verificationDate and verificationPartialSuccess are absent in a failure, pepMatched where no watchlist ran.",
        "R",
        "replies of 2018 and 2020",
    ),
    Row("Verification", "A source error fails the verification; the SDK's sourceErrors names it.", "K", "SDK; that it fails is ours"),
    Row(
        "Verification",
        "A Live capture that an account demands is told in capture; the verification succeeds.",
        "K",
        "SDK; that it succeeds is ours",
    ),
    Row("Verification", "The result can be read again by verificationReference.", "A", "implied by 105 and by the webhook", "paths", "{}"),
    Row(
        "Verification",
        "A capturereference that is not a capture of this access key is 105.",
        "A",
        "two clients send one; overview page: 105 is about tokens of this access key",
        "unknown_capture",
        "refuse",
    ),
    Row("PDF", "GET and POST; reference is the verificationReference; application/pdf; unknown is 105.", "C", "a plugin that works"),
    Row("PEID", "A reply as a production client reads it; 110 without a hit.", "C", "client code; words like status are ours"),
    Row("PEID", "429 for look-ups that overlap.", "D", "PEID page; off unless an interval is set", "peid_interval", "0"),
    Row("Live", "Fields of the request, redirect parameters, reply and statuses.", "R", "vendor's page, recorded replies, SDKs"),
    Row("Live", "verificationReference of another access key, or of none, is 105.", "D", "overview page, 105; Live page: optional"),
    Row(
        "Live",
        "Errors of /live/upload/ also have success: false and message at the top level.",
        "K",
        "the Android SDK parses no answer without success; where its errors stand is not known",
    ),
    Row("Live", "items are told to the SDKs only.", "A", "needed by the SDKs, absent in a browser's reply", "live_items", "sdk"),
    Row("Live", "People who were not named before are New Zealanders; Australians where the timezone is one of Australia.", "A", "ours"),
    Row("Live", "Pictures can be fetched without a signature; they are JPEG.", "A", "recorded URLs carry none", "image_download", "open"),
    Row("Live", "A capture that is given up redirects with liveCaptured=false.", "A", "presumably"),
    Row("Pages", "What a scenario or a magic value settles happens after so long.", "A", "ours", "complete_after", "2"),
    Row("Monitoring", "Paths, limits, list, cursor, decisions.", "C", "vendor's page, production client"),
    Row("Monitoring", "JSON of create and delete mirrors the list.", "A", "no evidence"),
    Row("Monitoring", "result of a review.", "A", "no evidence", "monitoring_result", "SUCCESS"),
    Row("Monitoring", "filterIsDeleted=true lists only deleted associations.", "A", "the name", "deleted_filter", "only"),
    Row("KYB", "Search parameters and the limit of 50.", "D", "KYB page"),
    Row("KYB", "All JSON, parameters of the request, the result's path.", "A", "no evidence", "paths", "{}"),
    Row("IDscan, Akahu, Credfin", "Parameters of initiate.", "D", "the products' pages"),
    Row("IDscan, Akahu, Credfin", "Replies, statuses, the results' paths.", "A", "made like Live's", "paths", "{}"),
    Row(
        "IDscan, Akahu, Credfin", "What is added to the browser's callback.", "A", "no evidence", "callback_parameters", "reference, token"
    ),
    Row("Document Check, MRZ Check", "Parameters; notes of a failed MRZ Check.", "D", "the products' pages; client code"),
    Row(
        "Document Check, MRZ Check",
        "Replies with the field names of Live's recognizedDocuments; the results' path.",
        "A",
        "no evidence",
        "paths",
        "{}",
    ),
    Row("Document Check, MRZ Check", "A file that is no picture is 107.", "A", "no evidence", "check_images", "true"),
    Row("Forms, Go", "Limits and parameters of Forms; 500 recipients of Go.", "D", "the products' pages"),
    Row(
        "Forms, Go",
        "Go's parameters, both replies, the results' paths; status tells SUBMITTED, then VERIFIED and the like.",
        "A",
        "no evidence",
        "paths",
        "{}",
    ),
    Row("Addresses", "The upstream format, for the signed endpoints too.", "K", "browser script; upstream documentation"),
    Row("Addresses", "Paths of retrieve, phone and e-mail.", "A", "no evidence", "paths", "{}"),
    Row("Addresses", "The x-api-key of the browser's look-up is the access key.", "A", "no evidence"),
    Row("Webhook", "A POST of requestType, eventType and reference for reviews; any 2xx is success; no signature.", "D", "overview page"),
    Row(
        "Webhook",
        "PEP_MATCH_REVIEW is about VERIFICATION and WATCHLIST_MONITORING, REVIEW about the other five; lint and trigger know the pairs.",
        "D",
        "overview page: list of events, values, samples; merge sends any other",
        "webhook_pairs",
        "specification",
    ),
    Row("Webhook", "One attempt, with a limit of time.", "A", "no retry is mentioned", "webhook_timeout", "15"),
    Row("Webhook", "The reference of CAPTURE is the captureReference, of the others their token.", "A", "no evidence"),
    Row("Webhook", "notificationUrl is called without a body.", "A", "parameters are added to the URL", "notification_method", "GET"),
    Row("Webhook", "webhookUrl of IDscan gets a POST with the webhook's body.", "A", "no evidence"),
    Row("Webhook", "A review over the API (review-match) fires none.", "D", "the webhook tells of reviews made in Direct"),
)
