#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A killed tool leaves its session in a daemon that goes on: the next run cleans it, and no other.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

session_count() {
  lttng --no-sessiond list 2>/dev/null | grep -c "$1"
}

start_sleepers orphan
kill -KILL "$tool"
wait "$tool" 2>/dev/null
wait_until nothing_marked || fail "the workload outlives the tool"
[ "$(session_count "interleave-$tool-1")" = 1 ] || fail "the session of the killed tool is not there to be cleaned"
lttng --no-sessiond create "interleave-$$-1" --output="$place/living" >/dev/null || fail "cannot create a session"

interleave run sleep --runtime threads --sleep-ms 5 -o next >stdout 2>stderr
expect_status $? 0 "the next run"
[ "$(session_count "interleave-$tool-1")" = 0 ] || fail "the session of the killed tool is still there"
[ "$(session_count "interleave-$$-1")" = 1 ] || fail "the session of a living process is gone"
lttng --no-sessiond destroy "interleave-$$-1" >/dev/null
expect_nothing_left
finish
