"""Arrows between names, drawn as an SVG in layers: the import graph, and the way of a request."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Arrow = tuple[str, str]

HEIGHT, GAP_X, GAP_Y, MARGIN = 34, 26, 46, 12
LETTER = 8.4
"""Pixels of one letter of the monospaced font at 14 px."""


def layered(arrows: Sequence[Arrow], title: str) -> str:
    """An SVG in which each arrow leads downwards. Raises `ValueError` where arrows form a circle."""
    rows = _rows(arrows)
    widths = {name: LETTER * len(name) + 24 for row in rows for name in row}
    whole = max(sum(widths[name] for name in row) + GAP_X * (len(row) - 1) for row in rows) + 2 * MARGIN
    boxes: dict[str, tuple[float, float]] = {}
    for level, row in enumerate(rows):
        left = (whole - sum(widths[name] for name in row) - GAP_X * (len(row) - 1)) / 2
        for name in row:
            boxes[name] = (left, MARGIN + level * (HEIGHT + GAP_Y))
            left += widths[name] + GAP_X
    height = MARGIN * 2 + len(rows) * (HEIGHT + GAP_Y) - GAP_Y
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole:.0f} {height}" width="{whole:.0f}" height="{height}"'
        f' role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#6b7280"/></marker></defs>',
    ]
    for one, other in arrows:
        (x, y), (to_x, to_y) = boxes[one], boxes[other]
        x, to_x, y = x + widths[one] / 2, to_x + widths[other] / 2, y + HEIGHT
        bend = (to_y - y) / 2
        lines.append(
            f'<path d="M{x:.0f} {y} C{x:.0f} {y + bend:.0f} {to_x:.0f} {to_y - bend:.0f} {to_x:.0f} {to_y - 1}"'
            ' fill="none" stroke="#6b7280" stroke-width="1.3" marker-end="url(#head)"/>'
        )
    for name, (x, y) in boxes.items():
        lines += [
            f'<rect x="{x:.0f}" y="{y}" width="{widths[name]:.0f}" height="{HEIGHT}" rx="6" fill="#eef2ff" stroke="#4f5bd5"/>',
            f'<text x="{x + widths[name] / 2:.0f}" y="{y + 22}" text-anchor="middle" font-size="14" fill="#1e1b4b"'
            f' font-family="ui-monospace, Menlo, Consolas, monospace">{escape(name)}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])


def _rows(arrows: Sequence[Arrow]) -> list[list[str]]:
    """Names by level, each below whatever leads to it; within a level below the middle of what leads there."""
    above: dict[str, set[str]] = {name: set() for arrow in arrows for name in arrow}
    for one, other in arrows:
        above[other].add(one)
    levels: dict[str, int] = {}
    while len(levels) < len(above):
        ready = [name for name in above if name not in levels and above[name] <= levels.keys()]
        if not ready:
            raise ValueError(f"a circle among {sorted(above.keys() - levels.keys())}")
        for name in ready:
            levels[name] = 1 + max((levels[other] for other in above[name]), default=-1)
    rows: list[list[str]] = [
        [name for name in sorted(levels) if levels[name] == level]
        for level in range(1 + max(levels.values()))
    ]
    place: dict[str, float] = {}
    for row in rows:
        row.sort(key=lambda name: sum(place[other] for other in above[name]) / max(len(above[name]), 1))
        place.update({name: (number + 0.5) / len(row) for number, name in enumerate(row)})
    return rows
