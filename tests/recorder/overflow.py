# SPDX-License-Identifier: MIT
"""What was sent and what was lost of a flood is what the kernel counted: overflow.py SOURCE TRACE TRUTH REPORT."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["ILV_SOURCE"], "tests/lib"))
from trace_events import read_events  # noqa: E402

source, trace, truth_path, report_path = sys.argv[1:]
threads = {}
for line in open(truth_path):
    _, _, tid, from_ns, to_ns, voluntary_count, involuntary_count = line.split()
    threads[int(tid)] = int(from_ns), int(to_ns), int(voluntary_count) + int(involuntary_count)
assert len(threads) == 3, threads

sent_count = 0
lost_count = 0
told_count = None
for event in read_events(trace, "thread_switch_", "switch_lost", "recorder_end"):
    if event["event"] == "switch_lost":
        lost_count += event["lost_count"]
    elif event["event"] == "recorder_end":
        told_count = event["lost_count"]
    elif event["subject_tid"] in threads:
        from_ns, to_ns, _ = threads[event["subject_tid"]]
        sent_count += from_ns < event["time_ns"] <= to_ns

# Each switch of a thread is told twice: out, and in again.
expected_count = 2 * sum(count for _, _, count in threads.values())
print(f"{source}: {sent_count} sent and {lost_count} lost of {expected_count}")
assert lost_count > 0
assert told_count == lost_count, (told_count, lost_count)
if source == "perf":
    assert sent_count + lost_count == expected_count
else:
    # The rings have the whole machine's records.
    assert sent_count < expected_count <= sent_count + lost_count

text = " ".join(open(report_path).read().split())
told = re.search(r"Incomplete: .*?([\d,]+) thread switches lost", text)
assert told and int(told[1].replace(",", "")) == lost_count, (told and told[0], lost_count)
