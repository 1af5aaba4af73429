#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever ends a recording early leaves a readable trace and a report, and no process, session or folder behind.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

for signal in INT TERM; do
  start_sleepers "$signal"
  kill -s "$signal" "$tool"
  wait "$tool"
  expect_status $? $((128 + $(kill -l "$signal"))) "SIG$signal"
  expect_line stderr "^interleave: interrupted by "
  expect_line stderr "interrupted$"
  expect_file "$signal/report.json"
  expect_file "$signal/timeline.svg"
  interleave report "$signal" >stdout 2>stderr
  status=$?
  [ "$status" = 0 ] || [ "$status" = 4 ] || fail "the trace of an interrupted run cannot be read"
  expect_line stdout "[Ii]nterrupted"
  expect_nothing_left
done

# The workload dies.
start_sleepers killed
kill -KILL "$workload"
wait "$tool"
expect_status $? 1 "SIGKILL of the workload"
expect_line stderr "ended by signal 9"
expect_file killed/report.json
expect_nothing_left

# The tool dies: what it started goes with it.
start_sleepers orphan
kill -KILL "$tool"
wait "$tool" 2>/dev/null
expect_nothing_left
finish
