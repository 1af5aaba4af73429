#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program that closes the recorder's descriptors, and has files of its own by their numbers, has these for itself, and ends.
# Usage, below with-sessiond.sh: closes.sh PROGRAM SOURCE
set -euo pipefail

program=$1
source=$2
# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"
need_source "$source"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-closes.XXXXXX")

fail() {
  echo "FAIL: $1"
  echo "left: $work"
  exit 1
}
quiet() { "$@" >>"$work/lttng.log" 2>&1 || fail "$* ends with $?: $(tail -1 "$work/lttng.log")"; }

mkdir "$work/files"
session=closes-$$
quiet lttng create "$session" --output="$work/trace"
quiet lttng enable-event -u -s "$session" 'interleave:*'
quiet lttng start "$session"
status=0
LTTNG_UST_REGISTER_TIMEOUT=-1 ILV_SWITCH_SOURCE=$source timeout -s KILL 20 "$program" "$work/files" >"$work/count" 2>"$work/error" || status=$?
quiet lttng destroy "$session"
[ $status = 0 ] || fail "the program ends with $status: $(cat "$work/error")"
count=$(cat "$work/count")
[ "$count" -gt 0 ] || fail "the program was not recorded from within"
for ((index = 0; index < count; index++)); do
  [ "$(od -An -c "$work/files/file-$index")" = "$(od -An -c <<<"its own line")" ] ||
    fail "file $index is not as it was written: $(od -An -c "$work/files/file-$index")"
done
babeltrace2 "$work/trace" >"$work/text"
grep -q ':recorder_end: ' "$work/text" || fail "the recorder does not say its end"
# Without its events it knows of no switch: it does not go on to say that there was none.
if [ "$source" = perf ]; then
  awk '/:recorder_end: / { is_over = 1 } is_over && /:run_note: .*after/ { is_told = 1 } END { exit !is_told }' "$work/text" ||
    fail "the recorder goes on without its events"
fi
rm -rf "$work"
