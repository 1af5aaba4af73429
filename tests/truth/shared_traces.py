#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Traces that others recorded: what they hold is read, and what is malformed ends in one sentence, soon and small."""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

TIME_LIMIT_S = 10
MEMORY_LIMIT_BYTES = 1 << 30
NO_TRACE = 3
INCOMPLETE = 4

program = os.path.join(os.environ["ILV_BIN"], "interleave")
traces = os.path.join(os.environ["ILV_SOURCE"], "..", "shared", "traces")
failures = 0


def fail(text):
    global failures
    failures += 1
    print("FAIL: " + text)


def report(path, *options):
    """Returns status, stdout, stderr, seconds, and the most memory that any of its processes had."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.monotonic()
        process = subprocess.Popen([program, "report", path, *options], stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begin
        out.seek(0)
        err.seek(0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, out.read().decode(), err.read().decode(), seconds, usage.ru_maxrss * 1024


def check_limits(name, seconds, peak_bytes):
    print(f"{name}: {seconds:.2f} s, {peak_bytes / 1e6:.0f} MB")
    if seconds > TIME_LIMIT_S:
        fail(f"{name} took {seconds:.1f} s")
    if peak_bytes > MEMORY_LIMIT_BYTES:
        fail(f"{name} took {peak_bytes / 1e6:.0f} MB")


def check_good(name, event_count, sentences, lost_count=0, lost_packet_count=0):
    """The events are all there, those that the tracer lost are counted, not hidden, and the text says whose they are."""
    is_complete = not lost_count and not lost_packet_count
    status, out, err, seconds, peak_bytes = report(os.path.join(traces, name), "--json")
    check_limits(name, seconds, peak_bytes)
    if status != (0 if is_complete else INCOMPLETE):
        fail(f"{name} ends with {status}: {err}")
        return
    told = json.loads(out)["trace"]
    for key, truth in [("event_count", event_count), ("discarded_event_count", lost_count),
                       ("discarded_packet_count", lost_packet_count), ("has_unknown_discards", lost_packet_count > 0),
                       ("is_complete", is_complete)]:
        if told[key] != truth:
            fail(f"{name}: {key} is {told[key]}, not {truth}")
    status, out, err, seconds, peak_bytes = report(os.path.join(traces, name))
    text = " ".join(out.split())
    if status != (0 if is_complete else INCOMPLETE):
        fail(f"{name} as text ends with {status}: {err}")
    for sentence in [f"{event_count:,} events", *sentences]:
        if sentence not in text:
            fail(f"{name} does not say \"{sentence}\": {out}")
    # Whoever recorded the kernel did record switches.
    for sentence in ["Thread switches were not recorded", "nobody knows how many"]:
        if sentence in text:
            fail(f"{name} says \"{sentence}\": {out}")


def check_malformed(name):
    status, out, err, seconds, peak_bytes = report(os.path.join(traces, "malformed", name))
    check_limits("malformed/" + name, seconds, peak_bytes)
    print("  " + err.rstrip("\n"))
    if status != NO_TRACE:
        fail(f"{name} ends with {status}")
    if out:
        fail(f"{name} has something to say on stdout: {out[:200]}")
    if not err.startswith("interleave: ") or not err.endswith("\n") or err.count("\n") != 1:
        fail(f"{name} is not one sentence: {err}")


if not os.path.isdir(traces):
    print(f"SKIP: no traces of others in {traces}")
    sys.exit(1 if os.environ.get("ILV_TEST_STRICT") == "1" else 77)

# Whatever goes wrong, the machine that runs the tests stays usable.
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
check_good("cat-kernel", 100420, ["its 100,420 events are of LTTng's kernel tracer (sched_switch and others), which are not read yet."])
check_good("cat-ust", 1885, ["of other programs (lttng_ust_cyg_profile, lttng_ust_libc, lttng_ust_statedump)."])
check_good("hello-lost", 32300, ["of other programs (ust_tests_hello).", "967,700 events discarded."], lost_count=967700)
check_good("packets-lost/7-lost-between-2-with-index", 2, ["Incomplete: 7 packets of events lost."], lost_packet_count=7)
for case in sorted(os.listdir(os.path.join(traces, "malformed"))):
    check_malformed(case)
sys.exit(failures > 0)
