"""The doctor's report on a wrong signature: the mistakes that give it, or what has been excluded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property, reduce
from typing import Any, NamedTuple

from mock_server.diagnosis import difference
from mock_server.diagnosis.mistake import CONSTRUCTION, REQUEST, SECRET, TEXT, Stage
from mock_server.diagnosis.mistakes import BY_ID
from mock_server.diagnosis.recipe import Case, Recipe
from mock_server.diagnosis.search import Cause, Match, Profile, Search, messages
from mock_server.diagnosis.spelling import Received

UNKNOWN, ONE_PLACE = "unknown", "one-place"
COMPARE = "Print the text right before it is hashed, and compare it with the one shown here, character by character."
_EXCLUDED = {
    TEXT: "{count} other spellings of {document}",
    SECRET: "{count} other secrets",
    CONSTRUCTION: "{count} other constructions",
    REQUEST: "{count} other ways to make a text of the request",
}


class Finding(NamedTuple):
    """The outcome of a search."""

    mistakes: list[dict[str, Any]]
    """``{"id", "explanation", "fix"}``; the first also ``signed`` and ``difference``, where a text was changed."""
    excluded: list[str]
    """Where no mistake gives the signature: what was ruled out, in words."""


class Diagnosis:
    """One search for the mistakes that give a signature. ``secrets``: not to be shown, should one stand in a text that was signed."""

    def __init__(
        self, profile: Profile, right: Recipe, case: Case, received: str, secrets: Iterable[str] = ()
    ) -> None:
        self._profile, self._right = profile, right
        self._signature, self._search = Received(received), Search(profile, right, case)
        self._hidden = [right.secret.decode("utf-8", "replace"), *secrets]

    @cached_property
    def match(self) -> Match | None:
        """The mistakes that give the signature. None: no known ones do."""
        return self._search.find(self._signature) if self._signature.is_digest else None

    def finding(self) -> Finding:
        """The report."""
        if not self._signature.is_digest:
            name = "digest-is-a-word" if self._signature.is_word else "no-digest"
            return Finding([_named(self._profile, name)], [])
        if self.match is not None:
            return Finding(described(self._profile, self._right, self.match, self._hidden), [])
        return _unknown(self._profile, self._right, self._signature, self._search, self._hidden)


def _named(profile: Profile, name: str) -> dict[str, Any]:
    return dict(messages([Cause(BY_ID[name])], profile.words)[0])


def described(profile: Profile, right: Recipe, match: Match, hidden: Iterable[str]) -> list[dict[str, Any]]:
    """The mistakes as a report has them; the first that changes the text shows what was signed."""
    mistakes: list[dict[str, Any]] = [dict(each) for each in messages(match.causes, profile.words)]
    for number, cause in enumerate(match.causes):
        if cause.mistake.stage not in (Stage.SECRET, Stage.KEY, Stage.MAC, Stage.SPELLING):
            signed = match.recipe.text() if cause.mistake.stage is not Stage.CHARSET else match.text
            mistakes[number] |= compared(right.text(), signed, hidden)
            break
    return mistakes


def compared(right: bytes, signed: bytes, hidden: Iterable[str]) -> dict[str, Any]:
    """``signed`` and ``difference``; empty where both are the same."""
    differs = difference.between(right, signed)
    if differs is None:
        return {}
    redacted = differs._replace(
        right=_redacted(differs.right, hidden), signed=_redacted(differs.signed, hidden)
    )
    return {"signed": _redacted(signed.decode("utf-8", "replace"), hidden), "difference": redacted.as_json()}


def _redacted(text: str, secrets: Iterable[str]) -> str:
    """A text that a mistake may have put a secret into."""
    return reduce(
        lambda shown, secret: shown.replace(secret, "***") if len(secret) > 3 else shown, secrets, text
    )


def _unknown(
    profile: Profile, right: Recipe, signature: Received, search: Search, hidden: Iterable[str]
) -> Finding:
    edit = difference.single_edit(right, signature)
    if edit is not None:
        explanation = f"The text that was signed differs in one character: {edit.how}."
        mistake: dict[str, Any] = {"id": ONE_PLACE, "explanation": explanation, "fix": COMPARE}
        return Finding([{**mistake, **compared(right.text(), edit.text, hidden)}], [])
    excluded = _excluded(search.kinds, profile)
    listed = ", ".join(excluded) + (f", {search.pairs} pairs of them" if search.pairs else "")
    explanation = f"None of {search.tried} known ways gives this signature; excluded are {listed}. Another text was signed."
    return Finding([{"id": UNKNOWN, "explanation": explanation, "fix": COMPARE}], excluded)


def _excluded(kinds: Counter[str], profile: Profile) -> list[str]:
    return [
        words.format(count=kinds[kind], document=profile.words["document"])
        for kind, words in _EXCLUDED.items()
        if kinds[kind]
    ]
