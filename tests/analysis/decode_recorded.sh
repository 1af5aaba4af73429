#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A trace recorded just now: every event of it is understood, as many of each kind as babeltrace2 counts, whether with
# LTTng's contexts or without. Usage: decode_recorded.sh PROGRAM DECODE_COUNT, below tests/lib/with-sessiond.sh
set -euo pipefail

work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-recorded.XXXXXX")
fail() {
  echo "FAIL: $1 (kept: $work)" >&2
  trap - EXIT
  exit 1
}
trap 'rm -rf "$work"' EXIT
export ILV_SWITCH_SOURCE=none

for contexts in without with; do
  {
    lttng create "$contexts" --output="$work/$contexts"
    lttng enable-event --userspace 'interleave:*'
    [ $contexts = without ] || lttng add-context --userspace -t vpid -t vtid -t procname
    lttng start
  } >"$work/lttng.log" 2>&1 || fail "lttng cannot record: $(tail -1 "$work/lttng.log")"
  "$1" >/dev/null 2>&1 || true
  lttng destroy "$contexts" >>"$work/lttng.log" 2>&1 || fail "lttng cannot end: $(tail -1 "$work/lttng.log")"

  babeltrace2 "$work/$contexts" | grep -oE ' interleave:[a-z_]+: \{' | tr -d ' :{' | sed 's/interleave/&:/' | sort | uniq -c |
    awk '{ print $1, $2 }' | LC_ALL=C sort -k2 >"$work/expected"
  "$2" "$work/$contexts" | awk 'NR > 1 { print $1, $2 }' | LC_ALL=C sort -k2 >"$work/actual"
  [ -s "$work/expected" ] || fail "nothing was recorded"
  diff -u "$work/expected" "$work/actual" || fail "babeltrace2 counts other events ($contexts contexts)"
done
