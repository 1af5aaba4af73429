#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Records workloads with nothing but lttng, and holds the order of their events against docs/events.md, and their numbers
# against the truth that the program wrote.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"
need babeltrace2 babeltrace2

here=$(cd "$(dirname "$0")" && pwd)
workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-sequence.XXXXXX")
trap '[ -e "$work/keep" ] || rm -rf "$work"' EXIT
export ILV_SWITCH_SOURCE=none # the recorder has tests of its own

names=()
run() {
  names+=("$1")
  "$workload" "${@:2}" --truth "$work/$1.json" >"$work/$1.out"
}

{
  lttng create sequence --output="$work/trace"
  lttng enable-event --userspace 'interleave:*'
  lttng start
} >"$work/lttng.log" 2>&1
run request-threads request --runtime threads --jobs 3 --requests 2
run request-loop request --runtime event-loop --jobs 3 --requests 2
run sleep-loop sleep --runtime event-loop --jobs 3 --naps 2 --sleep-ms 5 --children 2
run matmul-loop matmul --runtime event-loop --jobs 3 --size 100 --yield-every 2
run matmul-sequential matmul --runtime sequential --jobs 3 --size 100
run race-unlocked race --variant unlocked --cpus 1 --increments 300
run race-mutex race --variant mutex --increments 200 --gap 5000
run race-atomic race --variant atomic --increments 200 --gap 5000
run race-task race --variant task --increments 200 --gap 500
run race-task-await race --variant task-await --increments 200 --gap 500
lttng destroy sequence >>"$work/lttng.log" 2>&1

babeltrace2 "$work/trace" >"$work/events.txt"
for name in "${names[@]}"; do
  python3 "$here/sequence.py" "$name" "$work/events.txt" "$work/$name.json" || {
    touch "$work/keep"
    echo "FAIL: $name; see $work"
    exit 1
  }
done
