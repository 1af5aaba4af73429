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
    for signal in INT TERM HUP; do
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

# Who only sleeps when the run is asked to end, as a moment after the start all do, is not stuck.
has_threads() { [ "$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -gt 2 ]; }
while read -r lesson options; do
  # shellcheck disable=SC2086
  "$workload" "$lesson" $options --truth "$work/truth.json" >"$work/out" &
  pid=$!
  wait_for has_threads "$pid"
  sleep 0.3
  kill -TERM "$pid"
  wait_for is_gone "$pid"
  wait "$pid" || true
  if ! grep -q '"deadlock_count": 0' "$work/truth.json" || ! grep -q 'no deadlock' "$work/out"; then
    echo "FAIL: $lesson $options claims a deadlock"
    cat "$work/out"
    exit 1
  fi
done <<'END'
deadlock --variant ordered --hold-us 1000000 --patience-ms 60000
deadlock --variant trylock --hold-us 1000000 --patience-ms 60000
philosophers --variant ordered --eat-us 1000000 --dinner-ms 60000 --patience-ms 60000
philosophers --variant greedy --eat-us 1000000 --dinner-ms 60000 --patience-ms 60000
END

# A pass without tracing for somebody who is gone before it could say that it wants to know ends as if it had.
python3 - "$workload" <<'PY'
import os, subprocess, sys
reader, writer = os.pipe()
os.close(reader)
status = subprocess.run([sys.argv[1], "spawn-cost", "--variant", "thread", "--untraced"], stdout=writer,
                        env=dict(os.environ, ILV_UNTRACED="1", ILV_SWITCH_SOURCE="none")).returncode
assert status == -15, f"FAIL: a pass that nobody reads ends with {status}, not -15"
PY
