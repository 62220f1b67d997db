"""The words of the hosted pages by language, one file of ``texts/`` each. What a language does not have is
English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

ENGLISH = "en"
_FOLDER = Path(__file__).with_name("texts")
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


class Texts(NamedTuple):
    """A page's words in one language."""

    language: str
    """Of the words, for ``lang``: ``mi``."""
    words: Mapping[str, str]

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``, for ``dir``."""
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"

    def get(self, key: str, otherwise: str = "") -> str:
        """The word of that key."""
        return self.words.get(key, otherwise)

    def __call__(self, key: str, **values: object) -> str:
        """The word of that key with the values put in. Raises ``KeyError`` for a key that English has not."""
        return self.words[key].format(**values)


@lru_cache(maxsize=1)
def translated() -> tuple[str, ...]:
    """The languages that have a file: ``("ar", "de", …)``."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@lru_cache(maxsize=16)
def texts(language: str = ENGLISH) -> Texts:
    """The words in that language; in English without a file of it."""
    chosen = language if language in translated() else ENGLISH
    return Texts(chosen, {**_read(ENGLISH), **_read(chosen)})


def _read(language: str) -> dict[str, str]:
    import yaml

    text = (_FOLDER / f"{language}.yaml").read_text("utf-8")
    return {str(key): str(word) for key, word in yaml.load(text, Loader=yaml.CSafeLoader).items()}
