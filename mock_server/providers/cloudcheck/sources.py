"""Which sources a verification asks, in which order, and what they say.

As far as recorded replies show (an account's rule engine): the identity documents one after the other until
one succeeds; if none does, nothing further runs; else the watchlist, then the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from mock_server.core.random import Draws
from mock_server.core.values import Value
from mock_server.providers.cloudcheck.documents import DOCUMENTS, DocumentType, any_member, given_documents

WATCHLIST = "Dow Jones Watchlist"
ADDRESS = "Test Source (Simple Address)"
IDENTITY = "Test Source (Name and Date of Birth)"
"""Asked where neither a document nor an address was given."""
SOURCE_ERROR = "The source is currently unavailable."
UNMATCHED = "Unmatched Fields:"
_ADDRESS_LABELS = ("Street", "Suburb", "City", "Postcode")
BIRTH = "Date of Birth"


class Persona(NamedTuple):
    """The vendor's public test person, whom its test sources know."""

    given: str = "Arnold"
    family: str = "Schwarzenegger"
    born: str = "1947-07-30"
    documents: Mapping[str, Mapping[str, str]] = {
        "driverslicence": {"number": "AB123456", "version": "111"},
        "passport": {"number": "US987654", "expiry": "2020-02-20"},
    }
    peid: int = 587146


PERSONA = Persona()


class SourceResults(Value, frozen=True):
    """What the sources said. Not to be changed: answers that say the same share it."""

    sources: list[dict[str, Any]]
    """In the order in which they ran; keys in the order of recorded replies."""
    name: bool
    birth: bool
    address: bool
    watchlist: bool
    """Whether a watchlist source ran."""
    errors: list[dict[str, str]]
    """``sourceErrors``."""


def source(name: str, success: bool, notes: str = "", error: bool = False) -> dict[str, Any]:
    """One entry of ``sources``; ``notes`` stands first, as in the vendor's hash order."""
    if notes:
        return {"notes": notes, "success": success, "name": name, "error": error}
    return {"success": success, "name": name, "error": error}


def unmatched(labels: Sequence[str]) -> str:
    """A source's notes: the heading, one label a line, and a line feed at the end."""
    return "\n".join((UNMATCHED, *labels, ""))


def passed(documents: Sequence[DocumentType], address: bool) -> SourceResults:
    """Everything matches."""
    return _passed(_first(documents, address), address, bool(documents))


@lru_cache(maxsize=256)
def _passed(first: str, address: bool, documents: bool) -> SourceResults:
    sources = [source(first, True), source(WATCHLIST, True)]
    if address and documents:
        sources.append(source(ADDRESS, True))
    return SourceResults(sources, True, True, address, True, [])


def partly(documents: Sequence[DocumentType], address: bool, draws: Draws) -> SourceResults:
    """Somebody of that name and date of birth exists, but not at that address; or none was given."""
    sources = [source(documents[0].source if documents else IDENTITY, True), source(WATCHLIST, True)]
    if address:
        random = draws.random("unmatched address")
        labels = [_ADDRESS_LABELS[index] for index in sorted(random.sample(range(4), random.randint(1, 2)))]
        sources.append(source(ADDRESS, False, unmatched(labels)))
    return SourceResults(sources, True, True, False, True, [])


def failed(
    documents: Sequence[DocumentType], address: bool, details: Mapping[str, Any], draws: Draws
) -> SourceResults:
    """No source knows the person: each document is tried, then nothing further runs."""
    if documents:
        sources = [
            source(document.source, False, unmatched(_labels(document, details, draws)))
            for document in documents
        ]
    else:
        sources = [source(_first(documents, address), False, unmatched((BIRTH,)))]
    return SourceResults(sources, False, False, False, False, [])


def broken(documents: Sequence[DocumentType], address: bool) -> SourceResults:
    """The first source fails itself."""
    name = _first(documents, address)
    return SourceResults(
        [source(name, False, error=True)], False, False, False, False, [{"name": name, "error": SOURCE_ERROR}]
    )


def _first(documents: Sequence[DocumentType], address: bool) -> str:
    if documents:
        return documents[0].source
    return ADDRESS if address else IDENTITY


def _labels(document: DocumentType, details: Mapping[str, Any], draws: Draws) -> list[str]:
    wrong = persona_mismatch(document, details)
    if wrong:
        return wrong
    random = draws.random(f"unmatched {document.key}")
    labels = [*(member.label for member in document.members if details[document.key].get(member.key)), BIRTH]
    return [
        label for label in labels if label in random.sample(labels, min(len(labels), random.randint(1, 2)))
    ] or labels[:1]


def persona_mismatch(document: DocumentType, details: Mapping[str, Any]) -> list[str]:
    """Labels of the members that differ from the test person, for a document with the test person's number."""
    known = PERSONA.documents.get(document.key)
    fields = details.get(document.key)
    if (
        known is None
        or not isinstance(fields, dict)
        or str(fields.get("number", "")).upper() != known["number"]
    ):
        return []
    wrong = [
        member.label
        for member in document.members
        if str(fields.get(member.key, "")) != known[member.key] and member.key != "number"
    ]
    return wrong + ([BIRTH] if details.get("dateofbirth") != PERSONA.born else [])


def documents_in(details: Mapping[str, Any]) -> list[DocumentType]:
    """The kinds of document that are given, in the order in which they are asked."""
    return [DOCUMENTS[key] for key in given_documents(details) if any_member(details[key])]
