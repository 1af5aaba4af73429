#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# More switches than the recorder's rings have room for, while nobody empties them: what is lost is counted, to the last
# record where the source knows of these threads alone, and the report is said to be incomplete.
# Usage, below with-sessiond.sh: overflow.sh FLOOD SPAWNER SOURCE
set -euo pipefail
program=$1
spawner=$2
source=$3

# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"
need_source "$source"

work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-overflow.XXXXXX")
fail() {
  echo "FAIL: $1"
  echo "left: $work"
  exit 1
}
quiet() { "$@" >>"$work/lttng.log" 2>&1 || fail "$* ends with $?: $(tail -1 "$work/lttng.log")"; }

# An ordinary user's rings are the smallest where no memory may be locked beside what the kernel grants.
ulimit -l 0 2>/dev/null || true
export LTTNG_UST_REGISTER_TIMEOUT=-1 ILV_SWITCH_SOURCE=none
session=overflow-$$
quiet lttng create "$session" --output="$work/trace"
quiet lttng enable-channel -u -s "$session" --subbuf-size=1M --num-subbuf=8 switches
quiet lttng enable-event -u -s "$session" -c switches 'interleave:*'
quiet lttng start "$session"
timeout -k 1 40 "$spawner" "$program" "$source" >"$work/truth" 2>"$work/stderr" || fail "$(cat "$work/stderr")"
quiet lttng destroy "$session"

status=0
timeout 20 "$ILV_BIN/interleave" report "$work/trace" >"$work/report" 2>"$work/report.err" || status=$?
[ $status = 4 ] || fail "the report ends with $status: $(cat "$work/report.err")"
python3 "$(dirname "$0")/overflow.py" "$source" "$work/trace" "$work/truth" "$work/report" || fail "see above"
rm -rf "$work"
