"""The page on adding a provider names every member of the protocol, and files that are there."""

from __future__ import annotations

import re
from pathlib import Path

from mock_server.providers.base import Provider

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "adding-a-provider.md").read_text("utf-8")


def test_every_member_of_the_protocol_is_explained() -> None:
    members = {name for kind in Provider.__mro__ for name in vars(kind) if not name.startswith("_")}
    table = PAGE.partition("## 2.")[2].partition("## 3.")[0]
    assert not [name for name in members if not re.search(rf"`{name}[`(]", table)]


def test_every_file_it_names_is_in_some_provider() -> None:
    table = PAGE.partition("## 4.")[2]
    named = set(re.findall(r"`(\w+\.py)`", table))
    there = {path.name for path in (ROOT / "mock_server" / "providers").glob("*/*.py")}
    assert named
    assert not named - there


def test_every_path_it_names_exists() -> None:
    paths = re.findall(r"`((?:mock_server|tests|scenarios)/[\w/.]+)`", PAGE)
    assert not [path for path in paths if "NAME" not in path and not (ROOT / path).exists()]
