"""The tables of docs/callbacks.md say what the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mock_server.core.delivery_directives import DIRECTIVES
from mock_server.providers.audit import AuditCase
from mock_server.providers.cloudcheck import audit as cloudcheck
from mock_server.providers.shuftipro import audit as shuftipro


def rows(root: Path, mark: str) -> list[list[str]]:
    page = (root / "docs" / "callbacks.md").read_text("utf-8")
    table = page.split(f"<!-- {mark} -->\n")[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_every_word_is_described(root: Path) -> None:
    assert rows(root, "words") == [
        [f"`{each.example}`", each.description, "yes" if each.repeats else "no"]
        for each in DIRECTIVES.values()
    ]


@pytest.mark.parametrize(
    ("vendor", "cases"),
    [
        ("shuftipro", shuftipro.cases(str, scheme="hashed", secret="k")),
        ("cloudcheck", cloudcheck.cases(str, scheme="", secret="")),
    ],
    ids=["shuftipro", "cloudcheck"],
)
def test_every_case_of_the_audit_is_named(root: Path, vendor: str, cases: list[AuditCase]) -> None:
    shown = {row[0]: re.findall(r"`([^`]+)`", row[1]) for row in rows(root, f"audit {vendor}")}
    kinds = dict.fromkeys(case.kind for case in cases)
    assert {kind: [case.id for case in cases if case.kind == kind] for kind in kinds} == shown
