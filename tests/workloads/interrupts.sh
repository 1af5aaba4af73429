#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A run that is asked to end does so at once: with its truth, with 128 + the signal, and without leaving a server.
set -euo pipefail

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-interrupts.XXXXXX")
trap 'rm -rf "$work"' EXIT
declare -A options=(
  [matmul]="--count 1000000 --size 200"
  [sleep]="--sleep-ms 3600000"
  [request]="--service-ms 600000"
)

# wait_for COMMAND PID: until the command says yes of that process.
wait_for() {
  for _ in $(seq 200); do
    if "$@"; then
      return 0
    fi
    sleep 0.05
  done
  echo "FAIL: not within 10 s: $* (${job-} under ${runtime-}, ${signal-})"
  cat "/proc/$2/status" 2>/dev/null || true
  exit 1
}
# The program is there, no longer the shell that becomes it, and SIGINT (2) is in its mask of caught signals.
handles_signals() {
  local caught
  [ "$(readlink "/proc/$1/exe")" = "$(readlink -f "$workload")" ] || return 1
  caught=$(sed -n 's/^SigCgt:\s*//p' "/proc/$1/status" 2>/dev/null) && [ -n "$caught" ] && (((16#$caught & 2) != 0))
}
is_gone() { ! kill -0 "$1" 2>/dev/null; }

for runtime in sequential threads event-loop; do
  for job in matmul sleep request; do
    for signal in INT TERM; do
      # shellcheck disable=SC2086
      "$workload" "$job" --runtime "$runtime" ${options[$job]} --truth "$work/truth.json" >"$work/out" &
      pid=$!
      wait_for handles_signals "$pid"
      # Wherever the signal meets it, in preparation or in the middle of the run.
      children=$(cat "/proc/$pid/task/$pid/children")
      kill -"$signal" "$pid"
      wait_for is_gone "$pid"
      status=0
      wait "$pid" || status=$?
      expected=$((128 + $(kill -l "$signal")))
      [ "$status" = "$expected" ] || { echo "FAIL: $job under $runtime: status $status, not $expected"; exit 1; }
      for child in $children; do
        wait_for is_gone "$child"
      done
      if [ -e "$work/truth.json" ]; then
        grep -q '"status": "interrupted"' "$work/truth.json" || { cat "$work/truth.json"; exit 1; }
        rm "$work/truth.json"
      fi
    done
  done
done

# A run that is killed takes its server along.
"$workload" request --service-ms 600000 >/dev/null &
pid=$!
has_child() { [ -n "$(cat "/proc/$1/task/$1/children" 2>/dev/null)" ]; }
wait_for has_child "$pid"
child=$(cat "/proc/$pid/task/$pid/children")
kill -KILL "$pid"
wait "$pid" || true
for one in $child; do
  wait_for is_gone "$one"
done
