#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The truth of every workload and runtime is what docs/truth.schema.json says, and agrees with itself.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"
need_python jsonschema python3-jsonschema

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-truth.XXXXXX")
trap 'rm -rf "$work"' EXIT

for runtime in sequential threads event-loop; do
  "$workload" matmul --runtime "$runtime" --size 64 --yield-every 1 --jobs 3 --truth "$work/matmul-$runtime.json"
  "$workload" sleep --runtime "$runtime" --sleep-ms 2 --jobs 3 --truth "$work/sleep-$runtime.json"
  "$workload" request --runtime "$runtime" --service-ms 2 --jobs 3 --truth "$work/request-$runtime.json"
done >/dev/null
for variant in unlocked mutex atomic task task-await; do
  "$workload" race --variant "$variant" --increments 20 --jobs 3 --cpus 1 --truth "$work/race-$variant.json" >/dev/null
done

for runtime in event-loop green nursery hybrid threads; do
  "$workload" sleep --runtime "$runtime" --sleep-ms 1 --naps 1 --jobs 1000 --truth "$work/many-$runtime.json" >"$work/many-$runtime.out"
done

python3 - "$ILV_SOURCE" "$work" <<'END'
import glob, json, os, re, sys
import jsonschema

schema = json.load(open(os.path.join(sys.argv[1], "docs/truth.schema.json")))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
counted_name = re.compile(schema["properties"]["counted"]["propertyNames"]["pattern"])
counted = set()
for path in glob.glob(os.path.join(sys.argv[1], "workloads/**/*.c"), recursive=True):
    counted.update(re.findall(r'ilv_run_count\(run,\s*"(\w+)"', open(path).read()))
assert len(counted) > 50 and all(map(counted_name.search, counted)), [name for name in counted if not counted_name.search(name)]

# What a task takes of memory is measured where there are many: at least the page of its stack that it runs on.
for runtime in ("event-loop", "green", "nursery", "hybrid", "threads"):
    truth = json.load(open(os.path.join(sys.argv[2], f"many-{runtime}.json")))
    validator.validate(truth)
    said = open(os.path.join(sys.argv[2], f"many-{runtime}.out")).read()
    each = truth["counted"].get("memory_per_task_bytes")
    if runtime == "threads":
        assert each is None and "bytes of memory a task" not in said, (each, said)
    else:
        assert each >= os.sysconf("SC_PAGESIZE") and f"\n{each} bytes of memory a task\n" in said, (runtime, each, said)

names = sorted(name for name in os.listdir(sys.argv[2]) if not name.startswith("many-"))
assert len(names) == 14, names
for name in names:
    truth = json.load(open(os.path.join(sys.argv[2], name)))
    validator.validate(truth)
    assert truth["status"] == "done" and truth["is_complete"], name
    assert truth["wall_ns"] == truth["end_ns"] - truth["begin_ns"] > 0, name
    assert (truth["checksum"] is None) == (truth["workload"] == "race"), name
    main = [thread for thread in truth["threads"] if thread["tid"] == thread["pid"]]
    jobs = [thread for thread in truth["threads"] if thread["tid"] != thread["pid"]]
    roles = {"sequential": "job", "threads": "main", "event-loop": "loop"}
    assert len(main) == 1 and main[0]["role"] == roles[truth["runtime"]], name
    assert len(jobs) == (3 if truth["runtime"] == "threads" else 0), name
    assert len(truth["tasks"]) == (3 if truth["runtime"] == "event-loop" else 0), name
    for thread in truth["threads"]:
        assert truth["begin_ns"] <= thread["started_ns"] < thread["read_at_ns"] <= truth["end_ns"], (name, thread)
        for count in ("cpu_ns", "voluntary_count", "involuntary_count"):
            before = count.replace("_ns", "_before_ns").replace("_count", "_before_count")
            assert thread[before] <= thread[count], (name, thread)
        assert thread["cpu_ns"] - thread["cpu_before_ns"] <= thread["read_at_ns"] - thread["started_ns"] + 100000, (name, thread)
    for task in truth["tasks"]:
        assert task["resume_count"] == task["yield_count"] + 1 and task["outcome"] == "returned", (name, task)
    if truth["workload"] == "sleep":
        for sleeper in jobs:
            assert sleeper["voluntary_count"] >= 5, (name, sleeper)
        for task in truth["tasks"]:
            assert task["yield_count"] == 5, (name, task)
    if truth["workload"] == "matmul":
        for task in truth["tasks"]:
            assert task["yield_count"] == 4, (name, task)
print(f"{len(names)} truths are true to their schema")
END

# A truth that cannot be written is a failure, and leaves nothing half done.
status=0
"$workload" sleep --jobs 1 --naps 1 --sleep-ms 0 --truth "$work/none/truth.json" >/dev/null 2>"$work/error" || status=$?
if [ "$status" != 1 ] || ! grep -q 'Cannot write truth: path=' "$work/error"; then
  echo "FAIL: status $status"
  cat "$work/error"
  exit 1
fi
