"""``python -m tests.browser.docs_pictures FOLDER``: the pictures of the README and of docs/, from those that
`test_pictures` has taken."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).resolve().parents[2] / "docs"
COLOURS = 128
GAP = 16
ALONE = {
    "dashboard": "requests-refused-1440-light",
    "dashboard-editor": "scenarios-edit-1440-light",
    "dashboard-try": "requests-try-1440-dark",
    "dashboard-doctor": "doctor-text-1440-light",
}
IN_A_ROW = {
    "hosted-pages": (
        "hosted-shuftipro-start-360-light",
        "hosted-shuftipro-document-type-360-light",
        "hosted-shuftipro-document-360-dark",
        "hosted-shuftipro-arabic-360-light",
        "hosted-shuftipro-accepted-360-light",
    )
}
"""Phones beside one another."""


def in_a_row(pictures: list[Image.Image]) -> Image.Image:
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) + 1)
    row = Image.new("RGB", (width, max(picture.height for picture in pictures) + 2 * GAP), "#c8cdd8")
    at = GAP
    for picture in pictures:
        row.paste(picture, (at, GAP))
        at += picture.width + GAP
    return row


def save(name: str, picture: Image.Image) -> None:
    """Small enough for a repository: few colours, none of them dithered."""
    reduced = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    reduced.save(DOCS / f"{name}.png", optimize=True)


def main(folder: Path) -> None:
    def taken(name: str) -> Image.Image:
        return Image.open(folder / f"{name}.png")

    for name, picture in ALONE.items():
        save(name, taken(picture))
    for name, pictures in IN_A_ROW.items():
        save(name, in_a_row([taken(picture).convert("RGB") for picture in pictures]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
