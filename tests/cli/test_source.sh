#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where the kernel refuses perf, the program itself counts its switches, which is said once; what was asked for by name is
# not replaced in silence.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

export ILV_TEST_PERF_REFUSE=perf+wakeups,perf
interleave run matmul --runtime threads,event-loop --size 200 -o fallen >stdout 2>stderr
status=$?
[ "$status" = 0 ] || [ "$status" = 4 ] || fail "exit status is $status"
[ "$(grep -c "thread switches come from rusage: " stderr)" = 1 ] || fail "the fallback is not said once"
for runtime in threads event-loop; do
  [ "$(jq -r '.trace.switch_source' "fallen/$runtime/report.json")" = rusage ] || fail "the source of $runtime is another"
done

# So short a run is not switched once: that is none of known kind, not unknown.
interleave run matmul --runtime event-loop --size 8 --jobs 1 --switch-source rusage -o short >stdout 2>stderr
expect_status $? 0 "a short run under rusage"
jq -e '.trace.switch_source == "rusage" and all(.runs[0].threads[] | select(.role == "loop"); .switches.voluntary != null)' \
  short/report.json >/dev/null || fail "the counts of a short run are unknown"

interleave run matmul --runtime threads --size 64 --switch-source perf -o refused >stdout 2>stderr
expect_status $? 1 "a source that is refused"
expect_line stderr "^interleave: Cannot record thread switches: perf refused"
unset ILV_TEST_PERF_REFUSE

for source in perf+wakeups perf none; do
  interleave run matmul --runtime threads --size 64 --switch-source "$source" -o "$source" >stdout 2>stderr
  status=$?
  if [ "$status" = 1 ] && grep -q refused stderr; then
    continue # this machine does not allow it
  fi
  [ "$status" = 0 ] || [ "$status" = 4 ] || fail "exit status of $source is $status"
  got=$(jq -r '.trace.switch_source' "$source/report.json")
  [ "$got" = "$source" ] || { [ "$source" = none ] && [ "$got" = null ]; } || fail "$got was used in place of $source"
  ! grep -q "come from" stderr || fail "a source that was asked for is explained"
done

# The right alone is not enough where tracefs is not to be read; then that is said, and not that it must be mounted.
user=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +perfmon --ambient-caps +perfmon)
if "${user[@]}" true 2>/dev/null && [ -d /sys/kernel/tracing/events ] && ! "${user[@]}" ls /sys/kernel/tracing >/dev/null 2>&1; then
  chmod 755 "$place"
  mkdir -m 777 theirs
  "${user[@]}" env HOME="$place/theirs" TMPDIR="$place/theirs" \
    interleave run matmul --runtime threads --size 64 -o theirs/out >stdout 2>stderr
  expect_status $? 0 "CAP_PERFMON alone"
  expect_line stderr "perf\\+wakeups refused: .*this user may not look into /sys/kernel/tracing$"
  [ "$(jq -r .trace.switch_source theirs/out/report.json)" = perf ] || fail "CAP_PERFMON alone does not give perf"
fi
expect_nothing_left
finish
