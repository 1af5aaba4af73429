#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every event, with every field and its right value, as babeltrace2 shows it. Usage: every_event.sh PROGRAM EXPECTED
set -euo pipefail
# shellcheck source=tests/tracepoints/record.sh
. "$(dirname "$0")/record.sh"

status=$(record every "$1")
[ "$status" = 42 ] || fail "the program ended with $status, not 42"
[ ! -s "$work/every.err" ] || fail "the program said: $(cat "$work/every.err")"
events every >"$work/every.events"

# What differs from run to run gets a name; that it agrees with itself is checked: one pid, in every event.
pid=$(sed -nE '1s/^process_start: \{ pid = ([0-9]+), .*/\1/p' "$work/every.events")
[ -n "$pid" ] || fail "the first event is not process_start"
tracer_count=$(grep -c '^thread_announce: .*-ust", role = ( "tracer"' "$work/every.events") || true
[ "$tracer_count" -ge 1 ] || fail "LTTng's own threads are not announced"
event_count=$(wc -l <"$work/every.events")
before_count=$(grep -n 'worker process' "$work/every.events" | cut -d: -f1)
((before_count--))
sed -E -e "s/\{ pid = $pid, tid = $pid\b/{ WHO/" \
  -e '/^thread_announce: .*-ust", role = \( "tracer"/d' \
  -e '1s/parent_pid = [0-9]+/parent_pid = PARENT/; 1s/started_ns = [0-9]+/started_ns = TIME/' \
  -e "/worker process/s/event_count = $before_count /event_count = BEFORE /" \
  -e "/^run_begin:/s/cpu_count = $(nproc) /cpu_count = CPUS /" \
  -e '/^thread_exit:/s/cpu_ns = [1-9][0-9]{4,} /cpu_ns = USED /' \
  -e '/^process_memory:/s/anonymous_bytes = [1-9][0-9]*[0-9]{3} /anonymous_bytes = BYTES /' \
  -e "\$s/event_count = $event_count/event_count = ALL/" "$work/every.events" >"$work/actual"
diff -u "$2" "$work/actual" >"$work/diff" || fail "the trace does not say what was emitted: $(cat "$work/diff")"

# The first process_start was the library's own: it names a parent that exists, and a time of this boot.
parent=$(sed -nE '1s/.* parent_pid = ([0-9]+),.*/\1/p' "$work/every.events")
[ "$parent" -gt 1 ] || fail "parent_pid is $parent"
started=$(sed -nE '1s/.* started_ns = ([0-9]+),.*/\1/p' "$work/every.events")
uptime_ns=$(awk '{ printf "%.0f", $1 * 1e9 }' /proc/uptime)
((started > 0 && started <= uptime_ns + 1000000000)) || fail "started_ns is $started, uptime $uptime_ns"
