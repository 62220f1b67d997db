"""The words of the hosted pages: every language fits the English one."""

from __future__ import annotations

from string import Formatter

import pytest

from mock_server.providers.hosted_texts import texts, translated
from mock_server.providers.shuftipro.languages import LANGUAGES
from mock_server.providers.shuftipro.services import ADDRESS_TYPES, CONSENT_TYPES, DOCUMENT_TYPES

ENGLISH = texts().words


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", translated())
def test_a_translation_has_the_keys_and_fields_of_english(language: str) -> None:
    words = texts(language).words
    assert set(words) == set(ENGLISH)
    assert {key: fields(word) for key, word in words.items()} == {
        key: fields(word) for key, word in ENGLISH.items()
    }


@pytest.mark.parametrize("language", translated())
def test_a_translated_language_is_one_of_the_vendors(language: str) -> None:
    assert language.upper() in LANGUAGES


def test_a_language_without_words_is_english() -> None:
    assert texts("pl") == texts()


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("mi", "ltr"), ("pl", "ltr")])
def test_the_direction_of_a_language(language: str, direction: str) -> None:
    assert texts(language).direction == direction


def test_every_document_type_has_a_name() -> None:
    assert {*DOCUMENT_TYPES, *ADDRESS_TYPES, *CONSENT_TYPES} <= set(ENGLISH)


def test_the_vendors_list_is_whole() -> None:
    assert [code for code in LANGUAGES if len(code) != 2 or not code.isupper()] == []
    assert len(set(LANGUAGES.values())) == len(LANGUAGES) == 100
    assert (LANGUAGES["MI"], LANGUAGES["HT"], LANGUAGES["ZU"]) == ("Māori", "Haitian Creole", "Zulu")
