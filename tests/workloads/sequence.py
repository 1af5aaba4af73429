# SPDX-License-Identifier: MIT
"""Holds the events of a workload, as babeltrace2 prints them, against the catalogue's order and the program's truth."""
import json
import re
import sys

name, text_path, truth_path = sys.argv[1:]
truth = json.load(open(truth_path))
LINE = re.compile(r"interleave:(\w+): .*?\{ (pid = .*) \}$")
FIELD = re.compile(r'(\w+) = (?:\( "(\w+)" : container = \d+ \)|"([^"]*)"|(0x[0-9A-F]+|-?\d+))')


def parse(line):
    found = LINE.search(line)
    fields = {"event": found.group(1)}
    for key, label, text, number in FIELD.findall(found.group(2)):
        fields[key] = label or (int(number, 0) if number else text)
    return fields


events = [parse(line) for line in open(text_path)]
run_process = truth["threads"][-1]["pid"]
ours = [event for event in events if event["pid"] == run_process]
names = [event["event"] for event in ours]
begin, end = names.index("run_begin"), names.index("run_end")
run = ours[begin : end + 1]


def of(*kinds):
    return [event for event in run if event["event"] in kinds]


assert names.count("run_begin") == names.count("run_end") == 1
assert run[0]["workload"] == truth["workload"] and run[0]["parameters"] == truth["parameters"], run[0]
# An empty string is not looked at: babeltrace2 2.0 shows an earlier event's text for it (efficios/babeltrace#116).
for key in ("variant",) if truth["variant"] else ("runtime",):
    assert run[0][key] == truth[key], run[0]
assert run[0]["unit"] == ("task" if truth["runtime"] == "event-loop" else "thread"), run[0]
assert run[-1]["status"] == 0, run[-1]
# The role of the main thread is said before the run, and the server's by the server.
main = [event for event in ours[:begin] if event["event"] == "thread_announce" and event["subject_tid"] == run_process]
assert [event["role"] for event in main] == [{"sequential": "job", "threads": "main", "event-loop": "loop"}[truth["runtime"]]]
servers = {
    event["pid"]
    for event in events
    if event["event"] == "process_start" and event["role"] == "server" and event["parent_pid"] == run_process
}
assert len(servers) == (truth["workload"] == "request")
assert {event["child_pid"] for event in ours[:begin] if event["event"] == "process_spawn"} == servers
assert {event["child_pid"] for event in ours[end:] if event["event"] == "process_wait_end"} == servers

# Tasks: ready, resumed, stopped, over and over; one at a time; and never while the loop polls.
state, counters, reasons, running, polling = {}, {}, set(), None, False
for event in run:
    kind, task = event["event"], event.get("task")
    if kind == "loop_poll_begin":
        assert not polling and running is None, event
        polling = True
    elif kind == "loop_poll_end":
        assert polling, event
        polling = False
    elif kind.startswith("task_"):
        assert not polling, event
        if kind == "task_create":
            assert task not in state and event["parent_task"] == (running or 0), event
            state[task], counters[task] = "waiting", [0, 0]
        elif kind == "task_ready":
            assert state[task] == "waiting" and event["waker_task"] == (running or 0), event
            state[task] = "ready"
        elif kind == "task_resume":
            assert state[task] == "ready" and running is None, event
            state[task], running = "running", task
            counters[task][0] += 1
        else:
            assert state[task] == "running" and running == task, event
            running = None
            state[task] = "done"
            if kind == "task_yield":
                state[task] = "ready" if event["reason"] == "yield" else "waiting"
                counters[task][1] += 1
                reasons.add(event["reason"])
assert set(state.values()) <= {"done"} and not polling
assert counters == {task["number"]: [task["resume_count"], task["yield_count"]] for task in truth["tasks"]}
expected_reasons = {
    "request-loop": {"write", "read"},
    "sleep-loop": {"sleep", "task"},
    "matmul-loop": {"yield"},
    "race-task-await": {"yield"},
}
assert reasons == expected_reasons.get(name, set()) or (name == "request-loop" and reasons == {"read"}), reasons
assert (len(of("loop_poll_begin")) > 0) == (truth["runtime"] == "event-loop" and name != "race-task"), name

# Threads: created, started, ended and joined, each once, and what they wait for has both its ends.
jobs = {thread["tid"]: thread for thread in truth["threads"] if thread["tid"] != run_process}
created = {event["key"]: event["name"] for event in of("thread_create")}
for event in of("thread_start"):
    assert event["role"] == "job" and created[event["key"]] == event["name"] == jobs[event["tid"]]["name"], event
for kind, key in (("thread_start", "tid"), ("thread_exit", "tid"), ("thread_join_begin", "joined_tid"), ("thread_join_end", "joined_tid")):
    assert sorted(event[key] for event in of(kind)) == sorted(jobs), kind
open_waits = {}
for event in of("wait_begin", "wait_end"):
    if event["event"] == "wait_begin":
        assert event["tid"] not in open_waits, event
        open_waits[event["tid"]] = event["reason"], event["object"]
    else:
        assert open_waits.pop(event["tid"]) == (event["reason"], event["object"]), event
assert not open_waits

# Locks: one holder at a time, and a wait only where a first try had failed.
holder, waiting = None, set()
for event in of("lock_wait_begin", "lock_acquire", "lock_release"):
    if event["event"] == "lock_wait_begin":
        waiting.add(event["tid"])
    elif event["event"] == "lock_acquire":
        assert holder is None and event["is_contended"] == (event["tid"] in waiting), event
        waiting.discard(event["tid"])
        holder = event["tid"]
    else:
        assert holder == event["tid"], event
        holder = None
assert holder is None and not waiting
assert len(of("lock_acquire")) == (1000 if name == "race-mutex" else 0)

# The race: from the final value back along the values that were read; what is off that chain is lost.
if truth["workload"] == "race":
    counted = truth["counted"]
    last = of("shared_read")[-1]
    assert last["tid"] == run_process and last["value"] == counted["final_value"], last
    assert len(of("shared_write", "shared_update")) == counted["increment_count"]
    assert len(of("shared_update")) == (counted["increment_count"] if truth["variant"] == "atomic" else 0)
    writes = of("shared_write")
    if truth["runtime"] == "event-loop" or truth["variant"] == "mutex":
        value, on_chain = counted["final_value"], 0
        for event in reversed(writes):
            if event["value_written"] == value:
                value, on_chain = event["value_read"], on_chain + 1
        if truth["variant"] != "atomic":
            assert value == 0, value
            assert counted["increment_count"] - on_chain == counted["lost_count"], (on_chain, counted)
    elif truth["options"].get("cpus") == 1:
        # A thread may be cut short between its write and the event that tells of it: each value was written, and the
        # order is not theirs.
        assert all(event["value_written"] == event["value_read"] + 1 for event in writes)
        assert {event["value_written"] for event in writes} >= set(range(1, counted["final_value"] + 1)), counted
        assert counted["increment_count"] - counted["final_value"] == counted["lost_count"], counted
print(f"{name}: {len(ours)} events, {len(counters)} tasks, {len(jobs)} threads")
