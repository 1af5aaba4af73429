#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runtimes of processes: the same results as threads, however a process is made; one that is killed in the middle of its
# job is named and ends the run; and none is left, whatever ends the run.
set -euo pipefail

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-processes.XXXXXX")
trap 'rm -rf "$work"' EXIT
runtimes=("processes" "processes --start-method spawn" "process-pool --workers 2" "hybrid --pool processes --workers 2")

fail() {
  echo "FAIL: $1"
  cat "$work/out" "$work/error" 2>/dev/null || true
  exit 1
}
checksum() { sed -n 's/^checksum //p' "$1"; }
# wait_for COMMAND ARGS: until it says yes.
wait_for() {
  for _ in $(seq 200); do
    if "$@"; then
      return 0
    fi
    sleep 0.05
  done
  fail "not within 10 s: $*"
}
# ThreadSanitizer ends with its 8,128th thread.
crowd=10000
hows=(kill-child INT TERM KILL)
if [ "${ILV_TEST_SANITIZE:-}" = thread ]; then
  crowd=2000
  # Nor does it run a signal's handler in the child of a process with threads, which is how children learn of a parent's end.
  unset 'hows[3]'
fi

is_gone() {
  local state
  state=$(sed -n 's/^State:\s*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) || true
  [ -z "$state" ] || [ "$state" = Z ]
}
children_of() { cat "/proc/$1/task/$1/children" 2>/dev/null || true; }
has_children() { [ "$(children_of "$1" | wc -w)" = "$2" ]; }
# Each has said who it is, and catches SIGHUP (1): it is past its start, in its job.
are_at_work() {
  local child caught
  for child in $(children_of "$1"); do
    caught=$(sed -n 's/^SigCgt:\s*//p' "/proc/$child/status" 2>/dev/null)
    [ -n "$caught" ] && (((16#$caught & 1) != 0)) || return 1
    grep -q '^Name:\s*\(job\|worker\) ' "/proc/$child/status" || return 1
  done
}

for job in "matmul --size 70 --jobs 4" "sleep --sleep-ms 1 --naps 2 --jobs 3 --children 1" "request --service-ms 1 --jobs 3 --body-kib 100"; do
  # shellcheck disable=SC2086
  "$workload" $job --runtime threads >"$work/threads"
  for runtime in "${runtimes[@]}"; do
    # shellcheck disable=SC2086
    "$workload" $job --runtime $runtime >"$work/out" 2>"$work/error" || fail "$job under $runtime"
    [ "$(checksum "$work/out")" = "$(checksum "$work/threads")" ] || fail "$job under $runtime has another result"
  done
done

# A pool is good for ten thousand jobs.
"$workload" matmul --size 8 --jobs "$crowd" --runtime threads >"$work/threads"
"$workload" matmul --size 8 --jobs "$crowd" --runtime process-pool --workers 2 >"$work/out"
[ "$(checksum "$work/out")" = "$(checksum "$work/threads")" ] || fail "10,000 jobs have another result"

for runtime in "${runtimes[@]}"; do
  count=3
  job="sleep --sleep-ms 3600000"
  [[ $runtime == *--workers* ]] && count=2
  # A loop waits by itself; what it hands over is computing.
  [[ $runtime == hybrid* ]] && job="matmul --size 200 --count 1000000"
  for how in "${hows[@]}"; do
    # shellcheck disable=SC2086
    "$workload" $job --jobs 3 --runtime $runtime >"$work/out" 2>"$work/error" &
    pid=$!
    wait_for has_children "$pid" $count
    wait_for are_at_work "$pid"
    read -ra children <<<"$(children_of "$pid")"
    expected=1
    if [ $how = kill-child ]; then
      kill -KILL "${children[1]}"
    else
      kill -"$how" "$pid"
      expected=$((128 + $(kill -l "$how")))
    fi
    wait_for is_gone "$pid"
    status=0
    { wait "$pid"; } 2>/dev/null || status=$?
    [ "$status" = "$expected" ] || fail "$runtime, $how: status $status, not $expected"
    for child in "${children[@]}"; do
      wait_for is_gone "$child"
    done
    if [ $how = kill-child ]; then
      grep -q "process ${children[1]}\b.* was killed by signal 9 (Killed)" "$work/error" || fail "$runtime: the dead are not named"
    fi
  done
done

echo "processes: same results, the dead are named, none is left"
