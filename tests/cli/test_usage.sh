#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Options that are the workload's business reach it, and what it says of wrong ones comes back with status 2.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

interleave run sleep --runtime threads --sleep-ms=3 --naps 2 --jobs 3 -o good >stdout 2>stderr
expect_status $? 0 "options of the workload"
expect_line good/output.txt "jobs=3 .*sleep-ms=3 .*naps=2"

interleave run sleep --runtime threads --sleep-mm 3 -o wrong >stdout 2>stderr
expect_status $? 2 "an unknown option"
expect_line stderr "sleep-mm"
[ ! -e wrong ] || fail "a run that never was leaves a folder"

interleave run slep --runtime threads -o wrong >stdout 2>stderr
expect_status $? 2 "an unknown job"
expect_line stderr "slep"
[ ! -e wrong ] || fail "a run that never was leaves a folder"

interleave run sleep --runtime threads,treads -o wrong >stdout 2>stderr
expect_status $? 2 "an unknown runtime"
expect_line stderr "treads"
expect_nothing_left

# What is wrong is said at once: no daemon is needed for that, nor looked for.
mkdir empty
for wrong in "--sleep-mm 3" "--jobs 0" "--jobs many" "--sleep-ms" "--cpus 100000" "--list" "--truth x"; do
  # shellcheck disable=SC2086
  PATH="$place/empty" "$ILV_BIN/interleave" run sleep --runtime threads $wrong -o wrong >stdout 2>stderr
  expect_status $? 2 "$wrong"
  [ "$(/usr/bin/wc -l <stderr)" = 1 ] || fail "$wrong: more than one sentence"
  expect_line stderr "^interleave: [^i]"
  [ ! -e wrong ] || fail "$wrong leaves a folder"
done
expect_nothing_left
finish
