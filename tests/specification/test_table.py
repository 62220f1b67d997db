"""The table of a vendor's specification holds each of its sentences, with a default, a setting and a test
that is there.

``cloudcheck.txt`` and ``shuftipro.txt`` are the two texts, cut into sentences: an id and the sentence, or
``-`` for one that states no behaviour (headings, lead-ins to a list, advice to the reader)."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from mock_server.providers import registry
from mock_server.providers.specification import SpecificationSentence

ROOT = Path(__file__).resolve().parents[2]
VENDORS = tuple(registry.installed())
DIGESTS = {
    "cloudcheck": "3cc999f36eb3f1d3677e5be712ac7f7bc8acd1827a56db11d0dea063e61082b8",
    "shuftipro": "c0b2786e69592ac9d3f5df9ab4a1a7fb663067b2fa0a206f045767c92ee427fc",
}
"""SHA-256 of the published text without its blanks: no sentence is lost, changed or added here."""


def rows_of(vendor: str) -> Sequence[SpecificationSentence]:
    return registry.build({})[vendor].specification


def lines(vendor: str) -> list[tuple[str, str]]:
    """Id (``-``: none) and text of each sentence."""
    text = (Path(__file__).parent / f"{vendor}.txt").read_text("utf-8")
    return [
        (identifier, sentence)
        for identifier, _, sentence in (line.partition(" | ") for line in text.splitlines())
    ]


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


@cache
def functions(file: str) -> frozenset[str]:
    """Names of a test file's test functions."""
    path = ROOT / file
    nodes = ast.parse(path.read_text("utf-8")).body if path.is_file() else []
    return frozenset(
        node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_text_is_the_published_one(vendor: str) -> None:
    text = "".join(bare(sentence) for _, sentence in lines(vendor))
    assert hashlib.sha256(text.encode()).hexdigest() == DIGESTS[vendor]


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_sentence_that_states_behaviour_has_a_row(vendor: str) -> None:
    stated = [identifier for identifier, _ in lines(vendor) if identifier != "-"]
    assert [row.id for row in rows_of(vendor)] == stated


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_row_quotes_its_sentence(vendor: str) -> None:
    texts = dict(lines(vendor))
    for row in rows_of(vendor):
        pattern = ".*".join(re.escape(bare(part)) for part in row.sentence.split("…"))
        assert re.search(pattern, bare(texts[row.id])), row.id


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_section_of_a_row_is_a_heading_above_its_sentence(vendor: str) -> None:
    texts = lines(vendor)
    for row in rows_of(vendor):
        above = texts[: [identifier for identifier, _ in texts].index(row.id)]
        assert row.section in {text for identifier, text in above if identifier == "-"}, row.id


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_cell_is_empty(vendor: str) -> None:
    assert [row.id for row in rows_of(vendor) if not all(cell.strip() for cell in row)] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_test_is_there(vendor: str) -> None:
    missing = []
    for row in rows_of(vendor):
        file, _, name = row.test.partition("::")
        missing += [row.test] if name not in functions(file) else []
    assert missing == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_test_of_a_specification_is_named_by_a_row(vendor: str) -> None:
    """Or stands beside one, where a sentence takes more than one."""
    file = f"tests/specification/test_{vendor}.py"
    named = {row.test.partition("::")[2] for row in rows_of(vendor)}
    assert named <= functions(file)
    assert len(named) > len(functions(file)) / 2


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_setting_is_there(vendor: str) -> None:
    provider = registry.build({})[vendor]
    account = provider.section("default", {})
    unknown = []
    for row in rows_of(vendor):
        for name in row.setting.split(", ") if not row.setting.startswith("none: ") else ():
            kind, colon, member = name.partition(": ")
            there = (
                (kind == "account" and hasattr(account, member))
                if colon
                else hasattr(provider.settings, name)
            )
            unknown += [] if there else [f"{row.id}: {name}"]
    assert unknown == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_reason_for_no_setting_is_given(vendor: str) -> None:
    assert [row.id for row in rows_of(vendor) if row.setting.removeprefix("none:").strip() == ""] == []
