#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# No session daemon runs and none can be started: one sentence that says what to do.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

mkdir bin
PATH="$place/bin" "$ILV_BIN/interleave" run matmul --runtime threads -o out >stdout 2>stderr
expect_status $? 1 "no lttng-sessiond in PATH"
[ "$(wc -l <stderr)" = 1 ] || fail "more than one sentence"
expect_line stderr "^interleave: No session daemon runs, .*apt-get install lttng-tools"
[ ! -e out ] || fail "a run that never was leaves a folder"

# One that ends at once: its own last words are passed on.
printf '#!/bin/sh\necho "out of order" >&2\nexit 3\n' >bin/lttng-sessiond
chmod +x bin/lttng-sessiond
PATH="$place/bin:$PATH" interleave run matmul --runtime threads -o out >stdout 2>stderr
expect_status $? 1 "a daemon that ends at once"
expect_line stderr "ended at once \(out of order\); try it by hand"

# One whose command was killed, and that did not hear of it, is ended by the next run; one whose command lives is not.
true &
gone=$!
wait "$gone"
mkdir left
cp "$(command -v sleep)" left/lttng-sessiond
ILV_DAEMON_OF=$gone left/lttng-sessiond 3600 &
left=$!
ILV_DAEMON_OF=$$ left/lttng-sessiond 3600 &
needed=$!
interleave run matmul --runtime threads --size 64 -o out >stdout 2>stderr
expect_status $? 0 "a run beside a daemon that was left"
left_has_ended() { ! kill -0 "$left" 2>/dev/null; }
wait_until left_has_ended || fail "the daemon that was left lives on"
wait "$left"
expect_status $? 143 "the daemon that was left"
kill "$needed" || fail "the daemon of a living command was ended"
wait "$needed"
expect_nothing_left
finish
