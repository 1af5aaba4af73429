#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which recorder a program gets: what it is asked for, the best that works, or none, and what the trace says of it.
# Usage, below with-sessiond.sh: choice.sh PROGRAM
set -euo pipefail
program=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-choice.XXXXXX")
failures=0

# record NAME ENVIRONMENT...: leaves the recorder's events in $work/NAME, stderr in $work/NAME.stderr.
record() {
  local name=$1
  shift
  lttng create "choice-$name" --output="$work/trace-$name" >/dev/null
  lttng enable-event -u -s "choice-$name" 'interleave:*' >/dev/null
  lttng start "choice-$name" >/dev/null
  env LTTNG_UST_REGISTER_TIMEOUT=-1 "$@" "$program" 0.05 2000 >/dev/null 2>"$work/$name.stderr"
  lttng destroy "choice-$name" >/dev/null
  babeltrace2 "$work/trace-$name" >"$work/$name"
}

expect() {
  grep -qE "$2" "$work/$1" || { echo "FAIL: $1 has no /$2/:"; grep recorder_ "$work/$1" || cat "$work/$1"; failures=1; }
}

refuse() {
  ! grep -qE "$2" "$work/$1" || { echo "FAIL: $1 has /$2/:"; grep -E "$2" "$work/$1" | head -3; failures=1; }
}

record refused ILV_TEST_PERF_REFUSE=perf+wakeups,perf
expect refused 'recorder_begin: .*"rusage".*perf\+wakeups refused: .*; perf refused: '
expect refused 'recorder_end: '
refuse refused.stderr .

record asked_in_vain ILV_SWITCH_SOURCE=perf ILV_TEST_PERF_REFUSE=perf
expect asked_in_vain 'recorder_begin: .*"none".*perf refused: '
refuse asked_in_vain ':(thread_switch|switch_watermark)'
refuse asked_in_vain.stderr .

record none ILV_SWITCH_SOURCE=none
refuse none ':(recorder_|thread_switch)'

record unknown ILV_SWITCH_SOURCE=magic
expect unknown 'recorder_begin'
expect unknown.stderr '^interleave: ILV_SWITCH_SOURCE="magic" .*auto is taken$'

# A recorder that lives covers us; one that is gone does not.
record covered "ILV_RECORDER=1:$$"
refuse covered ':(recorder_|thread_switch)'
record orphan "ILV_RECORDER=1:$(sh -c 'echo $$')"
expect orphan 'recorder_begin'
expect orphan 'thread_switch_out'

[ $failures = 0 ] && rm -rf "$work" || echo "left: $work"
exit $failures
