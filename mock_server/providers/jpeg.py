"""Baseline JPEG (ITU-T T.81) of pictures with a palette, in whole numbers.

A drawn picture has few different blocks of 8 by 8 pixels; each is transformed once. The Huffman tables give one bit to
what nearly every block is, an unchanged one, and one length to all else."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

Colour = tuple[int, int, int]
Rows = Sequence[bytearray]
_SCALE = 13
_COSINES = [
    [
        round(
            (math.sqrt(1 / 8) if u == 0 else 0.5 * math.cos((2 * x + 1) * u * math.pi / 16)) * (1 << _SCALE)
        )
        for x in range(8)
    ]
    for u in range(8)
]
_ZIGZAG = sorted(range(64), key=lambda at: (at // 8 + at % 8, at // 8 if (at // 8 + at % 8) % 2 else at % 8))
_QUANTA = [3 + (at // 8 + at % 8) for at in range(64)]
_DC_LENGTH, _AC_LENGTH = 5, 9
_AC_SYMBOLS = [0x00, 0xF0, *(run << 4 | size for run in range(16) for size in range(1, 11))]
"""End of block, sixteen zeros, and every run of zeros with the size of what follows."""
_DC_CODES = {0: "0"} | {size: f"{0b10000 + size - 1:0{_DC_LENGTH}b}" for size in range(1, 12)}
_AC_CODES = {0: "0"} | {
    symbol: f"{0b100000000 + place:0{_AC_LENGTH}b}" for place, symbol in enumerate(_AC_SYMBOLS[1:])
}


def encode(rows: Rows, palette: Sequence[Colour]) -> bytes:
    """``rows``: places in the palette, as many as a multiple of 8, in as many rows."""
    height, width = len(rows), len(rows[0])
    components = list(zip(*map(_luma_and_chroma, palette)))
    known: dict[bytes, list[tuple[int, str]]] = {}
    last = [0, 0, 0]
    bits = []
    for top in range(0, height, 8):
        for left in range(0, width, 8):
            block = b"".join(row[left : left + 8] for row in rows[top : top + 8])
            if block not in known:
                known[block] = _coefficients(block, components)
            for number, (mean, rest) in enumerate(known[block]):
                size, extra = _magnitude(mean - last[number])
                last[number] = mean
                bits += [_DC_CODES[size], extra, rest]
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    scan = int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0")
    return _headers(width, height) + scan + b"\xff\xd9"


def _luma_and_chroma(colour: Colour) -> tuple[int, int, int]:
    """JFIF's Y, Cb, Cr, shifted to be around zero."""
    red, green, blue = colour
    return (
        (299 * red + 587 * green + 114 * blue + 500) // 1000 - 128,
        (-1687 * red - 3313 * green + 5000 * blue + 5000) // 10000,
        (5000 * red - 4187 * green - 813 * blue + 5000) // 10000,
    )


def _coefficients(block: bytes, components: Sequence[Sequence[int]]) -> list[tuple[int, str]]:
    """For each component: the mean, and the bits of all else."""
    first = block[0]
    # The transform is linear: one of where each further colour is gives that of every component.
    masks = {colour: _transform([at == colour for at in block]) for colour in set(block) if colour != first}
    result = []
    for values in components:
        sums = [0] * 64
        sums[0] = values[first] * 8 << 2 * _SCALE
        for colour, mask in masks.items():
            step = values[colour] - values[first]
            sums = [sum_ + step * part for sum_, part in zip(sums, mask)]
        quantised = [_rounded(sums[at], _QUANTA[at] << 2 * _SCALE) for at in _ZIGZAG]
        result.append((quantised[0], _run_lengths(quantised[1:])))
    return result


def _transform(samples: Sequence[int]) -> list[int]:
    """The cosine transform of 64 samples, times 2 ** (2 * _SCALE)."""
    lines = [samples[start : start + 8] for start in range(0, 64, 8)]
    halves = [[sum(map(int.__mul__, cosine, map(int, line))) for line in lines] for cosine in _COSINES]
    return [sum(map(int.__mul__, cosine, halves[u])) for cosine in _COSINES for u in range(8)]


def _rounded(value: int, divisor: int) -> int:
    return (2 * value + divisor) // (2 * divisor)


def _magnitude(value: int) -> tuple[int, str]:
    """The size of a number in bits, and these; of a negative one, those of its complement."""
    size = abs(value).bit_length()
    if not size:
        return 0, ""
    return size, f"{value if value > 0 else value + (1 << size) - 1:0{size}b}"


def _run_lengths(values: Sequence[int]) -> str:
    bits, zeros = [], 0
    end = max((place for place, value in enumerate(values) if value), default=-1)
    for value in values[: end + 1]:
        if not value:
            zeros += 1
            continue
        size, extra = _magnitude(value)
        bits += [_AC_CODES[0xF0]] * (zeros // 16) + [_AC_CODES[zeros % 16 << 4 | size], extra]
        zeros = 0
    return "".join(bits) + ("" if end == len(values) - 1 else _AC_CODES[0])


def _headers(width: int, height: int) -> bytes:
    components = b"".join(bytes((number, 0x11, 0)) for number in (1, 2, 3))
    scan = b"".join(bytes((number, 0)) for number in (1, 2, 3))
    segments = (
        (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        (0xDB, bytes([0, *(_QUANTA[at] for at in _ZIGZAG)])),
        (0xC0, struct.pack(">BHHB", 8, height, width, 3) + components),
        (0xC4, _table(0x00, _DC_LENGTH, range(12))),
        (0xC4, _table(0x10, _AC_LENGTH, _AC_SYMBOLS)),
        (0xDA, b"\x03" + scan + b"\0\x3f\0"),
    )
    return b"\xff\xd8" + b"".join(
        struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data for kind, data in segments
    )


def _table(target: int, length: int, symbols: Sequence[int]) -> bytes:
    """A Huffman table that gives one bit to the first symbol, and ``length`` bits to each other."""
    counts = [0] * 16
    counts[0], counts[length - 1] = 1, len(symbols) - 1
    return bytes([target, *counts, *symbols])
