"""The drawing of curves: where its lines run, and what stands at their ends."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

from benchmarks.curves import MEASURED
from docs.charts import TOP, charts

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = {"svg": "http://www.w3.org/2000/svg"}
PANEL = {"memory": {"0": 10.0, "100": 10.0, "1000": 100.0}, "Redis, list": {"0": 1000.0, "1000": 1000.0}}


def drawn(panels: dict[str, dict[str, dict[str, float]]]) -> ET.Element:
    return ET.fromstring(charts(panels, "Curves & more"))


def ways(drawing: ET.Element) -> list[list[tuple[float, float]]]:
    """The points of each line."""
    return [
        [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]  # type: ignore[misc]
        for line in drawing.iterfind(".//svg:polyline", NAMES)
    ]


def texts(drawing: ET.Element) -> list[str]:
    return [text.text or "" for text in drawing.iterfind(".//svg:text", NAMES)]


def test_a_line_rises_where_the_cost_does() -> None:
    flat, rising = ways(drawn({"Cost": PANEL}))
    assert flat[0][1] == flat[-1][1]
    assert rising[0][1] == rising[1][1] > rising[2][1] > TOP
    assert rising[2][1] > flat[0][1]


def test_equal_factors_are_equal_distances_and_zero_is_one_before() -> None:
    points = dict.fromkeys(("0", "10", "100", "1000"), 5.0)
    [line] = ways(drawn({"Cost": {"memory": points}}))
    steps = [right - left for (left, _), (right, _) in pairwise(line)]
    assert max(steps) - min(steps) < 0.2


def test_lines_and_axes_have_their_names() -> None:
    drawing = drawn({"Cost": PANEL})
    assert {"Cost", "Redis, list", "memory", "0", "100", "1,000", "10 µs", "1 ms", "10 ms"} <= {
        *texts(drawing)
    }
    assert drawing.attrib["aria-label"] == "Curves & more"


def test_names_do_not_cover_each_other() -> None:
    drawing = drawn({"Cost": {f"memory, {number}": {"1": 10.0, "10": 10.0} for number in range(3)}})
    places = sorted(
        float(text.attrib["y"])
        for text in drawing.iterfind(".//svg:text", NAMES)
        if (text.text or "").startswith("memory, ")
    )
    assert min(lower - upper for upper, lower in pairwise(places)) >= 13


def test_what_was_measured_is_whole() -> None:
    document = json.loads((DOCS / "curves.json").read_text("utf-8"))
    assert {*document["curves"]} == {*MEASURED}
    assert re.fullmatch(r"[0-9a-f]{7,}", document["commit"])
    for curves in document["curves"].values():
        for points in curves.values():
            assert len(points) >= 4
            assert min(points.values()) > 0
