#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the phases of recorded sweeps against what the lessons say of themselves: sweeps.py FOLDER"""
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])


def load(name):
    """The report of a recording, its phases by name, and what the lesson counted."""
    report = json.load(open(folder / name / "report.json"))
    assert report["trace"]["is_complete"], name
    phases = {}
    for phase in report["runs"][0]["phases"]:
        assert phase["is_ended"], (name, phase)
        phases.setdefault(phase["name"], []).append(phase)
    assert report["runs"][0]["phase_left_out_count"] == 0, name
    return report, phases, json.load(open(folder / name / "truth.json"))["counted"]


def duration(phase):
    return phase["end_ns"] - phase["begin_ns"]


def work(phase):
    return sum(count["count"] for count in phase["counts"] if count["is_work"])


STEPS = (1, 2, 4, 8)
lines = {line["label"]: line for line in json.load(open(folder / "threads/compare.json"))["sweep"]["lines"]}
assert set(lines) == {"cpu", "io"}, lines
for variant, line in lines.items():
    report, phases, counted = load(f"threads/{variant}")
    assert [point["value"] for point in line["points"]] == list(STEPS), line
    assert len(phases) == len(STEPS), phases.keys()
    for step, point in zip(STEPS, line["points"]):
        (phase,) = phases[f"{step} thread" + ("s" if step > 1 else "")]
        done = counted[f"piece_count_{step}"]
        context = (variant, step, phase, {key: value for key, value in counted.items() if key.endswith(f"_{step}")})
        assert phase["point"] == {
            "quantity": "threads", "value": step, "unit": "sharers", "series": None, "is_reference": False}, context
        assert 0 < done <= 200 and work(phase) == done, context
        assert point["work_count"] == done and point["duration_ns"] == duration(phase), (point, context)
        assert abs(point["work_per_s"] * duration(phase) / 1e9 / done - 1) < 1e-6, (point, context)
        # The lesson reads its clock within the phase; its rate is cut to a whole number.
        assert duration(phase) >= done * 1e9 / (counted[f"pieces_per_s_{step}"] + 1), context
        # The threads and main are there, and all through.
        assert phase["thread_count"] == step + 1, context
        # Threads were made for this step: what they need is the process's.
        assert phase["memory_bytes"] > counted[f"memory_bytes_{step}"], context
        if report["trace"]["switch_source"] == "none":
            assert phase["cpus_busy"] is None and phase["switches"]["gave_way"] is None, context
            continue
        switches = phase["switches"]
        counted_switches = switches["gave_way"] + switches["cut_short"]
        # Each wait is a switch. The kernel's count, of the whole process, has LTTng's threads in it, which do little; and
        # of threads on their way out it has a part, as the phase has.
        assert variant == "cpu" or switches["gave_way"] >= done, context
        assert abs(counted_switches - counted[f"switch_count_{step}"]) <= 20 + 8 * step, context
        assert switches["involuntary"] >= switches["cut_short"], context
        # Computing is time on CPUs: each piece takes 500 us of its thread's own.
        if variant == "cpu":
            assert phase["cpus_busy"] * duration(phase) >= 0.9 * done * 500e3, context

sweep = json.load(open(folder / "even/compare.json"))["sweep"]
lines = {line["label"]: line for line in sweep["lines"]}
assert set(lines) == {"one after another", "threads", "event-loop"}, lines.keys()
assert lines["one after another"]["is_reference"] and sweep["unit"] == "ns", sweep
for variant in ("threads", "event-loop"):
    _, phases, counted = load(f"even/{variant}")
    for point, size in zip(lines[variant]["points"], (1, 4, 16, 64)):
        alone, shared = phases[f"{size} us alone"], phases[f"{size} us shared"]
        assert len(alone) == len(shared) == 2 and all(work(phase) == 4 for phase in alone + shared), phases
        assert point["value"] == size * 1000 and point["repeat_count"] == 2, point
        # The fastest counts, here as there; and the lesson's clock is read within.
        assert point["duration_ns"] == min(map(duration, shared)), (point, shared)
        assert abs(point["recorded_gain"] - min(map(duration, alone)) / min(map(duration, shared))) < 1e-6, (point, alone)
        # What counts is what a job cost without tracing, against the reference of the same recording.
        bare = {way: counted[f"bare_{way}_{size}us_ns"] // 4 for way in ("alone", "shared")}
        assert (point["reference_time_each_ns"], point["time_each_ns"]) == (bare["alone"], bare["shared"]), (point, bare)
        assert abs(point["gain"] - bare["alone"] / bare["shared"]) < 1e-6, (point, bare)
        assert min(map(duration, alone)) >= counted[f"alone_{size}us_ns"], (size, alone, counted)
        assert point["duration_ns"] >= counted[f"shared_{size}us_ns"], (point, counted)
    crossing = lines[variant]["crossing_value"]
    won = [point["gain"] > 1 for point in lines[variant]["points"]]
    assert crossing is None or won[-1], (crossing, won)
assert lines["one after another"]["points"][0]["repeat_count"] == 4, lines["one after another"]

# What one costs by which kind: as the lesson's pass without tracing found it, and beside it as it was recorded.
comparison = json.load(open(folder / "price/compare.json"))
for run in comparison["runs"]:
    _, _, counted = load(f"price/{run['label']}")
    times, memory = run["prices"]
    assert (times["unit"], times["untraced"], times["recorded"]) == (
        "ns", counted["bare_ns"], counted["runtime_ns"]), (run, counted)
    assert (memory["unit"], memory["untraced"], memory["recorded"]) == (
        "bytes", counted["memory_bytes"], counted["runtime_memory_bytes"]), (run, counted)
    figures = dict(line.split() for line in open(folder / "price" / run["label"] / "untraced.txt"))
    assert {"bare_ns", "memory_bytes"} <= figures.keys(), figures
    assert all(counted[key] == int(value) for key, value in figures.items()), (figures, counted)
assert comparison["verdict"].startswith("Without tracing, a start with its end costs "), comparison["verdict"]
assert "times as fast" not in comparison["verdict"], comparison["verdict"]

_, phases, counted = load("spawn")
for percent in (0, 25, 50, 100):
    (phase,) = phases[f"touch {percent} %"]
    assert phase["point"]["value"] == percent and phase["point"]["unit"] == "percent", phase
    assert phase["counts"] == [
        {"what": "page faults", "count": counted[f"faults_{percent}_percent"], "is_work": False}], (phase, counted)
    assert phase["prices"] == [{
        "what": "a child that writes", "value": counted[f"bare_touch_{percent}_ns"], "unit": "ns", "is_untraced": True,
    }], (phase, counted)
print("phases are as the lessons say")
