#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A tracer that stops a thread at each of its system calls makes each of them a switch: the run ends all the same.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"

if [ -n "${ILV_TEST_SANITIZE:-}" ]; then
  echo "SKIP: a leak checker cannot look into a program that is traced already"
  exit 77
fi
need strace strace
strace -o /dev/null true 2>/dev/null || skip "no permission to trace a program"

folder=$(mktemp -d "${TMPDIR:-/tmp}/ilv-strace.XXXXXX")
trap 'rm -rf "$folder"' EXIT
for runtime in sequential threads processes process-pool event-loop green; do
  strace -f -o "$folder/calls" timeout --signal=KILL 60 \
    "$ILV_BIN/interleave-workload" sleep --jobs 2 --naps 2 --sleep-ms 4 --runtime "$runtime" --truth "$folder/truth.json" ||
    { echo "FAIL: $runtime"; exit 1; }
  jq -e '.status == "done" and ([.threads[].voluntary_count] | add) > 0' "$folder/truth.json" >/dev/null ||
    { echo "FAIL: $runtime: not the truth"; exit 1; }
done
