"""What descriptions of the API say of Cloudcheck, read off the tables that check requests."""

from __future__ import annotations

from mock_server.providers.api_notes import ApiNotes, Schema
from mock_server.providers.cloudcheck.documents import DATE, DOCUMENTS, FUTURE, YEAR, Member
from mock_server.providers.cloudcheck.endpoint import TRANSPORT
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
list.each((one) => {
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


def _limit(member: Member) -> Schema:
    if member.pattern is not None:
        return {"pattern": f"^(?:{member.pattern.pattern})$"}
    if member.kind in (DATE, FUTURE):
        return {"format": "date"}
    return {"pattern": "^[0-9]{4}$"} if member.kind == YEAR else {}


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
    required={"verify": ("details", "details.name.family", "details.dateofbirth", "consent")},
    examples={"verify": _PERSON},
    errors={
        "type": "object",
        "required": ["error", "message"],
        "properties": {
            "error": {"type": "integer"},
            "message": {"type": "string"},
            "fields": {"type": "array", "items": {"type": "string"}},
        },
    },
    postman=_POSTMAN,
    http_script=_HTTP,
)
