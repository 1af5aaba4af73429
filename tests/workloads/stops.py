#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Runs cells of the table of workloads, ends each by a signal once it is under way, and looks at what stays: nothing; after
SIGKILL nothing that the next run of the same kind would not remove. Usage, by stops.sh: stops.py FOLDER HOST SELECTION
"""
import contextlib
import ctypes
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.environ["ILV_SOURCE"], "tests/lib"))
import workload_table  # noqa: E402

# What differs in what it starts or holds: each runtime once, and whatever has servers, terminals or locks for ever.
TELLING = (
    "matmul.sequential", "sleep.threads", "matmul.gil", "request.thread-pool", "file.processes",
    "sleep.processes-spawn", "mixed.process-pool", "request.event-loop", "blocking-request.green", "sleep.nursery",
    "mixed.hybrid", "mixed.hybrid-processes", "matmul.hybrid-processes", "postgres.threads",
    "web-scraper.event-loop", "input.threads", "deadlock.abba",
)  # fmt: skip
# By whom: a terminal's Ctrl-C reaches the whole group; so does the end of a container.
WAYS = ((signal.SIGINT, "group"), (signal.SIGTERM, "one"), (signal.SIGKILL, "one"), (signal.SIGKILL, "group"))
# The terminal is gone; the tool, which has the run in a group of its own, asks in its place.
HANGUP = (signal.SIGHUP, "group")
# Of the tool, which runs them one after the other, each is asked and killed at least once, and each way is gone twice.
TELLING_OF_TOOL = {"sleep.process-pool": (WAYS[0], WAYS[2]), "postgres.event-loop": WAYS, "deadlock.abba": (WAYS[1], WAYS[3])}
# Recordings of one daemon would hold each other's runs.
TOGETHER = {"workload": 4, "tool": 1}
PATIENCE_S = 20
# What a machine may lack the means for.
DEMANDING = ("priority", "priority-inversion", "postgres", "web-scraper")
PR_SET_CHILD_SUBREAPER = 36


class Failed(Exception):
    pass


class TooLate(Failed):
    """The run was over before the signal came, which a crowded machine can bring about."""


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        if time.monotonic() > end:
            raise Failed(f"not within {PATIENCE_S} s: {what}")
        time.sleep(0.01)
    return found


def has_begun(folder, seed):
    """Whether the recording holds the run_begin of the run with this seed; its parameters are in it as text."""
    words = f" seed={seed}\0".encode()
    for path in glob.glob(f"{folder}/trace/ust/uid/*/*/begun_*"):
        with open(path, "rb") as stream:
            if words in stream.read():
                return True
    return False


def children_of(pid):
    children = []
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        with contextlib.suppress(OSError), open(path) as listed:
            children += [int(child) for child in listed.read().split()]
    return children


def describe(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as line, open(f"/proc/{pid}/stat") as stat:
            words = line.read().replace(b"\0", b" ").decode(errors="replace")
            return f"{pid}, state {stat.read().rpartition(')')[2].split()[0]}: {words[:120]}"
    except OSError:
        return f"{pid} (gone)"


def reap(leader):
    """Takes in orphans that ended; what is left of this run, by its ends' words."""
    for child in children_of(os.getpid()):
        if child != leader:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, os.WNOHANG)
    return [child for child in children_of(os.getpid()) if child != leader]


def left_in(folder):
    return sorted(os.path.relpath(path, folder) for path in glob.glob(folder + "/**", recursive=True))[1:]


def shared_memory():
    with open("/proc/sysvipc/shm") as segments:
        segments = [line.split()[1] for line in list(segments)[1:]]
    return segments + [name for name in os.listdir("/dev/shm") if not name.startswith("lttng-ust-")]


def command_of(host, cell, arguments, folder, seed):
    programs = os.environ["ILV_BIN"]
    if host == "workload":
        program = os.path.join(programs, "interleave-workload")
        return [program, *arguments, "--seed", str(seed), "--truth", os.path.join(folder, "truth.json")]
    output = os.path.join(folder, "output")
    return [os.path.join(programs, "interleave"), "run", *arguments, "--seed", str(seed), "-o", output]


def stop_one(folder, host, cell, number, whom, seed):
    """One case, in a process that inherits whatever the run leaves behind."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    own = os.path.join(folder, str(seed))
    temporary = os.path.join(own, "tmp")
    os.mkdir(own)
    os.mkdir(temporary)
    os.chmod(own, 0o755)
    os.chmod(temporary, 0o755)
    environment = {**os.environ, "TMPDIR": temporary}
    command = command_of(host, cell, cell.endless(), own, seed)
    with open(os.path.join(own, "said"), "wb") as said:
        leader = subprocess.Popen(command, env=environment, stdout=said, stderr=said, process_group=0)
    try:
        wait_until(lambda: has_begun(folder, seed) or leader.poll() is not None, "the run begins")
        begin = time.monotonic()
        if leader.poll() is None:
            (os.killpg if whom == "group" else os.kill)(leader.pid, number)
        wait_until(lambda: leader.poll() is not None, "the run ends")
        took = time.monotonic() - begin
        expected = -number if number == signal.SIGKILL else 128 + number
        if leader.returncode == 0:
            raise TooLate("it ended by itself, or as if it had")
        if leader.returncode != expected:
            raise Failed(f"it ended with {leader.returncode}, not {expected}")
        if number != signal.SIGKILL:
            if left := reap(leader.pid):
                raise Failed(f"processes stay: {[describe(pid) for pid in left]}")
            if left := left_in(temporary):
                raise Failed(f"files stay: {left}")
            with open(glob.glob(f"{own}/**/truth.json", recursive=True)[0]) as truth:
                status = json.load(truth)["status"]
            if status != "interrupted":
                raise Failed(f"by its truth it is {status}")
        else:
            wait_until(lambda: not reap(leader.pid), f"no process stays")
            following = command_of(host, cell, cell.sized(), own, seed + 1)
            following += ["--force"] if host == "tool" else []
            with open(os.path.join(own, "said"), "ab") as said:
                ran = subprocess.run(following, env=environment, stdout=said, stderr=said, timeout=60, check=False)
            if ran.returncode != 0:
                raise Failed(f"the next run ended with {ran.returncode}")
            if left := left_in(temporary):
                raise Failed(f"files stay, which the next run was to remove: {left}")
        return took
    finally:
        for pid in [leader.pid, *reap(leader.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def run_case(folder, host, cell, number, whom, seed):
    name = f"{host} {cell.name}, {signal.Signals(number).name} to {whom}"
    tries = [seed, seed + 2, seed + 4]
    try:
        for seed in tries:
            try:
                print(f"{stop_one(folder, host, cell, number, whom, seed):6.2f} s  {name}", flush=True)
                return 0
            except TooLate:
                if seed == tries[-1]:
                    raise
    except Failed as failed:
        with open(os.path.join(folder, str(seed), "said"), errors="replace") as said:
            print(f"FAIL: {name}: {failed}\n  {' '.join(command_of(host, cell, cell.endless(), folder, seed))}")
            print("  it said: " + said.read()[-4000:].replace("\n", "\n  "), flush=True)
    except Exception:
        print(f"FAIL: {name}\n{traceback.format_exc()}", flush=True)
    return 1


def is_allowed(cell):
    """False where this machine lacks what the cell needs, and the program says so."""
    program = os.path.join(os.environ["ILV_BIN"], "interleave-workload")
    ran = subprocess.run([program, *cell.sized()], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return workload_table.lacking(ran.stdout.decode(errors="replace")) is None


def main():
    folder, host, selection = sys.argv[1:]
    table = workload_table.read()
    cells = [cell for kind in ("jobs", "lessons") for cell in workload_table.cells(table, kind)]
    wanted = TELLING_OF_TOOL if (host, selection) == ("tool", "telling") else dict.fromkeys(TELLING, WAYS)
    if host == "workload":
        wanted["file.processes"] += (HANGUP,)
    if selection == "telling" or host == "tool":
        cells = [cell for cell in cells if cell.name in wanted]
        assert len(cells) == len(wanted), "the table has lost some of them"

    # Before anything is recorded, for it would be recorded too.
    cells = [cell for cell in cells if cell.workload not in DEMANDING or is_allowed(cell)]
    cases = [(cell, *way) for cell in cells for way in wanted.get(cell.name, WAYS)]
    running, failed = {}, 0
    for index, (cell, number, whom) in enumerate(cases):
        while len(running) >= TOGETHER[host]:
            pid, status = os.wait()
            running.pop(pid)
            failed += status != 0
        pid = os.fork()
        if pid == 0:
            os._exit(run_case(folder, host, cell, number, whom, 1000000 + 10 * index))
        running[pid] = cell
    while running:
        pid, status = os.wait()
        running.pop(pid)
        failed += status != 0

    if left := shared_memory():
        print(f"FAIL: shared memory stays: {left}")
        failed += 1
    listed = subprocess.run(["lttng", "--no-sessiond", "list"], stdout=subprocess.PIPE, check=False).stdout
    if host == "tool" and b"interleave-" in listed:
        print(f"FAIL: a session stays: {listed.decode()}")
        failed += 1
    shutil.rmtree(os.path.join(folder, "trace"), ignore_errors=True)
    print(f"{len(cases)} cases, {failed} failed")
    sys.exit(failed != 0)


main()
