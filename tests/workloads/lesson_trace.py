#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the report of a recording against what each run of a lesson said of itself: lesson_trace.py REPORT TRACE TRUTH..."""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["ILV_SOURCE"], "tests/lib"))
from trace_events import read_events  # noqa: E402

report = json.load(open(sys.argv[1]))
lock_events = read_events(sys.argv[2], "lock_")
truths = {}
for path in sys.argv[3:]:
    truth = json.load(open(path))
    truths[truth["workload"], truth["variant"]] = truth
# Told in whole ticks.
stolen_ns = (int(os.environ["STOLEN_MS"]) + 10) * 1000000 if os.environ["STOLEN_MS"] != "0" else 0
runs = {(run["workload"], run["variant"]): run for run in report["runs"]}

assert report["trace"]["is_complete"], report["trace"]
assert set(runs) == set(truths), set(runs) ^ set(truths)


def check(is_true, key, what, *values):
    assert is_true, (" ".join(key), what, *values, truths[key]["counted"])


def findings(key, kind):
    return [finding for finding in runs[key]["findings"] if finding["id"] == kind]


def jobs(key):
    return [thread for thread in runs[key]["threads"] if thread["role"] == "job"]


def names_of(key, finding):
    by_id = {thing["id"]: thing["name"] for kind in ("threads", "locks") for thing in runs[key][kind]}
    return {by_id[entity] for entity in finding["entities"]}


def near(left, right, part, least):
    return abs(left - right) <= max(part * max(left, right), least)


def count_overtaken(pid, has_queue):
    """How often somebody got a lock before another who had begun to wait earlier."""
    waiting = []
    overtaken_count = 0
    for event in lock_events:
        if event["pid"] != pid:
            continue
        if event["event"] == "lock_wait_begin":
            waiting.append(event["tid"])
        elif event["event"] == "lock_acquire" and event["is_contended"]:
            overtaken_count += waiting.index(event["tid"])
            waiting.remove(event["tid"])
        elif event["event"] == "lock_acquire" and not has_queue:
            # With a queue, those who wait may have come after who found it empty, but before that is told.
            overtaken_count += len(waiting)
    return overtaken_count


for key, truth in sorted(truths.items()):
    lesson, variant = key
    counted = truth["counted"]
    check(truth["status"] == "done", key, "status", truth["status"])
    check(not runs[key]["is_interrupted"], key, "is_interrupted")

    # Lost updates: as many as the program lost, and none where it lost none.
    if "lost_count" in counted:
        lost = sum(finding["affected_count"] for finding in findings(key, "lost-update"))
        check(lost == counted["lost_count"], key, "lost updates", lost)

    # Deadlocks: named where there was one; possible ones where one was lucky; none where it cannot be.
    if "deadlock_count" in counted:
        rings = findings(key, "lock-order-cycle")
        if counted["deadlock_count"] == 1:
            check(len(rings) == 1 and rings[0]["severity"] == "problem", key, "deadlock", rings)
            check(rings[0]["affected_count"] == truth["options"]["jobs"], key, "all are in it", rings)
            expected = {lock["name"] for lock in runs[key]["locks"]} | {thread["name"] for thread in jobs(key)}
            check(names_of(key, rings[0]) == expected, key, "who and what", rings)
        else:
            expected = ["warning"] if variant in ("abba", "naive") else []
            check([ring["severity"] for ring in rings] == expected, key, "order of locks", rings)

    for lock in runs[key]["locks"]:
        if lesson == "readers-writers":
            expected = counted["read_count"] + counted["write_count"]
            check(lock["acquisition_count"] == expected, key, "acquisitions", lock)
        if lesson == "starvation":
            # Each who waited when time was up gets it once more, in vain.
            check(0 <= lock["acquisition_count"] - counted["turn_count"] <= truth["options"]["jobs"],
                  key, "acquisitions", lock)

    if lesson == "starvation":
        # Under any load, a ticket is good for the next place, and who sleeps between two tries has none.
        overtaken = count_overtaken(truth["threads"][0]["pid"], variant == "ticket")
        for count in (overtaken, counted["overtaken_count"]):
            check(variant == "mutex" or (count == 0) == (variant == "ticket"), key, "overtaken", count)

    if lesson == "readers-writers":
        most = [scheduler["parallelism"]["max"] for scheduler in runs[key]["schedulers"] if scheduler["name"] == "page"]
        # An event of the trace is said after the lock is held and before it is given up.
        check(len(most) == 1 and most[0] <= truth["options"]["jobs"], key, "readers at once", most)
        check((most[0] > 1) == (variant == "rwlock"), key, "readers at once", most)

    if lesson == "cancel":
        # Whoever is cancelled goes from the queue to its end, by main, from the last to the first of those that no worker began.
        pool_jobs = runs[key]["jobs"]
        cancelled = [job for job in pool_jobs if job["outcome"] == "cancelled"]
        returned = [job for job in pool_jobs if job["outcome"] == "returned"]
        check(len(pool_jobs) == truth["options"]["jobs"], key, "jobs", len(pool_jobs))
        check(len(cancelled) == counted["cancelled_count"] > 0, key, "cancelled", len(cancelled))
        check(len(returned) == counted["returned_count"] == counted["begun_count"], key, "returned", len(returned))
        for job in cancelled:
            check(job["service_ns"] == 0 and job["queue_ns"] == job["end_ns"] - job["begin_ns"], key, "queue alone", job)
        for job in returned:
            check(job["service_ns"] >= truth["options"]["sleep-ms"] * 1000000, key, "sleeps to its end", job)
        events = [event for event in read_events(sys.argv[2], "job_") if event["pid"] == truth["threads"][0]["pid"]]
        main_tid = next(event["tid"] for event in events if event["event"] == "job_submit")
        begun = [event["job"] for event in events if event["event"] == "job_begin"]
        ended = {}
        for event in events:
            if event["event"] == "job_end":
                ended.setdefault((event["outcome"], event["tid"] == main_tid), []).append(event["job"])
        withdrawn = ended.get(("cancelled", True), [])
        check(sorted(begun) == sorted(ended.get(("returned", False), [])), key, "by a worker", ended)
        check(len(ended) == 1 + bool(begun) and len(withdrawn) == len(cancelled), key, "by main", ended)
        check(withdrawn == list(range(len(pool_jobs), len(begun), -1)), key, "from the last on", withdrawn)

    if lesson == "daemon":
        daemons = [thread for thread in jobs(key) if thread["is_daemon"]]
        check(len(daemons) == counted["daemon_thread_count"], key, "daemons", len(daemons))
        check(len(jobs(key)) - len(daemons) == counted["waited_thread_count"], key, "others", len(jobs(key)))
        duration = runs[key]["end_ns"] - runs[key]["begin_ns"]
        alive = [thread["name"] for thread in jobs(key) if thread["end_ns"] >= duration]
        check(len(alive) == counted["cut_off_count"], key, "alive at the run's end", alive)
        # Whoever never came to its own end ended with the program.
        pid = truth["threads"][0]["pid"]
        gone = {event["tid"] for event in read_events(sys.argv[2], "thread_exit") if event["pid"] == pid}
        abandoned = [thread["tid"] for thread in jobs(key) if thread["outcome"] == "abandoned"]
        check(sorted(abandoned) == sorted(thread["tid"] for thread in jobs(key) if thread["tid"] not in gone),
              key, "abandoned", abandoned, gone)
        check(set(abandoned) <= {thread["tid"] for thread in daemons}, key, "only daemons", abandoned)

    if lesson == "philosophers":
        phase, = (phase for phase in runs[key]["phases"] if phase["name"] == "dinner")
        starved = [count["count"] for count in phase["counts"] if count["what"] == "philosophers who starved"]
        check(starved == [counted["starved_count"]], key, "starved", phase)

    if lesson == "join":
        phases = {phase["name"]: phase for phase in runs[key]["phases"]}
        first, second = ("wait", "use") if variant == "joined" else ("use", "wait")
        check(phases[first]["end_ns"] <= phases[second]["begin_ns"], key, "first " + first, phases)

    if lesson == "priority":
        running = [thread["running_ns"] for thread in jobs(key)]
        names = [thread["name"] for thread in jobs(key)]
        for number, name in enumerate(sorted(names, key=names.index)):
            share = 1000 * running[number] / sum(running)
            stolen_share = 1000 * stolen_ns / sum(running)
            check(near(share, counted[f"measured_permille_{number + 1}"], 0.02, 20 + stolen_share), key, "share of " + name,
                  share)
        if variant == "nice":
            for number in (1, 2, 3):
                check(near(counted[f"measured_permille_{number}"], counted[f"predicted_permille_{number}"], 0.1, 30),
                      key, "share by weight", number)
        if variant == "fifo":
            check(counted["measured_permille_1"] > 950, key, "the first has all")

    if lesson == "priority-inversion":
        waits = [lock["waits"]["max_ns"] for lock in runs[key]["locks"] if lock["name"] == "resource"]
        check(near(waits[0], counted["high_wait_ns"], 0.05, 200000), key, "wait of the high one", waits)

    if lesson == "one-cpu":
        check(runs[key]["cpu_count"] == 1 or variant == "all-cpus", key, "CPUs", runs[key]["cpu_count"])
        cpu_ns = sum(thread["running_ns"] for thread in jobs(key))
        # A thread's clock stands still from the wake-up that takes its CPU to the switch: 9 to 11 us each on a crowded
        # machine.
        switch_count = sum(thread["switches"]["voluntary"] + thread["switches"]["involuntary"] for thread in jobs(key))
        check(near(cpu_ns, counted["cpu_ns"], 0.05, 2000000 + stolen_ns + 20000 * switch_count), key, "CPU time", cpu_ns)

print(f"{len(truths)} runs of lessons are in the trace what they say of themselves")
