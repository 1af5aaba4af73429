#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Daemons of our own meet nobody: not that of another run at the same time, nor one that a user starts and ends meanwhile.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

[ "$(id -u)" = 0 ] || skip "needs root, to make a mount namespace"
unshare -m true 2>/dev/null || skip "no mount namespace can be made here"

# Each of the two begins when the other may begin, work or end: three rounds of both, one behind the other.
runs() {
  local round
  for round in 1 2 3; do
    interleave run matmul --runtime threads --size "$1" -o "$2-$round" >"$2.stdout" 2>"$2.stderr" || return
  done
}
runs 160 left &
left=$!
runs 96 right
expect_status $? 0 "the second of two at once: $(cat right.stderr)"
wait "$left"
expect_status $? 0 "the first of two at once: $(cat left.stderr)"
for report in {left,right}-{1,2,3}/report.json; do
  jq -e '.trace.is_complete and .trace.lost_switch_count == 0 and (.runs | length == 1)' "$report" >/dev/null ||
    fail "$report is not whole"
done
expect_nothing_left

# Ours works; a user's daemon comes, records the same program, and goes.
start_sleepers meanwhile
lttng-sessiond --no-kernel --daemonize >/dev/null 2>&1 || fail "a user cannot start a daemon beside ours"
daemon=$(cat "$ILV_LTTNG_FOLDER/lttng-sessiond.pid")
lttng --no-sessiond create users --output="$place/users" >/dev/null || fail "cannot create a session"
lttng --no-sessiond enable-event -u 'interleave:*' >/dev/null || fail "cannot enable events"
lttng --no-sessiond start >/dev/null || fail "cannot start the session"
interleave-workload sleep --runtime threads --sleep-ms 1 >/dev/null || fail "the user's program failed"
lttng --no-sessiond destroy users >/dev/null
[ "$(babeltrace2 "$place/users" | grep -c run_begin)" = 1 ] || fail "the user's trace holds not just the user's program"
kill "$daemon"
kill -s INT "$tool"
wait "$tool"
expect_status $? 130 "SIGINT"
jq -e '.trace.is_complete and (.runs | length == 1)' meanwhile/report.json >/dev/null || fail "our trace is not whole"
expect_nothing_left

# Where no namespace can be made the daemon lives where all look for it, as long as the run lasts.
if command -v setpriv >/dev/null; then
  setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
    interleave run matmul --runtime threads --size 96 -o plain >stdout 2>stderr
  expect_status $? 0 "root without CAP_SYS_ADMIN"
  jq -e '.trace.is_complete' plain/report.json >/dev/null || fail "the trace of root without CAP_SYS_ADMIN is not whole"
  expect_nothing_left
fi
finish
