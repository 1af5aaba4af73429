#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Records job postgres, and holds what its report says of the server against what the kernel says of the server's processes.
Usage: server.py SOURCE FOLDER
"""
import glob
import json
import resource
import subprocess
import sys
import time


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


def backends(ancestor):
    """CPU time of each process of the run's database server that serves a connection, by pid."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        if read(path).startswith("postgres: interleave"):
            pid = int(path.split("/")[2])
            if descends(pid, ancestor) and (times := read(f"/proc/{pid}/schedstat").split()):
                found[pid] = int(times[0])
    return found


def main():
    source, folder = sys.argv[1:]
    command = ["interleave", "run", "postgres", "--runtime", "threads", "--jobs", "4", "--queries", "100"]
    command += ["--service-ms", "5", "--switch-source", source, "--force", "-o", folder]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    looks = []
    while run.poll() is None:
        found = backends(run.pid)
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
        assert processes[pid]["running_ns"] >= used_ns, (processes[pid], used_ns)

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
