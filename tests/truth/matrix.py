#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
matrix.py run KIND FACTOR PART/PARTS FOLDER: runs the table's cells of a kind one after the other, each with its truth in
FOLDER; of PARTS, to which workloads are dealt, only PART, from 0 on.
matrix.py check KIND FACTOR PART/PARTS FOLDER: holds FOLDER/report.json against these truths, in what truth_check does not look at.
"""
import collections
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["ILV_SOURCE"], "tests/lib"))
import workload_table  # noqa: E402

JOB_SEED = "11"


def path_of(folder, cell):
    return os.path.join(folder, cell.name + ".truth.json")


def run_all(cells, factor, folder):
    left_out = collections.defaultdict(list)
    for cell in cells:
        command = [os.path.join(os.environ["ILV_BIN"], "interleave-workload"), *cell.sized(factor), "--seed", JOB_SEED]
        begin = time.monotonic()
        ran = subprocess.run(
            [*command, "--truth", path_of(folder, cell)],
            env={**os.environ, "ILV_SWITCH_SOURCE": "perf"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        said = ran.stdout.decode(errors="replace")
        print(f"{time.monotonic() - begin:6.2f} s  {' '.join(command[1:])}")
        if ran.returncode == 1 and (what := workload_table.lacking(said)):
            left_out[what].append(cell.name)
        elif ran.returncode != 0:
            sys.exit(f"FAIL: {cell.name} ends with {ran.returncode}: {' '.join(command)}\n{said}")
    for what, names in left_out.items():
        print(f"left out for want of {what}: {' '.join(names)}")
    if left_out and os.environ.get("ILV_TEST_STRICT") == "1":
        sys.exit("FAIL: this machine lacks something")


def check(is_true, what, *values):
    assert is_true, (what, *values)


def check_pools(cell, truth, run):
    if cell.unit != "pool-job":
        # A loop has libuv's, or one of its own, for what it cannot do by itself.
        check(not run["pools"] or cell.unit == "task", "pools", run["pools"])
        return
    # Each job is one of the pool's, however many workers and processes share them.
    (pool,) = run["pools"]
    workers = sum(thread["role"] == "pool" for thread in truth["threads"])
    check(pool["worker_count"] == workers > 0, "workers", pool, workers)
    cancelled = truth["counted"].get("cancelled_count", 0)
    check(pool["queue"]["count"] == pool["job_count"], "jobs that were in the queue", pool)
    check(pool["service"]["count"] >= pool["job_count"] - cancelled, "jobs that were done", pool)
    check(pool["failed_count"] == 0 and pool["cancelled_count"] == cancelled, "jobs that came to nothing", pool)
    if cell.kind == "job":
        check(pool["job_count"] == truth["options"]["jobs"], "jobs of the pool", pool)


def check_threads(truth, run):
    """Every thread that the truth knows, in its role; others only where they were still at work when the run was over."""
    threads = {(thread["pid"], thread["tid"]): thread for thread in run["threads"]}
    for own in truth["threads"]:
        told = threads.pop((own["pid"], own["tid"]))
        check(told["role"] == own["role"], "role", told, own)
    processes = {process["pid"]: process for process in run["processes"]}
    for own in truth["threads"]:
        processes.pop(own["pid"], None)
    for process in processes.values():
        check(process["role"] == "server", "a process that the truth does not know", process)
    duration_ns = run["end_ns"] - run["begin_ns"]
    for thread in threads.values():
        serves = thread["role"] in ("server", "recorder", "tracer")
        check(serves or thread["end_ns"] >= duration_ns, "a thread that the truth does not know", thread)


def check_tasks(truth, run):
    tasks = {task["id"].split(".")[-1]: task for task in run["tasks"]}
    check(len(tasks) == len(truth["tasks"]), "tasks", len(tasks), len(truth["tasks"]))
    for own in truth["tasks"]:
        told = tasks[str(own["number"])]
        for key in ("name", "resume_count", "yield_count", "outcome"):
            check(told[key] == own[key], key, told, own)


def check_run(cell, truth, run):
    check(truth["status"] == "done" and truth["is_complete"], "status", truth["status"])
    check(not run["is_interrupted"], "is_interrupted")
    told = run["workload"], run["runtime"], run["variant"]
    check(told == (cell.workload, "" if cell.variant else cell.runtime, cell.variant or ""), "name", told)
    check(run["unit"].replace("_", "-") == cell.unit, "unit", run["unit"])
    own_words = [truth["sentence"]] if truth["sentence"] else []
    check(run["notes"] == own_words and run["note_left_out_count"] == 0, "notes", run["notes"], own_words)
    check(own_words or cell.kind == "job", "a lesson that says nothing")
    check_threads(truth, run)
    check_tasks(truth, run)
    check_pools(cell, truth, run)


def validate(schema_name, document):
    import jsonschema

    schema = json.load(open(os.path.join(os.environ["ILV_SOURCE"], "docs", schema_name)))
    jsonschema.Draft202012Validator(schema).validate(document)


def check_all(cells, folder):
    report = json.load(open(os.path.join(folder, "report.json")))
    validate("report.schema.json", report)
    assert report["trace"]["is_complete"], report["trace"]
    assert report["trace"]["discarded_event_count"] == report["trace"]["lost_switch_count"] == 0, report["trace"]
    origin_ns = int(report["trace"]["monotonic_origin_ns"])
    checksums = collections.defaultdict(dict)
    done = failed = 0
    for cell in cells:
        if not os.path.exists(path_of(folder, cell)):
            continue
        truth = json.load(open(path_of(folder, cell)))
        validate("truth.schema.json", truth)
        if truth["status"] == "failed":
            continue  # It began, and was refused something.
        (run,) = [
            run
            for run in report["runs"]
            if truth["begin_ns"] <= origin_ns + run["begin_ns"] and origin_ns + run["end_ns"] <= truth["end_ns"]
        ]
        try:
            check_run(cell, truth, run)
        except (AssertionError, ValueError, KeyError) as error:
            print(f"FAIL: {cell.name}: {error!r}")
            failed += 1
        if cell.kind == "job":
            checksums[cell.workload][cell.name] = truth["checksum"]
        done += 1
    for job, sums in checksums.items():
        assert len(set(sums.values())) == 1 and None not in sums.values(), (job, sums)
    if failed:
        sys.exit(f"FAIL: of {failed} of {done} runs the report says something else than they do")
    print(f"{done} runs are in the trace what they say of themselves")


def main():
    action, kind, factor, part, folder = sys.argv[1:]
    cells = list(workload_table.cells(workload_table.read(), kind))
    part, part_count = (int(number) for number in part.split("/"))
    names = list(dict.fromkeys(cell.workload for cell in cells))
    cells = [cell for cell in cells if names.index(cell.workload) % part_count == part]
    if action == "run":
        run_all(cells, int(factor), folder)
    else:
        check_all(cells, folder)


main()
