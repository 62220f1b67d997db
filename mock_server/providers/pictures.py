"""Pictures of four colours with text, as PNG and JPEG; the same picture has the same bytes on every machine."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from mock_server.providers import glyphs, jpeg
from mock_server.providers.typesetting import clean, visual

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two are inside."""
_STORED = 65535


class Canvas:
    """A canvas whose colours are named by their place in the palette; it begins in the first one."""

    def __init__(self, width: int, height: int, palette: tuple[Colour, Colour, Colour, Colour]) -> None:
        """Both sizes must be multiples of 8."""
        self.width, self.height, self.palette = width, height, palette
        self._rows = [bytearray(width) for _ in range(height)]

    def rectangle(self, box: Box, colour: int) -> None:
        """Filled."""
        left, top, right, bottom = box
        for row in self._rows[top : bottom + 1]:
            row[left : right + 1] = bytes([colour]) * (right + 1 - left)

    def frame(self, box: Box, colour: int, thickness: int) -> None:
        """The outline of a rectangle, inwards."""
        left, top, right, bottom = box
        inner = thickness - 1
        for side in (
            (left, top, right, top + inner),
            (left, bottom - inner, right, bottom),
            (left, top, left + inner, bottom),
            (right - inner, top, right, bottom),
        ):
            self.rectangle(side, colour)

    def ellipse(self, box: Box, colour: int) -> None:
        """Filled, as large as the box."""
        left, top, right, bottom = box
        across, down = right - left + 1, bottom - top + 1
        for y in range(top, bottom + 1):
            # Doubled coordinates keep the middle of a pixel a whole number.
            height = 2 * (y - top) + 1 - down
            half = int(across * (1 - (height / down) ** 2) ** 0.5 / 2)
            middle = (left + right + 1) // 2
            self.rectangle((middle - half, y, middle + half - 1, y), colour)

    def text(self, left: int, top: int, text: str, colour: int, width: int) -> None:
        """One line, 16 pixels high, cut with … where it is wider than ``width``. On multiples of 8 it costs least."""
        place = left
        shapes = [
            (glyphs.bitmap(glyph.shown), glyphs.is_mark(glyph.shown))
            for glyph in visual(shorten(clean(text), width))
        ]
        for shape, mark in shapes:
            at = max(place - shape.width, left) if mark else place
            for row, bits in zip(self._rows[top:], shape.rows):
                for column in range(min(shape.width, self.width - at)):
                    if bits >> (shape.width - 1 - column) & 1:
                        row[at + column] = colour
            place = place if mark else place + shape.width

    def png(self) -> bytes:
        """As PNG, two bits a pixel, stored without compression."""
        lines = b"".join(b"\0" + _packed(row) for row in self._rows)
        header = struct.pack(">IIBBBBB", self.width, self.height, 2, 3, 0, 0, 0)
        chunks = (
            (b"IHDR", header),
            (b"PLTE", bytes(channel for colour in self.palette for channel in colour)),
            (b"IDAT", b"\x78\x01" + b"".join(_stored(lines)) + struct.pack(">I", zlib.adler32(lines))),
            (b"IEND", b""),
        )
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks
        )

    def jpeg(self) -> bytes:
        """As baseline JPEG."""
        return jpeg.encode(self._rows, self.palette)


def shorten(text: str, width: int) -> str:
    """The text, or as much of it as fits with … into so many pixels."""
    if sum(map(_advance, text)) <= width:
        return text
    room = width - _advance("…")
    for number, char in enumerate(text):
        room -= _advance(char)
        if room < 0:
            return text[:number] + "…"
    return text


def _advance(char: str) -> int:
    return 0 if glyphs.is_mark(char) else glyphs.bitmap(char).width


def _packed(row: bytearray) -> bytes:
    return bytes(
        a << 6 | b << 4 | c << 2 | d for a, b, c, d in zip(row[::4], row[1::4], row[2::4], row[3::4])
    )


def _stored(data: bytes) -> Iterator[bytes]:
    """Blocks of the deflate format that hold the data as it is."""
    for start in range(0, len(data), _STORED):
        block = data[start : start + _STORED]
        last = start + _STORED >= len(data)
        yield struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF) + block
