#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The trace of a family of processes is whole: each event has the right pid, and each process says as many events as
# the trace has of it. Usage: processes.sh PROGRAM
set -euo pipefail
# shellcheck source=tests/tracepoints/record.sh
. "$(dirname "$0")/record.sh"

status=$(record family "$1")
[ "$status" = 33 ] || fail "the program ended with $status, not 33"
events family >"$work/family.events"

# Of each process: pid, kind, events in the trace, process_start events, its process_exit's count and status.
awk '
  function value(name,  rest) {
    rest = $0
    if (!sub(".*[ {]" name " = ", "", rest)) return "none"
    sub(/[ ,].*/, "", rest)
    return rest
  }
  { pid = value("pid"); events[pid]++; last[pid] = $1 }
  /^process_start:/ { starts[pid]++; before[pid] = value("event_count"); seen[pid] = events[pid] - 1 }
  /^process_exit:/ { total[pid] = value("event_count"); status[pid] = value("status") }
  END {
    for (pid in events)
      print pid, events[pid], starts[pid] + 0, (before[pid] == seen[pid]) ? "start-counted" : "start-miscounted",
        total[pid], status[pid], last[pid]
  }' "$work/family.events" | sort >"$work/family.sums"

check() { # PID KIND: against a line of the sums
  local pid events starts start_counted total status last
  read -r pid events starts start_counted total status last < <(grep "^$1 " "$work/family.sums") ||
    fail "the trace has no event of process $1 ($2)"
  [ "$starts" = 1 ] || fail "process $1 ($2) says $starts times that it started"
  [ "$start_counted" = start-counted ] || fail "process_start of $1 ($2) counts wrongly"
  [ "$total" = "$events" ] || fail "process $1 ($2) says it emitted $total events, the trace has $events"
  [ "$last" = process_exit: ] || fail "the last event of process $1 ($2) is $last"
  echo "$status"
}

exit_statuses=
while read -r pid kind _; do
  status=$(check "$pid" "$kind")
  case $kind in
    parent) [ "$status" = 33 ] || fail "the parent's exit status is $status" ;;
    plain) [ "$status" = 21 ] || fail "the plain child's exit status is $status" ;;
    child) exit_statuses="$exit_statuses $status" ;;
  esac
done < <(cat "$work/family.out")
[ "$exit_statuses" = " 0 1 2 3 4" ] || fail "the children's exit statuses are$exit_statuses"
[ "$(wc -l <"$work/family.sums")" = 7 ] || fail "the trace does not have 7 processes: $(cat "$work/family.sums")"

parent=$(awk '$2 == "parent" { print $1 }' "$work/family.out")
for pid in $(awk '$2 == "child" { print $1 }' "$work/family.out"); do
  grep -q "^process_spawn: { pid = $parent, .*child_pid = $pid, method = ( \"fork\"" "$work/family.events" ||
    fail "the parent does not say that it forked $pid"
  grep -q "^process_start: { pid = $pid, tid = $pid, parent_pid = $parent, name = \"child process\", role = ( \"job\"" \
    "$work/family.events" || fail "the child $pid does not say who it is"
  grep -q "^thread_announce: { pid = $pid, tid = $pid, .*role = ( \"tracer\"" "$work/family.events" ||
    fail "the child $pid does not announce LTTng's threads"
  [ "$(grep -c "^shared_read: { pid = $pid, tid = $pid," "$work/family.events")" = 100 ] ||
    fail "not all events of child $pid arrived"
done
grep -q "^process_start: { pid = [0-9]*, tid = [0-9]*, parent_pid = $parent, .*role = ( \"other\"" "$work/family.events" ||
  fail "the plain child does not say that it started"
[ "$(grep -c '^shared_update: ' "$work/family.events")" = $((80 * 3)) ] ||
  fail "not all events of destructors of thread-specific data arrived"

# The same family outside of all traces: not one event, and no child in which LTTng started its threads anew.
status=$(ILV_UNTRACED=1 record untraced "$1")
[ "$status" = 33 ] || fail "the untraced program ended with $status, not 33"
events untraced >"$work/untraced.events"
[ ! -s "$work/untraced.events" ] || fail "an untraced program emitted: $(head -1 "$work/untraced.events")"
[ "$(grep -c ' child 1$' "$work/untraced.out")" = 5 ] || fail "LTTng was told of the fork of an untraced program"
