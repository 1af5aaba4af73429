#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Jobs `file` and `mixed`: the same under every runtime, no folder stays behind, and what does not work is said.
set -euo pipefail

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-file.XXXXXX")
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"

fail() {
  echo "FAIL: $*"
  exit 1
}
is_clean() { [ -z "$(find "$work" -maxdepth 1 -name 'interleave-scratch.*')" ]; }
wait_for() {
  for _ in $(seq 200); do
    if "$@"; then
      return 0
    fi
    sleep 0.05
  done
  fail "not within 10 s: $*"
}
is_dirty() { ! is_clean; }

for job in "file --file-kib 130 --block-kib 64" "mixed --size 50 --service-ms 1 --file-kib 20"; do
  first=
  for runtime in sequential threads event-loop; do
    # shellcheck disable=SC2086
    sum=$("$workload" $job --jobs 3 --runtime "$runtime" | sed -n 's/^checksum //p')
    first=${first:-$sum}
    [ -n "$sum" ] && [ "$sum" = "$first" ] || fail "$job: $sum under $runtime, not $first"
    is_clean || fail "a folder stays"
  done
done

for signal in INT TERM; do
  "$workload" file --runtime event-loop --rounds 1000000 >/dev/null &
  run=$!
  wait_for is_dirty
  kill -"$signal" "$run"
  status=0
  wait "$run" || status=$?
  # Where it met the program before its handlers were there it left at once.
  [ "$status" = $((128 + $(kill -l "$signal"))) ] || fail "status $status after $signal"
  is_clean || fail "a folder stays after $signal"
done

# A run that is killed leaves its folder; while it runs nobody touches that, afterwards the next run removes it.
"$workload" file --rounds 1000000 >/dev/null &
run=$!
wait_for is_dirty
"$workload" file --jobs 1 --file-kib 1 >/dev/null
is_dirty || fail "the folder of a living run was removed"
kill -KILL "$run"
wait "$run" 2>/dev/null || true
is_dirty || fail "who removed the folder?"
"$workload" file --jobs 1 --file-kib 1 >/dev/null
is_clean || fail "the next run left the folder of a killed one"

status=0
"$workload" file --folder "$work/none" >"$work/out" 2>&1 || status=$?
[ "$status" = 1 ] && grep -q 'Cannot use folder: path=' "$work/out" || fail "status $status: $(cat "$work/out")"
# A file that may not grow: said by the job, whoever made the call.
for runtime in threads event-loop; do
  status=0
  (
    ulimit -f 64
    trap '' XFSZ
    exec "$workload" file --runtime "$runtime" --file-kib 1024
  ) >"$work/out" 2>&1 || status=$?
  [ "$status" = 1 ] && grep -q 'Cannot write a file in .*File too large' "$work/out" || fail "status $status: $(cat "$work/out")"
  is_clean || fail "a folder stays after a failure"
done
