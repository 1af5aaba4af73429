# SPDX-License-Identifier: MIT
# Holds a report against the truths of its runs: blocked_loop.py REPORT TRUTH...
import json
import os
import sys

report = json.load(open(sys.argv[1]))
assert report["trace"]["discarded_event_count"] == 0 and report["trace"]["is_complete"], report["trace"]


def check(name, truth, run):
    counted = truth["counted"]
    tasks = {task["id"].split(".")[-1]: task for task in run["tasks"] or []}
    threads = {thread["tid"]: thread for thread in run["threads"]}
    findings = {finding["id"]: finding for finding in run["findings"]}
    lesson = name.split("-")[0]

    # Each task as it counted itself; and one at a time on its loop, always.
    assert len(tasks) == len(truth["tasks"]), (name, len(tasks), len(truth["tasks"]))
    for own in truth["tasks"]:
        task = tasks[str(own["number"])]
        for key in ("name", "resume_count", "yield_count", "outcome"):
            assert task[key] == own[key], (name, key, task, own)
    for scheduler in run["schedulers"]:
        if scheduler["kind"] == "event-loop":
            assert scheduler["executor_count"] == 1 and scheduler["parallelism"]["max"] == 1, scheduler
    for own in truth["threads"]:
        assert threads[own["tid"]]["role"] == own["role"], (name, own)

    if lesson == "blocked":
        finding = findings.get("blocked-loop")
        assert (finding is not None) == (truth["variant"] == "blocked"), (name, list(findings))
        delay_ns = counted["worst_delay_ns"]
        if finding:
            # Each heart was late by what the analysis says it had to wait; on a busy machine by some more, for its turn
            # comes when the loop's thread has a CPU.
            late_ns = finding["cost_ns"] / 3
            assert 0.7 * delay_ns < late_ns < delay_ns + 2e6 and late_ns > 80e6, (late_ns, delay_ns)
            assert "had slept enough" in finding["text"], finding["text"]
        elif truth["variant"] == "yielding":
            computing = next(task for task in tasks.values() if task["name"] == "computing")
            assert computing["yield_count"] == counted["yield_count"] + 2, computing
        else:
            (pool,) = run["pools"]
            assert pool["job_count"] == 1 and pool["service"]["max_ns"] >= 100e6, pool
    elif lesson == "cancel":
        outcomes = [task["outcome"] for task in tasks.values() if task["name"] != "parent"]
        for outcome in ("returned", "failed", "cancelled"):
            assert outcomes.count(outcome) == counted[f"{outcome}_count"], (name, outcomes, counted)
        expected = {"none": (5, 0, 0, 5), "failure": (0, 1, 4, 0), "timeout": (0, 0, 5, 0), "shield": (0, 1, 4, 4)}
        keys = ("returned_count", "failed_count", "cancelled_count", "cleaned_count")
        assert tuple(counted[key] for key in keys) == expected[truth["variant"]], (name, counted)
        parent = next(task for task in tasks.values() if task["name"] == "parent")
        assert all(task["end_ns"] <= parent["end_ns"] for task in tasks.values()), name
    elif lesson == "producer":
        assert counted["produced_count"] == counted["consumed_count"] == 80, counted
        assert counted["produced_sum"] == counted["consumed_sum"] == 80 * 81 // 2, counted
        assert 1 <= counted["max_length"] <= 4, counted
        reason = {"condition": "cond", "semaphore": "lock", "pipe": "write", "loop-queue": "queue"}[truth["variant"]]
        whole = list(tasks.values()) or list(threads.values())
        makers = [entity for entity in whole if (entity["name"] or "").startswith("producer")]
        assert len(makers) == 2, name
        assert sum(maker["times"][f"{reason}_ns"] for maker in makers) > 0, (name, [maker["times"] for maker in makers])
        if truth["variant"] == "semaphore":
            assert {lock["name"] for lock in run["locks"]} >= {"room", "items", "queue"}, run["locks"]
    elif lesson == "input":
        assert counted["answered_count"] == counted["line_count"] == 8, counted
        users = [thread for thread in threads.values() if thread["name"] == "user"]
        assert [user["role"] for user in users] == ["server"], users
        if truth["variant"] == "blocked":
            assert counted["worst_answer_ns"] > 5e6, counted
    elif lesson == "blocking":
        # Five requests of 60 ms: one after the other where the call blocks the loop, side by side elsewhere.
        stalls = truth["runtime"] in ("event-loop", "nursery", "hybrid")
        if stalls:
            assert truth["wall_ns"] > 5 * 60e6, (name, truth["wall_ns"])
        elif tasks:
            assert all(task["times"]["read_ns"] > 50e6 for task in tasks.values()), name
        assert ("blocked-loop" in findings) == stalls, (name, list(findings))
        if stalls:
            assert "calls that block the whole thread" in findings["blocked-loop"]["text"], findings["blocked-loop"]
    elif name == "matmul-hybrid":
        (pool,) = run["pools"]
        assert pool["worker_count"] == 2 and pool["job_count"] == 6, pool
        assert all(task["times"]["pool_job_ns"] > 0 for task in tasks.values()), name
        assert sum(thread["role"] == "pool" for thread in threads.values()) == 2, name
    print(f"{name}: {len(tasks)} tasks, findings {sorted(findings)}")


truths = {}
for path in sys.argv[2:]:
    truth = json.load(open(path))
    truths[os.path.basename(path).removesuffix(".truth.json")] = truth
origin_ns = int(report["trace"]["monotonic_origin_ns"])
for name, truth in truths.items():
    assert truth["status"] == "done", (name, truth["status"])
    pid = truth["threads"][-1]["pid"]
    (run,) = [run for run in report["runs"] if any(thread["tid"] == pid for thread in run["threads"])]
    assert run["workload"] == truth["workload"], (name, run["workload"])
    check(name, truth, run)

checksums = {truth["checksum"] for name, truth in truths.items() if name.startswith("blocking-")}
assert len(checksums) == 1 and None not in checksums, checksums
