#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# For one seed a job's checksum is the same under every runtime; for another seed it is another.
set -euo pipefail

workload="$ILV_BIN/interleave-workload"
declare -A options=(
  [matmul]="--size 70 --jobs 4 --count 2"
  [sleep]="--sleep-ms 1 --naps 2 --jobs 4 --children 2"
  [request]="--service-ms 1 --requests 3 --jobs 4 --body-kib 8 --passes 2"
  [blocking-request]="--service-ms 1 --requests 3 --jobs 4"
  [image]="--width 40 --height 30 --jobs 3"
  [file]="--file-kib 130 --block-kib 64 --jobs 3"
  [mixed]="--size 50 --service-ms 1 --file-kib 20 --jobs 3"
  [postgres]="--rows 50 --service-ms 2 --jobs 2"
)
runtimes=$("$workload" --list --json | python3 -c 'import json, sys; print(*(r["name"] for r in json.load(sys.stdin)["runtimes"]))')
jobs=$("$workload" --list --json | python3 -c 'import json, sys; print(*(j["name"] for j in json.load(sys.stdin)["jobs"]))')

checksum() {
  # shellcheck disable=SC2086
  "$workload" "$1" --runtime $2 --seed "$3" ${options[$1]-} | sed -n 's/^checksum //p'
}

for job in $jobs; do
  first=
  for runtime in $runtimes; do
    sum=$(checksum "$job" "$runtime" 7)
    [ -n "$sum" ] || { echo "FAIL: $job under $runtime prints no checksum"; exit 1; }
    [ -n "$first" ] || first=$sum
    [ "$sum" = "$first" ] || { echo "FAIL: $job: $sum under $runtime, $first under ${runtimes%% *}"; exit 1; }
  done
  other=$(checksum "$job" threads 8)
  [ "$other" != "$first" ] || { echo "FAIL: $job: seeds 7 and 8 both give $first"; exit 1; }
  sum=$(checksum "$job" "hybrid --pool processes" 7)
  [ "$sum" = "$first" ] || { echo "FAIL: $job: $sum under hybrid with a pool of processes, $first under ${runtimes%% *}"; exit 1; }
  echo "$job: $first under $runtimes"
done

# Giving way changes the order of the work, and not what comes out.
plain=$("$workload" matmul --runtime event-loop --size 70 | sed -n 's/^checksum //p')
yielding=$("$workload" matmul --runtime event-loop --size 70 --yield-every 1 | sed -n 's/^checksum //p')
[ "$plain" = "$yielding" ] || { echo "FAIL: matmul that yields: $yielding, not $plain"; exit 1; }
