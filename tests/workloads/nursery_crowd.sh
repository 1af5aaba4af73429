#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A hundred thousand tasks in one process, under each runtime that has tasks: all are in the trace, or their loss is
# counted; and what each costs in memory. Usage, below with-sessiond.sh: nursery_crowd.sh
# shellcheck source-path=SCRIPTDIR source=../truth/record.sh
. "$(dirname "$0")/../truth/record.sh"

count=100000
for runtime in event-loop green nursery; do
  begin_recording
  ILV_SWITCH_SOURCE=none quiet "$ILV_BIN/interleave-workload" sleep --runtime $runtime --jobs $count --naps 1 \
    --sleep-ms 100 --truth "$work/truth.json"
  quiet lttng destroy "truth-$$"
  # 4: events were lost, which a busy machine can bring about, and the report says so.
  "$ILV_BIN/interleave" report "$work/trace" --json >"$work/report.json" || [ $? = 4 ]
  python3 - "$runtime" $count "$work/report.json" "$work/truth.json" <<'END'
import json, sys
runtime, count = sys.argv[1], int(sys.argv[2])
report, truth = json.load(open(sys.argv[3])), json.load(open(sys.argv[4]))
(run,) = report["runs"]
assert truth["is_complete"] and len(truth["tasks"]) == count, len(truth["tasks"])
lost = report["trace"]["discarded_event_count"]
assert (lost == 0) == report["trace"]["is_complete"], report["trace"]
if lost == 0:
    (loop,) = run["loops"]
    assert loop["task_count"] == count, loop
    tasks = {task["id"].split(".")[-1]: task for task in run["tasks"]}
    for own in truth["tasks"] if len(tasks) == count else []:
        task = tasks[str(own["number"])]
        assert (task["resume_count"], task["yield_count"]) == (own["resume_count"], own["yield_count"]), (task, own)
(process,) = [process for process in run["processes"] if process["pid"] == truth["threads"][-1]["pid"]]
each = process["memory_growth_bytes"] / count
# A page of stack that was touched, and what is kept of a task; a sanitizer keeps much more.
assert each < 64 * 1024, each
print(f"{runtime}: {count} tasks, {lost} events lost, {each:.0f} bytes of memory a task")
END
  rm -rf "$work/trace" "$work/report.json" "$work/truth.json"
done
