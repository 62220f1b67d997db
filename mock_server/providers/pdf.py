"""PDF files of text, by the few parts of ISO 32000 that this takes.

Each used shape is a procedure of a Type 3 font with its Unicode text, so that every script can be seen, searched and
copied. Nothing is compressed: the same text at the same time has the same bytes on every machine."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.core.clock import utc
from mock_server.providers import glyphs
from mock_server.providers.typesetting import Glyph, visual, wrap

WIDTH, HEIGHT = 595, 842
MARGIN = 56.0
INNER = WIDTH - 2 * MARGIN
Colour = tuple[int, int, int]
BLACK: Colour = (0, 0, 0)
_BOLD = 60
"""Width of the stroke that makes a shape bold, in thousandths of an em."""
_SLANT = 0.2
_CODES = 255
_MEASURE = 500
"""Width of the first, empty shape of each font. Readers that look for spaces between words judge the size of a
Type 3 font by the first shape whose name is a letter, and expect half an em."""


class Fonts:
    """The shapes that a document uses, in the order of their first use; 255 make one font."""

    def __init__(self) -> None:
        self._places: dict[tuple[Glyph, bool], int] = {}

    def place(self, glyph: Glyph, bold: bool) -> tuple[int, int]:
        """Number of the font, and the code in it."""
        font, place = divmod(self._places.setdefault((glyph, bold), len(self._places)), _CODES)
        return font, place + 1

    def fonts(self) -> Iterator[list[tuple[Glyph, bool]]]:
        """The shapes of each font, in the order of their codes, from 1."""
        shapes = list(self._places)
        return (shapes[start : start + _CODES] for start in range(0, len(shapes), _CODES))


class PdfDocument:
    """Pages that are filled from the top; sizes and places in points, 72 to an inch."""

    def __init__(self, title: str, at: float) -> None:
        """``at``: when it is made, in seconds since 1970."""
        self._title, self._at = title, at
        self._fonts = Fonts()
        self._pages: list[list[str]] = []
        self._new_page()

    def _new_page(self) -> None:
        self._pages.append([])
        self._top = HEIGHT - MARGIN

    def need(self, height: float) -> None:
        """A new page where less than this is left."""
        if self._top - height < MARGIN:
            self._new_page()

    def space(self, height: float) -> None:
        """Leaves room below what was written last."""
        self._top -= height

    def rule(self, colour: Colour) -> None:
        """A thin line from margin to margin."""
        self._pages[-1].append(
            f"{_channels(colour)} RG 0.5 w {MARGIN:g} {self._top:.2f} m {WIDTH - MARGIN:g} {self._top:.2f} l S"
        )

    def write(
        self,
        text: str,
        size: float,
        *,
        bold: bool = False,
        italic: bool = False,
        colour: Colour = BLACK,
    ) -> None:
        """A paragraph from margin to margin."""
        for line in _wrap(text, size, INNER):
            self.need(1.4 * size)
            self._top -= 1.4 * size
            self._draw(line, MARGIN, size, bold, italic, colour)

    def row(self, label: str, value: str, size: float, label_width: float, label_colour: Colour) -> None:
        """A label and its value, in as many lines as it takes."""
        labels = _wrap(label, size, label_width - size)
        values = _wrap(value, size, INNER - label_width)
        for number in range(max(len(labels), len(values))):
            self.need(1.8 * size)
            self._top -= 1.8 * size
            for lines, left, colour in ((labels, 0.0, label_colour), (values, label_width, BLACK)):
                if number < len(lines):
                    self._draw(lines[number], MARGIN + left, size, False, False, colour)

    def _draw(self, line: str, left: float, size: float, bold: bool, italic: bool, colour: Colour) -> None:
        shapes = visual(line)
        if not shapes:
            return
        slant = _SLANT if italic else 0
        operators = [
            f"BT {_channels(colour)} rg {_channels(colour)} RG 1 0 {slant:g} 1 {left:g} {self._top:.2f} Tm"
        ]
        current, codes = -1, ""
        for glyph in shapes:
            font, code = self._fonts.place(glyph, bold)
            if font != current:
                operators += [f"<{codes}> Tj"] * bool(codes) + [f"/F{font} {size:g} Tf"]
                current, codes = font, ""
            codes += f"{code:02X}"
        self._pages[-1].append(" ".join([*operators, f"<{codes}> Tj ET"]))

    def bytes(self) -> bytes:
        """The file."""
        file = _File()
        catalogue, tree, info = file.reserve(), file.reserve(), file.reserve()
        fonts = [_font(file, shapes) for shapes in self._fonts.fonts()]
        resources = " ".join(f"/F{number} {font} 0 R" for number, font in enumerate(fonts))
        pages = []
        for operators in self._pages:
            content = file.stream("\n".join(operators))
            page = file.reserve()
            file.put(
                page,
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}]"
                f" /Resources << /Font << {resources} >> >> /Contents {content} 0 R >>",
            )
            pages.append(f"{page} 0 R")
        file.put(catalogue, f"<< /Type /Catalog /Pages {tree} 0 R >>")
        file.put(tree, f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(pages)}] >>")
        title = ("\ufeff" + self._title).encode("utf-16-be", "replace").hex().upper()
        date = utc(self._at).strftime("D:%Y%m%d%H%M%SZ")
        file.put(info, f"<< /Title <{title}> /Producer (kyc-mock-server) /CreationDate ({date}) >>")
        return file.bytes(catalogue, info)


def _channels(colour: Colour) -> str:
    return " ".join(f"{channel / 255:.3g}" for channel in colour)


def _wrap(text: str, size: float, width: float) -> list[str]:
    return wrap(text, width / size * 1000, lambda char: glyphs.outline(char).advance)


def _font(file: _File, shapes: list[tuple[Glyph, bool]]) -> int:
    """The number of a font whose codes from 1 are these shapes."""
    outlines = [(glyphs.outline(glyph.shown), bold) for glyph, bold in shapes]
    procedures = [
        file.stream(f"{outline.advance} 0 d0 {_paint(outline.path, bold)}") for outline, bold in outlines
    ]
    texts = file.stream(_to_unicode([" ", *(glyph.text for glyph, _ in shapes)]))
    names = [f"/g{code}" for code in range(1, len(shapes) + 1)]
    widths = " ".join(str(outline.advance) for outline, _ in outlines)
    font = file.reserve()
    file.put(
        font,
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 0 0] /FontMatrix [0.001 0 0 0.001 0 0] /Resources << >>"
        f" /FirstChar 0 /LastChar {len(shapes)} /Widths [{_MEASURE} {widths}]"
        f" /Encoding << /Type /Encoding /Differences [0 /n {' '.join(names)}] >>"
        f" /CharProcs << /n {file.stream(f'{_MEASURE} 0 d0')} 0 R"
        f" {' '.join(f'{name} {number} 0 R' for name, number in zip(names, procedures))} >>"
        f" /ToUnicode {texts} 0 R >>",
    )
    return font


def _paint(path: str, bold: bool) -> str:
    if not path:
        return ""
    return f"{_BOLD} w {path} B" if bold else f"{path} f"


def _to_unicode(texts: list[str]) -> str:
    rows = [f"<{code:02X}> <{text.encode('utf-16-be').hex().upper()}>" for code, text in enumerate(texts)]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]  # no more are allowed in one
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <00> <FF> endcodespacerange",
            *(line for block in blocks for line in (f"{len(block)} beginbfchar", *block, "endbfchar")),
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    )


class _File:
    """Numbered objects, and the table of where each begins."""

    def __init__(self) -> None:
        self._objects: list[str] = []

    def reserve(self) -> int:
        self._objects.append("")
        return len(self._objects)

    def put(self, number: int, content: str) -> None:
        self._objects[number - 1] = content

    def stream(self, content: str) -> int:
        number = self.reserve()
        self.put(number, f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        return number

    def bytes(self, catalogue: int, info: int) -> bytes:
        parts, places, length = ["%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"], [], 0
        for number, content in enumerate(self._objects, 1):
            length += len(parts[-1])
            places.append(length)
            parts.append(f"{number} 0 obj\n{content}\nendobj\n")
        length += len(parts[-1])
        size = len(places) + 1
        table = "".join(f"{place:010} 00000 n \n" for place in places)
        parts.append(
            f"xref\n0 {size}\n0000000000 65535 f \n{table}"
            f"trailer\n<< /Size {size} /Root {catalogue} 0 R /Info {info} 0 R >>\nstartxref\n{length}\n%%EOF\n"
        )
        return "".join(parts).encode("latin-1")
