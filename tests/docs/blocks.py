"""The fenced blocks of the documentation, as data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("scenarios/**/*.md"),
        *ROOT.glob("examples/**/*.md"),
    ]
    if "node_modules" not in path.parts
)
_FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>```+)(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)(?P=ticks) *$",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """One fenced block."""

    page: Path
    line: int
    """Of its first line of text."""
    language: str
    notes: str
    """What follows the language on the fence."""
    text: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """In the order of the page."""
    source = page.read_text("utf-8")
    blocks = []
    for match in _FENCE.finditer(source):
        language, _, notes = match["info"].strip().partition(" ")
        indent = len(match["indent"])
        text = "".join(
            line[indent:] if line.strip() else line for line in match["text"].splitlines(keepends=True)
        )
        blocks.append(Block(page, source.count("\n", 0, match.start()) + 2, language, notes.strip(), text))
    return blocks


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


class Command(NamedTuple):
    """A command of a console block, and what it is shown to print."""

    line: int
    command: str
    shown: str


def commands(block: Block) -> list[Command]:
    """``$ command`` lines (continued by a backslash or ``> ``), each with the lines of output below it."""
    parsed: list[Command] = []
    lines = block.text.splitlines()
    at = 0
    while at < len(lines):
        if not lines[at].startswith("$ "):
            raise ValueError(f"{block.page.name}:{block.line + at}: output before a command")
        start, command = at, lines[at][2:]
        at += 1
        while at < len(lines) and (command.endswith("\\") or lines[at].startswith("> ")):
            command += "\n" + lines[at].removeprefix("> ")
            at += 1
        shown = []
        while at < len(lines) and not lines[at].startswith("$ "):
            shown.append(lines[at])
            at += 1
        parsed.append(Command(block.line + start, command, "\n".join(shown).strip()))
    return parsed


def matcher(shown: str) -> re.Pattern[str]:
    """Output as it is shown; ``…`` in it stands for anything, lines included."""
    return re.compile(".*".join(re.escape(part) for part in shown.split("…")), re.DOTALL)


def matches(shown: str, printed: str) -> bool:
    """Whether the output is the shown one."""
    return matcher(shown).fullmatch(printed.strip()) is not None
