"""The search for the mistakes, alone or in pairs, that give the signature at hand. Only a mistake that gives exactly this signature is
named, so a signature of unknown origin names none, and the right secret is never blamed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from mock_server.diagnosis.construction import Digester, encoded, size
from mock_server.diagnosis.mistake import KINDS, TEXT, Mistake, Stage
from mock_server.diagnosis.mistakes import BY_ID, MISTAKES
from mock_server.diagnosis.recipe import Case, Recipe, Variant
from mock_server.diagnosis.spelling import Received
from mock_server.diagnosis.texts import rewritten

BUDGET = 28_000_000
"""Bytes that may be hashed for one diagnosis, other work counted as bytes: less than 50 ms of a processor of 2022, as
``benchmarks.diagnosis`` measures."""
_EACH = 12_000_000
"""Of them for one mistake."""
_REWRITING = 6
"""How often a text could be hashed while it is changed."""
_SLOW = {"document-encoded": 30, "letters-unescaped": 24, "unicode-normalised": 16, "html-escaped": 10}
"""The same where it takes longer."""
_LIBRARIES = 100
"""So many texts that libraries write are the likeliest of all mistakes."""
_FIRST, _SECOND = 6, 14
"""So many variants of a mistake are as likely as it, so many a little less."""


class Profile(NamedTuple):
    """What a vendor's signatures are like."""

    stages: frozenset[Stage]
    """Stages that apply."""
    words: Mapping[str, str]
    """For the placeholders of explanations and fixes."""
    without: frozenset[str] = frozenset()
    """Mistakes of these stages that cannot be made here, or are none."""


class Cause(NamedTuple):
    """A mistake, and which variant of it."""

    mistake: Mistake
    how: str = ""


_LONG = 20_000
"""Bytes of a long text."""
_Single = tuple[int, Cause, Variant]
"""How unlikely, which, and how it changes a recipe."""


class Match(NamedTuple):
    """The mistakes that give the signature."""

    causes: tuple[Cause, ...]
    recipe: Recipe
    text: bytes
    """What was hashed."""


class Candidate(NamedTuple):
    """A way of signing that is tried."""

    causes: tuple[Cause, ...]
    """Empty: the right way."""
    recipe: Recipe
    digest: bytes


_IsPossible = Callable[[int, int], bool]
"""Whether a digest of so many bytes, given by so many mistakes, may be the signature."""


class Search:
    """One search; ``tried`` counts the digests that were compared, ``pairs`` those of two mistakes."""

    def __init__(self, profile: Profile, right: Recipe, case: Case) -> None:
        self._profile, self._right, self._case = profile, right, case
        self._digester = Digester()
        self._seen: set[bytes] = set()
        self._length = len(right.text())
        self.tried = self.pairs = 0
        self.kinds: Counter[str] = Counter()
        """How many single mistakes of each kind."""
        self.complete = True
        """Whether every single mistake was tried; pairs are tried as far as the budget reaches."""

    def find(self, received: Received) -> Match | None:
        """The likeliest mistakes that give the signature. None: none does."""
        for causes, recipe, digest in self.candidates(received.may_be):
            spelling = received.match(digest)
            if spelling is not None:
                spelled = tuple(Cause(BY_ID[name]) for name in spelling if name not in self._profile.without)
                if causes or spelled:
                    return Match((*spelled, *causes), recipe, self._digester.text(recipe) or b"")
        return None

    def candidates(self, is_possible: _IsPossible = lambda size, count: True) -> Iterator[Candidate]:
        """The right recipe, each mistake, then pairs; each digest once, and only digests that are possible."""
        right = self._candidate((), self._right, is_possible)
        if right is not None:
            yield right
        singles: dict[Stage, list[_Single]] = {}
        for mistake in self._mistakes():
            yield from self._alone(mistake, singles.setdefault(mistake.stage, []), is_possible)
        last, changed = None, self._right
        for first, second in _pairs(singles):
            if self._digester.work > BUDGET:
                return
            if first is not last:
                last, changed = first, first[2].change(self._right)
                self._digester.work += self._price(first[1].mistake)
            recipe = second[2].change(changed)
            self._digester.work += self._price(second[1].mistake)
            if recipe == self._right:
                continue
            candidate = self._candidate((first[1], second[1]), recipe, is_possible)
            if candidate is not None:
                yield candidate

    def _alone(
        self, mistake: Mistake, singles: list[_Single], is_possible: _IsPossible
    ) -> Iterator[Candidate]:
        """Each variant of the mistake, which is also added to ``singles``."""
        work_before, price = self._digester.work, self._price(mistake)
        for number, variant in enumerate(mistake.variants(self._right, self._case)):
            if self._digester.work > min(BUDGET, work_before + _EACH):
                self.complete = False
                return
            recipe = variant.change(self._right)
            self._digester.work += price
            if recipe == self._right:
                continue
            cause = Cause(mistake, variant.how)
            singles.append((mistake.weight + _extra_weight(mistake, number), cause, variant))
            candidate = self._candidate((cause,), recipe, is_possible)
            if candidate is not None:
                yield candidate

    def _price(self, mistake: Mistake) -> int:
        """What changing the text costs."""
        return self._length * _SLOW.get(mistake.id, _REWRITING) if _changes_text(mistake) else 0

    def _mistakes(self) -> Iterator[Mistake]:
        """In the order of the table; of a long text the likeliest first, then those that do not change it, since changing it
        takes the time."""
        known = [
            mistake
            for mistake in MISTAKES
            if mistake.stage in self._profile.stages and mistake.id not in self._profile.without
        ]
        return iter(known if self._length < _LONG else sorted(known, key=_when_long))

    def _candidate(
        self, causes: tuple[Cause, ...], recipe: Recipe, is_possible: _IsPossible
    ) -> Candidate | None:
        """None: its digest is not possible, cannot be computed, or was tried before."""
        if not is_possible(size(recipe.mac), len(causes)):
            return None
        digest = self._digester.digest(recipe)
        if not digest or digest in self._seen:
            return None
        self._seen.add(digest)
        self.tried += 1
        self.pairs += len(causes) > 1
        if len(causes) == 1:
            self.kinds[KINDS[causes[0].mistake.stage]] += 1
        return Candidate(causes, recipe, digest)


def _changes_text(mistake: Mistake) -> bool:
    """Whether it makes another text of what may be long."""
    return mistake.id not in _CHEAP and (KINDS[mistake.stage] == TEXT or mistake.stage is Stage.VALUES)


def _extra_weight(mistake: Mistake, number: int) -> int:
    """How much less likely the variant is than the first ones."""
    if mistake.variants is rewritten:
        return int(number >= _LIBRARIES)
    return (number >= _FIRST) + 2 * (number >= _SECOND)


def _when_long(mistake: Mistake) -> int:
    if mistake.variants is rewritten:
        return 0
    return 3 if mistake.weight > 1 else 2 if _changes_text(mistake) else 1


_CHEAP = frozenset(
    {"timestamp-signed-otherwise", "timestamp-taken-twice", "nonce-made-twice", "text-trimmed", "text-ended"}
)


def _pairs(singles: Mapping[Stage, list[_Single]]) -> Iterator[tuple[_Single, _Single]]:
    """Pairs of different stages in the order of signing, likelier ones first; of those that are as likely, the ones that
    few others compete with."""
    buckets: dict[Stage, dict[int, list[_Single]]] = {}
    for stage, variants in sorted(singles.items()):
        for single in variants:
            buckets.setdefault(stage, {}).setdefault(single[0], []).append(single)
    groups = [
        (weight + other, ones, others)
        for first in buckets
        for second in buckets
        if first < second
        for weight, ones in buckets[first].items()
        for other, others in buckets[second].items()
    ]
    for _, ones, others in sorted(groups, key=lambda group: (group[0], len(group[1]) * len(group[2]))):
        yield from product(ones, others)


def alteration(original: Recipe, case: Case, altered: bytes) -> tuple[Cause, ...]:
    """The mistakes that make ``altered`` of the original's text: one, or one in how JSON is written and one in the text. Empty:
    none do."""
    rewrites: list[tuple[Cause, Recipe]] = []
    for mistake in MISTAKES:
        if mistake.stage in (Stage.JSON, Stage.TEXT, Stage.CHARSET):
            for variant in mistake.variants(original, case):
                recipe, cause = variant.change(original), Cause(mistake, variant.how)
                if recipe != original and encoded(recipe.text(), recipe.charset) == altered:
                    return (cause,)
                if mistake.stage is Stage.JSON and len(rewrites) < 2 * _SECOND:
                    rewrites.append((cause, recipe))
    for first, recipe in rewrites:
        for mistake in MISTAKES:
            for variant in mistake.variants(original, case) if mistake.stage is Stage.TEXT else ():
                if variant.change(recipe).text() == altered:
                    return first, Cause(mistake, variant.how)
    return ()


def secret_mistake(secret: bytes, case: Case, sent: bytes) -> Cause | None:
    """The mistake that turns the secret into what was sent, where the secret itself is sent. None: no known one does."""
    recipe = Recipe(b"", (), secret)
    for mistake in MISTAKES:
        if mistake.stage is Stage.SECRET:
            for variant in mistake.variants(recipe, case):
                if variant.change(recipe).secret == sent:
                    return Cause(mistake, variant.how)
    return None


def messages(causes: Iterable[Cause], words: Mapping[str, str]) -> list[dict[str, str]]:
    """``{"id", "explanation", "fix"}`` of each."""
    return [{"id": mistake.id, **sentences(mistake, how, words)} for mistake, how in causes]


def sentences(mistake: Mistake, how: str, words: Mapping[str, str]) -> dict[str, str]:
    """Explanation and fix in a vendor's words."""
    filled = {**words, "Document": words["document"][:1].upper() + words["document"][1:], "how": how}
    return {
        "explanation": filled_in(mistake.explanation, filled),
        "fix": filled_in(filled_in(mistake.fix, filled), filled),
    }


def filled_in(text: str, words: Mapping[str, str]) -> str:
    """The text with ``{name}`` replaced by words; other braces stay."""
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text
