"""``python -m release.fonts DEJAVU UNIFONT UNIFONT_UPPER``: the two font files of ``mock_server/providers/fonts``.

From Debian's ``fonts-dejavu-core`` (DejaVuSans.ttf), ``unifont`` (unifont.hex) and ``fonts-unifont``
(unifont_upper.otf). Needs fonttools and Pillow. Run once for a new version of a font, never for a release."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FONTS = Path(__file__).resolve().parents[1] / "mock_server" / "providers" / "fonts"
Ranges = tuple[tuple[int, int], ...]
DRAWN: Ranges = (
    (0x20, 0x7E),
    (0xA0, 0x2FF),  # Latin with all its marks; phonetic letters
    (0x300, 0x52F),  # combining marks, Greek, Cyrillic
    (0x531, 0x6FF),  # Armenian, Hebrew, Arabic
    (0x10A0, 0x10FF),  # Georgian
    (0x1E00, 0x206F),  # Vietnamese, polytonic Greek, punctuation
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x214F),  # №, ™
    (0x2190, 0x2199),  # arrows
    (0x2212, 0x2265),  # signs
    (0xFB00, 0xFEFF),  # ligatures, joined forms of Arabic letters
    (0xFFFD, 0xFFFD),
)
PIXELS: Ranges = (
    (0x20, 0x7E),
    (0xA0, 0x33FF),
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFFFD),
)
UPPER: Ranges = ((0x1F000, 0x1FAFF),)  # emoji


def codes(ranges: Ranges) -> Iterator[int]:
    return (code for first, last in ranges for code in range(first, last + 1))


def outlines(path: str) -> Iterator[str]:
    """Each line: code point, advance, and the outline as PDF's path operators, in thousandths of an em."""
    from fontTools.pens.basePen import BasePen
    from fontTools.ttLib import TTFont

    class PathPen(BasePen):  # type: ignore[misc]
        """Writes PDF's operators; BasePen turns quadratic curves into cubic ones."""

        def __init__(self, glyphs: Any) -> None:
            super().__init__(glyphs)
            self.operators: list[str] = []

        def _add(self, operator: str, *points: tuple[float, float]) -> None:
            self.operators += [*(f"{round(x * scale)} {round(y * scale)}" for x, y in points), operator]

        def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
            self._add("m", pt)

        def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
            self._add("l", pt)

        def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
            self._add("c", *points)

        def _closePath(self) -> None:  # noqa: N802
            self._add("h")

    font = TTFont(path)
    names, glyphs, scale = font.getBestCmap(), font.getGlyphSet(), 1000 / font["head"].unitsPerEm
    for code in codes(DRAWN):
        if code in names:
            pen = PathPen(glyphs)
            glyphs[names[code]].draw(pen)
            yield f"{code:04X}:{round(glyphs[names[code]].width * scale)} {' '.join(pen.operators)}"


def bitmaps(basic: str, upper: str) -> Iterator[str]:
    """Lines as in Unifont's own .hex files: code point, then 16 rows of 8 or 16 pixels in hexadecimal digits."""
    from PIL import Image, ImageDraw, ImageFont

    given = dict(line.split(":") for line in Path(basic).read_text("ascii").split())
    for code in codes(PIXELS):
        if (name := f"{code:04X}") in given:
            yield f"{name}:{given[name]}"
    from fontTools.ttLib import TTFont

    known = TTFont(upper).getBestCmap()
    font = ImageFont.truetype(upper, 16)
    for code in codes(UPPER):
        if code in known:
            image = Image.new("1", (16, 16))
            ImageDraw.Draw(image).text((0, 14), chr(code), fill=1, font=font, anchor="ls")
            yield f"{code:04X}:{image.tobytes().hex().upper()}"


def write(name: str, lines: Iterator[str]) -> None:
    content = "".join(f"{line}\n" for line in lines).encode("ascii")
    (FONTS / name).write_bytes(gzip.compress(content, 9, mtime=0))
    print(f"{name}: {len(content):,} bytes, {(FONTS / name).stat().st_size:,} compressed")


def main(dejavu: str, basic: str, upper: str) -> None:
    write("dejavu-sans.txt.gz", outlines(dejavu))
    write("unifont.hex.gz", bitmaps(basic, upper))


if __name__ == "__main__":
    main(*sys.argv[1:])
