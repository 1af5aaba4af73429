#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A mistake in an event script ends the test program with the line and the reason. Usage: script_refusals.sh MODEL_DUMP
set -euo pipefail
dump=$1
script=$(mktemp)
trap 'rm -f "$script"' EXIT
failures=0

# refuses TEXT REASON: TEXT as a script is refused with REASON, and with the number of its last line.
refuses() {
  printf '%b' "0 run_end pid=1 tid=1\n$1\n" >"$script"
  if message=$("$dump" "$script" 2>&1 >/dev/null); then
    echo "not refused: $1"
    failures=$((failures + 1))
  elif [[ $message != "Event script, line 2: $2"* ]]; then
    echo "refused otherwise: $1"
    echo "  expected: $2"
    echo "  said:     $message"
    failures=$((failures + 1))
  fi
}

refuses 'x run_end' 'it must begin with a time in us'
refuses '1.5x run_end' 'it must begin with a time in us'
refuses '1@x run_end' 'it must begin with a time in us'
refuses '1' "the event's name is missing"
refuses '1 run_ends' 'no event is called "run_ends"'
refuses '1 run_end status' '"status" is not field=value'
refuses '1 run_end reason=sleep' 'this event has no field "reason"'
refuses '1 run_end subject_pid=1' 'this event has no field "subject_pid"'
refuses '1 wait_begin reason=nap' '"nap" is no value of "reason"'
refuses '1 run_end status=' '"" is no value of "status"'

# What is right is taken: comments, blanks, quotes, escapes, fractions, hex, negative numbers, names, times in fields.
printf '%b' '# first\n\n  1.5@2 thread_start pid=0x1 tid=2 name="a \\"b\\" #c" role=job # last\n3 switch_watermark pid=1 tid=2 up_to_ns=2.5us' >"$script"
"$dump" "$script" >/dev/null || failures=$((failures + 1))
exit $((failures > 0))
