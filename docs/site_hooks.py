"""What MkDocs is told of this tree: pages beside ``docs/``, links that lead out of it, and names of files on fences."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
BESIDE = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "PRINCIPLES.md", "SECURITY.md")
"""Pages of the checkout's top level that the site has, too."""
_LINK = re.compile(r"(?P<before>\]\()(?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
_FENCE = re.compile(r"^(?P<fence> *```+)(?P<language>[a-z]+) (?P<note>[^\n`]+)$", re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The top level's pages join those of ``docs/``."""
    for name in BESIDE:
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links as the site has them, and a title on each block that shows a file."""
    folder = ROOT if page.file.src_uri in BESIDE else ROOT / "docs" / Path(page.file.src_uri).parent
    linked = _LINK.sub(lambda match: _link(match, folder, page, config), markdown)
    return _FENCE.sub(lambda match: f'{match["fence"]}{match["language"]} title="{match["note"]}"', linked)


def _link(match: re.Match[str], folder: Path, page: Page, config: MkDocsConfig) -> str:
    """A link to what the site holds leads there, any other to the repository."""
    target, anchor = match["target"], match["anchor"] or ""
    if re.match(r"[a-z]+:", target):
        return match[0]
    path = (folder / target).resolve()
    if not path.exists():
        return match[0]  # MkDocs reports it
    if path.is_file() and path.is_relative_to(ROOT / "docs"):
        within = path.relative_to(ROOT / "docs")
    elif path.name in BESIDE and path.parent == ROOT:
        within = Path(path.name)
    else:
        kind = "tree" if path.is_dir() else "blob"
        return f"{match['before']}{config.repo_url}/{kind}/main/{path.relative_to(ROOT)}{anchor})"
    up = "../" * (len(Path(page.file.src_uri).parts) - 1)
    return f"{match['before']}{up}{within.as_posix()}{anchor})"
