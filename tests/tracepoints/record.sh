#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced by the tests that record: they run below tests/lib/with-sessiond.sh, which gives them a daemon and LTTNG_HOME.
# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/needs.sh"

fail() {
  echo "FAIL: $1" >&2
  echo "the trace and what was made of it: $work" >&2
  touch "$work/keep"
  exit 1
}

# The library's recorder of thread switches has tests of its own; here it would add events of its own.
export ILV_SWITCH_SOURCE=${ILV_SWITCH_SOURCE:-none}
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-tracepoints.XXXXXX")
clean() {
  [ -e "$work/keep" ] || rm -rf "$work"
}
trap clean EXIT

# record NAME COMMAND...: records every event of ours, without contexts, into $work/NAME; prints COMMAND's status.
record() {
  local name=$1 status=0
  shift
  {
    lttng create "$name" --output="$work/$name"
    # Room for all that any of these programs emits: on a crowded machine the consumer may not come in time.
    lttng enable-channel --userspace --subbuf-size=4M --num-subbuf=4 all
    lttng enable-event --userspace --channel=all 'interleave:*'
    lttng start
  } >>"$work/lttng.log" 2>&1 || fail "lttng cannot record: $(tail -1 "$work/lttng.log")"
  "$@" >"$work/$name.out" 2>"$work/$name.err" || status=$?
  lttng destroy "$name" >>"$work/lttng.log" 2>&1 || fail "lttng cannot end: $(tail -1 "$work/lttng.log")"
  echo "$status"
}

# events NAME: the recorded events of ours as text, a line each: "NAME: { pid = ..., tid = ..., FIELD = VALUE, ... }".
events() {
  babeltrace2 "$work/$1" >"$work/$1.text" 2>"$work/$1.bt" || fail "babeltrace2 cannot read the trace"
  ! grep -qi discarded "$work/$1.bt" || fail "events were discarded"
  sed -nE 's/^.* interleave:([a-z_]+): \{ cpu_id = [0-9]+ \}, /\1: /p' "$work/$1.text"
}
