#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Two runs of one user at the same time through one session daemon: LTTng tells each session of both programs, and each trace
# shows its own run alone, and whole.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

start_sleepers long
# Begins and ends while the long one sleeps; its recorder is younger than the long one's trace, and the other way round.
for source in auto rusage; do
  interleave run sleep --runtime threads --jobs 3 --sleep-ms 5 --naps 3 --switch-source "$source" -o "short-$source" \
    >stdout 2>short.stderr
  expect_status $? 0 "a run beside another: $(cat short.stderr)"
done
kill -s TERM "$tool"
wait "$tool"
expect_status $? 143 "SIGTERM of the long run"

for name in long short-auto short-rusage; do
  jq -e '.trace.is_complete and .trace.lost_switch_count == 0 and (.runs | length == 1)' "$name/report.json" >/dev/null ||
    fail "$name/report.json is not whole: $(jq -c .trace "$name/report.json")"
done
jobs=$(jq '[.runs[0].threads[] | select(.role == "job")] | length' long/report.json)
[ "$jobs" = 7 ] || fail "the long run shows $jobs jobs, not its 7"
[ "$(jq -r .trace.switch_source short-auto/report.json)" = "$(jq -r .trace.switch_source long/report.json)" ] ||
  fail "the long run names another source of switches than its own"
[ "$(jq -r .trace.switch_source short-rusage/report.json)" = rusage ] || fail "short-rusage names another source than its own"
expect_nothing_left
finish
