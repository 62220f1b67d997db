"""What receivers of Shufti callbacks do wrongly, inferred from which messages they accept; probes for what a receiver computes that
refuses the genuine one; and the lines that check correctly, by language."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping

from mock_server.diagnosis.construction import Digester
from mock_server.diagnosis.mistakes import MISTAKES
from mock_server.diagnosis.recipe import Case, of_body
from mock_server.diagnosis.search import sentences
from mock_server.providers.audit_patterns import MistakenSignature, Pattern, Reasoning, Seen, accepts, only
from mock_server.providers.shuftipro import signing
from mock_server.providers.shuftipro.mistakes import KEYS, PROFILES

_PARSED = ("reserialised", "duplicate-keys", "extra-content", "truncated")
_MISSING = ("no-header", "empty-header")
_SHAPED = (
    "plain-hash",
    "wrong-secret",
    "other-scheme",
    "hmac",
    "secret-first",
    "altered-body",
    "other-references",
)
"""Their headers look like signatures."""
_COMPARE = (
    "Compute the signature of the raw body, and compare the whole of it with the header in constant time."
)
_RAW = "Hash the raw bytes of the body as they arrived, before any JSON parser has seen them."


def _all_forged(seen: Seen) -> bool:
    return seen.forged <= seen.accepted | {"huge"}


def _refuses_genuine(seen: Seen) -> bool:
    return "genuine" not in seen.accepted and not seen.accepted & seen.forged


PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "checks-nothing",
        "The receiver computes nothing: it accepts every message, signed or not.",
        _COMPARE,
        _all_forged,
    ),
    Pattern(
        "checks-presence",
        "The receiver only looks whether a signature is there; it accepts any.",
        _COMPARE,
        lambda seen: (
            accepts("genuine", "cut-signature", *_SHAPED)(seen) and "empty-header" not in seen.accepted
        ),
    ),
    Pattern(
        "checks-form",
        "The receiver only looks whether the header has the form of a signature, 64 digits; it accepts any.",
        _COMPARE,
        lambda seen: accepts("genuine", *_SHAPED)(seen) and "cut-signature" not in seen.accepted,
    ),
    Pattern(
        "checks-only-where-present",
        "The receiver checks a signature where there is one, and accepts messages without.",
        "Refuse a message whose header Signature is missing or empty with 401, before anything else.",
        only(_MISSING, _MISSING),
    ),
    Pattern(
        "json-rewritten",
        "The receiver computes the signature over JSON that it has parsed and written again, as PHP writes it, not over the raw body.",
        _RAW,
        only(_PARSED, ("reserialised", "duplicate-keys", "extra-content")),
    ),
    Pattern(
        "signature-of-anything",
        "The receiver checks a signature that does not depend on the whole body: what was signed once is accepted with other content.",
        _RAW,
        only(
            (
                "altered-body",
                "other-references",
                "empty-body",
                "truncated",
                "reserialised",
                "duplicate-keys",
                "extra-content",
            ),
            ("altered-body", "other-references"),
        ),
    ),
    Pattern(
        "prefix-only",
        "The receiver compares as many digits as were sent: the beginning of a signature is enough.",
        "Compare the whole signature; compare the lengths as well.",
        only(("cut-signature", "empty-header"), ("cut-signature",)),
    ),
    Pattern(
        "searches",
        "The receiver searches for the signature in the header: digits before or behind it do not matter.",
        "Compare the whole signature, not a part of the header.",
        only(("padded-signature",), ("padded-signature",)),
    ),
    Pattern(
        "both-schemes",
        "The receiver accepts the signatures of both schemes, hashed and legacy.",
        "Accept the scheme of the account alone: hashed if it was registered after 15 March 2023, else legacy.",
        only(("other-scheme",), ("other-scheme",)),
    ),
    Pattern(
        "several-constructions",
        "The receiver accepts signatures of other constructions besides the right one.",
        _COMPARE,
        only(("other-scheme", "hmac", "secret-first", "plain-hash"), ("hmac", "secret-first", "plain-hash")),
    ),
    Pattern(
        "another-secret",
        "The receiver accepts signatures of another secret key as well.",
        "Use the secret key of the account alone.",
        only(("wrong-secret",), ("wrong-secret",)),
    ),
    Pattern(
        "other-scheme",
        "The receiver computes the signature by the other scheme.",
        "Use the scheme of the account: hashed if it was registered after 15 March 2023, else legacy.",
        lambda seen: "genuine" not in seen.accepted and "other-scheme" in seen.accepted,
    ),
    Pattern(
        "unknown-reference",
        "The receiver answers 404: it does not know the reference, or serves another path.",
        "Name a reference that it knows with --reference, and look at the path of the address.",
        lambda seen: _refuses_genuine(seen) and seen.statuses.get("genuine") in (404, 410),
    ),
    Pattern(
        "wrong-method-or-type",
        "The receiver does not take a POST with JSON at this address.",
        "Accept POST with Content-Type: application/json; exempt the path from checks for forms, such as CSRF.",
        lambda seen: _refuses_genuine(seen) and seen.statuses.get("genuine") in (405, 415, 419, 422),
    ),
    Pattern(
        "breaks",
        "The receiver breaks on the genuine message, so nothing can be said of its check.",
        "Look into its error log.",
        lambda seen: _refuses_genuine(seen) and seen.statuses.get("genuine", 0) >= 500,
    ),
    Pattern(
        "refuses-everything",
        "The receiver refuses the genuine message, and no known mistake explains what it computes.",
        "See that it reads the header Signature, in any case, and this account's secret key; `mock-server verify` checks"
        "what it computes.",
        _refuses_genuine,
    ),
    Pattern(
        "ignores-case",
        "The receiver compares signatures without regard to upper and lower case: harmless, but looser than it has to be.",
        "Compare the lower-case digits as they are.",
        lambda seen: "upper-case" in seen.accepted and not seen.accepted & seen.forged,
    ),
    Pattern(
        "refuses-repetition",
        "The receiver checks correctly, but answers a repeated message with an error, so it will be sent again and again.",
        "Answer 2xx to what has been handled already, and act once.",
        lambda seen: (
            "genuine" in seen.accepted
            and not {"duplicate", "replay"} <= seen.accepted
            and not seen.accepted & seen.forged
        ),
    ),
)
"""The most telling first."""

_CHECKS: Mapping[str, Mapping[str, str]] = {
    "PHP": {
        "hashed": "$right = hash('sha256', file_get_contents('php://input') . hash('sha256', $secretKey));\n"
        "if (!hash_equals($right, $_SERVER['HTTP_SIGNATURE'] ?? '')) { http_response_code(401); exit; }",
        "legacy": "$right = hash('sha256', file_get_contents('php://input') . $secretKey);\n"
        "if (!hash_equals($right, $_SERVER['HTTP_SIGNATURE'] ?? '')) { http_response_code(401); exit; }",
    },
    "Node": {
        "hashed": 'app.post("/callback", express.raw({ type: "*/*" }), (req, res) => {\n'
        '  const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");\n'
        "  const right = Buffer.from(sha256(req.body, sha256(secretKey)));\n"
        '  const given = Buffer.from(req.get("Signature") ?? "");\n'
        "  if (given.length !== right.length || !timingSafeEqual(given, right)) return res.sendStatus(401);",
        "legacy": 'app.post("/callback", express.raw({ type: "*/*" }), (req, res) => {\n'
        '  const right = Buffer.from(createHash("sha256").update(req.body).update(secretKey).digest("hex"));\n'
        '  const given = Buffer.from(req.get("Signature") ?? "");\n'
        "  if (given.length !== right.length || !timingSafeEqual(given, right)) return res.sendStatus(401);",
    },
    "Python": {
        "hashed": "right = sha256(request.get_data() + sha256(secret_key.encode()).hexdigest().encode()).hexdigest()\n"
        'if not hmac.compare_digest(right.encode(), request.headers.get("Signature", "").encode()):\n    abort(401)',
        "legacy": "right = sha256(request.get_data() + secret_key.encode()).hexdigest()\n"
        'if not hmac.compare_digest(right.encode(), request.headers.get("Signature", "").encode()):\n    abort(401)',
    },
    "Java": {
        "hashed": "byte[] body = request.getInputStream().readAllBytes();\n"
        "String right = sha256Hex(concat(body, sha256Hex(secretKey.getBytes(UTF_8)).getBytes(UTF_8)));\n"
        'String given = Objects.requireNonNullElse(request.getHeader("Signature"), "");\n'
        "if (!MessageDigest.isEqual(right.getBytes(UTF_8), given.getBytes(UTF_8))) { response.sendError(401); return; }",
        "legacy": "byte[] body = request.getInputStream().readAllBytes();\n"
        "String right = sha256Hex(concat(body, secretKey.getBytes(UTF_8)));\n"
        'String given = Objects.requireNonNullElse(request.getHeader("Signature"), "");\n'
        "if (!MessageDigest.isEqual(right.getBytes(UTF_8), given.getBytes(UTF_8))) { response.sendError(401); return; }",
    },
    "C#": {
        "hashed": "using var raw = new MemoryStream(); await Request.Body.CopyToAsync(raw);\n"
        "string Hex(byte[] text) => Convert.ToHexString(SHA256.HashData(text)).ToLowerInvariant();\n"
        "var right = Hex([.. raw.ToArray(), .. Encoding.UTF8.GetBytes(Hex(Encoding.UTF8.GetBytes(secretKey)))]);\n"
        'var given = Request.Headers["Signature"].ToString();\n'
        "if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(right), Encoding.UTF8.GetBytes(given)))\n"
        "    return Unauthorized();",
        "legacy": "using var raw = new MemoryStream(); await Request.Body.CopyToAsync(raw);\n"
        "string Hex(byte[] text) => Convert.ToHexString(SHA256.HashData(text)).ToLowerInvariant();\n"
        "var right = Hex([.. raw.ToArray(), .. Encoding.UTF8.GetBytes(secretKey)]);\n"
        'var given = Request.Headers["Signature"].ToString();\n'
        "if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(right), Encoding.UTF8.GetBytes(given)))\n"
        "    return Unauthorized();",
    },
    "Ruby": {
        "hashed": "right = Digest::SHA256.hexdigest(request.raw_post + Digest::SHA256.hexdigest(secret_key))\n"
        'head :unauthorized unless ActiveSupport::SecurityUtils.secure_compare(right, request.headers["Signature"].to_s)',
        "legacy": "right = Digest::SHA256.hexdigest(request.raw_post + secret_key)\n"
        'head :unauthorized unless ActiveSupport::SecurityUtils.secure_compare(right, request.headers["Signature"].to_s)',
    },
}
"""Language → scheme → the lines that check correctly."""
_PROBED: Mapping[str, int] = {
    "wrong-scheme": 1,
    "json-rewritten": 24,
    "hmac": 4,
    "secret-missing": 1,
    "secret-misplaced": 2,
    "secret-padded": 2,
    "secret-absent": 2,
    "id-for-secret": 1,
    "secret-hashed": 3,
    "text-ended": 2,
    "byte-order-mark": 1,
    "other-hash": 3,
    "mojibake": 1,
}
"""Mistake → in how many ways it is probed."""
_WRITTEN = (
    ("base64", "The receiver compares with the signature in Base64."),
    ("upper-case", "The receiver compares with the signature in upper case."),
)


def reasoning(body: bytes, *, scheme: str, secret: str, client_id: str = "") -> Reasoning:
    """``body``: of the genuine message."""
    fixes = {language: checks[scheme] for language, checks in _CHECKS.items()}
    return Reasoning(PATTERNS, tuple(_probes(body, scheme, secret, client_id)), fixes)


def _probes(body: bytes, scheme: str, secret: str, client_id: str) -> Iterator[MistakenSignature]:
    """Each signature once."""
    right = of_body(body, secret.encode("utf-8", "surrogatepass"), KEYS[scheme], "text+key sha256")
    known, digester, words = (
        Case(document=b"", identifier=client_id, text=body),
        Digester(),
        PROFILES[scheme].words,
    )
    seen = {digester.digest(right)}
    for mistake in MISTAKES:
        if mistake.id not in _PROBED:
            continue
        sent = 0
        for number, variant in enumerate(mistake.variants(right, known)):
            digest = digester.digest(variant.change(right))
            if sent < _PROBED[mistake.id] and digest and digest not in seen:
                seen.add(digest)
                sent += 1
                said = sentences(mistake, variant.how, words)
                yield MistakenSignature(
                    f"{mistake.id} {number}",
                    f"What the receiver computes: {said['explanation']}",
                    said["fix"],
                    _headers(digest.hex()),
                    body,
                )
    digest = digester.digest(right)
    for name, explanation in _WRITTEN:
        text = digest.hex().upper() if name == "upper-case" else b64encode(digest).decode()
        yield MistakenSignature(
            name, explanation, "Compare the 64 lower-case hexadecimal digits.", _headers(text), body
        )


def _headers(signature: str) -> tuple[tuple[str, str], ...]:
    return (
        ("Content-Type", "application/json"),
        ("User-Agent", "GuzzleHttp/7"),
        *((header, signature) for header in signing.HEADERS),
    )
