#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A process killed within an event wedges the buffer of its CPU: what others emit there is lost, without a word from LTTng.
# The report says how much, by the processes' own counts, and nothing waits for ever.
# Usage, below with-sessiond.sh: wedge.sh PROGRAM
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=record.sh
. "$(dirname "$0")/record.sh"
program=$1
read -r wedged other < <(python3 -c 'import os; print(*sorted(os.sched_getaffinity(0))[:2])')
if [ -z "$other" ]; then
  echo "SKIP: one CPU: who survives cannot emit on another"
  [ "${ILV_TEST_STRICT:-0}" = 1 ] && exit 1
  exit 77
fi

# within SECONDS WHAT COMMAND...: fails when the command does not end in time; its status is in $status.
within() {
  local seconds=$1 what=$2
  shift 2
  status=0
  timeout -k 1 "$seconds" "$@" || status=$?
  [ $status != 124 ] && [ $status != 137 ] || fail "$what waits for ever"
}

# send_victim COUNT: has COUNT events emitted before it dies, into the buffer that it wedged, and into another one.
send_victim() {
  within 10 "who emits into a wedged buffer" taskset -c "$other" "$program" "$1" "$wedged" "$other" "$work/truth" \
    >>"$work/log" 2>&1
  [ $status = 0 ] || fail "the victim: $(tail -1 "$work/log")"
}

# wedge COUNT: few events stay within the packet that the victim died in, many go round the whole ring.
wedge() {
  local count=$1 trace="$work/trace.$1" pid sent arrived told
  {
    lttng create "wedge-$count" --output="$trace"
    lttng enable-channel --userspace --subbuf-size=64K --num-subbuf=4 all
    lttng enable-event --userspace --channel=all 'interleave:*,wedge:*'
    lttng start
  } >>"$work/log" 2>&1 || fail "lttng cannot record: $(tail -1 "$work/log")"
  send_victim "$count"
  read -r pid sent <"$work/truth"

  # A destruction that waits would wait for ever. The last event of all is not on the wedged CPU.
  lttng stop --no-wait "wedge-$count" >>"$work/log" 2>&1
  for _ in $(seq 200); do
    babeltrace2 "$trace" >"$work/text" 2>"$work/discarded" &&
      grep -q "interleave:process_exit: .*{ pid = $pid," "$work/text" && break
    sleep 0.05
  done
  lttng destroy --no-wait "wedge-$count" >>"$work/log" 2>&1
  grep -q "interleave:process_exit: .*{ pid = $pid," "$work/text" || fail "the end of process $pid does not arrive"

  # By its own count, what it emitted on that CPU is missing, and LTTng has nothing to say of it.
  arrived=$(grep -c "interleave:shared_read: .*{ pid = $pid," "$work/text" || true)
  [ $((sent - arrived)) = "$count" ] || fail "$sent events were sent and $arrived arrived, $count to a wedged buffer"
  [ ! -s "$work/discarded" ] || fail "LTTng counted: $(head -1 "$work/discarded")"

  within 10 "the report" "$ILV_BIN/interleave" report "$trace" >"$work/report" 2>"$work/report.err"
  [ $status = 4 ] || fail "the report ends with $status: $(cat "$work/report.err")"
  told=$(tr '\n' ' ' <"$work/report" | sed -nE 's/.*Incomplete: ([0-9,]+) events sent that never arrived.*/\1/p')
  [ "${told//,/}" = "$count" ] || fail "$count events are missing, the report says: ${told:-nothing} ($(head -5 "$work/report"))"
  echo "$count of $sent events lost: the report says so"
}

# `interleave run` notices that the buffer never comes to rest, even where no process is left that counted.
wedge_run() {
  local tool session
  ILV_SWITCH_SOURCE=none timeout -k 1 30 "$ILV_BIN/interleave" run sleep --runtime threads --jobs 1 --naps 1 \
    --sleep-ms 4000 -o "$work/run" >"$work/run.out" 2>"$work/run.err" &
  tool=$!
  for _ in $(seq 200); do
    session=$(lttng list 2>/dev/null | sed -nE 's/.*(interleave-[0-9]+-[0-9]+) .*/\1/p')
    [ -n "$session" ] && lttng enable-event --userspace --session="$session" \
      --channel="$(lttng list "$session" | sed -nE 's/^- ([^:]+): \[enabled\]$/\1/p')" 'wedge:*' >>"$work/log" 2>&1 && break
    sleep 0.02
  done
  send_victim 500
  status=0
  wait $tool || status=$?
  [ $status = 4 ] || fail "interleave run ends with $status: $(cat "$work/run.err")"
  grep -q "blocked a buffer of LTTng: events are missing" "$work/run.err" || fail "it does not say so: $(cat "$work/run.err")"
  [ -s "$work/run/report.json" ] || fail "it leaves no report"
  echo "interleave run: $(tail -1 "$work/run.err")"
}

wedge 500
wedge 50000
wedge_run
left=$(find /proc/[0-9]*/exe -lname "$(realpath "$program")" 2>/dev/null || true)
[ -z "$left" ] || fail "processes are left: $left"
