#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Records runs under the GIL and under a pool of threads, and holds their events against what the two promise, and the
# report against the events and the program's truth.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"
need babeltrace2 babeltrace2

here=$(cd "$(dirname "$0")" && pwd)
workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-gil-pool.XXXXXX")
trap '[ -e "$work/keep" ] || rm -rf "$work"' EXIT
export ILV_SWITCH_SOURCE=none # the recorder has tests of its own

names=()
run() {
  names+=("$1")
  "$workload" "${@:2}" --truth "$work/$1.json" >"$work/$1.out"
}

{
  lttng create gil-pool --output="$work/trace"
  lttng enable-event --userspace 'interleave:*'
  lttng start
} >"$work/lttng.log" 2>&1
run gil-matmul matmul --runtime gil --jobs 3 --size 200 --switch-interval 1000
run gil-sleep sleep --runtime gil --jobs 4 --naps 3 --sleep-ms 2 --children 1
run gil-yield matmul --runtime gil --jobs 2 --size 64 --count 5 --yield-every 1
run gil-request request --runtime gil --jobs 3 --requests 2 --service-ms 2
run convoy-gil convoy --variant gil-5ms --requests 40
run convoy-gil-short convoy --variant gil-100us --requests 40
run convoy-threads convoy --variant threads --requests 40
run pool-matmul matmul --runtime thread-pool --workers 2 --jobs 7 --size 64
run pool-sleep sleep --runtime thread-pool --workers 3 --jobs 9 --naps 2 --sleep-ms 1 --children 2
run pool-many sleep --runtime thread-pool --jobs 2000 --naps 1 --sleep-ms 0
lttng destroy gil-pool >>"$work/lttng.log" 2>&1

babeltrace2 "$work/trace" >"$work/events.txt"
"$ILV_BIN/interleave" report "$work/trace" --json >"$work/report.json"
python3 "$here/gil_pool.py" "$work" "${names[@]}" || {
  touch "$work/keep"
  echo "FAIL: see $work"
  exit 1
}
