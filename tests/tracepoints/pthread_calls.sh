#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What <interleave/pthread.h> says, thread by thread. Usage: pthread_calls.sh PROGRAM EXPECTED
set -euo pipefail
# shellcheck source=tests/tracepoints/record.sh
. "$(dirname "$0")/record.sh"

status=$(record calls "$1")
[ "$status" = 0 ] || fail "the program ended with $status: $(cat "$work/calls.err")"
events calls >"$work/calls.events"

# Threads and locks by name, sorted by thread; each thread's events in their order. Detached threads, which may still
# be on their way when the process ends, are left out.
awk '
  function value(name,  rest) {
    rest = $0
    if (!sub(".*[ {]" name " = (\\( )?\"?", "", rest)) return ""
    sub(/[",].*| }$/, "", rest)
    return rest
  }
  { tid = value("tid") }
  /^(process_|thread_announce)/ { next }
  /^thread_start:/ { thread[tid] = value("name"); key = value("key"); if (key != "0x0" && made[key] != value("name")) print "? key" }
  /^thread_create:/ { made[value("key")] = value("name") }
  /^lock_name:/ { lock[value("lock")] = value("name") }
  thread[tid] == "detached" || thread[tid] == "" { next }
  {
    line = thread[tid] " " substr($1, 1, length($1) - 1)
    if ((v = value("lock")) != "") line = line " " lock[v]
    if (/joined_tid/) line = line " " thread[value("joined_tid")]
    count = split("kind mode is_contended cause capacity name role parent_tid reason", fields, " ")
    for (i = 1; i <= count; i++) if ((v = value(fields[i])) != "")
      line = line " " fields[i] "=" (fields[i] == "parent_tid" && v != 0 ? thread[v] : v)
    print line
  }' "$work/calls.events" | sort -s -k1,1 >"$work/actual"
diff -u "$2" "$work/actual" >"$work/diff" || fail "the trace does not say what happened: $(cat "$work/diff")"

# Two holds of one mutex never overlap, whoever holds: acquire and release alternate in the order of the trace.
awk '
  / kind = \( "mutex"/ && /^lock_(acquire|release):/ {
    match($0, / lock = 0x[0-9A-F]+/); lock = substr($0, RSTART, RLENGTH)
    if (held[lock] == ($1 == "lock_acquire:")) { print "overlapping holds at event " NR; exit 1 }
    held[lock] = !held[lock]
  }' "$work/calls.events" >"$work/overlap" || fail "$(cat "$work/overlap")"
