#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever ends a recording early leaves a readable trace and a report, and no process, session or folder behind.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

for signal in INT TERM HUP; do
  start_sleepers "$signal"
  # LTTng lets those go on unrecorded that it did not register in 3 s, where many processes begin at once.
  tr '\0' '\n' <"/proc/$workload/environ" | grep -qx 'LTTNG_UST_REGISTER_TIMEOUT=15000' ||
    fail "a workload does not wait until LTTng knows it"
  kill -s "$signal" "$tool"
  wait "$tool"
  expect_status $? $((128 + $(kill -l "$signal"))) "SIG$signal"
  expect_line stderr "^interleave: interrupted by "
  expect_line stderr "interrupted$"
  expect_file "$signal/report.json"
  expect_file "$signal/timeline.svg"
  interleave report "$signal" >stdout 2>stderr
  status=$?
  [ "$status" = 0 ] || fail "the trace of an interrupted run, which ended by itself, is not whole: $(cat stderr)"
  expect_line stdout "[Ii]nterrupted"
  expect_nothing_left
done

# What a lesson measures without tracing comes before the recording: who ends it there has nothing to keep.
for signal in INT TERM; do
  env --default-signal=INT interleave run spawn-cost --variant posix-spawn,thread --jobs 100000 -o early >stdout 2>stderr &
  tool=$!
  wait_until test -e early/posix-spawn/untraced.txt || fail "nothing is measured without tracing"
  kill -s "$signal" "$tool"
  wait "$tool"
  expect_status $? $((128 + $(kill -l "$signal"))) "SIG$signal before the recording"
  expect_line stderr "^interleave: interrupted by .* before spawn-cost as posix-spawn was recorded$"
  [ ! -e early ] || fail "an empty folder stays"
  expect_nothing_left
done

# The workload dies.
start_sleepers killed
kill -KILL "$workload"
wait "$tool"
expect_status $? 1 "SIGKILL of the workload"
expect_line stderr "ended by signal 9"
expect_file killed/report.json
# What it had sent, it can no longer say.
interleave report killed >stdout 2>stderr
expect_status $? 4 "report of a killed run"
tr -s '\n ' ' ' <stdout >words
expect_line words "1 process never said its end \(it ran on, was killed, or its last events were lost\)"
jq -e '.trace.uncounted_process_count == 1' killed/report.json >/dev/null || fail "killed/report.json does not count the killed"
expect_nothing_left

# What the caller lets it ignore (nohup) does not interrupt it.
trap '' HUP
start_sleepers ignored
trap - HUP
kill -HUP "$tool"
sleep 0.3
kill -0 "$tool" || fail "a signal that is ignored interrupts"
kill -KILL "$workload"
wait "$tool"
expect_status $? 1 "SIGKILL of the workload after a SIGHUP that is ignored"
expect_nothing_left

# LTTng's daemons die in the midst: what they had written stays, and a sentence says so.
for name in lttng-sessiond lttng-consumerd; do
  start_sleepers "without-$name"
  victim=$(for pid in $(marked); do
    grep -aq "^$name" "/proc/$pid/cmdline" && echo "$pid"
  done | head -n 1)
  kill -KILL "$victim" || fail "there is no $name"
  kill -KILL "$workload"
  wait "$tool"
  expect_status $? 1 "SIGKILL of $name"
  expect_line stderr "^interleave: LTTng's daemon died or failed while it recorded"
  [ -d "without-$name/trace" ] || fail "what was recorded before $name died is gone"
  expect_nothing_left
done

# The tool dies: what it started goes with it; the folder that an ordinary user's daemon had, with the next run.
start_sleepers orphan
kill -KILL "$tool"
wait "$tool" 2>/dev/null
if [ "$(id -u)" != 0 ]; then
  interleave run sleep --runtime threads -o next >stdout 2>stderr
  expect_status $? 0 "the run after a killed one"
fi
expect_nothing_left
finish
