#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A session daemon, or its consumer, that lives and does not answer: the run ends all the same, and so does the daemon.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

# One that never begins to answer, as it may where it has too few descriptors. All at once, for each takes its time.
mkdir mute
printf '#!/bin/sh\nexec sleep 60\n' >mute/lttng-sessiond
chmod +x mute/lttng-sessiond
(ulimit -n 200 && PATH="$place/mute:$PATH" exec interleave run matmul --runtime threads --size 8 -o mute/out) \
  >mute/stdout 2>mute/stderr &
mute=$!
for name in lttng-sessiond lttng-consumerd; do
  start_sleepers "$name"
  mv stderr "$name.stderr"
  victim=$(cat "/proc/$tool/task"/*/children | tr ' ' '\n' | while read -r pid; do
    for below in $pid $(cat "/proc/$pid/task"/*/children 2>/dev/null); do
      grep -aq "^$name" "/proc/$below/cmdline" 2>/dev/null && echo "$below"
    done
  done | head -n 1)
  kill -STOP "$victim" || fail "there is no $name"
  kill -KILL "$workload"
  tools="${tools:-} $tool"
done
for tool in $tools; do
  wait "$tool"
  expect_status $? 1 "a daemon that does not answer"
done
wait "$mute"
expect_status $? 1 "a daemon that never answers"
mv mute/stderr stderr
expect_line stderr "^interleave: .*did not answer within 10 s.*\\(ulimit -n\\): 200\$"
for name in lttng-sessiond lttng-consumerd; do
  mv "$name.stderr" stderr
  expect_line stderr "^interleave: LTTng's daemon died or failed while it recorded"
done
expect_nothing_left
finish
