"""Curves in panels, drawn as an SVG on logarithmic axes: what grows to the right, what it costs upwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from math import floor, log10

Curves = Mapping[str, Mapping[str, float]]
"""Name of a line → what there is many of, as the text of a number → microseconds."""

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 520, 250, 64, 34, 40, 168
COLOURS = ("#1d4ed8", "#b45309", "#047857")
DASHES = ("none", "7 3", "2 3")
_FONT = "system-ui, sans-serif"


def charts(panels: Mapping[str, Curves], title: str) -> str:
    """One panel below the other. Lines of one colour begin with the same word, before a comma."""
    height = HEIGHT * len(panels)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (name, curves) in enumerate(panels.items()):
        lines += [f'<g transform="translate(0 {number * HEIGHT})">', *_panel(name, curves), "</g>"]
    return "\n".join([*lines, "</svg>", ""])


def _panel(name: str, curves: Curves) -> Iterator[str]:
    places = sorted({int(place) for points in curves.values() for place in points})
    values = [value for points in curves.values() for value in points.values()]
    low, high = floor(log10(min(values))), floor(log10(max(values))) + 1
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def across(place: int) -> float:
        # 0 has no logarithm: it stands one step before the first number.
        positive = [each for each in places if each]
        start = log10(positive[0]) - (1 if 0 in places else 0)
        share = ((log10(place) if place else start) - start) / (log10(positive[-1]) - start or 1)
        return LEFT + width * share

    def up(value: float) -> float:
        return TOP + height * (1 - (log10(value) - low) / (high - low))

    yield _text(LEFT, 18, name, size=14, weight="600")
    for power in range(low, high + 1):
        y = up(10.0**power)
        yield f'<path d="M{LEFT} {y:.1f}H{LEFT + width}" stroke="#e5e7eb"/>'
        yield _text(LEFT - 6, y + 4, _time(power), anchor="end")
    for place in places:
        yield _text(across(place), TOP + height + 18, f"{place:,}", anchor="middle")
    stores = list(dict.fromkeys(line.partition(",")[0] for line in curves))
    kinds = list(dict.fromkeys(line.partition(",")[2] for line in curves))
    ends: list[float] = []
    for line, points in sorted(curves.items(), key=lambda each: -list(each[1].values())[-1]):
        store, _, kind = line.partition(",")
        colour, dash = COLOURS[stores.index(store)], DASHES[kinds.index(kind)]
        way = " ".join(f"{across(int(place)):.1f},{up(value):.1f}" for place, value in points.items())
        yield f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        last, value = list(points.items())[-1]
        y = max(up(value), ends[-1] + 13 if ends else 0.0)
        ends.append(y)
        yield _text(LEFT + width + 8, y + 4, line, colour=colour)
        yield f'<path d="M{across(int(last)):.1f} {up(value):.1f}L{LEFT + width + 6} {y:.1f}" stroke="{colour}" stroke-width=".5"/>'


def _time(power: int) -> str:
    return (
        f"{10**power:,} µs"
        if power < 3
        else f"{10 ** (power - 3):,} ms"
        if power < 6
        else f"{10 ** (power - 6):,} s"
    )


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = 11,
    weight: str = "400",
    colour: str = "#374151",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{colour}"'
        f' font-family="{_FONT}">{escape(text)}</text>'
    )
