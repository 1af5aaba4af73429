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
[ -n "$other" ] || skip "one CPU: who survives cannot emit on another"

# within SECONDS WHAT COMMAND...: fails when the command does not end in time; its status is in $status.
within() {
  local seconds=$1 what=$2
  shift 2
  status=0
  timeout -k 1 "$seconds" "$@" || status=$?
  [ $status != 124 ] && [ $status != 137 ] || fail "$what waits for ever"
}

# send_victim COUNT CPU [stay]: has COUNT events emitted into the buffer that the victim wedged, and others into another one,
# by a program that begins on CPU.
send_victim() {
  within 10 "who emits into a wedged buffer" taskset -c "$2" "$program" "$1" "$wedged" "$other" "$work/truth" "${@:3}" \
    >>"$work/log" 2>&1
  [ $status = 0 ] || fail "the victim: $(tail -1 "$work/log")"
}

# start_session NAME: records into $trace.
start_session() {
  {
    lttng create "$1" --output="$trace"
    lttng enable-channel --userspace --subbuf-size=64K --num-subbuf=4 all
    lttng enable-event --userspace --channel=all 'interleave:*,wedge:*'
    lttng start
  } >>"$work/log" 2>&1 || fail "lttng cannot record: $(tail -1 "$work/log")"
}

# read_until NAME COMMAND...: ends the session, and reads its trace into $work/text until the command finds its events there.
read_until() {
  local name=$1
  shift
  # A destruction that waits would wait for ever.
  lttng stop --no-wait "$name" >>"$work/log" 2>&1
  for _ in $(seq 200); do
    babeltrace2 "$trace" >"$work/text" 2>"$work/discarded" && "$@" && break
    sleep 0.05
  done
  lttng destroy --no-wait "$name" >>"$work/log" 2>&1
}
has_exit() { grep -q "interleave:process_exit: .*{ pid = $1," "$work/text"; }
reads_of() { grep -c "interleave:shared_read: .*{ pid = $1," "$work/text" || true; }
has_reads() { [ "$(reads_of "$1")" = "$2" ]; }

# wedge COUNT: few events stay within the packet that the victim died in, many go round the whole ring.
wedge() {
  local count=$1 trace="$work/trace.$1" pid sent arrived told
  start_session "wedge-$count"
  send_victim "$count" "$other"
  read -r pid sent <"$work/truth"

  # The last event of all is not on the wedged CPU.
  read_until "wedge-$count" has_exit "$pid"
  has_exit "$pid" || fail "the end of process $pid does not arrive"

  # By its own count, what it emitted on that CPU is missing, and LTTng has nothing to say of it.
  arrived=$(reads_of "$pid")
  [ $((sent - arrived)) = "$count" ] || fail "$sent events were sent and $arrived arrived, $count to a wedged buffer"
  [ ! -s "$work/discarded" ] || fail "LTTng counted: $(head -1 "$work/discarded")"

  within 10 "the report" "$ILV_BIN/interleave" report "$trace" >"$work/report" 2>"$work/report.err"
  [ $status = 4 ] || fail "the report ends with $status: $(cat "$work/report.err")"
  told=$(tr '\n' ' ' <"$work/report" | sed -nE 's/.*Incomplete: ([0-9,]+) events sent that never arrived.*/\1/p')
  [ "${told//,/}" = "$count" ] || fail "$count events are missing, the report says: ${told:-nothing} ($(head -5 "$work/report"))"
  echo "$count of $sent events lost: the report says so"
}

# wedge_word: where a process's first or last word was lost too, no count tells what is missing, and the report says that.
wedge_word() {
  local trace="$work/trace.word" stayed sent late told
  start_session wedge-word
  send_victim 500 "$other" stay
  read -r stayed sent <"$work/truth"
  send_victim 0 "$wedged"
  read -r late _ <"$work/truth"
  read_until wedge-word has_exit "$late"
  has_reads "$stayed" 100 || fail "of process $stayed, $(reads_of "$stayed") events arrived"
  ! has_exit "$stayed" || fail "the last word of process $stayed was not lost"
  has_exit "$late" || fail "the end of process $late does not arrive"
  ! grep -q "interleave:process_start: .*{ pid = $late," "$work/text" || fail "the first word of process $late was not lost"
  [ ! -s "$work/discarded" ] || fail "LTTng counted: $(head -1 "$work/discarded")"

  within 10 "the report" "$ILV_BIN/interleave" report "$trace" >"$work/report" 2>"$work/report.err"
  [ $status = 4 ] || fail "the report ends with $status: $(cat "$work/report.err")"
  grep -q "not known to be complete" "$work/report.err" || fail "the command says: $(cat "$work/report.err")"
  ! grep -q "nothing lost" "$work/report" || fail "the report says that nothing was lost"
  told=$(tr -s '\n ' ' ' <"$work/report")
  # The two victims are among those who never said their end.
  for sentence in "Not known to be complete: 3 processes never said their end" "1 process sent more events than arrived"; do
    [[ "$told" == *"$sentence"* ]] || fail "the report does not say \"$sentence\": $(head -8 "$work/report")"
  done
  within 10 "the report" "$ILV_BIN/interleave" report "$trace" --json >"$work/report.json" 2>"$work/report.err"
  jq -e '.trace | .uncounted_process_count == 4 and .missing_event_count == 0 and (.is_complete | not)' \
    "$work/report.json" >/dev/null || fail "the JSON says something else than the text"
  echo "$((sent - 100)) of $sent events lost with the last word: the report leaves it open"
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
  send_victim 500 "$other"
  status=0
  wait $tool || status=$?
  [ $status = 4 ] || fail "interleave run ends with $status: $(cat "$work/run.err")"
  grep -q "blocked a buffer of LTTng: events are missing" "$work/run.err" || fail "it does not say so: $(cat "$work/run.err")"
  [ -s "$work/run/report.json" ] || fail "it leaves no report"
  echo "interleave run: $(tail -1 "$work/run.err")"
}

wedge 500
wedge 50000
wedge_word
wedge_run
left=$(find /proc/[0-9]*/exe -lname "$(realpath "$program")" 2>/dev/null || true)
[ -z "$left" ] || fail "processes are left: $left"
