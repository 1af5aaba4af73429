#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A session daemon that runs is used and left running; sessions of others are left alone, and so is the program itself when
# such a session records everything.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

daemon=$(cat "$ILV_LTTNG_FOLDER/lttng-sessiond.pid") || fail "no session daemon runs"
lttng --no-sessiond create others --output="$place/others" >/dev/null || fail "cannot create a session"
lttng --no-sessiond enable-event -u 'interleave:*' >/dev/null || fail "cannot enable events"
lttng --no-sessiond start >/dev/null || fail "cannot start the session"

interleave run matmul --runtime threads --size 160 -o out >stdout 2>stderr
expect_status $? 0 "run matmul"
kill -0 "$daemon" 2>/dev/null || fail "the daemon was ended"
[ "$(cat "$ILV_LTTNG_FOLDER/lttng-sessiond.pid")" = "$daemon" ] || fail "another daemon runs"
lttng --no-sessiond list | grep -q "others.*active" || fail "somebody else's session was touched"
[ "$(jq -r '.trace.is_complete' out/report.json)" = true ] || fail "the trace is not complete"
[ "$(babeltrace2 out/trace | grep -c recorder_begin)" = 1 ] || fail "more recorders than one are in the trace"
lttng --no-sessiond destroy others >/dev/null
# A workload that is gone when it is to be started, after its options were checked: the folder goes again.
mkdir bin
printf '#!/bin/sh\nrm "$0"\n' >bin/interleave-workload
chmod +x bin/interleave-workload
env ILV_BIN="$place/bin" "$ILV_BIN/interleave" run sleep --runtime threads -o gone >stdout 2>stderr
expect_status $? 1 "a workload that cannot be started"
expect_line stderr "Cannot start \"$place/bin/interleave-workload\""
[ ! -e gone ] || fail "a run that never was leaves a folder"
expect_nothing_left
finish
