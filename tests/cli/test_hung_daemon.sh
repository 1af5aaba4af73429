#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A session daemon, or its consumer, that lives and does not answer: the run ends all the same, and so does the daemon.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

# Both at once, for each takes its time.
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
for name in lttng-sessiond lttng-consumerd; do
  mv "$name.stderr" stderr
  expect_line stderr "^interleave: LTTng's daemon died or failed while it recorded"
done
expect_nothing_left
finish
