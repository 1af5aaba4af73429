# SPDX-License-Identifier: MIT
"""Holds the events of recorded runs against what a GIL and a pool promise, and the report against both and the truth."""
import json
import os
import re
import sys

work, *run_names = sys.argv[1:]
reports = json.load(open(os.path.join(work, "report.json")))["runs"]
assert len(reports) == len(run_names), (len(reports), run_names)
LINE = re.compile(r"^\[(\d+):(\d+):(\d+)\.(\d+)\].*interleave:(\w+): .*?\{ (pid = .*) \}$")
FIELD = re.compile(r'(\w+) = (?:\( "(\w+)" : container = \d+ \)|"([^"]*)"|(0x[0-9A-F]+|-?\d+))')


def parse(line):
    *clock, kind, payload = LINE.search(line).groups()
    hours, minutes, seconds, ns = (int(part) for part in clock)
    fields = {"event": kind, "ns": ((hours * 60 + minutes) * 60 + seconds) * 1000000000 + ns}
    for key, label, text, number in FIELD.findall(payload):
        fields[key] = label or (int(number, 0) if number else text)
    return fields


by_process = {}
for line in open(os.path.join(work, "events.txt")):
    event = parse(line)
    by_process.setdefault(event["pid"], []).append(event)


def schedulers_of(report, kind):
    return [scheduler for scheduler in report["schedulers"] if scheduler["kind"] == kind]


def check_gil(run, truth, report, interval_ns):
    """One holder at a time; a hand-over on request only after somebody waited the interval, and then to another."""
    holder, waiting, given, counts = None, {}, None, {}
    for event in run:
        if event.get("kind") != "gil":
            continue
        kind, tid = event["event"], event["tid"]
        if kind == "lock_wait_begin":
            assert tid not in waiting and tid != holder, event
            waiting[tid] = event["ns"]
        elif kind == "lock_acquire":
            assert holder is None, f"{tid} and {holder} hold the GIL: {event}"
            assert event["is_contended"] == (tid in waiting), event
            assert given != tid, f"handed over on request, and taken back at once: {event}"
            waiting.pop(tid, None)
            holder, given = tid, None
        elif kind == "lock_release":
            assert holder == tid, event
            counts[event["cause"]] = counts.get(event["cause"], 0) + 1
            if event["cause"] == "request":
                longest = event["ns"] - min(waiting.values())
                assert longest >= interval_ns, f"asked for after {longest} ns: {event}"
                given = tid
            holder = None
    assert holder is None and not waiting
    # Every thread of the run gives it up once for good.
    assert counts["done"] == len(truth["threads"]), counts
    (gil,) = schedulers_of(report, "gil")
    assert gil["name"] == "GIL" and gil["discipline"] == "on-request" and gil["parallelism"]["max"] == 1, gil
    assert gil["switches"]["forced"] == gil["switches"]["cut_short"] == counts.get("request", 0), (gil, counts)
    assert gil["switches"]["blocked"] == counts.get("blocking", 0), (gil, counts)
    assert gil["switches"]["yielded"] == counts.get("yield", 0), (gil, counts)
    assert gil["switches"]["finished"] == counts["done"], (gil, counts)
    return counts


def gil_waits_of(run, tid, least_ns):
    """How often a thread waited for the GIL so long."""
    begin_ns, count = None, 0
    for event in run:
        if event.get("kind") == "gil" and event["tid"] == tid:
            if event["event"] == "lock_wait_begin":
                begin_ns = event["ns"]
            elif event["event"] == "lock_acquire" and begin_ns is not None:
                count += event["ns"] - begin_ns >= least_ns
                begin_ns = None
    return count


def check_pool(run, truth, report, worker_count):
    """Each job is submitted, begun and ended once, first in first out, by at most so many workers at a time."""
    submitted, begun, ended, inside, lengths = [], [], [], {}, []
    pools = [event for event in run if event["event"] == "pool_create"]
    assert [pool["worker_count"] for pool in pools] == [worker_count], pools
    workers = {event["tid"] for event in run if event["event"] == "thread_start" and event["role"] == "pool"}
    assert len(workers) == worker_count, workers
    pending = []
    for event in run:
        kind, job, tid = event["event"], event.get("job"), event["tid"]
        if kind == "job_submit":
            submitted.append(job)
            pending.append(job)
            # Whom a worker has taken, it begins a little later: the queue may be shorter than it looks.
            assert len(pending) - worker_count <= event["queue_length"] <= len(pending), event
        elif kind == "job_begin":
            assert tid in workers and job in pending, event
            if not inside.get(tid):
                # Several workers may have taken theirs and not said it yet; nobody jumps a longer queue.
                assert pending.index(job) < 2 * worker_count, (job, pending)
            pending.remove(job)
            inside.setdefault(tid, []).append(job)
            begun.append(job)
            assert sum(1 for stack in inside.values() if stack) <= worker_count
        elif kind == "job_end":
            assert inside[tid].pop() == job and event["outcome"] == "returned", event
            ended.append(job)
    assert sorted(submitted) == sorted(begun) == sorted(ended) == list(range(1, len(submitted) + 1))
    (pool,) = report["pools"]
    assert pool["worker_count"] == worker_count and pool["job_count"] == len(submitted), pool
    assert pool["failed_count"] == pool["cancelled_count"] == 0, pool
    # A job that had to wait for one that its worker did in its midst is served in two parts.
    assert pool["queue"]["count"] == len(submitted) <= pool["service"]["count"], pool
    assert report["sum"]["unit_count"] == len(report["jobs"]) == len(submitted) and report["unit"] == "pool-job"
    assert all(job["is_unit"] and job["outcome"] == "returned" for job in report["jobs"]), report["jobs"]
    assert sum(job["queue_ns"] for job in report["jobs"]) == pool["queue"]["total_ns"]
    (scheduler,) = schedulers_of(report, "pool")
    assert scheduler["parallelism"]["max"] <= worker_count and scheduler["switches"]["finished"] == len(submitted)
    assert len([thread for thread in truth["threads"] if thread["role"] == "pool"]) == worker_count
    return len(submitted)


for name, report in zip(run_names, reports):
    truth = json.load(open(os.path.join(work, name + ".json")))
    assert truth["status"] == "done" and report["workload"] == truth["workload"], (name, truth["status"])
    events = by_process[truth["threads"][0]["pid"]]
    kinds = [event["event"] for event in events]
    run = events[kinds.index("run_begin") : kinds.index("run_end") + 1]
    waits = {event["reason"] for event in run if event["event"] == "wait_begin"}
    findings = {finding["id"] for finding in report["findings"]}
    if name == "gil-matmul":
        counts = check_gil(run, truth, report, 1000000)
        assert counts["request"] > 0, "three threads computed, and none was asked for the GIL"
        assert "gil-contention" in findings, findings
    elif name == "gil-yield":
        counts = check_gil(run, truth, report, 5000000)
        # Two jobs of five products of two by two blocks; each block ends in a yield, and the joins are blocking.
        assert counts["yield"] == 2 * 5 * 4 and counts["blocking"] == 2, counts
    elif name in ("gil-sleep", "gil-request"):
        counts = check_gil(run, truth, report, 5000000)
        assert counts["blocking"] >= (4 * 2 * 3 if name == "gil-sleep" else 3 * 2), counts
    elif name.startswith("convoy"):
        counted = truth["counted"]
        assert counted["request_count"] == 40 and counted["computed_step_count"] > 0
        assert 500000 <= counted["latency_p50_ns"] <= counted["latency_p99_ns"] <= counted["latency_max_ns"], counted
        if name == "convoy-threads":
            assert not schedulers_of(report, "gil") and "switch_interval_us" not in counted
        else:
            interval_ns = {"convoy-gil": 5000000, "convoy-gil-short": 100000}[name]
            counts = check_gil(run, truth, report, interval_ns)
            assert counted["switch_interval_us"] * 1000 == interval_ns
            # An answer that finds the GIL taken waits for the interval (it finds it free where the other thread, on a
            # crowded machine, is kept from taking it back), and the report sees it where the program felt it.
            (lock,) = [lock for lock in report["locks"] if lock["kind"] == "gil"]
            client = next(thread for thread in report["threads"] if thread["name"] == "client")
            wait_count = gil_waits_of(run, client["tid"], interval_ns)
            assert 0 < wait_count <= counts["request"], (wait_count, counts)
            assert counted["latency_max_ns"] >= 500000 + interval_ns, counted
            assert counted["latency_p50_ns"] >= 500000 + interval_ns or wait_count <= 20, (wait_count, counted)
            assert lock["waits"]["max_ns"] >= interval_ns, lock
            assert client["times"]["gil_ns"] >= wait_count * interval_ns, client
            assert "gil-contention" in findings or name == "convoy-gil-short", findings
    elif name == "pool-matmul":
        assert check_pool(run, truth, report, 2) == 7 and {"queue", "pool_job"} & waits
    elif name == "pool-sleep":
        assert check_pool(run, truth, report, 3) == 9 + 9 * 2
    elif name == "pool-many":
        assert check_pool(run, truth, report, min(32, len(os.sched_getaffinity(0)) + 4)) == 2000
    else:
        sys.exit(f"nothing is known of {name}")
    print(f"{name}: {len(run)} events, {sorted(waits)}")
