# SPDX-License-Identifier: MIT
"""Holds a trace of processes, and its report, against what the program counted of itself."""
import json
import re
import sys

name, base = sys.argv[1:]
truth = json.load(open(base + ".json"))
report = json.load(open(base + ".report"))
LINE = re.compile(r"^\[([0-9:.]+)\].*interleave:(\w+): .*?\{ (pid = .*) \}$")
FIELD = re.compile(r'(\w+) = (?:\( "(\w+)" : container = \d+ \)|"([^"]*)"|(0x[0-9A-F]+|-?\d+))')


def parse(line):
    clock, event, text = LINE.search(line).groups()
    hours, minutes, seconds = clock.split(":")
    fields = {"event": event, "time": int(hours) * 3600 + int(minutes) * 60 + float(seconds)}
    for key, label, string, number in FIELD.findall(text):
        fields[key] = label or (int(number, 0) if number else string)
    return fields


events = [parse(line) for line in open(base + ".events")]
begin = next(event for event in events if event["event"] == "run_begin")
root = begin["pid"]
spawned = {event["child_pid"]: event for event in events if event["event"] == "process_spawn"}
assert report["trace"]["is_complete"] and report["trace"]["discarded_event_count"] == 0, report["trace"]
run = report["runs"][0]

# Every event of every process: what it says at its end that it sent is what arrived.
for pid in spawned:
    own = [event for event in events if event["pid"] == pid]
    starts = [event for event in own if event["event"] == "process_start"]
    ends = [event for event in own if event["event"] == "process_exit"]
    assert starts and len(ends) == 1 and own[-1] is ends[0], (pid, own)
    assert starts[0]["parent_pid"] == spawned[pid]["pid"] and ends[0]["status"] == 0, (pid, starts, ends)
    sent = ends[0]["event_count"] - starts[0]["event_count"]
    assert sent == len(own) - own.index(starts[0]), (pid, sent, len(own))
waits = [event for event in events if event["event"] == "process_wait_end"]
assert sorted(event["child_pid"] for event in waits) == sorted(spawned), waits
assert all(event["status"] == 0 and event["pid"] == spawned[event["child_pid"]]["pid"] for event in waits), waits
assert {event["method"] for event in spawned.values()} == {"spawn" if name in ("spawn", "nested-spawned") else "fork"}

# The report has each process, with its role, and no other.
role = "pool" if truth["runtime"] in ("process-pool", "hybrid") else "job"
assert {process["pid"]: process["role"] for process in run["processes"] if process["pid"] != root} == {
    pid: role for pid, event in spawned.items() if event["time"] > begin["time"]
}, run["processes"]
children = {process["pid"] for process in run["processes"]} - {root}
assert all(process["exit_status"] == 0 for process in run["processes"] if process["pid"] in children), run["processes"]
units = {"process-pool": ("pool-job", "pool_job"), "hybrid": ("task",)}
assert run["unit"] in units.get(truth["runtime"], ("process",)), run["unit"]

# The truth tells of a thread in each process.
assert {thread["pid"] for thread in truth["threads"]} == children | {root}, truth["threads"]
for process in run["processes"]:
    if process["pid"] in children:
        assert process["sent_event_count"] == process["received_event_count"], process
        # From its first sign of life to its first word: at least what LTTng does in a new process.
        assert 0 < process["spawn_ns"] < process["end_ns"] - process["begin_ns"] + 1e9, process

if role == "pool":
    pool, = run["pools"]
    job_count = {"pool": 200, "break-even": 16, "hybrid": 40}[name]
    for kind in ("job_submit", "job_begin", "job_end"):
        assert sum(event["event"] == kind for event in events) == job_count, kind
    assert {event["pid"] for event in events if event["event"] == "job_begin"} <= children
    assert len({event["pool"] for event in events if event["event"].startswith("job_")}) == 1
    assert pool["job_count"] == job_count, pool
    # Sent by the parent and done elsewhere, and yet one pool with its two or so workers.
    assert pool["worker_count"] == len(children), pool
    assert pool["failed_count"] == pool["cancelled_count"] == 0, pool
    assert pool["queue"]["count"] == pool["service"]["count"] == job_count, pool

if name == "hybrid":
    # Each task waits for one job, which has its name; it is queued first and then done, and the wait is as long as both.
    tasks = {task["name"]: task for task in run["tasks"]}
    assert len(tasks) == len(run["jobs"]) == job_count and {job["name"] for job in run["jobs"]} == set(tasks), tasks
    at = {(event["event"], event["job"]): event["time"] for event in events if event["event"].startswith("job_")}
    for job in run["jobs"]:
        number = int(job["id"].split(".")[-1])
        submitted, begun, ended = (at[kind, number] for kind in ("job_submit", "job_begin", "job_end"))
        assert abs(job["queue_ns"] - (begun - submitted) * 1e9) < 1000 and job["outcome"] == "returned", job
        assert tasks[job["name"]]["times"]["pool_job_ns"] >= (ended - begun) * 1e9 - 1000, (job, tasks[job["name"]])
    assert pool["service"]["total_ns"] > 0 and pool["queue"]["total_ns"] > 0, pool
    # Nothing was left for threads to do.
    assert not [thread for thread in run["threads"] if thread["role"] == "pool" and thread["pid"] == root], run["threads"]

if name.startswith("nested"):
    # Three jobs that spawn two each: the parents of six are not the run's first process.
    assert len(children) == 3 + 3 * 2 and sum(event["pid"] == root for event in spawned.values()) == 3, spawned
    names = sorted(thread["name"] for thread in truth["threads"] if thread["pid"] != root)
    assert names == sorted([f"job {job}" for job in range(3)] + [f"job {job}.{child}" for job in range(3) for child in (0, 1)])

if name == "spawn-cost":
    counted = truth["counted"]
    assert len(children) == 5 + 4
    assert counted["page_count"] == 1024
    for percent in (0, 25, 50, 100):
        expected = counted["page_count"] * percent // 100
        assert expected <= counted[f"faults_{percent}_percent"] <= expected + 16, counted
    # The bare fork was not recorded: it is much cheaper than one whose child registers with LTTng, in memory too.
    assert 0 < counted["bare_ns"] < counted["runtime_ns"], counted
    assert 0 < counted["memory_bytes"] < counted["runtime_memory_bytes"], counted
    spawn, = (phase for phase in run["phases"] if phase["name"] == "spawn")
    prices = {(price["unit"], price["is_untraced"]): price["value"] for price in spawn["prices"]}
    assert prices == {
        ("ns", True): counted["bare_ns"], ("ns", False): counted["runtime_ns"],
        ("bytes", True): counted["memory_bytes"], ("bytes", False): counted["runtime_memory_bytes"],
    }, (prices, counted)
    # Of how long a child took to come most is LTTng's own work in it, and the report knows how much.
    for process in run["processes"]:
        if process["pid"] in children:
            assert 0 < process["spawn_tracer_ns"] <= process["spawn_ns"], process

if name == "break-even":
    counted = truth["counted"]
    begun = {}
    for event in events:
        if event["event"] == "phase_begin":
            begun[event["name"]] = event["time"]
        elif event["event"] == "phase_end":
            size, way = re.match(r"(\d+) us (\w+)", event["name"]).groups()
            taken_ns = (event["time"] - begun.pop(event["name"])) * 1e9
            assert counted[f"{way}_{size}us_ns"] <= taken_ns + 1000, (event, counted)
    sizes = [1, 4, 16, 64]
    assert not begun and len(counted) - sum(f"{run}break_even_ns" in counted for run in ("", "run_")) == 16, counted
    for before, answer in (("bare_", "break_even_ns"), ("", "run_break_even_ns")):
        alone = [counted[f"{before}alone_{size}us_ns"] for size in sizes]
        shared = [counted[f"{before}shared_{size}us_ns"] for size in sizes]
        # A job of 1 us is not worth a message to another process.
        assert shared[0] > alone[0], counted
        gains = [one / other for one, other in zip(alone, shared)]
        first = 1 + max(index for index, gain in enumerate(gains) if gain <= 1)
        # Less than 5 % may be chance.
        assert (max(gains[first:], default=0) >= 1.05) == (answer in counted), counted
        if answer in counted:
            assert sizes[first - 1] * 1000 <= counted[answer] <= sizes[first] * 1000, counted
    # What each phase says that a job costs is what it cost in the pass without tracing.
    for phase in run["phases"]:
        size, way = re.match(r"(\d+) us (\w+)", phase["name"]).groups()
        assert phase["prices"] == [{
            "what": "a job", "value": counted[f"bare_{way}_{size}us_ns"] // 4, "unit": "ns", "is_untraced": True,
        }], (phase, counted)
print(f"{name}: {len(events)} events, {len(spawned)} processes")
