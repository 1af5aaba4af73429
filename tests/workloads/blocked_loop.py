# SPDX-License-Identifier: MIT
"""
Holds a report against the truths of its runs, and against the events: blocked_loop.py REPORT TRACE TRUTH... A crowded
machine changes every duration, so durations are compared with what the same events say of them, and orders with orders.
"""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["ILV_SOURCE"], "tests/lib"))
from loop_events import loops_of  # noqa: E402
from trace_events import read_events  # noqa: E402

BEAT_NS = 10_000_000
WORK_NS = 100_000_000
SERVICE_NS = 59_000_000  # 60 ms, as libuv counts them: in whole ms

report = json.load(open(sys.argv[1]))
all_events = read_events(sys.argv[2], "task_", "wait_", "thread_start", "thread_exit")
assert report["trace"]["discarded_event_count"] == 0 and report["trace"]["is_complete"], report["trace"]


def check_blame(name, loop, finding, stalls):
    """The finding has each slice for which somebody had to wait, and what all of them could have run meanwhile."""
    kept = [(loop.kept_waiting(slice_, task), slice_) for task, slice_ in stalls]
    kept = [(costs, ready_count, slice_) for (costs, ready_count), slice_ in kept if costs]
    assert finding["affected_count"] == len(kept), (name, finding, kept)
    assert finding["cost_ns"] == sum(sum(costs) for costs, _, _ in kept), (name, finding, kept)
    return max(kept, key=lambda each: sum(each[0]))


def check_hearts(name, truth, loop):
    """What the program counted of its beats lies between what the events before and after say."""
    counted = truth["counted"]
    (cruncher,) = loop.named("cruncher")
    hearts = loop.named("heart")
    least = most = beats = 0
    for heart in hearts:
        for before, slice_, (_, due_ns, _, _) in zip(heart.slices, heart.slices[1:], heart.waits[1:]):
            beats += 1
            least = max(least, slice_[0] - due_ns)
            most = max(most, slice_[1] - (before[0] + BEAT_NS))
    assert beats == counted["beat_count"], (name, beats, counted)
    assert least <= counted["worst_delay_ns"] <= most, (name, least, counted, most)

    if truth["variant"] == "blocked":
        return
    # Whose sleep is over waits until the loop has looked at the clock next, which it does between any two slices, and
    # for what stood in the queue then: for two slices at most; and all do get their turns.
    for heart in hearts:
        for _, due_ns, _, resumed_ns in heart.waits[1:]:
            passed = [slice_ for slice_ in cruncher.slices if slice_[0] >= due_ns and slice_[1] <= resumed_ns]
            assert len(passed) <= 2, (name, passed)
    if truth["variant"] == "yielding":
        begin_ns, end_ns = cruncher.slices[1][0], cruncher.slices[-2][1]
        for heart in hearts:
            assert any(begin_ns < slice_[0] < end_ns for slice_ in heart.slices), (name, heart.name)


def check_blocked_loop(name, truth, run, loop, findings):
    counted = truth["counted"]
    (cruncher,) = loop.named("cruncher")
    check_hearts(name, truth, loop)
    finding = findings.get("blocked-loop")
    assert (finding is not None) == (truth["variant"] == "blocked"), (name, list(findings))
    if finding:
        slice_ = max(cruncher.slices, key=lambda each: each[1] - each[0])
        costs, ready_count, worst = check_blame(name, loop, finding, [(cruncher, slice_)])
        # It computes for so long, and each heart slept for a beat of that at most.
        assert len(costs) == 3 and min(costs) >= WORK_NS - BEAT_NS, (name, costs)
        assert worst == slice_ and slice_[1] - slice_[0] >= WORK_NS, (name, worst, slice_)
        assert max(costs) <= counted["worst_delay_ns"], (name, costs, counted)
        words = "3 other tasks " + ("stood ready" if ready_count else "had slept enough")
        assert words in finding["text"] and "cruncher" in finding["text"], (words, finding["text"])
    elif truth["variant"] == "yielding":
        (task,) = [task for task in run["tasks"] if task["name"] == "cruncher"]
        assert task["yield_count"] == counted["yield_count"] + 2, task
    else:
        (pool,) = run["pools"]
        assert pool["job_count"] == 1 and pool["service"]["max_ns"] >= WORK_NS, pool


def stays_of_thread(events, tid):
    """When a thread ran from one of its waits to the next, as far as its own events say."""
    begin_ns = None
    stays = []
    for event in events:
        if event["tid"] == tid and event["event"] in ("thread_start", "wait_end"):
            begin_ns = event["at_ns"]
        elif event["tid"] == tid and event["event"] in ("thread_exit", "wait_begin") and begin_ns is not None:
            stays.append((begin_ns, event["at_ns"]))
            begin_ns = None
    return stays


def check_answers(name, truth, run, events, loops):
    """A line that was typed is answered in the terminal's next turn at the latest, and not while another has its turn."""
    counted = truth["counted"]
    tid_of = {thread["name"]: thread["tid"] for thread in run["threads"]}
    # The user sleeps, types, sleeps, and so on.
    typed = stays_of_thread(events, tid_of["user"])[1:]
    assert len(typed) == counted["line_count"], (name, typed)
    if loops:
        (loop,) = loops
        (terminal,) = loop.named("terminal")
        turns = terminal.slices
        others = [slice_ for task in loop.tasks.values() if task is not terminal for slice_ in task.slices]
    else:
        turns = stays_of_thread(events, tid_of["terminal"])
        others = []
    least = max([end_ns - after_ns for before_ns, after_ns in typed for begin_ns, end_ns in others
                 if begin_ns <= before_ns and after_ns <= end_ns], default=0)
    last_ns = max(end_ns for _, end_ns in turns)
    most = max(min((end_ns for begin_ns, end_ns in turns if begin_ns >= after_ns), default=last_ns) - before_ns
               for before_ns, after_ns in typed)
    assert least <= counted["worst_answer_ns"] <= most, (name, least, counted, most)


def first_reads(events, loops):
    """When each requester first waited for an answer, from and to."""
    if loops:
        reads = [[wait for wait in task.waits[1:] if wait[1] is None][-1] for task in loops[0].tasks.values()]
        return [(since_ns, resumed_ns) for since_ns, _, _, resumed_ns in reads]
    begun = {}
    reads = {}
    for event in events:
        if event["event"].startswith("wait_") and event["reason"] == "read":
            if event["event"] == "wait_begin":
                begun[event["tid"]] = event["at_ns"]
            else:
                reads.setdefault(event["tid"], (begun[event["tid"]], event["at_ns"]))
    return list(reads.values())


def check(name, truth, run):
    counted = truth["counted"]
    tasks = {task["id"].split(".")[-1]: task for task in run["tasks"] or []}
    threads = {thread["tid"]: thread for thread in run["threads"]}
    findings = {finding["id"]: finding for finding in run["findings"]}
    lesson = name.split("-")[0]
    pid = truth["threads"][-1]["pid"]
    events = [event for event in all_events if event["pid"] == pid]
    loops = loops_of(events, pid)

    # Each task as it counted itself; and one at a time on its loop, always.
    assert len(tasks) == len(truth["tasks"]), (name, len(tasks), len(truth["tasks"]))
    for own in truth["tasks"]:
        task = tasks[str(own["number"])]
        for key in ("name", "resume_count", "yield_count", "outcome"):
            assert task[key] == own[key], (name, key, task, own)
    for scheduler in run["schedulers"]:
        if scheduler["kind"] == "event-loop":
            assert scheduler["executor_count"] == 1 and scheduler["parallelism"]["max"] == 1, scheduler
    for loop in loops:
        assert loop.most_passed() <= 1, (name, loop.most_passed())
    for own in truth["threads"]:
        assert threads[own["tid"]]["role"] == own["role"], (name, own)

    if lesson == "blocked":
        check_blocked_loop(name, truth, run, loops[0], findings)
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
        check_answers(name, truth, run, events, loops)
        if truth["variant"] == "blocked":
            assert counted["worst_answer_ns"] > 5e6, counted
    elif lesson == "blocking":
        # Five requests of 60 ms: one after the other where the call blocks the loop, side by side elsewhere.
        stalls = truth["runtime"] in ("event-loop", "nursery", "hybrid")
        assert ("blocked-loop" in findings) == stalls, (name, list(findings))
        if stalls:
            assert truth["wall_ns"] > 5 * SERVICE_NS, (name, truth["wall_ns"])
            slices = loops[0].stalls()
            lengths_ns = [end_ns - begin_ns for _, (begin_ns, end_ns) in slices]
            assert len(slices) == 5 and min(lengths_ns) >= SERVICE_NS, (name, lengths_ns)
            check_blame(name, loops[0], findings["blocked-loop"], slices)
            assert "calls that block the whole thread" in findings["blocked-loop"]["text"], findings["blocked-loop"]
        else:
            reads = first_reads(events, loops)
            ends = sorted(end_ns for _, end_ns in reads)
            begins = sorted(begin_ns for begin_ns, _ in reads)
            # Tasks all ask before their loop looks for answers; of threads, one may begin late.
            assert len(reads) == 5 and (begins[-1] < ends[0] if tasks else begins[1] < ends[0]), (name, reads)
            if tasks:
                assert all(task["times"]["read_ns"] > 50e6 for task in tasks.values()), name
    elif name == "matmul-hybrid":
        (pool,) = run["pools"]
        assert pool["worker_count"] == 2 and pool["job_count"] == 6, pool
        assert all(task["times"]["pool_job_ns"] > 0 for task in tasks.values()), name
        assert sum(thread["role"] == "pool" for thread in threads.values()) == 2, name
    print(f"{name}: {len(tasks)} tasks, findings {sorted(findings)}")


truths = {}
for path in sys.argv[3:]:
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
