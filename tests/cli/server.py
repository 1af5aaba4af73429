#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Records job postgres, and holds what its report says of the server against what the kernel says of the server's processes:
perf's task clock of each, from when it is first seen. (The scheduler's own clock, as in /proc/PID/schedstat, charges a
process with the way to each of its switches: see tests/truth/check_times.c.)
Usage: server.py SOURCE FOLDER
"""
import ctypes
import glob
import json
import os
import resource
import struct
import subprocess
import sys
import time


SWITCH_COST_MAX_NS = 10000
PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)


def open_task_clock(pid):
    """Begins to count the CPU time of a process. None: it is gone."""
    software, task_clock, exclude_kernel = 1, 1, 1 << 5
    attributes = ctypes.create_string_buffer(struct.pack("=IIQQQQQ", software, 128, task_clock, 0, 0, 0, exclude_kernel), 128)
    fd = libc.syscall(PERF_EVENT_OPEN, attributes, pid, -1, -1, 0)
    return fd if fd >= 0 else None


def read(path):
    try:
        with open(path) as stream:
            return stream.read()
    except OSError:
        return ""


def descends(pid, ancestor):
    while pid > 1 and pid != ancestor:
        # After the name, which may hold anything but its closing parenthesis at the end: state, parent.
        pid = int((read(f"/proc/{pid}/stat").rpartition(")")[2].split() or [0, 1])[1])
    return pid == ancestor


def find_backends(ancestor, clocks):
    """Opens the clocks of the processes of the run's database server that serve a connection, by pid."""
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        pid = int(path.split("/")[2])
        if pid not in clocks and read(path).startswith("postgres: interleave") and descends(pid, ancestor):
            clocks[pid] = open_task_clock(pid)


def main():
    source, folder = sys.argv[1:]
    command = ["interleave", "run", "postgres", "--runtime", "threads", "--jobs", "4", "--queries", "100"]
    command += ["--service-ms", "5", "--switch-source", source, "--force", "-o", folder]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    looks = []
    clocks = {}
    while run.poll() is None:
        find_backends(run.pid, clocks)
        found = {pid: int.from_bytes(os.read(fd, 8), sys.byteorder) for pid, fd in clocks.items() if fd is not None}
        looks.append((time.monotonic_ns(), found))
        time.sleep(0.05)
    assert run.returncode == 0, run.returncode

    report = json.load(open(folder + "/report.json"))
    (run,) = report["runs"]
    # A backend still has to clean up when the run is over, and that is no part of it.
    end_ns = int(report["trace"]["monotonic_origin_ns"]) + run["end_ns"]
    seen = {}
    for time_ns, found in looks:
        if time_ns <= end_ns:
            seen.update(found)
    truth = json.load(open(folder + "/truth.json"))
    processes = {process["pid"]: process for process in run["processes"]}
    own = {thread["pid"] for thread in truth["threads"]}
    for pid, process in processes.items():
        assert (process["role"] == "server") == (pid not in own), process
    assert len(seen) >= 4, seen
    for pid, used_ns in seen.items():
        # What it did before the run began is no part of the run, but these serve the run's jobs.
        (thread,) = [thread for thread in run["threads"] if thread["pid"] == pid]
        switch_count = thread["switches"]["voluntary"] + thread["switches"]["involuntary"]
        assert used_ns > 0, pid
        assert processes[pid]["running_ns"] >= used_ns - SWITCH_COST_MAX_NS * switch_count, (processes[pid], used_ns)

    server_ns = run["sum"]["server_cpu_ns"]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    most_ns = 1e9 * (used.ru_utime + used.ru_stime)
    assert sum(seen.values()) <= server_ns <= most_ns, (seen, server_ns, most_ns)
    (kernel,) = [scheduler for scheduler in run["schedulers"] if scheduler["kind"] == "kernel"]
    serving = ("server", "recorder", "tracer")
    counted = [thread for thread in run["threads"] if thread["role"] not in serving]
    assert kernel["entity_count"] == len(counted), (kernel["entity_count"], len(counted))
    assert all(thread["pid"] in own for thread in counted), counted
    busy = sum(thread["running_ns"] for thread in counted) / (run["end_ns"] - run["begin_ns"])
    assert abs(run["sum"]["cpus_busy"] - busy) < 1e-6, (run["sum"]["cpus_busy"], busy)
    print(f"{source}: server {server_ns / 1e6:.1f} ms, seen {sum(seen.values()) / 1e6:.1f} ms, at most {most_ns / 1e6:.1f} ms")


main()
