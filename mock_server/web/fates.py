"""The fate of requests, callbacks and verifications: a few kinds, shown as colours, to which every vendor's words are mapped."""

from __future__ import annotations

from mock_server.core.records import Entry

PASSED, PENDING, DECLINED, REFUSED, ERROR, GONE, ANSWERED = (
    "passed",
    "pending",
    "declined",
    "refused",
    "error",
    "gone",
    "answered",
)
FATES = {
    PASSED: "the person or document passed",
    PENDING: "waits, or somebody has to look at it: pending, review, partial, a match",
    DECLINED: "did not pass",
    REFUSED: "the request was refused by the vendor's checks",
    ERROR: "an error or a fault that a scenario or a magic value asked for",
    GONE: "deleted, cancelled, abandoned or timed out",
    ANSWERED: "answered, without a result about a person",
}

_WORDS = {
    PASSED: """accepted approved cleared clear completed complete confirmed-risk-mitigated match passed
        permanently-cleared recognised success succeeded valid verified""",
    PENDING: """alert capture-required in-progress manual no-result open opened partial partially-verified pending
        pep-match pep-match-review processing received required requested review started waiting""",
    DECLINED: """confirmed declined denied error failed failure fraud invalid no-match not-recognised not-verified
        rejected source-error unauthorized unrecognised unverified""",
    GONE: "abandoned cancelled canceled closed deleted expired not-done removed timeout withdrawn",
}
_FATE = {word: fate for fate, words in _WORDS.items() for word in words.split()}


def of_word(word: str) -> str:
    """Of an outcome, a record's status or an event: ``NOT_VERIFIED``, ``verification.declined``. `ANSWERED` where
    the word is not about a person."""
    text = word.lower().replace("_", "-").replace(" ", "-")
    return _FATE.get(text) or _FATE.get(text.rpartition(".")[2], ANSWERED)


def of_entry(entry: Entry) -> str:
    """Of a request."""
    if entry.refused:
        return REFUSED
    if entry.error or entry.fault or entry.status >= 400:
        return ERROR
    return of_word(entry.outcome)
