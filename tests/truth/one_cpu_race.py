#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
An unlocked race on one CPU: one_cpu_race.py TRACE TRUTH. Who overwrites what others added was switched out between its
read and its write, while the others wrote; where nobody was, nothing is lost. That holds under any load, for any gap.
"""
import bisect
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["ILV_SOURCE"], "tests/lib"))
from trace_events import read_events  # noqa: E402

truth = json.load(open(sys.argv[2]))
lost_count = truth["counted"]["lost_count"]
pid = truth["threads"][0]["pid"]
events = read_events(sys.argv[1], "shared_write", "thread_start", "thread_switch_out")
own_events = [event for event in events if event["event"] != "thread_switch_out" and event["pid"] == pid]
writes = [event for event in own_events if event["event"] == "shared_write"]
write_times = [event["at_ns"] for event in writes]
assert len(writes) == truth["counted"]["increment_count"], (len(writes), truth["counted"])

leave_times = {event["tid"]: [] for event in writes}
for event in events:
    if event["event"] == "thread_switch_out" and event["subject_tid"] in leave_times:
        leave_times[event["subject_tid"]].append(event["time_ns"])

most_lost_count = 0
interrupted_count = 0
before_ns = {}
for event in own_events:
    tid, end_ns = event["tid"], event["at_ns"]
    begin_ns = before_ns.get(tid)
    before_ns[tid] = end_ns
    if event["event"] == "shared_write":
        # It read after its own event before, and wrote before this one.
        between = writes[bisect.bisect_right(write_times, begin_ns):bisect.bisect_left(write_times, end_ns)]
        has_left = bisect.bisect_left(leave_times[tid], end_ns) > bisect.bisect_left(leave_times[tid], begin_ns)
        assert has_left or not between, f"thread {tid} never left the CPU, and others wrote meanwhile: {between}, {event}"
        if has_left:
            interrupted_count += 1
            # Each of the others may have written what it had still to tell of.
            most_lost_count += len(between) + len(leave_times) - 1

assert lost_count <= most_lost_count, (lost_count, most_lost_count)
print(f"{interrupted_count} of {len(writes)} updates may have been interrupted: {lost_count} lost, {most_lost_count} at most")
