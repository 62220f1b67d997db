"""What receivers of Cloudcheck webhooks do wrongly, inferred from which messages they accept. Webhooks carry no signature, so no
computation is inferred."""

from __future__ import annotations

from mock_server.providers.audit_patterns import Pattern, Reasoning, Seen

_MALFORMED = frozenset({"no-json", "empty-body", "other-types", "no-object"})
_TYPES = frozenset({"unknown-request-type", "unknown-event-type", "more-fields"})


def _refused(seen: Seen, *ids: str) -> bool:
    return not seen.accepted & {*ids}


def _closed(seen: Seen) -> bool:
    return "verification" in seen.accepted and not seen.accepted >= _TYPES


PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "reads-nothing",
        "The receiver does not read what comes: it accepts messages that say nothing.",
        "Refuse what is not a JSON object with a reference with 400, and fetch the result by its reference before you act.",
        lambda seen: seen.accepted >= _MALFORMED,
    ),
    Pattern(
        "unknown-reference",
        "The receiver answers 404: it does not know the reference, or serves another path.",
        "Name a reference that it knows with --reference, and look at the path of the address.",
        lambda seen: (
            _refused(seen, "verification", "capture") and seen.statuses.get("verification") in (404, 410)
        ),
    ),
    Pattern(
        "expects-signature",
        "The receiver refuses every message, as if it expected a signature or a login: webhooks carry neither.",
        "Let the address be called without credentials, and fetch the result by its reference before you act.",
        lambda seen: (
            _refused(seen, "verification", "capture") and seen.statuses.get("verification") in (401, 403)
        ),
    ),
    Pattern(
        "single-reference",
        "The receiver takes the reference for one: a list of references, separated by commas, is refused.",
        "Split the reference at the commas, trim each, and handle each.",
        lambda seen: "verification" in seen.accepted and "several-references" not in seen.accepted,
    ),
    Pattern(
        "closed-types",
        "The receiver accepts the types and fields that it knows, and refuses others.",
        "Answer 2xx to types and fields that you do not know, and ignore them.",
        _closed,
    ),
    Pattern(
        "breaks",
        "The receiver breaks on messages that are not well-formed.",
        "Check that the body is a JSON object before you read it, and refuse others with 400.",
        lambda seen: any(seen.statuses.get(each, 0) >= 500 for each in _MALFORMED),
    ),
    Pattern(
        "refuses-repetition",
        "The receiver answers a repeated webhook with an error.",
        "Answer 2xx to what has been handled already, and act once.",
        lambda seen: "verification" in seen.accepted and not seen.accepted >= {"repeated", "older-again"},
    ),
)
"""The most telling first."""


def reasoning() -> Reasoning:
    return Reasoning(PATTERNS)
