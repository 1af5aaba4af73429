#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Records runs of processes with nothing but lttng: every event of every process arrives, and the report knows each
# process, each job of the pool, and what the lessons counted of themselves.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-processes.XXXXXX")
trap '[ -e "$work/keep" ] || rm -rf "$work"' EXIT
export ILV_SWITCH_SOURCE=none # the recorder has tests of its own

record() {
  local name=$1
  shift
  {
    lttng create "$name" --output="$work/$name/trace"
    lttng enable-event --userspace 'interleave:*'
    lttng start
  } >"$work/lttng.log" 2>&1
  "$workload" "$@" --truth "$work/$name.json" >"$work/$name.out"
  lttng destroy "$name" >>"$work/lttng.log" 2>&1
  "$ILV_BIN/interleave" report "$work/$name" --json >"$work/$name.report"
  babeltrace2 "$work/$name/trace" >"$work/$name.events"
  python3 "$here/processes_trace.py" "$name" "$work/$name" || {
    touch "$work/keep"
    echo "FAIL: $name; see $work"
    exit 1
  }
}

# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"
need babeltrace2 babeltrace2
record fork matmul --runtime processes --jobs 4 --size 64
record spawn matmul --runtime processes --start-method spawn --jobs 3 --size 64
record nested sleep --runtime processes --jobs 3 --children 2 --naps 1 --sleep-ms 1
record nested-spawned sleep --runtime processes --start-method spawn --jobs 3 --children 2 --naps 1 --sleep-ms 1
record pool matmul --runtime process-pool --workers 2 --jobs 200 --size 32
record hybrid matmul --runtime hybrid --pool processes --workers 2 --jobs 40 --size 64
record spawn-cost spawn-cost --variant fork --jobs 5 --memory-mib 4
record break-even break-even --variant process-pool --jobs 4 --rounds 1 --sizes 4

# The first job that cannot write its file fails, and the others are asked to end: each process tells which it was.
trap '' XFSZ
{
  lttng create told --output="$work/told/trace"
  lttng enable-event --userspace 'interleave:*'
  lttng start
} >"$work/lttng.log" 2>&1
status=0
(ulimit -f 64 && exec "$workload" file --runtime processes --jobs 6 --file-kib 2048) >"$work/told.out" 2>&1 || status=$?
lttng destroy told >>"$work/lttng.log" 2>&1
[ "$status" = 1 ] || { cat "$work/told.out"; echo "FAIL: status $status where a file is too large"; exit 1; }
"$ILV_BIN/interleave" report "$work/told" --json >"$work/told.report"
python3 - "$work/told.report" <<'END'
import json, sys
run, = json.load(open(sys.argv[1]))["runs"]
outcomes = {thread["pid"]: thread["outcome"] for thread in run["threads"] if thread["is_unit"]}
statuses = {process["pid"]: process["exit_status"] for process in run["processes"] if process["role"] == "job"}
assert len(statuses) == 6 and set(statuses.values()) <= {1, 129} and 1 in statuses.values(), statuses
assert outcomes == {pid: "failed" if status == 1 else "cancelled" for pid, status in statuses.items()}, outcomes
END
