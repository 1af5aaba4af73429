#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds a picture of curves against the comparison that it was drawn from: sweep.py SVG JSON"""
import json
import os
import re
import sys
import xml.etree.ElementTree as tree

SVG = "{http://www.w3.org/2000/svg}"
# What a chart is called, and where its numbers stand.
COUNTS = {"Throughput": "work_per_s", "Cut short": "cut_short_count", "Gave way": "gave_way_count"}

path, numbers = sys.argv[1:]
comparison = json.load(open(numbers))
sweep = comparison["sweep"]
root = tree.parse(path).getroot()
texts = ["".join(text.itertext()) for text in root.iter(SVG + "text")]

assert os.path.getsize(path) < 1_000_000, os.path.getsize(path)
# The verdict is wrapped, but whole.
words = " ".join(texts)
assert sweep["verdict"] and comparison["verdict"] == sweep["verdict"], comparison["verdict"]
assert all(word in words for word in sweep["verdict"].split()), (sweep["verdict"], words)


def points_of(chart, line):
    """The tooltips of one line's markers, and where these stand."""
    found = []
    for shape in chart.iter(SVG + "path"):
        title = shape.find(SVG + "title")
        if title is not None and title.text.startswith(line["label"] + ", "):
            x, y = map(float, re.match(r"M([-\d.]+) ([-\d.]+)", shape.get("d")).groups())
            found.append((title.text, x, y))
    return found


def short(value):
    """Three digits, and never an exponent."""
    return f"{value:.3g}" if value < 999.5 else f"{round(value):,}"


checked = 0
charts = [group for group in root.iter(SVG + "g") if group.get("class") == "chart"]
assert charts, "no chart"
for chart in charts:
    names = [text.text for text in chart.iter(SVG + "text") if text.get("class") == "chart-name"]
    assert len(names) == 1, names
    for line in sweep["lines"]:
        points = points_of(chart, line)
        # Each line has its name at its end; one with nothing to show has neither.
        assert not points or any(text.startswith(line["label"][:4]) for text in chart.itertext()), names
        assert [x for _, x, _ in points] == sorted(x for _, x, _ in points), (names, points)
        key = COUNTS.get(names[0])
        if not key or not points:
            continue
        values = [point[key] for point in line["points"]]
        assert len(points) == len(values), (names, line["label"], len(points), len(values))
        for (title, _, y), value in zip(points, values):
            shown = f"{round(value):,}" if value < 1e6 else f"{short(value / 1e6)} M" if value < 1e9 else f"{short(value / 1e9)} G"
            assert re.search(rf": {re.escape(names[0])} {re.escape(shown)}( \(|$)", title), (title, shown)
            checked += 1
        # More is drawn higher.
        for (_, _, y), value in zip(points, values):
            for (_, _, other_y), other in zip(points, values):
                assert (value > other) <= (y < other_y), (names, line["label"], value, other, y, other_y)

CROSSINGS = ("crossing_value", "recorded_crossing_value")
if any(line["crossing_value"] for line in sweep["lines"]):
    for line in sweep["lines"]:
        # Once in the chart of what counts, and once in that of what was recorded where that is another.
        noted = sum(text.startswith(f"{line['label']}: from ") for text in texts)
        assert noted == sum(line[key] is not None for key in CROSSINGS), (line["label"], texts)
else:
    assert checked >= 6, checked
print(f"{os.path.basename(path)}: {len(charts)} charts, {checked} numbers, {os.path.getsize(path)} bytes")
