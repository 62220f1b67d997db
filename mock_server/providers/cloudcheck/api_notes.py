"""What descriptions of the API say of Cloudcheck, read off the tables that check requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.providers.answer_types import Schema, load
from mock_server.providers.api_notes import ApiNotes
from mock_server.providers.cloudcheck import journeys, webhooks
from mock_server.providers.cloudcheck.documents import DATE, DOCUMENTS, FUTURE, YEAR, Member
from mock_server.providers.cloudcheck.endpoint import FILE, TRANSPORT
from mock_server.providers.cloudcheck.errors import CODES
from mock_server.providers.cloudcheck.handlers import address, forms, watchlist
from mock_server.providers.cloudcheck.reviews import DECISIONS
from mock_server.providers.cloudcheck.routes import ENDPOINTS

_SIGNING = """\
Requests are forms, or queries for a GET. Each carries `key`, `nonce` (used once), `timestamp` (milliseconds since 1970) and `signature`.

1. Begin with the path of the request, such as `/verify/`, with its slash at the end and without host and query.
2. Append `name=value;` for every parameter but `signature`, sorted by name, with decoded values.
3. The signature is the HMAC-SHA256 of that text in UTF-8 with the secret as key, in lower-case hex.

An error is answered with status 200 and `error` and `message`, for most endpoints within `verification`."""
_SCRIPT = """\
const canonical = path + Object.keys(params).sort().map((name) => `${name}=${params[name]};`).join("");
"""
_POSTMAN = (
    """\
pm.variables.set("nonce", pm.variables.replaceIn("{{$guid}}"));
pm.variables.set("timestamp", String(Date.now()));
const path = pm.variables.replaceIn(pm.request.url.getPath());
const params = {};
const list = pm.request.method === "GET" ? pm.request.url.query : pm.request.body.urlencoded;
if (list) list.each((one) => {
  if (!one.disabled && one.key !== "signature") params[one.key] = pm.variables.replaceIn(one.value);
});
"""
    + _SCRIPT
    + 'pm.variables.set("signature", require("crypto-js").HmacSHA256(canonical, pm.variables.get("secret")).toString());\n'
)
_HTTP = (
    _SCRIPT
    + 'exports.signature = require("crypto").createHmac("sha256", secret).update(canonical).digest("hex");\n'
)
_PERSON = {
    "details": {
        "name": {"given": "Tamsin", "family": "Okafor"},
        "dateofbirth": "1987-03-14",
        "address": {"suburb": "Te Aro", "city": "Wellington", "postcode": "6011"},
    },
    "reference": "customer-1",
    "consent": "Yes",
}


def _enum(words: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(words)}


def _limit(member: Member) -> Schema:
    if member.pattern is not None:
        return {"pattern": f"^(?:{member.pattern.pattern})$"}
    if member.kind in (DATE, FUTURE):
        return {"format": "date"}
    return {"pattern": "^[0-9]{4}$"} if member.kind == YEAR else {}


def _members(*required: str, **members: Schema) -> dict[str, Any]:
    """An object."""
    return {"type": "object", "properties": members, **({"required": list(required)} if required else {})}


def _several(most: int, item: Schema) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "maxItems": most, "items": item}


_TEXT: Schema = {"type": "string"}
_WATCHLIST = _members(
    "associations",
    associations=_several(
        watchlist.MOST,
        {
            **_members(
                reference=_TEXT,
                countryCode=_TEXT,
                type=_enum(("PERSON", "ENTITY")),
                whitelistPeids={"type": "string", "pattern": "^[0-9, ]*$"},
                personDetail=_members(
                    "name",
                    name=_members(
                        "family", given=_TEXT, middle=_TEXT, family={"type": "string", "minLength": 1}
                    ),
                    birthYear={"type": "string", "pattern": "^([0-9]{4})?$"},
                    gender=_TEXT,
                ),
                entityDetail=_members("name", name={"type": "string", "minLength": 1}),
            ),
            "anyOf": [{"required": ["personDetail"]}, {"required": ["entityDetail"]}],
        },
    ),
)
_GO = _members(
    "recipients",
    delivery=_enum(forms.DELIVERIES),
    recipients=_several(
        forms.MOST_RECIPIENTS,
        _members(reference=_TEXT, givenName=_TEXT, familyName=_TEXT, emailAddress=_TEXT, mobileNumber=_TEXT),
    ),
)
_HARMONY = {
    call: _members(
        "payload",
        sourceOfTruth=_enum(address.SOURCES),
        payload=_several(100, _members(member, **{member: {"type": "string", "minLength": 1}})),
    )
    for call, member in (("find", "fullAddress"), ("retrieve", "id"), ("phone", "phone"), ("email", "email"))
}

_PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
_BACK = "http://localhost:3000/back"
_SENT: Mapping[str, Mapping[str, Any]] = {
    "verify": {"data": _PERSON},
    "verify-response": {"verificationReference": "{{verify.verification.verificationReference}}"},
    "verify-pdf": {"reference": "{{verify.verification.verificationReference}}"},
    "peid": {"peid": "7654321"},
    "peid-pdf": {"peid": "7654321"},
    "live": {"data": {"reference": "capture-1", "callback": _BACK}},
    "live-response": {"captureReference": "{{live.capture.captureReference}}"},
    "live-upload": {"captureToken": "{{live.capture.captureReference}}", "imageData": _PICTURE, "id": "1"},
    "watchlist-create": {
        "data": {
            "associations": [
                {"reference": "customer-1", "personDetail": {"name": {"given": "Ida", "family": "Marlowe"}}}
            ]
        }
    },
    "watchlist-delete": {
        "data": {"associationReferences": ["{{watchlist-create.associations.0.associationReference}}"]}
    },
    "watchlist-get": {"associationReference": "{{watchlist-create.associations.0.associationReference}}"},
    "watchlist-review": {
        "data": {
            "associationReference": "{{watchlist-create.associations.0.associationReference}}",
            "review": {"matchId": "{{watchlist-get.matches.0.matchId}}", "decision": "CLEARED"},
        }
    },
    "tree-entities": {"searchTerm": "Acme"},
    "tree-request": {"entityNumber": "1234567"},
    "tree-result": {"token": "{{tree-request.token}}"},
    "tree-pdf": {"token": "{{tree-request.token}}"},
    "idscan-initiate": {"data": {"reference": "scan-1"}},
    "idscan-results": {"token": "{{idscan-initiate.idscan.token}}"},
    "akahu-initiate": {"data": {"reference": "bank-1", "callback": _BACK}},
    "akahu-results": {"token": "{{akahu-initiate.akahu.token}}"},
    "credfin-initiate": {"data": {"reference": "bank-2", "callback": _BACK}},
    "credfin-results": {"token": "{{credfin-initiate.credfin.token}}"},
    "forms-create": {"data": {"reference": "form-1"}},
    "forms-results": {"token": "{{forms-create.form.token}}"},
    "go-create": {
        "data": {"reference": "batch-1", "recipients": [{"reference": "go-1", "givenName": "Ida"}]}
    },
    "go-results": {"token": "{{go-create.go.recipients.0.token}}"},
    "address-find": {"data": {"payload": [{"fullAddress": "18 exam"}], "sourceOfTruth": "NZAD"}},
    "address-retrieve": {"data": {"payload": [{"id": "NZ|NZAD|18-0-0"}]}},
    "address-phone": {"data": {"payload": [{"phone": "+64 21 123 4567"}]}},
    "address-email": {"data": {"payload": [{"email": "ida@example.test"}]}},
    "addresslookup-find": {"payload": [{"fullAddress": "18 exam"}], "sourceOfTruth": "NZAD"},
    "addresslookup-retrieve": {"payload": [{"id": "NZ|NZAD|18-0-0"}]},
}
_TEST = """\
pm.test("answered", () => {
  pm.response.to.have.status(200);
  const type = pm.response.headers.get("Content-Type");
  const answer = type.startsWith("application/json") ? pm.response.json() : {};
  pm.expect("error" in (answer.verification || answer)).to.equal(refused);
});"""

NOTES = ApiNotes(
    server="https://api.cloudcheck.co.nz",
    signing=_SIGNING,
    schemes={
        "signature": {
            "type": "apiKey",
            "in": "query",
            "name": "signature",
            "description": "With key, nonce and timestamp, as the introduction describes; in the form of a POST.",
        },
        "browser": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    },
    security={
        one.name: {"signed": ("signature",), "browser": ("browser",), "open": ()}[one.access]
        for one in ENDPOINTS
    },
    form={
        one.name: (*(("key", *TRANSPORT) if one.access == "signed" else ()), *one.required)
        for one in ENDPOINTS
        if one.access != "browser"
    },
    wrapped="data",
    limits={
        "consent": {"const": "Yes"},
        "details.dateofbirth": {"format": "date"},
        **{
            f"details.{document.key}.{member.key}": _limit(member)
            for document in DOCUMENTS.values()
            for member in document.members
        },
    },
    required={
        "verify": (
            *("details", "details.name", "details.name.family", "details.dateofbirth", "consent"),
            *(
                f"details.{document.key}.{member.key}"
                for document in DOCUMENTS.values()
                for member in document.members
                if member.required
            ),
        ),
        "akahu-initiate": ("callback",),
        "credfin-initiate": ("callback",),
        "doc-runcheck": ("consent",),
        "mrz-runcheck": ("consent",),
        "watchlist-delete": ("associationReferences",),
        "watchlist-review": ("associationReference", "review", "review.matchId", "review.decision"),
    },
    wholes={
        "watchlist-create": _WATCHLIST,
        "watchlist-delete": _members(
            associationReferences={"items": _TEXT, "minItems": 1, "maxItems": watchlist.MOST}
        ),
        "watchlist-review": _members(
            review=_members(matchId=_TEXT, decision=_enum(DECISIONS["association"]), notes=_TEXT)
        ),
        "forms-create": {"dependentRequired": {"emailAddress": ["givenName"], "givenName": ["emailAddress"]}},
        "go-create": _GO,
        **{
            f"{product}-{call}": schema
            for product in ("address", "addresslookup")
            for call, schema in _HARMONY.items()
        },
    },
    examples={"verify": _PERSON},
    files={one.name: (FILE,) for one in ENDPOINTS if FILE in one.required},
    answers=load(
        "mock_server.providers.cloudcheck",
        {
            "Code": {"type": "integer", "enum": list(CODES)},
            "JourneyStatus": _enum((journeys.PENDING, *journeys.STATUSES.values())),
            "TreeStatus": _enum(("PENDING", *DECISIONS["tree"])),
            "DocumentStatus": _enum(DECISIONS["document"]),
            "MatchDecision": _enum(DECISIONS["verification"]),
            "RequestType": _enum(webhooks.KINDS),
            "WebhookEvent": _enum((webhooks.PEP, webhooks.REVIEW)),
            "AssociationKind": _enum(("PERSON", "ENTITY")),
            "Minute": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d$"},
            "Day": {"type": "string", "format": "date"},
            "Percent": {"type": "integer", "minimum": 0, "maximum": 100},
        },
    ),
    callback="Webhook",
    refusals={one.name: dict.fromkeys(("200", "default"), ("NestedRefusal", "Refusal")) for one in ENDPOINTS},
    sent=_SENT,
    refused=frozenset({"live-download", "tree-pdf", "doc-runcheck", "doc-results", "mrz-runcheck"}),
    last=("watchlist-delete",),
    postman_test=_TEST,
    http_test=r"?? js /.error.: ?\d/.test(String(response.body)) == false",
    postman=_POSTMAN,
    http_script=_HTTP,
)
