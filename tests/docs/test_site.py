"""The documentation as a site: complete, without a broken link, and without a request to another host."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docs.drawing import layered
from tests.docs.blocks import ROOT

LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
"""Elements that a browser loads something for, and the attribute that names it."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert build.returncode == 0, build.stdout + build.stderr
    return folder


class Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in LOADED and values.get("rel") not in {"canonical", "prev", "next", "edit"}:
            self.addresses.append(values.get(LOADED[tag]) or "")


def test_every_page_is_on_the_site(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in ROOT.glob("docs/**/*.md")}
    pages = {page.with_name("index.html") if page.name == "README.html" else page for page in pages}
    assert not [str(page) for page in sorted(pages) if not (site / page).is_file()]


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    foreign = []
    for page in site.glob("**/*.html"):
        loads = Loads()
        loads.feed(page.read_text("utf-8"))
        foreign += [address for address in loads.addresses if re.match(r"(https?:)?//", address)]
    for sheet in site.glob("**/*.css"):
        foreign += re.findall(r"url\(\s*[\"']?((?:https?:)?//[^)\"']+)", sheet.read_text("utf-8"))
    assert foreign == []


def test_the_search_finds_a_setting(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    assert any("MOCK_SERVER_PORT" in entry["text"] for entry in index["docs"])


def test_a_block_is_titled_with_its_file(site: Path) -> None:
    assert '<span class="filename">harriet.json</span>' in (site / "for-testers.html").read_text("utf-8")


def test_a_link_out_of_the_site_leads_to_the_repository(site: Path) -> None:
    page = (site / "adding-a-provider.html").read_text("utf-8")
    assert re.search(r'href="https://[^"]+/tree/main/examples/third-vendor"', page)


def test_a_drawing_has_every_box_and_arrow() -> None:
    drawing = layered((("a", "b"), ("a", "c"), ("b", "c")), "Three")
    assert (drawing.count("<rect"), drawing.count("marker-end"), drawing.count("<title>Three")) == (3, 3, 1)


def test_a_circle_is_not_drawn() -> None:
    with pytest.raises(ValueError, match=r"a circle among \['a', 'b'\]"):
        layered((("a", "b"), ("b", "a")), "Circle")
