#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where the system refuses one more thread or process, the run says so and which limit was met, and those that were
# created end.
set -euo pipefail

if [ -n "${ILV_TEST_SANITIZE:-}" ]; then
  echo "SKIP: a program with sanitizers does not live under a limit of its address space"
  exit 77
fi

output=$(mktemp "${TMPDIR:-/tmp}/ilv-refusal.XXXXXX")
trap 'rm -f "$output"' EXIT
status=0
# Stacks of 8 MiB: room for a hundred or two.
(
  ulimit -s 8192
  ulimit -v 1500000
  exec "$ILV_BIN/interleave-workload" sleep --jobs 3000 --sleep-ms 600000 --truth "$output.json"
) >"$output" 2>&1 || status=$?
cat "$output"
[ "$status" = 1 ] || { echo "FAIL: status $status, not 1"; exit 1; }
grep -qE '^interleave-workload: Cannot spawn job: name="job [0-9]+": the system has no room for one more thread \(.*\); the limit met is ulimit -v 1500000 \([0-9]+ in use\)$' "$output" || { echo "FAIL: no such message"; exit 1; }
grep -q '"status": "failed"' "$output.json" || { echo "FAIL: not the truth"; exit 1; }
rm "$output.json"

# The same of descriptors, whichever side meets the limit first, in a job that needs one each.
status=0
(
  ulimit -n 100
  exec "$ILV_BIN/interleave-workload" request --jobs 300 --requests 1 --body-kib 1 --runtime event-loop
) >"$output" 2>&1 || status=$?
cat "$output"
[ "$status" = 1 ] || { echo "FAIL: status $status, not 1"; exit 1; }
grep -qE 'descriptors allowed \(ulimit -n\): 100$' "$output" || { echo "FAIL: the limit is not named"; exit 1; }

# And of descriptors again, of which each process takes one from its parent, and two while it is made: the last one is
# left over. One that is inherited counts if its number is below the limit, and only then.
for inherited in "" "9</dev/null" "70</dev/null"; do
  status=0
  (
    eval "exec $inherited"
    ulimit -n 60
    exec "$ILV_BIN/interleave-workload" sleep --jobs 100 --sleep-ms 600000 --runtime processes
  ) >"$output" 2>&1 || status=$?
  cat "$output"
  [ "$status" = 1 ] || { echo "FAIL: status $status, not 1"; exit 1; }
  grep -qE 'no room for one more process \(.*\); the limit met is ulimit -n 60 \(59 in use\)$' "$output" || { echo "FAIL: the limit is not named"; exit 1; }
done

# Root is above the limit of how many threads a user may have.
[ "$(id -u)" = 0 ] && ! setpriv --reuid 65534 --clear-groups true 2>/dev/null && exit 0
as_nobody=$([ "$(id -u)" != 0 ] || echo "setpriv --reuid 65534 --clear-groups")
status=0
(
  ulimit -u 3000
  # shellcheck disable=SC2086 # words
  exec $as_nobody "$ILV_BIN/interleave-workload" sleep --jobs 4000 --sleep-ms 600000
) >"$output" 2>&1 || status=$?
cat "$output"
[ "$status" = 1 ] || { echo "FAIL: status $status, not 1"; exit 1; }
grep -qE 'no room for one more thread \(.*\); the limit met is ulimit -u 3000 \([0-9]+ in use\)$' "$output" || { echo "FAIL: the limit is not named"; exit 1; }
